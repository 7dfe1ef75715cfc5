import GonogoCore

/// A migration that PostgreSQL refuses when it is run.
struct MigrationReplayFails: AuditRule {
  static let manual = RuleManual(
    id: "migration-replay-fails", severity: .high, precision: .high, family: "migrations",
    title: "A migration does not apply",
    what: """
      With `--replay` only: runs the folders of migrations in SQL in a PostgreSQL of their own that is gone afterwards, each \
      statement by itself and what fails once more behind the others, and tells the first statement of each file that PostgreSQL \
      refuses even so. What applies when it is tried again, or behind a file that makes what the migrations need, passes here.
      """,
    why: "the deployment stops in the middle, with a schema that neither the old code nor the new one knows",
    mend: "mend the statement, so that the migrations run on an empty database, and run `gonogo audit --replay` again",
    falsifies: "all migrations apply",
    wordings: ["migrations run on an empty database", "migrations apply cleanly"],
    references: ["https://www.postgresql.org/docs/current/errcodes-appendix.html"])

  static func examined(in context: AuditContext) -> Examined? {
    guard let replay = context.replay, replay.troubles.isEmpty, replay.runs.allSatisfy({ $0.before == nil }) else {
      return nil
    }
    let places = replay.runs.flatMap { Array(repeating: TreePlace($0.folder), count: $0.applied) }
    return Examined(places, "migrations", "that do not apply")
  }

  func look(in context: AuditContext, findings: inout Findings) {
    guard let replay = context.replay else { return }
    for failure in replay.runs.flatMap(\.failed) {
      let code = failure.code.map { " (SQLSTATE \($0))" } ?? ""
      let statement = failure.statement.map { text in
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return ": `\(line.prefix(100))\(line.count > 100 ? "…" : "")`"
      }
      findings.add(
        "the migration does not apply: \(failure.message)\(code)\(statement ?? "")", at: failure.place,
        subject: failure.code ?? failure.message, mend: failure.hint.map(Self.mend))
    }
    for trouble in replay.troubles {
      findings.couldNotLook(trouble.message, at: trouble.place, mend: trouble.mend)
    }
  }

  /// PostgreSQL's hint is a sentence with a full stop.
  static func mend(hint: String) -> String {
    "\(hint.last == "." ? String(hint.dropLast()) : hint); \(manual.mend)"
  }

  static let samples: [RuleSample] = [
    .finds(
      "db/migrations/002_b.sql:2:1",
      in: [
        "db/migrations/001_a.sql": "CREATE TABLE orders (id int);\n",
        "db/migrations/002_b.sql": "SELECT 1;\nALTER TABLE orders DROP COLUMN total;\n",
      ], "a column that is not there"),
    .silent(
      "what applies",
      [
        "db/migrations/001_a.sql": "CREATE TABLE orders (id int, total int);\n",
        "db/migrations/002_b.sql": "ALTER TABLE orders DROP COLUMN total;\n",
      ]),
  ]
}
