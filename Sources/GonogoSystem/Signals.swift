import CSystem
import Glibc
import Synchronization

/// The end of the pipe that the signal handler writes to. Set once, before the handler is installed.
private nonisolated(unsafe) var signalPipe: Int32 = -1

/// Signals, told to a thread of their own: the signal handler writes one byte to a pipe, and does nothing else.
///
/// sigwait(3) would be simpler, and does not work here: the main thread of a program with an asynchronous `main` ends in
/// `dispatch_main`, which waits in sigsuspend(2) with every signal unblocked, whatever mask it was given.
public enum Signals {
  private struct State {
    var handler: (@Sendable (Int32) -> Void)?
    var installed = false
  }

  private static let state = Mutex(State())

  /// A write to a pipe that nobody reads is an error of that write, not the end of the process.
  public static func ignorePipe() { signal(SIGPIPE, SIG_IGN) }

  /// Has `handler` called, on a thread of its own, for each of the signals; instead of whatever was called before. A signal
  /// that the parent has had ignored (a shell's background job, nohup) stays ignored.
  public static func handle(_ signals: [Int32], _ handler: @escaping @Sendable (Int32) -> Void) {
    let installed = state.withLock { state in
      defer { state.installed = true }
      state.handler = handler
      return state.installed
    }
    if installed { return }
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
    signalPipe = ends[1]
    listen(ends[0])
    for number in signals {
      var old = sigaction()
      sigaction(number, nil, &old)
      if gonogo_is_ignored(&old) != 0 { continue }
      var action = sigaction()
      gonogo_set_handler(&action) { number in
        let saved = errno
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(signalPipe, &byte, 1)
        errno = saved
      }
      sigaction(number, &action, nil)
    }
  }

  private static func listen(_ reader: Int32) {
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { context in
        let reader = Int32(Int(bitPattern: context))
        var byte: UInt8 = 0
        while true {
          let count = read(reader, &byte, 1)
          if count == 1 {
            Signals.state.withLock { $0.handler }?(Int32(byte))
          } else if count == 0 || errno != EINTR {
            return nil
          }
        }
      }, UnsafeMutableRawPointer(bitPattern: Int(reader)))
    pthread_detach(thread)
  }
}
