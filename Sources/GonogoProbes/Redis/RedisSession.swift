import GonogoCore
import GonogoSystem

/// One look: the connection, what was asked, and how a person would ask the same.
final class RedisSession {
  let deadline: StreamDeadline
  private(set) var asked: String
  private(set) var repeatCommand: String
  private let address: RedisAddress
  private let authorities: String?
  private let serverName: String?
  private let pool: RedisPool
  private let client: String
  private var connection: RedisConnection?

  init(_ probe: RedisProbe, _ context: ProbeContext) throws(ProbeError) {
    deadline = StreamDeadline(attempt: context.timeout)
    let url = try context.render(probe.url)
    var address: RedisAddress
    do throws(RedisAddress.Fault) { address = try RedisAddress(url.exposed) } catch {
      throw ProbeError(
        .configuration, "the URL of Redis cannot be used: \(error.message)",
        mend: "write it like redis://HOST:6379/0, rediss://HOST:6380 or unix:///run/redis.sock")
    }
    if let password = address.password { context.redactor.add(password) }
    var words: [String] = ["redis-cli"]
    var password: Rendered?
    if let principal = probe.principal {
      // The principal stands for the URL's own login, whole: half of one and half of the other would be neither.
      address.user = try principal.user.map { template throws(ProbeError) in try context.render(template).exposed }
      password = try principal.password.map { template throws(ProbeError) in try context.render(template) }
      address.password = password?.exposed
      if let exposed = password?.exposed { context.redactor.add(exposed) }
    }
    let caPath = try probe.authorities.map { template throws(ProbeError) in
      FileSystem.join(context.directory, try context.render(template).exposed)
    }
    authorities = caPath
    serverName = try probe.serverName.map { template throws(ProbeError) in try context.render(template).exposed }

    // The password never stands on a command line: redis-cli reads it from REDISCLI_AUTH.
    var prefix = ""
    if probe.principal == nil, !url.secrets.isEmpty {
      words += ["-u", ShellQuote.quote(url)]
    } else {
      var bare = address
      bare.password = nil
      bare.user = nil
      switch address.place {
      case .network: words += ["-u", ShellQuote.quote(bare.display)]
      case .local(let path):
        words += ["-s", ShellQuote.quote(path)]
        if address.database != 0 { words += ["-n", "\(address.database)"] }
      }
      if let user = address.user { words += ["--user", ShellQuote.quote(user)] }
      if address.password != nil {
        let shown = password.flatMap { $0.secrets.isEmpty ? nil : $0.shell } ?? "$REDIS_PASSWORD"
        prefix = "REDISCLI_AUTH=\"\(shown)\" "
      }
    }
    if address.usesTLS {
      if let caPath { words += ["--cacert", ShellQuote.quote(caPath)] }
      if let serverName { words += ["--sni", ShellQuote.quote(serverName)] }
    }
    client = prefix + words.joined(separator: " ")
    asked = address.display
    repeatCommand = client + " PING"
    self.address = address
    let identity = [
      address.display, address.password ?? "", caPath ?? "", serverName ?? "",
    ].joined(separator: "\u{0}")
    pool = context.resources.resource("redis " + Digest.hex(Digest.sha256(Array(identity.utf8)))) { RedisPool() }
  }

  /// Takes note of what is asked.
  func say(_ commands: [[Rendered]]) {
    let shown = commands.map { $0.map { ShellQuote.quote($0.display) }.joined(separator: " ") }
    asked = "\(address.display) \(shown.joined(separator: "; "))"
    repeatCommand = commands.map { words in
      "\(client) \(words.map { ShellQuote.quote($0) }.joined(separator: " "))"
    }.joined(separator: "\n")
  }

  func say(_ words: [String], _ name: Rendered? = nil) {
    say([words.map { Rendered(plain: $0) } + (name.map { [$0] } ?? [])])
  }

  /// A reply for each command, over one connection.
  func run(_ commands: [[String]]) throws(ProbeError) -> [RedisReply] {
    let connection = if let held = self.connection { held } else { try open() }
    self.connection = nil  // after a fault, half a reply may still be on its way
    let replies = try connection.run(commands, deadline: deadline)
    self.connection = connection
    return replies
  }

  private func open() throws(ProbeError) -> RedisConnection {
    if let idle = pool.take() { return idle }
    return try RedisConnection.open(
      address, authorities: authorities, serverName: serverName, deadline: deadline)
  }

  var isTLS: Bool { address.usesTLS }

  /// - Throws: ``ProbeError`` of kind `configuration` for the first command that may do more than look.
  func refuseWrites(_ commands: [[String]]) throws(ProbeError) {
    var unknown: [String] = []
    for words in commands {
      let name = RedisCommandSafety.name(of: words)
      if pool.flags(of: name) == nil, !unknown.contains(name) { unknown.append(name) }
    }
    var flags: [String: Set<String>] = [:]
    if !unknown.isEmpty {
      for (name, reply) in zip(unknown, try run(unknown.map { ["COMMAND", "INFO", $0.lowercased()] })) {
        if let refusal = reply.refusal, ["NOAUTH", "LOADING"].contains(refusal.code) {
          throw refusal.probeError(to: "COMMAND INFO")
        }
        // [name, arity, [flags], …] for each command asked; null for one that it does not know.
        guard let entry = reply.elements.first, entry.elements.count > 2 else { continue }
        let found = Set(entry.elements[2].elements.compactMap(\.string))
        pool.keep(found, of: name)
        flags[name] = found
      }
    }
    for words in commands {
      let name = RedisCommandSafety.name(of: words)
      if case .refused(let why) = RedisCommandSafety.judge(words, flags: flags[name] ?? pool.flags(of: name)) {
        throw ProbeError(
          .configuration, "\(why), and this line may only look",
          mend: "ask with a command that reads, or declare it with `write: true`")
      }
    }
  }

  func observation(_ facts: [String: JSON], replies: Int) -> Observation {
    if let connection { pool.put(connection) }
    connection = nil
    return Observation(
      facts: .object(facts), witness: ["replies": replies], asked: asked, repeatCommand: repeatCommand)
  }
}
