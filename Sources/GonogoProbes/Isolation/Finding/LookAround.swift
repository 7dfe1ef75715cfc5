import GonogoCore

/// What is looked at beside the attempts: the catalogue, plans, sequences, and privileges that no policy holds.
extension ProofSession {
  mutating func lookAround() throws(IsolationFailure) {
    try narrowPolicies()
    judgeTheRest()
    noteTriggers()
    try tryOutsiders()
    result.findings += FindingScan(catalogue: catalogue, model: model, privileges: privileges).all()
    try trySequences()
    try tryTruncation()
    try explain()
    result.findings.sort {
      ($0.isAdvisory ? 1 : 0, $0.rule, $0.object) < ($1.isAdvisory ? 1 : 0, $1.rule, $1.object)
    }
  }

  private var roles: [String] { model.memberRoles + [model.anonymousRole].compactMap { $0 } }

  /// Sequences that an application's role may set: a tenant who does so keeps the others from adding rows.
  ///
  /// `setval` does not roll back. Only in a scratch copy is it called, and there it sets what is set already.
  private mutating func trySequences() throws(IsolationFailure) {
    var settable: [(sequence: Privileges.Sequence, roles: [String])] = []
    for role in roles {
      for sequence in privileges.settable[role] ?? [] where model.schemas.contains(sequence.schema) {
        if let place = settable.firstIndex(where: { $0.sequence == sequence }) {
          settable[place].roles.append(role)
        } else {
          settable.append((sequence, [role]))
        }
      }
    }
    guard let first = settable.first else { return }
    var isTried = false
    if options.isScratch,
      let state = try connection.run("SELECT last_value, is_called FROM \(first.sequence.sql)").first,
      let value = state[0]
    {
      let called = state[1] == "t"
      isTried =
        try runner.rows(
          "SET LOCAL ROLE \(SQLText.name(first.roles[0])); SELECT setval(\(SQLText.literal(first.sequence.sql)), \(value), \(called))"
        ) != nil
    }
    let names = settable.map(\.sequence.name)
    let everyone = settable.flatMap(\.roles).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let shown = names.prefix(5).joined(separator: ", ") + (names.count > 5 ? " …" : "")
    result.findings.append(
      .init(
        rule: "sequence-settable", object: names.count == 1 ? names[0] : "\(names.count) sequences",
        message:
          "\(everyone.joined(separator: ", ")) may set \(shown): one tenant can make every other's INSERT fail, and no policy holds it\(isTried ? " (tried: setval succeeds)" : "")",
        mend: settable.prefix(5).map { item in
          "REVOKE UPDATE ON SEQUENCE \(item.sequence.sql) FROM \(item.roles.map { SQLText.name($0) }.joined(separator: ", "));"
        }.joined(separator: "\n"), isAdvisory: true))
  }

  /// On Supabase TRUNCATE is granted to everybody, and its API cannot say it: tried in a scratch copy, and told beside the
  /// matrix instead of in it.
  private mutating func tryTruncation() throws(IsolationFailure) {
    guard options.isScratch, model.platform == .supabase,
      let place = result.findings.firstIndex(where: { $0.rule == "truncate-granted" }),
      let target = model.proving.compactMap({ targets[$0.relation.oid] }).first(where: { target in
        roles.contains { privileges.of($0, target.table.relation.oid).table.contains("TRUNCATE") } && !target.isLarge
      }),
      let role = roles.first(where: { privileges.of($0, target.table.relation.oid).table.contains("TRUNCATE") })
    else { return }
    let principal = principalMaker.make("member", .a, .member, role: role)
    let relation = target.table.relation
    let attempt = Attempt(
      table: relation.oid, command: "TRUNCATE", kind: "truncate", sql: "TRUNCATE \(relation.sql) CASCADE",
      countsRows: true, check: maker.lost(target))
    let replies = try runner.attempt([(principal, [attempt])], timeout: 10_000)
    result.attempts += 1
    guard let reply = replies.first else { return }
    let old = result.findings[place]
    result.findings[place] = .init(
      rule: old.rule, object: old.object,
      message: old.message
        + (reply.succeeded
          ? " (tried: it empties \(relation.name); only that the API cannot say it stands in the way)"
          : " (tried on \(relation.name): \(reply.message))"),
      mend: old.mend, isAdvisory: old.isAdvisory)
  }

  /// The plans behind what is said of speed: what PostgreSQL does for a SELECT by the application's role.
  private mutating func explain() throws(IsolationFailure) {
    let rules: Set<String> = ["per-row-call", "tenant-key-unindexed", "policy-column-unindexed"]
    var plans: [String: [String]] = [:]
    let principal = principalMaker.make("member", .b, .member, role: model.memberRoles[0])
    let settings = principal.settings.map {
      "SELECT set_config(\(SQLText.literal($0.name)), \(SQLText.literal($0.value)), true);"
    }.joined()
    for place in result.findings.indices where rules.contains(result.findings[place].rule) {
      let subject = result.findings[place].subject
      if subject.isEmpty || plans[subject] == nil && plans.count >= 10 { continue }
      if plans[subject] == nil {
        let rows = try runner.rows(
          "\(settings) SET LOCAL ROLE \(SQLText.name(principal.role)); EXPLAIN (COSTS OFF) SELECT * FROM \(subject)")
        plans[subject] = (rows ?? []).compactMap { $0.first.flatMap { $0 } }
      }
      result.findings[place].plan = plans[subject] ?? []
    }
  }

  // MARK: - Policies that fail

  /// Policies and triggers that fail whoever asks: they recurse, or name what is not there.
  mutating func noteFaults(_ relation: Catalogue.Relation, _ results: [(Principal, AttemptResult)]) {
    for (principal, reply) in results where reply.phase == "a" {
      switch reply.code {
      case "42P17": noteRecursion(reply.message)
      case "42P01": noteMissing("table", relation, principal, reply)
      case "42703": noteMissing("column", relation, principal, reply)
      case "42883": noteMissing("function", relation, principal, reply)
      default: continue
      }
    }
  }

  private mutating func add(_ finding: IsolationResult.Finding) {
    if result.findings.contains(where: { $0.rule == finding.rule && $0.object == finding.object }) { return }
    result.findings.append(finding)
  }

  private mutating func noteRecursion(_ message: String) {
    // `infinite recursion detected in policy for relation "team_members"`
    guard let name = Self.quoted(message),
      let relation = catalogue.relations.first(where: {
        $0.name == name && $0.hasRLS && model.schemas.contains($0.schema)
      }
      )
    else { return }
    let policies = relation.policies.filter { policy in
      SQLText.mentions(policy.text, name)
        || catalogue.relations.contains { other in
          other.oid != relation.oid && SQLText.mentions(policy.text, other.name)
            && other.policies.contains { SQLText.mentions($0.text, name) }
        }
    }
    let named = policies.isEmpty ? relation.policies : policies
    add(
      .init(
        rule: "policy-recursion", object: name,
        message:
          "the policy \(named.map(\.name).joined(separator: ", ")) reads \(name) itself, whose policies are asked again, without end: every query fails",
        mend: "look it up in a SECURITY DEFINER function with SET search_path = '', which no policy holds",
        isAdvisory: false, subject: relation.sql, policies: named.map { "\(relation.schema).\(name).\($0.name)" }))
  }

  private mutating func noteMissing(
    _ what: String, _ relation: Catalogue.Relation, _ principal: Principal, _ reply: AttemptResult
  ) {
    let missing: String
    if what == "function" {
      // `function no_such_function(uuid) does not exist`
      let rest = reply.message.split(separator: " ").dropFirst().first ?? ""
      missing = String(rest.prefix { $0 != "(" })
    } else {
      missing = Self.quoted(reply.message) ?? String(reply.message.split(separator: " ").dropFirst().first ?? "")
    }
    let word = missing.split(separator: ".").last.map(String.init) ?? missing
    if word.isEmpty { return }
    func asks(_ text: String) -> Bool {
      SQLText.mentions(text, word)
        || catalogue.functions.contains { SQLText.mentions(text, $0.name) && SQLText.mentions($0.source, word) }
    }
    let role = catalogue.roles[principal.role]
    let policies = relation.policies.filter { policy in role.map { policy.applies(to: $0) } ?? true && asks(policy.text)
    }
    if !policies.isEmpty {
      add(
        .init(
          rule: "policy-missing-\(what)", object: relation.name,
          message:
            "the policy \(policies.map(\.name).joined(separator: ", ")) asks for the \(what) \(missing), which is not there: every query that it applies to fails",
          mend: "create \(missing), or ALTER POLICY to what there is", isAdvisory: false, subject: relation.sql,
          policies: policies.map { "\(relation.schema).\(relation.name).\($0.name)" }))
      return
    }
    let triggers = relation.triggers.filter { trigger in
      catalogue.functions.contains { $0.oid == trigger.function && asks($0.source) }
    }
    if triggers.isEmpty { return }
    add(
      .init(
        rule: "trigger-missing-\(what)", object: relation.name,
        message:
          "the trigger \(triggers.map(\.name).joined(separator: ", ")) asks for the \(what) \(missing), which is not there: every write that fires it fails",
        mend: "create \(missing), or replace the trigger's function", isAdvisory: false, subject: relation.sql))
  }

  private static func quoted(_ message: String) -> String? {
    let parts = message.split(separator: "\"", omittingEmptySubsequences: false)
    return parts.count >= 3 ? String(parts[1]) : nil
  }
}

/// Migrations that failed because a policy names what is not there: named as the same fault would be in the database.
enum PolicyMigrations {
  static func findings(_ migrations: [MigrationOutcome]) -> [IsolationResult.Finding] {
    migrations.flatMap { migration in
      migration.failures.compactMap { failure -> IsolationResult.Finding? in
        let what: String
        switch failure.sqlstate {
        case "42P01": what = "table"
        case "42703": what = "column"
        case "42883": what = "function"
        case "3F000": what = "schema"
        case "42704": what = "role"
        default: return nil
        }
        let statement = failure.statement ?? ""
        guard let (policy, table) = named(statement) else { return nil }
        return .init(
          rule: "policy-missing-\(what)", object: table,
          message: "the policy \(policy) was never made: \(failure.message)",
          mend: "create what it names in an earlier migration, or correct the policy", isAdvisory: false,
          places: ["\(migration.file):\(failure.line ?? 1)"])
      }
    }
  }

  /// `CREATE POLICY "own rows" ON public.orders …` as `own rows` and `orders`.
  static func named(_ statement: String) -> (policy: String, table: String)? {
    var rest = Substring(statement)
    func word() -> String? {
      rest = rest.drop { $0 == " " }
      guard let first = rest.first else { return nil }
      if first == "\"" {
        let text = rest.dropFirst().prefix { $0 != "\"" }
        rest = rest[text.endIndex...].dropFirst()
        return String(text)
      }
      let text = rest.prefix { $0 != " " && $0 != "." && $0 != "(" && $0 != ";" }
      rest = rest[text.endIndex...]
      return text.isEmpty ? nil : String(text)
    }
    guard ["create", "alter"].contains(word()?.lowercased()), word()?.lowercased() == "policy", let policy = word(),
      word()?.lowercased() == "on", var table = word()
    else { return nil }
    while rest.first == "." {
      rest = rest.dropFirst()
      guard let next = word() else { break }
      table = next
    }
    return (policy, table)
  }
}
