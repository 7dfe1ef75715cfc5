public import GonogoCore

/// A number in a document that the tree does not bear out.
public struct WrongCount: AuditRule {
  public static let manual = RuleManual(
    id: "document-wrong-count", severity: .low, family: "documents",
    title: "A document counts something else than there is",
    what: """
      Looks in checklists and READMEs for 'N migrations', 'N workflows' and 'N alert rules', and counts: the workflow \
      files, the alerts of all rule files, the migration files of all directories. 'N+' and 'more than N' are right \
      from N on. Only whole counts: a ticked line, a line that is nothing but the count, or one that says 'all' or \
      'total'; for less than five of something the sentence is usually about a part.
      """,
    why: "a count that is wrong was true once, or never: whoever signs the line has not looked",
    mend: "count again, or leave the number out",
    falsifies: "the documents are up to date")

  public init() {}

  private static let claim =
    #"(more than |over |≥ ?|>= ?|> ?)?\*{0,2}(?<![\w.,#-])([0-9]{1,4})\b(\+?)\*{0,2} (?:(?:sql|database|db|github|actions|ci/cd|ci|prometheus|github actions) ){0,2}(migrations|migration files|workflows|workflow files|alert(?:ing)? rules|alerts)\b(?! ?/| per\b)"#

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    let pattern = context.pattern(Self.claim, ignoringCase: true)
    var counts: [String: Int] = [:]
    for document in context.facts(MarkdownDocuments.self) {
      let isReadme = document.file.name.lowercased().hasPrefix("readme") && document.file.directory.isEmpty
      guard !document.isHistorical, document.isChecklist || isReadme else { continue }
      for line in document.lines where line.fence == nil {
        guard line.text.utf8.contains(where: { $0 >= 0x30 && $0 <= 0x39 }) else { continue }
        let match: PatternMatch?
        do { match = try pattern.firstMatch(in: line.text) } catch {
          throw CouldNotLook("a line could not be searched", at: TreePlace(document.file.path, line: line.number))
        }
        guard let groups = match?.groups, groups.count == 5, let whole = groups[0],
          let number = groups[2].flatMap({ Int($0) }), number >= 5, let noun = groups[4]?.lowercased()
        else { continue }
        let lower = line.text.lowercased()
        // An open box claims nothing yet, and a heading's first number is its own.
        if line.ticked == false || Self.isNumbered(line.text) { continue }
        let rest = lower.utf8.count - whole.utf8.count
        let isWhole = line.ticked == true || rest <= 14 || lower.contains("all \(number)") || lower.contains("total")
        guard isWhole, !lower.contains("new "), !lower.contains("added"), !lower.contains("first "),
          !lower.contains("last "), !lower.contains(" of \(number)")
        else { continue }
        let kind = noun.hasPrefix("migration") ? "migrations" : noun.hasPrefix("workflow") ? "workflows" : "alert rules"
        let there = counts[kind] ?? Self.count(kind, context)
        counts[kind] = there
        // Of what the tree has none, another repository may have it.
        guard there > 0 else { continue }
        let atLeast = groups[1] != nil || groups[3] == "+"
        if atLeast ? there >= number : there == number { continue }
        let column =
          (lower.utf8.indices.first { lower.utf8[$0...].starts(with: whole.lowercased().utf8) }).map {
            lower.utf8.distance(from: lower.utf8.startIndex, to: $0) + 1
          } ?? 1
        findings.add(
          "the document counts \(atLeast ? "at least " : "")\(number) \(kind), and there are \(there)",
          at: TreePlace(document.file.path, line: line.number, column: column), subject: kind,
          severity: line.ticked == true ? .medium : .low, because: "the line is ticked")
      }
    }
  }

  private static func isNumbered(_ text: String) -> Bool {
    let body = text.drop { $0 == "#" }
    return body.count < text.count && body.first { $0 != " " && $0 != "*" }?.isNumber ?? false
  }

  private static func count(_ kind: String, _ context: AuditContext) -> Int {
    switch kind {
    case "workflows": return context.facts(Workflows.self).all.filter { $0.system == .github }.count
    case "alert rules": return context.facts(Monitoring.self).rules.reduce(0) { $0 + $1.rules.filter(\.isAlert).count }
    default:
      return context.tree.files.filter { file in
        let folders = file.directory.lowercased().split(separator: "/")
        guard
          folders.contains("migrations") || folders.contains("migrate")
            || folders.contains("versions") && folders.contains("alembic")
        else { return false }
        let name = file.name.lowercased()
        // One that only takes back is half of another.
        if name.hasSuffix(".down.sql") || name == "__init__.py" { return false }
        return ["sql", "py", "rb", "ts", "js", "go", "php"].contains(file.fileExtension)
          && name.first.map { $0.isNumber || $0 == "v" } ?? false
          || folders.contains("versions") && file.fileExtension == "py" || file.name == "migration.sql"
      }.count
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "GO-LIVE.md:1:31", "GO-LIVE.md:2:3",
      in: [
        "GO-LIVE.md": "- [x] Everything is migrated (30 migrations)\n- **7** alert rules\n",
        "db/migrations/001_a.sql": "", "db/migrations/002_b.sql": "",
        "alerts.yml": "groups:\n  - name: a\n    rules:\n      - { alert: A, expr: up == 0 }\n",
      ], "a ticked line and a bare count"),
    .silent(
      "right counts, at least, parts, none here",
      [
        "GO-LIVE.md": """
        - [x] 6 migrations applied
        - [x] 5+ migrations
        - [ ] 9 migrations
        - [x] added 5 migrations
        - [x] 12 workflows
        #### 5.7 Migrations
        ## 9 Migrations
        - [x] **TN-14** Migration system
        - [x] 100+ alerts/sec
        We had 40 migrations at the time, which took a while to apply.
        """,
        "db/migrations/001_a.sql": "", "db/migrations/002_b.sql": "", "db/migrations/003_b.sql": "",
        "db/migrations/004_b.sql": "",
        "db/migrations/005_b.sql": "", "db/migrations/006_b.sql": "", "db/migrations/006_b.down.sql": "",
      ]),
  ]
}
