public import GonogoCore

/// Events as lines of JSON, while the run goes on (`gonogo.event/1`, documented in `Documentation/Report.md`).
///
/// Each line is one canonical JSON object with the members `schema`, `event` and what the event tells.
public struct EventEncoder: Sendable {
  public static let schema = "gonogo.event/1"

  let file: String
  let version: String

  /// - Parameters:
  ///   - file: the document, as it was named.
  ///   - version: the version of Gonogo that looks.
  public init(file: String, version: String) {
    self.file = file
    self.version = version
  }

  /// The event as one line, its line end included.
  ///
  /// - Parameter digest: of `controlFinished`: the SHA-256 of the evidence, where it was kept.
  public func line(_ event: Event, digest: String? = nil) -> [UInt8] {
    switch event {
    case .runStarted(let plan, let started):
      return runStarted(
        title: plan.frontMatter.title, environment: plan.environment?.name, controls: plan.steps.count,
        excluded: plan.excluded, started: started, run: nil)
    case .controlStarted(let index, let control, let started):
      return controlStarted(index: index, control, started: started)
    case .attemptFinished(let index, let control, let attempt):
      return attemptFinished(index: index, control, attempt)
    case .controlFinished(let index, let result): return controlFinished(index: index, result, digest: digest)
    case .runFinished(let results, let verdict, let interrupted, let started, let milliseconds):
      return runFinished(
        results, verdict: verdict, interrupted: interrupted, started: started, milliseconds: milliseconds)
    }
  }

  func runStarted(
    title: String?, environment: String?, controls: Int, excluded: Int, started: Int64, run: String?
  ) -> [UInt8] {
    line(
      "run-started",
      [
        "file": .string(file), "title": JSON(orNull: title), "environment": JSON(orNull: environment),
        "controls": JSON(controls), "excluded": JSON(excluded), "started": .string(Timestamp.format(started)),
        "gonogo": .string(version), "run": JSON(orNull: run),
      ])
  }

  func controlStarted(index: Int, _ control: Control, started: Int64) -> [UInt8] {
    line(
      "control-started",
      [
        "index": JSON(index), "control": Evidence.control(control, file: file),
        "started": .string(Timestamp.format(started)),
      ])
  }

  func attemptFinished(index: Int, _ control: Control, _ attempt: Attempt) -> [UInt8] {
    line(
      "attempt-finished",
      ["index": JSON(index), "id": .string(control.id), "attempt": Evidence.attempt(attempt, file: file)])
  }

  func controlFinished(index: Int, _ result: ControlResult, digest: String?) -> [UInt8] {
    line(
      "control-finished",
      ["index": JSON(index), "digest": JSON(orNull: digest), "result": Evidence.json(of: result, file: file)])
  }

  func runFinished(
    _ results: [ControlResult], verdict: Verdict, interrupted: Bool, started: Int64, milliseconds: Int
  ) -> [UInt8] {
    line(
      "run-finished",
      [
        "verdict": JSONReport.json(verdict), "counts": JSONReport.json(counts: Report.Counts(results)),
        "interrupted": .bool(interrupted), "started": .string(Timestamp.format(started)),
        "finished": .string(Timestamp.format(started + Int64(milliseconds))), "duration_ms": JSON(milliseconds),
      ])
  }

  private func line(_ event: String, _ members: [String: JSON]) -> [UInt8] {
    var object = members
    object["schema"] = .string(Self.schema)
    object["event"] = .string(event)
    return JSON.object(object).canonical + [UInt8(ascii: "\n")]
  }
}

/// A finished run as the events it was made of.
public struct JSONLinesReport: ReportFormat {
  public static let name = "jsonl"
  public static let summary = "events, one JSON object a line, as they happen"

  public init(options: ReportOptions) {}

  public func render(_ report: Report) -> [UInt8] {
    let encoder = EventEncoder(file: report.file.name, version: report.version)
    var output = encoder.runStarted(
      title: report.title, environment: report.environment, controls: report.results.count, excluded: report.excluded,
      started: report.started, run: report.run)
    for (index, telling) in Telling.all(report).enumerated() {
      let result = telling.result
      if !result.checks.isEmpty {
        output += encoder.controlStarted(index: index, result.control, started: result.started)
        for attempt in result.checks.flatMap(\.attempts) {
          output += encoder.attemptFinished(index: index, result.control, attempt)
        }
      }
      output += encoder.controlFinished(index: index, result, digest: telling.digest)
    }
    return output
      + encoder.runFinished(
        report.results, verdict: report.verdict, interrupted: report.interrupted, started: report.started,
        milliseconds: report.milliseconds)
  }
}
