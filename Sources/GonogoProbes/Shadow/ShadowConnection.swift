import CPQ
import CSystem
import Glibc
import GonogoCore
import GonogoSystem

/// A connection for migrations: one statement at a time in the simple protocol, COPY's data with it, a deadline for each
/// wait. What a statement returns is dropped.
final class ShadowConnection: @unchecked Sendable {
  /// Why an answer did not come.
  enum Break: Error, Sendable {
    case lost(String)
    case late
    case cancelled
  }

  private let handle: OpaquePointer

  private init(_ handle: OpaquePointer) { self.handle = handle }
  deinit { PQfinish(handle) }

  /// - Throws: ``Break``, with libpq's words where it could not connect.
  static func open(_ options: [String: String], deadline: PostgresDeadline) throws(Break) -> ShadowConnection {
    var options = options
    options["client_encoding"] = "UTF8"
    if options["application_name"] == nil { options["application_name"] = "gonogo" }
    let pairs = options.sorted { $0.key < $1.key }
    var keys: [UnsafePointer<CChar>?] = pairs.map { UnsafePointer(strdup($0.key)) } + [nil]
    var values: [UnsafePointer<CChar>?] = pairs.map { UnsafePointer(strdup($0.value)) } + [nil]
    defer { for pointer in keys + values { free(UnsafeMutablePointer(mutating: pointer)) } }
    guard let handle = PQconnectStartParams(&keys, &values, 0) else { throw .lost("libpq has no memory left") }
    let connection = ShadowConnection(handle)
    if PQstatus(handle) == CONNECTION_BAD { throw .lost(connection.message) }
    // "At the start … behave as if it last returned PGRES_POLLING_WRITING" (libpq, 34.1, PQconnectPoll).
    var state = PGRES_POLLING_WRITING
    while state != PGRES_POLLING_OK {
      if state == PGRES_POLLING_FAILED { throw .lost(connection.message) }
      try connection.wait(Int16(state == PGRES_POLLING_READING ? POLLIN : POLLOUT), deadline)
      state = PQconnectPoll(handle)
    }
    PQsetnonblocking(handle, 1)
    PQsetNoticeReceiver(handle, { _, _ in }, nil)
    return connection
  }

  private var message: String {
    let text = String(cString: PQerrorMessage(handle))
    return text.split(whereSeparator: \.isNewline).joined(separator: "; ")
  }

  var isAlive: Bool { PQstatus(handle) == CONNECTION_OK }
  /// Inside a transaction, be it one that failed.
  var inTransaction: Bool {
    let status = PQtransactionStatus(handle)
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
  }
  var hasFailedTransaction: Bool { PQtransactionStatus(handle) == PQTRANS_INERROR }

  private func wait(_ events: Int16, _ deadline: PostgresDeadline) throws(Break) {
    while true {
      if Task.isCancelled { throw .cancelled }
      let left = deadline.left
      if left <= 0 { throw .late }
      var polls = [pollfd(fd: PQsocket(handle), events: events, revents: 0)]
      let ready = poll(&polls, 1, Int32(min(left, 250)))
      if ready > 0 || ready < 0 && errno != EINTR { return }
    }
  }

  private func flush(_ deadline: PostgresDeadline) throws(Break) {
    while true {
      let unsent = PQflush(handle)
      if unsent == 0 { return }
      if unsent < 0 { throw .lost(message) }
      try wait(Int16(POLLIN | POLLOUT), deadline)
      // "Wait for it to be either read- or write-ready. If it becomes read-ready, call PQconsumeInput" (libpq, 34.4).
      if PQconsumeInput(handle) == 0 { throw .lost(message) }
    }
  }

  private func next(_ deadline: PostgresDeadline) throws(Break) -> OpaquePointer? {
    try flush(deadline)
    while PQisBusy(handle) == 1 {
      try wait(Int16(POLLIN), deadline)
      if PQconsumeInput(handle) == 0 { throw .lost(message) }
    }
    return PQgetResult(handle)
  }

  /// The rows of a query of ours.
  ///
  /// - Throws: ``Break``; a refusal of the server is `lost` with its words.
  func rows(_ sql: String, deadline: PostgresDeadline) throws(Break) -> [[String?]] {
    var rows: [[String?]] = []
    let failure = try run(Array(sql.utf8), deadline: deadline) { rows.append($0) }
    if let failure { throw .lost(failure.message) }
    return rows
  }

  @discardableResult
  func run(_ sql: String, deadline: PostgresDeadline) throws(Break) -> PostgresFailure? {
    try run(Array(sql.utf8), deadline: deadline)
  }

  /// Runs a statement, and gives what the server said where it refused it.
  ///
  /// - Parameters:
  ///   - sql: without a byte 0, which would end it.
  ///   - data: what COPY … FROM STDIN reads.
  /// - Throws: ``Break``; the connection is then of no more use.
  func run(
    _ sql: [UInt8], data: ArraySlice<UInt8>? = nil, deadline: PostgresDeadline, row: ([String?]) -> Void = { _ in }
  ) throws(Break) -> PostgresFailure? {
    let sent = (sql + [0]).withUnsafeBufferPointer { buffer in
      buffer.withMemoryRebound(to: CChar.self) { PQsendQuery(handle, $0.baseAddress!) }
    }
    if sent != 1 { throw .lost(message) }
    // A row at a time: what a migration selects is dropped, and must not fill the memory first.
    PQsetSingleRowMode(handle)
    var failure: PostgresFailure?
    while let result = try next(deadline) {
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_COPY_IN: try copyIn(data, deadline)
      case PGRES_COPY_OUT: try copyOut(deadline)
      case PGRES_COPY_BOTH: throw .lost("the statement starts replication")
      case PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE:
        for place in 0..<PQntuples(result) {
          row(
            (0..<PQnfields(result)).map { column in
              PQgetisnull(result, place, column) == 1 ? nil : String(cString: PQgetvalue(result, place, column))
            })
        }
      case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY, PGRES_NONFATAL_ERROR: break
      default:
        if !isAlive { throw .lost(message) }
        if failure == nil { failure = Self.failure(result) }
      }
    }
    if !isAlive { throw .lost(message) }
    return failure
  }

  private func copyIn(_ data: ArraySlice<UInt8>?, _ deadline: PostgresDeadline) throws(Break) {
    guard let data else {
      PQputCopyEnd(handle, "the file holds no data for this COPY")
      return
    }
    var rest = data
    while !rest.isEmpty {
      let piece = rest.prefix(1 << 16)
      let put = piece.withUnsafeBufferPointer { buffer in
        buffer.withMemoryRebound(to: CChar.self) { PQputCopyData(handle, $0.baseAddress!, Int32($0.count)) }
      }
      if put < 0 { throw .lost(message) }
      if put == 0 {
        try wait(Int16(POLLOUT), deadline)
        continue
      }
      rest = rest.dropFirst(piece.count)
      try flush(deadline)
    }
    if PQputCopyEnd(handle, nil) < 0 { throw .lost(message) }
  }

  private func copyOut(_ deadline: PostgresDeadline) throws(Break) {
    var buffer: UnsafeMutablePointer<CChar>?
    while true {
      let count = PQgetCopyData(handle, &buffer, 1)
      if count > 0 {
        PQfreemem(buffer)
      } else if count == 0 {
        try wait(Int16(POLLIN), deadline)
        if PQconsumeInput(handle) == 0 { throw .lost(message) }
      } else {
        return
      }
    }
  }

  private static func failure(_ result: OpaquePointer) -> PostgresFailure {
    func field(_ code: Character) -> String? {
      PQresultErrorField(result, Int32(code.asciiValue ?? 0)).map { String(cString: $0) }
    }
    // 'P' is a place in what was sent; 'p' one in what EXECUTE was given, where that is the statement (libpq, 34.3).
    return PostgresFailure(
      code: field("C") ?? "", message: field("M") ?? String(cString: PQresultErrorMessage(result)), detail: field("D"),
      hint: field("H"), position: (field("P") ?? field("p")).flatMap { Int($0) }, context: field("W"),
      constraint: field("n"))
  }
}
