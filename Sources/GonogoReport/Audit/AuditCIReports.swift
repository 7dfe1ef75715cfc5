import GonogoCore

/// JUnit XML: a suite a family, a case a rule; *failure* for findings from the weight that turns the audit red, *error*
/// where a rule could not look, *skipped* where a person has to review what it found, or where every finding is suppressed.
public struct AuditJUnitReport: AuditFormat {
  public static let name = "junit"
  public static let summary = "JUnit XML, for CI servers"

  public init(options: ReportOptions) {}

  public func render(_ result: AuditResult) -> [UInt8] {
    let cases = AuditCase.all(result)
    func sum(_ count: (AuditCase) -> Bool, _ list: [AuditCase]) -> Int { list.filter(count).count }
    func counts(_ list: [AuditCase]) -> String {
      "tests=\"\(list.count)\" failures=\"\(sum({ $0.isRed }, list))\" errors=\"\(sum({ $0.isErrored }, list))\" skipped=\"\(sum({ $0.isSkipped }, list))\""
    }
    var lines = [
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testsuites name=\"gonogo audit\" \(counts(cases))>",
    ]
    var families: [String] = []
    for item in cases where !families.contains(item.family) { families.append(item.family) }
    for family in families {
      let members = cases.filter { $0.family == family }
      lines.append("  <testsuite name=\"\(Markup.attribute(family))\" \(counts(members))>")
      for item in members {
        lines.append(
          "    <testcase classname=\"\(Markup.attribute(family))\" name=\"\(Markup.attribute("\(item.id) \(item.title)"))\">"
        )
        if item.isRed {
          lines.append(
            "      <failure type=\"finding\" message=\"\(Markup.attribute(item.headline))\">\(Markup.escape(item.body))</failure>"
          )
        } else if item.isErrored {
          lines.append(
            "      <error type=\"could-not-look\" message=\"\(Markup.attribute(item.headline))\">\(Markup.escape(item.body))</error>"
          )
        } else if item.isSkipped {
          lines.append("      <skipped message=\"\(Markup.attribute(item.reason))\"/>")
        }
        if !item.isRed, !item.isErrored, !item.body.isEmpty {
          lines.append("      <system-out>\(Markup.escape(item.body))</system-out>")
        }
        lines.append("    </testcase>")
      }
      lines.append("  </testsuite>")
    }
    lines.append("</testsuites>")
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }
}

/// TAP 14: a point a rule. What a person has to review is *not ok* with the directive TODO: open, and no failure.
public struct AuditTAPReport: AuditFormat {
  public static let name = "tap"
  public static let summary = "TAP 14"

  public init(options: ReportOptions) {}

  public func render(_ result: AuditResult) -> [UInt8] {
    let cases = AuditCase.all(result)
    var lines = ["TAP version 14", "# \(Visible.line(result.runSentence))", "1..\(cases.count)"]
    for (index, item) in cases.enumerated() {
      let good = !item.isRed && !item.isErrored && !item.isOpen
      let title = Visible.line("\(item.id) \(item.title)").replacing("\\", with: "\\\\").replacing("#", with: "\\#")
      let skip =
        item.isOpen
        ? " # TODO \(Visible.line(item.reason))" : item.isSkipped ? " # SKIP \(Visible.line(item.reason))" : ""
      lines.append("\(good ? "ok" : "not ok") \(index + 1) - \(title)\(skip)")
      for line in Visible.lines(item.body) where !line.isEmpty { lines.append("# \(line)") }
    }
    lines.append("# \(result.countsSentence)")
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }
}

/// A rule with what came of it; and, at the end, what could not be looked at by any rule.
private struct AuditCase {
  let id: String
  let title: String
  let family: String
  let findings: [Finding]
  let reviews: [Finding]
  let troubles: [CouldNotLook]
  let suppressed: [AuditResult.Suppressed]
  let isRed: Bool
  /// The ticked lines that are false today.
  var ticks: [Claim] = []

  var isErrored: Bool { !isRed && !troubles.isEmpty }
  /// Whether something heavy enough waits for a person, and nothing is decided already.
  let waits: Bool
  var isOpen: Bool { waits && !isRed && !isErrored }
  /// Whether something waits for a person, or something was found and all of it is suppressed.
  var isSkipped: Bool { isOpen || findings.isEmpty && reviews.isEmpty && troubles.isEmpty && !suppressed.isEmpty }
  /// What waits; else each excuse once, with its day.
  var reason: String {
    if isOpen { return "\(reviews.count) to review" }
    var told: [String] = []
    for item in suppressed {
      let excuse = "suppressed until \(item.by.until): \(item.by.reason)"
      if !told.contains(excuse) { told.append(excuse) }
    }
    return told.joined(separator: "; ")
  }
  var headline: String {
    if !ticks.isEmpty { return "\(ticks.count) ticked \(ticks.count == 1 ? "line is" : "lines are") false" }
    return isRed ? "\(findings.count) \(findings.count == 1 ? "finding" : "findings")" : troubles.first?.message ?? ""
  }
  var body: String {
    (findings.map { "\($0.place): \($0.severity.rawValue)[\($0.rule)]: \($0.message)\n   = mend: \($0.mend)" }
      + reviews.map {
        "\($0.place): review, \($0.severity.rawValue)[\($0.rule)]: \($0.message)\n   = mend: \($0.mend)"
      }
      + ticks.map { claim in
        "\(claim.place.path):\(claim.place.line): false: \(claim.text)"
          + claim.shownEvidence.prefix(6).map { "\n   = seen: \($0.told)" }.joined()
      }
      + troubles.map { "\($0.prefix)errored: \($0.message)" + ($0.mend.map { "\n   = mend: \($0)" } ?? "") }
      + suppressed.map {
        "\($0.finding.place): suppressed[\($0.finding.rule)]: \($0.finding.message)\n   = until \($0.by.until), \($0.by.place): \($0.by.reason)"
      })
      .joined(separator: "\n")
  }

  static func all(_ result: AuditResult) -> [AuditCase] {
    let known = Set(result.rules.map(\.id))
    func make(_ id: String, _ title: String, _ family: String, _ findings: [Finding], _ troubles: [CouldNotLook])
      -> AuditCase
    {
      let reviews = result.reviews.filter { $0.rule == id }
      return AuditCase(
        id: id, title: title, family: family, findings: findings, reviews: reviews, troubles: troubles,
        suppressed: result.suppressed.filter { $0.finding.rule == id },
        isRed: findings.contains { $0.severity >= result.failOn },
        waits: reviews.contains { $0.severity >= result.failOn })
    }
    var cases = result.rules.map { manual in
      make(
        manual.id, manual.title, manual.family, result.findings.filter { $0.rule == manual.id },
        result.unlooked.filter { $0.rule == manual.id })
    }
    let others = result.findings.filter { !known.contains($0.rule) }
    if !others.isEmpty { cases.append(make("suppression", "Suppressions hold", "suppressions", others, [])) }
    let ticks = result.claims.filter(\.isFalseToday)
    if !result.claims.isEmpty {
      cases.append(
        AuditCase(
          id: "ticks", title: "No ticked line is false today", family: "checklists", findings: [], reviews: [],
          troubles: [], suppressed: [], isRed: result.isRedByClaims, ticks: ticks, waits: false))
    }
    let troubles = result.unlooked.filter { $0.rule.map { !known.contains($0) } ?? true }
    cases.append(make("readable", "Everything could be read", "tree", [], troubles))
    return cases
  }
}

/// Annotations of a GitHub workflow, the heaviest first; ten of a kind, the last of which counts the rest.
public struct AuditGitHubReport: AuditFormat {
  public static let name = "github"
  public static let summary = "annotations of a GitHub workflow"

  public init(options: ReportOptions) {}

  public func render(_ result: AuditResult) -> [UInt8] {
    var byKind: [(kind: String, lines: [String])] = [("error", []), ("warning", []), ("notice", [])]
    for finding in result.findings + result.reviews {
      let isSure = finding.precision == .high
      let index = finding.severity >= result.failOn ? isSure ? 0 : 1 : isSure && finding.severity >= .medium ? 1 : 2
      byKind[index].lines.append(
        GitHubReport.command(
          byKind[index].kind,
          [
            ("file", finding.place.path), ("line", String(finding.place.line)),
            ("col", String(result.characterColumn(of: finding.place))),
            ("title", "\(isSure ? "" : "review, ")\(finding.severity.rawValue)[\(finding.rule)]"),
          ], Visible.cut("\(finding.message)\nwhy: \(finding.why)\nmend: \(finding.mend)", to: 4000)))
    }
    for claim in result.claims where claim.isFalseToday {
      let index = result.isRedByClaims ? 0 : 1
      byKind[index].lines.append(
        GitHubReport.command(
          byKind[index].kind,
          [("file", claim.place.path), ("line", String(claim.place.line)), ("title", "ticked and false")],
          Visible.cut("\(claim.text)\nseen: \(claim.shownEvidence.first?.told ?? "")", to: 4000)))
    }
    for trouble in result.unlooked {
      var properties: [(String, String)] = []
      if let place = trouble.place { properties += [("file", place.path), ("line", String(place.line))] }
      properties.append(("title", "errored\(trouble.label)"))
      byKind[1].lines.append(
        GitHubReport.command("warning", properties, "could not look: \(trouble.message)\n\(trouble.mend ?? "")"))
    }
    for item in result.suppressed {
      byKind[2].lines.append(
        GitHubReport.command(
          "notice",
          [
            ("file", item.finding.place.path), ("line", String(item.finding.place.line)),
            ("title", "suppressed[\(item.finding.rule)]"),
          ], Visible.cut("\(item.finding.message)\nuntil \(item.by.until): \(item.by.reason)", to: 4000)))
    }
    var lines: [String] = []
    for group in byKind {
      let shown = group.lines.count > GitHubReport.limit ? group.lines.prefix(GitHubReport.limit - 1) : group.lines[...]
      lines += shown
      if shown.count < group.lines.count {
        lines.append(
          GitHubReport.command(
            group.kind, [("title", "gonogo audit")], "\(group.lines.count - shown.count) more of this kind"))
      }
    }
    lines.append(Visible.line(result.countsSentence))
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }
}
