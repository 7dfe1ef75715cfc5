public import GonogoCore

/// Sends HTTP requests and reports what was answered.
public struct HTTPProbe: Probe, ProbeDefaults, ProbePrincipal {
  public static let descriptor = HTTPManual.descriptor

  let steps: [HTTPStep]
  let principals: [String: HTTPPrincipal]

  public init(_ arguments: Arguments) throws(InvalidArguments) {
    let scenarios = (arguments.plan.defaults["http"] as? HTTPDefaults)?.scenarios ?? [:]
    principals = arguments.plan.principals.compactMapValues { $0["http"] as? HTTPPrincipal }
    if arguments.has("steps") {
      steps = arguments.node("steps").map { HTTPStep.list($0, arguments, scenarios: scenarios) } ?? []
    } else if arguments.node.entries != nil {
      steps = HTTPStep.read(arguments, scenarios: scenarios)
    } else {
      steps = []
      arguments.fail(.missingKey, "the probe http has no request", mend: "write `http: { GET: \"${core}/path\" }`")
    }
    for step in steps {
      guard let template = step.principal, let name = template.constant, principals[name] == nil else { continue }
      let near = Suggestion.nearest(to: name, in: principals.keys)
      arguments.fail(
        .unknownReference,
        arguments.plan.principals[name] == nil
          ? "no principal is called '\(name)'" : "the principal \(name) has nothing under `http`",
        at: template.range,
        mend: near.map { "did you mean '\($0)'?" }
          ?? "declare it in the front matter: `principals: { \(name): { http: { login: [...] } } }`")
    }
    if steps.isEmpty { throw InvalidArguments() }
  }

  // MARK: Front matter

  public static func readDefaults(_ arguments: Arguments) -> (any Sendable)? {
    var defaults = HTTPDefaults()
    for (name, _, node) in arguments.map("scenarios") ?? [] {
      defaults.scenarios[name] = HTTPStep.list(node, arguments, scenarios: defaults.scenarios)
    }
    return defaults
  }

  public static func readPrincipal(_ name: String, _ arguments: Arguments) -> (any Sendable)? {
    HTTPPrincipal(name, arguments)
  }

  public static var defaultParameters: [ProbeDescriptor.Parameter] {
    [
      .init(
        "scenarios", .map(.list(.object(HTTPManual.stepParameters))),
        "Steps by name, for `run`. A scenario may run those above it.")
    ]
  }

  public static var principalParameters: [ProbeDescriptor.Parameter] {
    [
      .init(
        "login", .list(.object(HTTPManual.stepParameters)),
        "How it signs in: once in a run, when it is first needed."),
      .init("headers", .map(.either([.string, .list(.string)])), "Headers of all its requests."),
      .init(
        "basic",
        .object([
          .init("user", .string, required: true, "The user."),
          .init("password", .string, required: true, "The password."),
        ]), "HTTP Basic credentials of all its requests."),
      .init("bearer", .string, "The bearer token of all its requests; may be a capture of its login."),
      .init("cookies", .map(.string), "Cookies of all its requests, beside its jar's."),
      .init("timeout", .duration, "How long its login may take (default 10s)."),
    ]
  }

  // MARK: Planning

  /// A principal's login is not counted: signing in is what a principal is for.
  public var effect: Effect { steps.contains(where: \.writes) ? .writes : .reads }

  /// Transfers wait on the engine's thread. Reading a file could block, such as one on a network that is gone; and whoever
  /// signs in keeps a thread, to say in time that the login was what it waited for.
  public var blocks: Bool { steps.contains { $0.readsFile || $0.principal != nil } }

  /// The names that the facts of one step may begin with.
  static let stepFacts = HTTPManual.facts.map(\.path).reduce(into: [String]()) { roots, path in
    let root = String(path.prefix { $0 != "." && $0 != "[" })
    if root != "steps", !roots.contains(root) { roots.append(root) }
  }

  public var expectations: [Expectation] {
    steps.enumerated().flatMap { index, step in
      step.guards.map { $0.under(FactPath(steps: [.key("steps"), .index(index)])) }
    }
  }

  public var references: [(name: String, range: SourceRange)] {
    var known: Set<String> = ["timestamp"]
    var acting: Set<String> = []
    var result: [(name: String, range: SourceRange)] = []
    for step in steps {
      var here = known
      if let template = step.principal {
        if let name = template.constant, let principal = principals[name] {
          if acting.insert(name).inserted { result += principal.references }
          known.formUnion(principal.captureNames.map { "\(name).\($0)" })
          here = known.union(principal.captureNames.map { "me.\($0)" })
        } else {
          // Who that is, only the run knows.
          here.insert("me")
        }
      }
      result += step.references.filter { !HTTPPrincipal.covers(here, $0.name) }
      known.formUnion(step.captures.map(\.name))
    }
    return result
  }

  public func requests(in scope: Scope) -> [String] {
    var lines: [String] = []
    var signedIn: Set<String> = []
    for step in steps {
      var prefix = ""
      if let template = step.principal {
        let name = scope.preview(template)
        if let principal = principals[name], step.fresh || signedIn.insert(name).inserted {
          signedIn.insert(name)
          for login in principal.login { lines.append("as \(name) (login): \(line(login, scope))") }
        }
        prefix = "as \(name): "
      }
      var line = prefix + line(step, scope)
      if step.safe { line += " (safe, by the author's word)" }
      lines.append(line)
    }
    return lines
  }

  private func line(_ step: HTTPStep, _ scope: Scope) -> String {
    var line = "\(step.method) \(scope.preview(step.url))"
    let pairs = step.query.flatMap { name, values in
      values.map { "\(URLText.component(name))=\(preview($0, scope))" }
    }
    if !pairs.isEmpty { line += "\(line.contains("?") ? "&" : "?")\(pairs.joined(separator: "&"))" }
    if let repeats = step.repeats { line += " × \(repeats)" }
    return line
  }

  private func preview(_ value: TemplateValue, _ scope: Scope) -> String {
    switch value {
    case .constant(let json): json == .null ? "" : URLText.component(Scope.text(of: json))
    case .template(let template): scope.preview(template)
    default: "…"
    }
  }

  // MARK: Denials (law 2)

  /// Statuses by which a server says no. A server that is broken or not there answers with them as well.
  private static let refusals: Set<Int> = [
    400, 401, 403, 404, 405, 406, 407, 409, 410, 415, 419, 422, 423, 428, 429, 451,
  ]

  private enum Expected {
    case refusal(Int)
    case success, other
  }

  private static func meaning(_ matcher: Matcher) -> Expected {
    switch matcher {
    case .equals(.constant(let value)):
      guard let status = value.integerValue else { return .other }
      return refusals.contains(status) ? .refusal(status) : (200..<400).contains(status) ? .success : .other
    case .oneOf(let values):
      let all = values.map { meaning(.equals($0)) }
      let refused = all.compactMap { if case .refusal(let status) = $0 { status } else { nil } }
      if refused.count == all.count, let first = refused.first { return .refusal(first) }
      return all.allSatisfy { if case .success = $0 { true } else { false } } ? .success : .other
    case .compare(let comparison, let limit, _):
      switch comparison {
      case .atLeast where limit >= 400 && limit < 500: return .refusal(Int(limit))
      case .more where limit >= 399 && limit < 499: return .refusal(Int(limit) + 1)
      case .less where limit <= 400: return .success
      case .atMost where limit < 400: return .success
      case .equal: return meaning(.equals(.constant(JSON(Int(limit)))))
      case .unequal where (200..<400).contains(limit): return .refusal(403)
      default: return .other
      }
    case .allOf(let inner):
      let all = inner.map(meaning)
      return all.first { if case .refusal = $0 { true } else { false } }
        ?? all.first { if case .success = $0 { true } else { false } } ?? .other
    case .anyOf(let inner):
      let all = inner.map(meaning)
      if all.allSatisfy({ if case .success = $0 { true } else { false } }) { return .success }
      return all.allSatisfy { if case .refusal = $0 { true } else { false } } ? all.first ?? .other : .other
    case .not(let inner):
      if case .success = meaning(inner) { return .refusal(403) }
      return .other
    default: return .other
    }
  }

  private static func status(of expectations: [Expectation], at path: [FactPath.Step]) -> Expected? {
    for expectation in expectations {
      if case .fact(let found, let matcher) = expectation.test, found.steps == path { return meaning(matcher) }
    }
    return nil
  }

  /// Of a single request; in a scenario an accepted step may be the control, which ``denial(in:)`` has looked for.
  public func refusal(in facts: JSON) -> String? {
    guard steps.count == 1, let status = facts["status"]?.integerValue, Self.refusals.contains(status) else {
      return nil
    }
    if steps[0].repeats != nil, let seen = facts["statuses"]?.objectValue,
      seen.keys.contains(where: { Int($0).map { !Self.refusals.contains($0) } ?? false })
    {
      return nil  // some of the repeated requests were accepted: they are the control
    }
    return "a \(status)"
  }

  public func denial(in expectations: [Expectation]) -> String? {
    let meanings = steps.indices.map { index -> Expected in
      let own = Self.status(of: expectations, at: [.key("steps"), .index(index), .key("status")])
      if let own { return own }
      return index == steps.count - 1 ? Self.status(of: expectations, at: [.key("status")]) ?? .other : .other
    }
    for (index, step) in steps.enumerated() {
      guard case .refusal(let status) = meanings[index], step.repeats == nil else { continue }
      // All guards must hold for a pass, so a success of the same request in this scenario is a control, wherever it stands.
      let controlled = steps.indices.contains { other in
        guard other != index, steps[other].method == step.method, steps[other].target == step.target else {
          return false
        }
        if case .success = meanings[other] { return true }
        return false
      }
      if !controlled {
        return "an expected \(status)\(steps.count > 1 ? " (step \(index + 1))" : "")"
      }
    }
    return nil
  }

  // MARK: Looking

  public func observe(in context: ProbeContext) async throws(ProbeError) -> Observation {
    let sender = HTTPSender(
      context: context, engine: CurlEngine.shared(context.resources),
      deadline: context.clock.ticks() + Int64(context.timeout), budget: context.timeout)
    var scenario = HTTPScenario(sender: sender, principals: principals)
    let unmet = try await scenario.run(steps)
    var facts = scenario.steps.last?.objectValue ?? [:]
    if steps.count > 1 || steps.contains(where: { !$0.guards.isEmpty }) { facts["steps"] = .array(scenario.steps) }
    var observation = Observation(
      facts: .object(facts), witness: ["requests": scenario.answered], asked: scenario.asked,
      repeatCommand: scenario.repeatCommand, captures: scenario.captures)
    observation.unmet = unmet
    return observation
  }
}
