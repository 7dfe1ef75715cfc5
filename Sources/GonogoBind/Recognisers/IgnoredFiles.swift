/// What .gitignore and .dockerignore keep out.
enum IgnoredFiles {
  static let recogniser = Recogniser(
    "ignored-file", probes: ["command", "files"],
    manual: """
      "`.env` is in .gitignore", "`.gitignore` excludes `dist/`": Git says that it ignores the path, by whatever pattern. "`.dockerignore` excludes `.env`": a line of that
      file names it, and no later line takes it back; other patterns that would match it are not looked for.
      """,
    samples: [
      Recogniser.Sample(
        "- [ ] `.gitignore` contains `.env`",
        #"""
        command:
          run: [git, check-ignore, "-q", "--no-index", "--", .env]
        expect: { exit: 0 }
        """#),
      Recogniser.Sample(
        "- [ ] `.env` is listed in .gitignore",
        #"""
        command:
          run: [git, check-ignore, "-q", "--no-index", "--", .env]
        expect: { exit: 0 }
        """#),
      Recogniser.Sample(
        "- [ ] `.dockerignore` excludes `.env`",
        #"""
        files:
          path: .dockerignore
          matches: '/^\/?(\*\*\/)?\.env\*?\/?\s*$/'
          no_match: '/^!\/?(\*\*\/)?\.env\*?\/?\s*$/'
        """#),
    ],
    lookalikes: [
      "- [ ] `.gitignore` is there", "- [ ] `.env` is not committed", "- [ ] `.gitignore` does not list `.env.example`",
      "- [ ] ESLint ignores `dist/`",
    ]
  ) { line, context in
    guard line.kind != .command, let which = ignore.first(in: line.text)?[1], line.says(states), !line.says(denies)
    else { return nil }
    let named = line.codes.filter { !$0.hasSuffix("ignore") }
    let names = named.isEmpty ? bare.all(in: line.text).compactMap { $0[1] } : named
    guard !names.isEmpty, names.allSatisfy(name.isFound) else { return nil }
    if which.lowercased() == "docker" {
      let blocks = names.map { name -> String in
        let plain = YAMLText.escapedForPattern(name.hasSuffix("/") ? String(name.dropLast()) : name)
        let pattern = #"\/?(\*\*\/)?\#(plain)\*?\/?\s*$"#
        return
          "files:\n  path: \(context.root).dockerignore\n  matches: '/^\(pattern)/'\n  no_match: '/^!\(pattern)/'"
      }
      return Draft(blocks: blocks, confidence: .high, reason: "a line of .dockerignore names it", carries: names)
    }
    let directory = context.root.isEmpty ? "" : "\n  directory: \(context.root)"
    return Draft(
      blocks: names.map {
        "command:\n  run: [git, check-ignore, \"-q\", \"--no-index\", \"--\", \(YAMLText.scalar($0))]\(directory)\nexpect: { exit: 0 }"
      }, confidence: .high, reason: "git says that it ignores the path", carries: [".gitignore"])
  }

  private static let ignore = Phrase(#"\.(git|docker)ignore\b|\b(git)-?ignored\b"#)
  private static let states = Phrase(
    #"\b(excludes?|ignores?|contains?|lists?|covers?|includes?|has|names?|(is|are) (listed |included |added )?in|added to|gitignored|git-ignored)\b|содержит|исключает|добавлен|указан|(?<!\w)в \.gitignore"#
  )
  private static let denies = Phrase(#"\b(not|never|no longer|removed)\b|(?<!\w)не(?!\w)"#)
  private static let name = Phrase(#"^[\w.@/-]+$"#)
  private static let bare = Phrase(#"(?:^|\s)((?:\.env[\w.-]*|node_modules|dist|build|\.venv)/?)(?=[\s,.]|$)"#)
}
