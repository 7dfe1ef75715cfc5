import GonogoCore

/// For people: the lies first, then each line that is not as it should be, with what was expected, what was found and how
/// to mend it; then what waits, the counts and the verdict.
public struct TextReport: ReportFormat {
  public static let name = "text"
  public static let summary = "for people, on a terminal"

  /// Lines that are better than their box: this many are named.
  static let briefLimit = 10

  let style: Style
  let width: Int

  public init(options: ReportOptions) {
    style = Style(enabled: options.colour)
    width = max(40, options.width)
  }

  public func render(_ report: Report) -> [UInt8] {
    var lines: [String] = []
    let tellings = Telling.all(report)
    for group in Telling.Group.allCases {
      let members = tellings.filter { $0.group == group }
      if members.isEmpty { continue }
      switch group {
      case .tickedAndFalse, .tickedAndNotProven, .failed, .undecided:
        // The heading of a run that has nothing else says nothing.
        lines.append(style.bold("\(group.rawValue) (\(members.count))"))
        for telling in members { lines += full(telling) + [""] }
      case .person, .unbound, .notApplicable:
        lines.append(style.bold("\(group.rawValue) (\(members.count))"))
        lines += members.map(brief) + [""]
      case .trueAndNotTicked:
        lines.append(style.bold("\(group.rawValue) (\(members.count))"))
        lines += members.prefix(Self.briefLimit).map(brief)
        if members.count > Self.briefLimit {
          lines.append("  and \(members.count - Self.briefLimit) more; `gonogo check --write` sets the boxes")
        }
        lines.append("")
      case .passed: break
      }
    }
    lines += remarks(tellings.filter { $0.result.outcome == .passed })
    lines.append(report.countsSentence)
    if let ticks = report.ticksSentence { lines.append(ticks) }
    lines.append(style.dim(report.runSentence))
    if let provenance = report.provenance { lines.append(style.dim(Visible.line(provenance.sentence))) }
    if report.interrupted {
      lines.append(style.yellow("the run was interrupted; what was not looked at counts as undecided"))
    }
    lines.append(verdict(report))
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  private func verdict(_ report: Report) -> String {
    switch report.verdict {
    case .go: style.bold(style.green(report.verdictSentence))
    case .noGo: style.bold(style.red(report.verdictSentence))
    case .undecided: style.bold(style.yellow(report.verdictSentence))
    }
  }

  /// `launch.md:16:3: no-go[DB-3]: backups are not fresh`, and what belongs to it.
  private func full(_ telling: Telling) -> [String] {
    let label = "\(telling.word)[\(Visible.line(telling.control.id))]"
    let painted = telling.word == "no-go" ? style.red(style.bold(label)) : style.yellow(style.bold(label))
    var lines = ["\(Visible.line(telling.place)): \(painted): \(Visible.line(telling.headline))"]
    for detail in telling.details { lines += self.lines(detail) }
    return lines
  }

  /// `   = expected: …`. Commands are never broken, so that they can be copied.
  private func lines(_ detail: Telling.Detail) -> [String] {
    let label = "\(detail.label):" + String(repeating: " ", count: max(0, 9 - detail.label.count))
    let margin = String(repeating: " ", count: 5 + label.count + 1)
    var texts: [String] = []
    let text = detail.form == .command ? detail.text : Visible.cut(detail.text, to: 1200)
    for line in Visible.lines(text) {
      texts +=
        detail.form == .command
        ? [line] : Visible.wrap(line, to: width - margin.count) { DisplayWidth.of($0) }
    }
    return texts.enumerated().map { index, text in
      index == 0 ? "   = \(style.dim(label)) \(text)" : "\(margin)\(text)"
    }
  }

  /// One line for what waits.
  private func brief(_ telling: Telling) -> String {
    let tick = telling.control.tick.map { $0.checked ? "[x]" : "[ ]" } ?? " - "
    var text = "  \(tick) \(Visible.line(telling.control.id))  "
    if case .skipped(let reason) = telling.result.outcome, telling.group != .unbound {
      text += "\(Visible.line(telling.control.title)): \(Visible.line(reason.message))"
    } else {
      text += Visible.line(telling.control.title)
    }
    if !telling.result.blocking { text += " (advisory)" }
    let place = "  \(Visible.line(telling.place))"
    return DisplayWidth.truncate(text, to: max(24, width - DisplayWidth.of(place))) + style.dim(place)
  }

  /// What is worth knowing of lines that passed.
  private func remarks(_ members: [Telling]) -> [String] {
    var lines: [String] = []
    let retried = members.filter(\.result.passedAfterRetry)
    if !retried.isEmpty {
      lines.append(style.bold("Passed after a retry (\(retried.count))"))
      for telling in retried {
        let attempts = telling.result.checks.filter(\.passedAfterRetry).map(Telling.attempts).joined(separator: "; ")
        lines.append(
          "  \(Visible.line(telling.control.id))  attempts \(attempts)  \(style.dim(Visible.line(telling.place)))")
      }
      lines.append("")
    }
    let bare = members.filter { $0.result.checks.contains { $0.noControl != nil } }
    if !bare.isEmpty {
      lines.append(style.bold("Passed as a denial without a positive control (\(bare.count))"))
      for telling in bare {
        let reason = telling.result.checks.lazy.compactMap(\.noControl).first ?? ""
        lines.append(
          "  \(Visible.line(telling.control.id))  \(Visible.line(reason))  \(style.dim(Visible.line(telling.place)))")
      }
      lines.append("")
    }
    return lines
  }
}
