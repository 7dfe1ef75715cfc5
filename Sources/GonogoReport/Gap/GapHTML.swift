import GonogoCore

/// The gap analysis as one self-contained page: no script, nothing fetched.
public struct GapHTML: GapFormat {
  public static let name = "html"
  public static let summary = "one self-contained page"

  public init(options: ReportOptions) {}

  public func render(_ gap: Gap) -> [UInt8] {
    let report = gap.report
    let title = report.title ?? report.file.name
    var lines = HTMLReport.head(title: "Gap analysis: \(title)")
    lines += [
      "<header>", "<h1>Gap analysis: \(Markup.escape(title))</h1>",
      "<p class=\"verdict \(report.verdict.name)\" role=\"status\">\(Markup.escape(report.verdictSentence))</p>",
      "<p>\(Markup.escape(gap.sentence))</p>",
      "<p class=\"dim\">\(Markup.escape(report.file.name)) · \(Markup.escape(report.runSentence))</p>",
    ]
    if let provenance = report.provenance {
      lines.append("<p class=\"dim\">\(Markup.escape(provenance.sentence))</p>")
    }
    if report.interrupted {
      lines.append(
        "<p class=\"warn\"><strong>The run was interrupted.</strong> What was not looked at counts as not proven.</p>")
    }
    lines += ["</header>", "<main>"]
    for (truth, rows) in gap.ticks {
      lines += ["<section>", "<h2>\(truth.heading) (\(rows.count))</h2>"]
      lines += rows.map { card($0, gap) } + ["</section>"]
    }
    lines += chart(gap)
    for section in gap.sections {
      let open = Gap.State.allCases.filter { $0 != .proven }.flatMap { state in
        section.rows.filter { $0.state == state }
      }
      if open.isEmpty { continue }
      lines += ["<section>", "<h2>\(name(section.name)) (\(open.count))</h2>"]
      lines += open.map { card($0, gap) } + ["</section>"]
    }
    lines += [
      "</main>", "<footer>", "<p class=\"dim\">sha256 \(gap.checksum)</p>", "</footer>", "</body>", "</html>",
    ]
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  private func name(_ section: String) -> String { section.isEmpty ? "(no section)" : Markup.escape(section) }

  private func chart(_ gap: Gap) -> [String] {
    let columns: [Gap.State] = [.proven, .false, .notProven, .waiting, .unbound, .notApplicable]
    var lines = [
      "<section>", "<h2>By section</h2>", "<table class=\"chart\">", "<thead><tr><th scope=\"col\">section</th>",
    ]
    lines += columns.map { "<th scope=\"col\">\($0.words)</th>" } + ["</tr></thead>", "<tbody>"]
    for section in gap.sections {
      let counts = Gap.Counts(section.rows)
      let cells = columns.map { "<td class=\"\(counts[$0] == 0 ? "zero" : Self.style($0))\">\(counts[$0])</td>" }
      lines.append("<tr><th scope=\"row\">\(name(section.name))</th>\(cells.joined())</tr>")
    }
    return lines + ["</tbody>", "</table>", "</section>"]
  }

  private static func style(_ state: Gap.State) -> String {
    switch state {
    case .proven: "passed"
    case .false: "no-go"
    case .notProven, .waiting, .unbound: "undecided"
    case .notApplicable: "skipped"
    }
  }

  private func card(_ row: Gap.Row, _ gap: Gap) -> String {
    let tick = row.ticked.map { $0 ? "ticked, " : "" } ?? ""
    var text =
      "<article class=\"card b-\(Self.style(row.state))\"><h3>\(Markup.escape(row.id)): \(Markup.escape(row.title))</h3>"
    text +=
      "<p class=\"dim\">\(tick)\(row.state.words)\(row.blocking ? "" : " (advisory)") · \(Markup.escape(gap.place(row)))</p>"
    if !row.reason.isEmpty { text += "<p>\(Markup.escape(row.reason))</p>" }
    if !row.mend.isEmpty { text += "<p><strong>mend:</strong> \(Markup.escape(row.mend))</p>" }
    return text + "</article>"
  }
}
