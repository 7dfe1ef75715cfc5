import CSystem
import Glibc
import GonogoSystem
import Synchronization

/// A real PostgreSQL on the loopback for tests: started once a process, gone with it.
///
/// Over TCP it asks for passwords (SCRAM); over its socket directory it trusts. Nothing is synced to disk.
public final class EphemeralPostgres: Sendable {
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  public let port: Int
  /// Where its Unix socket is: `host=` of a connection string.
  public let socketDirectory: String
  /// The superuser is `postgres`; this is its password.
  public let superuserPassword = "sup3r-us3r-w0rd"
  private let process: GuardedProcess
  private let binaries: String
  private let creating = Mutex(())

  private static let one = Mutex<Result<EphemeralPostgres, Failure>?>(nil)

  /// The server of this process, started at the first call.
  ///
  /// - Throws: ``Failure`` with what the server said, every time, where it could not be started.
  public static func shared() throws -> EphemeralPostgres {
    try one.withLock { one in
      if let one { return one }
      let made: Result<EphemeralPostgres, Failure>
      do { made = .success(try EphemeralPostgres()) } catch let error as Failure { made = .failure(error) } catch {
        made = .failure(Failure(description: "\(error)"))
      }
      one = made
      return made
    }.get()
  }

  /// Whether this machine has the server's programs: for `.enabled(if:)`.
  public static var isAvailable: Bool { directory != nil }
  public static let reason = "PostgreSQL's server is not installed: apt-get install postgresql-15"

  /// The directory of `initdb`, `postgres` and `psql`: the newest version that is installed.
  public static let directory: String? = {
    let root = "/usr/lib/postgresql"
    let versions = ((try? FileSystem.list(root)) ?? []).sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }
    if let found = versions.map({ "\(root)/\($0)/bin" }).first(where: { FileSystem.exists("\($0)/initdb") }) {
      return found
    }
    return Subprocess.find("initdb").map(FileSystem.directory(of:))
  }()

  private init() throws {
    guard let binaries = Self.directory else { throw Failure(description: Self.reason) }
    self.binaries = binaries
    let base = try GuardedProcess.unprivilegedDirectory(prefix: "gonogo-pg")
    socketDirectory = base
    let data = "\(base)/data"
    do {
      let passwordFile = "\(base)/password"
      try FileSystem.writeAtomically(Array(superuserPassword.utf8), to: passwordFile)
      chmod(passwordFile, 0o644)
      let made = try Subprocess(
        GuardedProcess.unprivileged([
          "\(binaries)/initdb", "-D", data, "-U", "postgres", "--pwfile=\(passwordFile)", "--auth-local=trust",
          "--auth-host=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions",
        ]), environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"], directory: base
      ).run(milliseconds: 60_000)
      guard made.status == 0 else {
        throw Failure(description: "initdb: \(String(decoding: made.error, as: UTF8.self))")
      }
      try? FileSystem.remove(passwordFile)
    } catch {
      try? FileSystem.remove(base)
      throw error
    }
    let port = GuardedProcess.freePort()
    self.port = port
    let settings = [
      "listen_addresses=127.0.0.1", "port=\(port)", "unix_socket_directories=\(base)", "fsync=off",
      "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "shared_buffers=32MB",
      "max_wal_size=128MB", "autovacuum=off", "jit=off", "log_min_messages=fatal", "lc_messages=C",
      "dynamic_shared_memory_type=mmap",
    ]
    process = try GuardedProcess(
      GuardedProcess.unprivileged(["\(binaries)/postgres", "-D", data] + settings.flatMap { ["-c", $0] }),
      directory: base, stopSignal: "QUIT")
    // The server writes its state to the last line of this file (postmaster.pid, LOCK_FILE_LINE_PM_STATUS).
    let clock = SystemClock()
    let deadline = clock.ticks() + 30_000
    while true {
      let state = (try? FileSystem.read("\(data)/postmaster.pid")).map { String(decoding: $0, as: UTF8.self) } ?? ""
      if state.split(separator: "\n").last.map({ $0.hasPrefix("ready") }) == true { break }
      if clock.ticks() > deadline || !process.isRunning {
        let log = process.log
        process.stop()
        throw Failure(description: "PostgreSQL did not start: \(log)")
      }
      usleep(5000)
    }
  }

  /// A connection URI over TCP. Without a password, for the superuser, its own is taken.
  public func url(database: String = "postgres", user: String = "postgres", password: String? = nil) -> String {
    let word = password ?? (user == "postgres" ? superuserPassword : nil)
    return "postgresql://\(user)\(word.map { ":\($0)" } ?? "")@127.0.0.1:\(port)/\(database)"
  }

  /// Makes a database, runs `sql` in it as the superuser, and gives the superuser's URI for it. Roles are of the whole
  /// server: give them names of their own.
  ///
  /// - Throws: ``Failure`` with what the server said.
  @discardableResult
  public func createDatabase(named name: String, sql: String = "") throws -> String {
    _ = try creating.withLock { _ in
      try run("CREATE DATABASE \"\(name.replacing("\"", with: "\"\""))\" TEMPLATE template0", database: "postgres")
    }
    if !sql.isEmpty { try run(sql, database: name) }
    return url(database: name)
  }

  /// Runs SQL as the superuser, statement by statement, and gives what psql printed, unaligned.
  ///
  /// - Throws: ``Failure`` with what the server said.
  @discardableResult
  public func run(_ sql: String, database: String) throws -> String {
    var psql = Subprocess(
      [
        "\(binaries)/psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", socketDirectory, "-p", "\(port)",
        "-U", "postgres", "-d", database, "-f", "-",
      ], environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"])
    psql.input = Array(sql.utf8)
    let outcome = try psql.run(milliseconds: 60_000)
    guard outcome.status == 0 else { throw Failure(description: String(decoding: outcome.error, as: UTF8.self)) }
    var output = String(decoding: outcome.output, as: UTF8.self)
    if output.hasSuffix("\n") { output.removeLast() }
    return output
  }
}
