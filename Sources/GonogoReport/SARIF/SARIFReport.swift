import GonogoCore

/// SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html), for code scanning: each line that is not
/// as it should be, at its place in the Markdown.
///
/// *failed* is an error (a warning where advisory), *errored* a warning (a note where advisory), a line that waits a note.
/// Code scanning takes 25,000 results and 25,000 rules a run, 20 tags a rule and 10 MB a file; what does not fit is
/// left out, the least first, and counted in a notification.
public struct SARIFReport: ReportFormat {
  public static let name = "sarif"
  public static let summary = "SARIF 2.1.0, for code scanning"

  static let tagLimit = 20
  static let textLimit = 8_000
  var resultLimit = 25_000
  var byteLimit = 9_500_000

  public init(options: ReportOptions) {}

  public func render(_ report: Report) -> [UInt8] {
    let open = Telling.all(report).filter { Self.level($0) != nil }
    // The heaviest first, so that what does not fit is the least; within a weight, the order of the document.
    let ranked = open.enumerated().sorted { left, right in
      let a = Self.rank(left.element)
      let b = Self.rank(right.element)
      return a == b ? left.offset < right.offset : a < b
    }.map(\.element)
    var kept = Array(ranked.prefix(resultLimit))
    var bytes = Self.document(report, kept: kept, dropped: open.count - kept.count)
    while bytes.count > byteLimit, !kept.isEmpty {
      // A little less than the share that would fit if all were of one size.
      kept.removeLast(kept.count - min(kept.count - 1, kept.count * 9 / 10 * byteLimit / bytes.count))
      bytes = Self.document(report, kept: kept, dropped: open.count - kept.count)
    }
    return bytes
  }

  private static func document(_ report: Report, kept: [Telling], dropped: Int) -> [UInt8] {
    let ordered = kept.sorted { $0.control.range.start < $1.control.range.start }
    var notifications: [JSON] = []
    if report.interrupted {
      notifications.append(["level": "error", "message": ["text": "the run was interrupted"]])
    }
    if dropped > 0 {
      notifications.append([
        "level": "warning",
        "message": ["text": .string("\(dropped) results were left out: code scanning takes no more")],
      ])
    }
    var run: [String: JSON] = [
      "tool": [
        "driver": [
          "name": "gonogo", "version": .string(report.version), "semanticVersion": .string(report.version),
          "rules": .array(ordered.map(rule)),
        ]
      ],
      "automationDetails": ["id": .string("gonogo/\(report.environment ?? "default")/")],
      "columnKind": "unicodeCodePoints",
      "invocations": [
        [
          "executionSuccessful": .bool(!report.interrupted),
          "exitCode": .integer(Int64(report.verdict.exitStatus)),
          "startTimeUtc": .string(Timestamp.format(report.started)),
          "endTimeUtc": .string(Timestamp.format(report.started + Int64(report.milliseconds))),
          "toolExecutionNotifications": .array(notifications),
        ]
      ],
      "results": .array(ordered.enumerated().map { result($0.element, ruleIndex: $0.offset) }),
    ]
    run["properties"] = [
      "verdict": JSONReport.json(report.verdict), "summary": .string(report.verdictSentence),
      "counts": JSONReport.json(counts: report.counts, excluded: report.excluded),
      "environment": JSON(orNull: report.environment), "run": JSON(orNull: report.run),
    ]
    let document: JSON = [
      "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
      "version": "2.1.0", "runs": [.object(run)],
    ]
    return Array((document.pretty + "\n").utf8)
  }

  /// `nil` where there is nothing to say.
  private static func level(_ telling: Telling) -> String? {
    switch telling.result.outcome {
    case .passed: nil
    case .failed: telling.result.blocking ? "error" : "warning"
    case .errored: telling.result.blocking ? "warning" : "note"
    case .skipped(let reason): reason.excuses ? nil : "note"
    }
  }

  private static func rank(_ telling: Telling) -> Int {
    switch level(telling) {
    case "error": 0
    case "warning": telling.result.outcome.name == "failed" ? 1 : 2
    default: 3
    }
  }

  private static func rule(_ telling: Telling) -> JSON {
    var properties: [String: JSON] = ["severity": .string(telling.result.blocking ? "blocking" : "advisory")]
    let tags = ["gonogo"] + telling.result.tags
    properties["tags"] = JSON(Array(tags.prefix(tagLimit)))
    if !telling.section.isEmpty { properties["section"] = .string(telling.section) }
    var rule: [String: JSON] = [
      "id": .string(telling.control.id), "shortDescription": ["text": .string(text(telling.control.title))],
      "defaultConfiguration": ["level": telling.result.blocking ? "error" : "warning"],
      "properties": .object(properties),
    ]
    if let mend = telling.mend { rule["help"] = ["text": .string(text(mend))] }
    return .object(rule)
  }

  private static func result(_ telling: Telling, ruleIndex: Int) -> JSON {
    let file = telling.report.file
    var properties: [String: JSON] = [
      "outcome": .string(telling.result.outcome.name), "tick": .string(telling.result.tickTruth.rawValue),
      "severity": .string(telling.result.blocking ? "blocking" : "advisory"),
    ]
    if let digest = telling.digest { properties["digest"] = .string("sha256:\(digest)") }
    let message =
      ([telling.headline] + telling.details.map { "\($0.label): \($0.text)" }).joined(separator: "\n")
    let start = telling.control.range.start
    let end = telling.control.range.end
    return [
      "ruleId": .string(telling.control.id), "ruleIndex": JSON(ruleIndex), "level": JSON(orNull: level(telling)),
      "message": ["text": .string(text(message))],
      "locations": [
        [
          "physicalLocation": [
            "artifactLocation": ["uri": .string(uri(file.name))],
            "region": [
              "startLine": JSON(start.line), "startColumn": JSON(column(start, in: file)), "endLine": JSON(end.line),
              "endColumn": JSON(max(column(end, in: file), 1)),
            ],
          ],
          "logicalLocations": [["name": .string(telling.control.id), "kind": "control"]],
        ]
      ],
      // The id, not the line: a finding stays the same one when the document grows above it.
      "partialFingerprints": ["gonogoControl/v1": .string("\(file.name)#\(telling.control.id)")],
      "properties": .object(properties),
    ]
  }

  private static func text(_ text: String) -> String { Visible.block(Visible.cut(text, to: textLimit)) }

  /// Columns of the document are bytes; here they are code points.
  private static func column(_ position: SourcePosition, in file: SourceFile) -> Int {
    let before = file.line(position.line).prefix(max(0, position.column - 1))
    let count = String(decoding: before, as: UTF8.self).unicodeScalars.count
    return count + 1 + max(0, position.column - 1 - before.count)
  }

  /// A relative reference, or a `file:` URI of an absolute path (RFC 3986, RFC 8089).
  static func uri(_ path: String) -> String {
    var result = path.hasPrefix("/") ? "file://" : ""
    for byte in (path.hasPrefix("./") ? String(path.dropFirst(2)) : path).utf8 {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"), UInt8(ascii: "/"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        result += "%" + (digits.count == 1 ? "0" : "") + digits
      }
    }
    return result
  }
}
