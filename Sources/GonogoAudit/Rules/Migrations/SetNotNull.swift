import GonogoCore

/// SET NOT NULL reads a whole table in use while all wait.
struct SetNotNull: AuditRule {
  static let manual = RuleManual(
    id: "migration-set-not-null", severity: .low, family: "migrations",
    title: "SET NOT NULL reads a whole table in use while all wait",
    what: """
      Looks for ALTER COLUMN … SET NOT NULL on a table that an earlier migration created, where no CHECK (… IS \
      NOT NULL) was added before, which spares PostgreSQL 12 and later the reading. Migrations that have run already, tables younger than 30 days and catalogues pass, as \
      `migration-index-locks` tells them. One finding a folder, at the newest.
      """,
    why: """
      the table is locked against readers too while every row is looked at
      """,
    mend: """
      do it in steps: ADD CONSTRAINT … CHECK (x IS NOT NULL) NOT VALID, VALIDATE CONSTRAINT, then SET NOT NULL
      """,
    falsifies: "migrations do not block readers",
    references: ["https://www.postgresql.org/docs/current/sql-altertable.html"])

  func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    findings.fold(context, "are read whole") { observation in
      guard observation.kind == .setNotNull, observation.isOnExisting else { return nil }
      return "SET NOT NULL on '\(observation.table).\(observation.name)' reads the whole table under an exclusive lock"
    }
  }

  static let samples: [RuleSample] = [
    .finds(
      "db/migrations/20240301000000_b.sql:1:1",
      in: [
        "db/migrations/20240101000000_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "db/migrations/20240301000000_b.sql":
          "ALTER TABLE orders ALTER total SET NOT NULL;\n",
      ], "no check before"),
    .silent(
      "a check before",
      [
        "db/migrations/20240101000000_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "db/migrations/20240301000000_b.sql":
          "ALTER TABLE orders ADD CONSTRAINT c CHECK (total IS NOT NULL) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT c;\nALTER TABLE orders ALTER total SET NOT NULL;\n",
      ]),
  ]
}
