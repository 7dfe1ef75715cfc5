import GonogoCore

/// An index that an author wants, read from `CREATE INDEX …` or from a mapping.
struct PostgresWantedIndex: Sendable {
  var name: String?
  var unique = false
  var schema: String?
  var table = ""
  var method: String?
  /// The SQL between the parentheses of the key, and of INCLUDE.
  var key = ""
  var include: String?
  var nullsNotDistinct = false
  var predicate: String?

  /// Reads `CREATE [UNIQUE] INDEX [CONCURRENTLY] [[IF NOT EXISTS] name] ON [ONLY] table [USING method] (…)
  /// [INCLUDE (…)] [NULLS [NOT] DISTINCT] [WITH (…)] [TABLESPACE name] [WHERE …]`.
  ///
  /// - Throws: ``Unreadable`` with what was expected and where.
  init(sql: String) throws(Unreadable) {
    let bytes = Array(sql.utf8)
    var tokens = PostgresSQL.tokens(sql)
    if tokens.last?.isSymbol(";") == true { tokens.removeLast() }
    var index = 0
    func take(_ word: String) -> Bool {
      guard index < tokens.count, tokens[index].isWord(word) else { return false }
      index += 1
      return true
    }
    func need(_ word: String) throws(Unreadable) {
      if !take(word) { throw Unreadable("it has no \(word.uppercased()) where one belongs") }
    }
    func identifier() throws(Unreadable) -> String {
      guard index < tokens.count, tokens[index].kind == .word || tokens[index].kind == .quoted else {
        throw Unreadable("it has no name where one belongs")
      }
      index += 1
      return tokens[index - 1].name
    }
    func parenthesised() throws(Unreadable) -> String {
      guard index < tokens.count, tokens[index].isSymbol("(") else {
        throw Unreadable("it has no parenthesis where one belongs")
      }
      let start = tokens[index].range.upperBound
      var depth = 0
      while index < tokens.count {
        if tokens[index].isSymbol("(") { depth += 1 }
        if tokens[index].isSymbol(")") { depth -= 1 }
        index += 1
        if depth == 0 {
          return String(decoding: bytes[start..<tokens[index - 1].range.lowerBound], as: UTF8.self)
        }
      }
      throw Unreadable("a parenthesis is not closed")
    }
    if tokens.contains(where: { $0.isSymbol(";") }) { throw Unreadable("it has more than one statement") }
    try need("create")
    unique = take("unique")
    try need("index")
    _ = take("concurrently")
    if take("if") {
      try need("not")
      try need("exists")
    }
    if !take("on") {
      name = try identifier()
      try need("on")
    }
    _ = take("only")
    table = try identifier()
    if index < tokens.count, tokens[index].isSymbol(".") {
      index += 1
      schema = table
      table = try identifier()
    }
    if take("using") { method = try identifier() }
    key = try parenthesised()
    if key.allSatisfy(\.isWhitespace) { throw Unreadable("it has no column") }
    if take("include") { include = try parenthesised() }
    if take("nulls") {
      nullsNotDistinct = take("not")
      try need("distinct")
    }
    if take("with") { _ = try parenthesised() }
    if take("tablespace") { _ = try identifier() }
    if take("where") {
      guard index < tokens.count else { throw Unreadable("its WHERE is empty") }
      var depth = 0
      for token in tokens[index...] {
        if token.isSymbol("(") { depth += 1 }
        if token.isSymbol(")") { depth -= 1 }
        if depth < 0 { break }
      }
      if depth != 0 { throw Unreadable("the parentheses of its WHERE do not match") }
      predicate = String(
        decoding: bytes[tokens[index].range.lowerBound..<tokens[tokens.count - 1].range.upperBound], as: UTF8.self)
      index = tokens.count
    }
    if index < tokens.count { throw Unreadable("'\(tokens[index].text)' does not belong there") }
  }

  struct Unreadable: Error {
    let message: String
    init(_ message: String) { self.message = message }
  }

  /// The same index on another table, without a name.
  func statement(on table: String) -> String {
    var sql = "CREATE \(unique ? "UNIQUE " : "")INDEX ON \(table)"
    if let method { sql += " USING \(PostgresSQL.identifier(method))" }
    sql += " (\(key))"
    if let include { sql += " INCLUDE (\(include))" }
    if nullsNotDistinct { sql += " NULLS NOT DISTINCT" }
    if let predicate { sql += " WHERE \(predicate)" }
    return sql
  }

  /// `unique index idx ON t (a, b DESC) WHERE …`, for messages.
  var description: String {
    var text =
      "\(unique ? "unique " : "")index \(name.map { "\($0) " } ?? "")on \(schema.map { "\($0)." } ?? "")\(table)"
    if let method, method != "btree" { text += " using \(method)" }
    text += " (\(key))"
    if let include { text += " include (\(include))" }
    if let predicate { text += " where \(predicate)" }
    return text
  }
}

/// What an index is, whatever its name.
struct PostgresIndexShape: Sendable, Equatable {
  var method = "btree"
  var unique = false
  /// Each with its direction, operator class and collation where they are not the usual.
  var key: [String] = []
  var include: [String] = []
  var predicate: String?
  var nullsNotDistinct = false

  /// From one element of the catalogue's list (``PostgresCatalogue/indexes``).
  init(_ json: JSON) {
    method = json["method"]?.stringValue ?? ""
    unique = json["unique"] == true
    nullsNotDistinct = json["nulls_not_distinct"] == true
    predicate = json["predicate"]?.stringValue
    include = (json["include"]?.arrayValue ?? []).compactMap(\.stringValue)
    key = (json["keys"]?.arrayValue ?? []).map { part in
      var text = part["text"]?.stringValue ?? ""
      if let collation = part["collation"]?.stringValue { text += " COLLATE \(collation)" }
      if part["default_class"] == false, let name = part["class"]?.stringValue { text += " \(name)" }
      let order = Self.order(part)
      return order == "asc" ? text : "\(text) \(order.uppercased())"
    }
  }

  /// By its text alone, where the server cannot be asked.
  init(text wanted: PostgresWantedIndex) {
    method = wanted.method ?? "btree"
    unique = wanted.unique
    nullsNotDistinct = wanted.nullsNotDistinct
    predicate = wanted.predicate.map(Self.plain)
    include = wanted.include.map { Self.parts($0).map(Self.plain) } ?? []
    key = Self.parts(wanted.key).map(Self.plainKey)
  }

  /// The catalogue's shape in the same plain words as ``init(text:)`` makes.
  var plain: PostgresIndexShape {
    var copy = self
    copy.predicate = predicate.map(Self.plain)
    copy.include = include.map(Self.plain)
    copy.key = key.map(Self.plainKey)
    return copy
  }

  /// `asc`, `desc`, `asc nulls first`, `desc nulls last`: pg_index.indoption, bit 0 is DESC, bit 1 is NULLS FIRST.
  static func order(_ part: JSON) -> String {
    switch part["option"]?.integerValue ?? 0 {
    case 1: "desc nulls last"
    case 2: "asc nulls first"
    case 3: "desc"
    default: "asc"
    }
  }

  /// Each aspect in which `found` is another index than this.
  func differences(from found: PostgresIndexShape) -> [(what: String, expected: String, found: String)] {
    var list: [(what: String, expected: String, found: String)] = []
    if key != found.key { list.append(("columns", Self.list(key), Self.list(found.key))) }
    if unique != found.unique {
      list.append(("uniqueness", unique ? "unique" : "not unique", found.unique ? "unique" : "not unique"))
    }
    if predicate != found.predicate {
      list.append(("predicate", predicate ?? "none", found.predicate ?? "none"))
    }
    if include != found.include { list.append(("include", Self.list(include), Self.list(found.include))) }
    if method != found.method { list.append(("method", method, found.method)) }
    if nullsNotDistinct != found.nullsNotDistinct {
      let words = ["nulls distinct", "nulls not distinct"]
      list.append(("nulls", words[nullsNotDistinct ? 1 : 0], words[found.nullsNotDistinct ? 1 : 0]))
    }
    return list
  }

  static func list(_ parts: [String]) -> String { "(\(parts.joined(separator: ", ")))" }

  /// Splits at commas outside of parentheses.
  static func parts(_ sql: String) -> [String] {
    let bytes = Array(sql.utf8)
    var parts: [String] = []
    var depth = 0
    var start = 0
    for token in PostgresSQL.tokens(sql) {
      if token.isSymbol("(") { depth += 1 }
      if token.isSymbol(")") { depth -= 1 }
      if depth == 0, token.isSymbol(",") {
        parts.append(String(decoding: bytes[start..<token.range.lowerBound], as: UTF8.self))
        start = token.range.upperBound
      }
    }
    return parts + [String(decoding: bytes[start...], as: UTF8.self)]
  }

  /// Words without parentheses and casts, in small letters: `((status)::text = 'a'::text)` is `status = 'a'`.
  static func plain(_ sql: String) -> String {
    let tokens = PostgresSQL.tokens(sql)
    var words: [String] = []
    var index = 0
    while index < tokens.count {
      if tokens[index].isSymbol("::") {
        index += 1
        while index < tokens.count, ["word", "quoted"].contains("\(tokens[index].kind)"),
          !["and", "or", "is", "not", "desc", "asc", "in", "like"].contains(tokens[index].name)
        {
          index += 1
        }
        continue
      }
      if !tokens[index].isSymbol("("), !tokens[index].isSymbol(")") { words.append(tokens[index].name) }
      index += 1
    }
    return words.joined(separator: " ").replacing("! =", with: "< >")
  }

  static func plainKey(_ sql: String) -> String {
    var text = plain(sql)
    for (long, short) in [
      (" desc nulls first", " desc"), (" asc nulls last", ""), (" nulls last", " nulls last"), (" asc", ""),
    ]
    where text.hasSuffix(long) {
      if long == " nulls last", !text.hasSuffix(" desc nulls last") {
        text = String(text.dropLast(long.utf8.count))
      } else {
        text = String(text.dropLast(long.utf8.count)) + short
      }
      break
    }
    if text.hasSuffix(" nulls first"), !text.hasSuffix(" asc nulls first") {
      text = String(text.dropLast(" nulls first".utf8.count)) + " asc nulls first"
    }
    return text
  }
}
