public import GonogoCore

/// Looks whether keys of Redis that one principal touches are read by another.
public struct RedisKeysProbe: Probe {
  struct Party: Sendable {
    enum Way: Sendable {
      /// Acts over HTTP, while the server's commands are watched.
      case http(HTTPProbe)
      /// Speaks to Redis itself, under a prefix of its own.
      case user(url: Template, prefix: Template)
    }
    let label: String
    let way: Way
  }

  let redis: Template
  let first: Party
  let second: Party
  let shared: [String]
  /// Milliseconds that are watched before anybody acts, and after each has acted.
  let quiet: Int
  let settle: Int
  let range: SourceRange

  public init(_ arguments: Arguments) throws(InvalidArguments) {
    range = arguments.range
    redis =
      arguments.template("redis") ?? Template(parts: [.reference("redis", arguments.range)], range: arguments.range)
    shared = arguments.strings("shared") ?? []
    quiet = min(60_000, arguments.duration("quiet") ?? 200)
    settle = min(60_000, arguments.duration("settle") ?? 100)
    let first = Self.party("first", arguments)
    let second = Self.party("second", arguments)
    guard let first = try arguments.require("first", first), let second = try arguments.require("second", second) else {
      throw InvalidArguments()
    }
    self.first = first
    self.second = second
    switch (first.way, second.way) {
    case (.http, .http), (.user, .user): break
    default:
      arguments.fail(
        .wrongType, "`first` and `second` act in the same way: both over HTTP, or both as users of Redis",
        at: arguments.keyRange("second"))
    }
  }

  private static func party(_ label: String, _ arguments: Arguments) -> Party?? {
    guard let inner = arguments.arguments(label) else { return nil }
    defer { inner.finish() }
    if let http = inner.arguments("http") {
      if inner.has("url") || inner.has("prefix") {
        inner.fail(
          .wrongType, "\(inner.owner) acts over HTTP or as a user of Redis, not both", at: inner.keyRange("http"))
      }
      guard let probe = try? HTTPProbe(http) else { return .some(nil) }
      http.finish()
      let names = probe.steps.compactMap { $0.principal?.constant }
      return Party(label: names.first ?? label, way: .http(probe))
    }
    guard let url = inner.template("url"), let prefix = inner.template("prefix") else {
      inner.fail(
        .missingKey, "\(inner.owner) needs `http`, or `url` and `prefix`",
        mend: "write `\(label): { http: { GET: \"${core}/path\", as: NAME } }`")
      return .some(nil)
    }
    return Party(label: label, way: .user(url: url, prefix: prefix))
  }

  /// MONITOR costs the server much of its speed while it lasts; a key of one's own is written, and taken away.
  public var effect: Effect {
    if case .http = first.way { return .disrupts }
    return .writes
  }

  public var builtinExpectations: [Expectation] { [.empty("shared", at: range)] }

  public var references: [(name: String, range: SourceRange)] {
    var result: [(name: String, range: SourceRange)] = []
    for party in [first, second] {
      switch party.way {
      case .http(let probe): result += probe.references
      case .user(let url, let prefix): result += url.references + prefix.references
      }
    }
    if case .http = first.way { result += redis.references }
    return result
  }

  public func requests(in scope: Scope) -> [String] {
    func place(_ template: Template) -> String {
      let preview = scope.preview(template)
      return (try? RedisAddress(preview))?.display ?? preview
    }
    return [first, second].flatMap { party -> [String] in
      switch party.way {
      case .http(let probe): probe.requests(in: scope).map { "\($0)  (watched with MONITOR at \(place(redis)))" }
      case .user(let url, let prefix):
        ["\(place(url)): a key under '\(scope.preview(prefix))', which the other tries to GET, SET, DEL and SCAN"]
      }
    }
  }

  public func observe(in context: ProbeContext) async throws(ProbeError) -> Observation {
    let deadline = StreamDeadline(attempt: context.timeout)
    switch (first.way, second.way) {
    case (.http(let one), .http(let other)): return try await watch(one, other, context, deadline)
    case (.user(let url, let prefix), .user(let otherURL, let otherPrefix)):
      let contest = try RedisKeysContest(
        (try Self.open(url, context, deadline), try context.render(prefix).exposed),
        (try Self.open(otherURL, context, deadline), try context.render(otherPrefix).exposed), context, deadline)
      return try contest.play()
    default: throw ProbeError(.configuration, "`first` and `second` act in different ways")
    }
  }

  /// A connection of its own to a Redis, and how it is named to people.
  struct Client {
    let connection: RedisConnection
    let display: String
    let deadline: StreamDeadline
    func run(_ commands: [[String]]) throws(ProbeError) -> [RedisReply] {
      do throws(ProbeError) { return try connection.run(commands, deadline: deadline) } catch {
        var told = error
        told.asked = told.asked ?? display
        throw told
      }
    }
  }

  static func open(_ template: Template, _ context: ProbeContext, _ deadline: StreamDeadline) throws(ProbeError)
    -> Client
  {
    let url = try context.render(template)
    let address: RedisAddress
    do throws(RedisAddress.Fault) { address = try RedisAddress(url.exposed) } catch {
      throw ProbeError(
        .configuration, "the URL of Redis cannot be used: \(error.message)",
        mend: "write it like redis://HOST:6379/0, rediss://HOST:6380 or unix:///run/redis.sock")
    }
    if let password = address.password { context.redactor.add(password) }
    do throws(ProbeError) {
      let connection = try RedisConnection.open(address, authorities: nil, serverName: nil, deadline: deadline)
      return Client(connection: connection, display: address.display, deadline: deadline)
    } catch {
      var told = error
      told.asked = told.asked ?? address.display
      throw told
    }
  }

  // MARK: Over HTTP

  private func watch(_ one: HTTPProbe, _ other: HTTPProbe, _ context: ProbeContext, _ deadline: StreamDeadline)
    async throws(ProbeError) -> Observation
  {
    let control = try Self.open(redis, context, deadline)
    let watcher = try Self.open(redis, context, deadline)
    if let refusal = try watcher.run([["MONITOR"]])[0].refusal { throw refusal.probeError(to: "MONITOR") }
    let mark = "gonogo-\(context.clock.now())-\(context.clock.ticks())"
    // Marks in the stream itself tell whose time a command fell into, however late it is read.
    let before = try await window("\(mark)-quiet", quiet, control, watcher)
    let acted = try await act(one, first.label, context)
    let ours = try await window("\(mark)-first", settle, control, watcher)
    let answered = try await act(other, second.label, context)
    let theirs = try await window("\(mark)-second", settle, control, watcher)

    let ask: ([[String]]) throws(ProbeError) -> [RedisReply] = { commands throws(ProbeError) in
      var replies: [RedisReply] = []
      var rest = commands[...]
      while !rest.isEmpty {
        replies += try control.run(Array(rest.prefix(200)))
        rest = rest.dropFirst(200)
      }
      return replies
    }
    let background = try KeyTraffic(before, ask: ask)
    let left = try KeyTraffic(ours, without: background, ask: ask)
    let right = try KeyTraffic(theirs, without: background, ask: ask)
    var found: [JSON] = []
    var allowed: Set<String> = []
    for (writer, reader, names) in [
      (left, right, (first.label, second.label)), (right, left, (second.label, first.label)),
    ] {
      for touch in writer.writes.keys.sorted(by: { ($0.database, $0.key) < ($1.database, $1.key) }) {
        guard let command = reader.reading(touch) else { continue }
        if shared.contains(where: { KeyTraffic.matches(touch.key, $0) }) {
          allowed.insert(KeyTraffic.shown(touch.key))
          continue
        }
        found.append([
          "key": .string(KeyTraffic.shown(touch.key)), "database": .string(touch.database),
          "written_by": .string(names.0), "read_by": .string(names.1), "command": .string(command),
        ])
      }
    }
    let both = left.writes.keys.filter { touch in
      right.writes[touch] != nil && left.reading(touch) == nil && right.reading(touch) == nil
    }
    func account(_ traffic: KeyTraffic, _ requests: Int) -> JSON {
      [
        "commands": JSON(traffic.commands), "requests": JSON(requests), "reads": JSON(traffic.shownReads),
        "writes": JSON(traffic.shownWrites),
      ]
    }
    let facts: JSON = [
      "shared": .array(found), "allowed": JSON(allowed.sorted()),
      "collisions": JSON(both.map { KeyTraffic.shown($0.key) }.sorted()),
      "first": account(left, acted.requests), "second": account(right, answered.requests),
      "background": JSON(Set(background.shownReads + background.shownWrites).sorted()),
    ]
    for (label, traffic) in [(first.label, left), (second.label, right)] where traffic.commands == 0 {
      throw ProbeError(
        .vacuous, "what \(label) did touched no key of this Redis, so that nothing is proven", asked: control.display,
        mend: "let `redis:` be the one that the application uses, and the steps something that it keeps there",
        facts: facts)
    }
    return Observation(
      facts: facts,
      witness: ["first": left.commands, "second": right.commands, "requests": acted.requests + answered.requests],
      asked: control.display,
      repeatCommand: ["redis-cli MONITOR  # meanwhile:", acted.command, answered.command].compactMap { $0 }.joined(
        separator: "\n"))
  }

  /// What the server did until now, up to a mark that is sent after a while.
  private func window(_ mark: String, _ milliseconds: Int, _ control: Client, _ watcher: Client)
    async throws(ProbeError)
    -> [MonitorLine]
  {
    if milliseconds > 0 { try? await Task.sleep(nanoseconds: UInt64(milliseconds) * 1_000_000) }
    if let refusal = try control.run([["ECHO", mark]])[0].refusal { throw refusal.probeError(to: "ECHO") }
    var lines: [MonitorLine] = []
    while true {
      guard let reply = try watcher.connection.next(watcher.deadline) else {
        throw ProbeError(
          .timedOut, "the server did not report in time what it did", asked: watcher.display,
          mend: "give the line more time with `timeout:`")
      }
      if let refusal = reply.refusal { throw refusal.probeError(to: "MONITOR") }
      guard let text = reply.string, let line = MonitorLine(text) else { continue }
      if line.command == "ECHO", line.words.count == 2, line.words[1] == mark { return lines }
      lines.append(line)
      if lines.count > 100_000 {
        throw ProbeError(
          .tooLarge, "the server did more than 100,000 commands meanwhile", asked: watcher.display,
          mend: "look in an environment that is less busy")
      }
    }
  }

  private func act(_ probe: HTTPProbe, _ label: String, _ context: ProbeContext) async throws(ProbeError) -> (
    requests: Int, command: String?
  ) {
    let seen = try await probe.observe(in: context)
    if let unmet = seen.unmet.first {
      throw ProbeError(
        .control,
        "\(label) was not answered as it must be: \(unmet.path): expected \(unmet.expected), found \(unmet.found)",
        asked: seen.asked, mend: "correct the step, or who acts", repeatCommand: seen.repeatCommand)
    }
    // Where the author says nothing of a status, a refusal would be taken for an act.
    let steps = seen.facts["steps"]?.arrayValue ?? [seen.facts]
    for (index, step) in steps.enumerated() where index < probe.steps.count && probe.steps[index].guards.isEmpty {
      if let status = step["status"]?.integerValue, status >= 400 {
        throw ProbeError(
          .control, "\(label) was answered \(status), and so did not act", asked: seen.asked,
          mend: "correct the step, or who acts", repeatCommand: seen.repeatCommand)
      }
    }
    return (seen.witness["requests"] ?? 0, seen.repeatCommand)
  }
}
