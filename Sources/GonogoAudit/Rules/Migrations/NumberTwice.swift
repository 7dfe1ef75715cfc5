import GonogoCore

/// Two migrations have one number.
struct NumberTwice: AuditRule {
  static let manual = RuleManual(
    id: "migration-number-twice", severity: .medium, family: "migrations",
    title: "Two migrations have one number",
    what: """
      Looks at the numbers that names of migrations begin with, in folders whose tool runs files by number. \
      Prisma, Drizzle and sqitch tell files by their whole names, and are not asked; in a folder whose tool is \
      not known the finding is light, and a date alone is no number. One finding a folder.
      """,
    why: """
      a tool that keeps the numbers it has run leaves the second one out, or refuses to run at all
      """,
    mend: """
      give the later one a number of its own
      """,
    falsifies: "migrations are numbered without gaps or doubles",
    references: [])

  /// The letter that tells two of a number apart, `030a_` and `030b_`, where the tool goes by names; empty where there is none.
  private static func letter(_ migration: MigrationSet.Migration) -> String {
    let rest = migration.file.name.dropFirst(migration.version.count).prefix(2)
    guard rest.count == 2, let first = rest.first, first.isLowercase, first.isASCII, "_-.".contains(rest.last ?? " ")
    else { return "" }
    return String(first)
  }

  func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    for set in context.facts(Migrations.self).postgres
    where ![.prisma, .drizzle, .sqitch, .rails, .alembic, .django].contains(set.tool) {
      // One migration in two files (`001_a.sql`, `001_a.up.sql`) is one.
      var stems: Set<String> = []
      let numbered = set.migrations.filter {
        !$0.version.isEmpty
          && stems.insert(
            "\($0.file.directory)/\($0.file.name.replacing(".up.sql", with: "").replacing(".sql", with: ""))"
          ).inserted
      }
      // Folders of versions count for themselves.
      let groups = Dictionary(grouping: numbered) {
        [String($0.file.directory)] + Migrations.number($0.version).map(String.init) + [Self.letter($0)]
      }
      let doubles = groups.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }).map(\.value).filter { same in
        same.count > 1 && !(set.tool == .numbered && same[0].version.count == 8 && same[0].version.hasPrefix("20"))
      }
      guard let same = doubles.first else { continue }
      let version = same[0].version
      let more =
        doubles.count == 1
        ? "" : "; \(doubles.count - 1) more \(doubles.count == 2 ? "number is" : "numbers are") there twice"
      findings.add(
        "\(same.count) migrations have the number \(version)\(more)", at: TreePlace(same[1].file.path),
        subject: version,
        severity: set.tool == .numbered ? .low : nil, because: "no tool is known that would refuse them",
        related: doubles.joined().filter { $0.file != same[1].file }.prefix(40).map {
          .init(TreePlace($0.file.path), "it has the number \($0.version), too")
        })
    }
  }

  static let samples: [RuleSample] = [
    .finds(
      "supabase/migrations/002_c.sql:1:1",
      in: [
        "supabase/migrations/001_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "supabase/migrations/002_b.sql":
          "SELECT 1;\n",
        "supabase/migrations/002_c.sql":
          "SELECT 1;\n",
      ], "two of a number"),
    .silent(
      "another folder, letters behind the number",
      [
        "sql/migrations/030_a.sql": "SELECT 1;\n", "sql/migrations/030b_b.sql": "SELECT 1;\n",
        "sql/migrations/030c_c.sql": "SELECT 1;\n",
        "supabase/migrations/001_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "supabase/migrations/002_b.sql":
          "SELECT 1;\n",
        "db/migrations/001_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "db/migrations/001_a_rollback.sql": "DROP TABLE orders;\n",
      ]),
    .silent(
      "the way back of the same number",
      [
        "db/sql/0023_a.sql": "SELECT 1;\n", "db/sql/0023_a_reverse.sql": "SELECT 1;\n",
        "db/sql/0024_b.sql": "SELECT 1;\n",
      ]),
  ]
}
