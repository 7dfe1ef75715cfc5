import GonogoCore

/// The gap analysis as one JSON object (`gonogo.gap/1`, documented in `Documentation/Report.md`): for programs.
public struct GapJSON: GapFormat {
  public static let name = "json"
  public static let summary = "one JSON object, for programs"
  public static let schema = "gonogo.gap/1"

  public init(options: ReportOptions) {}

  public func render(_ gap: Gap) -> [UInt8] {
    let report = gap.report
    let object: JSON = [
      "schema": .string(Self.schema), "file": .string(report.file.name), "title": JSON(orNull: report.title),
      "environment": JSON(orNull: report.environment), "verdict": JSONReport.json(report.verdict),
      "summary": .string(gap.sentence), "counts": Self.counts(gap.rows), "interrupted": .bool(report.interrupted),
      "started": .string(Timestamp.format(report.started)), "run": JSON(orNull: report.run),
      "gonogo": .string(report.version), "sha256": .string(gap.checksum),
      "source": report.provenance?.json ?? .null,
      "sections": .array(
        gap.sections.map { section in
          [
            "name": .string(section.name), "counts": Self.counts(section.rows),
            "lines": .array(section.rows.map(Self.json)),
          ]
        }),
    ]
    return Array((object.pretty + "\n").utf8)
  }

  private static func counts(_ rows: [Gap.Row]) -> JSON {
    let counts = Gap.Counts(rows)
    var object: [String: JSON] = ["lines": JSON(rows.count)]
    for state in Gap.State.allCases { object[state.rawValue.replacing("-", with: "_")] = JSON(counts[state]) }
    return .object(object)
  }

  private static func json(_ row: Gap.Row) -> JSON {
    let ticked: JSON = row.ticked.map { .bool($0) } ?? .null
    return [
      "id": .string(row.id), "title": .string(row.title), "line": JSON(row.line), "ticked": ticked,
      "blocking": .bool(row.blocking), "state": .string(row.state.rawValue), "tick": .string(row.tick.rawValue),
      "reason": .string(row.reason), "mend": .string(row.mend), "evidence": .string(row.evidence),
    ]
  }
}
