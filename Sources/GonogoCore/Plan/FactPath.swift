/// Where a fact stands: `status`, `headers.x-request-id`, `rows[0].name`, `rows[*].enabled`, `body["a.b"]`.
public struct FactPath: Sendable, Hashable, CustomStringConvertible {
  public enum Step: Sendable, Hashable {
    case key(String)
    case index(Int)
    /// Every element of an array, or every value of an object.
    case every
  }

  public let steps: [Step]

  public init(steps: [Step]) { self.steps = steps }

  /// Reads a path; `nil` where the text is none.
  public init?(_ text: String) {
    let letters = text.utf8.allSatisfy {
      (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || $0 == UInt8(ascii: "_")
    }
    if letters, !text.isEmpty {  // the usual: one name
      self.init(steps: [.key(text)])
      return
    }
    var steps: [Step] = []
    var rest = Substring(text)
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      if rest.first == "[" {
        guard let close = Self.closing(rest) else { return nil }
        let inner = rest[rest.index(after: rest.startIndex)..<close]
        if inner == "*" {
          steps.append(.every)
        } else if let index = Int(inner) {
          steps.append(.index(index))
        } else if inner.count >= 2, let quote = inner.first, quote == "\"" || quote == "'", inner.last == quote {
          steps.append(.key(String(inner.dropFirst().dropLast())))
        } else {
          return nil
        }
        rest = rest[rest.index(after: close)...]
        if rest.first == "." {
          rest = rest.dropFirst()
          if rest.isEmpty { return nil }
        }
      } else {
        let end = rest.firstIndex { $0 == "." || $0 == "[" } ?? rest.endIndex
        let key = String(rest[..<end])
        if key.isEmpty { return nil }
        steps.append(key == "*" ? .every : .key(key))
        rest = rest[end...]
        if rest.first == "." {
          rest = rest.dropFirst()
          if rest.isEmpty { return nil }
        }
      }
    }
    self.init(steps: steps)
  }

  private static func closing(_ text: Substring) -> Substring.Index? {
    var index = text.index(after: text.startIndex)
    guard index < text.endIndex else { return nil }
    if text[index] == "\"" || text[index] == "'" {
      let quote = text[index]
      index = text.index(after: index)
      while index < text.endIndex, text[index] != quote { index = text.index(after: index) }
      guard index < text.endIndex else { return nil }
      index = text.index(after: index)
      return index < text.endIndex && text[index] == "]" ? index : nil
    }
    return text[index...].firstIndex(of: "]")
  }

  public var description: String {
    var text = ""
    for step in steps {
      switch step {
      case .key(let key):
        let plain = !key.isEmpty && key != "*" && !key.contains { ".[] \"".contains($0) }
        let quote = key.contains("\"") ? "'" : "\""
        if plain { text += text.isEmpty ? key : ".\(key)" } else { text += "[\(quote)\(key)\(quote)]" }
      case .index(let index): text += "[\(index)]"
      case .every: text += "[*]"
      }
    }
    return text
  }

  public func appending(_ other: FactPath) -> FactPath { FactPath(steps: steps + other.steps) }

  /// The first value the path leads to.
  public func first(in json: JSON) -> JSON? { values(in: json).first?.1 }

  /// Every value the path leads to, each with its own exact path. A missing member gives no entry.
  public func values(in json: JSON) -> [(FactPath, JSON)] {
    places(in: json).compactMap { path, value in value.map { (path, $0) } }
  }

  /// Every place the path leads to, with its value; `nil` for a member that is missing. So `rows[*].enabled` tells of a
  /// row without the member instead of passing over it: only a `[*]` over nothing leads nowhere.
  func places(in json: JSON) -> [(FactPath, JSON?)] {
    var found: [([Step], JSON?)] = [([], json)]
    for step in steps {
      var next: [([Step], JSON?)] = []
      for (path, value) in found {
        switch (step, value) {
        case (.key(let key), _): next.append((path + [step], value?[key]))
        case (.index(let index), _): next.append((path + [step], value?[index]))
        case (.every, .array(let elements)):
          for (index, element) in elements.enumerated() { next.append((path + [.index(index)], element)) }
        case (.every, .object(let members)):
          for key in members.keys.sorted() { next.append((path + [.key(key)], members[key] ?? .null)) }
        case (.every, _): next.append((path + [step], nil))
        }
      }
      found = next
    }
    return found.map { (FactPath(steps: $0.0), $0.1) }
  }

  public var hasEvery: Bool { steps.contains(.every) }
}
