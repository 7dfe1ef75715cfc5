public import GonogoCore

/// A command of a runbook that nothing defines.
public struct MissingScript: AuditRule {
  public static let manual = RuleManual(
    id: "document-missing-script", severity: .medium, family: "documents",
    title: "A document tells to run a script that nothing defines",
    what: """
      Looks at shell blocks and code spans of Markdown for `npm run X` (pnpm, yarn and bun alike), `make X`, and \
      scripts run by their path, and for X among the scripts of every package.json, the targets of every makefile, and \
      the files. Blocks that clone another repository or show a file of this one, commands below a comment that names a folder \
      beside the repository (`# in ../web`), lines that say that the script is to come or to be made, questions whether there is such a script, \
      the READMEs that a generator writes, what is told to those who write the program (folders, titles and headings of \
      development, contributing, local setup, quick references) with no word of deployment or operations, blocks that start a cluster on \
      one's own machine (minikube, kind), documents of old versions, changelogs, plans and archives pass, as do makefiles whose targets are made by \
      variables. A command that several documents name is one finding, at the first of them.
      """,
    why: "the step of the runbook fails when it is needed, the rollback as well",
    mend: "define the script, or write the command that there is",
    falsifies: "the deployment and rollback commands work as documented")

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    let known = KnownScripts(context)
    let paths = KnownPaths(context.tree)
    var told = MissingOnce()
    for document in MissingOnce.ordered(context.facts(MarkdownDocuments.self))
    where !document.isHistorical && !document.isGenerators {
      let beside = Self.beside(document)
      lazy var toBeMade = document.toBeMade
      let away = Self.away(document, paths)
      var missing: [MissingOnce.One] = []
      var seen: Set<String> = []
      for (script, line) in Self.scripts(document, paths) {
        // Another repository's commands are not ours to judge.
        if script.commands.contains(where: { $0.program == "git" && $0.arguments.contains("clone") }) { continue }
        // A cluster of one's own to try it out.
        if script.commands.contains(where: { ["minikube", "kind", "k3d"].contains($0.program) }) { continue }
        var elsewhere = false
        for command in script.commands {
          if command.program == "cd", let target = command.arguments.first {
            elsewhere =
              !paths.exists(target.trimmingSlash)
              && !paths.exists(String(document.file.directory) + "/" + target.trimmingSlash)
              && target != ".." && target != "-"
          }
          if elsewhere || line != nil && away.contains(where: { $0.contains(command.position.line) }) { continue }
          if beside.contains(command.position.line) || line.map({ Self.isToCome($0, document) }) ?? false { continue }
          guard let what = known.missing(command, document, paths),
            !document.lines.contains(where: {
              $0.number == command.position.line && document.isForContributors($0)
            }),
            !command.words.contains(where: { word in toBeMade.contains { word.hasSuffix($0) && $0.contains("/") } }),
            seen.insert(what).inserted
          else { continue }
          missing.append((TreePlace(document.file.path, command.position), what))
        }
      }
      told.add(missing)
    }
    for (missing, elsewhere) in told.groups {
      let list = Fold.list(missing.map { "'\($0.what)'" }, 5)
      findings.add(
        missing.count == 1
          ? "the document tells to run \(list), which nothing defines"
          : "the document tells to run \(missing.count) commands that nothing defines: \(list)",
        at: missing[0].place, subject: "commands",
        related: (missing.dropFirst() + elsewhere.prefix(20)).map { .init($0.place, "'\($0.what)' is not defined") })
    }
  }

  /// Where code spans go on in a folder that is not there: from an item with `cd elsewhere` to the end of its section.
  private static func away(_ document: MarkdownDocument, _ paths: KnownPaths) -> [ClosedRange<Int>] {
    document.spans.compactMap { span in
      guard span.kind == .code, span.text.hasPrefix("cd "),
        let target = span.text.dropFirst(3).split(separator: " ").first?.split(separator: ";").first,
        let first = target.first, first.isLetter || first == "_" || first == ".", !target.hasPrefix("..")
      else { return nil }
      let folder = String(target).trimmingSlash
      if paths.exists(folder) || paths.exists(String(document.file.directory) + "/" + folder) { return nil }
      let next = document.lines.first { $0.number > span.line.number && $0.fence == nil && $0.text.hasPrefix("#") }
      return span.line.number...((next?.number ?? Int.max) - 1)
    }
  }

  /// The lines of blocks below a comment that names a folder beside the repository.
  private static func beside(_ document: MarkdownDocument) -> Set<Int> {
    var result: Set<Int> = []
    var isBeside = false
    for line in document.lines {
      guard line.fence != nil else {
        isBeside = false
        continue
      }
      let text = line.text.trimmed
      if text.hasPrefix("#") { isBeside = document.file.directory.isEmpty && text.contains("../") }
      if isBeside { result.insert(line.number) }
    }
    return result
  }

  /// Whether a line of prose, or the section that it stands in, says that the script is still to be made.
  private static func isToCome(_ line: MarkdownDocument.Line, _ document: MarkdownDocument) -> Bool {
    guard line.fence == nil, line.ticked != true else { return false }
    if line.ticked == false || document.isToBeMade(line) { return true }
    let text = line.text.lowercased()
    return [
      "create ", "follow-up", "future", "planned", "not yet", "todo", "to be added", "later", "no longer", "removed",
      "renamed", "instead of", "for example", "e.g.", "such as", " like `", "would ", "deferred",
    ].contains { text.contains($0) }
  }

  /// The shell blocks, each as one script, and the code spans.
  private static func scripts(_ document: MarkdownDocument, _ paths: KnownPaths) -> [(
    ShellScript, MarkdownDocument.Line?
  )] {
    let shells: Set<String> = ["bash", "sh", "shell", "zsh", "console", "shell-session"]
    var result: [(ShellScript, MarkdownDocument.Line?)] = []
    var block: [(text: ArraySlice<UInt8>, position: SourcePosition)] = []
    var last = 0
    func flush() {
      // `# .husky/pre-commit` on top: the block shows what stands in a file, which has its own readers.
      let top =
        block.first.map { String(decoding: $0.text, as: UTF8.self).split(separator: " ").map(String.init) } ?? []
      let showsFile = top.count == 2 && top[0] == "#" && top[1].contains("/") && paths.exists(top[1])
      if !block.isEmpty, !showsFile { result.append((ShellScript(block), nil)) }
      block = []
    }
    for line in document.lines {
      guard let fence = line.fence, shells.contains(fence) else { continue }
      if line.number != last + 1 { flush() }
      last = line.number
      let bytes = Array(line.text.utf8)
      var body = bytes[...]
      body = body.drop { $0 == 0x20 }
      if body.starts(with: "$ ".utf8) { body = body.dropFirst(2) }
      block.append((body, SourcePosition(line: line.number, column: body.startIndex + 1)))
    }
    flush()
    for span in document.spans where span.kind == .code {
      let programs = ["npm ", "pnpm ", "yarn ", "bun ", "make ", "./", "bash ", "sh ", "node ", "python ", "python3 "]
      guard programs.contains(where: span.text.hasPrefix) else { continue }
      result.append(
        (
          ShellScript([(Array(span.text.utf8)[...], SourcePosition(line: span.line.number, column: span.column))]),
          span.line
        ))
    }
    return result
  }

  public static let samples: [RuleSample] = [
    .finds(
      "README.md:4:1", "docs/run.md:1:2",
      in: [
        "README.md": """
        # Acme

        ```bash
        npm run deploy:prod
        make ship
        npm run build && ./scripts/rollback.sh
        ```
        """,
        "docs/run.md": "`pnpm run verify:all` first\n",
        "package.json": #"{"scripts": {"build": "tsc", "verify": "x", "start": "node ."}}"#,
        "Makefile": "build:\n\ttrue\n",
        "scripts/deploy.sh": "true\n",
      ], "scripts, a target, a file: one finding a document"),
    .silent(
      "what is defined anywhere, another repository, placeholders, prose",
      [
        "README.md": """
        ```sh
        $ npm run build
        make build all
        bash scripts/deploy.sh
        node dist/server.js
        npm run <script>
        pnpm install && yarn dev
        ```
        ```bash
        git clone https://acme.test/other && cd other
        npm run other
        ```
        ```bash
        cd elsewhere
        npm run other
        ```
        ```bash
        # .husky/pre-commit
        npm run lint-staged
        ```
        ```bash
        if pnpm run test:unit --help > /dev/null; then pnpm test; fi
        npm run postbuild --if-present
        ```
        ```bash
        # The other half (in ../shop-front)
        npm run shop:build
        ```
        Create files like `./scripts/debug.sh`. `make ship-all` in a pipeline is a follow-up.
        You can make sure; `make it` is prose. `npm run workspace:x -w web`
        """,
        "web/package.json": #"{"scripts": {"build": "tsc", "workspace:x": "x", "start": "node ."}}"#,
        "Makefile": ".PHONY: build all\nbuild all: x\n\ttrue\nit:\n",
        "front/README.md": "This project was bootstrapped with `create-web-app`.\n\n`npm run eject`\n",
        "scripts/deploy.sh": "true\n", ".husky/pre-commit": "npx lint-staged\n",
        "CHANGELOG.md": "`npm run gone`\n",
        "docs/tool.md":
          "# Tool\n\n1. `cd _vendor/tool && git status` shows it\n2. `npm run install:tool` puts it in\n\n## Here\n\n`npm run build`\n",
        "docs/backup.md":
          "Create `scripts/backup.sh`:\n\n```bash\npg_dump shop\n```\n\n```bash\n./scripts/backup.sh\n```\n",
      ]),
    .finds(
      "docs/tool.md:8:2",
      in: [
        "docs/tool.md":
          "# Tool\n\n1. `cd web && git status` shows it\n2. `npm run build`\n\n## There\n\n`npm run nothing`\n",
        "package.json": #"{"scripts": {"build": "tsc", "verify": "x", "start": "node ."}}"#,
        "web/page.ts": "export {}\n",
      ], "a folder that is there"),
    .silent(
      "for those who write the program, a cluster of one's own, an old version's documents",
      [
        "README.md": "# Acme\n\n## Development\n\n### Checks\n\n```sh\nmake checks\n```\n",
        "CONTRIBUTING.md": "`make checks`\n", "ACCESS_QUICK_REFERENCE.md": "`npm run access`\n",
        "docs/92-development/start.md": "`make lint-all`\n", "docs/version-2.8/run.md": "`make old`\n",
        "k8s/README.md": "```sh\nminikube start\nmake load\n```\n",
        "Makefile": "build:\n\ttrue\n", "package.json": #"{"scripts": {"a": "x", "b": "x", "c": "x"}}"#,
      ]),
    .finds(
      "docs/development/deploy.md:1:2", "README.md:10:1",
      in: [
        "README.md": "# Acme\n\n## Development\n\n`make build`\n\n## Operations\n\n```sh\nmake restore\n```\n",
        "docs/development/deploy.md": "`make ship`\n", "Makefile": "build:\n\ttrue\n",
      ], "operations beside development"),
  ]
}
