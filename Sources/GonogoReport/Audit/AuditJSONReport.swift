import GonogoCore

/// One JSON object: the inventory, the findings, what is to be reviewed, the claims, what was suppressed, what could not be looked at.
public struct AuditJSONReport: AuditFormat {
  public static let name = "json"
  public static let summary = "one JSON object"

  public init(options: ReportOptions) {}

  public func render(_ result: AuditResult) -> [UInt8] {
    var inventory: [String: JSON] = [:]
    for entry in result.inventory { inventory[entry.name] = entry.json }
    let document: JSON = [
      "schema": "gonogo.audit/1", "inventory": .object(inventory),
      "findings": .array(result.findings.map(Self.json)), "reviews": .array(result.reviews.map(Self.json)),
      "claims": .array(result.claims.map(Self.json)),
      "suppressed": .array(result.suppressed.map(Self.json)), "errored": .array(result.unlooked.map(Self.json)),
      "run": Self.run(result),
    ]
    return Array((document.pretty + "\n").utf8)
  }

  static func run(_ result: AuditResult) -> JSON {
    [
      "root": .string(result.root), "commit": JSON(orNull: result.commit), "rules": JSON(result.rules.map(\.id)),
      "fail_on": .string(result.failOn.rawValue), "reviews_left_out": JSON(result.reviewsLeftOut),
      "exit_status": JSON(Int(result.exitStatus)),
      "started": .string(Timestamp.format(result.started)), "duration_ms": JSON(result.milliseconds),
      "version": .string(result.version),
    ]
  }

  private static func members(_ place: TreePlace) -> [String: JSON] {
    ["path": .string(place.path), "line": JSON(place.line), "column": JSON(place.column)]
  }

  static func json(_ finding: Finding) -> JSON {
    var members = members(finding.place)
    members["rule"] = .string(finding.rule)
    members["severity"] = .string(finding.severity.rawValue)
    members["precision"] = .string(finding.precision.rawValue)
    members["message"] = .string(finding.message)
    members["why"] = .string(finding.why)
    members["mend"] = .string(finding.mend)
    members["falsifies"] = .string(finding.falsifies)
    members["subject"] = .string(finding.subject)
    members["related"] = .array(
      finding.related.map { related in
        var place = Self.members(related.place)
        place["message"] = .string(related.message)
        return .object(place)
      })
    return .object(members)
  }

  static func json(_ claim: Claim) -> JSON {
    [
      "document": .string(claim.place.path), "line": JSON(claim.place.line), "text": .string(claim.text),
      "ticked": claim.ticked.map(JSON.bool) ?? JSON.null, "judgement": .string(claim.judgement.rawValue),
      "judges": JSON(claim.judges), "judged_at": JSON(orNull: claim.judgedAt), "evidence": json(claim.evidence),
      "today": claim.today.map { ["judgement": .string($0.judgement.rawValue), "evidence": json($0.evidence)] }
        ?? JSON.null,
    ]
  }

  private static func json(_ evidence: [Claim.Evidence]) -> JSON {
    .array(
      evidence.map { evidence in
        var members = evidence.place.map(Self.members) ?? [:]
        members["text"] = .string(evidence.text)
        return .object(members)
      })
  }

  static func json(_ item: AuditResult.Suppressed) -> JSON {
    [
      "finding": json(item.finding), "reason": .string(item.by.reason), "until": .string(item.by.until),
      "by": .object(members(item.by.place)),
    ]
  }

  static func json(_ trouble: CouldNotLook) -> JSON {
    var members = trouble.place.map(Self.members) ?? [:]
    members["rule"] = JSON(orNull: trouble.rule)
    members["message"] = .string(trouble.message)
    members["mend"] = JSON(orNull: trouble.mend)
    return .object(members)
  }
}

/// A JSON object a line: each with its `type`.
public struct AuditJSONLinesReport: AuditFormat {
  public static let name = "jsonl"
  public static let summary = "one JSON object a line"

  public init(options: ReportOptions) {}

  public func render(_ result: AuditResult) -> [UInt8] {
    var lines: [JSON] = []
    func put(_ type: String, _ json: JSON) {
      var members = json.objectValue ?? [:]
      members["type"] = .string(type)
      lines.append(.object(members))
    }
    for entry in result.inventory {
      put("inventory", ["name": .string(entry.name), "count": JSON(entry.count), "value": entry.json])
    }
    for finding in result.findings { put("finding", AuditJSONReport.json(finding)) }
    for finding in result.reviews { put("review", AuditJSONReport.json(finding)) }
    for claim in result.claims { put("claim", AuditJSONReport.json(claim)) }
    for item in result.suppressed { put("suppressed", AuditJSONReport.json(item)) }
    for trouble in result.unlooked { put("errored", AuditJSONReport.json(trouble)) }
    put("run", AuditJSONReport.run(result))
    return Array((lines.map(\.canonicalString).joined(separator: "\n") + "\n").utf8)
  }
}
