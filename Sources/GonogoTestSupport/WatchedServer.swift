import CSystem
import Glibc
import GonogoSystem

/// A server program that ends with the test process, however that ends: a shell stands beside it and kills it when the
/// pipe from here breaks, which even SIGKILL brings about.
public final class WatchedServer: Sendable {
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  private let watcher: pid_t
  private let lifeline: Int32
  /// What the program prints, both streams.
  public let log: String

  /// - Parameter ready: asked every few milliseconds, until it says yes.
  /// - Throws: ``Failure`` with the end of the log, where the program ends first or is not ready in ten seconds.
  public init(
    _ arguments: [String], directory: String, environment: [String: String] = [:], ready: () -> Bool
  ) throws {
    guard let program = Subprocess.find(arguments[0]) else {
      throw Failure(description: "\(arguments[0]) is not installed")
    }
    log = FileSystem.join(directory, "server.log")
    // Not pipe(2): between it and fcntl(2) another thread could start a program that inherits the end, and keeps it open.
    var ends: [Int32] = [-1, -1]
    let flags = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, flags, 0, &ends) == 0 else { throw Failure(description: "no pair of sockets") }
    let script = """
      exec 3<&0 </dev/null >>"$1" 2>&1; shift
      "$@" 3<&- & child=$!
      ( read -r _ <&3; kill -9 $child ) &
      exec 3<&-
      wait $child
      """
    let words = ["sh", "-c", script, "sh", log, program] + arguments.dropFirst()
    var variables = ["PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"]
    variables.merge(environment) { _, new in new }
    defer { close(ends[0]) }
    do {
      watcher = try ChildProcess.spawn("/bin/sh", words, environment: variables) {
        posix_spawn_file_actions_adddup2(&$0, ends[0], 0)
        posix_spawn_file_actions_addchdir_np(&$0, directory)
      }
    } catch {
      close(ends[1])
      throw Failure(description: error.description)
    }
    lifeline = ends[1]
    let clock = SystemClock()
    let deadline = clock.ticks() + 10_000
    while !ready() {
      var status: Int32 = 0
      let ended = waitpid(watcher, &status, WNOHANG) == watcher
      if ended || clock.ticks() > deadline {
        let text = (try? FileSystem.read(log)).map { String(decoding: $0.suffix(2000), as: UTF8.self) } ?? ""
        throw Failure(description: "\(arguments[0]) \(ended ? "ended" : "is not ready"): \(text)")
      }
      usleep(5000)
    }
  }

  deinit {
    close(lifeline)
    var status: Int32 = 0
    waitpid(watcher, &status, 0)
  }

  /// A port of 127.0.0.1 that was free a moment ago.
  public static func freePort() -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    return Loopback.bind(descriptor, port: 0)
  }

  /// Whether something listens there.
  public static func listens(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    return Loopback.connect(descriptor, port: port)
  }
}

/// 127.0.0.1, for sockets.
enum Loopback {
  private static func with<Result>(
    _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  /// Binds, and gives the port.
  static func bind(_ descriptor: Int32, port: Int) -> Int {
    var on: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    guard with(port, { Glibc.bind(descriptor, $0, $1) }) == 0 else { return 0 }
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    return Int(UInt16(bigEndian: address.sin_port))
  }

  static func connect(_ descriptor: Int32, port: Int) -> Bool {
    with(port) { Glibc.connect(descriptor, $0, $1) } == 0
  }
}
