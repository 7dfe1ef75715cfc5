import GonogoCore

/// A change writes every row of a table in use anew while all wait.
struct RewritesTable: AuditRule {
  static let manual = RuleManual(
    id: "migration-rewrites-table", severity: .medium, family: "migrations",
    title: "A change writes every row of a table in use anew while all wait",
    what: """
      Looks for ALTER COLUMN TYPE that is more than a longer text or more digits, and for ADD COLUMN with a \
      volatile default, GENERATED … STORED, an identity or a serial type, on a table that an earlier migration \
      created. Where the former type is not known, it is taken for a rewrite. Migrations that have run already, tables younger than 30 days and catalogues pass, as \
      `migration-index-locks` tells them. One finding a folder, at the newest.
      """,
    why: """
      the table is locked against readers too, for as long as it takes to write it and its indexes
      """,
    mend: """
      add a new column, fill it in batches, and change over; a volatile default: add the column, SET DEFAULT, \
      fill in batches
      """,
    falsifies: "migrations do not block readers",
    references: ["https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES"])

  func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    findings.fold(context, "are rewritten") { observation in
      guard observation.isOnExisting else { return nil }
      switch observation.kind {
      case .changeType(let types):
        return "the type of '\(observation.table).\(observation.name)' changes \(types), which writes every row anew"
      case .rewritingColumn(let why):
        return
          "the column '\(observation.name)' is added to '\(observation.table)' with \(why), which writes every row anew"
      default: return nil
      }
    }
  }

  static let samples: [RuleSample] = [
    .finds(
      "db/migrations/20240301000000_b.sql:1:26",
      in: [
        "db/migrations/20240101000000_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "db/migrations/20240301000000_b.sql":
          "ALTER TABLE orders ALTER total TYPE bigint;\n",
      ], "a wider number"),
    .silent(
      "a longer text, a stable default",
      [
        "db/migrations/20240101000000_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "db/migrations/20240301000000_b.sql":
          "ALTER TABLE orders ALTER note TYPE text;\nALTER TABLE orders ALTER note TYPE text USING note::text;\nALTER TABLE orders ADD COLUMN at timestamptz DEFAULT now();\n",
      ]),
  ]
}
