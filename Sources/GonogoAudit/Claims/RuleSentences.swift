import GonogoCore

/// A sentence that findings make false, as its words are compared with a line's.
struct RuleSentence: Sendable {
  let text: String
  let rules: [String]
  /// What the sentence says, in any order.
  let keys: Set<String>
  /// It speaks of all of a kind.
  let isOfAll: Bool
  /// The kind: "service" of "every service has a health check".
  let kind: String?

  init(_ text: String, rules: [String]) {
    self.text = text
    self.rules = rules
    let words = SentenceWords.words(of: text)
    keys = Set(words.filter { !SentenceWords.isFiller($0) }.map(SentenceWords.key))
    let quantifier = words.firstIndex(where: ClaimWords.quantifiers.contains)
    isOfAll = quantifier != nil
    kind = quantifier.flatMap { index in
      words[(index + 1)...].first { !SentenceWords.isFiller($0) }.map(SentenceWords.key)
    }
  }

  /// The sentences that a line says.
  static func said(by line: ClaimLine) -> [RuleSentence] {
    let words = SentenceWords.words(of: line.text)
    let keys = Set(words.map(SentenceWords.key))
    return all.filter { $0.isSaid(by: words, keys) }
  }

  private func isSaid(by words: [String], _ said: Set<String>) -> Bool {
    guard keys.isSubset(of: said) else { return false }
    guard isOfAll, let kind else { return true }
    // "Services have …" speaks of all of them, "the service has …" of one.
    return words.contains { ClaimWords.quantifiers.contains($0) || SentenceWords.key($0) == kind && $0.hasSuffix("s") }
  }

  /// The words of a line that the sentence has, too.
  func words(in line: ClaimLine) -> [String] {
    SentenceWords.words(of: line.text).filter { word in
      keys.contains(SentenceWords.key(word)) || isOfAll && ClaimWords.quantifiers.contains(word)
    } + SentenceWords.spellings(in: line.text)
  }

  /// The sentences of all rules and their other wordings, each with the rules that say it.
  static let all: [RuleSentence] = {
    var order: [String] = []
    var rules: [String: [String]] = [:]
    for rule in BuiltinRules.all {
      for text in [rule.manual.falsifies] + rule.manual.wordings {
        if rules[text] == nil { order.append(text) }
        rules[text, default: []].append(rule.manual.id)
      }
    }
    return order.map { RuleSentence($0, rules: rules[$0] ?? []) }
  }()
}

/// Words, so that two ways of writing one are the same.
enum SentenceWords {
  /// Several words that are one, and words that are another's: only where nobody could mean a different thing.
  private static let spellings: [(said: String, meant: String)] = [
    ("row level security", "rls"), ("row-level security", "rls"), ("row-level-security", "rls"),
    ("health-check", "health check"), ("healthcheck", "health check"), ("http-only", "httponly"),
    ("hard-coded", "hardcoded"), ("hard coded", "hardcoded"), ("e-mail", "email"), ("way back", "wayback"),
    ("time-out", "timeout"), ("start-up", "startup"), ("third party", "third-party"), ("repo ", "repository "),
    ("github actions", "actions"),
  ]

  static func words(of text: String) -> [String] {
    var text = text.lowercased() + " "
    for (said, meant) in spellings where text.contains(said) { text = text.replacing(said, with: meant) }
    return ClaimLine.words(of: text)
  }

  /// The words of a text that stand for others in ``words(of:)``.
  static func spellings(in text: String) -> [String] {
    let lower = text.lowercased() + " "
    return spellings.filter { lower.contains($0.said) }.flatMap { ClaimLine.words(of: $0.said) }
  }

  private static let fillers = ClaimWords(
    "a an the is are be been of in on to for from with by at as and or it its their there that this which has have had do does "
      + "в на для и или с от из к у при нет_")
  private static let denials = ClaimWords("no not nothing never none without нет не без")
  private static let needs = ClaimWords("need needs needed require requires required requiring")

  /// A word that only binds the others, or says that all are meant.
  static func isFiller(_ word: String) -> Bool { fillers.contains(word) || ClaimWords.quantifiers.contains(word) }

  /// What a word is compared by: without its ending.
  static func key(_ word: String) -> String {
    if denials.contains(word) { return "no" }
    if needs.contains(word) { return "need" }
    guard word.count > 3 else { return word == "jobs" ? "job" : word }
    if !word.allSatisfy(\.isASCII) { return String(word.prefix(5)) }
    var stem = word
    for (ending, instead) in [("ies", "y"), ("ied", "y"), ("ing", ""), ("ed", ""), ("es", ""), ("s", ""), ("e", "")]
    where stem.hasSuffix(ending) && stem.count - ending.count >= 3 {
      stem = stem.dropLast(ending.count) + instead
      break
    }
    // "pinned" and "pin", "passes" and "pass".
    if stem.count > 3, stem.last == stem.dropLast().last { stem.removeLast() }
    return stem
  }
}
