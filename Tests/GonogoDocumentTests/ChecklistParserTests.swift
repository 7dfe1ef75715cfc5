import GonogoCore
import GonogoDocument
import GonogoSystem
import GonogoTestSupport
import Testing

@Suite struct ChecklistParserTests {
  static func parse(_ bytes: [UInt8]) -> (checklist: Checklist, diagnostics: [Diagnostic]) {
    let sink = DiagnosticSink()
    let checklist = ChecklistParser().parse(bytes, name: "test.md", sink: sink)
    return (checklist, sink.sorted)
  }

  static func parse(_ text: String) -> (checklist: Checklist, diagnostics: [Diagnostic]) { parse(Array(text.utf8)) }

  /// `[x] id: title` for each control.
  static func lines(_ text: String) -> [String] {
    parse(text).checklist.controls.map { control in
      let box = control.tick.map { $0.checked ? "[x]" : "[ ]" } ?? "-"
      return control.idSource == .author ? "\(box) \(control.id): \(control.title)" : "\(box) \(control.title)"
    }
  }

  static let rows: [(text: String, expected: [String])] = [
    ("- [ ] a\n- [x] b\n- [X] c\n", ["[ ] a", "[x] b", "[x] c"]),
    ("* [ ] a\n\n+ [x] b\n\n1. [ ] c\n\n2) [x] d\n", ["[ ] a", "[x] b", "[ ] c", "[x] d"]),
    ("- [ ] a\n  - [x] b\n    1. [ ] c\n       - [x] d\n", ["[ ] a", "[x] b", "[ ] c", "[x] d"]),
    ("> - [ ] a\n> > * [x] b\n", ["[ ] a", "[x] b"]),
    ("-\t[ ]\ta\n\t- [x]\tb\n", ["[ ] a", "[x] b"]), ("- [\t] a\n", ["[ ] a"]),
    ("- [ ] write [x] here\n- [x] keep [ ] there\n", ["[ ] write [x] here", "[x] keep [ ] there"]),
    // No tasks
    ("- [ ]\n- [x]\n- [ ] \n-\n- []a\n- [ ]a\n- [y] a\n- a [ ] b\n[ ] a\n", []), ("- [x](http://a) b\n", []),
    ("    - [ ] code\n", []), ("```\n- [ ] code\n```\n", []), ("~~~\n- [ ] code\n", []),
    ("<!--\n- [ ] a\n-->\n", []), ("<details>\n- [ ] a\n</details>\n", []), ("- # [ ] a\n", []),
    ("<details>\n\n- [ ] a\n\n</details>\n", ["[ ] a"]), ("- para\n\n  [ ] a\n", []), ("- \\[ ] a\n", []),
    // References
    ("- [x] a\n\n[x]: http://a\n", ["[x] a"]), ("- [x] xylophone\n\n[X]: http://a\n", ["[x] xylophone"]),
    // Ids
    ("- [ ] **SEC-1** a\n- [ ] **SEC-2:** b\n- [ ] __SEC-3__ — c\n", ["[ ] SEC-1: a", "[ ] SEC-2: b", "[ ] SEC-3: c"]),
    ("- [ ] {#a/b.c} a\n- [x] b {#d_e}\n- [ ] c {not} d\n", ["[ ] a/b.c: a", "[x] d_e: b", "[ ] c {not} d"]),
    ("- [ ] **Bold** a\n- [ ] **v2.0** b\n- [ ] *SEC-1* c\n", ["[ ] Bold a", "[ ] v2.0: b", "[ ] SEC-1 c"]),
    ("- [ ] a `code` [link](x) **b** <i>c</i>\n", ["[ ] a code link b c"]), ("- [ ] a\n  b\n", ["[ ] a b"]),
    // Tables
    ("| | Check |\n|-|-|\n| [ ] | a |\n| [x] | b |\n| - | c |\n", ["[ ] a", "[x] b"]),
    ("| Check | Done |\n|-|-|\n| A-1 | [x] |\n| has [x] in it | [ ] |\n", ["[x] A-1: ", "[ ] has [x] in it"]),
    // Line ends
    ("- [ ] a\r- [x] b\r", ["[ ] a", "[x] b"]), ("- [ ] a\r\n- [x] b\r\n", ["[ ] a", "[x] b"]), ("- [ ] a", ["[ ] a"]),
    ("", []), ("\n", []), ("\u{FEFF}", []), ("\u{FEFF}- [x] a", ["[x] a"]),
    // Front matter
    ("---\ntitle: x\n- [ ] no\n---\n- [ ] a\n", ["[ ] no", "[ ] a"]),
    ("---\ntitle: x\ntags: [a]\n---\n- [ ] a\n", ["[ ] a"]),
    ("---\n- [ ] a\n---\n- [ ] b\n", ["[ ] a", "[ ] b"]), ("---\ntitle: x\n\n- [ ] a\n", ["[ ] a"]),
    ("---\n---\n- [ ] a\n", ["[ ] a"]),
    ("---\r\ntitle: x\r\n...\r\n- [ ] a\r\n", ["[ ] a"]), ("+++\na = 1\n+++\n- [ ] a\n", ["[ ] a"]), ("---", []),
    ("---\n", []),
  ]

  @Test func `what is a task, and what is none`() {
    for (text, expected) in Self.rows {
      #expect(Self.lines(text) == expected, "\(text.debugDescription)")
      // A tick's byte is the one between the brackets.
      let (checklist, _) = Self.parse(text)
      let bytes = Array(text.utf8)
      for control in checklist.controls {
        guard let tick = control.tick else { continue }
        #expect(bytes[tick.offset - 1] == UInt8(ascii: "[") && bytes[tick.offset + 1] == UInt8(ascii: "]"), "\(text)")
        #expect((bytes[tick.offset] | 0x20 == UInt8(ascii: "x")) == tick.checked, "\(text)")
      }
    }
  }

  @Test func `a slug is the section and the title, and the only one of its name`() {
    let (checklist, diagnostics) = Self.parse(
      "# A\n## Sécurité & Co.\n- [ ] Réponse: OK\n- [ ] Réponse: OK\n- [ ] !!!\n# B\n- [ ] x\n")
    #expect(
      checklist.controls.map(\.id) == [
        "sécurité-co/réponse-ok", "sécurité-co/réponse-ok-2", "sécurité-co/line-5", "b/x",
      ])
    #expect(
      checklist.controls.map(\.section) == [
        ["A", "Sécurité & Co."], ["A", "Sécurité & Co."], ["A", "Sécurité & Co."], ["B"],
      ])
    #expect(diagnostics.isEmpty)
  }

  @Test func `a binding elsewhere names its line`() {
    let (checklist, diagnostics) = Self.parse(
      "- **A-1** a\n- [ ] b\n\n```yaml gonogo\ncontrol: A-1\nlook: 1\n```\n\n```gonogo\ncontrol: b\nlook: 2\n```\n")
    #expect(diagnostics.isEmpty)
    #expect(checklist.controls.map(\.id) == ["A-1", "b"])
    #expect(checklist.controls.map(\.bindings.count) == [1, 1])
    #expect(checklist.controls[0].bindings[0].node.entries?.map(\.name) == ["look"])
    #expect(checklist.controls[0].tick == nil)
  }

  @Test func `a table in an item gives cases`() async {
    let ran = await LookBench.run(
      """
      - [ ] **T-1** a

        | n | name |
        |---|------|
        | 1 | one  |
        | 2 | two  |

        ```yaml gonogo
        look: { facts: { text: '${name}' } }
        expect: { text: { one_of: [one, two] } }
        cases: table
        ```
      """)
    #expect(ran.diagnostics.isEmpty)
    #expect(ran.results.first?.outcome == .passed)
    #expect(ran.results.first?.checks.map(\.label) == ["1", "2"])
  }

  @Test func `bytes that are not UTF-8 are told with the offset of the first, and nothing moves`() {
    let bad: [[UInt8]] = [
      [0xFF], [0xC0, 0xAF], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80], [0x00], [0xC3],
    ]
    for bytes in bad {
      for head in ["", "é", "# x\n", "- [ ] a\n- [x] "] {
        for tail in ["\n- [x] b\n", " c\n\n- [x] b"] {
          let raw = Array(head.utf8) + bytes + Array(tail.utf8)
          let (checklist, diagnostics) = Self.parse(raw)
          #expect(diagnostics.map(\.code.id) == ["bad-encoding"])
          #expect(diagnostics.first?.severity == .warning)
          #expect(
            diagnostics.first?.message.contains("at offset \(head.utf8.count)") == true, "\(bytes) \(diagnostics)")
          #expect(checklist.controls.last?.title == "b" && checklist.controls.last?.tick?.checked == true)
          #expect(checklist.file.bytes == raw)
        }
      }
    }
  }

  @Test func `UTF-16 is read, and said`() {
    for little in [true, false] {
      var bytes: [UInt8] = little ? [0xFF, 0xFE] : [0xFE, 0xFF]
      for unit in "# é\n- [x] 漢😀\n\n\u{0}".utf16 {
        let pair = [UInt8(unit & 255), UInt8(unit >> 8)]
        bytes += little ? pair : pair.reversed()
      }
      let (checklist, diagnostics) = Self.parse(bytes)
      #expect(checklist.controls.map(\.title) == ["漢😀"])
      #expect(diagnostics.map(\.code.id) == ["bad-encoding"])
      #expect(BoxWriter.apply([(.init(id: "", line: 1, ticked: false), 5)], to: bytes) == nil)
    }
  }

  /// Neither a crash nor a hang: each in the time of its size.
  @Test(.timeLimit(.minutes(1))) func `monsters are read`() {
    let n = 100_000
    #expect(Self.parse("- [x] " + String(repeating: "a", count: 10_000_000)).checklist.controls.count == 1)
    _ = Self.parse(String(repeating: ">", count: n) + " - [ ] a\n")
    _ = Self.parse(String(repeating: "> ", count: 5_000) + "- [ ] a\n")
    _ = Self.parse(String(repeating: "- ", count: 5_000) + "[ ] a\n")
    _ = Self.parse("- [ ] " + String(repeating: "[", count: n))
    _ = Self.parse("- [ ] " + String(repeating: "*a_", count: n / 4))
    _ = Self.parse("- [ ] " + String(repeating: "`", count: n))
    _ = Self.parse(String(repeating: "```yaml gonogo\n", count: 2_000))
    _ = Self.parse("- [ ] a\n  ```yaml gonogo\n  look: " + String(repeating: "[", count: n))
    _ = Self.parse("---\ngonogo: 1\n" + String(repeating: "a: {", count: 1_000))
    #expect(Self.parse(String(repeating: "- [ ] same\n", count: 20_000)).checklist.controls.count == 20_000)
    #expect(Self.parse(String(repeating: "| [x] | a |\n", count: 2) + "").checklist.controls.isEmpty)
  }
}

/// The checklists that people keep: read as they are.
@Suite struct CorpusTests {
  static let directory = FileSystem.join(FileSystem.directory(of: GonogoBinary.packageRoot), "shared/checklists")
  /// In a worktree the checkout's parent is elsewhere.
  static let candidates = [
    directory,
    FileSystem.join(FileSystem.directory(of: FileSystem.directory(of: GonogoBinary.packageRoot)), "shared/checklists"),
  ]
  static let found = candidates.first { FileSystem.exists($0) }
  static let files: [String] = {
    guard let found else { return [] }
    let names =
      ((try? FileSystem.glob("*.md", in: found)) ?? []) + ((try? FileSystem.glob("raw/*.txt", in: found)) ?? [])
    return names.map { FileSystem.join(found, $0) }
  }()

  @Test(.enabled(if: !files.isEmpty, "the collection of checklists is not beside this checkout"), arguments: files)
  func `every task is a control with an id of its own`(_ path: String) throws {
    let bytes = try FileSystem.read(path)
    let sink = DiagnosticSink()
    let checklist = ChecklistParser().parse(bytes, name: path, sink: sink)
    #expect(sink.diagnostics.isEmpty)
    #expect(Set(checklist.controls.map(\.id)).count == checklist.controls.count)
    // Counted apart, by lines: a task item outside of fences.
    var boxes: [Bool] = []
    var fenced = false
    for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
      let text = line.drop { $0 == " " || $0 == "\t" || $0 == ">" }
      if text.hasPrefix("```") { fenced.toggle() }
      if fenced { continue }
      guard let first = text.first, "-*+".contains(first) || first.isNumber else { continue }
      let rest = text.drop { $0.isNumber }.dropFirst().drop { $0 == " " || $0 == "\t" }
      for (mark, ticked) in [("[ ] ", false), ("[x] ", true), ("[X] ", true)]
      where rest.hasPrefix(mark) && rest.count > 4 {
        boxes.append(ticked)
      }
    }
    #expect(checklist.controls.compactMap { $0.tick?.checked } == boxes)
    // `--write` there and back.
    BoxWriterTests.prove(bytes, checklist)
  }
}

@Suite struct BoxWriterTests {
  /// Every box turned: only the bytes between brackets differ; twice is once; turned back is the file that was.
  static func prove(_ bytes: [UInt8], _ checklist: Checklist) {
    let ticks = checklist.controls.compactMap { control in control.tick.map { (control, $0) } }
    let turned = ticks.map {
      (change: BoxWriter.Change(id: $0.0.id, line: 0, ticked: !$0.1.checked), offset: $0.1.offset)
    }
    guard let written = BoxWriter.apply(turned, to: bytes) else {
      Issue.record("refused")
      return
    }
    let places = Set(ticks.map(\.1.offset))
    #expect(written.count == bytes.count && places.count == ticks.count)
    let changed = bytes.indices.filter { bytes[$0] != written[$0] }
    #expect(Set(changed) == places)
    #expect(BoxWriter.apply(turned, to: written) == written)
    let again = ChecklistParser().parse(written, name: "", sink: DiagnosticSink())
    #expect(again.controls.compactMap { $0.tick?.checked } == ticks.map { !$0.1.checked })
    #expect(again.controls.map(\.id) == checklist.controls.map(\.id))
    let back = ticks.map { (change: BoxWriter.Change(id: $0.0.id, line: 0, ticked: $0.1.checked), offset: $0.1.offset) }
    guard let restored = BoxWriter.apply(back, to: written) else {
      Issue.record("refused to turn back")
      return
    }
    // A tick is written `x` and no tick a blank: a file that wrote `X` or a tab gets those.
    let plain = ticks.reduce(into: bytes) { copy, tick in
      copy[tick.1.offset] = tick.1.checked ? UInt8(ascii: "x") : 0x20
    }
    #expect(restored == plain)
  }

  @Test func `thousands of documents, there and back`() {
    var random = SeededGenerator(seed: 2026)
    var boxes = 0
    for _ in 0..<3_000 {
      let bytes = Self.document(&random)
      let checklist = ChecklistParser().parse(bytes, name: "", sink: DiagnosticSink())
      boxes += checklist.controls.filter { $0.tick != nil }.count
      Self.prove(bytes, checklist)
    }
    #expect(boxes > 4_000)
  }

  /// Anything that stands in somebody's file: line ends, encodings, tabs, nesting, fences, tables, half of something.
  static func document(_ random: inout SeededGenerator) -> [UInt8] {
    let ends = [["\n"], ["\r\n"], ["\r"], ["\n", "\r\n", "\r"]].randomElement(using: &random)!
    var bytes: [UInt8] = Int.random(in: 0..<6, using: &random) == 0 ? [0xEF, 0xBB, 0xBF] : []
    let texts = [
      "a", "漢字", "e\u{301}", "**A-1** x", "[x] y", "`[ ]`", "[l](u)", "{#id}", "\t", "  ", "😀 z", "(optional)", "[x]",
      "\\", "a | b",
    ]
    let bullets = ["- ", "* ", "+ ", "1. ", "10) ", "-\t", "-  "]
    let boxes = ["[ ] ", "[x] ", "[X] ", "[\t] ", "[ ]", "[]", "[ ]\t", "[y] "]
    for _ in 0..<Int.random(in: 1...16, using: &random) {
      var line = ["", "", "  ", "\t", "    ", "> ", "> > ", " "].randomElement(using: &random)!
      switch Int.random(in: 0..<12, using: &random) {
      case 0:
        line = ["---", "```yaml gonogo", "```", "~~~", "<!--", "-->", "# H", "===", "[x]: u", ""].randomElement(
          using: &random)!
      case 1: line += "| " + boxes.randomElement(using: &random)! + "| " + texts.randomElement(using: &random)! + " |"
      case 2: line = "|-|-|"
      case 3: break
      default:
        line += bullets.randomElement(using: &random)!
        if Int.random(in: 0..<8, using: &random) > 0 { line += boxes.randomElement(using: &random)! }
        for _ in 0..<Int.random(in: 0..<3, using: &random) { line += texts.randomElement(using: &random)! }
      }
      bytes += Array(line.utf8)
      if Int.random(in: 0..<12, using: &random) == 0 {
        bytes += [[0xFF], [0x00], [0xC3], [0xE2, 0x82]].randomElement(using: &random)!
      }
      bytes += Array(ends.randomElement(using: &random)!.utf8)
    }
    return bytes
  }

  @Test func `a file that has changed is refused`() {
    let change = BoxWriter.Change(id: "a", line: 1, ticked: true)
    for (text, offset) in [
      ("- [ ] a", 2), ("- [y] a", 3), ("- ( ) a", 3), ("- [ ", 3), ("", 3), ("- [ ] a", 0), ("- [ ] a", 700),
    ] {
      #expect(BoxWriter.apply([(change, offset)], to: Array(text.utf8)) == nil)
    }
    #expect(BoxWriter.apply([(change, 3)], to: Array("- [ ] a".utf8)) == Array("- [x] a".utf8))
  }

  @Test func `only what was decided is written`() async {
    let ran = await LookBench.run(
      LookBench.document([
        "look: { facts: { status: 1 } }\nexpect: { status: 1 }",
        "look: { facts: { status: 1 } }\nexpect: { status: 2 }",
        "look: { facts: {}, error: denied }\nexpect: { status: 1 }",
      ])
        + "- [x] unbound\n")
    let changes = BoxWriter.changes(ran.results)
    #expect(changes.map(\.change) == [BoxWriter.Change(id: "T-1", line: 1, ticked: true)])
  }
}
