import GonogoCore

/// An expression of a template: commands, each given the result of the one before as its last argument.
struct HelmPipeline: Sendable {
  indirect enum Term: Sendable {
    /// `.a.b`; `.` alone has no names.
    case field([String])
    /// `$x.a.b`; `$` alone is the data that the template began with.
    case variable(String, [String])
    case literal(HelmValue)
    case nested(HelmPipeline, [String])
    case function(String)
  }

  var commands: [[Term]] = []

  /// - Throws: ``HelmTemplate/Malformed`` where it is no expression.
  static func parse(_ text: String, _ place: TreePlace) throws(HelmTemplate.Malformed) -> HelmPipeline {
    var reader = Reader(text: Array(text), place: place)
    let pipeline = try reader.pipeline()
    if reader.index < reader.text.count { throw reader.malformed("'\(reader.text[reader.index])' is not expected") }
    return pipeline
  }

  private struct Reader {
    let text: [Character]
    let place: TreePlace
    var index = 0
    var depth = 0

    func malformed(_ message: String) -> HelmTemplate.Malformed { .init(message: message, place: place) }

    private func at(_ offset: Int = 0) -> Character? {
      index + offset < text.count ? text[index + offset] : nil
    }

    private mutating func blanks() {
      while let here = at(), here.isWhitespace { index += 1 }
    }

    mutating func pipeline() throws(HelmTemplate.Malformed) -> HelmPipeline {
      depth += 1
      defer { depth -= 1 }
      if depth > 50 { throw malformed("the expression is too deep") }
      var result = HelmPipeline()
      var command: [Term] = []
      while true {
        blanks()
        guard let here = at(), here != ")" else { break }
        if here == "|" {
          index += 1
          result.commands.append(command)
          command = []
          continue
        }
        command.append(try term())
      }
      if command.isEmpty { throw malformed("an expression is missing") }
      result.commands.append(command)
      return result
    }

    private mutating func name() -> String {
      var name = ""
      while let here = at(), here.isLetter || here.isNumber || here == "_" {
        name.append(here)
        index += 1
      }
      return name
    }

    /// `.a.b` from the point on.
    private mutating func fields() -> [String] {
      var names: [String] = []
      while at() == ".", let next = at(1), next.isLetter || next == "_" {
        index += 1
        names.append(name())
      }
      return names
    }

    private mutating func term() throws(HelmTemplate.Malformed) -> Term {
      guard let here = at() else { throw malformed("an expression is missing") }
      switch here {
      case "(":
        index += 1
        let inner = try pipeline()
        guard at() == ")" else { throw malformed("')' is missing") }
        index += 1
        return .nested(inner, fields())
      case "\"", "`", "'": return .literal(.text(try string(here), from: nil))
      case "$":
        index += 1
        return .variable("$" + name(), fields())
      case ".":
        if at(1).map({ $0.isLetter || $0 == "_" }) != true {
          index += 1
          return .field([])
        }
        return .field(fields())
      default:
        if here.isNumber || "+-".contains(here) {
          var digits = ""
          while let next = at(), next.isNumber || next.isLetter || "+-._".contains(next) {
            digits.append(next)
            index += 1
          }
          return .literal(HelmValue(.number(digits)))
        }
        let name = name()
        switch name {
        case "": throw malformed("'\(here)' is not expected")
        case "true": return .literal(HelmValue(.bool(true)))
        case "false": return .literal(HelmValue(.bool(false)))
        case "nil": return .literal(.null)
        default: return .function(name)
        }
      }
    }

    private mutating func string(_ quote: Character) throws(HelmTemplate.Malformed) -> String {
      index += 1
      var result = ""
      while let here = at() {
        index += 1
        if here == quote { return result }
        guard here == "\\", quote != "`", let next = at() else {
          result.append(here)
          continue
        }
        index += 1
        result.append(next == "n" ? "\n" : next == "t" ? "\t" : next)
      }
      throw malformed("a string does not end")
    }
  }
}
