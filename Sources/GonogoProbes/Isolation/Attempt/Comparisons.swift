import GonogoCore

/// A column's comparison with a constant, read from an expression as the catalogue writes it (`pg_get_expr`) or from a
/// function's source.
struct Comparison: Hashable, Sendable {
  let column: String
  /// The keys that are followed into a JSON document first.
  var path: [String] = []
  /// `=`, `<`, `<=`, `>`, `>=`, `~~`, `null`, `not null`, `true`, `false`, `length`.
  let relation: String
  /// The constant's text; for a moment that depends on the clock `now`.
  var text = ""

  /// - Parameter qualified: columns of any table, whatever stands before their dot; otherwise those of `table` itself.
  static func all(in expression: String, columns: [Catalogue.Column], of table: String, qualified: Bool = false)
    -> [Comparison]
  {
    let names = Set(columns.map(\.name))
    var found: [Comparison] = []
    var scan = Scanner(expression)
    while let word = scan.nextWord() {
      guard names.contains(word.text) || names.contains(word.text.lowercased()) else { continue }
      let name = names.contains(word.text) ? word.text : word.text.lowercased()
      if !qualified, let qualifier = word.qualifier, qualifier != table { continue }
      for comparison in scan.comparisons(of: name, word) where !found.contains(comparison) { found.append(comparison) }
    }
    return found
  }

  struct Word {
    let text: String
    let qualifier: String?
    /// `length` in `length(code)`; `NOT`.
    let before: String
    let end: Int
  }

  private struct Scanner {
    let text: [Character]
    var at = 0

    init(_ expression: String) { text = Array(expression) }

    private func isWord(_ character: Character) -> Bool {
      character.isLetter || character.isNumber || character == "_"
    }

    /// Past the string that begins at `place`, and what it says.
    private func string(_ place: Int) -> (text: String, end: Int)? {
      guard place < text.count, text[place] == "'" else { return nil }
      var result = ""
      var next = place + 1
      while next < text.count {
        if text[next] == "'" {
          guard next + 1 < text.count, text[next + 1] == "'" else { return (result, next + 1) }
          next += 1
        }
        result.append(text[next])
        next += 1
      }
      return nil
    }

    private var previous: (text: String, end: Int, before: String)?
    private var lastWord = ""

    mutating func nextWord() -> Word? {
      while at < text.count {
        if text[at] == "'" {
          at = string(at)?.end ?? text.count
          lastWord = ""
          continue
        }
        let isQuoted = text[at] == "\""
        guard isQuoted || isWord(text[at]) else {
          if text[at] != "(" && text[at] != " " && text[at] != "." { lastWord = "" }
          at += 1
          continue
        }
        let start = at
        var word = ""
        if isQuoted { at += 1 }
        while at < text.count, isQuoted ? text[at] != "\"" : isWord(text[at]) {
          word.append(text[at])
          at += 1
        }
        if isQuoted { at += 1 }
        var qualifier: String?
        var before = lastWord
        if start > 0, text[start - 1] == ".", let previous, previous.end == start - 1 {
          qualifier = previous.text
          before = previous.before
        }
        previous = (word, at, before)
        lastWord = word
        return Word(text: word, qualifier: qualifier, before: before, end: at)
      }
      return nil
    }

    private func skip(_ place: Int, _ characters: Set<Character>) -> Int {
      var place = place
      while place < text.count, characters.contains(text[place]) || text[place].isNewline { place += 1 }
      return place
    }

    private func has(_ place: Int, _ word: String) -> Bool {
      let end = place + word.count
      guard end <= text.count else { return false }
      return String(text[place..<end]).uppercased() == word
    }

    /// Past `)::text`, `::character varying(20)`; whether one of them says boolean.
    private func pastCasts(_ place: Int) -> (end: Int, isBoolean: Bool) {
      var place = skip(place, [" ", ")"])
      var isBoolean = false
      while has(place, "::") {
        var end = place + 2
        while end < text.count, isWord(text[end]) { end += 1 }
        isBoolean = String(text[(place + 2)..<end]).lowercased().hasPrefix("bool")
        for more in [" VARYING", " PRECISION", " WITH TIME ZONE", " WITHOUT TIME ZONE"] where has(end, more) {
          end += more.count
        }
        if end < text.count, text[end] == "(" { while end < text.count, text[end] != ")" { end += 1 } }
        place = skip(end, [" ", ")", "[", "]"])
      }
      return (place, isBoolean)
    }

    func comparisons(of column: String, _ word: Word) -> [Comparison] {
      var place = word.end
      var path: [String] = []
      // `(settings ->> 'staff'::text)`.
      while true {
        let arrow = skip(place, [" ", ")"])
        guard has(arrow, "->") else { break }
        let key = skip(arrow + (has(arrow, "->>") ? 3 : 2), [" "])
        guard let found = string(key) else { return [] }
        path.append(found.text)
        place = found.end
        if has(place, "::TEXT") { place += 6 }
      }
      let casts = pastCasts(place)
      place = casts.end
      let isLength = ["length", "char_length", "character_length"].contains(word.before.lowercased())
      func make(_ relation: String, _ text: String = "") -> Comparison {
        Comparison(column: column, path: path, relation: isLength ? "length" : relation, text: text)
      }
      if has(place, "IS NOT NULL") { return [make("not null")] }
      if has(place, "IS NULL") { return [make("null")] }
      if has(place, "IS TRUE") { return [make("true")] }
      if has(place, "IS FALSE") || has(place, "IS NOT TRUE") { return [make("false")] }
      let isNegated = word.before.uppercased() == "NOT"
      if has(place, "IN ") || has(place, "IN(") { return list(place + 2).map { make("=", $0) } }
      for relation in ["<=", ">=", "<>", "!=", "~~*", "~~", "=", "<", ">"] where has(place, relation) {
        let value = skip(place + relation.count, [" "])
        if relation == "=", has(value, "ANY") { return list(value + 3).map { make("=", $0) } }
        guard let constant = constant(value) else { return [] }
        if relation == "<>" || relation == "!=" { return [] }
        return [make(relation == "~~*" ? "~~" : relation, constant)]
      }
      // A boolean by itself: what follows is no operator.
      let isEnd = place >= text.count || has(place, "OR ") || has(place, "AND ") || text[place] == ";"
      if isEnd, path.isEmpty || casts.isBoolean, !isLength { return [make(isNegated ? "false" : "true")] }
      return []
    }

    private func constant(_ place: Int) -> String? {
      let place = skip(place, [" ", "("])
      if let found = string(place) { return found.text }
      for clock in ["NOW()", "CURRENT_DATE", "CURRENT_TIMESTAMP", "LOCALTIMESTAMP"] where has(place, clock) {
        return "now"
      }
      if has(place, "TRUE") { return "true" }
      if has(place, "FALSE") { return "false" }
      var end = place
      if end < text.count, text[end] == "-" { end += 1 }
      while end < text.count, text[end].isNumber || text[end] == "." { end += 1 }
      return end > place ? String(text[place..<end]) : nil
    }

    /// The constants of `ANY (ARRAY['a'::text, 'b'::text])`, of `IN ('a', 'b')`; none of a subquery.
    private func list(_ place: Int) -> [String] {
      var place = skip(place, [" ", "("])
      if has(place, "ARRAY[") { place += 6 }
      var found: [String] = []
      while let value = constant(place), found.count < 8 {
        found.append(value)
        place = string(skip(place, [" ", "("]))?.end ?? skip(place, [" ", "("]) + value.count
        place = pastCasts(place).end
        guard place < text.count, text[place] == "," else { break }
        place = skip(place + 1, [" "])
      }
      return found
    }
  }
}

extension Comparison {
  /// What a column is given; `nil` is NULL.
  struct Setting: Hashable, Sendable {
    let column: String
    let text: String?
    var sql: String { "\(SQLText.name(column)) = \(SQLText.literal(text))" }
  }

  /// A constant for which the comparison holds; `nil` where none is known for the column's type.
  func setting(_ column: Catalogue.Column, _ catalogue: Catalogue) -> Setting? {
    if relation == "null", path.isEmpty { return column.isNotNull ? nil : Setting(column: column.name, text: nil) }
    return value(catalogue.types[column.typeOID]).map { Setting(column: column.name, text: $0) }
  }

  private func value(_ type: Catalogue.TypeInfo?) -> String? {
    let name = type?.name ?? ""
    let category = type?.category ?? ""
    if !path.isEmpty { return name == "jsonb" || name == "json" ? document : nil }
    switch relation {
    case "=": return text == "now" || category == "A" ? nil : text
    case "true", "false": return name == "bool" ? relation : nil
    case "not null":
      switch category {
      case "D": return name.hasPrefix("time") && !name.hasPrefix("timestamp") ? "12:00" : "2020-01-01"
      case "N": return "1"
      case "B": return "true"
      case "S": return "gonogo"
      case "E": return type?.labels.first
      default: return name == "uuid" ? "00000000-0000-4000-8000-000000000001" : nil
      }
    case "<", "<=", ">", ">=":
      if name == "date" || name.hasPrefix("timestamp") { return relation.hasPrefix("<") ? "1900-01-01" : "2999-01-01" }
      guard category == "N", let number = Double(text), abs(number) < 1e15 else { return nil }
      let near = relation.hasPrefix("<") ? number.rounded(.up) - 1 : number.rounded(.down) + 1
      return String(Int(relation.hasSuffix("=") && number == number.rounded() ? number : near))
    case "~~":
      return category == "S"
        ? text.replacing("\\", with: "").replacing("%", with: "x").replacing("_", with: "x") : nil
    case "length":
      guard category == "S", let count = Int(text), (1...1000).contains(count) else { return nil }
      return String(repeating: "1", count: count)
    default: return nil
    }
  }

  /// `{"staff": true}`, for a path into a document.
  private var document: String? {
    let leaf: JSON
    switch relation {
    case "true": leaf = true
    case "false": leaf = false
    case "=": leaf = text == "true" ? true : text == "false" ? false : .string(text)
    case "not null": leaf = "gonogo"
    default: return nil
    }
    return path.reversed().reduce(leaf) { inner, key in .object([key: inner]) }.canonicalString
  }
}
