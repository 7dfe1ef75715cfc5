/// What the catalogue alone shows, beside what was tried.
struct FindingScan {
  let catalogue: Catalogue
  let model: TenancyModel
  let privileges: Privileges

  typealias Finding = IsolationResult.Finding

  func all() -> [Finding] {
    (tables() + policies() + views() + functions() + grants()).sorted {
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
              mend: "CREATE INDEX ON \(relation.sql) (\(SQLText.name(column)));", isAdvisory: true))
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
                mend: "write (SELECT \(call)), which is evaluated once", isAdvisory: true))
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
