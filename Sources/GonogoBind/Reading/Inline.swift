/// The inside of a line: boxes, status marks, labels, emphasis.
enum Inline {
  static let sql = Phrase(#"^\s*(create|alter)\s+(unique\s+)?(index|table|policy|function|or replace)"#)

  static func trimmed(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(scalars[first...last])
  }

  /// `[x] text` to its box and its text.
  static func unboxed(_ text: String) -> (ticked: Bool?, text: String) {
    for (box, ticked) in [("[ ] ", false), ("[x] ", true), ("[X] ", true)] where text.hasPrefix(box) {
      return (ticked, trimmed(String(text.dropFirst(4))))
    }
    return (nil, text)
  }

  private static let marks: [Unicode.Scalar: ChecklistLine.Mark] = [
    "✅": .done, "☑": .done, "✔": .done, "🟢": .done, "❌": .failed, "✖": .failed, "🔴": .failed, "🟡": .warning,
    "🟠": .warning, "⚠": .warning, "⏳": .open, "🔲": .open, "⬜": .open, "🚧": .open, "☐": .open,
  ]

  /// The text without status marks at its head and its end, and the first of these.
  static func unmarked(_ text: String) -> (text: String, mark: ChecklistLine.Mark?) {
    var scalars = Substring(text).unicodeScalars
    var mark: ChecklistLine.Mark?
    func isFiller(_ scalar: Unicode.Scalar) -> Bool { scalar == "\u{FE0F}" || scalar.properties.isWhitespace }
    while let first = scalars.first, marks[first] != nil || isFiller(first) {
      mark = mark ?? marks[first]
      scalars.removeFirst()
    }
    while let last = scalars.last, marks[last] != nil || isFiller(last) {
      mark = mark ?? marks[last]
      scalars.removeLast()
    }
    return (String(scalars), mark)
  }

  /// What the cells of a row say, without their marks and without cells that say nothing; and the mark, where all that are
  /// there say the same: a row that is done in staging and not in production is neither.
  static func row(_ cells: [String]) -> (text: String, mark: ChecklistLine.Mark?) {
    let parts = cells.map(unmarked)
    let marks = Set(parts.compactMap(\.mark))
    let texts = parts.map(\.text).filter { text in text.contains { $0 != "-" && $0 != "–" && $0 != "—" } }
    return (texts.joined(separator: " - "), marks.count == 1 ? marks.first : nil)
  }

  /// Without emphasis, backticks and links; the text of a link stays.
  static func plain(_ raw: String) -> String {
    var text = raw.replacing("**", with: "").replacing("__", with: "__").replacing("`", with: "").replacing(
      "~~", with: ""
    ).replacing("’", with: "'")
    while let groups = link.first(in: text), let whole = groups[0], let inner = groups[1] {
      text = text.replacing(whole, with: inner, maxReplacements: 1)
    }
    return withoutPictograph(trimmed(text))
  }

  /// Without pictures at its head: `🔄 Run migrations` says what `Run migrations` says.
  private static func withoutPictograph(_ text: String) -> String {
    var scalars = Substring(text).unicodeScalars
    while let first = scalars.first,
      first.properties.isEmojiPresentation || first == "\u{FE0F}" || first == "\u{200D}"
        || first.properties.generalCategory == .otherSymbol
    {
      scalars.removeFirst()
    }
    return scalars.count == text.unicodeScalars.count ? text : trimmed(String(scalars))
  }

  private static let link = Phrase(#"!?\[([^\]]*)\]\([^)]*\)"#)
  private static let bold = Phrase(#"^\*\*([^*]{1,40})\*\*\s*:"#)

  /// `**File**: …` to its label.
  static func label(_ raw: String) -> String? { bold.group(1, in: raw) }

  /// The cells of a table's row, as they are written.
  static func cells(_ line: String) -> [String] {
    var cells: [String] = []
    var cell = ""
    var escaped = false
    var inCode = false
    for character in trimmed(line) {
      if character == "`" { inCode.toggle() }
      if character == "|", !escaped, !inCode {
        cells.append(trimmed(cell))
        cell = ""
      } else {
        cell.append(character)
      }
      escaped = character == "\\"
    }
    cells.append(trimmed(cell))
    if cells.first == "" { cells.removeFirst() }
    if cells.last == "" { cells.removeLast() }
    return cells
  }
}
