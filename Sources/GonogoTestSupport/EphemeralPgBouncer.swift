import GonogoSystem

/// A real PgBouncer on 127.0.0.1 before an ``EphemeralPostgres``, gone with the tests.
public final class EphemeralPgBouncer: Sendable {
  public enum Mode: String, Sendable {
    case transaction, session
  }

  public static let isAvailable = GuardedProcess.find("pgbouncer") && EphemeralPostgres.isAvailable
  public static let reason = "PgBouncer is not installed: apt-get install pgbouncer postgresql-15"

  public let port: Int
  private let process: GuardedProcess
  private let users: [String: String]

  /// - Parameters:
  ///   - size: how many server connections a pool has.
  ///   - users: passwords by user; PostgreSQL itself trusts who comes through its socket.
  ///   - settings: further lines of its section `[pgbouncer]`.
  /// - Throws: ``EphemeralPostgres/Failure`` with what it said, where it does not start.
  public init(
    _ postgres: EphemeralPostgres, mode: Mode, size: Int = 4, users: [String: String] = [:], settings: [String] = []
  ) throws {
    var users = users
    users["postgres"] = postgres.superuserPassword
    self.users = users
    let directory = try GuardedProcess.unprivilegedDirectory(prefix: "gonogo-pgb")
    let port = GuardedProcess.freePort()
    self.port = port
    let list = users.sorted { $0.key < $1.key }.map { "\"\($0.key)\" \"\($0.value)\"" }.joined(separator: "\n")
    let configuration = """
      [databases]
      * = host=\(postgres.socketDirectory) port=\(postgres.port)
      [pgbouncer]
      listen_addr = 127.0.0.1
      listen_port = \(port)
      unix_socket_dir =
      auth_type = plain
      auth_file = \(directory)/users.txt
      pool_mode = \(mode.rawValue)
      default_pool_size = \(size)
      \(settings.joined(separator: "\n"))

      """
    for (name, text) in [("users.txt", list + "\n"), ("pgbouncer.ini", configuration)] {
      try FileSystem.writeAtomically(Array(text.utf8), to: "\(directory)/\(name)")
      GuardedProcess.makeReadable("\(directory)/\(name)")
    }
    process = try GuardedProcess(
      GuardedProcess.unprivileged(["pgbouncer", "\(directory)/pgbouncer.ini"]), directory: directory, stopSignal: "INT")
    let clock = SystemClock()
    let deadline = clock.ticks() + 10_000
    while !WatchedServer.listens(port) {
      if clock.ticks() > deadline || !process.isRunning {
        let log = process.log
        process.stop()
        throw EphemeralPostgres.Failure(description: "PgBouncer did not start: \(log)")
      }
      GuardedProcess.rest()
    }
  }

  public func url(database: String, user: String = "postgres") -> String {
    "postgresql://\(user):\(users[user] ?? "")@127.0.0.1:\(port)/\(database)"
  }

  public func stop() { process.stop() }
}
