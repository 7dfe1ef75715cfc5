/// Makes a plan of a checklist: reads every binding, finds every fault, decides what runs. Touches nothing.
public struct Planner {
  public struct Options: Sendable {
    /// The environment asked for by name; `nil` takes the first that is not protected.
    public var environment: String?
    public var selection: Selection
    /// Effects beyond reading that the operator allows.
    public var allowed: Set<Effect>
    /// Milliseconds an attempt may take where neither binding nor front matter says.
    public var timeout: Int

    public init(
      environment: String? = nil, selection: Selection = Selection(), allowed: Set<Effect> = [], timeout: Int = 10_000
    ) {
      self.environment = environment
      self.selection = selection
      self.allowed = allowed
      self.timeout = timeout
    }
  }

  let registry: ProbeRegistry
  let engines: Engines
  let processEnvironment: [String: String]
  /// What a binding may have, and what the attempt in `allowed` may.
  private let bindingKeys: [String]
  private let nestedKeys: [String]

  public init(registry: ProbeRegistry, engines: Engines, processEnvironment: [String: String]) {
    self.registry = registry
    self.engines = engines
    self.processEnvironment = processEnvironment
    bindingKeys = BindingKeys.names + registry.names
    nestedKeys = ["expect", "jq", "timeout"] + registry.names
  }

  /// Reports every fault of the document to `sink`; where there is none, the plan is whole.
  public func plan(_ checklist: Checklist, options: Options, sink: DiagnosticSink) -> Plan {
    let context = PlanContext()
    let front = readFrontMatter(checklist.frontMatter, context: context, sink: sink)
    let environment = chooseEnvironment(front, options: options, sink: sink)
    let scope = scope(front, environment: environment, context: context, sink: sink)
    if options.environment != nil, environment == nil {
      // Every target would be unknown: one cause, told once.
      return Plan(
        checklist: checklist, frontMatter: front, environment: nil, steps: [], excluded: checklist.controls.count,
        scope: scope)
    }

    var bound: [BoundControl] = []
    bound.reserveCapacity(checklist.controls.count)
    for control in checklist.controls {
      bound.append(
        bind(
          control, front: front, environment: environment, scope: scope, context: context, options: options, sink: sink)
      )
    }
    reportQueryErrors(bound, orphans: context.orphans, sink: sink)
    checkNeeds(bound, sink: sink)
    checkSelection(bound, options.selection, sink: sink)

    let byID = Set(bound.map(\.control.id))
    var index: [String: Int] = [:]
    var chosen: [BoundControl] = []
    for item in bound where options.selection.includes(id: item.control.id, tags: item.tags) {
      index[item.control.id] = chosen.count
      chosen.append(item)
    }
    for item in chosen {
      for need in item.needs where index[need.id] == nil && byID.contains(need.id) {
        sink.report(
          .warning(
            .unselectedNeed, "\(item.control.id) needs \(need.id), which the selection leaves out", at: need.range,
            mend: "it runs without; add --only '\(need.id)' to have that looked at first"))
      }
    }
    let steps = chosen.map { item in
      Plan.Step(
        control: item.control, blocking: item.blocking, tags: item.tags,
        needs: item.needs.compactMap { index[$0.id] }, action: item.action, mend: item.mend)
    }
    return Plan(
      checklist: checklist, frontMatter: front, environment: environment, steps: steps,
      excluded: bound.count - steps.count, scope: scope)
  }

  struct BoundControl {
    let control: Control
    var blocking: Bool
    var tags: [String] = []
    var needs: [(id: String, range: SourceRange)] = []
    var action: Plan.Action
    var mend: String?
    /// All checks, those included that will not run, so that their faults are found.
    var checks: [Check] = []
  }

  // MARK: Front matter

  private func readFrontMatter(_ node: Node?, context: PlanContext, sink: DiagnosticSink) -> FrontMatter {
    var front = FrontMatter()
    guard let node else { return front }
    let arguments = Arguments(node, owner: "the front matter", sink: sink, engines: engines)
    if arguments.has("gonogo"), arguments.node("gonogo") == nil {
      arguments.fail(
        .badVersion, "the version of the format is missing", at: arguments.keyRange("gonogo"),
        mend: "write `gonogo: 1`")
    } else if let version = arguments.integer("gonogo", in: 0...Int.max), version != 1 {
      arguments.fail(
        .badVersion, "this is format \(version); this gonogo reads format 1", at: arguments.keyRange("gonogo"),
        mend: "write `gonogo: 1`, or update gonogo")
    }
    front.title = arguments.string("title")
    _ = arguments.string("description")
    _ = arguments.node("audit")  // read by `gonogo audit`
    front.timeout = arguments.duration("timeout")
    for (name, _, value) in arguments.map("environments") ?? [] {
      guard let entries = value.entries else {
        arguments.wrongType(name, "a mapping from target to value", value)
        continue
      }
      var targets: [(String, Template)] = []
      var protected = false
      for entry in entries {
        if entry.name == "protected" {
          if let flag = entry.value.scalar?.value.boolValue {
            protected = flag
          } else {
            arguments.wrongType("protected", "true or false", entry.value)
          }
        } else if let template = arguments.template(of: entry.value, entry.name) {
          targets.append((entry.name, template))
        }
      }
      front.environments.append(.init(name: name, targets: targets, protected: protected))
    }
    for (name, _, value) in arguments.map("vars") ?? [] {
      if let template = arguments.template(of: value, name) { front.variables.append((name, template)) }
    }
    for (name, _, value) in arguments.map("secrets") ?? [] {
      if let template = arguments.template(of: value, name) { front.secrets.append((name, template)) }
    }
    front.publicNames = Set(arguments.strings("public") ?? [])
    for type in registry.probes {
      let name = type.descriptor.name
      guard let defaults = type as? any ProbeDefaults.Type, let node = arguments.node(name) else { continue }
      let inner = Arguments(node, owner: "`\(name)`", sink: sink, engines: engines)
      inner.plan = context
      context.defaults[name] = defaults.readDefaults(inner)
      inner.finish()
    }
    let principals = arguments.map("principals") ?? []
    context.principalNames = principals.map(\.name)
    for (name, _, value) in principals { readPrincipal(name, value, arguments, context: context, front: &front) }
    arguments.finish()
    return front
  }

  private func readPrincipal(
    _ name: String, _ node: Node, _ arguments: Arguments, context: PlanContext, front: inout FrontMatter
  ) {
    guard let entries = node.entries else {
      arguments.wrongType(name, "a mapping from a probe's name to what it needs", node)
      return
    }
    context.principals[name] = [:]
    for entry in entries {
      if entry.name == "vars" {
        for item in entry.value.entries ?? [] {
          guard let template = arguments.template(of: item.value, item.name) else { continue }
          if SecretPolicy.soundsSecret(item.name) {
            front.secrets.append(("\(name).\(item.name)", template))
          } else {
            front.variables.append(("\(name).\(item.name)", template))
          }
        }
        continue
      }
      guard let type = registry[entry.name] as? any ProbePrincipal.Type else {
        let able = registry.probes.filter { $0 is any ProbePrincipal.Type }.map { $0.descriptor.name } + ["vars"]
        let near = Suggestion.nearest(to: entry.name, in: able)
        arguments.fail(
          .unknownKey, "no probe called '\(entry.name)' acts as a principal", at: entry.key.range,
          mend: near.map { "did you mean '\($0)'?" } ?? "a principal has \(able.joined(separator: ", "))")
        continue
      }
      let inner = Arguments(
        entry.value, owner: "`\(entry.name)` of the principal \(name)", sink: arguments.sink, engines: engines)
      inner.plan = context
      if let principal = type.readPrincipal(name, inner) { context.principals[name]?[entry.name] = principal }
      inner.finish()
    }
  }

  private func chooseEnvironment(_ front: FrontMatter, options: Options, sink: DiagnosticSink) -> FrontMatter
    .Environment?
  {
    guard let wanted = options.environment else {
      return front.environments.first { !$0.protected } ?? front.environments.first
    }
    if let found = front.environments.first(where: { $0.name == wanted }) { return found }
    let names = front.environments.map(\.name)
    let near = Suggestion.nearest(to: wanted, in: names)
    sink.report(
      .error(
        .unknownEnvironment, "the document has no environment called '\(wanted)'", at: nil,
        mend: near.map { "did you mean '\($0)'?" }
          ?? (names.isEmpty
            ? "declare it under `environments:` in the front matter" : "it has \(names.joined(separator: ", "))")))
    return nil
  }

  private func scope(
    _ front: FrontMatter, environment: FrontMatter.Environment?, context: PlanContext, sink: DiagnosticSink
  ) -> Scope {
    var scope = Scope(environment: processEnvironment, publicNames: front.publicNames)
    for (name, template) in front.variables { scope.set(name, template, secret: false) }
    for (name, template) in front.secrets { scope.set(name, template, secret: true) }
    for (name, template) in environment?.targets ?? [] { scope.set(name, template, secret: false) }
    if let environment { scope.set("environment", Scope.Value(.string(environment.name))) }
    for (name, template) in front.variables + front.secrets + (environment?.targets ?? []) {
      for reference in template.references {
        checkReference(reference.name, reference.range, known: scope, extra: [], owner: name, sink: sink)
      }
    }
    return scope
  }

  private func checkReference(
    _ name: String, _ range: SourceRange, known scope: Scope, extra: Set<String>, owner: String?, sink: DiagnosticSink
  ) {
    if name.hasPrefix("env.") || Scope.isVariable(name) || extra.contains(name) { return }
    var head = Substring(name)
    while true {
      if scope.declares(String(head)) || extra.contains(String(head)) { return }
      guard let cut = head.lastIndex(where: { $0 == "." || $0 == "[" }) else { break }
      head = head[..<cut]
    }
    let near = Suggestion.nearest(to: name, in: scope.names + extra)
    sink.report(
      .error(
        .unknownReference, "nothing is called '\(name)' here", at: range,
        mend: near.map { "did you mean '${\($0)}'?" }
          ?? "set it under `environments`, `vars` or `secrets` in the front matter, or capture it in an earlier step"))
  }

  // MARK: Bindings

  private func bind(
    _ control: Control, front: FrontMatter, environment: FrontMatter.Environment?, scope: Scope, context: PlanContext,
    options: Options, sink: DiagnosticSink
  ) -> BoundControl {
    var bound = BoundControl(control: control, blocking: !control.optional, action: .skip(.unbound))
    if control.bindings.isEmpty { return bound }
    var checks: [Check] = []
    var skip: SkipReason?
    for binding in control.bindings {
      let arguments = Arguments(binding.node, owner: "the binding", sink: sink, engines: engines)
      arguments.plan = context
      guard let entries = binding.node.entries else {
        if binding.node.isNull {
          arguments.fail(.missingProbe, "the binding is empty", mend: "name a probe (`gonogo probes` lists all)")
        }
        continue
      }
      if let severity = arguments.choice("severity", ["blocking", "advisory"]) {
        bound.blocking = severity == "blocking"
      }
      bound.tags += arguments.strings("tags") ?? []
      bound.mend = arguments.string("mend") ?? bound.mend
      for node in arguments.node("needs").map({ $0.elements ?? [$0] }) ?? [] {
        if let id = node.text {
          bound.needs.append((id, node.range))
        } else {
          arguments.wrongType("needs", "ids", node)
        }
      }
      if let reason = when(
        arguments, environments: front.environments.map(\.name), environment: environment, scope: scope)
      {
        skip = skip ?? .when(reason)
      }
      if let role = arguments.string("attest") {
        skip = skip ?? .awaitsWord(of: role)
        let probes = entries.filter { registry[$0.name] != nil }
        if let probe = probes.first {
          arguments.fail(
            .twoProbes, "a line is decided by a probe or by a person's word, not by both", at: probe.key.range,
            mend: "put `attest` under a line of its own")
        }
        arguments.finishBinding(known: bindingKeys)
        continue
      }
      checks += readChecks(
        arguments, control: control, front: front, scope: scope, context: context, options: options, nested: false,
        sink: sink)
    }
    bound.checks = checks
    if let skip {
      bound.action = .skip(skip)
    } else if let refused = refusal(checks, environment: environment, options: options) {
      bound.action = .skip(refused)
    } else {
      bound.action = .run(checks)
    }
    return bound
  }

  private func refusal(_ checks: [Check], environment: FrontMatter.Environment?, options: Options) -> SkipReason? {
    let effect = (checks + checks.flatMap(\.allowed)).map(\.effect).max() ?? .reads
    if effect == .reads { return nil }
    // First, since it asks for both.
    if let environment, environment.protected, options.environment != environment.name {
      return .protected(effect, environment: environment.name)
    }
    if !options.allowed.contains(effect) && !(effect == .writes && options.allowed.contains(.disrupts)) {
      return .notAllowed(effect)
    }
    return nil
  }

  private func when(
    _ arguments: Arguments, environments: [String], environment: FrontMatter.Environment?, scope: Scope
  ) -> String? {
    guard let node = arguments.node("when") else { return nil }
    let inner = arguments.arguments(of: node, "`when`")
    defer { inner.finish() }
    if node.entries?.isEmpty ?? true {
      if node.entries != nil { inner.fail(.emptyExpectation, "an empty `when` says nothing") }
      return nil
    }
    func filled(_ name: String) -> Bool {
      guard let value = try? scope.lookup(name) else { return false }
      return value.json != .string("") && value.json != .null
    }
    var reasons: [String] = []
    if let names = inner.strings("environment") {
      let current = environment?.name ?? "none"
      for name in names where !environments.contains(name) {
        let near = Suggestion.nearest(to: name, in: environments)
        inner.fail(
          .unknownEnvironment, "the document has no environment called '\(name)', so this would never run",
          at: inner.keyRange("environment"),
          mend: near.map { "did you mean '\($0)'?" }
            ?? (environments.isEmpty
              ? "declare it in the front matter" : "it has \(environments.joined(separator: ", "))"))
      }
      if !names.contains(current) { reasons.append("only in \(names.joined(separator: ", ")); this is \(current)") }
    }
    for name in inner.strings("set") ?? [] where !filled(name) { reasons.append("only where \(name) is set") }
    for name in inner.strings("unset") ?? [] where filled(name) { reasons.append("only where \(name) is not set") }
    for (name, _, value) in inner.map("equals") ?? [] {
      let found = (try? scope.lookup(name))?.json
      let wanted = value.json
      if found.map({ $0.means(wanted) || Scope.text(of: $0) == Scope.text(of: wanted) }) != true {
        reasons.append("only where \(name) is \(Scope.text(of: wanted))")
      }
    }
    return reasons.isEmpty ? nil : reasons.joined(separator: "; ")
  }

  private func readChecks(
    _ arguments: Arguments, control: Control, front: FrontMatter, scope: Scope, context: PlanContext, options: Options,
    nested: Bool, extra: Set<String> = [], sink: DiagnosticSink
  ) -> [Check] {
    guard let entries = arguments.node.entries else { return [] }
    let named = entries.filter { registry.names.contains($0.name) }
    guard let entry = named.first, let type = registry[entry.name] else {
      reportMissingProbe(arguments, entries)
      return []
    }
    if named.count > 1 {
      arguments.fail(
        .twoProbes, "a binding has one probe; this has '\(named[0].name)' and '\(named[1].name)'",
        at: named[1].key.range,
        mend: "write two fenced blocks under the line: all must pass")
    }
    arguments.finishBinding(known: nested ? nestedKeys : bindingKeys)

    let descriptor = type.descriptor
    let inner = Arguments(
      entry.value, owner: "the probe \(entry.name)", shorthand: descriptor.shorthand, sink: sink, engines: engines)
    inner.plan = context
    let before = sink.diagnostics.count
    guard let probe = try? type.init(inner) else {
      if sink.diagnostics.count == before {
        inner.fail(.wrongType, "the arguments of \(entry.name) cannot be read")
      }
      // The rest is read all the same: all problems at once.
      _ = arguments.expectations("expect", facts: descriptor.factRoots)
      if let node = arguments.node("jq") {
        context.orphans += ExpectationReader(engines: engines, sink: sink).queries(node)
      }
      _ = arguments.duration("timeout")
      _ = self.retry(arguments)
      _ = arguments.choice("effect", Effect.allCases.map(\.rawValue))
      if !nested { _ = cases(arguments, control: control, sink: sink) }
      return []
    }
    inner.finish()

    let reader = ExpectationReader(engines: engines, sink: sink)
    var expectations = probe.expectations
    if let node = arguments.node("expect") { expectations += reader.read(node, facts: descriptor.factRoots) }
    if let node = arguments.node("jq") { expectations += reader.queries(node) }
    // What the probe exists to find stays expected, unless the author says something else of the same fact.
    let roots = Set(expectations.compactMap(\.root))
    expectations += probe.builtinExpectations.filter { $0.root.map { !roots.contains($0) } ?? true }
    if expectations.isEmpty, arguments.node("expect") == nil, arguments.node("jq") == nil {
      arguments.fail(
        .emptyExpectation, "nothing is expected of what \(entry.name) sees, so it could never fail",
        at: entry.key.range,
        mend: "add `expect:`; its facts are \(descriptor.factRoots.joined(separator: ", "))")
    }

    let timeout = arguments.duration("timeout") ?? front.timeout ?? options.timeout
    let retry = retry(arguments)
    var effect = probe.effect
    if let text = arguments.choice("effect", Effect.allCases.map(\.rawValue)), let stated = Effect(rawValue: text) {
      if stated < effect {
        arguments.fail(
          .outOfRange, "\(entry.name) \(effect.rawValue) here; `effect` cannot make that less",
          at: arguments.keyRange("effect"))
      }
      effect = max(effect, stated)
    }

    let rows = nested ? [CaseRow(label: nil, columns: [:])] : cases(arguments, control: control, sink: sink)
    let columns = rows.allSatisfy(\.columns.isEmpty) ? extra : extra.union(rows.flatMap { $0.columns.keys })
    var allowed: [Check] = []
    let noControl = nested ? nil : arguments.string("no_control")
    if !nested, let node = arguments.node("allowed") {
      let control = Arguments(node, owner: "`allowed`", sink: sink, engines: engines)
      control.plan = context
      allowed = readChecks(
        control, control: Control.placeholder, front: front, scope: scope, context: context, options: options,
        nested: true, extra: columns, sink: sink)
    } else if !nested, noControl == nil, let denial = probe.denial(in: expectations) {
      arguments.fail(
        .denialWithoutControl, "\(denial) proves nothing until the same attempt is accepted from someone who may",
        at: entry.key.range,
        mend: "add `allowed:` with that attempt and its `expect`, or `no_control: WHY` where there can be none")
    }

    for reference in probe.references {
      checkReference(reference.name, reference.range, known: scope, extra: columns, owner: nil, sink: sink)
    }
    return rows.map { row in
      Check(
        label: row.label, probeName: entry.name, probe: probe, expectations: expectations, allowed: allowed,
        noControl: noControl, columns: row.columns, timeout: timeout, retry: retry, effect: effect,
        range: entry.key.range)
    }
  }

  private func reportMissingProbe(_ arguments: Arguments, _ entries: [Node.Entry]) {
    let strangers = entries.filter { !BindingKeys.names.contains($0.name) }
    // Of several unknown keys, the one that is meant as the probe is the one that is no misspelt key of a binding.
    guard
      let stranger = strangers.first(where: { Suggestion.nearest(to: $0.name, in: BindingKeys.names) == nil })
        ?? strangers.first
    else {
      arguments.fail(.missingProbe, "the binding names no probe", mend: "`gonogo probes` lists all")
      return
    }
    for other in strangers where other.key.range != stranger.key.range {
      let near = Suggestion.nearest(to: other.name, in: bindingKeys)
      arguments.fail(
        .unknownKey, "a binding has no key '\(other.name)'", at: other.key.range,
        mend: near.map { "did you mean '\($0)'?" })
    }
    let near = Suggestion.nearest(to: stranger.name, in: registry.names + BindingKeys.names)
    arguments.fail(
      .unknownProbe, "no probe is called '\(stranger.name)'", at: stranger.key.range,
      mend: (near.map { "did you mean '\($0)'? " } ?? "") + "(`gonogo probes` lists all)")
  }

  private func retry(_ arguments: Arguments) -> Check.Retry {
    let within = arguments.duration("within")
    let times = arguments.integer("retry", in: 1...1000) ?? (within == nil ? 1 : Int.max)
    return Check.Retry(times: times, every: arguments.duration("every") ?? 500, within: within)
  }

  struct CaseRow {
    let label: String?
    let columns: [String: Scope.Value]
  }

  private func cases(_ arguments: Arguments, control: Control, sink: DiagnosticSink) -> [CaseRow] {
    guard let node = arguments.node("cases") else { return [CaseRow(label: nil, columns: [:])] }
    if node.text == "table" {
      guard let table = control.tables.first, !table.rows.isEmpty else {
        arguments.fail(
          .emptyCases, "`cases: table` needs a table with at least one row inside the item", at: node.range,
          mend: "put a Markdown table under the line, indented like the binding")
        return []
      }
      return table.rows.map { row in
        var columns: [String: Scope.Value] = [:]
        for (index, name) in table.columns.enumerated() {
          columns[name] = Scope.Value(.string(index < row.cells.count ? row.cells[index] : ""))
        }
        return CaseRow(label: row.cells.first ?? "row \(row.line)", columns: columns)
      }
    }
    guard let elements = node.elements, !elements.isEmpty else {
      arguments.fail(
        .emptyCases, "`cases` with no case would pass for nothing", at: node.range,
        mend: "write a list of mappings, or `cases: table`")
      return []
    }
    return elements.compactMap { element in
      guard let entries = element.entries, !entries.isEmpty else {
        arguments.wrongType("cases", "a list of mappings", element)
        return nil
      }
      var columns: [String: Scope.Value] = [:]
      for entry in entries { columns[entry.name] = Scope.Value(entry.value.json) }
      let label = entries.map { "\($0.name)=\(Scope.text(of: $0.value.json))" }.joined(separator: " ")
      return CaseRow(label: label, columns: columns)
    }
  }

  // MARK: The document as a whole

  private func reportQueryErrors(_ bound: [BoundControl], orphans: [Expectation], sink: DiagnosticSink) {
    let errors = engines.queries.prepare()
    if errors.isEmpty { return }
    var told: Set<SourceRange> = []
    func tell(_ expectations: [Expectation]) {
      for expectation in expectations {
        guard case .query(let handle, _) = expectation.test, let error = errors[handle],
          told.insert(expectation.range).inserted
        else { continue }
        sink.report(
          .error(
            .badQuery, "not jq: \(error.message)", at: expectation.range, mend: "try it with `jq` on the facts"))
      }
    }
    tell(orphans)
    for check in bound.lazy.flatMap(\.checks) {
      tell(check.expectations)
      for control in check.allowed { tell(control.expectations) }
    }
  }

  private func checkNeeds(_ bound: [BoundControl], sink: DiagnosticSink) {
    let byID = Dictionary(
      bound.enumerated().map { ($0.element.control.id, $0.offset) }, uniquingKeysWith: { a, _ in a })
    var lost = 0
    for item in bound {
      for need in item.needs where byID[need.id] == nil {
        lost += 1  // looking for a near name costs a look at all of them
        let near = lost <= 50 ? Suggestion.nearest(to: need.id, in: byID.keys) : nil
        sink.report(
          .error(
            .unknownControl, "no control has the id '\(need.id)'", at: need.range,
            mend: near.map { "did you mean '\($0)'?" } ?? "`gonogo list` prints every id"))
      }
    }
    var state = Array(repeating: 0, count: bound.count)  // 0 not seen, 1 on the path, 2 done
    for start in bound.indices where state[start] == 0 {
      var path: [(index: Int, next: Int)] = [(start, 0)]
      state[start] = 1
      while let (index, next) = path.last {
        if next == bound[index].needs.count {
          state[index] = 2
          path.removeLast()
          continue
        }
        path[path.count - 1].next += 1
        guard let target = byID[bound[index].needs[next].id] else { continue }
        if state[target] == 0 {
          state[target] = 1
          path.append((target, 0))
        } else if state[target] == 1, let from = path.firstIndex(where: { $0.index == target }) {
          let ring = (path[from...].map { bound[$0.index].control.id } + [bound[target].control.id])
          sink.report(
            .error(
              .cycle, "controls need each other in a ring: \(ring.joined(separator: " → "))",
              at: bound[index].needs[next].range, mend: "take one `needs` out"))
        }
      }
    }
  }

  private func checkSelection(_ bound: [BoundControl], _ selection: Selection, sink: DiagnosticSink) {
    for (flag, patterns) in [("--only", selection.only), ("--skip", selection.skip)] {
      for pattern in patterns
      where !bound.contains(where: { Selection.matches(pattern, id: $0.control.id, tags: $0.tags) }) {
        let near = Suggestion.nearest(to: pattern, in: bound.map(\.control.id) + bound.flatMap(\.tags))
        sink.report(
          .error(
            .emptySelection, "\(flag) '\(pattern)' matches no control", at: nil,
            mend: near.map { "did you mean '\($0)'?" } ?? "`gonogo list` prints every id"))
      }
    }
  }
}

extension Arguments {
  /// Reports the keys of a binding that neither it nor any probe knows.
  func finishBinding(known: [String]) {
    for entry in node.entries ?? [] where !known.contains(entry.name) {
      let near = Suggestion.nearest(to: entry.name, in: known)
      fail(
        .unknownKey, "a binding has no key '\(entry.name)'", at: entry.key.range,
        mend: near.map { "did you mean '\($0)'?" }
          ?? "its keys are a probe's name, \(BindingKeys.names.joined(separator: ", "))")
    }
  }
}

extension Control {
  /// Stands for the control inside `allowed:`, which has no cases of its own.
  static let placeholder = Control(
    id: "", idSource: .slug, title: "", section: [], range: .beginning, tick: nil, optional: false, bindings: [])
}

/// A probe that takes defaults from the front matter, under its own name.
public protocol ProbeDefaults: Probe {
  static func readDefaults(_ arguments: Arguments) -> (any Sendable)?
  /// The defaults' members, for the JSON Schema.
  static var defaultParameters: [ProbeDescriptor.Parameter] { get }
}

/// A probe that can act as a principal.
public protocol ProbePrincipal: Probe {
  static func readPrincipal(_ name: String, _ arguments: Arguments) -> (any Sendable)?
  /// The principal's members, for the JSON Schema.
  static var principalParameters: [ProbeDescriptor.Parameter] { get }
}
