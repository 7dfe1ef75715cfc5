/// Packages of others: known faults, and what is out of date.
enum Packages {
  static let recogniser = Recogniser(
    "packages", probes: ["command"],
    manual: """
      "No known vulnerabilities in dependencies", "dependencies audited" and "dependencies up to date", where the line names no command: the audit or the list of outdated packages of the package manager that the line,
      else the document, names (npm, pnpm, yarn, Composer, pip, Bundler, Cargo, Go). With several it is the first. Nothing is installed.
      """, denials: true,
    samples: [
      Recogniser.Sample(
        "`npm run build`.\n\n- [ ] No known vulnerabilities in dependencies",
        #"""
        command: npm audit --omit=dev
        expect: { exit: 0 }
        timeout: 5m
        """#),
      Recogniser.Sample(
        "- [ ] npm audit shows no high vulnerabilities",
        #"""
        command: npm audit --omit=dev --audit-level=high
        expect: { exit: 0 }
        timeout: 5m
        """#),
      Recogniser.Sample(
        "Rails with Bundler.\n\n- [ ] Gems audited for vulnerabilities",
        #"""
        command: bundle audit check
        expect: { exit: 0 }
        timeout: 5m
        """#),
      Recogniser.Sample(
        "- [ ] Dependencies updated: `composer update` and `npm update`",
        #"""
        command: composer outdated --direct --strict
        expect: { exit: 0 }
        timeout: 5m
        """#,
        #"""
        command: npm outdated
        expect: { exit: 0 }
        timeout: 5m
        """#),
    ],
    lookalikes: [
      "- [ ] No known vulnerabilities in dependencies", "npm.\n\n- [ ] Dependencies documented",
      "npm.\n\n- [ ] Update the dependency diagram", "npm.\n\n- [ ] Monthly: Update dependencies (security patches)",
    ]
  ) { line, context in
    guard line.isItem, !line.says(other) else { return nil }
    let isAudit = line.says(audit)
    guard isAudit || line.says(fresh) else { return nil }
    var named = managers.filter { $0.phrase.isFound(in: line.text) }
    if named.isEmpty, let first = managers.first(where: { context.mentions($0.phrase) }) { named = [first] }
    let grave = line.says(severe) ? " --audit-level=high" : ""
    let commands = named.map { isAudit ? $0.audit + ($0.audit.hasPrefix("npm") ? grave : "") : $0.outdated }.filter {
      !$0.isEmpty
    }
    if commands.isEmpty { return nil }
    return Draft(
      blocks: commands.map { "command: \($0)\nexpect: { exit: 0 }\ntimeout: 5m" }, confidence: .medium,
      reason: isAudit
        ? "the package manager knows of no fault in what is locked"
        : "the package manager lists nothing that is out of date")
  }

  private static let other = Phrase(
    #"^(weekly|monthly|quarterly|daily|yearly)\b|documented|diagram|schedule|licen[cs]e|injection"#)
  private static let severe = Phrase(#"\b(high|critical)\b"#)
  private static let audit = Phrase(
    #"(no|zero) (known |critical |high |high-severity )*(security )?vulnerabilit\w* (in|found in|of)\b.*(dependenc|packages|gems|libraries)|(dependenc\w*|packages|gems|libraries)\b.*(audit(ed)?|vulnerabilit|scanned|security check)|(audit|scan) (the |all )?(dependenc|packages|gems)|\b(npm|pnpm|yarn|composer|bundle|cargo|pip)[ -]audit\b|зависимост\w* .*(уязвимост|аудит)"#
  )
  private static let fresh = Phrase(
    #"(dependenc\w*|packages|gems|libraries)\b.*\b(up[- ]to[- ]date|updated|current|latest)|^update (all )?(dependenc|packages|gems)|зависимости обновлены"#
  )
  private static let managers: [(phrase: Phrase, audit: String, outdated: String)] = [
    (Phrase(#"\bcomposer\b"#), "composer audit", "composer outdated --direct --strict"),
    (Phrase(#"\bpnpm\b"#), "pnpm audit --prod", "pnpm outdated"),
    (Phrase(#"\byarn\b"#), "yarn npm audit", ""),
    (Phrase(#"\bnpm\b|package\.json"#), "npm audit --omit=dev", "npm outdated"),
    (Phrase(#"\bpip\b|requirements\.txt|\bpoetry\b|\bpip-audit\b"#), "pip-audit", ""),
    (Phrase(#"\bbundler?\b|gemfile|\bgems?\b"#), "bundle audit check", "bundle outdated --strict"),
    (Phrase(#"\bcargo\b"#), "cargo audit", ""), (Phrase(#"\bgo (test|build|mod)\b|go\.mod"#), "govulncheck ./...", ""),
  ]
}
