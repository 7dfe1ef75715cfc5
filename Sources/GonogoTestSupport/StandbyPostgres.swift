import CSystem
import Glibc
import GonogoSystem

/// A real hot standby of ``EphemeralPostgres/shared()``: a copy of its data that follows it, and only reads.
public final class StandbyPostgres: Sendable {
  private let process: GuardedProcess
  private let directory: String
  private let port: Int

  /// Copies the server as it is now, and starts the copy.
  ///
  /// - Throws: ``EphemeralPostgres/Failure`` with what the programs said.
  public init() throws {
    let primary = try EphemeralPostgres.shared()
    guard let binaries = EphemeralPostgres.directory else {
      throw EphemeralPostgres.Failure(description: EphemeralPostgres.reason)
    }
    directory = try GuardedProcess.unprivilegedDirectory(prefix: "gonogo-standby")
    port = GuardedProcess.freePort()
    let settings = [
      "listen_addresses=", "port=\(port)", "unix_socket_directories=\(directory)", "fsync=off", "hot_standby=on",
      "shared_buffers=32MB", "max_connections=200", "jit=off", "log_min_messages=fatal", "lc_messages=C",
      "dynamic_shared_memory_type=mmap",
    ]
    let script = """
      backup=$1; postgres=$2; data=$3; host=$4; port=$5; shift 5
      "$backup" -h "$host" -p "$port" -U postgres -D "$data" -X stream -R -c fast --no-sync \
        && exec "$postgres" -D "$data" "$@"
      """
    process = try GuardedProcess(
      GuardedProcess.unprivileged(
        [
          "sh", "-c", script, "sh", "\(binaries)/pg_basebackup", "\(binaries)/postgres", "\(directory)/data",
          primary.socketDirectory, "\(primary.port)",
        ] + settings.flatMap { ["-c", $0] }), directory: directory, stopSignal: "QUIT")
    let clock = SystemClock()
    let deadline = clock.ticks() + 60_000
    while true {
      let state =
        (try? FileSystem.read("\(directory)/data/postmaster.pid")).map { String(decoding: $0, as: UTF8.self) } ?? ""
      if state.split(separator: "\n").last.map({ $0.hasPrefix("ready") }) == true { break }
      if clock.ticks() > deadline || !process.isRunning {
        let log = process.log
        process.stop()
        throw EphemeralPostgres.Failure(description: "the standby did not start: \(log)")
      }
      usleep(5000)
    }
  }

  deinit { process.stop() }

  /// A connection string for the superuser, over the standby's own socket.
  public func connection(database: String) -> String {
    "host=\(directory) port=\(port) user=postgres dbname=\(database)"
  }
}
