import GonogoCore
import GonogoTestSupport
import Testing

/// Each matcher in both colours.
@Suite struct MatcherTests {
  enum Colour: String, Sendable { case green, red, vacuous, configuration }

  /// The facts, the expectation, and what comes of them.
  static let rows: [(facts: String, expect: String, colour: Colour)] = [
    ("{ status: 200 }", "{ status: 200 }", .green), ("{ status: 200 }", "{ status: 201 }", .red),
    ("{ status: 200 }", "{ status: 200.0 }", .green), ("{ status: '200' }", "{ status: 200 }", .red),
    ("{ status: null }", "{ status: null }", .green), ("{}", "{ status: null }", .red),
    ("{ rows: [1, 2] }", "{ rows: [1, 2] }", .green), ("{ rows: [1, 2] }", "{ rows: [2, 1] }", .red),
    ("{ status: 5 }", "{ status: '>= 5' }", .green), ("{ status: 4 }", "{ status: '>= 5' }", .red),
    ("{ status: 5 }", "{ status: '<= 5' }", .green), ("{ status: 6 }", "{ status: '<= 5' }", .red),
    ("{ status: 6 }", "{ status: '> 5' }", .green), ("{ status: 5 }", "{ status: '> 5' }", .red),
    ("{ status: 4 }", "{ status: '< 5' }", .green), ("{ status: 5 }", "{ status: '< 5' }", .red),
    ("{ status: 4 }", "{ status: '!= 5' }", .green), ("{ status: 5 }", "{ status: '!= 5' }", .red),
    ("{ status: 5 }", "{ status: '== 5' }", .green), ("{ status: 6 }", "{ status: '== 5' }", .red),
    ("{ status: many }", "{ status: '!= 5' }", .red), ("{ status: many }", "{ status: '< 5' }", .red),
    ("{ status: null }", "{ status: '< 5' }", .red), ("{ status: 499 }", "{ status: '< 500ms' }", .green),
    ("{ status: 500 }", "{ status: '< 500ms' }", .red), ("{ text: 61h }", "{ text: '<= 24h' }", .red),
    ("{ text: 23h }", "{ text: '<= 24h' }", .green),
    ("{ status: null }", "{ status: exists }", .green), ("{}", "{ status: exists }", .red),
    ("{}", "{ status: absent }", .green), ("{ status: null }", "{ status: absent }", .red),
    ("{ rows: [] }", "{ 'rows[0]': exists }", .red), ("{ rows: [] }", "{ 'rows[0]': null }", .red),
    ("{ rows: [] }", "{ 'rows[0]': absent }", .green), ("{ rows: [1] }", "{ 'rows[-1]': 1 }", .green),
    ("{}", "{ status: { exists: false } }", .green), ("{ status: 1 }", "{ status: { exists: false } }", .red),
    ("{}", "{ status: { not: exists } }", .green), ("{}", "{ status: { not: absent } }", .red),
    // A misspelt path must not pass for being missing.
    ("{}", "{ status: { not: 5 } }", .red), ("{}", "{ text: { not: { contains: x } } }", .red),
    ("{ status: 5 }", "{ status: { not: 6 } }", .green), ("{ status: 5 }", "{ status: { not: 5 } }", .red),
    ("{ text: exists }", "{ text: { equals: exists } }", .green), ("{ text: a }", "{ text: { equals: exists } }", .red),
    ("{ text: '> 5' }", "{ text: { equals: '> 5' } }", .green),
    ("{ rows: [1, 2] }", "{ rows: { length: 2 } }", .green), ("{ rows: [1] }", "{ rows: { length: 2 } }", .red),
    ("{ rows: [] }", "{ rows: { length: 0 } }", .green), ("{ text: 漢字 }", "{ text: { length: 2 } }", .green),
    ("{ status: 5 }", "{ status: { length: 1 } }", .red), ("{ map: { a: 1 } }", "{ map: { length: '>= 1' } }", .green),
    ("{ text: abc }", "{ text: { matches: /b/ } }", .green), ("{ text: abc }", "{ text: { matches: /B/ } }", .red),
    ("{ text: abc }", "{ text: { matches: /B/i } }", .green),
    ("{ text: \"a\\nb\" }", "{ text: { matches: /^b/ } }", .red),
    ("{ text: \"a\\nb\" }", "{ text: { matches: /^b$/m } }", .green),
    ("{ text: \"a\\nb\" }", "{ text: { matches: /^B$/im } }", .green),
    ("{ status: 200 }", "{ status: { matches: ^2 } }", .green),
    ("{ rows: [] }", "{ rows: { matches: x } }", .red),
    ("{ text: abc }", "{ text: { contains: bc } }", .green), ("{ text: abc }", "{ text: { contains: cb } }", .red),
    ("{ rows: [a, b] }", "{ rows: { contains: b } }", .green), ("{ rows: [a, b] }", "{ rows: { contains: c } }", .red),
    ("{ map: { a: 1, b: 2 } }", "{ map: { contains: { a: 1 } } }", .green),
    ("{ map: { a: 1 } }", "{ map: { contains: { a: 2 } } }", .red),
    ("{ map: { a: 1 } }", "{ map: { contains: a } }", .green), ("{ status: 5 }", "{ status: { contains: 5 } }", .red),
    // By bytes: a combining mark behind it, or CRLF, hides nothing.
    ("{ text: \"password\\u0301\" }", "{ text: { not: { contains: password } } }", .red),
    ("{ text: \"a\\r\\nb\" }", "{ text: { contains: \"\\n\" } }", .green),
    ("{ text: '' }", "{ text: { contains: '${text}' } }", .vacuous),
    ("{ text: abc }", "{ text: { starts_with: ab } }", .green),
    ("{ text: abc }", "{ text: { starts_with: bc } }", .red),
    ("{ text: abc }", "{ text: { ends_with: bc } }", .green), ("{ text: abc }", "{ text: { ends_with: ab } }", .red),
    ("{ status: 5 }", "{ status: { starts_with: '5' } }", .red),
    ("{ text: abc }", "{ text: { starts_with: 5 } }", .red),
    ("{ status: 5 }", "{ status: { one_of: [4, 5] } }", .green),
    ("{ status: 6 }", "{ status: { one_of: [4, 5] } }", .red),
    ("{ rows: [b, a] }", "{ rows: { exactly: [a, b] } }", .green),
    ("{ rows: [a, b, b] }", "{ rows: { exactly: [a, b] } }", .red),
    ("{ rows: [a] }", "{ rows: { exactly: [a, b] } }", .red), ("{ rows: [] }", "{ rows: { exactly: [] } }", .green),
    ("{ map: { b: 1, a: 1 } }", "{ map: { exactly: [a, b] } }", .green),
    ("{ rows: [a, b, c] }", "{ rows: { includes: [c, a] } }", .green),
    ("{ rows: [a, b] }", "{ rows: { includes: [a, a] } }", .red),
    ("{ status: 1 }", "{ status: { includes: [1] } }", .red),
    ("{ text: a }", "{ text: { type: string } }", .green), ("{ text: 1 }", "{ text: { type: string } }", .red),
    ("{ status: 1.0 }", "{ status: { type: integer } }", .green),
    ("{ status: 1.5 }", "{ status: { type: integer } }", .red),
    ("{ status: 1 }", "{ status: { type: number } }", .green),
    ("{ status: true }", "{ status: { type: number } }", .red),
    ("{ rows: [2, 3] }", "{ rows: { each: '> 1' } }", .green), ("{ rows: [2, 1] }", "{ rows: { each: '> 1' } }", .red),
    ("{ rows: [] }", "{ rows: { each: '> 1' } }", .vacuous), ("{ rows: 5 }", "{ rows: { each: '> 1' } }", .red),
    ("{ map: {} }", "{ map: { each: 1 } }", .vacuous), ("{ rows: [] }", "{ rows: { not: { each: 1 } } }", .vacuous),
    ("{ rows: [1, 2] }", "{ rows: { some: 2 } }", .green), ("{ rows: [1, 3] }", "{ rows: { some: 2 } }", .red),
    ("{ rows: [] }", "{ rows: { some: 2 } }", .red),
    ("{ rows: [{ on: true }, { on: true }] }", "{ 'rows[*].on': true }", .green),
    ("{ rows: [{ on: true }, { on: false }] }", "{ 'rows[*].on': true }", .red),
    ("{ rows: [] }", "{ 'rows[*].on': true }", .vacuous),
    // A row without the member is no row that has it.
    ("{ rows: [{ on: true }, {}] }", "{ 'rows[*].on': true }", .red),
    ("{ rows: [{}] }", "{ 'rows[*].on': true }", .red),
    ("{ rows: [{}, {}] }", "{ 'rows[*].password': absent }", .green),
    ("{ rows: [{}, { password: 1 }] }", "{ 'rows[*].password': absent }", .red),
    ("{ rows: [] }", "{ 'rows[*].password': absent }", .vacuous), ("{}", "{ 'rows[*].on': true }", .red),
    ("{ map: { a: 1, b: 2 } }", "{ map: { a: 1 } }", .green),
    ("{ map: { a: 1, b: 2 } }", "{ map: { a: 1, b: 3 } }", .red),
    ("{ map: { a: 1 } }", "{ map: { c: absent } }", .green),
    ("{ status: 5 }", "{ status: { all_of: ['> 4', '< 6'] } }", .green),
    ("{ status: 6 }", "{ status: { all_of: ['> 4', '< 6'] } }", .red),
    ("{ status: 9 }", "{ status: { any_of: [1, 9] } }", .green),
    ("{ status: 8 }", "{ status: { any_of: [1, 9] } }", .red),
    ("{ status: 5 }", "{ status: { not: 6, type: integer } }", .green),
    ("{ status: 5 }", "{ status: { not: 6, type: string } }", .red),
    ("{ text: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab }", "{ text: { matches: /^(a+)+$/ } }", .configuration),
    ("{ text: x }", "{ text: '${UNSET_HERE}' }", .configuration),
  ]

  @Test func `each matcher in both colours`() async {
    for (facts, expect, colour) in Self.rows {
      let binding = "look: { facts: \(facts) }\nexpect: \(expect)"
      let ran = await LookBench.run(
        LookBench.document([binding], frontMatter: "vars: { text: '' }"))
      let found: Colour?
      switch ran.outcome("T-1") {
      case .passed: found = .green
      case .failed: found = .red
      case .errored(let error): found = Colour(rawValue: error.kind.rawValue)
      default: found = nil
      }
      #expect(
        found == colour, "\(binding): \(ran.diagnostics.map(\.message)) \(String(describing: ran.outcome("T-1")))")
    }
  }

  @Test func `jq must give true, and nothing else`() async {
    for (query, colour) in [
      (".rows | length == 2", "passed"), (".rows | length", "failed"), ("empty", "failed"), ("true, true", "failed"),
      (".rows[]|true", "failed"), ("\"true\"", "failed"), ("null", "failed"), ("error(\"x\")", "errored"),
      ("def f: f; f", "errored"), ("halt", "errored"), ("input", "errored"), ("env | length == 0", "errored"),
      ("$ENV == null", "passed"), ("[limit(200; repeat(1))] | length == 200", "passed"), ("range(1000)", "errored"),
      (".a.b.c == null", "passed"), (".rows.x == null", "errored"), ("stderr | true", "errored"),
    ] {
      let ran = await LookBench.run(LookBench.document(["look: { facts: { rows: [1, 2] } }\njq: '\(query)'"]))
      #expect(ran.outcome("T-1")?.name == colour, "\(query): \(String(describing: ran.outcome("T-1")))")
    }
  }

  @Test func `a mismatch names its exact path, what was expected and what was found`() async {
    let ran = await LookBench.run(
      LookBench.document(["look: { facts: { rows: [{ n: 1 }, { n: 5 }] } }\nexpect: { 'rows[*].n': '< 3' }"]))
    guard case .failed(let mismatches)? = ran.outcome("T-1") else {
      Issue.record("did not fail")
      return
    }
    #expect(mismatches.map { "\($0.path) \($0.expected) \($0.found)" } == ["rows[1].n < 3 5"])
    #expect(mismatches.first?.range.start == SourcePosition(line: 4, column: 13))
  }

  @Test func `a secret that a message would cut in two is still redacted`() async {
    let secret = "s3cr3t-t0ken-that-must-not-come-out"
    for pad in 180..<260 {
      let text = String(repeating: "x", count: pad)
      let ran = await LookBench.run(
        LookBench.document(["look: { facts: { text: '\(text)${API_TOKEN}' } }\nexpect: { text: { equals: no } }"]),
        environment: ["API_TOKEN": secret])
      guard case .failed(let mismatches)? = ran.outcome("T-1") else {
        Issue.record("did not fail")
        return
      }
      for length in 6...secret.count { #expect(!mismatches[0].found.contains(secret.prefix(length))) }
    }
  }
}

@Suite struct SelectionTests {
  @Test(arguments: [
    ("DB-*", "DB-1", true), ("DB-*", "db-12", true), ("DB-*", "XDB-1", false), ("*", "a", true), ("*", "a/b", false),
    ("**", "a/b/c", true), ("a/*", "a/b", true), ("a/*", "a/b/c", false), ("a/**", "a/b/c", true),
    ("a/**/c", "a/b/c", true),
    ("?", "a", true), ("?", "/", false), ("?", "", false), ("", "", true), ("", "a", false), ("a*b*c", "axxbyyc", true),
    ("a*b*c", "axxbyy", false), ("é*", "École", true), ("[a]", "a", false),
    ("***", "a/b", true),
    ("a**", "a", true), ("**a", "b/a", true),
  ]) func globs(pattern: String, text: String, holds: Bool) { #expect(Selection.glob(pattern, text) == holds) }

  @Test func `no pattern hangs`() {
    let pattern = String(repeating: "*a", count: 200) + "b"
    #expect(!Selection.glob(pattern, String(repeating: "a", count: 2000)))
    #expect(!Selection.glob(String(repeating: "**", count: 100) + "b", String(repeating: "a", count: 100_000)))
  }

  @Test func `tags are asked by name, and by tag:`() {
    let selection = Selection(only: ["tag:smoke", "DB-*"], skip: ["slow"])
    #expect(selection.includes(id: "X-1", tags: ["smoke"]))
    #expect(!selection.includes(id: "smoke", tags: []))
    #expect(selection.includes(id: "DB-1", tags: []))
    #expect(!selection.includes(id: "DB-1", tags: ["slow"]))
    #expect(Selection().includes(id: "any", tags: []))
  }
}

@Suite struct SuggestionTests {
  @Test(arguments: [
    ("postgress", "postgres"), ("htpp", "http"), ("exepct", "expect"), ("EXPECT", "expect"), ("redi", "redis"),
    ("x", nil),
    ("", nil), ("tls", nil), ("kubernetes", nil),
  ]) func nearest(typed: String, meant: String?) {
    #expect(Suggestion.nearest(to: typed, in: ["postgres", "http", "expect", "redis"]) == meant)
  }

  @Test func `among equals the first of the alphabet`() {
    #expect(Suggestion.nearest(to: "ab", in: ["zb", "ac", "aa"]) == "aa")
    #expect(Suggestion.nearest(to: "ab", in: Set(["zb", "ac", "aa"])) == "aa")
  }
}

@Suite struct DisplayWidthTests {
  @Test(arguments: [
    ("abc", 3), ("漢字", 4), ("e\u{301}", 1), ("ｱ", 1), ("Ａ", 2), ("한", 2), ("\u{200B}a", 1), ("✅", 2), ("", 0),
  ])
  func widths(text: String, columns: Int) { #expect(DisplayWidth.of(text) == columns) }

  @Test func `cut at a character, with an ellipsis`() {
    #expect(DisplayWidth.truncate("漢字漢字", to: 5) == "漢字…")
    #expect(DisplayWidth.truncate("abc", to: 3) == "abc")
    #expect(DisplayWidth.truncate("abcd", to: 3) == "ab…")
    #expect(DisplayWidth.truncate("abc", to: 0) == "")
  }
}
