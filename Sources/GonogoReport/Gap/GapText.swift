import GonogoCore

/// The gap analysis for people on a terminal: ticks that lie, then each section with what stands between it and go-live.
public struct GapText: GapFormat {
  public static let name = "text"
  public static let summary = "for people, on a terminal"

  let style: Style
  let width: Int

  public init(options: ReportOptions) {
    style = Style(enabled: options.colour)
    width = max(40, options.width)
  }

  public func render(_ gap: Gap) -> [UInt8] {
    var lines: [String] = []
    for (truth, rows) in gap.ticks {
      lines.append(style.bold("\(truth.heading) (\(rows.count))"))
      lines += rows.map { brief($0, gap) } + [""]
    }
    for section in gap.sections {
      let counts = Gap.Counts(section.rows)
      let figures = Gap.State.allCases.filter { counts[$0] > 0 }.map { "\(counts[$0]) \($0.words)" }
      let name = section.name.isEmpty ? "(no section)" : Visible.line(section.name)
      lines.append("\(style.bold(name))  \(style.dim(figures.joined(separator: ", ")))")
      for state in Gap.State.allCases where state != .proven {
        for row in section.rows where row.state == state { lines += full(row, gap) }
      }
      lines.append("")
    }
    lines += [gap.sentence, style.dim(gap.report.runSentence), style.dim("sha256 \(gap.checksum)")]
    if let provenance = gap.report.provenance { lines.append(style.dim(Visible.line(provenance.sentence))) }
    if gap.report.interrupted {
      lines.append(style.yellow("the run was interrupted; what was not looked at counts as not proven"))
    }
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  private func brief(_ row: Gap.Row, _ gap: Gap) -> String {
    let place = "  \(Visible.line(gap.place(row)))"
    let text = "  \(Visible.line(row.id))  \(Visible.line(row.title))"
    return DisplayWidth.truncate(text, to: max(24, width - DisplayWidth.of(place))) + style.dim(place)
  }

  private func full(_ row: Gap.Row, _ gap: Gap) -> [String] {
    let tick = row.ticked.map { $0 ? "[x]" : "[ ]" } ?? " - "
    let word = row.state == .false ? style.red(row.state.words) : style.yellow(row.state.words)
    var lines = [
      "  \(Visible.line(gap.place(row))): \(tick) \(Visible.line(row.id)): \(word)\(row.blocking ? "" : " (advisory)"): \(Visible.line(row.title))"
    ]
    func add(_ label: String, _ text: String) {
      let margin = "     = \(label): "
      for (number, line) in Visible.wrap(text, to: width - margin.utf8.count, measure: { DisplayWidth.of($0) })
        .enumerated()
      {
        lines.append(number == 0 ? margin + line : String(repeating: " ", count: margin.utf8.count) + line)
      }
    }
    if !row.reason.isEmpty { add("found", row.reason) }
    if !row.mend.isEmpty { add("mend", Visible.line(row.mend)) }
    return lines
  }
}
