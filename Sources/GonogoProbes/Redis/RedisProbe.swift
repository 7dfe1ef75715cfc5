public import GonogoCore
import GonogoSystem

/// Looks into a Redis: commands, one key, one stream with its consumer groups, or the server's own state.
public struct RedisProbe: Probe, ProbePrincipal {
  enum Question: Sendable {
    case commands([[Template]], single: Bool)
    case key(Template)
    case stream(Template, group: Template?)
    case server
  }

  /// Who asks: `as:`.
  struct Principal: Sendable {
    let name: String
    let user: Template?
    let password: Template?
  }

  let url: Template
  let question: Question
  let principal: Principal?
  let authorities: Template?
  let serverName: Template?
  let writes: Bool
  let mayFail: Bool
  let showsValue: Bool

  public init(_ arguments: Arguments) throws(InvalidArguments) {
    url =
      arguments.template("url") ?? Template(parts: [.reference("redis", arguments.range)], range: arguments.range)
    authorities = arguments.template("ca")
    serverName = arguments.template("server_name")
    writes = arguments.boolean("write") ?? false
    mayFail = arguments.boolean("may_fail") ?? false
    showsValue = arguments.boolean("value") ?? false
    principal = Self.readAs(arguments)
    if let text = url.constant {
      do throws(RedisAddress.Fault) { _ = try RedisAddress(text) } catch {
        arguments.fail(
          .wrongType, "`url` cannot be used: \(error.message)", at: arguments.node("url")?.range,
          mend: "write it like redis://HOST:6379/0, rediss://HOST:6380 or unix:///run/redis.sock")
      }
    }
    let names = ["command", "commands", "key", "stream", "server"].filter(arguments.has)
    if names.count > 1 {
      arguments.fail(
        .wrongType, "`\(names[0])` and `\(names[1])` are two questions; a binding asks one",
        at: arguments.keyRange(names[1]), mend: "write two fenced blocks under the line")
    }
    let group = arguments.template("group")
    var question: Question?
    if let words = arguments.templates("command") { question = .commands([words], single: true) }
    if let list = arguments.list("commands") {
      let commands = list.map { node in
        (node.elements ?? [node]).compactMap { arguments.template(of: $0, "commands") }
      }
      if commands.isEmpty {
        arguments.fail(.missingKey, "`commands` has no command", at: arguments.keyRange("commands"))
      }
      question = .commands(commands, single: false)
    }
    if let key = arguments.template("key") { question = .key(key) }
    if let stream = arguments.template("stream") { question = .stream(stream, group: group) }
    if let flag = arguments.boolean("server") {
      if flag {
        question = .server
      } else {
        arguments.fail(.wrongType, "`server: false` asks nothing", at: arguments.keyRange("server"))
      }
    }
    guard let question else {
      if names.isEmpty {
        arguments.fail(
          .missingKey, "\(arguments.owner) asks nothing",
          mend: "add `command: [GET, name]`, `key: name`, `stream: name` or `server: true`")
      }
      throw InvalidArguments()
    }
    self.question = question
    if group != nil, !arguments.has("stream") {
      arguments.fail(.wrongType, "`group` belongs to `stream`", at: arguments.keyRange("group"))
    }
    if showsValue, !arguments.has("key") {
      arguments.fail(.wrongType, "`value` belongs to `key`", at: arguments.keyRange("value"))
    }
    guard case .commands(let commands, _) = question else {
      for name in ["write", "may_fail"] where arguments.has(name) {
        arguments.fail(.wrongType, "`\(name)` belongs to `command`", at: arguments.keyRange(name))
      }
      return
    }
    for words in commands {
      let place = words.first?.range ?? arguments.range
      guard let first = words.first?.constant, !first.isEmpty else {
        arguments.fail(
          .wrongType, "a command begins with its name, in plain letters", at: place,
          mend: "write `command: [GET, name]`")
        continue
      }
      if first.contains(" ") {
        arguments.fail(
          .wrongType, "'\(first)' is not one word", at: place,
          mend: "write `[\(first.split(separator: " ").joined(separator: ", "))]`")
      } else if !writes, RedisCommandSafety.writing.contains(first.uppercased()) {
        arguments.fail(
          .outOfRange, "\(first.uppercased()) writes, and this line may only look", at: place,
          mend: "ask with a command that reads, or declare it with `write: true`")
      }
    }
  }

  private static func readAs(_ arguments: Arguments) -> Principal? {
    guard let name = arguments.string("as") else { return nil }
    if let found = arguments.plan.principals[name]?["redis"] as? Principal { return found }
    let near = Suggestion.nearest(to: name, in: arguments.plan.principalNames)
    let known = arguments.plan.principalNames.contains(name)
    arguments.fail(
      .unknownReference, known ? "the principal \(name) has no `redis`" : "no principal is called '\(name)'",
      at: arguments.node("as")?.range,
      mend: known
        ? "add `redis: { user: …, password: … }` to it"
        : near.map { "did you mean '\($0)'?" } ?? "declare it under `principals:` in the front matter")
    return nil
  }

  public static func readPrincipal(_ name: String, _ arguments: Arguments) -> (any Sendable)? {
    let user = arguments.template("user")
    let password = arguments.template("password")
    if user == nil, password == nil {
      arguments.fail(.missingKey, "\(arguments.owner) needs `password`, and `user` where the server has ACLs")
      return nil
    }
    return Principal(name: name, user: user, password: password)
  }

  public static let principalParameters: [ProbeDescriptor.Parameter] = [
    .init("user", .string, "The ACL user; without it, the server's default user."),
    .init("password", .string, "Its password."),
  ]

  public var effect: Effect {
    guard case .commands(let commands, _) = question else { return .reads }
    // KEYS walks the whole keyspace in one go, and every other client waits.
    if commands.contains(where: { $0.first?.constant?.uppercased() == "KEYS" }) { return .disrupts }
    return writes ? .writes : .reads
  }

  public func denial(in expectations: [Expectation]) -> String? {
    guard mayFail else { return nil }
    for expectation in expectations {
      guard case .fact(let path, let matcher) = expectation.test, case .key(let root)? = path.steps.first,
        root == "error" || root == "errors"
      else { continue }
      switch matcher {
      case .absent, .equals(.constant(.null)): continue
      default: return "a refused command"
      }
    }
    return nil
  }

  public var references: [(name: String, range: SourceRange)] {
    var templates = [url] + [authorities, serverName, principal?.user, principal?.password].compactMap { $0 }
    switch question {
    case .commands(let commands, _): templates += commands.flatMap { $0 }
    case .key(let key): templates.append(key)
    case .stream(let name, let group): templates += [name] + [group].compactMap { $0 }
    case .server: break
    }
    return templates.flatMap(\.references)
  }

  public func requests(in scope: Scope) -> [String] {
    // Even a password that its author wrote into the document is not repeated.
    let preview = scope.preview(url)
    let place = (try? RedisAddress(preview))?.display ?? preview
    func line(_ words: [String]) -> String {
      "\(words.map { ShellQuote.quote($0) }.joined(separator: " "))  (\(place))"
    }
    switch question {
    case .commands(let commands, _): return commands.map { line($0.map(scope.preview)) }
    case .key(let key):
      let name = scope.preview(key)
      return [["TYPE", name], ["PTTL", name], ["MEMORY", "USAGE", name]].map(line)
    case .stream(let name, _):
      return [["XINFO", "STREAM", scope.preview(name)], ["XINFO", "GROUPS", scope.preview(name)]].map(line)
    case .server: return [["INFO"], ["CONFIG", "GET", "…"], ["ACL", "WHOAMI"]].map(line)
    }
  }

  public func observe(in context: ProbeContext) async throws(ProbeError) -> Observation {
    let session = try RedisSession(self, context)
    do throws(ProbeError) {
      switch question {
      case .commands(let commands, let single): return try runCommands(commands, single: single, session, context)
      case .key(let key): return try lookAtKey(context.render(key), session)
      case .stream(let name, let group):
        return try lookAtStream(context.render(name), group.map(context.render), session)
      case .server: return try lookAtServer(session, context)
      }
    } catch {
      var told = error
      told.asked = told.asked ?? session.asked
      told.repeatCommand = told.repeatCommand ?? session.repeatCommand
      throw told
    }
  }

  private func runCommands(_ commands: [[Template]], single: Bool, _ session: RedisSession, _ context: ProbeContext)
    throws(ProbeError) -> Observation
  {
    var rendered: [[Rendered]] = []
    for words in commands {
      var line: [Rendered] = []
      for word in words { line.append(try context.render(word)) }
      rendered.append(line)
    }
    session.say(rendered)
    let lines = rendered.map { $0.map(\.exposed) }
    if !writes { try session.refuseWrites(lines) }
    let replies = try session.run(lines)
    var errors: [JSON] = []
    for (words, reply) in zip(lines, replies) {
      if let refusal = reply.refusal, !mayFail {
        throw refusal.probeError(to: RedisCommandSafety.name(of: words).replacing("|", with: " "))
      }
      errors.append(reply.refusal?.json ?? .null)
    }
    let values = replies.map { $0.refusal == nil ? $0.json : .null }
    var facts: [String: JSON] = single ? ["reply": values[0]] : ["replies": .array(values)]
    if mayFail { facts[single ? "error" : "errors"] = single ? errors[0] : .array(errors) }
    if single, case .string(let text) = values[0], let json = try? JSON.parse(Array(text.utf8)) { facts["json"] = json }
    return session.observation(facts, replies: replies.count)
  }
}
