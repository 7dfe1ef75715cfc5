public import GonogoCore

/// Proves that the tenants of a database do not reach each other's rows.
public struct IsolationProbe: Probe {
  let database: Template
  let shadow: ShadowArguments?
  let options: IsolationProof.Options
  let coverage: Double?
  /// What this line judges, by name; `nil` for everything.
  let tables: [String]?
  let range: SourceRange
  public let builtinExpectations: [Expectation]

  public init(_ arguments: Arguments) throws(InvalidArguments) {
    range = arguments.range
    var options = IsolationProof.Options()
    database =
      arguments.template("database")
      ?? Template(parts: [.reference("database", arguments.range)], range: arguments.range)
    if let inner = arguments.arguments("shadow", shorthand: "migrations") {
      shadow = try ShadowArguments(inner)
      inner.finish()
      if arguments.has("database") {
        arguments.fail(
          .wrongType, "`database` and `shadow` are two places to look", at: arguments.keyRange("shadow"),
          mend: "write two fenced blocks under the line: both must pass")
      }
    } else {
      shadow = nil
    }
    if let name = arguments.choice("platform", IsolationPlatform.allCases.map(\.rawValue)) {
      options.corrections.platform = IsolationPlatform(rawValue: name)
    }
    options.corrections.schemas = arguments.strings("schemas")
    options.corrections.shared = arguments.strings("shared") ?? []
    if let model = arguments.arguments("model") { Self.readModel(model, &options.corrections) }
    tables = arguments.strings("tables")
    if tables?.isEmpty == true {
      arguments.fail(
        .wrongType, "`tables` names nothing, and nothing can be proven of it", at: arguments.keyRange("tables"),
        mend: "name tables, views or functions, or leave `tables` out")
    }
    for node in arguments.list("allow") ?? [] {
      guard let text = node.text, let allowance = IsolationAllowance(text) else {
        arguments.fail(
          .wrongType, "`allow` takes a table, a command, a principal and a reason, not \(node.kind)", at: node.range,
          mend: "write `allow: [\"plans SELECT anon: public price list\"]`")
        continue
      }
      options.allowances.append(allowance)
    }
    for node in arguments.list("equivalent") ?? [] {
      guard let text = node.text, let word = EquivalentMutant(text) else {
        arguments.fail(
          .wrongType, "`equivalent` takes a fault, a table, a policy and a reason, not \(node.kind)", at: node.range,
          mend: "write `equivalent: [\"widen-check plans price_list: nobody writes there\"]`")
        continue
      }
      options.equivalents.append(word)
    }
    if let wait = arguments.duration("lock_timeout") { options.lockTimeout = max(1, wait) }
    if let wait = arguments.duration("statement_timeout") { options.statementTimeout = max(1, wait) }
    options.callsFunctions = arguments.boolean("functions") ?? true
    options.isScratch = arguments.boolean("scratch") ?? false
    options.beside = Self.readBeside(arguments)
    coverage = arguments.node("coverage").flatMap { node in
      let text = node.text.map { $0.hasSuffix("%") ? String($0.dropLast()) : $0 } ?? ""
      guard let value = Double(text), (0...100).contains(value) else {
        arguments.fail(.wrongType, "`coverage` takes a percentage of 0 to 100, not \(node.kind)", at: node.range)
        return nil
      }
      return value
    }
    self.options = options
    var expectations = [
      Expectation(.fact(Self.path("leaks"), .length(.compare(.equal, 0, source: "== 0"))), at: arguments.range)
    ]
    if let coverage {
      expectations.append(
        Expectation(
          .fact(Self.path("coverage"), .compare(.atLeast, coverage, source: ">= \(coverage)")), at: arguments.range))
    } else {
      expectations.append(
        Expectation(.fact(Self.path("unproven"), .length(.compare(.equal, 0, source: "== 0"))), at: arguments.range))
    }
    builtinExpectations = expectations
  }

  static func path(_ name: String) -> FactPath { FactPath(name) ?? FactPath(steps: []) }

  /// `true` for all of them, or their names.
  private static func readBeside(_ arguments: Arguments) -> Set<BesideTool> {
    guard let node = arguments.node("beside") else { return [] }
    if let all = node.scalar?.value.boolValue { return all ? Set(BesideTool.allCases) : [] }
    var tools: Set<BesideTool> = []
    for item in arguments.list("beside") ?? [] {
      if let tool = item.text.flatMap(BesideTool.init) {
        tools.insert(tool)
      } else {
        arguments.fail(
          .wrongType,
          "`beside` takes true, false, or names of \(BesideTool.allCases.map(\.rawValue).joined(separator: ", "))",
          at: item.range)
      }
    }
    return tools
  }

  static func readModel(_ model: Arguments, _ corrections: inout IsolationCorrections) {
    if let node = model.node("tenant_key") {
      if let entries = node.entries {
        for entry in entries { corrections.tenantKeys[entry.name] = entry.value.text }
      } else {
        corrections.tenantKey = node.text
      }
    }
    corrections.userKey = model.string("user_key")
    corrections.tenantTable = model.string("tenant_table")
    corrections.usersTable = model.string("users_table")
    if let membership = model.arguments("membership", shorthand: "table") {
      corrections.membershipTable = membership.string("table")
      corrections.membershipUser = membership.string("user")
      corrections.membershipTenant = membership.string("tenant")
      corrections.membershipRole = membership.string("role")
      membership.finish()
    }
    if let roles = model.arguments("roles") {
      corrections.memberRoles = roles.strings("member") ?? []
      corrections.anonymousRole = roles.string("anonymous")
      roles.finish()
    }
    if let identity = model.arguments("identity") {
      // `${user}` here is the principal's, and no name of the document.
      for (name, _, node) in identity.map("settings") ?? [] {
        guard let text = node.text else {
          identity.wrongType(name, "a text", node)
          continue
        }
        corrections.settings.append((name, text))
      }
      identity.finish()
    }
    model.finish()
  }

  public var references: [(name: String, range: SourceRange)] { shadow?.references ?? database.references }

  public func requests(in scope: Scope) -> [String] {
    [
      "\(shadow?.preview(in: scope) ?? scope.preview(database)): two tenants, and every attempt of one on the other's rows, in a transaction that is rolled back"
    ]
  }

  public func observe(in context: ProbeContext) async throws(ProbeError) -> Observation {
    let deadline = PostgresDeadline(milliseconds: context.timeout)
    var result: IsolationResult
    let asked: String
    let command: String?
    if let shadow {
      let source = try shadow.options(in: context)
      let made = try await ShadowDatabase.shared(source, context: context)
      asked = shadow.preview(in: context.scope)
      command = source.isolationCommand
      var wanted = self.options
      wanted.environment = context.scope.environment
      // Lines that ask the same of one shadow share the proof, and each judges its part.
      let once = context.resources.resource("isolation \(ObjectIdentifier(made)) \(self.options)") {
        RunOnce<IsolationResult>()
      }
      result = try await once.get("another control's proof of it", deadline: deadline) {
        [wanted] () throws(ProbeError) in
        var options = wanted
        // A copy: functions whose effects stay are called here.
        let copy = try made.copy(deadline: deadline)
        options.timeout = deadline.left
        return try IsolationCheck.run(shadow: made, connection: copy, options: options)
      }
    } else {
      let target = try PostgresTarget(try context.render(database), redactor: context.redactor)
      asked = target.display
      var options = self.options
      options.environment = context.scope.environment
      command = "gonogo isolation \(target.shell)"
      options.timeout = context.timeout
      result = try IsolationCheck.run(target: target, options: options)
    }
    if let tables { result = try result.restricted(to: tables, asked: asked) }
    return Observation(
      facts: result.facts, witness: result.witness,
      attachments: [
        .init(
          name: "leaks.sql", mediaType: "application/sql",
          bytes: Array(result.leaks.map(\.transcript).joined(separator: "\n").utf8))
      ], asked: asked, repeatCommand: command,
      vacuityMend: "see `unproven` for what kept the tables from being proven")
  }
}
