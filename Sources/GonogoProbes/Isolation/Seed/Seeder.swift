import GonogoCore

/// Puts in two tenants: their users, their memberships, and a row in every table that holds a tenant's data.
///
/// Nothing of it is ever committed.
struct Seeder {
  let connection: IsolationConnection
  let catalogue: Catalogue
  let model: TenancyModel
  let plan: SeedPlan
  var values: SeedValues
  var rows: [SeedRow] = []
  /// Where the rows of a table are: with thousands of tables nobody goes through all of them for each.
  var places: [Int: [Int]] = [:]
  var notes: [String] = []
  /// Tables whose triggers would leave something behind: rows go in with triggers off.
  var quiet: Set<Int> = []
  /// Rows of tables without tenant data that are there already, by table.
  var existing: [Int: [String: JSON]] = [:]
  /// The tenants' names where each is a role.
  let roleTenants: [SeedLabel: String]

  init(connection: IsolationConnection, catalogue: Catalogue, model: TenancyModel, roleTenants: [SeedLabel: String]) {
    self.connection = connection
    self.catalogue = catalogue
    self.model = model
    self.roleTenants = roleTenants
    plan = SeedPlan(model)
    values = SeedValues(catalogue)
  }

  /// The identities' keys, fixed before any row is made.
  var tenantKeys: [SeedLabel: String] = [:]
  var userKeys: [String: String] = [:]

  /// Each tenant has a row of its own, of a table that no key leads to.
  func isSplit(_ oid: Int) -> Bool { existing[oid] == nil && plan.split.contains(oid) }

  /// The rows that a table gets.
  func instances(_ table: TenancyModel.Table) -> [(SeedLabel, SeedRow.Person?)] {
    if table.relation.oid == model.usersTable {
      let two: [(SeedLabel, SeedRow.Person?)] = [.a, .b].flatMap { label in
        [SeedRow.Person.member, .admin, .spare].map { (label, $0) }
      }
      if let column = table.tenantColumns.first, table.relation.column(column)?.isNotNull == true { return two }
      return two + [(.none, .stranger)]
    }
    if table.path == .shared { return isSplit(table.relation.oid) ? [(.a, nil), (.b, nil)] : [(.shared, nil)] }
    if table.isJoining { return [.a, .b].flatMap { label in [(label, .member), (label, .admin)] } }
    if table.isPerUser {
      return [(.a, .member), (.a, .admin), (.b, .member), (.b, .admin)]
        + (table.tenantColumns.isEmpty ? [(.none, .stranger)] : [])
    }
    return [(.a, nil), (.b, nil)]
  }

  mutating func seed() throws(IsolationFailure) {
    if catalogue.isReadOnly { return try adoptTenants() }
    nameIdentities()
    try readExisting()
    let asked = wordsOfPolicies
    for oid in plan.order {
      guard let table = model.table(oid) else { continue }
      if table.path == .shared, existing[oid] != nil { continue }
      for (label, person) in instances(table) {
        var planned = plannedValues(table, label, person, fresh: false)
        let more = table.path == .shared ? [:] : optionalValues(table, label, beside: planned, asked: asked)
        planned.merge(more) { first, _ in first }
        if !more.isEmpty { optional[rows.count] = Set(more.keys) }
        take(SeedRow(table: oid, label: label, person: person, planned: planned))
      }
    }
    // What a row points at may have been planned after it.
    for place in rows.indices where plan.early.contains(rows[place].table) {
      guard let table = model.table(rows[place].table) else { continue }
      for key in SeedPlan.used(table, model) where key.target != rows[place].table {
        guard !key.columns.contains(where: { table.tenantColumns.contains($0) || table.userColumns.contains($0) }),
          let texts = target(key, rows[place].label, rows[place].person)
        else { continue }
        for (column, text) in zip(key.columns, texts) { rows[place].planned[column] = text }
      }
    }
    try connection.run("SET CONSTRAINTS ALL DEFERRED")
    var pending = Array(rows.indices)
    var attempted: Set<Int> = []
    for round in 0..<6 where !pending.isEmpty {
      try insert(pending, bypass: false)
      if round == 0 { try insertWithoutOptional() }
      let failed = pending.filter { !rows[$0].isThere }
      if failed.isEmpty { break }
      var changed = false
      for place in failed {
        if try mend(place, round: round) { changed = true }
      }
      if !changed, attempted == Set(failed) { break }
      attempted = Set(failed)
      pending = failed
    }
    try insertPastTriggers()
    let silent = quiet.filter { rows($0).contains(where: \.isThere) }.compactMap { model.table($0)?.relation.name }
    if !silent.isEmpty {
      notes.append(
        "seeded with triggers off, since they draw from a sequence, which does not roll back: \(silent.sorted().joined(separator: ", "))"
      )
    }
    try useExisting()
    try complete()
    try settle()
    try rehearse()
  }

  /// The columns of a row that were filled without need, by its place.
  var optional: [Int: Set<String>] = [:]

  /// What was refused with every column filled goes in with those that it must have.
  mutating func insertWithoutOptional() throws(IsolationFailure) {
    let failed = rows.indices.filter { !rows[$0].isThere }
    var isLess = false
    for place in failed {
      for column in optional[place] ?? [] {
        rows[place].planned.removeValue(forKey: column)
        isLess = true
      }
    }
    if isLess { try insert(failed, bypass: false) }
  }

  /// What attempts write besides the seeded rows: found out once, for tables whose conditions had to be solved.
  var rehearsed: [String: [String: String?]] = [:]
  /// Second keys that must not name the same as the first: who is blocked.
  var paired: [String: [String: String?]] = [:]

  mutating func rehearse() throws(IsolationFailure) {
    var planned: [SeedRow] = []
    for oid in plan.order {
      guard let table = model.table(oid), table.isExposed, table.path != .shared else { continue }
      let relation = table.relation
      let isChecked =
        !relation.checks.isEmpty || relation.columns.contains { catalogue.types[$0.typeOID]?.checks.isEmpty == false }
      guard isChecked else { continue }
      for label in [SeedLabel.a, .b] {
        guard row(oid, label)?.isThere == true, rehearsed["\(oid) \(label.rawValue)"] == nil else { continue }
        let person: SeedRow.Person? = table.isPerUser || table.isJoining ? .spare : nil
        planned.append(
          SeedRow(table: oid, label: label, person: person, planned: plannedValues(table, label, person, fresh: true)))
      }
    }
    // All of them in one exchange, each undone at once; only what was refused is gone into one by one.
    let start = rows.count
    for row in planned { take(row) }
    try insert(Array(rows.indices[start...]), bypass: false, keeps: false)
    let tried = Array(rows[start...])
    let refused = tried.indices.map { refusals[start + $0] }
    for place in tried.indices { refusals[start + place] = nil }
    dropLast(planned.count)
    for (row, refusal) in zip(tried, refused) {
      if row.isThere {
        keepRehearsed(row)
        continue
      }
      take(row)
      let place = rows.count - 1
      refusals[place] = refusal
      for round in 1..<4 {
        // Mending renews the keys that it points at; what was solved stays.
        let changed = try mend(place, round: round)
        if !changed || rows[place].isThere { break }
        try insert([place], bypass: false, keeps: false)
        if rows[place].isThere { break }
      }
      if rows[place].isThere { keepRehearsed(rows[place]) }
      dropLast(1)
      refusals[place] = nil
    }
  }

  mutating func keepRehearsed(_ row: SeedRow) {
    guard row.sql.hasPrefix("INSERT"), let table = model.table(row.table) else { return }
    let identity = Set(table.tenantColumns + table.userColumns + table.relation.foreignKeys.flatMap(\.columns))
    rehearsed["\(row.table) \(row.label.rawValue)"] = row.planned.filter { !identity.contains($0.key) }
    let asked = plannedValues(table, row.label, row.person, fresh: true)
    let path = AttemptMaker.pathColumns(table)
    paired["\(row.table) \(row.label.rawValue)"] = row.planned.filter { column, value in
      identity.contains(column) && !path.contains(column) && column != table.userColumns.first
        && asked[column] ?? nil != value
    }
  }

  /// The rows of tables without tenant data that stand there already are as good as new ones.
  mutating func readExisting() throws(IsolationFailure) {
    for oid in plan.order {
      guard let table = model.table(oid), table.path == .shared else { continue }
      if let found = try StatementRunner(connection: connection).rows(
        "SELECT to_jsonb(x)::text FROM \(table.relation.sql) x LIMIT 1"),
        let text = found.first?.first ?? nil, let json = try? JSON.parse(Array(text.utf8)),
        let members = json.objectValue
      {
        existing[oid] = members
      }
    }
  }

  /// The keys of rows that were there before, where they are uuids: those are seldom the same in two databases.
  var existingKeys: [(relation: Catalogue.Relation, column: String, value: String)] {
    var keys: [(relation: Catalogue.Relation, column: String, value: String)] = []
    for (oid, members) in existing.sorted(by: { $0.key < $1.key }) {
      guard let relation = model.table(oid)?.relation else { continue }
      for column in relation.primaryKey {
        guard let typeOID = relation.column(column)?.typeOID, catalogue.types[typeOID]?.name == "uuid",
          case .string(let text) = members[column]
        else { continue }
        keys.append((relation, column, text))
      }
    }
    return keys
  }

  func places(of table: Int) -> [Int] { places[table] ?? [] }

  /// The rows of a table, and of a label, in the order in which they were planned.
  func rows(_ table: Int, _ label: SeedLabel? = nil) -> [SeedRow] {
    (places[table] ?? []).map { rows[$0] }.filter { label == nil || $0.label == label }
  }

  /// A row that is there, of this label.
  func row(_ table: Int, _ label: SeedLabel, _ person: SeedRow.Person? = nil) -> SeedRow? {
    let candidates = rows(table, label)
    return candidates.first { $0.person == person }
      ?? (person == nil ? candidates.first : candidates.first { $0.person == nil })
  }

  /// What a referring row writes to point at `table`.
  func target(_ key: Catalogue.ForeignKey, _ label: SeedLabel, _ person: SeedRow.Person?) -> [String?]? {
    if let members = existing[key.target] {
      return key.targetColumns.map { column in
        SeedRow(table: 0, label: .shared, person: nil, planned: [:], actual: members).text(column)
      }
    }
    guard let table = model.table(key.target) else { return nil }
    let from: SeedLabel =
      isSplit(key.target) ? (label == .b ? .b : .a) : table.path == .shared ? .shared : label
    let wanted: SeedRow.Person? = label == .none ? .stranger : person ?? .member
    guard let row = row(key.target, from, wanted) ?? (wanted == .spare ? row(key.target, from, .member) : nil) else {
      return nil
    }
    return key.targetColumns.map { row.text($0) }
  }

  /// A row's values. A `fresh` one is to be written beside those that are seeded: by an attempt.
  mutating func plannedValues(
    _ table: TenancyModel.Table, _ label: SeedLabel, _ person: SeedRow.Person?, fresh: Bool,
    parent: SeedLabel? = nil, user: String? = nil
  ) -> [String: String?] {
    let relation = table.relation
    let of = parent ?? label
    var result: [String: String?] = [:]
    // Where there are members, the tenant is its admin's: an owner's own membership is often held fast.
    let isTenantOfMembers = relation.oid == model.tenantTable && !model.memberships.isEmpty && label != .none
    let owner =
      user ?? self.user(label, person ?? (label == .none ? .stranger : isTenantOfMembers ? .admin : .member))
    if relation.oid == model.tenantTable, let key = model.tenantTableKey, !fresh { result[key] = tenantKeys[label] }
    if relation.oid == model.usersTable, let key = model.usersTableKey, !fresh { result[key] = owner }
    for column in table.tenantColumns where relation.oid != model.tenantTable && label != .none && label != .shared {
      result[column] = tenantKeys[of]
    }
    let postponed = plan.postponed[relation.oid] ?? []
    for key in SeedPlan.used(table, model) {
      if postponed.contains(key.name) {
        for column in key.columns where result[column] == nil { result[column] = .some(nil) }
        continue
      }
      if key.target == relation.oid { continue }
      // Which user a key names is decided below.
      if key.columns.count == 1, table.userColumns.contains(key.columns[0]) { continue }
      guard let texts = target(key, of, person) else { continue }
      for (column, text) in zip(key.columns, texts) where result[column] == nil { result[column] = text }
    }
    for column in table.userColumns where result[column] == nil {
      // A user's key in a table that has a tenant's own row stands for its member.
      result[column] = owner
    }
    if fresh, let known = paired["\(relation.oid) \(label.rawValue)"] {
      for (column, value) in known { result[column] = value }
    }
    if fresh, let known = rehearsed["\(relation.oid) \(label.rawValue)"] {
      for (column, value) in known where result[column] == nil && column != table.roleColumn { result[column] = value }
    }
    for column in relation.columns where result[column.name] == nil && !column.isGenerated {
      let name = SQLText.snake(column.name)
      let isKey = relation.primaryKey.contains(column.name)
      let distinct =
        isKey || relation.uniqueKeys.contains { $0.contains(column.name) }
        || relation.exclusionColumns.contains(column.name)
      if column.name == table.roleColumn, let person, let role = role(person, table) {
        result[column.name] = role
        continue
      }
      if name == "email", relation.oid == model.usersTable || table.isPerUser, let person {
        if !fresh {
          result[column.name] = email(label, person)
        } else {
          result[column.name] = values.text(for: column, label, distinct: true)
        }
        continue
      }
      let checked = relation.checks.first { $0.columns == [column.name] }
      if distinct || column.isSerial {
        if column.isSerial || isKey || column.isNotNull || column.defaultExpression == nil {
          if !column.isNotNull, !isKey, !column.isSerial { continue }
          let listed = checked.flatMap { SeedValues.listed($0.expression) }
          if let listed {
            result[column.name] = listed
          } else {
            result[column.name] = values.text(for: column, label, distinct: true)
          }
        }
        continue
      }
      if column.defaultExpression != nil {
        // A default that asks who is signed in would be NULL here.
        let asks = ["auth.", "current_setting", "CURRENT_USER"].contains {
          column.defaultExpression?.contains($0) == true
        }
        if asks, column.isNotNull { result[column.name] = values.text(for: column, label, distinct: false) }
        continue
      }
      guard column.isNotNull else { continue }
      if let listed = checked.flatMap({ SeedValues.listed($0.expression) }) {
        result[column.name] = listed
      } else {
        result[column.name] = values.text(for: column, label, distinct: false)
      }
    }
    return result
  }

  /// The statement that puts a row in; `columns` limits it to those that a role may write.
  static func insertion(
    _ relation: Catalogue.Relation, _ values: [String: String?], columns limit: Set<String>? = nil
  ) -> String {
    let columns = relation.columns.filter { column in
      guard let value = values[column.name] else { return false }
      if let limit, !limit.contains(column.name) { return false }
      // NULL where there is a default would put it aside.
      return value != nil || column.defaultExpression == nil
    }
    if columns.isEmpty { return "INSERT INTO \(relation.sql) DEFAULT VALUES" }
    let overriding = columns.contains { $0.identity == "a" } ? " OVERRIDING SYSTEM VALUE" : ""
    let texts = columns.map { column in
      // Booleans and numbers are easier to read without quotes.
      SQLText.literal(values[column.name] ?? nil)
    }
    return
      "INSERT INTO \(relation.sql) (\(columns.map { SQLText.name($0.name) }.joined(separator: ", ")))\(overriding) VALUES (\(texts.joined(separator: ", ")))"
  }

  mutating func insert(_ places: [Int], bypass: Bool, keeps: Bool = true) throws(IsolationFailure) {
    // In the order of the plan, as long as the same holds for one after the other.
    var rest = places[...]
    while let first = rest.first {
      let isQuiet = quiet.contains(rows[first].table)
      let part = rest.prefix { quiet.contains(rows[$0].table) == isQuiet }
      rest = rest.dropFirst(part.count)
      if isQuiet, !catalogue.maySetReplicationRole {
        for place in part {
          rows[place].refusal =
            "its triggers draw from a sequence, which does not roll back, and the connection may not switch them off: prove a scratch copy"
        }
        continue
      }
      try insertAlike(Array(part), bypass: bypass || isQuiet, keeps: keeps)
    }
  }

  mutating func insertAlike(_ places: [Int], bypass: Bool, keeps: Bool) throws(IsolationFailure) {
    var statements: [JSON] = []
    for place in places {
      guard let relation = model.table(rows[place].table)?.relation else { continue }
      rows[place].sql = Self.insertion(relation, rows[place].planned)
      let returning = " RETURNING to_jsonb(\(SQLText.name(relation.name)))::text"
      statements.append([.string(rows[place].sql + returning)])
    }
    let replies = try StatementRunner(connection: connection).insert(statements, bypass: bypass, keeps: keeps)
    for (place, reply) in zip(places, replies) {
      if reply.code == "00000", let text = reply.text, let members = (try? JSON.parse(Array(text.utf8)))?.objectValue {
        rows[place].actual = members
        rows[place].isThere = true
        rows[place].bypassed = bypass
        rows[place].refusal = nil
        note(place, rows[place].sql)
      } else if reply.code == "00000" {
        rows[place].refusal = "a trigger or a rule let no row in"
        refusals[place] = ("", "", "")
      } else {
        rows[place].refusal = reply.message
        refusals[place] = (reply.code, reply.constraint, reply.message)
      }
    }
  }

  var moment = 0

  mutating func note(_ place: Int, _ sql: String) {
    moment += 1
    rows[place].steps.append((moment, sql))
  }

  var refusals: [Int: (code: String, constraint: String, message: String)] = [:]

  mutating func note(_ text: String) { notes.append(text) }

  mutating func take(_ row: SeedRow) {
    places[row.table, default: []].append(rows.count)
    rows.append(row)
  }

  mutating func dropLast(_ count: Int) {
    for row in rows.suffix(count) { places[row.table]?.removeLast() }
    rows.removeLast(count)
  }

  /// The values that further rows of a label are made with.
  mutating func remember(_ table: Int, _ label: SeedLabel, _ values: [String: String?]) {
    rehearsed["\(table) \(label.rawValue)"] = values
  }
}
