import GonogoCore
import GonogoReport
import GonogoSystem
import GonogoTestSupport
import Testing

@Suite struct GapTests {
  static func gap(_ sample: String) throws -> Gap {
    let report = try #require(SampleReports.cases.first { $0.name == sample }).report
    return Gap(report) { Digest.hex(Digest.sha256($0)) }
  }

  @Test(arguments: GapFormats.all.map { $0.name }, SampleReports.cases.map(\.name))
  func `the analysis is its golden`(format: String, sample: String) throws {
    let type = try #require(GapFormats.all.first { $0.name == format })
    let gap = try Self.gap(sample)
    let bytes = type.init(options: ReportOptions()).render(gap)
    #expect(Golden.mismatch(bytes, "\(sample).gap.\(format)") == nil)
    #expect(type.init(options: ReportOptions()).render(gap) == bytes, "two renderings differ")
  }

  @Test func `every form quotes the checksum that the table's lines have`() throws {
    let gap = try Self.gap("no-go")
    let table = String(decoding: GapCSV(options: ReportOptions()).render(gap), as: UTF8.self)
    let lines = table.components(separatedByLineEnds: "\r\n")
    let body = lines.dropLast().map { $0 + "\r\n" }.joined()
    let digest = Digest.hex(Digest.sha256(Array(body.utf8)))
    #expect(lines.last == "# sha256 \(digest)")
    for format in GapFormats.all {
      let text = String(decoding: format.init(options: ReportOptions()).render(gap), as: UTF8.self)
      #expect(text.contains(digest), "\(format.name) has another checksum")
    }
  }

  @Test func `a changed line changes the checksum`() throws {
    let first = try Self.gap("no-go")
    let second = try Self.gap("go")
    #expect(first.checksum != second.checksum)
  }

  @Test(arguments: [("=1+1", "'=1+1"), ("@import", "'@import"), ("a,b", "\"a,b\""), ("say \"x\"", "\"say \"\"x\"\"\"")])
  func `a text of the table is no formula and no second cell`(title: String, cell: String) throws {
    let control = SampleReports.control("A-1", title, 3)
    let report = SampleReports.report([SampleReports.result(control, .skipped(.unbound))])
    let gap = Gap(report) { Digest.hex(Digest.sha256($0)) }
    let table = String(decoding: gap.table, as: UTF8.self)
    #expect(table.contains(",3,\(cell),no,"))
  }

  @Test func `the states of the rows are those of the outcomes`() throws {
    let gap = try Self.gap("no-go")
    let results = gap.report.results
    #expect(gap.rows.count == results.count)
    for (row, result) in zip(gap.rows, results) {
      switch result.outcome {
      case .passed: #expect(row.state == .proven)
      case .failed: #expect(row.state == .false && !row.reason.isEmpty)
      case .errored: #expect(row.state == .notProven && !row.reason.isEmpty)
      case .skipped: #expect(row.state != .proven && row.state != .false)
      }
    }
  }
}

extension String {
  fileprivate func components(separatedByLineEnds end: String) -> [String] {
    var parts: [String] = []
    var rest = self[...]
    while let range = rest.firstRange(of: end) {
      parts.append(String(rest[..<range.lowerBound]))
      rest = rest[range.upperBound...]
    }
    if !rest.isEmpty { parts.append(String(rest)) }
    return parts
  }
}
