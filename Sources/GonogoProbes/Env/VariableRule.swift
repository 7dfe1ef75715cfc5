import GonogoCore

/// A bound such as `32`, `">= 32"`.
struct Limit: Sendable {
  let comparison: Matcher.Comparison
  let value: Double
  let source: String

  init?(_ node: Node) {
    guard let text = node.text, !text.isEmpty else { return nil }
    for comparison in Matcher.Comparison.allCases where text.hasPrefix(comparison.rawValue) {
      guard let value = Quantity.number(String(text.dropFirst(comparison.rawValue.count))) else { return nil }
      self.init(comparison, value, source: text)
      return
    }
    guard let value = Quantity.number(text) else { return nil }
    self.init(.equal, value, source: text)
  }

  init(_ comparison: Matcher.Comparison, _ value: Double, source: String) {
    self.comparison = comparison
    self.value = value
    self.source = source
  }

  func holds(_ number: Double) -> Bool {
    switch comparison {
    case .atLeast: number >= value
    case .atMost: number <= value
    case .more: number > value
    case .less: number < value
    case .equal: number == value
    case .unequal: number != value
    }
  }
}

/// What a contract says of one variable, or of all whose names match a glob.
struct VariableRule: Sendable {
  enum Presence: String, Sendable { case required, optional, forbidden }

  let name: String
  let range: SourceRange
  var presence: Presence
  var type: ValueType?
  var schemes: [String] = []
  var bytes: Limit?
  var minimum: Double?
  var maximum: Double?
  var separator = ","
  var items: ValueType?
  var future = false
  var pattern: (any Pattern)?
  var oneOf: [Template] = []
  var startsWith: Template?
  var equals: Template?
  var length: Limit?
  var entropy: Double?
  var secret = false
  var fallback: String?
  var allowsPlaceholder = false
  var allowsLoopback = false

  init(_ name: String, at range: SourceRange, _ presence: Presence) {
    self.name = name
    self.range = range
    self.presence = presence
  }

  var isGlob: Bool { name.contains("*") || name.contains("?") }
  var isSecret: Bool { secret || SecretPolicy.soundsSecret(name) }
  var templates: [Template] { oneOf + [startsWith, equals].compactMap { $0 } }

  /// Reads `NAME: required` and `NAME: { type: url, … }`.
  init?(_ name: String, at range: SourceRange, _ node: Node, in parent: Arguments) {
    if let text = node.text, !node.isNull {
      guard let presence = Presence(rawValue: text) else {
        let near = Suggestion.nearest(to: text, in: ["required", "optional", "forbidden"])
        parent.fail(
          .wrongType, "the rule of \(name) is required, optional, forbidden or a mapping, not \(node.kind)",
          at: node.range, mend: near.map { "did you mean '\($0)'?" } ?? "write `\(name): { type: url }`")
        return nil
      }
      self.init(name, at: range, presence)
    } else {
      guard let entries = node.entries, !entries.isEmpty else {
        parent.fail(
          .wrongType, "the rule of \(name) says nothing", at: node.isNull ? range : node.range,
          mend: "write `\(name): required`, or a mapping such as `{ type: url }`")
        return nil
      }
      self.init(name, at: range, .required)
      read(parent.arguments(of: node, "the rule of \(name)"))
    }
    if isGlob, presence == .required {
      parent.fail(
        .wrongType, "a glob cannot be required: nobody could say which name is missing", at: range,
        mend: "name the variables, or make the rule optional or forbidden")
    }
  }

  private mutating func read(_ arguments: Arguments) {
    let required = arguments.boolean("required")
    let forbidden = arguments.boolean("forbidden") ?? false
    if forbidden, required == true {
      arguments.fail(.wrongType, "\(name) cannot be both required and forbidden", at: arguments.keyRange("forbidden"))
    }
    presence = forbidden ? .forbidden : required == false ? .optional : .required
    type = arguments.choice("type", ValueType.allCases.map(\.rawValue)).flatMap(ValueType.init)
    if let text = arguments.string("separator") {
      if text.isEmpty { arguments.fail(.wrongType, "`separator` is empty", at: arguments.keyRange("separator")) }
      separator = text
    }
    items = arguments.choice("items", ValueType.allCases.filter { $0 != .list }.map(\.rawValue)).flatMap(ValueType.init)
    for key in ["separator", "items"] where arguments.has(key) { imply(.list, among: [.list], by: key, arguments) }
    schemes = (arguments.strings("schemes") ?? []).map { $0.lowercased() }
    if arguments.has("schemes") { imply(.url, among: [.url, .list], by: "schemes", arguments) }
    bytes = limit("bytes", arguments)
    if arguments.has("bytes") { imply(nil, among: [.base64, .hex], by: "bytes", arguments) }
    minimum = number("minimum", arguments)
    maximum = number("maximum", arguments)
    for key in ["minimum", "maximum"] where arguments.has(key) {
      imply(.number, among: [.integer, .number, .port], by: key, arguments)
    }
    if let minimum, let maximum, minimum > maximum {
      arguments.fail(
        .outOfRange, "`minimum` is above `maximum`, so no value would do", at: arguments.keyRange("minimum"))
    }
    future = arguments.boolean("future") ?? false
    if arguments.has("future") { imply(.instant, among: [.instant], by: "future", arguments) }
    pattern = arguments.pattern("matches")
    oneOf = arguments.templates("one_of") ?? []
    if arguments.has("one_of"), oneOf.isEmpty {
      arguments.fail(.emptyExpectation, "`one_of` names no value", at: arguments.keyRange("one_of"))
    }
    startsWith = arguments.template("starts_with")
    equals = arguments.template("equals")
    length = limit("length", arguments)
    entropy = number("entropy", arguments)
    secret = arguments.boolean("secret") ?? false
    fallback = arguments.string("fallback")
    if fallback == name {
      arguments.fail(.wrongType, "\(name) cannot fall back to itself", at: arguments.keyRange("fallback"))
    }
    allowsPlaceholder = arguments.boolean("allow_placeholder") ?? false
    allowsLoopback = arguments.boolean("allow_localhost") ?? false
    if presence == .forbidden {
      let idle = arguments.names.filter { $0 != "forbidden" && $0 != "required" }
      if let first = idle.first {
        arguments.fail(
          .wrongType, "\(name) is forbidden, so `\(first)` would never be looked at", at: arguments.keyRange(first))
      }
    }
    if secret, entropy == nil { entropy = 64 }
    arguments.finish()
  }

  /// A key that means something only for some types stands for its type where none is given.
  private mutating func imply(
    _ implied: ValueType?, among types: [ValueType], by key: String, _ arguments: Arguments
  ) {
    if let type, types.contains(type) { return }
    if type == nil, let implied {
      type = implied
      return
    }
    arguments.fail(
      .wrongType, "`\(key)` needs the type \(types.map(\.rawValue).joined(separator: " or "))",
      at: arguments.keyRange(key), mend: "add `type: \(types[0].rawValue)`")
  }

  private func limit(_ key: String, _ arguments: Arguments) -> Limit? {
    guard let node = arguments.node(key) else { return nil }
    if let limit = Limit(node) { return limit }
    arguments.wrongType(key, "a number or a comparison such as \">= 32\"", node)
    return nil
  }

  private func number(_ key: String, _ arguments: Arguments) -> Double? {
    guard let node = arguments.node(key) else { return nil }
    if let value = node.scalar?.value.doubleValue { return value }
    arguments.wrongType(key, "a number", node)
    return nil
  }

  /// Whether the rule asks anything of a value besides being there.
  var looksAtValue: Bool {
    type != nil || pattern != nil || !templates.isEmpty || length != nil || entropy != nil
  }

  /// What is wrong with the form of a value: the rule's key, and a sentence that does not quote the value.
  ///
  /// - Throws: ``EngineError`` where the pattern needs too many steps.
  func faults(of value: String, now: Int64) throws(EngineError) -> (type: Bool?, faults: [(rule: String, String)]) {
    var faults: [(String, String)] = []
    var typeHolds: Bool?
    if let type {
      let wrong = typeFault(type, value, now: now)
      typeHolds = wrong == nil
      if let wrong { faults.append(("type", wrong)) }
    }
    if let pattern, try pattern.firstMatch(in: value) == nil {
      faults.append(("matches", "expected a match of /\(pattern.source)/, found \(ValueType.kind(of: value))"))
    }
    if let length, !length.holds(Double(value.unicodeScalars.count)) {
      faults.append(
        ("length", "expected a length of \(length.source), found \(value.unicodeScalars.count) characters"))
    }
    if let entropy {
      let found = ValueQuality.entropy(value)
      if found < entropy {
        faults.append(
          ("entropy", "expected at least \(Self.show(entropy)) bits of estimated entropy, found \(Int(found))"))
      }
    }
    return (typeHolds, faults)
  }

  private func typeFault(_ type: ValueType, _ value: String, now: Int64) -> String? {
    switch type {
    case .list: return listFault(value)
    case .url:
      guard let url = URLShape(value) else { return "expected \(wanted(type)), found \(ValueType.kind(of: value))" }
      return schemes.isEmpty || schemes.contains(url.scheme)
        ? nil : "expected \(wanted(type)), found \(url.shownScheme)"
    default: break
    }
    guard type.accepts(value) else { return "expected \(type.phrase), found \(ValueType.kind(of: value))" }
    if let bytes, let count = type.bytes(of: value), !bytes.holds(Double(count)) {
      return "expected \(type.phrase) of \(bytes.source) bytes, found \(count) bytes"
    }
    if type == .integer || type == .number || type == .port, let number = ValueType.number(value) {
      if let minimum, number < minimum { return "expected at least \(Self.show(minimum)), found less" }
      if let maximum, number > maximum { return "expected at most \(Self.show(maximum)), found more" }
    }
    if future, let instant = Timestamp.parse(value), instant <= now {
      return "expected an instant in the future, found one in the past"
    }
    return nil
  }

  private func wanted(_ type: ValueType) -> String {
    type == .url && !schemes.isEmpty ? "a URL with scheme \(schemes.joined(separator: " or "))" : type.phrase
  }

  private func listFault(_ value: String) -> String? {
    var elements: [String] = []
    if separator == "json" {
      guard let array = (try? JSON.parse(value))?.arrayValue else {
        return "expected a JSON array, found \(ValueType.kind(of: value))"
      }
      elements = array.map { $0.stringValue ?? $0.canonicalString }
    } else {
      elements = value.split(separator: separator, omittingEmptySubsequences: false).map { part in
        String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
      }
    }
    if elements.isEmpty { return "expected a list with elements, found an empty one" }
    for (index, element) in elements.enumerated() {
      if element.isEmpty { return "expected a list, found that element \(index + 1) of \(elements.count) is empty" }
      let type = items ?? (schemes.isEmpty ? nil : .url)
      guard let type else { continue }
      if !type.accepts(element) {
        return "expected a list of \(type.rawValue), found that element \(index + 1) of \(elements.count) is "
          + ValueType.kind(of: element)
      }
      if type == .url, !schemes.isEmpty, let url = URLShape(element), !schemes.contains(url.scheme) {
        return "expected URLs with scheme \(schemes.joined(separator: " or ")), found \(url.shownScheme) in element "
          + "\(index + 1) of \(elements.count)"
      }
    }
    return nil
  }

  static func show(_ number: Double) -> String {
    Int(exactly: number).map(String.init) ?? "\(number)"
  }
}
