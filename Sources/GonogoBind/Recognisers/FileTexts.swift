/// Words of code that a file must have: the file from the heading's "File:", the words from the line.
enum FileTexts {
  static let recogniser = Recogniser(
    "file-texts", probes: ["files"],
    manual: """
      A line "What was done: …" under a heading with a line "File: `x`": names of code in it, in backticks or brackets, stand in that file.
      """,
    samples: [
      Recogniser.Sample(
        "#### ✅ Validation\n**Файл**: `/app/api/jobs/route.ts`\n**Что сделано**: Добавлены schemas (GetJobsQuerySchema, CreateJobSchema)",
        #"""
        files:
          path: [app/api/jobs/route.ts]
          contains: [GetJobsQuerySchema, CreateJobSchema]
        """#),
      Recogniser.Sample(
        "#### ✅ Gates\n**File**: `.github/workflows/x.yml`\n**Done**: `continue-on-error: false`",
        #"""
        files:
          path: [.github/workflows/x.yml]
          contains: ["continue-on-error: false"]
        """#),
    ],
    lookalikes: ["**Done**: (GetJobsQuerySchema)", "#### ✅ A\n**File**: `a.ts`\n**Done**: everything", "#### ✅ A\n**File**: `a.ts`"]
  ) { line, context in
    guard line.kind == .paragraph, let label = Inline.label(line.raw), done.isFound(in: label) else { return nil }
    let files = context.lines.filter {
      $0.kind == .paragraph && $0.section == line.section && $0.number < line.number
        && (Inline.label($0.raw).map(file.isFound) ?? false)
    }.flatMap(\.codes).filter { $0.contains(".") }
    guard !files.isEmpty else { return nil }
    var words = line.codes.compactMap { secret.group(1, in: $0) ?? ($0.contains("$") ? nil : $0) }
    words += identifier.all(in: line.text).compactMap { $0[1] }.filter { word in !words.contains { $0.contains(word) } }
    words = words.filter { $0.count >= 5 && !common.isFound(in: $0) }
    guard !words.isEmpty else { return nil }
    let first = files[0]
    let paths = files.map { name in
      context.path(!name.contains("/") && first.contains("/") ? first[..<first.lastIndex(of: "/")!] + "/" + name : name)
    }
    return Draft(
      "files:\n  path: \(YAMLText.list(paths))\n  contains: \(YAMLText.list(words))", confidence: .high,
      reason: "the words of the line stand in the file that the heading names")
  }

  private static let common = Phrase(#"^(WebSocket|GitHub|GitLab|JavaScript|TypeScript|DevOps|OpenAI)s?$"#)
  private static let done = Phrase(#"сделано|done|changed|изменено|добавлено|added"#)
  private static let file = Phrase(#"^(файлы?|files?)$"#)
  private static let secret = Phrase(#"\$\{\{\s*([\w.]+)\s*\}\}"#)
  private static let identifier = Phrase(#"\b([A-Z][a-z]+(?:[A-Z][a-z]+)+)\b"#, ignoringCase: false)
}
