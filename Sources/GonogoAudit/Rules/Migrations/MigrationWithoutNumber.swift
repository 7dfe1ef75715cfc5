import GonogoCore

/// Supabase does not run a file, since its name does not begin with a number.
struct MigrationWithoutNumber: AuditRule {
  static let manual = RuleManual(
    id: "migration-without-number", severity: .medium, family: "migrations",
    title: "Supabase does not run a file, since its name does not begin with a number",
    what: """
      Looks in supabase/migrations for .sql files whose names are not `<number>_name.sql`: Supabase's program \
      passes over them with a line of its output. A timestamp with a hyphen behind it, as other programs name \
      them, weighs less. One finding a folder.
      """,
    why: """
      what the file should do is not done, and nothing fails
      """,
    mend: """
      give it a number (`supabase migration new name`), or take it out of the folder
      """,
    falsifies: "all migrations are applied",
    references: ["https://supabase.com/docs/guides/deployment/database-migrations"])

  func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    for set in context.facts(Migrations.self).postgres where set.tool == .supabase {
      let skipped = set.migrations.filter { migration in
        let rest = migration.file.name.dropFirst(migration.version.count)
        return migration.version.isEmpty || !rest.hasPrefix("_") || rest.count < 6
      }
      guard let first = skipped.first else { continue }
      let more = skipped.count > 1 ? ", and \(skipped.count - 1) more of \(set.migrations.count)" : ""
      findings.add(
        "Supabase does not run '\(first.file.name)'\(more)", at: TreePlace(first.file.path),
        subject: String(first.file.name),
        // A timestamp and a hyphen are another program's that shares the folder.
        severity: skipped.allSatisfy { $0.version.count == 14 } ? .low : nil,
        because: "another program may share the folder",
        related: skipped.dropFirst().prefix(40).map { .init(TreePlace($0.file.path), "nor this one") })
    }
  }

  static let samples: [RuleSample] = [
    .finds(
      "supabase/migrations/fix.sql:1:1",
      in: [
        "supabase/migrations/1_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "supabase/migrations/fix.sql":
          "SELECT 1;\n",
      ], "a name alone"),
    .silent(
      "numbers",
      [
        "supabase/migrations/1_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "supabase/migrations/20240101000000_b.sql":
          "SELECT 1;\n",
        "db/migrations/1_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
      ]),
  ]
}
