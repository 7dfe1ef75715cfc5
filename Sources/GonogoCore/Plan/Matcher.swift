/// What must hold of one fact.
public indirect enum Matcher: Sendable {
  public enum Comparison: String, Sendable, CaseIterable {
    case atLeast = ">="
    case atMost = "<="
    case unequal = "!="
    case equal = "=="
    case more = ">"
    case less = "<"
  }

  case equals(TemplateValue)
  case compare(Comparison, Double, source: String)
  case exists
  case absent
  case type(String)
  case length(Matcher)
  case matches(any Pattern)
  case contains(TemplateValue)
  case startsWith(TemplateValue)
  case endsWith(TemplateValue)
  case oneOf([TemplateValue])
  /// The same elements, in any order.
  case exactly([TemplateValue])
  /// At least these elements, in any order.
  case includes([TemplateValue])
  case not(Matcher)
  case allOf([Matcher])
  case anyOf([Matcher])
  /// Every element, and at least one.
  case each(Matcher)
  /// At least one element.
  case some(Matcher)
  case fields([Expectation])
}

/// A matcher bound to a fact's path.
public struct Expectation: Sendable {
  public enum Test: Sendable {
    case fact(FactPath, Matcher)
    /// A jq expression that must give `true`.
    case query(handle: Int, source: String)
  }

  public let test: Test
  public let range: SourceRange

  public init(_ test: Test, at range: SourceRange) {
    self.test = test
    self.range = range
  }

  /// The first step of the fact's path; `nil` for a jq expression.
  var root: String? {
    if case .fact(let path, _) = test, case .key(let name)? = path.steps.first { return name }
    return nil
  }

  /// The same expectation of facts that stand deeper, such as `steps[1]`.
  public func under(_ prefix: FactPath) -> Expectation {
    switch test {
    case .fact(let path, let matcher): Expectation(.fact(prefix.appending(path), matcher), at: range)
    case .query: self
    }
  }
}

/// One expectation that did not hold.
public struct Mismatch: Sendable, Equatable {
  public let path: String
  public let expected: String
  public let found: String
  public let range: SourceRange

  public init(path: String, expected: String, found: String, range: SourceRange) {
    self.path = path
    self.expected = expected
    self.found = found
    self.range = range
  }

  public func map(_ transform: (String) -> String) -> Mismatch {
    Mismatch(path: transform(path), expected: transform(expected), found: transform(found), range: range)
  }
}

/// Judges facts. The one place where *failed* is decided.
public struct Judge: Sendable {
  let queries: any QueryEngine
  let redactor: Redactor?

  /// - Parameter redactor: takes secrets out of what is said of a value, before it is cut to a line: a secret cut in two
  ///   would not be found any more.
  public init(queries: any QueryEngine, redactor: Redactor? = nil) {
    self.queries = queries
    self.redactor = redactor
  }

  /// Every expectation that does not hold of `facts`.
  ///
  /// - Throws: ``ProbeError`` where none is known not to hold and one could not be judged at all: a reference without a value, a pattern
  ///   over its bound, a jq expression that failed, `[*]` over nothing.
  public func mismatches(_ expectations: [Expectation], facts: JSON, scope: Scope) throws(ProbeError) -> [Mismatch] {
    try all(expectations) { expectation throws(ProbeError) in
      try mismatches(expectation, facts: facts, base: FactPath(steps: []), scope: scope)
    }
  }

  /// What any of the parts finds. A definite mismatch outweighs a part that could not be judged: what is known to be bad is
  /// *failed*, whatever else could not be told.
  private func all<Part>(_ parts: [Part], _ look: (Part) throws(ProbeError) -> [Mismatch]) throws(ProbeError)
    -> [Mismatch]
  {
    var found: [Mismatch] = []
    var obstacle: ProbeError?
    for part in parts {
      do throws(ProbeError) { found += try look(part) } catch { obstacle = obstacle ?? error }
    }
    if found.isEmpty, let obstacle { throw obstacle }
    return found
  }

  private func mismatches(_ expectation: Expectation, facts: JSON, base: FactPath, scope: Scope) throws(ProbeError)
    -> [Mismatch]
  {
    switch expectation.test {
    case .query(let handle, let source):
      do {
        let outputs = try queries.evaluate(handle, on: facts)
        if outputs == [.bool(true)] { return [] }
        let found = outputs.isEmpty ? "no output" : outputs.map(show).joined(separator: ", ")
        return [Mismatch(path: "jq", expected: "\(source) gives true", found: found, range: expectation.range)]
      } catch {
        throw ProbeError(.configuration, "the jq expression failed: \(error.message)", mend: "correct `jq: \(source)`")
      }
    case .fact(let path, let matcher):
      let whole = base.appending(path)
      let places = path.places(in: facts)
      if places.isEmpty {
        // Every element of nothing is the classic vacuous truth; it is told as such.
        throw ProbeError(
          .vacuous, "'\(whole)' matched nothing, so nothing was proven",
          mend: "look at what the probe saw (`gonogo show latest`), or expect the list's length first")
      }
      var result: [Mismatch] = []
      for (place, value) in places {
        if let value {
          result += try check(
            matcher, value, path: base.appending(place), range: expectation.range, scope: scope)
        } else if !Self.holdsOfNothing(matcher) {
          result.append(
            Mismatch(
              path: "\(base.appending(place))", expected: Self.describe(matcher, scope), found: "absent",
              range: expectation.range))
        }
      }
      return result
    }
  }

  /// Whether a matcher asks for a fact to be missing. `not: { equals: 5 }` does not: a misspelt path must not pass.
  private static func holdsOfNothing(_ matcher: Matcher) -> Bool {
    switch matcher {
    case .absent: true
    case .not(.exists): true
    case .allOf(let inner): inner.allSatisfy(holdsOfNothing)
    case .anyOf(let inner): inner.contains(where: holdsOfNothing)
    default: false
    }
  }

  private func check(_ matcher: Matcher, _ value: JSON, path: FactPath, range: SourceRange, scope: Scope)
    throws(ProbeError) -> [Mismatch]
  {
    func verdict(_ holds: Bool, found: String? = nil) -> [Mismatch] {
      holds
        ? []
        : [
          Mismatch(
            path: "\(path)", expected: Self.describe(matcher, scope), found: found ?? show(value), range: range)
        ]
    }
    switch matcher {
    case .exists: return []
    case .absent: return verdict(false)
    case .equals(let expected): return verdict(value.means(try render(expected, scope)))
    case .compare(let comparison, let limit, _):
      let number = value.doubleValue ?? value.stringValue.flatMap(Quantity.number)
      guard let number else { return verdict(false) }
      return verdict(Self.holds(number, comparison, limit))
    case .type(let name):
      return verdict(value.typeName == name || name == "integer" && value.integerValue != nil)
    case .length(let inner):
      guard let length = Self.length(value) else { return verdict(false) }
      let mismatches = try check(inner, JSON(length), path: path, range: range, scope: scope)
      return mismatches.isEmpty ? [] : verdict(false, found: "length \(length): \(show(value))")
    case .matches(let pattern):
      guard let text = value.stringValue ?? value.doubleValue.map({ _ in value.canonicalString }) else {
        return verdict(false)
      }
      do {
        return verdict(try pattern.firstMatch(in: text) != nil)
      } catch {
        throw ProbeError(.configuration, "the pattern /\(pattern.source)/ \(error.message)", mend: "simplify it")
      }
    case .contains(let expected):
      let part = try render(expected, scope)
      switch value {
      case .string(let text): return verdict(try nonEmpty(part).map { text.containsBytes(of: $0) } ?? false)
      case .array(let elements): return verdict(elements.contains { $0.means(part) })
      case .object(let members):
        if let wanted = part.objectValue {
          return verdict(wanted.allSatisfy { key, item in members[key].map { item.means($0) } ?? false })
        }
        return verdict(part.stringValue.map { members[$0] != nil } ?? false)
      default: return verdict(false)
      }
    case .startsWith(let expected):
      let part = try render(expected, scope)
      guard let text = value.stringValue, let part = try nonEmpty(part) else { return verdict(false) }
      return verdict(text.utf8.starts(with: part.utf8))
    case .endsWith(let expected):
      let part = try render(expected, scope)
      guard let text = value.stringValue, let part = try nonEmpty(part) else { return verdict(false) }
      return verdict(text.utf8.reversed().starts(with: part.utf8.reversed()))
    case .oneOf(let choices):
      for choice in choices where value.means(try render(choice, scope)) { return [] }
      return verdict(false)
    case .exactly(let expected): return try compareElements(value, expected, exact: true, path, range, matcher, scope)
    case .includes(let expected): return try compareElements(value, expected, exact: false, path, range, matcher, scope)
    case .not(let inner):
      // "It has no member x" is no news of a text or a number; and a misspelt matcher looks just like that.
      if case .fields = inner, Self.children(value) == nil { return verdict(false) }
      return verdict(!(try check(inner, value, path: path, range: range, scope: scope).isEmpty))
    case .allOf(let inner):
      return try all(inner) { item throws(ProbeError) in
        try check(item, value, path: path, range: range, scope: scope)
      }
    case .anyOf(let inner):
      for item in inner where try check(item, value, path: path, range: range, scope: scope).isEmpty { return [] }
      return verdict(false)
    case .each(let inner):
      let elements = Self.children(value)
      guard let elements else { return verdict(false) }
      if elements.isEmpty {
        throw ProbeError(.vacuous, "'\(path)' is empty, so `each` proves nothing", mend: "expect its length first")
      }
      var result: [Mismatch] = []
      for (step, element) in elements {
        result += try check(
          inner, element, path: FactPath(steps: path.steps + [step]), range: range, scope: scope)
      }
      return result
    case .some(let inner):
      for (step, element) in Self.children(value) ?? []
      where try check(inner, element, path: FactPath(steps: path.steps + [step]), range: range, scope: scope).isEmpty {
        return []
      }
      return verdict(false)
    case .fields(let expectations):
      return try all(expectations) { expectation throws(ProbeError) in
        try mismatches(expectation, facts: value, base: path, scope: scope)
      }
    }
  }

  private func compareElements(
    _ value: JSON, _ expected: [TemplateValue], exact: Bool, _ path: FactPath, _ range: SourceRange, _ matcher: Matcher,
    _ scope: Scope
  ) throws(ProbeError) -> [Mismatch] {
    var wanted: [JSON] = []
    for item in expected { wanted.append(try render(item, scope)) }
    var left: [JSON]
    switch value {
    case .array(let elements): left = elements
    case .object(let members): left = members.keys.sorted().map(JSON.string)
    default:
      return [
        Mismatch(path: "\(path)", expected: Self.describe(matcher, scope), found: show(value), range: range)
      ]
    }
    var missing: [JSON] = []
    for item in wanted {
      if let index = left.firstIndex(where: { $0.means(item) }) { left.remove(at: index) } else { missing.append(item) }
    }
    var complaints: [String] = []
    if !missing.isEmpty { complaints.append("missing \(missing.map(show).joined(separator: ", "))") }
    if exact, !left.isEmpty { complaints.append("unexpected \(left.map(show).joined(separator: ", "))") }
    if complaints.isEmpty { return [] }
    return [
      Mismatch(
        path: "\(path)", expected: Self.describe(matcher, scope), found: complaints.joined(separator: "; "),
        range: range)
    ]
  }

  /// Every text contains, begins and ends with the empty text, so that one proves nothing.
  private func nonEmpty(_ part: JSON) throws(ProbeError) -> String? {
    if part.stringValue == "" {
      throw ProbeError(
        .vacuous, "every text contains the empty text, so nothing was proven",
        mend: "see why the expected text is empty here")
    }
    return part.stringValue
  }

  private func show(_ value: JSON) -> String {
    let text = Self.text(value)
    return DisplayWidth.truncate(redactor?.redact(text) ?? text, to: 240)
  }

  private func render(_ value: TemplateValue, _ scope: Scope) throws(ProbeError) -> JSON {
    do { return try scope.render(value).json } catch {
      throw ProbeError(.configuration, error.message, mend: error.mend)
    }
  }

  static func holds(_ value: Double, _ comparison: Matcher.Comparison, _ limit: Double) -> Bool {
    switch comparison {
    case .atLeast: value >= limit
    case .atMost: value <= limit
    case .more: value > limit
    case .less: value < limit
    case .equal: value == limit
    case .unequal: value != limit
    }
  }

  static func length(_ value: JSON) -> Int? {
    switch value {
    case .array(let elements): elements.count
    case .object(let members): members.count
    case .string(let text): text.unicodeScalars.count
    default: nil
    }
  }

  static func children(_ value: JSON) -> [(FactPath.Step, JSON)]? {
    switch value {
    case .array(let elements): elements.enumerated().map { (.index($0.offset), $0.element) }
    case .object(let members): members.keys.sorted().map { (.key($0), members[$0] ?? .null) }
    default: nil
    }
  }

  /// A value for a message: canonical, cut to a line.
  public static func show(_ value: JSON) -> String {
    DisplayWidth.truncate(text(value), to: 240)
  }

  /// A value as a message shows it. Of a list of objects that would not fit, what tells each of them from the others: their short
  /// values, and how many more there are.
  private static func text(_ value: JSON) -> String {
    let whole = value.canonicalString
    guard whole.utf8.count > 240, let elements = value.arrayValue,
      elements.count > 1 || elements.first?.objectValue != nil,
      elements.allSatisfy({ $0.objectValue != nil })
    else { return whole }
    var shown: [String] = []
    for element in elements.prefix(3) {
      let members = (element.objectValue ?? [:]).sorted { $0.key < $1.key }.filter { member in
        switch member.value {
        case .array, .object, .null: false
        default: member.value.canonicalString.utf8.count <= 40
        }
      }
      shown.append(
        "{\(members.map { "\($0.key): \($0.value.stringValue ?? $0.value.canonicalString)" }.joined(separator: ", "))}")
    }
    if elements.count > shown.count { shown.append("and \(elements.count - shown.count) more") }
    return shown.joined(separator: ", ")
  }

  /// What a matcher asks, in words.
  static func describe(_ matcher: Matcher, _ scope: Scope) -> String {
    func show(_ value: TemplateValue) -> String {
      if case .template(let template) = value { return "\"\(scope.preview(template))\"" }
      guard let rendered = try? scope.render(value), rendered.secrets.isEmpty else {
        return "the given value"
      }
      return Self.show(rendered.json)
    }
    func list(_ values: [TemplateValue]) -> String { values.map(show).joined(separator: ", ") }
    switch matcher {
    case .equals(let value): return show(value)
    case .compare(_, _, let source): return source
    case .exists: return "any value"
    case .absent: return "absent"
    case .type(let name): return "a value of type \(name)"
    case .length(let inner): return "length \(describe(inner, scope))"
    case .matches(let pattern): return "a match of /\(pattern.source)/"
    case .contains(let value): return "contains \(show(value))"
    case .startsWith(let value): return "starts with \(show(value))"
    case .endsWith(let value): return "ends with \(show(value))"
    case .oneOf(let values): return "one of \(list(values))"
    case .exactly(let values): return "exactly \(list(values))"
    case .includes(let values): return "at least \(list(values))"
    case .not(let inner): return "not \(describe(inner, scope))"
    case .allOf(let inner): return inner.map { describe($0, scope) }.joined(separator: " and ")
    case .anyOf(let inner): return inner.map { describe($0, scope) }.joined(separator: " or ")
    case .each(let inner): return "each \(describe(inner, scope))"
    case .some(let inner): return "at least one \(describe(inner, scope))"
    case .fields(let expectations):
      return expectations.map { expectation in
        switch expectation.test {
        case .fact(let path, let matcher): "\(path): \(describe(matcher, scope))"
        case .query(_, let source): "jq \(source)"
        }
      }.joined(separator: ", ")
    }
  }
}
