/// Boxes and marks that tick a line or leave it open, in the encodings they are met in.
enum ClaimMarks {
  struct Mark {
    let ticked: Bool
    /// What stood there is the mark's UTF-8 read in a code page of one byte.
    var isBroken = false
  }

  private static let marks: [(String, Mark)] = {
    var result: [(String, Mark)] = []
    for (text, ticked) in [
      ("✅", true), ("☑️", true), ("☑", true), ("✔️", true), ("✔", true), ("🟢", true), ("✓", true), ("❌", false),
      ("⬜", false),
      ("☐", false), ("🔲", false), ("⏳", false), ("🔴", false), ("🟡", false), ("🟠", false), ("⚠️", false), ("⚠", false),
      ("🚧", false), ("❗", false), ("✗", false), ("✘", false), ("❎", false),
    ] {
      result.append((text, Mark(ticked: ticked)))
    }
    // ✅ ❌ and ⚠ as code pages 1252 and 1251 show their bytes.
    for (text, ticked) in [
      ("âœ…", true), ("вњ…", true), ("âœ”", true), ("вњ”", true), ("âŒ", false), ("вќЊ", false), ("âš ", false),
      ("вљ ", false),
    ] {
      result.append((text, Mark(ticked: ticked, isBroken: true)))
    }
    return result
  }()

  /// The first bytes of all, and the last: most texts have no such, and need not be compared.
  private static let firstBytes = Set(marks.compactMap(\.0.utf8.first))
  private static let lastBytes = Set(marks.compactMap(\.0.utf8.last))

  /// A mark at the beginning, and what follows it.
  static func leading(_ text: Substring) -> (mark: Mark, rest: Substring)? {
    guard let byte = text.utf8.first, byte >= 0x80, firstBytes.contains(byte) else { return nil }
    // Scalars, because a mark and the selector of its form behind it are one character or two.
    for (name, mark) in marks where text.unicodeScalars.starts(with: name.unicodeScalars) {
      let end = text.unicodeScalars.index(text.startIndex, offsetBy: name.unicodeScalars.count)
      var rest = text.unicodeScalars[end...]
      if rest.first == "\u{FE0F}" { rest = rest.dropFirst() }
      return (mark, Substring(rest))
    }
    return nil
  }

  /// A mark at the end, and what stands before it.
  static func trailing(_ text: Substring) -> (mark: Mark, rest: Substring)? {
    guard let byte = text.utf8.last, lastBytes.contains(byte) else { return nil }
    for (name, mark) in marks where text.hasSuffix(name) { return (mark, text.dropLast(name.count)) }
    return nil
  }

  /// A box: `[x]`, `[X]`, `[ ]`, and what follows it.
  static func box(_ text: Substring) -> (ticked: Bool, rest: Substring)? {
    guard text.hasPrefix("["), let close = text.firstIndex(of: "]") else { return nil }
    let inner = text[text.index(after: text.startIndex)..<close]
    let rest = text[text.index(after: close)...]
    guard rest.first == " " || rest.first == "\t" else { return nil }
    switch inner {
    case "x", "X", "х", "Х", "✓", "✔", "v", "V", "+": return (true, rest.dropFirst())
    case " ", "": return (false, rest.dropFirst())
    default: return nil
    }
  }
}
