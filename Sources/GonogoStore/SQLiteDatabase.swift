private import CSQLite
import GonogoCore

/// Why the store could not do what it was asked.
public struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
  public let path: String
  public let message: String
  public let mend: String?

  public init(path: String, message: String, mend: String?) {
    self.path = path
    self.message = message
    self.mend = mend
  }

  public var description: String { "\(path): \(message)" }
}

/// One SQLite connection. Not for two threads at once; ``EvidenceStore`` holds its lock around it.
final class SQLiteDatabase {
  let path: String
  private let handle: OpaquePointer
  private var statements: [String: Statement] = [:]

  /// A value to bind, or a column of a row.
  enum Value: Equatable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])

    var text: String? {
      if case .text(let value) = self { return value }
      return nil
    }
    var integer: Int64? {
      if case .integer(let value) = self { return value }
      return nil
    }
    var blob: [UInt8]? {
      if case .blob(let value) = self { return value }
      return nil
    }
  }

  init(path: String, readOnly: Bool) throws(StoreError) {
    self.path = path
    var opened: OpaquePointer?
    let flags = (readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) | SQLITE_OPEN_NOMUTEX
    let code = sqlite3_open_v2(path, &opened, flags, nil)
    // https://www.sqlite.org/c3ref/open.html
    // > Whether or not an error occurs when it is opened, resources associated with the database connection handle
    // > should be released by passing it to sqlite3_close() when it is no longer required.
    guard code == SQLITE_OK, let opened else {
      let message = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
      sqlite3_close(opened)
      throw StoreError(
        path: path, message: "cannot open the evidence store: \(message)",
        mend: "see that its folder exists and may be written, or name another with --store")
    }
    handle = opened
    sqlite3_busy_timeout(handle, 10_000)
    // A file that somebody else wrote is data, not a program: no triggers of its own functions, no odd schemas.
    _ = gonogo_sqlite_set_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1)
  }

  deinit {
    statements = [:]
    sqlite3_close_v2(handle)
  }

  func execute(_ sql: String) throws(StoreError) {
    guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw failure("cannot write") }
  }

  /// Runs a statement, which is kept for the next time, and gives its rows.
  @discardableResult
  func query(_ sql: String, _ values: [Value] = []) throws(StoreError) -> [[Value]] {
    let statement: Statement
    if let known = statements[sql] {
      statement = known
    } else {
      var prepared: OpaquePointer?
      guard sqlite3_prepare_v2(handle, sql, -1, &prepared, nil) == SQLITE_OK, let prepared else {
        throw failure("cannot read")
      }
      statement = Statement(prepared)
      statements[sql] = statement
    }
    defer { statement.reset() }
    statement.bind(values)
    var rows: [[Value]] = []
    while true {
      switch sqlite3_step(statement.handle) {
      case SQLITE_ROW: rows.append(statement.row())
      case SQLITE_DONE: return rows
      default: throw failure("cannot write or read")
      }
    }
  }

  /// Runs `body` in a transaction, which is undone where it throws.
  func transaction(_ body: () throws(StoreError) -> Void) throws(StoreError) {
    try query("BEGIN IMMEDIATE")
    do throws(StoreError) {
      try body()
      try query("COMMIT")
    } catch {
      sqlite3_exec(handle, "ROLLBACK", nil, nil, nil)
      throw error
    }
  }

  private func failure(_ what: String) -> StoreError {
    let code = sqlite3_extended_errcode(handle) & 0xFF
    let mend: String? =
      switch code {
      case SQLITE_FULL: "free some room on the disk, then run again"
      case SQLITE_BUSY, SQLITE_LOCKED: "another gonogo holds the store; run again when it has ended"
      case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM:
        "see that the store's folder may be written, or name another with --store"
      case SQLITE_CORRUPT, SQLITE_NOTADB:
        "the file is damaged or is no evidence store: move it away, and keep it for whoever asks"
      default: nil
      }
    return StoreError(
      path: path, message: "\(what) the evidence store: \(String(cString: sqlite3_errmsg(handle)))", mend: mend)
  }
}

/// A prepared statement, finalised with its owner.
private final class Statement {
  let handle: OpaquePointer
  init(_ handle: OpaquePointer) { self.handle = handle }
  deinit { sqlite3_finalize(handle) }

  func bind(_ values: [SQLiteDatabase.Value]) {
    for (index, value) in values.enumerated() {
      let position = Int32(index + 1)
      switch value {
      case .null: sqlite3_bind_null(handle, position)
      case .integer(let number): sqlite3_bind_int64(handle, position, number)
      case .text(let text): _ = gonogo_sqlite_bind_text(handle, position, text, Int32(text.utf8.count))
      case .blob(let bytes): _ = gonogo_sqlite_bind_blob(handle, position, bytes, Int32(bytes.count))
      }
    }
  }

  func reset() {
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
  }

  func row() -> [SQLiteDatabase.Value] {
    (0..<sqlite3_column_count(handle)).map { column in
      switch sqlite3_column_type(handle, column) {
      case SQLITE_INTEGER: return .integer(sqlite3_column_int64(handle, column))
      case SQLITE_TEXT: return .text(sqlite3_column_text(handle, column).map { String(cString: $0) } ?? "")
      case SQLITE_BLOB:
        let count = Int(sqlite3_column_bytes(handle, column))
        return .blob(
          sqlite3_column_blob(handle, column).map { Array(UnsafeRawBufferPointer(start: $0, count: count)) } ?? [])
      default: return .null
      }
    }
  }
}
