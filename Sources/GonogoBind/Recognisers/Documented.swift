/// "X documented": some page has a heading or a name that says so.
enum Documented {
  static let recogniser = Recogniser(
    "documented", probes: ["files"],
    manual: """
      "Disaster recovery plan documented", "incident response playbook", "X guide created": a Markdown file of the repository other than this
      checklist has a heading with the words of the line. Lines of a section about documentation that name a runbook, playbook, plan, guide
      or procedure are read the same way. What the page says is for its readers.
      """,
    samples: [
      Recogniser.Sample(
        "- [x] API documentation generated",
        #"""
        files:
          path: "**/*.md"
          matches: '/^#+ .*api.*(doc|reference|guide)/i'
        """#),
      Recogniser.Sample(
        "- [ ] Disaster recovery plan documented",
        #"""
        files:
          path: "**/*.md"
          matches: '/^#+ .*disaster.*recovery.*plan/i'
        """#),
      Recogniser.Sample(
        "### Operational Documentation\n- [ ] Incident response playbook",
        #"""
        files:
          path: "**/*.md"
          matches: '/^#+ .*incident.*response.*playbook/i'
        """#),
      Recogniser.Sample(
        "- [x] Tenant permissions guide",
        #"""
        files:
          path: "**/*.md"
          matches: '/^#+ .*tenant.*permission.*guide/i'
        """#),
      Recogniser.Sample(
        "[x] no\n\n```\n# Documentation\n[x] Security audit проведен\n[x] RLS deployment guide\n```",
        #"""
        files:
          path: "**/*.md"
          matches: '/^#+ .*rls.*deployment.*guide/i'
        """#),
    ],
    lookalikes: [
      "- [ ] Generate and print report", "- [ ] Can create visits, enter results, and generate reports",
      "- [ ] Document any issues or feature requests",
      "- [ ] User feedback collected", "- [ ] Privacy Policy page created", "- [x] API reference (`API.md`)",
      "- [ ] Support team trained",
      "- [ ] Rollback tested",
    ]
  ) { line, context in
    guard [.task, .box, .bullet, .row, .step].contains(line.kind), line.codes.isEmpty,
      !Phrase(#"\.(md|sql)\b"#).isFound(in: line.text), !line.says(page), !line.says(use)
    else { return nil }
    let inSection = line.section.contains { section.isFound(in: $0) }
    guard line.says(documented) || line.says(paper) && (inSection || line.says(made)) || line.says(guide) else {
      return nil
    }
    let words = subject.all(in: line.text).compactMap { $0[0] }.filter { !filler.isFound(in: $0) }.prefix(4)
    guard !words.isEmpty else { return nil }
    var pattern = words.map(stem).joined(separator: ".*")
    // A word as short as "API" is in many a heading.
    if words.count == 1, words[0].count <= 4, line.says(documentation) { pattern += ".*(doc|reference|guide)" }
    let own = context.ownNames.isEmpty ? "" : "\n  exclude: \(YAMLText.list(context.ownNames + ["node_modules"]))"
    return Draft(
      "files:\n  path: \"\(context.root)**/*.md\"\(own)\n  matches: '/^#+ .*\(pattern)/i'",
      confidence: words.count > 1 || words[0].allSatisfy(\.isUppercase) ? .medium : .low,
      reason: "a page of the repository has a heading with these words; what it says is for its readers")
  }

  /// Without its ending, so that "procedures" is found in "procedure".
  private static func stem(_ word: String) -> String {
    let lower = word.lowercased()
    for ending in ["ies", "es", "s"] where lower.hasSuffix(ending) && lower.count > ending.count + 3 {
      return YAMLText.escapedForPattern(String(lower.dropLast(ending == "es" ? 1 : ending.count)))
    }
    return YAMLText.escapedForPattern(lower)
  }

  /// A page of the site is no page of the documentation.
  /// What users make with the product is no page of the repository; nor is what is still to be written down.
  private static let use = Phrase(
    #"^(can |users? can\b|generate\b|enter\b|view\b|export\b|download\b|print\b|create (a |new |sample |test )|document any\b|created deployment)|sample data"#
  )
  private static let page = Phrase(
    #"internal wiki|confluence|notion\b|\bkeep\b|\bpages? (created|live|published|added|is|are)\b|secrets? documented so\b"#
  )
  private static let documentation = Phrase(#"documentation|\bdocs\b|документац"#)
  private static let section = Phrase(#"documentation|документац"#)
  private static let documented = Phrase(
    #"\bdocumented\b|документирован|^document\b|(documentation|docs) (generated|complete|created)|задокументирован"#)
  private static let paper = Phrase(
    #"\b(playbook|runbooks?|plan|guides?|procedures?|reports?|manual|diagram|tutorials?|checklist|materials?|policy|terms of service|documentation)\b|отчет"#
  )
  private static let made = Phrase(
    #"^have an? |\b(created?|written|prepared?|updated?|finalized|generated)\b|созда\w+|готов"#)
  private static let guide = Phrase(
    #"\b(guide|playbook|runbooks?)$|^runbooks? (are )?(available|written|in place)|guide created|reports?$|testing checklist$"#
  )
  private static let subject = Phrase(#"[\p{L}][\p{L}\p{N}_-]{2,}"#)
  private static let filler = Phrase(
    #"^(and|the|for|with|all|are|have|document(ed)?|documentation|create[ds]?|generated|prepared?|finalized|complete|considerations|created|written|updated?|step-by-step|comprehensive|common|issues|созда\w+|готов\w*|документирован\w*|basic|(базов\w+)|materials|available|they|can|так|что|подготовлен\w*|актуал\w*|написан\w*|обновлен\w*)$"#
  )
}
