public import GonogoCore

/// Why a text is not TOML, and where: line and column from 1, the column in bytes.
public struct TOMLError: Error, Sendable, Equatable, CustomStringConvertible {
  public let message: String
  public let line: Int
  public let column: Int
  public var description: String { "\(message) at line \(line), column \(column)" }
}

/// Reads TOML 1.0 (https://toml.io/en/v1.0.0), strictly, into JSON.
///
/// Dates and times become strings as they are written, `inf` and `nan` the strings of those names, because JSON has
/// neither. What a document defines twice is refused, as the specification demands.
public enum TOMLReader {
  /// - Throws: ``TOMLError`` with the place of the first fault.
  public static func read(_ bytes: [UInt8]) throws(TOMLError) -> JSON {
    var parser = TOMLParser(bytes: bytes)
    return try parser.document()
  }
}

/// A table while it is being put together, with what the rules about defining things twice need to know.
private final class Table {
  enum Item {
    case value(JSON)
    case table(Table)
    case tables([Table])
  }
  enum Origin {
    /// Made on the way to a deeper `[header]`; may get its own header once.
    case passed
    /// Has its own `[header]`.
    case header
    /// Made by a dotted key; only dotted keys of the same table may add to it.
    case dotted
  }
  var items: [String: Item] = [:]
  var origin: Origin
  init(_ origin: Origin) { self.origin = origin }

  var json: JSON {
    .object(
      items.mapValues { item in
        switch item {
        case .value(let value): value
        case .table(let table): table.json
        case .tables(let tables): .array(tables.map(\.json))
        }
      })
  }
}

private struct TOMLParser {
  let bytes: [UInt8]
  var index = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  func fault(_ message: String, at position: Int? = nil) -> TOMLError {
    let end = min(position ?? index, bytes.count)
    var line = 1
    var start = 0
    for offset in 0..<end where bytes[offset] == 0x0A {
      line += 1
      start = offset + 1
    }
    return TOMLError(message: message, line: line, column: end - start + 1)
  }

  var current: UInt8? { index < bytes.count ? bytes[index] : nil }
  func at(_ text: String) -> Bool { bytes[index...].starts(with: text.utf8) }

  // MARK: Lines

  mutating func document() throws(TOMLError) -> JSON {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
    if let offset = EncodingCheck.firstFault(in: bytes) { throw fault("bytes that are not UTF-8", at: offset) }
    let root = Table(.header)
    var here = root
    while true {
      skipBlanks()
      guard let byte = current else { return root.json }
      switch byte {
      case UInt8(ascii: "#"), 0x0A, 0x0D: break
      case UInt8(ascii: "["): here = try header(root)
      default: try keyValue(into: here)
      }
      try endOfLine()
    }
  }

  mutating func skipBlanks() {
    while let byte = current, byte == 0x20 || byte == 0x09 { index += 1 }
  }

  mutating func endOfLine() throws(TOMLError) {
    skipBlanks()
    try comment()
    guard let byte = current else { return }
    if byte == 0x0D, index + 1 < bytes.count, bytes[index + 1] == 0x0A {
      index += 2
    } else if byte == 0x0A {
      index += 1
    } else {
      throw fault("expected the end of the line")
    }
  }

  mutating func comment() throws(TOMLError) {
    guard current == UInt8(ascii: "#") else { return }
    while let byte = current, byte != 0x0A {
      if byte == 0x0D, index + 1 < bytes.count, bytes[index + 1] == 0x0A { return }
      if byte < 0x20 && byte != 0x09 || byte == 0x7F { throw fault("a control character in a comment") }
      index += 1
    }
  }

  /// Blanks, ends of lines and comments, inside an array.
  mutating func skipLines() throws(TOMLError) {
    while let byte = current {
      if byte == 0x20 || byte == 0x09 || byte == 0x0A {
        index += 1
      } else if byte == 0x0D, index + 1 < bytes.count, bytes[index + 1] == 0x0A {
        index += 2
      } else if byte == UInt8(ascii: "#") {
        try comment()
      } else {
        return
      }
    }
  }

  // MARK: Tables and keys

  mutating func header(_ root: Table) throws(TOMLError) -> Table {
    let start = index
    index += 1
    let isArray = current == UInt8(ascii: "[")
    if isArray { index += 1 }
    let key = try self.key()
    guard at(isArray ? "]]" : "]") else { throw fault("expected '\(isArray ? "]]" : "]")'") }
    index += isArray ? 2 : 1
    var table = root
    for part in key.dropLast() {
      switch table.items[part] {
      case nil:
        let new = Table(.passed)
        table.items[part] = .table(new)
        table = new
      case .table(let found): table = found
      case .tables(let list): table = list[list.count - 1]
      case .value: throw fault("'\(part)' is a value, not a table", at: start)
      }
    }
    let name = key[key.count - 1]
    let whole = key.joined(separator: ".")
    switch (table.items[name], isArray) {
    case (nil, false):
      let new = Table(.header)
      table.items[name] = .table(new)
      return new
    case (nil, true):
      let new = Table(.header)
      table.items[name] = .tables([new])
      return new
    case (.table(let found), false) where found.origin == .passed:
      found.origin = .header
      return found
    case (.tables(var list), true):
      let new = Table(.header)
      list.append(new)
      table.items[name] = .tables(list)
      return new
    default: throw fault("'\(whole)' is defined twice", at: start)
    }
  }

  mutating func keyValue(into table: Table) throws(TOMLError) {
    let start = index
    let key = try self.key()
    guard current == UInt8(ascii: "=") else { throw fault("expected '='") }
    index += 1
    skipBlanks()
    var table = table
    for part in key.dropLast() {
      switch table.items[part] {
      case nil:
        let new = Table(.dotted)
        table.items[part] = .table(new)
        table = new
      case .table(let found) where found.origin == .dotted: table = found
      default: throw fault("'\(part)' is defined already and cannot be added to here", at: start)
      }
    }
    let name = key[key.count - 1]
    if table.items[name] != nil { throw fault("'\(key.joined(separator: "."))' is defined twice", at: start) }
    table.items[name] = .value(try value(depth: 0))
  }

  mutating func key() throws(TOMLError) -> [String] {
    var parts: [String] = []
    while true {
      skipBlanks()
      parts.append(try simpleKey())
      skipBlanks()
      guard current == UInt8(ascii: ".") else { return parts }
      if parts.count > 64 { throw fault("a key of more than 64 parts") }
      index += 1
    }
  }

  mutating func simpleKey() throws(TOMLError) -> String {
    if current == UInt8(ascii: "\"") { return try basicString() }
    if current == UInt8(ascii: "'") { return try literalString() }
    let start = index
    while let byte = current, Self.isBare(byte) { index += 1 }
    if index == start { throw fault("expected a key") }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  static func isBare(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
      || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
  }

  // MARK: Values

  mutating func value(depth: Int) throws(TOMLError) -> JSON {
    if depth > 128 { throw fault("nested more than 128 deep") }
    guard let byte = current else { throw fault("the text ends where a value was expected") }
    switch byte {
    case UInt8(ascii: "\""): return .string(at("\"\"\"") ? try multilineBasic() : try basicString())
    case UInt8(ascii: "'"): return .string(at("'''") ? try multilineLiteral() : try literalString())
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "{"): return try inlineTable(depth: depth)
    default: return try plain()
    }
  }

  mutating func array(depth: Int) throws(TOMLError) -> JSON {
    index += 1
    var elements: [JSON] = []
    while true {
      try skipLines()
      if current == UInt8(ascii: "]") { break }
      elements.append(try value(depth: depth + 1))
      try skipLines()
      if current == UInt8(ascii: ",") {
        index += 1
      } else if current != UInt8(ascii: "]") {
        throw fault("expected ',' or ']'")
      }
    }
    index += 1
    return .array(elements)
  }

  mutating func inlineTable(depth: Int) throws(TOMLError) -> JSON {
    index += 1
    let table = Table(.dotted)
    skipBlanks()
    if current == UInt8(ascii: "}") {
      index += 1
      return .object([:])
    }
    while true {
      skipBlanks()
      let start = index
      let key = try self.key()
      guard current == UInt8(ascii: "=") else { throw fault("expected '='") }
      index += 1
      skipBlanks()
      var target = table
      for part in key.dropLast() {
        switch target.items[part] {
        case nil:
          let new = Table(.dotted)
          target.items[part] = .table(new)
          target = new
        case .table(let found): target = found
        default: throw fault("'\(part)' is defined already and cannot be added to here", at: start)
        }
      }
      let name = key[key.count - 1]
      if target.items[name] != nil { throw fault("'\(key.joined(separator: "."))' is defined twice", at: start) }
      target.items[name] = .value(try value(depth: depth + 1))
      skipBlanks()
      if current == UInt8(ascii: "}") {
        index += 1
        return table.json
      }
      guard current == UInt8(ascii: ",") else { throw fault("expected ',' or '}' on the same line") }
      index += 1
    }
  }

  // MARK: Strings

  mutating func literalString() throws(TOMLError) -> String {
    let start = index
    index += 1
    while let byte = current, byte != UInt8(ascii: "'") {
      if byte < 0x20 && byte != 0x09 || byte == 0x7F { throw fault("a control character in a string") }
      index += 1
    }
    if current == nil { throw fault("the string is never closed", at: start) }
    index += 1
    return String(decoding: bytes[start + 1..<index - 1], as: UTF8.self)
  }

  mutating func basicString() throws(TOMLError) -> String {
    let start = index
    index += 1
    var output: [UInt8] = []
    while let byte = current, byte != UInt8(ascii: "\"") {
      if byte == UInt8(ascii: "\\") {
        try escape(into: &output)
      } else {
        if byte < 0x20 && byte != 0x09 || byte == 0x7F { throw fault("a control character in a string") }
        output.append(byte)
        index += 1
      }
    }
    if current == nil { throw fault("the string is never closed", at: start) }
    index += 1
    return String(decoding: output, as: UTF8.self)
  }

  mutating func multilineLiteral() throws(TOMLError) -> String {
    let start = index
    index += 3
    skipFirstLineEnd()
    var output: [UInt8] = []
    while let byte = current {
      if byte == UInt8(ascii: "'"), at("'''") {
        closeQuotes(UInt8(ascii: "'"), &output)
        return String(decoding: output, as: UTF8.self)
      }
      try appendMultiline(byte, &output)
    }
    throw fault("the string is never closed", at: start)
  }

  mutating func multilineBasic() throws(TOMLError) -> String {
    let start = index
    index += 3
    skipFirstLineEnd()
    var output: [UInt8] = []
    while let byte = current {
      if byte == UInt8(ascii: "\""), at("\"\"\"") {
        closeQuotes(UInt8(ascii: "\""), &output)
        return String(decoding: output, as: UTF8.self)
      }
      if byte == UInt8(ascii: "\\") {
        if try lineContinuation() { continue }
        try escape(into: &output)
      } else {
        try appendMultiline(byte, &output)
      }
    }
    throw fault("the string is never closed", at: start)
  }

  mutating func skipFirstLineEnd() {
    if at("\r\n") { index += 2 } else if current == 0x0A { index += 1 }
  }

  /// Up to two quotes may stand right before the closing three.
  mutating func closeQuotes(_ quote: UInt8, _ output: inout [UInt8]) {
    var count = 0
    while count < 5, current == quote {
      count += 1
      index += 1
    }
    output.append(contentsOf: repeatElement(quote, count: count - 3))
  }

  mutating func appendMultiline(_ byte: UInt8, _ output: inout [UInt8]) throws(TOMLError) {
    if byte == 0x0D {
      guard at("\r\n") else { throw fault("a carriage return alone in a string") }
      output.append(0x0A)
      index += 2
      return
    }
    if byte < 0x20 && byte != 0x09 && byte != 0x0A || byte == 0x7F { throw fault("a control character in a string") }
    output.append(byte)
    index += 1
  }

  /// A backslash at the end of a line takes away everything up to the next character that is not blank.
  mutating func lineContinuation() throws(TOMLError) -> Bool {
    var end = index + 1
    while end < bytes.count, bytes[end] == 0x20 || bytes[end] == 0x09 { end += 1 }
    guard end < bytes.count, bytes[end] == 0x0A || bytes[end...].starts(with: [0x0D, 0x0A]) else { return false }
    while end < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[end]) { end += 1 }
    index = end
    return true
  }

  mutating func escape(into output: inout [UInt8]) throws(TOMLError) {
    let start = index
    index += 1
    guard let byte = current else { throw fault("the string is never closed") }
    index += 1
    switch byte {
    case UInt8(ascii: "b"): output.append(0x08)
    case UInt8(ascii: "t"): output.append(0x09)
    case UInt8(ascii: "n"): output.append(0x0A)
    case UInt8(ascii: "f"): output.append(0x0C)
    case UInt8(ascii: "r"): output.append(0x0D)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(byte)
    case UInt8(ascii: "u"), UInt8(ascii: "U"):
      let count = byte == UInt8(ascii: "u") ? 4 : 8
      let digits = bytes[index...].prefix(count)
      guard digits.count == count, digits.allSatisfy(Self.isHex),
        let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16), let scalar = Unicode.Scalar(value)
      else { throw fault("not a Unicode scalar value", at: start) }
      output.append(contentsOf: String(Character(scalar)).utf8)
      index += count
    default: throw fault("an unknown escape", at: start)
    }
  }

  static func isHex(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
  }

  // MARK: Numbers, booleans, dates

  mutating func plain() throws(TOMLError) -> JSON {
    let start = index
    while let byte = current, Self.isBare(byte) || "+.:".utf8.contains(byte) { index += 1 }
    var text = String(decoding: bytes[start..<index], as: UTF8.self)
    if text.isEmpty { throw fault("expected a value") }
    switch text {
    case "true": return true
    case "false": return false
    case "inf", "+inf", "-inf", "nan", "+nan", "-nan": return .string(text)
    default: break
    }
    // A date and a time may have one blank between them.
    if Self.isDate(text), current == 0x20, index + 1 < bytes.count, (0x30...0x39).contains(bytes[index + 1]) {
      let mark = index
      index += 1
      while let byte = current, Self.isBare(byte) || "+.:".utf8.contains(byte) { index += 1 }
      text =
        String(decoding: bytes[start..<mark], as: UTF8.self) + "T"
        + String(decoding: bytes[mark + 1..<index], as: UTF8.self)
    }
    if Self.isDateTime(text) { return .string(text) }
    if let number = Self.number(text) { return number }
    throw fault("'\(text.prefix(40))' is no value", at: start)
  }

  static func isDate(_ text: some StringProtocol) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-") else { return false }
    return Timestamp.parse("\(text)T00:00:00Z") != nil
  }

  static func isTime(_ text: some StringProtocol) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count >= 8, bytes[2] == UInt8(ascii: ":"), bytes[5] == UInt8(ascii: ":") else { return false }
    return bytes.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }
      && Timestamp.parse("2000-01-01T\(text)Z") != nil
  }

  static func isDateTime(_ text: String) -> Bool {
    if isDate(text) || isTime(text) { return true }
    guard text.utf8.count >= 19 else { return false }
    let date = text.prefix(10)
    let mark = text.dropFirst(10).prefix(1)
    guard isDate(date), mark == "T" || mark == "t" else { return false }
    let time = text.dropFirst(11)
    if isTime(time) { return true }
    // With an offset: `Z`, or hours and minutes.
    if time.hasSuffix("Z") || time.hasSuffix("z") { return isTime(time.dropLast()) }
    let offset = time.suffix(6)
    guard let sign = offset.first, sign == "+" || sign == "-" else { return false }
    return isTime(time.dropLast(6)) && Timestamp.parse("2000-01-01T00:00:00\(offset)") != nil && offset.contains(":")
  }

  static func number(_ text: String) -> JSON? {
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where text.hasPrefix(prefix) {
      guard let digits = digits(text.dropFirst(2), radix: radix) else { return nil }
      return Int64(digits, radix: radix).map(JSON.integer)
    }
    var body = text[...]
    var sign = ""
    if let first = body.first, first == "+" || first == "-" {
      sign = first == "-" ? "-" : ""
      body = body.dropFirst()
    }
    let exponentAt = body.firstIndex { $0 == "e" || $0 == "E" }
    let mantissa = body[..<(exponentAt ?? body.endIndex)]
    let point = mantissa.firstIndex(of: ".")
    guard let whole = digits(mantissa[..<(point ?? mantissa.endIndex)], radix: 10),
      whole.utf8.count == 1 || !whole.hasPrefix("0")
    else { return nil }
    if point == nil, exponentAt == nil { return Int64(sign + whole).map(JSON.integer) }
    var result = sign + whole
    if let point {
      guard let fraction = digits(mantissa[mantissa.index(after: point)...], radix: 10) else { return nil }
      result += "." + fraction
    }
    if let exponentAt {
      var exponent = body[body.index(after: exponentAt)...]
      var exponentSign = ""
      if let first = exponent.first, first == "+" || first == "-" {
        exponentSign = String(first)
        exponent = exponent.dropFirst()
      }
      guard let power = digits(exponent, radix: 10) else { return nil }
      result += "e" + exponentSign + power
    }
    guard let value = Double(result), value.isFinite else { return nil }
    return .number(value)
  }

  /// Digits with single underscores between them; the underscores are taken out.
  static func digits(_ text: Substring, radix: Int) -> String? {
    guard let first = text.first, let last = text.last, first != "_", last != "_", !text.contains("__") else {
      return nil
    }
    let plain = text.filter { $0 != "_" }
    return plain.allSatisfy { $0.isASCII && $0.hexDigitValue.map { $0 < radix } ?? false } ? String(plain) : nil
  }
}
