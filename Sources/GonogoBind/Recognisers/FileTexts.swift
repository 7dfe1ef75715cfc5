/// Words of code that a file must have: the file from the heading's "File:", the words from the line.
enum FileTexts {
  static let recogniser = Recogniser(
    "file-texts", probes: ["files"],
    manual: """
      A line "What was done: …" under a heading with a line "File: `x`": names of code in it, in backticks or brackets, stand in that file.
      """,
    samples: [
      Recogniser.Sample(
        "#### ✅ Validation\n**Файл**: `/app/api/items/route.ts`\n**Что сделано**: Добавлены schemas (ListItemsSchema, MakeItemSchema)",
        #"""
        files:
          path: [app/api/items/route.ts]
          contains: [ListItemsSchema, MakeItemSchema]
        """#),
      Recogniser.Sample(
        "#### ✅ Gates\n**File**: `.github/workflows/x.yml`\n**Done**: `continue-on-error: false`",
        #"""
        files:
          path: [.github/workflows/x.yml]
          contains: ["continue-on-error: false"]
        """#),
    ],
    lookalikes: [
      "**Done**: (ListItemsSchema)", "#### ✅ A\n**File**: `a.ts`\n**Done**: everything",
      "#### ✅ A\n**File**: `a.ts`",
    ]
  ) { line, context in
    guard line.kind == .paragraph, let label = Inline.label(line.raw), done.isFound(in: label) else { return nil }
    let files = files(of: line, context)
    guard !files.isEmpty else { return nil }
    var words = line.codes.compactMap { secret.group(1, in: $0) ?? ($0.contains("$") ? nil : $0) }
    words += identifier.all(in: line.text).compactMap { $0[1] }.filter { word in !words.contains { $0.contains(word) } }
    words = words.filter { $0.count >= 5 && !common.isFound(in: $0) }
    guard !words.isEmpty else { return nil }
    return Draft(
      "files:\n  path: \(YAMLText.list(files))\n  contains: \(YAMLText.list(words))", confidence: .high,
      reason: "the words of the line stand in the file that the heading names")
  }

  private static let common = Phrase(#"^(WebSocket|GitHub|GitLab|JavaScript|TypeScript|DevOps|OpenAI)s?$"#)
  /// The files that a line "File: …" of the same heading names, as the document sees them.
  static func files(of line: ChecklistLine, _ context: BindContext) -> [String] {
    let section = line.kind == .heading ? line.section + [line.text] : line.section
    let names = context.lines.filter {
      $0.kind == .paragraph && $0.section == section && (Inline.label($0.raw).map(file.isFound) ?? false)
    }.flatMap(\.codes).filter { $0.contains(".") }
    let folder = names.first.flatMap { name in name.lastIndex(of: "/").map { String(name[..<$0]) } }
    return names.map { name in context.path(folder.map { name.contains("/") ? name : "\($0)/\(name)" } ?? name) }
  }

  private static let done = Phrase(#"сделано|done|changed|изменено|добавлено|added"#)
  private static let file = Phrase(#"^(файлы?|files?)$"#)
  private static let secret = Phrase(#"\$\{\{\s*([\w.]+)\s*\}\}"#)
  private static let identifier = Phrase(#"\b([A-Z][a-z]+(?:[A-Z][a-z]+)+)\b"#, ignoringCase: false)
}
