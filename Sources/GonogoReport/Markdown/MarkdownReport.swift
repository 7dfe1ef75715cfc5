import GonogoCore

/// GitHub-flavoured Markdown: for pull requests, tickets and release notes.
public struct MarkdownReport: ReportFormat {
  public static let name = "markdown"
  public static let summary = "GitHub-flavoured Markdown, for pull requests and tickets"

  public init(options: ReportOptions) {}

  public func render(_ report: Report) -> [UInt8] {
    var lines = ["# \(Markup.markdown(report.title ?? report.file.name))", ""]
    lines += ["**\(Markup.markdown(report.verdictSentence))**", ""]
    lines.append("\(Markup.markdown(report.countsSentence))  ")
    if let ticks = report.ticksSentence { lines.append("\(ticks)  ") }
    lines += [Markup.markdown(report.runSentence), ""]
    if let provenance = report.provenance { lines += [Markup.markdown(provenance.sentence), ""] }
    if report.interrupted {
      lines += ["> **The run was interrupted.** What was not looked at counts as undecided.", ""]
    }
    lines += ["| section | passed | failed | errored | skipped |", "|---|--:|--:|--:|--:|"]
    for section in report.sections() {
      let counts = Report.Counts(section.tellings.map(\.result))
      lines.append(
        "| \(section.name.isEmpty ? "(no section)" : Markup.markdown(section.name)) | \(counts.passed) | \(counts.failed)"
          + " | \(counts.errored) | \(counts.skipped) |")
    }
    lines.append("")
    let tellings = Telling.all(report)
    for group in Telling.Group.allCases {
      let members = tellings.filter { $0.group == group }
      if members.isEmpty { continue }
      lines += ["## \(group.rawValue) (\(members.count))", ""]
      for telling in members {
        switch group {
        case .tickedAndFalse, .tickedAndNotProven, .failed, .undecided: lines += full(telling)
        default: lines.append(brief(telling))
        }
      }
      lines.append("")
    }
    while lines.last == "" { lines.removeLast() }
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  private func full(_ telling: Telling) -> [String] {
    let mark = telling.word == "no-go" ? "❌" : "❓"
    var lines = [
      "### \(mark) \(Markup.markdown(telling.control.id)): \(Markup.markdown(telling.headline))", "",
      "\(Markup.code(telling.place)) · \(telling.result.blocking ? "blocking" : "advisory")", "",
    ]
    for detail in telling.details {
      switch detail.form {
      case .command:
        lines.append("- \(detail.label):")
        lines += Markup.fenced(detail.text, language: "sh", indent: "  ")
      case .value: lines.append("- \(detail.label): \(Markup.code(detail.text))")
      case .prose: lines.append("- \(detail.label): \(Markup.markdown(detail.text))")
      }
    }
    if let digest = telling.digest { lines.append("- evidence: `sha256:\(digest)`") }
    return lines + [""]
  }

  private func brief(_ telling: Telling) -> String {
    var text = "- **\(Markup.markdown(telling.control.id))** \(Markup.markdown(telling.control.title))"
    if case .skipped(let reason) = telling.result.outcome, telling.group != .unbound {
      text += ": \(Markup.markdown(reason.message))"
    }
    var remarks: [String] = []
    if telling.control.tick?.checked == true, telling.result.tickTruth == .tickedAndNotProven {
      remarks.append("ticked and not proven")
    }
    if telling.result.tickTruth == .trueAndNotTicked { remarks.append("true and not ticked") }
    if telling.result.passedAfterRetry {
      remarks.append("**passed after a retry**")
    }
    if !telling.result.blocking { remarks.append("advisory") }
    for check in telling.result.checks {
      if let reason = check.noControl, telling.result.outcome == .passed {
        remarks.append("no positive control: \(Markup.markdown(reason))")
        break
      }
    }
    return remarks.isEmpty ? text : "\(text) (\(remarks.joined(separator: ", ")))"
  }
}
