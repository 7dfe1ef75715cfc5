import GonogoCore

/// Renders a chart's templates with its own values, as far as they can be: what cannot becomes ``HelmText/unknown``, and is
/// counted. No network, no file, no cluster; steps, depth and size are bounded, so no chart makes it hang.
struct HelmRenderer {
  /// `Values`, `Chart`, `Release`.
  let root: HelmValue
  let defined: [String: [HelmTemplate.Node]]
  /// Places in the template at which something was not known.
  private(set) var unresolved: Set<TreePlace> = []

  private var scopes: [[String: HelmValue]] = [[:]]
  private var dot: HelmValue
  /// Inside of a block that may be rendered or not.
  private var uncertain = 0
  private var steps = 0
  private var depth = 0
  private var here: TreePlace

  private static let stepLimit = 200_000
  private static let sizeLimit = 4 << 20

  init(root: HelmValue, defined: [String: [HelmTemplate.Node]], template: TreePlace) {
    self.root = root
    self.defined = defined
    dot = root
    here = template
  }

  /// The text of a template; `nil` where it does not end within the limits.
  mutating func render(_ nodes: [HelmTemplate.Node]) -> HelmText? {
    var text = HelmText()
    write(nodes, &text)
    return steps > Self.stepLimit ? nil : text
  }

  private var isExhausted: Bool { steps > Self.stepLimit }

  private mutating func write(_ nodes: [HelmTemplate.Node], _ text: inout HelmText) {
    depth += 1
    defer { depth -= 1 }
    scopes.append([:])
    defer { scopes.removeLast() }
    for node in nodes {
      steps += 1 + text.pieces.count / 50_000
      if isExhausted || depth > 200 {
        steps = Self.stepLimit + 1
        return
      }
      switch node {
      case .text(let piece): text += piece
      case .output(let pipeline, let place):
        here = place
        text += evaluate(pipeline).printed.placed(place)
      case .assign(let name, let pipeline, let declares): assign(name, evaluate(pipeline), declares)
      case .choice(let branches): choose(branches, &text)
      case .with(let variable, let pipeline, let body, let other):
        let value = evaluate(pipeline)
        guard let truth = value.truth else {
          perhaps([body, other], dot: value, [(variable, value)], &text)
          continue
        }
        if truth { inside(body, dot: value, [(variable, value)], &text) } else { write(other, &text) }
      case .range(let key, let value, let pipeline, let body, let other):
        loop(key, value, evaluate(pipeline), body, other, &text)
      case .include(let name, let pipeline, let place):
        here = place
        text += included(name, pipeline.map { evaluate($0) } ?? .null).placed(place)
      case .leave: noteUnknown()
      }
    }
  }

  // MARK: Blocks

  private mutating func choose(
    _ branches: [(condition: HelmPipeline?, body: [HelmTemplate.Node])], _ text: inout HelmText
  ) {
    for (index, branch) in branches.enumerated() {
      guard let condition = branch.condition else { return write(branch.body, &text) }
      guard let truth = evaluate(condition).truth else {
        return perhaps(branches[index...].map(\.body), dot: dot, [], &text)
      }
      if truth { return write(branch.body, &text) }
    }
  }

  private mutating func loop(
    _ key: String?, _ value: String?, _ items: HelmValue, _ body: [HelmTemplate.Node], _ other: [HelmTemplate.Node],
    _ text: inout HelmText
  ) {
    switch items.content {
    case .list(let list) where !list.isEmpty:
      for (index, item) in list.enumerated() {
        inside(body, dot: item, [(value, item), (key, HelmValue(.number("\(index)")))], &text)
      }
    case .map(let entries) where !entries.isEmpty:
      // Go goes through a map in the order of its keys.
      for (name, item) in entries.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
        inside(body, dot: item, [(value, item), (key, .text(name))], &text)
      }
    case .unknown, .number, .string, .bool:
      perhaps([body, other], dot: .unknown, [(value, .unknown), (key, .unknown)], &text)
    default: write(other, &text)
    }
  }

  private mutating func inside(
    _ body: [HelmTemplate.Node], dot: HelmValue, _ variables: [(String?, HelmValue)], _ text: inout HelmText
  ) {
    let outer = self.dot
    self.dot = dot
    scopes.append([:])
    for (name, value) in variables { if let name { scopes[scopes.count - 1][name] = value } }
    write(body, &text)
    scopes.removeLast()
    self.dot = outer
  }

  /// One of several bodies is rendered, or none: something unknown stands in their place, as deep as what they would write.
  private mutating func perhaps(
    _ bodies: [[HelmTemplate.Node]], dot: HelmValue, _ variables: [(String?, HelmValue)], _ text: inout HelmText
  ) {
    noteUnknown()
    uncertain += 1
    var first: String?
    for body in bodies where !body.isEmpty {
      var written = HelmText()
      inside(body, dot: dot, variables, &written)
      let string = written.string
      if first == nil || first?.contains("\n") == false, string.contains(where: { !$0.isWhitespace }) { first = string }
    }
    uncertain -= 1
    guard let first else { return }
    let mark = String(HelmText.unknown)
    guard first.contains("\n") else {
      text += HelmText(mark, from: here)
      return
    }
    // Whole lines: the first that is not empty shows how deep, and what it is an item of.
    let line = first.split(separator: "\n").first { $0.contains { !$0.isWhitespace } } ?? ""
    let blanks = line.prefix { $0 == " " }
    let body = line.dropFirst(blanks.count).hasPrefix("- ") ? "- \(mark)" : mark
    text += HelmText("\n\(blanks)\(body)\n", from: here)
  }

  // MARK: Expressions

  private mutating func noteUnknown() { unresolved.insert(here) }

  private mutating func assign(_ name: String, _ value: HelmValue, _ declares: Bool) {
    if !declares {
      for index in scopes.indices.reversed() where scopes[index][name] != nil {
        scopes[index][name] = uncertain > 0 ? .unknown : value
        return
      }
    }
    scopes[scopes.count - 1][name] = value
  }

  private func variable(_ name: String) -> HelmValue {
    if name == "$" { return root }
    return scopes.reversed().lazy.compactMap { $0[name] }.first ?? .unknown
  }

  private mutating func evaluate(_ pipeline: HelmPipeline) -> HelmValue {
    var result: HelmValue?
    for command in pipeline.commands {
      steps += 1
      if isExhausted || depth > 200 { return .unknown }
      depth += 1
      result = evaluate(command, result)
      depth -= 1
    }
    return result ?? .unknown
  }

  private mutating func evaluate(_ command: [HelmPipeline.Term], _ piped: HelmValue?) -> HelmValue {
    guard let head = command.first else { return .unknown }
    guard case .function(let name) = head else {
      // A method with arguments, `.Capabilities.APIVersions.Has "x"`, is not known.
      if command.count > 1 || piped != nil {
        noteUnknown()
        return .unknown
      }
      return value(head)
    }
    var arguments = command.dropFirst().map { value($0) }
    if let piped { arguments.append(piped) }
    switch name {
    case "include":
      guard let first = arguments.first, case .string(let text) = first.content else {
        noteUnknown()
        return .unknown
      }
      let result = included(text.string, arguments.count > 1 ? arguments[1] : .null)
      return HelmValue(.string(result))
    case "tpl":
      guard let first = arguments.first, case .string(let text) = first.content else {
        noteUnknown()
        return .unknown
      }
      if !text.string.contains("{{") { return first }
      noteUnknown()
      return .unknown
    case "set", "unset":
      // What it changes is no longer what it was.
      noteUnknown()
      if case .variable(let name, _) = command.dropFirst().first, name != "$" { assign(name, .unknown, false) }
      return .unknown
    default:
      let result = HelmFunctions.call(name, Array(arguments))
      if result.isUnknown { noteUnknown() }
      return result
    }
  }

  private mutating func value(_ term: HelmPipeline.Term) -> HelmValue {
    switch term {
    case .literal(let value): return value
    case .field(let names): return walk(dot, names)
    case .variable(let name, let names): return walk(variable(name), names)
    case .nested(let pipeline, let names): return walk(evaluate(pipeline), names)
    case .function(let name): return HelmFunctions.call(name, [])
    }
  }

  private mutating func walk(_ value: HelmValue, _ names: [String]) -> HelmValue {
    var value = value
    for name in names { value = value[name] }
    if value.isUnknown { noteUnknown() }
    return value
  }

  private mutating func included(_ name: String, _ data: HelmValue) -> HelmText {
    guard let body = defined[name], depth < 60 else {
      noteUnknown()
      return HelmText(String(HelmText.unknown), from: here)
    }
    let (outer, outerScopes, place) = (dot, scopes, here)
    dot = data
    scopes = [[:]]
    var text = HelmText()
    write(body, &text)
    (dot, scopes, here) = (outer, outerScopes, place)
    if text.pieces.count > 20_000 { steps = Self.stepLimit + 1 }
    return text
  }
}

extension HelmText {
  /// The same, what has no origin coming from a place of the template.
  func placed(_ place: TreePlace) -> HelmText {
    var result = HelmText()
    for piece in pieces { result += HelmText(piece.text, from: piece.origin ?? place, isLiteral: piece.isLiteral) }
    return result
  }
}
