import GonogoCore

/// A program's text as tokens, for rules that must not take a comment or a string for code.
///
/// It knows enough of a language to tell code, strings and comments apart, and no grammar: a text that is not well formed
/// gives tokens as well, and a string that is not closed ends with its line.
struct CodeTokens: Sendable {
  enum Kind: UInt8, Sendable {
    case identifier
    /// With its quotes; a template's pieces are strings of their own, the code in it is code.
    case string
    case template
    case number
    /// One character, or one of `||`, `??`, `?.`, `::`, `==`, `!=`, `=>`, `&&`, `:=`.
    case symbol
  }

  struct Token: Sendable {
    let kind: Kind
    let start: Int
    let end: Int
  }

  /// How a language writes comments and strings.
  struct Dialect: Sendable {
    var hashComments = false
    var slashComments = true
    var tripleQuotes = false
    /// `'` begins a string; in Swift, Go and Rust it does not, or begins one character.
    var singleQuotes = true
    /// `${` begins code between backticks.
    var backtickTemplates = false
    /// `#{` begins code between double quotes.
    var rubyTemplates = false
    var regularExpressions = false

    static func of(_ language: Language) -> Dialect? {
      switch language {
      case .javascript, .typescript, .vue, .svelte: Dialect(backtickTemplates: true, regularExpressions: true)
      case .python: Dialect(hashComments: true, slashComments: false, tripleQuotes: true)
      case .ruby: Dialect(hashComments: true, slashComments: false, rubyTemplates: true)
      case .elixir: Dialect(hashComments: true, slashComments: false, tripleQuotes: true)
      case .go, .rust: Dialect(singleQuotes: false)
      case .swift: Dialect(tripleQuotes: true, singleQuotes: false)
      case .java, .kotlin, .scala, .csharp, .dart: Dialect(tripleQuotes: true)
      case .php: Dialect(hashComments: true)
      default: nil
      }
    }
  }

  let text: SourceFile
  private(set) var tokens: [Token] = []

  init(_ text: SourceFile, _ dialect: Dialect) {
    self.text = text
    var lexer = Lexer(bytes: text.bytes, dialect: dialect)
    text.bytes.withUnsafeBufferPointer { lexer.run($0) }
    tokens = lexer.tokens
  }

  var count: Int { tokens.count }

  /// Whether a word stands somewhere, be it in a comment: what most texts do not have need not be looked for among the tokens.
  func mentions(_ word: StaticString) -> Bool {
    var from = 0
    while let start = ByteSearch.first(word, in: text.bytes, from: from) {
      from = start + word.utf8CodeUnitCount
      if start > 0, text.bytes[start - 1].isWordByte { continue }
      if from == text.bytes.count || !text.bytes[from].isWordByte { return true }
    }
    return false
  }

  subscript(index: Int) -> String {
    guard tokens.indices.contains(index) else { return "" }
    return String(decoding: text.bytes[tokens[index].start..<tokens[index].end], as: UTF8.self)
  }

  /// Whether the token at `index` is code that reads `word`.
  func at(_ index: Int, _ word: StaticString) -> Bool {
    guard index >= 0, index < tokens.count else { return false }
    let token = tokens[index]
    guard token.kind != .string, token.kind != .template, token.end - token.start == word.utf8CodeUnitCount else {
      return false
    }
    let pointer = word.utf8Start
    for offset in 0..<word.utf8CodeUnitCount where text.bytes[token.start + offset] != pointer[offset] { return false }
    return true
  }

  func kind(_ index: Int) -> Kind? { tokens.indices.contains(index) ? tokens[index].kind : nil }

  /// What stands between the quotes of a string; `nil` where the token is none.
  func content(_ index: Int) -> String? {
    guard tokens.indices.contains(index), tokens[index].kind == .string else { return nil }
    let token = tokens[index]
    var bytes = text.bytes[token.start..<token.end]
    // A prefix: Python's f, r, b.
    while let first = bytes.first, first != 0x22, first != 0x27, first != 0x60 { bytes = bytes.dropFirst() }
    let quote = bytes.first ?? 0
    let marks = bytes.count >= 6 && bytes.prefix(3).allSatisfy { $0 == quote } ? 3 : 1
    guard bytes.count >= 2 * marks else { return nil }
    return String(decoding: bytes.dropFirst(marks).dropLast(marks), as: UTF8.self)
  }

  /// The index behind the bracket that closes the one at `index`; the end where none does.
  func behind(_ index: Int) -> Int {
    var depth = 0
    var index = index
    while index < tokens.count {
      if at(index, "(") || at(index, "[") || at(index, "{") { depth += 1 }
      if at(index, ")") || at(index, "]") || at(index, "}") {
        depth -= 1
        if depth <= 0 { return index + 1 }
      }
      index += 1
    }
    return index
  }

  func place(_ index: Int) -> SourcePosition {
    text.position(of: tokens.indices.contains(index) ? tokens[index].start : text.bytes.count)
  }
}

extension UInt8 {
  var isWordByte: Bool {
    self >= 0x61 && self <= 0x7A || self >= 0x41 && self <= 0x5A || self >= 0x30 && self <= 0x39 || self == 0x5F
      || self >= 0x80
  }
  var isDigitByte: Bool { self >= 0x30 && self <= 0x39 }
  var isUpperByte: Bool { self >= 0x41 && self <= 0x5A }
}

private struct Lexer {
  let bytes: [UInt8]
  let dialect: CodeTokens.Dialect
  var tokens: [CodeTokens.Token] = []
  /// The depth of braces at which the code within each open template ends.
  private var templates: [(quote: UInt8, depth: Int)] = []
  private var depth = 0

  init(bytes: [UInt8], dialect: CodeTokens.Dialect) {
    self.bytes = bytes
    self.dialect = dialect
    tokens.reserveCapacity(bytes.count / 5)
  }

  mutating func run(_ bytes: UnsafeBufferPointer<UInt8>) {
    let count = bytes.count
    var index = 0
    func byte(_ at: Int) -> UInt8 { at < count ? bytes[at] : 0 }
    while index < count {
      let current = bytes[index]
      if current <= 0x20 {
        index += 1
        continue
      }
      let start = index
      if current.isWordByte || current == 0x24, !current.isDigitByte {
        index += 1
        while index < count, bytes[index].isWordByte || bytes[index] == 0x24 { index += 1 }
        // A prefix of a Python string belongs to it.
        if dialect.tripleQuotes, index - start <= 2, byte(index) == 0x22 || byte(index) == 0x27, dialect.singleQuotes {
          let from = index
          index = string(bytes, index)
          add(.string, start, index > from ? index : from + 1)
          if index == from { index += 1 }
          continue
        }
        add(.identifier, start, index)
        continue
      }
      if current.isDigitByte {
        while index < count, bytes[index].isWordByte || bytes[index] == 0x2E && byte(index + 1).isDigitByte {
          index += 1
        }
        add(.number, start, index)
        continue
      }
      let next = byte(index + 1)
      let isHash = dialect.hashComments && current == 0x23
      let isSlash = dialect.slashComments && current == 0x2F && next == 0x2F
      if isHash || isSlash {
        while index < count, bytes[index] != 0x0A { index += 1 }
        continue
      }
      if dialect.slashComments, current == 0x2F, next == 0x2A {
        index += 2
        while index < count, !(bytes[index] == 0x2A && byte(index + 1) == 0x2F) { index += 1 }
        index = min(count, index + 2)
        continue
      }
      if current == 0x60 || current == 0x22 && dialect.rubyTemplates {
        if current == 0x60 ? dialect.backtickTemplates : true {
          index = template(bytes, index + 1, current, start)
          continue
        }
      }
      if current == 0x22 || current == 0x60 || current == 0x27 && dialect.singleQuotes {
        let end = string(bytes, index)
        if end > index {
          add(.string, start, end)
          index = end
          continue
        }
      }
      if current == 0x2F, dialect.regularExpressions, beginsExpression {
        let end = expression(bytes, index)
        if end > index {
          index = end
          continue
        }
      }
      if current == 0x7B { depth += 1 }
      if current == 0x7D {
        if let open = templates.last, open.depth == depth {
          templates.removeLast()
          depth -= 1
          index = template(bytes, index + 1, open.quote, index)
          continue
        }
        depth -= 1
      }
      let two = next
      switch (current, two) {
      case (0x7C, 0x7C), (0x3F, 0x3F), (0x3F, 0x2E), (0x3A, 0x3A), (0x3D, 0x3D), (0x21, 0x3D), (0x3D, 0x3E),
        (0x26, 0x26),
        (0x3A, 0x3D):
        index += 2
        // `===` and `!==` are one, as `==` and `!=` are.
        if two == 0x3D, current != 0x3A, byte(index) == 0x3D {
          add(.symbol, start, index)
          index += 1
          continue
        }
      default: index += 1
      }
      add(.symbol, start, index)
    }
  }

  private mutating func add(_ kind: CodeTokens.Kind, _ start: Int, _ end: Int) {
    tokens.append(.init(kind: kind, start: start, end: end))
  }

  /// Whether a slash here begins a regular expression rather than divides.
  private var beginsExpression: Bool {
    guard let last = tokens.last else { return true }
    switch last.kind {
    case .symbol: return ![0x29, 0x5D, 0x7D].contains(bytes[last.start])
    case .identifier:
      return bytes[last.start..<last.end].elementsEqual("return".utf8)
    default: return false
    }
  }

  /// The end of a regular expression; the start where the line ends first.
  private func expression(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
    var index = start + 1
    var isClass = false
    while index < bytes.count, bytes[index] != 0x0A {
      if bytes[index] == 0x5C {
        index += 2
        continue
      }
      if bytes[index] == 0x5B { isClass = true }
      if bytes[index] == 0x5D { isClass = false }
      if bytes[index] == 0x2F, !isClass { return index + 1 }
      index += 1
    }
    return start
  }

  /// The end of the string that begins at `start`; `start` where it is not closed on its line.
  private func string(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
    let quote = bytes[start]
    let count = bytes.count
    if dialect.tripleQuotes, start + 2 < count, bytes[start + 1] == quote, bytes[start + 2] == quote {
      var index = start + 3
      while index + 2 < count {
        if bytes[index] == 0x5C {
          index += 2
          continue
        }
        if bytes[index] == quote, bytes[index + 1] == quote, bytes[index + 2] == quote { return index + 3 }
        index += 1
      }
      return count
    }
    var index = start + 1
    while index < count {
      let byte = bytes[index]
      if byte == 0x5C, quote != 0x60 {
        index += 2
        continue
      }
      if byte == quote { return index + 1 }
      // Go's raw strings run over lines.
      if byte == 0x0A, quote != 0x60 { return start }
      index += 1
    }
    return start
  }

  /// The text of a template up to its end or to the code within it.
  private mutating func template(
    _ bytes: UnsafeBufferPointer<UInt8>, _ from: Int, _ quote: UInt8, _ start: Int
  ) -> Int {
    let mark: UInt8 = quote == 0x60 ? 0x24 : 0x23
    let whole = bytes[start] == quote
    var index = from
    while index < bytes.count {
      if bytes[index] == 0x5C {
        index += 2
        continue
      }
      if bytes[index] == quote {
        add(whole ? .string : .template, start, index + 1)
        return index + 1
      }
      if bytes[index] == mark, index + 1 < bytes.count, bytes[index + 1] == 0x7B {
        add(.template, start, index)
        depth += 1
        templates.append((quote, depth))
        return index + 2
      }
      index += 1
    }
    add(.template, start, bytes.count)
    return bytes.count
  }
}
