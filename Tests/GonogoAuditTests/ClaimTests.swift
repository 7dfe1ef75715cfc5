import GonogoCore
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
          rule: rule, severity: .high, place: TreePlace(path), message: "x", why: "w", mend: "m", falsifies: "f",
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

  @Test func aLineOfSeveralThingsIsTrueOnlyIfAllOfThemAre() {
    let context = AuditContext(
      tree: SourceTree(texts: [
        "CHECKLIST.md": "- [x] Infrastructure (graceful shutdown, backups)\n- [x] Graceful shutdown\n",
        "src/a.ts": "process.on('SIGTERM', f)\n",
      ]), now: 0)
    let claims = ClaimBench.claims(in: ClaimScene(context: context, findings: [], looked: [], replay: nil))
    #expect(claims.map(\.judgement) == [.unproven, .true])
  }
}
