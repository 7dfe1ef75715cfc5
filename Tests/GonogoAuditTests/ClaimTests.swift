import GonogoCore
import GonogoReport
import GonogoTestSupport
import Testing

@testable import GonogoAudit

/// Every judge of claims on its own samples.
@Suite struct ClaimSampleTests {
  @Test(arguments: BuiltinClaimJudges.all.map { $0.manual.id })
  func judgesExactlyWhatItsSamplesSay(id: String) async throws {
    let judge = try #require(BuiltinClaimJudges.named(id))
    #expect(judge.samples.contains { $0.judgements.values.contains(.unproven) }, "\(id) has no look-alike")
    for sample in judge.samples {
      let context = AuditContext(tree: SourceTree(texts: sample.files), now: 0)
      let findings = sample.found.map { rule, path in
        Finding(
          rule: rule, severity: .high, precision: .high, place: TreePlace(path), message: "x", why: "w", mend: "m",
          falsifies: "f",
          subject: "s")
      }
      let looked = Set(BuiltinRules.all.map { $0.manual.id })
      let scene = ClaimScene(context: context, findings: findings, looked: looked, replay: nil)
      let claims = ClaimBench.claims(in: scene)
      #expect(
        Dictionary(claims.map { ($0.place.line, $0.judgement) }) { first, _ in first } == sample.judgements,
        "\(id): \(sample.name): \(claims.map(\.evidence))")
      for claim in claims where claim.judgement != .unproven {
        #expect(claim.judges.contains(id), "\(id): \(sample.name)")
        #expect(claim.evidence.contains { $0.place != nil }, "\(id): \(sample.name) has no place")
      }
    }
  }

  @Test func idsAreDistinctAndTextsAreMessages() {
    let ids = BuiltinClaimJudges.all.map { $0.manual.id }
    #expect(Set(ids).count == ids.count)
    for judge in BuiltinClaimJudges.all { #expect(!judge.manual.title.hasSuffix(".") && !judge.manual.what.isEmpty) }
  }
}

/// What is a claim, and what only looks like one.
@Suite struct ClaimDocumentTests {
  func lines(_ text: String, name: String = "docs/PRODUCTION_CHECKLIST.md", _ more: [String: String] = [:])
    -> [ClaimLine]
  {
    var files = more
    files[name] = text
    let context = AuditContext(tree: SourceTree(texts: files), now: 0)
    return context.facts(ClaimDocuments.self).flatMap(\.lines)
  }

  @Test func boxesMarksTablesHeadingsAndFences() {
    let found = lines(
      """
      # Launch
      - [x] **Backups** run
      * [ ] Alerts
      1. [X] Keys
      - ✅ Ports ~~open~~ closed
      - ❌ Limits
      | what | state |
      |------|-------|
      | Logs | ✅ kept |
      ### ✅ 2. Timeouts
      ```bash
      # Security ✅ (8/8)
      [x] Secrets
      [ ] Kubernetes
      ```
      """)
    #expect(found.map(\.line) == [2, 3, 4, 5, 6, 9, 10, 13, 14])
    #expect(found.map(\.ticked) == [true, false, true, true, false, true, true, true, false])
    #expect(
      found.map(\.text) == [
        "Backups run", "Alerts", "Keys", "Ports closed", "Limits", "Logs: kept", "2. Timeouts", "Secrets", "Kubernetes",
      ])
  }

  @Test func whatOnlyLooksLikeAClaim() {
    #expect(
      lines("## Best practices\n- ✅ use TLS\n## Legend\n- ✅ done\n```swift\n[x] y\n```\nA [x] in a sentence ✅ here\n")
        .isEmpty)
    #expect(lines("- [x] a\n", name: "docs/NOTES.md").isEmpty)
    #expect(lines("# A\n- [x] a\n## Deployment\n- [x] b\n", name: "README.md").map(\.text) == ["b"])
    #expect(lines("---\ngonogo: 1\n---\n- [x] a\n").isEmpty)
  }

  @Test func marksInABrokenEncodingAreReadAndTold() {
    let context = AuditContext(
      tree: SourceTree(texts: ["CHECKLIST.md": "- âœ… Backups\n- вњ… Порты\n- вќЊ Limits\n"]), now: 0)
    let document = context.facts(ClaimDocuments.self).first
    #expect(document?.lines.map(\.ticked) == [true, true, false])
    #expect(document?.broken == 1)
  }

  @Test func theFilesConcernedAreFoundUnderTheLine() {
    let found = lines(
      "### ✅ Ports\n**Files**:\n- `/compose.dev.yml`\n- `gone.yml`\n\nMore `README.md`\n",
      ["compose.dev.yml": "services: {}\n", "README.md": "x\n"])
    #expect(found.first?.files == ["compose.dev.yml"])
  }

  @Test func nothingUnderAnItemIsCutOff() {
    let notes = (1...250).map { "  note \($0)\n" }.joined()
    let found = lines("# Go-live\n\n- [x] Headers are set\n\(notes)  the last\n")
    #expect(found.first?.body.count == 251)
    #expect(found.first?.body.last?.hasSuffix("the last") == true)
  }

  @Test func aLineOfSeveralThingsIsTrueOnlyIfAllOfThemAre() {
    let context = AuditContext(
      tree: SourceTree(texts: [
        "CHECKLIST.md": "- [x] Infrastructure (graceful shutdown, backups)\n- [x] Graceful shutdown\n",
        "src/a.ts": "process.on('SIGTERM', f)\n",
      ]), now: 0)
    let claims = ClaimBench.claims(in: ClaimScene(context: context, findings: [], looked: [], replay: nil))
    #expect(claims.map(\.judgement) == [.unproven, .true])
  }

  /// One place was told twice where two judges saw it, the second time under "is not known to be of that".
  @Test func whatTwoJudgesSeeOfOnePlaceIsToldOnce() throws {
    let context = AuditContext(
      tree: SourceTree(texts: [
        "CHECKLIST.md": "- [x] Rate limits and permission checks are in force\n", "src/a.ts": "serve()\n",
      ]), now: 0)
    let rule = "code-guard-never-called"
    _ = try #require(BuiltinRules.named(rule))
    let finding = Finding(
      rule: rule, severity: .high, precision: .high, place: TreePlace("src/a.ts"),
      message: "'limiter' is defined and called nowhere",
      why: "w", mend: "m", falsifies: "f", subject: "s")
    let scene = ClaimScene(
      context: context, findings: [finding], looked: Set(BuiltinRules.all.map { $0.manual.id }), replay: nil)
    let claim = try #require(ClaimBench.claims(in: scene).first)
    #expect(claim.judgement == .false)
    #expect(claim.judges.count > 1 && claim.evidence.filter { $0.place == finding.place }.count == 1, "\(claim)")
  }
}

/// At which commit a tick is judged, and by what.
@Suite struct ClaimCommitTests {
  static let tick = "# Go\n- [x] Graceful shutdown (`src/a.ts`)\n"

  /// A repository whose checklist was right when it was written, and whose code is another now.
  func repository() throws -> SourceTreeTests.Folder {
    let folder = try SourceTreeTests.Folder()
    try folder.git("init", "-q")
    try folder.write("src/a.ts", "process.on('SIGTERM', stop)\n")
    try folder.write("CHECKLIST.md", Self.tick)
    try folder.git("add", ".")
    try folder.git("commit", "-q", "-m", "one")
    try folder.write("src/a.ts", "serve()\n")
    try folder.git("add", ".")
    try folder.git("commit", "-q", "-m", "two")
    return folder
  }

  @Test func aTickIsJudgedAtTheCommitOfItsDocument() async throws {
    let folder = try repository()
    let audit = Audit(version: "test")
    let own = try await audit.run(directory: folder.path)
    #expect(own.claims.map(\.judgement) == [.true])
    #expect(own.claims.first?.judgedAt?.count == 40)
    // The summary said "1 true" while the files of today say that it is not.
    #expect(own.claims.first?.today?.judgement == .false)
    #expect(own.claims.first?.isFalseToday == true)

    let asked = try await audit.run(directory: folder.path, commit: "HEAD")
    #expect(asked.claims.map(\.judgement) == [.false])
    #expect(asked.claims.first?.judgedAt == asked.commit)

    try folder.write("CHECKLIST.md", Self.tick + "\nmore\n")
    let changed = try await audit.run(directory: folder.path)
    #expect(changed.claims.map(\.judgement) == [.false])
    #expect(changed.claims.first?.judgedAt == nil)
  }

  @Test func aTickThatNoLongerHoldsIsToldAndTurnsTheAuditRed() async throws {
    let folder = try repository()
    var options = Audit.Options()
    options.rules = []
    let result = try await Audit(options: options, version: "test").run(directory: folder.path)
    #expect(result.exitStatus == 1)
    options.failOn = .critical
    #expect(try await Audit(options: options, version: "test").run(directory: folder.path).exitStatus == 0)
    func text(_ format: any AuditFormat.Type) -> String {
      String(decoding: format.init(options: ReportOptions()).render(result), as: UTF8.self)
    }
    let commit = String(try #require(result.claims.first?.judgedAt).prefix(12))
    #expect(
      text(AuditTextReport.self).hasPrefix(
        """
        ticked, and false today (1)
        CHECKLIST.md:2: false today: Graceful shutdown (`src/a.ts`) (true at \(commit))
           = seen:   src/a.ts:1:1: the file named for it handles no SIGTERM
        """), "\(text(AuditTextReport.self))")
    #expect(text(AuditTextReport.self).contains("of 1 ticked line: 0 false, 1 not when ticked and false today, 0 true"))
    #expect(text(AuditMarkdownReport.self).contains("## Ticked, and false today (1)"))
    #expect(text(AuditHTMLReport.self).contains("<h2>Ticked, and false today (1)</h2>"))
    #expect(text(AuditJUnitReport.self).contains("<failure type=\"finding\" message=\"1 ticked line is false\">"))
    #expect(text(AuditTAPReport.self).contains("not ok 1 - ticks"))
    #expect(text(AuditGitHubReport.self).contains("::error file=CHECKLIST.md,line=2,title=ticked and false::"))
    let claim = try #require(try JSON.parse(Array(text(AuditJSONReport.self).utf8))["claims"]?.arrayValue?.first)
    #expect(claim["judgement"]?.stringValue == "true")
    #expect(claim["today"]?["judgement"]?.stringValue == "false")
  }

  /// What was false when it was ticked and has been mended since is told, and is no reason to stop.
  @Test func aTickThatHasComeTrueDoesNotTurnTheAuditRed() async throws {
    let folder = try SourceTreeTests.Folder()
    try folder.git("init", "-q")
    try folder.write("src/a.ts", "serve()\n")
    try folder.write("CHECKLIST.md", Self.tick)
    try folder.git("add", ".")
    try folder.git("commit", "-q", "-m", "one")
    try folder.write("src/a.ts", "process.on('SIGTERM', stop)\n")
    try folder.git("add", ".")
    try folder.git("commit", "-q", "-m", "two")
    var options = Audit.Options()
    options.rules = []
    let result = try await Audit(options: options, version: "test").run(directory: folder.path)
    #expect(result.claims.map(\.judgement) == [.false])
    #expect(result.claims.first?.today?.judgement == .true)
    #expect(result.exitStatus == 0)
    let text = String(decoding: AuditTextReport(options: ReportOptions()).render(result), as: UTF8.self)
    #expect(text.contains("; true today)"), "\(text)")
  }

  @Test func aReportOpensWithWhatIsTickedAndFalse() async throws {
    let folder = try repository()
    let result = try await Audit(version: "test").run(directory: folder.path, commit: "HEAD")
    let text = String(decoding: AuditTextReport(options: ReportOptions()).render(result), as: UTF8.self)
    #expect(text.hasPrefix("ticked and false (1)\nCHECKLIST.md:2: false: Graceful shutdown (`src/a.ts`)\n"), "\(text)")
    #expect(text.contains("of 1 ticked line: 1 false, 0 true, 0 not proven"))
    let markdown = String(decoding: AuditMarkdownReport(options: ReportOptions()).render(result), as: UTF8.self)
    #expect(markdown.contains("## Ticked and false (1)"))
    let page = String(decoding: AuditHTMLReport(options: ReportOptions()).render(result), as: UTF8.self)
    #expect(page.contains("<h2>Ticked and false (1)</h2>"))
  }

  /// Without the replay nothing is said of migrations; with it PostgreSQL's own words.
  @Test func migrationsAreJudgedByTheirReplay() async throws {
    let folder = try SourceTreeTests.Folder()
    try folder.git("init", "-q")
    try folder.write(
      "CHECKLIST.md",
      """
      - [x] All migrations apply
      - [x] RLS on `api_keys`
      - [x] RLS on all tables
      - [x] RLS policies fixed
      - [x] All migrations are applied in production

      """)
    try folder.write(
      "supabase/migrations/1_tables.sql",
      """
      CREATE TABLE api_keys (id int);
      CREATE TABLE notes (id int);
      ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY;
      """)
    var options = Audit.Options()
    options.rules = []
    let unrun = try await Audit(options: options, version: "test").run(directory: folder.path)
    #expect(unrun.claims.map(\.judgement) == [.unproven, .unproven, .unproven, .unproven, .unproven])

    options.replay = true
    let good = try await Audit(options: options, version: "test").run(directory: folder.path)
    #expect(
      good.claims.map(\.judgement) == [.true, .true, .false, .unproven, .unproven], "\(good.claims) \(good.unlooked)")
    #expect(good.claims[2].evidence.first?.place?.description == "supabase/migrations/1_tables.sql:2:1")

    try folder.write(
      "supabase/migrations/2_fix_rls.sql",
      "SELECT 1;\nCREATE POLICY p ON notes USING (id IN (SELECT id FROM members));\n")
    let bad = try await Audit(options: options, version: "test").run(directory: folder.path)
    #expect(bad.claims.map(\.judgement) == [.false, .true, .false, .false, .false], "\(bad.claims)")
    #expect(bad.claims[3].evidence.first?.place?.description == "supabase/migrations/2_fix_rls.sql:2:1")
  }

  /// Without a ticked line about them the migrations were not run, and nothing said so.
  @Test func theReplayRunsWithoutALineAboutMigrations() async throws {
    let folder = try SourceTreeTests.Folder()
    try folder.git("init", "-q")
    try folder.write("db/migrations/001_a.sql", "CREATE TABLE orders (id int);\n")
    try folder.write("db/migrations/002_b.sql", "SELECT 1;\nALTER TABLE orders DROP COLUMN total;\n")
    var options = Audit.Options()
    options.rules = [MigrationReplayFails.self]
    options.replay = true
    let result = try await Audit(options: options, version: "test").run(directory: folder.path)
    #expect(result.exitStatus == 1)
    let finding = try #require(result.findings.first)
    #expect(finding.place.description == "db/migrations/002_b.sql:2:1")
    #expect(finding.message.contains("(SQLSTATE 42703): `ALTER TABLE orders DROP COLUMN total"), "\(finding.message)")
    #expect(result.inventory.first { $0.name == "replay" }?.summary == "1 of db/migrations apply, 1 do not")

    let bare = try SourceTreeTests.Folder()
    try bare.git("init", "-q")
    try bare.write("src/a.ts", "serve()\n")
    let none = try await Audit(options: options, version: "test").run(directory: bare.path)
    #expect(none.inventory.first { $0.name == "replay" }?.summary == "there are no migrations in SQL to run")
    #expect(none.exitStatus == 0)
  }
}
