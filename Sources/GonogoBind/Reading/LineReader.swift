private import CCMark
import Glibc
import GonogoCore

/// Markdown to the lines that may be bound.
public struct LineReader {
  /// The document as it is read: mended where its encoding was broken. Its lines are those of the file.
  public let text: String
  /// The text was written through the wrong encoding, and was mended for reading.
  public let mended: Bool
  /// The file is not UTF-8, so a copy with blocks in it could not keep its bytes.
  public let isForeign: Bool

  public init(_ raw: [UInt8]) {
    if raw.starts(with: [0xFF, 0xFE]) || raw.starts(with: [0xFE, 0xFF]) {
      let little = raw[0] == 0xFF
      let units = stride(from: 2, to: raw.count - 1, by: 2).map { index -> UInt16 in
        little ? UInt16(raw[index]) | UInt16(raw[index + 1]) << 8 : UInt16(raw[index]) << 8 | UInt16(raw[index + 1])
      }
      (text, mended) = (String(decoding: units, as: UTF16.self), false)
      isForeign = true
      return
    }
    isForeign = false
    if let valid = String(validating: raw, as: UTF8.self) {
      (text, mended) = Mojibake.mended(valid)
    } else {
      (text, mended) = (Mojibake.decode(raw), true)
    }
  }

  /// Somebody's front matter, Gonogo's or not, stands at the head.
  static func hasFrontMatter(_ raw: [UInt8]) -> Bool { LineWalk.frontMatterLines(SourceFile(name: "", bytes: raw)) > 0 }

  public func lines() -> [ChecklistLine] {
    let file = SourceFile(name: "", bytes: text.utf8.map { $0 == 0 ? UInt8(ascii: "?") : $0 })
    var walk = LineWalk(file: file)
    walk.run()
    return walk.lines
  }
}

private struct LineWalk {
  let file: SourceFile
  var lines: [ChecklistLine] = []
  private var headings: [(level: Int, title: String)] = []
  private var lead = ""
  private var quotes = 0
  /// The items around: each with its place in `lines`, where it has one.
  private var items: [(slot: Int?, text: String, isRead: Bool)] = []
  private let skipped: Int

  init(file: SourceFile) {
    self.file = file
    skipped = Self.frontMatterLines(file)
  }

  /// How many lines the front matter takes, whoever's it is.
  static func frontMatterLines(_ file: SourceFile) -> Int {
    func isFence(_ line: Int) -> Bool {
      var text = String(decoding: file.line(line), as: UTF8.self)
      if line == 1, text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
      while text.last == " " { text.removeLast() }
      return text == "---" || line > 1 && text == "..."
    }
    guard isFence(1), file.lineCount > 2, let close = (2...file.lineCount).first(where: isFence) else { return 0 }
    // A rule between two paragraphs is no front matter: that begins with a key.
    let first = String(decoding: file.line(2), as: UTF8.self)
    return close > 2 && first.contains(":") ? close : 0
  }

  mutating func run() {
    cmark_gfm_core_extensions_ensure_registered()
    guard let parser = cmark_parser_new(CMARK_OPT_DEFAULT) else { return }
    defer { cmark_parser_free(parser) }
    if let table = cmark_find_syntax_extension("table") { cmark_parser_attach_syntax_extension(parser, table) }
    var bytes = file.bytes
    for index in 0..<(skipped < file.lineCount ? file.lineStarts[skipped] : 0) where bytes[index] != 0x0A {
      bytes[index] = 0x20
    }
    bytes.withUnsafeBytes {
      cmark_parser_feed(parser, $0.bindMemory(to: CChar.self).baseAddress, $0.count)
    }
    guard let root = cmark_parser_finish(parser) else { return }
    defer { cmark_node_free(root) }
    guard let iterator = cmark_iter_new(root) else { return }
    defer { cmark_iter_free(iterator) }
    while true {
      let event = cmark_iter_next(iterator)
      if event == CMARK_EVENT_DONE { break }
      guard let node = cmark_iter_get_node(iterator) else { continue }
      let type = cmark_node_get_type(node)
      if event == CMARK_EVENT_EXIT {
        if type == CMARK_NODE_ITEM { items.removeLast() }
        if type == CMARK_NODE_BLOCK_QUOTE { quotes -= 1 }
        continue
      }
      if type == CMARK_NODE_BLOCK_QUOTE { quotes += 1 }
      if type == CMARK_NODE_ITEM { items.append((nil, "", false)) }
      if type == CMARK_NODE_HEADING { readHeading(node) }
      if type == CMARK_NODE_PARAGRAPH { readParagraph(node) }
      if type == CMARK_NODE_CODE_BLOCK { readCode(node) }
      if strcmp(cmark_node_get_type_string(node), "table") == 0 { readTable(node) }
    }
  }

  private var section: [String] { headings.map(\.title) }

  private func source(_ line: Int) -> String {
    var text = String(decoding: file.line(line), as: UTF8.self)
    if line == 1, text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
    return text
  }

  private mutating func readHeading(_ node: OpaquePointer) {
    let line = Int(cmark_node_get_start_line(node))
    let level = Int(cmark_node_get_heading_level(node))
    let (raw, mark) = Inline.unmarked(String(source(line).drop { $0 == " " || $0 == "#" }))
    headings = headings.filter { $0.level < level }
    if let mark {
      add(.heading, line, line, raw: raw, ticked: nil, mark: mark, indent: nil, parents: [])
    }
    headings.append((level, Inline.plain(raw)))
    lead = ""
  }

  private mutating func readParagraph(_ node: OpaquePointer) {
    let first = Int(cmark_node_get_start_line(node))
    let last = max(first, Int(cmark_node_get_end_line(node)))
    guard var parent = cmark_node_parent(node), let index = items.indices.last, !items[index].isRead else {
      readFreeParagraph(first, last)
      return
    }
    var column = Int(cmark_node_get_start_column(node)) - 1
    var inQuotes = quotes
    // `- >25% error rate` is a quotation to Markdown, and a bound to everybody else.
    if cmark_node_get_type(parent) == CMARK_NODE_BLOCK_QUOTE, let around = cmark_node_parent(parent),
      cmark_node_get_type(around) == CMARK_NODE_ITEM, cmark_node_previous(parent) == nil, first == last,
      let next = file.line(first).dropFirst(column).first, (0x30...0x39).contains(next)
    {
      column = Int(cmark_node_get_start_column(parent)) - 1
      parent = around
      inQuotes -= 1
    }
    guard cmark_node_get_type(parent) == CMARK_NODE_ITEM else {
      readFreeParagraph(first, last)
      return
    }
    items[index].isRead = true
    let body = String(decoding: file.line(first).dropFirst(column), as: UTF8.self)
    let rest = first < last ? ((first + 1)...last).map { Inline.trimmed(source($0)) } : []
    let (ticked, unboxed) = Inline.unboxed(([Inline.trimmed(body)] + rest).joined(separator: " "))
    let (raw, mark) = Inline.unmarked(unboxed)
    let list = cmark_node_parent(parent)
    let isStep = list.map { cmark_node_get_list_type($0) == CMARK_ORDERED_LIST } ?? false
    let parents = items.dropLast().map(\.text)
    let slot = lines.count
    add(
      ticked != nil ? .task : isStep ? .step : .bullet, first, last, raw: raw, ticked: ticked, mark: mark,
      indent: inQuotes > 0 ? nil : column, parents: parents)
    if let around = items.dropLast().last?.slot { lines[around].children.append(raw) }
    items[index].slot = slot
    items[index].text = Inline.plain(raw)
  }

  /// A paragraph of its own: what its list is about; and lines of it that bear a mark or a label say something themselves.
  private mutating func readFreeParagraph(_ first: Int, _ last: Int) {
    var texts: [String] = []
    for line in first...last {
      let (raw, mark) = Inline.unmarked(Inline.trimmed(source(line)))
      texts.append(Inline.plain(raw))
      if mark != nil || Inline.label(raw) != nil {
        add(.paragraph, line, line, raw: raw, ticked: nil, mark: mark, indent: nil, parents: items.map(\.text))
      }
    }
    if items.isEmpty { lead = texts.joined(separator: " ") }
  }

  private mutating func readTable(_ node: OpaquePointer) {
    var header: [String] = []
    var row = cmark_node_first_child(node)
    while let current = row {
      let line = Int(cmark_node_get_start_line(current))
      var cells = Inline.cells(source(line))
      if header.isEmpty {
        header = cells.map(Inline.plain)
      } else {
        var ticked: Bool?
        for cell in cells where ticked == nil { ticked = ["[ ]": false, "[x]": true, "[X]": true][cell] }
        cells = cells.filter { !["[ ]", "[x]", "[X]"].contains($0) }
        let (raw, mark) = Inline.row(cells)
        lines.append(
          ChecklistLine(
            kind: .row, number: line, lastLine: line, raw: raw, text: Inline.plain(raw), ticked: ticked, mark: mark,
            section: section, parents: items.map(\.text), lead: ([lead] + header).joined(separator: " "),
            cells: cells.map(Inline.plain), indent: nil))
      }
      row = cmark_node_next(current)
    }
  }

  private mutating func readCode(_ node: OpaquePointer) {
    let info = cmark_node_get_fence_info(node).map { String(cString: $0) } ?? ""
    let language = info.split(separator: " ").first.map { $0.lowercased() } ?? ""
    if info.contains("gonogo") { return }
    let literal = cmark_node_get_literal(node).map { String(cString: $0).replacing("\r\n", with: "\n") } ?? ""
    let start = Int(cmark_node_get_start_line(node)) + (info.isEmpty && !isFence(node) ? 0 : 1)
    if ["sql", "psql", "postgres", "postgresql", "pgsql"].contains(language)
      || language.isEmpty && Inline.sql.isFound(in: literal)
    {
      for (offset, lineCount, statement) in SQLStatements.split(literal) {
        add(
          .statement, start + offset, start + offset + lineCount - 1, raw: statement, ticked: nil, mark: nil,
          indent: nil, parents: items.map(\.text))
      }
      return
    }
    var heading = ""
    let isShell = ["sh", "bash", "shell", "zsh", "console"].contains(language)
    let isEnvironment = Self.isEnvironment(literal, language: language)
    for (offset, count, text) in Self.joined(literal, isShell: isShell) {
      let line = Inline.trimmed(text)
      let (ticked, rest) = Inline.unboxed(
        line.hasPrefix("- [") || line.hasPrefix("* [") ? String(line.dropFirst(2)) : line)
      let section = section + (heading.isEmpty ? [] : [heading])
      if let ticked {
        let (raw, mark) = Inline.unmarked(rest)
        lines.append(
          ChecklistLine(
            kind: .box, number: start + offset, lastLine: start + offset, raw: raw, text: Inline.plain(raw),
            ticked: ticked, mark: mark, section: section, parents: items.map(\.text), lead: lead, cells: [],
            indent: nil))
      } else if line.hasPrefix("#") {
        heading = Inline.plain(Inline.unmarked(String(line.drop { $0 == "#" || $0 == " " })).0)
      } else if isEnvironment || isShell, let assignment = EnvironmentAssignment.normal(line) {
        lines.append(
          ChecklistLine(
            kind: .assignment, number: start + offset, lastLine: start + offset, raw: "`\(assignment)`",
            text: assignment, ticked: nil, mark: nil, section: section, parents: items.map(\.text), lead: lead,
            cells: [], indent: nil))
      } else if isShell, !line.isEmpty {
        let command = line.hasPrefix("$ ") ? String(line.dropFirst(2)) : line
        if language == "console", !line.hasPrefix("$ ") { continue }
        add(
          .command, start + offset, start + offset + count - 1, raw: "`\(command)`", ticked: nil, mark: nil,
          indent: nil, parents: items.map(\.text))
      }
    }
  }

  /// Says so itself, or has nothing else in it.
  private static func isEnvironment(_ literal: String, language: String) -> Bool {
    if ["env", "dotenv", "properties"].contains(language) { return true }
    guard ["", "ini", "text", "txt"].contains(language) else { return false }
    let lines = literal.split(separator: "\n").map { Inline.trimmed(String($0)) }.filter {
      !$0.isEmpty && !$0.hasPrefix("#")
    }
    return !lines.isEmpty && lines.allSatisfy { EnvironmentAssignment.normal($0) != nil }
  }

  /// The lines of a block; of a shell's those that a backslash continues are one.
  private static func joined(_ literal: String, isShell: Bool) -> [(offset: Int, count: Int, text: String)] {
    var found: [(offset: Int, count: Int, text: String)] = []
    var isOpen = false
    for (offset, text) in literal.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let line = String(text)
      let continues = isShell && line.hasSuffix("\\")
      let part = continues ? String(line.dropLast()) : line
      if isOpen, let last = found.indices.last {
        found[last].text = Inline.trimmed(found[last].text) + " " + Inline.trimmed(part)
        found[last].count += 1
      } else {
        found.append((offset, 1, part))
      }
      isOpen = continues
    }
    return found
  }

  private func isFence(_ node: OpaquePointer) -> Bool {
    let line = Inline.trimmed(source(Int(cmark_node_get_start_line(node))))
    return line.contains("```") || line.contains("~~~")
  }

  private mutating func add(
    _ kind: ChecklistLine.Kind, _ first: Int, _ last: Int, raw: String, ticked: Bool?, mark: ChecklistLine.Mark?,
    indent: Int?, parents: [String]
  ) {
    lines.append(
      ChecklistLine(
        kind: kind, number: first, lastLine: last, raw: raw,
        text: kind == .statement ? raw : Inline.plain(raw), ticked: ticked, mark: mark, section: section,
        parents: parents, lead: lead, cells: [], indent: indent))
  }
}
