import GonogoCore

/// The whole run as one JSON object (`gonogo.report/1`, documented in `Documentation/Report.md`): for programs.
public struct JSONReport: ReportFormat {
  public static let name = "json"
  public static let summary = "the whole run as one JSON object, for programs"
  public static let schema = "gonogo.report/1"

  public init(options: ReportOptions) {}

  public func render(_ report: Report) -> [UInt8] { Array((Self.json(report).pretty + "\n").utf8) }

  static func json(_ report: Report) -> JSON {
    [
      "schema": .string(schema), "file": .string(report.file.name), "title": JSON(orNull: report.title),
      "environment": JSON(orNull: report.environment), "verdict": json(report.verdict),
      "summary": .string(report.verdictSentence), "counts": json(counts: report.counts, excluded: report.excluded),
      "ticks": ticks(report.results), "interrupted": .bool(report.interrupted),
      "started": .string(Timestamp.format(report.started)),
      "finished": .string(Timestamp.format(report.started + Int64(report.milliseconds))),
      "duration_ms": JSON(report.milliseconds), "run": JSON(orNull: report.run), "gonogo": .string(report.version),
      "source": report.provenance?.json ?? .null,
      "results": .array(
        Telling.all(report).map { telling in
          var object = Evidence.json(of: telling.result, file: report.file.name).objectValue ?? [:]
          object["digest"] = JSON(orNull: telling.digest)
          return .object(object)
        }),
    ]
  }

  static func json(_ verdict: Verdict) -> JSON {
    let ids: [String] =
      switch verdict {
      case .go: []
      case .noGo(let ids), .undecided(let ids): ids
      }
    return ["name": .string(verdict.name), "exit_status": .integer(Int64(verdict.exitStatus)), "ids": JSON(ids)]
  }

  static func json(counts: Report.Counts, excluded: Int? = nil) -> JSON {
    var object: [String: JSON] = [
      "controls": JSON(counts.passed + counts.failed + counts.errored + counts.skipped),
      "passed": JSON(counts.passed), "failed": JSON(counts.failed), "errored": JSON(counts.errored),
      "skipped": JSON(counts.skipped), "passed_after_retry": JSON(counts.retried),
    ]
    if let excluded { object["excluded"] = JSON(excluded) }
    return .object(object)
  }

  private static func ticks(_ results: [ControlResult]) -> JSON {
    var object: [String: JSON] = [:]
    for truth in [ControlResult.TickTruth.tickedAndFalse, .tickedAndNotProven, .trueAndNotTicked, .agrees] {
      object[truth.rawValue.replacing("-", with: "_")] = JSON(results.filter { $0.tickTruth == truth }.count)
    }
    return .object(object)
  }
}
