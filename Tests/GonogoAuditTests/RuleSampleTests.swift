import GonogoCore
import Testing

@testable import GonogoAudit

/// Every rule on its own samples: what it finds, and that it finds nothing where things only look alike.
@Suite struct RuleSampleTests {
  /// The outside tools that are not here. What they find cannot be seen without them; that they are missed is tested in
  /// OutsideToolTests.
  static let missing = BuiltinRules.tools.filter { !$0.isInstalled }

  /// The rules that need no ast-grep and whose own tool, if they ask one, is here.
  static let here = BuiltinRules.all.filter { !($0 is any CodeRule.Type) && $0.tool?.isInstalled != false }
    .map { $0.manual.id }

  @Test(arguments: here) func findsExactlyWhatItsSamplesSay(id: String) async throws { try await examine(id) }

  /// The samples of a tool that was missing counted as passed, and so did the sentences of its rule.
  @Test(
    .enabled(
      if: missing.isEmpty,
      "the samples of \(missing.map(\.name).joined(separator: ", ")) are not tried: \(missing.map(\.install).joined(separator: "; "))"
    ))
  func everyToolHasTriedItsSamples() { #expect(Self.missing.isEmpty) }

  @Test(
    .enabled(if: CodeMatches.program != nil, "ast-grep is not installed: scripts/install.sh tools"),
    arguments: BuiltinRules.all.filter { $0 is any CodeRule.Type }.map { $0.manual.id })
  func findsExactlyWhatItsSamplesSayOfCode(id: String) async throws { try await examine(id) }

  private func examine(_ id: String) async throws {
    let rule = try #require(BuiltinRules.named(id))
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

  @Test(arguments: BuiltinRules.all.map { $0.manual.id }) func hasAFaultAndALookAlike(id: String) throws {
    let samples = try #require(BuiltinRules.named(id)).samples
    #expect(samples.contains { !$0.places.isEmpty }, "\(id) has no sample with the fault")
    #expect(samples.contains { $0.places.isEmpty }, "\(id) has no look-alike")
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
