/// What the catalogue alone shows, beside what was tried.
struct FindingScan {
  let catalogue: Catalogue
  let model: TenancyModel
  let privileges: Privileges

  typealias Finding = IsolationResult.Finding

  func all() -> [Finding] {
    (tables() + policies() + views() + functions() + grants() + unheld() + defaults()).sorted {
      ($0.isAdvisory ? 1 : 0, $0.rule, $0.object) < ($1.isAdvisory ? 1 : 0, $1.rule, $1.object)
    }
  }

  private var roles: [String] { model.memberRoles + [model.anonymousRole].compactMap { $0 } }
  private var exposed: [TenancyModel.Table] { model.tables.filter { $0.isExposed && $0.relation.isTable } }
  private func isReachable(_ relation: Catalogue.Relation) -> Bool {
    roles.contains { role in Privileges.kinds.contains { privileges.of(role, relation.oid).may($0) } }
  }

  private func tables() -> [Finding] {
    var found: [Finding] = []
    for table in exposed {
      let relation = table.relation
      let holds = table.path != .shared
      if !relation.hasRLS, !relation.policies.isEmpty {
        found.append(
          .init(
            rule: "policies-without-rls", object: relation.name,
            message:
              "it has policies (\(relation.policies.map(\.name).joined(separator: ", "))), and row security is off: none of them holds",
            mend: "ALTER TABLE \(relation.sql) ENABLE ROW LEVEL SECURITY;", isAdvisory: false))
      } else if !relation.hasRLS, isReachable(relation), !relation.isPartition {
        found.append(
          .init(
            rule: "rls-disabled", object: relation.name,
            message: holds
              ? "it holds a tenant's data, and row security is off"
              : "it is reached by the application, and row security is off",
            mend: "ALTER TABLE \(relation.sql) ENABLE ROW LEVEL SECURITY;", isAdvisory: !holds))
      }
      if relation.hasRLS, relation.policies.isEmpty, isReachable(relation) {
        found.append(
          .init(
            rule: "rls-without-policy", object: relation.name,
            message: "row security is on and there is no policy: nobody but its owner gets in",
            mend: "add a policy, or REVOKE ALL to say that it is meant so", isAdvisory: true))
      }
      if relation.hasRLS, !relation.forcesRLS, let owner = catalogue.roles[relation.owner], owner.canLogin,
        !owner.isSuperuser,
        !owner.bypassesRLS, model.platform == .plain
      {
        found.append(
          .init(
            rule: "owner-not-forced", object: relation.name,
            message: "its owner '\(relation.owner)' can log in, and no policy holds it",
            mend: "ALTER TABLE \(relation.sql) FORCE ROW LEVEL SECURITY;", isAdvisory: true))
      }
      for column in relation.columns where Naming.isSecret(column.name) {
        let readers = roles.filter { role in
          let rights = privileges.of(role, relation.oid)
          return rights.may("SELECT") && rights.limited("SELECT")?.contains(column.name) != false
        }
        if !readers.isEmpty {
          found.append(
            .init(
              rule: "secret-readable", object: "\(relation.name).\(column.name)",
              message: "it is named like a secret, and \(readers.joined(separator: ", ")) may read it",
              mend: "keep secrets in a table without grants, or grant SELECT on the other columns only",
              isAdvisory: true))
        }
      }
      if holds, relation.kind == "r" || relation.kind == "p", !relation.isPartition {
        for column in AttemptMaker.pathColumns(table).prefix(1) where !relation.indexedFirstColumns.contains(column) {
          found.append(
            .init(
              rule: "tenant-key-unindexed", object: "\(relation.name).\(column)",
              message: "no index begins with it: every policy's check goes through the whole table",
              mend: "CREATE INDEX ON \(relation.sql) (\(SQLText.name(column)));", isAdvisory: true,
              subject: relation.sql))
        }
        let path = Set(AttemptMaker.pathColumns(table))
        for column in relation.columns
        where !path.contains(column.name) && !relation.indexedFirstColumns.contains(column.name) {
          guard let policy = relation.policies.first(where: { Self.filters($0.using ?? "", by: column.name) }) else {
            continue
          }
          found.append(
            .init(
              rule: "policy-column-unindexed", object: "\(relation.name).\(column.name)",
              message: "the policy \(policy.name) looks rows up by it, and no index begins with it",
              mend: "CREATE INDEX ON \(relation.sql) (\(SQLText.name(column.name)));", isAdvisory: true,
              subject: relation.sql))
        }
      }
    }
    return found
  }

  private func policies() -> [Finding] {
    var found: [Finding] = []
    for table in exposed {
      let relation = table.relation
      for policy in relation.policies {
        let mine = roles.filter { name in catalogue.roles[name].map { policy.applies(to: $0) } ?? false }
        let object = relation.name
        if table.path != .shared, policy.isPermissive, !mine.isEmpty {
          let restricted = relation.policies.contains { other in
            !other.isPermissive && (other.command == "ALL" || other.command == policy.command)
              && mine.allSatisfy { name in catalogue.roles[name].map { other.applies(to: $0) } ?? false }
          }
          if policy.using == "true" || policy.check == "true", !restricted {
            found.append(
              .init(
                rule: "using-true", object: object,
                message:
                  "the policy \(policy.name) lets every row pass for \(policy.command) by \(mine.joined(separator: ", "))",
                mend:
                  "ALTER POLICY \(SQLText.name(policy.name)) ON \(relation.sql) with the tenant's condition, or TO the service's role only",
                isAdvisory: false))
          }
        }
        if policy.text.contains("user_metadata") || policy.text.contains("raw_user_meta_data") {
          found.append(
            .init(
              rule: "user-metadata", object: object,
              message: "the policy \(policy.name) trusts user_metadata, which its user edits at will",
              mend: "take the claim from app_metadata", isAdvisory: false))
        }
        for call in ["auth.uid()", "auth.jwt()", "auth.role()"] where policy.text.contains(call) {
          let wrapped = policy.text.replacing("( SELECT \(call)", with: "").replacing("(SELECT \(call)", with: "")
          if wrapped.contains(call) {
            found.append(
              .init(
                rule: "per-row-call", object: object, message: "the policy \(policy.name) calls \(call) for every row",
                mend: "write (SELECT \(call)), which is evaluated once", isAdvisory: true, subject: relation.sql))
            break
          }
        }
      }
    }
    return found
  }

  private func views() -> [Finding] {
    var found: [Finding] = []
    for relation in catalogue.relations
    where relation.isView && model.schemas.contains(relation.schema) && !relation.isOfExtension {
      let over = relation.reads.compactMap { catalogue.relation($0) }.filter { $0.hasRLS }
      if over.isEmpty || relation.isInvokerView || !isReachable(relation) { continue }
      found.append(
        .init(
          rule: "view-definer", object: relation.name,
          message: "it reads \(over.map(\.name).joined(separator: ", ")) with its owner's rights, past the policies",
          mend: "ALTER VIEW \(relation.sql) SET (security_invoker = true);", isAdvisory: true))
    }
    return found
  }

  private func functions() -> [Finding] {
    var found: [Finding] = []
    for function in catalogue.functions
    where function.isDefiner && model.schemas.contains(function.schema) && !function.isOfExtension {
      let callers = roles.filter { privileges.executable[$0]?.contains(function.oid) == true }
      if !function.config.contains(where: { $0.hasPrefix("search_path=") }) {
        found.append(
          .init(
            rule: "definer-search-path", object: function.signature,
            message: "it runs with its owner's rights and its caller's search_path",
            mend:
              "ALTER FUNCTION \(function.sql)(\(function.argumentTypes.joined(separator: ", "))) SET search_path = '';",
            isAdvisory: callers.isEmpty || function.returns == "trigger"))
      }
      if let anonymous = model.anonymousRole, callers.contains(anonymous), function.returns != "trigger",
        function.returns != "event_trigger"
      {
        found.append(
          .init(
            rule: "definer-anonymous", object: function.signature,
            message: "'\(anonymous)' may execute it, with its owner's rights",
            mend:
              "REVOKE EXECUTE ON FUNCTION \(function.sql)(\(function.argumentTypes.joined(separator: ", "))) FROM PUBLIC, \(SQLText.name(anonymous));",
            isAdvisory: true))
      }
    }
    return found
  }

  /// The expression compares a column with something that is no constant: a lookup, which an index helps.
  private static func filters(_ expression: String, by column: String) -> Bool {
    let name = SQLText.name(column)
    for mark in ["(\(name) = ", "(\(name) IN "] {
      guard let range = expression.firstRange(of: mark) else { continue }
      let rest = expression[range.upperBound...]
      if let first = rest.first, first != "'", !first.isNumber, !rest.hasPrefix("true"), !rest.hasPrefix("false") {
        return true
      }
    }
    return false
  }

  /// Rights that no policy gives a use: the day row security is off, or a policy too wide, they are all there.
  private func unheld() -> [Finding] {
    let maker = AttemptMaker(catalogue: catalogue, model: model, privileges: privileges)
    var tables: [(relation: Catalogue.Relation, rights: [(role: String, commands: [String])])] = []
    for table in exposed where table.path != .shared && table.relation.hasRLS && !table.relation.policies.isEmpty {
      let relation = table.relation
      let rights = roles.map { role in
        (
          role: role,
          commands: ["SELECT", "INSERT", "UPDATE", "DELETE"].filter {
            privileges.of(role, relation.oid).table.contains($0) && maker.isClosed(relation, $0, role)
          }
        )
      }.filter { !$0.commands.isEmpty }
      if !rights.isEmpty { tables.append((relation, rights)) }
    }
    func words(_ rights: [(role: String, commands: [String])]) -> String {
      rights.map { "\($0.role) holds \($0.commands.joined(separator: ", "))" }.joined(separator: "; ")
    }
    func mend(_ item: (relation: Catalogue.Relation, rights: [(role: String, commands: [String])])) -> String {
      item.rights.map {
        "REVOKE \($0.commands.joined(separator: ", ")) ON \(item.relation.sql) FROM \(SQLText.name($0.role));"
      }.joined(separator: "\n")
    }
    // On Supabase everything is granted to everybody from the first: one line says so.
    if model.platform == .supabase, tables.count > 1 {
      let names = tables.prefix(5).map(\.relation.name).joined(separator: ", ")
      return [
        .init(
          rule: "grant-without-policy", object: "\(tables.count) tables",
          message: "roles hold rights that no policy lets them use: \(names)\(tables.count > 5 ? " …" : "")",
          mend: mend(tables[0]), isAdvisory: true)
      ]
    }
    return tables.map { item in
      .init(
        rule: "grant-without-policy", object: item.relation.name,
        message: "\(words(item.rights)), and no policy lets it: the grants are wider than the policies",
        mend: mend(item), isAdvisory: true)
    }
  }

  /// What the next table will be open to, before anybody has written a policy.
  private func defaults() -> [Finding] {
    let mine = Set(roles.flatMap { catalogue.roles[$0]?.memberships ?? [$0] })
    return catalogue.defaultPrivileges.compactMap { item in
      guard item.schema.map(model.schemas.contains) ?? true, item.grantee == "public" || mine.contains(item.grantee)
      else { return nil }
      let place = item.schema.map { " IN SCHEMA \(SQLText.name($0))" } ?? ""
      let grantee = item.grantee == "public" ? "PUBLIC" : SQLText.name(item.grantee)
      return .init(
        rule: "default-privileges", object: "\(item.schema ?? "every schema") \(item.grantee)",
        message:
          "every table that '\(item.owner)' makes\(item.schema.map { " in \($0)" } ?? "") will be open to \(item.grantee) for \(item.privileges.joined(separator: ", ")), until row security is switched on",
        mend:
          "ALTER DEFAULT PRIVILEGES FOR ROLE \(SQLText.name(item.owner))\(place) REVOKE ALL ON TABLES FROM \(grantee);",
        isAdvisory: true)
    }
  }

  private func grants() -> [Finding] {
    let open = exposed.filter { table in
      roles.contains { privileges.of($0, table.relation.oid).table.contains("TRUNCATE") }
    }
    if open.isEmpty { return [] }
    return [
      .init(
        rule: "truncate-granted", object: open.count == 1 ? open[0].relation.name : "\(open.count) tables",
        message:
          "TRUNCATE is granted to an application's role, and no policy holds it: \(open.prefix(5).map(\.relation.name).joined(separator: ", "))\(open.count > 5 ? " …" : "")",
        mend:
          "REVOKE TRUNCATE ON ALL TABLES IN SCHEMA \(SQLText.name(open[0].relation.schema)) FROM \(roles.map { SQLText.name($0) }.joined(separator: ", "));",
        isAdvisory: true)
    ]
  }
}
