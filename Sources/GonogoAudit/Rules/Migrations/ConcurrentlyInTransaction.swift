import GonogoCore

/// A migration does within a transaction what PostgreSQL refuses there.
struct ConcurrentlyInTransaction: AuditRule {
  static let manual = RuleManual(
    id: "migration-concurrently-in-transaction", severity: .high, family: "migrations",
    title: "A migration does within a transaction what PostgreSQL refuses there",
    what: """
      Looks for CREATE INDEX CONCURRENTLY, DROP INDEX CONCURRENTLY and VACUUM between BEGIN and COMMIT, in DO \
      blocks, in files of a tool that runs each file in a transaction (dbmate, goose, sql-migrate without their \
      directive, Drizzle), and beside other statements of a file that is sent as one (Prisma, golang-migrate). \
      Supabase's program and Flyway take such statements out by themselves.
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
    for replay in context.facts(Replays.self) {
      var told: Set<String> = []
      for observation in replay.observations {
        guard case .concurrentlyInTransaction(let what) = observation.kind else { continue }
        // A migration in Python is one transaction, whatever stands in it.
        if replay.set.tool.isPartial, !told.insert(observation.place.path).inserted { continue }
        findings.add(
          "\(what) runs within a transaction (\(replay.set.tool.rawValue))", at: observation.place,
          subject: "\(what) \(observation.table)")
      }
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
