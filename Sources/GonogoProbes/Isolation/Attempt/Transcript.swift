/// Writes a psql script that shows a leak from scratch.
struct Transcript {
  let seeder: Seeder
  let model: TenancyModel
  /// Statements before the seed, such as roles that each stand for a tenant.
  let preparation: [String]

  /// - Parameters:
  ///   - tables: whose rows the attempt needs.
  ///   - gain: what the principal does first.
  func script(_ title: String, tables: Set<Int>, principal: Principal, attempt: Attempt, bare: Bool) -> String {
    var needed: Set<Int> = []
    for table in tables {
      // A partition's rows go in through its table.
      var root = table
      while let relation = seeder.catalogue.relation(root), relation.isPartition, let parent = relation.parent {
        root = parent
      }
      needed.formUnion(seeder.plan.needs[root] ?? [root])
    }
    for table in model.memberships { needed.formUnion(seeder.plan.needs[table.relation.oid] ?? []) }
    for table in [model.tenantTable, model.usersTable].compactMap({ $0 }) {
      needed.formUnion(seeder.plan.needs[table] ?? [])
    }
    var lines = ["-- \(title)", "BEGIN;"]
    lines += preparation.map { "\($0);" }
    lines.append("SET CONSTRAINTS ALL DEFERRED;")
    var bypassed = false
    for row in seeder.rows where row.isThere && needed.contains(row.table) {
      if row.bypassed != bypassed {
        lines.append("SET LOCAL session_replication_role = \(row.bypassed ? "replica" : "origin");")
        bypassed = row.bypassed
      }
      lines.append(row.sql.hasPrefix("--") ? row.sql : "\(row.sql);")
      lines += row.updates.map { "\($0);" }
    }
    if bypassed { lines.append("SET LOCAL session_replication_role = origin;") }
    lines.append("SET CONSTRAINTS ALL IMMEDIATE;")
    if let prepare = attempt.prepare { lines.append("\(prepare);") }
    if attempt.check != nil, let before = attempt.evidence?.before { lines.append("\(before);") }
    lines.append("-- \(principal.title):")
    if bare { lines.append("SET LOCAL session_replication_role = replica; -- so that no foreign key stops it") }
    for (name, value) in principal.settings {
      lines.append("SELECT set_config(\(SQLText.literal(name)), \(SQLText.literal(value)), true);")
    }
    if !attempt.asPrivileged { lines.append("SET LOCAL ROLE \(SQLText.name(principal.role));") }
    if let gain = attempt.gain { lines.append("\(gain);") }
    // What a function does to see the rows, it may not be able to do twice.
    if attempt.check == nil, attempt.command == "EXECUTE" { lines.append("SAVEPOINT first;") }
    lines.append("\(attempt.shown ?? attempt.sql);")
    if attempt.check == nil {
      if attempt.command == "EXECUTE" { lines.append("ROLLBACK TO SAVEPOINT first;") }
      lines += Self.verdict(attempt.sql, "rows of the other tenant are given out")
    }
    lines.append("RESET ROLE;")
    for line in attempt.evidence?.between ?? [] { lines.append(line.hasPrefix("--") ? line : "\(line);") }
    if let check = attempt.check {
      let what =
        attempt.command == "SELECT"
        ? "answer changes with the other tenant''s rows" : "rows are changed or added that must not be"
      lines += Self.verdict(attempt.evidence?.count ?? check, what)
    }
    if let shows = attempt.shows { lines += ["-- what became of it:", "\(shows);"] }
    lines.append("ROLLBACK;")
    return lines.joined(separator: "\n") + "\n"
  }

  /// Says aloud what the script has shown, so that nobody need know what to look for.
  private static func verdict(_ count: String, _ what: String) -> [String] {
    [
      "SELECT CASE WHEN n > 0 THEN 'LEAK: ' || n || ' \(what)' ELSE 'no leak' END AS verdict",
      "FROM (\(count)) AS found(n);",
    ]
  }
}
