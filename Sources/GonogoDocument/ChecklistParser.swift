private import CCMark
private import Glibc
public import GonogoCore
private import GonogoSystem

/// Markdown to a ``Checklist``.
///
/// cmark-gfm gives the structure: which lines are items, paragraphs, fenced blocks. It does not decide what is a task:
/// its own extension looks for `[x]` anywhere on the line, so that `- [ ] write [x] here` would count as ticked, and it
/// knows no tasks inside block quotes. Here the bytes at the item's paragraph decide, and they are also what `--write` sets.
public struct ChecklistParser {
  public init() { _ = Self.keepFreedMemory }

  /// libyaml takes and gives back 64 KiB for each block, and glibc would give each back to the system and ask for it again,
  /// page by page: a seventh of the time a large document takes.
  ///
  /// > M_TRIM_THRESHOLD: when the amount of contiguous free memory at the top of the heap grows sufficiently large, free(3)
  /// > employs sbrk(2) to release this memory back to the system.  — mallopt(3)
  private static let keepFreedMemory: Void = Allocator.keepFreedMemory(32 << 20)

  /// Reads a file. Everything wrong with it is reported to `sink`; whatever can be read is in the checklist.
  public func parse(_ raw: [UInt8], name: String, sink: DiagnosticSink) -> Checklist {
    let text = DocumentText(raw, name: name, sink: sink)
    let clean = SourceFile(name: name, bytes: text.bytes)
    let file = text.transcoded ? clean : SourceFile(replacing: clean, bytes: raw)
    let front = FrontMatterReader(file: clean, markLength: text.markLength, sink: sink).read()
    var walk = ChecklistWalk(file: clean, markLength: text.markLength, skipLines: front.lines, sink: sink)
    let controls = walk.run()
    return Checklist(file: file, frontMatter: front.node, controls: controls)
  }
}

/// The YAML between `---` lines at the head, where it is Gonogo's.
struct FrontMatterReader {
  let file: SourceFile
  let markLength: Int
  let sink: DiagnosticSink

  func read() -> (node: Node?, lines: Int) {
    func isFence(_ line: Int, _ marks: [String]) -> Bool {
      let bytes = file.line(line).dropFirst(line == 1 ? markLength : 0)
      var text = String(decoding: bytes, as: UTF8.self)
      while text.last == " " || text.last == "\t" { text.removeLast() }
      return marks.contains(text)
    }
    func isOurs(_ lines: ClosedRange<Int>) -> Bool {
      lines.contains { file.line($0).starts(with: "gonogo:".utf8) }
    }
    guard isFence(1, ["---"]) else { return (nil, 0) }
    guard file.lineCount > 1, let close = (2...file.lineCount).first(where: { isFence($0, ["---", "..."]) }) else {
      if file.lineCount > 1, isOurs(2...file.lineCount) {
        sink.report(
          .error(.openFrontMatter, "the front matter has no end", at: lineRange(1), mend: "close it with a line `---`"))
      }
      return (nil, 0)
    }
    if close == 2 { return (nil, 2) }
    let start = file.lineStarts[1]
    let end = file.lineStarts[close - 1]
    let bytes = Array(file.bytes[start..<end])
    let places = YAMLReader.Places(lines: (2..<close).map { ($0, 0) })
    if isOurs(2...(close - 1)) {
      return (YAMLReader(places: places, sink: sink).read(bytes), close)
    }
    let quiet = DiagnosticSink()
    let node = YAMLReader(places: places, sink: quiet).read(bytes)
    // `"gonogo": 1`, `gonogo : 1` and `{ gonogo: 1 }` are ours as well.
    if let node, node["gonogo"] != nil {
      for diagnostic in quiet.diagnostics { sink.report(diagnostic) }
      return (node, close)
    }
    // Not ours. A site generator's mapping is passed over; anything else is Markdown under a thematic break.
    return (nil, node?.entries != nil && !quiet.hasErrors ? close : 0)
  }

  func lineRange(_ line: Int) -> SourceRange {
    SourceRange(
      start: SourcePosition(line: line, column: 1), end: SourcePosition(line: line, column: file.line(line).count + 1))
  }
}

/// One pass over the tree.
struct ChecklistWalk {
  let file: SourceFile
  let markLength: Int
  let skipLines: Int
  let sink: DiagnosticSink

  /// A class, because items are long and are handed on.
  final class Item {
    let slot: Int
    let line: Int
    let column: Int
    var tick: Control.Tick?
    var title = ""
    var authorID: (text: String, range: SourceRange)?
    var hasParagraph = false
    var bindings: [Binding] = []
    var tables: [CaseTable] = []
    let section: [String]
    let range: SourceRange
    /// It has ended; what has not is none.
    var isWhole = false

    init(slot: Int, line: Int, column: Int, section: [String], end: Int) {
      self.slot = slot
      self.line = line
      self.column = column
      self.section = section
      range = SourceRange(
        start: SourcePosition(line: line, column: column), end: SourcePosition(line: line, column: end))
    }
  }

  var drafts: [Item] = []
  var items: [Item] = []
  var headings: [(level: Int, title: String)] = [] {
    didSet { section = headings.map(\.title) }
  }
  private var section: [String] = []
  /// The slots of items with a binding that is not YAML: they stay controls, so that nothing else is said of them.
  var broken: Set<Int> = []
  /// Bindings outside an item, each with the id it names.
  var strays: [(id: String, range: SourceRange, binding: Binding)] = []

  init(file: SourceFile, markLength: Int, skipLines: Int, sink: DiagnosticSink) {
    self.file = file
    self.markLength = markLength
    self.skipLines = skipLines
    self.sink = sink
  }

  mutating func run() -> [Control] {
    cmark_gfm_core_extensions_ensure_registered()
    guard let parser = cmark_parser_new(CMARK_OPT_DEFAULT) else { return [] }
    defer { cmark_parser_free(parser) }
    if let table = cmark_find_syntax_extension("table") { cmark_parser_attach_syntax_extension(parser, table) }
    let skipped =
      skipLines > 0 ? (skipLines < file.lineCount ? file.lineStarts[skipLines] : file.bytes.count) : markLength
    let blank = [UInt8](repeating: 0x0A, count: skipLines)
    blank.withUnsafeBytes { cmark_parser_feed(parser, $0.bindMemory(to: CChar.self).baseAddress, $0.count) }
    file.bytes[skipped...].withUnsafeBytes {
      cmark_parser_feed(parser, $0.bindMemory(to: CChar.self).baseAddress, $0.count)
    }
    guard let root = cmark_parser_finish(parser) else { return [] }
    defer { cmark_node_free(root) }
    guard let iterator = cmark_iter_new(root) else { return [] }
    defer { cmark_iter_free(iterator) }
    while true {
      let event = cmark_iter_next(iterator)
      if event == CMARK_EVENT_DONE { break }
      guard let node = cmark_iter_get_node(iterator) else { continue }
      if event == CMARK_EVENT_ENTER { enter(node, iterator) } else { exit(node) }
    }
    return finish()
  }

  // MARK: Nodes

  mutating func enter(_ node: OpaquePointer, _ iterator: OpaquePointer) {
    let type = cmark_node_get_type(node)
    if type == CMARK_NODE_HEADING {
      let level = Int(cmark_node_get_heading_level(node))
      headings = headings.filter { $0.level < level } + [(level, Self.plainText(node))]
      cmark_iter_reset(iterator, node, CMARK_EVENT_EXIT)  // text holds no item
    } else if type == CMARK_NODE_ITEM {
      let place = self.place(node)
      let item = Item(
        slot: drafts.count, line: place.line, column: place.column, section: section,
        end: file.line(place.line).count + 1)
      items.append(item)
      drafts.append(item)
    } else if type == CMARK_NODE_PARAGRAPH {
      defer { cmark_iter_reset(iterator, node, CMARK_EVENT_EXIT) }
      let line = place(node).line
      tellNearItems(line...max(line, Int(cmark_node_get_end_line(node))))
      guard let index = items.indices.last, let parent = cmark_node_parent(node), !items[index].hasParagraph,
        cmark_node_get_type(parent) == CMARK_NODE_ITEM
      else { return }
      items[index].hasParagraph = true
      if cmark_node_previous(node) == nil { readParagraph(node, index) }
    } else if type == CMARK_NODE_CODE_BLOCK {
      readCodeBlock(node)
    } else if type == CMARK_NODE_HTML_BLOCK {
      tellHidden(node, isHTML: true)
    } else if strcmp(cmark_node_get_type_string(node), "table") == 0 {
      readTable(node)
    }
  }

  mutating func exit(_ node: OpaquePointer) {
    guard cmark_node_get_type(node) == CMARK_NODE_ITEM, let item = items.popLast() else { return }
    item.isWhole = true
  }

  func place(_ node: OpaquePointer) -> SourcePosition {
    let line = Int(cmark_node_get_start_line(node))
    let column = Int(cmark_node_get_start_column(node))
    return SourcePosition(line: line, column: column + (line == 1 ? markLength : 0))
  }

  /// The item's first paragraph: the box, the id, the title.
  mutating func readParagraph(_ node: OpaquePointer, _ index: Int) {
    let place = self.place(node)
    let raw = file.line(place.line)
    let body = raw.dropFirst(place.column - 1)
    var title = Self.plainText(node)
    var first = cmark_node_first_child(node)
    let bytes = Array(body.prefix(4))
    // GFM, section 5.3: '[', white space or x or X, ']', then white space and more text.
    if bytes.count == 4, bytes[0] == UInt8(ascii: "["), bytes[2] == UInt8(ascii: "]"),
      bytes[3] == 0x20 || bytes[3] == 0x09, [0x20, 0x09, UInt8(ascii: "x"), UInt8(ascii: "X")].contains(bytes[1]),
      body.dropFirst(4).contains(where: { $0 != 0x20 && $0 != 0x09 })
    {
      let checked = bytes[1] | 0x20 == UInt8(ascii: "x")
      items[index].tick = Control.Tick(checked: checked, offset: body.startIndex + 1)
      if title.first == "[" {
        title = Self.trim(String(title.drop { $0 != "]" }.dropFirst()))
      } else if title.first == "x" || title.first == "X" {
        title = Self.trim(String(title.dropFirst()))  // `[x]` was a link reference
      }
      // Pass over the text that is the box alone.
      while let child = first, cmark_node_get_type(child) != CMARK_NODE_STRONG,
        Self.isBoxPiece(child)
      {
        first = cmark_node_next(child)
      }
    } else {
      tellNearBox(body, line: place.line)
    }
    let lastLine = max(place.line, Int(cmark_node_get_end_line(node)))
    readID(first, &title, index, line: place.line, lastLine: lastLine)
    items[index].title = title
  }

  /// `**SEC-1**` or `{#sec-1}` before the text, or `{#sec-1}` behind it.
  mutating func readID(_ first: OpaquePointer?, _ title: inout String, _ index: Int, line: Int, lastLine: Int) {
    if let first, cmark_node_get_type(first) == CMARK_NODE_STRONG {
      var text = Self.plainText(first)
      while let last = text.last, ":.) ".contains(last) { text.removeLast() }  // `**SEC-1:** the line`
      if Self.looksLikeID(text), title.hasPrefix(text) {
        title = Self.trim(String(title.dropFirst(text.count).drop { ":.) —–".contains($0) }))
        let marked = locate("**\(text)", lines: line...lastLine) ?? locate("__\(text)", lines: line...lastLine)
        items[index].authorID = (text, marked.map { Self.shifted($0, by: 2) } ?? locate(text, line: line))
        return
      }
    }
    for open in [title.hasPrefix("{#") ? title.startIndex : nil, title.hasSuffix("}") ? title.lastIndex(of: "{") : nil]
    {
      guard let open, title[open...].hasPrefix("{#"), let close = title[open...].firstIndex(of: "}") else { continue }
      let id = String(title[title.index(open, offsetBy: 2)..<close])
      guard !id.isEmpty, id.allSatisfy({ $0.isLetter || $0.isNumber || "-_.:/".contains($0) }) else { continue }
      title.removeSubrange(open...close)
      title = Self.trim(title)
      let marked = locate("{#\(id)}", lines: line...lastLine)
      items[index].authorID = (id, marked.map { Self.shifted($0, by: 2, endBy: -1) } ?? locate(id, line: line))
      return
    }
  }

  static func shifted(_ range: SourceRange, by start: Int, endBy end: Int = 0) -> SourceRange {
    var range = range
    range.start.column += start
    range.end.column += end
    return range
  }

  /// Where a text stands on a raw line; the whole line where it cannot be found.
  func locate(_ text: String, line: Int) -> SourceRange {
    locate(text, lines: line...line)
      ?? SourceRange(
        start: SourcePosition(line: line, column: 1),
        end: SourcePosition(line: line, column: file.line(line).count + 1))
  }

  func locate(_ text: String, lines: ClosedRange<Int>) -> SourceRange? {
    let needle = Array(text.utf8)
    guard let first = needle.first else { return nil }
    for line in lines {
      var rest = file.line(line)
      let start = rest.startIndex
      while rest.count >= needle.count, let hit = rest.firstIndex(of: first) {
        rest = rest[hit...]
        if rest.starts(with: needle) {
          return SourceRange(
            start: SourcePosition(line: line, column: hit - start + 1),
            end: SourcePosition(line: line, column: hit - start + 1 + needle.count))
        }
        rest = rest.dropFirst()
      }
    }
    return nil
  }

  mutating func readCodeBlock(_ node: OpaquePointer) {
    guard let info = cmark_node_get_fence_info(node) else { return }
    if info[0] == 0 {
      var (length, offset): (Int32, Int32) = (0, 0)
      var character: CChar = 0
      if cmark_node_get_fenced(node, &length, &offset, &character) == 0 { tellHidden(node, isHTML: false) }
      return
    }
    let usual = strcmp(info, "yaml gonogo") == 0
    let words = usual ? Self.usualWords : String(cString: info).split { $0 == " " || $0 == "\t" }.map(String.init)
    let place = self.place(node)
    let isYAML = ["yaml", "yml"].contains(words.first?.lowercased() ?? "")
    let ours = words.first == "gonogo" || isYAML && words.count >= 2 && words[1] == "gonogo"
    // `yaml gonogo audit` speaks to `gonogo audit`, and binds nothing.
    if ours, words.last == "audit" { return }
    if !ours {
      // `yaml Gonogo`, `yaml gonogoo`, `yaml-gonogo`, `json gonogo`; but not `ts title="gonogo"`.
      let suspect = words.prefix(2).enumerated().first { position, word in
        let bare = word.lowercased().filter { $0.isLetter || $0.isNumber }
        if ["gonogo", "yamlgonogo", "ymlgonogo"].contains(bare) { return true }
        return (position == 1 ? isYAML : words.count == 1) && Suggestion.nearest(to: word, in: ["gonogo"]) != nil
      }
      if let suspect {
        sink.report(
          .warning(
            .nearlyBinding, "a block marked '\(words.joined(separator: " "))' is not read as a binding",
            at: locate(suspect.element, line: place.line), mend: "write `yaml gonogo`"))
      }
      return
    }
    let bytes = cmark_node_get_literal(node).map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) } ?? []
    let lines = SourceFile(name: "", bytes: bytes)
    let places = YAMLReader.Places(
      // The empty line behind the last line end is none of the block's.
      lines: (1...max(1, lines.lineCount - (bytes.last == 0x0A || bytes.last == 0x0D ? 1 : 0))).map { number in
        let line = place.line + number
        // Where cmark has split a tab into blanks, its line is longer than the file's: the difference is negative.
        return (line, file.line(line).count - lines.line(number).count)
      })
    let before = sink.diagnostics.count
    guard let yaml = YAMLReader(places: places, sink: sink).read(bytes, lineStarts: lines.lineStarts) else {
      if sink.diagnostics.count > before { broken.formUnion(items.last.map { [$0.slot] } ?? []) }
      if sink.diagnostics.count > before { return }
      if items.isEmpty {
        stray(words, line: place.line)
        return
      }
      let empty = Node(
        .scalar(.init(text: "", style: .plain, value: .null)), at: locate("gonogo", line: place.line))
      items[items.count - 1].bindings.append(Binding(node: empty))
      return
    }
    if let entries = yaml.entries, let control = entries.first(where: { $0.name == "control" }) {
      let rest = Node(.mapping(entries.filter { $0.name != "control" }), at: yaml.range)
      strays.append((control.value.text ?? "", control.value.range, Binding(node: rest)))
    } else if items.isEmpty {
      stray(words, line: place.line)
    } else {
      items[items.count - 1].bindings.append(Binding(node: yaml))
    }
  }

  private static let usualWords = ["yaml", "gonogo"]

  func stray(_ words: [String], line: Int) {
    sink.report(
      .error(
        .strayBinding, "this binding stands under no line of the checklist",
        at: locate("gonogo", line: line),
        mend: "indent it like the text of its item, or name its line with `control: ID`"))
  }

  /// A table inside an item gives cases; rows with a box in a cell of their own are controls.
  mutating func readTable(_ node: OpaquePointer) {
    var columns: [String] = []
    var rows: [CaseTable.Row] = []
    var row = cmark_node_first_child(node)
    while let current = row {
      let line = Int(cmark_node_get_start_line(current))
      var cells: [String] = []
      var cell = cmark_node_first_child(current)
      while let item = cell {
        cells.append(Self.trim(Self.plainText(item)))
        cell = cmark_node_next(item)
      }
      if columns.isEmpty {
        columns = cells
      } else {
        rows.append(CaseTable.Row(cells: cells, line: line))
        readBoxRow(cells, line: line)
      }
      row = cmark_node_next(current)
    }
    if !items.isEmpty, !columns.isEmpty {
      items[items.count - 1].tables.append(CaseTable(columns: columns, rows: rows))
    }
  }

  mutating func readBoxRow(_ cells: [String], line: Int) {
    guard let box = cells.first(where: { ["[ ]", "[x]", "[X]"].contains($0) }) else { return }
    let raw = file.line(line)
    for start in raw.indices.dropLast(2)
    where raw[start] == UInt8(ascii: "[") && raw[start + 2] == UInt8(ascii: "]") {
      let mark = raw[start + 1]
      guard mark == 0x20 || mark | 0x20 == UInt8(ascii: "x"),
        raw[..<start].last(where: { $0 != 0x20 && $0 != 0x09 }) == UInt8(ascii: "|")
          || raw[..<start].allSatisfy({ $0 == 0x20 }),
        raw[(start + 3)...].first(where: { $0 != 0x20 && $0 != 0x09 }) ?? UInt8(ascii: "|") == UInt8(ascii: "|")
      else { continue }
      let item = Item(slot: drafts.count, line: line, column: 1, section: section, end: raw.count + 1)
      item.tick = Control.Tick(checked: box != "[ ]", offset: start + 1)
      var others = cells.filter { $0 != box && !$0.isEmpty }
      if let first = others.first, Self.looksLikeID(first) {
        item.authorID = (first, locate(first, line: line))
        others.removeFirst()
      }
      item.title = others.joined(separator: " · ")
      item.isWhole = true
      drafts.append(item)
      return
    }
  }

  // MARK: The whole

  mutating func finish() -> [Control] {
    let named = Set(strays.map(\.id))
    let kept = drafts.filter { item in
      item.isWhole
        && (item.tick != nil || !item.bindings.isEmpty || broken.contains(item.slot)
          || item.authorID.map { named.contains($0.text) } ?? false)
    }
    var seen: [String: SourceRange] = [:]
    seen.reserveCapacity(kept.count)
    for item in kept {
      guard let id = item.authorID else { continue }
      if let first = seen[id.text] {
        sink.report(
          .error(
            .duplicateID, "the id '\(id.text)' is taken", at: id.range, notes: [.init("the first is here", at: first)],
            mend: "give this line another"))
      } else {
        seen[id.text] = id.range
      }
    }
    var controls: [Control] = []
    controls.reserveCapacity(kept.count)
    // The number that the next line of the same text gets, so that ten thousand like lines are not counted through.
    var numbers: [String: Int] = [:]
    // Lines under one heading share its part of the id, and like lines their own.
    var slugs: [String: String] = [:]
    func slug(_ text: String) -> String {
      if let known = slugs[text] { return known }
      let made = Slug.of(text)
      slugs[text] = made
      return made
    }
    for item in kept {
      let id: String
      if let author = item.authorID {
        id = author.text
      } else {
        let head = item.section.last.map(slug) ?? ""
        let tail = slug(item.title)
        let own = tail.isEmpty ? "line-\(item.line)" : tail
        let base = head.isEmpty ? own : "\(head)/\(own)"
        var candidate = base
        var number = numbers[base] ?? 2
        while seen[candidate] != nil {
          candidate = "\(base)-\(number)"
          number += 1
        }
        numbers[base] = number
        seen[candidate] = item.range
        id = candidate
      }
      let lower = item.title.utf8.contains(UInt8(ascii: "(")) ? item.title.lowercased() : ""
      controls.append(
        Control(
          id: id, idSource: item.authorID == nil ? .slug : .author, title: item.title, section: item.section,
          range: item.range, tick: item.tick,
          optional: !lower.isEmpty && (lower.contains("(optional") || lower.contains("(recommended")),
          bindings: item.bindings,
          tables: item.tables))
    }
    if strays.isEmpty { return controls }
    let places = Dictionary(
      controls.enumerated().map { ($0.element.id, $0.offset) }, uniquingKeysWith: { first, _ in first })
    var lost = 0
    for stray in strays {
      guard let index = places[stray.id] else {
        lost += 1  // looking for a near name costs a look at all of them
        let near = lost <= 50 ? Suggestion.nearest(to: stray.id, in: controls.lazy.map(\.id)) : nil
        sink.report(
          .error(
            .unknownControl, "no control has the id '\(stray.id)'", at: stray.range,
            mend: near.map { "did you mean '\($0)'?" } ?? "`gonogo list` prints every id"))
        continue
      }
      let old = controls[index]
      controls[index] = Control(
        id: old.id, idSource: old.idSource, title: old.title, section: old.section, range: old.range, tick: old.tick,
        optional: old.optional, bindings: old.bindings + [stray.binding], tables: old.tables)
    }
    return controls
  }

  // MARK: Text

  static func isBoxPiece(_ node: OpaquePointer) -> Bool {
    let text = plainText(node)
    return text.allSatisfy { "[]xX \t".contains($0) }
  }

  static func looksLikeID(_ text: String) -> Bool {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return looksLikeASCIIID(text) }
    // Letters, then parts after '-' or '.', the last of them a number with at most one letter behind it.
    guard let first = text.first, first.isLetter, text.count <= 40,
      let cut = text.lastIndex(where: { $0 == "-" || $0 == "." })
    else { return false }
    var tail = text[text.index(after: cut)...]
    if let last = tail.last, last.isLetter { tail = tail.dropLast() }
    return !tail.isEmpty && tail.allSatisfy { $0.isASCII && $0.isNumber }
      && text[..<cut].allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == "." }
  }

  /// The same, byte by byte.
  private static func looksLikeASCIIID(_ text: String) -> Bool {
    func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) }
    func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    let bytes = text.utf8
    guard let first = bytes.first, isLetter(first), bytes.count <= 40,
      let cut = bytes.lastIndex(where: { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") })
    else { return false }
    var tail = bytes[bytes.index(after: cut)...]
    if let last = tail.last, isLetter(last) { tail = tail.dropLast() }
    return !tail.isEmpty && tail.allSatisfy(isDigit)
      && bytes[..<cut].allSatisfy {
        isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".")
      }
  }

  static func trim(_ text: String) -> String {
    if let first = text.utf8.first, let last = text.utf8.last, (0x21...0x7E).contains(first),
      (0x21...0x7E).contains(last)
    {
      return text
    }
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    let end = scalars.index(after: last)
    return first == scalars.startIndex && end == scalars.endIndex ? text : String(scalars[first..<end])
  }

  /// The text of a node's inlines, without markup.
  static func plainText(_ node: OpaquePointer) -> String {
    var text = ""
    guard let only = cmark_node_first_child(node) else {
      return cmark_node_get_literal(node).map { String(cString: $0) } ?? ""
    }
    if cmark_node_next(only) == nil, cmark_node_get_type(only) == CMARK_NODE_TEXT {
      return cmark_node_get_literal(only).map { String(cString: $0) } ?? ""
    }
    guard let iterator = cmark_iter_new(node) else { return text }
    defer { cmark_iter_free(iterator) }
    while true {
      let event = cmark_iter_next(iterator)
      if event == CMARK_EVENT_DONE { break }
      guard event == CMARK_EVENT_ENTER, let current = cmark_iter_get_node(iterator) else { continue }
      let type = cmark_node_get_type(current)
      if type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE {
        if let literal = cmark_node_get_literal(current) { text += String(cString: literal) }
      } else if type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK {
        text += " "
      }
    }
    return text
  }
}

/// The part of an id that comes from a text: as GitHub makes anchors, cut at a word.
enum Slug {
  static func of(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return ofASCII(text) }
    var slug = ""
    for character in text.lowercased() {
      if character.isLetter || character.isNumber || character == "_" {
        slug.append(character)
      } else if character == " " || character == "-" || character == "/" || character == "." || character == ":" {
        if !slug.isEmpty, slug.last != "-" { slug.append("-") }
      }
    }
    while slug.last == "-" { slug.removeLast() }
    guard slug.count > 60 else { return slug }
    let cut = slug.prefix(60)
    return String(cut[..<(cut.lastIndex(of: "-") ?? cut.endIndex)])
  }

  /// The same, byte by byte.
  private static func ofASCII(_ text: String) -> String {
    var slug: [UInt8] = []
    let dash = UInt8(ascii: "-")
    for byte in text.utf8 {
      switch byte {
      case 0x61...0x7A, 0x30...0x39, UInt8(ascii: "_"): slug.append(byte)
      case 0x41...0x5A: slug.append(byte | 0x20)
      case UInt8(ascii: " "), dash, UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: ":"):
        if !slug.isEmpty, slug.last != dash { slug.append(dash) }
      default: break
      }
    }
    while slug.last == dash { slug.removeLast() }
    if slug.count > 60 {
      slug.removeSubrange(60...)
      if let cut = slug.lastIndex(of: dash) { slug.removeSubrange(cut...) }
    }
    return String(decoding: slug, as: UTF8.self)
  }
}
