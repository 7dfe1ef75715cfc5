import GonogoCore

/// For a terminal: the inventory in a few lines, then the findings, the heaviest first.
///
/// What a rule says of itself (why, mend, the line made false) stands once, under the first of its findings of a weight.
public struct AuditTextReport: AuditFormat {
  public static let name = "text"
  public static let summary = "for a terminal"
  private let style: Style
  private let width: Int

  public init(options: ReportOptions) {
    style = Style(enabled: options.colour)
    width = max(40, options.width)
  }

  public func render(_ result: AuditResult) -> [UInt8] {
    var lines = claims(result)
    lines.append(style.bold("inventory"))
    let pad = result.inventory.map(\.name.count).max() ?? 0
    for entry in result.inventory {
      let head = "  \(entry.name)\(String(repeating: " ", count: pad - entry.name.count))  \(entry.count)"
      lines += fill("\(head)  ", entry.summary)
    }
    for group in result.bySeverity {
      lines += ["", style.bold("\(group.severity.rawValue) (\(group.findings.count))")]
      lines += tell(group.findings) { paint($0.severity, $0.severity.rawValue) }
    }
    if !result.reviews.isEmpty {
      lines += ["", style.bold("to review (\(result.reviews.count))")] + fill("  ", AuditResult.reviewSentence)
      lines += tell(result.reviews) { "\(style.yellow("review")), \(paint($0.severity, $0.severity.rawValue))" }
    }
    if !result.unlooked.isEmpty {
      lines += ["", style.bold("could not look (\(result.unlooked.count))")]
      for trouble in result.unlooked {
        lines.append(
          "\(Visible.line(trouble.prefix))\(style.yellow("errored"))\(trouble.label): \(Visible.line(trouble.message))")
        if let mend = trouble.mend { lines += detail("mend", mend) }
      }
    }
    if !result.suppressed.isEmpty {
      lines += ["", style.bold("suppressed (\(result.suppressed.count))")]
      for item in result.suppressed {
        lines.append(
          style.dim(
            "\(Visible.line(item.finding.place.description)): suppressed[\(item.finding.rule)]: until \(item.by.until), \(Visible.line(item.by.reason)) (\(item.by.place))"
          ))
      }
    }
    lines += ["", "\(style.bold(result.countsSentence)) (\(Visible.line(result.runSentence)))"]
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  /// The findings at their places; what their rule says of itself, under the first.
  private func tell(_ findings: [Finding], word: (Finding) -> String) -> [String] {
    var lines: [String] = []
    var told: Set<String> = []
    for finding in findings {
      lines.append(
        "\(Visible.line(finding.place.description)): \(word(finding))[\(finding.rule)]: \(Visible.line(finding.message))"
      )
      for related in finding.related {
        lines.append("   = see:   \(Visible.line(related.place.description)): \(Visible.line(related.message))")
      }
      guard told.insert(finding.rule + finding.mend).inserted else { continue }
      lines += detail("why", finding.why) + detail("mend", finding.mend) + detail("false", finding.falsifies)
    }
    return lines
  }

  /// What documents claim, before everything else.
  private func claims(_ result: AuditResult) -> [String] {
    let groups = ClaimGroups(result.claims)
    if groups.isEmpty { return [] }
    var lines: [String] = []
    func tell(_ title: String, _ claims: [Claim], _ word: String, evidence limit: Int) {
      if claims.isEmpty { return }
      lines.append(style.bold("\(title) (\(claims.count))"))
      for claim in claims {
        lines.append(
          "\(Visible.line(claim.place.path)):\(claim.place.line): \(word): \(Visible.line(claim.text))\(claim.judgedElsewhere(than: result.commit))"
        )
        for evidence in claim.shownEvidence.prefix(limit) {
          lines += detail("seen", (evidence.place.map { "\($0): " } ?? "") + evidence.text)
        }
      }
      lines.append("")
    }
    tell("ticked and false", groups.contradicted, style.red("false"), evidence: 6)
    tell("ticked, and false today", groups.outdated, style.red("false today"), evidence: 6)
    tell("ticked and not proven", groups.unproven, style.yellow("unproven"), evidence: 2)
    for (document, count) in groups.unjudged {
      lines.append(
        style.dim(
          "\(Visible.line(document)): \(count) more ticked \(count == 1 ? "line" : "lines"), of a kind that no judge knows"
        ))
    }
    if !groups.unjudged.isEmpty { lines.append("") }
    tell("true and not ticked", groups.open, style.green("true"), evidence: 1)
    lines += [groups.sentence, ""]
    return lines
  }

  private func paint(_ severity: FindingSeverity, _ text: String) -> String {
    severity >= .high ? style.red(text) : severity == .medium ? style.yellow(text) : style.dim(text)
  }

  private func detail(_ label: String, _ text: String) -> [String] {
    fill("   = \(label):" + String(repeating: " ", count: 7 - label.count), text)
  }

  /// A head with a text behind it; the text's further lines stand under its first.
  private func fill(_ head: String, _ text: String) -> [String] {
    let lines = Visible.wrap(Visible.line(text), to: max(20, width - head.count)) { DisplayWidth.of($0) }
    let blank = String(repeating: " ", count: head.count)
    return lines.enumerated().map { ($0.offset == 0 ? head : blank) + $0.element }
  }
}
