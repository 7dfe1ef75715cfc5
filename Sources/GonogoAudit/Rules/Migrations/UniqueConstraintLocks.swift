import GonogoCore

/// A unique constraint builds its index on a table in use while all wait.
struct UniqueConstraintLocks: AuditRule {
  static let manual = RuleManual(
    id: "migration-unique-constraint", severity: .medium, family: "migrations",
    title: "A unique constraint builds its index on a table in use while all wait",
    what: """
      Looks for ADD CONSTRAINT … UNIQUE and PRIMARY KEY without USING INDEX, and for unique columns that are \
      added, on a table that an earlier migration created. Migrations that have run already, tables younger than 30 days and catalogues pass, as \
      `migration-index-locks` tells them. One finding a folder, at the newest.
      """,
    why: """
      the table is locked against readers too while the index is built
      """,
    mend: """
      do it in steps: CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT … UNIQUE USING INDEX
      """,
    falsifies: "migrations do not block readers",
    references: ["https://www.postgresql.org/docs/current/sql-altertable.html"])

  func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    findings.fold(context, "get such constraints") { observation in
      guard observation.kind == .unique, observation.isOnExisting else { return nil }
      let name = observation.name.isEmpty ? "a unique constraint" : "the unique constraint '\(observation.name)'"
      return "\(name) is added to '\(observation.table)' without USING INDEX"
    }
  }

  static let samples: [RuleSample] = [
    .finds(
      "db/migrations/20240301000000_b.sql:1:24",
      in: [
        "db/migrations/20240101000000_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "db/migrations/20240301000000_b.sql":
          "ALTER TABLE orders ADD CONSTRAINT u UNIQUE (total);\n",
      ], "a constraint"),
    .silent(
      "an index that is there",
      [
        "db/migrations/20240101000000_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "db/migrations/20240301000000_b.sql":
          "CREATE UNIQUE INDEX CONCURRENTLY i ON orders (total);\n",
        "db/migrations/20240302000000_c.sql":
          "ALTER TABLE orders ADD CONSTRAINT u UNIQUE USING INDEX i;\n",
      ]),
  ]
}
