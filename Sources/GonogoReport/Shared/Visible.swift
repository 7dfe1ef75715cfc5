/// Texts from outside, made harmless for a line of a terminal or a log.
///
/// Control characters could move the cursor, recolour the screen or forge a line of their own, and the marks of
/// bidirectional text could make a line read as another (https://trojansource.codes), so each is shown as its code point.
enum Visible {
  /// One line: line ends and tabs are shown as `\n`, `\r` and `\t`.
  static func line(_ text: String) -> String {
    if text.unicodeScalars.allSatisfy({ !isHidden($0) }) { return defuse(text) }
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      default: append(scalar, to: &result)
      }
    }
    return defuse(result)
  }

  /// The runner of GitHub's workflows takes `::name …::` at the beginning of any line of a log, blanks before it or not, and
  /// `##[name]` anywhere, for a command of the step's. A value that a system under test sent must not be one.
  private static func defuse(_ line: String) -> String {
    var line = line
    if line.contains("##[") { line = line.replacing("##[", with: "#\\u{23}[") }
    let body = line.drop { $0 == " " }
    if body.hasPrefix("::"), body.dropFirst(2).first?.isLetter == true {
      line = line.prefix(line.count - body.count) + "\\u{3a}" + body.dropFirst()
    }
    return line
  }

  /// The lines of a text, each harmless. A tab is four blanks.
  static func lines(_ text: String) -> [String] {
    var lines: [String] = []
    var current = ""
    var afterReturn = false
    for scalar in text.unicodeScalars {
      if scalar == "\n" && afterReturn {
        afterReturn = false
        continue
      }
      afterReturn = scalar == "\r"
      if scalar == "\n" || scalar == "\r" {
        lines.append(current)
        current = ""
      } else if scalar == "\t" {
        current += "    "
      } else {
        append(scalar, to: &current)
      }
    }
    if !current.isEmpty || lines.isEmpty { lines.append(current) }
    return lines.map(defuse)
  }

  /// The text with its line ends kept as `\n`.
  static func block(_ text: String) -> String { lines(text).joined(separator: "\n") }

  private static func append(_ scalar: Unicode.Scalar, to text: inout String) {
    if isHidden(scalar) {
      text += "\\u{\(String(scalar.value, radix: 16))}"
    } else {
      text.unicodeScalars.append(scalar)
    }
  }

  /// Controls (C0, DEL, C1), line and paragraph separators, bidirectional marks, the byte order mark, non-characters.
  static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0x061C, 0xFEFF: true
    default: scalar.value & 0xFFFE == 0xFFFE
    }
  }

  /// The text cut to a number of characters, with the count of what was cut.
  static func cut(_ text: String, to limit: Int) -> String {
    if text.utf8.count <= limit { return text }
    let count = text.count
    return count <= limit ? text : text.prefix(limit) + "… (\(count - limit) more characters)"
  }

  /// Lines of at most `width` columns, broken at blanks; a word that is longer stands alone.
  static func wrap(_ text: String, to width: Int, measure: (Substring) -> Int) -> [String] {
    var lines: [String] = []
    var line = ""
    var used = 0
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      let size = measure(word)
      if !line.isEmpty, used + 1 + size > width {
        lines.append(line)
        line = String(word)
        used = size
      } else if line.isEmpty && lines.isEmpty && used == 0 {
        line = String(word)
        used = size
      } else {
        line += " \(word)"
        used += 1 + size
      }
    }
    lines.append(line)
    return lines
  }
}
