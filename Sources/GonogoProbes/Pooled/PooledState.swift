import GonogoCore

/// A kind of state that a session of PostgreSQL keeps, and how one leaves some of it behind.
enum PooledKind: String, Sendable, CaseIterable {
  case setting, role, prepared
  case searchPath = "search_path"
  case sessionAuthorization = "session_authorization"
  case temporaryTable = "temporary_table"
  case listen
  case advisoryLock = "advisory_lock"

  /// How an application does without it in a pool.
  var mend: String {
    switch self {
    case .setting, .searchPath:
      "set it for the transaction: SET LOCAL, or set_config(…, true) between BEGIN and COMMIT"
    case .role, .sessionAuthorization: "take it for the transaction: SET LOCAL ROLE between BEGIN and COMMIT"
    case .prepared: "let the driver prepare (PgBouncer's max_prepared_statements), or not prepare at all"
    case .temporaryTable: "CREATE TEMPORARY TABLE … ON COMMIT DROP, in one transaction with its use"
    case .listen: "LISTEN on a connection of its own, past the pooler"
    case .advisoryLock: "pg_advisory_xact_lock, which ends with the transaction; or a connection past the pooler"
    }
  }
}

/// What a session keeps, item by item: `setting app.current_tenant` = `acme`.
struct PooledState: Sendable {
  struct Item: Hashable, Sendable {
    let kind: PooledKind
    let name: String
  }

  let backend: String
  let items: [Item: String]

  /// One row of one JSON text, for ``init(_:)``. Names that do not exist are null; an empty value is as good as none, for
  /// that is what PostgreSQL leaves of a custom setting that was set for one transaction.
  static func query(_ settings: [String]) -> String {
    let named = settings.map { "\(SQLText.literal($0)), pg_catalog.current_setting(\(SQLText.literal($0)), true)" }
    return """
      SELECT pg_catalog.jsonb_build_object('backend', pg_catalog.pg_backend_pid()::text, 'user', session_user::text,
        'role', pg_catalog.current_setting('role'), 'path', pg_catalog.current_setting('search_path'),
        'prepared', (SELECT coalesce(pg_catalog.jsonb_agg(name), '[]') FROM pg_catalog.pg_prepared_statements),
        'tables', (SELECT coalesce(pg_catalog.jsonb_agg(relname), '[]') FROM pg_catalog.pg_class
          WHERE relnamespace = pg_catalog.pg_my_temp_schema() AND relkind = 'r'),
        'channels', (SELECT coalesce(pg_catalog.jsonb_agg(c), '[]') FROM pg_catalog.pg_listening_channels() c),
        'locks', (SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.format('%s:%s:%s', classid, objid, objsubid)), '[]')
          FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND granted AND pid = pg_catalog.pg_backend_pid()),
        'session', (SELECT coalesce(pg_catalog.jsonb_object_agg(name, setting), '{}') FROM pg_catalog.pg_settings
          WHERE source = 'session' AND name NOT IN ('search_path', 'application_name', 'session_authorization', 'role')),
        'named', pg_catalog.jsonb_build_object(\(named.joined(separator: ", "))))
      """
  }

  init?(_ text: String?) {
    guard let json = text.flatMap({ try? JSON.parse($0) }), let backend = json["backend"]?.stringValue else {
      return nil
    }
    self.backend = backend
    var items: [Item: String] = [
      Item(kind: .searchPath, name: "search_path"): json["path"]?.stringValue ?? "",
      Item(kind: .sessionAuthorization, name: "session_authorization"): json["user"]?.stringValue ?? "",
      Item(kind: .role, name: "role"): json["role"]?.stringValue ?? "",
    ]
    func list(_ key: String, _ kind: PooledKind) {
      for name in json[key]?.arrayValue?.compactMap(\.stringValue) ?? [] {
        items[Item(kind: kind, name: name)] = "held"
      }
    }
    list("prepared", .prepared)
    list("tables", .temporaryTable)
    list("channels", .listen)
    list("locks", .advisoryLock)
    for key in ["session", "named"] {
      for (name, value) in json[key]?.objectValue ?? [:] {
        if let text = value.stringValue, !text.isEmpty { items[Item(kind: .setting, name: name)] = text }
      }
    }
    self.items = items
  }

  /// What differs from `before`, in a fixed order.
  func added(to before: PooledState) -> [Item] {
    items.filter { before.items[$0.key] != $0.value }.keys.sorted {
      ($0.kind.rawValue, $0.name) < ($1.kind.rawValue, $1.name)
    }
  }
}

/// What one client leaves behind on purpose, and how it is taken away again.
struct PooledPlant: Sendable {
  /// `nil` for the application's own statements, which may leave anything.
  let kind: PooledKind?
  let statements: [String]
  /// Whether the value is ours, and may be shown.
  var isMarker = true

  /// The names of settings in statements, as `SET name` or `set_config('name', …)` have them.
  static func settings(in statements: [String]) -> [String] {
    var names: [String] = []
    func add(_ name: String) {
      let plain = name.lowercased()
      if !plain.isEmpty, !names.contains(plain), plain != "role", plain != "search_path" { names.append(plain) }
    }
    for sql in statements {
      let strings = SQLText.strings(in: sql)
      if SQLText.mentions(sql, "set_config") {
        for text in strings
        where text.contains(".") && text.allSatisfy({ $0.isLetter || $0.isNumber || "._".contains($0) }) {
          add(text)
        }
      }
      for statement in sql.split(separator: ";") {
        var words = statement.split { $0.isWhitespace || $0 == "=" }.map(String.init)
        guard words.first?.lowercased() == "set", words.count > 1 else { continue }
        words.removeFirst()
        if ["local", "session"].contains(words[0].lowercased()), words.count > 1 { words.removeFirst() }
        add(words[0].replacing("\"", with: ""))
      }
    }
    return names
  }

  /// The statements that put an item back to what it was before, each of which may fail without harm.
  static func undo(_ item: PooledState.Item, before: PooledState) -> String {
    let old = before.items[item]
    switch item.kind {
    case .setting:
      // A setting without a dot is PostgreSQL's own and has a default to go back to.
      if old == nil, !item.name.contains(".") { return "RESET \(SQLText.name(item.name))" }
      return "SELECT pg_catalog.set_config(\(SQLText.literal(item.name)), \(SQLText.literal(old ?? "")), false)"
    case .searchPath: return "SELECT pg_catalog.set_config('search_path', \(SQLText.literal(old ?? "")), false)"
    case .role: return "RESET ROLE"
    case .sessionAuthorization: return "RESET SESSION AUTHORIZATION"
    case .prepared: return "DEALLOCATE \(PostgresSQL.identifier(item.name))"
    case .temporaryTable: return "DROP TABLE pg_temp.\(PostgresSQL.identifier(item.name))"
    case .listen: return "UNLISTEN \(PostgresSQL.identifier(item.name))"
    case .advisoryLock: return AdvisoryLockText.release(item.name)
    }
  }
}

/// Advisory locks as `pg_locks` lists them, `classid:objid:objsubid`.
enum AdvisoryLockText {
  /// A statement that releases one of this session.
  static func release(_ lock: String) -> String {
    let parts = lock.split(separator: ":").compactMap { Int64($0) }
    guard parts.count == 3 else { return "SELECT false" }
    // "A bigint key is displayed with its high-order half in the classid column, its low-order half in the objid column, and
    // objsubid equal to 1 … two integer keys … objsubid equal to 2" (PostgreSQL, pg_locks).
    if parts[2] == 1 {
      return "SELECT pg_catalog.pg_advisory_unlock(\(Int64(bitPattern: UInt64(parts[0]) << 32 | UInt64(parts[1]))))"
    }
    let keys = parts.prefix(2).map { "\(Int32(truncatingIfNeeded: $0))" }
    return "SELECT pg_catalog.pg_advisory_unlock(\(keys.joined(separator: ", ")))"
  }
}
