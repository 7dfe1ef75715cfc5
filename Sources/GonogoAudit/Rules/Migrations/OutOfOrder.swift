import GonogoCore

/// Migrations run in another order than their numbers count.
struct OutOfOrder: AuditRule {
  static let manual = RuleManual(
    id: "migration-out-of-order", severity: .medium, family: "migrations",
    title: "Migrations run in another order than their numbers count",
    what: """
      Looks at folders whose tool runs files in the order of their names (Supabase, Prisma, dbmate) for short \
      numbers of different lengths, where the order of names is not that of numbers: `10_` runs before `9_`.
      """,
    why: """
      a new database is built in another order than the old one was, and fails or differs
      """,
    mend: """
      write all numbers with as many digits, or as timestamps
      """,
    falsifies: "migrations run in order on an empty database",
    references: [])

  func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    for set in context.facts(Migrations.self).postgres where [.supabase, .prisma, .dbmate].contains(set.tool) {
      for (before, after) in zip(set.migrations, set.migrations.dropFirst()) {
        guard let left = Int(before.version), let right = Int(after.version), left > right,
          before.version.count < 8, after.version.count < 8
        else { continue }
        findings.add(
          "the migration \(before.version) runs before \(after.version), by their names",
          at: TreePlace(after.file.path),
          subject: after.version, related: [.init(TreePlace(before.file.path), "this one runs before it")])
        break
      }
    }
  }

  static let samples: [RuleSample] = [
    .finds(
      "supabase/migrations/8_a.sql:1:1",
      in: [
        "supabase/migrations/8_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "supabase/migrations/9_b.sql":
          "SELECT 1;\n",
        "supabase/migrations/10_c.sql":
          "SELECT 1;\n",
      ], "ten before eight"),
    .silent(
      "as many digits",
      [
        "supabase/migrations/01_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "supabase/migrations/09_b.sql":
          "SELECT 1;\n",
        "supabase/migrations/10_c.sql":
          "SELECT 1;\n",
        "db/migrations/9_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "db/migrations/10_b.sql":
          "SELECT 1;\n",
      ]),
  ]
}
