import CPQ
import Glibc
import GonogoCore
import Synchronization

/// Why PostgreSQL did not do what was asked.
struct DatabaseError: Error, CustomStringConvertible {
  /// SQLSTATE; empty where there was no answer.
  let state: String
  let message: String
  var description: String { state.isEmpty ? message : "\(message) (SQLSTATE \(state))" }
}

/// One connection. Used by one thread at a time.
final class Connection {
  private let handle: OpaquePointer

  init(_ url: String, application: String) throws(DatabaseError) {
    let keys = ["dbname", "application_name", "connect_timeout", nil]
    let values = [url, application, "5", nil]
    var names: [UnsafePointer<CChar>?] = keys.map { $0.map { UnsafePointer(strdup($0)) } }
    var texts: [UnsafePointer<CChar>?] = values.map { $0.map { UnsafePointer(strdup($0)) } }
    defer { for pointer in names + texts { free(UnsafeMutablePointer(mutating: pointer)) } }
    // A `dbname` that is a URL is taken apart (libpq, 34.1.1: expand_dbname).
    guard let handle = PQconnectdbParams(&names, &texts, 1) else {
      throw DatabaseError(state: "", message: "out of memory")
    }
    self.handle = handle
    guard PQstatus(handle) == CONNECTION_OK else {
      let message = Self.trim(String(cString: PQerrorMessage(handle)))
      PQfinish(handle)
      throw DatabaseError(state: "", message: message)
    }
    PQsetNoticeProcessor(handle, { _, _ in }, nil)
  }

  deinit { PQfinish(handle) }

  var isUsable: Bool { PQstatus(handle) == CONNECTION_OK }

  /// Rows, each by the names of its columns. `nil` is NULL, in parameters too.
  @discardableResult
  func query(_ sql: String, _ parameters: [String?] = []) throws(DatabaseError) -> [[String: String]] {
    let texts = parameters.map { $0.flatMap { strdup($0) } }
    defer { for text in texts { free(text) } }
    let pointers = texts.map { $0.map { UnsafePointer<CChar>($0) } }
    let result = PQexecParams(handle, sql, Int32(parameters.count), nil, pointers, nil, nil, 0)
    defer { PQclear(result) }
    try check(result)
    return (0..<PQntuples(result)).map { row in
      var fields: [String: String] = [:]
      for column in 0..<PQnfields(result) where PQgetisnull(result, row, column) == 0 {
        fields[String(cString: PQfname(result, column))] = String(cString: PQgetvalue(result, row, column))
      }
      return fields
    }
  }

  /// Several statements at once, without parameters.
  func script(_ sql: String) throws(DatabaseError) {
    let result = PQexec(handle, sql)
    defer { PQclear(result) }
    try check(result)
  }

  func transaction<Result>(_ body: (Connection) throws -> Result) throws -> Result {
    try query("BEGIN")
    do {
      let result = try body(self)
      try query("COMMIT")
      return result
    } catch {
      _ = try? query("ROLLBACK")
      throw error
    }
  }

  private func check(_ result: OpaquePointer?) throws(DatabaseError) {
    let status = PQresultStatus(result)
    if status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK { return }
    let state = PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) } ?? ""
    let primary = PQresultErrorField(result, Int32(UInt8(ascii: "M"))).map { String(cString: $0) }
    throw DatabaseError(state: state, message: primary ?? Self.trim(String(cString: PQerrorMessage(handle))))
  }

  private static func trim(_ text: String) -> String {
    String(text.split(separator: "\n").first ?? "no answer")
  }
}

/// Connections that are lent and given back; never more than `limit`.
final class Database: Sendable {
  private final class Box: @unchecked Sendable {
    let connection: Connection
    init(_ connection: Connection) { self.connection = connection }
  }

  private struct State {
    var idle: [Box] = []
    var open = 0
    var leaked: [Box] = []
  }

  let url: String
  private let application: String
  private let limit: Int
  private let leaks: Bool
  private let state = Mutex(State())

  init(_ url: String, application: String, limit: Int = 8, leaks: Bool = false) {
    self.url = url
    self.application = application
    self.limit = limit
    self.leaks = leaks
  }

  func use<Result>(_ body: (Connection) throws -> Result) throws -> Result {
    let box = try take()
    defer { giveBack(box) }
    return try body(box.connection)
  }

  @discardableResult
  func query(_ sql: String, _ parameters: [String?] = []) throws -> [[String: String]] {
    try use { try $0.query(sql, parameters) }
  }

  /// The rows of a query as a JSON array.
  func json(_ sql: String, _ parameters: [String?] = []) throws -> JSON {
    let text = try query("SELECT coalesce(json_agg(row_to_json(q)), '[]') AS json FROM (\(sql)) AS q", parameters)
    return try JSON.parse(text.first?["json"] ?? "[]")
  }

  private func take() throws -> Box {
    while true {
      let (box, make) = state.withLock { state -> (Box?, Bool) in
        if let box = state.idle.popLast() { return (box, false) }
        if state.open < limit {
          state.open += 1
          return (nil, true)
        }
        return (nil, false)
      }
      if let box {
        if box.connection.isUsable { return box }
        state.withLock { $0.open -= 1 }
        continue
      }
      if make {
        do { return Box(try Connection(url, application: application)) } catch {
          state.withLock { $0.open -= 1 }
          throw error
        }
      }
      usleep(500)
    }
  }

  private func giveBack(_ box: Box) {
    state.withLock { state in
      // The fault: the connection is neither closed nor given back; up to a bound, so that the others still get one.
      if leaks, state.leaked.count < 24 {
        state.leaked.append(box)
        state.open -= 1
      } else {
        state.idle.append(box)
      }
    }
  }
}
