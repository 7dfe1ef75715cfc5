import GonogoCore
import Testing

@testable import GonogoAudit

/// Every rule on its own samples: what it finds, and that it finds nothing where things only look alike.
@Suite struct RuleSampleTests {
  @Test(arguments: BuiltinRules.all.filter { !($0 is any CodeRule.Type) }.map { $0.manual.id })
  func findsExactlyWhatItsSamplesSay(id: String) async throws { try await examine(id) }

  @Test(
    .enabled(if: CodeMatches.program != nil, "ast-grep is not installed: scripts/install.sh tools"),
    arguments: BuiltinRules.all.filter { $0 is any CodeRule.Type }.map { $0.manual.id })
  func findsExactlyWhatItsSamplesSayOfCode(id: String) async throws { try await examine(id) }

  private func examine(_ id: String) async throws {
    let rule = try #require(BuiltinRules.named(id))
    #expect(rule.samples.contains { !$0.places.isEmpty }, "\(id) has no sample with the fault")
    #expect(rule.samples.contains { $0.places.isEmpty }, "\(id) has no look-alike")
    if let tool = rule.tool, !tool.isInstalled {
      // What another tool finds cannot be seen without it; that it is missed is tested in OutsideToolTests.
      print("skipped: \(id): \(tool.name) is not installed: \(tool.install)")
      return
    }
    for sample in rule.samples {
      let context = AuditContext(tree: SourceTree(texts: sample.files), now: 0)
      let outcome = await Audit.examine(rule, in: context)
      // A rule that asks an outside tool is tested where the tool is; elsewhere it is counted, and says how to install it.
      if let missing = outcome.unlooked.first(where: { $0.message.hasSuffix("is not installed") }) {
        withKnownIssue { Issue.record("\(id): \(missing.message); \(missing.mend ?? "")") }
        return
      }
      #expect(outcome.findings.map(\.place.description).sorted() == sample.places.sorted(), "\(id): \(sample.name)")
      #expect(outcome.unlooked.isEmpty, "\(id): \(sample.name)")
      for finding in outcome.findings {
        #expect(finding.rule == id)
        // Whoever reads `--rules` has to see why this one weighs something else.
        #expect(
          finding.severity == rule.manual.severity || finding.message.contains("\(finding.severity.rawValue) here: "),
          "\(id): \(finding.message)")
      }
    }
  }

  @Test func idsAreStableAndDistinct() {
    let ids = BuiltinRules.all.map { $0.manual.id }
    #expect(Set(ids).count == ids.count)
    for id in ids { #expect(id.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" }, "\(id)") }
  }

  @Test func manualsAreWrittenAsMessagesAre() {
    for rule in BuiltinRules.all {
      let manual = rule.manual
      for text in [manual.why, manual.mend, manual.falsifies] {
        #expect(
          text.first?.isUppercase == false || text.hasPrefix("PostgreSQL") || text.hasPrefix("Docker"),
          "\(manual.id): \(text)")
        #expect(!text.hasSuffix("."), "\(manual.id): \(text)")
      }
      #expect(!manual.what.isEmpty && !manual.title.isEmpty && !manual.title.hasSuffix("."), "\(manual.id)")
    }
  }
}
