import GonogoCore

/// A text in its three forms: as it is sent, as people see it, as a shell command says it.
struct Worded: Sendable {
  /// The real text. For the wire only.
  private(set) var exposed = ""
  private(set) var display = ""
  /// The text with each secret as its variable's name between two private-use characters.
  private(set) var marked = ""

  private static let open: Unicode.Scalar = "\u{F0000}"
  private static let close: Unicode.Scalar = "\u{F0001}"

  init() {}
  init(_ plain: String) { append(plain) }

  init(secret: String, variable: String) {
    exposed = secret
    display = Redactor.mark
    marked = "\(Self.open)\(variable)\(Self.close)"
  }

  mutating func append(_ plain: String) {
    exposed += plain
    display += plain
    marked += plain
  }

  mutating func append(_ other: Worded) {
    exposed += other.exposed
    display += other.display
    marked += other.marked
  }

  /// - Parameter transform: how a value is escaped where it stands.
  mutating func append(_ rendered: Rendered, _ transform: (String) -> String = { $0 }) {
    for segment in rendered.segments {
      exposed += transform(segment.exposed)
      if let variable = segment.variable {
        display += segment.display
        marked += "\(Self.open)\(variable)\(Self.close)"
      } else if segment.display == segment.exposed {
        display += transform(segment.display)
        marked += transform(segment.display)
      } else {
        display += segment.display
        marked += segment.display
      }
    }
  }

  var hasSecret: Bool { marked.unicodeScalars.contains(Self.open) }

  func map(_ transform: (String) -> String) -> Worded {
    var copy = Worded()
    copy.exposed = transform(exposed)
    copy.display = transform(display)
    copy.marked = transform(marked)
    return copy
  }

  static func joined(_ parts: [Worded], separator: String) -> Worded {
    var result = Worded()
    for (index, part) in parts.enumerated() {
      if index > 0 { result.append(separator) }
      result.append(part)
    }
    return result
  }

  /// One word of a POSIX shell: in double quotes where it names a variable, else as little quoted as it can be.
  var shellWord: String {
    guard hasSecret else { return ShellQuote.quote(display) }
    var text = "\""
    for scalar in marked.unicodeScalars {
      switch scalar {
      case Self.open: text += "${"
      case Self.close: text += "}"
      case "\"", "\\", "$", "`": text += "\\\(scalar)"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}

/// Fills in templates for a step.
struct StepRenderer {
  let context: ProbeContext
  var scope: Scope

  func words(_ template: Template, _ transform: (String) -> String = { $0 }) throws(ProbeError) -> Worded {
    if let constant = template.constant { return Worded(constant) }
    var result = Worded()
    for part in template.parts {
      switch part {
      case .literal(let text): result.append(text)
      case .reference(_, let range):
        result.append(try context.render(Template(parts: [part], range: range), in: scope), transform)
      }
    }
    return result
  }

  func text(_ template: Template) throws(ProbeError) -> String { try context.render(template, in: scope).exposed }

  /// A URL: what stands in the query is percent-encoded, in the path only what may stand nowhere.
  func url(_ template: Template) throws(ProbeError) -> Worded {
    var result = Worded()
    var inQuery = false
    for part in template.parts {
      switch part {
      case .literal(let text):
        result.append(URLText.legal(text))
        if text.contains("?") { inQuery = true }
      case .reference(_, let range):
        let rendered = try context.render(Template(parts: [part], range: range), in: scope)
        result.append(rendered, inQuery ? URLText.queryValue : URLText.legal)
      }
    }
    return result
  }

  /// A scalar inside a text: a list or mapping as JSON.
  func words(_ value: TemplateValue) throws(ProbeError) -> Worded {
    switch value {
    case .constant(.null): return Worded()
    case .constant(let json): return Worded(Scope.text(of: json))
    case .template(let template): return try words(template)
    case .array, .object: return try json(value)
    }
  }

  /// The canonical JSON of a value. In the shell's form every secret string is a variable.
  func json(_ value: TemplateValue) throws(ProbeError) -> Worded {
    switch value {
    case .constant(let json): return Worded(json.canonicalString)
    case .template(let template):
      if template.parts.count == 1, case .reference = template.parts[0] {
        let found = try context.render(value, in: scope)
        guard case .string = found else {
          let rendered = try context.render(template, in: scope)
          if rendered.secrets.isEmpty { return Worded(found.canonicalString) }
          // A secret that is no string, such as a number: its JSON is its text.
          var result = Worded()
          result.append(rendered)
          return result
        }
      }
      return Self.quoted(try words(template))
    case .array(let elements):
      var parts: [Worded] = []
      for element in elements { parts.append(try json(element)) }
      var result = Worded("[")
      result.append(Worded.joined(parts, separator: ","))
      result.append("]")
      return result
    case .object(let members):
      var parts: [Worded] = []
      for (key, member) in members.sorted(by: { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }) {
        var part = Worded(JSON.string(key).canonicalString + ":")
        part.append(try json(member))
        parts.append(part)
      }
      var result = Worded("{")
      result.append(Worded.joined(parts, separator: ","))
      result.append("}")
      return result
    }
  }

  private static func quoted(_ words: Worded) -> Worded { words.map { JSON.string($0).canonicalString } }
}
