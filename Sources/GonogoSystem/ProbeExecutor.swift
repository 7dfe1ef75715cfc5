private import COpenSSL  // the first of the C modules to include <pthread.h>, so that its types are its own
import CSystem
import Glibc
import Synchronization

/// Threads for probes. A job that finds no idle thread gets a new one, so that a C call that blocks never holds up another
/// probe; Swift's own pool has one thread a core, and would.
public final class ProbeExecutor: TaskExecutor, Sendable {
  private struct State {
    var queue: [UnownedJob] = []
    var idle = 0
    var threads = 0
  }

  private final class Shared: Sendable {
    let state = Mutex(State())
    nonisolated(unsafe) let condition: UnsafeMutablePointer<pthread_cond_t>
    nonisolated(unsafe) let mutex: UnsafeMutablePointer<pthread_mutex_t>

    init() {
      condition = .allocate(capacity: 1)
      mutex = .allocate(capacity: 1)
      pthread_cond_init(condition, nil)
      pthread_mutex_init(mutex, nil)
    }
  }

  private let shared = Shared()
  private let limit: Int

  /// - Parameter limit: the most threads, those lost to calls that never return included.
  public init(limit: Int = 256) { self.limit = limit }

  public func enqueue(_ job: consuming ExecutorJob) {
    let unowned = UnownedJob(job)
    let start = shared.state.withLock { state in
      state.queue.append(unowned)
      if state.queue.count > state.idle, state.threads < limit {
        state.threads += 1
        return true
      }
      return false
    }
    if start {
      spawn()
    } else {
      pthread_mutex_lock(shared.mutex)
      pthread_cond_signal(shared.condition)
      pthread_mutex_unlock(shared.mutex)
    }
  }

  private func spawn() {
    var thread = pthread_t()
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    pthread_attr_setstacksize(&attributes, 1 << 20)
    let box = Unmanaged.passRetained(self)
    let code = pthread_create(
      &thread, &attributes,
      { context in
        Unmanaged<ProbeExecutor>.fromOpaque(context!).takeRetainedValue().work()
        return nil
      }, box.toOpaque())
    pthread_attr_destroy(&attributes)
    if code != 0 {
      box.release()
      shared.state.withLock { $0.threads -= 1 }
    }
  }

  private func work() {
    while true {
      let job: UnownedJob? = shared.state.withLock { state in
        if state.queue.isEmpty {
          state.idle += 1
          return nil
        }
        return state.queue.removeFirst()
      }
      if let job {
        job.runSynchronously(on: asUnownedTaskExecutor())
        continue
      }
      pthread_mutex_lock(shared.mutex)
      while shared.state.withLock({ $0.queue.isEmpty }) { pthread_cond_wait(shared.condition, shared.mutex) }
      pthread_mutex_unlock(shared.mutex)
      shared.state.withLock { $0.idle -= 1 }
    }
  }
}
