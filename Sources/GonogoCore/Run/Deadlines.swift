import Synchronization

/// The deadlines of a run. One sleeping task stands for all of them, because a task that sleeps costs more than most looks
/// take, and hardly any deadline is ever reached.
final class Deadlines: Sendable {
  private struct Entry {
    let instant: ContinuousClock.Instant
    let action: @Sendable () -> Void
  }

  private struct State {
    var entries: [Int: Entry] = [:]
    var next = 0
    /// When the sleeping task wakes.
    var wakes: ContinuousClock.Instant?
    var sleeper: Task<Void, Never>?
    /// It woke late, and sleeps a little longer.
    var isDelayed = false
    /// Which sleeping task is the one that counts.
    var generation = 0
  }

  private let state = Mutex(State())

  deinit { state.withLock { $0.sleeper?.cancel() } }

  /// Calls `action` once the time has passed, unless ``remove(_:)`` comes first.
  func add(milliseconds: Int, action: @escaping @Sendable () -> Void) -> Int {
    let instant = ContinuousClock.now.advanced(by: .milliseconds(milliseconds))
    return state.withLock { state in
      let token = state.next
      state.next += 1
      state.entries[token] = Entry(instant: instant, action: action)
      if let wakes = state.wakes, wakes <= instant { return token }
      sleep(until: instant, &state)
      return token
    }
  }

  func remove(_ token: Int) { state.withLock { $0.entries[token] = nil } }

  private func sleep(until instant: ContinuousClock.Instant, _ state: inout State) {
    state.sleeper?.cancel()
    state.generation += 1
    let generation = state.generation
    state.wakes = instant
    state.isDelayed = false
    state.sleeper = Task { [weak self] in
      try? await Task.sleep(until: instant, clock: .continuous)
      self?.wake(generation)
    }
  }

  private func wake(_ generation: Int) {
    let due: [@Sendable () -> Void] = state.withLock { state in
      guard state.generation == generation else { return [] }
      let now = ContinuousClock.now
      // Where all threads were busy this wakes late, and so does what a probe waits for; it knows better what that was, and
      // is given the time to say so.
      if let wakes = state.wakes, !state.isDelayed, wakes.advanced(by: .milliseconds(100)) < now {
        sleep(until: now.advanced(by: .milliseconds(500)), &state)
        state.isDelayed = true
        return []
      }
      let due = state.entries.filter { $0.value.instant <= now }
      for token in due.keys { state.entries[token] = nil }
      if let earliest = state.entries.values.map(\.instant).min() {
        sleep(until: earliest, &state)
      } else {
        state.wakes = nil
        state.sleeper = nil
      }
      return due.values.map(\.action)
    }
    for action in due { action() }
  }
}
