/// What a role under test may become with one SET ROLE, and what opens for it then.
///
/// No policy holds a superuser or a role with BYPASSRLS, and the roles of PostgreSQL's own that reach the server's files or
/// start its programs need no policy's leave. Whoever may become one of them is held by nothing (Database Roles, 22.3, 22.5).
extension ProofSession {
  /// What PostgreSQL's own roles reach outside of the tables, with a statement that shows it and leaves nothing.
  private static let serverRoles: [(name: String, command: String, reach: String, attempt: String)] = [
    (
      "pg_execute_server_program", "EXECUTE", "starts programs on the server, as the user that PostgreSQL runs as",
      "COPY gonogo_lines FROM PROGRAM 'cat PG_VERSION'"
    ),
    (
      "pg_read_server_files", "SELECT", "reads the server's files, the tables' own among them",
      "COPY gonogo_lines FROM 'PG_VERSION'"
    ),
    (
      "pg_write_server_files", "INSERT", "writes the server's files, the tables' own among them",
      "COPY (SELECT 'gonogo') TO '/dev/null'"
    ),
  ]
  private static let dataRoles = ["pg_read_all_data": "read", "pg_write_all_data": "write"]

  mutating func switchRoles() throws(IsolationFailure) {
    for name in model.memberRoles + [model.anonymousRole].compactMap({ $0 }) {
      guard let role = catalogue.roles[name] else { continue }
      for other in role.switches.sorted() {
        if Self.serverRoles.contains(where: { $0.name == other }) {
          accuseOfServer(name, other)
        } else if let verb = Self.dataRoles[other] {
          if try !becomes(other, from: name) { noteData(name, other, verb) }
        } else if let target = catalogue.roles[other] {
          let isUnheld = target.isSuperuser || target.bypassesRLS
          if try !becomes(other, from: name), isUnheld { noteUnheld(name, target) }
        }
      }
    }
  }

  /// The grant that makes it possible: the first of the chain is the role's own.
  private func revoke(_ other: String, from name: String) -> String {
    var open = [(role: name, first: "")]
    var seen: Set<String> = [name]
    while !open.isEmpty {
      let (role, first) = open.removeFirst()
      for grant in catalogue.grantedRoles where grant.member == role && seen.insert(grant.role).inserted {
        let step = first.isEmpty ? grant.role : first
        if grant.role == other { return "REVOKE \(SQLText.name(step)) FROM \(SQLText.name(name));" }
        open.append((grant.role, step))
      }
    }
    return "REVOKE \(SQLText.name(other)) FROM \(SQLText.name(name));"
  }

  /// Tries a look at every tenant's table as the other role.
  ///
  /// - Returns: a row of the other tenant was seen that the role itself does not see.
  private mutating func becomes(_ other: String, from name: String) throws(IsolationFailure) -> Bool {
    guard
      let principal = attackers.first(where: { $0.person == .member && $0.label == .a && plainRole($0) == name })
        ?? attackers.first(where: { $0.role == name })
    else { return false }
    var attempts: [Attempt] = []
    for table in model.proving {
      guard let target = targets[table.relation.oid],
        var attempt = maker.select(target, principal).first(where: { $0.kind == "by key" })
      else { continue }
      let isOpen = result.leaks.contains {
        $0.table == table.relation.name && $0.command == "SELECT" && $0.principal == principal.name
      }
      if isOpen { continue }
      attempt.gain = "SET LOCAL ROLE \(SQLText.name(other))"
      attempts.append(attempt)
    }
    let replies = try runner.attempt([(principal, attempts)], timeout: 10_000)
    result.attempts += replies.filter(\.ran).count
    let open = replies.filter(\.succeeded)
    // One leak for the role, which is one grant: what else it opens stands with it.
    for reply in open {
      guard let table = model.table(reply.attempt.table) else { continue }
      let relation = table.relation
      var cell = IsolationCell(
        table: relation.name, command: "SELECT", principal: principal.name, state: .leak, kinds: ["set-role"])
      if let allowance = options.allowances.first(where: { matches($0, cell, principal, relation) }) {
        cell.state = .allowed
        cell.reason = allowance.reason
        result.allowed.append(.init(table: "\(relation.name) SELECT \(principal.name)", reason: allowance.reason))
        continue
      }
      let script = transcript.script(
        "\(principal.title): SELECT on \(relation.name) (set-role: \(name) becomes \(other))",
        tables: [relation.oid], principal: principal, attempt: reply.attempt, bare: reply.bare)
      result.leaks.append(
        .init(
          table: relation.name, object: "\(relation.schema).\(relation.name)", command: "SELECT",
          principal: principal.name, role: principal.role, kind: "set-role", kinds: ["set-role"], transcript: script,
          policies: [], mend: revoke(other, from: name),
          gains: open.filter { $0.attempt.table != reply.attempt.table }.map {
            "\(catalogue.relation($0.attempt.table)?.name ?? "") SELECT"
          }))
      result.cells.removeAll {
        $0.table == relation.name && $0.command == "SELECT" && $0.principal == principal.name
      }
      result.cells.append(cell)
      break
    }
    return !open.isEmpty
  }

  /// Where each tenant is a role of its own, it stands for the one it was made in.
  private func plainRole(_ principal: Principal) -> String {
    model.identity.usesRoleNames ? model.memberRoles.first ?? principal.role : principal.role
  }

  /// That it reaches the server needs no row to show: the grant is the leak.
  private mutating func accuseOfServer(_ name: String, _ other: String) {
    guard let power = Self.serverRoles.first(where: { $0.name == other }),
      let principal = attackers.first(where: { $0.person == .member && plainRole($0) == name })
        ?? attackers.first(where: { $0.role == name })
    else { return }
    var lines = ["-- \(principal.title): \(other) (set-role)", "BEGIN;"] + preparation.map { "\($0);" }
    // Made by the connection's own role: the application's may not be let make any.
    if power.attempt.contains("gonogo_lines") {
      lines += [
        "CREATE TEMPORARY TABLE gonogo_lines (line text);",
        "GRANT ALL ON gonogo_lines TO PUBLIC;",
      ]
    }
    lines += [
      "SET LOCAL ROLE \(SQLText.name(principal.role));", "SET LOCAL ROLE \(SQLText.name(other));",
      "-- it has the rights of \(other):", "\(power.attempt);",
      "SELECT \(SQLText.literal("LEAK: \(name) \(power.reach)")) AS verdict;", "ROLLBACK;",
    ]
    result.leaks.append(
      .init(
        table: other, command: power.command, principal: principal.name, role: name, kind: "set-role",
        kinds: ["set-role"], transcript: lines.joined(separator: "\n") + "\n", policies: [],
        mend: revoke(other, from: name)))
  }

  /// Row security holds these two: what they open are tables without it, and none of a tenant's was found among them.
  private mutating func noteData(_ name: String, _ other: String, _ verb: String) {
    result.findings.append(
      .init(
        rule: "role-switch", object: name,
        message: "it has the rights of \(other), which may \(verb) every table of the database, now and later",
        mend: revoke(other, from: name), isAdvisory: false))
    result.unproven.append(
      .init(table: name, reason: "it may \(verb) every table as \(other), those that were not looked at among them"))
  }

  private mutating func noteUnheld(_ name: String, _ other: Catalogue.Role) {
    let power = other.isSuperuser ? "is a superuser" : "has BYPASSRLS"
    result.findings.append(
      .init(
        rule: "role-switch", object: name,
        message: "it may SET ROLE \(SQLText.name(other.name)), which \(power): no policy holds it then",
        mend: revoke(other.name, from: name), isAdvisory: false))
    if result.leaks.contains(where: { $0.role == name }) { return }
    result.unproven.append(
      .init(
        table: name,
        reason:
          "it may SET ROLE \(SQLText.name(other.name)), which \(power), and no row of another tenant was seen that way: what it is granted later no policy holds"
      ))
  }
}
