import Synchronization

/// A request to stop, made once, seen by everything that waits.
public final class Interruption: Sendable {
  private struct State {
    var requested = false
    var next = 0
    var handlers: [Int: @Sendable () -> Void] = [:]
  }

  private let state = Mutex(State())

  public init() {}

  public var isRequested: Bool { state.withLock { $0.requested } }

  public func request() {
    let handlers = state.withLock { state in
      state.requested = true
      defer { state.handlers = [:] }
      return Array(state.handlers.values)
    }
    for handler in handlers { handler() }
  }

  /// Calls `handler` when the stop is requested; at once if it already was.
  func onRequest(_ handler: @escaping @Sendable () -> Void) -> Int? {
    let token: Int? = state.withLock { state in
      if state.requested { return nil }
      state.next += 1
      state.handlers[state.next] = handler
      return state.next
    }
    if token == nil { handler() }
    return token
  }

  func remove(_ token: Int?) {
    guard let token else { return }
    state.withLock { _ = $0.handlers.removeValue(forKey: token) }
  }
}
