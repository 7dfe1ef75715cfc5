import GonogoCore
import GonogoTestSupport
import Testing

@testable import GonogoAudit

/// Suppressions, and what cannot be looked at.
@Suite struct AuditTests {
  static let compose = """
    services:
      api:
        build: .
      db:
        image: postgres:16
        ports:
          - "5432:5432"
      web:
        image: caddy:2
        restart: always
        ports:
          - "443:443"
    """
  /// 2026-06-15.
  static let now: Int64 = 1_781_481_600_000

  func audit(_ files: [String: String]) async -> Audit.Outcome {
    var options = Audit.Options()
    options.rules = [PublishedDatabasePort.self]
    return await Audit(options: options, version: "test").look(
      in: AuditContext(tree: SourceTree(texts: files), now: Self.now))
  }

  func block(_ rule: String, _ path: String, until: String, reason: String = "a closed network") -> String {
    """
    # Go-live

    ```yaml gonogo audit
    suppress:
      - rule: \(rule)
        path: "\(path)"
        reason: \(reason)
        until: \(until)
    ```
    """
  }

  @Test func aSuppressionHoldsUntilItsDay() async {
    let held = await audit([
      "compose.yml": Self.compose, "GO.md": block("container-open-datastore", "**/compose.yml", until: "2026-06-15"),
    ])
    #expect(held.findings.isEmpty)
    #expect(held.suppressed.map(\.by.reason) == ["a closed network"])
    #expect(held.suppressed.map(\.by.place.description) == ["GO.md:5:5"])

    let over = await audit([
      "compose.yml": Self.compose, "GO.md": block("container-open-datastore", "compose.yml", until: "2026-06-14"),
    ])
    #expect(over.suppressed.isEmpty)
    #expect(over.findings.map(\.rule) == ["container-open-datastore", "suppression"])
    #expect(over.findings.last?.message.contains("ended on 2026-06-14") == true)
  }

  @Test func anIdleOrIncompleteSuppressionIsTold() async {
    let idle = await audit([
      "compose.yml": Self.compose, "GO.md": block("container-open-datastore", "other.yml", until: "2027-01-01"),
    ])
    #expect(idle.findings.map(\.rule) == ["container-open-datastore", "suppression"])
    #expect(idle.findings.last?.message.contains("matches no finding") == true)

    let incomplete = await audit([
      "compose.yml": Self.compose,
      "GO.md": "---\ngonogo: 1\naudit:\n  suppress:\n    - { rule: container-open-datastore, path: '**' }\n---\n",
    ])
    #expect(incomplete.findings.map(\.place.description) == ["compose.yml:7:9", "GO.md:5:7"])
    #expect(incomplete.findings.last?.message.contains("without reason and until") == true)
    #expect(incomplete.suppressed.isEmpty)

    let unknown = await audit(["compose.yml": Self.compose, "GO.md": block("no-such", "**", until: "2027-01-01")])
    #expect(unknown.findings.contains { $0.message.contains("'no-such', which there is not") })
  }

  /// A block in a changelog or in a comment, a reason of one sign and the year 2999 once excused everything.
  @Test func aSuppressionOutsideOfAChecklistOrWithoutAReasonExcusesNothing() async {
    let rule = "container-open-datastore"
    func refused(_ files: [String: String], _ message: String) async {
      let outcome = await audit(files.merging(["compose.yml": Self.compose]) { first, _ in first })
      #expect(outcome.suppressed.isEmpty)
      #expect(outcome.findings.map(\.rule) == [rule, "suppression"])
      #expect(outcome.findings.last?.message.contains(message) == true, "\(outcome.findings.last?.message ?? "")")
    }
    await refused(["deep/x/changelog.md": block(rule, "**", until: "2026-12-01")], "which is no checklist")
    await refused(
      ["docs/notes.md": block(rule, "**", until: "2026-12-01").replacing("# Go-live", with: "# Notes")],
      "which is no checklist")
    await refused(["GO.md": block(rule, "**", until: "2026-12-01", reason: "\".\"")], "with the reason '.'")
    await refused(["GO.md": block(rule, "**", until: "2026-12-01", reason: "firewalled")], "with the reason")
    await refused(["GO.md": block(rule, "**", until: "2027-06-17")], "more than 366 days ahead")
    let held = await audit(["compose.yml": Self.compose, "GO.md": block(rule, "**", until: "2027-06-16")])
    #expect(held.findings.isEmpty)
    // The rule's own text lets a checklist be known by its name.
    let named = await audit([
      "compose.yml": Self.compose,
      "docs/GO-LIVE.md": block(rule, "**", until: "2026-12-01").replacing("# Go-live", with: "# x"),
    ])
    #expect(named.findings.isEmpty && named.suppressed.count == 1, "\(named.findings)")

    for hidden in [
      ["GO.md": "<!--\n\(block(rule, "**", until: "2026-12-01"))\n-->\n"],
      ["node_modules/x/GO-LIVE.md": block(rule, "**", until: "2026-12-01")],
    ] {
      let outcome = await audit(hidden.merging(["compose.yml": Self.compose]) { first, _ in first })
      #expect(outcome.findings.map(\.rule) == [rule])
      #expect(outcome.suppressed.isEmpty)
    }
  }

  /// A secret of Kubernetes was to be mended with `secrets:` of Compose, and a hint of PostgreSQL ended in ".;".
  @Test func aMendIsOneOfItsOwnSystem() async {
    var options = Audit.Options()
    options.rules = [SecretInEnvironment.self]
    let outcome = await Audit(options: options, version: "test").look(
      in: AuditContext(
        tree: SourceTree(texts: [
          "compose.prod.yml":
            "services:\n  api:\n    image: acme/api:1.0\n    environment:\n      JWT_SECRET: sample-only\n",
          "k8s/x.yaml":
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: acme/x:1.0\n      env:\n        - { name: ADMIN_TOKEN, value: sample }\n",
          "Dockerfile": "FROM node:22\nENV SESSION_SECRET=sample\nCMD [\"node\"]\n",
        ]), now: Self.now))
    let mends = Dictionary(outcome.findings.map { ($0.place.path, $0.mend) }) { first, _ in first }
    #expect(mends["compose.prod.yml"]?.contains("${NAME:?}") == true)
    #expect(mends["k8s/x.yaml"]?.contains("secretKeyRef") == true && mends["k8s/x.yaml"]?.contains("NAME") == false)
    #expect(mends["Dockerfile"]?.contains("started") == true)
    #expect(MigrationReplayFails.mend(hint: "Add explicit type casts.").hasPrefix("Add explicit type casts; mend the"))
    #expect(MigrationReplayFails.mend(hint: "Drop it").hasPrefix("Drop it; mend"))
  }

  @Test func brokenYAMLIsToldAndStopsNothing() async {
    let outcome = await audit(["compose.yml": "services: [\n", "deploy/compose.yml": Self.compose])
    #expect(outcome.findings.map(\.place.path) == ["deploy/compose.yml"])
    #expect(outcome.unlooked.count == 1)
    #expect(outcome.unlooked.first?.place?.path == "compose.yml")
  }

  /// Texts of which one cannot be read, as where its mode forbids it; root may read everything, so that no file of the disk shows it.
  struct LockedTree: TreeSource {
    let texts: TextTree
    let locked: String
    var directory: String? { nil }
    var commit: String? { nil }
    func list() -> TreeListing { texts.list() }
    func read(_ file: TreeFile, limit: Int) -> [UInt8]? {
      file.path == locked ? nil : texts.read(file, limit: limit)
    }
  }

  /// It was counted in the inventory, and the audit ended with 0: no rule had asked for it.
  @Test func aFileThatCannotBeReadIsNoPass() async throws {
    let texts = TextTree(files: ["a.ts": "export const a = 1\n", "b.ts": "export const b = 2\n"])
    for (locked, expected) in [("b.ts", ["b.ts"]), ("none", [])] {
      let tree = try SourceTree(source: LockedTree(texts: texts, locked: locked))
      var options = Audit.Options()
      options.rules = [PublishedDatabasePort.self]
      let outcome = await Audit(options: options, version: "test").look(in: AuditContext(tree: tree, now: Self.now))
      #expect(outcome.unlooked.compactMap { $0.place?.path } == expected)
    }
  }

  /// `--severity critical` left a high finding out, and with it the exit status of 1.
  @Test func whatTurnsTheAuditRedIsToldWhateverIsAskedFor() async throws {
    let directory = try TemporaryDirectory()
    try directory.write(Self.compose, to: "compose.yml")
    try directory.write(
      "CREATE TABLE a (id int);\nCREATE POLICY p ON b USING (true);\n", to: "supabase/migrations/001_a.sql")
    for (rule, failOn, status, isTold) in [
      (MissingTable.self, .high, 1, true), (MissingTable.self, .critical, 0, false),
      // What has to be reviewed leaves it undecided, and is told likewise.
      (PublishedDatabasePort.self, .high, 3, true), (PublishedDatabasePort.self, .critical, 0, false),
    ] as [(any AuditRule.Type, FindingSeverity, Int32, Bool)] {
      var options = Audit.Options()
      options.rules = [rule]
      options.claims = false
      options.severity = .critical
      options.failOn = failOn
      let result = try await Audit(options: options, version: "test").run(directory: directory.path)
      #expect(result.exitStatus == status, "\(rule)")
      #expect((result.findings + result.reviews).isEmpty == !isTold, "\(rule)")
    }
  }

  @Test func theExitStatusKeepsBadAndUnknownApart() {
    func status(_ severities: [FindingSeverity], _ precision: FindingPrecision = .high, errored: Bool) -> Int32 {
      AuditResult(
        root: ".", commit: nil, inventory: [],
        findings: severities.map {
          Finding(
            rule: "r", severity: $0, precision: precision, place: TreePlace("f"), message: "m", why: "w", mend: "m",
            falsifies: "f",
            subject: "s")
        }, suppressed: [], claims: [], unlooked: errored ? [CouldNotLook("x")] : [], rules: [], failOn: .high,
        started: 0, milliseconds: 0, version: "test"
      ).exitStatus
    }
    #expect(status([], errored: false) == 0)
    #expect(status([.medium, .low], errored: false) == 0)
    #expect(status([.high], errored: false) == 1)
    #expect(status([.critical], errored: true) == 1)
    #expect(status([.medium], errored: true) == 3)
    #expect(status([.critical], .medium, errored: false) == 3)
    #expect(status([.medium, .low], .medium, errored: false) == 0)
  }
}
