import GonogoCore

/// "Created: `docs/RUNBOOK.md`", "`npm run audit` is there".
enum CitedPathClaims: ClaimJudge {
  static let manual = ClaimManual(
    id: "cited-paths", title: "The files and scripts that the line cites are there",
    what: """
      Looks at what stands between back quotes and has the form of a path with an extension, and at `npm run NAME`. False where the line \
      says that it was made, or is nothing but its name, and it is not in the tree; where the line says something else of it, \
      a missing file leaves it unproven. Files that git usually ignores are passed over.
      """)

  private static let extensions: Set<String> = [
    "md", "ts", "tsx", "js", "mjs", "sql", "yml", "yaml", "sh", "json", "py", "go", "toml", "swift", "rb", "conf",
    "txt", "mdx", "tf",
  ]

  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict? {
    if line.says(
      "remov", "delet", "удал", "replac", "замен", "renam", "переимен", "moved", "instead", "убран", "copy", "скопир",
      "fill", "generate")
    {
      return nil
    }
    let quoted = ClaimReader.quoted(line.text)
    let isMade = line.says(
      "created", "создан", "exists", "added", "добавлен", "есть", "available", "written", "in place", "готов")
    var there: [Claim.Evidence] = []
    var missing: [String] = []
    for text in quoted {
      if let script = script(text) {
        guard let found = scripts(scene)[script.name] else {
          missing.append(text)
          continue
        }
        there.append(.init("the script '\(script.name)' is defined", at: found))
      } else if isPath(text) {
        if let path = resolve(text, line, scene) {
          there.append(.init("'\(path)' is there", at: TreePlace(path)))
        } else {
          missing.append(text)
        }
      }
    }
    let rest = quoted.reduce(line.text) { $0.replacing("`\($1)`", with: "") }
    let isBare = !rest.contains { $0.isLetter }
    if let first = missing.first {
      let place = TreePlace(line.document.path, line: line.line)
      return isMade || isBare
        ? .falsely("'\(first)' is cited here and is not in the tree", at: place)
        : .unproven("'\(first)' is not in the tree", at: place)
    }
    return isMade || isBare ? (there.isEmpty ? nil : .truly(there, covers: there.count)) : nil
  }

  private static func script(_ text: String) -> (tool: String, name: String)? {
    let words = text.split(separator: " ").map(String.init)
    guard words.count == 3, ["npm", "pnpm", "yarn", "bun"].contains(words[0]), words[1] == "run" else { return nil }
    return (words[0], words[2])
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

  private static func isPath(_ text: String) -> Bool {
    guard !text.contains(where: { " *{}<>$:?=|()[]@#\"'".contains($0) }), !text.hasPrefix("http"), !text.hasPrefix("~")
    else { return false }
    let name = text.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex, text.contains("/") else { return false }
    let lower = text.lowercased()
    if lower.contains(".env") || lower.contains("node_modules") || lower.contains("dist/") || lower.contains("build/")
      || lower.hasPrefix("/etc/") || lower.hasPrefix("/var/") || lower.hasPrefix("/usr/") || lower.hasPrefix("..")
    {
      return false
    }
    return extensions.contains(name[name.index(after: dot)...].lowercased())
  }

  private static func resolve(_ text: String, _ line: ClaimLine, _ scene: ClaimScene) -> String? {
    var wanted = text
    while wanted.hasPrefix("/") { wanted.removeFirst() }
    if let path = TreePaths.join("", wanted), scene.tree[path] != nil { return path }
    if let path = TreePaths.join(String(line.document.directory), wanted), scene.tree[path] != nil { return path }
    // A path from within a package.
    let name = wanted.split(separator: "/").last.map(String.init) ?? wanted
    return scene.tree.files(named: name).first { $0.path.hasSuffix("/" + wanted) }?.path
  }

  static let samples: [ClaimSample] = [
    .judges(.true, "- [x] Created `docs/RUNBOOK.md`", in: ["docs/RUNBOOK.md": "# Runbook\n"], "there"),
    .judges(.false, "- [x] Runbook создан: `docs/RUNBOOK.md`", in: ["docs/OTHER.md": "# Other\n"], "not there"),
    .judges(
      .unproven, "- [x] Follow `docs/RUNBOOK.md`", in: ["docs/OTHER.md": "# Other\n"], "nothing says that it was made"),
  ]
}
