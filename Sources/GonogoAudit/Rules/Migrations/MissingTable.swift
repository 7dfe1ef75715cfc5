import GonogoCore

/// A migration is about a table that no migration before it creates.
struct MissingTable: AuditRule {
  static let manual = RuleManual(
    id: "migration-on-missing-table", severity: .high, precision: .high, family: "migrations",
    title: "A migration is about a table that no migration before it creates",
    what: """
      Replays the migrations and looks for policies, triggers, indexes, foreign keys and ALTER TABLE on a table \
      that none of them has created until then, and that is not of a platform's or an extension's schema. `IF \
      EXISTS`, tables that a block with a text of its own may have made, and trees with migrations in another language \
      pass. Where more than three tables \
      are missing, the folder's base is: one finding for it.
      """,
    why: """
      a new database (a test, a preview, a recovery) cannot be built from the migrations
      """,
    mend: """
      add the migration that creates the table, or put it before this one
      """,
    falsifies: "all migrations run on an empty database",
    references: [])

  /// Whether the tool makes databases of the folder alone: for previews, tests, its own comparisons.
  private func isFromNothing(_ set: MigrationSet) -> Bool { [.supabase, .prisma, .drizzle].contains(set.tool) }

  func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    // Migrations in another language may have made what these are about.
    guard context.facts(Migrations.self).unread.isEmpty else { return }
    let schema = context.facts(ApplicationSchema.self)
    let replays = context.facts(Replays.self)
    for replay in replays {
      var seen: Set<TableName> = []
      let others = replays.filter { $0.set.directory != replay.set.directory }
      let missing = replay.observations.filter { observation in
        guard case .missing = observation.kind, seen.insert(observation.table).inserted else { return false }
        // Two tools share a database: the other one's folder creates it.
        if others.contains(where: { $0.everCreated[observation.table] != nil }) { return false }
        // A base beside the files: whoever runs them has it. Supabase's, Prisma's and Drizzle's tools make a database of the folder alone.
        return isFromNothing(replay.set) || !schema.createsElsewhere(observation.table)
      }
      let hasNoBase = missing.count > 3
      for observation in hasNoBase ? Array(missing.prefix(1)) : missing {
        guard case .missing(let what) = observation.kind else { continue }
        let later = replay.everCreated[observation.table]
        var message = "\(what) is for the table '\(observation.table)', which "
        message += later == nil ? "no migration creates" : "only a later migration creates"
        var related = later.map { [Finding.Related($0.place, "it is created here")] } ?? []
        if later == nil, schema.createsElsewhere(observation.table) { message += ", only a file beside them" }
        if hasNoBase {
          message += "; \(missing.count - 1) more tables are missing: the folder has no base"
          related += missing.dropFirst().prefix(30).map { .init($0.place, "'\($0.table)' is missing here") }
        }
        // A folder without its base was begun on a database that was there: its authors know.
        findings.add(
          message, at: observation.place, subject: observation.table.description, severity: hasNoBase ? .medium : nil,
          precision: hasNoBase || !isFromNothing(replay.set) ? .medium : nil,
          because: "the folder was begun on a database that was there", related: related)
      }
    }
  }

  static let samples: [RuleSample] = [
    .finds(
      "supabase/migrations/1_a.sql:2:20", "supabase/migrations/1_a.sql:3:13",
      in: [
        "supabase/migrations/1_a.sql":
          "CREATE TABLE orders (id int);\nCREATE POLICY p ON teams USING (true);\nALTER TABLE items ADD COLUMN x int;\n",
        "supabase/migrations/2_b.sql":
          "CREATE TABLE items (id int);\n",
      ], "never created, and created later"),
    .silent(
      "a platform's, a block's, a renamed one",
      [
        "supabase/migrations/1_a.sql":
          "CREATE TABLE orders (id int);\nCREATE POLICY p ON storage.objects USING (true);\nALTER TABLE IF EXISTS old ADD COLUMN x int;\nDO $$ BEGIN CREATE TABLE blocks (id int); END $$;\nALTER TABLE blocks ADD COLUMN x int;\nALTER TABLE orders RENAME TO sales;\nCREATE INDEX i ON sales (id);\n",
        "supabase/migrations/2_b.sql": "ALTER TABLE coaches ADD COLUMN x int;\n",
        "drizzle/0000_a.sql": "CREATE TABLE coaches (id int);\n",
      ]),
    .silent(
      "beside a base that Flyway's migrations go on from",
      [
        "account/src/main/resources/ddl.sql": "CREATE TABLE accounts (id int);\n",
        "account/src/main/resources/migration/V20161208__parent.sql": "CREATE INDEX i ON accounts (id);\n",
      ]),
    .silent(
      "beside migrations of goose's in Go",
      [
        "db/migrations/1_a.go": "package migrations\nfunc init() { goose.AddMigrationContext(up, down) }\n",
        "db/migrations/2_b.sql": "-- +goose Up\nALTER TABLE songs ADD COLUMN x int;\n",
      ]),
    .silent(
      "for SQLite, by the drivers",
      [
        "go.mod": "module acme\nrequire github.com/mattn/go-sqlite3 v1.14.22\n",
        "db/migrations/2_b.sql": "-- +goose Up\nALTER TABLE songs ADD COLUMN x int;\n",
      ]),
    .finds(
      "db/migrations/2_b.sql:2:13",
      in: [
        "go.mod":
          "module acme\nrequire (\n\tgithub.com/mattn/go-sqlite3 v1.14.22\n\tgithub.com/jackc/pgx/v5 v5.7.0\n)\n",
        "db/migrations/2_b.sql": "-- +goose Up\nALTER TABLE songs ADD COLUMN x int;\n",
      ], "with a driver of PostgreSQL beside that"),
  ]
}
