import CSystem
import Glibc

/// Signals, taken by a thread of their own: nothing runs inside a signal handler.
public enum Signals {
  /// Blocks the signals for the whole process. Before any other thread is made, so that all inherit it.
  public static func block(_ signals: [Int32]) {
    var mask = set(signals)
    pthread_sigmask(SIG_BLOCK, &mask, nil)
  }

  /// A write to a pipe that nobody reads is an error of that write, not the end of the process.
  public static func ignorePipe() { signal(SIGPIPE, SIG_IGN) }

  /// Calls `handler` on a thread of its own for each of the signals, which ``block(_:)`` has blocked.
  public static func handle(_ signals: [Int32], _ handler: @escaping @Sendable (Int32) -> Void) {
    let waiter = Waiter(signals: signals, handler: handler)
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { context in
        let waiter = Unmanaged<Waiter>.fromOpaque(context!).takeRetainedValue()
        var mask = Signals.set(waiter.signals)
        while true {
          var number: Int32 = 0
          if sigwait(&mask, &number) == 0 { waiter.handler(number) }
        }
      }, Unmanaged.passRetained(waiter).toOpaque())
    pthread_detach(thread)
  }

  fileprivate static func set(_ signals: [Int32]) -> sigset_t {
    var mask = sigset_t()
    sigemptyset(&mask)
    for signal in signals { sigaddset(&mask, signal) }
    return mask
  }

  private final class Waiter: Sendable {
    let signals: [Int32]
    let handler: @Sendable (Int32) -> Void
    init(signals: [Int32], handler: @escaping @Sendable (Int32) -> Void) {
      self.signals = signals
      self.handler = handler
    }
  }
}
