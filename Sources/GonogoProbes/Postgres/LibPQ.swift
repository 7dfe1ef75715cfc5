import CPQ
import Glibc
import GonogoSystem

/// What every connection of libpq does alike, however it is used afterwards.
enum LibPQ {
  /// Why no connection came about.
  enum ConnectFailure: Error {
    case noMemory
    /// The server, or libpq, said no, in these words; with the SQLSTATE, where there is one.
    case refused(String)
    /// The deadline passed, or the task was called off, in this state.
    case late(ConnStatusType)
  }

  /// Connects, and never waits longer than until `end`.
  ///
  /// - Parameters:
  ///   - options: keywords and values of a connection string (libpq, 34.1.2).
  ///   - end: milliseconds of the monotonic clock.
  ///   - password: told the password that will be used, which may come from the password file, before anything is sent.
  /// - Throws: ``ConnectFailure``.
  static func connect(
    _ options: [String: String], until end: Int64, password: (String) -> Void = { _ in }
  ) throws(ConnectFailure) -> OpaquePointer {
    let pairs = options.sorted { $0.key < $1.key }
    let started = CStrings.withConstant(pairs.map(\.key)) { keys in
      CStrings.withConstant(pairs.map(\.value)) { values in PQconnectStartParams(keys, values, 0) }
    }
    guard let handle = started else { throw .noMemory }
    do throws(ConnectFailure) {
      if let text = PQpass(handle) { password(String(cString: text)) }
      // So that a refusal says its SQLSTATE, whatever language the server speaks.
      PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
      if PQstatus(handle) == CONNECTION_BAD { throw .refused(message(handle)) }
      // "At the start … behave as if it last returned PGRES_POLLING_WRITING … The caller must … be prepared for the socket
      // to change between calls" (libpq, 34.1, PQconnectPoll).
      var state = PGRES_POLLING_WRITING
      while state != PGRES_POLLING_OK {
        if state == PGRES_POLLING_FAILED { throw .refused(message(handle)) }
        guard wait(handle, Int16(state == PGRES_POLLING_READING ? POLLIN : POLLOUT), until: end) else {
          throw .late(PQstatus(handle))
        }
        state = PQconnectPoll(handle)
      }
    } catch {
      PQfinish(handle)
      throw error
    }
    PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
    // Notices have no place in a result, and libpq would print them on standard error.
    PQsetNoticeReceiver(handle, { _, _ in }, nil)
    return handle
  }

  /// The connection's last error.
  static func message(_ handle: OpaquePointer) -> String { String(cString: PQerrorMessage(handle)) }

  /// Whether the socket became ready before the deadline, and nobody called the probe off. A socket that is gone counts as ready:
  /// the next call says what is wrong with it.
  static func wait(_ handle: OpaquePointer, _ events: Int16, until end: Int64) -> Bool {
    while true {
      let left = end - SystemClock().ticks()
      if left <= 0 || Task.isCancelled { return false }
      if PQsocket(handle) < 0 { return true }
      var polls = [pollfd(fd: PQsocket(handle), events: events, revents: 0)]
      // In slices, since nothing wakes poll(2) when the task is called off.
      let ready = poll(&polls, 1, Int32(min(left, 250)))
      if ready > 0 { return true }
      if ready < 0, errno != EINTR { return true }
    }
  }

  /// Asks the server to stop what the connection runs, from a thread of its own: PQcancel opens a connection and blocks on it.
  static func cancel(_ handle: OpaquePointer) {
    guard let request = PQgetCancel(handle) else { return }
    var thread = pthread_t()
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

  /// What the server said in a result that is a refusal.
  static func failure(_ result: OpaquePointer) -> PostgresFailure {
    // The field codes are characters: PG_DIAG_SQLSTATE is 'C', and so on (postgres_ext.h).
    func field(_ code: Character) -> String? {
      PQresultErrorField(result, Int32(code.asciiValue ?? 0)).map { String(cString: $0) }
    }
    return PostgresFailure(
      code: field("C") ?? "", message: field("M") ?? String(cString: PQresultErrorMessage(result)),
      detail: field("D"), hint: field("H"), position: field("P").flatMap { Int($0) }, context: field("W"),
      constraint: field("n"))
  }

  /// The rows of a result, as texts.
  static func rows(_ result: OpaquePointer) -> [[String?]] {
    let columns = PQnfields(result)
    return (0..<PQntuples(result)).map { row in
      (0..<columns).map { column in
        PQgetisnull(result, row, column) == 1 ? nil : String(cString: PQgetvalue(result, row, column))
      }
    }
  }
}
