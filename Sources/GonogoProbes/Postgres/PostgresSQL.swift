/// As much of SQL's lexical structure (PostgreSQL manual, 4.1) as is needed to find words, parameters and parentheses
/// outside of strings and comments.
package enum PostgresSQL {
  package enum Kind: Equatable, Sendable { case word, quoted, string, number, parameter, symbol }

  package struct Token: Equatable, Sendable {
    package let kind: Kind
    package let text: String
    /// Offsets in bytes.
    package let range: Range<Int>
    /// A word as the server takes it: in small letters; a quoted name without its quotes.
    package var name: String {
      switch kind {
      case .word: text.lowercased()
      case .quoted: String(text.dropFirst().dropLast()).replacing("\"\"", with: "\"")
      default: text
      }
    }
    package func isWord(_ word: String) -> Bool { kind == .word && text.lowercased() == word }
    package func isSymbol(_ symbol: String) -> Bool { kind == .symbol && text == symbol }
  }

  package static func tokens(_ sql: String) -> [Token] {
    let bytes = Array(sql.utf8)
    var tokens: [Token] = []
    var index = 0
    func at(_ offset: Int) -> UInt8 { index + offset < bytes.count ? bytes[index + offset] : 0 }
    func isLetter(_ byte: UInt8) -> Bool {
      (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "_") || byte >= 0x80
    }
    func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    func add(_ kind: Kind, _ end: Int) {
      let end = min(end, bytes.count)
      tokens.append(Token(kind: kind, text: String(decoding: bytes[index..<end], as: UTF8.self), range: index..<end))
      index = end
    }
    func closing(_ quote: UInt8, from start: Int, escapes: Bool) -> Int {
      var end = start
      while end < bytes.count {
        if escapes, bytes[end] == UInt8(ascii: "\\") {
          end += 2
        } else if bytes[end] == quote {
          if end + 1 < bytes.count, bytes[end + 1] == quote { end += 2 } else { return end + 1 }
        } else {
          end += 1
        }
      }
      return bytes.count
    }
    while index < bytes.count {
      let byte = bytes[index]
      switch byte {
      case 0x20, 0x09, 0x0A, 0x0C, 0x0D: index += 1
      case UInt8(ascii: "-") where at(1) == byte:
        while index < bytes.count, bytes[index] != 0x0A { index += 1 }
      case UInt8(ascii: "/") where at(1) == UInt8(ascii: "*"):
        var depth = 0
        repeat {
          if at(0) == UInt8(ascii: "/"), at(1) == UInt8(ascii: "*") {
            depth += 1
            index += 2
          } else if at(0) == UInt8(ascii: "*"), at(1) == UInt8(ascii: "/") {
            depth -= 1
            index += 2
          } else {
            index += 1
          }
        } while depth > 0 && index < bytes.count
      case UInt8(ascii: "'"): add(.string, closing(byte, from: index + 1, escapes: false))
      case UInt8(ascii: "\""): add(.quoted, closing(byte, from: index + 1, escapes: false))
      case UInt8(ascii: "e"), UInt8(ascii: "E"):
        if at(1) == UInt8(ascii: "'") {
          add(.string, closing(UInt8(ascii: "'"), from: index + 2, escapes: true))
        } else {
          fallthrough
        }
      case _ where isLetter(byte):
        var end = index
        while end < bytes.count, isLetter(bytes[end]) || isDigit(bytes[end]) || bytes[end] == UInt8(ascii: "$") {
          end += 1
        }
        add(.word, end)
      case UInt8(ascii: "$"):
        var end = index + 1
        if isDigit(at(1)) {
          while end < bytes.count, isDigit(bytes[end]) { end += 1 }
          add(.parameter, end)
          continue
        }
        while end < bytes.count, isLetter(bytes[end]) || isDigit(bytes[end]) { end += 1 }
        guard end < bytes.count, bytes[end] == byte else {
          add(.symbol, index + 1)
          continue
        }
        let tag = Array(bytes[index...end])
        var close = end + 1
        while close < bytes.count, !bytes[close...].starts(with: tag) { close += 1 }
        add(.string, close + tag.count)
      case _ where isDigit(byte):
        var end = index
        while end < bytes.count, isDigit(bytes[end]) || isLetter(bytes[end]) || bytes[end] == UInt8(ascii: ".") {
          end += 1
        }
        add(.number, end)
      case UInt8(ascii: ":") where at(1) == byte: add(.symbol, index + 2)
      default: add(.symbol, index + 1)
      }
    }
    return tokens
  }

  /// Line and column, from 1, of a character, counted as the server counts.
  static func place(_ position: Int, in sql: String) -> (line: Int, column: Int)? {
    let scalars = sql.unicodeScalars
    guard position >= 1, position <= scalars.count + 1 else { return nil }
    var line = 1
    var column = 1
    for scalar in scalars.prefix(position - 1) {
      if scalar == "\n" {
        line += 1
        column = 1
      } else {
        column += 1
      }
    }
    return (line, column)
  }

  /// A string constant. `standard_conforming_strings` is on wherever gonogo asks.
  static func literal(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }

  static func identifier(_ name: String) -> String { "\"" + name.replacing("\"", with: "\"\"") + "\"" }

  /// The SQL with each `$n` replaced, outside of strings and comments.
  static func inlined(_ sql: String, _ values: [String]) -> String {
    var output: [UInt8] = []
    let bytes = Array(sql.utf8)
    var copied = 0
    for token in tokens(sql) where token.kind == .parameter {
      guard let number = Int(token.text.dropFirst()), values.indices.contains(number - 1) else { continue }
      output += bytes[copied..<token.range.lowerBound]
      output += Array(values[number - 1].utf8)
      copied = token.range.upperBound
    }
    return String(decoding: output + bytes[copied...], as: UTF8.self)
  }
}
