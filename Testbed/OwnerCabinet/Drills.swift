import CSystem
import Glibc
import GonogoCore
import GonogoServer
import GonogoSystem

/// What a checklist line cannot do with a request alone: an aged link, a worker that is told to stop in mid-work. Each
/// prints what it saw as JSON, and judges nothing.
struct Drills {
  let environment: [String: String]
  let runDirectory: String

  func run(_ name: String) throws -> JSON? {
    switch name {
    case "botlink-expiry": try botlinks(aged: true)
    case "botlink-secret": try botlinks(aged: false)
    case "botlink-use": try useBotlink()
    case "drain": try drain()
    case "takeover": try takeover()
    default: nil
    }
  }

  // MARK: Botlinks

  private func botlinks(aged: Bool) throws -> JSON {
    let settings = try CoreSettings(environment, lenient: true)
    let now = Int(SystemClock().now() / 1000)
    func answer(secret: String, age: Int) throws -> JSON {
      let token = Tokens.sign(
        [
          "sub": 1001, "jti": .string(Tokens.random()), "iat": JSON(now - age), "exp": JSON(now - age + 120),
          "purpose": "botlink",
        ], secret: secret)
      let url = "\(settings.publicOrigin)/api/owner/auth/botlink?token=\(token)"
      return JSON(try WebClient.send("GET", url).status)
    }
    let fresh = try answer(secret: settings.botlinkSecret, age: 0)
    return aged
      ? ["fresh": fresh, "expired": try answer(secret: settings.botlinkSecret, age: 121)]
      : ["own_secret": fresh, "session_secret": try answer(secret: settings.jwtSecret, age: 0)]
  }

  /// A link whose jti is known, so that its key can be looked for.
  private func useBotlink() throws -> JSON {
    let settings = try CoreSettings(environment, lenient: true)
    let now = Int(SystemClock().now() / 1000)
    let token = Tokens.sign(
      ["sub": 1001, "jti": "drill", "iat": JSON(now), "exp": JSON(now + 120), "purpose": "botlink"],
      secret: settings.botlinkSecret)
    let url = "\(settings.publicOrigin)/api/owner/auth/botlink?token=\(token)"
    return ["key": "botlink:drill", "status": JSON(try WebClient.send("GET", url).status)]
  }

  // MARK: The worker

  /// Events of the bot `bot-d`, put into the store and the stream in one piece.
  private func push(
    _ count: Int, _ connection: Connection, _ redis: Redis, then last: [String]? = nil
  ) throws -> String {
    let mark = "drill-\(Tokens.random(6))"
    let rows = try connection.query(
      """
      INSERT INTO bot_events (bot_id, source_id, kind, payload_json)
      SELECT 'bot-d', $1 || '-' || n, 'message', '{"message": {"from": {"id": 5001, "first_name": "Drill"}}}'
      FROM generate_series(1, $2::int) AS n RETURNING id
      """, [mark, String(count)])
    try redis.command("MULTI")
    for row in rows { try redis.command("XADD", "events", "*", "event_id", row["id"] ?? "", "bot_id", "bot-d") }
    if let last { try redis.command(last) }
    try redis.command("EXEC")
    return mark
  }

  private func processed(_ mark: String, _ connection: Connection) throws -> Int {
    let rows = try connection.query(
      """
      SELECT count(*) AS n FROM event_dedup WHERE bot_id = 'bot-d' AND source_id LIKE $1 || '-%'
      """, [mark])
    return rows.first?["n"].flatMap { Int($0) } ?? 0
  }

  /// Waits until all are processed, or the group holds nothing more, or nothing has moved for three seconds.
  private func settle(_ mark: String, _ count: Int, _ connection: Connection, _ redis: Redis) throws -> Int {
    let clock = SystemClock()
    var done = try processed(mark, connection)
    var moved = clock.ticks()
    while done < count, clock.ticks() - moved < 3000 {
      usleep(10_000)
      // Asked before the count: what is acknowledged after this is counted the next time round.
      let idle = try isIdle(redis)
      let now = try processed(mark, connection)
      if now > done { moved = clock.ticks() }
      done = now
      if idle { break }
    }
    return done
  }

  /// The group has been given everything, and has acknowledged everything.
  private func isIdle(_ redis: Redis) throws -> Bool {
    for group in try redis.command("XINFO", "GROUPS", "events").list {
      var fields: [String: Int] = [:]
      let words = group.list
      for at in stride(from: 0, to: words.count - 1, by: 2) { fields[words[at].text ?? ""] = words[at + 1].number }
      return fields["pending"] == 0 && fields["lag"] == 0
    }
    return false
  }

  /// A consumer that took five events and died.
  private func takeover() throws -> JSON {
    let settings = try WorkerSettings(environment)
    let connection = try Connection(settings.databaseURL, application: "owner-cabinet-drill")
    let redis = try Redis(settings.redisURL)
    let mark = try push(
      5, connection, redis, then: ["XREADGROUP", "GROUP", "workers", "ghost", "COUNT", "5", "STREAMS", "events", ">"])
    let done = try settle(mark, 5, connection, redis)
    if done == 5 { try redis.command("XGROUP", "DELCONSUMER", "events", "workers", "ghost") }
    return ["abandoned": 5, "processed": JSON(done)]
  }

  /// SIGTERM to the worker with events in its hand, and another in its place.
  private func drain() throws -> JSON {
    let file = FileSystem.join(runDirectory, "run/worker.pid")
    let text = String(decoding: try FileSystem.read(file), as: UTF8.self)
    guard let process = pid_t(text.filter(\.isNumber)), isAlive(process) else { return ["running": false] }
    let arguments = try words("/proc/\(process)/cmdline")
    let variables = try words("/proc/\(process)/environ")
    let settings = try WorkerSettings(environment)
    let connection = try Connection(settings.databaseURL, application: "owner-cabinet-drill")
    let redis = try Redis(settings.redisURL)
    let count = 300
    let clock = SystemClock()
    let mark = try push(count, connection, redis)
    let patience = clock.ticks() + 5000
    while try processed(mark, connection) == 0, clock.ticks() < patience { usleep(500) }
    let told = clock.ticks()
    kill(process, SIGTERM)
    let deadline = told + 10_000
    while isAlive(process), clock.ticks() < deadline { usleep(2000) }
    let ended = !isAlive(process)
    let stopped = clock.ticks() - told
    let before = try processed(mark, connection)
    let replacement = try start(arguments, variables)
    try FileSystem.writeAtomically(Array("\(replacement)\n".utf8), to: file)
    let done = try settle(mark, count, connection, redis)
    return [
      "running": true, "pushed": JSON(count), "processed_when_stopped": JSON(before), "ended": .bool(ended),
      "stopped_in_ms": .integer(stopped), "processed": JSON(done), "lost": JSON(count - done),
    ]
  }

  private func words(_ path: String) throws -> [String] {
    try FileSystem.read(path).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Running, and not a zombie that its parent has not yet fetched.
  private func isAlive(_ process: pid_t) -> Bool {
    guard let bytes = try? FileSystem.read("/proc/\(process)/stat") else { return false }
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.lastIndex(of: ")") else { return false }
    return text[text.index(after: end)...].first { $0 != " " } != "Z"
  }

  /// In a session of its own, so that it outlives the drill.
  private func start(_ arguments: [String], _ variables: [String]) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor: Int32 in 0...2 {
      posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    var envp: [UnsafeMutablePointer<CChar>?] = variables.map { strdup($0) } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    var child = pid_t()
    let code = posix_spawn(&child, arguments.first ?? "", &actions, &attributes, &argv, &envp)
    guard code == 0 else { throw SystemError("start", arguments.first ?? "", code: code) }
    return child
  }
}
