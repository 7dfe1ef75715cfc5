import CSystem
import Glibc
import Synchronization

/// Runs a program: no shell, its own process group, bounded output, a deadline that is kept.
///
/// posix_spawn(3) and poll(2), because `Foundation.Process` costs 40 ms a call and has neither bound nor deadline.
public struct Subprocess: Sendable {
  public enum Failure: Error, Sendable, Equatable {
    /// The program is not there, or may not be run.
    case cannotStart(String, code: Int32)
    case timedOut(milliseconds: Int)
  }

  public struct Outcome: Sendable, Equatable {
    /// The exit status; `nil` where a signal ended it.
    public let status: Int32?
    public let signal: Int32?
    public let output: [UInt8]
    public let error: [UInt8]
    /// Output beyond the limit was dropped.
    public let truncated: Bool
  }

  public var arguments: [String]
  public var environment: [String: String]
  public var directory: String?
  public var input: [UInt8] = []
  /// The most bytes kept of each stream.
  public var limit = 4 << 20

  public init(_ arguments: [String], environment: [String: String], directory: String? = nil) {
    self.arguments = arguments
    self.environment = environment
    self.directory = directory
  }

  /// Where a program is found on the PATH; `nil` where it is not.
  public static func find(_ program: String, path: String? = nil) -> String? {
    if program.contains("/") { return access(program, X_OK) == 0 ? program : nil }
    let search = path ?? getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
    for directory in search.split(separator: ":") {
      let candidate = "\(directory)/\(program)"
      if access(candidate, X_OK) == 0, let status = try? FileSystem.status(candidate), status.isRegular {
        return candidate
      }
    }
    return nil
  }

  static let running = Mutex<Set<pid_t>>([])

  /// Kills whatever still runs, with its whole process group: for a program that ends, so that it leaves nothing behind.
  public static func killAll() {
    for child in running.withLock({ $0 }) { kill(-child, SIGKILL) }
  }

  /// Runs it to its end. Blocks the thread.
  ///
  /// - Throws: ``Failure``. At the deadline the whole process group is killed.
  public func run(milliseconds: Int) throws(Failure) -> Outcome {
    guard let output = Pipe(), let error = Pipe(), let input = Pipe() else {
      throw .cannotStart(arguments.first ?? "", code: errno)
    }
    let child = try start(reading: input.reader, writing: output.writer, complaining: error.writer)
    Self.running.withLock { _ = $0.insert(child) }
    defer { Self.running.withLock { _ = $0.remove(child) } }
    input.closeReader()
    output.closeWriter()
    error.closeWriter()
    return try collect(child, input: input, output: output, error: error, milliseconds: milliseconds)
  }

  /// Starts it with these descriptors as its standard input, output and error.
  func start(reading input: Int32, writing output: Int32, complaining error: Int32) throws(Failure) -> pid_t {
    guard let program = arguments.first else { throw .cannotStart("", code: ENOENT) }
    var launch = program
    if !program.contains("/") {
      guard let found = Self.find(program, path: environment["PATH"]) else { throw .cannotStart(program, code: ENOENT) }
      launch = found
    }
    do {
      return try ChildProcess.spawn(launch, arguments, environment: environment) { actions in
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, error, 2)
        if let directory { posix_spawn_file_actions_addchdir_np(&actions, directory) }
      }
    } catch {
      throw .cannotStart(program, code: error.code)
    }
  }

  private func collect(_ child: pid_t, input: Pipe, output: Pipe, error: Pipe, milliseconds: Int) throws(Failure)
    -> Outcome
  {
    let clock = SystemClock()
    let deadline = clock.ticks() + Int64(milliseconds)
    var texts: [[UInt8]] = [[], []]
    var truncated = false
    var open = [true, true]
    var sent = 0
    if self.input.isEmpty { input.closeWriter() } else { _ = fcntl(input.writer, F_SETFL, O_NONBLOCK) }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    var status: Int32 = 0
    var ended = false
    // A child that hands its output to a daemon keeps the pipes open for ever: when it has ended, what is there is read.
    while true {
      if !ended, waitpid(child, &status, WNOHANG) == child { ended = true }
      if ended && !open.contains(true) { break }
      let left = deadline - clock.ticks()
      if left <= 0 {
        kill(-child, SIGKILL)
        if !ended { waitpid(child, &status, 0) }
        throw .timedOut(milliseconds: milliseconds)
      }
      var polls = [
        pollfd(fd: open[0] ? output.reader : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: open[1] ? error.reader : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: input.writerIsOpen ? input.writer : -1, events: Int16(POLLOUT), revents: 0),
      ]
      let wait = ended ? 20 : (open.contains(true) ? min(left, 50) : min(left, 2))
      let ready = poll(&polls, 3, Int32(wait))
      if ended && ready == 0 { break }
      for stream in 0...1 where polls[stream].revents != 0 {
        let count = Glibc.read(stream == 0 ? output.reader : error.reader, &buffer, buffer.count)
        if count > 0 {
          let room = max(0, limit - texts[stream].count)
          texts[stream].append(contentsOf: buffer[..<min(room, count)])
          if count > room { truncated = true }
        } else if count == 0 || errno != EINTR {
          open[stream] = false
        }
      }
      if polls[2].revents != 0 {
        let rest = self.input.count - sent
        let count = self.input.withUnsafeBytes { Glibc.write(input.writer, $0.baseAddress! + sent, rest) }
        if count > 0 { sent += count }
        if sent == self.input.count || count < 0 && errno != EAGAIN && errno != EINTR { input.closeWriter() }
      }
    }
    return Outcome(
      status: gonogo_wifexited(status) != 0 ? gonogo_wexitstatus(status) : nil,
      signal: gonogo_wifsignaled(status) != 0 ? gonogo_wtermsig(status) : nil, output: texts[0], error: texts[1],
      truncated: truncated)
  }
}

/// Both ends of a pipe, closed when nobody holds it.
final class Pipe {
  private(set) var reader: Int32 = -1
  private(set) var writer: Int32 = -1

  init?() {
    var ends: [Int32] = [-1, -1]
    // pipe2(2), not pipe(2) and then fcntl(2): a program that another thread starts in between would inherit the ends, and
    // this one's output would not end before that program does.
    guard gonogo_pipe(&ends) == 0 else { return nil }
    reader = ends[0]
    writer = ends[1]
  }

  var writerIsOpen: Bool { writer >= 0 }

  func closeReader() {
    if reader >= 0 { close(reader) }
    reader = -1
  }

  func closeWriter() {
    if writer >= 0 { close(writer) }
    writer = -1
  }

  deinit {
    closeReader()
    closeWriter()
  }
}
