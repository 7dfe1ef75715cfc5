import GonogoCore

/// Alembic's operations as the SQL that they send: `op.create_table`, `op.create_index`, `op.add_column`, `op.alter_column`.
///
/// No statement is longer than the call that it stands for, so it is written over the call, and places stay.
enum AlembicOperations {
  static func write(_ python: PythonText, _ body: Range<Int>, into blank: inout [UInt8]) -> Bool {
    var isWritten = false
    func put(_ sql: String, _ call: Range<Int>, _ name: String) {
      var place = call.lowerBound - name.utf8.count - 1
      let end = min(call.upperBound + 1, blank.count)
      var written = blank
      for token in sql.split(separator: " ") {
        let bytes = Array(token.utf8)
        // Ends of lines stay where they are, and no word goes over one.
        while place + bytes.count <= end, let line = blank[place..<place + bytes.count].lastIndex(of: 0x0A) {
          place = line + 1
        }
        guard place + bytes.count <= end else { return }
        written.replaceSubrange(place..<place + bytes.count, with: bytes)
        place += bytes.count + 1
      }
      blank = written
      isWritten = true
    }
    for call in python.calls("op.create_table", in: body) {
      guard let table = names(python, call, 1)?.first else { continue }
      put("CREATE TABLE \(table) ( ) ;", call, "op.create_table")
    }
    for call in python.calls("op.create_index", in: body) {
      guard let names = names(python, call, 2) else { continue }
      let text = python.text(call).filter { $0 != " " }
      let unique = text.contains("unique=True") ? "UNIQUE " : ""
      let way = text.contains("postgresql_concurrently=True") ? "CONCURRENTLY " : ""
      put("CREATE \(unique)INDEX \(way)\(names[0]) ON \(names[1]) (x) ;", call, "op.create_index")
    }
    for call in python.calls("op.add_column", in: body) {
      let text = python.text(call).filter { $0 != " " && $0 != "\n" }
      guard let names = names(python, call, 2), text.contains("nullable=False"), !text.contains("server_default="),
        !text.contains("Identity("), !text.contains("Computed(")
      else { continue }
      put("ALTER TABLE \(names[0]) ADD \(names[1]) int NOT NULL ;", call, "op.add_column")
    }
    for call in python.calls("op.alter_column", in: body) {
      let text = python.text(call).filter { $0 != " " && $0 != "\n" }
      guard let names = names(python, call, 2), text.contains("nullable=False"),
        !text.contains("existing_nullable=False")
      else {
        continue
      }
      put("ALTER TABLE \(names[0]) ALTER \(names[1]) SET NOT NULL ;", call, "op.alter_column")
    }
    return isWritten
  }

  /// The first strings of a call, where they are plain names and belong to no named schema.
  private static func names(_ python: PythonText, _ call: Range<Int>, _ count: Int) -> [String]? {
    let literals = python.literals(in: call).prefix(count)
    guard literals.count == count, !python.text(call).contains("schema=") else { return nil }
    let names = literals.map { python.text($0.range) }
    let isPlain = names.allSatisfy { name in
      !name.isEmpty
        && name.utf8.allSatisfy {
          ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A || $0 == 0x5F || (0x30...0x39).contains($0)
        }
        && !(0x30...0x39).contains(name.utf8.first ?? 0x30)
    }
    guard isPlain, let first = literals.first else { return nil }
    // What stands before the first: nothing, or `op.f(`, which marks a name as whole.
    let head = python.text(call.lowerBound..<first.range.lowerBound).filter { !" \n\"'".contains($0) }
    guard head.isEmpty || head == "op.f(" else { return nil }
    return names.contains { reserved.contains($0.lowercased()) } ? nil : names
  }

  /// Words that PostgreSQL takes for no name unless they are quoted.
  private static let reserved: Set<String> = [
    "user", "order", "group", "table", "column", "select", "from", "where", "end", "check", "default", "references",
    "limit",
    "offset", "all", "and", "or", "not", "null", "primary", "unique", "to", "desc", "asc", "case", "when", "then",
    "else",
    "grant", "analyze", "analyse", "array", "as", "both", "cast", "collate", "constraint", "create", "current_user",
    "do",
    "except", "false", "true", "fetch", "for", "foreign", "having", "in", "initially", "intersect", "into", "lateral",
    "leading", "on", "only", "placing", "returning", "some", "symmetric", "trailing", "union", "using", "variadic",
    "window",
    "with",
  ]
}
