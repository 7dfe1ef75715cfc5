/// Splits a file of SQL into its statements as psql does (PostgreSQL manual, 4.1 and psql's psqlscan.l): strings, dollar
/// quotes, nested comments, parentheses, BEGIN ATOMIC bodies, psql's own commands, COPY's data.
///
/// Works on bytes: what is not UTF-8 reaches the server, which says so.
struct SQLSplitter {
  struct Statement: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
      case sql
      /// COPY … FROM STDIN, with where its data stands.
      case copy(Range<Int>)
      /// A command of psql's: `\connect`.
      case meta
    }
    var kind: Kind
    /// Offsets in bytes, from its first word to before its semicolon.
    let range: Range<Int>
    /// The line of its first word, from 1.
    let line: Int
  }

  private let bytes: [UInt8]
  private var index = 0
  private var line = 1

  static func split(_ bytes: [UInt8]) -> [Statement] {
    var splitter = SQLSplitter(bytes: bytes)
    return splitter.run()
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private func at(_ offset: Int) -> UInt8 { index + offset < bytes.count ? bytes[index + offset] : 0 }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "_") || byte >= 0x80
  }
  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  /// Goes on to `end`, and counts the lines on the way.
  private mutating func skip(to end: Int) {
    let end = min(end, bytes.count)
    while index < end {
      if bytes[index] == 0x0A { line += 1 }
      index += 1
    }
  }

  private mutating func skipQuoted(_ quote: UInt8, escapes: Bool) {
    var end = index + 1
    while end < bytes.count {
      if escapes, bytes[end] == UInt8(ascii: "\\") {
        end += 2
      } else if bytes[end] == quote {
        if end + 1 < bytes.count, bytes[end + 1] == quote {
          end += 2
        } else {
          skip(to: end + 1)
          return
        }
      } else {
        end += 1
      }
    }
    skip(to: bytes.count)
  }

  private mutating func skipLine() {
    while index < bytes.count, bytes[index] != 0x0A { index += 1 }
  }

  private mutating func skipComment() {
    var depth = 0
    repeat {
      if at(0) == UInt8(ascii: "/"), at(1) == UInt8(ascii: "*") {
        depth += 1
        index += 2
      } else if at(0) == UInt8(ascii: "*"), at(1) == UInt8(ascii: "/") {
        depth -= 1
        index += 2
      } else {
        skip(to: index + 1)
      }
    } while depth > 0 && index < bytes.count
  }

  private mutating func skipDollarQuoted() -> Bool {
    var end = index + 1
    if end < bytes.count, Self.isDigit(bytes[end]) { return false }
    while end < bytes.count, Self.isLetter(bytes[end]) || Self.isDigit(bytes[end]) { end += 1 }
    guard end < bytes.count, bytes[end] == UInt8(ascii: "$") else { return false }
    let tag = bytes[index...end]
    var close = end + 1
    while close + tag.count <= bytes.count {
      if bytes[close] == UInt8(ascii: "$"), bytes[close..<close + tag.count].elementsEqual(tag) {
        skip(to: close + tag.count)
        return true
      }
      close += 1
    }
    skip(to: bytes.count)
    return true
  }

  /// The data that follows a COPY: from the next line to before the line `\.`.
  private mutating func takeData() -> Range<Int> {
    skipLine()
    skip(to: index + 1)
    let start = index
    while index < bytes.count {
      let lineStart = index
      skipLine()
      var length = index - lineStart
      if length > 0, bytes[index - 1] == 0x0D { length -= 1 }
      let isEnd = length == 2 && bytes[lineStart] == UInt8(ascii: "\\") && bytes[lineStart + 1] == UInt8(ascii: ".")
      skip(to: index + 1)
      if isEnd { return start..<lineStart }
    }
    return start..<bytes.count
  }

  private mutating func run() -> [Statement] {
    var statements: [Statement] = []
    var start: (offset: Int, line: Int)?
    var end = 0
    var words: [String] = []
    var parentheses = 0
    var blocks = 0
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }

    func isRoutine() -> Bool {
      guard words.first == "create" else { return false }
      let rest = words.dropFirst(words.dropFirst().first == "or" ? 3 : 1)
      return rest.first == "function" || rest.first == "procedure"
    }
    func isCopyIn() -> Bool {
      guard words.first == "copy", let from = words.lastIndex(of: "from") else { return false }
      return words.index(after: from) < words.endIndex && words[words.index(after: from)] == "stdin"
    }
    func finish() {
      if let start { statements.append(Statement(kind: .sql, range: start.offset..<end, line: start.line)) }
      start = nil
      words = []
      parentheses = 0
      blocks = 0
    }
    while index < bytes.count {
      let byte = bytes[index]
      switch byte {
      case 0x20, 0x09, 0x0A, 0x0B, 0x0C, 0x0D:
        skip(to: index + 1)
        continue
      case UInt8(ascii: "-") where at(1) == byte:
        skipLine()
        continue
      case UInt8(ascii: "/") where at(1) == UInt8(ascii: "*"):
        skipComment()
        continue
      case UInt8(ascii: ";") where parentheses <= 0 && blocks <= 0:
        let copies = isCopyIn()
        finish()
        skip(to: index + 1)
        if copies, let last = statements.indices.last { statements[last].kind = .copy(takeData()) }
        continue
      case UInt8(ascii: "\\"):
        // psql keeps what it has of a statement and runs its command; so does this, with the command first.
        let from = index
        let at = line
        skipLine()
        var to = index
        while to > from, bytes[to - 1] == 0x0D || bytes[to - 1] == 0x20 { to -= 1 }
        statements.append(Statement(kind: .meta, range: from..<to, line: at))
        continue
      default: break
      }
      if start == nil { start = (index, line) }
      switch byte {
      case UInt8(ascii: "'"): skipQuoted(byte, escapes: false)
      case UInt8(ascii: "\""): skipQuoted(byte, escapes: false)
      case UInt8(ascii: "e"), UInt8(ascii: "E"):
        if at(1) == UInt8(ascii: "'") {
          index += 1
          skipQuoted(UInt8(ascii: "'"), escapes: true)
        } else {
          fallthrough
        }
      case _ where Self.isLetter(byte):
        let from = index
        while index < bytes.count,
          Self.isLetter(bytes[index]) || Self.isDigit(bytes[index]) || bytes[index] == UInt8(ascii: "$")
        { index += 1 }
        let keep = words.count < 6 || words.first == "copy" && words.count < 4096
        guard keep || index - from <= 5 else { break }
        let word = String(decoding: bytes[from..<index], as: UTF8.self).lowercased()
        if keep { words.append(word) }
        if parentheses == 0, word == "begin" || blocks > 0 && word == "case" {
          if isRoutine() { blocks += 1 }
        } else if word == "end", blocks > 0 {
          blocks -= 1
        }
      case UInt8(ascii: "$"):
        if !skipDollarQuoted() { index += 1 }
      case UInt8(ascii: "("):
        parentheses += 1
        index += 1
      case UInt8(ascii: ")"):
        parentheses = max(0, parentheses - 1)
        index += 1
      default: index += 1
      }
      end = index
    }
    finish()
    return statements
  }
}
