import GonogoCore

/// The statements of one file, each parsed once however often it is asked about.
struct ParsedStatements {
  private var known: [[UInt8]: SQLText] = [:]

  mutating func of(_ text: [UInt8]) -> SQLText {
    if let sql = known[text] { return sql }
    let sql = SQLParser.parse(text)
    known[text] = sql
    return sql
  }
}

/// The columns that a statement in a program's string names, each with its table where the statement alone tells which that is.
enum StatementColumns {
  struct Column: Hashable {
    /// As it is written: `orders`, `shop.orders`.
    let table: String
    let column: String
  }

  /// - Parameter text: SQL with a driver's own parameters: `%s`, `%(id)s`, `:id`, `?`, `${id}`.
  /// - Returns: nothing where PostgreSQL's parser does not take it.
  static func columns(of text: String, _ parsed: inout ParsedStatements) -> Set<Column> {
    let sql = parsed.of(withParameters(text))
    guard sql.failures.isEmpty, sql.unread == nil, sql.statements.count == 1, let node = sql.statements.first?.node,
      node.nodes("CommonTableExpr").isEmpty
    else { return [] }
    let target = node["relation"].flatMap(table)
    var tables = node.nodes("RangeVar").compactMap(table)
    if let target, !tables.contains(where: { $0 == target }) { tables.append(target) }
    var result: Set<Column> = []
    // What SELECT gives a name of its own may be meant where that name stands again.
    let own = Set(node.nodes("ResTarget").compactMap { $0["val"] == nil ? nil : $0.text("name") })
    for reference in node.nodes("ColumnRef") {
      let names = reference.list("fields").compactMap(\.name)
      guard let column = names.last, names.count == reference.list("fields").count else { continue }
      if names.count == 1, tables.count == 1, !own.contains(column) {
        result.insert(Column(table: tables[0].name, column: column))
      } else if names.count == 2 {
        let named = tables.filter { $0.alias == names[0] }
        if named.count == 1 { result.insert(Column(table: named[0].name, column: column)) }
      }
    }
    // INSERT INTO t (a, b), UPDATE t SET a = …, b = ….
    if let target {
      for key in ["cols", "targetList"] {
        for item in node.list(key) {
          if let name = item["ResTarget"]?.text("name") { result.insert(Column(table: target.name, column: name)) }
        }
      }
    }
    return result
  }

  private struct Table: Equatable {
    let name: String
    let alias: String
  }

  private static func table(_ node: JSON) -> Table? {
    guard let name = node.text("relname") else { return nil }
    return Table(
      name: node.text("schemaname").map { "\($0).\(name)" } ?? name, alias: node["alias"]?.text("aliasname") ?? name)
  }

  /// Parameters of drivers as PostgreSQL's own: `$1`.
  private static func withParameters(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var index = 0
    var quote: UInt8 = 0
    func byte(_ offset: Int) -> UInt8 { index + offset < bytes.count ? bytes[index + offset] : 0 }
    func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A || byte == 0x5F }
    func put(skipping count: Int) {
      result += "$1".utf8
      index += count
    }
    while index < bytes.count {
      let here = bytes[index]
      if quote != 0 || here == UInt8(ascii: "'") || here == UInt8(ascii: "\"") {
        if quote == 0 { quote = here } else if here == quote { quote = 0 }
        result.append(here)
        index += 1
      } else if here == UInt8(ascii: "%"), byte(1) == UInt8(ascii: "s") {
        put(skipping: 2)
      } else if here == UInt8(ascii: "%") && byte(1) == UInt8(ascii: "(")
        || here == UInt8(ascii: "$") && byte(1) == UInt8(ascii: "{")
      {
        let close = here == UInt8(ascii: "%") ? UInt8(ascii: "s") : UInt8(ascii: "}")
        let from = here == UInt8(ascii: "%") ? bytes[index...].firstIndex(of: UInt8(ascii: ")")) ?? index : index
        guard let end = bytes[from...].firstIndex(of: close) else { return bytes }
        put(skipping: end - index + 1)
      } else if here == UInt8(ascii: "?") {
        put(skipping: 1)
      } else if here == UInt8(ascii: ":"), isLetter(byte(1)), result.last != here {
        var length = 1
        while isLetter(byte(length)) || (0x30...0x39).contains(byte(length)) { length += 1 }
        put(skipping: length)
      } else {
        result.append(here)
        index += 1
      }
    }
    return result
  }
}
