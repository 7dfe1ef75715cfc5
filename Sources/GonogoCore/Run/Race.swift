import Synchronization

/// Runs `operation` against a deadline and a request to stop, and does not wait for the loser.
///
/// A structured timeout would: a task group awaits its children, and a C call that blocks ignores cancellation. So the
/// operation is a task of its own on the probes' threads, and whoever comes first resumes the caller.
///
/// - Parameter grace: milliseconds beyond the deadline in which the operation may still say itself that its time is up: it
///   knows what it was waiting for.
func race(
  milliseconds: Int, grace: Int, deadlines: Deadlines, interruption: Interruption, executor: (any TaskExecutor)?,
  operation: @escaping @Sendable () async throws(ProbeError) -> Observation
) async -> Result<Observation, ProbeError> {
  let finish = Finish<Result<Observation, ProbeError>>()
  return await withCheckedContinuation { continuation in
    finish.set(continuation)
    let work = Task(executorPreference: executor) {
      do throws(ProbeError) { finish(.success(try await operation())) } catch { finish(.failure(error)) }
    }
    let timer = deadlines.add(milliseconds: milliseconds + grace) {
      finish(
        .failure(
          ProbeError(
            .timedOut, "no answer within \(Quantity.describe(milliseconds: milliseconds))",
            mend: "see whether the peer hangs, or give the line more time with `timeout:`")))
      work.cancel()
    }
    let token = interruption.onRequest {
      finish(.failure(ProbeError(.interrupted, "the run was interrupted while this was being looked at")))
      work.cancel()
    }
    finish.onFinish {
      deadlines.remove(timer)
      interruption.remove(token)
    }
  }
}

/// Waits, unless the run is stopped first.
func pause(milliseconds: Int, interruption: Interruption) async {
  let finish = Finish<Void>()
  await withCheckedContinuation { continuation in
    finish.set(continuation)
    let timer = Task {
      try? await Task.sleep(nanoseconds: UInt64(milliseconds) * 1_000_000)
      finish(())
    }
    let token = interruption.onRequest { finish(()) }
    finish.onFinish {
      timer.cancel()
      interruption.remove(token)
    }
  }
}

/// Resumes a continuation once.
private final class Finish<Value: Sendable>: Sendable {
  private struct State {
    var continuation: CheckedContinuation<Value, Never>?
    var done = false
    var cleanUp: (@Sendable () -> Void)?
  }
  private let state = Mutex(State())

  func set(_ continuation: CheckedContinuation<Value, Never>) {
    state.withLock { $0.continuation = continuation }
  }

  func onFinish(_ action: @escaping @Sendable () -> Void) {
    let now = state.withLock { state in
      if state.done { return true }
      state.cleanUp = action
      return false
    }
    if now { action() }
  }

  func callAsFunction(_ result: Value) {
    let (continuation, cleanUp) = state.withLock { state in
      defer {
        state.continuation = nil
        state.cleanUp = nil
        state.done = true
      }
      return (state.continuation, state.cleanUp)
    }
    cleanUp?()
    continuation?.resume(returning: result)
  }
}
