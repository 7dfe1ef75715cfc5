import GonogoCore

/// For people: each line that is not as it should be, with what was expected, what was found and how to mend it; then the
/// lies, the counts and the verdict.
public struct TextReport: ReportFormat {
  public static let name = "text"
  public static let summary = "for people, on a terminal"

  let style: Style
  let width: Int

  public init(options: ReportOptions) {
    style = Style(enabled: options.colour)
    width = options.width
  }

  public func render(_ report: Report) -> [UInt8] {
    var lines: [String] = []
    for result in report.results where result.outcome != .passed { lines += describe(result, in: report) }
    let counts = report.counts
    lines.append(
      "\(report.results.count) controls: \(counts.passed) passed, \(counts.failed) failed, \(counts.errored) errored, "
        + "\(counts.skipped) skipped")
    lines.append(report.verdict.name.uppercased())
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  func describe(_ result: ControlResult, in report: Report) -> [String] {
    let place = "\(report.file.name):\(result.control.range.start.line):\(result.control.range.start.column)"
    switch result.outcome {
    case .passed: return []
    case .failed(let mismatches):
      return ["\(place): no-go[\(result.control.id)]: \(result.control.title)"]
        + mismatches.flatMap { ["   = expected: \($0.path) \($0.expected)", "   = found:    \($0.found)"] }
    case .errored(let error):
      return ["\(place): undecided[\(result.control.id)]: could not look: \(error.message)"]
    case .skipped(let reason): return ["\(place): skipped[\(result.control.id)]: \(reason.message)"]
    }
  }
}
