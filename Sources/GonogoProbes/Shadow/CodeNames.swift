import GonogoCore

/// A name of a database's object in an application's code.
package struct CodeUse: Sendable {
  package enum Name: Hashable, Sendable {
    /// Alone, or as `schema.table`.
    case table(String)
    case column(String, String)
    case function(String)
  }

  package let name: Name
  /// From 1.
  package let line: Int
  /// What names it: a client's method, "SQL", "Prisma", "SQLAlchemy".
  package let by: String
  /// The string that it stands in, where that is SQL.
  package var statement: String?

  package init(name: Name, line: Int, by: String, statement: String? = nil) {
    self.name = name
    self.line = line
    self.by = by
    self.statement = statement
  }
}

/// The names of tables, columns and functions in code: in the calls of Supabase's clients, in SQL inside strings, in the
/// models of Prisma, Drizzle and SQLAlchemy. The shadow's drift and the audit both read code with it.
package enum CodeNames {
  package static func uses(in bytes: [UInt8], path: String) -> [CodeUse] {
    var scanner = CodeScanner(bytes)
    if path.hasSuffix(".prisma") { return prisma(bytes) }
    var uses: [CodeUse] = []
    while let token = scanner.next() {
      switch token {
      case .call(let receiver, let name, let line): client(&scanner, receiver: receiver, name: name, line: line, &uses)
      case .string(let text, let line): sql(text, line: line, &uses)
      case .other: break
      }
    }
    if path.hasSuffix(".py") { alchemy(bytes, &uses) }
    return uses
  }

  private static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !(0x30...0x39).contains(first), text.utf8.count < 64 else { return false }
    return text.utf8.allSatisfy { CodeScanner.isLetter($0) && $0 < 0x80 || (0x30...0x39).contains($0) }
  }

  private static func isQualified(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return (1...2).contains(parts.count) && parts.allSatisfy { isName(String($0)) }
  }

  private static let notClients: Set<String> = [
    "Array", "Buffer", "Set", "Map", "Object", "Uint8Array", "storage", "Observable", "Readable", "Date", "BigInt",
    "Iterator", "Stream",
  ]
  private static let filters: Set<String> = [
    "eq", "neq", "gt", "gte", "lt", "lte", "like", "ilike", "is", "in", "contains", "containedBy", "order", "not",
    "overlaps",
  ]

  /// `.from('orders').select('id, total').eq('owner', …)` and `.rpc('f')`.
  private static func client(
    _ scanner: inout CodeScanner, receiver: String, name: String, line: Int, _ uses: inout [CodeUse]
  ) {
    switch name {
    case "rpc":
      guard let function = scanner.firstString(), isName(function) else { return }
      uses.append(CodeUse(name: .function(function), line: line, by: "rpc"))
    case "schema": scanner.schema = scanner.firstString()
    case "from":
      let schema = scanner.schema
      scanner.schema = nil
      scanner.table = nil
      guard !notClients.contains(receiver), let text = scanner.firstString(), isQualified(text) else { return }
      let table = schema.map { "\($0).\(text)" } ?? text
      scanner.table = table
      uses.append(CodeUse(name: .table(table), line: line, by: "from"))
    case "select":
      guard let table = scanner.table, let list = scanner.firstString() else { return }
      for column in columns(of: list) { uses.append(CodeUse(name: .column(table, column), line: line, by: "select")) }
    case _ where filters.contains(name):
      guard let table = scanner.table, let column = scanner.firstString(), isName(column) else { return }
      uses.append(CodeUse(name: .column(table, column), line: line, by: name))
    case "insert", "update", "upsert":
      guard let table = scanner.table else { return }
      for (key, line) in scanner.keysOfObject() {
        uses.append(CodeUse(name: .column(table, key), line: line, by: name))
      }
    default: break
    }
  }

  /// PostgREST's list of columns: `id, name:full_name, total::text, lines (id)`; what is embedded is another table.
  private static func columns(of list: String) -> [String] {
    var depth = 0
    var parts: [String] = [""]
    for character in list {
      if character == "(" { depth += 1 }
      if character == ",", depth == 0 { parts.append("") } else { parts[parts.count - 1].append(character) }
      if character == ")" { depth -= 1 }
    }
    return parts.compactMap { part in
      var text = part.filter { !$0.isWhitespace }
      guard !text.contains("("), !text.contains("!"), !text.contains("$"), !text.hasPrefix("...") else { return nil }
      if let cast = text.range(of: "::") { text = String(text[..<cast.lowerBound]) }
      if let path = text.range(of: "->") { text = String(text[..<path.lowerBound]) }
      if let alias = text.firstIndex(of: ":") { text = String(text[text.index(after: alias)...]) }
      return isName(text) && text != "count" ? text : nil
    }
  }

  /// A string that is SQL: the tables that it reads or writes.
  private static func sql(_ text: String, line: Int, _ uses: inout [CodeUse]) {
    let head = text.drop { $0.isWhitespace }.prefix(8).lowercased()
    guard ["select ", "insert ", "update ", "delete ", "with ", "select\n", "truncate"].contains(where: head.hasPrefix)
    else { return }
    let tokens = PostgresSQL.tokens(text)
    let words = Set(tokens.lazy.filter { $0.kind == .word }.map(\.name))
    guard words.contains("from") || words.contains("into") || words.contains("set") else { return }
    // Names that WITH gives are no tables: name AS (.
    var own: Set<String> = []
    for (index, token) in tokens.enumerated() where token.isWord("as") && index > 0 && index + 1 < tokens.count {
      if tokens[index + 1].isSymbol("(") || tokens[index + 1].isWord("materialized") {
        own.insert(tokens[index - 1].name)
      }
    }
    let starts = text.utf8
    for (index, token) in tokens.enumerated() where index + 1 < tokens.count {
      switch token.name {
      case "from":
        // EXTRACT(epoch FROM x), IS DISTINCT FROM x, substring(x FROM 1).
        if index > 0, tokens[index - 1].isWord("distinct") { continue }
        if index > 2, tokens[index - 2].isSymbol("("),
          ["extract", "substring", "trim", "overlay"].contains(tokens[index - 3].name)
        {
          continue
        }
      case "join", "into": break
      case "update":
        let before = index > 0 ? tokens[index - 1].name : ""
        if ["do", "for", "key", "on"].contains(before) { continue }
      default: continue
      }
      guard token.kind == .word else { continue }
      var place = index + 1
      if tokens[place].isWord("only") { place += 1 }
      guard place < tokens.count, tokens[place].kind == .word || tokens[place].kind == .quoted else { continue }
      var name = tokens[place].name
      if place + 2 < tokens.count, tokens[place + 1].isSymbol("."), [.word, .quoted].contains(tokens[place + 2].kind) {
        name += ".\(tokens[place + 2].name)"
        place += 2
      } else if own.contains(name) || ["select", "lateral", "unnest", "values", "set"].contains(name) {
        continue
      }
      if token.isWord("from") || token.isWord("join"), place + 1 < tokens.count, tokens[place + 1].isSymbol("(") {
        continue
      }
      if ["pg_catalog", "information_schema"].contains(String(name.prefix { $0 != "." })) || name.hasPrefix("pg_") {
        continue
      }
      // English reads like SQL: "select a seat from the list".
      guard isQualified(name),
        !["the", "a", "an", "this", "that", "your", "our", "my", "all", "any", "each"].contains(name)
      else { continue }
      let lines = starts.prefix(tokens[place].range.lowerBound).count { $0 == 0x0A }
      uses.append(CodeUse(name: .table(name), line: line + lines, by: "SQL", statement: text))
    }
  }

  /// `model Order { id Int @id; total Int @map("sum") @@map("orders") }`.
  private static func prisma(_ bytes: [UInt8]) -> [CodeUse] {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    let scalars: Set<String> = [
      "String", "Int", "BigInt", "Float", "Decimal", "Boolean", "DateTime", "Json", "Bytes", "Unsupported",
    ]
    var kinds = scalars
    for line in lines {
      let words = line.split { $0.isWhitespace }
      if words.count > 1, words[0] == "enum" { kinds.insert(String(words[1])) }
    }
    func quoted(_ marker: String, _ line: Substring) -> String? {
      guard let mark = line.range(of: "\(marker)(") else { return nil }
      let rest = line[mark.upperBound...].drop { $0 != "\"" }.dropFirst()
      return String(rest.prefix { $0 != "\"" })
    }
    var uses: [CodeUse] = []
    var model: (name: String, line: Int, columns: [(String, Int)])?
    var schema: String?
    for (index, line) in lines.enumerated() {
      let words = line.split { $0.isWhitespace }
      guard let first = words.first, !first.hasPrefix("//") else { continue }
      if words.count > 2, first == "model", words[2].hasPrefix("{") {
        model = (String(words[1]), index + 1, [])
        schema = nil
      } else if first == "}", let done = model {
        let table = schema.map { "\($0).\(done.name)" } ?? done.name
        uses.append(CodeUse(name: .table(table), line: done.line, by: "Prisma"))
        for (column, line) in done.columns {
          uses.append(CodeUse(name: .column(table, column), line: line, by: "Prisma"))
        }
        model = nil
      } else if model != nil {
        if let name = quoted("@@map", line) {
          model?.name = name
        } else if let name = quoted("@@schema", line) {
          schema = name
        } else if !first.hasPrefix("@@"), words.count > 1 {
          let type = words[1].prefix { $0.isLetter || $0.isNumber || $0 == "_" }
          if kinds.contains(String(type)), !line.contains("@ignore") {
            model?.columns.append((quoted(" @map", line) ?? String(first), index + 1))
          }
        }
      }
    }
    return uses
  }

  /// `__tablename__ = "orders"`, with the columns that follow: `total = Column(…)`, `total: Mapped[int] = mapped_column("sum")`.
  private static func alchemy(_ bytes: [UInt8], _ uses: inout [CodeUse]) {
    var table: String?
    for (index, line) in String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
      .enumerated()
    {
      let bare = line.drop { $0 == " " || $0 == "\t" }
      if bare.hasPrefix("class ") { table = nil }
      if bare.hasPrefix("__tablename__"), let quote = bare.firstIndex(where: { $0 == "\"" || $0 == "'" }) {
        let name = String(bare[bare.index(after: quote)...].prefix { $0 != bare[quote] })
        guard isName(name) else { continue }
        table = name
        uses.append(CodeUse(name: .table(name), line: index + 1, by: "SQLAlchemy"))
        continue
      }
      guard let table, let mark = bare.range(of: "Column(") ?? bare.range(of: "mapped_column(") else { continue }
      let attribute = String(bare.prefix { CodeScanner.isLetter($0.utf8.first ?? 0) || $0.isNumber })
      guard isName(attribute), bare.contains("=") else { continue }
      let argument = bare[mark.upperBound...].drop { $0 == " " }
      var column = attribute
      if let quote = argument.first, quote == "\"" || quote == "'" {
        column = String(argument.dropFirst().prefix { $0 != quote })
      }
      uses.append(CodeUse(name: .column(table, column), line: index + 1, by: "SQLAlchemy"))
    }
  }
}
