/// Writes the attempts on one table's rows.
struct AttemptMaker {
  let catalogue: Catalogue
  let model: TenancyModel
  let privileges: Privileges
  /// Above this many rows nothing is done that goes through the whole table.
  static let scanLimit = 20_000

  /// What the attempts on a table need to know.
  struct Target {
    var table: TenancyModel.Table
    let own: SeedRow
    let victim: SeedRow
    /// The condition of B's row; of A's row.
    let victimCondition: String
    let ownCondition: String
    /// The condition of all of B's rows, and how many there are.
    let victimPath: String
    let victimCount: Int
    let pathColumns: [String]
    let ownPathValues: [String?]
    let victimPathValues: [String?]
    /// Where B's rows stand: their count goes down when one is changed.
    let tuples: String
    let tupleCount: Int
    var isLarge: Bool { table.relation.rows > AttemptMaker.scanLimit }
    /// A large table points at this one, so that to empty this one goes through it.
    var reachesLarge = false
  }

  /// The columns that say whose a row is.
  static func pathColumns(_ table: TenancyModel.Table) -> [String] {
    switch table.path {
    case .root(let column), .user(let column), .key(let column), .owned(let column), .group(let column): [column]
    case .parent(let key): key.columns
    case .shared: []
    }
  }

  /// The condition of all rows of a label.
  static func pathCondition(_ table: TenancyModel.Table, _ label: SeedLabel, _ seeder: Seeder) -> String? {
    let users = [SeedRow.Person.member, .admin, .spare].map { SQLText.literal(seeder.user(label, $0)) }
    let unique = users.enumerated().filter { users.firstIndex(of: $0.element) == $0.offset }.map(\.element)
    switch table.path {
    case .root(let column), .key(let column):
      return seeder.tenantKeys[label].map { "\(SQLText.name(column)) = \(SQLText.literal($0))" }
    case .user(let column), .owned(let column):
      return "\(SQLText.name(column)) IN (\(unique.joined(separator: ", ")))"
    case .group(let column):
      let keys = seeder.rows(table.relation.oid, label).filter(\.isThere).compactMap { $0.text(column) }
      if keys.isEmpty { return nil }
      return "\(SQLText.name(column)) IN (\(keys.map { SQLText.literal($0) }.joined(separator: ", ")))"
    case .parent(let key):
      var parts: [String] = []
      for row in seeder.rows(key.target, label) where row.isThere {
        let texts = key.targetColumns.map { row.text($0) }
        if texts.contains(nil) { continue }
        let part = zip(key.columns, texts).map { "\(SQLText.name($0)) = \(SQLText.literal($1))" }.joined(
          separator: " AND ")
        if !parts.contains(part) { parts.append(part) }
      }
      return parts.isEmpty ? nil : parts.count == 1 ? parts[0] : "(\(parts.joined(separator: " OR ")))"
    case .shared: return nil
    }
  }

  /// The condition of one row: by its key, or by its path where it has none.
  static func rowCondition(_ table: TenancyModel.Table, _ row: SeedRow, _ seeder: Seeder) -> String? {
    for key in [table.relation.primaryKey] + table.relation.uniqueKeys where !key.isEmpty {
      if let condition = row.condition(key) { return condition }
    }
    return pathCondition(table, row.label, seeder)
  }

  // MARK: - Attempts

  func all(_ target: Target, _ principal: Principal, _ seeder: inout Seeder) -> [Attempt] {
    let isPlain = target.table.relation.triggers.isEmpty && !target.table.relation.hasRules
    let groups = [
      select(target, principal), insert(target, principal, &seeder), update(target, principal, seeder),
      delete(target, principal), truncate(target, principal),
    ]
    return groups.flatMap { group -> [Attempt] in
      guard let command = group.first?.command else { return [] }
      // Where no grant or no policy lets this role do it, one attempt shows it as well as seven.
      var attempts = isClosed(target.table.relation, command, principal.role) ? Array(group.prefix(1)) : group
      // A look without a condition first: where it runs and sees nothing of B's, one by key sees nothing either.
      if !principal.isControl, command == "SELECT", attempts.count > 1, attempts[1].kind == "scan" {
        attempts.swapAt(0, 1)
        attempts[1].followsScan = true
      }
      return attempts.map { attempt in
        var attempt = attempt
        attempt.isPlain = isPlain && attempt.command != "TRUNCATE"
        attempt.followsKey = attempt.kind == "for update" || attempt.kind == "returning"
        // A WHERE only adds to what a statement needs: the right to read, and the SELECT policies.
        attempt.followsBlind =
          isPlain && !target.isLarge && !principal.isControl && attempt.command != "SELECT" && attempts.count > 1
          && ["by key", "takes the row", "puts its own row into the other tenant"].contains(attempt.kind)
        return attempt
      }
    }
  }

  /// No grant, or no policy, lets a role do it: whatever the row.
  func isClosed(_ relation: Catalogue.Relation, _ command: String, _ name: String) -> Bool {
    let rights = privileges.of(name, relation.oid)
    if !rights.may(command) { return true }
    guard relation.hasRLS, command != "TRUNCATE", let role = catalogue.roles[name] else { return false }
    if role.memberships.contains(relation.owner), !relation.forcesRLS { return false }
    let mine = relation.policies.filter { $0.covers(command) && $0.applies(to: role) }
    func expression(_ policy: Catalogue.Policy) -> String? {
      command == "INSERT" ? policy.check ?? policy.using : policy.using
    }
    if mine.contains(where: { !$0.isPermissive && expression($0) == "false" }) { return true }
    return !mine.contains { $0.isPermissive && expression($0) != "false" }
  }

  func select(_ target: Target, _ principal: Principal) -> [Attempt] {
    let relation = target.table.relation
    let rights = privileges.of(principal.role, relation.oid)
    let limited = rights.may("SELECT") ? rights.limited("SELECT") : nil
    if let limited, !limited.isSuperset(of: conditionColumns(target)) {
      let columns = relation.columns.filter { limited.contains($0.name) }.map { SQLText.name($0.name) }
      let list = columns.joined(separator: ", ")
      return [
        Attempt(
          table: relation.oid, command: "SELECT", kind: "scan of the granted columns",
          sql: "SELECT count(*) FROM (SELECT \(list) FROM \(relation.sql)) x WHERE \(Self.marked("x::text"))",
          shown: "SELECT \(list) FROM \(relation.sql)")
      ]
    }
    var attempts = [
      Attempt(
        table: relation.oid, command: "SELECT", kind: "by key",
        sql: "SELECT count(*) FROM \(relation.sql) WHERE \(target.victimCondition)",
        shown: "SELECT * FROM \(relation.sql) WHERE \(target.victimCondition)")
    ]
    if !target.isLarge {
      let columns = conditionColumns(target).sorted().map { SQLText.name($0) }.joined(separator: ", ")
      attempts.append(
        Attempt(
          table: relation.oid, command: "SELECT", kind: "scan",
          // OFFSET 0 keeps the condition out of the scan, so that nothing is looked up by key.
          sql:
            "SELECT count(*) FROM (SELECT \(columns) FROM \(relation.sql) OFFSET 0) x WHERE \(target.victimCondition)",
          shown: "SELECT * FROM \(relation.sql)"))
    }
    // Where nothing can be written, nothing can be locked.
    if rights.may("UPDATE"), !catalogue.isReadOnly {
      attempts.append(
        Attempt(
          table: relation.oid, command: "SELECT", kind: "for update",
          sql: "SELECT count(*) FROM (SELECT 1 FROM \(relation.sql) WHERE \(target.victimCondition) FOR UPDATE) x",
          shown: "SELECT * FROM \(relation.sql) WHERE \(target.victimCondition) FOR UPDATE"))
    }
    return attempts
  }

  private func conditionColumns(_ target: Target) -> Set<String> {
    let relation = target.table.relation
    for key in [relation.primaryKey] + relation.uniqueKeys where !key.isEmpty {
      if target.victim.condition(key) != nil { return Set(key) }
    }
    return Set(target.pathColumns)
  }

  static func marked(_ text: String) -> String {
    "(" + SeedValues.markers.map { "\(text) LIKE '%\($0)%'" }.joined(separator: " OR ") + ")"
  }

  /// How many of B's rows are not where they stood.
  func lost(_ target: Target) -> String {
    "SELECT \(target.tupleCount) - count(*) FROM \(target.table.relation.sql) WHERE \(target.tuples)"
  }

  /// The same, for a transcript.
  func lostEvidence(_ target: Target) -> Evidence {
    .changed([
      .init(
        relation: target.table.relation, condition: target.isLarge ? target.victimCondition : target.victimPath)
    ])
  }

  /// Rows that were put in for B.
  private func gained(_ target: Target, _ values: [String: String?], written: Set<String>?, vacated: Bool) -> (
    check: String, evidence: Evidence?
  ) {
    let relation = target.table.relation
    let key = relation.primaryKey
    let probe = SeedRow(table: relation.oid, label: .b, person: nil, planned: values)
    if !key.isEmpty, written.map({ $0.isSuperset(of: key) }) ?? true, let condition = probe.condition(key) {
      return ("SELECT count(*) FROM \(relation.sql) WHERE \(condition) AND \(target.victimPath)", nil)
    }
    return (
      "SELECT count(*) - \(target.victimCount - (vacated ? 1 : 0)) FROM \(relation.sql) WHERE \(target.victimPath)",
      .added(relation, target.victimPath)
    )
  }

  func insert(_ target: Target, _ principal: Principal, _ seeder: inout Seeder, content: Content? = nil) -> [Attempt] {
    let table = target.table
    let relation = table.relation
    let rights = privileges.of(principal.role, relation.oid)
    let limit = rights.may("INSERT") ? rights.limited("INSERT") : nil
    var attempts: [Attempt] = []
    /// Where each user has one row, a trigger may have made the newcomer's already.
    func vacate(_ values: [String: String?]) -> String? {
      if table.isPerUser,
        let key = relation.uniqueKeys.first(where: { $0.count == 1 && table.userColumns.contains($0[0]) })?.first,
        let user = values[key] ?? nil, user == seeder.user(.b, .spare)
      {
        return "DELETE FROM \(relation.sql) WHERE \(SQLText.name(key)) = \(SQLText.literal(user))"
      }
      // A key that is made of what the row points at can stand there but once: the seeded row makes room.
      for key in relation.uniqueKeys where !key.isEmpty {
        if key.allSatisfy({ values[$0] ?? nil != nil && (values[$0] ?? nil) == target.victim.text($0) }) {
          return "DELETE FROM \(relation.sql) WHERE \(target.victimCondition)"
        }
      }
      // Whether a key on a part of the rows stands in the way is not known: where the row cannot go, it stays.
      for key in relation.partialKeys
      where key.allSatisfy({ values[$0] ?? nil != nil && (values[$0] ?? nil) == target.victim.text($0) }) {
        return
          "DO $room$ BEGIN DELETE FROM \(relation.sql) WHERE \(target.victimCondition); EXCEPTION WHEN OTHERS THEN NULL; END $room$"
      }
      return nil
    }
    func add(_ kind: String, _ values: [String: String?], note: String? = nil) {
      let kind = content.map { "with \($0.title): \(kind)" } ?? kind
      let values = values.merging((content?.settings ?? []).map { ($0.column, $0.text) }) { $1 }
      let statement = Seeder.insertion(relation, values, columns: limit)
      let room = vacate(values)
      let gained = gained(target, values, written: limit, vacated: room != nil)
      attempts.append(
        Attempt(
          table: relation.oid, command: "INSERT", kind: kind, sql: statement, countsRows: true,
          prepare: room, check: gained.check, evidence: gained.evidence,
          shows: "SELECT * FROM \(relation.sql) WHERE \(target.victimPath)", note: note))
    }
    switch table.path {
    case .root, .user, .group: break
    default:
      let person: SeedRow.Person? = table.isPerUser || table.isJoining ? .spare : nil
      add("insert", seeder.plannedValues(table, .b, person, fresh: true))
      var isOwned = false
      if case .owned = table.path { isOwned = true }
      if !isOwned, !table.userColumns.isEmpty, !principal.user.isEmpty, !principal.isControl || !table.isPerUser {
        let values = seeder.plannedValues(
          table, .b, table.isJoining ? .admin : person, fresh: true, user: principal.user)
        add(table.isJoining ? "joins by itself" : "insert in its own name", values)
      }
    }
    // An upsert whose new row would be the attacker's own, and whose old row is B's.
    if content == nil, !principal.isControl, principal.label != .shared, !relation.primaryKey.isEmpty,
      Set(relation.primaryKey).isDisjoint(with: target.pathColumns)
        || table.path.isRoot,
      rights.may("UPDATE"), let touch = touch(target, principal)
    {
      var values = seeder.plannedValues(table, .a, table.isPerUser || table.isJoining ? .spare : nil, fresh: true)
      for column in relation.primaryKey { values[column] = target.victim.text(column) }
      let keys = relation.primaryKey.map { SQLText.name($0) }.joined(separator: ", ")
      attempts.append(
        Attempt(
          table: relation.oid, command: "UPDATE", kind: "on conflict do update",
          sql: Seeder.insertion(relation, values, columns: limit) + " ON CONFLICT (\(keys)) DO UPDATE SET \(touch)",
          countsRows: true, check: lost(target), evidence: lostEvidence(target),
          shows: "SELECT * FROM \(relation.sql) WHERE \(target.victimCondition)")
      )
    }
    return attempts
  }

  /// `column = constant`: changes nothing that matters, and reads no column, so that no SELECT policy joins in.
  func touch(_ target: Target, _ principal: Principal) -> String? {
    let relation = target.table.relation
    let rights = privileges.of(principal.role, relation.oid)
    let limit = rights.limited("UPDATE")
    let keys = Set(relation.uniqueKeys.flatMap { $0 } + relation.primaryKey).union(relation.exclusionColumns)
    let linked = Set(relation.foreignKeys.flatMap(\.columns))
    func isFree(_ column: Catalogue.Column) -> Bool {
      !keys.contains(column.name) && !column.isGenerated && column.identity != "a"
        && limit?.contains(column.name) != false
        && !target.pathColumns.contains(column.name)
    }
    func assignment(_ column: Catalogue.Column) -> String? {
      switch target.victim.actual[column.name] {
      case .string(let text): "\(SQLText.name(column.name)) = \(SQLText.literal(text))"
      case .integer, .number, .bool:
        "\(SQLText.name(column.name)) = \(SQLText.literal(target.victim.text(column.name)))"
      case .null: "\(SQLText.name(column.name)) = NULL"
      default: nil
      }
    }
    let free = relation.columns.filter(isFree)
    let identity = Set(
      target.table.tenantColumns + target.table.userColumns + [target.table.roleColumn].compactMap { $0 })
    let ordered =
      free.filter { !linked.contains($0.name) && !identity.contains($0.name) }
      + free.filter { linked.contains($0.name) != identity.contains($0.name) } + free
    for column in ordered { if let found = assignment(column) { return found } }
    return nil
  }

  /// `tenant_id = 'A'`.
  private func moving(_ columns: [String], _ values: [String?]) -> String? {
    if values.contains(nil) { return nil }
    return zip(columns, values).map { "\(SQLText.name($0)) = \(SQLText.literal($1))" }.joined(separator: ", ")
  }

  func update(_ target: Target, _ principal: Principal, _ seeder: Seeder) -> [Attempt] {
    let relation = target.table.relation
    let shows = "SELECT * FROM \(relation.sql) WHERE \(target.victimCondition)"
    let check = lost(target)
    var attempts: [Attempt] = []
    let evidence = lostEvidence(target)
    let added = Evidence.added(relation, target.victimPath)
    func add(
      _ kind: String, _ sql: String, check: String = check, evidence: Evidence? = evidence, shows: String = shows,
      room: (sql: String, check: String, evidence: Evidence?)? = nil, isMove: Bool = false
    ) {
      var attempt = Attempt(
        table: relation.oid, command: "UPDATE", kind: kind, sql: sql, countsRows: true, check: check,
        evidence: evidence, shows: shows)
      if isMove {
        // Whether something points at this very row is chance, as whether its place is taken: what is asked is the policy.
        attempt.isMove = true
        attempt.retriesBare = catalogue.maySetReplicationRole
        attempt.ownKeys = relation.foreignKeys.map(\.name)
        attempt.heldBy = move.holding
        attempt.room = room
      }
      attempts.append(attempt)
    }
    let rights = privileges.of(principal.role, relation.oid)
    let limit = rights.limited("UPDATE")
    let mayMove = limit.map { $0.isSuperset(of: target.pathColumns) } ?? true
    var isMovable = mayMove
    switch target.table.path {
    case .root, .user, .group: isMovable = false
    default: break
    }
    let ownValues: [String?] =
      if case .owned = target.table.path { [seeder.user(.a, target.table.isPerUser ? .spare : .member)] } else {
        target.ownPathValues
      }
    let victimValues: [String?] =
      if case .owned = target.table.path { [seeder.user(.b, target.table.isPerUser ? .spare : .member)] } else {
        target.victimPathValues
      }
    let move = Move(target, limit)
    let take = isMovable ? moving(target.pathColumns, ownValues).map { $0 + move.companions(of: target.own) } : nil
    let assignment = touch(target, principal) ?? (take != nil ? nil : selfAssignment(target))
    let key = "WHERE \(target.victimCondition)"
    if let assignment {
      if !principal.isControl, !target.isLarge { add("blind", "UPDATE \(relation.sql) SET \(assignment)") }
      add("by key", "UPDATE \(relation.sql) SET \(assignment) \(key)")
    } else if let moved = moving(target.pathColumns, target.victimPathValues), isMovable {
      add("by key", "UPDATE \(relation.sql) SET \(moved) \(key)")
    }
    if principal.isControl { return attempts }
    if let assignment {
      if target.isLarge, let evaluated = evaluated(target, principal, "UPDATE") { attempts.append(evaluated) }
      attempts.append(
        Attempt(
          table: relation.oid, command: "UPDATE", kind: "returning",
          sql: "WITH x AS (UPDATE \(relation.sql) SET \(assignment) \(key) RETURNING *) SELECT count(*) FROM x",
          check: check, evidence: evidence,
          shown: "UPDATE \(relation.sql) SET \(assignment) \(key) RETURNING *", shows: shows))
    }
    guard principal.label == .a, isMovable else { return attempts }
    // Without WHERE no column is read, so that no SELECT policy looks at the new row.
    let give = moving(target.pathColumns, victimValues).map { $0 + move.companions(of: target.victim) }
    let roomForGift: (sql: String, check: String, evidence: Evidence?)? =
      target.isLarge || target.reachesLarge
      ? nil
      : (
        removal(relation, target.victimPath), "SELECT count(*) FROM \(relation.sql) WHERE \(target.victimPath)", added
      )
    if !target.isLarge, let give {
      add(
        "puts its own rows into the other tenant blindly", "UPDATE \(relation.sql) SET \(give)",
        check: "SELECT count(*) - \(target.victimCount) FROM \(relation.sql) WHERE \(target.victimPath)",
        evidence: added, shows: "SELECT * FROM \(relation.sql) WHERE \(target.victimPath)", room: roomForGift,
        isMove: true)
    }
    if let give {
      let overlaps = !Set(relation.primaryKey).isDisjoint(with: target.pathColumns) || relation.primaryKey.isEmpty
      let arrived =
        overlaps
        ? "SELECT count(*) - \(target.victimCount) FROM \(relation.sql) WHERE \(target.victimPath)"
        : "SELECT count(*) FROM \(relation.sql) WHERE \(target.ownCondition) AND \(target.victimPath)"
      add(
        "puts its own row into the other tenant", "UPDATE \(relation.sql) SET \(give) WHERE \(target.ownCondition)",
        check: arrived, evidence: overlaps ? added : nil,
        shows: "SELECT * FROM \(relation.sql) WHERE \(target.victimPath)", room: roomForGift, isMove: true)
    }
    guard let take else { return attempts }
    let roomForTheft: (sql: String, check: String, evidence: Evidence?)? =
      target.isLarge || target.reachesLarge || target.table.isPerUser
      ? nil
      : Self.pathCondition(target.table, .a, seeder).map { (removal(relation, $0), check, evidence) }
    // Where each user has one row, it may be the caller's own that finds its new place taken.
    if !target.isLarge {
      add(
        "takes rows blindly", "UPDATE \(relation.sql) SET \(take)", room: roomForTheft,
        isMove: !target.table.isPerUser)
    }
    add("takes the row", "UPDATE \(relation.sql) SET \(take) \(key)", room: roomForTheft, isMove: true)
    return attempts
  }

  /// As the privileged role, whatever points at the rows.
  private func removal(_ relation: Catalogue.Relation, _ condition: String) -> String {
    let delete = "DELETE FROM \(relation.sql) WHERE \(condition)"
    return catalogue.maySetReplicationRole
      ? "SET LOCAL session_replication_role = replica; \(delete); SET LOCAL session_replication_role = origin" : delete
  }

  /// What else a row must name to be another tenant's: `(tenant_id, account_id)` refers to both.
  private struct Move {
    private let columns: [String]
    /// Keys that hold the row where it is: not all of their columns are the caller's to write.
    let holding: Set<String>

    init(_ target: Target, _ limit: Set<String>?) {
      var columns: [String] = []
      var holding: Set<String> = []
      let relation = target.table.relation
      for key in relation.foreignKeys where !Set(key.columns).isDisjoint(with: target.pathColumns) {
        let others = key.columns.filter { !target.pathColumns.contains($0) && !relation.primaryKey.contains($0) }
        let isWritable = key.columns.allSatisfy { name in
          (limit?.contains(name) ?? true) && relation.column(name)?.isGenerated == false
            && (target.pathColumns.contains(name) || others.contains(name))
        }
        if isWritable {
          columns += others.filter { !columns.contains($0) }
        } else if key.columns.allSatisfy({ relation.column($0)?.isNotNull == true }) {
          holding.insert(key.name)
        }
      }
      (self.columns, self.holding) = (columns, holding)
    }

    func companions(of row: SeedRow) -> String {
      columns.map { ", \(SQLText.name($0)) = \(SQLText.literal(row.text($0)))" }.joined()
    }
  }

  private func selfAssignment(_ target: Target) -> String? {
    guard let column = target.pathColumns.first, let text = target.victim.text(column) else { return nil }
    return "\(SQLText.name(column)) = \(SQLText.literal(text))"
  }

  /// In a table that is too large to be gone through: what the policies for a command without WHERE say of B's row.
  private func evaluated(_ target: Target, _ principal: Principal, _ command: String) -> Attempt? {
    let relation = target.table.relation
    guard relation.hasRLS, let role = catalogue.roles[principal.role] else { return nil }
    let mine = relation.policies.filter { $0.covers(command) && $0.applies(to: role) }
    let open = mine.filter(\.isPermissive).compactMap(\.using)
    if open.isEmpty { return nil }
    let condition =
      "(\(open.map { "(\($0))" }.joined(separator: " OR ")))"
      + mine.filter { !$0.isPermissive }.compactMap(\.using).map { " AND (\($0))" }.joined()
    return Attempt(
      table: relation.oid, command: command, kind: "blind, by what its policies say of the row",
      sql: "SELECT count(*) FROM \(relation.sql) WHERE \(target.victimCondition) AND \(condition)", asPrivileged: true,
      shown:
        "EXPLAIN \(command == "UPDATE" ? "UPDATE \(relation.sql) SET \(touch(target, principal) ?? "…")" : "DELETE FROM \(relation.sql)")"
    )
  }

  func delete(_ target: Target, _ principal: Principal) -> [Attempt] {
    let relation = target.table.relation
    let shows = "SELECT * FROM \(relation.sql) WHERE \(target.victimCondition)"
    func removal(_ kind: String, _ sql: String) -> Attempt {
      Attempt(
        table: relation.oid, command: "DELETE", kind: kind, sql: sql, countsRows: true, check: lost(target),
        evidence: lostEvidence(target), retriesBare: catalogue.maySetReplicationRole, shows: shows)
    }
    let byKey = removal("by key", "DELETE FROM \(relation.sql) WHERE \(target.victimCondition)")
    if principal.isControl { return [byKey] }
    if target.isLarge || target.reachesLarge {
      return [byKey, evaluated(target, principal, "DELETE")].compactMap { $0 }
    }
    return [removal("blind", "DELETE FROM \(relation.sql)"), byKey]
  }

  func truncate(_ target: Target, _ principal: Principal) -> [Attempt] {
    let relation = target.table.relation
    guard privileges.of(principal.role, relation.oid).table.contains("TRUNCATE"), model.platform == .plain,
      !principal.isControl, !target.isLarge, !target.reachesLarge
    else { return [] }
    return [
      Attempt(
        table: relation.oid, command: "TRUNCATE", kind: "truncate", sql: "TRUNCATE \(relation.sql) CASCADE",
        countsRows: true, check: lost(target), evidence: lostEvidence(target),
        shows: "SELECT count(*) FROM \(relation.sql)")
    ]
  }
}
