import GonogoCore

/// A migration does within a transaction what PostgreSQL refuses there.
struct ConcurrentlyInTransaction: AuditRule {
  static let manual = RuleManual(
    id: "migration-concurrently-in-transaction", severity: .high, precision: .high, family: "migrations",
    title: "A migration does within a transaction what PostgreSQL refuses there",
    what: """
      Looks for CREATE INDEX CONCURRENTLY, DROP INDEX CONCURRENTLY and VACUUM between BEGIN and COMMIT, in DO \
      blocks, in files of a tool that runs each file in a transaction (dbmate, goose, sql-migrate without their \
      directive, Drizzle), and beside other statements of a file that is sent as one (Prisma, golang-migrate). \
      Supabase's program and Flyway take such statements out by themselves. Where a migration more than 90 days \
      older than the newest commit does the same, it has run, and the folder passes. One finding a folder.
      """,
    why: """
      PostgreSQL refuses the statement (SQLSTATE 25001), and the deployment stops half-way
      """,
    mend: """
      put the statement alone into a migration of its own, and turn the tool's transaction off for it (dbmate: \
      `transaction:false`; goose: `NO TRANSACTION`)
      """,
    falsifies: "every migration runs on an empty database",
    references: ["https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY"])

  func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    let days = context.facts(MigrationDays.self)
    for replay in context.facts(Replays.self) {
      let observations = replay.observations.filter {
        if case .concurrentlyInTransaction = $0.kind { true } else { false }
      }
      // What has run so already is not refused: the tool is called in another way than it seems.
      guard let first = observations.last, case .concurrentlyInTransaction(let what) = first.kind,
        !observations.contains(where: { days.hasRun(replay.set.migrations[$0.migration]) })
      else { continue }
      let more = observations.count == 1 ? "" : "; \(observations.count - 1) more in this folder do"
      findings.add(
        "\(what) runs within a transaction (\(replay.set.tool.rawValue))\(more)", at: first.place,
        subject: "\(what) \(first.table)",
        related: observations.dropLast().prefix(40).map { .init($0.place, "here, too") })
    }
  }

  static let samples: [RuleSample] = [
    .finds(
      "db/migrations/002_b.sql:2:1",
      in: [
        "db/migrations/001_a.sql":
          "-- migrate:up\nCREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n-- migrate:down\nDROP TABLE orders;\n",
        "db/migrations/002_b.sql":
          "-- migrate:up\nCREATE INDEX CONCURRENTLY i ON orders (total);\n-- migrate:down\nDROP INDEX i;\n",
      ], "dbmate's transaction"),
    .finds(
      "prisma/migrations/2_b/migration.sql:2:1",
      in: [
        "prisma/migrations/migration_lock.toml":
          "provider = \"postgresql\"\n",
        "prisma/migrations/1_a/migration.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "prisma/migrations/2_b/migration.sql":
          "ALTER TABLE orders ADD COLUMN x int;\nCREATE INDEX CONCURRENTLY i ON orders (x);\n",
      ], "beside another statement in Prisma's"),
    .silent(
      "it has run so before",
      [
        "db/migrations/20230101000000_a.sql":
          "-- migrate:up\nCREATE TABLE orders (id int, total int);\n-- migrate:down\nDROP TABLE orders;\n",
        "db/migrations/20230301000000_b.sql":
          "-- migrate:up\nCREATE INDEX CONCURRENTLY i ON orders (total);\n-- migrate:down\nDROP INDEX i;\n",
        "db/migrations/20240301000000_c.sql":
          "-- migrate:up\nCREATE INDEX CONCURRENTLY j ON orders (id);\n-- migrate:down\nDROP INDEX j;\n",
      ]),
    .silent(
      "the directive, and a file of its own",
      [
        "db/migrations/001_a.sql":
          "-- migrate:up\nCREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n-- migrate:down\nDROP TABLE orders;\n",
        "db/migrations/002_b.sql":
          "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY i ON orders (total);\n-- migrate:down\nDROP INDEX i;\n",
        "prisma/migrations/migration_lock.toml":
          "provider = \"postgresql\"\n",
        "prisma/migrations/1_a/migration.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "prisma/migrations/2_b/migration.sql":
          "CREATE INDEX CONCURRENTLY i ON orders (total);\n",
      ]),
  ]
}
