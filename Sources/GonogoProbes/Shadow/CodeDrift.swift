import GonogoCore
import GonogoSystem

/// Tables, columns and functions that a shadow database has.
struct ShadowCatalogue {
  /// `schema.table`, views too, with its columns.
  var tables: [String: Set<String>] = [:]
  /// Names alone, in any schema that is not the server's.
  var functions: Set<String> = []

  /// In schemas of the application's own.
  var tableNames: [String] { tables.keys.filter { !Self.platform.contains(String($0.prefix { $0 != "." })) }.sorted() }

  static let platform: Set<String> = [
    "auth", "storage", "realtime", "_realtime", "graphql", "graphql_public", "vault", "pgsodium", "extensions", "cron",
    "net",
    "supabase_functions", "supabase_migrations", "pg_catalog", "information_schema", "pgmq",
  ]

  static func read(_ database: ShadowDatabase, deadline: PostgresDeadline) throws(ProbeError) -> ShadowCatalogue {
    var catalogue = ShadowCatalogue()
    do throws(ShadowConnection.Break) {
      let connection = try ShadowConnection.open(database.connection, deadline: deadline)
      let columns = try connection.rows(
        """
        SELECT n.nspname || '.' || c.relname, a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
        """, deadline: deadline)
      for row in columns {
        guard let table = row[0] else { continue }
        catalogue.tables[table, default: []].formUnion(row[1].map { [$0] } ?? [])
      }
      let functions = try connection.rows(
        "SELECT DISTINCT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')",
        deadline: deadline)
      catalogue.functions = Set(functions.compactMap { $0[0] })
    } catch {
      if case .late = error { throw ShadowCluster.late("the look at its catalogue") }
      throw ProbeError(.unexpected, "the shadow database's catalogue cannot be read", asked: "shadow database")
    }
    return catalogue
  }

  /// The columns of a table by its name alone or with its schema.
  func columns(of name: String) -> Set<String>? {
    if name.contains(".") { return tables[name] }
    if let found = tables["public.\(name)"] { return found }
    return tables.first { $0.key.hasSuffix(".\(name)") }?.value
  }
}

/// What the application's code names and no migration makes: in the calls of Supabase's clients, in SQL inside strings, in
/// the models of Prisma, Drizzle and SQLAlchemy.
struct CodeDrift {
  /// How many distinct names the code holds.
  private(set) var named = 0
  private(set) var missing: [JSON] = []

  private enum Name: Hashable {
    case table(String)
    case column(String, String)
    case function(String)
  }

  private struct Use {
    let name: Name
    let line: Int
    let by: String
  }

  static let sizeLimit = 4 << 20

  static func read(_ patterns: [String], directory: String, catalogue: ShadowCatalogue, deadline: PostgresDeadline)
    throws(ProbeError) -> CodeDrift
  {
    var paths: Set<String> = []
    let root = directory.isEmpty ? "." : directory
    for pattern in patterns {
      do throws(SystemError) { paths.formUnion(try FileSystem.glob(pattern, in: root)) } catch {
        throw ProbeError(
          error.isDenied ? .denied : .unexpected, "the code cannot be read: \(error)", asked: pattern,
          mend: "correct `code`; it is seen from the document")
      }
    }
    paths = paths.filter { !$0.split(separator: "/").contains("node_modules") }
    if paths.isEmpty {
      throw ProbeError(
        .missing, "no file matches \(patterns.joined(separator: ", "))", asked: patterns.joined(separator: ", "),
        mend: "correct `code`; it is seen from the document, and `**` is any number of directories")
    }
    var first: [Name: (file: String, line: Int, by: String)] = [:]
    for path in paths.sorted() {
      if deadline.left <= 0 { throw ShadowCluster.late("the reading of \(path)") }
      guard let bytes = try? FileSystem.read(FileSystem.join(root, path), limit: sizeLimit) else { continue }
      for use in uses(in: bytes, path: path) where first[use.name] == nil { first[use.name] = (path, use.line, use.by) }
    }
    var drift = CodeDrift()
    drift.named = first.count
    var found: [(String, Int, JSON)] = []
    for (name, place) in first {
      let kind: String
      let text: String
      switch name {
      case .table(let table):
        if catalogue.columns(of: table) != nil { continue }
        (kind, text) = ("table", table)
      case .function(let function):
        if catalogue.functions.contains(function) { continue }
        (kind, text) = ("function", function)
      case .column(let table, let column):
        // A table that is missing is told once, and not for each of its columns.
        guard let columns = catalogue.columns(of: table), !columns.contains(column) else { continue }
        (kind, text) = ("column", "\(table).\(column)")
      }
      found.append(
        (
          place.file, place.line,
          [
            "kind": .string(kind), "name": .string(text), "file": .string(place.file), "line": JSON(place.line),
            "by": .string(place.by),
          ]
        ))
    }
    drift.missing = found.sorted { a, b in
      if a.0 != b.0 { return a.0 < b.0 }
      return a.1 != b.1 ? a.1 < b.1 : (a.2["name"]?.stringValue ?? "") < (b.2["name"]?.stringValue ?? "")
    }.map(\.2)
    return drift
  }

  private static func uses(in bytes: [UInt8], path: String) -> [Use] {
    var scanner = CodeScanner(bytes)
    if path.hasSuffix(".prisma") { return prisma(bytes) }
    var uses: [Use] = []
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
    _ scanner: inout CodeScanner, receiver: String, name: String, line: Int, _ uses: inout [Use]
  ) {
    switch name {
    case "rpc":
      guard let function = scanner.firstString(), isName(function) else { return }
      uses.append(Use(name: .function(function), line: line, by: "rpc"))
    case "schema": scanner.schema = scanner.firstString()
    case "from":
      let schema = scanner.schema
      scanner.schema = nil
      scanner.table = nil
      guard !notClients.contains(receiver), let text = scanner.firstString(), isQualified(text) else { return }
      let table = schema.map { "\($0).\(text)" } ?? text
      scanner.table = table
      uses.append(Use(name: .table(table), line: line, by: "from"))
    case "select":
      guard let table = scanner.table, let list = scanner.firstString() else { return }
      for column in columns(of: list) { uses.append(Use(name: .column(table, column), line: line, by: "select")) }
    case _ where filters.contains(name):
      guard let table = scanner.table, let column = scanner.firstString(), isName(column) else { return }
      uses.append(Use(name: .column(table, column), line: line, by: name))
    case "insert", "update", "upsert":
      guard let table = scanner.table else { return }
      for (key, line) in scanner.keysOfObject() { uses.append(Use(name: .column(table, key), line: line, by: name)) }
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
  private static func sql(_ text: String, line: Int, _ uses: inout [Use]) {
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
      guard isQualified(name) else { continue }
      let lines = starts.prefix(tokens[place].range.lowerBound).count { $0 == 0x0A }
      uses.append(Use(name: .table(name), line: line + lines, by: "SQL"))
    }
  }

  /// `model Order { id Int @id; total Int @map("sum") @@map("orders") }`.
  private static func prisma(_ bytes: [UInt8]) -> [Use] {
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
    var uses: [Use] = []
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
        uses.append(Use(name: .table(table), line: done.line, by: "Prisma"))
        for (column, line) in done.columns { uses.append(Use(name: .column(table, column), line: line, by: "Prisma")) }
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
  private static func alchemy(_ bytes: [UInt8], _ uses: inout [Use]) {
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
        uses.append(Use(name: .table(name), line: index + 1, by: "SQLAlchemy"))
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
      uses.append(Use(name: .column(table, column), line: index + 1, by: "SQLAlchemy"))
    }
  }
}

/// As much of the lexical structure of JavaScript, TypeScript, Python, Go and their like as is needed to find calls and
/// strings outside of comments.
struct CodeScanner {
  enum Token {
    /// `receiver.name(`
    case call(receiver: String, name: String, line: Int)
    case string(String, line: Int)
    case other
  }

  private let bytes: [UInt8]
  private var index = 0
  private var line = 1
  private var words: [String] = []
  /// What the chain of calls is about.
  var table: String?
  var schema: String?

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  static func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "_") || byte >= 0x80
  }

  private func at(_ offset: Int) -> UInt8 { index + offset < bytes.count ? bytes[index + offset] : 0 }

  private mutating func skipBlanks() {
    while index < bytes.count, bytes[index] <= 0x20 {
      if bytes[index] == 0x0A { line += 1 }
      index += 1
    }
  }

  mutating func next() -> Token? {
    skipBlanks()
    guard index < bytes.count else { return nil }
    let byte = bytes[index]
    if byte == UInt8(ascii: "/"), at(1) == UInt8(ascii: "/") {
      while index < bytes.count, bytes[index] != 0x0A { index += 1 }
      return .other
    }
    if byte == UInt8(ascii: "#"), index == 0 || bytes[index - 1] <= 0x20 {
      while index < bytes.count, bytes[index] != 0x0A { index += 1 }
      return .other
    }
    if byte == UInt8(ascii: "/"), at(1) == UInt8(ascii: "*") {
      index += 2
      while index < bytes.count, !(bytes[index] == UInt8(ascii: "*") && at(1) == UInt8(ascii: "/")) {
        if bytes[index] == 0x0A { line += 1 }
        index += 1
      }
      index += 2
      return .other
    }
    if let text = string() { return .string(text.text, line: text.line) }
    if Self.isLetter(byte) || byte == UInt8(ascii: "$") {
      let start = index
      while index < bytes.count,
        Self.isLetter(bytes[index]) || bytes[index] == UInt8(ascii: "$") || (0x30...0x39).contains(bytes[index])
      {
        index += 1
      }
      let word = String(decoding: bytes[start..<index], as: UTF8.self)
      words.append(word)
      if words.count > 8 { words.removeFirst(4) }
      let called = line
      // A type argument: .from<Row>('orders').
      var place = index
      if place < bytes.count, bytes[place] == UInt8(ascii: "<") {
        while place < bytes.count, bytes[place] != UInt8(ascii: ">"), bytes[place] != 0x0A { place += 1 }
        place += 1
      }
      guard place < bytes.count, bytes[place] == UInt8(ascii: "(") else { return .other }
      // Drizzle and SQLAlchemy's core name a table in a call of their own.
      if ["pgTable", "Table"].contains(word) {
        index = place + 1
        return .call(receiver: "", name: "from", line: called)
      }
      guard start > 0 else { return .other }
      var before = start - 1
      while before > 0, bytes[before] <= 0x20 { before -= 1 }
      guard bytes[before] == UInt8(ascii: ".") else { return .other }
      index = place + 1
      return .call(receiver: words.dropLast().last ?? "", name: word, line: called)
    }
    if byte == UInt8(ascii: ";") || byte == UInt8(ascii: "}") {
      table = nil
      schema = nil
    }
    if byte != UInt8(ascii: "."), byte != UInt8(ascii: "?"), byte != UInt8(ascii: "!") { words = [] }
    index += 1
    return .other
  }

  private mutating func string() -> (text: String, line: Int)? {
    let quote = bytes[index]
    guard quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "`") else { return nil }
    let started = line
    let triple = at(1) == quote && at(2) == quote && quote != UInt8(ascii: "`")
    if !triple, at(1) == quote {
      index += 2
      return ("", started)
    }
    var text: [UInt8] = []
    index += triple ? 3 : 1
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\\"), index + 1 < bytes.count {
        text.append(bytes[index + 1])
        if bytes[index + 1] == 0x0A { line += 1 }
        index += 2
        continue
      }
      if byte == quote, !triple || at(1) == quote && at(2) == quote {
        index += triple ? 3 : 1
        break
      }
      if byte == 0x0A {
        // An apostrophe in a text that is no string ends with its line.
        if !triple, quote != UInt8(ascii: "`") { break }
        line += 1
      }
      text.append(byte)
      index += 1
    }
    return (String(decoding: text, as: UTF8.self), started)
  }

  /// The first argument of the call that was just met, where it is a string.
  mutating func firstString() -> String? {
    skipBlanks()
    guard index < bytes.count else { return nil }
    return string()?.text
  }

  /// The keys of the object that is the first argument, or the first of its list.
  mutating func keysOfObject() -> [(String, Int)] {
    skipBlanks()
    if at(0) == UInt8(ascii: "[") {
      index += 1
      skipBlanks()
    }
    guard at(0) == UInt8(ascii: "{") else { return [] }
    // Looked at ahead: what stands inside is met again as code.
    var ahead = self
    ahead.index += 1
    var keys: [(String, Int)] = []
    var depth = 1
    var expectsKey = true
    while depth > 0, ahead.index < ahead.bytes.count {
      ahead.skipBlanks()
      let byte = ahead.at(0)
      if byte == UInt8(ascii: "/"), ahead.at(1) == byte || ahead.at(1) == UInt8(ascii: "*") {
        _ = ahead.next()
        continue
      }
      if let text = ahead.index < ahead.bytes.count ? ahead.string() : nil {
        ahead.skipBlanks()
        if depth == 1, expectsKey, ahead.at(0) == UInt8(ascii: ":") { keys.append((text.text, text.line)) }
        expectsKey = false
        continue
      }
      if Self.isLetter(byte) {
        let start = ahead.index
        let line = ahead.line
        while Self.isLetter(ahead.at(0)) || (0x30...0x39).contains(ahead.at(0)) { ahead.index += 1 }
        let word = String(decoding: ahead.bytes[start..<ahead.index], as: UTF8.self)
        ahead.skipBlanks()
        let next = ahead.at(0)
        if depth == 1, expectsKey, next == UInt8(ascii: ":") || next == UInt8(ascii: ",") || next == UInt8(ascii: "}") {
          keys.append((word, line))
        }
        expectsKey = false
        continue
      }
      switch byte {
      case UInt8(ascii: "{"), UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: ","): if depth == 1 { expectsKey = true }
      default: expectsKey = false
      }
      ahead.index += 1
    }
    return keys
  }
}
