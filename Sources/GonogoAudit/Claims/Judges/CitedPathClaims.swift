import GonogoCore

/// "Created: `docs/RUNBOOK.md`", "`npm run audit` passes", "File `x.env` does not exist".
enum CitedPathClaims: ClaimJudge {
  static let manual = ClaimManual(
    id: "cited-paths", title: "The files and scripts that the line cites are there",
    what: """
      Looks at what has the form of a path with an extension, between back quotes, as a link or by itself, and at `npm run NAME`. \
      False where the line says that it was made, is there, runs or passes, names a document by it ("Runbook: docs/x.md") or sends \
      the reader to one ("See docs/x.md"), and it is not in the tree; where the line says something else of it, a missing file leaves it unproven. Of a line that says that \
      a file is gone or is not committed the other way round. Files that git usually ignores are passed over where they should be there.
      """)

  static let vocabulary = ClaimVocabulary(
    "file* script* created written committed there documented documentation document* doc docs runbook* guide* playbook* "
      + "checklist* plan report* файл* скрипт* создан* npm pnpm yarn bun run",
    contradicting: "pass passes passed passing work works runs green clean ok")

  static let seesWorking = true

  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict? {
    let cited = CitedPath.all(in: line)
    if isGone(line) { return judgeGone(cited, line, scene) }
    if line.says(
      "remov", "delet", "удал", "replac", "замен", "renam", "переимен", "moved", "instead", "убран", "copy", "скопир",
      "fill", "generate", "ignored", "excluded")
      || line.isDenial
    {
      return nil
    }
    let quoted = ClaimReader.quoted(line.text)
    let rest = quoted.reduce(line.text) { $0.replacing("`\($1)`", with: "") }
    let isMade =
      line.says(
        "created", "создан", "exists", "added", "добавлен", "есть", "available", "written", "in place", "готов",
        "documented in", "is there")
      || !rest.contains { $0.isLetter }
    var there: [Claim.Evidence] = []
    var read: [String] = []
    var missing: (text: String, isClaimed: Bool, what: String)?
    for text in quoted {
      guard let script = script(text) else { continue }
      let scripts = scripts(scene)
      if let place = scripts[script] {
        there.append(.init("the script '\(script)' is defined", at: place))
        read += ClaimLine.words(of: text)
      } else if missing == nil {
        // Without a package.json the script is another repository's.
        let isClaimed = (isMade || line.says("pass", "works", "runs", "green", "succeeds")) && !scripts.isEmpty
        missing = (text, isClaimed, "no package.json of the tree has the script '\(script)'")
      }
    }
    for path in cited where path.isToBeThere {
      if let found = path.find(from: line, in: scene) {
        there.append(.init("'\(found)' is there", at: TreePlace(found)))
        read += ClaimLine.words(of: path.text)
      } else if missing == nil {
        let isClaimed =
          isMade || path.isLabelled || isReferredTo(path.text, line) || line.says("passes", "runs", "works")
        missing = (path.text, isClaimed, "'\(path.text)' is cited here and is not in the tree")
      }
    }
    if let missing {
      let place = TreePlace(line.document.path, line: line.line)
      let words = ClaimLine.words(of: missing.text) + (isReferredTo(missing.text, line) ? referring : [])
      return missing.isClaimed
        ? ClaimVerdict.falsely(missing.what, at: place).reading(words)
        : ClaimVerdict.unproven(missing.what, at: place)
    }
    let isOnlyThere = isMade && !line.says("pass", "works", "runs")
    if isOnlyThere, !there.isEmpty { return ClaimVerdict.truly(there).reading(read) }
    guard line.isAboutWorking, let script = quoted.compactMap(script).first, let place = scripts(scene)[script] else {
      return nil
    }
    return .unproven("the script '\(script)' is defined; whether it passes is seen only by running it", at: place)
  }

  private static let referring = ["see", "siehe", "voir", "см", "details", "described", "in"]

  /// `See docs/security.md`: whoever is sent to a document is told that it is there.
  private static func isReferredTo(_ path: String, _ line: ClaimLine) -> Bool {
    guard path.lowercased().hasSuffix(".md"), let at = line.text.range(ofBytes: path) else { return false }
    let before = line.text[..<at].lowercased().split { !$0.isLetter }.suffix(3).map(String.init)
    return before.last == "see" || before.last == "siehe" || before.last == "voir" || before.last == "см"
      || before.suffix(2) == ["described", "in"] || before.suffix(2) == ["details", "in"]
  }

  // MARK: What is gone

  private static func isGone(_ line: ClaimLine) -> Bool {
    line.says(
      "does not exist", "doesn't exist", "no longer exists", "is removed", "was removed", "been removed", "is deleted",
      "was deleted", "been deleted", "is not committed", "not in the repository", "не существует", "удалён", "удален")
      || line.hasWord("no") && line.says("is committed", "file exists", "in the repository")
  }

  /// - Returns: `nil` where the line cites no file as gone, or more than one.
  private static func judgeGone(_ cited: [CitedPath], _ line: ClaimLine, _ scene: ClaimScene) -> ClaimVerdict? {
    guard cited.count == 1, let path = cited.first else { return nil }
    var said = ClaimWords("no not does doesn t longer removed deleted gone repository не существует удалён удален")
    said.formUnion(.common)
    said.formUnion(vocabulary.words)
    let words = ClaimLine.words(of: path.text)
    let others = line.words.filter { !said.contains($0) && !words.contains($0) }
    // "The old endpoint is removed from `src/a.ts`": something in the file is gone, and not the file.
    guard others.isEmpty, !line.hasWord("from", "in", "из", "в") || line.says("in the repository") else { return nil }
    let found = path.find(from: line, in: scene)
    let read =
      words + [
        "no", "not", "does", "doesn", "t", "longer", "removed", "deleted", "repository", "не", "существует", "удалён",
        "удален",
      ]
    if let found { return ClaimVerdict.falsely("'\(found)' is there", at: TreePlace(found)).reading(read) }
    return ClaimVerdict.truly(
      "'\(path.text)' is not among the files that git keeps", at: TreePlace(line.document.path, line: line.line)
    ).reading(read)
  }

  // MARK: Scripts

  private static func script(_ text: String) -> String? {
    let words = text.split(separator: " ").map(String.init)
    guard words.count == 3, ["npm", "pnpm", "yarn", "bun"].contains(words[0]), words[1] == "run" else { return nil }
    return words[2]
  }

  private static func scripts(_ scene: ClaimScene) -> [String: TreePlace] {
    var result: [String: TreePlace] = [:]
    for file in scene.tree.files(named: "package.json") {
      for entry in scene.context.jsonNode(file)?["scripts"]?.entries ?? [] {
        if result[entry.name] == nil { result[entry.name] = TreePlace(file.path, entry.key.range.start) }
      }
    }
    return result
  }

  private static let scripted = "{\"scripts\": {\"lint\": \"eslint .\"}}\n"
  static let samples: [ClaimSample] = [
    .judges(.true, "- [x] Created `docs/RUNBOOK.md`", in: ["docs/RUNBOOK.md": "# Runbook\n"], "there"),
    .judges(.false, "- [x] Runbook создан: `docs/RUNBOOK.md`", in: ["docs/OTHER.md": "# Other\n"], "not there"),
    .judges(.false, "- [x] Runbook: docs/runbook.md", in: ["docs/other.md": "# Other\n"], "a document by its path"),
    .judges(
      .false, "- [x] Security documented. See docs/security.md", in: ["docs/other.md": "# Other\n"],
      "sent to what is not there"),
    .judges(.false, "- [x] `npm run smoke` passes", in: ["package.json": scripted], "no such script"),
    .judges(.unproven, "- [x] `npm run lint` passes", in: ["package.json": scripted], "whether it passes"),
    .judges(.unproven, "- [x] `npm run smoke` passes", in: ["go.mod": "module x\n"], "another repository's"),
    .judges(
      .true, "- [x] File `chart/values-prod.yaml` does not exist", in: ["chart/values.yaml": "a: 1\n"],
      "gone, as it says"),
    .judges(
      .false, "- [x] `secrets.json` has been removed", in: ["config/secrets.json": "{}\n"], "it is still there"),
    .judges(
      .unproven, "- [x] The debug route is removed from `src/a.ts`", in: ["src/a.ts": "x()\n"], "something in the file"),
    .judges(
      .unproven, "- [x] Follow `docs/RUNBOOK.md`", in: ["docs/OTHER.md": "# Other\n"], "nothing says that it was made"),
  ]
}

/// A file as a line cites it.
struct CitedPath: Sendable {
  let text: String
  /// It stands by itself behind a colon: "Runbook: docs/runbook.md".
  let isLabelled: Bool

  private static let extensions: Set<String> = [
    "md", "ts", "tsx", "js", "mjs", "sql", "yml", "yaml", "sh", "json", "py", "go", "toml", "swift", "rb", "conf",
    "txt", "mdx", "tf",
  ]

  /// Those of a line, each once.
  static func all(in line: ClaimLine) -> [CitedPath] {
    var result: [CitedPath] = []
    let quoted = ClaimReader.quoted(line.text)
    let label = line.text.firstIndex(of: ":").map { String(line.text[line.text.index(after: $0)...]).trimmed }
    func add(_ text: String) {
      guard !result.contains(where: { $0.text == text }) else { return }
      let isLabelled = label == text || label == "`\(text)`" || label?.hasSuffix("](\(text))") == true
      result.append(CitedPath(text: text, isLabelled: isLabelled))
    }
    for text in quoted where isPath(text) || isName(text) { add(text) }
    var rest = quoted.reduce(line.text) { $0.replacing("`\($1)`", with: " ") }
    for part in rest.split(separator: "](").dropFirst() {
      let target = String(part.prefix { $0 != ")" && $0 != "#" })
      if isPath(target) || isName(target) { add(target) }
    }
    while let open = rest.firstIndex(of: "["), let close = rest[open...].firstIndex(of: ")") {
      rest.replaceSubrange(open...close, with: " ")
    }
    for word in rest.split(separator: " ") {
      var text = word.drop { "(\"'".contains($0) }
      while let last = text.last, ".,;:)\"'!".contains(last) { text = text.dropLast() }
      if isPath(String(text)) { add(String(text)) }
    }
    return result
  }

  /// A path with a folder.
  private static func isPath(_ text: String) -> Bool {
    guard text.contains("/"), isName(text) else { return false }
    return true
  }

  private static func isName(_ text: String) -> Bool {
    guard !text.contains(where: { " *{}<>$:?=|()[]@#\"'".contains($0) }), !text.hasPrefix("http"), !text.hasPrefix("~")
    else { return false }
    let name = text.split(separator: "/").last ?? ""
    if name.hasPrefix(".env") { return true }
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return false }
    return extensions.contains(name[name.index(after: dot)...].lowercased())
  }

  /// Whether it can be looked for: not where a build or a machine puts it.
  var isToBeThere: Bool {
    let lower = text.lowercased()
    return text.contains("/") && !lower.contains(".env") && !lower.contains("node_modules") && !lower.contains("dist/")
      && !lower.contains("build/")
      && !["/etc/", "/var/", "/usr/", "/opt/", "/home/", "/tmp/", ".."].contains(where: lower.hasPrefix)
  }

  /// The file of the tree; `nil` where there is none.
  func find(from line: ClaimLine, in scene: ClaimScene) -> String? {
    var wanted = text
    while wanted.hasPrefix("/") || wanted.hasPrefix("./") { wanted.removeFirst() }
    if let path = TreePaths.join("", wanted), scene.tree[path] != nil { return path }
    if let path = TreePaths.join(String(line.document.directory), wanted), scene.tree[path] != nil { return path }
    // A path from within a package.
    let name = wanted.split(separator: "/").last.map(String.init) ?? wanted
    return scene.tree.files(named: name).first { $0.path == wanted || $0.path.hasSuffix("/" + wanted) }?.path
  }
}
