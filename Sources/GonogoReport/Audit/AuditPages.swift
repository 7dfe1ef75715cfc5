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
    lines += Self.claims(result)
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
      for finding in group.findings { lines += Self.item(finding, finding.rule) }
    }
    if !result.reviews.isEmpty {
      lines += ["", "## To review (\(result.reviews.count))", "", Markup.markdown(AuditResult.reviewSentence)]
      for finding in result.reviews { lines += Self.item(finding, "\(finding.severity.rawValue)[\(finding.rule)]") }
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

extension AuditMarkdownReport {
  private static func item(_ finding: Finding, _ label: String) -> [String] {
    var lines = [
      "",
      "* \(Markup.code(finding.place.description)) \(Markup.markdown(finding.message)) (\(Markup.code(label)))",
    ]
    for related in finding.related {
      lines.append("  * see \(Markup.code(related.place.description)): \(Markup.markdown(related.message))")
    }
    return lines + [
      "  * why: \(Markup.markdown(finding.why))", "  * mend: \(Markup.markdown(finding.mend))",
      "  * makes false: \(Markup.markdown(finding.falsifies))",
    ]
  }

  /// What documents claim, before everything else.
  private static func claims(_ result: AuditResult) -> [String] {
    let groups = ClaimGroups(result.claims)
    if groups.isEmpty { return [] }
    var lines = ["", Markup.markdown(groups.sentence)]
    func tell(_ title: String, _ claims: [Claim]) {
      if claims.isEmpty { return }
      lines += ["", "## \(title) (\(claims.count))", ""]
      for claim in claims {
        lines.append(
          "* \(Markup.code("\(claim.place.path):\(claim.place.line)")) \(Markup.markdown(claim.text + claim.judgedElsewhere(than: result.commit)))"
        )
        for evidence in claim.shownEvidence.prefix(6) {
          let place = evidence.place.map { Markup.code($0.description) + " " } ?? ""
          lines.append("  * \(place)\(Markup.markdown(evidence.text))")
        }
      }
    }
    tell("Ticked and false", groups.contradicted)
    tell("Ticked, and false today", groups.outdated)
    tell("Ticked and not proven", groups.unproven)
    if !groups.unjudged.isEmpty {
      lines.append("")
      for (document, count) in groups.unjudged {
        lines.append("* \(Markup.code(document)): \(count) more ticked, of a kind that no judge knows")
      }
    }
    tell("True and not ticked", groups.open)
    return lines
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
    let groups = ClaimGroups(result.claims)
    func tell(_ title: String, _ word: String, _ claims: [Claim]) {
      if claims.isEmpty { return }
      lines += ["<section>", "<h2>\(title) (\(claims.count))</h2>"]
      for claim in claims {
        lines.append("<article class=\"card b-\(word)\">")
        lines.append("<h3>\(text(claim.text))</h3>")
        lines.append(
          "<p class=\"dim\">\(text("\(claim.place.path):\(claim.place.line)\(claim.judgedElsewhere(than: result.commit))"))</p><ul>"
        )
        for evidence in claim.shownEvidence.prefix(6) {
          lines.append("<li>\(text((evidence.place.map { "\($0): " } ?? "") + evidence.text))</li>")
        }
        lines.append("</ul></article>")
      }
      lines.append("</section>")
    }
    if !groups.isEmpty {
      lines.append("<p>\(text(groups.sentence))</p>")
      tell("Ticked and false", "no-go", groups.contradicted)
      tell("Ticked, and false today", "no-go", groups.outdated)
      tell("Ticked and not proven", "undecided", groups.unproven)
      tell("True and not ticked", "go", groups.open)
    }
    lines += ["<section>", "<h2>Inventory</h2>", "<dl>"]
    for entry in result.inventory {
      lines.append("<dt>\(text(entry.name))</dt><dd>\(entry.count) · \(text(entry.summary))</dd>")
    }
    lines += ["</dl>", "</section>"]
    func section(_ title: String, _ intro: String?, _ word: String, _ findings: [Finding]) {
      lines += ["<section>", "<h2>\(title) (\(findings.count))</h2>"]
      if let intro { lines.append("<p>\(text(intro))</p>") }
      for finding in findings {
        lines.append("<article class=\"card b-\(word)\">")
        lines.append("<h3><span class=\"\(word)\">\(text(finding.rule))</span> \(text(finding.message))</h3>")
        lines.append("<p class=\"dim\">\(text("\(finding.place), \(finding.severity.rawValue)"))</p><dl>")
        lines.append("<dt>why</dt><dd>\(text(finding.why))</dd><dt>mend</dt><dd>\(text(finding.mend))</dd>")
        lines.append("<dt>makes false</dt><dd>\(text(finding.falsifies))</dd>")
        for related in finding.related {
          lines.append("<dt>see</dt><dd>\(text(related.place.description)): \(text(related.message))</dd>")
        }
        lines.append("</dl></article>")
      }
      lines.append("</section>")
    }
    for group in result.bySeverity {
      section(group.severity.rawValue, nil, group.severity >= .high ? "no-go" : "undecided", group.findings)
    }
    if !result.reviews.isEmpty { section("To review", AuditResult.reviewSentence, "undecided", result.reviews) }
    func list(_ title: String, _ items: [String]) {
      if items.isEmpty { return }
      lines += ["<section>", "<h2>\(title) (\(items.count))</h2>", "<ul>"] + items.map { "<li>\(text($0))</li>" }
      lines += ["</ul>", "</section>"]
    }
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
