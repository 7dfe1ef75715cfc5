public import GonogoCore

/// Looks whether what one client of a connection pool leaves in its session reaches the next.
public struct PooledProbe: Probe {
  let database: Template
  let kinds: [PooledKind]
  /// The author named the kinds: one that this login cannot leave behind is then no answer.
  let namesKinds: Bool
  let settings: [String]
  let statements: [Template]
  let role: String?
  let attempts: Int
  let range: SourceRange

  static let defaultSettings = ["app.current_tenant", "request.jwt.claims"]

  public init(_ arguments: Arguments) throws(InvalidArguments) {
    range = arguments.range
    database =
      arguments.template("database")
      ?? Template(parts: [.reference("database", arguments.range)], range: arguments.range)
    statements = arguments.templates("set") ?? []
    var kinds: [PooledKind] = []
    for node in arguments.node("kinds").map({ $0.elements ?? [$0] }) ?? [] {
      guard let kind = node.text.flatMap(PooledKind.init) else {
        let near = node.text.flatMap { Suggestion.nearest(to: $0, in: PooledKind.allCases.map(\.rawValue)) }
        arguments.fail(
          .wrongType, "`kinds` takes \(PooledKind.allCases.map(\.rawValue).joined(separator: ", ")), not \(node.kind)",
          at: node.range, mend: near.map { "did you mean '\($0)'?" })
        continue
      }
      if !kinds.contains(kind) { kinds.append(kind) }
    }
    namesKinds = arguments.has("kinds")
    if namesKinds, kinds.isEmpty {
      arguments.fail(.missingKey, "`kinds` names nothing", at: arguments.keyRange("kinds"))
    }
    // Statements of the application's own are the question; the rest is asked where they are not given.
    self.kinds = namesKinds ? kinds : statements.isEmpty ? PooledKind.allCases : []
    let named = arguments.strings("settings")?.map { $0.lowercased() }
    if let named, named.isEmpty {
      arguments.fail(.missingKey, "`settings` names nothing", at: arguments.keyRange("settings"))
    }
    settings = named ?? (statements.isEmpty ? Self.defaultSettings : [])
    role = arguments.string("role")
    attempts = arguments.integer("attempts", in: 2...200) ?? 20
  }

  public var effect: Effect { .disrupts }
  public var builtinExpectations: [Expectation] { [.empty("leaks", at: range)] }
  public var references: [(name: String, range: SourceRange)] { ([database] + statements).flatMap(\.references) }

  public func requests(in scope: Scope) -> [String] {
    let place = scope.preview(database)
    return kinds.map { "\(place): one client leaves behind: \($0.rawValue); the next looks, and takes it away" }
      + (statements.isEmpty
        ? [] : ["\(place): one client runs \(statements.map(scope.preview).joined(separator: "; ")); the next looks"])
  }

  public func observe(in context: ProbeContext) async throws(ProbeError) -> Observation {
    let target = try PostgresTarget(try context.render(database), redactor: context.redactor)
    let deadline = PostgresDeadline(attempt: context.timeout)
    var own: [String] = []
    for statement in statements { own.append(try context.render(statement).exposed) }
    let settings = self.settings + PooledPlant.settings(in: own).filter { !self.settings.contains($0) }
    let plants = try plants(own, settings, target, deadline, context)
    let round = PooledRound(
      target: target, settings: settings, attempts: attempts, deadline: deadline, redactor: context.redactor)
    var report = PooledReport()
    for plant in plants {
      let seen = try round.play(plant)
      report.add(seen, plant)
      if let refusal = seen.refusal {
        if plant.kind == nil || namesKinds {
          throw ProbeError(
            .configuration,
            "the first client cannot leave \(plant.kind?.rawValue ?? "its statements' state") behind: \(refusal)",
            asked: target.display, mend: plant.kind == nil ? "correct `set`" : "take it out of `kinds`",
            facts: report.facts)
        }
        continue
      }
      if seen.held.isEmpty {
        throw ProbeError(
          .control,
          "what the first client did left nothing in its own transaction, so that nothing could reach the next",
          asked: target.display, mend: "name what it sets with `settings:`, or correct `set`", facts: report.facts)
      }
      if !seen.isShared { break }
    }
    if report.shared < report.rounds, report.leaks.isEmpty { throw report.unshared(target) }
    return Observation(
      facts: report.facts, witness: ["shared": report.shared, "controls": report.controls], asked: target.display,
      repeatCommand: Self.command(target, plants, report.leaks.first),
      vacuityMend: "this login can leave nothing behind: name what it can with `kinds:` or `set:`")
  }

  /// What is tried, in the order of the kinds.
  private func plants(
    _ own: [String], _ settings: [String], _ target: PostgresTarget, _ deadline: PostgresDeadline,
    _ context: ProbeContext
  ) throws(ProbeError) -> [PooledPlant] {
    // Long enough not to be somebody else's, and the same in no two runs.
    let mark =
      "gonogo_\(String(UInt64(context.clock.now()) &* 1009 &+ UInt64(context.clock.ticks() & 1023), radix: 36))"
    var role = role
    if role == nil, kinds.contains(.role) || kinds.contains(.sessionAuthorization) {
      let client = try SQLClient(target, deadline: deadline, redactor: context.redactor)
      role = try client.run(
        """
        SELECT rolname FROM pg_catalog.pg_roles
        WHERE pg_catalog.pg_has_role(session_user, oid, 'MEMBER') AND rolname <> session_user AND NOT rolsuper
        ORDER BY rolname LIKE 'pg\\_%', rolname LIMIT 1
        """, deadline
      ).value
    }
    let taken = PostgresSQL.identifier(role ?? "gonogo_no_other_role")
    return kinds.map { kind in
      switch kind {
      case .setting: PooledPlant(kind: kind, statements: settings.map { Self.setting($0, mark) })
      case .searchPath:
        PooledPlant(
          kind: kind,
          statements: [
            "SELECT pg_catalog.set_config('search_path', pg_catalog.concat_ws(', ', nullif(pg_catalog.current_setting('search_path'), ''), '\(mark)'), false)"
          ])
      case .role: PooledPlant(kind: kind, statements: ["SET ROLE \(taken)"])
      case .sessionAuthorization: PooledPlant(kind: kind, statements: ["SET SESSION AUTHORIZATION \(taken)"])
      case .prepared: PooledPlant(kind: kind, statements: ["PREPARE \(mark) AS SELECT 1"])
      case .temporaryTable: PooledPlant(kind: kind, statements: ["CREATE TEMPORARY TABLE \(mark) (n int)"])
      case .listen: PooledPlant(kind: kind, statements: ["LISTEN \(mark)"])
      case .advisoryLock:
        PooledPlant(
          kind: kind,
          statements: ["SELECT pg_catalog.pg_try_advisory_lock(\(Int64.random(in: 1 << 40..<1 << 62)))"])
      }
    } + (own.isEmpty ? [] : [PooledPlant(kind: nil, statements: own, isMarker: false)])
  }

  /// Gives a setting a value that it does not have and may have.
  private static func setting(_ name: String, _ mark: String) -> String {
    let text = name.contains("claims") ? "{\"sub\": \"\(mark)\"}" : mark
    if name.contains(".") {
      return "SELECT pg_catalog.set_config(\(SQLText.literal(name)), \(SQLText.literal(text)), false)"
    }
    return """
      SELECT pg_catalog.set_config(name, CASE vartype
          WHEN 'bool' THEN CASE setting WHEN 'on' THEN 'off' ELSE 'on' END
          WHEN 'integer' THEN (CASE WHEN setting::bigint + 1 <= max_val::bigint THEN setting::bigint + 1
            ELSE setting::bigint - 1 END)::text || coalesce(CASE WHEN unit ~ '^[0-9]' THEN '' ELSE unit END, '')
          WHEN 'real' THEN (CASE WHEN setting::float8 < max_val::float8 THEN max_val ELSE min_val END)
          WHEN 'enum' THEN (SELECT e FROM pg_catalog.unnest(enumvals) e WHERE e <> setting LIMIT 1)
          ELSE '\(mark)' END, false)
      FROM pg_catalog.pg_settings WHERE name = \(SQLText.literal(name))
      """
  }

  /// A command that shows the first leak, or the first look: two psql, one after the other.
  private static func command(_ target: PostgresTarget, _ plants: [PooledPlant], _ leak: PooledReport.Leak?) -> String {
    let plant = plants.first { leak == nil || $0.kind == leak?.plant } ?? plants.first
    func psql(_ statements: [String]) -> String {
      "psql \(target.shell) \((["BEGIN"] + statements + ["COMMIT"]).map { "-c \(ShellQuote.quote($0))" }.joined(separator: " "))"
    }
    var look = ["SELECT pg_backend_pid(), session_user, current_user, current_setting('search_path')"]
    if let leak, leak.item.kind == .setting {
      look = ["SELECT pg_backend_pid(), current_setting(\(SQLText.literal(leak.item.name)), true)"]
    }
    // The application's statements may hold a secret, and are the author's to repeat.
    let acts = plant?.isMarker == true ? plant?.statements ?? [] : []
    return [psql(["SELECT pg_backend_pid()"] + acts), psql(look)].joined(separator: "\n")
  }
}

/// What the rounds saw, together.
struct PooledReport {
  struct Leak {
    let item: PooledState.Item
    let plant: PooledKind?
    let value: String?
    let from: String
    var json: JSON {
      var members: [String: JSON] = [
        "kind": .string(item.kind.rawValue), "setting": .string(item.name), "from": .string(from),
        "by": .string(plant?.rawValue ?? "set"),
      ]
      if let value { members["value"] = .string(value) }
      members["mend"] = .string(item.kind.mend)
      return .object(members)
    }
  }

  private(set) var leaks: [Leak] = []
  private(set) var rounds = 0
  private(set) var shared = 0
  private(set) var controls = 0
  private var attempts = 0
  private var backends: Set<String> = []
  private var afterClose = false
  private var held: [String] = []
  private var refused: [JSON] = []
  private var left: [String] = []

  mutating func add(_ seen: PooledRound.Seen, _ plant: PooledPlant) {
    if let refusal = seen.refusal {
      refused.append(["kind": .string(plant.kind?.rawValue ?? "set"), "reason": .string(refusal)])
      return
    }
    rounds += 1
    attempts += seen.attempts
    backends.formUnion(seen.backends)
    if seen.isShared { shared += 1 }
    if seen.afterClose { afterClose = true }
    controls += seen.held.count
    for item in seen.held { held.append("\(item.kind.rawValue) \(item.name)") }
    for item in seen.leaked {
      leaks.append(
        Leak(
          item: item, plant: plant.kind, value: plant.isMarker ? seen.values[item] : nil, from: "the client before"))
    }
    for name in seen.inherited where !leaks.contains(where: { $0.item.name == name && $0.from != "the client before" })
    {
      leaks.append(
        Leak(
          item: .init(kind: .setting, name: name), plant: plant.kind, value: nil, from: "another client of the pool"))
    }
    left += seen.left.map { "\($0.kind.rawValue) \($0.name)" }
  }

  var mode: String { shared == 0 ? "unshared" : afterClose ? "session" : "transaction" }

  var facts: JSON {
    [
      "leaks": .array(leaks.map(\.json)), "mode": .string(mode), "held": JSON(held), "not_possible": .array(refused),
      "backends": [
        "seen": JSON(backends.count), "shared": JSON(shared), "rounds": JSON(rounds), "attempts": JSON(attempts),
      ],
      "cleaned": .bool(left.isEmpty), "left": JSON(left),
    ]
  }

  func unshared(_ target: PostgresTarget) -> ProbeError {
    let each = backends.count > attempts
    let remainder = left.isEmpty ? "" : "; what was left behind stays there: \(left.joined(separator: ", "))"
    return ProbeError(
      .vacuous,
      each
        ? "nothing is pooled here: \(backends.count) clients were given \(backends.count) server connections, no two the same\(remainder)"
        : "the pool never handed the same server connection to the next client (\(attempts) clients looked, on \(backends.count)), so that nothing is proven\(remainder)",
      asked: target.display,
      mend: each
        ? "let `database:` be the address of the pooler, not that of PostgreSQL"
        : "raise `attempts:`, or look when the pool is less busy", facts: facts)
  }
}
