public import GonogoCore
import GonogoSystem

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
      an installer from elsewhere, lines that say that a variable is of the past or to come, and lists of whose variables half or more are unknown, pass, as do variables that the document's own snippets use; where a \
      library takes every variable of a shape (viper's AutomaticEnv), nothing is told.
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
    guard !Self.takesAll(context) else { return }
    var byFile: [String: [EnvironmentMention]] = [:]
    for list in Self.lists(facts.listed) {
      guard let path = list.first?.place.path, !Self.past.contains(where: path.lowercased().contains),
        !aside.contains(path), SourcePurpose.of(path: path) != .test
      else { continue }
      let unknown = list.filter { mention in
        !facts.isUsed(mention.name) && facts[mention.name]?.declarations.isEmpty ?? true
          && !EnvironmentNames.isPlatforms(mention.name) && !reader.reads(mention.name)
          && !Self.isShown(mention, context) && !Self.isAside(mention, context)
      }
      // A list of which the repository does not know most is another program's, or fills places of its own text.
      let strange = Set(unknown.map(\.name)).count
      let known = Set(list.map(\.name)).filter(facts.isUsed).count
      guard known > strange || known == 1 && strange == 1 else { continue }
      byFile[path, default: []] += unknown
    }
    for path in byFile.keys.sorted() {
      var seen: Set<String> = []
      let mentions = (byFile[path] ?? []).filter { seen.insert($0.name).inserted }
      guard let first = mentions.first else { continue }
      findings.add(
        "the document tells of \(Listing.of(mentions.map(\.name))), which nothing in the repository knows",
        at: first.place,
        subject: path, related: mentions.dropFirst().prefix(40).map { .init($0.place, "\($0.name) stands here") })
    }
  }

  /// The mentions by the list, table or block that they stand in: what is not more than six lines apart.
  private static func lists(_ mentions: [EnvironmentMention]) -> [[EnvironmentMention]] {
    var result: [[EnvironmentMention]] = []
    for mention in mentions.sorted(by: { $0.place < $1.place }) {
      if let last = result.last?.last, last.place.path == mention.place.path,
        mention.place.line - last.place.line <= 6
      {
        result[result.count - 1].append(mention)
      } else {
        result.append([mention])
      }
    }
    return result
  }

  /// Whether the document uses it itself: `${NAME}` in a Compose file that it shows.
  private static func isShown(_ mention: EnvironmentMention, _ context: AuditContext) -> Bool {
    guard let bytes = context.tree.text(at: mention.place.path)?.bytes else { return false }
    let name = Array("{\(mention.name)".utf8)
    return bytes.indices.contains { bytes[$0] == 0x24 && bytes[($0 + 1)...].starts(with: name) }
  }

  /// Whether its own line says that it is of another day.
  private static func isAside(_ mention: EnvironmentMention, _ context: AuditContext) -> Bool {
    guard let text = context.tree.text(at: mention.place.path) else { return false }
    let line = String(decoding: text.line(mention.place.line), as: UTF8.self).lowercased()
    return [
      "legacy", "deprecated", "no longer", "removed", "obsolete", "formerly", "previously", "unused", "not used",
      "reserved", "future", "planned", "not yet",
    ].contains { line.contains($0) }
  }

  /// Whether a library makes the names of variables from those of settings, so that no name stands anywhere.
  private static func takesAll(_ context: AuditContext) -> Bool {
    context.tree.files.contains { file in
      guard file.language == .go || file.language == .rust || file.language == .python,
        let bytes = context.tree.text(file)?.bytes
      else { return false }
      return makers?.first(in: bytes) != nil
    }
  }

  private static let makers = LiteralSearch(
    ["AutomaticEnv(", "Environment::with_prefix", "Env::prefixed", "env_nested_delimiter"].map { Array($0.utf8) },
    ignoringCase: false)

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
        "docs/setup.md":
          "# Environment variables\n\n- `MAIL_FROM`\n- `MAIL_HOST`\n- `MAIL_RELAY_AGE`: legacy, links live a day\n",
        "CHANGELOG.md": "# Environment variables\n\n- `GONE_MAIL_HOST`\n",
        "PROGRESS.md": "# Environment variables\n\n- `MAIL_FROM`\n- `HELPER_API_KEY`\n",
        "docs/sentry.md": "# Environment variables\n\n- `MAIL_FROM`\n- `SENTRY_AUTH_TOKEN`\n- `FLASK_DEBUG`\n",
        "docs/sign-on.md":
          "# Environment variables\n\n- `MAIL_FROM`\n\n## The other program\n\nIts file:\n\n\n\n```env\nSIGN_ON_SLUG=x\nADMIN_GROUP=y\n```\n",
        "docs/other.md":
          "# Environment variables\n\n```env\nMAIL_FROM=x\nMAIL_HOST=y\nGROUP_OF_ADMINS=z\nSLUG_OF_APP=x\n```\n",
        "docs/compose.md":
          "# Environment variables\n\n- `MAIL_FROM`\n- `STACK_PASSWORD`\n\n```yaml\nX: ${STACK_PASSWORD}\n```\n",
        "docs/self-host.md":
          "```sh\ncurl -fsSL https://get.acme.test | bash\n```\n\n# Environment variables\n\n- `MAIL_FROM`\n- `STACK_MODE`\n",
        ".env.example": "MAIL_HOST=\n", "src/a.ts": "const a = process.env.MAIL_FROM\n",
      ]),
  ]
}
