/// As much of the lexical structure of JavaScript, TypeScript, Python, Go and their like as is needed to find calls and
/// strings outside of comments.
struct CodeScanner {
  enum Token {
    /// `receiver.name(`
    case call(receiver: String, name: String, line: Int)
    case string(String, line: Int)
    case other
  }

  private let bytes: [UInt8]
  private var index = 0
  private var line = 1
  private var words: [String] = []
  /// What the chain of calls is about.
  var table: String?
  var schema: String?

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  static func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "_") || byte >= 0x80
  }

  private func at(_ offset: Int) -> UInt8 { index + offset < bytes.count ? bytes[index + offset] : 0 }

  private mutating func skipBlanks() {
    while index < bytes.count, bytes[index] <= 0x20 {
      if bytes[index] == 0x0A { line += 1 }
      index += 1
    }
  }

  mutating func next() -> Token? {
    skipBlanks()
    guard index < bytes.count else { return nil }
    let byte = bytes[index]
    if byte == UInt8(ascii: "/"), at(1) == UInt8(ascii: "/") {
      while index < bytes.count, bytes[index] != 0x0A { index += 1 }
      return .other
    }
    if byte == UInt8(ascii: "#"), index == 0 || bytes[index - 1] <= 0x20 {
      while index < bytes.count, bytes[index] != 0x0A { index += 1 }
      return .other
    }
    if byte == UInt8(ascii: "/"), at(1) == UInt8(ascii: "*") {
      index += 2
      while index < bytes.count, !(bytes[index] == UInt8(ascii: "*") && at(1) == UInt8(ascii: "/")) {
        if bytes[index] == 0x0A { line += 1 }
        index += 1
      }
      index += 2
      return .other
    }
    if let text = string() { return .string(text.text, line: text.line) }
    if Self.isLetter(byte) || byte == UInt8(ascii: "$") {
      let start = index
      while index < bytes.count,
        Self.isLetter(bytes[index]) || bytes[index] == UInt8(ascii: "$") || (0x30...0x39).contains(bytes[index])
      {
        index += 1
      }
      let word = String(decoding: bytes[start..<index], as: UTF8.self)
      words.append(word)
      if words.count > 8 { words.removeFirst(4) }
      let called = line
      // A type argument: .from<Row>('orders').
      var place = index
      if place < bytes.count, bytes[place] == UInt8(ascii: "<") {
        while place < bytes.count, bytes[place] != UInt8(ascii: ">"), bytes[place] != 0x0A { place += 1 }
        place += 1
      }
      guard place < bytes.count, bytes[place] == UInt8(ascii: "(") else { return .other }
      // Drizzle and SQLAlchemy's core name a table in a call of their own.
      if ["pgTable", "Table"].contains(word) {
        index = place + 1
        return .call(receiver: "", name: "from", line: called)
      }
      guard start > 0 else { return .other }
      var before = start - 1
      while before > 0, bytes[before] <= 0x20 { before -= 1 }
      guard bytes[before] == UInt8(ascii: ".") else { return .other }
      index = place + 1
      return .call(receiver: words.dropLast().last ?? "", name: word, line: called)
    }
    if byte == UInt8(ascii: ";") || byte == UInt8(ascii: "}") {
      table = nil
      schema = nil
    }
    if byte != UInt8(ascii: "."), byte != UInt8(ascii: "?"), byte != UInt8(ascii: "!") { words = [] }
    index += 1
    return .other
  }

  private mutating func string() -> (text: String, line: Int)? {
    let quote = bytes[index]
    guard quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "`") else { return nil }
    let started = line
    let triple = at(1) == quote && at(2) == quote && quote != UInt8(ascii: "`")
    if !triple, at(1) == quote {
      index += 2
      return ("", started)
    }
    var text: [UInt8] = []
    index += triple ? 3 : 1
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\\"), index + 1 < bytes.count {
        text.append(bytes[index + 1])
        if bytes[index + 1] == 0x0A { line += 1 }
        index += 2
        continue
      }
      if byte == quote, !triple || at(1) == quote && at(2) == quote {
        index += triple ? 3 : 1
        break
      }
      if byte == 0x0A {
        // An apostrophe in a text that is no string ends with its line.
        if !triple, quote != UInt8(ascii: "`") { break }
        line += 1
      }
      text.append(byte)
      index += 1
    }
    return (String(decoding: text, as: UTF8.self), started)
  }

  /// The first argument of the call that was just met, where it is a string.
  mutating func firstString() -> String? {
    skipBlanks()
    guard index < bytes.count else { return nil }
    return string()?.text
  }

  /// The keys of the object that is the first argument, or the first of its list.
  mutating func keysOfObject() -> [(String, Int)] {
    skipBlanks()
    if at(0) == UInt8(ascii: "[") {
      index += 1
      skipBlanks()
    }
    guard at(0) == UInt8(ascii: "{") else { return [] }
    // Looked at ahead: what stands inside is met again as code.
    var ahead = self
    ahead.index += 1
    var keys: [(String, Int)] = []
    var depth = 1
    var expectsKey = true
    while depth > 0, ahead.index < ahead.bytes.count {
      ahead.skipBlanks()
      let byte = ahead.at(0)
      if byte == UInt8(ascii: "/"), ahead.at(1) == byte || ahead.at(1) == UInt8(ascii: "*") {
        _ = ahead.next()
        continue
      }
      if let text = ahead.index < ahead.bytes.count ? ahead.string() : nil {
        ahead.skipBlanks()
        if depth == 1, expectsKey, ahead.at(0) == UInt8(ascii: ":") { keys.append((text.text, text.line)) }
        expectsKey = false
        continue
      }
      if Self.isLetter(byte) {
        let start = ahead.index
        let line = ahead.line
        while Self.isLetter(ahead.at(0)) || (0x30...0x39).contains(ahead.at(0)) { ahead.index += 1 }
        let word = String(decoding: ahead.bytes[start..<ahead.index], as: UTF8.self)
        ahead.skipBlanks()
        let next = ahead.at(0)
        if depth == 1, expectsKey, next == UInt8(ascii: ":") || next == UInt8(ascii: ",") || next == UInt8(ascii: "}") {
          keys.append((word, line))
        }
        expectsKey = false
        continue
      }
      switch byte {
      case UInt8(ascii: "{"), UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: ","): if depth == 1 { expectsKey = true }
      default: expectsKey = false
      }
      ahead.index += 1
    }
    return keys
  }
}
