import GonogoCore
import GonogoProbes

/// Names of indexes and tables in a document that is a checklist.
enum DocumentNames {
  struct Name: Sendable {
    let name: String
    let isTable: Bool
    let position: SourcePosition
  }

  /// The names of a document with task items, each once; nothing of another document.
  static func read(_ text: SourceFile) -> [Name] {
    var names: [Name] = []
    var seen: Set<String> = []
    var hasTasks = false
    var fence: (marks: String, isSQL: Bool, first: Int)?
    for number in 1...max(1, text.lineCount) {
      let line = String(decoding: text.line(number), as: UTF8.self)
      let bare = line.drop { $0 == " " || $0 == "\t" }
      if let open = fence {
        guard bare.hasPrefix(open.marks) else { continue }
        if open.isSQL {
          for (name, position) in created(text, open.first..<number) where seen.insert(name).inserted {
            names.append(Name(name: name, isTable: false, position: position))
          }
        }
        fence = nil
        continue
      }
      if bare.hasPrefix("```") {
        fence = (String(bare.prefix { $0 == "`" }), bare.drop { $0 == "`" }.lowercased().hasPrefix("sql"), number + 1)
        continue
      }
      let isTask = ["- [ ]", "- [x]", "- [X]", "* [ ]", "* [x]", "+ [ ]", "+ [x]"].contains { bare.hasPrefix($0) }
      hasTasks = hasTasks || isTask
      for (span, column) in spans(line) where isName(span) {
        let isIndex = span.hasPrefix("idx_") || span.hasSuffix("_idx")
        let isTable = !isIndex && isTask && isNamedTable(line, column, span)
        guard isIndex || isTable, seen.insert(span).inserted else { continue }
        names.append(Name(name: span, isTable: isTable, position: SourcePosition(line: number, column: column)))
      }
    }
    return hasTasks ? names : []
  }

  /// "tables: `a`, `b`", "table `a`", "`a` table".
  private static func isNamedTable(_ line: String, _ column: Int, _ span: String) -> Bool {
    let bytes = Array(line.lowercased().utf8)
    guard bytes.count == line.utf8.count, column + span.utf8.count <= bytes.count else { return false }
    let before = String(decoding: bytes[..<(column - 2)], as: UTF8.self)
    let after = String(decoding: bytes[(column + span.utf8.count)...], as: UTF8.self)
    if after.hasPrefix(" table ") || after.hasPrefix(" table,") || after == " table" { return true }
    // Spans and what joins them, back to the word.
    var rest = before
    while true {
      let bare = rest.reversed().drop { " ,&".contains($0) }
      rest = String(bare.reversed())
      if rest.hasSuffix(" and") { rest = String(rest.dropLast(4)) }
      guard rest.hasSuffix("`"), let open = rest.dropLast().lastIndex(of: "`") else { break }
      rest = String(rest[..<open])
    }
    return ["tables:", "tables", "table", "tables exist:", "tables are:"].contains { word in
      rest == word || rest.hasSuffix(" " + word) || rest.hasSuffix("*" + word) || rest.hasSuffix("-" + word)
    }
  }

  private static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, (0x61...0x7A).contains(first), text.utf8.count > 2 else { return false }
    return text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_") }
  }

  /// Code spans of a line, with the column of their first byte, from 1.
  private static func spans(_ line: String) -> [(String, Int)] {
    var result: [(String, Int)] = []
    var start: Int?
    let bytes = Array(line.utf8)
    for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "`") {
      if let from = start {
        result.append((String(decoding: bytes[from..<index], as: UTF8.self), from + 1))
        start = nil
      } else {
        start = index + 1
      }
    }
    return result
  }

  /// The indexes that a block of SQL creates, read by PostgreSQL's parser, at their names.
  private static func created(_ text: SourceFile, _ lines: Range<Int>) -> [(String, SourcePosition)] {
    guard let first = lines.first, let last = lines.last else { return [] }
    let start = text.lineStarts[first - 1]
    let end = last < text.lineStarts.count ? text.lineStarts[last] : text.bytes.count
    let bytes = Array(text.bytes[start..<end])
    return SQLParser.parse(bytes).statements.compactMap { statement in
      guard statement.kind == "IndexStmt", let name = statement.node.text("idxname") else { return nil }
      let source = String(decoding: bytes[statement.range], as: UTF8.self)
      let token = PostgresSQL.tokens(source).first { $0.name == name }
      let offset = start + statement.range.lowerBound + (token?.range.lowerBound ?? 0)
      return (name, text.position(of: offset))
    }
  }
}
