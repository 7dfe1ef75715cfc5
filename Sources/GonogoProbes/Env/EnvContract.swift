import GonogoCore

/// What must hold of an environment, as its author wrote it.
struct EnvContract: Sendable {
  struct Group: Sendable {
    let names: [String]
    /// Exactly one, where true; else at least one.
    let exactly: Bool
  }

  struct Condition: Sendable {
    let set: [String]
    let unset: [String]
    let equals: [(name: String, values: [String], boolean: Bool?)]
    let contract: EnvContract
    /// The condition in words.
    let words: String
  }

  struct BreakGlass: Sendable {
    let flag: String
    let reason: String
    let expires: String
  }

  enum Distinct: Sendable {
    case names([String])
    case secrets
  }

  var rules: [VariableRule] = []
  var groups: [Group] = []
  var conditions: [Condition] = []
  var distinct: [Distinct] = []
  var breakGlass: [BreakGlass] = []
  var closed = false

  static let keys = [
    "variables", "required", "optional", "forbidden", "one_of", "exactly_one", "when", "distinct", "break_glass",
  ]

  /// Reads the members of a contract; those that are not its own are left to the caller.
  init(_ arguments: Arguments, nested: Bool) {
    for (name, range, node) in arguments.map("variables") ?? [] {
      guard Self.isName(name, range, arguments) else { continue }
      if let rule = VariableRule(name, at: range, node, in: arguments) { rules.append(rule) }
    }
    for presence in [VariableRule.Presence.required, .optional, .forbidden] {
      for (name, range) in Self.names(presence.rawValue, arguments) {
        let rule = VariableRule(name, at: range, presence)
        if rule.isGlob, presence == .required {
          arguments.fail(
            .wrongType, "a glob cannot be required: nobody could say which name is missing", at: range,
            mend: "name the variables, or list the glob as optional or forbidden")
        } else {
          rules.append(rule)
        }
      }
    }
    refuseContradictions(arguments)
    for (key, exactly) in [("one_of", false), ("exactly_one", true)] {
      for names in Self.lists(key, arguments) { groups.append(Group(names: names, exactly: exactly)) }
    }
    if !nested {
      for node in arguments.node("when").map({ $0.elements ?? [$0] }) ?? [] {
        if let condition = Self.condition(arguments.arguments(of: node, "`when`")) { conditions.append(condition) }
      }
    }
    if let node = arguments.node("distinct") {
      if node.text == "secrets" {
        distinct.append(.secrets)
      } else {
        distinct += Self.lists("distinct", arguments).map { .names($0) }
      }
    }
    for node in arguments.node("break_glass").map({ $0.elements ?? [$0] }) ?? [] {
      let inner = arguments.arguments(of: node, "`break_glass`")
      let flag = inner.string("flag")
      let reason = inner.string("reason")
      let expires = inner.string("expires_at")
      inner.finish()
      guard let flag, let reason, let expires else {
        inner.fail(
          .missingKey, "`break_glass` needs the names of three variables: `flag`, `reason`, `expires_at`",
          mend: "write `{ flag: ALLOW_IT, reason: WHY, expires_at: UNTIL }`")
        continue
      }
      breakGlass.append(BreakGlass(flag: flag, reason: reason, expires: expires))
    }
  }

  /// Nothing is asked.
  var isEmpty: Bool {
    rules.isEmpty && groups.isEmpty && conditions.isEmpty && distinct.isEmpty && breakGlass.isEmpty && !closed
  }

  var templates: [Template] {
    rules.flatMap(\.templates) + conditions.flatMap { $0.contract.templates }
  }

  /// How many things are asked, for the plan.
  var count: Int {
    rules.count + groups.count + distinct.count + breakGlass.count + (closed ? 1 : 0)
      + conditions.reduce(0) { $0 + $1.contract.count }
  }

  /// Every name or glob that the contract speaks of.
  var names: [String] {
    var names = rules.map(\.name) + rules.compactMap(\.fallback) + groups.flatMap(\.names)
    for item in breakGlass { names += [item.flag, item.reason, item.expires] }
    for case .names(let list) in distinct { names += list }
    for condition in conditions {
      names += condition.set + condition.unset + condition.equals.map(\.name) + condition.contract.names
    }
    return names
  }

  private func refuseContradictions(_ arguments: Arguments) {
    let forbidden = rules.filter { $0.presence == .forbidden && !$0.isGlob }
    for rule in rules where rule.presence == .required {
      if let other = forbidden.first(where: { $0.name == rule.name }) {
        arguments.fail(
          .wrongType, "\(rule.name) is both required and forbidden", at: max(rule.range, other.range),
          mend: "keep one of the two")
      }
    }
  }

  private func max(_ left: SourceRange, _ right: SourceRange) -> SourceRange {
    left.start < right.start ? right : left
  }

  private static func condition(_ arguments: Arguments) -> Condition? {
    let set = names("set", arguments).map(\.0)
    let unset = names("unset", arguments).map(\.0)
    var equals: [(name: String, values: [String], boolean: Bool?)] = []
    for (name, _, node) in arguments.map("equals") ?? [] {
      let values = (node.elements ?? [node]).compactMap(\.text)
      if values.isEmpty { arguments.wrongType(name, "a value or a list of values", node) }
      equals.append((name, values, node.scalar?.value.boolValue))
    }
    var words = set.map { "\($0) is set" } + unset.map { "\($0) is not set" }
    words += equals.map { "\($0.name) is \($0.values.joined(separator: " or "))" }
    if words.isEmpty {
      arguments.fail(.emptyExpectation, "`when` has no condition", mend: "add `set`, `unset` or `equals`")
    }
    guard let then = arguments.arguments("then") else {
      arguments.fail(.missingKey, "`when` needs `then`", mend: "add `then: { required: [NAME] }`")
      arguments.finish()
      return nil
    }
    let contract = EnvContract(then, nested: true)
    if contract.isEmpty {
      then.fail(.emptyExpectation, "an empty `then` asks nothing", mend: "add `required`, `forbidden` or `variables`")
    }
    then.finish()
    arguments.finish()
    return Condition(
      set: set, unset: unset, equals: equals, contract: contract, words: words.joined(separator: " and "))
  }

  private static func names(_ key: String, _ arguments: Arguments) -> [(String, SourceRange)] {
    guard let node = arguments.node(key) else { return [] }
    if node.elements?.isEmpty == true {
      arguments.fail(.emptyExpectation, "`\(key)` names no variable", at: node.range)
    }
    return (node.elements ?? [node]).compactMap { element in
      guard let text = element.text, element.scalar?.value.stringValue != nil else {
        arguments.wrongType(key, "names of variables", element)
        return nil
      }
      return isName(text, element.range, arguments) ? (text, element.range) : nil
    }
  }

  /// A list of lists of names; a plain list of names is one.
  private static func lists(_ key: String, _ arguments: Arguments) -> [[String]] {
    guard let node = arguments.node(key) else { return [] }
    guard let elements = node.elements, !elements.isEmpty else {
      arguments.wrongType(key, "a list of names, or a list of such lists", node)
      return []
    }
    let lists = elements.allSatisfy { $0.elements != nil } ? elements : [node]
    return lists.compactMap { list in
      let names = (list.elements ?? []).compactMap(\.text)
      guard names.count >= 2, names.count == list.elements?.count else {
        arguments.fail(
          .wrongType, "`\(key)` takes at least two names", at: list.range, mend: "write `\(key): [[A, B]]`")
        return nil
      }
      return names
    }
  }

  private static func isName(_ name: String, _ range: SourceRange, _ arguments: Arguments) -> Bool {
    let good = !name.isEmpty && !name.contains { $0 == "=" || $0.isWhitespace || $0 == "$" }
    if !good { arguments.fail(.wrongType, "'\(name)' is not a variable's name", at: range) }
    return good
  }
}
