import GonogoCore
import GonogoDocument
import GonogoTestSupport
import Testing

/// Every problem a document can have, at its exact place. The keycaps in the sources say where.
@Suite struct DiagnosticCatalogueTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    let source: MarkedSource
    let expected: [String]
    let options: Planner.Options
    init(_ name: String, _ source: String, _ expected: [String], options: Planner.Options = Planner.Options()) {
      self.name = name
      self.source = MarkedSource(source)
      self.expected = expected
      self.options = options
    }
    var testDescription: String { name }
  }

  /// A binding under one line.
  static func line(_ binding: String, front: String = "") -> String {
    let head = front.isEmpty ? "" : "---\ngonogo: 1\n\(front)\n---\n"
    let body = binding.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
    return "\(head)- [ ] **T-1** a\n  ```yaml gonogo\n\(body.joined(separator: "\n"))\n  ```\n"
  }

  static let rows: [Row] = [
    // Interpolation
    Row(
      "an open reference", line("look: { facts: { text: 'a 1️⃣${who' } }\nexpect: { status: 1 }"), ["bad-interpolation@1"]
    ),
    Row("not a name", line("look: 1️⃣${a b}x\nexpect: { status: 1 }"), ["bad-interpolation@1"]),
    Row("an empty name", line("look: { facts: '1️⃣${}' }\nexpect: { status: 1 }"), ["bad-interpolation@1"]),
    Row(
      "an unknown name", line("look: { facts: 'é 1️⃣${nobody} ${ALL_CAPS}' }\nexpect: { status: 1 }"),
      ["unknown-reference@1"]),
    Row(
      "an unknown name in the front matter",
      line("look: 1\nexpect: { status: 1 }", front: "vars: { a: 'x1️⃣${nobody}' }"), ["unknown-reference@1"]),
    Row(
      "two unknown names", line("look: { facts: '1️⃣${x}2️⃣${y}' }\nexpect: { status: 1 }"),
      ["unknown-reference@1", "unknown-reference@2"]),
    Row(
      "in a block scalar, the scalar's place", line("look:\n  facts: 1️⃣|\n    ${x}\nexpect: { status: 1 }"),
      ["unknown-reference@1"]),
    Row(
      "a reference in a text that is not interpolated",
      line("look: 1\nexpect: { status: 1 }\nmend: 1️⃣'set ${NAME}'"), ["bad-interpolation@1"]),
    Row(
      "an escaped one there", line("look: 1\nexpect: { status: 1 }\nmend: 'set $${NAME:?}'"), []),
    // Forms
    Row("a list for a duration", line("look: 1\nexpect: { status: 1 }\ntimeout: 1️⃣[1]"), ["wrong-type@1"]),
    Row("a duration without its unit", line("look: 1\nexpect: { status: 1 }\ntimeout: 1️⃣10"), ["wrong-type@1"]),
    Row("needs a list of texts", line("look: 1\nexpect: { status: 1 }\nneeds: [1️⃣{ a: 1 }]"), ["wrong-type@1"]),
    Row("expect a list", line("look: 1\nexpect: 1️⃣[1]"), ["wrong-type@1"]),
    Row("jq a mapping", line("look: 1\njq: 1️⃣{ a: 1 }"), ["wrong-type@1"]),
    Row("out of range", line("look: 1\nexpect: { status: 1 }\nretry: 1️⃣0"), ["out-of-range@1"]),
    Row(
      "an effect made less", line("look: { facts: 1, does: writes }\nexpect: { status: 1 }\n1️⃣effect: reads"),
      ["out-of-range@1"]),
    // Keys
    Row("no facts", line("look: 1️⃣{ witness: 1 }\nexpect: { status: 1 }"), ["missing-key@1"]),
    Row(
      "an unknown key of the binding", line("look: 1\n1️⃣expct: { status: 1 }\nexpect: { status: 1 }"), ["unknown-key@1"]),
    Row(
      "an unknown key of the probe", line("look: { facts: 1, 1️⃣witnes: 2 }\nexpect: { status: 1 }"), ["unknown-key@1"]),
    Row("an unknown key of the front matter", "---\ngonogo: 1\n1️⃣environment: {}\n---\n- [ ] a\n", ["unknown-key@1"]),
    Row(
      "unknown keys of `when` and `allowed`",
      line(
        "look: 1\nexpect: { status: 1 }\nwhen: { 1️⃣sett: [A] }\nallowed: { look: 1, expect: { status: 1 }, 2️⃣retry: 2 }"),
      ["unknown-key@1", "unknown-key@2"]),
    Row("a key twice", line("1️⃣look: 1\nexpect: { status: 1 }\n2️⃣look: 2"), ["duplicate-key@2(1)"]),
    Row(
      "a key twice in a flow mapping", line("look: 1\nexpect: { 1️⃣status: 1, 2️⃣\"status\": 2 }"), ["duplicate-key@2(1)"]),
    Row(
      "a key twice in the front matter", "---\ngonogo: 1\nvars:\n  1️⃣a: 1\n  2️⃣a: 2\n---\n- [ ] a\n",
      ["duplicate-key@2(1)"]),
    // Expectations
    Row("nothing expected", line("1️⃣look: 1"), ["empty-expectation@1"]),
    Row("an empty expectation", line("look: 1\nexpect: 1️⃣{}"), ["empty-expectation@1"]),
    Row("an empty jq list", line("look: 1\njq: 1️⃣[]"), ["empty-expectation@1"]),
    Row("an empty mapping for a matcher", line("look: 1\nexpect: { map: 1️⃣{} }"), ["empty-expectation@1"]),
    Row("contains nothing", line("look: 1\nexpect: { text: { contains: 1️⃣'' } }"), ["empty-expectation@1"]),
    Row("an empty when", line("look: 1\nexpect: { status: 1 }\nwhen: 1️⃣{}"), ["empty-expectation@1"]),
    Row("a bad path", line("look: 1\nexpect: { 1️⃣'rows[': 1 }"), ["bad-path@1"]),
    Row("an unknown fact", line("look: 1\nexpect: { 1️⃣statu: 1, status: 1 }"), ["unknown-fact@1"]),
    Row("no matcher beside one", line("look: 1\nexpect: { text: { contains: a, 1️⃣startswith: b } }"), ["bad-matcher@1"]),
    Row("not a quantity", line("look: 1\nexpect: { status: 1️⃣'> many' }"), ["bad-matcher@1"]),
    Row("one_of nothing", line("look: 1\nexpect: { status: { one_of: 1️⃣[] } }"), ["bad-matcher@1"]),
    Row("no such type", line("look: 1\nexpect: { status: { type: 1️⃣int } }"), ["bad-matcher@1"]),
    Row("a bad pattern", line("look: 1\nexpect: { text: { matches: 1️⃣'/(/' } }"), ["bad-pattern@1"]),
    // `/re/m` was taken for the text of the pattern, slashes and all, and never matched.
    Row("a pattern's flag", line("look: 1\nexpect: { text: { matches: '/^a$/m' } }"), []),
    Row("a pattern's unknown flag", line("look: 1\nexpect: { text: { matches: 1️⃣'/a/g' } }"), ["bad-pattern@1"]),
    Row(
      "a letter that is no flag anywhere", line("look: 1\nexpect: { text: { matches: 1️⃣'/a/q' } }"), ["bad-pattern@1"]),
    Row("a path is no pattern with flags", line("look: 1\nexpect: { text: { matches: /api/users } }"), []),
    Row("an empty pattern", line("look: 1\nexpect: { text: { matches: 1️⃣// } }"), ["bad-pattern@1"]),
    Row("an empty pattern without case", line("look: 1\nexpect: { text: { matches: 1️⃣//i } }"), ["bad-pattern@1"]),
    Row("bad jq, each at its place", line("look: 1\njq: [1️⃣'.a |', '.b', 2️⃣'.c)']"), ["bad-query@1", "bad-query@2"]),
    Row(
      "bad jq on a line that is skipped", line("look: { facts: 1, does: writes }\njq: 1️⃣'nosuch(1)'"), ["bad-query@1"]),
    // The front matter
    Row("another version", "---\n1️⃣gonogo: 2\n---\n- [ ] a\n", ["bad-version@1"]),
    Row("no version", "---\n1️⃣gonogo:\n---\n- [ ] a\n", ["bad-version@1"]),
    Row(
      "an environment that is not there", "---\ngonogo: 1\nenvironments: { staging: {} }\n---\n- [ ] a\n",
      ["unknown-environment@nowhere"], options: Planner.Options(environment: "stagin")),
    Row("the front matter without its end", "1️⃣---\ngonogo: 1\n\n- [ ] a\n", ["open-front-matter@1"]),
    Row("a quoted key is ours as well", "---\n\"gonogo\": 1\n1️⃣nosuch: 1\n---\n- [ ] a\n", ["unknown-key@1"]),
    // Probes
    Row("no such probe", line("1️⃣lok: 1\nexpect: { status: 1 }"), ["unknown-probe@1"]),
    Row(
      "no such probe beside a misspelt key", line("1️⃣exect: { status: 1 }\n2️⃣postgres: 1"),
      ["unknown-key@1", "unknown-probe@2"]),
    Row("no probe", line("1️⃣expect: { status: 1 }"), ["missing-probe@1"]),
    Row("an empty binding", "- [ ] a\n  ```yaml 1️⃣gonogo\n  ```\n", ["missing-probe@1"]),
    Row("a binding of comments", "- [ ] a\n  ```yaml 1️⃣gonogo\n  # look: 1\n  ```\n", ["missing-probe@1"]),
    Row("two probes", line("look: 1\n1️⃣glance: 1\nexpect: { status: 1 }"), ["two-probes@1"]),
    Row("a probe and a word", line("attest: cto\n1️⃣look: 1"), ["two-probes@1"]),
    Row(
      "a denial without its control", line("1️⃣look: { facts: 1, denial: true }\nexpect: { status: 1 }"),
      ["denial-without-control@1"]),
    Row("cases of nothing", line("look: 1\nexpect: { status: 1 }\ncases: 1️⃣[]"), ["empty-cases@1"]),
    Row("cases of a table that is not there", line("look: 1\nexpect: { status: 1 }\ncases: 1️⃣table"), ["empty-cases@1"]),
    // The whole
    Row("needs nobody", line("look: 1\nexpect: { status: 1 }\nneeds: [1️⃣T-2]"), ["unknown-control@1"]),
    Row(
      "binds nobody", "- [ ] **T-1** a\n\n```yaml gonogo\ncontrol: 1️⃣T-2\nlook: 1\nexpect: { status: 1 }\n```\n",
      ["unknown-control@1"]),
    Row("needs itself", line("look: 1\nexpect: { status: 1 }\nneeds: 1️⃣T-1"), ["cycle@1"]),
    Row(
      "selects nothing", "- [ ] **T-1** a\n", ["empty-selection@nowhere", "empty-selection@nowhere"],
      options: Planner.Options(selection: Selection(only: ["X-*"], skip: ["tag:no"]))),
    Row(
      "needs what the selection leaves out",
      line("look: 1\nexpect: { status: 1 }\nneeds: 1️⃣T-2") + "- [ ] **T-2** b\n", ["unselected-need@1"],
      options: Planner.Options(selection: Selection(only: ["T-1"]))),
    Row("a stray binding", "- [ ] a\n\n```yaml 1️⃣gonogo\nlook: 1\n```\n", ["stray-binding@1"]),
    Row("an empty stray binding", "- [ ] a\n\n```yaml 1️⃣gonogo\n```\n", ["stray-binding@1"]),
    Row(
      "one id twice", "- [ ] **1️⃣T-1** a\n- [ ] **2️⃣T-1** b\n- [ ] {#3️⃣T-1} c\n",
      ["duplicate-id@2(1)", "duplicate-id@3(1)"]),
    Row("an id that also stands before", "1. [ ] {#1️⃣1} a\n2. [ ] b {#2️⃣1}\n", ["duplicate-id@2(1)"]),
    Row(
      "nearly a binding",
      "- [ ] a\n  ```yaml 1️⃣gonogoo\n  look: 1\n  ```\n- [ ] b\n  ```2️⃣yaml-gonogo\n  ```\n- [ ] c\n  ```yaml 3️⃣Gonogo\n  ```\n",
      ["nearly-binding@1", "nearly-binding@2", "nearly-binding@3"]),
    Row(
      "nearly a box", "- 1️⃣[✓] a\n- 2️⃣[х] b\n- 3️⃣[x]c\n\n4️⃣-[x] d\n",
      ["nearly-box@1", "nearly-box@2", "nearly-box@3", "nearly-box@4"]),
    Row(
      "what Markdown does not read", "<div>\n- 1️⃣[x] a\n</div>\n\n<!--\n- [x] b\n  ```yaml 2️⃣gonogo\n  ```\n-->\n",
      ["hidden-line@1", "hidden-line@2"]),
    // YAML, at every kind of place
    Row("a colon too many", line("look: a1️⃣: b"), ["bad-yaml@1"]),
    Row("a tab for an indent", line("look:\n1️⃣\ta: 1"), ["bad-yaml@1(1)"]),
    Row("a second document", line("look: 1\n1️⃣---\nlook: 2"), ["bad-yaml@1"]),
    Row("an alias of nothing", line("look: 1️⃣*a"), ["bad-yaml@1"]),
    Row("a control character", line("look: 'a 1️⃣\u{1} b'"), ["bad-yaml@1"]),
    Row(
      "a control character behind letters of several bytes", line("text: 'žluťoučký'\nlook: 'é 1️⃣\u{1} b'"),
      ["bad-yaml@1"]),
    Row("a key that is a list", line("1️⃣[a]: 1"), ["bad-yaml@1"]),
    Row("not closed", line("look: 1️⃣[1, 2\n"), ["bad-yaml@5:1(1)"]),
    Row(
      "broken YAML is told once, and an error before it changes nothing",
      line("1️⃣lok: 1\nexpect: { status: 1 }") + "- [ ] b\n  ```yaml gonogo\n  a: b2️⃣: c\n  ```\n",
      ["unknown-probe@1", "bad-yaml@2"]),
    // Columns are bytes
    Row("behind Chinese", line("look: { asked: 漢字, 1️⃣nope: 1, facts: 1 }\nexpect: { status: 1 }"), ["unknown-key@1"]),
    Row(
      "behind a combining mark", line("look: { asked: e\u{301}, 1️⃣nope: 1, facts: 1 }\nexpect: { status: 1 }"),
      ["unknown-key@1"]),
    Row(
      "behind an emoji of several scalars", line("look: { asked: '👩‍👩‍👧', 1️⃣nope: 1, facts: 1 }\nexpect: { status: 1 }"),
      ["unknown-key@1"]),
    Row(
      "behind tabs inside the line", line("look:\t{ asked: a,\t1️⃣nope: 1, facts: 1 }\nexpect: { status: 1 }"),
      ["unknown-key@1"]),
    Row("in a block quote", "> - [ ] a\n>   ```yaml gonogo\n>   1️⃣lok: 1\n>   ```\n", ["unknown-probe@1"]),
    Row(
      "in a block quote in a list in a block quote",
      "> * x\n>   > 3) [ ] a\n>   >    ```yaml gonogo\n>   >    look: 1\n>   >    expect: { status: 1, 1️⃣nope: 2 }\n>   >    ```\n",
      ["unknown-fact@1"]),
    Row("in a numbered list", "10) [ ] a\n\n    ```yaml gonogo\n    1️⃣lok: 1\n    ```\n", ["unknown-probe@1"]),
    Row(
      "in a nested list", "- a\n  - b\n    + [ ] c\n      ```yaml gonogo\n      1️⃣lok: 1\n      ```\n",
      ["unknown-probe@1"]),
    Row("in a fence indented by a tab", "- [ ] a\n\t```yaml gonogo\n\t1️⃣lok: 1\n\t```\n", ["unknown-probe@1"]),
    Row(
      "in a numbered fence indented by a tab",
      "1. [ ] a\n\n\t```yaml gonogo\n\tlook: { facts: 1, 1️⃣nope: 1 }\n\texpect: { status: 1 }\n\t```\n",
      ["unknown-key@1"]),
    Row(
      "where a tab is split", "- [ ] a\n  ```yaml gonogo\n  look: 1\n  expect:\n\t1️⃣nope: 1\n  ```\n", ["unknown-fact@1"]
    ),
    Row(
      "in quoted scalars over lines",
      line("look:\n  asked: \"a\n    b\"\n  1️⃣nope: 1\n  facts: 1\nexpect: { status: 1 }"), ["unknown-key@1"]),
    Row(
      "below a block scalar",
      line("look:\n  asked: |\n    žluť\n\n    b\n  1️⃣nope: 1\n  facts: 1\nexpect: { status: 1 }"), ["unknown-key@1"]),
    Row(
      "all problems at once",
      line(
        "look: { facts: '1️⃣${x}', 2️⃣nope: 1 }\nexpect: { 3️⃣statu: 1 }\njq: 4️⃣'.a |'\ntimeout: 5️⃣1\nretry: 6️⃣x\n7️⃣tag: []\nneeds: [8️⃣X]"
      ),
      [
        "unknown-reference@1", "unknown-key@2", "unknown-fact@3", "bad-query@4", "wrong-type@5", "wrong-type@6",
        "unknown-key@7", "unknown-control@8",
      ]),
    Row(
      "all problems, the probe's arguments being unusable",
      line("look: 1️⃣{}\nexpect: { 2️⃣statu: 1 }\njq: 3️⃣'.a |'\ntimeout: 4️⃣1\neffect: 5️⃣x\ncases: 6️⃣[]"),
      ["missing-key@1", "unknown-fact@2", "bad-query@3", "wrong-type@4", "wrong-type@5", "empty-cases@6"]),
  ]

  @Test(arguments: rows) func `a problem stands where it is`(row: Row) {
    let found = LookBench.diagnose(row.source.bytes, options: row.options)
    #expect(row.source.names(found) == row.expected, "\(found.map(\.message))")
  }

  @Test(arguments: rows) func `CRLF moves nothing`(row: Row) {
    let bytes = row.source.bytes.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }
    let found = LookBench.diagnose(bytes, options: row.options)
    #expect(row.source.names(found) == row.expected, "\(found.map(\.message))")
  }

  @Test func `a byte-order mark shifts the first line only`() {
    for row in Self.rows {
      let found = LookBench.diagnose([0xEF, 0xBB, 0xBF] + row.source.bytes, options: row.options)
      let moved = found.map { diagnostic in
        guard var range = diagnostic.range, range.start.line == 1, range.start.column > 1 else { return diagnostic }
        range.start.column -= 3
        range.end.column -= 3
        return Diagnostic(
          diagnostic.severity, diagnostic.code, diagnostic.message, at: range, notes: diagnostic.notes, mend: nil)
      }
      #expect(
        row.source.names(moved).map { $0.prefix { $0 != "(" } } == row.expected.map { $0.prefix { $0 != "(" } },
        "\(row.name)")
    }
  }

  @Test func `every code of the catalogues has its row`() {
    let shown = Set(Self.rows.flatMap(\.expected).map { String($0.prefix { $0 != "@" }) })
    let all = (DiagnosticCode.document + DiagnosticCode.reading).map(\.id)
    #expect(Set(all).count == all.count)
    // The encoding's rows are in DocumentTextTests: their sources are not texts.
    #expect(Set(all).subtracting(shown).sorted() == ["bad-encoding"])
    #expect(shown.subtracting(all).isEmpty)
  }

  @Test func `a ring of needs is told with all its members`() {
    let lines = ["T-2", "T-3", "T-1"].map { "look: 1\nexpect: { status: 1 }\nneeds: \($0)" }
    let found = LookBench.diagnose(Array(LookBench.document(lines).utf8))
    #expect(found.map(\.code.id) == ["cycle"])
    #expect(found.first?.message == "controls need each other in a ring: T-1 → T-2 → T-3 → T-1")
  }

  @Test func `the columns of cases are known to the positive control`() {
    let binding = """
      look: { facts: { status: '${n}' }, denial: true }
      expect: { status: 1 }
      cases: [{ n: 1 }]
      allowed: { look: { facts: { status: '${n}' } }, expect: { status: 1 } }
      """
    #expect(LookBench.diagnose(Array(Self.line(binding).utf8)).isEmpty)
  }

  @Test func `errors go before warnings at one place, and nothing is told twice`() {
    let sink = DiagnosticSink()
    let place = SourceRange.beginning
    sink.report(.warning(.badYAML, "w", at: place))
    sink.report(.error(.badYAML, "e", at: place))
    for _ in 0..<20 { sink.report(.warning(.badYAML, "w", at: place)) }
    sink.report(.error(.badYAML, "nowhere", at: nil))
    #expect(sink.sorted.map(\.message) == ["nowhere", "e", "w"])
  }

  @Test func `a message cannot steer the terminal, and a long line is shown in part`() {
    let renderer = DiagnosticRenderer(colour: false)
    let file = SourceFile(name: "a.md", bytes: Array("x \u{1B}[2J y".utf8))
    let range = SourceRange(start: .init(line: 1, column: 8), end: .init(line: 1, column: 9))
    let text = renderer.render(.error(.badYAML, "a \u{1B}]0;b", at: range), in: file)
    #expect(!text.contains("\u{1B}"))
    let long = SourceFile(name: "a.md", bytes: Array(String(repeating: "漢", count: 100_000).utf8))
    let middle = SourceRange(start: .init(line: 1, column: 150_001), end: .init(line: 1, column: 150_004))
    let shown = renderer.render(.error(.badYAML, "m", at: middle), in: long)
    #expect(shown.utf8.count < 2000 && !shown.contains("\u{FFFD}") && shown.contains("^^"))
  }

  @Test func `carets stand under what they mean`() {
    let renderer = DiagnosticRenderer(colour: false)
    for (text, column, width, caret) in [
      ("look: 漢字 x", 14, 1, "           ^"), ("e\u{301}xy", 4, 1, " ^"), ("\tab", 3, 1, "\t ^"), ("👩ab", 5, 2, "  ^^"),
    ] {
      let file = SourceFile(name: "a", bytes: Array(text.utf8))
      let range = SourceRange(start: .init(line: 1, column: column), end: .init(line: 1, column: column + width))
      let lines = renderer.render(.error(.badYAML, "m", at: range), in: file).split(separator: "\n")
      #expect(lines.count == 3 && lines[2] == "  | \(caret)", "\(text)")
    }
  }
}
