import GonogoCore

/// Markdown, for a pull request or a wiki.
public struct AuditMarkdownReport: AuditFormat {
  public static let name = "markdown"
  public static let summary = "Markdown, for a pull request or a wiki"

  public init(options: ReportOptions) {}

  public func render(_ result: AuditResult) -> [UInt8] {
    var lines = [
      "# Audit", "", "**\(Markup.markdown(result.countsSentence))**", "", Markup.markdown(result.runSentence),
    ]
    if !result.inventory.isEmpty {
      lines += ["", "## Inventory", "", "| what | count | |", "|---|--:|---|"]
      for entry in result.inventory {
        lines.append("| \(Markup.markdown(entry.name)) | \(entry.count) | \(Markup.markdown(entry.summary)) |")
      }
    }
    for group in result.bySeverity {
      lines += [
        "",
        "## \(group.severity.rawValue.prefix(1).uppercased() + group.severity.rawValue.dropFirst()) (\(group.findings.count))",
      ]
      for finding in group.findings {
        lines += [
          "",
          "* \(Markup.code(finding.place.description)) \(Markup.markdown(finding.message)) (\(Markup.code(finding.rule)))",
        ]
        for related in finding.related {
          lines.append("  * see \(Markup.code(related.place.description)): \(Markup.markdown(related.message))")
        }
        lines.append("  * why: \(Markup.markdown(finding.why))")
        lines.append("  * mend: \(Markup.markdown(finding.mend))")
        lines.append("  * makes false: \(Markup.markdown(finding.falsifies))")
      }
    }
    if !result.claims.isEmpty {
      lines += ["", "## Claims", "", "| line | ticked | judgement | text |", "|---|---|---|---|"]
      for claim in result.claims {
        lines.append(
          "| \(Markup.code(claim.place.description)) | \(claim.ticked.map { $0 ? "yes" : "no" } ?? "") | \(claim.judgement.rawValue) | \(Markup.markdown(claim.text)) |"
        )
      }
    }
    if !result.unlooked.isEmpty {
      lines += ["", "## Could not look (\(result.unlooked.count))", ""]
      for trouble in result.unlooked {
        let mend = trouble.mend.map { "; mend: \(Markup.markdown($0))" } ?? ""
        lines.append("* \(Markup.markdown(trouble.prefix + trouble.message))\(mend)")
      }
    }
    if !result.suppressed.isEmpty {
      lines += ["", "## Suppressed (\(result.suppressed.count))", ""]
      for item in result.suppressed {
        lines.append(
          "* \(Markup.code(item.finding.place.description)) \(Markup.code(item.finding.rule)) until \(item.by.until): \(Markup.markdown(item.by.reason))"
        )
      }
    }
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }
}

/// One self-contained page: no script, nothing fetched.
public struct AuditHTMLReport: AuditFormat {
  public static let name = "html"
  public static let summary = "one self-contained page"

  public init(options: ReportOptions) {}

  public func render(_ result: AuditResult) -> [UInt8] {
    func text(_ text: String) -> String { Markup.escape(text) }
    var lines = [
      "<!DOCTYPE html>", "<html lang=\"en\">", "<head>", "<meta charset=\"utf-8\">",
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">",
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
      "<meta name=\"referrer\" content=\"no-referrer\">", "<title>Audit: \(text(result.countsSentence))</title>",
      "<style>\n\(HTMLStyle.css)\n</style>", "</head>", "<body>", "<header>", "<h1>Audit</h1>",
      "<p role=\"status\"><strong>\(text(result.countsSentence))</strong></p>",
      "<p class=\"dim\">\(text(result.runSentence))</p>", "</header>", "<main>",
    ]
    lines += ["<section>", "<h2>Inventory</h2>", "<dl>"]
    for entry in result.inventory {
      lines.append("<dt>\(text(entry.name))</dt><dd>\(entry.count) · \(text(entry.summary))</dd>")
    }
    lines += ["</dl>", "</section>"]
    for group in result.bySeverity {
      let word = group.severity >= .high ? "no-go" : "undecided"
      lines += ["<section>", "<h2>\(group.severity.rawValue) (\(group.findings.count))</h2>"]
      for finding in group.findings {
        lines.append("<article class=\"card b-\(word)\">")
        lines.append("<h3><span class=\"\(word)\">\(text(finding.rule))</span> \(text(finding.message))</h3>")
        lines.append("<p class=\"dim\">\(text(finding.place.description))</p><dl>")
        lines.append("<dt>why</dt><dd>\(text(finding.why))</dd><dt>mend</dt><dd>\(text(finding.mend))</dd>")
        lines.append("<dt>makes false</dt><dd>\(text(finding.falsifies))</dd>")
        for related in finding.related {
          lines.append("<dt>see</dt><dd>\(text(related.place.description)): \(text(related.message))</dd>")
        }
        lines.append("</dl></article>")
      }
      lines.append("</section>")
    }
    func list(_ title: String, _ items: [String]) {
      if items.isEmpty { return }
      lines += ["<section>", "<h2>\(title) (\(items.count))</h2>", "<ul>"] + items.map { "<li>\(text($0))</li>" }
      lines += ["</ul>", "</section>"]
    }
    list(
      "Claims",
      result.claims.map { "\($0.place): \($0.judgement.rawValue): \($0.text)" })
    list(
      "Could not look",
      result.unlooked.map { "\($0.prefix)\($0.message)" + ($0.mend.map { " (mend: \($0))" } ?? "") })
    list(
      "Suppressed",
      result.suppressed.map { "\($0.finding.place): \($0.finding.rule): until \($0.by.until): \($0.by.reason)" })
    lines += ["</main>", "</body>", "</html>"]
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }
}
