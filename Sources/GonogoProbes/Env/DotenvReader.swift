/// One variable, and where it was written. The value is never shown.
struct Variable: Sendable {
  var value: String
  /// The source's name, as the author wrote it.
  var source: String
  var line: Int?
  /// The value was put together from other variables.
  var interpolated = false
  /// Part of the value is a default that stands in the file.
  var defaulted = false
  /// Names that the value refers to and that have no value.
  var unresolved: [String] = []

  /// Set, and more than blanks.
  var isFilled: Bool { value.unicodeScalars.contains { !$0.properties.isWhitespace } }
}

/// Reads `.env` files, by the rules that dotenv (JavaScript), python-dotenv and Compose share.
///
/// Comments, `export`, single quotes (literal), double quotes (escapes and references), both over several lines; an
/// unquoted value ends at ` #`. The last of two equal names wins, and the first is reported.
struct DotenvReader {
  struct Fault: Sendable, Equatable {
    let line: Int
    let message: String
  }
  struct Duplicate: Sendable, Equatable {
    let name: String
    let line: Int
    let firstLine: Int
  }

  private(set) var variables: [String: Variable] = [:]
  private(set) var faults: [Fault] = []
  private(set) var duplicates: [Duplicate] = []

  private let source: String
  /// A line with a name alone takes the value from outside, as in Compose's `env_file`.
  private let passThrough: Bool
  private let outside: (String) -> String?

  /// - Parameter outside: values from the process, for references and names without a value.
  init(_ bytes: [UInt8], source: String, passThrough: Bool = false, outside: @escaping (String) -> String?) {
    self.source = source
    self.passThrough = passThrough
    self.outside = outside
    read(bytes)
  }

  private mutating func read(_ bytes: [UInt8]) {
    var rest = bytes[...]
    if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
    var lines = rest.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
      line.last == 0x0D ? line.dropLast() : line
    }
    if lines.last?.isEmpty == true { lines.removeLast() }
    var texts: [String] = []
    for (index, line) in lines.enumerated() {
      if let text = String(validating: line, as: UTF8.self) {
        texts.append(text)
      } else {
        faults.append(Fault(line: index + 1, message: "bytes that are not UTF-8"))
        texts.append(String(decoding: line, as: UTF8.self))
      }
      if line.contains(0) { faults.append(Fault(line: index + 1, message: "a zero byte")) }
    }
    var index = 0
    while index < texts.count { index = statement(texts, at: index) }
    faults.sort { $0.line < $1.line }
  }

  /// Reads what begins at a line, and gives the line after it.
  private mutating func statement(_ lines: [String], at start: Int) -> Int {
    var text = lines[start].drop { $0 == " " || $0 == "\t" }
    if text.isEmpty || text.first == "#" { return start + 1 }
    if text.hasPrefix("export "), let after = text.dropFirst(7).firstIndex(where: { $0 != " " && $0 != "\t" }) {
      text = text[after...]
    }
    let nameEnd = text.firstIndex { !Self.isNamePart($0) } ?? text.endIndex
    let name = String(text[..<nameEnd])
    guard let first = name.first, !("0"..."9").contains(first), first != ".", first != "-" else {
      return fault(start, "expected NAME=value")
    }
    let tail = text[nameEnd...].drop { $0 == " " || $0 == "\t" }
    guard tail.first == "=" else {
      if tail.isEmpty || tail.first == "#" {
        guard passThrough else { return fault(start, "\(name) has no '='") }
        if let value = outside(name) { set(name, Variable(value: value, source: source, line: start + 1)) }
        return start + 1
      }
      return fault(start, "expected '=' after \(name)")
    }
    let value = tail.dropFirst().drop { $0 == " " || $0 == "\t" }
    guard let quote = value.first, quote == "\"" || quote == "'" else {
      set(name, expanded(Self.unquoted(value), .plain, line: start + 1))
      return start + 1
    }
    // A quoted value may go over the ends of lines.
    var content = ""
    var line = start
    var piece = value.dropFirst()
    while true {
      if let close = Self.closing(piece, quote) {
        content += piece[..<close]
        let after = piece[piece.index(after: close)...].drop { $0 == " " || $0 == "\t" }
        if !after.isEmpty, after.first != "#" { return fault(start, "text after the closing quote of \(name)") }
        if quote == "'" {
          set(name, Variable(value: content, source: source, line: start + 1))
        } else {
          set(name, expanded(content[...], .quoted, line: start + 1))
        }
        return line + 1
      }
      content += piece
      content += "\n"
      line += 1
      if line == lines.count { return fault(start, "the quote of \(name) is never closed") }
      piece = lines[line][...]
    }
  }

  private mutating func fault(_ index: Int, _ message: String) -> Int {
    faults.append(Fault(line: index + 1, message: message))
    return index + 1
  }

  private mutating func set(_ name: String, _ variable: Variable) {
    if let first = variables[name], let line = first.line, let second = variable.line {
      duplicates.append(Duplicate(name: name, line: second, firstLine: line))
    }
    variables[name] = variable
  }

  private func expanded(_ text: Substring, _ style: Interpolation.Style, line: Int) -> Variable {
    let filled = Interpolation(text, style: style) { variables[$0]?.value ?? outside($0) }
    return Variable(
      value: filled.text, source: source, line: line, interpolated: filled.happened, defaulted: filled.defaulted,
      unresolved: filled.unresolved)
  }

  private static func unquoted(_ text: Substring) -> Substring {
    var end = text.startIndex
    var index = text.startIndex
    var blank = true
    while index < text.endIndex {
      let character = text[index]
      if character == "#", blank { break }
      blank = character == " " || character == "\t"
      index = text.index(after: index)
      if !blank { end = index }
    }
    return text[..<end]
  }

  private static func closing(_ text: Substring, _ quote: Character) -> Substring.Index? {
    var index = text.startIndex
    while index < text.endIndex {
      if text[index] == "\\", quote == "\"" {
        index = text.index(after: index)
        if index == text.endIndex { return nil }
      } else if text[index] == quote {
        return index
      }
      index = text.index(after: index)
    }
    return nil
  }

  private static func isNamePart(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || "_.-".contains(character))
  }
}
