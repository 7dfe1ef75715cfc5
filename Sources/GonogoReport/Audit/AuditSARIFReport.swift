import GonogoCore

/// SARIF 2.1.0 for code scanning: each finding at its place, each rule with its manual.
///
/// What has to be reviewed is of the kind `review`, which has no level (SARIF 2.1.0, 3.27.9 and 3.27.10).
///
/// Code scanning takes 25,000 results and 10 MB a file; what does not fit, the lightest first, is left out and counted.
public struct AuditSARIFReport: AuditFormat {
  public static let name = "sarif"
  public static let summary = "SARIF 2.1.0, for code scanning"
  var resultLimit = 25_000
  var byteLimit = 9_500_000
  /// Places of one result, beside its own.
  static let relatedLimit = 100

  public init(options: ReportOptions) {}

  public func render(_ result: AuditResult) -> [UInt8] {
    let all = result.findings + result.reviews
    var kept = Array(all.prefix(resultLimit))
    // What is excused goes first of what does not fit.
    var excused = Array(result.suppressed.prefix(resultLimit - kept.count))
    var bytes = Self.document(result, kept, excused)
    while bytes.count > byteLimit, !kept.isEmpty || !excused.isEmpty {
      // A little less than the share that would fit if all were of one size.
      let count = kept.count + excused.count
      let fitting = min(count - 1, count * 9 / 10 * byteLimit / bytes.count)
      excused.removeLast(min(excused.count, count - fitting))
      kept.removeLast(max(0, kept.count - fitting))
      bytes = Self.document(result, kept, excused)
    }
    return bytes
  }

  private static func document(
    _ result: AuditResult, _ kept: [Finding], _ excused: [AuditResult.Suppressed]
  ) -> [UInt8] {
    var ids = result.rules.map(\.id)
    for finding in kept where !ids.contains(finding.rule) { ids.append(finding.rule) }
    var manuals: [String: RuleManual] = [:]
    for manual in result.rules { manuals[manual.id] = manual }
    let rules = ids.map { id in
      manuals[id].map(rule) ?? ["id": .string(id), "shortDescription": ["text": .string(id)]]
    }
    var notifications = result.unlooked.map { notification($0, result) }
    for (count, what) in [
      (result.findings.count + result.reviews.count - kept.count, "findings"),
      (result.suppressed.count - excused.count, "excused findings"),
    ] where count > 0 {
      notifications.append([
        "level": "warning", "message": ["text": .string("\(count) \(what) were left out: code scanning takes no more")],
      ])
    }
    // Two findings of one subject in one file are the first and the second of it.
    var seen: [String: Int] = [:]
    let results = kept.map { finding -> JSON in
      let key = "\(finding.rule)#\(finding.place.path)#\(finding.subject)"
      seen[key, default: 0] += 1
      return json(
        finding, result, index: ids.firstIndex(of: finding.rule) ?? 0, fingerprint: "\(key)#\(seen[key] ?? 1)")
    }
    var run: [String: JSON] = [
      "tool": [
        "driver": [
          "name": "gonogo", "version": .string(result.version), "semanticVersion": .string(result.version),
          "rules": .array(rules),
        ]
      ],
      "automationDetails": ["id": "gonogo-audit/"],
      "columnKind": "unicodeCodePoints",
      "invocations": [
        [
          "executionSuccessful": .bool(result.unlooked.isEmpty), "exitCode": JSON(Int(result.exitStatus)),
          "startTimeUtc": .string(Timestamp.format(result.started)),
          "endTimeUtc": .string(Timestamp.format(result.started + Int64(result.milliseconds))),
          "toolExecutionNotifications": .array(notifications),
        ]
      ],
      "results": .array(results + excused.map { suppressed($0, result) }),
    ]
    if let commit = result.commit { run["properties"] = ["commit": .string(commit)] }
    let document: JSON = [
      "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
      "version": "2.1.0", "runs": [.object(run)],
    ]
    return Array((document.pretty + "\n").utf8)
  }

  private static func level(_ severity: FindingSeverity) -> JSON {
    switch severity {
    case .critical, .high: "error"
    case .medium: "warning"
    case .low: "note"
    }
  }

  private static func rule(_ manual: RuleManual) -> JSON {
    // Code scanning orders by this number: above 9.0 is critical, 7.0 high, 4.0 medium.
    let weight =
      switch manual.severity {
      case .critical: "9.5"
      case .high: "8.0"
      case .medium: "5.5"
      case .low: "2.0"
      }
    return [
      "id": .string(manual.id), "shortDescription": ["text": .string(manual.title)],
      "fullDescription": ["text": .string(Visible.cut(manual.what, to: 1000))],
      "help": ["text": .string(manual.markdown), "markdown": .string(manual.markdown)],
      "defaultConfiguration": ["level": level(manual.severity)],
      "properties": [
        "tags": JSON(["gonogo", manual.family, "security"]), "security-severity": .string(weight),
        "precision": .string(manual.precision.rawValue),
      ],
    ]
  }

  private static func location(_ place: TreePlace, _ result: AuditResult, message: String? = nil) -> JSON {
    var members: [String: JSON] = [
      "physicalLocation": [
        "artifactLocation": ["uri": .string(SARIFReport.uri(place.path)), "uriBaseId": "%SRCROOT%"],
        "region": ["startLine": JSON(place.line), "startColumn": JSON(result.characterColumn(of: place))],
      ]
    ]
    if let message { members["message"] = ["text": .string(Visible.block(message))] }
    return .object(members)
  }

  private static func json(_ finding: Finding, _ result: AuditResult, index: Int, fingerprint: String) -> JSON {
    let text = [finding.message, "why: \(finding.why)", "mend: \(finding.mend)", "makes false: \(finding.falsifies)"]
    var members: [String: JSON] = [
      "ruleId": .string(finding.rule), "ruleIndex": JSON(index),
      "kind": finding.precision == .high ? "fail" : "review",
      "level": finding.precision == .high ? level(finding.severity) : "none",
      "message": ["text": .string(Visible.block(text.joined(separator: "\n")))],
      "locations": [location(finding.place, result)],
      // Rule, file and subject, not the line: a finding stays the same one when the file grows above it.
      "partialFingerprints": ["gonogoAudit/v1": .string(fingerprint)],
      "properties": [
        "severity": .string(finding.severity.rawValue), "precision": .string(finding.precision.rawValue),
        "falsifies": .string(finding.falsifies),
      ],
    ]
    if !finding.related.isEmpty {
      members["relatedLocations"] = .array(
        finding.related.prefix(relatedLimit).map { location($0.place, result, message: $0.message) })
    }
    return .object(members)
  }

  private static func suppressed(_ item: AuditResult.Suppressed, _ result: AuditResult) -> JSON {
    [
      "ruleId": .string(item.finding.rule), "kind": item.finding.precision == .high ? "fail" : "review",
      "level": item.finding.precision == .high ? level(item.finding.severity) : "none",
      "message": ["text": .string(Visible.block(item.finding.message))],
      "locations": [location(item.finding.place, result)],
      "suppressions": [["kind": "external", "status": "accepted", "justification": .string(item.by.reason)]],
    ]
  }

  private static func notification(_ trouble: CouldNotLook, _ result: AuditResult) -> JSON {
    var members: [String: JSON] = [
      "level": "error",
      "message": [
        "text": .string(
          Visible.block(
            [trouble.message, trouble.mend.map { "mend: \($0)" }].compactMap { $0 }.joined(separator: "\n")))
      ],
    ]
    if let rule = trouble.rule { members["associatedRule"] = ["id": .string(rule)] }
    if let place = trouble.place { members["locations"] = [location(place, result)] }
    return .object(members)
  }
}
