import GonogoCore

/// One request of a scenario, as its author wrote it.
struct HTTPStep: Sendable {
  static let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]

  enum Part: Sendable {
    case text(TemplateValue, type: Template?)
    case file(Template, type: Template?, name: Template?)
  }

  enum Body: Sendable {
    case none
    case json(TemplateValue)
    case form([(name: String, values: [TemplateValue])])
    case multipart([(name: String, part: Part)])
    case file(Template)
    case raw(Template)
  }

  enum Cookies: Sendable {
    /// The jar's, and these.
    case jar([(name: String, value: Template)])
    case none
  }

  struct Capture: Sendable {
    enum Source: Sendable {
      case fact(FactPath)
      case header(String)
      case cookie(String)
      case pattern(any Pattern, in: FactPath)
    }
    let name: String
    let source: Source
    /// What the author says; `nil` leaves it to the name.
    let secret: Bool?
  }

  struct Signature: Sendable {
    let header: String
    let key: Template
    let keyEncoding: String
    /// `nil` signs the body.
    let over: Template?
    let algorithm: String
    let encoding: String
    let prefix: Template?
  }

  struct OneTimePassword: Sendable {
    let name: String
    let secret: Template
    let digits: Int
    let period: Int
    let algorithm: String
  }

  let method: String
  let url: Template
  let range: SourceRange
  var principal: Template?
  var fresh = false
  var headers: [(name: String, values: [TemplateValue])] = []
  var query: [(name: String, values: [TemplateValue])] = []
  var body = Body.none
  var cookies = Cookies.jar([])
  var credentials = Credentials()
  /// How many redirections are followed.
  var follow = 0
  var captures: [Capture] = []
  var guards: [Expectation] = []
  var signature: Signature?
  var oneTimePassword: OneTimePassword?
  var repeats: Int?
  var parallel = 1
  var proxy: Template?
  var version: WireRequest.Version?
  var certificateAuthority: Template?
  var certificate: Template?
  var key: Template?
  var insecure = false
  var safe = false
  var limit = 4 << 20

  var writes: Bool { !["GET", "HEAD", "OPTIONS"].contains(method) && !safe }

  /// Whether a file is read before the request is sent.
  var readsFile: Bool {
    switch body {
    case .file: true
    case .multipart(let parts): parts.contains { if case .file = $0.part { true } else { false } }
    default: false
    }
  }

  /// The URL's template up to its query, for comparing what two steps ask.
  var target: String { String(url.source.prefix { $0 != "?" }) }
}

/// Who the caller says it is.
struct Credentials: Sendable {
  var basic: (user: Template, password: Template)?
  var bearer: Template?

  init() {}

  init(_ arguments: Arguments) {
    if let inner = arguments.arguments("basic") {
      if let user = try? inner.require("user", inner.template("user")),
        let password = try? inner.require("password", inner.template("password"))
      {
        basic = (user, password)
      }
      inner.finish()
    }
    bearer = arguments.template("bearer")
    if basic != nil, bearer != nil {
      arguments.fail(
        .wrongType, "`basic` and `bearer` both set the Authorization header", at: arguments.keyRange("bearer"))
    }
  }

  var isEmpty: Bool { basic == nil && bearer == nil }
  var templates: [Template] { [basic?.user, basic?.password, bearer].compactMap { $0 } }
}

extension HTTPStep {
  /// The templates that are filled in before the request is sent.
  var references: [(name: String, range: SourceRange)] {
    var templates = [url] + credentials.templates
    templates += [principal, proxy, certificateAuthority, certificate, key].compactMap { $0 }
    templates += [signature?.key, signature?.prefix].compactMap { $0 }
    if let over = signature?.over { templates.append(over) }
    var values = (headers + query).flatMap(\.values)
    if case .jar(let extra) = cookies { templates += extra.map(\.value) }
    switch body {
    case .none: break
    case .json(let value): values.append(value)
    case .form(let fields): values += fields.flatMap(\.values)
    case .file(let template), .raw(let template): templates.append(template)
    case .multipart(let parts):
      for (_, part) in parts {
        switch part {
        case .text(let value, let type):
          values.append(value)
          templates += [type].compactMap { $0 }
        case .file(let path, let type, let name): templates += [path, type, name].compactMap { $0 }
        }
      }
    }
    let local: Set<String> = signature?.over == nil ? ["timestamp"] : ["timestamp", "body"]
    let found = (templates.flatMap(\.references) + values.flatMap(\.references)).filter { !local.contains($0.name) }
    guard let oneTimePassword else { return found }
    return found.filter { $0.name != oneTimePassword.name } + oneTimePassword.secret.references
  }

  // MARK: Reading

  /// The steps of a list, or of one mapping; those of a named scenario stand in for its `run`.
  static func list(_ node: Node, _ arguments: Arguments, scenarios: [String: [HTTPStep]]) -> [HTTPStep] {
    if let elements = node.elements {
      if elements.isEmpty { arguments.fail(.missingKey, "there is no step", at: node.range) }
      return elements.enumerated().flatMap { index, element -> [HTTPStep] in
        guard element.entries != nil else {
          arguments.fail(
            .wrongType, "a step is a mapping, not \(element.kind)", at: element.range,
            mend: "write `- GET: ${core}/path`")
          return []
        }
        let inner = arguments.arguments(of: element, "step \(index + 1)")
        let steps = read(inner, scenarios: scenarios)
        inner.finish()
        return steps
      }
    }
    guard node.entries != nil else {
      arguments.fail(
        .wrongType, "steps are a list of mappings, not \(node.kind)", at: node.range,
        mend: "write `- GET: ${core}/path`")
      return []
    }
    let inner = arguments.arguments(of: node, "the step")
    let steps = read(inner, scenarios: scenarios)
    inner.finish()
    return steps
  }

  static func read(_ arguments: Arguments, scenarios: [String: [HTTPStep]]) -> [HTTPStep] {
    if arguments.has("run") {
      let principal = arguments.template("as")
      let fresh = arguments.boolean("fresh") ?? false
      guard let name = arguments.string("run") else { return [] }
      guard let steps = scenarios[name] else {
        let near = Suggestion.nearest(to: name, in: scenarios.keys)
        arguments.fail(
          .unknownReference, "no scenario is called '\(name)'", at: arguments.node("run")?.range,
          mend: near.map { "did you mean '\($0)'?" }
            ?? "name it in the front matter, above its use: `http: { scenarios: { \(name): [...] } }`")
        return []
      }
      return steps.enumerated().map { index, step in
        var step = step
        if step.principal == nil {
          step.principal = principal
          step.fresh = fresh && index == 0
        }
        return step
      }
    }
    let named = methods.filter { arguments.has($0) }
    guard let method = named.first else {
      for parameter in HTTPManual.stepParameters { _ = arguments.node(parameter.name) }
      arguments.fail(
        .missingKey, "\(arguments.owner) has no request",
        mend: "write `GET: ${core}/path`, or \(methods.dropFirst().joined(separator: ", "))")
      return []
    }
    if named.count > 1 {
      arguments.fail(
        .wrongType, "a step is one request; this has `\(named[0])` and `\(named[1])`", at: arguments.keyRange(named[1]),
        mend: "write two steps")
    }
    for name in methods { _ = arguments.node(name) }
    guard let url = arguments.template(method) else {
      if arguments.node(method) == nil {
        arguments.fail(.missingKey, "`\(method)` has no URL", at: arguments.keyRange(method))
      }
      return []
    }
    if let constant = url.constant, URLParts(URLText.legal(constant)) == nil {
      arguments.fail(
        .wrongType, "'\(constant)' is not a URL that begins with http:// or https://", at: url.range,
        mend: "begin with a target of the environment, such as `${core}/path`")
    }
    var step = HTTPStep(method: method, url: url, range: arguments.keyRange(method))
    step.principal = arguments.template("as")
    step.fresh = arguments.boolean("fresh") ?? false
    if step.fresh, step.principal == nil {
      arguments.fail(
        .missingKey, "`fresh` says that `as` signs in anew; there is no `as`", at: arguments.keyRange("fresh"))
    }
    step.headers = pairs("headers", arguments)
    step.query = pairs("query", arguments)
    for header in step.headers where !isToken(header.name) {
      arguments.fail(.wrongType, "'\(header.name)' cannot be a header's name", at: arguments.keyRange("headers"))
    }
    step.body = readBody(arguments)
    if let node = arguments.node("cookies"), node.text == "none" {
      step.cookies = .none
    } else {
      step.cookies = .jar(cookies(arguments))
    }
    step.credentials = Credentials(arguments)
    step.follow = readFollow(arguments)
    step.captures = readCaptures(arguments)
    step.guards = arguments.expectations("expect", facts: HTTPProbe.stepFacts)
    step.signature = readSignature(arguments)
    step.oneTimePassword = readOneTimePassword(arguments)
    step.repeats = arguments.integer("repeat", in: 1...100_000)
    if let parallel = arguments.integer("parallel", in: 1...256) {
      step.parallel = parallel
      if step.repeats == nil {
        arguments.fail(
          .missingKey, "`parallel` says how many of `repeat` go at once", at: arguments.keyRange("parallel"))
      }
    }
    step.proxy = arguments.template("proxy")
    step.version = arguments.choice("version", WireRequest.Version.allCases.map(\.rawValue)).flatMap(
      WireRequest.Version.init)
    step.certificateAuthority = arguments.template("ca")
    step.certificate = arguments.template("certificate")
    step.key = arguments.template("key")
    step.insecure = arguments.boolean("insecure") ?? false
    step.safe = arguments.boolean("safe") ?? false
    if let node = arguments.node("limit") {
      if let text = node.text, let bytes = Quantity.number(text), bytes >= 1, bytes <= 1_073_741_824,
        text.hasSuffix("B") || text.allSatisfy(\.isNumber)
      {
        step.limit = Int(bytes)
      } else {
        arguments.fail(
          .wrongType, "`limit` takes a size up to 1GiB, not \(node.kind)", at: node.range, mend: "write `limit: 10MiB`")
      }
    }
    return [step]
  }

  private static func isToken(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        byte.isASCIIDigit || byte.isASCIILetter
          || "!#$%&'*+-.^_`|~".utf8.contains(byte)
      }
  }

  static func pairs(_ name: String, _ arguments: Arguments) -> [(name: String, values: [TemplateValue])] {
    (arguments.map(name) ?? []).map { name, _, node in
      (name, (node.elements ?? [node]).map { TemplateValue($0, sink: arguments.sink) })
    }
  }

  static func cookies(_ arguments: Arguments) -> [(name: String, value: Template)] {
    (arguments.map("cookies") ?? []).compactMap { name, _, node in
      arguments.template(of: node, name).map { (name, $0) }
    }
  }

  private static func readBody(_ arguments: Arguments) -> Body {
    let names = ["json", "form", "multipart", "file", "body"]
    let given = names.filter { arguments.has($0) }
    if given.count > 1 {
      arguments.fail(
        .wrongType, "a request has one body; this has `\(given[0])` and `\(given[1])`", at: arguments.keyRange(given[1])
      )
    }
    for name in names { _ = arguments.node(name) }
    guard let name = given.first else { return .none }
    switch name {
    case "json":
      // An explicit `json: null` sends null.
      guard let value = arguments.value("json") else { return .json(.constant(.null)) }
      return .json(value)
    case "form": return .form(pairs("form", arguments))
    case "file": return arguments.template("file").map { .file($0) } ?? .none
    case "body": return .raw(arguments.template("body") ?? Template(literal: ""))
    default:
      var parts: [(name: String, part: Part)] = []
      for (name, _, node) in arguments.map("multipart") ?? [] {
        for item in node.elements ?? [node] {
          guard item.entries != nil else {
            parts.append((name, .text(TemplateValue(item, sink: arguments.sink), type: nil)))
            continue
          }
          let inner = arguments.arguments(of: item, "the part \(name)")
          let type = inner.template("type")
          let fileName = inner.template("name")
          if let path = inner.template("file") {
            parts.append((name, .file(path, type: type, name: fileName)))
          } else if let value = inner.value("text") {
            parts.append((name, .text(value, type: type)))
          } else {
            inner.fail(.missingKey, "the part \(name) has neither `file` nor `text`")
          }
          inner.finish()
        }
      }
      return .multipart(parts)
    }
  }

  private static func readFollow(_ arguments: Arguments) -> Int {
    guard let node = arguments.node("follow") else { return 0 }
    if let flag = node.scalar?.value.boolValue { return flag ? 10 : 0 }
    if let count = node.scalar?.value.integerValue, (0...50).contains(count) { return count }
    arguments.wrongType("follow", "true, false or a number up to 50", node)
    return 0
  }

  private static func readCaptures(_ arguments: Arguments) -> [Capture] {
    (arguments.map("capture") ?? []).compactMap { name, range, node in
      guard
        Template(
          Node(.scalar(.init(text: "", style: .plain, value: "")), at: range), "${\(name)}", sink: DiagnosticSink()
        ).references.count == 1
      else {
        arguments.fail(.wrongType, "'\(name)' cannot be a capture's name", at: range)
        return nil
      }
      func path(_ text: String, _ place: SourceRange) -> FactPath? {
        guard let path = FactPath(text), case .key(let root)? = path.steps.first else {
          arguments.fail(.badPath, "'\(text)' is not a fact's path", at: place, mend: "write it like `body.token`")
          return nil
        }
        if !HTTPProbe.stepFacts.contains(root) {
          let near = Suggestion.nearest(to: root, in: HTTPProbe.stepFacts)
          arguments.fail(
            .unknownFact, "a reply has no fact called '\(root)'", at: place,
            mend: near.map { "did you mean '\($0)'?" } ?? "its facts are \(HTTPProbe.stepFacts.joined(separator: ", "))"
          )
          return nil
        }
        return path
      }
      if let text = node.text {
        guard let path = path(text, node.range) else { return nil }
        return Capture(name: name, source: .fact(path), secret: nil)
      }
      let inner = arguments.arguments(of: node, "the capture \(name)")
      defer { inner.finish() }
      let secret = inner.boolean("secret")
      _ = inner.node("in")
      let given = ["fact", "header", "cookie", "regex"].filter { inner.node($0) != nil }
      guard given.count == 1 else {
        inner.fail(.missingKey, "the capture \(name) takes one of `fact`, `header`, `cookie`, `regex`")
        return nil
      }
      switch given[0] {
      case "fact":
        guard let text = inner.string("fact"), let path = path(text, inner.range) else { return nil }
        return Capture(name: name, source: .fact(path), secret: secret)
      case "header":
        return inner.string("header").map { Capture(name: name, source: .header($0.lowercased()), secret: secret) }
      case "cookie": return inner.string("cookie").map { Capture(name: name, source: .cookie($0), secret: secret) }
      default:
        guard let pattern = inner.pattern("regex"), let path = path(inner.string("in") ?? "text", inner.range) else {
          return nil
        }
        return Capture(name: name, source: .pattern(pattern, in: path), secret: secret)
      }
    }
  }

  private static func readSignature(_ arguments: Arguments) -> Signature? {
    guard let inner = arguments.arguments("hmac") else { return nil }
    defer { inner.finish() }
    let over = inner.template("over")
    let algorithm = inner.choice("algorithm", ["sha1", "sha256", "sha384", "sha512"]) ?? "sha256"
    let encoding = inner.choice("encoding", ["hex", "base64"]) ?? "hex"
    let keyEncoding = inner.choice("key_encoding", ["text", "hex", "base64"]) ?? "text"
    let prefix = inner.template("prefix")
    guard let header = try? inner.require("header", inner.string("header")),
      let key = try? inner.require("key", inner.template("key"))
    else { return nil }
    return Signature(
      header: header, key: key, keyEncoding: keyEncoding, over: over?.source == "body" ? nil : over,
      algorithm: algorithm,
      encoding: encoding, prefix: prefix)
  }

  private static func readOneTimePassword(_ arguments: Arguments) -> OneTimePassword? {
    guard let inner = arguments.arguments("totp") else { return nil }
    defer { inner.finish() }
    let digits = inner.integer("digits", in: 6...10) ?? 6
    let period = inner.integer("period", in: 1...3600) ?? 30
    let algorithm = inner.choice("algorithm", ["sha1", "sha256", "sha512"]) ?? "sha1"
    let name = inner.string("name") ?? "code"
    guard let secret = try? inner.require("secret", inner.template("secret")) else { return nil }
    return OneTimePassword(name: name, secret: secret, digits: digits, period: period, algorithm: algorithm)
  }
}
