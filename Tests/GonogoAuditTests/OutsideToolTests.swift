import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

@testable import GonogoAudit

/// Tools of others: a note where they are missing, an error where they were asked for.
@Suite struct OutsideToolTests {
  static let files = [".github/workflows/a.yml": "on: push\njobs:\n  a: { steps: [{ run: 'true' }] }\n"]

  /// A rule of a tool that is nowhere.
  struct Absent: AuditRule {
    static let manual = RuleManual(
      id: "absent", severity: .low, family: "tools", title: "Absent", what: "Nothing.", why: "w", mend: "m",
      falsifies: "f")
    static let tool: OutsideTool? = OutsideTool("gonogo-no-such-tool", install: "apt-get install it")
    static let samples: [RuleSample] = []
    func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
      guard let tool = Self.tool, try context.has(tool) else { return }
      findings.add("it looked", at: TreePlace("x"), subject: "x")
    }
  }

  @Test func aMissingToolIsAnErrorOnlyWhereItWasAskedFor() async {
    let tree = SourceTree(texts: Self.files)
    let quiet = await Audit.examine(Absent.self, in: AuditContext(tree: tree, now: 0))
    #expect(quiet.findings.isEmpty && quiet.unlooked.isEmpty)
    let asked = await Audit.examine(
      Absent.self, in: AuditContext(tree: tree, now: 0, wanted: ["gonogo-no-such-tool"]))
    #expect(asked.findings.isEmpty)
    #expect(asked.unlooked.map(\.message) == ["gonogo-no-such-tool is not installed"])
    #expect(asked.unlooked.first?.mend == "apt-get install it")
  }

  @Test func theInventoryNamesEveryToolThatHadSomethingToLookAt() throws {
    let entry = try #require(ToolsInventory.entry(in: AuditContext(tree: SourceTree(texts: Self.files), now: 0)))
    for name in ["zizmor", "actionlint"] { #expect(entry.summary.contains(name)) }
    #expect(!entry.summary.contains("promtool"))
    #expect(ToolsInventory.entry(in: AuditContext(tree: SourceTree(texts: ["a.txt": ""]), now: 0)) == nil)
  }
}
