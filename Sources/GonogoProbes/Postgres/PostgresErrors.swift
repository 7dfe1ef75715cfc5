import CPQ
import GonogoCore

/// What libpq and the server say when one cannot look, in the words of a report.
enum PostgresErrors {
  /// Why a connection did not come about, as a probe's error.
  static func connecting(_ failure: LibPQ.ConnectFailure, _ target: PostgresTarget) -> ProbeError {
    switch failure {
    case .noMemory: ProbeError(.unexpected, "libpq has no memory left", asked: target.display)
    case .refused(let message): connecting(message, target)
    case .late(let status): lateConnecting(status, target, cancelled: Task.isCancelled)
    }
  }

  /// A failed attempt to connect. The text is libpq's with verbose messages: `… failed: FATAL:  28P01: password …`.
  static func connecting(_ text: String, _ target: PostgresTarget) -> ProbeError {
    let lines = text.split(separator: "\n").filter { !$0.hasPrefix("LOCATION:") && !$0.hasPrefix("\t") }
    let last = lines.last { $0.contains(" failed: ") || $0.contains(":  ") } ?? lines.last ?? ""
    var reason = String(last)
    if let mark = reason.range(of: " failed: ") { reason = String(reason[mark.upperBound...]) }
    var code = ""
    if let mark = reason.range(of: ":  ") {
      let rest = reason[mark.upperBound...]
      let candidate = rest.prefix(5)
      if candidate.utf8.count == 5, candidate.allSatisfy({ $0.isNumber || $0.isUppercase }),
        rest.dropFirst(5).hasPrefix(": ")
      {
        code = String(candidate)
        reason = String(rest.dropFirst(7))
      } else {
        reason = String(rest)
      }
    }
    func error(_ kind: ProbeError.Kind, _ message: String, _ mend: String) -> ProbeError {
      ProbeError(
        kind, message, asked: target.display, mend: mend, repeatCommand: "psql \(target.shell) -c 'SELECT 1'")
    }
    func says(_ words: String...) -> Bool { words.contains { text.contains($0) } }
    let reach = "start the server, or correct host and port of the database"
    switch code {
    case "28P01":
      return error(
        .denied, "\(target.place) refused the password of user '\(target.user)'",
        "correct user and password of the database's URI")
    case "28000":
      return error(
        .denied, "\(target.place) lets user '\(target.user)' not in: \(reason)",
        "add the user, or a line for it in pg_hba.conf")
    case "42501":
      return error(
        .denied, "\(target.place) lets user '\(target.user)' not into the database '\(target.database)': \(reason)",
        "GRANT CONNECT ON DATABASE \(target.database) TO \(target.user)")
    case "3D000":
      return error(
        .missing, "\(target.place) has no database '\(target.database)'",
        "create the database, or correct its name in the URI")
    case "53300":
      return error(
        .unreachable, "\(target.place) has no connection left: \(reason)",
        "close idle connections, raise max_connections, or look through a pooler")
    case "57P03", "57P01", "57P02":
      return error(.unreachable, "\(target.place) takes no connection now: \(reason)", "wait until it is up")
    default: break
    }
    if says("password authentication failed", "no such user", "auth failed", "no password supplied", "no pg_hba.conf") {
      return error(
        .denied, "\(target.place) lets user '\(target.user)' not in: \(reason)",
        "correct user and password of the database's URI")
    }
    if says("no such database") {
      return error(
        .missing, "\(target.place) has no database '\(target.database)'",
        "create the database, or correct its name in the URI")
    }
    if says("Connection refused", "No such file or directory") {
      return error(.unreachable, "nothing listens on \(target.place)", reach)
    }
    if says("could not translate host name", "Name or service not known") {
      return error(.unreachable, "the host name '\(target.host)' cannot be resolved", reach)
    }
    if says("No route to host", "Network is unreachable", "timeout expired", "Connection timed out", "Host is down") {
      return error(.unreachable, "\(target.place) cannot be reached: \(reason)", reach)
    }
    if says("invalid response to SSL negotiation", "expected authentication request", "invalid message", "lost sync") {
      return error(
        .malformed, "what listens on \(target.place) does not speak PostgreSQL's protocol: \(reason)",
        "correct host and port of the database")
    }
    if says("SSL", "certificate", "TLS") {
      return error(
        .tls, "no TLS with \(target.place): \(reason)", "see `sslmode` and `sslrootcert` of the database's URI")
    }
    if says("server closed the connection", "Connection reset", "SYSCALL error") {
      return error(
        .malformed, "\(target.place) closed the connection before it answered",
        "see whether PostgreSQL listens there, and its log")
    }
    if code.isEmpty, says("invalid port", "invalid integer", "invalid sslmode", "invalid value", "does not exist") {
      return error(.configuration, "the database's URI cannot be used: \(reason)", "correct it")
    }
    return error(
      .unexpected, "no connection to \(target.place): \(reason)\(code.isEmpty ? "" : " (\(code))")", reach)
  }

  private static func lateConnecting(_ status: ConnStatusType, _ target: PostgresTarget, cancelled: Bool) -> ProbeError
  {
    if cancelled { return ProbeError(.interrupted, "called off while connecting", asked: target.display) }
    let what =
      switch status {
      case CONNECTION_NEEDED, CONNECTION_STARTED: "\(target.place) did not take the connection in time"
      case CONNECTION_SSL_STARTUP, CONNECTION_GSS_STARTUP:
        "\(target.place) took the connection, and did not answer the request for TLS in time"
      case CONNECTION_MADE, CONNECTION_AWAITING_RESPONSE:
        "\(target.place) took the connection, and did not answer in time"
      default: "\(target.place) did not finish the log-in of '\(target.user)' in time"
      }
    return ProbeError(
      .timedOut, what, asked: target.display,
      mend:
        "see whether PostgreSQL listens there and a firewall swallows packets, or give it more time with `timeout:`",
      repeatCommand: "psql \(target.shell) -c 'SELECT 1'")
  }

  /// A statement that the server refused, where that is no fact.
  static func refused(
    _ failure: PostgresFailure, sql: String?, target: PostgresTarget, holder: String?, statementTimeout: Int
  )
    -> ProbeError
  {
    func error(_ kind: ProbeError.Kind, _ message: String, _ mend: String?) -> ProbeError {
      ProbeError(kind, message, asked: target.display, mend: failure.hint ?? mend)
    }
    var place = ""
    if let position = failure.position, let sql, let (line, column) = PostgresSQL.place(position, in: sql) {
      place = " at line \(line), column \(column) of the SQL"
    }
    let said = "\(failure.message)\(place) (\(failure.code))"
    switch failure.code {
    case "57014":
      return error(
        .timedOut,
        "the statement took longer than its \(Quantity.describe(milliseconds: statementTimeout)) and was cancelled",
        "see its plan with EXPLAIN, or give it more time with `timeout:`")
    case "55P03":
      let who = holder.map { ": \($0)" } ?? ""
      return error(
        .timedOut, "the statement waited for a lock until its time was up\(who)",
        "end the transaction that holds the lock, then run it again")
    case "25006":
      return error(
        .configuration, "the statement writes, and this transaction only reads: \(failure.message)",
        "say `write: true`: it then runs in a transaction that is rolled back")
    case "42501":
      return error(
        .denied, "user '\(target.user)' may not: \(said)",
        "grant the right, or say `may_fail: true` where the refusal is what you expect")
    case "42P01", "42703", "42883", "3F000", "42704":
      return error(
        .missing, "the statement names what is not there: \(said)", "correct the name, or run the migrations")
    case "57P01", "57P02", "57P03":
      return error(.unreachable, "the server is going down: \(failure.message)", "wait until it is up")
    case "53300": return error(.unreachable, "the server has no connection left: \(failure.message)", nil)
    default:
      let kind: ProbeError.Kind =
        failure.code.hasPrefix("42") || failure.code.hasPrefix("22") ? .configuration : .unexpected
      return error(kind, "the server refused the statement: \(said)", "try it with psql")
    }
  }
}
