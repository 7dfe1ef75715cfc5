import GonogoReport
import GonogoTestSupport
import Testing

@Suite struct ReportGoldenTests {
  @Test(arguments: ReportFormats.all.map { $0.name }, SampleReports.cases.map(\.name))
  func `the report is its golden`(format: String, sample: String) throws {
    let type = try #require(ReportFormats.named(format))
    let report = try #require(SampleReports.cases.first { $0.name == sample }).report
    let bytes = type.init(options: ReportOptions()).render(report)
    let failure = Golden.mismatch(bytes, "\(sample).\(format)")
    #expect(failure == nil)
    #expect(type.init(options: ReportOptions()).render(report) == bytes, "two renderings differ")
  }

  @Test func `colours change nothing but colours`() throws {
    let report = SampleReports.noGo
    let painted = String(decoding: TextReport(options: ReportOptions(colour: true)).render(report), as: UTF8.self)
    let plain = String(decoding: TextReport(options: ReportOptions()).render(report), as: UTF8.self)
    let codes = ["0", "1", "2", "31", "32", "33"].map { "\u{1B}[\($0)m" }
    #expect(codes.reduce(painted) { $0.replacing($1, with: "") } == plain)
    #expect(painted != plain)
  }

  @Test func `the step summary is the golden, cut where GitHub would cut it`() throws {
    let whole = GitHubStepSummary.render(SampleReports.noGo)
    #expect(Golden.mismatch(whole, "no-go.step-summary") == nil)
    let cut = GitHubStepSummary.render(SampleReports.noGo, used: GitHubStepSummary.limit - 2000)
    #expect(cut.count <= 2000 && cut.count > 500)
    let text = String(decoding: cut, as: UTF8.self)
    #expect(text.contains("did not fit") && text.contains("NO-GO"))
    #expect(GitHubStepSummary.render(SampleReports.noGo, used: GitHubStepSummary.limit).isEmpty)
  }
}
