/// "README.md documents the rollback": words that a file that the line names must have.
enum FileSays {
  static let recogniser = Recogniser(
    "file-says", probes: ["files"],
    manual: """
      A file by its name, and "documents X", "describes X", "contains `X`", "mentions X": a line of the file has the words of X, in their order. What it says of them is
      for its readers. Of names in backticks each must stand there.
      """,
    samples: [
      Recogniser.Sample(
        "- [ ] README.md documents the rollback",
        #"""
        files:
          path: README.md
          matches: '/rollback/i'
        """#),
      Recogniser.Sample(
        "- [ ] `docs/runbook.md` describes how to restore a backup",
        #"""
        files:
          path: docs/runbook.md
          matches: '/restor.*backup/i'
        """#),
      Recogniser.Sample(
        "- [ ] `deploy.yml` contains `environment: production`",
        #"""
        files:
          path: deploy.yml
          contains: ["environment: production"]
        """#),
    ],
    lookalikes: [
      "- [ ] README.md is up to date", "- [ ] `docs/a.md` does not mention the old host",
      "- [ ] README.md documents it",
      "- [ ] `.gitignore` contains `.env`", "- [ ] `a.md` describes nothing of `b`",
    ]
  ) { line, context in
    guard line.kind != .command, line.kind != .statement, case .affirmed = Polarity(of: line.text),
      let groups = sentence.first(in: line.raw), let file = groups[1], let rest = groups[2],
      !file.hasSuffix("ignore")
    else { return nil }
    let path = YAMLText.scalar(context.path(file))
    let named = line.codes.filter { $0 != file }
    if !named.isEmpty {
      return Draft(
        "files:\n  path: \(path)\n  contains: \(YAMLText.list(named))", confidence: .high,
        reason: "what the line names stands in the file", carries: [rest])
    }
    let words = word.all(in: Polarity.mainClause(rest).lowercased()).compactMap { $0[0] }.filter {
      !filler.isFound(in: $0)
    }
    guard (1...4).contains(words.count), !joint.isFound(in: rest) else { return nil }
    let stems = words.map(Self.stem)
    return Draft(
      "files:\n  path: \(path)\n  matches: '/\(stems.map(YAMLText.escapedForPattern).joined(separator: ".*"))/i'",
      confidence: .medium, reason: "a line of the file has these words; what it says of them is for its readers",
      carries: [rest])
  }

  /// Without its ending, so that "restore" is found in "restoring".
  private static func stem(_ word: String) -> String {
    for ending in ["ing", "ies", "es", "ed", "s", "e", "y"]
    where word.hasSuffix(ending) && word.count > ending.count + 4 {
      return String(word.dropLast(ending.count))
    }
    return word
  }

  private static let sentence = Phrase(
    #"^(?:the )?`?((?:[\w.@-]+/)*[\w.@-]+\.(?:md|txt|ya?ml|json|toml|conf|ini|html|rst|adoc|sh|tf|sql|xml|cfg))`? (?:documents?|describes?|explains?|contains?|mentions?|covers?|includes?|lists?|names?|описывает|содержит|упоминает) (.+)$"#
  )
  private static let word = Phrase(#"[\p{L}\p{N}][\p{L}\p{N}_-]{2,}"#)
  private static let filler = Phrase(
    #"^(the|how|all|and|for|our|its|with|that|every|each|one|this|them|which|who|where|what|when|steps?|section|procedure|process|для|как|все|раздел|процедур\w+|it|to)$"#
  )
  private static let joint = Phrase(#"\band\b|,|;|(?<!\w)и(?!\w)"#)
}
