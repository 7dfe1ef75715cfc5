/// Words that must not stand in the code.
enum AbsentText {
  static let recogniser = Recogniser(
    "absent-text", probes: ["files"],
    manual: """
      "No `console.log` in `src/`", "every `TODO` is gone from `src/`", "no TODO left in app/": no line of a file below that directory has the words. Without a
      directory the line is not taken, for which files are meant is then a guess.
      """,
    samples: [
      Recogniser.Sample(
        "- [ ] Every `TODO` is gone from `src/`",
        #"""
        files:
          path: "src/**"
          exclude: [node_modules]
          no_match: '/\bTODO\b/'
        """#),
      Recogniser.Sample(
        "- [ ] no `log.Fatal` in internal/",
        #"""
        files:
          path: "internal/**"
          exclude: [node_modules]
          no_match: '/\blog\.Fatal\b/'
        """#),
      Recogniser.Sample(
        "- [ ] Нет `console.log` в `web/src/`",
        #"""
        files:
          path: "web/src/**"
          exclude: [node_modules]
          no_match: '/\bconsole\.log\b/'
        """#),
    ],
    lookalikes: [
      "- [ ] `TODO` list in `docs/`", "- [ ] No errors in logs/", "- [ ] No `TODO` left",
      "- [ ] `src/` is not empty", "- [ ] No `.env` in `src/`", "- [ ] `a.ts` is removed from `src/`",
    ]
  ) { line, context in
    guard line.kind != .command, line.kind != .statement, case .denied = Polarity(of: line.text) else { return nil }
    let folders = line.codes.filter(folder.isFound) + bareFolder.all(in: line.text).compactMap { $0[1] }
    guard let place = folders.first, Set(folders).count == 1, line.says(inside) else { return nil }
    var words = line.codes.filter { !folder.isFound(in: $0) }
    if words.isEmpty { words = marker.all(in: line.text).compactMap { $0[0] } }
    guard !words.isEmpty, !words.contains(where: file.isFound) else { return nil }
    let patterns = words.map { word -> String in
      let escaped = YAMLText.escapedForPattern(word.replacing("'", with: "''"))
      return
        "'/\(word.first.map(isWord) ?? false ? "\\b" : "")\(escaped)\(word.last.map(isWord) ?? false ? "\\b" : "")/'"
    }
    return Draft(
      "files:\n  path: \(YAMLText.quoted(context.path(place) + "**"))\n  exclude: [node_modules]\n  no_match: \(patterns.count == 1 ? patterns[0] : "[" + patterns.joined(separator: ", ") + "]")",
      confidence: .high, reason: "no line of a file below that directory has the word", carries: words + [place])
  }

  private static func isWord(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber) || character == "_"
  }

  private static let folder = Phrase(#"^\.?/?[\w.@-]+(/[\w.@-]+)*/$"#)
  private static let bareFolder = Phrase(#"(?:^|\s)((?:[\w.@-]+/)+)(?=[\s,.]|$)"#)
  private static let inside = Phrase(#"\b(in|from|under|below|inside|within)\b|(?<!\w)(в|из|под)(?!\w)"#)
  private static let marker = Phrase(#"\b(TODO|FIXME|XXX|HACK)\b"#, ignoringCase: false)
  /// A file that is not in a directory is another matter than a word.
  private static let file = Phrase(#"^\.\w|^[\w/-]+\.(ts|tsx|js|jsx|py|go|rb|md|ya?ml|json|env|sh|sql|pem|key)$|\*"#)
}
