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
    for table in tables { needed.formUnion(seeder.plan.needs[table] ?? [table]) }
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
    lines.append("-- \(principal.title):")
    if bare { lines.append("SET LOCAL session_replication_role = replica; -- so that no foreign key stops it") }
    for (name, value) in principal.settings {
      lines.append("SELECT set_config(\(SQLText.literal(name)), \(SQLText.literal(value)), true);")
    }
    if !attempt.asPrivileged { lines.append("SET LOCAL ROLE \(SQLText.name(principal.role));") }
    if let gain = attempt.gain { lines.append("\(gain);") }
    lines.append("\(attempt.shown ?? attempt.sql);")
    lines.append("RESET ROLE;")
    if let shows = attempt.shows { lines += ["-- what became of it:", "\(shows);"] }
    lines.append("ROLLBACK;")
    return lines.joined(separator: "\n") + "\n"
  }
}
