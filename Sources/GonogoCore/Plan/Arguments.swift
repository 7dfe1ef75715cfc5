/// Thrown when arguments are unusable; the diagnostics are already in the sink.
public struct InvalidArguments: Error, Sendable {
  public init() {}
}

/// A mapping that an author wrote, read member by member. Every fault is reported with its place; ``finish()`` reports the
/// members that nobody asked for.
public final class Arguments {
  public let node: Node
  public let sink: DiagnosticSink
  public let engines: Engines
  /// What the mapping belongs to, for messages: "the probe http".
  public var owner: String { describe() }
  private let describe: () -> String
  /// The document's principals and defaults.
  public lazy var plan = PlanContext()
  private let members: [Node.Entry]
  /// The names of all members, in the order written.
  public let names: [String]
  /// Where each member stands, for mappings so large that looking through them would cost more.
  private let places: [String: Int]?
  /// Every name that was asked for, as often as it was.
  private var asked: [String] = []
  /// Which members were asked for, by their place.
  private var taken: Set<Int> = []
  private var takenBits: UInt64 = 0

  public init(
    _ node: Node, owner: @autoclosure @escaping () -> String, shorthand: String? = nil, sink: DiagnosticSink,
    engines: Engines
  ) {
    self.node = node
    self.sink = sink
    self.engines = engines
    describe = owner
    if let entries = node.entries {
      members = entries
    } else if let shorthand, !node.isNull {
      let key = Node(.scalar(.init(text: shorthand, style: .plain, value: .string(shorthand))), at: node.range)
      members = [Node.Entry(key: key, value: node)]
    } else {
      members = []
      if !node.isNull {
        sink.report(.error(.wrongType, "\(owner()) takes a mapping, not \(node.kind)", at: node.range))
      }
    }
    names = members.map(\.name)
    places =
      names.count > 16
      ? Dictionary(names.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
      : nil
    asked.reserveCapacity(16)
  }

  public var range: SourceRange { node.range }

  private func place(_ name: String) -> Int? {
    if let places { return places[name] }
    for index in names.indices where names[index] == name { return index }
    return nil
  }

  public func has(_ name: String) -> Bool { place(name) != nil }

  /// The member's node; it counts as asked for.
  public func node(_ name: String) -> Node? {
    asked.append(name)
    guard let place = place(name) else { return nil }
    if place < 64 { takenBits |= 1 << UInt64(place) } else { taken.insert(place) }
    return members[place].value.isNull ? nil : members[place].value
  }

  private func isTaken(_ place: Int) -> Bool {
    place < 64 ? takenBits & 1 << UInt64(place) != 0 : taken.contains(place)
  }

  public func keyRange(_ name: String) -> SourceRange { place(name).map { members[$0].key.range } ?? node.range }

  public func fail(_ code: DiagnosticCode, _ message: String, at range: SourceRange? = nil, mend: String? = nil) {
    sink.report(.error(code, message, at: range ?? node.range, mend: mend))
  }

  /// - Throws: ``InvalidArguments`` where the member is missing.
  public func require<Value>(_ name: String, _ value: Value?) throws(InvalidArguments) -> Value {
    if let value { return value }
    if node(name) == nil {
      fail(.missingKey, "\(owner) needs `\(name)`", mend: "`gonogo explain` shows an example")
    }
    throw InvalidArguments()
  }

  public func template(_ name: String) -> Template? {
    guard let node = node(name) else { return nil }
    return template(of: node, name)
  }

  public func template(of node: Node, _ name: String) -> Template? {
    guard let text = node.text else {
      wrongType(name, "a text", node)
      return nil
    }
    return Template(node, text, sink: sink)
  }

  /// A text that is not interpolated. `$${` stands for `${` as it does in texts that are, so that one rule holds for all.
  public func string(_ name: String) -> String? {
    guard let node = node(name) else { return nil }
    guard let text = node.text else {
      wrongType(name, "a text", node)
      return nil
    }
    let plain = text.replacing("$${", with: "\u{0}")
    if plain.containsBytes(of: "${") {
      fail(
        .badInterpolation, "`\(name)` is not interpolated", at: node.range,
        mend: "write the text itself; `$${` stands for a literal `${`")
    }
    return plain.replacing("\u{0}", with: "${")
  }

  public func choice(_ name: String, _ choices: [String]) -> String? {
    guard let node = node(name) else { return nil }
    if let text = node.text, choices.contains(text) { return text }
    let near = node.text.flatMap { Suggestion.nearest(to: $0, in: choices) }
    fail(
      .wrongType, "`\(name)` is one of \(choices.joined(separator: ", ")), not \(node.kind)", at: node.range,
      mend: near.map { "did you mean '\($0)'?" })
    return nil
  }

  public func integer(_ name: String, in bounds: ClosedRange<Int> = 0...Int.max) -> Int? {
    guard let node = node(name) else { return nil }
    guard let value = node.scalar?.value.integerValue else {
      wrongType(name, "a whole number", node)
      return nil
    }
    guard bounds.contains(value) else {
      let limit =
        bounds.upperBound == Int.max ? "at least \(bounds.lowerBound)" : "\(bounds.lowerBound) to \(bounds.upperBound)"
      fail(.outOfRange, "`\(name)` is \(limit), not \(value)", at: node.range)
      return nil
    }
    return value
  }

  public func boolean(_ name: String) -> Bool? {
    guard let node = node(name) else { return nil }
    guard let value = node.scalar?.value.boolValue else {
      wrongType(name, "true or false", node)
      return nil
    }
    return value
  }

  /// Milliseconds. A bare number has no unit and is refused.
  public func duration(_ name: String) -> Int? {
    guard let node = node(name) else { return nil }
    guard let text = node.text, node.scalar?.value.doubleValue == nil, let value = Quantity.milliseconds(text),
      value >= 0,
      value < 1e12
    else {
      fail(
        .wrongType, "`\(name)` takes a duration with its unit, not \(node.kind)", at: node.range,
        mend: "write `\(name): 500ms`, `10s`, `5m`, `24h` or `7d`")
      return nil
    }
    return Int(value)
  }

  public func pattern(_ name: String) -> (any Pattern)? {
    guard let node = node(name) else { return nil }
    return ExpectationReader(engines: engines, sink: sink).pattern(node)
  }

  /// Any value, with interpolation inside its strings.
  public func value(_ name: String) -> TemplateValue? { node(name).map { TemplateValue($0, sink: sink) } }

  /// A list of texts; a single text is taken for a list of one.
  public func templates(_ name: String) -> [Template]? {
    guard let node = node(name) else { return nil }
    return (node.elements ?? [node]).compactMap { template(of: $0, name) }
  }

  /// A list of texts that are not interpolated; a single text is taken for a list of one.
  public func strings(_ name: String) -> [String]? {
    guard let node = node(name) else { return nil }
    return (node.elements ?? [node]).compactMap { item in
      if item.text == nil { wrongType(name, "a list of texts", item) }
      return item.text
    }
  }

  public func list(_ name: String) -> [Node]? {
    guard let node = node(name) else { return nil }
    if node.elements == nil { wrongType(name, "a list", node) }
    return node.elements
  }

  /// A mapping with names of the author's choosing.
  public func map(_ name: String) -> [(name: String, range: SourceRange, node: Node)]? {
    guard let node = node(name) else { return nil }
    guard let entries = node.entries else {
      wrongType(name, "a mapping", node)
      return nil
    }
    return entries.map { ($0.name, $0.key.range, $0.value) }
  }

  /// A mapping with members of its own.
  public func arguments(_ name: String, shorthand: String? = nil) -> Arguments? {
    node(name).map { arguments(of: $0, "`\(name)`", shorthand: shorthand) }
  }

  /// A mapping in a list, with members of its own.
  public func arguments(
    of node: Node, _ owner: @autoclosure @escaping () -> String, shorthand: String? = nil
  ) -> Arguments {
    let inner = Arguments(node, owner: owner(), shorthand: shorthand, sink: sink, engines: engines)
    inner.plan = plan
    return inner
  }

  /// Expectations under a name, of facts whose names are these.
  public func expectations(_ name: String, facts: [String]?) -> [Expectation] {
    node(name).map { ExpectationReader(engines: engines, sink: sink).read($0, facts: facts) } ?? []
  }

  public func wrongType(_ name: String, _ expected: String, _ node: Node) {
    fail(.wrongType, "`\(name)` takes \(expected), not \(node.kind)", at: node.range)
  }

  /// Reports every member that was not asked for.
  public func finish() {
    guard case .mapping = node.content else { return }
    for place in members.indices where !isTaken(place) {
      let entry = members[place]
      let near = Suggestion.nearest(to: entry.name, in: asked)
      fail(
        .unknownKey, "\(owner) has no parameter '\(entry.name)'", at: entry.key.range,
        mend: near.map { "did you mean '\($0)'?" }
          ?? "it takes \(Set(asked).sorted().map { "'\($0)'" }.joined(separator: ", "))")
    }
  }
}
