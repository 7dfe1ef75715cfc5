import GonogoSystem

/// A real redis-server on 127.0.0.1, at a port of its own, empty, that ends with the tests.
public final class EphemeralRedis: Sendable {
  /// Why it cannot run here; `nil` where it can. For `.enabled(if:)`.
  public static let isAvailable = Subprocess.find("redis-server") != nil

  /// The plain port; `nil` where only TLS is served.
  public let port: Int
  /// The TLS port, where there is one.
  public let tlsPort: Int?
  /// The local socket.
  public let socket: String
  public let directory: TemporaryDirectory
  private let server: WatchedServer

  /// - Parameters:
  ///   - tls: what the TLS port presents.
  ///   - acl: lines as for ACL SETUSER: `"reader on >secret ~* +@read"`.
  ///   - settings: further lines of redis.conf.
  public init(tls: CertificateForge.Identity? = nil, acl: [String] = [], settings: [String] = []) throws {
    let directory = try TemporaryDirectory()
    self.directory = directory
    socket = "\(directory.path)/redis.sock"
    var attempt = 0
    while true {
      attempt += 1
      let plain = WatchedServer.freePort()
      let secure = tls == nil ? nil : WatchedServer.freePort()
      var lines = [
        "bind 127.0.0.1", "port \(plain)", "unixsocket \(socket)", "dir \(directory.path)", "save \"\"",
        "appendonly no", "daemonize no",
      ]
      if let tls, let secure {
        lines += [
          "tls-port \(secure)", "tls-cert-file \(tls.chain)", "tls-key-file \(tls.key)",
          "tls-ca-cert-file \(tls.authority)",
          "tls-auth-clients no",
        ]
      }
      lines += acl.map { "user \($0)" } + settings
      let path = try directory.write(lines.joined(separator: "\n") + "\n", to: "redis.conf")
      do {
        server = try WatchedServer(["redis-server", path], directory: directory.path) {
          WatchedServer.listens(plain) && (secure.map(WatchedServer.listens) ?? true)
        }
        port = plain
        tlsPort = secure
        return
      } catch { if attempt == 5 { throw error } }  // another took the port in between
    }
  }

  public var url: String { "redis://127.0.0.1:\(port)/0" }

  /// Runs commands as redis-cli reads them, a line each, and gives what it prints.
  @discardableResult
  public func run(_ commands: String, arguments: [String] = []) throws -> String {
    var process = Subprocess(
      ["redis-cli", "-s", socket] + arguments, environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"])
    process.input = Array((commands + "\n").utf8)
    return String(decoding: try process.run(milliseconds: 10_000).output, as: UTF8.self)
  }
}
