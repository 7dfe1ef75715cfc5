import GonogoCore
import GonogoDocument

/// The variables that documents tell of.
enum DocumentedVariables {
  struct Found: Sendable {
    var mentions: [EnvironmentMention] = []
    /// Those that stand in a list, a table or a block that is about the environment: what is in one is meant as a variable.
    var listed: [EnvironmentMention] = []
    var bindings: [EnvironmentMention] = []
  }

  private static let subjects = [
    "environment", "env var", "env-var", ".env", "envs", "variable", "переменн", "окружен", "entorno", "umgebung",
  ]

  static func read(_ file: TreeFile, _ text: SourceFile, into found: inout Found) {
    var heading = ""
    var lead = ""
    var table = ""
    var fence: (mark: ArraySlice<UInt8>, isEnvironment: Bool, isSettings: Bool)?
    var isWarning = false
    for number in 1...max(1, text.lineCount) {
      let line = text.line(number)
      let body = line.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x3E }
      if let open = fence {
        if body.starts(with: open.mark), body.dropFirst(open.mark.count).allSatisfy({ $0 == 0x20 || $0 == 0x60 }) {
          fence = nil
        } else if body.isEmpty {
          isWarning = false
        } else if body.first == 0x23, isWarned(String(decoding: body, as: UTF8.self)) {
          isWarning = true
        } else if open.isEnvironment, !isWarning {
          assignment(body, text, file, &found)
        } else if open.isSettings {
          settings(body, text, file, &found)
        }
        continue
      }
      if body.starts(with: "```".utf8) || body.starts(with: "~~~".utf8) {
        let word = String(decoding: body.dropFirst(3).drop { $0 == 0x60 }, as: UTF8.self).trimmed.lowercased()
        isWarning = isWarned(heading) || isWarned(lead)
        let about = isAbout(heading) || isAbout(lead)
        fence = (
          body.prefix(3),
          word == "env" || word == "dotenv" || about && (word.isEmpty || word == "ini" || word == "properties"),
          settingsLanguages.contains(word)
        )
        continue
      }
      if body.isEmpty {
        table = ""
        continue
      }
      if body.first == 0x23 {
        heading = String(decoding: body, as: UTF8.self).lowercased()
        lead = ""
        continue
      }
      let isRow = body.first == 0x7C
      let item = itemBody(body)
      if isRow {
        if table.isEmpty { table = String(decoding: body, as: UTF8.self).lowercased() }
        firstCell(body, text, file, &found)
      } else if item == nil {
        lead = String(decoding: body, as: UTF8.self).lowercased()
      }
      spans(body, text, file, &found) { offset in
        if isRow {
          // The first cell names what the row is about.
          let before = text.bytes[body.startIndex..<offset]
          return before.allSatisfy { [0x7C, 0x20, 0x2A, 0x60].contains($0) } && (isAbout(table) || isAbout(heading))
        }
        guard let item else { return false }
        return text.bytes[item..<offset].allSatisfy { [0x20, 0x2A, 0x60].contains($0) }
          && (isAbout(heading) || isAbout(lead))
      }
    }
    if contains(text.bytes, "gonogo") { bind(file, text, &found) }
  }

  /// Whether a line tells what not to do.
  private static func isWarned(_ text: String) -> Bool {
    let lower = text.lowercased()
    return ["❌", "never ", "don't", "do not ", "avoid ", "wrong", "forbid", "jamais", "interdit", "нельзя"].contains {
      lower.contains($0)
    }
  }

  private static func isAbout(_ text: String) -> Bool { subjects.contains { text.contains($0) } }

  /// Where the text of a list item begins; `nil` where the line is none.
  private static func itemBody(_ body: ArraySlice<UInt8>) -> Int? {
    guard let first = body.first else { return nil }
    var rest = body
    if first == 0x2D || first == 0x2A || first == 0x2B {
      rest = body.dropFirst()
    } else {
      rest = body.drop { $0.isDigitByte }
      guard rest.startIndex > body.startIndex, rest.first == 0x2E || rest.first == 0x29 else { return nil }
      rest = rest.dropFirst()
    }
    guard rest.first == 0x20 else { return nil }
    rest = rest.drop { $0 == 0x20 }
    if rest.count > 3, rest.first == 0x5B, rest[rest.startIndex + 2] == 0x5D {
      rest = rest.dropFirst(3).drop { $0 == 0x20 }
    }
    return rest.startIndex
  }

  /// Blocks that show how something is set up, not how it is programmed.
  private static let settingsLanguages: Set<String> = [
    "json", "jsonc", "json5", "yaml", "yml", "toml", "bash", "sh", "shell", "console", "powershell", "dockerfile",
    "ini",
  ]

  /// `"NAME": "x"`, `NAME: x`, `-e NAME=x`: the names that a line gives a value.
  private static func settings(
    _ body: ArraySlice<UInt8>, _ text: SourceFile, _ file: TreeFile, _ found: inout Found
  ) {
    var rest = body
    while let start = rest.firstIndex(where: \.isWordByte) {
      let name = rest[start...].prefix { $0.isWordByte }
      rest = rest[name.endIndex...]
      let behind = rest.first == 0x22 || rest.first == 0x27 ? rest.dropFirst() : rest
      let before = start > body.startIndex ? text.bytes[start - 1] : 0x20
      guard behind.first == 0x3D || behind.first == 0x3A, ![0x2E, 0x24, 0x7B].contains(before) else { continue }
      mention(name, text, file, &found)
    }
  }

  /// The name in a row's first cell that is no code span.
  private static func firstCell(
    _ row: ArraySlice<UInt8>, _ text: SourceFile, _ file: TreeFile, _ found: inout Found
  ) {
    let cell = row.dropFirst().drop { $0 == 0x20 || $0 == 0x2A }
    let name = cell.prefix { $0.isWordByte }
    if cell[name.endIndex...].drop(while: { $0 == 0x20 || $0 == 0x2A }).first == 0x7C {
      mention(name, text, file, &found)
    }
  }

  private static func mention(
    _ name: ArraySlice<UInt8>, _ text: SourceFile, _ file: TreeFile, _ found: inout Found
  ) {
    let word = String(decoding: name, as: UTF8.self)
    guard EnvironmentNames.isConventional(word), word.contains("_") else { return }
    found.mentions.append(
      EnvironmentMention(name: word, place: TreePlace(file.path, text.position(of: name.startIndex))))
  }

  private static func assignment(
    _ body: ArraySlice<UInt8>, _ text: SourceFile, _ file: TreeFile, _ found: inout Found
  ) {
    var body = body
    if body.first == 0x23 { body = body.dropFirst().drop { $0 == 0x20 } }
    if body.starts(with: "export ".utf8) { body = body.dropFirst(7) }
    let name = body.prefix { $0.isWordByte }
    guard body.dropFirst(name.count).first == 0x3D else { return }
    let word = String(decoding: name, as: UTF8.self)
    guard EnvironmentNames.isConventional(word), word.contains("_") else { return }
    let mention = EnvironmentMention(name: word, place: TreePlace(file.path, text.position(of: name.startIndex)))
    found.mentions.append(mention)
    found.listed.append(mention)
  }

  /// The code spans of a line that are a variable's name, with or without a value.
  private static func spans(
    _ body: ArraySlice<UInt8>, _ text: SourceFile, _ file: TreeFile, _ found: inout Found, isListed: (Int) -> Bool
  ) {
    var rest = body
    while let open = rest.firstIndex(of: 0x60) {
      let inner = rest[(open + 1)...]
      guard let close = inner.firstIndex(of: 0x60) else { return }
      let span = inner[..<close]
      rest = inner[(close + 1)...]
      let name = span.prefix { $0.isWordByte }
      guard name.count == span.count || span[name.endIndex] == 0x3D else { continue }
      let word = String(decoding: name, as: UTF8.self)
      guard EnvironmentNames.isConventional(word), word.contains("_"), !word.hasSuffix("_") else { continue }
      let mention = EnvironmentMention(name: word, place: TreePlace(file.path, text.position(of: span.startIndex)))
      found.mentions.append(mention)
      if isListed(open) { found.listed.append(mention) }
    }
  }

  /// The variables that the `env:` bindings of a checklist hold to a contract.
  private static func bind(_ file: TreeFile, _ text: SourceFile, _ found: inout Found) {
    let checklist = ChecklistParser().parse(text.bytes, name: file.path, sink: DiagnosticSink())
    func note(_ name: String, _ node: Node) {
      guard EnvironmentNames.isName(name) else { return }
      found.bindings.append(EnvironmentMention(name: name, place: TreePlace(file.path, node.range.start)))
    }
    func contract(_ node: Node) {
      for entry in node["variables"]?.entries ?? [] { note(entry.name, entry.key) }
      for key in ["required", "optional", "forbidden", "one_of", "exactly_one"] {
        for element in node[key]?.elements ?? [] {
          for name in element.elements ?? [element] { if let text = name.text { note(text, name) } }
        }
      }
      for condition in node["when"]?.elements ?? [] { contract(condition) }
    }
    for control in checklist.controls {
      for binding in control.bindings { if let node = binding.node["env"] { contract(node) } }
    }
  }

  /// The names that documents show in configurations, `${NAME}`: whoever copies one of these uses them.
  static func shown(in context: AuditContext) -> Set<String> {
    var result: Set<String> = []
    for file in context.tree.files(in: .markdown) {
      guard let bytes = context.tree.text(file)?.bytes else { continue }
      var from = 0
      while let offset = ByteSearch.first("${", in: bytes, from: from) {
        from = offset + 2
        let name = bytes[from...].prefix { $0.isWordByte }
        if !name.isEmpty { result.insert(String(decoding: name, as: UTF8.self)) }
      }
    }
    return result
  }

  static func contains(_ bytes: [UInt8], _ needle: StaticString) -> Bool {
    ByteSearch.first(needle, in: bytes, from: 0) != nil
  }
}
