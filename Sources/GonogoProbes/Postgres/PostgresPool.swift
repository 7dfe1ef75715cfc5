import CSystem
import Glibc
import GonogoCore
import Synchronization

/// The connections of a run to one database. A few are enough, because each query is one round trip; a small server has
/// not many to give.
final class PostgresPool: RunResource {
  static let limit = 8

  private struct State {
    var idle: [PostgresConnection] = []
    /// Idle and lent out.
    var count = 0
    var closed = false
  }

  private let state = Mutex(State())
  nonisolated(unsafe) private let condition: UnsafeMutablePointer<pthread_cond_t>
  nonisolated(unsafe) private let mutex: UnsafeMutablePointer<pthread_mutex_t>

  init() {
    condition = .allocate(capacity: 1)
    mutex = .allocate(capacity: 1)
    pthread_cond_init(condition, nil)
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  private enum Turn {
    case take(PostgresConnection)
    case make, wait
  }

  /// A connection for the caller alone, and whether it was used before.
  ///
  /// - Parameter fresh: take none that was used before.
  /// - Throws: ``ProbeError`` where none can be had before the deadline.
  func lend(_ target: PostgresTarget, deadline: PostgresDeadline, redactor: Redactor, fresh: Bool) throws(ProbeError)
    -> (connection: PostgresConnection, used: Bool)
  {
    while true {
      let turn: Turn = state.withLock { state in
        if fresh, !state.idle.isEmpty {
          state.count -= state.idle.count
          state.idle = []
        }
        if let connection = state.idle.popLast() { return .take(connection) }
        if state.count < Self.limit {
          state.count += 1
          return .make
        }
        return .wait
      }
      switch turn {
      case .take(let connection):
        if connection.isClean { return (connection, true) }
        forget()
      case .make:
        do throws(ProbeError) {
          return (try PostgresConnection.open(target, deadline: deadline, redactor: redactor), false)
        } catch {
          forget()
          throw error
        }
      case .wait:
        if deadline.left <= 0 || Task.isCancelled {
          throw ProbeError(
            .timedOut, "all \(Self.limit) connections of this run to \(target.database) were busy until the deadline",
            asked: target.display, mend: "give the line more time with `timeout:`, or run with fewer --jobs")
        }
        waitForReturn(milliseconds: min(deadline.left, 100))
      }
    }
  }

  /// Takes a connection back. One that is not clean, or comes after the end of the run, is closed.
  func giveBack(_ connection: PostgresConnection) {
    let kept =
      connection.isClean
      && state.withLock { state in
        if !state.closed { state.idle.append(connection) }
        return !state.closed
      }
    if kept { signal() } else { forget() }
  }

  /// A connection that was lent out is no more.
  func forget() {
    state.withLock { $0.count -= 1 }
    signal()
  }

  func close() async {
    state.withLock { state in
      state.closed = true
      state.count -= state.idle.count
      state.idle = []
    }
  }

  private func signal() {
    pthread_mutex_lock(mutex)
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
  }

  /// Returns after a signal, or after the time; a signal that came just before is found again at the next look.
  private func waitForReturn(milliseconds: Int) {
    var until = timespec()
    clock_gettime(CLOCK_REALTIME, &until)
    until.tv_nsec += milliseconds * 1_000_000
    until.tv_sec += until.tv_nsec / 1_000_000_000
    until.tv_nsec %= 1_000_000_000
    pthread_mutex_lock(mutex)
    if state.withLock({ $0.idle.isEmpty && $0.count >= Self.limit }) {
      pthread_cond_timedwait(condition, mutex, &until)
    }
    pthread_mutex_unlock(mutex)
  }
}
