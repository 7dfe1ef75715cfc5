import GonogoCore

/// Python read as far as migrations need it: assignments, lists of strings, bodies of functions, strings that are passed to a call.
struct PythonText {
  let bytes: [UInt8]
  let source: SourceFile

  init(_ source: SourceFile) {
    self.source = source
    bytes = source.bytes
  }

  /// A string of the text: its insides.
  struct Literal {
    let range: Range<Int>
    /// What stands before its quotes: `f`, `r`, `b`.
    let prefix: String
  }

  /// The value of an assignment at the beginning of a line, up to the end of its brackets; `nil` where there is none.
  ///
  /// - Parameter indent: how far the line is set in.
  func value(of name: String, indent: Int = 0) -> Range<Int>? {
    for number in 1...max(1, source.lineCount) {
      let line = source.line(number)
      guard line.prefix(while: { $0 == 0x20 }).count == indent else { continue }
      var rest = line.dropFirst(indent)
      guard rest.starts(with: name.utf8) else { continue }
      rest = rest.dropFirst(name.utf8.count)
      guard let next = rest.first, next == 0x20 || next == UInt8(ascii: ":") || next == UInt8(ascii: "="),
        let equals = rest.firstIndex(of: UInt8(ascii: "=")), equals + 1 < bytes.count,
        bytes[equals + 1] != UInt8(ascii: "=")
      else { continue }
      return equals + 1..<end(of: equals + 1)
    }
    return nil
  }

  /// The end of an expression that begins here: the end of the line at which no bracket is open.
  private func end(of start: Int) -> Int {
    var index = start
    var depth = 0
    while index < bytes.count {
      if let past = endOfText(index) {
        index = past
        continue
      }
      switch bytes[index] {
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      case 0x0A where depth <= 0: return index
      default: break
      }
      index += 1
    }
    return index
  }

  /// The strings of a range, comments passed over.
  func literals(in range: Range<Int>) -> [Literal] {
    var result: [Literal] = []
    var index = range.lowerBound
    while index < range.upperBound {
      if let literal = literal(at: index) {
        var start = literal.range.lowerBound
        while start > 0, Self.isQuote(bytes[start - 1]) { start -= 1 }
        result.append(literal)
        index = endOfText(index) ?? index + 1
      } else {
        index = endOfText(index) ?? index + 1
      }
    }
    return result
  }

  func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// Whether a range holds nothing but strings, `None`, brackets, commas and comments.
  func isPlain(_ range: Range<Int>) -> Bool {
    var rest: [UInt8] = []
    var index = range.lowerBound
    while index < range.upperBound {
      if let past = endOfText(index) {
        index = past
      } else {
        rest.append(bytes[index])
        index += 1
      }
    }
    let text = String(decoding: rest, as: UTF8.self).replacing("None", with: "")
    return text.allSatisfy { " \n\r\t()[],{}".contains($0) }
  }

  /// The body of a function: from the line after its head to the next line that is set in no deeper.
  func body(of name: String) -> Range<Int>? {
    let heads = ["def \(name)(", "async def \(name)("]
    for number in 1...max(1, source.lineCount) {
      let line = source.line(number)
      guard heads.contains(where: { line.starts(with: $0.utf8) }) else { continue }
      let start = source.offset(of: SourcePosition(line: number, column: 1))
      var head = start
      // The head ends with the colon behind its brackets.
      var depth = 0
      while head < bytes.count {
        if bytes[head] == UInt8(ascii: "(") { depth += 1 }
        if bytes[head] == UInt8(ascii: ")") { depth -= 1 }
        if bytes[head] == UInt8(ascii: ":"), depth == 0 { break }
        head += 1
      }
      var end = bytes.count
      var next = source.position(of: min(head, bytes.count)).line + 1
      while next <= source.lineCount {
        let text = source.line(next)
        if let first = text.first, first != 0x20, first != 0x09, first != UInt8(ascii: "#"), first != UInt8(ascii: ")")
        {
          // A text of several lines may begin at the margin.
          let offset = source.offset(of: SourcePosition(line: next, column: 1))
          if !isInText(offset, from: head) {
            end = offset
            break
          }
        }
        next += 1
      }
      return min(head + 1, end)..<end
    }
    return nil
  }

  private func isInText(_ offset: Int, from start: Int) -> Bool {
    var index = start
    while index < offset {
      if let past = endOfText(index) {
        if past > offset { return true }
        index = past
      } else {
        index += 1
      }
    }
    return false
  }

  /// Whether a body does nothing: `pass`, `...`, a text, comments.
  func doesNothing(_ body: Range<Int>) -> Bool {
    func isBetween(_ byte: UInt8) -> Bool { byte <= 0x20 || byte == UInt8(ascii: ";") }
    var index = body.lowerBound
    while index < body.upperBound {
      if let past = endOfText(index) {
        index = past
        continue
      }
      var end = index
      while end < body.upperBound, !isBetween(bytes[end]), end == index || endOfText(end) == nil { end += 1 }
      if end > index, !Self.nothing.contains(where: { bytes[index..<end].elementsEqual($0.utf8) }) { return false }
      index = max(end, index + 1)
    }
    return true
  }

  private static let nothing = ["pass", "...", "return", "None"]

  /// The calls of a name within a range: the range of their arguments.
  func calls(_ name: String, in range: Range<Int>) -> [Range<Int>] {
    var result: [Range<Int>] = []
    let needle = Array((name + "(").utf8)
    guard ByteSearch.contains(needle, in: bytes[range]) else { return [] }
    var index = range.lowerBound
    while index + needle.count <= range.upperBound {
      if let past = endOfText(index) {
        index = past
        continue
      }
      guard bytes[index] == needle[0], bytes[index...].starts(with: needle),
        index == 0 || !(RouteLiterals.isLetter(bytes[index - 1]) || bytes[index - 1] == UInt8(ascii: "_"))
      else {
        index += 1
        continue
      }
      let start = index + needle.count
      var depth = 1
      var end = start
      while end < range.upperBound, depth > 0 {
        if let past = endOfText(end) {
          end = past
          continue
        }
        if bytes[end] == UInt8(ascii: "(") { depth += 1 }
        if bytes[end] == UInt8(ascii: ")") { depth -= 1 }
        end += 1
      }
      result.append(start..<max(start, end - 1))
      index = end
    }
    return result
  }

  // MARK: Strings and comments

  private static func isQuote(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") }

  /// Where a string or a comment ends that begins here; `nil` where none does.
  private func endOfText(_ index: Int) -> Int? {
    let byte = bytes[index]
    if byte == UInt8(ascii: "#") { return bytes[index...].firstIndex(of: 0x0A) ?? bytes.count }
    guard let literal = literal(at: index) else { return nil }
    let isLong = literal.range.lowerBound - index >= 3
    return min(bytes.count, literal.range.upperBound + (isLong ? 3 : 1))
  }

  private func literal(at index: Int) -> Literal? {
    guard Self.isQuote(bytes[index]) else { return nil }
    let quote = bytes[index]
    var start = index
    while start > 0, RouteLiterals.isLetter(bytes[start - 1]), index - start < 3 { start -= 1 }
    let prefix = String(decoding: bytes[start..<index], as: UTF8.self).lowercased()
    let isLong = index + 2 < bytes.count && bytes[index + 1] == quote && bytes[index + 2] == quote
    let first = index + (isLong ? 3 : 1)
    var end = first
    while end < bytes.count {
      if bytes[end] == 0x5C {
        end += 2
        continue
      }
      if isLong {
        if end + 2 < bytes.count, bytes[end] == quote, bytes[end + 1] == quote, bytes[end + 2] == quote { break }
      } else if bytes[end] == quote || bytes[end] == 0x0A {
        break
      }
      end += 1
    }
    return Literal(range: first..<min(end, bytes.count), prefix: prefix)
  }
}
