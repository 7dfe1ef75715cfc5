import GonogoCore

/// The text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/), for the textfile
/// collector of the node exporter.
public struct PrometheusReport: ReportFormat {
  public static let name = "prometheus"
  public static let summary = "metrics for the textfile collector of Prometheus"

  public init(options: ReportOptions) {}

  public func render(_ report: Report) -> [UInt8] {
    let common = [("file", report.file.name), ("environment", report.environment ?? "")]
    var lines: [String] = []
    func family(_ name: String, _ help: String, _ samples: [([(String, String)], Int)]) {
      lines.append("# HELP \(name) \(help)")
      lines.append("# TYPE \(name) gauge")
      for (labels, value) in samples { lines.append("\(name)\(Self.labels(common + labels)) \(value)") }
    }
    let verdicts = [Verdict.go, .noGo([]), .undecided([])].map(\.name)
    family(
      "gonogo_verdict", "Whether this was the verdict of the last run.",
      verdicts.map { ([("verdict", $0)], report.verdict.name == $0 ? 1 : 0) })
    let counts = report.counts
    family(
      "gonogo_controls", "Controls of the last run by outcome.",
      [
        ([("outcome", "passed")], counts.passed), ([("outcome", "failed")], counts.failed),
        ([("outcome", "errored")], counts.errored), ([("outcome", "skipped")], counts.skipped),
      ])
    let names = ["passed", "failed", "errored", "skipped"]
    family(
      "gonogo_control_outcome", "Whether this was the outcome of the control in the last run.",
      report.results.flatMap { result in
        names.map { name in
          (
            [
              ("id", result.control.id), ("severity", result.blocking ? "blocking" : "advisory"), ("outcome", name),
            ], result.outcome.name == name ? 1 : 0
          )
        }
      })
    family("gonogo_excluded_controls", "Controls that the selection left out.", [([], report.excluded)])
    family(
      "gonogo_passed_after_retry_controls", "Controls that passed, but not at the first attempt.",
      [([], counts.retried)])
    family("gonogo_interrupted", "Whether the last run was interrupted.", [([], report.interrupted ? 1 : 0)])
    lines.append("# HELP gonogo_run_duration_seconds How long the last run took.")
    lines.append("# TYPE gonogo_run_duration_seconds gauge")
    lines.append("gonogo_run_duration_seconds\(Self.labels(common)) \(Double(report.milliseconds) / 1000)")
    lines.append("# HELP gonogo_run_timestamp_seconds When the last run began, since the epoch.")
    lines.append("# TYPE gonogo_run_timestamp_seconds gauge")
    lines.append("gonogo_run_timestamp_seconds\(Self.labels(common)) \(Double(report.started) / 1000)")
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  private static func labels(_ labels: [(String, String)]) -> String {
    "{"
      + labels.map { name, value in
        let safe = Visible.block(value).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
          .replacing("\n", with: "\\n")
        return "\(name)=\"\(safe)\""
      }.joined(separator: ",") + "}"
  }
}
