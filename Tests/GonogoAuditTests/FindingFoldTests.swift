import GonogoCore
import Testing

@testable import GonogoAudit

/// One cause is told once.
@Suite struct FindingFoldTests {
  func audit(_ rules: [any AuditRule.Type], _ files: [String: String]) async -> Audit.Outcome {
    var options = Audit.Options()
    options.rules = rules
    return await Audit(options: options, version: "test").look(
      in: AuditContext(tree: SourceTree(texts: files), now: AuditTests.now))
  }

  static let compose = """
    services:
      api: { image: "acme/api:1", restart: always }
      web: { image: "acme/web:1", restart: always, mem_limit: 1g }
      job: { image: "acme/job:1", restart: always, cpus: 1 }
    """

  @Test func aServiceWithoutAnyLimitIsToldOnce() async {
    let both = await audit([NoMemoryLimit.self, NoCPULimit.self], ["compose.prod.yml": Self.compose])
    #expect(
      both.findings.map { "\($0.rule) \($0.place.line) \($0.message)" }.sorted() == [
        "container-no-cpu-limit 3 the service 'web' has no processor limit",
        "container-no-memory-limit 2 the service 'api' has no memory limit, and no processor limit; and 1 more of this file",
      ])
    let memory = both.findings.first { $0.rule == "container-no-memory-limit" }
    #expect(
      memory?.related.map { "\($0.place.line) \($0.message)" } == ["4 the service 'job' has no memory limit"])
    // Claims are judged by what each rule has found.
    #expect(both.all.filter { $0.rule == "container-no-cpu-limit" }.count == 2)
    let alone = await audit([NoCPULimit.self], ["compose.prod.yml": Self.compose])
    #expect(alone.findings.map { [$0.place.line] + $0.related.map(\.place.line) } == [[2, 3]])
  }

  @Test func whereOneIsExcusedTheOtherIsStillTold() async {
    let block = AuditTests().block("container-no-memory-limit", "compose.prod.yml", until: "2026-06-20")
    let outcome = await audit(
      [NoMemoryLimit.self, NoCPULimit.self], ["compose.prod.yml": Self.compose, "GO.md": block])
    #expect(
      outcome.findings.map { "\($0.rule) \($0.place.line)" } == ["container-no-cpu-limit 2"])
    #expect(outcome.findings.flatMap(\.related).map(\.place.line) == [3])
    #expect(outcome.suppressed.count == 2)
  }

  /// As zizmor's findings come in: an audit, a file, its places.
  private func zizmor(_ ident: String, _ path: String, _ lines: Int...) -> Finding {
    var findings = Findings(Zizmor.manual)
    findings.add(
      "zizmor: x (\(ident))", at: TreePlace(path, line: lines[0], column: 9), subject: ident, severity: .high,
      related: lines.dropFirst().map { .init(TreePlace(path, line: $0, column: 9), "the same") })
    return findings.found[0]
  }

  @Test func whatZizmorSeesOnTheSameLinesIsNotToldTwice() async {
    let files = [
      ".github/workflows/a.yml": """
      on: push
      jobs:
        a:
          steps:
            - uses: actions/checkout@v4
            - uses: acme/ship@v1
            - run: npm publish
      """
    ]
    let own = await audit([UnpinnedAction.self, TokenPermissions.self], files).findings
    #expect(own.count == 3)
    let path = ".github/workflows/a.yml"
    let same = FindingFolds.apply(
      to: own + [zizmor("unpinned-uses", path, 5, 6), zizmor("excessive-permissions", path, 1)])
    #expect(same.map(\.rule) == own.map(\.rule))
    #expect(same.filter { $0.message.contains("(zizmor agrees: ") }.count == 2)
    // More places, another file, another audit: told.
    for more in [
      zizmor("unpinned-uses", path, 5, 9), zizmor("unpinned-uses", ".github/workflows/b.yml", 5),
      zizmor("artipacked", path, 5),
    ] {
      #expect(FindingFolds.apply(to: own + [more]) == own + [more])
    }
  }
}
