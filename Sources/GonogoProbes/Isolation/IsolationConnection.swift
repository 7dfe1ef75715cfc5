import CPQ
import Glibc
import GonogoCore
import GonogoSystem

/// What ended a statement of the proof.
enum IsolationFailure: Error, Sendable {
  /// The server said no.
  case refused(PostgresFailure)
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
    do {
      // With the code, by which a wrong password is told from a server that is not there.
      handle = try LibPQ.connect(options, until: end)
    } catch {
      switch error {
      case .noMemory: throw .lost("libpq has no memory left")
      case .refused(let message): throw .lost(Self.trimmed(message))
      case .late: throw .late
      }
    }
    self.end = end
  }

  deinit { PQfinish(handle) }

  private var errorMessage: String { Self.trimmed(LibPQ.message(handle)) }

  private static func trimmed(_ message: String) -> String {
    var text = message
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
    var refusal: PostgresFailure?
    while true {
      while PQisBusy(handle) == 1 {
        guard wait(Int16(POLLIN)) else {
          LibPQ.cancel(handle)
          throw .late
        }
        if PQconsumeInput(handle) == 0 { throw .lost(errorMessage) }
      }
      guard let result = PQgetResult(handle) else { break }
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_TUPLES_OK: rows = LibPQ.rows(result)
      case PGRES_COPY_OUT: rows = try copied()
      case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: break
      default:
        if PQstatus(handle) == CONNECTION_BAD { throw .lost(errorMessage) }
        refusal = LibPQ.failure(result)
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
          LibPQ.cancel(handle)
          throw .late
        }
        if PQconsumeInput(handle) == 0 { throw .lost(errorMessage) }
      } else {
        return rows
      }
    }
  }

  private func wait(_ events: Int16) -> Bool { LibPQ.wait(handle, events, until: end) }
}
