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
    for oid in asked(tables, attempt) { needed.formUnion(seeder.plan.needs[oid] ?? [oid]) }
    var lines = ["-- \(title)", "BEGIN;"]
    lines += preparation.map { "\($0);" }
    lines.append("SET CONSTRAINTS ALL DEFERRED;")
    var bypassed = false
    let steps = seeder.rows.filter { $0.isThere && needed.contains($0.table) }.flatMap { row in
      row.steps.map { (moment: $0.moment, sql: $0.sql, bypassed: row.bypassed && $0.sql == row.sql) }
    }.sorted { $0.moment < $1.moment }
    for step in steps {
      if step.bypassed != bypassed {
        lines.append("SET LOCAL session_replication_role = \(step.bypassed ? "replica" : "origin");")
        bypassed = step.bypassed
      }
      lines.append(step.sql.hasPrefix("--") ? step.sql : "\(step.sql);")
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
        attempt.command == "SELECT" || attempt.comparesAnswers
        ? "answer changes with the other tenant''s rows" : "rows are changed or added that must not be"
      lines += Self.verdict(attempt.evidence?.count ?? check, what)
    }
    if let shows = attempt.shows { lines += ["-- what became of it:", "\(shows);"] }
    lines.append("ROLLBACK;")
    return named(lines.joined(separator: "\n") + "\n")
  }

  /// The tables that the policies on `tables`, the statement, and the functions which these call, look into.
  private func asked(_ tables: Set<Int>, _ attempt: Attempt) -> Set<Int> {
    let catalogue = seeder.catalogue
    var open = tables.compactMap { catalogue.relation($0) }.flatMap { $0.policies.map(\.text) } + [attempt.sql]
    var texts: [String] = []
    var called: Set<String> = []
    while let text = open.popLast() {
      texts.append(text)
      for function in catalogue.functions where !called.contains(function.name) && text.contains(function.name + "(") {
        called.insert(function.name)
        open.append(function.source)
      }
    }
    let words = Set(texts.flatMap { $0.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init) })
    return Set(model.tables.map(\.relation).filter { words.contains($0.name) }.map(\.oid))
  }

  /// A row that was there already may have another random key where this is run again: the script asks for it.
  private func named(_ script: String) -> String {
    var script = script
    var queries: [String] = []
    for key in seeder.existingKeys {
      let literal = SQLText.literal(key.value)
      guard script.contains(literal) else { continue }
      let name = "gonogo_\(queries.count + 1)"
      script = script.replacing(literal, with: ":'\(name)'")
      queries.append("SELECT \(SQLText.name(key.column)) AS \(name) FROM \(key.relation.sql) LIMIT 1 \\gset\n")
    }
    return script.replacing("BEGIN;\n", with: "BEGIN;\n" + queries.joined(), maxReplacements: 1)
  }

  /// Says aloud what the script has shown, so that nobody need know what to look for.
  private static func verdict(_ count: String, _ what: String) -> [String] {
    [
      "SELECT CASE WHEN n > 0 THEN 'LEAK: ' || n || ' \(what)' ELSE 'no leak' END AS verdict",
      "FROM (\(count)) AS found(n);",
    ]
  }
}
