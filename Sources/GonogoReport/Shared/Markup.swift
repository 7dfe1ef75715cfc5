/// Texts as the content of XML, HTML and Markdown.
enum Markup {
  /// Text of an XML or HTML element or of an attribute in double quotes. Characters that XML 1.0 does not have, and those
  /// that mislead a reader, are shown as their code points.
  static func escape(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      case "\r": continue
      default:
        if Visible.isHidden(scalar) {
          result += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result
  }

  /// An attribute's value: a parser would turn a line end into a blank, so it is written as a reference.
  static func attribute(_ text: String) -> String {
    escape(text).replacing("\n", with: "&#10;").replacing("\t", with: "&#9;")
  }

  /// Text of a Markdown paragraph, on one line, nothing in it taken for markup, a link or a mention.
  static func markdown(_ text: String) -> String {
    var result = ""
    for character in Visible.line(text) {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "@": result += "&#64;"
      case "\\", "`", "*", "_", "{", "}", "[", "]", "(", ")", "#", "+", "!", "|", "~", "$": result += "\\\(character)"
      default: result.append(character)
      }
    }
    return result
  }

  /// A code span that holds any text, on one line.
  static func code(_ text: String) -> String {
    let line = Visible.line(text)
    if line.isEmpty { return "*(empty)*" }
    let fence = String(repeating: "`", count: longestRun(of: "`", in: line) + 1)
    let pad = line.hasPrefix("`") || line.hasSuffix("`") || line.hasPrefix(" ") && line.hasSuffix(" ") ? " " : ""
    return fence + pad + line + pad + fence
  }

  /// A fenced block that holds any text.
  static func fenced(_ text: String, language: String, indent: String) -> [String] {
    let fence = String(repeating: "`", count: max(3, longestRun(of: "`", in: text) + 1))
    return ([fence + language] + Visible.lines(text) + [fence]).map { indent + $0 }
  }

  static func longestRun(of mark: Character, in text: String) -> Int {
    var longest = 0
    var run = 0
    for character in text {
      run = character == mark ? run + 1 : 0
      longest = max(longest, run)
    }
    return longest
  }
}
