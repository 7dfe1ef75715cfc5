import GonogoCore
import GonogoSystem

/// A contract held against the variables that were found.
struct EnvEvaluation {
  struct Problem: Hashable {
    let name: String
    let rule: String
    let message: String
    var source: String?
    var line: Int?

    var json: JSON {
      var object: [String: JSON] = ["name": .string(name), "rule": .string(rule), "message": .string(message)]
      if let source { object["source"] = .string(source) }
      if let line { object["line"] = JSON(line) }
      return .object(object)
    }
  }

  let variables: [String: Variable]
  let sources: [EnvSource.Loaded]
  let production: Bool
  let context: ProbeContext

  private(set) var problems: [Problem] = []
  private(set) var facts: [String: [String: JSON]] = [:]
  private(set) var missing: Set<String> = []
  private(set) var forbiddenSet: Set<String> = []
  private(set) var fallbacks: [String: String] = [:]
  private(set) var undeclared: [String] = []
  private(set) var conditions: [JSON] = []
  /// Rules for which something was really looked at.
  private(set) var looked = 0

  init(_ sources: [EnvSource.Loaded], production: Bool, context: ProbeContext) {
    self.sources = sources
    self.production = production
    self.context = context
    variables = sources.reduce(into: [:]) { $0.merge($1.variables) { _, later in later } }
  }

  private func isFilled(_ name: String) -> Bool { variables[name]?.isFilled ?? false }

  private mutating func report(_ name: String, _ rule: String, _ message: String, _ variable: Variable? = nil) {
    let problem = Problem(name: name, rule: rule, message: message, source: variable?.source, line: variable?.line)
    // A name that stands in a list and among the variables is told once.
    if !problems.contains(where: { $0.name == name && $0.rule == rule }) { problems.append(problem) }
  }

  private mutating func note(_ name: String, secret: Bool) {
    var fact: [String: JSON] = facts[name] ?? [:]
    if let variable = variables[name] {
      let value = variable.value
      if secret {
        // A short stand-in is no secret, and to blot out `test` everywhere would hide more than it saves.
        let standIn = value.utf8.count < 12 && ValueQuality.isPlaceholder(value, secret: true)
        if value != "true", value != "false", Double(value) == nil, !standIn { context.redactor.add(value) }
      } else if value.contains("://") {
        context.redactor.add(SecretPolicy.secrets(in: value, name: name, isPublic: false))
      }
      fact["set"] = true
      fact["empty"] = .bool(!variable.isFilled)
      fact["length"] = JSON(value.unicodeScalars.count)
      fact["entropy_bits"] = JSON(Int(ValueQuality.entropy(value)))
      fact["placeholder"] = .bool(variable.isFilled && ValueQuality.isPlaceholder(value, secret: secret))
      fact["interpolated"] = .bool(variable.interpolated)
      fact["source"] = .string(variable.source)
      fact["line"] = JSON(orNull: variable.line)
    } else {
      fact["set"] = false
    }
    facts[name] = fact
  }

  /// Works through a contract; `closed` and `distinct: secrets` see the whole of it.
  mutating func evaluate(_ contract: EnvContract) throws(ProbeError) {
    var active = contract.rules
    try evaluate(rulesAndGroupsOf: contract)
    for condition in contract.conditions {
      let holds =
        condition.set.allSatisfy(isFilled) && !condition.unset.contains(where: isFilled)
        && condition.equals.allSatisfy { name, values, boolean in
          guard let found = variables[name]?.value else { return false }
          if let boolean { return boolean ? ValueQuality.isTrue(found) : ValueQuality.isFalse(found) }
          return values.contains(found)
        }
      conditions.append(["when": .string(condition.words), "holds": .bool(holds)])
      for name in condition.set + condition.unset + condition.equals.map(\.name) {
        note(name, secret: SecretPolicy.soundsSecret(name))
      }
      if holds {
        active += condition.contract.rules
        try evaluate(rulesAndGroupsOf: condition.contract)
      }
    }
    for item in contract.breakGlass { evaluate(item) }
    for item in contract.distinct { evaluate(item, active) }
    for condition in contract.conditions where holds(condition) {
      for item in condition.contract.breakGlass { evaluate(item) }
      for item in condition.contract.distinct { evaluate(item, active) }
    }
    if contract.closed { close(contract) }
    problems.sort { ($0.name, $0.rule, $0.message) < ($1.name, $1.rule, $1.message) }
  }

  private func holds(_ condition: EnvContract.Condition) -> Bool {
    conditions.contains { $0["when"]?.stringValue == condition.words && $0["holds"] == true }
  }

  private mutating func evaluate(rulesAndGroupsOf contract: EnvContract) throws(ProbeError) {
    for rule in contract.rules {
      if rule.isGlob {
        try evaluateGlob(rule)
      } else if try evaluate(rule, name: rule.name) {
        looked += 1
      }
    }
    for group in contract.groups { evaluate(group) }
  }

  private mutating func evaluateGlob(_ rule: VariableRule) throws(ProbeError) {
    let names = variables.keys.filter { FileSystem.globMatches(rule.name, $0) }.sorted()
    var any = false
    for name in names where try evaluate(rule, name: name) { any = true }
    // What is forbidden and not there was looked for among the names that are.
    if any || rule.presence == .forbidden { looked += 1 }
  }

  /// - Returns: whether there was something to look at.
  private mutating func evaluate(_ rule: VariableRule, name: String) throws(ProbeError) -> Bool {
    let secret = rule.secret || SecretPolicy.soundsSecret(name)
    note(name, secret: secret)
    let variable = variables[name]
    if rule.presence == .forbidden {
      if let variable, variable.isFilled {
        forbiddenSet.insert(name)
        report(name, "forbidden", "expected to be unset or empty, found set", variable)
      }
      return true
    }
    guard let variable, variable.isFilled else {
      if let names = variable?.unresolved, let first = names.first, rule.presence == .required {
        missing.insert(name)
        report(name, "interpolation", "expected a value, found a reference to \(first), which has none", variable)
        return true
      }
      if let fallback = rule.fallback {
        note(fallback, secret: SecretPolicy.soundsSecret(fallback))
        if isFilled(fallback) {
          fallbacks[name] = fallback
          facts[name]?["falls_back"] = .string(fallback)
          return true
        }
        if rule.presence == .required {
          missing.insert(name)
          report(name, "required", "expected a value, or one of its fallback \(fallback), found neither", variable)
          return true
        }
      }
      guard rule.presence == .required else { return false }
      missing.insert(name)
      var found = variable.map { "found \(ValueType.kind(of: $0.value))" } ?? "found none"
      if variable == nil, let place = brokenLine(name) { found += "; \(place) cannot be read" }
      report(name, "required", "expected a value, \(found)", variable)
      return true
    }
    try judge(variable, name: name, rule: rule, secret: secret)
    return true
  }

  /// The line that was meant to set a name and could not be read.
  private func brokenLine(_ name: String) -> String? {
    for source in sources {
      for (shown, fault) in source.faults where fault.message.contains(name) { return "\(shown):\(fault.line)" }
    }
    return nil
  }

  private mutating func judge(_ variable: Variable, name: String, rule: VariableRule, secret: Bool) throws(ProbeError) {
    let value = variable.value
    if let first = variable.unresolved.first {
      report(name, "interpolation", "expected a whole value, found a reference to \(first), which has none", variable)
    }
    let judged: (type: Bool?, faults: [(rule: String, String)])
    do { judged = try rule.faults(of: value, now: context.clock.now()) } catch {
      throw ProbeError(
        .configuration, "the pattern /\(rule.pattern?.source ?? "")/ \(error.message)", mend: "simplify it")
    }
    if let type = judged.type { facts[name]?["type_ok"] = .bool(type) }
    let placeholder = !rule.allowsPlaceholder && ValueQuality.isPlaceholder(value, secret: secret)
    // That a placeholder is no random text need not be said besides.
    for (key, message) in judged.faults where !(placeholder && key == "entropy") {
      report(name, key, message, variable)
    }
    if let equals = rule.equals {
      let wanted = try context.render(equals)
      if wanted.exposed != value {
        report(name, "equals", "expected '\(wanted.display)', found \(ValueType.kind(of: value))", variable)
      }
    }
    if let prefix = rule.startsWith {
      let wanted = try context.render(prefix)
      if !value.hasPrefix(wanted.exposed) {
        report(name, "starts_with", "expected a value that starts with '\(wanted.display)', found another", variable)
      }
    }
    if !rule.oneOf.isEmpty {
      var shown: [String] = []
      var holds = false
      for template in rule.oneOf {
        let wanted = try context.render(template)
        shown.append(wanted.display)
        holds = holds || wanted.exposed == value
      }
      if !holds {
        report(name, "one_of", "expected one of \(shown.joined(separator: ", ")), found another value", variable)
      }
    }
    if placeholder {
      report(name, "placeholder", "expected a real value, found a placeholder", variable)
    }
    if production {
      if ValueQuality.isTestCredential(value) {
        report(name, "test_credential", "expected a live credential in production, found one of a test mode", variable)
      }
      if !rule.allowsLoopback, ValueQuality.holdsLoopbackURL(value) {
        report(
          name, "localhost", "expected a URL of another machine in production, found one of this machine", variable)
      }
      if rule.secret, variable.defaulted {
        report(name, "default", "expected a secret from outside, found a default that stands in the file", variable)
      }
    }
  }

  private mutating func evaluate(_ group: EnvContract.Group) {
    looked += 1
    for name in group.names { note(name, secret: SecretPolicy.soundsSecret(name)) }
    let set = group.names.filter(isFilled)
    let label = group.names.joined(separator: "|")
    if set.isEmpty {
      missing.insert(label)
      report(label, group.exactly ? "exactly_one" : "one_of", "expected one of them to be set, found none")
    } else if group.exactly, set.count > 1 {
      report(label, "exactly_one", "expected one of them to be set, found \(set.joined(separator: " and "))")
    }
    for name in set {
      guard let variable = variables[name] else { continue }
      if ValueQuality.isPlaceholder(variable.value, secret: SecretPolicy.soundsSecret(name)) {
        report(name, "placeholder", "expected a real value, found a placeholder", variable)
      }
      if production, ValueQuality.isTestCredential(variable.value) {
        report(name, "test_credential", "expected a live credential in production, found one of a test mode", variable)
      }
    }
  }

  private mutating func evaluate(_ distinct: EnvContract.Distinct, _ rules: [VariableRule]) {
    var names: [String]
    switch distinct {
    case .names(let list): names = list
    case .secrets:
      names = facts.keys.filter { name in
        SecretPolicy.soundsSecret(name) || rules.contains { $0.secret && $0.name == name }
      }
    }
    names = Set(names).filter(isFilled).sorted()
    for name in names { note(name, secret: true) }
    if names.count < 2 { return }
    looked += 1
    var first: [String: String] = [:]
    for name in names {
      guard let variable = variables[name] else { continue }
      if let other = first[variable.value] {
        report(name, "distinct", "expected a value of its own, found that of \(other)", variable)
      } else {
        first[variable.value] = name
      }
    }
  }

  /// All three and well formed, or none.
  private mutating func evaluate(_ item: EnvContract.BreakGlass) {
    looked += 1
    for name in [item.flag, item.reason, item.expires] { note(name, secret: false) }
    let flag = variables[item.flag].flatMap { $0.isFilled ? $0 : nil }
    let others = [item.reason, item.expires].filter(isFilled)
    if flag == nil || flag.map({ ValueQuality.isFalse($0.value) }) == true {
      if let other = others.first {
        report(
          item.flag, "break_glass",
          "expected true beside \(other), or none of the three, found "
            + (flag == nil ? "none" : "false"), flag)
      }
      return
    }
    if let flag, !ValueQuality.isTrue(flag.value) {
      report(item.flag, "break_glass", "expected true or false, found \(ValueType.kind(of: flag.value))", flag)
    }
    if let reason = variables[item.reason], reason.isFilled {
      if ValueQuality.isPlaceholder(reason.value, secret: false) {
        report(item.reason, "break_glass", "expected a reason, found a placeholder", reason)
      }
    } else {
      report(item.reason, "break_glass", "expected a reason, because \(item.flag) is set, found none")
    }
    guard let expires = variables[item.expires], expires.isFilled else {
      report(item.expires, "break_glass", "expected an expiry, because \(item.flag) is set, found none")
      return
    }
    guard let instant = Timestamp.parse(expires.value) else {
      report(
        item.expires, "break_glass",
        "expected \(ValueType.instant.phrase), found \(ValueType.kind(of: expires.value))", expires)
      return
    }
    if instant <= context.clock.now() {
      report(item.expires, "break_glass", "expected an instant in the future, found one in the past", expires)
    }
  }

  private mutating func close(_ contract: EnvContract) {
    looked += 1
    let known = contract.names
    let globs = known.filter { $0.contains("*") || $0.contains("?") }
    let exact = Set(known)
    for source in sources where source.kind != "process" {
      for (name, variable) in source.variables.sorted(by: { $0.key < $1.key })
      where !exact.contains(name) && !globs.contains(where: { FileSystem.globMatches($0, name) }) {
        if !undeclared.contains(name) { undeclared.append(name) }
        report(name, "closed", "expected only variables that the contract names, found another", variable)
      }
    }
    undeclared.sort()
  }

  var json: JSON {
    [
      "variables": .object(facts.mapValues { .object($0) }),
      "problems": .array(problems.map(\.json)),
      "set_count": JSON(facts.keys.filter(isFilled).count),
      "missing": JSON(missing.sorted()),
      "forbidden_set": JSON(forbiddenSet.sorted()),
      "undeclared": JSON(undeclared),
      "fallbacks": .object(fallbacks.mapValues { .string($0) }),
      "conditions": .array(conditions),
      "production": .bool(production),
      "sources": .array(
        sources.map { ["name": .string($0.name), "kind": .string($0.kind), "variables": JSON($0.variables.count)] }),
      "duplicates": .array(
        sources.flatMap(\.duplicates).map { source, item in
          [
            "name": .string(item.name), "source": .string(source), "line": JSON(item.line),
            "first_line": JSON(item.firstLine),
          ]
        }),
      "malformed": .array(
        sources.flatMap(\.faults).map { source, fault in
          ["source": .string(source), "line": JSON(fault.line), "message": .string(fault.message)]
        }),
    ]
  }
}
