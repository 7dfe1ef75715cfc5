import CSystem
import Glibc
import GonogoCore
import GonogoSystem
import Synchronization

/// A PostgreSQL server for one run: on a Unix socket in a directory of its own, as an unprivileged user, without fsync, gone
/// with this process however it ends.
///
/// A small shell stands between. It waits on a pipe that only this process holds; when that closes, it stops the server and
/// removes the directory. Should the shell be killed, the kernel stops the server (prctl(2), PR_SET_PDEATHSIG).
final class ShadowCluster: Sendable {
  /// Where the socket is: libpq's `host`.
  let socketDirectory: String
  /// No port is opened; the number is a part of the socket's name.
  static let port = "5432"
  static let superuser = "postgres"

  private struct Guardian {
    var process: pid_t
    var pipe: Int32
  }
  private let guardian: Mutex<Guardian?>

  private static let script = """
    directory=$1; shift
    "$@" >>"$directory/log" 2>&1 </dev/null &
    server=$!
    trap '' INT TERM HUP
    cat >/dev/null
    kill -QUIT "$server" 2>/dev/null
    wait "$server"
    rm -rf -- "$directory"
    """

  /// Removes the directory where this process ends before the server, whose shell would, has been started. What a program
  /// that outlives this one still writes there goes with the next round.
  private static let watch = """
    directory=$1
    trap '' INT TERM HUP
    read -r word && [ "$word" = started ] && exit 0
    for round in 1 2 3 4 5; do rm -rf -- "$directory"; sleep 0.2; done
    """

  private static let environment = ["PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"]

  /// Where `initdb` and `postgres` are: the newest version of Debian's, else those on the PATH.
  ///
  /// - Throws: ``ProbeError`` of kind `tool-missing` with the command that installs them.
  static func binaries(_ given: String? = nil) throws(ProbeError) -> String {
    func isComplete(_ directory: String) -> Bool {
      ["initdb", "postgres"].allSatisfy { access("\(directory)/\($0)", X_OK) == 0 }
    }
    let mend = "apt-get install postgresql; or name a server to build it on with `server:`"
    if let given {
      if isComplete(given) { return given }
      throw ProbeError(.toolMissing, "there is no initdb and postgres in \(given)", asked: given, mend: mend)
    }
    let root = "/usr/lib/postgresql"
    let versions = ((try? FileSystem.list(root)) ?? []).sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }
    if let found = versions.map({ "\(root)/\($0)/bin" }).first(where: isComplete) { return found }
    if let found = Subprocess.find("postgres").map(FileSystem.directory(of:)), isComplete(found) { return found }
    throw ProbeError(
      .toolMissing, "PostgreSQL's server is not installed: no initdb and postgres in \(root)/*/bin or on the PATH",
      asked: "initdb", mend: mend)
  }

  /// Who the server runs as. PostgreSQL refuses to run as root.
  private struct User {
    let id: uid_t
    let group: gid_t
    /// What goes before a program's name so that it runs as this user, and ends when its parent does.
    let prefix: [String]

    init() throws(ProbeError) {
      let setpriv = Subprocess.find("setpriv")
      guard geteuid() == 0 else {
        id = geteuid()
        group = getegid()
        prefix = setpriv.map { [$0] } ?? []
        return
      }
      guard let setpriv else {
        throw ProbeError(
          .toolMissing, "PostgreSQL does not run as root, and setpriv, which would change the user, is not installed",
          asked: "setpriv", mend: "apt-get install util-linux, or run gonogo as another user")
      }
      guard let entry = getpwnam("postgres") ?? getpwnam("nobody"), entry.pointee.pw_uid != 0 else {
        throw ProbeError(
          .configuration, "PostgreSQL does not run as root, and there is no user 'postgres' or 'nobody' to run it as",
          mend: "adduser --system postgres, or run gonogo as another user")
      }
      id = entry.pointee.pw_uid
      group = entry.pointee.pw_gid
      prefix = [setpriv, "--reuid=\(id)", "--regid=\(group)", "--clear-groups"]
    }

    func running(_ arguments: [String]) -> [String] { prefix + arguments }

    func serving(_ arguments: [String]) -> [String] {
      prefix.isEmpty ? arguments : prefix + ["--pdeathsig", "QUIT"] + arguments
    }
  }

  /// Starts a server. Blocks the thread.
  ///
  /// - Parameter binaries: the directory of `initdb` and `postgres`; without one they are looked for.
  /// - Throws: ``ProbeError``: `tool-missing`, `timed-out`, or what the server said.
  init(binaries given: String? = nil, deadline: PostgresDeadline) throws(ProbeError) {
    let binaries = try Self.binaries(given)
    let user = try User()
    let base = try Self.makeDirectory(for: user)
    socketDirectory = base
    var watcher: Guardian?
    do throws(ProbeError) {
      watcher = try Self.start([], in: base, script: Self.watch)
      try Self.makeData(in: base, binaries: binaries, user: user, deadline: deadline)
      let settings = [
        "listen_addresses=", "port=\(Self.port)", "unix_socket_directories=\(base)", "unix_socket_permissions=0700",
        "fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=logical", "max_connections=60",
        "max_locks_per_transaction=256", "shared_buffers=32MB", "max_wal_size=64MB", "autovacuum=off", "jit=off",
        "log_min_messages=fatal", "lc_messages=C", "dynamic_shared_memory_type=mmap", "huge_pages=off",
      ]
      guardian = Mutex(
        try Self.start(
          user.serving(["\(binaries)/postgres", "-D", "\(base)/data"] + settings.flatMap { ["-c", $0] }), in: base))
    } catch {
      if let watcher { Self.dismiss(watcher) }
      try? FileSystem.remove(base)
      throw error
    }
    // The server's own shell removes it from now on.
    if let watcher { Self.dismiss(watcher) }
    try waitUntilReady(deadline)
  }

  deinit { stop() }

  /// Ends the server, and waits until it and its directory are gone.
  func stop() {
    let held = guardian.withLock { guardian in
      defer { guardian = nil }
      return guardian
    }
    guard let held else { return }
    close(held.pipe)
    waitpid(held.process, nil, 0)
  }

  /// Keywords of libpq that reach a database of the server.
  func options(database: String) -> [String: String] {
    ["host": socketDirectory, "port": Self.port, "user": Self.superuser, "dbname": database]
  }

  private static func problem(_ what: String, _ error: SystemError) -> ProbeError {
    ProbeError(.unexpected, "\(what): \(error)", mend: "see whether the disk is full, or set TMPDIR")
  }

  /// In memory where there is room, for that is three times as fast. A socket's name has 107 bytes at the most (unix(7)).
  private static func makeDirectory(for user: User) throws(ProbeError) -> String {
    var last = SystemError("make a directory in", "/tmp", code: ENOENT)
    let temporary = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    for parent in ["/dev/shm", temporary, "/tmp"] where parent.utf8.count < 70 {
      if parent == "/dev/shm" {
        var room = statvfs()
        guard statvfs(parent, &room) == 0, UInt64(room.f_bavail) * UInt64(room.f_frsize) > 512 << 20 else { continue }
      }
      var template = Array(FileSystem.join(parent, "gonogo-shadow-XXXXXX").utf8CString)
      guard mkdtemp(&template) != nil else {
        last = SystemError("make a directory in", parent)
        continue
      }
      let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if geteuid() == 0 { chown(path, user.id, user.group) }
      return path
    }
    throw problem("there is no place for a scratch server", last)
  }

  /// The user's cache of this program: a directory that nobody else can reach into, or none.
  private static func cache() -> String? {
    let home = getenv("HOME").map { String(cString: $0) }.flatMap { $0.hasPrefix("/") ? "\($0)/.cache" : nil }
    let given = getenv("XDG_CACHE_HOME").map { String(cString: $0) }.flatMap { $0.hasPrefix("/") ? $0 : nil }
    let temporary = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    let candidates = [
      given.map { "\($0)/gonogo" }, home.map { "\($0)/gonogo" }, "\(temporary)/gonogo-cache-\(geteuid())",
    ]
    for candidate in candidates.compactMap({ $0 }) {
      try? FileSystem.makeDirectory(FileSystem.directory(of: candidate))
      _ = mkdir(candidate, 0o700)
      if let status = try? FileSystem.status(candidate, followLinks: false), status.isDirectory, !status.isLink,
        status.owner == geteuid(), status.mode & 0o022 == 0, chmod(candidate, 0o700) == 0
      {
        return candidate
      }
    }
    return nil
  }

  private static let layout = [
    "-U", superuser, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--wal-segsize=1",
  ]

  /// A fresh data directory: a copy of the cached template, which the first call makes.
  private static func makeData(in base: String, binaries: String, user: User, deadline: PostgresDeadline)
    throws(ProbeError)
  {
    let data = "\(base)/data"
    var template: String?
    if let cache = cache(), let program = try? FileSystem.status("\(binaries)/postgres") {
      // Another build, another layout or another user: another template.
      let identity = "\(binaries) \(program.size) \(program.modified) \(user.id) \(layout)"
      template = "\(cache)/postgres-\(Digest.hex(Digest.sha256(Array(identity.utf8)).prefix(12)))"
    }
    if let template, isSound(template, user: user) {
      let copied = try run(["cp", "-a", "--reflink=auto", "\(template)/data", data], "copying the template", deadline)
      if copied.status == 0 { return }
      try? FileSystem.remove(data)
    }
    let made = try run(
      user.running(["\(binaries)/initdb", "-D", data, "--no-sync", "--no-instructions"] + layout), "initdb", deadline,
      directory: base)
    guard made.status == 0 else {
      let text = String(decoding: made.error, as: UTF8.self).split(separator: "\n").joined(separator: "; ")
      throw ProbeError(
        .unexpected, "initdb made no data directory: \(text)", asked: "\(binaries)/initdb",
        mend: "see whether the disk is full, and whether the locale C.UTF-8 is there")
    }
    // A cache that cannot be written costs half a second the next time, and nothing else.
    guard let template else { return }
    let fresh = "\(template)-\(Digest.hex(Digest.random(6)))"
    guard mkdir(fresh, 0o700) == 0 else { return }
    let kept = try? run(["cp", "-a", "--reflink=auto", data, "\(fresh)/data"], "keeping the template", deadline)
    if kept?.status != 0 || rename(fresh, template) != 0 { try? FileSystem.remove(fresh) }
  }

  /// A template that only this user can have made: ours, private, a whole one (it is put in place by one rename).
  private static func isSound(_ template: String, user: User) -> Bool {
    guard let outer = try? FileSystem.status(template, followLinks: false), outer.isDirectory, !outer.isLink,
      outer.owner == geteuid(), outer.mode & 0o077 == 0,
      let inner = try? FileSystem.status("\(template)/data", followLinks: false), inner.isDirectory, !inner.isLink,
      inner.owner == user.id, inner.mode & 0o077 == 0
    else { return false }
    return FileSystem.exists("\(template)/data/global/pg_control")
  }

  private static func run(
    _ arguments: [String], _ what: String, _ deadline: PostgresDeadline, directory: String? = nil
  ) throws(ProbeError) -> Subprocess.Outcome {
    do throws(Subprocess.Failure) {
      return try Subprocess(arguments, environment: environment, directory: directory).run(
        milliseconds: max(1, deadline.left))
    } catch {
      switch error {
      case .cannotStart(let program, let code):
        throw ProbeError(
          .toolMissing, "cannot run \(program): \(SystemError("run", program, code: code).reason)", asked: program,
          mend: "install \(program), or put it on the PATH")
      case .timedOut: throw late(what)
      }
    }
  }

  static func late(_ what: String) -> ProbeError {
    ProbeError(
      .timedOut, "the shadow database was not built in time: \(what) took too long", asked: "shadow database",
      mend: "give it more time with `timeout: 2m`")
  }

  private static func dismiss(_ watcher: Guardian) {
    let word = Array("started\n".utf8)
    _ = write(watcher.pipe, word, word.count)
    close(watcher.pipe)
    waitpid(watcher.process, nil, 0)
  }

  private static func start(_ arguments: [String], in base: String, script: String = ShadowCluster.script)
    throws(ProbeError) -> Guardian
  {
    var ends: [Int32] = [-1, -1]
    guard gonogo_pipe(&ends) == 0 else { throw problem("no pipe", SystemError("make", "a pipe")) }
    defer { close(ends[0]) }
    do {
      let child = try ChildProcess.spawn(
        "/bin/sh", ["sh", "-c", script, "sh", base] + arguments, environment: environment
      ) {
        posix_spawn_file_actions_adddup2(&$0, ends[0], 0)
        posix_spawn_file_actions_addopen(&$0, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&$0, 2, "/dev/null", O_WRONLY, 0)
        // initdb and the server must be able to look at the directory they start in.
        posix_spawn_file_actions_addchdir_np(&$0, "/")
      }
      return Guardian(process: child, pipe: ends[1])
    } catch {
      close(ends[1])
      throw problem("no shell", error)
    }
  }

  private func waitUntilReady(_ deadline: PostgresDeadline) throws(ProbeError) {
    // The server writes its state to the last line of this file (postmaster.pid, LOCK_FILE_LINE_PM_STATUS).
    let path = "\(socketDirectory)/data/postmaster.pid"
    let log = "\(socketDirectory)/log"
    while true {
      let state = (try? FileSystem.read(path)).map { String(decoding: $0, as: UTF8.self) } ?? ""
      if state.split(separator: "\n").last.map({ $0.hasPrefix("ready") }) == true { return }
      if Task.isCancelled { throw ProbeError(.interrupted, "called off while PostgreSQL started") }
      if deadline.left <= 0 { throw Self.late("the server's start") }
      // The shell outlives the server: what ended it stands in the log.
      let text = (try? FileSystem.read(log, limit: 1 << 20)).map { String(decoding: $0, as: UTF8.self) } ?? ""
      if text.contains("FATAL:") || text.contains("setpriv:") || text.contains("not found") {
        throw ProbeError(
          .unexpected, "the scratch PostgreSQL did not start: \(text.split(separator: "\n").joined(separator: "; "))",
          asked: "postgres", mend: "see what it says; /dev/shm and the temporary directory must have room")
      }
      usleep(2000)
    }
  }
}
