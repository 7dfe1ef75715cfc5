/// A piece of YAML with its place: what bindings and front matter are before they mean anything.
public struct Node: Sendable, Equatable {
  public enum Content: Sendable, Equatable {
    case scalar(Scalar)
    case sequence([Node])
    case mapping([Entry])
  }

  public struct Scalar: Sendable, Equatable {
    public enum Style: Sendable, Equatable { case plain, quoted, block }
    public let text: String
    public let style: Style
    /// What the text stands for under YAML 1.2's core schema: `no` and `on` are strings, `0x1F` is a number.
    public let value: JSON

    public init(text: String, style: Style, value: JSON) {
      self.text = text
      self.style = style
      self.value = value
    }
  }

  public struct Entry: Sendable, Equatable {
    public let key: Node
    public let value: Node
    public init(key: Node, value: Node) {
      self.key = key
      self.value = value
    }
    /// The key's text; empty where the key is not a scalar, which the reader has already refused.
    public var name: String { key.text ?? "" }
  }

  public let content: Content
  public let range: SourceRange

  public init(_ content: Content, at range: SourceRange) {
    self.content = content
    self.range = range
  }

  public var text: String? {
    if case .scalar(let scalar) = content { return scalar.text }
    return nil
  }

  public var scalar: Scalar? {
    if case .scalar(let scalar) = content { return scalar }
    return nil
  }

  public var entries: [Entry]? {
    if case .mapping(let entries) = content { return entries }
    return nil
  }

  public var elements: [Node]? {
    if case .sequence(let elements) = content { return elements }
    return nil
  }

  public var isNull: Bool {
    if case .scalar(let scalar) = content, case .null = scalar.value { return true }
    return false
  }

  public subscript(key: String) -> Node? { entries?.first { $0.name == key }?.value }

  /// The node as plain JSON, without interpolation.
  public var json: JSON {
    switch content {
    case .scalar(let scalar): return scalar.value
    case .sequence(let elements): return .array(elements.map(\.json))
    case .mapping(let entries):
      return .object(Dictionary(entries.map { ($0.name, $0.value.json) }, uniquingKeysWith: { first, _ in first }))
    }
  }

  /// What the node is, in the words of a message: "a list", "a mapping", "the number 3".
  public var kind: String {
    switch content {
    case .sequence: "a list"
    case .mapping: "a mapping"
    case .scalar(let scalar):
      switch scalar.value {
      case .null: "nothing"
      case .bool: "the boolean \(scalar.text)"
      case .integer, .number: "the number \(scalar.text)"
      default: "the text '\(DisplayWidth.truncate(scalar.text, to: 40))'"
      }
    }
  }
}
