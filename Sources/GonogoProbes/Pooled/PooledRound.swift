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

  /// What the first client had, before and after.
  private struct Planted {
    let before: PooledState
    /// What it left or held, and the value of each.
    var items: [PooledState.Item] = []
    var values: [PooledState.Item: String] = [:]
    var refusal: String?
  }

  /// - Throws: ``ProbeError`` where it could not look; what was left behind is taken away before.
  func play(_ plant: PooledPlant) throws(ProbeError) -> Seen {
    var seen = Seen()
    let query = PooledState.query(settings)
    // Nothing else may hold it: its end is what frees a server connection in session mode.
    var first: SQLClient? = try SQLClient(target, deadline: deadline, redactor: redactor)
    guard let planted = try first.map({ client throws(ProbeError) in try leave(plant, query, client, &seen) }) else {
      return seen
    }
    if planted.refusal != nil { return seen }
    var waiting: [SQLClient] = []
    do throws(ProbeError) {
      while seen.attempts < attempts, !seen.isShared {
        seen.attempts += 1
        if seen.attempts > attempts / 2 { first = nil }
        try look(&seen, planted, query: query, first: &first, waiting: &waiting)
      }
    } catch {
      waiting = []
      clean(&seen, planted)
      throw error
    }
    waiting = []
    if !seen.isShared { clean(&seen, planted) }
    return seen
  }

  /// The state before, the act and the state after are one message, and so one server connection, also where it has a
  /// transaction inside.
  private func leave(_ plant: PooledPlant, _ query: String, _ client: SQLClient, _ seen: inout Seen) throws(ProbeError)
    -> Planted
  {
    let body = plant.statements.joined(separator: ";\n")
    let answer = try client.ask("BEGIN;\n\(query);\n\(body);\n\(query);\nCOMMIT;\n\(query)", deadline)
    guard let before = PooledState(answer.tables.first?.first?.first ?? nil) else {
      throw answer.refusal.map(client.refused)
        ?? ProbeError(.malformed, "the session's state cannot be read", asked: target.display)
    }
    var planted = Planted(before: before)
    if let refusal = answer.refusal {
      try client.run("ROLLBACK", deadline)
      seen.refusal = "\(refusal.message) (\(refusal.code))"
      planted.refusal = seen.refusal
      return planted
    }
    // What is set for the transaction is only seen inside it, and LISTEN only takes effect at its end.
    let states = answer.tables.compactMap { table -> PooledState? in
      table.count == 1 && table[0].count == 1 ? PooledState(table[0][0]) : nil
    }
    for state in states.dropFirst() {
      for item in state.added(to: before) {
        if !planted.items.contains(item) { planted.items.append(item) }
        planted.values[item] = state.items[item]
      }
    }
    seen.held = planted.items
    seen.backends = [before.backend]
    seen.inherited = try inherited(before, client)
    return planted
  }

  private func look(
    _ seen: inout Seen, _ planted: Planted, query: String, first: inout SQLClient?, waiting: inout [SQLClient]
  ) throws(ProbeError) {
    let before = planted.before
    let next = try SQLClient(target, deadline: deadline, redactor: redactor)
    try next.send("BEGIN;\n\(query)")
    // A pool that has no other server connection makes the next client wait until somebody goes.
    if first != nil || !waiting.isEmpty, try !next.isAnswered(within: 1500, deadline: deadline) {
      first = nil
      waiting = []
    }
    let answer = try next.receive(deadline)
    if let refusal = answer.refusal { throw next.refused(refusal) }
    guard let state = PooledState(answer.value) else {
      throw ProbeError(.malformed, "the session's state cannot be read", asked: target.display)
    }
    seen.backends.insert(state.backend)
    guard state.backend == before.backend else {
      // A pool hands out the connection that it got back last, again and again: this one is kept, so that the next client
      // is given another.
      if first == nil { waiting.append(next) } else { try next.run("ROLLBACK", deadline) }
      return
    }
    seen.isShared = true
    seen.afterClose = first == nil
    // What another client set in between is not ours.
    seen.leaked = state.added(to: before).filter { state.items[$0] == planted.values[$0] }
    for item in seen.leaked { seen.values[item] = state.items[item] }
    // In this same transaction, so that nobody else is handed what was left behind.
    for item in seen.leaked.reversed() {
      let act = PooledPlant.undo(item, before: before)
      if try next.ask("SAVEPOINT gonogo; \(act); RELEASE SAVEPOINT gonogo", deadline).refusal != nil {
        try next.run("ROLLBACK TO SAVEPOINT gonogo", deadline)
      }
    }
    // UNLISTEN only takes effect at the end of the transaction; the same message still has the same connection.
    let clean = PooledState(try next.run("COMMIT;\n\(query)", deadline).value)
    seen.left = seen.leaked.filter { clean?.items[$0] == planted.values[$0] }
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
  private func clean(_ seen: inout Seen, _ planted: Planted) {
    let before = planted.before
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
