import GonogoCore
import GonogoReport
import Testing

@testable import GonogoAudit

/// What is not sure enough to be counted: told in every format, apart from what is, and never as a pass.
@Suite struct AuditReviewTests {
  /// A finding that is sure and light, and one to review that is heavy.
  static func result(_ precision: FindingPrecision = .medium) -> AuditResult {
    func finding(_ rule: String, _ severity: FindingSeverity, _ precision: FindingPrecision) -> Finding {
      Finding(
        rule: rule, severity: severity, precision: precision, place: TreePlace("a.ts", line: 7, column: 3),
        message: "said by \(rule)", why: "w", mend: "m", falsifies: "f", subject: "s")
    }
    func manual(_ id: String, _ severity: FindingSeverity, _ precision: FindingPrecision) -> RuleManual {
      RuleManual(
        id: id, severity: severity, precision: precision, family: "code", title: "t", what: "w", why: "y", mend: "m",
        falsifies: "f")
    }
    return AuditResult(
      root: ".", commit: nil, inventory: [],
      findings: [finding("unsure", .critical, .medium), finding("sure", .low, .high)], suppressed: [], claims: [],
      unlooked: [], rules: [manual("unsure", .critical, .medium), manual("sure", .low, .high)], failOn: .high,
      precision: precision, started: 0, milliseconds: 1, version: "test")
  }

  func render(_ name: String) throws -> String {
    let format = try #require(AuditFormats.named(name))
    return String(decoding: format.init(options: ReportOptions()).render(Self.result()), as: UTF8.self)
  }

  @Test func itIsUndecidedAndNeverGreen() {
    let result = Self.result()
    #expect(result.findings.map(\.rule) == ["sure"] && result.reviews.map(\.rule) == ["unsure"])
    #expect(result.exitStatus == 3)
  }

  /// Who asks for what is sure alone gets no word of the rest but how much it is.
  @Test func itIsLeftOutAndCountedWhereOnlyWhatIsSureIsAskedFor() {
    let result = Self.result(.high)
    #expect(result.findings.map(\.rule) == ["sure"] && result.reviews.isEmpty && result.exitStatus == 0)
    let text = String(decoding: AuditTextReport(options: ReportOptions()).render(result), as: UTF8.self)
    #expect(text.contains("1 low, 1 to review left out") && !text.contains("unsure"))
  }

  @Test func everyFormatTellsItApart() throws {
    let text = try render("text")
    let sections = text.split(separator: "to review (1)")
    #expect(sections.count == 2 && sections[0].contains("low[sure]") && !sections[0].contains("unsure"))
    #expect(sections.last?.contains("a.ts:7:3: review, critical[unsure]: said by unsure") == true)
    #expect(text.contains("1 low, 1 to review"))

    let json = try JSON.parse(Array(try render("json").utf8))
    #expect(json["findings"]?.arrayValue?.map { $0["rule"]?.stringValue } == ["sure"])
    #expect(json["reviews"]?.arrayValue?.map { $0["rule"]?.stringValue } == ["unsure"])
    #expect(json["reviews"]?.arrayValue?.first?["precision"]?.stringValue == "medium")
    let lines = try render("jsonl").split(separator: "\n").map { try JSON.parse(Array($0.utf8)) }
    #expect(lines.filter { $0["type"]?.stringValue == "review" }.map { $0["rule"]?.stringValue } == ["unsure"])

    #expect(try render("junit").contains("<skipped message=\"1 to review\"/>"))
    #expect(try render("junit").contains("failures=\"0\""))
    #expect(try render("tap").contains("not ok 1 - unsure t # TODO 1 to review"))
    #expect(try render("github").contains("::warning file=a.ts,line=7,col=3,title=review%2C critical[unsure]"))
    #expect(try render("markdown").contains("## To review (1)"))
    #expect(try render("html").contains("<h2>To review (1)</h2>"))
  }
}
