import GonogoCore

/// One line of a monitoring plugin (https://www.monitoring-plugins.org/doc/guidelines.html): GO is OK, NO-GO CRITICAL,
/// UNDECIDED UNKNOWN, with performance data.
public struct NagiosReport: ReportFormat {
  public static let name = "nagios"
  public static let summary = "one line for Nagios, Icinga and their kin"

  public init(options: ReportOptions) {}

  public func render(_ report: Report) -> [UInt8] {
    let status =
      switch report.verdict {
      case .go: "OK"
      case .noGo: "CRITICAL"
      case .undecided: "UNKNOWN"
      }
    // A bar begins the performance data.
    let text = Visible.line("GONOGO \(status) - \(report.verdictSentence)").replacing("|", with: "¦")
    let counts = report.counts
    let data =
      [
        ("passed", counts.passed), ("failed", counts.failed), ("errored", counts.errored), ("skipped", counts.skipped),
        ("retried", counts.retried), ("excluded", report.excluded),
      ].map { "\($0.0)=\($0.1)" } + ["time=\(report.milliseconds)ms"]
    return Array("\(text) | \(data.joined(separator: " "))\n".utf8)
  }
}
