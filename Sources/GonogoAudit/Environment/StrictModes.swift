import GonogoCore

/// "When `STRICT=true`, these must be unset": a mode that documents define.
struct StrictMode: Sendable {
  let flag: String
  /// How far its line is set in, where it is an item of a list: the next item is about something else.
  var item: Int?
  /// Names, and beginnings of names with a `*` behind.
  var forbidden: [(pattern: String, place: TreePlace)] = []
}

enum StrictModes {
  private static let leads = ["when ", "if ", "with ", "while ", "in strict", "когда", "если", "при "]
  private static let refusals = [
    "unset", "must be empty", "must not be set", "not set", "forbid", "must be absent", "не задан", "пуст", "не должн",
  ]

  static func read(_ file: TreeFile, _ text: SourceFile) -> [StrictMode] {
    // Without a flag that is on there is no mode.
    guard hasFlag(text.bytes) else { return [] }
    var modes: [StrictMode] = []
    var current: StrictMode?
    var list: Int?
    func close() {
      if let mode = current, !mode.forbidden.isEmpty { modes.append(mode) }
      current = nil
      list = nil
    }
    for number in 1...max(1, text.lineCount) {
      let line = text.line(number)
      let indent = line.prefix { $0 == 0x20 || $0 == 0x09 }.count
      let body = line.dropFirst(indent)
      if body.isEmpty { continue }
      if body.first == 0x23 {
        close()
        continue
      }
      let lower = String(decoding: body, as: UTF8.self).lowercased()
      let spans = spans(line)
      let flag = spans.first { isOn($0.text) }
      let names = spans.filter { isPattern($0.text) }
      let refuses = refusals.contains { lower.contains($0) }
      let isItem = [0x2D, 0x2A, 0x2B].contains(body.first ?? 0) && body.dropFirst().first == 0x20
      if let flag, isLed(flag.offset, line) {
        close()
        current = StrictMode(flag: String(flag.text.prefix { $0 != "=" }), item: isItem ? indent : nil)
        if !refuses || names.isEmpty { continue }
      } else if isItem, let item = current?.item, indent <= item {
        close()
      }
      guard current != nil else { continue }
      if refuses {
        list = names.isEmpty ? indent : nil
      } else if let depth = list, indent <= depth {
        list = nil
      }
      if refuses || list != nil {
        for name in names {
          current?.forbidden.append((name.text, TreePlace(file.path, text.position(of: name.offset))))
        }
      }
    }
    close()
    return modes
  }

  /// Whether the words right before a flag make it a condition: "when `STRICT=true`"; not "example: `STRICT=true`" on a line
  /// that has a "when" elsewhere.
  private static func isLed(_ offset: Int, _ line: ArraySlice<UInt8>) -> Bool {
    let before = String(decoding: line[line.startIndex..<offset], as: UTF8.self).lowercased()
    return leads.contains { before.suffix(24).contains($0) } && !before.suffix(24).contains("example")
  }

  /// Whether some code of the text ends as a flag that is on does: `=true`, `=1`.
  private static func hasFlag(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBufferPointer { bytes in
      bytes.indices.contains { index in
        guard bytes[index] == 0x60 else { return false }
        var start = index
        while start > 0, index - start < 5, bytes[start - 1] != UInt8(ascii: "=") { start -= 1 }
        return start > 1 && start < index && bytes[start - 1] == UInt8(ascii: "=")
      }
    }
  }

  private static func isOn(_ text: String) -> Bool {
    guard let equals = text.firstIndex(of: "="), EnvironmentNames.isConventional(text[..<equals]) else { return false }
    return ["true", "1", "on", "yes"].contains(text[text.index(after: equals)...].lowercased())
  }

  private static func isPattern(_ text: String) -> Bool {
    let name = text.hasSuffix("*") ? String(text.dropLast()) : text
    return EnvironmentNames.isConventional(name) && name.contains("_")
  }

  private static func spans(_ line: ArraySlice<UInt8>) -> [(text: String, offset: Int)] {
    var result: [(String, Int)] = []
    var rest = line
    while let open = rest.firstIndex(of: 0x60) {
      let inner = rest[(open + 1)...]
      guard let close = inner.firstIndex(of: 0x60) else { break }
      result.append((String(decoding: inner[..<close], as: UTF8.self), open + 1))
      rest = inner[(close + 1)...]
    }
    return result
  }

  /// The names that the code looks at where it asks for the flag and then refuses; `nil` where nothing asks and refuses.
  static func refused(_ flag: String, in context: AuditContext) -> (names: Set<String>, place: TreePlace)? {
    var names: Set<String> = []
    var place: TreePlace?
    for file in context.tree.files where file.kind == .regular {
      guard let language = file.language, let dialect = CodeTokens.Dialect.of(language),
        SourcePurpose.of(path: file.path) == .application, let text = context.tree.text(file),
        has(flag, text.bytes)
      else { continue }
      let tokens = CodeTokens(text, dialect)
      for index in tokens.tokens.indices where mentions(tokens, index, flag) {
        // Within the 160 tokens behind the flag; a new function ends the look.
        let end = min(tokens.count, index + 160)
        guard let stop = (index..<end).first(where: { isRefusal(tokens, $0) }) else { continue }
        let next = (index..<stop).first { tokens.at($0, "def") || tokens.at($0, "func") || tokens.at($0, "function") }
        if next != nil { continue }
        if place == nil { place = TreePlace(file.path, tokens.place(index)) }
        for position in index..<min(tokens.count, stop + 30) {
          let word = tokens.content(position) ?? tokens[position]
          for part in word.split(whereSeparator: { !($0.isLetter || $0.isNumber || $0 == "_") }) {
            if EnvironmentNames.isConventional(part.uppercased()), part.contains("_") {
              names.insert(part.uppercased())
            }
          }
          if position > stop, tokens.at(position, "def") || tokens.at(position, "return") { break }
        }
      }
    }
    return place.map { (names, $0) }
  }

  private static func mentions(_ tokens: CodeTokens, _ index: Int, _ flag: String) -> Bool {
    switch tokens.kind(index) {
    case .string: tokens.content(index) == flag
    case .identifier: tokens[index] == flag || tokens[index] == flag.lowercased()
    default: false
    }
  }

  private static func isRefusal(_ tokens: CodeTokens, _ index: Int) -> Bool {
    tokens.at(index, "raise") || tokens.at(index, "throw") || tokens.at(index, "panic") || tokens.at(index, "Fatal")
      || tokens.at(index, "Fatalf") || tokens.at(index, "fatalError") || tokens.at(index, "abort")
      || tokens.at(index, "exit") || tokens.at(index, "addIssue")
  }

  private static func has(_ flag: String, _ bytes: [UInt8]) -> Bool {
    ByteSearch.contains(flag, in: bytes) || ByteSearch.contains(flag.lowercased(), in: bytes)
  }
}
