import GonogoCore

/// TAP version 14 (https://testanything.org/tap-version-14-specification.html), with YAML diagnostics.
///
/// Skips are `# SKIP`, advisory lines that did not pass are `# TODO`, and the last point is the verdict: a run of nothing
/// but skips is not green.
public struct TAPReport: ReportFormat {
  public static let name = "tap"
  public static let summary = "TAP 14, with YAML diagnostics"

  public init(options: ReportOptions) {}

  public func render(_ report: Report) -> [UInt8] {
    var lines = ["TAP version 14", "# \(Visible.line(report.title ?? report.file.name)): \(report.runSentence)"]
    lines.append("1..\(report.results.count + 1)")
    for (index, telling) in Telling.all(report).enumerated() {
      let result = telling.result
      var point = "\(index + 1) - \(Self.escape("\(telling.control.id) \(telling.control.title)"))"
      switch result.outcome {
      case .passed: point = "ok \(point)"
      case .failed, .errored:
        point = "not ok \(point)"
        if !result.blocking { point += " # TODO advisory" }
      case .skipped(let reason): point = "ok \(point) # SKIP \(Self.escape("\(reason.name): \(reason.message)"))"
      }
      lines.append(point)
      lines += Self.diagnostics(telling)
    }
    let good = report.verdict == .go
    lines.append(
      "\(good ? "ok" : "not ok") \(report.results.count + 1) - \(Self.escape("verdict \(report.verdictSentence)"))")
    lines.append("# \(report.countsSentence)")
    if report.interrupted { lines.append("Bail out! the run was interrupted") }
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  /// `#` would begin a directive, `\` an escape.
  private static func escape(_ text: String) -> String {
    Visible.line(text).replacing("\\", with: "\\\\").replacing("#", with: "\\#")
  }

  private static func diagnostics(_ telling: Telling) -> [String] {
    let result = telling.result
    var members: [(String, String)] = [
      ("outcome", quote(result.outcome.name)), ("severity", quote(result.blocking ? "blocking" : "advisory")),
      (
        "at",
        "{ file: \(quote(telling.report.file.name)), line: \(telling.control.range.start.line), column: \(telling.control.range.start.column) }"
      ),
      ("duration_ms", String(result.milliseconds)), ("tick", quote(result.tickTruth.rawValue)),
    ]
    if result.outcome != .passed { members.append(("message", quote(telling.headline))) }
    if result.passedAfterRetry { members.append(("passed_after_retry", "true")) }
    if let digest = telling.digest { members.append(("digest", quote("sha256:\(digest)"))) }
    var lines = ["  ---"] + members.map { "  \($0.0): \($0.1)" }
    let details = result.outcome == .passed ? telling.proof : telling.details
    if !details.isEmpty {
      lines.append("  details:")
      lines += details.map { "    - \($0.label): \(quote($0.text))" }
    }
    return lines + ["  ..."]
  }

  /// A double-quoted scalar: what JSON escapes, YAML reads; what only YAML minds is escaped besides.
  static func quote(_ text: String) -> String {
    var result = ""
    for scalar in JSON.string(text).canonicalString.unicodeScalars {
      if Visible.isHidden(scalar) {
        let digits = String(scalar.value, radix: 16)
        result +=
          scalar.value > 0xFFFF
          ? "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
          : "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
