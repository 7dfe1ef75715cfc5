import GonogoCore

/// What a chart's templates compute with; each value knows the line that it stands on.
struct HelmValue: Sendable {
  indirect enum Content: Sendable {
    /// It depends on the cluster, on a file, or on a function that is not known here.
    case unknown
    case null
    case bool(Bool)
    /// As it is written.
    case number(String)
    case string(HelmText)
    case list([HelmValue])
    case map([(key: String, value: HelmValue)])
  }

  var content: Content
  var origin: TreePlace?

  init(_ content: Content, from origin: TreePlace? = nil) {
    self.content = content
    self.origin = origin
  }

  static let unknown = HelmValue(.unknown)
  static let null = HelmValue(.null)

  static func text(_ text: String, from origin: TreePlace? = nil) -> HelmValue {
    HelmValue(.string(HelmText(text, from: origin)), from: origin)
  }

  init(_ node: Node, _ path: String) {
    let place = TreePlace(path, node.range.start)
    switch node.content {
    case .sequence(let elements): self.init(.list(elements.map { HelmValue($0, path) }), from: place)
    case .mapping(let entries):
      self.init(.map(entries.map { (key: $0.name, value: HelmValue($0.value, path)) }), from: place)
    case .scalar(let scalar):
      switch scalar.value {
      case .null: self.init(.null, from: place)
      case .bool(let value): self.init(.bool(value), from: place)
      case .integer, .number: self.init(.number(scalar.text), from: place)
      default: self.init(.string(HelmText(scalar.text, from: place)), from: place)
      }
    }
  }

  var isUnknown: Bool {
    if case .unknown = content { return true }
    return false
  }

  /// Whether a condition takes it for true; `nil` where that is not known.
  var truth: Bool? {
    switch content {
    case .unknown: nil
    case .null: false
    case .bool(let value): value
    case .number(let text): (Double(text) ?? 1) != 0
    case .string(let text): text.string.contains(HelmText.unknown) && text.string.count == 1 ? nil : !text.isEmpty
    case .list(let items): !items.isEmpty
    case .map(let entries): !entries.isEmpty
    }
  }

  subscript(key: String) -> HelmValue {
    switch content {
    case .unknown: .unknown
    case .map(let entries): entries.last { $0.key == key }?.value ?? .null
    default: .null
    }
  }

  /// A value laid over another, maps key by key, as Helm lays values files.
  func overlaid(by other: HelmValue) -> HelmValue {
    guard case .map(var entries) = content, case .map(let others) = other.content else { return other }
    for (key, value) in others {
      if let index = entries.firstIndex(where: { $0.key == key }) {
        entries[index].value = entries[index].value.overlaid(by: value)
      } else {
        entries.append((key, value))
      }
    }
    return HelmValue(.map(entries), from: origin)
  }

  /// What `{{ value }}` writes.
  var printed: HelmText {
    switch content {
    case .unknown: HelmText(String(HelmText.unknown), from: origin)
    case .null: HelmText()
    case .bool(let value): HelmText(value ? "true" : "false", from: origin)
    case .number(let text): HelmText(text, from: origin)
    case .string(let text): text
    // Go's own form of these is no YAML; no chart that works writes it.
    case .list, .map: HelmText(String(HelmText.unknown), from: origin)
    }
  }

  /// What `toYaml` writes, each line with its own origin.
  var yaml: HelmText { HelmText(lines: lines(depth: 0)) }

  private func lines(depth: Int) -> [HelmText] {
    if depth > 40 { return [HelmValue.unknown.printed] }
    switch content {
    case .map(let entries) where !entries.isEmpty:
      return entries.flatMap { key, value -> [HelmText] in
        var head = HelmText("\(Self.quoted(key)):", from: value.origin ?? origin)
        let below = value.lines(depth: depth + 1)
        switch value.content {
        case .map(let inner) where !inner.isEmpty: return [head] + below.map { $0.indented(2) }
        case .list(let inner) where !inner.isEmpty: return [head] + below
        default:
          head += HelmText(" ", from: nil)
          for line in below { head += line }
          return [head]
        }
      }
    case .list(let items) where !items.isEmpty:
      return items.flatMap { item -> [HelmText] in
        item.lines(depth: depth + 1).enumerated().map { index, line in
          var result = HelmText(index == 0 ? "- " : "  ", from: item.origin ?? origin)
          result += line
          return result
        }
      }
    case .map: return [HelmText("{}", from: origin)]
    case .list: return [HelmText("[]", from: origin)]
    case .null: return [HelmText("null", from: origin)]
    case .string(let text): return [text.mapped(Self.quoted)]
    default: return [printed]
    }
  }

  /// A text as a scalar of YAML, plain where that is safe.
  static func quoted(_ text: String) -> String {
    let isPlain =
      !text.isEmpty && text.allSatisfy { $0.isLetter || $0.isNumber || "-_./@\u{E000}".contains($0) }
      && text.first.map { $0.isLetter || $0 == HelmText.unknown } ?? false
      && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
    if isPlain { return text }
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
