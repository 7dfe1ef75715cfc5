/// Why a `${name}` has no value.
public struct UnresolvedReference: Error, Sendable, Equatable {
  public let name: String
  public let message: String
  public let mend: String?
  public init(name: String, message: String, mend: String?) {
    self.name = name
    self.message = message
    self.mend = mend
  }
}

/// A template filled in: what a probe sends, what a person may see, what a shell command says instead.
public struct Rendered: Sendable, Equatable {
  public struct Segment: Sendable, Equatable {
    /// The real text. Never to be printed.
    public let exposed: String
    /// The text with its secret parts replaced.
    public let display: String
    /// The variable to name in a command, where the text holds a secret.
    public let variable: String?
  }

  public private(set) var segments: [Segment] = []
  /// Every secret text inside, for the redactor.
  public private(set) var secrets: [String] = []

  public init() {}

  public init(plain text: String) { append(plain: text) }

  mutating func append(plain text: String) {
    segments.append(Segment(exposed: text, display: text, variable: nil))
  }

  mutating func append(_ value: Scope.Value, text: String) {
    if value.secrets.isEmpty {
      append(plain: text)
      return
    }
    let display = value.secrets.sorted { $0.utf8.count > $1.utf8.count }
      .reduce(text) { $0.replacingBytes(of: $1, with: Redactor.mark) }
    segments.append(Segment(exposed: text, display: display, variable: value.variable))
    secrets.append(contentsOf: value.secrets)
  }

  /// The real text. For the wire only.
  public var exposed: String { segments.map(\.exposed).joined() }
  /// The text for people: secrets are replaced.
  public var display: String { segments.map(\.display).joined() }
  /// The text inside double quotes of a POSIX shell, secrets as variables.
  public var shell: String {
    segments.map { segment in
      if let variable = segment.variable { return "${\(variable)}" }
      return segment.display.flatMap { "\"\\$`".contains($0) ? "\\\($0)" : String($0) }.map(String.init).joined()
    }.joined()
  }
}

/// What `${name}` means at one place: captures, a case's columns, the environment's targets, variables, secrets, and last
/// the process environment (for names in capitals, or under `env.`).
public struct Scope: Sendable {
  public struct Value: Sendable, Equatable {
    public let json: JSON
    /// The secret texts inside the value.
    public let secrets: [String]
    /// The shell variable that stands for the value in a command to repeat.
    public let variable: String?

    public init(_ json: JSON, secrets: [String] = [], variable: String? = nil) {
      self.json = json
      self.secrets = secrets
      self.variable = variable
    }

    /// A value that is secret as a whole.
    public static func secret(_ text: String, variable: String) -> Value {
      Value(.string(text), secrets: [text], variable: variable)
    }
  }

  enum Entry: Sendable {
    case value(Value)
    case template(Template, secret: Bool)
  }

  private var entries: [String: Entry] = [:]
  public let environment: [String: String]
  public let publicNames: Set<String>

  public init(environment: [String: String], publicNames: Set<String> = []) {
    self.environment = environment
    self.publicNames = publicNames
  }

  public mutating func set(_ name: String, _ value: Value) { entries[name] = .value(value) }
  public mutating func set(_ name: String, _ template: Template, secret: Bool) {
    entries[name] = .template(template, secret: secret)
  }

  /// What must not be shown of the process environment: the variables whose names speak of a secret, those that the document
  /// names, and the secret parts of every URL.
  func environmentSecrets(mentionedIn document: [UInt8]) -> [String] {
    let text = String(decoding: document, as: UTF8.self)
    return environment.flatMap { name, value -> [String] in
      let isPublic = publicNames.contains(name)
      if SecretPolicy.soundsSecret(name) || text.contains("${\(name)}") || text.contains("${env.\(name)}") {
        return SecretPolicy.secrets(in: value, name: name, isPublic: isPublic)
      }
      return isPublic ? [] : SecretPolicy.urlSecrets(value) ?? []
    }
  }

  /// The names that are set here, besides the process environment.
  public var names: [String] { entries.keys.sorted() }

  /// Whether a name is set here, whatever its value.
  func declares(_ name: String) -> Bool { entries[name] != nil }

  public func has(_ name: String) -> Bool { (try? lookup(name, depth: 0)) != nil }

  public func lookup(_ name: String) throws(UnresolvedReference) -> Value { try lookup(name, depth: 0) }

  private func lookup(_ name: String, depth: Int) throws(UnresolvedReference) -> Value {
    if depth > 16 {
      throw UnresolvedReference(
        name: name, message: "'${\(name)}' refers to itself", mend: "give it a value of its own")
    }
    if let entry = entries[name] { return try value(of: entry, name: name, depth: depth) }
    // `${order.items[0].id}`: the longest name that is set, then a path into its value.
    var head = Substring(name)
    while let cut = head.lastIndex(where: { $0 == "." || $0 == "[" }) {
      head = head[..<cut]
      guard let entry = entries[String(head)] else { continue }
      let whole = try value(of: entry, name: String(head), depth: depth)
      let rest = name[head.endIndex...].drop { $0 == "." }
      guard let path = FactPath(String(rest)), let found = path.first(in: whole.json) else { break }
      return Value(found, secrets: whole.secrets.isEmpty ? [] : Self.texts(found), variable: whole.variable)
    }
    let variable = name.hasPrefix("env.") ? String(name.dropFirst(4)) : name
    if let text = environment[variable], name.hasPrefix("env.") || Self.isVariable(name) {
      let secrets = SecretPolicy.secrets(in: text, name: variable, isPublic: publicNames.contains(variable))
      return Value(.string(text), secrets: secrets, variable: variable)
    }
    if name.hasPrefix("env.") || Self.isVariable(name) {
      throw UnresolvedReference(
        name: name, message: "the environment variable \(variable) is not set",
        mend: "export \(variable), or pass it to this run")
    }
    let near = Suggestion.nearest(to: name, in: entries.keys)
    throw UnresolvedReference(
      name: name, message: "'${\(name)}' has no value here",
      mend: near.map { "did you mean '${\($0)}'?" }
        ?? "set it in the front matter (environments, vars, secrets), or capture it in an earlier step")
  }

  private func value(of entry: Entry, name: String, depth: Int) throws(UnresolvedReference) -> Value {
    switch entry {
    case .value(let value): return value
    case .template(let template, let secret):
      var text = ""
      var secrets: [String] = []
      var variable: String?
      if template.parts.count == 1, case .reference(let inner, _) = template.parts[0] {
        let value = try lookup(inner, depth: depth + 1)
        guard secret, value.secrets.isEmpty else { return value }
        return Value(value.json, secrets: Self.texts(value.json), variable: value.variable ?? Self.shellName(name))
      }
      for part in template.parts {
        switch part {
        case .literal(let piece): text += piece
        case .reference(let inner, _):
          let value = try lookup(inner, depth: depth + 1)
          text += Self.text(of: value.json)
          secrets += value.secrets
          if !value.secrets.isEmpty { variable = Self.shellName(name) }
        }
      }
      return secret
        ? Value(.string(text), secrets: [text], variable: Self.shellName(name))
        : Value(.string(text), secrets: secrets, variable: variable)
    }
  }

  /// - Throws: ``UnresolvedReference`` for the first name that has no value.
  public func render(_ template: Template) throws(UnresolvedReference) -> Rendered {
    var rendered = Rendered()
    for part in template.parts {
      switch part {
      case .literal(let text): rendered.append(plain: text)
      case .reference(let name, _):
        let value = try lookup(name)
        rendered.append(value, text: Self.text(of: value.json))
      }
    }
    return rendered
  }

  /// What a plan prints: what has no value yet stands as it was written.
  public func preview(_ template: Template) -> String {
    template.parts.map { part in
      switch part {
      case .literal(let text): return text
      case .reference(let name, let range):
        let alone = Template(parts: [.reference(name, range)], range: range)
        return (try? render(alone).display) ?? "${\(name)}"
      }
    }.joined()
  }

  /// Fills in a structure. A string that is one reference and nothing else keeps the type of its value.
  public func render(_ value: TemplateValue) throws(UnresolvedReference) -> (json: JSON, secrets: [String]) {
    switch value {
    case .constant(let json): return (json, [])
    case .template(let template):
      if template.parts.count == 1, case .reference(let name, _) = template.parts[0] {
        let found = try lookup(name)
        return (found.json, found.secrets)
      }
      let rendered = try render(template)
      return (.string(rendered.exposed), rendered.secrets)
    case .array(let elements):
      var result: [JSON] = []
      var secrets: [String] = []
      for element in elements {
        let rendered = try render(element)
        result.append(rendered.json)
        secrets += rendered.secrets
      }
      return (.array(result), secrets)
    case .object(let members):
      var result: [String: JSON] = [:]
      var secrets: [String] = []
      for (key, member) in members {
        let rendered = try render(member)
        result[key] = rendered.json
        secrets += rendered.secrets
      }
      return (.object(result), secrets)
    }
  }

  /// A value inside a text: strings as they are, everything else as JSON.
  public static func text(of json: JSON) -> String { json.stringValue ?? json.canonicalString }

  static func texts(_ json: JSON) -> [String] {
    switch json {
    case .string(let text): [text]
    case .array(let elements): elements.flatMap(texts)
    case .object(let members): members.values.flatMap(texts)
    case .integer, .number: [json.canonicalString]
    default: []
    }
  }

  static func isVariable(_ name: String) -> Bool {
    guard let first = name.utf8.first, first == UInt8(ascii: "_") || (0x41...0x5A).contains(first) else { return false }
    return name.utf8.allSatisfy { (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_") }
  }

  /// A shell variable's name for a value that has only a dotted one: `link.token` becomes `LINK_TOKEN`.
  public static func shellName(_ name: String) -> String {
    String(name.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
  }
}
