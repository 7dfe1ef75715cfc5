import GonogoCore

/// A migration is no SQL that PostgreSQL takes.
struct SQLDoesNotParse: AuditRule {
  static let manual = RuleManual(
    id: "sql-does-not-parse", severity: .high, family: "migrations",
    title: "A migration is no SQL that PostgreSQL takes",
    what: """
      Gives every migration for PostgreSQL, and every other .sql file of a tree that has such migrations, to \
      PostgreSQL's own parser (libpg_query, PostgreSQL 15). Folders of other systems, statements with templates \
      (`{{ }}`, `${ }`, `<% %>`, psql's `:variable`), and psql's own commands are no faults of the SQL and \
      pass, as does a migration more than 90 days older than the newest commit: it has run, so what does not parse is \
      younger than the parser. A file that is no migration weighs less, and counts where most of it parses or it names \
      a table of the migrations', and it is neither a test's nor an example's.
      """,
    why: """
      the migration cannot run: what it should mend is not mended, and those behind it do not run either
      """,
    mend: """
      run the file on an empty database, and mend what PostgreSQL says
      """,
    falsifies: "all migrations are applied",
    references: ["https://www.postgresql.org/docs/current/sql.html"])

  private func tell(
    _ file: TreeFile, _ sql: SQLText, _ severity: FindingSeverity?, _ precision: FindingPrecision?,
    _ context: AuditContext, _ findings: inout Findings
  ) {
    guard let text = context.tree.text(file) else { return }
    if let unread = sql.unread {
      findings.couldNotLook(
        "the file was not given to PostgreSQL's parser: \(unread.message)",
        at: TreePlace(file.path, text.position(of: unread.offset)))
    }
    let faults = sql.failures.filter { !Self.isTemplate(text.bytes[$0.range]) }
    guard let first = faults.first else { return }
    var message = "the SQL does not parse: \(first.message)"
    if faults.count > 1 { message += " (and \(faults.count - 1) more statements of this file)" }
    findings.add(
      message, at: TreePlace(file.path, text.position(of: first.offset)), subject: first.message, severity: severity,
      precision: precision, because: "no migration runs the file",
      related: faults.dropFirst().prefix(10).map {
        .init(TreePlace(file.path, text.position(of: $0.offset)), $0.message)
      }
    )
  }

  /// Whether something else fills the statement in before PostgreSQL sees it.
  private static func isTemplate(_ bytes: ArraySlice<UInt8>) -> Bool {
    let text = String(decoding: bytes, as: UTF8.self)
    if ["{{", "${", "<%", "{%", "%("].contains(where: text.contains) { return true }
    // psql's `:name` and `:'name'`: a cast and a slice have something else before the colon.
    let all = Array(bytes)
    return all.indices.dropFirst().dropLast().contains { index in
      let next = all[index + 1]
      let isName = (0x61...0x7A).contains(next | 0x20) || next == UInt8(ascii: "'") || next == UInt8(ascii: "\"")
      return all[index] == UInt8(ascii: ":") && isName && [0x20, 0x28, 0x3D, 0x2C, 0x0A].contains(all[index - 1])
    }
  }

  func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    let facts = context.facts(Migrations.self)
    if facts.postgres.isEmpty { return }
    let days = context.facts(MigrationDays.self)
    for set in facts.postgres {
      // A folder of which more than half does not parse is another system's.
      let broken = set.migrations.count { !$0.sql.failures.isEmpty }
      if broken > 1, broken * 2 > set.migrations.count { continue }
      // These say whose SQL it is; of others it is taken from the text.
      let isSure = [.supabase, .prisma, .drizzle].contains(set.tool)
      for migration in set.migrations where !days.hasRun(migration) {
        tell(migration.file, migration.sql, nil, isSure ? .high : nil, context, &findings)
      }
    }
    let tables = context.facts(Replays.self).flatMap { $0.tables.keys.map(\.name) }
    for (file, sql) in facts.loose where !sql.failures.isEmpty {
      // What is mostly PostgreSQL's, or names a table of the migrations', is meant to be; else it may be anybody's.
      guard !ApplicationSchema.isAside(file.path), !context.isUnused(file), let text = context.tree.text(file),
        Migrations.dialectOfText(text.bytes) == nil,
        sql.failures.count <= sql.statements.count
          || tables.contains(where: { ByteSearch.contains($0, in: text.bytes) })
      else { continue }
      tell(file, sql, .medium, nil, context, &findings)
    }
  }

  static let samples: [RuleSample] = [
    .finds(
      "db/migrations/20240301000000_b.sql:3:21",
      in: [
        "db/migrations/20240101000000_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "db/migrations/20240301000000_b.sql":
          "ALTER TABLE orders\n  ADD COLUMN x int,\n  ADD CONSTRAINT IF NOT EXISTS u UNIQUE (x);\nSELECT 1;\n",
      ], "IF NOT EXISTS where PostgreSQL knows none"),
    .finds(
      "scripts/fix.sql:2:1",
      in: [
        "db/migrations/20240101000000_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "scripts/fix.sql":
          "UPDATE orders SET total = 0\nUPDATE orders SET note = '';\n",
      ], "a script without its semicolon"),
    .silent(
      "psql, a template, MySQL",
      [
        "db/migrations/20240101000000_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "db/migrations/20240301000000_b.sql":
          "\\set ON_ERROR_STOP on\nSELECT 1;\n",
        "scripts/t.sql":
          "SELECT * FROM {{ table }};\n",
        "mysql/migrations/1_a.sql":
          "CREATE TABLE `t` (id INT AUTO_INCREMENT);\n",
      ]),
    .silent(
      "what drivers of another system alone run",
      [
        "requirements.txt": "fastapi\npyodbc==5.1\n",
        "db/V001__a.sql": "CREATE TABLE orders (id int PRIMARY KEY);\nIF 1 = 1 PRINT 'there';\n",
        "seed.sql": "CREATE TABLE notes (id int);\nPRINT 'done';\n",
      ]),
  ]
}
