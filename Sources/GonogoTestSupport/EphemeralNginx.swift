import CSystem
import Glibc
public import GonogoSystem

/// nginx in the foreground on a port of its own, with one server block.
public final class EphemeralNginx: Sendable {
  public let port: Int
  private let process: Int32

  /// - Parameters:
  ///   - directory: where its files go; names in `server` are seen from there.
  ///   - server: what stands in the server block; `PORT` stands for the port.
  /// - Throws: ``SystemError`` where it does not come up within ten seconds.
  public init(directory: TemporaryDirectory, server: String, workers: Int = 1) throws(SystemError) {
    port = try LoopbackSocket.unusedPort()
    let path = directory.path
    let user = getuid() == 0 ? "user root;" : ""
    let configuration = """
      daemon off; master_process \(workers > 1 ? "on" : "off"); worker_processes \(workers); pid \(path)/nginx.pid; error_log \(path)/nginx.log; \(user)
      events { worker_connections 4096; }
      http {
        access_log off; default_type text/plain; keepalive_requests 1000000;
        client_body_temp_path \(path)/b; proxy_temp_path \(path)/p; fastcgi_temp_path \(path)/f;
        uwsgi_temp_path \(path)/u; scgi_temp_path \(path)/s;
        server { \(server.replacing("PORT", with: String(port))) }
      }
      """
    do { try directory.write(configuration, to: "nginx.conf") } catch { throw SystemError("write", "nginx.conf") }
    let arguments = ["nginx", "-e", "\(path)/nginx.log", "-p", path, "-c", "\(path)/nginx.conf"]
    // Nothing of the test runner's goes along: its output would stay open.
    process = try ChildProcess.spawn("/usr/sbin/nginx", arguments, environment: [:]) {
      for descriptor: Int32 in 0...2 { posix_spawn_file_actions_addopen(&$0, descriptor, "/dev/null", O_RDWR, 0) }
    }
    for _ in 0..<1000 {
      if Self.answers(port) { return }
      usleep(10_000)
    }
    stop()
    throw SystemError("reach", "nginx", code: ETIMEDOUT)
  }

  private static func answers(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }

  public func stop() {
    if kill(process, SIGTERM) == 0 {
      var status: Int32 = 0
      waitpid(process, &status, 0)
    }
  }
}
