/// A text with `${name}` in it. `$${` stands for a literal `${`.
public struct Template: Sendable, Equatable {
  public enum Part: Sendable, Equatable {
    case literal(String)
    case reference(String, SourceRange)
  }

  public let parts: [Part]
  public let range: SourceRange

  public init(parts: [Part], range: SourceRange) {
    self.parts = parts
    self.range = range
  }

  public init(literal: String, at range: SourceRange = .beginning) {
    self.init(parts: [.literal(literal)], range: range)
  }

  /// Reads the text of a scalar. Faults are reported to `sink`, at the place of the reference where the scalar is
  /// written on one line without escapes, else at the scalar.
  public init(_ node: Node, _ text: String, sink: DiagnosticSink) {
    if !text.utf8.contains(UInt8(ascii: "$")) {
      self.init(parts: [.literal(text)], range: node.range)
      return
    }
    // Byte by byte: the signs looked for are ASCII, which stands inside no other character.
    let bytes = Array(text.utf8)
    let dollar = UInt8(ascii: "$")
    let brace = UInt8(ascii: "{")
    var parts: [Part] = []
    var literal: [UInt8] = []
    let quote = node.scalar?.style == .quoted ? 1 : 0
    let width = node.range.end.column - node.range.start.column
    let exact = node.range.start.line == node.range.end.line && width == bytes.count + 2 * quote
    func place(_ lower: Int, _ upper: Int) -> SourceRange {
      guard exact else { return node.range }
      var range = node.range
      range.start.column = node.range.start.column + lower + quote
      range.end.column = node.range.start.column + upper + quote
      return range
    }
    func flush() {
      if !literal.isEmpty { parts.append(.literal(String(decoding: literal, as: UTF8.self))) }
      literal.removeAll(keepingCapacity: true)
    }
    var index = 0
    while index < bytes.count {
      guard bytes[index] == dollar else {
        let next = bytes[index...].firstIndex(of: dollar) ?? bytes.count
        literal += bytes[index..<next]
        index = next
        continue
      }
      let second = index + 1 < bytes.count ? bytes[index + 1] : 0
      if second == dollar, index + 2 < bytes.count, bytes[index + 2] == brace {
        literal += [dollar, brace]
        index += 3
      } else if second == brace {
        guard let close = bytes[(index + 2)...].firstIndex(of: UInt8(ascii: "}")) else {
          sink.report(
            .error(
              .badInterpolation, "'${' without its '}'", at: place(index, bytes.count),
              mend: "close it, or write '$${' for a literal '${'"))
          literal += bytes[index...]
          break
        }
        let name = String(decoding: bytes[(index + 2)..<close], as: UTF8.self)
        if Self.isName(name) {
          flush()
          parts.append(.reference(name, place(index, close + 1)))
        } else {
          sink.report(
            .error(
              .badInterpolation, "'\(name)' is not a name", at: place(index, close + 1),
              mend: "a name is letters, digits, '_', '-' and '.'; write '$${' for a literal '${'"))
        }
        index = close + 1
      } else {
        literal.append(dollar)
        index += 1
      }
    }
    flush()
    if parts.isEmpty { parts.append(.literal("")) }
    self.init(parts: parts, range: node.range)
  }

  private static func isName(_ text: String) -> Bool {
    let plain = text.utf8.allSatisfy { byte in
      (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte)
        || "_-.[]".utf8.contains(byte)
    }
    return !text.isEmpty
      && (plain
        || text.unicodeScalars.allSatisfy {
          $0.properties.isAlphabetic || "0123456789_-.[]".unicodeScalars.contains($0)
        })
  }

  public var references: [(name: String, range: SourceRange)] {
    parts.compactMap { part in
      if case .reference(let name, let range) = part { return (name, range) }
      return nil
    }
  }

  /// The text, where nothing in it is to be interpolated.
  public var constant: String? {
    var text = ""
    for part in parts {
      guard case .literal(let piece) = part else { return nil }
      text += piece
    }
    return text
  }

  /// The template as its author wrote it.
  public var source: String {
    parts.map { part in
      switch part {
      case .literal(let text): text
      case .reference(let name, _): "${\(name)}"
      }
    }.joined()
  }
}

/// JSON with templates for its strings: a request body, query parameters, an expected value.
public indirect enum TemplateValue: Sendable, Equatable {
  case constant(JSON)
  case template(Template)
  case array([TemplateValue])
  case object([(key: String, value: TemplateValue)])

  public init(_ node: Node, sink: DiagnosticSink) {
    switch node.content {
    case .scalar(let scalar):
      guard case .string(let text) = scalar.value else {
        self = .constant(scalar.value)
        return
      }
      let template = Template(node, text, sink: sink)
      self = template.constant.map { .constant(.string($0)) } ?? .template(template)
    case .sequence(let elements): self = .array(elements.map { TemplateValue($0, sink: sink) })
    case .mapping(let entries):
      self = .object(entries.map { ($0.name, TemplateValue($0.value, sink: sink)) })
    }
  }

  public var references: [(name: String, range: SourceRange)] {
    switch self {
    case .constant: []
    case .template(let template): template.references
    case .array(let elements): elements.flatMap(\.references)
    case .object(let members): members.flatMap(\.value.references)
    }
  }

  public static func == (left: TemplateValue, right: TemplateValue) -> Bool {
    switch (left, right) {
    case (.constant(let a), .constant(let b)): return a == b
    case (.template(let a), .template(let b)): return a == b
    case (.array(let a), .array(let b)): return a == b
    case (.object(let a), .object(let b)):
      return a.count == b.count && zip(a, b).allSatisfy { $0.key == $1.key && $0.value == $1.value }
    default: return false
    }
  }
}
