import GonogoCore

/// A template, parsed (https://pkg.go.dev/text/template).
struct HelmTemplate: Sendable {
  indirect enum Node: Sendable {
    case text(HelmText)
    case output(HelmPipeline, TreePlace)
    case assign(String, HelmPipeline, declares: Bool)
    case choice([(condition: HelmPipeline?, body: [Node])])
    case with(variable: String?, HelmPipeline, body: [Node], other: [Node])
    case range(key: String?, value: String?, HelmPipeline, body: [Node], other: [Node])
    case include(String, HelmPipeline?, TreePlace)
    /// `break`, `continue`: a loop that is left by a condition is not known.
    case leave
  }

  var nodes: [Node] = []
  /// What `define` and `block` name.
  var defined: [String: [Node]] = [:]

  struct Malformed: Error {
    let message: String
    let place: TreePlace
  }

  /// - Throws: ``Malformed`` where it is no template: a bracket or an `end` too few or too many.
  static func parse(_ source: SourceFile, path: String) throws(Malformed) -> HelmTemplate {
    var parser = Parser(tokens: try tokens(source, path))
    var template = HelmTemplate()
    template.nodes = try parser.block(until: []).nodes
    if let token = parser.current {
      throw Malformed(message: "'\(token.word)' without a beginning", place: token.place)
    }
    template.defined = parser.defined
    return template
  }

  // MARK: Tokens

  struct Token: Sendable {
    /// Text outside of brackets; `nil` for an action.
    let text: HelmText?
    let action: String
    let place: TreePlace
    var word: String { String(action.prefix { $0.isLetter }) }
    var rest: String { String(action.dropFirst(word.count)).trimmed }
  }

  private static func tokens(_ source: SourceFile, _ path: String) throws(Malformed) -> [Token] {
    var tokens: [Token] = []
    let bytes = source.bytes
    var index = 0
    var start = 0
    var trims = false
    func place(_ offset: Int) -> TreePlace { TreePlace(path, source.position(of: offset)) }
    func literal(_ end: Int, trimEnd: Bool) {
      guard end > start else { return }
      let text = HelmText(String(decoding: bytes[start..<end], as: UTF8.self), from: place(start), isLiteral: true)
        .trimmed(start: trims, end: trimEnd)
      if !text.isEmpty { tokens.append(Token(text: text, action: "", place: place(start))) }
    }
    while index + 1 < bytes.count {
      guard bytes[index] == 0x7B, bytes[index + 1] == 0x7B else {
        index += 1
        continue
      }
      let trimsBefore =
        index + 3 < bytes.count && bytes[index + 2] == UInt8(ascii: "-") && bytes[index + 3] <= 0x20
      literal(index, trimEnd: trimsBefore)
      let open = index
      index += trimsBefore ? 3 : 2
      let inner = index
      var quote: UInt8 = 0
      let isComment = bytes[index...].drop { $0 <= 0x20 }.starts(with: "/*".utf8)
      while index + 1 < bytes.count {
        let byte = bytes[index]
        if isComment {
          if byte == UInt8(ascii: "}"), bytes[index + 1] == byte { break }
        } else if quote != 0 {
          if byte == 0x5C, quote != UInt8(ascii: "`") { index += 1 } else if byte == quote { quote = 0 }
        } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "`") || byte == UInt8(ascii: "'") {
          quote = byte
        } else if byte == UInt8(ascii: "}"), bytes[index + 1] == byte {
          break
        }
        index += 1
      }
      guard index + 1 < bytes.count else { throw Malformed(message: "'{{' without '}}'", place: place(open)) }
      var end = index
      trims = end > inner + 1 && bytes[end - 1] == UInt8(ascii: "-") && bytes[end - 2] <= 0x20
      if trims { end -= 1 }
      index += 2
      start = index
      let action = String(decoding: bytes[inner..<end], as: UTF8.self).trimmed
      // A comment stays as nothing, between what it trims.
      if !action.hasPrefix("/*") { tokens.append(Token(text: nil, action: action, place: place(open))) }
    }
    index = bytes.count
    literal(index, trimEnd: false)
    return tokens
  }

  // MARK: Blocks

  private struct Parser {
    let tokens: [Token]
    var index = 0
    var depth = 0
    var defined: [String: [Node]] = [:]

    init(tokens: [Token]) { self.tokens = tokens }

    var current: Token? { index < tokens.count ? tokens[index] : nil }

    /// Nodes up to one of some words, which is not taken.
    mutating func block(until ends: Set<String>) throws(Malformed) -> (nodes: [Node], end: Token?) {
      depth += 1
      defer { depth -= 1 }
      var nodes: [Node] = []
      while let token = current {
        guard depth < 100 else { throw Malformed(message: "the blocks are too deep", place: token.place) }
        if let text = token.text {
          nodes.append(.text(text))
          index += 1
          continue
        }
        if token.word == "end" || token.word == "else" {
          if ends.contains(token.word) { return (nodes, token) }
          return (nodes, nil)
        }
        index += 1
        if let node = try node(token) { nodes.append(node) }
      }
      return (nodes, nil)
    }

    private mutating func node(_ token: Token) throws(Malformed) -> Node? {
      switch token.word {
      case "if": return try choice(token)
      case "with":
        let (names, pipeline) = try head(token)
        let (body, other) = try bodies(token)
        return .with(variable: names.first, pipeline, body: body, other: other)
      case "range":
        let (names, pipeline) = try head(token)
        let (body, other) = try bodies(token)
        return .range(
          key: names.count == 2 ? names[0] : nil, value: names.last, pipeline, body: body, other: other)
      case "define", "block":
        let name = String(token.rest.drop { $0 != "\"" }.dropFirst().prefix { $0 != "\"" })
        let body = try bodies(token).body
        defined[name] = body
        if token.word == "define" { return nil }
        let data = token.rest.drop { $0 != "\"" }.dropFirst(name.count + 2)
        return .include(name, try HelmPipeline.parse(String(data), token.place), token.place)
      case "template":
        let name = String(token.rest.drop { $0 != "\"" }.dropFirst().prefix { $0 != "\"" })
        let data = String(token.rest.drop { $0 != "\"" }.dropFirst(name.count + 2)).trimmed
        return .include(name, data.isEmpty ? nil : try HelmPipeline.parse(data, token.place), token.place)
      case "break", "continue": return .leave
      default:
        if token.action.isEmpty { return nil }
        if token.action.hasPrefix("$") {
          let (names, pipeline) = try head(token, of: token.action)
          if let name = names.first {
            return .assign(name, pipeline, declares: token.action.contains(":="))
          }
        }
        return .output(try HelmPipeline.parse(token.action, token.place), token.place)
      }
    }

    /// `$a, $b := pipeline`, with or without the variables.
    private func head(
      _ token: Token, of text: String? = nil
    ) throws(Malformed) -> (names: [String], pipeline: HelmPipeline) {
      let text = text ?? token.rest
      if text.hasPrefix("$"), let equals = text.firstRange(of: "=") {
        var names = text[..<equals.lowerBound]
        if names.hasSuffix(":") { names = names.dropLast() }
        let list = names.split(separator: ",").map { String($0).trimmed }
        let isName = list.allSatisfy { name in
          name.hasPrefix("$") && name.dropFirst().allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
        }
        if isName { return (list, try HelmPipeline.parse(String(text[equals.upperBound...]), token.place)) }
      }
      return ([], try HelmPipeline.parse(text, token.place))
    }

    private mutating func choice(_ token: Token) throws(Malformed) -> Node {
      var branches: [(condition: HelmPipeline?, body: [Node])] = []
      var condition: HelmPipeline? = try head(token).pipeline
      while true {
        let (body, end) = try block(until: ["end", "else"])
        branches.append((condition, body))
        guard let end else { throw Malformed(message: "'if' without 'end'", place: token.place) }
        index += 1
        if end.word == "end" { return .choice(branches) }
        condition = end.rest.hasPrefix("if") ? try HelmPipeline.parse(String(end.rest.dropFirst(2)), end.place) : nil
      }
    }

    private mutating func bodies(_ token: Token) throws(Malformed) -> (body: [Node], other: [Node]) {
      let (body, end) = try block(until: ["end", "else"])
      guard let end else { throw Malformed(message: "'\(token.word)' without 'end'", place: token.place) }
      index += 1
      if end.word == "end" { return (body, []) }
      let (other, last) = try block(until: ["end"])
      guard last != nil else { throw Malformed(message: "'else' without 'end'", place: end.place) }
      index += 1
      return (body, other)
    }
  }
}
