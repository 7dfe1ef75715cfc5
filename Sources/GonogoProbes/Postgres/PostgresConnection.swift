import CPQ
import CSystem
import Glibc
import GonogoCore
import GonogoSystem

/// Until when something may take.
struct PostgresDeadline: Sendable {
  let end: Int64
  static func ticks() -> Int64 { SystemClock().ticks() }
  init(milliseconds: Int) { end = Self.ticks() + Int64(milliseconds) }
  var left: Int { Int(max(0, end - Self.ticks())) }
}

/// One statement of a pipeline. Values travel beside it, as texts.
struct PostgresStatement: Sendable {
  let sql: String
  var parameters: [String?] = []
  /// Rows come one by one and are counted beyond the limit; without this, all are kept.
  var bounded = false
}

/// What the server said when it refused a statement.
struct PostgresFailure: Error, Sendable, Equatable {
  let code: String
  let message: String
  let detail: String?
  let hint: String?
  /// In characters, from 1.
  let position: Int?
  let context: String?
  let constraint: String?
}

struct PostgresTable: Sendable {
  var columns: [String] = []
  var rows: [[JSON]] = []
  var count = 0
  var truncated = false
  /// How many rows a statement that returns none has touched.
  var affected: Int?

  static let rowLimit = 10_000
  static let byteLimit = 4 << 20
}

enum PostgresReply: Sendable {
  case table(PostgresTable)
  case failed(PostgresFailure)
  /// A statement before it in its group failed.
  case skipped
}

/// Why an exchange came to no end. The connection is of no more use.
enum PostgresBreak: Error, Sendable {
  case lost(String)
  case late
  case cancelled
}

/// A connection of libpq that never waits longer than its deadline.
///
/// Used by one thread at a time: the pool lends it out, and takes it back.
final class PostgresConnection: @unchecked Sendable {
  private let handle: OpaquePointer
  /// Called once while an answer is waited for, at `at`.
  private var watch: (at: Int64, action: () -> Void)?

  private init(_ handle: OpaquePointer) { self.handle = handle }
  deinit { PQfinish(handle) }

  /// Connects.
  ///
  /// - Throws: ``ProbeError`` that names host, port, database and user.
  static func open(_ target: PostgresTarget, deadline: PostgresDeadline, redactor: Redactor) throws(ProbeError)
    -> PostgresConnection
  {
    let handle: OpaquePointer
    do {
      handle = try LibPQ.connect(target.options, until: deadline.end) { redactor.add($0) }
    } catch {
      throw PostgresErrors.connecting(error, target)
    }
    let connection = PostgresConnection(handle)
    PQsetnonblocking(handle, 1)
    guard PQenterPipelineMode(handle) == 1 else {
      throw ProbeError(.unexpected, "libpq refused its pipeline mode", asked: target.display)
    }
    return connection
  }

  private var errorMessage: String { LibPQ.message(handle) }

  /// Whether the connection is as good as a new one: alive, and outside any transaction.
  var isClean: Bool {
    guard PQstatus(handle) == CONNECTION_OK, PQtransactionStatus(handle) == PQTRANS_IDLE else { return false }
    var polls = [pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)]
    if poll(&polls, 1, 0) == 0 { return true }
    // A server that went away, or a notice.
    return PQconsumeInput(handle) == 1 && PQstatus(handle) == CONNECTION_OK
  }

  /// Sends all groups at once, and reads every answer. A statement that fails ends its group; the next begins afresh.
  ///
  /// - Parameters:
  ///   - watchAfter: milliseconds after which `watch` is called, once, if answers are still waited for.
  ///   - replied: told of each answer as it comes.
  /// - Throws: ``PostgresBreak``; then the connection must not be used again.
  func exchange(
    _ groups: [[PostgresStatement]], deadline: PostgresDeadline, watchAfter: Int? = nil, watch: (() -> Void)? = nil,
    replied: (Int, Int, PostgresReply) -> Void = { _, _, _ in }
  ) throws(PostgresBreak) -> [[PostgresReply]] {
    self.watch = watchAfter.flatMap { after in watch.map { (PostgresDeadline.ticks() + Int64(after), $0) } }
    defer { self.watch = nil }
    for group in groups {
      for statement in group {
        let sent = CStrings.withConstant(statement.parameters) { values in
          PQsendQueryParams(handle, statement.sql, Int32(statement.parameters.count), nil, values, nil, nil, 0)
        }
        if sent != 1 { throw .lost(errorMessage) }
      }
      if PQpipelineSync(handle) != 1 { throw .lost(errorMessage) }
    }
    var replies: [[PostgresReply]] = []
    for (index, group) in groups.enumerated() {
      var answers: [PostgresReply] = []
      for (place, statement) in group.enumerated() {
        let reply = try receive(statement, deadline)
        replied(index, place, reply)
        answers.append(reply)
      }
      guard let sync = try next(deadline) else { throw .lost("the server's answers are out of step") }
      defer { PQclear(sync) }
      if PQresultStatus(sync) != PGRES_PIPELINE_SYNC { throw .lost("the server's answers are out of step") }
      replies.append(answers)
    }
    return replies
  }

  private func receive(_ statement: PostgresStatement, _ deadline: PostgresDeadline) throws(PostgresBreak)
    -> PostgresReply
  {
    if statement.bounded { PQsetSingleRowMode(handle) }
    var table = PostgresTable()
    var types: [Oid] = []
    var bytes = 0
    var reply: PostgresReply?
    // "PQgetResult must be called repeatedly until it returns a null pointer" for each statement of the pipeline.
    while let result = try next(deadline) {
      defer { PQclear(result) }
      let status = PQresultStatus(result)
      switch status {
      case PGRES_SINGLE_TUPLE, PGRES_TUPLES_OK:
        if types.isEmpty {
          types = (0..<PQnfields(result)).map { PQftype(result, $0) }
          table.columns = Self.distinct((0..<PQnfields(result)).map { String(cString: PQfname(result, $0)) })
        }
        for row in 0..<PQntuples(result) {
          table.count += 1
          if table.truncated { continue }
          for column in 0..<PQnfields(result) { bytes += Int(PQgetlength(result, row, column)) }
          if statement.bounded, table.rows.count >= PostgresTable.rowLimit || bytes > PostgresTable.byteLimit {
            table.truncated = true
            continue
          }
          table.rows.append(
            types.indices.map { column in
              if PQgetisnull(result, row, Int32(column)) == 1 { return .null }
              return PostgresValue.decode(String(cString: PQgetvalue(result, row, Int32(column))), type: types[column])
            })
        }
        // INSERT … RETURNING has rows, too; only a statement without any says how many it touched.
        reply = .table(table)
      case PGRES_COMMAND_OK:
        table.affected = Int(String(cString: PQcmdTuples(result)))
        reply = .table(table)
      case PGRES_PIPELINE_ABORTED: reply = .skipped
      case PGRES_EMPTY_QUERY:
        reply = .failed(
          PostgresFailure(
            code: "42601", message: "the statement is empty", detail: nil, hint: nil, position: nil, context: nil,
            constraint: nil))
      default:
        if PQstatus(handle) == CONNECTION_BAD { throw .lost(errorMessage) }
        reply = .failed(LibPQ.failure(result))
      }
    }
    guard let reply else { throw .lost("the server's answers are out of step") }
    if case .table = reply { return .table(table) }
    return reply
  }

  /// The next result; `nil` at the end of a statement's results.
  private func next(_ deadline: PostgresDeadline) throws(PostgresBreak) -> OpaquePointer? {
    while true {
      let unsent = PQflush(handle)
      if unsent < 0 { throw .lost(errorMessage) }
      if PQisBusy(handle) == 0 { break }
      let events = unsent == 1 ? POLLIN | POLLOUT : POLLIN
      guard wait(Int16(events), deadline) else {
        LibPQ.cancel(handle)
        throw Task.isCancelled ? .cancelled : .late
      }
      if PQconsumeInput(handle) == 0 { throw .lost(errorMessage) }
    }
    return PQgetResult(handle)
  }

  /// Whether the socket became ready before the deadline, and nobody called the probe off.
  private func wait(_ events: Int16, _ deadline: PostgresDeadline) -> Bool {
    if let watch, watch.at < deadline.end {
      if LibPQ.wait(handle, events, until: watch.at) { return true }
      if Task.isCancelled { return false }
      self.watch = nil
      watch.action()
    }
    return LibPQ.wait(handle, events, until: deadline.end)
  }

  /// Two columns of one name would hide each other: the second is `name_2`.
  private static func distinct(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.map { name in
      var candidate = name
      var number = 2
      while !seen.insert(candidate).inserted {
        candidate = "\(name)_\(number)"
        number += 1
      }
      return candidate
    }
  }
}
