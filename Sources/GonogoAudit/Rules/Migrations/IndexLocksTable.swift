import GonogoCore

/// An index is built on a table in use while its writers wait.
struct IndexLocksTable: AuditRule {
  static let manual = RuleManual(
    id: "migration-index-locks", severity: .medium, family: "migrations",
    title: "An index is built on a table in use while its writers wait",
    what: """
      Looks in migrations for PostgreSQL for CREATE INDEX without CONCURRENTLY on a table that an earlier \
      migration created. Asked only where the migration is still to be run on rows: within 90 days of \
      the tree's newest commit, and on a table that is at least 30 days older than it, by the days that names, heads or \
      the history tell (where none tells: the last five migrations). Tables that migrations fill with rows of their \
      own are catalogues, and pass, as those do that the migration has emptied. One finding a folder, at the newest.
      """,
    why: """
      every INSERT, UPDATE and DELETE on the table waits until the index is built
      """,
    mend: """
      use CREATE INDEX CONCURRENTLY, in a migration of its own that the tool runs outside of a transaction
      """,
    falsifies: "migrations do not block writers",
    references: ["https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY"])

  func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    findings.fold(context, "are indexed") { observation in
      guard case .index(_, concurrently: false) = observation.kind, observation.isOnExisting else { return nil }
      let name = observation.name.isEmpty ? "an index" : "the index '\(observation.name)'"
      return "\(name) is built on '\(observation.table)' without CONCURRENTLY"
    }
  }

  static let samples: [RuleSample] = [
    .finds(
      "db/migrations/20240301000000_b.sql:2:1",
      in: [
        "db/migrations/20240101000000_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "db/migrations/20240301000000_b.sql":
          "-- faster\nCREATE INDEX orders_total ON orders (total);\n",
      ], "an index on an older table"),
    .silent(
      "a table of the same day, CONCURRENTLY, and a partitioned table alone",
      [
        "db/migrations/20240101000000_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\nCREATE INDEX orders_total ON orders (total);\n",
        "db/migrations/20240301000000_b.sql":
          "CREATE INDEX CONCURRENTLY orders_note ON orders (note);\nCREATE INDEX orders_parent ON ONLY orders (total);\n",
        "db/migrations/20240101120000_c.sql":
          "CREATE INDEX orders_both ON orders (total, note);\n",
      ]),
    .silent(
      "a crate's own SQLite",
      [
        "client/Cargo.toml": "[dependencies]\nsqlx = { workspace = true, features = [\"sqlite\"] }\n",
        "client/migrations/20240101000000_a.sql": "CREATE TABLE orders (id int PRIMARY KEY, total int);\n",
        "client/migrations/20240201000000_b.sql": "CREATE INDEX orders_total ON orders (total);\n",
        "kv/Cargo.toml": "[dependencies]\nsqlx = { workspace = true }\n",
        "kv/src/lib.rs": "use sqlx::SqlitePool;\n",
        "kv/migrations/20240101000000_a.sql": "CREATE TABLE pairs (id int PRIMARY KEY, total int);\n",
        "kv/migrations/20240201000000_b.sql": "CREATE INDEX pairs_total ON pairs (total);\n",
      ]),
    .silent(
      "what many newer migrations follow",
      (1...12).reduce(
        into: [
          "db/migrations/20230101000000_a.sql": "CREATE TABLE orders (id int PRIMARY KEY, total int);\n",
          "db/migrations/20230301000000_b.sql": "CREATE INDEX orders_total ON orders (total);\n",
        ]
      ) { files, month in
        files["db/migrations/2024\(month < 10 ? "0" : "")\(month)01000000_c.sql"] = "CREATE TABLE t\(month) (id int);\n"
      }),
  ]
}
