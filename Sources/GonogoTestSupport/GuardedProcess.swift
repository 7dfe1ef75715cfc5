import CSystem
import Glibc
import GonogoSystem
import Synchronization

/// A server for tests that cannot outlive the process that started it.
///
/// A small shell stands between: it waits on a pipe that only this process holds, and when that closes, however this process
/// ended, it stops the server and removes its directory.
public final class GuardedProcess: Sendable {
  /// The directory that goes when the server goes; its output is in `log` there.
  public let directory: String
  private let guardian: pid_t
  private let pipe: Mutex<Int32>
  private static let running = Mutex<[GuardedProcess]>([])
  private static let cleansAtExit: Void = {
    atexit { GuardedProcess.stopAll() }
    return
  }()

  private static let script = """
    directory=$1; stop=$2; shift 2
    "$@" >>"$directory/log" 2>&1 </dev/null &
    server=$!
    cat >/dev/null
    while kill -"$stop" "$server" 2>/dev/null; do sleep 0.02; done
    wait "$server"
    rm -rf -- "$directory"
    """

  /// Starts a server.
  ///
  /// - Parameters:
  ///   - arguments: the program and its arguments.
  ///   - directory: removed at the end.
  ///   - stopSignal: what ends it, such as `TERM`.
  /// - Throws: ``Subprocess/Failure`` where no shell can be started.
  public init(_ arguments: [String], directory: String, stopSignal: String) throws {
    _ = Self.cleansAtExit
    self.directory = directory
    var ends: [Int32] = [-1, -1]
    guard Glibc.pipe(&ends) == 0 else { throw Subprocess.Failure.cannotStart("sh", code: errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    let settings = ["PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8", "TZ": "UTC"]
    do {
      guardian = try ChildProcess.spawn(
        "/bin/sh", ["sh", "-c", Self.script, "sh", directory, stopSignal] + arguments, environment: settings
      ) {
        posix_spawn_file_actions_adddup2(&$0, ends[0], 0)
        posix_spawn_file_actions_addopen(&$0, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&$0, 2, "/dev/null", O_WRONLY, 0)
      }
    } catch {
      close(ends[1])
      throw Subprocess.Failure.cannotStart("sh", code: error.code)
    }
    pipe = Mutex(ends[1])
    Self.running.withLock { $0.append(self) }
  }

  /// Whether the shell that guards the server is still there.
  public var isRunning: Bool { kill(guardian, 0) == 0 && waitpid(guardian, nil, WNOHANG) == 0 }

  /// What the server printed.
  public var log: String {
    (try? FileSystem.read("\(directory)/log")).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// Ends the server and waits until it and its directory are gone.
  public func stop() {
    let open = pipe.withLock { descriptor in
      defer { descriptor = -1 }
      return descriptor
    }
    guard open >= 0 else { return }
    close(open)
    waitpid(guardian, nil, 0)
    Self.running.withLock { $0.removeAll { $0 === self } }
  }

  private static func stopAll() { for process in running.withLock({ $0 }) { process.stop() } }

  /// Whether a program is there, in the directories of administrators too.
  public static func find(_ program: String) -> Bool {
    Subprocess.find(program) != nil || ["/usr/sbin", "/sbin"].contains { FileSystem.exists("\($0)/\(program)") }
  }

  /// Lets the unprivileged user read a file that this process wrote.
  public static func makeReadable(_ path: String) { chmod(path, 0o644) }

  /// Waits a little, for whoever looks again and again.
  public static func rest() { usleep(5000) }

  /// A port of the loopback that was free a moment ago.
  public static func freePort() -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        guard bind(descriptor, generic, length) == 0, getsockname(descriptor, generic, &length) == 0 else { return 0 }
        return Int(UInt16(bigEndian: pointer.pointee.sin_port))
      }
    }
  }

  /// The words that run a program as an unprivileged user, where this process is root.
  public static func unprivileged(_ arguments: [String]) -> [String] {
    geteuid() == 0
      ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] + arguments : arguments
  }

  /// A directory that the unprivileged user owns; in memory where that is to be had.
  public static func unprivilegedDirectory(prefix: String) throws -> String {
    var path: String
    var template = Array("/dev/shm/\(prefix)-XXXXXX".utf8CString)
    if mkdtemp(&template) != nil {
      path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    } else {
      path = try FileSystem.makeTemporaryDirectory(prefix: prefix)
    }
    if geteuid() == 0, let user = getpwnam("postgres") { chown(path, user.pointee.pw_uid, user.pointee.pw_gid) }
    return path
  }
}
