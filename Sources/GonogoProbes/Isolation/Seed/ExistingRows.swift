import GonogoCore

/// Rows that stand there already, for tables into which none can be put: they are given to the two tenants for as long as the
/// proof lasts.
///
/// A condition that only the application can fulfil, a type that only it can write, a trigger that refuses: a row that is there
/// has passed all of that. Only its tenant is changed, and that is rolled back with the rest.
extension Seeder {
  mutating func useExisting() throws(IsolationFailure) {
    for oid in plan.order {
      guard let table = model.table(oid), table.isExposed, !table.relation.isPartition else { continue }
      switch table.path {
      case .root, .user, .group, .shared: continue
      default: break
      }
      let missing = places(of: oid).filter { !rows[$0].isThere && rows[$0].label != .none }
      if missing.isEmpty { continue }
      let refusal = missing.compactMap { rows[$0].refusal }.first ?? "no value of some column's type is known"
      let found = try unseeded(table, count: missing.count)
      if found.isEmpty { continue }
      var given = 0
      for (place, existing) in zip(missing, found) where try give(existing, to: place, table) { given += 1 }
      if given > 0 {
        note(
          "no row could be put into \(table.relation.name) (\(refusal)): \(given) that are there already were given to the two tenants meanwhile"
        )
      }
    }
  }

  private struct Existing {
    let condition: String
    let values: [String: String?]
  }

  /// Rows that nobody else holds, by what finds them again. Only as many are read as are needed.
  private func unseeded(_ table: TenancyModel.Table, count: Int) throws(IsolationFailure) -> [Existing] {
    let relation = table.relation
    let columns = relation.columns
    let list = columns.map { "\(SQLText.name($0.name))::text" }.joined(separator: ", ")
    let known = rows.filter { $0.table == relation.oid && $0.isThere }
    let replies = try StatementRunner(connection: connection).rows(
      "SELECT tableoid::int8, ctid::text, \(list) FROM \(relation.sql) LIMIT \(count + known.count) FOR NO KEY UPDATE SKIP LOCKED"
    )
    var found: [Existing] = []
    for reply in replies ?? [] {
      let texts = Array(reply.dropFirst(2))
      let values = Dictionary(
        zip(columns.map(\.name), texts).map { ($0.0, $0.1) }, uniquingKeysWith: { first, _ in first })
      let probe = SeedRow(table: relation.oid, label: .shared, person: nil, planned: values)
      let isSeeded = known.contains { row in
        relation.primaryKey.isEmpty
          ? columns.allSatisfy { row.text($0.name) == probe.text($0.name) }
          : relation.primaryKey.allSatisfy { row.text($0) == probe.text($0) }
      }
      if isSeeded { continue }
      let condition =
        probe.condition(relation.primaryKey)
        ?? "tableoid = \(reply[0] ?? "0") AND ctid = \(SQLText.literal(reply[1] ?? "(0,0)"))"
      found.append(Existing(condition: condition, values: values))
    }
    return Array(found.prefix(count))
  }

  private mutating func give(_ existing: Existing, to place: Int, _ table: TenancyModel.Table) throws(IsolationFailure)
    -> Bool
  {
    let relation = table.relation
    var columns = table.tenantColumns + table.userColumns
    if case .parent(let key) = table.path { columns += key.columns }
    var sets: [String] = []
    for column in relation.columns where columns.contains(column.name) && !column.isGenerated {
      guard let value = rows[place].planned[column.name] ?? nil else { continue }
      sets.append("\(SQLText.name(column.name)) = \(SQLText.literal(value))")
    }
    if sets.isEmpty { return false }
    let update = "UPDATE \(relation.sql) SET \(sets.joined(separator: ", ")) WHERE \(existing.condition)"
    let returning = update + " RETURNING to_jsonb(\(SQLText.name(relation.name)))::text"
    let ways =
      quiet.contains(relation.oid)
      ? [true].filter { _ in catalogue.maySetReplicationRole }
      : catalogue.maySetReplicationRole ? [false, true] : [false]
    for bypass in ways {
      let replies = try StatementRunner(connection: connection).insert([[.string(returning)]], bypass: bypass)
      guard let text = replies.first?.text, let members = (try? JSON.parse(Array(text.utf8)))?.objectValue else {
        continue
      }
      adopted(place, members, "-- a row that is there already: \(existing.condition)", update, bypassed: bypass)
      // What attempts write beside it is a copy of it, with keys of its own.
      let own = Set(
        columns + relation.primaryKey + relation.uniqueKeys.flatMap { $0 } + relation.foreignKeys.flatMap(\.columns)
      ).union(relation.exclusionColumns)
      remember(
        relation.oid, rows[place].label,
        existing.values.filter { item in
          !own.contains(item.key) && relation.column(item.key).map { !$0.isGenerated && $0.identity != "a" } == true
        })
      return true
    }
    return false
  }
}
