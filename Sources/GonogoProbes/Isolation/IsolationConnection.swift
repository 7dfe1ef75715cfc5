import CPQ
import Glibc
import GonogoCore
import GonogoSystem

/// What ended a statement of the proof.
enum IsolationFailure: Error, Sendable {
  struct Refusal: Sendable {
    let code: String
    let message: String
    let detail: String?
    let constraint: String?
  }
  /// The server said no.
  case refused(Refusal)
  /// The connection is gone.
  case lost(String)
  /// The time was up; the statement was cancelled.
  case late

  var message: String {
    switch self {
    case .refused(let refusal): refusal.message
    case .lost(let reason): "the connection was lost: \(reason)"
    case .late: "the server did not answer in time"
    }
  }
}

/// A connection in libpq's simple protocol, which is the only one that COPY goes through, with a deadline on every answer.
///
/// Used by one thread at a time.
final class IsolationConnection {
  private let handle: OpaquePointer
  /// Milliseconds of the monotonic clock after which nothing is waited for.
  let end: Int64

  /// - Throws: ``IsolationFailure`` where the server cannot be reached or refuses.
  init(_ options: [String: String], end: Int64) throws(IsolationFailure) {
    let pairs = options.sorted { $0.key < $1.key }
    let started = Self.withCStrings(pairs.map(\.key)) { keys in
      Self.withCStrings(pairs.map(\.value)) { values in PQconnectStartParams(keys, values, 0) }
    }
    guard let started else { throw .lost("libpq has no memory left") }
    handle = started
    self.end = end
    // With the code, by which a wrong password is told from a server that is not there.
    PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
    if PQstatus(handle) == CONNECTION_BAD { throw .lost(errorMessage) }
    // "At the start … behave as if it last returned PGRES_POLLING_WRITING" (libpq, 34.1, PQconnectPoll).
    var state = PGRES_POLLING_WRITING
    while state != PGRES_POLLING_OK {
      if state == PGRES_POLLING_FAILED { throw .lost(errorMessage) }
      guard wait(Int16(state == PGRES_POLLING_READING ? POLLIN : POLLOUT)) else { throw .late }
      state = PQconnectPoll(handle)
    }
    PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
    // Notices have no place in a result, and libpq would print them on standard error.
    PQsetNoticeReceiver(handle, { _, _ in }, nil)
  }

  deinit { PQfinish(handle) }

  private var errorMessage: String {
    var text = String(cString: PQerrorMessage(handle))
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }

  /// Runs statements and gives the rows of the last one that had any; the lines of a COPY are rows of one column.
  ///
  /// - Throws: ``IsolationFailure``.
  @discardableResult
  func run(_ sql: String) throws(IsolationFailure) -> [[String?]] {
    if PQsendQuery(handle, sql) != 1 { throw .lost(errorMessage) }
    var rows: [[String?]] = []
    var refusal: IsolationFailure.Refusal?
    while true {
      while PQisBusy(handle) == 1 {
        guard wait(Int16(POLLIN)) else {
          cancel()
          throw .late
        }
        if PQconsumeInput(handle) == 0 { throw .lost(errorMessage) }
      }
      guard let result = PQgetResult(handle) else { break }
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_TUPLES_OK:
        let columns = PQnfields(result)
        rows = (0..<PQntuples(result)).map { row in
          (0..<columns).map { column in
            PQgetisnull(result, row, column) == 1 ? nil : String(cString: PQgetvalue(result, row, column))
          }
        }
      case PGRES_COPY_OUT: rows = try copied()
      case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: break
      default:
        if PQstatus(handle) == CONNECTION_BAD { throw .lost(errorMessage) }
        // The field codes are characters: PG_DIAG_SQLSTATE is 'C', and so on (postgres_ext.h).
        func field(_ code: Character) -> String? {
          PQresultErrorField(result, Int32(code.asciiValue ?? 0)).map { String(cString: $0) }
        }
        refusal = .init(
          code: field("C") ?? "", message: field("M") ?? errorMessage, detail: field("D"), constraint: field("n"))
      }
    }
    if let refusal { throw .refused(refusal) }
    return rows
  }

  /// The lines of a COPY TO STDOUT.
  private func copied() throws(IsolationFailure) -> [[String?]] {
    var rows: [[String?]] = []
    while true {
      var buffer: UnsafeMutablePointer<CChar>?
      let length = PQgetCopyData(handle, &buffer, 1)
      if length > 0, let buffer {
        rows.append([String(cString: buffer)])
        PQfreemem(buffer)
      } else if length == 0 {
        guard wait(Int16(POLLIN)) else {
          cancel()
          throw .late
        }
        if PQconsumeInput(handle) == 0 { throw .lost(errorMessage) }
      } else {
        return rows
      }
    }
  }

  private func wait(_ events: Int16) -> Bool {
    while true {
      let left = end - SystemClock().ticks()
      if left <= 0 || Task.isCancelled { return false }
      if PQsocket(handle) < 0 { return true }
      var polls = [pollfd(fd: PQsocket(handle), events: events, revents: 0)]
      let ready = poll(&polls, 1, Int32(min(left, 250)))
      if ready > 0 { return true }
      if ready < 0, errno != EINTR { return true }
    }
  }

  /// Asks the server to stop. The connection is closed right after, so that nothing of it stays.
  private func cancel() {
    guard let request = PQgetCancel(handle) else { return }
    var thread = pthread_t()
    // PQcancel opens a connection and blocks on it: not on this thread.
    let code = pthread_create(
      &thread, nil,
      { request in
        var message = [CChar](repeating: 0, count: 256)
        PQcancel(OpaquePointer(request), &message, Int32(message.count))
        PQfreeCancel(OpaquePointer(request))
        return nil
      }, UnsafeMutableRawPointer(request))
    if code == 0 { pthread_detach(thread) } else { PQfreeCancel(request) }
  }

  private static func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
  ) -> Result {
    let copies: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    let pointers: [UnsafePointer<CChar>?] = copies.map { UnsafePointer($0) } + [nil]
    return pointers.withUnsafeBufferPointer { body($0.baseAddress!) }
  }
}
