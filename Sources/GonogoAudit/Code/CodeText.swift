import GonogoCore

/// The text of a file of code with its comments blanked, and the same without the insides of its plain strings: places stay.
///
/// A comment never makes a rule silent: what it says should be done is not done.
struct CodeText: Sendable {
  /// Comments and Python's docstrings blanked, strings as they are.
  let text: [UInt8]
  /// Strings blanked as well.
  let code: [UInt8]

  init(_ raw: [UInt8], _ syntax: CodeSyntax) {
    text = Self.blank(raw, syntax, strings: false)
    code = Self.blank(raw, syntax, strings: true)
  }

  /// The text with its comments blanked, and of strings nothing but Python's docstrings.
  static func uncommented(_ raw: [UInt8], _ syntax: CodeSyntax) -> [UInt8] { blank(raw, syntax, strings: false) }

  /// The same for what is no code, or a page with code in it; as it is where the language has no comments that are known.
  static func uncommented(_ raw: [UInt8], _ language: Language?) -> [UInt8] {
    if let syntax = CodeSyntax(language) { return uncommented(raw, syntax) }
    switch language {
    case .yaml, .toml: return blank(raw, .ruby, strings: false)
    case .html, .vue, .svelte: return Markup.uncommented(raw)
    default: return raw
    }
  }

  init?(_ file: TreeFile, in context: AuditContext) {
    guard let syntax = CodeSyntax(file.language), let text = context.tree.text(file) else { return nil }
    self.init(text.bytes, syntax)
  }

  /// Whether some line of the code, comments and strings apart, holds what a rule's own pattern describes; letters of either
  /// case.
  ///
  /// - Parameter strings: what stands in strings counts, too: the name of a header is such.
  func mentions(_ pattern: String, in context: AuditContext, strings: Bool = false) -> Bool {
    // Where the pattern needs too many steps the answer is not known, and what is not known is not told: every caller
    // takes what it meets as a reason to be silent.
    guard let found = try? context.pattern(pattern, ignoringCase: true).lineMatches(in: strings ? text : code, limit: 1)
    else { return true }
    return !found.hits.isEmpty
  }

  private static func blank(_ bytes: [UInt8], _ syntax: CodeSyntax, strings: Bool) -> [UInt8] {
    var result = bytes
    bytes.withUnsafeBufferPointer { bytes in
      result.withUnsafeMutableBufferPointer { blank(bytes, syntax, strings: strings, in: $0) }
    }
    return result
  }

  /// With what a comment or a string can begin.
  private static let marks: [Bool] = (0...255).map { "#/`\"'".utf8.contains($0) }

  private static func blank(
    _ bytes: UnsafeBufferPointer<UInt8>, _ syntax: CodeSyntax, strings: Bool,
    in result: UnsafeMutableBufferPointer<UInt8>
  ) {
    let hash = syntax == .python || syntax == .ruby
    let marks = marks
    var index = 0
    func byte(_ offset: Int) -> UInt8 { offset < bytes.count ? bytes[offset] : 0 }
    func erase(_ end: Int) {
      while index < min(end, bytes.count) {
        if bytes[index] != 0x0A, bytes[index] != 0x0D { result[index] = 0x20 }
        index += 1
      }
    }
    /// A string that is a statement of its own: the first thing of a file, a class or a function.
    func isDocumentation(_ from: Int) -> Bool {
      var isFirst = false
      for before in bytes[..<from].reversed() {
        if before == 0x0A { isFirst = true }
        if before > 0x20 { return isFirst && before == UInt8(ascii: ":") }
      }
      return true
    }
    func lineEnd(_ from: Int) -> Int { bytes[from...].firstIndex(of: 0x0A) ?? bytes.count }
    while index < bytes.count {
      let here = bytes[index]
      if !marks[Int(here)] {
        index += 1
      } else if hash, here == UInt8(ascii: "#"), index == 0 || byte(index - 1) <= 0x20 {
        erase(lineEnd(index))
      } else if !hash, here == UInt8(ascii: "/"), byte(index + 1) == here,
        index == 0 || byte(index - 1) != UInt8(ascii: ":")
      {
        erase(lineEnd(index))
      } else if !hash, here == UInt8(ascii: "/"), byte(index + 1) == UInt8(ascii: "*") {
        var end = index + 2
        while end < bytes.count, !(bytes[end] == UInt8(ascii: "*") && byte(end + 1) == UInt8(ascii: "/")) { end += 1 }
        erase(end + 2)
      } else if !hash, here == UInt8(ascii: "`") {
        // A template may hold code, so it stays; what looks like a comment in it is none.
        index += 1
        while index < bytes.count, bytes[index] != here { index += bytes[index] == 0x5C ? 2 : 1 }
        index += 1
      } else if here == UInt8(ascii: "\"") || here == UInt8(ascii: "'") {
        if syntax == .python, byte(index + 1) == here, byte(index + 2) == here {
          var end = index + 3
          while end < bytes.count, !(bytes[end] == here && byte(end + 1) == here && byte(end + 2) == here) { end += 1 }
          if strings || isDocumentation(index) { erase(end + 3) } else { index = end + 3 }
          continue
        }
        // A string ends with its line: an apostrophe in a text of JSX hides no more than that.
        var end = index + 1
        while end < bytes.count, bytes[end] != here, bytes[end] != 0x0A { end += bytes[end] == 0x5C ? 2 : 1 }
        index += 1
        if strings { erase(min(end, bytes.count)) }
        index = min(end, bytes.count) + 1
      } else {
        index += 1
      }
    }
  }
}

/// HTML and what is like it.
private enum Markup {
  static func uncommented(_ raw: [UInt8]) -> [UInt8] {
    var result = raw
    let (open, close) = (Array("<!--".utf8), Array("-->".utf8))
    var index = 0
    while index + open.count <= raw.count {
      guard raw[index...].starts(with: open) else {
        index += 1
        continue
      }
      while index < raw.count, !raw[index...].starts(with: close) {
        if raw[index] != 0x0A { result[index] = 0x20 }
        index += 1
      }
    }
    return result
  }
}
