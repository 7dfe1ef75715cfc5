/// Roles that log in and hold rights on the tenants' tables, and that were not taken for the application's: a worker, a report.
///
/// What serves all tenants sees all of them by design, so that it is no leak; that it does is told, and that it was not tested.
extension ProofSession {
  mutating func tryOutsiders() throws(IsolationFailure) {
    for outsider in model.outsiders {
      result.notes.append("not under test: \(outsider.role) (\(outsider.grants))")
      if catalogue.roles[outsider.role]?.isReachable != true { continue }
      let principal = principalMaker.make("member", .a, .member, role: outsider.role)
      let attempts = model.proving.compactMap { table -> Attempt? in
        // What the application's own role sees, everybody is told of already.
        if result.leaks.contains(where: { $0.table == table.relation.name && $0.command == "SELECT" }) { return nil }
        return targets[table.relation.oid].flatMap { maker.select($0, principal).first { $0.kind == "by key" } }
      }
      let open = try runner.attempt([(principal, attempts)], timeout: 10_000).filter(\.succeeded)
      result.attempts += attempts.count
      if open.isEmpty { continue }
      let tables = open.compactMap { catalogue.relation($0.attempt.table) }
      let names = tables.map(\.name)
      let role = catalogue.roles[outsider.role]
      let policies = tables.flatMap { table in
        table.policies.filter { policy in
          policy.isPermissive && policy.covers("SELECT") && role.map { policy.applies(to: $0) } == true
            && policy.using == "true"
        }.map { (table: table, policy: $0.name) }
      }
      let said =
        policies.isEmpty
        ? "" : ", let pass by \(policies.prefix(3).map { "\($0.table.name).\($0.policy)" }.joined(separator: ", "))"
      result.findings.append(
        .init(
          rule: "role-not-tested", object: outsider.role,
          message:
            "it can log in and sees every tenant's rows of \(names.prefix(5).joined(separator: ", "))\(names.count > 5 ? " …" : "")\(said), and was not taken for the application's",
          mend:
            "-- test it as the application's with --role \(outsider.role), or let it be a role that no tenant's request ever comes through",
          isAdvisory: false, subject: tables[0].sql,
          policies: policies.map { "\($0.table.schema).\($0.table.name).\($0.policy)" }))
    }
  }
}
