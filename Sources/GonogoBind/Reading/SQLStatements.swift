/// The statements of a block of SQL, with their lines. Only their ends are found; the server is the judge of the rest.
enum SQLStatements {
  /// - Returns: for each statement the line it begins on (from 0), how many lines it takes, and its text without comments.
  static func split(_ text: String) -> [(offset: Int, lines: Int, text: String)] {
    var found: [(offset: Int, lines: Int, text: String)] = []
    var statement = ""
    var begin: Int?
    var line = 0
    var quote: String?
    var rest = Substring(text)
    func isBlank(_ character: Character) -> Bool { character.isWhitespace }
    while let character = rest.first {
      if character == "\n" { line += 1 }
      if let open = quote {
        if rest.hasPrefix(open) {
          statement += open
          rest = rest.dropFirst(open.count)
          quote = nil
        } else {
          statement.append(character)
          rest = rest.dropFirst()
        }
        continue
      }
      if rest.hasPrefix("--") {
        rest = rest.drop { $0 != "\n" }
        continue
      }
      if character == "'" || character == "\"" || character == "$", let tag = Self.opening(rest) {
        if begin == nil { begin = line }
        statement += tag
        rest = rest.dropFirst(tag.count)
        quote = tag
        continue
      }
      if character == ";" {
        if let first = begin { found.append((first, line - first + 1, Inline.trimmed(statement))) }
        statement = ""
        begin = nil
      } else {
        if begin == nil, !isBlank(character) { begin = line }
        if begin != nil { statement.append(character) }
      }
      rest = rest.dropFirst()
    }
    if let first = begin, !Inline.trimmed(statement).isEmpty {
      let text = Inline.trimmed(statement)
      found.append((first, text.split(separator: "\n", omittingEmptySubsequences: false).count, text))
    }
    return found
  }

  private static let tag = Phrase(#"^\$[A-Za-z_]*\$"#)

  private static func opening(_ text: Substring) -> String? {
    if text.first != "$" { return String(text.prefix(1)) }
    return tag.first(in: String(text.prefix(64)))?[0]
  }
}
