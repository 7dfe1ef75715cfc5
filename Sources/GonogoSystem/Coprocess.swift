import CSystem
import Glibc
import Synchronization

/// A program that answers one question after another on its standard input, such as `git cat-file --batch`, for as long as
/// this is held. What it complains of goes nowhere.
public final class Coprocess: Sendable {
  private struct State {
    var child: pid_t
    let input: Pipe
    let output: Pipe
    /// What was read and not taken yet, from `taken` on.
    var buffer: [UInt8] = []
    var taken = 0
  }

  /// `nil` once it has ended, or has not answered.
  private let state: Mutex<State?>

  /// - Throws: where it is not there, or may not be run.
  public init(_ program: Subprocess) throws(Subprocess.Failure) {
    guard let input = Pipe(), let output = Pipe() else {
      throw .cannotStart(program.arguments.first ?? "", code: errno)
    }
    let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
    defer { if nowhere >= 0 { close(nowhere) } }
    let child = try program.start(reading: input.reader, writing: output.writer, complaining: nowhere)
    Subprocess.running.withLock { _ = $0.insert(child) }
    input.closeReader()
    output.closeWriter()
    for end in [input.writer, output.reader] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    state = Mutex(State(child: child, input: input, output: output))
  }

  deinit { state.withLock { Self.end(&$0) } }

  /// Asks, and reads the answer: a line, and then as many bytes as `count` takes from that line.
  ///
  /// - Parameter count: the bytes that follow a line, which comes without its end.
  /// - Returns: the line and the bytes; `nil` where it did not answer in time, or has ended: it is then ended, and every further
  ///   question gets `nil`.
  public func ask(
    _ question: [UInt8], milliseconds: Int, count: (ArraySlice<UInt8>) -> Int
  ) -> (line: [UInt8], bytes: [UInt8])? {
    let deadline = SystemClock().ticks() + Int64(milliseconds)
    return state.withLock { state in
      guard state != nil else { return nil }
      if Self.send(question, state!.input.writer, deadline), let line = Self.line(&state!, deadline) {
        let wanted = count(line[...])
        if wanted == 0 { return (line, []) }
        if let bytes = Self.take(wanted, &state!, deadline) { return (line, bytes) }
      }
      Self.end(&state)
      return nil
    }
  }

  private static func end(_ state: inout State?) {
    guard let ended = state else { return }
    kill(-ended.child, SIGKILL)
    var status: Int32 = 0
    while waitpid(ended.child, &status, 0) < 0, errno == EINTR {}
    Subprocess.running.withLock { _ = $0.remove(ended.child) }
    state = nil
  }

  private static func wait(_ descriptor: Int32, _ events: Int32, _ deadline: Int64) -> Bool {
    while true {
      let left = deadline - SystemClock().ticks()
      if left <= 0 { return false }
      var one = pollfd(fd: descriptor, events: Int16(events), revents: 0)
      let ready = poll(&one, 1, Int32(clamping: left))
      if ready > 0 { return true }
      if ready < 0, errno != EINTR { return false }
    }
  }

  private static func send(_ bytes: [UInt8], _ writer: Int32, _ deadline: Int64) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(writer, $0.baseAddress! + sent, bytes.count - sent) }
      if count > 0 {
        sent += count
      } else if errno == EAGAIN {
        if !wait(writer, POLLOUT, deadline) { return false }
      } else if errno != EINTR {
        return false
      }
    }
    return true
  }

  /// Reads what is there behind what is not taken yet.
  private static func fill(_ state: inout State, _ deadline: Int64) -> Bool {
    if state.taken > 0 {
      state.buffer.removeFirst(state.taken)
      state.taken = 0
    }
    while true {
      let old = state.buffer.count
      let room = 65_536
      state.buffer.append(contentsOf: repeatElement(0, count: room))
      let count = state.buffer.withUnsafeMutableBytes {
        Glibc.read(state.output.reader, $0.baseAddress! + old, room)
      }
      let code = errno
      state.buffer.removeLast(room - max(0, count))
      if count > 0 { return true }
      if count == 0 { return false }
      if code == EAGAIN {
        if !wait(state.output.reader, POLLIN, deadline) { return false }
      } else if code != EINTR {
        return false
      }
    }
  }

  private static func line(_ state: inout State, _ deadline: Int64) -> [UInt8]? {
    while true {
      if let end = state.buffer[state.taken...].firstIndex(of: 0x0A) {
        let line = Array(state.buffer[state.taken..<end])
        state.taken = end + 1
        return line
      }
      if !fill(&state, deadline) { return nil }
    }
  }

  private static func take(_ count: Int, _ state: inout State, _ deadline: Int64) -> [UInt8]? {
    while state.buffer.count - state.taken < count {
      if !fill(&state, deadline) { return nil }
    }
    let bytes = Array(state.buffer[state.taken..<state.taken + count])
    state.taken += count
    return bytes
  }
}
