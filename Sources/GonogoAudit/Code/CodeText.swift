import GonogoCore

/// The text of a file of code, and the same with its comments and the insides of its plain strings blanked: places stay.
struct CodeText: Sendable {
  let raw: [UInt8]
  let code: [UInt8]

  init(_ raw: [UInt8], _ syntax: CodeSyntax) {
    self.raw = raw
    code = Self.blank(raw, syntax, strings: true)
  }

  /// The text with its comments blanked, and of strings nothing but Python's long ones, which are mostly documentation.
  static func uncommented(_ raw: [UInt8], _ syntax: CodeSyntax) -> [UInt8] { blank(raw, syntax, strings: false) }

  init?(_ file: TreeFile, in context: AuditContext) {
    guard let syntax = CodeSyntax(file.language), let text = context.tree.text(file) else { return nil }
    self.init(text.bytes, syntax)
  }

  /// Whether some line of the code, comments and strings apart, holds what a rule's own pattern describes; letters of either
  /// case.
  ///
  /// - Parameter raw: comments and strings count, too.
  func mentions(_ pattern: String, in context: AuditContext, raw: Bool = false) -> Bool {
    // Where the pattern needs too many steps the answer is not known, and what is not known is not told: every caller
    // takes what it meets as a reason to be silent.
    guard let found = try? context.pattern(pattern, ignoringCase: true).lineMatches(in: raw ? self.raw : code, limit: 1)
    else { return true }
    return !found.hits.isEmpty
  }

  private static func blank(_ bytes: [UInt8], _ syntax: CodeSyntax, strings: Bool) -> [UInt8] {
    let hash = syntax == .python || syntax == .ruby
    var result = bytes
    var index = 0
    func byte(_ offset: Int) -> UInt8 { offset < bytes.count ? bytes[offset] : 0 }
    func erase(_ end: Int) {
      while index < min(end, bytes.count) {
        if bytes[index] != 0x0A, bytes[index] != 0x0D { result[index] = 0x20 }
        index += 1
      }
    }
    func lineEnd(_ from: Int) -> Int { bytes[from...].firstIndex(of: 0x0A) ?? bytes.count }
    while index < bytes.count {
      let here = byte(index)
      if hash, here == UInt8(ascii: "#"), index == 0 || byte(index - 1) <= 0x20 {
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
          erase(end + 3)
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
    return result
  }
}
