import GonogoCore

/// `connections`: how many the server has, and what they do.
struct PostgresConnections: Sendable {
  let states: Bool

  init(_ arguments: Arguments) {
    guard let inner = arguments.arguments("connections") else {
      states = true
      return
    }
    states = inner.boolean("states") ?? true
    inner.finish()
  }

  /// Of connections that the user may not look into, even `backend_type` is null: they would be missed. Those of clients
  /// have a database and a user.
  private static let sql = """
    SELECT jsonb_build_object(
      'limit', current_setting('max_connections')::int,
      'superuser_reserved', current_setting('superuser_reserved_connections')::int
        + coalesce(nullif(current_setting('reserved_connections', true), '')::int, 0),
      'connections', coalesce(jsonb_agg(jsonb_build_object(
        'state', a.state, 'hidden', a.query = '<insufficient privilege>' OR a.state IS NULL AND a.pid <> pg_backend_pid(),
        'application', coalesce(a.application_name, ''), 'waiting', coalesce(a.wait_event_type = 'Lock', false),
        'own', a.pid = pg_backend_pid(),
        'transaction_ms', (extract(epoch FROM clock_timestamp() - a.xact_start) * 1000)::bigint)), '[]'))
    FROM pg_stat_activity a WHERE a.backend_type = 'client backend'
      OR a.backend_type IS NULL AND a.datid IS NOT NULL AND a.usesysid IS NOT NULL
    """

  func observe(_ session: PostgresSession) throws(ProbeError) -> Observation {
    let answer = try session.ask([PostgresStatement(sql: Self.sql)])[0].rows.first?.first ?? .null
    guard let limit = answer["limit"]?.integerValue, let reserved = answer["superuser_reserved"]?.integerValue,
      let connections = answer["connections"]?.arrayValue
    else { throw ProbeError(.malformed, "the server's activity cannot be read", asked: session.target.display) }
    let command = session.command([
      ("SELECT state, count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' GROUP BY 1", [])
    ])
    let used = connections.count
    var facts: [String: JSON] = [
      "limit": JSON(limit), "superuser_reserved": JSON(reserved), "used": JSON(used),
      "available": JSON(max(0, limit - reserved - used)),
      "used_percent": limit - reserved > 0
        ? .number((Double(used) * 1000 / Double(limit - reserved)).rounded() / 10) : .null,
    ]
    if states {
      let hidden = connections.filter { $0["hidden"] == true }.count
      if hidden > 0 {
        throw ProbeError(
          .denied, "the state of \(hidden) of \(used) connections is hidden from user '\(session.target.user)'",
          asked: session.target.display,
          mend:
            "GRANT pg_read_all_stats TO \(session.target.user); or `connections: { states: false }`, which only counts",
          repeatCommand: command, facts: .object(facts))
      }
      var byState: [String: Int] = [:]
      var byApplication: [String: Int] = [:]
      for connection in connections {
        byState[connection["state"]?.stringValue ?? "starting", default: 0] += 1
        byApplication[connection["application"]?.stringValue ?? "", default: 0] += 1
      }
      func count(_ states: String...) -> JSON { JSON(states.reduce(0) { $0 + (byState[$1] ?? 0) }) }
      facts["active"] = count("active", "fastpath function call")
      facts["idle"] = count("idle")
      facts["idle_in_transaction"] = count("idle in transaction", "idle in transaction (aborted)")
      facts["waiting"] = JSON(connections.filter { $0["waiting"] == true }.count)
      facts["by_state"] = .object(byState.mapValues { JSON($0) })
      facts["by_application"] = .object(byApplication.mapValues { JSON($0) })
      facts["oldest_transaction_ms"] = JSON(
        connections.filter { $0["own"] != true }.compactMap { $0["transaction_ms"]?.integerValue }.max() ?? 0)
    }
    return Observation(
      facts: .object(facts), witness: ["connections": used], asked: session.target.display, repeatCommand: command)
  }
}
