import GonogoCore

/// Two tenants out of those that there are, where the database only reads: a replica. What they may see of each other can be
/// tried there as well; what they may change cannot.
extension Seeder {
  mutating func adoptTenants() throws(IsolationFailure) {
    nameIdentities()
    try adoptPeople()
    for oid in plan.order {
      guard let table = model.table(oid), table.path != .shared else { continue }
      for label in [SeedLabel.a, .b] { try find(table, label) }
    }
    note("the database only reads: two tenants that are there were taken, and nothing was written")
  }

  /// The rows of a query; none where it fails or takes too long.
  private func ask(_ query: String) throws(IsolationFailure) -> [[String?]] {
    try StatementRunner(connection: connection).rows(query) ?? []
  }

  /// Two tenants, and a member of each; or two users, where each is a tenant.
  private mutating func adoptPeople() throws(IsolationFailure) {
    for table in model.memberships {
      guard let tenant = table.tenantColumns.first,
        let user = table.relation.oid == model.usersTable ? model.usersTableKey : table.userColumns.first
      else { continue }
      let (first, second) = (SQLText.name(tenant), SQLText.name(user))
      // Out of the first thousands: nobody waits for all of them to be sorted.
      let found = try ask(
        "SELECT t, min(u) FROM (SELECT \(first)::text AS t, \(second)::text AS u FROM \(table.relation.sql) WHERE \(first) IS NOT NULL AND \(second) IS NOT NULL LIMIT 5000) x GROUP BY t HAVING count(DISTINCT u) > 0 ORDER BY count(*) DESC, t LIMIT 2"
      )
      if found.count == 2, found[0][1] != found[1][1] {
        for (label, row) in zip([SeedLabel.a, .b], found) { identify(label, tenant: row[0], user: row[1]) }
        return
      }
    }
    for table in model.tables where table.isExposed && table.relation.isTable {
      let column: String
      var isUser = false
      switch table.path {
      case .root(let key), .key(let key): column = key
      case .owned(let key),
        .user(let key) where !model.hasTenants:
        column = key
        isUser = true
      default: continue
      }
      let name = SQLText.name(column)
      let found = try ask(
        "SELECT DISTINCT k FROM (SELECT \(name)::text AS k FROM \(table.relation.sql) WHERE \(name) IS NOT NULL LIMIT 5000) x ORDER BY k LIMIT 2"
      )
      if found.count == 2 {
        for (label, row) in zip([SeedLabel.a, .b], found) {
          identify(label, tenant: isUser ? nil : row[0], user: isUser ? row[0] : nil)
        }
        return
      }
    }
  }

  /// The groups that a tenant's person is a member of.
  private func groupCondition(_ table: TenancyModel.Table, _ label: SeedLabel) -> String? {
    guard case .group(let column) = table.path, let group = model.groups[table.relation.oid],
      let members = model.table(group.membership)?.relation
    else { return nil }
    let other: SeedLabel = label == .a ? .b : .a
    func joined(_ label: SeedLabel) -> String {
      "\(SQLText.name(column)) IN (SELECT \(SQLText.name(group.key)) FROM \(members.sql) WHERE \(SQLText.name(group.user)) = \(SQLText.literal(user(label, .member))))"
    }
    return "\(joined(label)) AND NOT \(joined(other))"
  }

  private mutating func find(_ table: TenancyModel.Table, _ label: SeedLabel) throws(IsolationFailure) {
    let relation = table.relation
    var row = SeedRow(table: relation.oid, label: label, person: nil, planned: [:])
    guard let condition = groupCondition(table, label) ?? AttemptMaker.pathCondition(table, label, self) else { return }
    let first = AttemptMaker.pathColumns(table).first ?? ""
    if relation.rows > AttemptMaker.scanLimit, !relation.indexedFirstColumns.contains(first) {
      row.refusal = "the database only reads, and no index leads to a tenant's rows in this large table"
    } else if let text = try ask("SELECT to_jsonb(x)::text FROM \(relation.sql) x WHERE \(condition) LIMIT 1").first?
      .first
      .flatMap({ $0 }), let members = (try? JSON.parse(Array(text.utf8)))?.objectValue
    {
      row.actual = members
      row.isThere = true
      row.sql = "-- a row that is there: \(condition)"
    } else {
      row.refusal = "the database only reads, and the two tenants that were taken do not both have a row in it"
    }
    take(row)
  }
}
