import CPQ
import Glibc
import GonogoCore
import GonogoSystem

/// What a server answered to one text of SQL: the rows of each statement that had any, and what ended it, if it was refused.
struct SQLAnswer: Sendable {
  var tables: [[[String?]]] = []
  var refusal: PostgresFailure?

  /// The first value of the last statement that had rows.
  var value: String? { tables.last?.first?.first ?? nil }
}

/// One client of PostgreSQL, in the simple protocol: a text of several statements is one message, so that whoever pools
/// connections hands all of it to one server.
///
/// Used by one thread at a time.
final class SQLClient {
  let target: PostgresTarget
  private let handle: OpaquePointer
  private var isOpen = true

  /// - Throws: ``ProbeError`` that names host, port, database and user.
  init(_ target: PostgresTarget, deadline: PostgresDeadline, redactor: Redactor) throws(ProbeError) {
    self.target = target
    do {
      handle = try LibPQ.connect(target.options, until: deadline.end) { redactor.add($0) }
    } catch {
      throw PostgresErrors.connecting(error, target)
    }
  }

  deinit { PQfinish(handle) }

  /// Ends the connection without a word, as the end of a process or of a cable does: no `Terminate` is sent.
  func hangUp() {
    if isOpen, PQsocket(handle) >= 0 { shutdown(PQsocket(handle), Int32(SHUT_RDWR)) }
    isOpen = false
  }

  private var errorMessage: String { LibPQ.message(handle) }

  /// Sends statements, and waits for nothing.
  ///
  /// - Throws: ``ProbeError`` where the connection is gone.
  func send(_ sql: String) throws(ProbeError) { if PQsendQuery(handle, sql) != 1 { throw lost() } }

  /// Whether what was sent has begun to be answered, within so many milliseconds.
  ///
  /// - Throws: ``ProbeError`` where the connection is gone.
  func isAnswered(within milliseconds: Int, deadline: PostgresDeadline) throws(ProbeError) -> Bool {
    let end = min(deadline.end, PostgresDeadline.ticks() + Int64(milliseconds))
    while PQisBusy(handle) == 1 {
      guard LibPQ.wait(handle, Int16(POLLIN), until: end) else { return false }
      if PQconsumeInput(handle) == 0 { throw lost() }
    }
    return true
  }

  /// The whole answer to what was sent. A refusal is an answer.
  ///
  /// - Throws: ``ProbeError`` where none comes in time, or the connection ends.
  func receive(_ deadline: PostgresDeadline) throws(ProbeError) -> SQLAnswer {
    var answer = SQLAnswer()
    while true {
      guard try isAnswered(within: Int.max >> 8, deadline: deadline) else {
        if Task.isCancelled {
          throw ProbeError(.interrupted, "called off while the server worked", asked: target.display)
        }
        throw ProbeError(
          .timedOut, "\(target.place) took the statement, and did not answer in time", asked: target.display,
          mend: "see whether the server hangs, or give the line more time with `timeout:`")
      }
      guard let result = PQgetResult(handle) else { return answer }
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_TUPLES_OK: answer.tables.append(LibPQ.rows(result))
      case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: break
      case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
        // Its end would have to be asked for; the connection is given up instead.
        hangUp()
        throw ProbeError(
          .configuration, "a COPY from or to the client has no place here", asked: target.display,
          mend: "write the statement without COPY")
      default:
        if PQstatus(handle) == CONNECTION_BAD { throw lost() }
        answer.refusal = LibPQ.failure(result)
      }
    }
  }

  /// Sends statements and gives the whole answer.
  ///
  /// - Throws: ``ProbeError`` as ``receive(_:)``.
  func ask(_ sql: String, _ deadline: PostgresDeadline) throws(ProbeError) -> SQLAnswer {
    try send(sql)
    return try receive(deadline)
  }

  /// Runs statements that the server must not refuse.
  ///
  /// - Throws: ``ProbeError`` where it does, or as ``receive(_:)``.
  @discardableResult
  func run(_ sql: String, _ deadline: PostgresDeadline) throws(ProbeError) -> SQLAnswer {
    let answer = try ask(sql, deadline)
    if let refusal = answer.refusal { throw refused(refusal) }
    return answer
  }

  func refused(_ refusal: PostgresFailure) -> ProbeError {
    PostgresErrors.refused(refusal, sql: nil, target: target, holder: nil, statementTimeout: 0)
  }

  private func lost() -> ProbeError {
    let line = errorMessage.split(separator: "\n").first.map(String.init) ?? "it closed the connection"
    return ProbeError(
      .unreachable, "\(target.place) went away while it was asked: \(line)", asked: target.display,
      mend: "see the log of the server, and of the pooler before it")
  }
}

extension PostgresDeadline {
  /// For a probe's attempt: a little before the runner's own deadline, so that the probe can still say what it waited for.
  init(attempt milliseconds: Int) {
    self.init(milliseconds: max(1, milliseconds - max(5, min(500, milliseconds / 10))))
  }
}

extension Expectation {
  /// That a list among the facts is empty.
  static func empty(_ fact: String, at range: SourceRange) -> Expectation {
    Expectation(
      .fact(FactPath(fact) ?? FactPath(steps: []), .length(.compare(.equal, 0, source: "== 0"))), at: range)
  }
}
