import GonogoCore
import Synchronization

/// A value that the first control of a run that wants it makes, and others wait for.
final class RunOnce<Value: Sendable>: RunResource {
  private enum State {
    case idle
    case making
    case ready(Value)
    case failed(ProbeError)
  }
  private let state = Mutex(State.idle)

  /// - Parameter what: what is waited for, in an error's words: `another control's proof of it`.
  /// - Throws: ``ProbeError``; the same for all, but where it was the maker's own time that ended.
  func get(_ what: String, deadline: PostgresDeadline, make: () throws(ProbeError) -> Value) async throws(ProbeError)
    -> Value
  {
    while true {
      let turn = try state.withLock { state throws(ProbeError) -> (make: Bool, found: Value?) in
        switch state {
        case .idle:
          state = .making
          return (true, nil)
        case .making: return (false, nil)
        case .ready(let value): return (false, value)
        case .failed(let error): throw error
        }
      }
      if let found = turn.found { return found }
      if turn.make {
        do throws(ProbeError) {
          let value = try make()
          state.withLock { $0 = .ready(value) }
          return value
        } catch {
          // Another control may have more time, and is not called off with this one.
          let again = error.kind == .timedOut || error.kind == .interrupted
          state.withLock { $0 = again ? .idle : .failed(error) }
          throw error
        }
      }
      if deadline.left <= 0 { throw ShadowCluster.late(what) }
      do { try await Task.sleep(for: .milliseconds(3)) } catch {
        throw ProbeError(.interrupted, "called off while it waited for \(what)")
      }
    }
  }

  func close() async {}
}
