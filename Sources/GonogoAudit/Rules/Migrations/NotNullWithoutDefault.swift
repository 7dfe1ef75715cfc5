import GonogoCore

/// A column that may not be null is added without a default to a table that may have rows.
struct NotNullWithoutDefault: AuditRule {
  static let manual = RuleManual(
    id: "migration-not-null-without-default", severity: .medium, family: "migrations",
    title: "A column that may not be null is added without a default to a table that may have rows",
    what: """
      Looks for ADD COLUMN … NOT NULL without DEFAULT, GENERATED or a serial type, on a table that an earlier \
      migration created. Tables that the migration has emptied, migrations that have run already, and tables \
      younger than 30 days pass, as `migration-index-locks` tells them. One finding a folder, at the newest.
      """,
    why: """
      PostgreSQL refuses it as soon as the table has one row, so it works in development and fails in \
      production
      """,
    mend: """
      add it with a default, or nullable; fill it; then SET NOT NULL
      """,
    falsifies: "migrations run on production's data",
    references: ["https://www.postgresql.org/docs/current/sql-altertable.html"])

  func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    findings.fold(context, "get such columns", catalogues: true) { observation in
      guard observation.kind == .addNotNull, observation.isOnExisting else { return nil }
      return "the column '\(observation.name)' is added to '\(observation.table)' NOT NULL and without a default"
    }
  }

  static let samples: [RuleSample] = [
    .finds(
      "db/migrations/20240301000000_b.sql:1:31",
      in: [
        "db/migrations/20240101000000_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "db/migrations/20240301000000_b.sql":
          "ALTER TABLE orders ADD COLUMN owner text NOT NULL;\n",
      ], "a column of an older table"),
    .silent(
      "a default, a new table, an emptied one",
      [
        "db/migrations/20240101000000_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "db/migrations/20240301000000_b.sql":
          "ALTER TABLE orders ADD COLUMN owner text NOT NULL DEFAULT '', ADD COLUMN note2 text;\nCREATE TABLE items (id int);\nALTER TABLE items ADD COLUMN x int NOT NULL;\n",
        "db/migrations/20240302000000_c.sql":
          "TRUNCATE orders;\nALTER TABLE orders ADD COLUMN y int NOT NULL;\n",
      ]),
  ]
}
