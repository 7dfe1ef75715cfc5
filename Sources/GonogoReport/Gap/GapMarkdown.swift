import GonogoCore

/// The gap analysis as GitHub-flavoured Markdown: for a ticket or a release note.
public struct GapMarkdown: GapFormat {
  public static let name = "markdown"
  public static let summary = "GitHub-flavoured Markdown, for tickets and release notes"

  public init(options: ReportOptions) {}

  public func render(_ gap: Gap) -> [UInt8] {
    let report = gap.report
    var lines = ["# Gap analysis: \(Markup.markdown(report.title ?? report.file.name))", ""]
    lines += [
      "**\(Markup.markdown(report.verdictSentence))**", "", "\(gap.sentence)  ", Markup.markdown(report.runSentence),
      "",
    ]
    if let provenance = report.provenance { lines += [Markup.markdown(provenance.sentence), ""] }
    if report.interrupted {
      lines += ["> **The run was interrupted.** What was not looked at counts as not proven.", ""]
    }
    for (truth, rows) in gap.ticks {
      lines += ["## \(truth.heading) (\(rows.count))", ""]
      lines += rows.map {
        "- **\(Markup.markdown($0.id))** \(Markup.markdown($0.title)) \(Markup.code(gap.place($0)))"
          + ($0.reason.isEmpty ? "" : ": \(Markup.markdown($0.reason))")
      }
      lines.append("")
    }
    let columns: [Gap.State] = [.proven, .false, .notProven, .waiting, .unbound, .notApplicable]
    lines += ["## By section", "", "| section | \(columns.map(\.words).joined(separator: " | ")) |"]
    lines.append("|---|\(columns.map { _ in "--:" }.joined(separator: "|"))|")
    for section in gap.sections {
      let counts = Gap.Counts(section.rows)
      lines.append("| \(name(section.name)) | \(columns.map { "\(counts[$0])" }.joined(separator: " | ")) |")
    }
    lines.append("")
    for section in gap.sections {
      let open = Gap.State.allCases.filter { $0 != .proven }.flatMap { state in
        section.rows.filter { $0.state == state }
      }
      if open.isEmpty { continue }
      lines += ["## \(name(section.name))", "", "| line | what | stands | found | mend |", "|---|---|---|---|---|"]
      for row in open {
        let cells = [
          "**\(Markup.markdown(row.id))** (\(row.line))", Markup.markdown(row.title),
          row.state.words + (row.blocking ? "" : " (advisory)"), Markup.markdown(row.reason), Markup.markdown(row.mend),
        ]
        lines.append("| \(cells.joined(separator: " | ")) |")
      }
      lines.append("")
    }
    lines.append("sha256 `\(gap.checksum)`")
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  private func name(_ section: String) -> String { section.isEmpty ? "(no section)" : Markup.markdown(section) }
}
