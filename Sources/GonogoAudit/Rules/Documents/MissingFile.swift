public import GonogoCore

/// A file that a document counts on and that is not there.
public struct MissingFile: AuditRule {
  public static let manual = RuleManual(
    id: "document-missing-file", severity: .low, family: "documents",
    title: "A document names a file that does not exist",
    what: """
      Looks in Markdown for relative links and images, and for code spans that are paths into the repository, whose \
      file is not in the tree. Changelogs, plans, decisions and archives, which tell of other days, pass; so do paths \
      that git ignores, patterns, and lines, or what leads to their list, that say that the file is to be made, written by \
      a run, is gone, or is another repository's; so do the READMEs that a generator writes, and what speaks to tools \
      (hidden folders, skills), and what is told to those who write the program (folders, titles and headings of development, \
      contributing, local setup, profiling) with no word of deployment or operations: nobody reads it at go-live. Names with a gap to fill \
      in (`_[step].sql`) pass. A ticked line of a checklist weighs more and is a finding of its own; of the rest of a document \
      one finding tells all. A path that several documents name is one finding, at the first of them.
      """,
    why: "the runbook is read at three in the morning: what it sends the reader to must be there",
    mend: "correct the path, or take the sentence out",
    falsifies: "the documents are up to date",
    references: [
      "https://docs.github.com/en/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#relative-links"
    ])

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    let paths = KnownPaths(context.tree)
    var told = MissingOnce()
    for document in MissingOnce.ordered(context.facts(MarkdownDocuments.self)) where !document.isGenerators {
      var missing: [(place: TreePlace, what: String)] = []
      var seen: Set<String> = []
      lazy var toBeMade = document.toBeMade
      for span in document.spans {
        let ticked = span.line.ticked == true
        // An open box is still to be done, and a section of what is to be made is no account of what is there.
        if span.kind == .code, span.line.ticked == false || document.isToBeMade(span.line) { continue }
        guard !document.isHistorical || ticked && !document.isArchived,
          let path = span.kind == .link
            ? paths.missing(link: span.text, in: document) : paths.missing(code: span, in: document),
          ticked || !document.isForContributors(span.line)
        else { continue }
        // What the text itself tells to make need not be there wherever it is named.
        if span.kind == .code, !ticked, toBeMade.contains(span.text) { continue }
        guard seen.insert(path).inserted else { continue }
        if ticked {
          findings.add(
            "the ticked line names '\(path)', which is not there", at: document.place(span), subject: path,
            severity: .medium, because: "the line is ticked")
        } else {
          missing.append((document.place(span), path))
        }
      }
      told.add(missing)
    }
    for (missing, elsewhere) in told.groups {
      let list = Fold.list(missing.map { "'\($0.what)'" }, 4)
      findings.add(
        missing.count == 1
          ? "the document names \(list), which is not there"
          : "the document names \(missing.count) files that are not there: \(list)",
        at: missing[0].place, subject: "files",
        related: (missing.dropFirst() + elsewhere.prefix(20)).map { .init($0.place, "'\($0.what)' is not there") })
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "README.md:3:13", "docs/GO-LIVE.md:3:13",
      in: [
        "README.md": """
        # Acme

        See [setup](docs/setup.md) and ![map](docs/map.png), [licence](LICENSE).
        The job is `src/jobs/nightly.ts`.
        """,
        "docs/GO-LIVE.md": "# Go-live\n\n- [x] Read `docs/runbook.md`\n- [x] Read `docs/GO-LIVE.md`\n",
        "src/index.ts": "export {}\n",
      ], "a link, an image, a name and a path are told at once; a ticked line for itself"),
    .silent(
      "what is there, what is elsewhere, what is to be made",
      [
        "README.md": """
        [a](docs/a.md#top) [b](./docs/b%20c.md) [c](docs) [d](https://acme.test/x.md) [e](#f) [g](/docs/a.md) [h](../../issues)
        `src/a.ts`, `packages/b.ts:12`, `src/*.ts`, `npm run x`, `@acme/src/x.ts`, `dist/out.js`, `src/<name>.ts`
        Create `src/new.ts` from the sample; `src/old.ts` was removed. There is no `docs/triage-labels.md`.
        ```
        [x](docs/none.md)
        ```
        `api/users.json` is an address, `.env.production` is ignored, `src/env.js` became a `.ts`
        """,
        ".gitignore": "dist/\n.env*\n",
        "docs/a.md": "", "docs/b c.md": "", "src/a.ts": "", "src/env.ts": "", "web/packages/b.ts": "",
        "CHANGELOG.md": "[x](docs/gone.md)\n",
        "docs/part-2-prompt.md": "#### Dates (`src/dates.ts`)\n\nRequired functionality\n",
        "docs/layout.md":
          "Header (`src/header.ts` or similar)\n\n- [ ] `src/footer.ts`\n\n## Files to create\n\n`src/menu.ts`, `src/bar.ts` (new)\n\n## Uso\n\nCrea `src/log.ts`\n",
        "docs/trackers/complete/part-1.md": "- [x] Told in `docs/trackers/part-0.md`\n",
        "docs/qa.md": """
        The run writes these:

        - `src/reports/a.md`

        The chart lives in the `acme/charts` repo, see `docs/chart.md` there.
        """,
        "web/README.md": "This project was bootstrapped with `create-web-app`.\n\nEdit `src/page.tsx`.\n",
        ".helpers/rules.md": "Read `docs/rules.md`\n",
        "docs/show.md":
          "**File**: `src/shown.ts`\n\n```ts\nexport {}\n```\n\nThe page is `web/page.kt`, the hook `.acme/hook.ts`.\n",
        "docs/page-template.md": "[guide](guide.md)\n", "helpers/commands/tasks/make.md": "Read `docs/made.md`\n",
        "docs/sign-in.md": "# Sign-in\n\n**Timeline:** a week\n**Duration:** 5 days\n\n`src/sign-in.ts`\n",
        "docs/実装計画.md": "`src/later.ts`\n", "site/docs/guide/a.md": "[b](install/b.md)\n", "site/docs/install/b.md": "",
      ]),
    .silent(
      "for those who write the program, gaps to fill in, an old version's documents",
      [
        "README.md":
          "# Acme\n\n## Contributing\n\n[guide](docs/style.md)\n\n## Layout\n\n`src/_[step].sql`, `src/___.sql`, `src/xxxx_add.sql`, `src/[id].sql`\n",
        "docs/profiling.md": "# Profiling\n\n`src/profile.sql`\n",
        "docs/tracing.md": "# Traces\n\nIn development environment, we trace.\n\n`src/trace.sql`\n",
        "docs/development/start.md": "`src/start.sql`\n",
        "docs/version-2.8/guide.md": "`src/old.sql`\n",
        "src/_before.sql": "",
      ]),
    .finds(
      "README.md:5:8", "docs/development/deployment.md:1:2",
      in: [
        "README.md": "# Acme\n\n## Development\n\n- [x] `src/[id].ts`\n",
        "docs/development/deployment.md": "`src/start.ts`\n", "src/[team].ts": "",
      ], "a ticked line, and a deployment's document among the developers'"),
  ]
}
