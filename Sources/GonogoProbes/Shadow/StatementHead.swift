import GonogoCore

/// What a statement is, from its first words.
struct StatementHead {
  private let tokens: [PostgresSQL.Token]
  private var at = 0

  init(_ bytes: ArraySlice<UInt8>) {
    tokens = PostgresSQL.tokens(String(decoding: bytes.prefix(1500), as: UTF8.self))
  }

  private func word(_ offset: Int) -> String {
    let index = at + offset
    return tokens.indices.contains(index) && tokens[index].kind == .word ? tokens[index].name : ""
  }
  var first: String { word(0) }

  private mutating func accept(_ words: String...) -> Bool {
    for (offset, expected) in words.enumerated() where word(offset) != expected { return false }
    at += words.count
    return true
  }

  private mutating func name() -> String? {
    guard tokens.indices.contains(at), [.word, .quoted, .string].contains(tokens[at].kind) else { return nil }
    defer { at += 1 }
    return tokens[at].kind == .string ? String(tokens[at].text.dropFirst().dropLast()) : tokens[at].name
  }

  /// `schema.name`; a name alone is taken to be public's.
  private mutating func qualified() -> String? {
    guard let one = name() else { return nil }
    guard tokens.indices.contains(at), tokens[at].isSymbol(".") else { return "public.\(one)" }
    at += 1
    return name().map { "\(one).\($0)" }
  }

  /// BEGIN, COMMIT and their like; savepoints are none.
  var isTransactionControl: Bool {
    switch first {
    case "begin", "end", "commit", "abort": return true
    case "start": return word(1) == "transaction"
    case "rollback": return !(1...3).contains { word($0) == "to" } && word(1) != "prepared"
    default: return false
    }
  }

  /// ALTER TABLE IF EXISTS … ROW LEVEL SECURITY: the table, where it would have been passed over without a word.
  var guardedRowSecurity: String? {
    var copy = self
    guard copy.accept("alter", "table", "if", "exists") else { return nil }
    _ = copy.accept("only")
    guard let table = copy.qualified() else { return nil }
    guard ["enable", "disable", "force", "no"].contains(copy.first) else { return nil }
    return copy.tokens.dropFirst(copy.at).contains { $0.isWord("security") } ? table : nil
  }

  var isCreateIndex: Bool { first == "create" && (word(1) == "index" || word(1) == "unique" && word(2) == "index") }

  /// COPY to or from a program, or a file of the server.
  var reachesOutside: Bool {
    first == "copy"
      && tokens.indices.contains { index in
        tokens[index].isWord("program") && index > 0
          && (tokens[index - 1].isWord("from") || tokens[index - 1].isWord("to"))
      }
  }

  /// CREATE EXTENSION's name, and the schema it says.
  var createdExtension: (name: String, schema: String?)? {
    var copy = self
    guard copy.accept("create", "extension") else { return nil }
    _ = copy.accept("if", "not", "exists")
    guard let name = copy.name() else { return nil }
    let schema = copy.tokens.indices.dropFirst(copy.at).first { copy.tokens[$0].isWord("schema") }
    guard let schema, copy.tokens.indices.contains(schema + 1) else { return (name, nil) }
    return (name, copy.tokens[schema + 1].name)
  }

  /// ALTER EXTENSION's name.
  var alteredExtension: String? {
    var copy = self
    return copy.accept("alter", "extension") ? copy.name() : nil
  }

  /// CREATE INDEX … USING what.
  var indexMethod: String? {
    guard isCreateIndex else { return nil }
    guard let using = tokens.firstIndex(where: { $0.isWord("using") }), tokens.indices.contains(using + 1) else {
      return nil
    }
    return tokens[using + 1].name
  }

  /// For an index that cannot be made as it is written: one with its name on its table, so that what refers to it stands.
  var placeholderIndex: String? {
    var copy = self
    guard copy.accept("create") else { return nil }
    _ = copy.accept("unique")
    guard copy.accept("index") else { return nil }
    _ = copy.accept("concurrently")
    _ = copy.accept("if", "not", "exists")
    guard copy.first != "on", let name = copy.name(), copy.accept("on") else { return nil }
    _ = copy.accept("only")
    guard let table = copy.name() else { return nil }
    var place = PostgresSQL.identifier(table)
    if copy.tokens.indices.contains(copy.at), copy.tokens[copy.at].isSymbol(".") {
      copy.at += 1
      guard let inner = copy.name() else { return nil }
      place += ".\(PostgresSQL.identifier(inner))"
    }
    return "CREATE INDEX IF NOT EXISTS \(PostgresSQL.identifier(name)) ON \(place) ((1))"
  }

  /// What it makes, for the map from objects to their source: `table public.orders`, `policy public.orders.own rows`,
  /// `function public.f`, `rls public.orders`.
  var object: String? {
    var copy = self
    if copy.accept("alter", "table") {
      _ = copy.accept("if", "exists")
      _ = copy.accept("only")
      guard let table = copy.qualified() else { return nil }
      if copy.accept("enable", "row", "level", "security") { return "rls \(table)" }
      return nil
    }
    guard copy.accept("create") else { return nil }
    _ = copy.accept("or", "replace")
    for word in [
      "global", "local", "temporary", "temp", "unlogged", "constraint", "unique", "recursive", "materialized",
    ] {
      _ = copy.accept(word)
    }
    let kind = copy.first
    guard
      ["table", "view", "function", "procedure", "policy", "trigger", "type", "index", "sequence", "schema"].contains(
        kind)
    else { return nil }
    copy.at += 1
    _ = copy.accept("concurrently")
    _ = copy.accept("if", "not", "exists")
    switch kind {
    case "policy", "trigger":
      guard let name = copy.name() else { return nil }
      guard let on = copy.tokens.indices.dropFirst(copy.at).first(where: { copy.tokens[$0].isWord("on") }) else {
        return nil
      }
      copy.at = on + 1
      return copy.qualified().map { "\(kind) \($0).\(name)" }
    case "schema": return copy.name().map { "schema \($0)" }
    case "index": return copy.first == "on" ? nil : copy.name().map { "index public.\($0)" }
    default: return copy.qualified().map { "\(kind == "procedure" ? "function" : kind) \($0)" }
    }
  }

  /// The statement's beginning on one line, its passwords left out.
  static func excerpt(_ bytes: ArraySlice<UInt8>) -> String {
    let text = String(decoding: bytes.prefix(600), as: UTF8.self)
    var result: [UInt8] = []
    let all = Array(text.utf8)
    var copied = 0
    let tokens = PostgresSQL.tokens(text)
    for (token, next) in zip(tokens, tokens.dropFirst()) where token.isWord("password") && next.kind == .string {
      result += all[copied..<next.range.lowerBound] + Array("'…'".utf8)
      copied = next.range.upperBound
    }
    let line = String(decoding: result + all[copied...], as: UTF8.self).split { $0.isWhitespace }.joined(separator: " ")
    return line.count > 160 ? line.prefix(159) + "…" : line
  }
}
