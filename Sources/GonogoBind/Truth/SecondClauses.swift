/// The parts of a line that say something of their own beside each other: "returns 200 and checks the database".
enum SecondClauses {
  /// All of a line's, the first included; one alone where there is no second.
  static func of(_ text: String) -> [String] {
    var plain = text
    for groups in brackets.all(in: text) {
      if let whole = groups[0] { plain = plain.replacing(whole, with: " ", maxReplacements: 1) }
    }
    var parts: [String] = []
    var rest = plain
    while let groups = joint.first(in: rest), let whole = groups[0], let range = rest.firstRange(of: whole) {
      parts.append(Inline.trimmed(String(rest[..<range.lowerBound])))
      rest = String(rest[range.upperBound...])
    }
    parts.append(Inline.trimmed(rest))
    return parts.filter { !$0.isEmpty }
  }

  /// Whether a part says something that could be false while the rest is true.
  static func saysSomething(_ part: String) -> Bool {
    let words = part.split(separator: " ").count
    return weighty.isFound(in: part) || words >= 2 && verb.isFound(in: part)
  }

  /// Whether it begins with a verb of the third person, or says of the first part's subject where something is.
  static func begins(_ part: String) -> Bool { third.isFound(in: part) }

  /// A word that is a claim by itself: "enabled and forced".
  static func heavy(_ part: String) -> String? { weighty.group(1, in: part)?.lowercased() }

  /// The words of it that tell what it is about.
  static func words(_ part: String) -> [String] {
    word.all(in: part.lowercased()).compactMap { $0[0] }.filter { !filler.isFound(in: $0) }
  }

  private static let brackets = Phrase(#"\([^()]*\)"#)
  private static let joint = Phrase(
    #"\s*;\s+|(?<=[\p{Ll}\d)])[.!?]\s+(?=\p{L})|,?\s+(?:and|but|while|и|а также|но)\s+(?:then\s+|also\s+)?|,\s+(?:а|зато|однако)\s+|,\s+(?=(?:в н[её][мй]|it|там)\s)|\s+(?=(?:with no|without|before|after|within|без)\s)|,\s+(?=(?:so|which|that|not|no|never|не)\b)"#
  )
  private static let verb = Phrase(
    #"\b(is|are|was|were|has|have|had|must|can|cannot|will|does|do)\b|\b(returns?|checks?|blocks?|shows?|sends?|runs?|passes|pass|needs?|expires?|rotates?|fires?|reaches|logs?|redirects?|rejects?|refuses?|requires?|contains?|drops?|closes|drains?|waits?|restarts?|survives?|covers?|names?|lists?|keeps?|holds?|carries|allows?|denies|matches|points?|uses|writes|reads|works?|expires|stops?|starts?|describes?|documents?|explains?|includes?|mentions?|owns?|reports?|answers?|says|tells|begins?|ends?|defines?|sets|exposes|publishes|validates)\b|^не \S|\w{3,}ed\b|^(without|with no|without|within|без)\b|\w+(ает|яет|ует|ит|ют|ят|ен|ена|ены|ан|аны|ана)\b"#
  )
  private static let weighty = Phrase(
    #"^(?:(?:is|are) )?(forced|encrypted|restorable|restored|blocking|rehearsed|immutable|unique|signed|rotated|tested|documented|monitored|alerted|encrypted at rest|принудительн\w+|зашифрован\w*|проверен\w* восстановлением|протестирован\w*|задокументирован\w*)\b"#
  )
  private static let third = Phrase(
    #"^(always |also |is |are |still )?[a-z]{2,}(s|ed) \w|^(в н[её][мй]|it|там|\w+(ает|яет|ует|ит))(?!\w)"#)
  private static let word = Phrase(#"[\p{L}\p{N}_]{4,}"#)
  private static let filler = Phrase(
    #"^(with|without|that|this|from|they|them|their|then|also|must|have|been|does|will|when|were|only|into|onto|over|each|every|production|properly|correctly|successfully|working|works|enabled|configured|verified|there|place|before|after|within|всех|все|для|или|если|была|были|быть|есть|работа\w*|настроен\w*)$"#
  )
}
