/// "X is not there, but Y is": what each half of a line says of the names that stand in it.
enum Halves {
  /// What a line says of a name.
  enum Word: Sendable, Equatable {
    /// It is there, and no more is said of it.
    case there
    case denied
    /// Something else, or nothing that could be read.
    case other
  }

  /// Each name of the line, in its order, with what its own half says of it.
  static func names(of line: ChecklistLine) -> [(name: String, word: Word)] {
    var masked = line.raw
    var names: [String] = []
    func mask(_ written: String, _ name: String) {
      masked = masked.replacing(written, with: "\u{E000}\(names.count)\u{E001}", maxReplacements: 1)
      names.append(name)
    }
    for code in line.codes { mask("`\(code)`", code) }
    if names.isEmpty { for name in bare.all(in: masked).compactMap({ $0[1] }) { mask(name, name) } }
    if names.isEmpty { return [] }
    let halves = read(masked)
    return names.indices.map { index in
      let own = halves.filter { $0.text.contains("\u{E000}\(index)\u{E001}") }.map(\.word)
      return (names[index], own.first ?? .other)
    }
  }

  /// Whether the line says of one name that it is there and of another that it is not.
  static func areMixed(_ names: [(name: String, word: Word)]) -> Bool {
    names.contains { $0.word == .denied } && names.contains { $0.word != .denied }
  }

  /// The names for which blocks on files look at the opposite of what the line says of them.
  static func inverted(_ line: ChecklistLine, _ blocks: [String]) -> [String] {
    let names = names(of: line)
    guard areMixed(names) else { return [] }
    let files = blocks.filter { $0.hasPrefix("files:") || $0.contains("ls-files") }
    return names.filter { name, word in
      let own = files.filter { mention($0, name) }.map { BindingMeaning([$0]).denies }
      guard word != .other, !own.isEmpty else { return false }
      return own.allSatisfy { $0 == (word == .there) }
    }.map(\.name)
  }

  private static func mention(_ block: String, _ name: String) -> Bool {
    block.split { " ,[]{}\"\n".contains($0) }.contains { $0 == name || $0.hasSuffix("/\(name)") }
  }

  private struct Half {
    let text: String
    var word: Word
    /// It has names and no verb: its neighbour's verb is said of them as well.
    let isBare: Bool
    /// It begins with what denies what follows: "No `a` and `b` are …".
    let spreads: Bool
    /// It says "is not", and leaves what to the half before it.
    let isElliptic: Bool
    /// It stands against the half before it.
    let isAgainst: Bool
  }

  private static func read(_ masked: String) -> [Half] {
    var halves: [Half] = []
    var rest = masked
    var against = false
    while true {
      let joint = joint.first(in: rest)?[0]
      let range = joint.flatMap { rest.firstRange(of: $0) }
      let text = Inline.trimmed(String(range.map { rest[..<$0.lowerBound] } ?? rest[...]))
      halves.append(half(text, against: against))
      guard let joint, let range else { break }
      against = adversative.isFound(in: joint)
      rest = String(rest[range.upperBound...])
    }
    for index in halves.indices.dropFirst() where halves[index - 1].spreads && !halves[index].isAgainst {
      // "No `a`, `b` is there" can be read both ways.
      halves[index].word = own.isFound(in: halves[index].text) ? .other : .denied
    }
    // "`a` is deleted, `b` is not": it is there, or something else is said of it.
    for index in halves.indices.dropFirst()
    where halves[index].isElliptic && halves[index - 1].word == .denied
      && !negation.isFound(in: halves[index - 1].text)
    {
      halves[index].word = .other
    }
    for index in halves.indices where halves[index].isBare && halves[index].word != .denied {
      if index > 0, halves[index].isAgainst {
        halves[index].word = halves[index - 1].word == .denied ? .there : .denied
      } else if index > 0, halves[index - 1].isBare || named.isFound(in: halves[index - 1].text) {
        halves[index].word = halves[index - 1].word
      } else if let next = halves[(index + 1)...].first(where: { !$0.isBare }), !next.isAgainst {
        halves[index].word = next.word
      } else {
        halves[index].word = index > 0 ? halves[index - 1].word : .there
      }
    }
    return halves
  }

  private static func half(_ text: String, against: Bool) -> Half {
    let isDenied: Bool
    if case .denied = Polarity(of: text) { isDenied = true } else { isDenied = false }
    let words = [place, mask, filler].reduce(text) { text, phrase in
      phrase.all(in: text).compactMap { $0[0] }.reduce(text) { $0.replacing($1, with: " ", maxReplacements: 1) }
    }
    let said = Inline.trimmed(words.split(whereSeparator: \.isWhitespace).joined(separator: " "))
    let isBare = !isDenied && said.isEmpty
    let word: Word = isDenied ? .denied : presence.isFound(in: said) ? .there : .other
    return Half(
      text: text, word: word, isBare: isBare,
      spreads: isDenied && denying.isFound(in: said) && leading.isFound(in: text),
      isElliptic: elliptic.isFound(in: said), isAgainst: against)
  }

  private static let joint = Phrase(
    #",?\s+(?:and|but|while|whereas|yet|и|а|но|зато|однако)(?:\s+(?:зато|also|также))?\s+|[,;]\s+"#)
  private static let adversative = Phrase(#"(?<!\w)(but|while|whereas|yet|а|но|зато|однако)(?!\w)"#)
  private static let mask = Phrase("\u{E000}\\d+\u{E001}")
  private static let named = Phrase("\u{E001}[.:]?$")
  private static let place = Phrase(
    #"(?<!\w)(from|in|of|on|at|under|out of|в|во|из|на) (?!place\b|месте|git\b)(the |our )?(\w+|\x{E000}\d+\x{E001})(?!\w)"#
  )
  private static let filler = Phrase(
    #"(?<!\w)(the|an?|files?|directory|also|both|still|now|each|either|or|nor|файл\w*|каталог\w*|также|или)(?!\w)|[.:—–*]"#
  )
  private static let elliptic = Phrase(#"^(is|are|was|were|has|have) not$|^(не|нет)$"#)
  private static let negation = Phrase(#"\b(not|no|never|neither)\b|n't\b|(?<!\w)(не|нет|ни)(?!\w)"#)
  private static let denying = Phrase(#"^(no|neither|none|ни)$"#)
  private static let leading = Phrase(#"^(no|neither|none|ни)(?!\w)"#)
  private static let own = Phrase("\u{E001} (is|exists|есть)(?!\\w)")
  private static let presence = Phrase(
    #"^(?=\S)((is|are|was|were|has been|have been|must be|should be|there is|there are|must|should|does) ?)?(there|present|committed|tracked|in place|in git|kept|written|checked in|exists?|есть|написан\w*|создан\w*|закоммичен\w*|существует|на месте|лежит|остал\w+|добавлен\w*)?$"#
  )
  private static let bare = Phrase(
    #"(?:^|[\s(])(\.env[\w.*-]*\w|[\w./-]*\w\.(?:pem|key|p12|pfx|jks|json|ya?ml|sql|log|bak|zip|tar|gz|sh|env|md|txt|toml))(?=[\s,.;)]|$)"#
  )
}
