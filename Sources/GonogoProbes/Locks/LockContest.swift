import GonogoCore

/// Two sessions contend for a lock.
struct LockContest {
  struct Fault: Sendable {
    let kind: String
    let message: String
    let mend: String
    var json: JSON { ["kind": .string(kind), "message": .string(message), "mend": .string(mend)] }
  }

  let calls: LockCalls
  let direct: PostgresTarget
  let pooler: PostgresTarget?
  let patience: Int
  let attempts: Int
  let deadline: PostgresDeadline
  let redactor: Redactor

  private(set) var faults: [Fault] = []
  private(set) var contests = 0
  private(set) var wins = 0
  private(set) var waited = false
  private(set) var locks: [String] = []
  private(set) var notes: [String] = []
  private(set) var pooled: [String: JSON] = [:]
  private(set) var left: [String] = []

  init(
    _ calls: LockCalls, direct: PostgresTarget, pooler: PostgresTarget?, patience: Int, attempts: Int,
    deadline: PostgresDeadline, redactor: Redactor
  ) {
    self.calls = calls
    self.direct = direct
    self.pooler = pooler
    self.patience = patience
    self.attempts = attempts
    self.deadline = deadline
    self.redactor = redactor
  }

  private mutating func fault(_ kind: String, _ message: String, _ mend: String) {
    faults.append(Fault(kind: kind, message: message, mend: mend))
  }

  private func open(_ target: PostgresTarget) throws(ProbeError) -> SQLClient {
    try SQLClient(target, deadline: deadline, redactor: redactor)
  }

  /// - Throws: ``ProbeError`` where nothing can be said.
  mutating func play() throws(ProbeError) {
    try contend()
    guard faults.isEmpty, let pooler else { return }
    try contendThrough(pooler)
  }

  // MARK: Directly

  private mutating func contend() throws(ProbeError) {
    let holder = try open(direct)
    let other = try open(direct)
    guard try first(holder) else { return }
    locks = try held(by: holder, seenBy: other)
    contests += 1
    switch try take(other).outcome {
    case .won:
      fault(
        "both_won", "two sessions hold it at once",
        calls.inTransaction
          ? "let it take a lock of PostgreSQL's or a row's"
          : "a lock that ends with its transaction (pg_advisory_xact_lock) must be taken in one that stays open: say `transaction: true` if the application does"
      )
      try giveBack(holder, other)
      return
    case .lost(let waited): self.waited = waited
    case .refused(let refusal): throw other.refused(refusal)
    }
    try end(other)
    // Released, the other one has its turn.
    if let words = try released(holder) {
      fault(
        "not_released", "the holder's release was refused: \(words)",
        "let the release take the same key as the acquisition")
      try giveBack(holder, other)
      return
    }
    contests += 1
    guard try wins(other, within: patience) else {
      fault("not_released", "it was released, and nobody else can take it", "see what the release does")
      try giveBack(holder, other)
      return
    }
    _ = try released(other)
    // The holder dies: its process, or the cable.
    guard try wins(holder, within: patience) else {
      fault("not_released", "the second one's release did not release it", "see what the release does")
      return
    }
    holder.hangUp()
    contests += 1
    if try !wins(other, within: patience) {
      fault(
        "outlives_holder",
        "its holder's connection ended, and \(Quantity.describe(milliseconds: patience)) later nobody else can take it",
        "take a lock of PostgreSQL's, which ends with its session, or give it an end in time")
      let cleaner = try open(direct)
      if let release = calls.release { _ = try? cleaner.ask(release, deadline) }
      if try !wins(other, within: 1) { left.append("the lock itself: its holder is gone") }
    }
    _ = try released(other)
  }

  /// The first acquisition, which nobody disputes: the control of everything after it.
  private mutating func first(_ client: SQLClient) throws(ProbeError) -> Bool {
    switch try take(client).outcome {
    case .won:
      wins += 1
      return true
    case .lost:
      throw ProbeError(
        .control, "nobody was known to hold it, and the first session did not get it", asked: direct.display,
        mend: "name a `key:` that the application does not use, or correct `acquire`")
    case .refused(let refusal) where refusal.code == "42883":
      fault("missing_function", refusal.message, "apply the migration that creates it, or correct `acquire`")
    case .refused(let refusal) where refusal.code == "54001":
      fault(
        "recurses", "it calls itself without end: \(refusal.message)",
        "name the function inside with its schema: pg_catalog.pg_try_advisory_lock")
    case .refused(let refusal) where refusal.code == "42501":
      fault(
        "not_callable", "user '\(client.target.user)' may not call it: \(refusal.message)",
        "GRANT EXECUTE ON FUNCTION … TO \(client.target.user)")
    case .refused(let refusal): throw client.refused(refusal)
    }
    return false
  }

  private func take(_ client: SQLClient) throws(ProbeError) -> LockCalls.Taken {
    let taken = LockCalls.read(try client.ask(calls.taking, deadline))
    if case .lost = taken.outcome { try end(client) }
    if case .refused = taken.outcome { try end(client) }
    return taken
  }

  /// Leaves a transaction that won nothing.
  private func end(_ client: SQLClient) throws(ProbeError) {
    if calls.inTransaction { _ = try client.ask("ROLLBACK", deadline) }
  }

  /// Gives the lock back; what the server said where it did not let itself be given back.
  private func released(_ client: SQLClient) throws(ProbeError) -> String? {
    guard let release = calls.release else {
      try client.run("COMMIT", deadline)
      return nil
    }
    let answer = try client.ask(release, deadline)
    if calls.inTransaction { _ = try client.ask(answer.refusal == nil ? "COMMIT" : "ROLLBACK", deadline) }
    if let refusal = answer.refusal { return "\(refusal.message) (\(refusal.code))" }
    return LockCalls.saysNo(answer) ? "it says that this session did not hold it" : nil
  }

  /// Tries for as long as that to take it.
  private mutating func wins(_ client: SQLClient, within milliseconds: Int) throws(ProbeError) -> Bool {
    let end = PostgresDeadline(milliseconds: min(milliseconds, deadline.left))
    while true {
      switch try take(client).outcome {
      case .won:
        wins += 1
        return true
      case .lost: break
      case .refused(let refusal): throw client.refused(refusal)
      }
      if end.left == 0 { return false }
      _ = try client.run("SELECT pg_catalog.pg_sleep(0.02)", deadline)
    }
  }

  /// After a fault: whatever the two still hold is given back.
  private func giveBack(_ clients: SQLClient...) throws(ProbeError) {
    for client in clients {
      if calls.inTransaction { _ = try client.ask("ROLLBACK", deadline) } else { _ = try released(client) }
    }
  }

  /// PostgreSQL's advisory locks that a session holds, as pg_locks lists them; none where it is a lock of another kind.
  private func held(by client: SQLClient, seenBy other: SQLClient) throws(ProbeError) -> [String] {
    let backend = try client.run("SELECT pg_catalog.pg_backend_pid()", deadline).value ?? "0"
    return try Self.locks(of: backend, other, deadline)
  }

  private static func locks(of backend: String, _ client: SQLClient, _ deadline: PostgresDeadline) throws(ProbeError)
    -> [String]
  {
    let answer = try client.run(
      """
      SELECT pg_catalog.format('%s:%s:%s', classid, objid, objsubid) FROM pg_catalog.pg_locks
      WHERE locktype = 'advisory' AND granted AND pid = \(backend)
        AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) ORDER BY 1
      """, deadline)
    return (answer.tables.last ?? []).compactMap { $0.first ?? nil }
  }

  // MARK: Through the pooler

  private mutating func contendThrough(_ target: PostgresTarget) throws(ProbeError) {
    let watcher = try open(direct)
    let holder = try open(target)
    let begun = try take(holder)
    guard case .won = begun.outcome else {
      if case .refused(let refusal) = begun.outcome { throw holder.refused(refusal) }
      throw ProbeError(
        .control, "nobody was known to hold it, and the first client of the pooler did not get it",
        asked: target.display,
        mend: "see whether another session holds it")
    }
    wins += 1
    let before = try Self.locks(of: begun.backend, watcher, deadline)
    var others: [SQLClient] = []
    var backends: Set<String> = [begun.backend]
    var tried = 0
    var waiting = 0
    var bothWon = false
    while tried < attempts, !bothWon, waiting == 0 {
      tried += 1
      let other = try open(target)
      try other.send(calls.taking)
      // A pool that has no other server connection lets it wait: nobody wins at once.
      guard try other.isAnswered(within: LockCalls.patience + 1500, deadline: deadline) else {
        waiting += 1
        other.hangUp()
        continue
      }
      let taken = LockCalls.read(try other.receive(deadline))
      backends.insert(taken.backend)
      contests += 1
      switch taken.outcome {
      case .won:
        bothWon = true
        others.append(other)
        fault(
          "pooler_both_won",
          taken.backend == begun.backend
            ? "through the pooler two clients hold it at once: both were given the server connection \(taken.backend), and PostgreSQL gives a session its own lock again"
            : "through the pooler two clients hold it at once, on two server connections",
          "take it in a transaction (pg_advisory_xact_lock), or connect past the pooler for it")
      case .lost: try end(other)
      case .refused(let refusal):
        clean(begun.backend, before, target, watcher)
        throw other.refused(refusal)
      }
    }
    if !bothWon { try release(holder, begun.backend, target, watcher) }
    if !calls.inTransaction || bothWon { try die(holder, others, target, watcher) }
    clean(begun.backend, before, target, watcher)
    pooled = [
      "attempts": JSON(tried), "backends": JSON(backends.count), "waited": JSON(waiting), "both_won": .bool(bothWon),
    ]
  }

  private mutating func release(
    _ holder: SQLClient, _ backend: String, _ target: PostgresTarget, _ watcher: SQLClient
  ) throws(ProbeError) {
    if let words = try released(holder) {
      fault(
        "pooler_not_released", "through the pooler its release was refused: \(words)",
        "take and release it on one connection: in a transaction, or past the pooler")
      return
    }
    contests += 1
    if try wins(watcher, within: patience) {
      _ = try released(watcher)
      if calls.inTransaction { return }
      // For the end of the client, it holds it once more.
      if case .won = try take(holder).outcome { wins += 1 }
    } else {
      fault(
        "pooler_not_released", "through the pooler it was released, and nobody else can take it",
        "take and release it on one connection: in a transaction, or past the pooler")
    }
  }

  private mutating func die(
    _ holder: SQLClient, _ others: [SQLClient], _ target: PostgresTarget, _ watcher: SQLClient
  ) throws(ProbeError) {
    if faults.contains(where: { $0.kind == "pooler_not_released" }) { return }
    holder.hangUp()
    for other in others { other.hangUp() }
    contests += 1
    if try wins(watcher, within: patience) {
      _ = try released(watcher)
    } else {
      fault(
        "pooler_outlives_client",
        "its client left the pooler, and \(Quantity.describe(milliseconds: patience)) later the server connection still holds it",
        "take it in a transaction (pg_advisory_xact_lock), or connect past the pooler for it")
    }
  }

  /// Releases what stayed on server connections of the pool, through the pool.
  private mutating func clean(_ backend: String, _ known: [String], _ target: PostgresTarget, _ watcher: SQLClient) {
    guard !known.isEmpty else { return }
    let list = known.map(SQLText.literal).joined(separator: ", ")
    let condition =
      "locktype = 'advisory' AND granted AND pg_catalog.format('%s:%s:%s', classid, objid, objsubid) IN (\(list))"
    func stays() -> [String] {
      let rows = try? watcher.run("SELECT pid FROM pg_catalog.pg_locks WHERE \(condition) ORDER BY 1", deadline).tables
        .last
      return (rows ?? []).compactMap { $0.first ?? nil }
    }
    var round = 0
    while !stays().isEmpty, round < max(20, attempts), deadline.left > 0 {
      round += 1
      guard let client = try? open(target) else { break }
      let acts = known.map { lock in
        "\(AdvisoryLockText.release(lock)) FROM pg_catalog.pg_locks WHERE pid = pg_catalog.pg_backend_pid() AND \(condition)"
      }
      _ = try? client.ask(acts.joined(separator: "; "), deadline)
    }
    left += stays().map { "an advisory lock of the server connection \($0)" }
  }
}
