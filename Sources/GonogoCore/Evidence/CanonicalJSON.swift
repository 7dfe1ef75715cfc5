/// The canonical form of JSON, RFC 8785 (JCS): no white space, members sorted by the UTF-16 code units of their names,
/// numbers as ECMAScript prints them, the shortest escapes.
///
/// RFC 8785 numbers are IEEE 754 doubles. An integer that a double cannot hold exactly (beyond ±2^53) is written as a
/// string, as the RFC's section 3.1 advises, so that no reader ever sees another number than was observed.
extension JSON {
  public var canonical: [UInt8] {
    var output: [UInt8] = []
    writeCanonical(to: &output)
    return output
  }

  public var canonicalString: String { String(decoding: canonical, as: UTF8.self) }

  /// The same content over several lines, two blanks a level: for people.
  public var pretty: String {
    var output: [UInt8] = []
    writePretty(to: &output, indent: 0)
    return String(decoding: output, as: UTF8.self)
  }

  private func writeCanonical(to output: inout [UInt8]) {
    switch self {
    case .array(let elements):
      output.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        element.writeCanonical(to: &output)
      }
      output.append(UInt8(ascii: "]"))
    case .object(let members):
      output.append(UInt8(ascii: "{"))
      for (index, (key, member)) in Self.sorted(members).enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        Self.write(string: key, to: &output)
        output.append(UInt8(ascii: ":"))
        member.writeCanonical(to: &output)
      }
      output.append(UInt8(ascii: "}"))
    default: writeScalar(to: &output)
    }
  }

  private func writePretty(to output: inout [UInt8], indent: Int) {
    func newLine(_ level: Int) {
      output.append(UInt8(ascii: "\n"))
      output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: level * 2))
    }
    switch self {
    case .array(let elements) where !elements.isEmpty:
      output.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        newLine(indent + 1)
        element.writePretty(to: &output, indent: indent + 1)
      }
      newLine(indent)
      output.append(UInt8(ascii: "]"))
    case .object(let members) where !members.isEmpty:
      output.append(UInt8(ascii: "{"))
      for (index, (key, member)) in Self.sorted(members).enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        newLine(indent + 1)
        Self.write(string: key, to: &output)
        output.append(UInt8(ascii: ":"))
        output.append(UInt8(ascii: " "))
        member.writePretty(to: &output, indent: indent + 1)
      }
      newLine(indent)
      output.append(UInt8(ascii: "}"))
    default: writeCanonical(to: &output)
    }
  }

  private func writeScalar(to output: inout [UInt8]) {
    switch self {
    case .null: output.append(contentsOf: "null".utf8)
    case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
    case .integer(let value):
      let exact = -9_007_199_254_740_992...9_007_199_254_740_992
      if exact.contains(Int(value)) {
        output.append(contentsOf: String(value).utf8)
      } else {
        Self.write(string: String(value), to: &output)
      }
    case .number(let value): output.append(contentsOf: Self.ecmaScript(value).utf8)
    case .string(let value): Self.write(string: value, to: &output)
    case .array, .object: break
    }
  }

  /// Members in the order of RFC 8785, section 3.2.3: by the UTF-16 code units of their names, not by code points.
  static func sorted(_ members: [String: JSON]) -> [(key: String, value: JSON)] {
    // Among ASCII names, the order of Swift is that of the bytes, which is that of the code units.
    if members.allSatisfy({ isASCII($0.key) }) { return members.sorted { $0.key < $1.key } }
    return members.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
  }

  private static func isASCII(_ text: String) -> Bool {
    text.utf8.withContiguousStorageIfAvailable { $0.allSatisfy { $0 < 0x80 } } ?? text.utf8.allSatisfy { $0 < 0x80 }
  }

  static func write(string: String, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    var string = string
    string.withUTF8 { bytes in
      // What needs no escape is copied in runs.
      var start = 0
      for index in bytes.indices {
        let byte = bytes[index]
        if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { continue }
        output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<index]))
        start = index + 1
        escape(byte, to: &output)
      }
      output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start...]))
    }
    output.append(UInt8(ascii: "\""))
  }

  private static func escape(_ byte: UInt8, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\\"))
    switch byte {
    case 0x08: output.append(UInt8(ascii: "b"))
    case 0x09: output.append(UInt8(ascii: "t"))
    case 0x0A: output.append(UInt8(ascii: "n"))
    case 0x0C: output.append(UInt8(ascii: "f"))
    case 0x0D: output.append(UInt8(ascii: "r"))
    case 0..<0x20:
      let digits = Array("0123456789abcdef".utf8)
      output.append(contentsOf: "u00".utf8)
      output.append(digits[Int(byte >> 4)])
      output.append(digits[Int(byte & 15)])
    default: output.append(byte)
    }
  }

  /// A double as ECMAScript's `Number::toString` prints it (ECMA-262, section 6.1.6.1.20), which RFC 8785 prescribes.
  ///
  /// Swift's `description` already gives the shortest digits that read back to the same value; only their layout differs.
  /// JSON has no infinities and no NaN: they are written as `null`, which no matcher takes for a number.
  static func ecmaScript(_ value: Double) -> String {
    guard value.isFinite else { return "null" }
    if value == 0 { return "0" }
    var text = value.magnitude.description
    var exponent = 0
    if let mark = text.firstIndex(of: "e") {
      exponent = Int(text[text.index(after: mark)...]) ?? 0
      text = String(text[..<mark])
    }
    let halves = text.split(separator: ".", omittingEmptySubsequences: false)
    let whole = String(halves[0])
    let fraction = halves.count > 1 ? String(halves[1]) : ""
    var digits = Array((whole + fraction).utf8)
    var point = whole.utf8.count + exponent  // the decimal point stands after this many digits
    while let first = digits.first, first == UInt8(ascii: "0") {
      digits.removeFirst()
      point -= 1
    }
    while let last = digits.last, last == UInt8(ascii: "0") { digits.removeLast() }
    let count = digits.count
    let all = String(decoding: digits, as: UTF8.self)
    let sign = value < 0 ? "-" : ""
    if count <= point && point <= 21 { return sign + all + String(repeating: "0", count: point - count) }
    if 0 < point && point <= 21 {
      return sign + String(decoding: digits[..<point], as: UTF8.self) + "."
        + String(decoding: digits[point...], as: UTF8.self)
    }
    if -6 < point && point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + all }
    let power = point - 1
    let tail = (power < 0 ? "-" : "+") + String(power.magnitude)
    if count == 1 { return sign + all + "e" + tail }
    return sign + String(decoding: digits[..<1], as: UTF8.self) + "." + String(decoding: digits[1...], as: UTF8.self)
      + "e" + tail
  }
}
