import GonogoCore
import GonogoSystem

/// Steps under way: what they saw, captured and signed in as.
struct HTTPScenario {
  let sender: HTTPSender
  let principals: [String: HTTPPrincipal]
  /// Whose login this is; a login has its own principal's jar and signs in nowhere else.
  let owner: HTTPPrincipal?
  var scope: Scope
  let jar: CookieJar
  private(set) var sessions: [String: HTTPSession] = [:]
  private(set) var captures: [String: Scope.Value] = [:]
  private(set) var steps: [JSON] = []
  private(set) var answered = 0
  private(set) var commands: [String] = []
  private(set) var asked: String?

  private var context: ProbeContext { sender.context }

  init(
    sender: HTTPSender, principals: [String: HTTPPrincipal], owner: HTTPPrincipal? = nil, jar: CookieJar = CookieJar()
  ) {
    self.sender = sender
    self.principals = principals
    self.owner = owner
    self.jar = jar
    scope = sender.context.scope
  }

  /// The shell commands so far.
  var repeatCommand: String? { commands.isEmpty ? nil : commands.joined(separator: "\n") }

  /// Runs the steps until one does not hold what its `expect` says.
  ///
  /// - Returns: what did not hold.
  /// - Throws: ``ProbeError`` with what was asked and seen so far.
  mutating func run(_ list: [HTTPStep]) async throws(ProbeError) -> [Mismatch] {
    for (index, step) in list.enumerated() {
      do throws(ProbeError) {
        try await run(step)
        let mismatches = try unmet(step, at: index)
        if !mismatches.isEmpty { return mismatches }
        if let owner { try checkLogin(step, owner) }
        try capture(step, at: index, of: list.count)
      } catch {
        var error = error
        error.asked = error.asked ?? asked ?? "\(step.method) \(scope.preview(step.url))"
        error.repeatCommand = error.repeatCommand ?? repeatCommand
        if !steps.isEmpty {
          var facts = error.facts?.objectValue ?? [:]
          facts["steps"] = .array(steps)
          error.facts = .object(facts)
        }
        throw error
      }
    }
    return []
  }

  private mutating func run(_ step: HTTPStep) async throws(ProbeError) {
    var principal = owner
    var session = owner.map { _ in HTTPSession(jar: jar, captures: captures) }
    if let template = step.principal {
      let name = try context.render(template, in: scope).exposed
      guard let found = principals[name] else {
        throw ProbeError(
          .configuration, "no principal called '\(name)' has `http`",
          mend: "name it under `principals` in the front matter")
      }
      principal = found
      session = try await signIn(found, fresh: step.fresh)
    }
    let now = context.clock.now()
    var renderer = StepRenderer(context: context, scope: scope)
    if !renderer.scope.has("timestamp") { renderer.scope.set("timestamp", Scope.Value(JSON(Int(now / 1000)))) }
    for (name, value) in session?.captures ?? [:] { renderer.scope.set("me.\(name)", value) }
    if let password = step.oneTimePassword {
      let text = try renderer.text(password.secret)
      context.redactor.add(text)
      guard let key = OneTimeCode.base32(text), let algorithm = Digest.Algorithm(rawValue: password.algorithm) else {
        throw ProbeError(
          .configuration, "the secret of `totp` is not base32", mend: "give the secret that the authenticator app shows"
        )
      }
      let code = OneTimeCode.code(
        key: key, seconds: now / 1000, period: password.period, digits: password.digits, algorithm)
      renderer.scope.set(password.name, .secret(code, variable: Scope.shellName(password.name)))
    }
    var identity = StepRenderer(context: context, scope: context.scope)
    for (name, value) in session?.captures ?? [:] {
      identity.scope.set(name, value)
      if let principal { identity.scope.set("\(principal.name).\(name)", value) }
    }
    var sent: CookieJar? = session?.jar ?? jar
    if case .none = step.cookies { sent = nil }
    let request = try renderer.request(
      step, principal: owner == nil ? principal : nil, identity: identity, jar: sent)
    asked = owner.map { "as \($0.name) (login): \(request.asked)" } ?? request.asked
    let command = request.command(now: now)
    commands.append(command)
    do throws(ProbeError) {
      let (exchange, statuses) = try await send(request, step)
      steps.append(
        exchange.facts(step, statuses: statuses, redactor: context.redactor, now: context.clock.now()))
    } catch {
      var error = error
      error.repeatCommand = commands.joined(separator: "\n")
      throw error
    }
  }

  private mutating func send(_ request: HTTPRequest, _ step: HTTPStep) async throws(ProbeError) -> (
    HTTPExchange, [Int: Int]?
  ) {
    guard let repeats = step.repeats else {
      let exchange = try await sender.send(request)
      answered += exchange.hops.count
      return (exchange, nil)
    }
    var statuses: [Int: Int] = [:]
    var last: HTTPExchange?
    var failure: ProbeError?
    let sender = sender
    await withTaskGroup(of: Result<HTTPExchange, ProbeError>.self) { group in
      var started = 0
      func start() {
        started += 1
        group.addTask {
          do throws(ProbeError) { return .success(try await sender.send(request)) } catch { return .failure(error) }
        }
      }
      while started < min(step.parallel, repeats) { start() }
      while let result = await group.next() {
        switch result {
        case .success(let exchange):
          statuses[exchange.reply.status, default: 0] += 1
          answered += exchange.hops.count
          last = exchange
          if failure == nil, started < repeats { start() }
        case .failure(let error):
          if failure == nil { failure = error }
          group.cancelAll()
        }
      }
    }
    if var failure {
      let done = statuses.values.reduce(0, +)
      if done > 0 {
        failure = ProbeError(
          failure.kind, "after \(done) of \(repeats) requests: \(failure.message)", mend: failure.mend)
      }
      throw failure
    }
    guard let last else { throw ProbeError(.unexpected, "no request was sent") }
    return (last, statuses)
  }

  private func unmet(_ step: HTTPStep, at index: Int) throws(ProbeError) -> [Mismatch] {
    if step.guards.isEmpty { return [] }
    let prefix = FactPath(steps: [.key("steps"), .index(index)])
    return try context.judge.mismatches(
      step.guards.map { $0.under(prefix) }, facts: .object(["steps": .array(steps)]), scope: scope)
  }

  /// A login whose author says nothing of its status must at least not be refused: else whoever acts as this principal
  /// would act as nobody.
  private func checkLogin(_ step: HTTPStep, _ owner: HTTPPrincipal) throws(ProbeError) {
    let judged = step.guards.contains { expectation in
      if case .fact(let path, _) = expectation.test { return path.steps.first == .key("status") }
      return false
    }
    guard !judged, let status = steps.last?["status"]?.integerValue, status >= 400 else { return }
    throw ProbeError(
      .denied, "\(asked ?? step.method) was answered \(status)", mend: "correct what \(owner.name) signs in with")
  }

  // MARK: Captures

  private mutating func capture(_ step: HTTPStep, at index: Int, of count: Int) throws(ProbeError) {
    if step.captures.isEmpty { return }
    let facts = steps[steps.count - 1]
    var notes: [String] = []
    for capture in step.captures {
      let found = try value(capture, facts)
      guard let json = found.json else {
        throw ProbeError(
          .missing,
          "\(count > 1 ? "step \(index + 1)" : "the reply") (\(step.method), answered \(facts["status"]?.canonicalString ?? "")) has no \(found.place), which was to be captured as '\(capture.name)'",
          mend: "look at the reply; give the step an `expect` where such a reply is a fault")
      }
      let variable = Scope.shellName(owner.map { "\($0.name)_\(capture.name)" } ?? capture.name)
      let secret = capture.secret ?? (found.secret || SecretPolicy.soundsSecret(capture.name))
      var secrets: [String] = []
      if secret {
        Self.texts(json, into: &secrets)
      } else if let text = json.stringValue, capture.secret == nil {
        secrets = ReplySecrets.inURL(text)
      }
      context.redactor.add(secrets)
      let value = Scope.Value(json, secrets: secrets, variable: variable)
      scope.set(capture.name, value)
      captures[capture.name] = value
      if !secrets.isEmpty { notes.append("\(variable): \(found.place)") }
    }
    if !notes.isEmpty, !commands.isEmpty { commands[commands.count - 1] += "  # then \(notes.joined(separator: ", "))" }
  }

  private func value(_ capture: HTTPStep.Capture, _ facts: JSON) throws(ProbeError) -> (
    json: JSON?, place: String, secret: Bool
  ) {
    switch capture.source {
    case .fact(let path):
      var secret = false
      if case .key(let last)? = path.steps.last { secret = SecretPolicy.soundsSecret(last) }
      if case .key("cookies")? = path.steps.first, path.steps.last == .key("value") { secret = true }
      return (path.first(in: facts), "\(path)", secret)
    case .header(let name): return (facts["headers"]?[name], "header \(name)", SecretPolicy.soundsSecret(name))
    case .cookie(let name): return (facts["cookies"]?[name]?["value"], "cookie \(name)", true)
    case .pattern(let pattern, let path):
      let place = "match of /\(pattern.source)/ in \(path)"
      guard let text = path.first(in: facts).map(Scope.text(of:)) else { return (nil, place, false) }
      do {
        let groups = try pattern.firstMatch(in: text)?.groups
        // The first group that took part, or the whole match where the pattern has none.
        return (
          groups.flatMap { $0.dropFirst().compactMap { $0 }.first ?? $0.first ?? nil }.map(JSON.string), place, false
        )
      } catch {
        throw ProbeError(.configuration, "the pattern /\(pattern.source)/ \(error.message)", mend: "simplify it")
      }
    }
  }

  private static func texts(_ json: JSON, into texts: inout [String]) {
    switch json {
    case .string(let text): texts.append(text)
    case .array(let elements): for element in elements { Self.texts(element, into: &texts) }
    case .object(let members): for member in members.values { Self.texts(member, into: &texts) }
    case .integer, .number: texts.append(json.canonicalString)
    default: break
    }
  }

  // MARK: Signing in

  private mutating func signIn(_ principal: HTTPPrincipal, fresh: Bool) async throws(ProbeError) -> HTTPSession {
    if let known = sessions[principal.name], !fresh { return known }
    let session: HTTPSession
    if fresh {
      session = try await Self.login(principal, sender).get()
    } else {
      let context = context
      let engine = sender.engine
      session = try await context.resources.resource("http.session.\(principal.name)") { HTTPSignIn() }.session(
        of: principal.name, within: Int(sender.deadline - context.clock.ticks())
      ) {
        await Self.login(
          principal,
          HTTPSender(
            context: context, engine: engine, deadline: context.clock.ticks() + Int64(principal.timeout),
            budget: principal.timeout))
      }
    }
    sessions[principal.name] = session
    for (name, value) in session.captures { scope.set("\(principal.name).\(name)", value) }
    return session
  }

  private static func login(_ principal: HTTPPrincipal, _ sender: HTTPSender) async -> HTTPSignIn.Outcome {
    var scenario = HTTPScenario(sender: sender, principals: [:], owner: principal)
    func failed(_ kind: ProbeError.Kind, _ reason: String, _ mend: String?) -> HTTPSignIn.Outcome {
      .failure(
        ProbeError(
          kind, "\(principal.name) could not sign in: \(reason)", asked: scenario.asked, mend: mend,
          repeatCommand: scenario.repeatCommand))
    }
    do throws(ProbeError) {
      let mismatches = try await scenario.run(principal.login)
      if let first = mismatches.first {
        return failed(
          .denied, "\(scenario.asked ?? ""): \(first.path): expected \(first.expected), found \(first.found)",
          "correct what \(principal.name) signs in with")
      }
      return .success(HTTPSession(jar: scenario.jar, captures: scenario.captures))
    } catch { return failed(error.kind, error.message, error.mend) }
  }
}
