import GonogoCore

/// What a refusal of the server teaches about a row.
extension Seeder {
  /// Makes the next try of a row a better one.
  ///
  /// - Returns: whether there is anything new to try.
  mutating func mend(_ place: Int, round: Int) throws(IsolationFailure) -> Bool {
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

  mutating func adopt(_ place: Int, _ members: [String: JSON], _ condition: String) throws(IsolationFailure) {
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
      try change(place, table.relation, update)
    }
    var sets: [String] = []
    for column in table.tenantColumns + table.userColumns + [table.roleColumn].compactMap({ $0 }) {
      guard let wanted = rows[place].planned[column] ?? nil, rows[place].text(column) != wanted else { continue }
      sets.append("\(SQLText.name(column)) = \(SQLText.literal(wanted))")
    }
    if sets.isEmpty { return }
    let update = "UPDATE \(table.relation.sql) SET \(sets.joined(separator: ", ")) WHERE \(condition)"
    try change(place, table.relation, update)
  }

  /// Runs an update of one seeded row, and takes what the row is afterwards.
  mutating func change(_ place: Int, _ relation: Catalogue.Relation, _ update: String)
    throws(IsolationFailure)
  {
    let replies = try StatementRunner(connection: connection).insert(
      [[.string(update + " RETURNING to_jsonb(\(SQLText.name(relation.name)))::text")]],
      bypass: quiet.contains(relation.oid))
    if let text = replies.first?.text, let changed = (try? JSON.parse(Array(text.utf8)))?.objectValue {
      rows[place].actual = changed
      note(place, update)
    }
  }

  /// What triggers and foreign keys kept out goes in without them, where the connection may do that.
  mutating func insertPastTriggers() throws(IsolationFailure) {
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
  mutating func complete() throws(IsolationFailure) {
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
        try change(place, table.relation, update)
      }
    }
  }

  /// Deferred conditions are checked now, so that they do not wait for a commit that never comes.
  mutating func settle() throws(IsolationFailure) {
    let replies = try StatementRunner(connection: connection).insert(
      [[.string("SET CONSTRAINTS ALL IMMEDIATE")]], bypass: false)
    if let reply = replies.first, reply.code != "00000" {
      notes.append("the seeded rows do not fulfil a deferred condition: \(reply.message)")
    }
  }
}
