import GonogoCore
import GonogoProbes

/// Squawk, a linter of migrations, finds something.
struct SquawkFindings: AuditRule {
  static let tool: OutsideTool? = OutsideTool("squawk", install: Squawk.install)

  static let manual = RuleManual(
    id: "squawk", severity: .low, family: "migrations",
    title: "Squawk, a linter of migrations, finds something",
    what: """
      Runs squawk (pip install squawk-cli) on the migrations for PostgreSQL, and tells what it says, one \
      finding a rule of squawk's and folder, at the first place. It does not know which tables are new, nor \
      which migrations have run. What rules of this audit look at with that knowledge is theirs: their \
      counterparts of squawk's are left out. A `.squawk.toml` is not heeded, because it may switch every rule \
      off; comments (`-- squawk-ignore`) are, and how many there are is told.
      """,
    why: """
      another pair of eyes on what a migration does to a database in use
      """,
    mend: """
      see https://squawkhq.com/docs/rules for the rule
      """,
    falsifies: "migrations are linted",
    references: ["https://squawkhq.com/docs/rules"])

  /// What rules of this audit look at, and matters of taste.
  private static let ours: Set<String> = [
    "require-concurrent-index-creation", "require-concurrent-index-deletion", "adding-not-nullable-field",
    "adding-required-field", "changing-column-type", "adding-foreign-key-constraint", "constraint-missing-not-valid",
    "disallowed-unique-constraint", "ban-concurrent-index-creation-in-transaction", "syntax-error",
    "adding-field-with-default", "adding-serial-primary-key-field", "prefer-robust-stmts", "prefer-text-field",
    "prefer-bigint-over-int", "prefer-bigint-over-smallint", "prefer-identity", "prefer-timestamp-tz",
    "prefer-big-int", "require-timeout-settings", "require-lock-timeout", "require-statement-timeout",
  ]

  private static func short(_ message: String) -> String {
    var text = message.trimmed
    while text.hasSuffix(".") { text.removeLast() }
    return (text.first?.lowercased() ?? "") + text.dropFirst()
  }

  func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    let sets = context.facts(Migrations.self).postgres.filter { !$0.migrations.isEmpty && !$0.tool.isPartial }
    guard !sets.isEmpty, let tool = Self.tool, try context.has(tool) else { return }
    let migrations = Set(sets.flatMap { $0.migrations.map(\.file.index) })
    let directory = try context.directory { migrations.contains($0.index) }
    let configuration = try ToolConfiguration(named: "squawk.toml", "")
    defer { configuration.remove() }
    for set in sets {
      let files = set.migrations.map(\.file.path).filter {
        context.tree[$0].map { $0.rawPath == Array($0.path.utf8) } == true
      }
      var found: [BesideReport.Finding] = []
      // So many that no command line is too long.
      for start in stride(from: 0, to: files.count, by: 200) {
        let part = Array(files[start..<min(start + 200, files.count)])
        let outcome = try context.run(
          Squawk.command(part, configuration: configuration.path), in: directory, milliseconds: 60_000,
          install: Squawk.install)
        guard let items = (try? JSON.parse(outcome.output))?.arrayValue else {
          if outcome.status != 0 { throw CouldNotLook("squawk's report could not be read", mend: "run squawk by hand") }
          continue
        }
        found += Squawk.findings(items)
      }
      let excuses = ToolComments.places(of: "squawk-ignore", in: set.migrations.map(\.file), context)
      if let first = excuses.first {
        findings.add(
          "squawk: comments excuse what it finds (\(excuses.count) \(excuses.count == 1 ? "place" : "places"))",
          at: first, subject: "comments", mend: "see that each still has its reason",
          related: excuses.dropFirst().map { .init($0, "the same") })
      }
      let groups = Dictionary(grouping: found.filter { !Self.ours.contains($0.rule) }, by: \.rule)
      for (rule, list) in groups.sorted(by: { $0.key < $1.key }) {
        guard let first = list.first, let file = first.file else { continue }
        let name = file.hasPrefix("./") ? String(file.dropFirst(2)) : file
        let more =
          list.count == 1
          ? "" : " (\(list.count) times in \(Set(list.compactMap(\.file)).count) files of '\(set.directory)')"
        findings.add(
          "squawk's \(rule): \(Self.short(first.message))\(more)", at: TreePlace(name, line: first.line ?? 1),
          subject: rule)
      }
    }
  }

  static let samples: [RuleSample] = [
    .finds(
      "db/migrations/20240301000000_b.sql:2:1",
      in: [
        "db/migrations/20240101000000_a.sql":
          "SELECT 1;\n",
        "db/migrations/20240301000000_b.sql":
          "SELECT 1;\nALTER TABLE orders DROP COLUMN note;\n",
      ], "a dropped column"),
    .silent(
      "nothing, and another system's",
      [
        "db/migrations/20240101000000_a.sql":
          "SELECT 1;\n",
        "mysql/migrations/1_a.sql":
          "CREATE TABLE `t` (id INT AUTO_INCREMENT);\n",
      ]),
  ]
}
