private import CYAML
public import GonogoCore

/// Reads YAML by libyaml's events, with exact places: duplicate keys, aliases and depth are judged here, because libyaml
/// accepts the first, and leaves the others to its caller.
public struct YAMLReader {
  /// Where each line of the YAML stands in the document: its line, and how many bytes stand before it there.
  public struct Places: Sendable {
    let lines: [(line: Int, shift: Int)]
    public init(lines: [(line: Int, shift: Int)]) { self.lines = lines }
    /// A text that is a whole file.
    public static let whole = Places(lines: [])

    func place(line: Int, column: Int) -> SourcePosition {
      if lines.isEmpty { return SourcePosition(line: line + 1, column: column + 1) }
      if line < lines.count {
        return SourcePosition(line: lines[line].line, column: max(1, column + 1 + lines[line].shift))
      }
      let last = lines[lines.count - 1]
      return SourcePosition(line: last.line + line - lines.count + 1, column: column + 1)
    }
  }

  let places: Places
  let sink: DiagnosticSink

  public init(places: Places = .whole, sink: DiagnosticSink) {
    self.places = places
    self.sink = sink
  }

  /// The one document of `bytes`; `nil` where it is empty or broken, which has then been reported.
  public func read(_ bytes: [UInt8]) -> Node? {
    read(bytes, lineStarts: SourceFile(name: "", bytes: bytes).lineStarts)
  }

  /// The same, where the offsets of the lines are known.
  func read(_ bytes: [UInt8], lineStarts: [Int]) -> Node? {
    var run = Run(bytes: bytes, lineStarts: lineStarts, places: places, sink: sink)
    return run.document()
  }

  /// A file of any number of documents.
  public struct Stream: Sendable {
    /// The documents that are not empty.
    public let documents: [Node]
    /// The tags that are not YAML's own (`!reset`, `!Ref`), by where the tagged value begins.
    public let tags: [SourcePosition: String]
  }

  /// Every document of `bytes`; `nil` where one is broken, which has then been reported.
  public func readStream(_ bytes: [UInt8]) -> Stream? {
    var run = Run(
      bytes: bytes, lineStarts: SourceFile(name: "", bytes: bytes).lineStarts, places: places, sink: sink)
    guard let documents = run.documents() else { return nil }
    return Stream(documents: documents, tags: run.tags)
  }

  /// What a plain scalar stands for: YAML 1.2's core schema (section 10.3.2). `yes`, `no`, `on` are strings.
  static func resolve(_ text: String) -> JSON {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return .bool(true)
    case "false", "False", "FALSE": return .bool(false)
    default: break
    }
    guard let first = text.utf8.first, (0x30...0x39).contains(first) || "+-.".utf8.contains(first) else {
      return .string(text)
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8)] where text.hasPrefix(prefix) {
      let digits = text.dropFirst(2)
      // Swift would take a sign here; YAML does not.
      guard let first = digits.utf8.first, first != UInt8(ascii: "-"), first != UInt8(ascii: "+") else { break }
      return Int64(digits, radix: radix).map(JSON.integer) ?? .string(text)
    }
    let digits = text.utf8.dropFirst("+-".utf8.contains(first) ? 1 : 0)
    if !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) {
      return Int64(text).map(JSON.integer) ?? .string(text)
    }
    let allowed = digits.allSatisfy { (0x30...0x39).contains($0) || ".eE+-".utf8.contains($0) }
    if allowed, digits.contains(where: { (0x30...0x39).contains($0) }), let value = Double(text), value.isFinite {
      return .number(value)
    }
    return .string(text)
  }
}

private struct Run {
  let bytes: [UInt8]
  let places: YAMLReader.Places
  let sink: DiagnosticSink
  let starts: [Int]
  /// The byte offset of each character, where the text is not all ASCII.
  let offsets: [Int]?
  var parser = yaml_parser_t()
  /// What an anchor names, how many values it holds and how deep they nest.
  var anchors: [String: (node: Node, size: Int, height: Int)] = [:]
  var budget = 200_000
  var failed = false
  var tags: [SourcePosition: String] = [:]

  init(bytes: [UInt8], lineStarts: [Int], places: YAMLReader.Places, sink: DiagnosticSink) {
    self.bytes = bytes
    self.places = places
    self.sink = sink
    starts = lineStarts
    offsets =
      bytes.withUnsafeBufferPointer { $0.allSatisfy { $0 < 0x80 } }
      ? nil : bytes.indices.filter { bytes[$0] & 0xC0 != 0x80 } + [bytes.count]
  }

  /// libyaml counts characters; documents count bytes.
  func place(_ mark: yaml_mark_t) -> SourcePosition {
    let index = Int(mark.index)
    guard let offsets else {
      // In ASCII, libyaml's lines end where ours do; looked at all the same, because a place is a promise.
      let line = Int(mark.line)
      if line < starts.count, starts[line] + Int(mark.column) == index {
        return places.place(line: line, column: Int(mark.column))
      }
      return place(offset: min(bytes.count, index))
    }
    return place(offset: index < offsets.count ? offsets[index] : bytes.count)
  }

  func place(offset: Int) -> SourcePosition {
    var low = 0
    var high = starts.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if starts[middle] <= offset { low = middle } else { high = middle - 1 }
    }
    return places.place(line: low, column: offset - starts[low])
  }

  func range(_ start: yaml_mark_t, _ end: yaml_mark_t) -> SourceRange {
    SourceRange(start: place(start), end: place(end))
  }

  mutating func fail(_ message: String, at range: SourceRange, notes: [Diagnostic.Note] = [], mend: String? = nil) {
    failed = true
    sink.report(.error(.badYAML, message, at: range, notes: notes, mend: mend))
  }

  mutating func document() -> Node? {
    guard yaml_parser_initialize(&parser) == 1 else { return nil }
    defer { yaml_parser_delete(&parser) }
    return bytes.withUnsafeBufferPointer { buffer in
      yaml_parser_set_input_string(&parser, buffer.baseAddress, buffer.count)
      yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
      var result: Node?
      var documents = 0
      while !failed {
        guard var event = next() else { return nil }
        defer { yaml_event_delete(&event) }
        switch event.type {
        case YAML_STREAM_START_EVENT, YAML_DOCUMENT_END_EVENT: continue
        case YAML_STREAM_END_EVENT: return result
        case YAML_DOCUMENT_START_EVENT:
          documents += 1
          if documents > 1 {
            fail(
              "a second document begins here", at: range(event.start_mark, event.end_mark), mend: "take the '---' out")
          }
        default: result = node(event, depth: 0)
        }
      }
      return nil
    }
  }

  mutating func documents() -> [Node]? {
    guard yaml_parser_initialize(&parser) == 1 else { return nil }
    defer { yaml_parser_delete(&parser) }
    return bytes.withUnsafeBufferPointer { buffer in
      yaml_parser_set_input_string(&parser, buffer.baseAddress, buffer.count)
      yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
      var result: [Node] = []
      while !failed {
        guard var event = next() else { return nil }
        defer { yaml_event_delete(&event) }
        switch event.type {
        case YAML_STREAM_START_EVENT, YAML_DOCUMENT_END_EVENT: continue
        // An anchor is its document's.
        case YAML_DOCUMENT_START_EVENT: anchors = [:]
        case YAML_STREAM_END_EVENT: return result
        default:
          if let node = node(event, depth: 0), !node.isNull { result.append(node) }
        }
      }
      return nil
    }
  }

  mutating func next() -> yaml_event_t? {
    var event = yaml_event_t()
    if yaml_parser_parse(&parser, &event) == 1 { return event }
    let problem = parser.problem.map { String(cString: $0) } ?? "not YAML"
    // The reader, which looks at bytes and characters only, gives an offset in bytes instead of a mark.
    let at =
      parser.error == YAML_READER_ERROR
      ? place(offset: min(bytes.count, parser.problem_offset)) : place(parser.problem_mark)
    var notes: [Diagnostic.Note] = []
    if let context = parser.context {
      let mark = place(parser.context_mark)
      notes.append(
        Diagnostic.Note(String(cString: context), at: SourceRange(start: mark, end: mark)))
    }
    let mend: String? =
      problem.contains("mapping values are not allowed")
      ? "quote the text: it holds ': '"
      : problem.contains("tab") || problem.contains("cannot start any token")
        ? "indent with blanks, and quote special characters" : nil
    fail(
      problem, at: SourceRange(start: at, end: SourcePosition(line: at.line, column: at.column + 1)), notes: notes,
      mend: mend)
    return nil
  }

  mutating func node(_ event: yaml_event_t, depth: Int) -> Node? {
    let here = range(event.start_mark, event.end_mark)
    budget -= 1
    if depth > 64 || budget < 0 {
      fail(depth > 64 ? "nested more than 64 deep" : "more than 200,000 values", at: here, mend: "make it simpler")
      return nil
    }
    switch event.type {
    case YAML_SCALAR_EVENT:
      let node = scalar(event, here)
      note(event.data.scalar.tag, at: here)
      remember(event.data.scalar.anchor.map(Self.text), node)
      return node
    case YAML_ALIAS_EVENT:
      let name = event.data.alias.anchor.map(Self.text) ?? ""
      guard let target = anchors[name] else {
        fail("the alias '*\(name)' refers to nothing above it", at: here, mend: "quote it if it is a text")
        return nil
      }
      // Each use counts in full, so that aliases of aliases cannot grow without bound, neither wide nor deep.
      budget -= target.size
      if budget < 0 || depth + target.height > 64 {
        fail(
          budget < 0 ? "more than 200,000 values" : "nested more than 64 deep", at: here, mend: "make it simpler")
        return nil
      }
      return target.node
    case YAML_SEQUENCE_START_EVENT:
      let anchor = event.data.sequence_start.anchor.map(Self.text)
      note(event.data.sequence_start.tag, at: here)
      var elements: [Node] = []
      while !failed, var item = next() {
        defer { yaml_event_delete(&item) }
        if item.type == YAML_SEQUENCE_END_EVENT {
          let node = Node(.sequence(elements), at: range(event.start_mark, item.end_mark))
          remember(anchor, node)
          return node
        }
        if let element = node(item, depth: depth + 1) { elements.append(element) }
      }
      return nil
    case YAML_MAPPING_START_EVENT: return mapping(event, depth: depth)
    default: return nil
    }
  }

  mutating func mapping(_ event: yaml_event_t, depth: Int) -> Node? {
    let anchor = event.data.mapping_start.anchor.map(Self.text)
    note(event.data.mapping_start.tag, at: range(event.start_mark, event.end_mark))
    var entries: [Node.Entry] = []
    // A few keys are looked through; only of many there is a table.
    var seen: [String: SourceRange] = [:]
    func first(_ name: String) -> SourceRange? {
      if entries.count > 16 { return seen[name] }
      for entry in entries where entry.name == name { return entry.key.range }
      return nil
    }
    while !failed, var item = next() {
      defer { yaml_event_delete(&item) }
      if item.type == YAML_MAPPING_END_EVENT {
        let node = Node(.mapping(entries), at: range(event.start_mark, item.end_mark))
        remember(anchor, node)
        return node
      }
      guard let key = node(item, depth: depth + 1), var valueEvent = next() else { return nil }
      defer { yaml_event_delete(&valueEvent) }
      guard let value = node(valueEvent, depth: depth + 1) else { return nil }
      guard let name = key.text else {
        fail("a key must be a text, not \(key.kind)", at: key.range)
        return nil
      }
      if let first = first(name) {
        sink.report(
          .error(
            .duplicateKey, "the key '\(name)' is written twice", at: key.range,
            notes: [.init("the first is here", at: first)], mend: "keep one of them"))
        continue
      }
      entries.append(Node.Entry(key: key, value: value))
      if entries.count == 17 {
        for entry in entries { seen[entry.name] = entry.key.range }
      } else if entries.count > 17 {
        seen[name] = key.range
      }
    }
    return nil
  }

  func scalar(_ event: yaml_event_t, _ here: SourceRange) -> Node {
    let data = event.data.scalar
    let text =
      data.value.map {
        String(decoding: UnsafeBufferPointer(start: $0, count: data.length), as: UTF8.self)
      } ?? ""
    let style: Node.Scalar.Style =
      switch data.style {
      case YAML_PLAIN_SCALAR_STYLE: .plain
      case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
      default: .quoted
      }
    let tag = data.tag.map(Self.text)
    let value: JSON =
      style == .plain && tag != "tag:yaml.org,2002:str" && tag != "!" ? YAMLReader.resolve(text) : .string(text)
    return Node(.scalar(.init(text: text, style: style, value: value)), at: here)
  }

  mutating func note(_ tag: UnsafeMutablePointer<yaml_char_t>?, at range: SourceRange) {
    guard let tag, tag.pointee == UInt8(ascii: "!") else { return }
    tags[range.start] = Self.text(tag)
  }

  mutating func remember(_ anchor: String?, _ node: Node) {
    guard let anchor else { return }
    let (size, height) = Self.measure(node)
    anchors[anchor] = (node, size, height)
  }

  static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>) -> String { String(cString: pointer) }

  static func measure(_ node: Node) -> (size: Int, height: Int) {
    var size = 1
    var height = 0
    let inner: [Node] = node.elements ?? node.entries?.map(\.value) ?? []
    for part in inner {
      let found = measure(part)
      size += found.size + (node.entries == nil ? 0 : 1)
      height = max(height, found.height + 1)
    }
    return (size, height)
  }
}
