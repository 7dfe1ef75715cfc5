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
  private(set) var rows: [SeedRow] = []
  /// Where the rows of a table are: with thousands of tables nobody goes through all of them for each.
  private var places: [Int: [Int]] = [:]
  private(set) var notes: [String] = []
  /// Tables whose triggers would leave something behind: rows go in with triggers off.
  var quiet: Set<Int> = []
  /// Rows of tables without tenant data that are there already, by table.
  private var existing: [Int: [String: JSON]] = [:]
  /// The tenants' names where each is a role.
  private let roleTenants: [SeedLabel: String]

  init(connection: IsolationConnection, catalogue: Catalogue, model: TenancyModel, roleTenants: [SeedLabel: String]) {
    self.connection = connection
    self.catalogue = catalogue
    self.model = model
    self.roleTenants = roleTenants
    plan = SeedPlan(model)
    values = SeedValues(catalogue)
  }

  // MARK: - Identities

  /// The identities' keys, fixed before any row is made.
  private(set) var tenantKeys: [SeedLabel: String] = [:]
  private(set) var userKeys: [String: String] = [:]

  static func person(_ label: SeedLabel, _ person: SeedRow.Person) -> String { "\(label.rawValue).\(person.rawValue)" }

  mutating func nameIdentities() {
    let tenantColumn =
      model.tenantTable.flatMap { model.table($0) }.flatMap { table in
        model.tenantTableKey.flatMap { table.relation.column($0) }
      }
      ?? model.tables.first { !$0.tenantColumns.isEmpty }.flatMap { $0.relation.column($0.tenantColumns[0]) }
    for label in [SeedLabel.a, .b, .none] {
      if let column = tenantColumn, label != .none {
        tenantKeys[label] = roleTenants[label] ?? key(for: column, label)
      }
      let userColumn =
        model.usersTable.flatMap { model.table($0) }.flatMap { table in
          model.usersTableKey.flatMap { table.relation.column($0) }
        }
        ?? model.tables.first { !$0.userColumns.isEmpty }.flatMap { $0.relation.column($0.userColumns[0]) }
      let people: [SeedRow.Person] = label == .none ? [.stranger] : [.member, .admin, .spare]
      for person in people {
        userKeys[Self.person(label, person)] =
          roleTenants[label]
          ?? (userColumn.flatMap { key(for: $0, label) } ?? SeedValues.uuid(label, values.next(label)))
      }
    }
  }

  /// A key that is kept as a text is often a uuid, and cast to one by the policies; as a text, a uuid is as good as any.
  private mutating func key(for column: Catalogue.Column, _ label: SeedLabel) -> String? {
    let type = catalogue.types[column.typeOID]
    let isText = type?.kind == "b" && type?.category == "S" && (SeedValues.modifier(column.type) ?? 36) >= 36
    return isText && type?.name != "name"
      ? SeedValues.uuid(label, values.next(label)) : values.text(for: column, label, distinct: true)
  }

  func email(_ label: SeedLabel, _ person: SeedRow.Person) -> String {
    "\(label.textPrefix)\(person.rawValue)@example.test"
  }

  func user(_ label: SeedLabel, _ person: SeedRow.Person) -> String { userKeys[Self.person(label, person)] ?? "" }

  /// The role that a person has in its tenant, out of those that the role column takes.
  func role(_ person: SeedRow.Person, _ table: TenancyModel.Table) -> String? {
    guard let name = table.roleColumn, let column = table.relation.column(name) else { return nil }
    let type = catalogue.types[column.typeOID]
    if type?.category == "N" || type?.category == "A" || type?.name == "uuid" || type?.name == "jsonb" { return nil }
    var choices = type?.labels ?? []
    if choices.isEmpty {
      for check in table.relation.checks where check.columns == [name] {
        choices = SQLText.strings(in: check.expression)
      }
    }
    if choices.isEmpty, type?.kind == "d" { choices = type?.checks.flatMap { SQLText.strings(in: $0) } ?? [] }
    choices = choices.filter { !$0.isEmpty }
    if choices.isEmpty {
      // What the rules compare with is what there is.
      let texts = catalogue.relations.flatMap { $0.policies.map(\.text) } + catalogue.functions.map(\.source)
      let named = Naming.adminRoles.dropFirst(2).filter { word in texts.contains { $0.contains("'\(word)'") } }
      if person == .admin { return named.first { $0 == "admin" } ?? named.first ?? "admin" }
      return "member"
    }
    if person == .admin {
      return ["admin", "owner"].first { choices.contains($0) } ?? choices.first { Naming.isAdminRole($0) } ?? choices[0]
    }
    return Naming.memberRoles.first { choices.contains($0) } ?? choices.first { !Naming.isAdminRole($0) } ?? choices[0]
  }

  // MARK: - Rows

  /// Each tenant has a row of its own, of a table that no key leads to.
  private func isSplit(_ oid: Int) -> Bool { existing[oid] == nil && plan.split.contains(oid) }

  /// The rows that a table gets.
  private func instances(_ table: TenancyModel.Table) -> [(SeedLabel, SeedRow.Person?)] {
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
  private var optional: [Int: Set<String>] = [:]

  /// What was refused with every column filled goes in with those that it must have.
  private mutating func insertWithoutOptional() throws(IsolationFailure) {
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
  private var rehearsed: [String: [String: String?]] = [:]
  /// Second keys that must not name the same as the first: who is blocked.
  private var paired: [String: [String: String?]] = [:]

  private mutating func rehearse() throws(IsolationFailure) {
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

  private mutating func keepRehearsed(_ row: SeedRow) {
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
  private mutating func readExisting() throws(IsolationFailure) {
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
  private func target(_ key: Catalogue.ForeignKey, _ label: SeedLabel, _ person: SeedRow.Person?) -> [String?]? {
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

  private mutating func insert(_ places: [Int], bypass: Bool, keeps: Bool = true) throws(IsolationFailure) {
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

  private mutating func insertAlike(_ places: [Int], bypass: Bool, keeps: Bool) throws(IsolationFailure) {
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

  private var moment = 0

  private mutating func note(_ place: Int, _ sql: String) {
    moment += 1
    rows[place].steps.append((moment, sql))
  }

  private var refusals: [Int: (code: String, constraint: String, message: String)] = [:]

  /// Makes the next try of a row a better one.
  ///
  /// - Returns: whether there is anything new to try.
  private mutating func mend(_ place: Int, round: Int) throws(IsolationFailure) -> Bool {
    guard let refusal = refusals[place], let table = model.table(rows[place].table) else { return false }
    let relation = table.relation
    // What it points at may be there now, with other values than were planned.
    let again = plannedValues(table, rows[place].label, rows[place].person, fresh: false)
    for key in SeedPlan.used(table, model) {
      for column in key.columns { if let value = again[column] { rows[place].planned[column] = value } }
    }
    switch refusal.code {
    case "23505":
      // A trigger may have put the row in already: a new user's profile.
      for key in relation.uniqueKeys {
        guard let condition = rows[place].condition(key) else { continue }
        let found = try connection.run("SELECT to_jsonb(x)::text FROM \(relation.sql) x WHERE \(condition)")
        if let text = found.first?.first ?? nil, let members = (try? JSON.parse(Array(text.utf8)))?.objectValue {
          // Somebody else's row with the same value is a clash, no gift.
          let isTaken = rows.contains { $0.table == relation.oid && $0.isThere && $0.actual == members }
          if isTaken {
            let changed = try solveDomain(place, relation)
            let more = try solveAll(place, relation)
            return more || changed
          }
          try adopt(place, members, condition)
          return true
        }
      }
      return false
    case "23514":
      // All conditions at once: where one does not hold, others may not either.
      let changed = try solveDomain(place, relation)
      let more = try solveAll(place, relation)
      return more || changed
    case "23502":
      for column in relation.columns where refusal.message.contains("\"\(column.name)\"") && !column.isGenerated {
        if let text = values.text(for: column, rows[place].label, distinct: true) {
          rows[place].planned[column.name] = text
          return true
        }
      }
      return false
    case "23503": return true
    case "22P02", "22001", "22003", "22007", "22008", "42804": return try solveDomain(place, relation)
    default: return round == 0
    }
  }

  mutating func note(_ text: String) { notes.append(text) }

  mutating func take(_ row: SeedRow) {
    places[row.table, default: []].append(rows.count)
    rows.append(row)
  }

  private mutating func dropLast(_ count: Int) {
    for row in rows.suffix(count) { places[row.table]?.removeLast() }
    rows.removeLast(count)
  }

  /// A tenant that there is, and somebody of it.
  mutating func identify(_ label: SeedLabel, tenant: String?, user: String?) {
    if let tenant { tenantKeys[label] = tenant }
    guard let user else { return }
    for person in [SeedRow.Person.member, .admin, .spare] { userKeys[Self.person(label, person)] = user }
  }

  /// A row that stood there before is this one now.
  mutating func adopted(
    _ place: Int, _ members: [String: JSON], _ sql: String, _ update: String, bypassed: Bool
  ) {
    rows[place].actual = members
    rows[place].isThere = true
    rows[place].bypassed = bypassed
    rows[place].refusal = nil
    rows[place].sql = sql
    note(place, sql)
    note(place, update)
  }

  /// The values that further rows of a label are made with.
  mutating func remember(_ table: Int, _ label: SeedLabel, _ values: [String: String?]) {
    rehearsed["\(table) \(label.rawValue)"] = values
  }

  private mutating func adopt(_ place: Int, _ members: [String: JSON], _ condition: String) throws(IsolationFailure) {
    rows[place].actual = members
    rows[place].isThere = true
    rows[place].refusal = nil
    rows[place].sql = "-- a trigger has put the row in: \(condition)"
    note(place, rows[place].sql)
    guard let table = model.table(rows[place].table) else { return }
    // A key that the trigger drew by lot is another one in every run of a transcript: the planned one stays the same.
    let linked = Set(table.relation.foreignKeys.flatMap(\.columns))
    for column in table.relation.primaryKey where !linked.contains(column) {
      guard let wanted = rows[place].planned[column] ?? nil, rows[place].text(column) != wanted,
        let typeOID = table.relation.column(column)?.typeOID, catalogue.types[typeOID]?.name == "uuid"
      else { continue }
      let update =
        "UPDATE \(table.relation.sql) SET \(SQLText.name(column)) = \(SQLText.literal(wanted)) WHERE \(condition)"
      let replies = try StatementRunner(connection: connection).insert(
        [[.string(update + " RETURNING to_jsonb(\(SQLText.name(table.relation.name)))::text")]],
        bypass: quiet.contains(table.relation.oid))
      if let text = replies.first?.text, let changed = (try? JSON.parse(Array(text.utf8)))?.objectValue {
        rows[place].actual = changed
        note(place, update)
      }
    }
    var sets: [String] = []
    for column in table.tenantColumns + table.userColumns + [table.roleColumn].compactMap({ $0 }) {
      guard let wanted = rows[place].planned[column] ?? nil, rows[place].text(column) != wanted else { continue }
      sets.append("\(SQLText.name(column)) = \(SQLText.literal(wanted))")
    }
    if sets.isEmpty { return }
    let update = "UPDATE \(table.relation.sql) SET \(sets.joined(separator: ", ")) WHERE \(condition)"
    let replies = try StatementRunner(connection: connection).insert(
      [[.string(update + " RETURNING to_jsonb(\(SQLText.name(table.relation.name)))::text")]],
      bypass: quiet.contains(table.relation.oid))
    if let text = replies.first?.text, let changed = (try? JSON.parse(Array(text.utf8)))?.objectValue {
      rows[place].actual = changed
      note(place, update)
    }
  }

  private mutating func solveAll(_ place: Int, _ relation: Catalogue.Relation) throws(IsolationFailure) -> Bool {
    var changed = false
    var solved: Set<String> = []
    for check in relation.checks where !solved.contains(check.name) {
      if try solve(place, relation, check, &solved) { changed = true }
    }
    return changed
  }

  /// The values that a column's other rows have taken, where no two may have the same.
  private func taken(_ place: Int, _ relation: Catalogue.Relation, _ column: String) -> Set<String> {
    guard relation.uniqueKeys.contains([column]) || relation.exclusionColumns.contains(column) else { return [] }
    return Set(
      (places[relation.oid] ?? []).filter { $0 != place }.compactMap {
        rows[$0].isThere ? rows[$0].text(column) : nil
      })
  }

  /// Lets the server choose: of the candidates of each column, a combination that fulfils every condition on them.
  private mutating func solve(
    _ place: Int, _ relation: Catalogue.Relation, _ check: Catalogue.Check, _ solved: inout Set<String>
  )
    throws(IsolationFailure) -> Bool
  {
    var columns = Set(check.columns)
    var checks = [check]
    var grown = true
    while grown {
      grown = false
      for other in relation.checks
      where !checks.contains(where: { $0.name == other.name }) && !columns.isDisjoint(with: other.columns) {
        checks.append(other)
        columns.formUnion(other.columns)
        grown = true
      }
    }
    solved.formUnion(checks.map(\.name))
    // What is computed is nobody's to choose: the columns that it is computed from are.
    var computed: [(name: String, expression: String)] = []
    for name in columns {
      guard let column = relation.column(name), column.isGenerated, let expression = column.defaultExpression else {
        continue
      }
      computed.append((name, expression))
      columns.remove(name)
      let words = Set(expression.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init))
      columns.formUnion(relation.columns.filter { words.contains($0.name) && !$0.isGenerated }.map(\.name))
    }
    // A column that is left to its default keeps it, unless a condition that failed is on it.
    let failed = refusals[place]?.constraint ?? ""
    if columns.isEmpty { return false }
    if !checks.contains(where: { $0.name == failed }), columns.allSatisfy({ rows[place].planned[$0] == nil }) {
      return false
    }
    let fixed = Set(relation.foreignKeys.flatMap(\.columns)).union(model.table(relation.oid)?.tenantColumns ?? [])
    var lists: [String] = []
    let names = columns.sorted()
    for name in names {
      guard let column = relation.column(name) else { return false }
      var candidates: [String?] = []
      if let planned = rows[place].planned[name] { candidates.append(planned) }
      // Two tenants' values must differ, also after a trigger has made them small: a fresh one comes before any sample.
      if relation.uniqueKeys.contains([name]), !fixed.contains(name),
        let fresh = values.text(for: column, rows[place].label, distinct: true)
      {
        candidates.append(fresh)
      }
      if !fixed.contains(name) || rows[place].planned[name] == nil {
        candidates += self.candidates(
          column, checks.filter { $0.columns.contains(name) }.map(\.expression), rows[place].label)
      }
      candidates += others(place, relation, name)
      if !column.isNotNull { candidates.append(nil) }
      var seen: Set<String> = []
      let used = taken(place, relation, name)
      candidates.removeAll { $0.map(used.contains) ?? false }
      let unique = candidates.filter { seen.insert($0 ?? "\u{0}NULL").inserted }.prefix(names.count > 3 ? 8 : 40)
      lists.append(
        "(VALUES \(unique.map { "(CAST(\(SQLText.literal($0)) AS \(column.type)))" }.joined(separator: ", "))) AS v_\(lists.count)(\(SQLText.name(name)))"
      )
    }
    let condition = checks.map { "((\($0.expression)) IS NOT FALSE)" }.joined(separator: " AND ")
    let lateral = computed.map {
      ", LATERAL (SELECT (\($0.expression)) AS \(SQLText.name($0.name))) AS \(SQLText.name("c_" + $0.name))"
    }
    .joined()
    let query =
      "SELECT \(names.map { "\(SQLText.name($0))::text" }.joined(separator: ", ")) FROM \(lists.joined(separator: ", "))\(lateral) WHERE \(condition) LIMIT 1"
    let replies = try StatementRunner(connection: connection).rows(query)
    guard let found = replies?.first else { return false }
    var changed = false
    for (name, text) in zip(names, found) where rows[place].planned[name] != .some(text) {
      rows[place].planned[name] = .some(text)
      changed = true
    }
    return changed
  }

  /// Other rows that a key could point at, where two keys of a row must not name the same: nobody blocks themselves.
  private func others(_ place: Int, _ relation: Catalogue.Relation, _ column: String) -> [String?] {
    guard let table = model.table(relation.oid), AttemptMaker.pathColumns(table).first != column,
      let key = relation.foreignKeys.first(where: { $0.columns == [column] }), let target = key.targetColumns.first
    else { return [] }
    let mine = rows[place].label
    let there = rows(key.target).filter(\.isThere)
    return (there.filter { $0.label == mine } + there.filter { $0.label != mine }).map { $0.text(target) }.filter {
      $0 != nil
    }
  }

  private func candidates(_ column: Catalogue.Column, _ expressions: [String], _ label: SeedLabel) -> [String?] {
    let info = catalogue.types[column.typeOID]
    let base = info?.kind == "d" ? catalogue.types[info?.base ?? 0] : info
    let text = expressions.joined(separator: " ")
    let strings = SQLText.strings(in: text)
    let numbers = SQLText.numbers(in: text)
    let quiet = strings.filter { !Naming.publicValues.contains($0.lowercased()) }
    switch base?.category {
    case "N":
      var list: [String] = ["1", "0", "50", "100", "1000", "-1", "2026"]
      for number in numbers {
        for value in [number, number + 1, number - 1, number / 2] {
          list.append(value == value.rounded() ? String(Int(value)) : String(value))
        }
      }
      if base?.name == "int2" || base?.name == "int4" || base?.name == "int8" {
        let most = base?.name == "int2" ? 32_767.0 : base?.name == "int4" ? 2_147_483_647.0 : 9e18
        return list.filter { !$0.contains(".") && abs(Double($0) ?? 0) <= most }
      }
      // numeric(5,2) has room for three digits before the point.
      let type = info?.kind == "d" ? info?.baseText ?? "" : column.type
      guard base?.name == "numeric", let digits = SeedValues.modifier(type) else { return list }
      let scale = type.split(separator: ",").last.flatMap { Int($0.filter(\.isNumber)) } ?? 0
      var most = 1.0
      for _ in 0..<max(0, digits - (type.contains(",") ? scale : 0)) { most *= 10 }
      return list.filter { abs(Double($0) ?? 0) < most }
    case "S":
      if info?.kind == "e" { return info?.labels ?? [] }
      var list = quiet + strings + CheckPatterns.samples(strings, label: label)
      for number in numbers where number > 0 && number < 5000 {
        let length = Int(number)
        for size in [length, length + 1, max(1, length - 1)] {
          let seed = label.textPrefix.replacing("-", with: "")
          list.append(String(String(repeating: seed, count: size / seed.count + 1).prefix(size)))
        }
      }
      if let limit = SeedValues.modifier(column.type) { list = list.filter { $0.count <= limit } }
      return list
    case "E": return info?.labels ?? []
    case "B": return ["false", "true"]
    case "D":
      return ["2026-01-01 00:00:00+00", "2026-06-01 00:00:00+00", "2099-12-31 00:00:00+00", "2000-01-01 00:00:00+00"]
    case "T": return ["1 hour", "1 day", "00:00:00"]
    case "A":
      let inner = SeedValues.quiet(strings) ?? "1"
      return ["{}", "{\"\(inner)\"}", "{\"\(inner)\",\"\(inner)\"}", "{1}", "{1,2}"].filter { !$0.contains("gonogo") }
    case "U":
      if base?.name == "jsonb" || base?.name == "json" {
        var list = ["{}", "[]", "\"gonogo\"", "1", "true", "null", "[{}]"]
        let keys = strings.filter { $0 != "object" && $0 != "array" && $0 != "string" && !$0.isEmpty }
        if !keys.isEmpty {
          list.append("{\(keys.map { "\"\($0)\": \"gonogo\"" }.joined(separator: ", "))}")
          list.append("{\(keys.map { "\"\($0)\": 1" }.joined(separator: ", "))}")
        }
        return list
      }
      if base?.name == "bytea" { return Self.bytes(numbers, label) }
      return []
    default: return []
    }
  }

  /// Bytes of the lengths that a condition names: `CHECK (octet_length(key) = 32)`.
  private static func bytes(_ numbers: [Double], _ label: SeedLabel) -> [String] {
    let lengths = numbers.filter { $0 >= 0 && $0 < 5000 }.flatMap { [Int($0), Int($0) + 1, max(1, Int($0) - 1)] }
    return lengths.flatMap { length in
      // The last of them differ from row to row.
      (1...6).map { number in
        let hex = SeedValues.uuid(label, number).replacing("-", with: "")
        return "\\x" + String(repeating: hex, count: length / 16 + 1).suffix(length * 2)
      }
    }
  }

  /// A value that a domain refuses: tried against the domain itself.
  private mutating func solveDomain(_ place: Int, _ relation: Catalogue.Relation) throws(IsolationFailure) -> Bool {
    var changed = false
    for column in relation.columns {
      guard let type = catalogue.types[column.typeOID], type.kind == "d", !type.checks.isEmpty,
        rows[place].planned[column.name] != nil
      else { continue }
      var options = candidates(column, type.checks, rows[place].label)
      if let planned = rows[place].planned[column.name] ?? nil { options.insert(planned, at: 0) }
      let used = taken(place, relation, column.name)
      let list = options.compactMap { $0 }.filter { !used.contains($0) }.map {
        "(CAST(\(SQLText.literal($0)) AS \(type.baseText)))"
      }
      if list.isEmpty { continue }
      let condition = type.checks.map { "((\($0.replacing("VALUE", with: "v.value"))) IS NOT FALSE)" }.joined(
        separator: " AND ")
      let query =
        "SELECT v.value::text FROM (VALUES \(list.joined(separator: ", "))) AS v(value) WHERE \(condition) LIMIT 1"
      if let found = try StatementRunner(connection: connection).rows(query)?.first?.first,
        found != rows[place].planned[column.name] ?? nil
      {
        rows[place].planned[column.name] = found
        changed = true
      }
    }
    return changed
  }

  /// What triggers and foreign keys kept out goes in without them, where the connection may do that.
  private mutating func insertPastTriggers() throws(IsolationFailure) {
    let missing = rows.indices.filter { !rows[$0].isThere }
    if missing.isEmpty || !catalogue.maySetReplicationRole { return }
    try insert(missing, bypass: true)
    var names: [String] = []
    for place in missing where rows[place].isThere {
      if let name = model.table(rows[place].table)?.relation.name, !names.contains(name) { names.append(name) }
    }
    if !names.isEmpty {
      notes.append(
        "seeded with triggers and foreign keys off, which kept the rows out otherwise: \(names.joined(separator: ", "))"
      )
    }
  }

  /// Closes the rings of keys that were left open.
  private mutating func complete() throws(IsolationFailure) {
    for place in rows.indices where rows[place].isThere {
      guard let table = model.table(rows[place].table), let postponed = plan.postponed[rows[place].table] else {
        continue
      }
      for key in table.relation.foreignKeys where postponed.contains(key.name) {
        guard let texts = target(key, rows[place].label, rows[place].person),
          let condition = rows[place].condition(table.relation.primaryKey)
        else { continue }
        let sets = zip(key.columns, texts).map { "\(SQLText.name($0)) = \(SQLText.literal($1))" }
        let update = "UPDATE \(table.relation.sql) SET \(sets.joined(separator: ", ")) WHERE \(condition)"
        let replies = try StatementRunner(connection: connection).insert(
          [[.string(update + " RETURNING to_jsonb(\(SQLText.name(table.relation.name)))::text")]],
          bypass: quiet.contains(table.relation.oid))
        if let text = replies.first?.text, let members = (try? JSON.parse(Array(text.utf8)))?.objectValue {
          rows[place].actual = members
          note(place, update)
        }
      }
    }
  }

  /// Deferred conditions are checked now, so that they do not wait for a commit that never comes.
  private mutating func settle() throws(IsolationFailure) {
    let replies = try StatementRunner(connection: connection).insert(
      [[.string("SET CONSTRAINTS ALL IMMEDIATE")]], bypass: false)
    if let reply = replies.first, reply.code != "00000" {
      notes.append("the seeded rows do not fulfil a deferred condition: \(reply.message)")
    }
  }
}

/// Texts that fit a pattern of a CHECK.
enum CheckPatterns {
  static func samples(_ strings: [String], label: SeedLabel) -> [String] {
    var samples = [
      "gonogo", "GONOGO", "Gonogo", "gonogo-\(label.rawValue)", "gonogo_\(label.rawValue)", "a", "A", "abc", "ABC",
      "AB", "EUR", "DE",
      "1", "12", "123", "1234", "12345", "123456", "a1", "A1", "gonogo-\(label.rawValue)@example.test",
      "https://example.test/",
      "#00ff00", "#00FF00", "+491234567890", "2026-01", "2026-01-01", "12:00", "1.0.0", "en", "en-US", "example.test",
      "UTC",
      SeedValues.uuid(label, 1),
    ]
    for string in strings {
      if string.contains("%") || string.contains("_") {
        samples.append(string.replacing("%", with: "x").replacing("_", with: "x"))
        samples.append(string.replacing("%", with: "").replacing("_", with: "x"))
      }
      if string.contains("[") || string.contains("\\") || string.hasPrefix("^") {
        for variant in [0, 1, 2] {
          if let sample = PatternSample(string, variant: variant).text { samples.append(sample) }
        }
      }
    }
    return samples
  }
}

/// One text that a simple regular expression matches: literals, classes, groups, alternatives, counts.
struct PatternSample {
  private var characters: [Character]
  private var place = 0
  private let variant: Int
  private(set) var text: String?

  init(_ pattern: String, variant: Int) {
    characters = Array(pattern)
    self.variant = variant
    text = nil
    text = alternatives()
  }

  private mutating func alternatives() -> String? {
    var first: String?
    while true {
      guard let branch = sequence() else { return nil }
      if first == nil { first = branch }
      if place < characters.count, characters[place] == "|" { place += 1 } else { return first }
    }
  }

  private mutating func sequence() -> String? {
    var result = ""
    while place < characters.count, characters[place] != "|", characters[place] != ")" {
      guard let atom = atom() else { return nil }
      var least = 1
      var most = 1
      if place < characters.count {
        switch characters[place] {
        case "*": (least, most) = (0, 8)
        case "+": (least, most) = (1, 8)
        case "?": (least, most) = (0, 1)
        case "{":
          var inside = ""
          var scan = place + 1
          while scan < characters.count, characters[scan] != "}" {
            inside.append(characters[scan])
            scan += 1
          }
          let parts = inside.split(separator: ",", omittingEmptySubsequences: false)
          guard let low = parts.first.flatMap({ Int($0) }) else { return nil }
          least = low
          most = parts.count == 1 ? low : Int(parts[1]) ?? low + 8
          place = scan
        default: break
        }
        if "*+?{}".contains(characters[place]) {
          place += 1
          if place < characters.count, characters[place] == "?" { place += 1 }
        }
      }
      let count = variant == 0 ? max(least, min(1, most)) : variant == 1 ? least : min(most, least + 6)
      result += String(repeating: atom, count: count)
    }
    return result
  }

  private mutating func atom() -> String? {
    let character = characters[place]
    place += 1
    switch character {
    case "^", "$": return ""
    case ".": return "x"
    case "(":
      if place + 1 < characters.count, characters[place] == "?" {
        guard characters[place + 1] == ":" else { return nil }
        place += 2
      }
      let inner = alternatives()
      if place < characters.count, characters[place] == ")" { place += 1 }
      return inner
    case "[": return characterClass()
    case "\\":
      guard place < characters.count else { return nil }
      let escaped = characters[place]
      place += 1
      switch escaped {
      case "d": return "7"
      case "w": return "w"
      case "s": return " "
      case "S": return "x"
      case "m", "M", "y", "A", "Z": return ""
      default: return String(escaped)
      }
    default: return String(character)
    }
  }

  private mutating func characterClass() -> String? {
    var negated = false
    if place < characters.count, characters[place] == "^" {
      negated = true
      place += 1
    }
    var members: [Character] = []
    while place < characters.count, characters[place] != "]" || members.isEmpty && !negated && false {
      if characters[place] == "[", place + 1 < characters.count, characters[place + 1] == ":" {
        var name = ""
        place += 2
        while place < characters.count, characters[place] != ":" {
          name.append(characters[place])
          place += 1
        }
        place += 2
        members.append(name == "digit" ? "7" : name == "upper" ? "X" : name == "space" ? " " : "x")
        continue
      }
      if characters[place] == "\\", place + 1 < characters.count {
        place += 1
        members.append(
          characters[place] == "d"
            ? "7" : characters[place] == "w" ? "w" : characters[place] == "s" ? " " : characters[place])
      } else {
        members.append(characters[place])
      }
      place += 1
      if place + 1 < characters.count, characters[place] == "-", characters[place + 1] != "]" { place += 2 }
    }
    place += 1
    if negated { return ["x", "7", "-"].first { !members.contains(Character($0)) } }
    return members.first.map(String.init)
  }
}
