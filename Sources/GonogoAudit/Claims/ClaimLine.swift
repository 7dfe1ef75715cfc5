/// A line of a document that says that something is done, or is still to be done.
public struct ClaimLine: Sendable {
  public let document: TreeFile
  /// From 1.
  public let line: Int
  /// Without box, mark and emphasis.
  public let text: String
  /// `nil` where it has neither a box nor a mark.
  public let ticked: Bool?
  /// The headings that it stands under, the outermost first.
  public let headings: [String]
  /// What belongs to it: the text under a heading, the deeper lines under an item.
  public let body: [String]
  /// The paths that the line and its body name as the file concerned.
  public let files: [String]
  /// In lower case, for the judges.
  let lower: String
  let words: [String]
  /// Its words, each behind a blank: what one begins with is looked for at once.
  private let begun: [UInt8]

  init(
    document: TreeFile, line: Int, text: String, ticked: Bool?, headings: [String], body: [String], files: [String]
  ) {
    self.document = document
    self.line = line
    self.text = text
    self.ticked = ticked
    self.headings = headings
    self.body = body
    self.files = files
    lower = text.lowercased()
    words = Self.words(of: text)
    begun = words.reduce(into: []) { $0 += [0x20] + Array($1.utf8) }
  }

  /// In lower case, without what stands between them.
  static func words(of text: String) -> [String] {
    let lower = text.lowercased()
    return plainWords(of: lower) ?? lower.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init)
  }

  /// The words of a text of ASCII and Russian, by its bytes; `nil` for another.
  private static func plainWords(of text: String) -> [String]? {
    var text = text
    return text.withUTF8 { text in
      var result: [String] = []
      var start = 0
      var index = 0
      func end() {
        if start < index {
          result.append(String(decoding: UnsafeBufferPointer(rebasing: text[start..<index]), as: UTF8.self))
        }
      }
      while index < text.count {
        let byte = text[index]
        if byte == 0xD0 || byte == 0xD1 {
          guard index + 1 < text.count else { return nil }
          index += 2
        } else if byte >= 0x80 {
          return nil
        } else if byte.isWordByte {
          index += 1
        } else {
          end()
          index += 1
          start = index
        }
      }
      end()
      return result
    }
  }

  /// Whether any of its words begins with one of these; one with a blank or a hyphen is looked for in the text as it is.
  func says(_ stems: String...) -> Bool { says(stems) }

  func says(_ stems: [String]) -> Bool {
    stems.contains { stem in
      // Letters beyond ASCII are letters here: no stem has other signs of there.
      stem.utf8.allSatisfy { $0.isWordByte } ? ByteSearch.contains(" " + stem, in: begun) : lower.contains(stem)
    }
  }

  /// Whether it has one of these words, whole.
  func hasWord(_ names: String...) -> Bool { words.contains { names.contains($0) } }

  /// It denies: what it says is there may be said not to be.
  var isDenial: Bool {
    hasWord(
      "no", "not", "without", "never", "нет", "без", "не", "cannot", "skip", "skipped", "none", "n/a", "na", "disabled")
  }

  /// It says that something was made, not that all of a kind is so: "added", "created".
  var isAboutSome: Bool {
    says("added", "adds", "add ", "добавл", "созда", "created", "introduc", "внедр", "some", "partial", "частичн")
  }

  /// It says that something works, or was tried: more than that it is there.
  var isAboutWorking: Bool {
    hasWord(
      "work", "works", "working", "tested", "verified", "passing", "passes", "passed", "functional", "operational",
      "green",
      "healthy", "returns", "accessible", "receiving", "up", "updating", "running", "проверить", "убедиться", "проверь")
      // "A health check" tries nothing, "check that …" does.
      || words.first.map(["verify", "check", "test", "confirm"].contains) == true
      || says(
        "работает", "работают", "протестир", "проход", "пройден", "прошли", "успешн", "запущен", "доступ", "получа",
        "отвеча", "возвраща")
  }

  /// It says that something is still wanted, whatever its mark: "need to", "must be".
  var isWish: Bool {
    says(
      "need", "todo", "нужн", "требует", "необходим", "should", "must", "to be ", "planned", "запланир", "future",
      "later", "позже")
  }

  /// It speaks of migrations or of row security: what the replay is for.
  var isAboutSchema: Bool {
    says("migration", "миграц", "row-level security", "row level security") || hasWord("rls")
  }

  /// It tells somebody to do something: "Verify that …", "Проверить …".
  var isInstruction: Bool {
    guard let first = words.first else { return false }
    let verbs: Set<String> = [
      "verify", "check", "ensure", "make", "use", "add", "run", "apply", "test", "set", "configure", "enable", "create",
      "confirm",
      "review", "monitor", "update", "deploy", "always", "keep", "avoid", "do", "never", "consider", "install", "open",
      "click",
      "go", "copy", "see", "read", "write", "start", "stop", "try", "wait", "remove", "implement", "убедитесь",
      "проверьте",
      "используйте", "добавьте", "запустите", "настройте", "создайте", "откройте",
    ]
    return verbs.contains(first)
      || first.count > 4 && (first.hasSuffix("ть") || first.hasSuffix("ти") || first.hasSuffix("ться"))
  }

  /// Whether a text between back quotes is one of the files concerned.
  func names(_ span: String) -> Bool {
    var wanted = Substring(span)
    if wanted.hasPrefix("./") { wanted = wanted.dropFirst(2) }
    while wanted.hasPrefix("/") { wanted = wanted.dropFirst() }
    return !wanted.isEmpty && files.contains { $0 == wanted || $0.hasSuffix("/" + wanted) }
  }
}
