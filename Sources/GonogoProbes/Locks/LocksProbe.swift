public import GonogoCore

/// Lets two sessions contend for a lock, and finds functions that stand in for PostgreSQL's own.
public struct LocksProbe: Probe {
  let database: Template
  let pooler: Template?
  let acquire: Template?
  let release: Template?
  let key: Template?
  let inTransaction: Bool
  let patience: Int
  let attempts: Int
  let schemas: [String]
  let allowances: [String]
  let range: SourceRange

  public init(_ arguments: Arguments) throws(InvalidArguments) {
    range = arguments.range
    database =
      arguments.template("database")
      ?? Template(parts: [.reference("database", arguments.range)], range: arguments.range)
    pooler = arguments.template("pooler")
    acquire = arguments.template("acquire")
    release = arguments.template("release")
    key = arguments.template("key")
    let text = acquire?.source ?? ""
    inTransaction = arguments.boolean("transaction") ?? text.lowercased().contains("_xact_")
    patience = arguments.duration("within") ?? 3000
    attempts = arguments.integer("attempts", in: 1...200) ?? 10
    schemas = arguments.strings("schemas") ?? []
    var allowances: [String] = []
    for node in arguments.node("allow").map({ $0.elements ?? [$0] }) ?? [] {
      // The reason comes after the first colon that follows the arguments.
      guard let text = node.text, let close = text.firstIndex(of: ")"),
        text[text.index(after: close)...].first == ":",
        text[text.index(after: close)...].dropFirst().contains(where: { !$0.isWhitespace })
      else {
        arguments.fail(
          .wrongType, "`allow` takes a function, its argument types and a reason, not \(node.kind)", at: node.range,
          mend: "write `allow: [\"public.pg_advisory_unlock(bigint): called as a remote procedure only\"]`")
        continue
      }
      allowances.append(String(text[...close]))
    }
    self.allowances = allowances
    if acquire != nil, release == nil, !inTransaction {
      arguments.fail(
        .missingKey, "`acquire` needs `release`, or the transaction that releases it",
        at: arguments.keyRange("acquire"),
        mend: "add `release: \"SELECT …($key)\"`, or `transaction: true`")
    }
    if release != nil, acquire == nil {
      arguments.fail(.missingKey, "`release` needs `acquire`", at: arguments.keyRange("release"))
    }
    if key != nil, acquire != nil, !text.contains("$key") {
      arguments.fail(
        .wrongType, "`acquire` has no place for the key", at: arguments.keyRange("acquire"),
        mend: "write `$key` where the key stands")
    }
  }

  /// A lock of PostgreSQL's own, under a key that nobody uses, leaves nothing; a function may do anything, and a pooler may
  /// keep what it was given.
  public var effect: Effect { acquire == nil && pooler == nil && key == nil ? .reads : .writes }

  public var builtinExpectations: [Expectation] { [.empty("faults", at: range), .empty("shadows", at: range)] }

  public var references: [(name: String, range: SourceRange)] {
    ([database] + [pooler, acquire, release, key].compactMap { $0 }).flatMap(\.references)
  }

  public func requests(in scope: Scope) -> [String] {
    let what = acquire.map(scope.preview) ?? "SELECT pg_try_advisory_lock($key)"
    var lines = [
      "\(scope.preview(database)): two sessions contend: \(what); the holder's connection is ended without a word"
    ]
    if let pooler { lines.append("\(scope.preview(pooler)): the same through the pooler") }
    return lines + ["\(scope.preview(database)): functions that bear a name of pg_catalog's"]
  }

  public func observe(in context: ProbeContext) async throws(ProbeError) -> Observation {
    let direct = try PostgresTarget(try context.render(database), redactor: context.redactor)
    let through = try pooler.map { template throws(ProbeError) in
      try PostgresTarget(try context.render(template), redactor: context.redactor)
    }
    let deadline = PostgresDeadline(attempt: context.timeout)
    let calls = try calls(in: context)
    let catalogue = try SQLClient(direct, deadline: deadline, redactor: context.redactor)
    let rows = try catalogue.run(LockShadows.query(schemas), deadline).tables.last ?? []
    let all = LockShadows.read(rows)
    func isAllowed(_ found: (shadow: LockShadows.Shadow, signature: String)) -> Bool {
      allowances.contains { $0 == found.signature || $0 == found.shadow.function }
    }
    var contest = LockContest(
      calls, direct: direct, pooler: through, patience: patience, attempts: attempts, deadline: deadline,
      redactor: context.redactor)
    try contest.play()
    let unused = allowances.filter { name in !all.contains { $0.signature == name || $0.shadow.function == name } }
    let facts: JSON = [
      "faults": .array(contest.faults.map(\.json)), "shadows": .array(all.filter { !isAllowed($0) }.map(\.shadow.json)),
      "allowed": JSON(all.filter(isAllowed).map(\.signature)), "allowed_unused": JSON(unused),
      "advisory": .bool(!contest.locks.isEmpty), "waits": .bool(contest.waited), "pooler": .object(contest.pooled),
      "contests": JSON(contest.contests), "wins": JSON(contest.wins), "left": JSON(contest.left),
    ]
    // A function that is not there is a finding, though nobody could contend for it.
    let found = contest.faults.count
    return Observation(
      facts: facts,
      witness: ["contests": max(contest.contests, min(1, found)), "wins": max(contest.wins, min(1, found))],
      asked: direct.display,
      repeatCommand:
        "psql \((through ?? direct).shell) \((inTransaction ? ["BEGIN"] : []).map { "-c \(ShellQuote.quote($0))" }.joined())"
        + " -c \(ShellQuote.quote(shown(acquire, "SELECT pg_try_advisory_lock(1)")))  # in two terminals")
  }

  private func shown(_ template: Template?, _ otherwise: String) -> String { template?.source ?? otherwise }

  private func calls(in context: ProbeContext) throws(ProbeError) -> LockCalls {
    var literal = "\(Int64.random(in: 1 << 40..<1 << 62))"
    if let key {
      let text = try context.render(key).exposed
      literal = Int64(text).map { "\($0)" } ?? SQLText.literal(text)
    }
    func text(_ template: Template?, _ otherwise: String) throws(ProbeError) -> String {
      try template.map { template throws(ProbeError) in try context.render(template).exposed }
        ?? otherwise
    }
    // Without a schema, as an application calls them: whatever stands in for them is what is tried.
    let take = inTransaction ? "SELECT pg_try_advisory_xact_lock($key)" : "SELECT pg_try_advisory_lock($key)"
    let acquire = try text(acquire, take).replacing("$key", with: literal)
    var back: String?
    if release != nil || self.acquire == nil, !(self.acquire == nil && inTransaction) {
      back = try text(release, "SELECT pg_advisory_unlock($key)").replacing("$key", with: literal)
    }
    return LockCalls(acquire: acquire, release: back, inTransaction: inTransaction)
  }
}
