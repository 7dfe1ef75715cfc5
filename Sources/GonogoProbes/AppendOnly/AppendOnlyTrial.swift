import GonogoCore

/// Each role tries everything that an append-only table must not allow, in one transaction that is rolled back.
struct AppendOnlyTrial {
  enum Attempt: String, CaseIterable, Sendable {
    case update = "UPDATE"
    case delete = "DELETE"
    case truncate = "TRUNCATE"
    case disableTrigger = "DISABLE TRIGGER"
    case drop = "DROP"
    case replicationRole = "session_replication_role"
  }

  enum State: Sendable, Equatable {
    /// The server said no.
    case refused(String)
    /// It was let through, and a row changed or would have.
    case changed(String)
    /// It was let through, and did nothing, for a reason that is known.
    case noEffect(String)
    case unproven(String)

    var json: JSON {
      switch self {
      case .refused(let why): ["state": "refused", "reason": .string(why)]
      case .changed(let why): ["state": "changed", "reason": .string(why)]
      case .noEffect(let why): ["state": "no_effect", "reason": .string(why)]
      case .unproven(let why): ["state": "unproven", "reason": .string(why)]
      }
    }
  }

  struct Fault: Sendable {
    let role: String
    let attempt: String
    let table: String
    let message: String
    let mend: String
    var json: JSON {
      [
        "role": .string(role), "attempt": .string(attempt), "table": .string(table), "message": .string(message),
        "mend": .string(mend),
      ]
    }
  }

  let client: SQLClient
  let table: AppendOnlyTable
  let insertion: String?
  let deadline: PostgresDeadline
  /// Tables of more rows are not gone through as a whole.
  static let small = 20_000

  private(set) var faults: [Fault] = []
  private(set) var states: [String: [String: State]] = [:]
  private(set) var controls = 0
  private(set) var attempts = 0
  private(set) var unproven: [String] = []
  /// Where an entry is: its table and its place in it.
  private var place: (table: String, row: String)?

  init(_ client: SQLClient, _ table: AppendOnlyTable, insertion: String?, deadline: PostgresDeadline) {
    self.client = client
    self.table = table
    self.insertion = insertion
    self.deadline = deadline
  }

  /// - Parameter isNamed: the author says that these roles write entries.
  /// - Throws: ``ProbeError`` where nothing can be said.
  mutating func play(_ roles: [AppendOnlyTable.Role], isNamed: Bool) throws(ProbeError) {
    var tried: [AppendOnlyTable.Role] = []
    for role in roles {
      if role.isSuperuser {
        fault(
          role, "superuser", "it is a superuser: to a superuser no table is append-only",
          "let the application log in as a role of its own")
      } else if role.isOwner {
        fault(
          role, "ownership", "it owns the table: an owner can give itself any right, switch triggers off and drop it",
          "ALTER TABLE \(table.name) OWNER TO a role that nobody logs in as; GRANT INSERT ON \(table.name) TO \(SQLText.name(role.name))"
        )
      } else if role.isMemberOfOwner {
        fault(
          role, "owner_membership", "it is a member of the owner '\(table.owner)', and may become it with SET ROLE",
          "REVOKE \(SQLText.name(table.owner)) FROM \(SQLText.name(role.name))")
      } else {
        tried.append(role)
      }
    }
    for role in tried { try premise(role) }
    for role in tried { try control(role, isNamed: isNamed) }
    if controls == 0, !tried.isEmpty {
      throw ProbeError(
        .control,
        "none of \(tried.map(\.name).joined(separator: ", ")) could write an entry, so that what they are refused proves nothing",
        asked: client.target.display,
        mend: "name who writes with `roles:`, and how with `insert:`", facts: .object(["roles": json]))
    }
    for role in tried {
      for attempt in Attempt.allCases { try judge(role, attempt, on: table.name) }
      for child in role.children {
        for attempt in [Attempt.update, .delete, .truncate] { try judge(role, attempt, on: child) }
      }
    }
  }

  private mutating func fault(_ role: AppendOnlyTable.Role, _ attempt: String, _ message: String, _ mend: String) {
    faults.append(Fault(role: role.name, attempt: attempt, table: table.name, message: message, mend: mend))
  }

  /// What is needed to act as the role: a refusal of that would look like one of the attempt.
  private func premise(_ role: AppendOnlyTable.Role) throws(ProbeError) {
    let names = [table.name] + role.children
    let grants = names.map { "GRANT SELECT ON \($0) TO \(role.sql);" }.joined(separator: " ")
    let answer = try client.ask(
      "SAVEPOINT premise; \(grants) SELECT has_table_privilege(\(SQLText.literal(role.sql.replacing("\"", with: ""))), \(table.oid)::oid, 'SELECT'); SET LOCAL ROLE \(role.sql)",
      deadline)
    try client.run("ROLLBACK TO SAVEPOINT premise; RELEASE SAVEPOINT premise", deadline)
    // Without the right to grant, GRANT only warns.
    if let words = answer.refusal?.message ?? (answer.value == "t" ? nil : "it may not grant a right on the table") {
      throw ProbeError(
        .denied, "user '\(client.target.user)' cannot act as '\(role.name)': \(words)", asked: client.target.display,
        mend: "connect as a superuser, or as the table's owner who is a member of the role")
    }
  }

  // MARK: The control

  /// The role writes an entry, which stays until the transaction is rolled back.
  private mutating func control(_ role: AppendOnlyTable.Role, isNamed: Bool) throws(ProbeError) {
    guard let insertion else {
      throw ProbeError(
        .configuration, "no value is known for some column of \(table.name), so that no entry can be written",
        asked: client.target.display, mend: "say how an entry is written: `insert: \"INSERT INTO …\"`")
    }
    // A role that only reads is still held to what it must not do, beside another that writes.
    if !isNamed, !role.mayInsert, self.insertion == table.insertion { return }
    let before = try counts()
    // Its own place is returned, which a role that only writes could not read.
    func write(_ sql: String) throws(ProbeError) -> SQLAnswer {
      try client.ask(
        "SAVEPOINT control; GRANT SELECT ON \(table.name) TO \(role.sql); SET LOCAL ROLE \(role.sql); \(sql)", deadline)
    }
    var answer = try write(insertion)
    if answer.refusal?.code == "42501", insertion == table.insertion, let plain = table.plainInsertion {
      try client.run("ROLLBACK TO SAVEPOINT control", deadline)
      answer = try write(plain)
    }
    if let refusal = answer.refusal {
      try client.run("ROLLBACK TO SAVEPOINT control", deadline)
      // Somebody else's lock says nothing of what the role may do.
      if ["55P03", "57014", "40P01"].contains(refusal.code) { throw client.refused(refusal) }
      if !isNamed { return }
      throw ProbeError(
        .control,
        "the role '\(role.name)' cannot write an entry, so that what it is refused proves nothing: \(refusal.message) (\(refusal.code))",
        asked: client.target.display, mend: "GRANT INSERT to it, correct `insert`, or leave it out of `roles`",
        facts: .object(["roles": json]))
    }
    try client.run("RESET ROLE; REVOKE SELECT ON \(table.name) FROM \(role.sql); RELEASE SAVEPOINT control", deadline)
    guard try counts()[0] > before[0] else {
      throw ProbeError(
        .control, "the entry of '\(role.name)' was taken without a word, and is not in \(table.name)",
        asked: client.target.display, mend: "see its triggers and rules; or correct `insert`",
        facts: .object(["roles": json]))
    }
    controls += 1
    if place == nil, insertion == table.insertion, let row = answer.tables.last?.first, row.count == 2,
      let name = row[0], let row = row[1]
    {
      place = (name, row)
    }
  }

  /// Rows that this transaction put into, changed in and took out of the table and its children: "attempted" ones count, too,
  /// and so the numbers only grow (pgstat_relation.c, AtEOSubXact_PgStat_Relations).
  private func counts() throws(ProbeError) -> [Int] {
    Self.numbers(try client.run(counting, deadline).tables.last)
  }

  private var counting: String {
    """
    WITH RECURSIVE i(oid) AS (SELECT \(table.oid)::oid UNION SELECT h.inhrelid FROM pg_catalog.pg_inherits h
      JOIN i ON h.inhparent = i.oid)
    SELECT sum(pg_catalog.pg_stat_get_xact_tuples_inserted(oid)), sum(pg_catalog.pg_stat_get_xact_tuples_updated(oid)),
      sum(pg_catalog.pg_stat_get_xact_tuples_deleted(oid)) FROM i
    """
  }

  private static func numbers(_ table: [[String?]]?) -> [Int] {
    let row = table?.first ?? []
    return (0..<3).map { index in index < row.count ? row[index].flatMap { Int($0) } ?? 0 : 0 }
  }

  // MARK: The attempts

  private mutating func judge(_ role: AppendOnlyTable.Role, _ attempt: Attempt, on name: String) throws(ProbeError) {
    let state = try state(role, attempt, on: name)
    let key = name == table.name ? attempt.rawValue : "\(attempt.rawValue) \(name)"
    states[role.name, default: [:]][key] = state
    switch state {
    case .changed(let how):
      faults.append(
        Fault(
          role: role.name, attempt: attempt.rawValue, table: name, message: "it \(how)",
          mend: Self.mend(attempt, name, role.name)))
    case .unproven(let why): unproven.append("\(key) by \(role.name): \(why)")
    default: break
    }
  }

  private static func mend(_ attempt: Attempt, _ table: String, _ role: String) -> String {
    let role = SQLText.name(role)
    return switch attempt {
    case .update, .delete, .truncate:
      "REVOKE \(attempt.rawValue) ON \(table) FROM \(role), PUBLIC, and add a trigger that refuses it"
    case .disableTrigger, .drop: "see who owns \(table) and its schema, and whom \(role) is a member of"
    case .replicationRole:
      "REVOKE SET ON PARAMETER session_replication_role FROM \(role); ALTER TABLE \(table) ENABLE ALWAYS TRIGGER …"
    }
  }

  private mutating func state(_ role: AppendOnlyTable.Role, _ attempt: Attempt, on name: String) throws(ProbeError)
    -> State
  {
    switch attempt {
    case .update, .delete: return try rows(role, attempt, on: name, prefix: "")
    case .replicationRole:
      let setting = "SET LOCAL session_replication_role = replica"
      let answer = try run(role, on: name, setting)
      if let refusal = answer.refusal { return .refused(refusal.message) }
      for command in [Attempt.update, .delete] {
        // What is open anyway is said once.
        if case .changed = states[role.name]?[command.rawValue] { continue }
        if case .changed(let how) = try rows(role, command, on: name, prefix: setting + ";") {
          return .changed("may switch triggers off with session_replication_role, and then \(how)")
        }
      }
      return .noEffect("it may set it, and is refused all the same")
    case .truncate: return whole(try run(role, on: name, "TRUNCATE \(name)"), "emptied it", attempt)
    case .disableTrigger:
      return whole(
        try run(role, on: name, "ALTER TABLE \(name) DISABLE TRIGGER USER"), "switched its triggers off", attempt)
    case .drop: return whole(try run(role, on: name, "DROP TABLE \(name)"), "dropped it", attempt)
    }
  }

  /// In a savepoint, as the role, which may read the table for the occasion: an UPDATE that is refused for want of SELECT
  /// would prove nothing about UPDATE.
  private mutating func run(_ role: AppendOnlyTable.Role, on name: String, _ sql: String, reads: Bool = true)
    throws(ProbeError) -> SQLAnswer
  {
    attempts += 1
    let grant = reads ? "GRANT SELECT ON \(name) TO \(role.sql);" : ""
    let answer = try client.ask(
      "SAVEPOINT trial; \(grant) \(counting); SET LOCAL ROLE \(role.sql); \(sql); \(counting)", deadline)
    try client.run("ROLLBACK TO SAVEPOINT trial; RELEASE SAVEPOINT trial", deadline)
    return answer
  }

  private mutating func rows(_ role: AppendOnlyTable.Role, _ attempt: Attempt, on name: String, prefix: String)
    throws(ProbeError) -> State
  {
    let command = attempt.rawValue
    let place = try row(in: name)
    let condition = place.map {
      "WHERE ctid = '\($0.row)' AND tableoid = '\($0.table.replacing("'", with: "''"))'::regclass"
    }
    var ways: [(where: String, reads: Bool)] = []
    if let condition { ways.append((condition, true)) }
    // What SELECT policies hide, a command without WHERE still hits.
    if table.estimate <= Self.small { ways.append(("", false)) }
    if ways.isEmpty { return .unproven("it has no row to try it on") }
    var worst: State?
    for way in ways {
      let changes = attempt == .delete ? [("", "")] : Array(table.changes(role).prefix(4))
      if changes.isEmpty { return .unproven("no column of it can be given another value") }
      var found = State.unproven("not tried")
      for (column, value) in changes {
        let sql =
          attempt == .delete
          ? "DELETE FROM \(name) \(way.where)"
          : "UPDATE \(name) SET \(SQLText.name(column)) = \(way.reads ? value : Self.blind(value, column)) \(way.where)"
        let answer = try run(role, on: name, prefix + sql, reads: way.reads)
        found = read(answer, command, place: place)
        if case .unproven = found { continue }
        break
      }
      switch (worst, found) {
      case (_, .changed): return found
      case (nil, _), (.refused, .noEffect), (_, .unproven): worst = found
      default: break
      }
    }
    return worst ?? .unproven("not tried")
  }

  /// A value that reads no column, for a role that may not.
  private static func blind(_ value: String, _ column: String) -> String {
    let name = SQLText.name(column)
    return value.contains(name) ? "DEFAULT" : value
  }

  private func read(_ answer: SQLAnswer, _ command: String, place: (table: String, row: String)?) -> State {
    if let refusal = answer.refusal {
      switch refusal.code {
      case "42501": return .refused(refusal.message)
      case "55P03", "57014", "40P01", "40001": return .unproven("another session holds a lock: \(refusal.message)")
      case "23503" where command == "DELETE":
        return .changed("may \(command) entries: only a foreign key stood in the way of this one")
      default: break
      }
      // Errors of class P0 and of a function's context were raised by a trigger.
      if refusal.code.hasPrefix("P0") || refusal.context?.contains("PL/") == true {
        return .refused("a trigger says: \(refusal.message)")
      }
      return .unproven("\(refusal.message) (\(refusal.code))")
    }
    let index = command == "UPDATE" ? 1 : 2
    let count = Self.numbers(answer.tables.last)[index] - Self.numbers(answer.tables.first)[index]
    if count > 0 {
      return .changed("\(command == "UPDATE" ? "changed" : "removed") \(count == 1 ? "an entry" : "\(count) entries")")
    }
    if table.rules.contains(command) { return .noEffect("a rule does something else instead") }
    if table.closedByRLS.contains(command) { return .noEffect("no policy lets \(command) see a row") }
    if table.triggers.contains(command) { return .noEffect("a trigger takes the row out of the command") }
    return .unproven("it was let through and met no row: row security hides the entry that was tried")
  }

  private func whole(_ answer: SQLAnswer, _ what: String, _ attempt: Attempt) -> State {
    guard let refusal = answer.refusal else { return .changed(what) }
    switch refusal.code {
    case "42501": return .refused(refusal.message)
    case "2BP01", "0A000": return .changed("may do it: only what depends on it stood in the way (\(refusal.message))")
    case "55P03", "57014", "40P01": return .unproven("another session holds a lock: \(refusal.message)")
    default:
      if refusal.code.hasPrefix("P0") || refusal.context?.contains("PL/") == true {
        return .refused("a trigger says: \(refusal.message)")
      }
      return .unproven("\(refusal.message) (\(refusal.code))")
    }
  }

  /// An entry to try a change on: the one that was written, else any.
  private func row(in name: String) throws(ProbeError) -> (table: String, row: String)? {
    if name == table.name, let place { return place }
    let answer = try client.run("SELECT tableoid::regclass::text, ctid::text FROM \(name) LIMIT 1", deadline)
    guard let row = answer.tables.last?.first, row.count == 2, let table = row[0], let place = row[1] else {
      return nil
    }
    return (table, place)
  }

  /// `ROLE.ATTEMPT.state`.
  var json: JSON { .object(states.mapValues { .object($0.mapValues(\.json)) }) }
}
