/// Texts as YAML scalars, safe from YAML's own characters and from interpolation.
enum YAMLText {
  /// Plain where YAML's core schema reads it back as the same text, else in double quotes.
  static func scalar(_ text: String) -> String {
    let safe = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-./".contains($0)) }
    let words: Set<String> = ["true", "false", "null", "yes", "no", "on", "off", "~"]
    guard safe, let first = text.first, first.isLetter || first == "." || first == "/" || first == "_",
      !words.contains(text.lowercased())
    else { return quoted(text) }
    return text
  }

  static func quoted(_ text: String) -> String {
    var escaped = ""
    for character in text.replacing("${", with: "$${") {
      switch character {
      case "\\": escaped += "\\\\"
      case "\"": escaped += "\\\""
      case "\n": escaped += "\\n"
      case "\t": escaped += "\\t"
      default: escaped.append(character)
      }
    }
    return "\"\(escaped)\""
  }

  /// A text in single quotes, for patterns, whose backslashes stay as they are.
  static func single(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }

  static func list(_ texts: [String]) -> String { "[" + texts.map(scalar).joined(separator: ", ") + "]" }

  /// A literal text inside a pattern.
  static func escapedForPattern(_ text: String) -> String {
    var escaped = ""
    for character in text {
      if ".^$*+?()[]{}|\\/".contains(character) { escaped.append("\\") }
      escaped.append(character)
    }
    return escaped
  }

  static func indented(_ text: String, by width: Int) -> String {
    let blank = String(repeating: " ", count: width)
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : blank + $0 }.joined(
      separator: "\n")
  }
}
