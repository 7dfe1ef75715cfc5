/// Reads `expect:` and `jq:` into expectations.
struct ExpectationReader {
  let engines: Engines
  let sink: DiagnosticSink

  static let operators: Set<String> = [
    "equals", "not", "length", "matches", "contains", "starts_with", "ends_with", "one_of", "exactly", "includes",
    "type",
    "each", "some", "all_of", "any_of", "exists", "absent",
  ]

  /// - Parameter facts: the names a path may begin with; `nil` for facts whose shape only the run knows.
  func read(_ node: Node, facts: [String]?) -> [Expectation] {
    guard let entries = node.entries else {
      sink.report(
        .error(
          .wrongType, "`expect` takes a mapping from a fact's path to what must hold of it, not \(node.kind)",
          at: node.range, mend: "write `expect: { status: 200 }`; `gonogo explain PROBE` lists the facts"))
      return []
    }
    if entries.isEmpty {
      sink.report(
        .error(
          .emptyExpectation, "an empty `expect` would pass whatever was found", at: node.range,
          mend: "name at least one fact and what must hold of it"))
    }
    return entries.compactMap { entry in
      guard let path = FactPath(entry.name) else {
        sink.report(
          .error(
            .badPath, "'\(entry.name)' is not a fact's path", at: entry.key.range,
            mend: "write it like `rows[0].name` or `headers[\"x.y\"]`"))
        return nil
      }
      if let facts, case .key(let first)? = path.steps.first, !facts.contains(first) {
        let near = Suggestion.nearest(to: first, in: facts)
        sink.report(
          .error(
            .unknownFact, "this probe reports no fact called '\(first)'", at: entry.key.range,
            mend: near.map { "did you mean '\($0)'?" } ?? "its facts are \(facts.joined(separator: ", "))"))
        return nil
      }
      guard let matcher = matcher(entry.value) else { return nil }
      return Expectation(.fact(path, matcher), at: entry.key.range)
    }
  }

  func queries(_ node: Node) -> [Expectation] {
    let nodes = node.elements ?? [node]
    if nodes.isEmpty {
      sink.report(
        .error(.emptyExpectation, "an empty `jq` list asks nothing", at: node.range, mend: "write an expression"))
    }
    return nodes.compactMap { item in
      guard let text = item.text, !item.isNull, !text.isEmpty else {
        sink.report(
          .error(
            .wrongType, "`jq` takes an expression, not \(item.kind)", at: item.range,
            mend: "write `jq: '.rows | length > 0'`"))
        return nil
      }
      return Expectation(.query(handle: engines.queries.register(text), source: text), at: item.range)
    }
  }

  func matcher(_ node: Node) -> Matcher? {
    switch node.content {
    case .scalar(let scalar): return scalarMatcher(node, scalar)
    case .sequence: return .equals(TemplateValue(node, sink: sink))
    case .mapping(let entries): return mappingMatcher(node, entries)
    }
  }

  private func scalarMatcher(_ node: Node, _ scalar: Node.Scalar) -> Matcher? {
    guard case .string(let text) = scalar.value else { return .equals(.constant(scalar.value)) }
    if scalar.style == .plain, text == "exists" { return .exists }
    if scalar.style == .plain, text == "absent" { return .absent }
    // Every comparison begins with one of these.
    guard let first = text.utf8.first, "><!=".utf8.contains(first) else {
      return .equals(TemplateValue(node, sink: sink))
    }
    for comparison in Matcher.Comparison.allCases where text.hasPrefix(comparison.rawValue) {
      let operand = text.dropFirst(comparison.rawValue.count).drop { $0 == " " }
      guard let limit = Quantity.number(String(operand)) else {
        sink.report(
          .error(
            .badMatcher, "'\(operand)' is not a number, a duration or a size", at: node.range,
            mend: "write `\"\(comparison.rawValue) 500ms\"`, or `{ equals: \"\(text)\" }` for the text itself"))
        return nil
      }
      return .compare(comparison, limit, source: text)
    }
    return .equals(TemplateValue(node, sink: sink))
  }

  private func mappingMatcher(_ node: Node, _ entries: [Node.Entry]) -> Matcher? {
    if entries.isEmpty {
      sink.report(
        .error(
          .emptyExpectation, "an empty mapping asks nothing", at: node.range,
          mend: "write `{ equals: {} }` for an empty object"))
      return nil
    }
    let known = entries.filter { Self.operators.contains($0.name) }
    if known.isEmpty {
      let fields = read(node, facts: nil)
      return .fields(fields)
    }
    if known.count < entries.count, let stranger = entries.first(where: { !Self.operators.contains($0.name) }) {
      let near = Suggestion.nearest(to: stranger.name, in: Self.operators)
      sink.report(
        .error(
          .badMatcher, "'\(stranger.name)' is no matcher, and stands beside '\(known[0].name)', which is one",
          at: stranger.key.range,
          mend: near.map { "did you mean '\($0)'?" }
            ?? "matchers are \(Self.operators.sorted().joined(separator: ", "))"))
      return nil
    }
    let matchers = entries.compactMap(operatorMatcher)
    if matchers.count < entries.count { return nil }
    return matchers.count == 1 ? matchers[0] : .allOf(matchers)
  }

  private func operatorMatcher(_ entry: Node.Entry) -> Matcher? {
    let node = entry.value
    switch entry.name {
    case "equals": return .equals(TemplateValue(node, sink: sink))
    case "exists", "absent":
      guard let wanted = node.scalar?.value.boolValue else {
        sink.report(.error(.badMatcher, "`\(entry.name)` takes true or false", at: node.range, mend: nil))
        return nil
      }
      return (entry.name == "exists") == wanted ? .exists : .absent
    case "not": return matcher(node).map { .not($0) }
    case "length": return matcher(node).map { .length($0) }
    case "each": return matcher(node).map { .each($0) }
    case "some": return matcher(node).map { .some($0) }
    case "contains": return part(entry).map { .contains($0) }
    case "starts_with": return part(entry).map { .startsWith($0) }
    case "ends_with": return part(entry).map { .endsWith($0) }
    case "one_of": return list(entry).map { .oneOf($0) }
    case "exactly": return list(entry, mayBeEmpty: true).map { .exactly($0) }
    case "includes": return list(entry).map { .includes($0) }
    case "all_of", "any_of":
      guard let elements = node.elements, !elements.isEmpty else {
        sink.report(.error(.badMatcher, "`\(entry.name)` takes a list of matchers", at: node.range, mend: nil))
        return nil
      }
      let inner = elements.compactMap(matcher)
      guard inner.count == elements.count else { return nil }
      return entry.name == "all_of" ? .allOf(inner) : .anyOf(inner)
    case "type":
      let types = ["string", "number", "integer", "boolean", "array", "object", "null"]
      guard let name = node.text, types.contains(name) else {
        sink.report(
          .error(.badMatcher, "`type` is one of \(types.joined(separator: ", "))", at: node.range, mend: nil))
        return nil
      }
      return .type(name)
    case "matches": return pattern(node).map { .matches($0) }
    default: return nil
    }
  }

  /// What a text is searched for. Every text contains the empty one.
  private func part(_ entry: Node.Entry) -> TemplateValue? {
    if entry.value.text == "" || entry.value.isNull {
      sink.report(
        .error(
          .emptyExpectation, "`\(entry.name)` asks for nothing, which every text has", at: entry.value.range,
          mend: "write the text that must be there"))
      return nil
    }
    return TemplateValue(entry.value, sink: sink)
  }

  private func list(_ entry: Node.Entry, mayBeEmpty: Bool = false) -> [TemplateValue]? {
    guard let elements = entry.value.elements, mayBeEmpty || !elements.isEmpty else {
      sink.report(
        .error(
          .badMatcher, "`\(entry.name)` takes a list\(mayBeEmpty ? "" : " with at least one element")",
          at: entry.value.range, mend: "write `\(entry.name): [a, b]`"))
      return nil
    }
    return elements.map { TemplateValue($0, sink: sink) }
  }

  func pattern(_ node: Node) -> (any Pattern)? {
    guard let text = node.text, !text.isEmpty else {
      sink.report(
        .error(.badPattern, "`matches` takes a pattern, not \(node.kind)", at: node.range, mend: "write `/re/`"))
      return nil
    }
    return PatternReader(engine: engines.patterns, sink: sink).read(text, at: node.range)
  }
}

/// Reads `/re/` and `/re/im`; a text without the slashes is taken whole.
public struct PatternReader {
  let engine: any PatternEngine
  let sink: DiagnosticSink

  public init(engine: any PatternEngine, sink: DiagnosticSink) {
    self.engine = engine
    self.sink = sink
  }

  public func read(_ text: String, at range: SourceRange) -> (any Pattern)? {
    var source = text
    var flags: Substring = ""
    if text.hasPrefix("/"), let close = text.dropFirst().lastIndex(of: "/") {
      let letters = text[text.index(after: close)...]
      // `/api/users` is a text without slashes around it: only what other languages take for flags, and a letter that stands alone,
      // is taken for flags.
      let isOne = letters.count == 1 && letters.allSatisfy { $0.isASCII && $0.isLetter }
      if isOne || letters.count <= 4 && letters.allSatisfy({ "dgimnsuvxyU".contains($0) }) {
        if let unknown = letters.first(where: { $0 != "i" && $0 != "m" }) {
          sink.report(
            .error(
              .badPattern, "a pattern has no flag '\(unknown)'", at: range,
              mend: "flags are i and m, others stand within, such as (?s); where '\(letters)' is text, write '\(text)/'"
            ))
          return nil
        }
        source = String(text[text.index(after: text.startIndex)..<close])
        flags = letters
      }
    }
    if source.isEmpty {
      sink.report(
        .error(
          .badPattern, "an empty pattern matches everything", at: range, mend: "write what must be there: `/re/`"))
      return nil
    }
    let head = flags.contains("m") ? "(?m)" : ""
    do { return try engine.compile(head + source, ignoringCase: flags.contains("i")) } catch {
      let place = error.offset.map { " at byte \(max(0, $0 - head.utf8.count) + 1)" } ?? ""
      sink.report(
        .error(
          .badPattern, "not a pattern\(place): \(error.message)", at: range,
          mend: "patterns are Perl-compatible (PCRE2); put single quotes around them in YAML"))
      return nil
    }
  }
}
