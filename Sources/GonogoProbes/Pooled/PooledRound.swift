import GonogoCore

/// One client leaves something behind, the next one looks, on the same server connection.
struct PooledRound {
  struct Seen {
    /// What reached the next client.
    var leaked: [PooledState.Item] = []
    /// What had reached the first client before it did anything: another client's.
    var inherited: [String] = []
    /// What the first client really had.
    var held: [PooledState.Item] = []
    var values: [PooledState.Item: String] = [:]
    /// Clients that looked, and whether one of them had the same server connection.
    var attempts = 0
    var isShared = false
    /// It was handed over only after the first client had gone.
    var afterClose = false
    /// The server connections that were seen.
    var backends: Set<String> = []
    /// What could not be taken away again.
    var left: [PooledState.Item] = []
    /// The server's reason why this login cannot leave this behind.
    var refusal: String?
  }

  let target: PostgresTarget
  let settings: [String]
  let attempts: Int
  let deadline: PostgresDeadline
  let redactor: Redactor

  /// - Throws: ``ProbeError`` where it could not look; what was left behind is taken away before.
  func play(_ plant: PooledPlant) throws(ProbeError) -> Seen {
    var seen = Seen()
    let query = PooledState.query(settings)
    var first: SQLClient? = try SQLClient(target, deadline: deadline, redactor: redactor)
    guard let client = first else { return seen }
    // The state before, the act and the state after are one transaction, and so one server connection.
    let body = plant.statements.joined(separator: ";\n")
    let answer = try client.ask("BEGIN;\n\(query);\n\(body);\n\(query);\nCOMMIT", deadline)
    if let refusal = answer.refusal {
      try client.run("ROLLBACK", deadline)
      seen.refusal = "\(refusal.message) (\(refusal.code))"
      return seen
    }
    guard let before = PooledState(answer.tables.first?.first?.first ?? nil), let after = PooledState(answer.value)
    else {
      throw ProbeError(.malformed, "the session's state cannot be read", asked: target.display)
    }
    seen.held = after.added(to: before)
    seen.backends = [before.backend]
    seen.inherited = try inherited(before, client)
    do throws(ProbeError) {
      while seen.attempts < attempts, !seen.isShared {
        seen.attempts += 1
        if seen.attempts > attempts / 2, let held = first {
          // Where a pool keeps a server connection for as long as its client stays, only the end of one frees it. What no
          // pooler keeps is taken away here.
          _ = try? held.ask(Self.cleaning(seen.held, before, backend: before.backend), deadline)
          first = nil
        }
        try look(&seen, before: before, after: after, query: query, first: &first)
      }
    } catch {
      clean(&seen, before: before)
      throw error
    }
    if !seen.isShared { clean(&seen, before: before) }
    return seen
  }

  private func look(
    _ seen: inout Seen, before: PooledState, after: PooledState, query: String, first: inout SQLClient?
  ) throws(ProbeError) {
    let next = try SQLClient(target, deadline: deadline, redactor: redactor)
    try next.send("BEGIN;\n\(query)")
    // A pool whose only server connection is the first client's makes the next one wait.
    if first != nil, try !next.isAnswered(within: 1500, deadline: deadline) { first = nil }
    let answer = try next.receive(deadline)
    if let refusal = answer.refusal { throw next.refused(refusal) }
    guard let state = PooledState(answer.value) else {
      throw ProbeError(.malformed, "the session's state cannot be read", asked: target.display)
    }
    seen.backends.insert(state.backend)
    guard state.backend == before.backend else {
      try next.run("ROLLBACK", deadline)
      return
    }
    seen.isShared = true
    seen.afterClose = first == nil
    // What another client set in between is not ours.
    seen.leaked = state.added(to: before).filter { state.items[$0] == after.items[$0] }
    for item in seen.leaked { seen.values[item] = state.items[item] }
    // In this same transaction, so that nobody else is handed what was left behind.
    for item in seen.leaked.reversed() {
      _ = try next.ask("SAVEPOINT gonogo; \(PooledPlant.undo(item, before: before)); RELEASE gonogo", deadline)
      _ = try next.ask("ROLLBACK TO SAVEPOINT gonogo", deadline)
    }
    let clean = PooledState(try next.run(query, deadline).value)
    try next.run("COMMIT", deadline)
    seen.left = seen.leaked.filter { clean?.items[$0] == after.items[$0] }
  }

  /// Settings of the application that had a value before anything was set, and no default that gives them one.
  private func inherited(_ before: PooledState, _ client: SQLClient) throws(ProbeError) -> [String] {
    let named = settings.filter { name in
      name.contains(".") && before.items[PooledState.Item(kind: .setting, name: name)] != nil
    }
    if named.isEmpty { return [] }
    let list = named.map(SQLText.literal).joined(separator: ", ")
    let rows =
      try client.run(
        """
        SELECT DISTINCT lower(split_part(c, '=', 1)) FROM pg_catalog.pg_db_role_setting, unnest(setconfig) c
        WHERE lower(split_part(c, '=', 1)) IN (\(list))
        """, deadline
      ).tables.last ?? []
    let defaults = Set(rows.compactMap { $0.first ?? nil })
    return named.filter { !defaults.contains($0) }
  }

  /// Takes everything away on one server connection, and on no other.
  private static func cleaning(_ items: [PooledState.Item], _ before: PooledState, backend: String) -> String {
    let acts = items.reversed().map { item -> String in
      let act = PooledPlant.undo(item, before: before)
      let verb = act.hasPrefix("SELECT ") ? "PERFORM " + act.dropFirst("SELECT ".count) : act
      return "BEGIN \(verb); EXCEPTION WHEN OTHERS THEN NULL; END;"
    }
    let body = "BEGIN IF pg_catalog.pg_backend_pid() = \(backend) THEN \(acts.joined(separator: " ")) END IF; END"
    return "SELECT pg_catalog.pg_backend_pid(); DO \(SQLText.dollar(body))"
  }

  /// Looks for the server connection that was left behind, to clean it.
  private func clean(_ seen: inout Seen, before: PooledState) {
    seen.left = seen.held
    let short = PostgresDeadline(milliseconds: max(1, min(deadline.left, 2000)))
    for _ in 0..<attempts where !seen.left.isEmpty && short.left > 0 {
      guard let client = try? SQLClient(target, deadline: short, redactor: redactor),
        let answer = try? client.ask(Self.cleaning(seen.held, before, backend: before.backend), short)
      else { return }
      if answer.tables.first?.first?.first == before.backend, answer.refusal == nil { seen.left = [] }
    }
  }
}
