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
      for span in document.spans {
        let ticked = span.line.ticked == true
        // An open box is still to be done, and a section of what is to be made is no account of what is there.
        if span.kind == .code, span.line.ticked == false || document.isToBeMade(span.line) { continue }
        guard !document.isHistorical || ticked && !document.isArchived,
          let path = span.kind == .link
            ? paths.missing(link: span.text, in: document) : paths.missing(code: span, in: document),
          ticked || !document.isForContributors(span.line), seen.insert(path).inserted
        else { continue }
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

/// Gathers what documents name and is not there, so that what several of them name is told once.
struct MissingOnce {
  typealias One = (place: TreePlace, what: String)
  /// What each telling document names first, and where others name it again.
  private(set) var groups: [(own: [One], elsewhere: [One])] = []
  private var group: [String: Int] = [:]

  /// READMEs and what is for running it first: they are where people begin.
  static func ordered(_ documents: [MarkdownDocument]) -> [MarkdownDocument] {
    documents.filter { isFirst($0) } + documents.filter { !isFirst($0) }
  }

  private static func isFirst(_ document: MarkdownDocument) -> Bool {
    document.file.name.lowercased().hasPrefix("readme")
  }

  mutating func add(_ missing: [One]) {
    var own: [One] = []
    for one in missing {
      if let known = group[one.what] {
        groups[known].elsewhere.append(one)
      } else {
        own.append(one)
      }
    }
    guard !own.isEmpty else { return }
    for one in own { group[one.what] = groups.count }
    groups.append((own, []))
  }
}

/// What is in a tree, for paths that people write.
struct KnownPaths {
  private let tree: SourceTree
  private let ignored: [String]
  private let names: [String: [TreeFile]]
  private let stems: Set<String>
  private let endings: Set<String>
  private let hasBrackets: Bool

  init(_ tree: SourceTree) {
    self.tree = tree
    var ignored: [String] = []
    for file in tree.files(named: ".gitignore") + tree.files(named: ".dockerignore") {
      guard let text = tree.text(file) else { continue }
      for number in 1...text.lineCount {
        var line = String(decoding: text.line(number), as: UTF8.self).trimmed
        if line.isEmpty || line.hasPrefix("#") || line.hasPrefix("!") { continue }
        while line.hasSuffix("/") || line.hasSuffix("*") && line.contains("/") { line.removeLast() }
        while line.hasPrefix("/") || line.hasPrefix("*") && line.contains("/") { line.removeFirst() }
        if !line.isEmpty { ignored.append(line) }
      }
    }
    self.ignored = ignored
    var names: [String: [TreeFile]] = [:]
    var stems: Set<String> = []
    for file in tree.files {
      names[String(file.name), default: []].append(file)
      stems.insert(Self.stem(file.path))
    }
    self.names = names
    self.stems = stems
    hasBrackets = tree.files.contains { $0.path.contains("[") }
    endings = Set(tree.files.lazy.map { $0.fileExtension.lowercased() })
  }

  private static func stem(_ path: String) -> String {
    guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/") else { return path }
    return String(path[..<dot])
  }

  private static let images: Set<String> = ["png", "jpg", "jpeg", "gif", "svg", "webp", "pdf", "ico"]

  /// The path of a link whose target is in the repository and not there.
  func missing(link: String, in document: MarkdownDocument) -> String? {
    var target = link
    if let cut = target.firstIndex(where: { $0 == "#" || $0 == "?" }) { target = String(target[..<cut]) }
    guard !target.isEmpty, !target.contains(":"), !target.hasPrefix("//"), !target.contains("{"), !target.contains("<"),
      !target.contains("*"), !isPlaceholder(target),
      !target.contains("$"), let decoded = Self.decoded(target)
    else { return nil }
    let name = String(decoded.split(separator: "/").last ?? "")
    let ending = name.contains(".") ? String(name.split(separator: ".").last ?? "").lowercased() : ""
    let isRoot = document.file.directory.isEmpty
    // A page of a site has no ending, or an address of the site's own: only what is a file without doubt is looked for.
    let plain = ending.isEmpty && isRoot && name.count > 3 && name == name.uppercased()
    guard plain || Self.images.contains(ending) || ending != "html" && ending != "" && Language(fileName: name) != nil
    else { return nil }
    if decoded.hasPrefix("/"), !isRoot { return nil }
    let base = decoded.hasPrefix("/") ? "" : String(document.file.directory)
    // Out of the tree: the pages of the repository's host.
    guard let path = Self.resolve(decoded, from: base) else { return nil }
    if exists(path) || isIgnored(path) { return nil }
    // A site's generator looks for pages and images in roots of its own.
    let isSite = !isRoot && document.file.fileExtension == "mdx"
    if isSite
      || ["placeholder", "example", "path/to", "your-", "filename", "url"].contains(where: {
        decoded.lowercased().contains($0)
      })
    {
      return nil
    }
    // The pages of a site are told from the site's root, wherever that is.
    let short = decoded.drop { $0 == "." || $0 == "/" }
    if names[name]?.contains(where: { $0.path.hasSuffix("/" + short) }) ?? false,
      Self.images.contains(ending) || short.contains("/") && !isRoot
    {
      return nil
    }
    return path
  }

  private static let elsewhere = [
    "create", "creat", " add ", "adding", "new file", "generate", "output", "will ", "todo", "remov", "delet", "renam",
    "moved",
    " was ", " old ", "❌", "obsol", "deprecat", "example", "e.g", "for instance", "optional", "your", "copy", "copied",
    " cp ",
    "missing", "not exist",
    "doesn't", "does not", "never", "no longer", "instead", "planned", "future", "should", "would", "such as",
    "suggest", "legacy", "->", "→",
    "there is no", "there are no", "if present", "if any", "if exists", "if it exists", "coming soon", "write ",
    "writes", "written", "save",
    "download", "upload", "install", "produce",
    "replace", "became", "former", "previous", "or similar", "or equivalent", "(new", " loc)",
    "созда", "удал", "добав", "отсутств", "нужно", "crea ", "crear", "añad", "agreg", "elimin", "mueve", "mover ",
    "criar", "crie ", "adicion", "erstell", "anleg", "crée", "créer", "ajout", "supprim", "nouveau",
  ]
  /// What leads to a list of files that a run makes, or that are still to be made.
  private static let made = [
    "written", "writes", "output", "generat", "produce", "creat", "artifact", "will be", "to add", "new file",
    "missing",
    "remov", "delet", "example", "planned", "future", "удал", "созда", "добав", "crear", "criar", "crée", "créer",
    "supprim",
    "ajout", "erstell", "elimin",
  ]

  /// `**File**: `src/a.ts`` above a block that shows what is to be in it.
  private static func isShown(_ span: MarkdownDocument.Span, _ document: MarkdownDocument) -> Bool {
    let label = span.line.text.split(separator: "`").filter { $0 != span.text }.joined()
    guard label.contains(":"), label.split(whereSeparator: { !$0.isLetter }).count <= 3,
      let at = document.index(of: span.line)
    else { return false }
    return document.lines[(at + 1)...].prefix(3).first { !$0.text.trimmed.isEmpty }?.fence != nil
  }

  /// `in the `acme/infra` repo`: a line that names another repository.
  private static func isAnothers(_ line: String) -> Bool {
    guard [" repo", "repository", "sibling"].contains(where: line.contains) else { return false }
    return line.contains(" there") || line.contains("other repo") || line.contains("separate repo")
      || line.contains("private repo") || line.contains("another repo")
      || line.split(separator: "`").contains { word in
        let parts = word.split(separator: "/")
        return parts.count == 2 && !word.contains(".") && !word.contains(" ")
      }
  }

  /// Whether a name has a gap to be filled in: brackets inside of it (`_[step].sql`), or around it in a tree that has no such names (routers
  /// have: `[id].ts`), nothing but underscores or dots, or a run of one letter that stands for others (`xxx`, `nnnn`).
  private func isPlaceholder(_ path: String) -> Bool {
    path.split(separator: "/").contains { part in
      if let open = part.firstIndex(of: "[") {
        let close = part.lastIndex(of: "]")
        let behind = close.map { part[part.index(after: $0)...] } ?? "?"
        return open != part.startIndex && part[..<open].last != "." && part[..<open].last != "@"
          || !(behind.isEmpty || behind.hasPrefix(".") || behind.hasPrefix("]")) || !hasBrackets
      }
      if part == "." || part == ".." { return false }
      let stem = part.prefix { $0 != "." }
      if !stem.isEmpty, stem.allSatisfy({ $0 == "_" || $0 == "-" }) { return true }
      return stem.lowercased().split { !$0.isLetter }.contains { word in
        word.count >= 3 && Set(word).count == 1 && "xny".contains(word.first!)
      }
    }
  }

  private static let gone = [
    "❌", "obsol", "remov", "delet", "renam", "moved", "no longer", "not exist", "удал", "отсутств", "missing",
    "supprim", "replace",
    "->", "→", "instead", "there is no", "there are no",
  ]

  /// The path of a code span that looks like one into the repository, and is not there.
  func missing(code span: MarkdownDocument.Span, in document: MarkdownDocument) -> String? {
    var text = span.text
    guard text.utf8.count < 200, text.contains("/"),
      text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "/._-[]()+:".contains($0)) })
    else { return nil }
    // `file.ts:12`, `file.ts:12-20`
    if let colon = text.firstIndex(of: ":") {
      guard text[text.index(after: colon)...].allSatisfy({ $0.isNumber || $0 == "-" || $0 == ":" }) else { return nil }
      text = String(text[..<colon])
    }
    if text.hasPrefix("./") { text = String(text.dropFirst(2)) }
    let isAbsolute = text.hasPrefix("/")
    if isAbsolute {
      // `/supabase/x.sql` may be the repository's, `/etc/x.conf` is a machine's.
      text = String(text.dropFirst())
    }
    guard !text.contains(".."), !text.contains("//"), !text.hasSuffix("/") else { return nil }
    let parts = text.split(separator: "/").map(String.init)
    guard parts.count >= 2, let name = parts.last, name.contains("."), !name.hasPrefix("."),
      Language(fileName: name) != nil,
      !["html", "txt", "json", "xml", "env", "log", "css"].contains(
        String(name.split(separator: ".").last ?? "").lowercased())
    else { return nil }
    let words = [
      "path", "foo", "bar", "example", "your", "xxx", "name", "node_modules", "dist", "build", "coverage", "my", "yyyy",
      "nnn", "tmp", "new",
    ]
    if parts.contains(where: { part in
      part.lowercased().split { ".-_[]".contains($0) }.contains { words.contains(String($0)) || $0.hasPrefix("yyyymm") }
    }) {
      return nil
    }
    if isPlaceholder(text) { return nil }
    let line = span.line.text.lowercased()
    if (span.line.ticked == true ? Self.gone : Self.elsewhere).contains(where: line.contains) { return nil }
    if span.line.ticked != true {
      let lead = document.lead(span.line)
      if Self.made.contains(where: lead.contains) || Self.isAnothers(line) || Self.isShown(span, document) {
        return nil
      }
      if line.trimmed.hasSuffix("?") || line.trimmed.hasSuffix("?**") { return nil }
    }
    // Of a kind of which the tree has nothing, it is another repository's; a hidden folder is its user's.
    let ending = String(name.split(separator: ".").last ?? "").lowercased()
    guard endings.contains(ending), !parts[0].hasPrefix(".") || parts[0] == ".github" else { return nil }
    let directory = String(document.file.directory)
    // Somewhere it must begin where something is.
    guard tree.hasDirectory(parts[0]) || !directory.isEmpty && tree.hasDirectory(directory + "/" + parts[0]) else {
      return nil
    }
    if exists(text) || isIgnored(text) { return nil }
    if !directory.isEmpty, let near = Self.resolve(text, from: directory), exists(near) || isIgnored(near) {
      return nil
    }
    // Told from some package's root, or with another ending.
    if names[name]?.contains(where: { $0.path.hasSuffix("/" + text) }) ?? false { return nil }
    let stem = Self.stem(text)
    if stems.contains(stem) || stems.contains(directory + "/" + stem) { return nil }
    return text
  }

  func exists(_ path: String) -> Bool {
    if path.isEmpty || tree[path] != nil || tree.hasDirectory(path) { return true }
    // Under a link, nothing is known.
    var parent = path[...]
    while let slash = parent.lastIndex(of: "/") {
      parent = parent[..<slash]
      if tree[String(parent)]?.kind == .link { return true }
    }
    return false
  }

  func isIgnored(_ path: String) -> Bool {
    let parts = path.split(separator: "/").map(String.init)
    return ignored.contains { pattern in
      if pattern.contains("/") {
        return path == pattern || path.hasPrefix(pattern + "/") || Glob(pattern).matches(path)
      }
      let glob = Glob(pattern)
      return parts.contains { glob.matches($0) }
    }
  }

  /// `nil` where it leads out of the tree.
  static func resolve(_ path: String, from directory: String) -> String? {
    var parts = directory.split(separator: "/").map(String.init)
    for part in path.split(separator: "/") {
      if part == "." { continue }
      if part == ".." {
        if parts.isEmpty { return nil }
        parts.removeLast()
      } else {
        parts.append(String(part))
      }
    }
    return parts.joined(separator: "/")
  }

  private static func decoded(_ text: String) -> String? {
    var result: [UInt8] = []
    var bytes = Array(text.utf8)[...]
    while let byte = bytes.popFirst() {
      if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: bytes.prefix(2), as: UTF8.self), radix: 16) {
        result.append(value)
        bytes = bytes.dropFirst(2)
      } else {
        result.append(byte)
      }
    }
    return String(validating: result, as: UTF8.self)
  }
}
