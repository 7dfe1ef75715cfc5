import GonogoCore

/// What a handler in JavaScript or TypeScript does with the body that it reads: the names that hold it or a part of it, whom it is given to, and
/// whether something is asked of its values.
///
/// It reads tokens, not a tree: what it cannot tell it takes for given and asked, so that a rule that leans on it is silent.
struct HandlerBody {
  /// A call that is given the body or a part of it: `service.create(body)`.
  struct Call: Hashable {
    /// What stands before the last dot, its last name alone; empty where there is none.
    let receiver: String
    let name: String
    /// Whether it is given the whole of it, as it came.
    let isWhole: Bool
    let isNew: Bool
  }

  private(set) var calls: Set<Call> = []
  /// Whether a value is held against something: a pattern, a list, a length, a form. That it is there asks nothing of it.
  private(set) var isChecked = false

  private let text: [UInt8]
  private var tokens: [Token] = []
  private var names: Set<String> = []
  private var whole: Set<String> = []

  private struct Token {
    /// A word, or a single sign.
    let text: String
    let isWord: Bool
  }

  /// - Parameters:
  ///   - handler: the function's text.
  ///   - bound: what the body is bound to: `body`, `{ name, role: kind }`.
  init(handler: String, bound: String) {
    text = CodeText(Array(handler.utf8), .ecmascript).code
    tokens = Self.tokens(of: text)
    if bound.trimmed.hasPrefix("{") {
      names = Self.bindings(Self.tokens(of: Array(bound.utf8))[...])
    } else {
      names = [bound.trimmed]
      whole = names
    }
    // What is taken out of it holds a part of it as well, at most so many hands on.
    for _ in 0..<3 {
      let before = names.count
      spread()
      if names.count == before { break }
    }
    read()
  }

  // MARK: Tokens

  private static func isWord(_ byte: UInt8) -> Bool {
    byte >= 0x61 && byte <= 0x7A || byte >= 0x41 && byte <= 0x5A || byte >= 0x30 && byte <= 0x39 || byte == 0x5F
      || byte == 0x24 || byte >= 0x80
  }

  private static func tokens(of text: [UInt8]) -> [Token] {
    var result: [Token] = []
    var index = 0
    while index < text.count {
      if isWord(text[index]) {
        let end = text[index...].firstIndex { !isWord($0) } ?? text.count
        result.append(Token(text: String(decoding: text[index..<end], as: UTF8.self), isWord: true))
        index = end
      } else {
        if text[index] > 0x20 { result.append(Token(text: String(UnicodeScalar(text[index])), isWord: false)) }
        index += 1
      }
    }
    return result
  }

  /// The names that a destructuring binds: not the keys before a colon, nor what stands in for one that is missing.
  private static func bindings(_ tokens: ArraySlice<Token>) -> Set<String> {
    var result: Set<String> = []
    for index in tokens.indices where tokens[index].isWord {
      let next = index + 1 < tokens.endIndex ? tokens[index + 1].text : ""
      let last = index > tokens.startIndex ? tokens[index - 1].text : ""
      if next == ":" || last == "=" || tokens[index].text.first!.isNumber { continue }
      result.insert(tokens[index].text)
    }
    return result
  }

  private func token(_ index: Int) -> String { tokens.indices.contains(index) ? tokens[index].text : "" }

  // MARK: Names

  /// Takes in what is assigned from the names that are known.
  private mutating func spread() {
    for index in tokens.indices where tokens[index].isWord && names.contains(tokens[index].text) {
      if token(index - 1) == ".", token(index - 2) != "." { continue }
      guard let assign = assignment(before: index) else { continue }
      if token(assign - 1) == "}" {
        guard let open = opening(of: assign - 1) else { continue }
        names.formUnion(Self.bindings(tokens[open..<assign]))
      } else if let name = assigned(before: assign) {
        names.insert(name)
      }
    }
  }

  /// The `=` that a value belongs to, where nothing but signs of an object or of alternatives stand between.
  private func assignment(before index: Int) -> Int? {
    var at = index - 1
    var depth = 0
    while at >= 0, index - at < 200 {
      switch token(at) {
      case ")", "]", "}": depth += 1
      case "(", "[", "{":
        if depth > 0 {
          depth -= 1
        } else if token(at) == "{",
          ![":", "=", "(", ",", "[", "|", "?"].contains(token(at - 1)) || token(at - 1) == ">"
        {
          // A block, not an object.
          return nil
        }
      case "=" where depth == 0:
        let isComparison = ["=", "!", "<", ">"].contains(token(at - 1)) || ["=", ">"].contains(token(at + 1))
        return isComparison ? nil : at
      case ";" where depth == 0: return nil
      default: break
      }
      at -= 1
    }
    return nil
  }

  private func opening(of close: Int) -> Int? {
    var depth = 0
    for at in stride(from: close, through: 0, by: -1) {
      if ["}", ")", "]"].contains(token(at)) { depth += 1 }
      if ["{", "(", "["].contains(token(at)) { depth -= 1 }
      if depth == 0 { return at }
    }
    return nil
  }

  /// The variable that `const x: T =` makes.
  private func assigned(before assign: Int) -> String? {
    var at = assign - 1
    while at >= 0, assign - at < 30 {
      if ["const", "let", "var"].contains(token(at)) { return token(at + 1) }
      if token(at) == ";" || token(at) == "{" { break }
      at -= 1
    }
    // `changes.name = name`: the object holds it.
    var base = assign - 1
    while token(base - 1) == ".", base > 1 { base -= 2 }
    guard tokens.indices.contains(base), tokens[base].isWord, token(base) != "this" else { return nil }
    return token(base)
  }

  // MARK: Calls and checks

  private static let words: Set<String> = ["if", "while", "for", "return", "catch", "function", "await", "async"]
  /// They change a value's form or tell it, and judge nothing.
  private static let plain: Set<String> = ["log", "info", "warn", "error", "debug", "stringify", "json", "toString"]
  private static let asking: Set<String> = [
    "test", "includes", "has", "indexOf", "URL", "Date", "isNaN", "isFinite", "isInteger", "isArray", "hasOwnProperty",
    "switch", "Set", "keys", "entries", "parseFloat", "parseInt", "Number", "String", "BigInt", "Boolean", "every",
  ]
  private static let asked: Set<String> = ["match", "startsWith", "endsWith", "every", "some", "replace", "normalize"]

  private mutating func read() {
    for index in tokens.indices where tokens[index].isWord && names.contains(tokens[index].text) {
      if token(index - 1) == ".", token(index - 2) != "." { continue }
      // `name.first?.last`
      var end = index + 1
      while token(end) == "." || token(end) == "?" && token(end + 1) == "."
        || token(end) == "!" && token(end + 1) == "."
      {
        end += token(end) == "." ? 1 : 2
        let part = token(end)
        if Self.asked.contains(part) { isChecked = true }
        if part == "length", isBound(end + 1) { isChecked = true }
        end += 1
        // Without arguments a call hands the value on: `name.trim().length`.
        if token(end) == "(", token(end + 1) == ")" { end += 2 }
      }
      if token(end) == "!", token(end + 1) == "=",
        "'\"`".contains(token(end + 2) == "=" ? token(end + 3) : token(end + 2)),
        !token(end + 2).isEmpty
      {
        isChecked = true
      }
      guard let open = enclosing(index), tokens.indices.contains(open - 1), tokens[open - 1].isWord else { continue }
      let name = token(open - 1)
      if Self.asking.contains(name) { isChecked = true }
      let isWhole = whole.contains(token(index)) && end == index + 1
      if name == "stringify", token(open - 3) == "JSON", token(open - 4) == ":", token(open - 5) == "body" {
        calls.insert(Call(receiver: "JSON", name: "stringify", isWhole: isWhole, isNew: false))
      }
      if Self.words.contains(name) || Self.plain.contains(name) || Self.asking.contains(name) { continue }
      let receiver = token(open - 2) == "." ? token(token(open - 3) == "?" ? open - 4 : open - 3) : ""
      calls.insert(
        Call(
          receiver: receiver == ")" ? "" : receiver, name: name, isWhole: isWhole,
          isNew: token(open - 2) == "new"))
    }
  }

  /// Whether a comparison follows that bounds something: with more than nothing.
  private func isBound(_ index: Int) -> Bool {
    guard ["<", ">", "!", "="].contains(token(index)) else { return false }
    var at = index
    while ["<", ">", "=", "!"].contains(token(at)) { at += 1 }
    return token(at) != "0"
  }

  /// The parenthesis in whose arguments a token stands.
  private func enclosing(_ index: Int) -> Int? {
    var depth = 0
    for at in stride(from: index - 1, through: max(0, index - 400), by: -1) {
      switch token(at) {
      case ")", "]", "}": depth += 1
      case "(", "[", "{":
        if depth > 0 {
          depth -= 1
        } else if token(at) == "(" {
          return at
        } else if token(at) == "{", ["{", ";", ")", ">"].contains(token(at - 1)) {
          return nil
        }
      case ";" where depth == 0: return nil
      default: break
      }
    }
    return nil
  }
}
