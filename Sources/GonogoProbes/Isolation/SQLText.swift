/// Text of SQL: names and values that stay what they are.
enum SQLText {
  /// Words that cannot stand as a column's or a table's name without quotes (PostgreSQL 15, appendix C).
  private static let reserved: Set<String> = [
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization", "between", "binary",
    "both", "case", "cast", "check", "collate", "collation", "column", "concurrently", "constraint", "create", "cross",
    "current_catalog", "current_date", "current_role", "current_schema", "current_time", "current_timestamp",
    "current_user", "default", "deferrable", "desc", "distinct", "do", "else", "end", "except", "exists", "extract",
    "false", "fetch", "for", "foreign", "freeze", "from", "full", "grant", "group", "having", "ilike", "in",
    "initially",
    "inner", "intersect", "into", "is", "isnull", "join", "lateral", "leading", "left", "like", "limit", "localtime",
    "localtimestamp", "natural", "not", "notnull", "null", "offset", "on", "only", "or", "order", "outer", "overlaps",
    "placing", "primary", "references", "returning", "right", "row", "select", "session_user", "similar", "some",
    "symmetric", "table", "tablesample", "then", "to", "trailing", "true", "union", "unique", "user", "using", "values",
    "variadic", "verbose", "when", "where", "window", "with",
  ]

  /// An identifier, in double quotes where it needs them.
  static func name(_ text: String) -> String {
    let plain =
      text.utf8.first.map { (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "_") } == true
      && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_") }
    return plain && !reserved.contains(text) ? text : "\"\(text.replacing("\"", with: "\"\""))\""
  }

  /// A string constant. Backslashes are what they are: `standard_conforming_strings` is on since 9.1, and set by the proof.
  static func literal(_ text: String) -> String { "'\(text.replacing("'", with: "''"))'" }

  static func literal(_ text: String?) -> String { text.map { literal($0) } ?? "NULL" }

  /// A constant in dollar quotes, whose tag does not occur inside.
  static func dollar(_ text: String) -> String {
    var tag = "gonogo"
    while text.contains("$\(tag)$") { tag += "x" }
    return "$\(tag)$\(text)$\(tag)$"
  }

  /// Whether `word` stands in `text` as a word of its own, whatever its case.
  static func mentions(_ text: String, _ word: String) -> Bool {
    let hay = Array(text.lowercased().utf8)
    let needle = Array(word.lowercased().utf8)
    guard !needle.isEmpty, hay.count >= needle.count else { return false }
    func isWord(_ byte: UInt8) -> Bool {
      (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "_") || byte >= 0x80
    }
    var index = 0
    while index + needle.count <= hay.count {
      if hay[index] == needle[0], hay[index..<(index + needle.count)].elementsEqual(needle) {
        let before = index == 0 || !isWord(hay[index - 1])
        let after = index + needle.count == hay.count || !isWord(hay[index + needle.count])
        if before && after { return true }
      }
      index += 1
    }
    return false
  }

  /// `organizationId` and `OrganizationID` as `organization_id`.
  static func snake(_ name: String) -> String {
    var result = ""
    var previousLower = false
    for character in name {
      if character.isUppercase {
        if previousLower { result += "_" }
        result += character.lowercased()
        previousLower = false
      } else {
        result.append(character)
        previousLower = character.isLowercase || character.isNumber
      }
    }
    return result
  }

  /// The string constants in an expression, unescaped.
  static func strings(in expression: String) -> [String] {
    var found: [String] = []
    var current: String?
    var skip = false
    let characters = Array(expression)
    for (index, character) in characters.enumerated() {
      if skip {
        skip = false
        continue
      }
      if character == "'" {
        if let text = current {
          if index + 1 < characters.count, characters[index + 1] == "'" {
            current = text + "'"
            skip = true
          } else {
            found.append(text)
            current = nil
          }
        } else {
          current = ""
        }
      } else if let text = current {
        current = text + String(character)
      }
    }
    return found
  }

  /// The numbers in an expression, outside its strings and names.
  static func numbers(in expression: String) -> [Double] {
    var found: [Double] = []
    var text = ""
    var inString = false
    var previous: Character = " "
    func flush() {
      if let value = Double(text) { found.append(value) }
      text = ""
    }
    for character in expression {
      if character == "'" { inString.toggle() }
      if !inString, character.isNumber || (character == "." && !text.isEmpty) {
        if !text.isEmpty || !(previous.isLetter || previous == "_" || previous == "\"") {
          if text.isEmpty, previous == "-" { text = "-" }
          text.append(character)
        }
      } else {
        flush()
      }
      // A digit inside a name keeps the name going.
      previous = !inString && character.isNumber && text.isEmpty ? "_" : character
    }
    flush()
    return found
  }
}
