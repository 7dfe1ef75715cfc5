import GonogoCore

/// A constraint is added and every row looked at under one lock.
struct ValidatesConstraint: AuditRule {
  static let manual = RuleManual(
    id: "migration-validates-constraint", severity: .low, family: "migrations",
    title: "A constraint is added and every row looked at under one lock",
    what: """
      Looks for ADD CONSTRAINT … FOREIGN KEY and CHECK without NOT VALID on a table that an earlier migration \
      created. Columns' own constraints pass. Migrations that have run already, tables younger than 30 days and catalogues pass, as \
      `migration-index-locks` tells them. One finding a folder, at the newest.
      """,
    why: """
      writers of the table (and of the one that a foreign key names) wait while every row is looked at
      """,
    mend: """
      add it NOT VALID, and VALIDATE CONSTRAINT in another transaction
      """,
    falsifies: "migrations do not block writers",
    references: ["https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-VALIDATE-CONSTRAINT"])

  func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    findings.fold(context, "are looked through") { observation in
      guard observation.kind == .foreignKey || observation.kind == .check, observation.isOnExisting else { return nil }
      let kind = observation.kind == .check ? "check" : "foreign key"
      let name = observation.name.isEmpty ? "a \(kind)" : "the \(kind) '\(observation.name)'"
      return "\(name) is added to '\(observation.table)' without NOT VALID"
    }
  }

  static let samples: [RuleSample] = [
    .finds(
      "db/migrations/20240301000000_b.sql:1:24",
      in: [
        "db/migrations/20240101000000_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "db/migrations/20240301000000_b.sql":
          "ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0);\n",
      ], "a check"),
    .silent(
      "NOT VALID, a new table",
      [
        "db/migrations/20240101000000_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "db/migrations/20240301000000_b.sql":
          "ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID;\nCREATE TABLE items (id int);\nALTER TABLE items ADD FOREIGN KEY (id) REFERENCES orders (id);\n",
      ]),
  ]
}
