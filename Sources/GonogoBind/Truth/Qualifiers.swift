/// Words that make a claim wider or narrower than its verb does, and that a binding must have a word of.
enum Qualifiers {
  /// Those of the line that the binding passes over, as the line writes them.
  static func left(of text: String, _ meaning: BindingMeaning) -> [String] {
    all.compactMap { qualifier in
      guard let words = qualifier.phrase.first(in: text)?[0], !qualifier.carried.isFound(in: meaning.text) else {
        return nil
      }
      return Inline.trimmed(words)
    }
  }

  /// "Or" between two names where each of them is demanded.
  static func alternative(in line: ChecklistLine, _ blocks: [String]) -> String? {
    guard blocks.count > 1, let groups = choice.first(in: line.raw), let left = groups[1], let right = groups[2],
      let words = groups[0], blocks.contains(where: { $0.contains(left) && !$0.contains(right) }),
      blocks.contains(where: { $0.contains(right) && !$0.contains(left) }), !BindingMeaning(blocks).denies
    else { return nil }
    return Inline.plain(words)
  }

  private static let choice = Phrase(#"`([^`]+)`[^`,;.]*\s(?:or|или|либо)\s[^`,;.]*`([^`]+)`"#)
  private static let all: [(phrase: Phrase, carried: Phrase)] = [
    (
      Phrase(
        #"\b(in|on|of|from) (any|every|all|each|its|the)( git| of the)?( other)? (branch(es)?|tags?|forks?|history)\b|(?<!\w)(ни в одной ветке|ни в одном теге)(?!\w)|(?<!\w)(в|из|на) (любо\w+|кажд\w+|всех|истори\w+)( git)?( ветк\w+| ветв\w+| тег\w+)?(?<=ветках|ветке|ветвях|тегах|истории|ветки|git)(?!\w)"#
      ), Phrase(#"--all|rev-list|\bgit, log\b|git log|gitleaks|trufflehog|branch|history"#)
    ),
    (
      Phrase(#"\bissued by [^,;.]{2,40}?(?= and\b| or\b|[,;.]|$)|(?<!\w)выдан\w* [^,;.]{2,40}?(?= и(?!\w)|[,;.]|$)"#),
      Phrase(#"issuer"#)
    ),
    // What stands in another's place: which of the two is there, no check of one file tells.
    (
      Phrase(
        #"\b(instead of|in place of|rather than|in favou?r of|replaced (by|with)) \S+|(?<!\w)(вместо|замен[её]н\w* на) \S+"#
      ),
      Phrase(#"^(?!files:|command:\n  run: \[git, ls-files)"#)
    ),
    (Phrase(#"\bincludes? ?-?sub-?domains?\b"#), Phrase(#"includesubdomains"#)),
    (Phrase(#"(?<=and |, |with |и )preload\b(?! list)"#), Phrase(#"preload"#)),
    (
      Phrase(#"%\s*(of|for)( all)? (branches|functions|statements)\b|%\s*(ветв\w+|функций)"#),
      Phrase(#"branches|functions|statements"#)
    ),
  ]
}
