public import GonogoCore

/// Looks into a PostgreSQL database: rows, catalogue, connections, migrations. Over libpq, in transactions that are rolled
/// back.
public struct PostgresProbe: Probe, ProbePrincipal {
  enum Mode: Sendable {
    case query(PostgresQuery)
    case schema(PostgresSchema)
    case connections(PostgresConnections)
    case migrations(PostgresMigrations)
  }

  static let modes = ["query", "schema", "connections", "migrations"]

  let mode: Mode
  let database: Template
  let shadow: ShadowArguments?
  let principal: PostgresPrincipal

  public init(_ arguments: Arguments) throws(InvalidArguments) {
    let named = Self.modes.filter(arguments.has)
    if named.count > 1 {
      arguments.fail(
        .wrongType, "the probe postgres looks at one thing at a time, not at \(named.joined(separator: " and "))",
        at: arguments.keyRange(named[1]), mend: "write two fenced blocks under the line: all must pass")
    }
    var principal = PostgresPrincipal()
    if let name = arguments.string("as") {
      if let found = arguments.plan.principals[name]?["postgres"] as? PostgresPrincipal {
        principal = found
      } else {
        let known = arguments.plan.principals.filter { $0.value["postgres"] is PostgresPrincipal }.keys.sorted()
        let near = Suggestion.nearest(to: name, in: known)
        arguments.fail(
          .unknownReference, "no principal called '\(name)' has a `postgres`",
          at: arguments.node("as")?.range ?? arguments.keyRange("as"),
          mend: near.map { "did you mean '\($0)'?" }
            ?? "declare it: `principals: { \(name): { postgres: { role: … } } }`")
      }
    }
    if let inner = arguments.arguments("shadow", shorthand: "migrations") {
      shadow = try ShadowArguments(inner)
      inner.finish()
      if arguments.has("database") {
        arguments.fail(
          .wrongType, "`database` and `shadow` are two places to look", at: arguments.keyRange("shadow"),
          mend: "write two fenced blocks under the line: both must pass")
      }
      for name in ["connections", "migrations"] where named.contains(name) {
        arguments.fail(
          .wrongType, "`\(name)` says nothing of a scratch database", at: arguments.keyRange("shadow"),
          mend: "look at the database that is in use, or ask the probe shadow")
      }
    } else {
      shadow = nil
    }
    database =
      arguments.template("database") ?? principal.database
      ?? Template(parts: [.reference("database", arguments.range)], range: arguments.range)
    switch named.first {
    case "query":
      if let role = arguments.template("role") { principal.role = role }
      let own = PostgresPrincipal.settings(arguments)
      principal.settings = principal.settings.filter { given in !own.contains { $0.name == given.name } } + own
      mode = .query(try PostgresQuery(arguments))
    case "schema": mode = .schema(try PostgresSchema(arguments))
    case "connections": mode = .connections(PostgresConnections(arguments))
    case "migrations": mode = .migrations(try PostgresMigrations(arguments))
    default:
      arguments.fail(
        .missingKey, "the probe postgres needs one of \(Self.modes.map { "`\($0)`" }.joined(separator: ", "))",
        mend: "write `postgres: { query: SELECT … }`")
      throw InvalidArguments()
    }
    for name in named.dropFirst() { _ = arguments.node(name) }
    self.principal = principal
  }

  public static func readPrincipal(_ name: String, _ arguments: Arguments) -> (any Sendable)? {
    PostgresPrincipal(arguments)
  }

  public var expectations: [Expectation] {
    if case .schema(let schema) = mode { return schema.expectations }
    return []
  }

  public var builtinExpectations: [Expectation] {
    if case .migrations(let migrations) = mode { return migrations.builtinExpectations }
    return []
  }

  public func denial(in expectations: [Expectation]) -> String? {
    if case .query(let query) = mode { return query.denial(in: expectations) }
    return nil
  }

  public var references: [(name: String, range: SourceRange)] {
    var all = (shadow?.references ?? database.references) + PostgresPrincipal.references(principal)
    switch mode {
    case .query(let query): all += query.references
    case .migrations(let migrations): all += migrations.folder.references
    default: break
    }
    return all
  }

  public func requests(in scope: Scope) -> [String] {
    let place = shadow?.preview(in: scope) ?? scope.preview(database)
    let role = principal.role.map { " as \(scope.preview($0))" } ?? ""
    switch mode {
    case .query(let query):
      let line = query.sql.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " } }.joined(separator: " ")
      return ["\(place)\(role): \(line)"]
    case .schema(let schema): return ["\(place)\(role): the catalogue of \(schema.schemas.joined(separator: ", "))"]
    case .connections: return ["\(place)\(role): pg_stat_activity"]
    case .migrations(let migrations):
      return ["\(place)\(role): the applied migrations, against \(scope.preview(migrations.folder))"]
    }
  }

  public func observe(in context: ProbeContext) async throws(ProbeError) -> Observation {
    let session = try await session(in: context)
    switch mode {
    case .query(let query): return try query.observe(session)
    case .schema(let schema): return try schema.observe(session)
    case .connections(let connections): return try connections.observe(session)
    case .migrations(let migrations): return try migrations.observe(session)
    }
  }
}

extension PostgresProbe {
  private func session(in context: ProbeContext) async throws(ProbeError) -> PostgresSession {
    guard let shadow else { return try PostgresSession(database: database, principal: principal, context: context) }
    let made = try await ShadowDatabase.shared(try shadow.options(in: context), context: context)
    // Connections of this probe stay open, and nobody could copy the shadow itself meanwhile: a copy for all such lines.
    let deadline = PostgresDeadline(milliseconds: context.timeout)
    let once = context.resources.resource("postgres copy of \(ObjectIdentifier(made))") { RunOnce<[String: String]>() }
    let copy = try await once.get("another control's copy of it", deadline: deadline) { () throws(ProbeError) in
      try made.copy(deadline: deadline)
    }
    return try PostgresSession(
      target: PostgresTarget(shadow: copy, display: shadow.preview(in: context.scope)), principal: principal,
      context: context)
  }
}

extension PostgresPrincipal {
  /// The references of role and settings; the database's are counted where it is used.
  static func references(_ principal: PostgresPrincipal) -> [(name: String, range: SourceRange)] {
    var copy = principal
    copy.database = nil
    return copy.references
  }
}
