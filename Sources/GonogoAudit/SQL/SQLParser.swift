import CPGQuery
import GonogoCore
import GonogoProbes

/// A statement of PostgreSQL's SQL, as PostgreSQL's own parser reads it.
struct SQLStatement: Sendable {
  /// The node's name in the parse tree: `CreateStmt`, `IndexStmt` (PostgreSQL's `nodes/parsenodes.h`).
  let kind: String
  /// The node's members.
  let node: JSON
  /// The bytes of the text that it takes, blanks and comments before it left out.
  let range: Range<Int>
  /// Where the text begins that the parser was given: its locations count from there.
  let base: Int
  /// Whether it stands in the body of a `DO` block, where it may run or not.
  let isInBlock: Bool

  /// The offset in the file of a node that has a `location`; the statement's own where it has none.
  func offset(of node: JSON) -> Int {
    guard let location = node["location"]?.integerValue, !isInBlock else { return range.lowerBound }
    return base + location
  }
}

/// A text of SQL, parsed.
struct SQLText: Sendable {
  struct Failure: Sendable {
    /// In PostgreSQL's words.
    let message: String
    /// The byte of the text at which it stopped.
    let offset: Int
    /// The statement that does not parse.
    let range: Range<Int>
  }

  var statements: [SQLStatement] = []
  var failures: [Failure] = []
  /// What is more than the parser is given to read: no fault of PostgreSQL's grammar.
  var unread: Failure?
  /// Commands of psql, which PostgreSQL itself does not know, were taken out before the parser saw the text.
  var hasPSQL = false
  /// SQL that blocks put together while they run, and so nobody can read: its strings, in lower case.
  var dynamic: [String] = []
}

/// PostgreSQL's parser (libpg_query, the grammar of PostgreSQL 15) behind limits that no input passes: its own recursion
/// knows none.
enum SQLParser {
  /// A statement of rows that is larger is checked and not read: what it says of the schema is its first words.
  private static let rowsLimit = 32 << 10

  static func parse(_ text: [UInt8]) -> SQLText {
    var result = SQLText()
    var bytes = text
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.replaceSubrange(0..<3, with: [0x20, 0x20, 0x20]) }
    result.hasPSQL = takeOutPSQL(&bytes)
    if bytes.contains(0) {
      result.unread = .init(message: "it holds a NUL byte", offset: 0, range: 0..<bytes.count)
      return result
    }
    if isTooDeep(bytes[...]) {
      result.unread = .init(message: "its expressions are too deep", offset: 0, range: 0..<bytes.count)
      return result
    }
    if bytes.count <= 1 << 18 {
      var whole = result
      let failure = read(bytes[...], &whole)
      if failure == nil, whole.unread == nil { return whole }
      // Where one statement does not parse, the others still are read.
      for piece in split(bytes) {
        if let failure = read(bytes[piece], &result) { result.failures.append(failure) }
      }
      if let failure, result.failures.isEmpty { result.failures = [failure] }
    } else {
      for piece in split(bytes) {
        if let failure = read(bytes[piece], &result) { result.failures.append(failure) }
      }
    }
    return result
  }

  /// Whether a text is SQL that PostgreSQL's parser takes, with at least one statement.
  static func parses(_ text: String) -> Bool {
    let result = parse(Array(text.utf8))
    return result.failures.isEmpty && result.unread == nil && !result.statements.isEmpty
  }

  // MARK: The library

  /// The pieces between semicolons. The library's own splitter leaves out those without a keyword, which are faults.
  private static func split(_ bytes: [UInt8]) -> [Range<Int>] {
    var pieces: [Range<Int>] = []
    var start = 0
    var depth = 0
    var rest = bytes[...]
    while let byte = rest.first {
      if let end = endOfText(rest) {
        rest = rest[end...]
        continue
      }
      if byte == UInt8(ascii: "(") { depth += 1 }
      if byte == UInt8(ascii: ")") { depth = max(0, depth - 1) }
      if byte == UInt8(ascii: ";"), depth == 0 {
        pieces.append(start..<rest.startIndex)
        start = rest.startIndex + 1
      }
      rest = rest.dropFirst()
    }
    pieces.append(start..<bytes.count)
    return pieces.filter { !skippingBlanks(bytes[$0]).isEmpty }
  }

  /// Adds the statements of a piece; what stopped it where it does not parse.
  private static func read(_ piece: ArraySlice<UInt8>, _ text: inout SQLText) -> SQLText.Failure? {
    let base = piece.startIndex
    let isRows =
      piece.count > rowsLimit
      && ["insert", "update", "select", "delete"].contains(
        String(decoding: skippingBlanks(piece).prefix(6), as: UTF8.self).lowercased())
    var output: [UInt8] = []
    var failure: SQLText.Failure?
    (Array(piece) + [0]).withUnsafeBufferPointer { buffer in
      buffer.withMemoryRebound(to: CChar.self) { source in
        func take(_ error: UnsafeMutablePointer<PgQueryError>?) {
          guard let error = error?.pointee else { return }
          let message = error.message.map { String(cString: $0) } ?? "it does not parse"
          let place = base + offset(ofCharacter: Int(error.cursorpos), in: piece)
          failure = .init(
            message: message, offset: place, range: piece.endIndex - skippingBlanks(piece).count..<piece.endIndex)
        }
        if isRows {
          let result = pg_query_parse_protobuf(source.baseAddress)
          take(result.error)
          pg_query_free_protobuf_parse_result(result)
        } else {
          let result = pg_query_parse(source.baseAddress)
          take(result.error)
          if result.error == nil, let tree = result.parse_tree { output = Array(String(cString: tree).utf8) }
          pg_query_free_parse_result(result)
        }
      }
    }
    if failure != nil || isRows { return failure }
    guard let tree = try? JSON.parse(output, depth: 160), let list = tree["stmts"]?.arrayValue else {
      text.unread = text.unread ?? .init(message: "its expressions are too deep", offset: base, range: piece.indices)
      return nil
    }
    for item in list {
      guard let (kind, node) = item["stmt"]?.only else { continue }
      let start = base + (item["stmt_location"]?.integerValue ?? 0)
      let length = item["stmt_len"]?.integerValue ?? 0
      let end = min(length == 0 ? piece.endIndex : start + length, piece.endIndex)
      let first = end - skippingBlanks(piece[start..<end]).count
      text.statements.append(SQLStatement(kind: kind, node: node, range: first..<end, base: base, isInBlock: false))
      if kind == "DoStmt" { block(node, in: piece[first..<end], &text) }
    }
    return nil
  }

  /// The byte of a character, from 1, as the parser counts them.
  private static func offset(ofCharacter position: Int, in piece: ArraySlice<UInt8>) -> Int {
    var left = max(0, position - 1)
    var offset = 0
    for byte in piece {
      // A byte that continues a character begins none.
      if byte & 0xC0 != 0x80 {
        if left == 0 { return offset }
        left -= 1
      }
      offset += 1
    }
    return max(0, piece.count - 1)
  }

  private static func skippingBlanks(_ piece: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var rest = piece
    while let byte = rest.first {
      if byte <= 0x20 {
        rest = rest.dropFirst()
      } else if rest.starts(with: [0x2D, 0x2D]) {
        rest = rest.drop { $0 != 0x0A }
      } else if rest.starts(with: [0x2F, 0x2A]) {
        var depth = 0
        repeat {
          if rest.starts(with: [0x2F, 0x2A]) {
            depth += 1
            rest = rest.dropFirst(2)
          } else if rest.starts(with: [0x2A, 0x2F]) {
            depth -= 1
            rest = rest.dropFirst(2)
          } else {
            rest = rest.dropFirst()
          }
        } while depth > 0 && !rest.isEmpty
      } else {
        break
      }
    }
    return rest
  }

  // MARK: Blocks

  /// The definitions in the body of a `DO` block: each is found by its first word where a statement may begin, and read by
  /// the parser itself.
  private static func block(_ node: JSON, in piece: ArraySlice<UInt8>, _ text: inout SQLText) {
    let body = (node["args"]?.arrayValue ?? []).lazy.compactMap { item -> String? in
      guard let element = item["DefElem"], element["defname"]?.stringValue == "as" else { return nil }
      return element["arg"]?["String"]?["sval"]?.stringValue
    }.first
    guard let body else { return }
    let tokens = PostgresSQL.tokens(body)
    let bytes = Array(body.utf8)
    let start = find(bytes, in: piece) ?? piece.startIndex
    for (index, token) in tokens.enumerated() where token.kind == .word {
      let begins =
        index == 0 || tokens[index - 1].isSymbol(";")
        || ["begin", "then", "else", "loop"].contains(tokens[index - 1].name)
      guard begins, ["create", "alter", "drop", "execute"].contains(token.name) else { continue }
      let end = tokens[index...].firstIndex { $0.isSymbol(";") } ?? tokens.count
      let range = token.range.lowerBound..<(end < tokens.count ? tokens[end].range.lowerBound : bytes.count)
      var source = Array(bytes[range])
      if token.name == "execute" {
        let strings = tokens[index..<end].filter { $0.kind == .string }
        text.dynamic.append(strings.map(\.text).joined(separator: " ").lowercased())
        // A string alone is as good as the statement.
        guard end == index + 2, let string = strings.first else { continue }
        source = Array(unquoted(string.text).utf8)
      }
      var inner = SQLText()
      if isTooDeep(source[...]) || read(source[...], &inner) != nil { continue }
      let place = start + range.lowerBound
      for statement in inner.statements {
        text.statements.append(
          SQLStatement(
            kind: statement.kind, node: statement.node, range: place..<start + range.upperBound, base: place,
            isInBlock: true))
      }
    }
  }

  private static func unquoted(_ literal: String) -> String {
    if literal.hasPrefix("$"), let end = literal.dropFirst().firstIndex(of: "$") {
      let tag = literal[...end]
      return String(literal.dropFirst(tag.count).dropLast(tag.count))
    }
    return String(literal.dropFirst().dropLast()).replacing("''", with: "'")
  }

  private static func find(_ needle: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
    guard !needle.isEmpty, needle.count <= bytes.count else { return nil }
    return (bytes.startIndex...bytes.endIndex - needle.count).first {
      bytes[$0] == needle[0] && bytes[$0...].starts(with: needle)
    }
  }

  // MARK: Limits

  /// Whether a statement nests so deeply, or chains so many operators, that the parser's recursion could exhaust a stack of
  /// one megabyte. Lists are no chains: a comma begins anew.
  static func isTooDeep(_ bytes: ArraySlice<UInt8>) -> Bool {
    var depth = 0
    var chain = 0
    var joins = 0
    var isWord = false
    var rest = bytes
    while let byte = rest.first {
      if (0x61...0x7A).contains(byte | 0x20) || byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte) {
        // Words chain as well: NOT NOT, CASE WHEN, IS NULL. UNION and JOIN do so across commas.
        if !isWord {
          chain += 1
          let lower = byte | 0x20
          if [UInt8(ascii: "u"), UInt8(ascii: "e"), UInt8(ascii: "i"), UInt8(ascii: "j")].contains(lower) {
            let word = String(decoding: rest.prefix(9).prefix { (0x61...0x7A).contains($0 | 0x20) }, as: UTF8.self)
            if ["union", "except", "intersect", "join"].contains(word.lowercased()) { joins += 1 }
          }
        }
        isWord = true
        rest = rest.dropFirst()
      } else {
        isWord = false
        if let end = endOfText(rest) {
          rest = rest[end...]
          continue
        }
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: ")"), UInt8(ascii: "]"): depth = max(0, depth - 1)
        case UInt8(ascii: ","): chain = 0
        case UInt8(ascii: ";"):
          depth = 0
          chain = 0
          joins = 0
        case 0...0x20: break
        default: chain += 1
        }
        rest = rest.dropFirst()
      }
      if chain > 1_500 || depth > 100 || joins > 500 { return true }
    }
    return false
  }

  /// Where a comment, a string or a quoted name ends that begins here; `nil` where none does.
  private static func endOfText(_ bytes: ArraySlice<UInt8>) -> Int? {
    guard let first = bytes.first else { return nil }
    switch first {
    case UInt8(ascii: "-") where bytes.dropFirst().first == first:
      return bytes.firstIndex(of: 0x0A) ?? bytes.endIndex
    case UInt8(ascii: "/") where bytes.dropFirst().first == UInt8(ascii: "*"):
      return skippingBlanks(bytes).startIndex
    case UInt8(ascii: "'"), UInt8(ascii: "\""):
      return bytes.dropFirst().firstIndex(of: first).map { $0 + 1 } ?? bytes.endIndex
    case UInt8(ascii: "$"):
      guard let close = bytes.dropFirst().prefix(64).firstIndex(of: first) else { return nil }
      let tag = Array(bytes[bytes.startIndex...close])
      guard
        tag.dropFirst().dropLast().allSatisfy({
          (0x61...0x7A).contains($0 | 0x20) || $0 == UInt8(ascii: "_") || (0x30...0x39).contains($0)
        })
      else { return nil }
      var place = close + 1
      while let next = bytes[place...].firstIndex(of: first) {
        if bytes[next...].starts(with: tag) { return next + tag.count }
        place = next + 1
      }
      return bytes.endIndex
    default: return nil
    }
  }

  /// Blanks out lines that are commands of psql, and the rows of `COPY … FROM stdin`.
  private static func takeOutPSQL(_ bytes: inout [UInt8]) -> Bool {
    let hasLine = bytes.first == 0x5C || zip(bytes, bytes.dropFirst()).contains { $0 == 0x0A && $1 == 0x5C }
    guard hasLine else { return false }
    var found = false
    var isData = false
    var index = 0
    while index < bytes.count {
      let end = bytes[index...].firstIndex(of: 0x0A) ?? bytes.count
      let line = String(decoding: bytes[index..<end], as: UTF8.self)
      let isEnd = isData && line.trimmed == "\\."
      if isData || line.hasPrefix("\\") {
        found = true
        for place in index..<end where bytes[place] != 0x0D { bytes[place] = 0x20 }
      }
      if isEnd { isData = false }
      let lower = line.lowercased()
      if lower.hasPrefix("copy "), lower.contains(" from stdin") { isData = true }
      index = end + 1
    }
    return found
  }
}

extension JSON {
  /// The one member of an object that has one: how the parse tree names a node's kind.
  var only: (String, JSON)? {
    guard case .object(let members) = self, members.count == 1, let member = members.first else { return nil }
    return (member.key, member.value)
  }

  /// The elements of a list in the parse tree.
  var list: [JSON] { arrayValue ?? self["List"]?["items"]?.arrayValue ?? [] }
  func list(_ key: String) -> [JSON] { self[key]?.list ?? [] }
  func text(_ key: String) -> String? { self[key]?.stringValue }
  /// `{"String": {"sval": …}}`.
  var name: String? { self["String"]?["sval"]?.stringValue }

  /// Every node of a kind in a tree, with those inside of it.
  func nodes(_ kind: String) -> [JSON] {
    switch self {
    case .object(let members):
      // In the order of the keys, which matters only where more than one of them has such nodes.
      var found: [(key: String, nodes: [JSON])] = []
      for (key, value) in members {
        let below = (key == kind ? [value] : []) + value.nodes(kind)
        if !below.isEmpty { found.append((key, below)) }
      }
      if found.count > 1 { found.sort { $0.key < $1.key } }
      return found.count == 1 ? found[0].nodes : found.flatMap(\.nodes)
    case .array(let elements): return elements.flatMap { $0.nodes(kind) }
    default: return []
    }
  }
}
