public import GonogoCore

/// Variables that a document tells to set and nothing knows.
public struct DocumentedUnread: AuditRule {
  public static let manual = RuleManual(
    id: "env-documented-unread", severity: .low, family: "environment",
    title: "A document tells of variables that nothing knows",
    what: """
      Looks at lists, tables and blocks of Markdown that are about the environment (their heading, their lead or their head cells \
      say so) for variables whose names stand in no program, script, template, example or deployment file. One finding for each \
      document, with the list. A name that is declared in an example file is told by `env-unused`; variables of well-known tools \
      and of dependencies, documents that look back or ahead (changelogs, reports, archives, plans), those that begin with \
      an installer from elsewhere, and those of whose variables less than half are known, pass.
      """,
    why: "whoever follows the document sets what has no effect, and takes it for done",
    mend: "mend the document, or let the code read the variable",
    falsifies: "the documentation of the environment is true")

  private static let past = [
    "changelog", "history", "archive", "report", "audit", "plan", "proposal", "rfc", "adr", "migration", "upgrade",
    "release",
    "deprecated", "legacy", "roadmap", "backlog", "todo", "spec", "prompt", "draft", "notes", "review", "summary",
    "postmortem", "agents.md", "claude.md", ".agents/", ".cursor/", ".claude/", "skills/",
  ]

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    let facts = context.facts(EnvironmentVariables.self)
    // Without a program that reads the environment there is nothing to compare with.
    guard facts.variables.contains(where: { !$0.reads.isEmpty }) else { return }
    let reader = OutsideReaders(context)
    let aside = Set(context.facts(MarkdownDocuments.self).filter { $0.isHistorical || $0.installs }.map(\.file.path))
    var byFile: [String: [EnvironmentMention]] = [:]
    var known: [String: Set<String>] = [:]
    for mention in facts.listed where facts.isUsed(mention.name) {
      known[mention.place.path, default: []].insert(mention.name)
    }
    var seen: Set<String> = []
    for mention in facts.listed {
      let path = mention.place.path
      guard !Self.past.contains(where: { path.lowercased().contains($0) }), !facts.isUsed(mention.name),
        facts[mention.name]?.declarations.isEmpty ?? true, !EnvironmentNames.isPlatforms(mention.name),
        !reader.reads(mention.name), !aside.contains(path), SourcePurpose.of(path: path) != .test,
        seen.insert("\(path) \(mention.name)").inserted
      else { continue }
      byFile[path, default: []].append(mention)
    }
    for path in byFile.keys.sorted() {
      let mentions = (byFile[path] ?? []).sorted { $0.place < $1.place }
      // A document of which the repository knows less than half is about another program.
      guard let first = mentions.first, known[path]?.count ?? 0 >= mentions.count else { continue }
      findings.add(
        "the document tells of \(Listing.of(mentions.map(\.name))), which nothing in the repository knows",
        at: first.place,
        subject: path, related: mentions.dropFirst().prefix(40).map { .init($0.place, "\($0.name) stands here") })
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "docs/setup.md:4:4",
      in: [
        "docs/setup.md": "# Environment variables\n\n- `MAIL_FROM`: who writes\n- `OLD_MAIL_HOST` (required)\n",
        "src/a.ts": "const a = process.env.MAIL_FROM\n",
      ], "a list under a heading"),
    .silent(
      "other capitals, other subjects, read or declared names, the past",
      [
        "docs/errors.md": "# Errors\n\n- `USER_NOT_FOUND`: nobody\n\n# Environment\n\nWe use `SOME_THING` here.\n",
        "docs/setup.md": "# Environment variables\n\n- `MAIL_FROM`\n- `MAIL_HOST`\n",
        "CHANGELOG.md": "# Environment variables\n\n- `GONE_MAIL_HOST`\n",
        "PROGRESS.md": "# Environment variables\n\n- `MAIL_FROM`\n- `HELPER_API_KEY`\n",
        "docs/sentry.md": "# Environment variables\n\n- `MAIL_FROM`\n- `SENTRY_AUTH_TOKEN`\n- `FLASK_DEBUG`\n",
        "docs/self-host.md":
          "```sh\ncurl -fsSL https://get.acme.test | bash\n```\n\n# Environment variables\n\n- `MAIL_FROM`\n- `STACK_MODE`\n",
        ".env.example": "MAIL_HOST=\n", "src/a.ts": "const a = process.env.MAIL_FROM\n",
      ]),
  ]
}
