/// Writes the SQL that closes a leak.
struct Mend {
  let catalogue: Catalogue
  let model: TenancyModel
  let roles: [String]

  /// The policies that let a command pass for a role, the widest first.
  static func responsible(_ relation: Catalogue.Relation, _ command: String, _ role: Catalogue.Role?) -> [String] {
    guard relation.hasRLS, let role else { return [] }
    let open = relation.policies.filter { $0.isPermissive && $0.covers(command) && $0.applies(to: role) }
    func isTrue(_ policy: Catalogue.Policy) -> Bool {
      let expression = command == "INSERT" ? policy.check ?? policy.using : policy.using
      return expression == "true"
    }
    let wide = open.filter(isTrue)
    return (wide.isEmpty ? open : wide).map(\.name)
  }

  func sql(_ table: TenancyModel.Table, _ command: String, kind: String, policies: [String]) -> String {
    let relation = table.relation
    let condition = self.condition(table)
    if command == "TRUNCATE" {
      return "REVOKE TRUNCATE ON \(relation.sql) FROM \(roles.map { SQLText.name($0) }.joined(separator: ", "));"
    }
    if !relation.hasRLS {
      let to = roles.map { SQLText.name($0) }.joined(separator: ", ")
      return groupHelpers(condition).map { $0 + "\n" }.joined() + """
        ALTER TABLE \(relation.sql) ENABLE ROW LEVEL SECURITY;
        CREATE POLICY \(SQLText.name("\(relation.name)_tenant")) ON \(relation.sql) FOR ALL TO \(to)
          USING (\(condition)) WITH CHECK (\(condition));
        """
    }
    // A role that owns the table is asked by no policy until they are forced upon it.
    let force =
      !relation.forcesRLS && roles.contains { catalogue.roles[$0]?.memberships.contains(relation.owner) == true }
      ? "ALTER TABLE \(relation.sql) FORCE ROW LEVEL SECURITY; -- or let the application log in as a role that owns no table"
      : nil
    let wide = policies.filter { name in
      relation.policies.first { $0.name == name }.map { $0.using == "true" || $0.check == "true" } ?? false
    }
    if let force, wide.isEmpty { return force }
    let alterations = (force == nil ? policies : wide).map { name in
      guard let policy = relation.policies.first(where: { $0.name == name }) else { return "" }
      var parts: [String] = []
      if policy.command != "INSERT" { parts.append("USING (\(condition))") }
      if policy.command != "SELECT", policy.command != "DELETE" { parts.append("WITH CHECK (\(condition))") }
      return "ALTER POLICY \(SQLText.name(name)) ON \(relation.sql) \(parts.joined(separator: " "));"
    }
    let helper = condition.contains("current_tenants()") ? currentTenants : nil
    return ([helper, force].compactMap { $0 } + groupHelpers(condition) + alterations).joined(separator: "\n")
  }

  /// The caller's tenants, looked up past the policies: a policy of the memberships that reads them itself never ends.
  private var currentTenants: String? {
    guard let membership = model.memberships.first, let tenant = membership.tenantColumns.first,
      let key = membership.userColumns.first, let type = membership.relation.column(tenant)?.type
    else { return nil }
    return """
      CREATE OR REPLACE FUNCTION \(SQLText.name(membership.relation.schema)).current_tenants() RETURNS SETOF \(type)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
        SELECT \(SQLText.name(tenant)) FROM \(membership.relation.sql) WHERE \(SQLText.name(key)) = \(user(membership.relation.column(key)?.type)) $$;
      """
  }

  private func groupFunction(_ table: TenancyModel.Table) -> String {
    "\(SQLText.name(table.relation.schema)).\(SQLText.name("current_\(table.relation.name)"))()"
  }

  /// The caller's groups, looked up past the policies, for the reason of ``currentTenants``.
  private func groupHelpers(_ condition: String) -> [String] {
    model.groups.sorted { $0.key < $1.key }.compactMap { oid, group in
      guard let table = model.table(oid), let members = model.table(group.membership)?.relation,
        condition.contains(groupFunction(table)), let type = table.relation.column(group.groupKey)?.type
      else { return nil }
      var query =
        "SELECT \(SQLText.name(group.key)) FROM \(members.sql) WHERE \(SQLText.name(group.user)) = \(user(members.column(group.user)?.type))"
      if case .owned(let owner) = table.path {
        query +=
          "\n  UNION SELECT \(SQLText.name(group.groupKey)) FROM \(table.relation.sql) WHERE \(SQLText.name(owner)) = \(user(table.relation.column(owner)?.type))"
      }
      return """
        CREATE OR REPLACE FUNCTION \(groupFunction(table)) RETURNS SETOF \(type)
          LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
          \(query) $$;
        """
    }
  }

  /// The columns that carry power are no longer the caller's to write.
  func keeping(_ relation: Catalogue.Relation, _ role: String, _ others: Set<String> = []) -> String {
    let free = relation.columns.filter {
      Naming.power(of: $0.name) == nil && !others.contains($0.name) && !relation.primaryKey.contains($0.name)
        && !$0.isGenerated
    }.map { SQLText.name($0.name) }
    let revoke = "REVOKE UPDATE ON \(relation.sql) FROM PUBLIC, \(SQLText.name(role));"
    let grant =
      free.isEmpty ? nil : "GRANT UPDATE (\(free.joined(separator: ", "))) ON \(relation.sql) TO \(SQLText.name(role));"
    let words = "-- what is kept back is then changed by a SECURITY DEFINER function that asks who calls it"
    return [revoke, grant, words].compactMap { $0 }.joined(separator: "\n")
  }

  /// Rows that grant power are no longer the caller's to add.
  func withholding(_ relation: Catalogue.Relation, _ role: String) -> String {
    "REVOKE INSERT ON \(relation.sql) FROM PUBLIC, \(SQLText.name(role));"
  }

  /// Who may have a row, in the words that the other policies use.
  func condition(_ table: TenancyModel.Table) -> String {
    switch table.path {
    case .root(let column), .key(let column):
      return tenantCondition(SQLText.name(column), table)
    case .user(let column), .owned(let column):
      return "\(SQLText.name(column)) = \(user(table.relation.column(column)?.type))"
    case .group(let column):
      return "\(SQLText.name(column)) IN (SELECT \(groupFunction(table)))"
    case .parent(let key):
      if let group = model.table(key.target), model.groups[key.target] != nil, key.columns.count == 1 {
        return "\(SQLText.name(key.columns[0])) IN (SELECT \(groupFunction(group)))"
      }
      guard let parent = model.table(key.target) else { return "false" }
      let own = key.columns.map { SQLText.name($0) }.joined(separator: ", ")
      let theirs = key.targetColumns.map { SQLText.name($0) }.joined(separator: ", ")
      let left = key.columns.count == 1 ? own : "(\(own))"
      return "\(left) IN (SELECT \(theirs) FROM \(parent.relation.sql) WHERE \(condition(parent)))"
    case .shared: return "true"
    }
  }

  private func tenantCondition(_ column: String, _ table: TenancyModel.Table) -> String {
    let type = table.relation.columns.first { SQLText.name($0.name) == column }?.type
    if let setting = model.identity.settings.first(where: { $0.meaning == .tenant }) {
      return "\(column) = nullif(current_setting(\(SQLText.literal(setting.name)), true), '')::\(type ?? "text")"
    }
    if let claim = model.identity.claims.first(where: { $0.meaning == .tenant && $0.path.first != "user_metadata" }) {
      let source =
        model.platform == .supabase ? "(select auth.jwt())" : "current_setting('request.jwt.claims', true)::jsonb"
      let path = claim.path.dropLast().map { " -> \(SQLText.literal($0))" }.joined()
      return "\(column) = (\(source)\(path) ->> \(SQLText.literal(claim.path.last ?? "")))::\(type ?? "text")"
    }
    if model.identity.usesRoleNames { return "\(column) = current_user" }
    if let membership = model.memberships.first, let tenant = membership.tenantColumns.first,
      let key = membership.userColumns.first
        ?? (membership.relation.oid == model.usersTable ? model.usersTableKey : nil)
    {
      let isAsked =
        membership.relation.oid == table.relation.oid
        || membership.relation.policies.contains { SQLText.mentions($0.text, table.relation.name) }
      if membership.relation.hasRLS, membership.relation.oid != model.usersTable, isAsked {
        return "\(column) IN (SELECT \(SQLText.name(membership.relation.schema)).current_tenants())"
      }
      return
        "\(column) IN (SELECT \(SQLText.name(tenant)) FROM \(membership.relation.sql) WHERE \(SQLText.name(key)) = \(user(membership.relation.column(key)?.type)))"
    }
    return "\(column) = nullif(current_setting('app.tenant_id', true), '')::\(type ?? "text")"
  }

  private func user(_ type: String?) -> String {
    if model.platform == .supabase { return "(select auth.uid())" }
    if let setting = model.identity.settings.first(where: { $0.meaning == .user }) {
      return "nullif(current_setting(\(SQLText.literal(setting.name)), true), '')::\(type ?? "text")"
    }
    if model.identity.usesClaims {
      return "(current_setting('request.jwt.claims', true)::jsonb ->> 'sub')::\(type ?? "text")"
    }
    return model.identity.usesRoleNames
      ? "current_user" : "nullif(current_setting('app.user_id', true), '')::\(type ?? "text")"
  }
}
