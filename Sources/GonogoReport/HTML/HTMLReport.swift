import GonogoCore

/// One self-contained file: no script, nothing fetched, readable on a phone, in the dark and on paper.
public struct HTMLReport: ReportFormat {
  public static let name = "html"
  public static let summary = "one self-contained page with the evidence"
  /// The most bytes of facts shown of one check; the store has them all.
  static let factLimit = 65_536

  public init(options: ReportOptions) {}

  public func render(_ report: Report) -> [UInt8] {
    let title = report.title ?? report.file.name
    var lines = Self.head(title: "\(report.verdict.name.uppercased()): \(title)")
    lines += [
      "<header>", "<h1>\(Markup.escape(title))</h1>",
      "<p class=\"verdict \(report.verdict.name)\" role=\"status\">\(Markup.escape(report.verdictSentence))</p>",
      "<p>\(Markup.escape(report.countsSentence))</p>",
    ]
    if let ticks = report.ticksSentence { lines.append("<p>\(Markup.escape(ticks))</p>") }
    lines.append("<p class=\"dim\">\(Markup.escape(report.file.name)) · \(Markup.escape(report.runSentence))</p>")
    if let provenance = report.provenance {
      lines.append("<p class=\"dim\">\(Markup.escape(provenance.sentence))</p>")
    }
    if report.interrupted {
      lines.append(
        "<p class=\"warn\"><strong>The run was interrupted.</strong> What was not looked at counts as undecided.</p>")
    }
    lines += ["</header>", "<main>"]
    lines += chart(report)
    let tellings = Telling.all(report)
    for group in Telling.Group.allCases {
      let members = tellings.filter { $0.group == group }
      if members.isEmpty { continue }
      lines.append("<section aria-labelledby=\"\(Self.anchor(group))\">")
      lines.append("<h2 id=\"\(Self.anchor(group))\">\(Markup.escape(group.rawValue)) (\(members.count))</h2>")
      for telling in members {
        switch group {
        case .tickedAndFalse, .tickedAndNotProven, .failed, .undecided: lines += card(telling)
        default: lines += row(telling)
        }
      }
      lines.append("</section>")
    }
    lines += [
      "</main>", "<footer>",
      "<p class=\"dim\">Evidence is addressed by the SHA-256 of its canonical JSON. Secrets were replaced where they were met.</p>",
      "</footer>", "</body>", "</html>",
    ]
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  /// Everything before the body's first element.
  static func head(title: String) -> [String] {
    [
      "<!DOCTYPE html>", "<html lang=\"en\">", "<head>", "<meta charset=\"utf-8\">",
      // Nothing may be loaded and nothing may run, whatever a fact may hold.
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">",
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
      "<meta name=\"referrer\" content=\"no-referrer\">",
      "<title>\(Markup.escape(title))</title>",
      "<style>\n\(HTMLStyle.css)\n</style>", "</head>", "<body>",
    ]
  }

  private static func anchor(_ group: Telling.Group) -> String { "group-\(group)" }

  // MARK: The chart

  /// Outcomes by section: a bar for the eye, figures for everybody.
  private func chart(_ report: Report) -> [String] {
    var lines = [
      "<section aria-labelledby=\"by-section\">", "<h2 id=\"by-section\">Outcomes by section</h2>",
      "<table class=\"chart\">",
      "<thead><tr><th scope=\"col\">section</th><th scope=\"col\" class=\"bar\"><span class=\"out\">share</span></th><th scope=\"col\">passed</th><th scope=\"col\">failed</th><th scope=\"col\">errored</th><th scope=\"col\">skipped</th></tr></thead>",
      "<tbody>",
    ]
    for section in report.sections() {
      let counts = Report.Counts(section.tellings.map(\.result))
      let name = section.name.isEmpty ? "(no section)" : section.name
      let bar = bar(counts, total: section.tellings.count, label: name)
      func cell(_ value: Int, _ style: String) -> String {
        "<td class=\"\(value == 0 ? "zero" : style)\">\(value)</td>"
      }
      lines.append(
        "<tr><th scope=\"row\">\(Markup.escape(name))</th><td class=\"bar\">\(bar)</td>" + cell(counts.passed, "passed")
          + cell(counts.failed, "no-go") + cell(counts.errored, "undecided") + cell(counts.skipped, "skipped") + "</tr>"
      )
      // On a phone the bar has a line of its own.
      lines.append("<tr class=\"wide\" aria-hidden=\"true\"><td colspan=\"5\">\(bar)</td></tr>")
    }
    return lines + ["</tbody>", "</table>", "</section>"]
  }

  private func bar(_ counts: Report.Counts, total: Int, label: String) -> String {
    let parts = [
      ("passed", counts.passed), ("failed", counts.failed), ("errored", counts.errored), ("skipped", counts.skipped),
    ].filter { $0.1 > 0 }
    let text = "\(label): " + parts.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
    var x = 0
    var shapes = ""
    for (index, (name, count)) in parts.enumerated() {
      let next = index == parts.count - 1 ? 1000 : x + 1000 * count / max(1, total)
      shapes +=
        "<rect class=\"f-\(name)\" x=\"\(x)\" y=\"0\" width=\"\(max(1, next - x - (next == 1000 ? 0 : 4)))\" height=\"10\"/>"
      x = next
    }
    return
      "<svg viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"\(Markup.attribute(text))\"><title>\(Markup.escape(text))</title>\(shapes)</svg>"
  }

  // MARK: Controls

  private func card(_ telling: Telling) -> [String] {
    let result = telling.result
    var lines = [
      "<article class=\"card b-\(telling.word)\">",
      "<h3><span class=\"\(telling.word)\">\(telling.word)</span> \(Markup.escape(telling.control.id)): \(Markup.escape(telling.headline))</h3>",
      "<p class=\"dim\">\(Markup.escape(telling.place)) · \(result.blocking ? "blocking" : "advisory") · \(Markup.escape(Quantity.describe(milliseconds: result.milliseconds)))</p>",
    ]
    lines += list(telling.details)
    lines += evidence(telling)
    return lines + ["</article>"]
  }

  private func row(_ telling: Telling) -> [String] {
    let result = telling.result
    var tags: [String] = []
    if !result.blocking { tags.append("<span class=\"tag skipped\">advisory</span>") }
    if result.passedAfterRetry { tags.append("<span class=\"tag undecided\">passed after a retry</span>") }
    if result.tickTruth == .tickedAndNotProven {
      tags.append("<span class=\"tag undecided\">ticked and not proven</span>")
    }
    if result.tickTruth == .trueAndNotTicked { tags.append("<span class=\"tag passed\">true and not ticked</span>") }
    if result.outcome == .passed, result.checks.contains(where: { $0.noControl != nil }) {
      tags.append("<span class=\"tag undecided\">no positive control</span>")
    }
    var details = result.outcome == .passed ? telling.proof : []
    if case .skipped(let reason) = result.outcome {
      details.append(Telling.Detail("why", reason.message))
      if let mend = telling.mend { details.append(Telling.Detail("mend", mend)) }
    }
    if !telling.section.isEmpty { details.insert(Telling.Detail("under", telling.section), at: 0) }
    return [
      "<details class=\"row\"><summary><span class=\"\(telling.word)\">\(telling.word)</span> <strong>\(Markup.escape(telling.control.id))</strong> \(Markup.escape(telling.control.title)) \(tags.joined(separator: " "))</summary>",
      "<p class=\"dim\">\(Markup.escape(telling.place)) · \(Markup.escape(Quantity.describe(milliseconds: result.milliseconds)))</p>",
    ] + list(details) + evidence(telling) + ["</details>"]
  }

  private func list(_ details: [Telling.Detail]) -> [String] {
    if details.isEmpty { return [] }
    return ["<dl>"]
      + details.map { detail in
        let text = Markup.escape(Visible.cut(detail.text, to: 20_000))
        let body =
          switch detail.form {
          case .prose: text
          case .value: "<code>\(text)</code>"
          case .command: "<pre>\(text)</pre>"
          }
        return "<dt>\(Markup.escape(detail.label))</dt><dd>\(body)</dd>"
      } + ["</dl>"]
  }

  /// What was seen, folded.
  private func evidence(_ telling: Telling) -> [String] {
    if telling.result.checks.isEmpty { return [] }
    var lines = ["<details><summary>evidence</summary>"]
    if let digest = telling.digest { lines.append("<p class=\"dim\">sha256:\(Markup.escape(digest))</p>") }
    for check in telling.result.checks {
      let label = check.label.map { " · \($0)" } ?? ""
      lines.append("<p><strong>\(Markup.escape(check.probeName + label))</strong>: \(check.outcome.name)</p>")
      var details: [Telling.Detail] = []
      if let asked = check.asked { details.append(Telling.Detail("asked", asked, .value)) }
      if !check.witness.isEmpty { details.append(Telling.Detail("witness", Telling.witness(check))) }
      for (index, attempt) in check.attempts.enumerated() {
        details.append(
          Telling.Detail(
            "attempt \(index + 1)",
            "\(attempt.outcome.name) at \(Timestamp.format(attempt.started)), \(Quantity.describe(milliseconds: attempt.milliseconds))"
          ))
      }
      for attachment in check.attachments {
        details.append(
          Telling.Detail("attached", "\(attachment.name) (\(attachment.mediaType), \(attachment.bytes.count) bytes)"))
      }
      lines += list(details)
      if check.facts != .null {
        let facts = check.facts.pretty
        let shown =
          facts.utf8.count > Self.factLimit
          ? String(decoding: facts.utf8.prefix(Self.factLimit), as: UTF8.self) + "\n… (the store has the rest)" : facts
        lines.append("<pre tabindex=\"0\" aria-label=\"facts\">\(Markup.escape(shown))</pre>")
      }
    }
    return lines + ["</details>"]
  }
}
