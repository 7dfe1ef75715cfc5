import CPQ
import GonogoCore
import Synchronization

/// The targets of a run, each read once: libpq looks through the environment and the service files each time.
final class PostgresTargets: RunResource {
  private let known = Mutex<[String: PostgresTarget]>([:])

  /// - Throws: ``ProbeError`` of kind `configuration`.
  func target(_ rendered: Rendered, redactor: Redactor) throws(ProbeError) -> PostgresTarget {
    // What is sent, what is shown and what a shell command says: two targets may share the first alone.
    let key = rendered.segments.map { "\($0.exposed)\u{0}\($0.display)\u{0}\($0.variable ?? "")" }
      .joined(separator: "\u{0}")
    if let found = known.withLock({ $0[key] }) { return found }
    let target = try PostgresTarget(rendered, redactor: redactor)
    known.withLock { $0[key] = target }
    return target
  }

  func close() async {}
}

/// Which database a check looks at, read from a connection URI or a keyword string, and how it is named to people.
struct PostgresTarget: Sendable {
  /// What libpq is given, by keyword.
  let options: [String: String]
  let host: String
  let port: String
  let user: String
  let database: String
  /// `postgresql://user:[redacted]@host:port/database`.
  let display: String
  /// The word for it in a shell command: the variable that it came from, in double quotes.
  let shell: String
  /// One for each distinct target of a run.
  let key: String

  /// Keys that applications' drivers read from the URI and libpq does not know.
  private static let foreignKeys: Set<String> = [
    "pgbouncer", "connection_limit", "pool_timeout", "socket_timeout", "statement_cache_size", "schema", "sslaccept",
    "prepared_statements", "prepare_threshold", "pool_size", "max_overflow", "prepared_statement_cache_size",
    "statement_cache_mode", "pool_mode", "workaround",
  ]

  /// - Throws: ``ProbeError`` of kind `configuration`. Nothing of the text is shown that could be a part of the password.
  init(_ rendered: Rendered, redactor: Redactor) throws(ProbeError) {
    let text = try Self.normalize(rendered.exposed, redactor: redactor)
    var error: UnsafeMutablePointer<CChar>?
    // "PQconninfoParse returns parsed connection options from the provided connection string … or NULL … In the error case
    // *errmsg … must be freed with PQfreemem" (libpq, 34.1).
    guard let parsed = PQconninfoParse(text, &error) else {
      let message = error.map { String(cString: $0) } ?? ""
      PQfreemem(error)
      let tellable = ["invalid URI query parameter", "invalid connection option", "extra key/value separator"]
      let detail = tellable.contains { message.hasPrefix($0) } ? ": \(message.prefix { $0 != "\n" })" : ""
      throw Self.unusable("it is no connection URI, and no keyword string of libpq\(detail)")
    }
    var options = Self.values(of: parsed)
    PQconninfoFree(parsed)
    var defaults: [String: String] = [:]
    if let known = PQconndefaults() {
      defaults = Self.values(of: known)
      PQconninfoFree(known)
    }
    for name in ["password", "sslpassword"] {
      if let secret = options[name] ?? defaults[name] { redactor.add(secret) }
    }
    let hasPassword = options["password"] != nil
    if options["application_name"] == nil { options["application_name"] = "gonogo" }
    options["client_encoding"] = "UTF8"
    self.options = options
    func value(_ name: String) -> String? { (options[name] ?? defaults[name]).flatMap { $0.isEmpty ? nil : $0 } }
    host = value("host") ?? value("hostaddr") ?? "/var/run/postgresql"
    port = value("port") ?? "5432"
    user = value("user") ?? "the operating system's user"
    database = value("dbname") ?? user
    let place =
      host.hasPrefix("/") ? "\(host)/.s.PGSQL.\(port)" : host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    display = "postgresql://\(user)\(hasPassword ? ":\(Redactor.mark)" : "")@\(place)/\(database)"
    shell = rendered.secrets.isEmpty ? ShellQuote.quote(rendered.display) : "\"\(rendered.shell)\""
    key = text
  }

  /// A scratch database that another probe's manual calls a shadow: gone when the run ends, so that no address is shown.
  ///
  /// - Parameter options: libpq's keywords.
  init(shadow options: [String: String], display: String) {
    self.options = options.merging(["application_name": "gonogo", "client_encoding": "UTF8"]) { $1 }
    host = options["host"] ?? "the shadow"
    port = options["port"] ?? "5432"
    user = options["user"] ?? "postgres"
    database = options["dbname"] ?? "postgres"
    self.display = display
    shell = "\"$SHADOW_DATABASE_URL\""
    key = options.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
  }

  /// Where the server is, in a message.
  var place: String { host.hasPrefix("/") ? "\(host) (port \(port))" : "\(host):\(port)" }

  private static func values(of options: UnsafeMutablePointer<PQconninfoOption>) -> [String: String] {
    var result: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val { result[String(cString: keyword)] = String(cString: value) }
      option += 1
    }
    return result
  }

  static func unusable(_ message: String) -> ProbeError {
    ProbeError(
      .configuration, "the database cannot be read: \(message)",
      mend: "write postgresql://user:password@host:5432/database, with %40 for an '@' and %2F for a '/' in the password"
    )
  }

  /// Makes of a driver's URI one that libpq reads, and refuses what would tear the password apart: libpq would then show a
  /// piece of it as a host or a port.
  private static func normalize(_ text: String, redactor: Redactor) throws(ProbeError) -> String {
    if text.isEmpty { throw unusable("it is empty") }
    guard let mark = text.range(of: "://"), !text[..<mark.lowerBound].contains(" "),
      !text[..<mark.lowerBound].contains("=")
    else { return text }
    let rest = text[mark.upperBound...]
    let scheme = text[..<mark.lowerBound].prefix { $0 != "+" }.lowercased()
    guard scheme == "postgres" || scheme == "postgresql" else {
      throw unusable("its scheme is '\(scheme)', not postgresql")
    }
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    let tail = rest[authority.endIndex...]
    let ats = authority.filter { $0 == "@" }.count
    var torn = ats > 1
    if ats == 0, let colon = authority.firstIndex(of: ":"), !authority.hasPrefix("["), tail.contains("@") {
      let port = authority[authority.index(after: colon)...]
      torn = !port.allSatisfy { $0.isNumber || $0 == "," || $0 == ":" } || tail.prefix { $0 != "?" }.contains("@")
    }
    if torn {
      if let colon = rest.firstIndex(of: ":"), let at = rest.lastIndex(of: "@"), colon < at {
        redactor.add(String(rest[rest.index(after: colon)..<at]))
      }
      throw unusable("its password holds a character that a URI must not hold")
    }
    if ats == 1, let colon = authority.firstIndex(of: ":"), let at = authority.firstIndex(of: "@"), colon < at {
      redactor.add(String(authority[authority.index(after: colon)..<at]))
    }
    var result = "postgresql://\(authority)\(tail.prefix { $0 != "?" })"
    if let question = tail.firstIndex(of: "?") {
      let kept = tail[tail.index(after: question)...].split(separator: "&").filter { pair in
        !foreignKeys.contains(String(pair.prefix { $0 != "=" }))
      }
      if !kept.isEmpty { result += "?" + kept.joined(separator: "&") }
    }
    return result
  }
}
