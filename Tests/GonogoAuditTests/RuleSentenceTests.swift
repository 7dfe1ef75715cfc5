import GonogoCore
import Testing

@testable import GonogoAudit

/// A ticked line that says what a rule says is judged by that rule: with every rule's own sentences.
@Suite struct RuleSentenceTests {
  /// That a tool is missing is counted by `RuleSampleTests.everyToolHasTriedItsSamples`.
  @Test(arguments: RuleSampleTests.here)
  func aTickedSentenceIsFalseBesideWhatItsRuleFinds(id: String) async throws { try await examine(id) }

  @Test(
    .enabled(if: CodeMatches.program != nil, "ast-grep is not installed: scripts/install.sh tools"),
    arguments: BuiltinRules.all.filter { $0 is any CodeRule.Type }.map { $0.manual.id })
  func aTickedSentenceIsFalseBesideWhatItsRuleFindsInCode(id: String) async throws { try await examine(id) }

  private func examine(_ id: String) async throws {
    let rule = try #require(BuiltinRules.named(id))
    let sentences = [rule.manual.falsifies] + rule.manual.wordings
    var contradicted: Set<String> = []
    for sample in rule.samples {
      for claim in await claims(sentences, rule, sample) {
        #expect(claim.judges.contains("rule-findings"), "\(id): no judge knows '\(claim.text)'")
        if claim.judgement == .false { contradicted.insert(claim.text) }
        if sample.places.isEmpty {
          #expect(claim.judgement != .false, "\(id): \(sample.name): '\(claim.text)': \(claim.evidence)")
        }
      }
    }
    #expect(contradicted == Set(sentences), "\(id)")
  }

  private func claims(_ sentences: [String], _ rule: any AuditRule.Type, _ sample: RuleSample) async -> [Claim] {
    var files = sample.files
    files["docs/GO-LIVE.md"] = "# Release\n\n" + sentences.map { "- [x] \($0)\n" }.joined()
    let context = AuditContext(tree: SourceTree(texts: files), now: 0)
    if rule == MigrationReplayFails.self { await context.runMigrations() }
    let scene = ClaimScene(context: context, findings: SceneFindings(rules: [rule]), replay: context.replay)
    return ClaimBench.claims(in: scene).filter { $0.place.path == "docs/GO-LIVE.md" }
  }

  /// One word in common is no match, and a narrower line is another.
  @Test func aLineThatSaysSomethingElseIsNotJudgedBySilenceOrByANeighbour() {
    let files = [
      "compose.prod.yml": """
      services:
        api: { image: "acme/api:1", mem_limit: 1g, cpus: 1, healthcheck: { test: "x" } }
        cache: { image: "redis:7" }
      """,
      "GO-LIVE.md": """
      # Release
      - [x] Every service has resource limits
      - [x] All 2 services have health checks
      - [x] All 7 services have health checks
      - [x] The api service has a health check
      - [x] Every service has a health check dashboard in Grafana
      - [x] Every service of the mobile app has resource limits
      - [x] Health checks were discussed for every service
      """,
    ]
    let context = AuditContext(tree: SourceTree(texts: files), now: 0)
    let scene = ClaimScene(context: context, findings: SceneFindings(rules: BuiltinRules.all), replay: nil)
    let claims = ClaimBench.claims(in: scene)
    #expect(
      claims.map(\.judgement) == [.false, .false, .unproven, .true, .unproven, .unproven, .unproven],
      "\(claims.map { ($0.text, $0.evidence) })")
  }

  @Test func whereARuleSeesAllOfAKindItsSilenceIsCounted() throws {
    let files = [
      "compose.prod.yml": """
      services:
        api: { image: "acme/api:1", mem_limit: 1g, cpus: 1 }
        cache: { image: "redis:7", mem_limit: 1g, cpus: 1 }
      """,
      "GO-LIVE.md": "# Release\n- [x] Every service has resource limits\n- [x] All 2 services have a memory limit\n",
    ]
    let context = AuditContext(tree: SourceTree(texts: files), now: 0)
    let scene = ClaimScene(context: context, findings: SceneFindings(rules: BuiltinRules.all), replay: nil)
    let claims = ClaimBench.claims(in: scene)
    #expect(claims.map(\.judgement) == [.true, .true], "\(claims.map(\.evidence))")
    #expect(claims.first?.evidence.contains { $0.text == "2 services, 0 without a memory limit" } == true)
  }
}
