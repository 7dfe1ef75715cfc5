/// The words that a judge understands. What a line says beside them nobody has looked at.
public struct ClaimVocabulary: Sendable {
  /// What a judge does with the folders, services and environments that a line names.
  enum Scope: Sendable {
    case none
    /// It looks only into the files and the parts of the product that the line names.
    case parts
    /// And only into the Compose files of the environment that it names.
    case compose
  }

  let words: ClaimWords
  /// Understood where the line is contradicted, and no part of what is borne out: "fixed", "for all".
  let contradicting: ClaimWords
  let scope: Scope

  /// - Parameters:
  ///   - words: divided by blanks; one that ends with `*` stands for all that begin so, and `#` for any number.
  init(_ words: String, contradicting: String = "", scope: Scope = .none) {
    self.words = ClaimWords(words)
    self.contradicting = ClaimWords(contradicting)
    self.scope = scope
  }
}

/// A set of words, some of which stand for all that begin with them.
struct ClaimWords: Sendable {
  private var whole: Set<String> = []
  private var beginnings: [String] = []
  private var hasNumbers = false

  init(_ text: String) {
    for word in text.split(separator: " ") {
      if word == "#" {
        hasNumbers = true
      } else if word.hasSuffix("*") {
        beginnings.append(String(word.dropLast()))
      } else {
        whole.insert(String(word))
      }
    }
  }

  init(_ words: [String]) { whole = Set(words) }

  func contains(_ word: String) -> Bool {
    whole.contains(word) || beginnings.contains { word.hasPrefix($0) } || hasNumbers && word.allSatisfy(\.isNumber)
  }

  mutating func formUnion(_ other: ClaimWords) {
    whole.formUnion(other.whole)
    beginnings += other.beginnings
    hasNumbers = hasNumbers || other.hasNumbers
  }

  /// Words that only bind others, or say no more than that a thing is there.
  static let common = ClaimWords(
    """
    a an the is are was were be been being has have had it its this that these those there of in on to for from with by \
    at as and or via our we your their s implemented implement implementation enabled enable configured configuration config \
    set setup up place exists exist existing present available added add adds integrated integration installed created defined \
    provided done complete completed do does did which fixed fix resolved ready ok now new в на для и или с со по от из к у при это добавлен* \
    реализован* настроен* исправлен* исправлены готов* создан* установлен* включен* включён* внедрен* внедрён* подключен* \
    есть сделан* интегрирован* конфигураци*
    """.split(whereSeparator: \.isNewline).joined(separator: " "))

  /// Words that say that all of a kind are meant: one that is not so contradicts them.
  static let quantifiers = ClaimWords("all every each any both все всех всем каждый каждая каждого каждой любой")

  /// Words that take something out of what a line says.
  static let exceptions = ClaimWords(
    "except excluding unless only but besides mostly partially partial some most кроме только частично некоторые почти")

  /// Words behind which stands what a thing is of, or where it is.
  static let prepositions = ClaimWords("for in on of at to by from with under per via для в на по от из с у к при")

  /// Words that say that a thing does what it is for: where it is not there, it does not.
  static let working = ClaimWords(
    "work works working worked functional operational effective properly correctly fully правильно корректно полностью работает работают"
  )

  /// Words of a limit: how much, in what unit.
  static let limits = ClaimWords(
    "ms s sec secs second seconds min minute minutes h hour hours day days kb mb gb mi gi rps below under above over least most "
      + "than less more max maximum min minimum within after сек секунд* мин минут* час* дней дня мс менее более")
}

/// The words of a line, in the parts that it lists.
struct ClaimClauses: Sendable {
  struct Clause: Sendable {
    var words: [String] = []
    var isInParentheses = false
  }

  let clauses: [Clause]

  /// - Parameter known: texts between back quotes that need no more reading: files that were looked up.
  init(_ line: ClaimLine) {
    var text = line.text
    for span in ClaimReader.quoted(text) where line.names(span) { text = text.replacing("`\(span)`", with: " ") }
    text = Self.withoutOrdinal(text).lowercased()
    var clauses = [Clause()]
    var word = ""
    var depth = 0
    func isSpaced(_ previous: Character?) -> Bool { previous == nil || previous == " " }
    func end() {
      if word.isEmpty { return }
      // "and" divides as a comma does.
      if ["and", "и", "plus"].contains(word) {
        next()
      } else {
        clauses[clauses.count - 1].words.append(word)
      }
      word = ""
    }
    func next() { clauses.append(Clause(words: [], isInParentheses: depth > 0)) }
    let characters = Array(text)
    for (index, character) in characters.enumerated() {
      if character.isLetter || character.isNumber || character == "_" {
        word.append(character)
        continue
      }
      // A mark before a path or a host belongs to it.
      let isInner = index + 1 < characters.count && (characters[index + 1].isLetter || characters[index + 1].isNumber)
      end()
      switch character {
      case "(", "[":
        depth += 1
        next()
      case ")", "]":
        depth = max(0, depth - 1)
        next()
      case ",", ";", "+", "&": next()
      case ":", ".", "!", "?": if !isInner { next() }
      case "-", "–", "—":
        if index > 0, characters[index - 1] == " ", !isInner { next() }
      default: break
      }
    }
    end()
    self.clauses = clauses.filter { !$0.words.isEmpty }
  }

  var words: [String] { clauses.flatMap(\.words) }

  /// Without "2. ", "4-5: ", "Step 3: " at the beginning.
  private static func withoutOrdinal(_ text: String) -> String {
    var rest = Substring(text)
    let first = rest.prefix { $0.isLetter }
    let labels: Set<String> = [
      "step", "phase", "fix", "issue", "item", "task", "исправление", "шаг", "этап", "фаза", "задача", "пункт",
    ]
    if labels.contains(first.lowercased()) { rest = rest.dropFirst(first.count).drop { $0 == " " } }
    let number = rest.prefix { $0.isNumber || $0 == "." || $0 == "-" || $0 == "#" }
    guard number.contains(where: \.isNumber) else { return text }
    let behind = rest.dropFirst(number.count)
    guard number.last == "." || behind.first == ":" || behind.first == ")" else { return text }
    return String(behind.drop { $0 == ":" || $0 == ")" || $0 == " " })
  }
}
