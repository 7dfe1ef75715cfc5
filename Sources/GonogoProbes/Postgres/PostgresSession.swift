import GonogoCore
import Synchronization

/// What a principal is to PostgreSQL.
struct PostgresPrincipal: Sendable {
  var database: Template?
  var role: Template?
  var settings: [(name: String, value: Template)] = []

  init() {}

  init(_ arguments: Arguments) {
    database = arguments.template("database")
    role = arguments.template("role")
    settings = Self.settings(arguments)
  }

  static func settings(_ arguments: Arguments) -> [(name: String, value: Template)] {
    (arguments.map("settings") ?? []).compactMap { name, _, node in
      arguments.template(of: node, name).map { (name, $0) }
    }
  }

  var references: [(name: String, range: SourceRange)] {
    ([database, role].compactMap { $0 } + settings.map(\.value)).flatMap(\.references)
  }
}

/// One look at one database: as whom, with which settings, until when. Every transaction of it is rolled back.
struct PostgresSession: Sendable {
  let context: ProbeContext
  let target: PostgresTarget
  let deadline: PostgresDeadline
  let role: Rendered?
  let settings: [(name: String, value: Rendered)]
  private let pool: PostgresPool

  /// - Throws: ``ProbeError`` of kind `configuration` where a name has no value or the URI is none.
  init(database: Template, principal: PostgresPrincipal, context: ProbeContext) throws(ProbeError) {
    let target = try context.resources.resource("postgres.targets") { PostgresTargets() }
      .target(try context.render(database), redactor: context.redactor)
    try self.init(target: target, principal: principal, context: context)
  }

  /// - Throws: ``ProbeError`` of kind `configuration` where a name has no value.
  init(target: PostgresTarget, principal: PostgresPrincipal, context: ProbeContext) throws(ProbeError) {
    self.context = context
    self.target = target
    // The runner's own deadline comes a little later: what the probe can say of a timeout is more.
    deadline = PostgresDeadline(milliseconds: max(1, context.timeout - max(5, min(500, context.timeout / 10))))
    role = try principal.role.map { template throws(ProbeError) in try context.render(template) }
    var settings: [(name: String, value: Rendered)] = []
    for (name, template) in principal.settings { settings.append((name, try context.render(template))) }
    self.settings = settings
    pool = context.resources.resource("postgres \(target.key)") { PostgresPool() }
  }

  /// Runs groups of statements in one transaction that is rolled back, in one round trip.
  ///
  /// The transaction is opened, its settings are made (`set_config(…, true)` is `SET LOCAL`) and it is rolled back in the
  /// same breath; nothing of it stays in the session, so a pooler in transaction mode is no hindrance.
  ///
  /// - Throws: ``ProbeError`` where there was no connection, or the transaction could not be set up.
  func transaction(write: Bool = false, _ groups: [[PostgresStatement]]) throws(ProbeError) -> [[PostgresReply]] {
    let begin = PostgresStatement(
      sql: write ? "BEGIN READ WRITE" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    var fresh = false
    while true {
      let (connection, used) = try pool.lend(
        target, deadline: deadline, redactor: context.redactor, fresh: fresh)
      // What is left now that there is a connection. The server's time is shorter than the probe's own, so that its answer
      // still comes.
      let left = deadline.left
      let lockTimeout = max(1, left * 70 / 100)
      seen.withLock { $0.statementTimeout = max(1, left * 85 / 100) }
      let all =
        [[begin, setUp(lockTimeout: lockTimeout)]] + groups + [[PostgresStatement(sql: "ROLLBACK")]]
      var answered = false
      var process: String?
      let replies: [[PostgresReply]]
      do throws(PostgresBreak) {
        replies = try connection.exchange(
          all, deadline: deadline, watchAfter: lockTimeout * 60 / 100,
          watch: { if let process { note(blocker(of: process)) } },
          replied: { group, place, reply in
            answered = true
            if group == 0, place == 1, case .table(let table) = reply {
              process = table.rows.first?.first.map(Scope.text)
            }
          })
        pool.giveBack(connection)
      } catch {
        pool.forget()
        // A connection that the server dropped while it lay idle says nothing of the server now.
        if case .lost = error, used, !answered, !fresh {
          fresh = true
          continue
        }
        throw broken(error)
      }
      for reply in replies[0] { if case .failed(let failure) = reply { throw broken(failure) } }
      return Array(replies.dropFirst().dropLast())
    }
  }

  /// What was seen on the way of the last transaction.
  private struct Seen {
    var lockHolder: String?
    var statementTimeout = 0
  }

  private final class Note: Sendable {
    private let state = Mutex(Seen())
    func withLock<Result: Sendable>(_ body: (inout Seen) -> Result) -> Result { state.withLock { body(&$0) } }
  }

  private let seen = Note()
  /// Who holds the lock that a statement waited for, where that could be told.
  var lockHolder: String? { seen.withLock { $0.lockHolder } }
  /// Milliseconds that the server gave each statement.
  var statementTimeout: Int { seen.withLock { $0.statementTimeout } }

  /// One SELECT makes all settings; the role comes last, because it may not be allowed to make the others.
  private func setUp(lockTimeout: Int) -> PostgresStatement {
    var pairs = [("TimeZone", "UTC"), ("DateStyle", "ISO, MDY"), ("standard_conforming_strings", "on")]
    pairs += [("statement_timeout", "\(statementTimeout)"), ("lock_timeout", "\(lockTimeout)")]
    pairs += settings.map { ($0.name, $0.value.exposed) }
    if let role { pairs.append(("role", role.exposed)) }
    let calls = pairs.indices.map { "set_config($\(2 * $0 + 1), $\(2 * $0 + 2), true)" }
    return PostgresStatement(
      sql: "SELECT pg_backend_pid(), \(calls.joined(separator: ", "))", parameters: pairs.flatMap { [$0.0, $0.1] })
  }

  private func broken(_ failure: PostgresFailure) -> ProbeError {
    let who = role.map { "the role '\($0.display)'" } ?? "a setting"
    switch failure.code {
    case "42501":
      return ProbeError(
        .denied, "user '\(target.user)' may not take \(who): \(failure.message)", asked: target.display,
        mend: role.map { "GRANT \($0.display) TO \(target.user)" } ?? "leave the setting out, or grant it")
    case "22023", "42704":
      return ProbeError(
        .configuration, "the transaction could not be set up: \(failure.message)", asked: target.display,
        mend: "correct `role` and `settings`")
    default:
      return PostgresErrors.refused(
        failure, sql: nil, target: target, holder: nil, statementTimeout: statementTimeout)
    }
  }

  private func broken(_ error: PostgresBreak) -> ProbeError {
    switch error {
    case .cancelled: return ProbeError(.interrupted, "called off while the server worked", asked: target.display)
    case .late:
      let who = lockHolder.map { "; it waits for a lock: \($0)" } ?? ""
      return ProbeError(
        .timedOut, "\(target.place) took the statement, and did not answer in time\(who)", asked: target.display,
        mend: "see whether the server hangs, or give the line more time with `timeout:`")
    case .lost(let message):
      let line = message.split(separator: "\n").first.map(String.init) ?? "it closed the connection"
      return ProbeError(
        .unreachable, "\(target.place) went away while it was asked: \(line)", asked: target.display,
        mend: "see the server's log")
    }
  }

  private func note(_ holder: String?) { seen.withLock { $0.lockHolder = holder } }

  /// Says, over a connection of its own, who blocks the backend. Never what they run: that may hold secrets.
  private func blocker(of process: String) -> String? {
    let short = PostgresDeadline(milliseconds: max(1, deadline.left * 3 / 4))
    guard let connection = try? PostgresConnection.open(target, deadline: short, redactor: context.redactor) else {
      return nil
    }
    let sql = """
      SELECT coalesce((SELECT string_agg(DISTINCT coalesce(l.relation::regclass::text, l.locktype), ', ')
          FROM pg_locks l WHERE l.pid = $1::int AND NOT l.granted), 'a lock')
        || ' is held by ' || string_agg(format('pid %s (user %s, application %s, %s for %s s)', b.pid,
          coalesce(a.usename, '?'), coalesce(nullif(a.application_name, ''), 'unnamed'), coalesce(a.state, 'state hidden'),
          coalesce(extract(epoch FROM clock_timestamp() - a.state_change)::int::text, '?')), ', ' ORDER BY b.pid)
      FROM unnest(pg_blocking_pids($1::int)) b(pid) LEFT JOIN pg_stat_activity a USING (pid)
      HAVING count(*) > 0
      """
    let replies = try? connection.exchange(
      [[PostgresStatement(sql: sql, parameters: [process])]], deadline: short)
    guard case .table(let table)? = replies?.first?.first else { return nil }
    return table.rows.first?.first?.stringValue
  }

  /// Runs statements that the probe itself wrote, one transaction, and gives each first row.
  ///
  /// - Throws: ``ProbeError`` where the server refuses one.
  func ask(_ statements: [PostgresStatement]) throws(ProbeError) -> [PostgresTable] {
    let replies = try transaction(statements.map { [$0] })
    var tables: [PostgresTable] = []
    for (index, reply) in replies.enumerated() {
      switch reply.first {
      case .table(let table)?: tables.append(table)
      case .failed(let failure)?:
        throw PostgresErrors.refused(
          failure, sql: statements[index].sql, target: target, holder: lockHolder, statementTimeout: statementTimeout)
      case .skipped?, nil: throw ProbeError(.unexpected, "the server skipped a statement", asked: target.display)
      }
    }
    return tables
  }

  /// A shell command that shows the same: `psql "$DATABASE_URL" -c '…'`.
  func command(_ statements: [(sql: String, secrets: [(marker: String, shell: String)])], write: Bool = false) -> String
  {
    var texts = statements
    // A plain question stands alone; whatever else it is, the command is as harmless as the look was.
    let harmless = statements.allSatisfy { statement in
      let words = statement.sql.split { $0.isWhitespace || $0 == "(" || $0 == "\\" }
      return words.isEmpty || statement.sql.hasPrefix("\\")
        || ["select", "table", "values", "show"].contains(words[0].lowercased())
    }
    if write || role != nil || !settings.isEmpty || !harmless {
      var setup: [(sql: String, secrets: [(marker: String, shell: String)])] = []
      for (index, (name, value)) in (settings + (role.map { [("role", $0)] } ?? [])).enumerated() {
        let (text, secrets) = Self.shellLiteral(value, display: value.exposed, marker: "\u{E000}s\(index)\u{E000}")
        setup.append(("SELECT set_config(\(PostgresSQL.literal(name)), \(text), true)", secrets))
      }
      texts = [(write ? "BEGIN" : "BEGIN READ ONLY", [])] + setup + texts + [("ROLLBACK", [])]
    }
    let words = texts.map { sql, secrets in
      guard !secrets.isEmpty else { return "-c \(ShellQuote.quote(sql))" }
      let escaped = sql.flatMap { "\"\\$`".contains($0) ? "\\\($0)" : String($0) }.map(String.init).joined()
      return "-c \"\(secrets.reduce(escaped) { $0.replacing($1.marker, with: $1.shell) })\""
    }
    return "psql \(target.shell) \(words.joined(separator: " "))"
  }

  /// An SQL literal for a command; a value with a secret stands as its shell variable.
  static func shellLiteral(_ value: Rendered?, display: String, marker: String) -> (
    text: String, secrets: [(marker: String, shell: String)]
  ) {
    if let value, !value.secrets.isEmpty { return ("'\(marker)'", [(marker, value.shell)]) }
    return (PostgresSQL.literal(display), [])
  }
}
