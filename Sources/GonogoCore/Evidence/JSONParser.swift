/// Why a text is not JSON, and where: line and column from 1, the column in bytes.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  public let message: String
  public let line: Int
  public let column: Int
  public var description: String { "\(message) at line \(line), column \(column)" }
}

extension JSON {
  /// Reads one JSON text (RFC 8259), strictly: nothing after the value, no duplicate member, no lone surrogate.
  ///
  /// - Parameter depth: how deeply arrays and objects may nest, so that no input exhausts the stack.
  /// - Throws: ``JSONError`` with the place of the first fault.
  public static func parse(_ bytes: some Sequence<UInt8>, depth: Int = 256) throws(JSONError) -> JSON {
    var parser = JSONParser(bytes: Array(bytes), limit: depth)
    return try parser.document()
  }

  public static func parse(_ text: String, depth: Int = 256) throws(JSONError) -> JSON {
    try parse(text.utf8, depth: depth)
  }
}

private struct JSONParser {
  let bytes: [UInt8]
  let limit: Int
  var index = 0

  init(bytes: [UInt8], limit: Int) {
    self.bytes = bytes
    self.limit = limit
  }

  func fault(_ message: String, at position: Int? = nil) -> JSONError {
    let end = min(position ?? index, bytes.count)
    var line = 1
    var start = 0
    for offset in 0..<end where bytes[offset] == 0x0A {
      line += 1
      start = offset + 1
    }
    return JSONError(message: message, line: line, column: end - start + 1)
  }

  mutating func skipSpace() {
    while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
  }

  mutating func document() throws(JSONError) -> JSON {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
    skipSpace()
    if index == bytes.count { throw fault("the text is empty") }
    let value = try value(depth: 0)
    skipSpace()
    if index < bytes.count { throw fault("unexpected text after the value") }
    return value
  }

  mutating func value(depth: Int) throws(JSONError) -> JSON {
    if depth > limit { throw fault("nested more than \(limit) deep") }
    guard index < bytes.count else { throw fault("the text ends where a value was expected") }
    switch bytes[index] {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw fault("expected a value")
    }
  }

  mutating func word(_ text: String, _ value: JSON) throws(JSONError) -> JSON {
    guard bytes[index...].starts(with: text.utf8) else { throw fault("expected a value") }
    index += text.utf8.count
    return value
  }

  mutating func object(depth: Int) throws(JSONError) -> JSON {
    index += 1
    var members: [String: JSON] = [:]
    skipSpace()
    if index < bytes.count, bytes[index] == UInt8(ascii: "}") {
      index += 1
      return .object(members)
    }
    while true {
      skipSpace()
      guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { throw fault("expected a member name") }
      let place = index
      let key = try string()
      skipSpace()
      guard index < bytes.count, bytes[index] == UInt8(ascii: ":") else { throw fault("expected ':'") }
      index += 1
      skipSpace()
      let member = try value(depth: depth + 1)
      if members.updateValue(member, forKey: key) != nil { throw fault("duplicate member '\(key)'", at: place) }
      skipSpace()
      guard index < bytes.count else { throw fault("the text ends inside an object") }
      if bytes[index] == UInt8(ascii: ",") {
        index += 1
      } else if bytes[index] == UInt8(ascii: "}") {
        index += 1
        return .object(members)
      } else {
        throw fault("expected ',' or '}'")
      }
    }
  }

  mutating func array(depth: Int) throws(JSONError) -> JSON {
    index += 1
    var elements: [JSON] = []
    skipSpace()
    if index < bytes.count, bytes[index] == UInt8(ascii: "]") {
      index += 1
      return .array(elements)
    }
    while true {
      skipSpace()
      elements.append(try value(depth: depth + 1))
      skipSpace()
      guard index < bytes.count else { throw fault("the text ends inside an array") }
      if bytes[index] == UInt8(ascii: ",") {
        index += 1
      } else if bytes[index] == UInt8(ascii: "]") {
        index += 1
        return .array(elements)
      } else {
        throw fault("expected ',' or ']'")
      }
    }
  }

  mutating func number() throws(JSONError) -> JSON {
    let start = index
    func digit(_ position: Int) -> Bool { position < bytes.count && (0x30...0x39).contains(bytes[position]) }
    if bytes[index] == UInt8(ascii: "-") { index += 1 }
    guard digit(index) else { throw fault("expected a digit") }
    if bytes[index] == UInt8(ascii: "0"), digit(index + 1) { throw fault("a number with a leading zero") }
    while digit(index) { index += 1 }
    var whole = true
    if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
      whole = false
      index += 1
      guard digit(index) else { throw fault("expected a digit") }
      while digit(index) { index += 1 }
    }
    if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
      whole = false
      index += 1
      if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") { index += 1 }
      guard digit(index) else { throw fault("expected a digit") }
      while digit(index) { index += 1 }
    }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    if whole, let value = Int64(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else { throw fault("a number out of range", at: start) }
    return .number(value)
  }

  mutating func string() throws(JSONError) -> String {
    let open = index
    index += 1
    var text: [UInt8] = []
    while true {
      guard index < bytes.count else { throw fault("a string without its closing quote", at: open) }
      let byte = bytes[index]
      index += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let valid = String(validating: text, as: UTF8.self) else {
          throw fault("a string that is not UTF-8", at: open)
        }
        return valid
      case UInt8(ascii: "\\"): try escape(into: &text)
      case 0..<0x20: throw fault("a control character inside a string", at: index - 1)
      default: text.append(byte)
      }
    }
  }

  mutating func escape(into text: inout [UInt8]) throws(JSONError) {
    guard index < bytes.count else { throw fault("the text ends inside an escape") }
    let byte = bytes[index]
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      let first = try hex()
      var scalar = first
      if (0xD800...0xDBFF).contains(first) {
        guard bytes[index...].starts(with: "\\u".utf8) else { throw fault("a lone surrogate") }
        index += 2
        let second = try hex()
        guard (0xDC00...0xDFFF).contains(second) else { throw fault("a lone surrogate") }
        scalar = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
      }
      guard let unicode = Unicode.Scalar(scalar) else { throw fault("a lone surrogate") }
      text.append(contentsOf: String(Character(unicode)).utf8)
    default: throw fault("an unknown escape", at: index - 1)
    }
  }

  mutating func hex() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard index < bytes.count, let digit = Character(Unicode.Scalar(bytes[index])).hexDigitValue else {
        throw fault("expected four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      index += 1
    }
    return value
  }
}
