import GonogoCore
import GonogoDocument
import GonogoTestSupport
import Testing

@Suite struct YAMLReaderTests {
  static func read(_ text: String) -> (json: JSON?, errors: [String]) { read(Array(text.utf8)) }
  static func read(_ bytes: [UInt8]) -> (json: JSON?, errors: [String]) {
    let sink = DiagnosticSink()
    let node = YAMLReader(sink: sink).read(bytes)
    return (node?.json, sink.sorted.map { "\($0.range?.start.line ?? 0):\($0.range?.start.column ?? 0) \($0.message)" })
  }

  /// YAML 1.2, section 10.3.2.
  @Test(
    arguments: [
      ("no", "no"), ("yes", "yes"), ("on", "on"), ("off", "off"), ("y", "y"), ("true", true), ("True", true),
      ("FALSE", false),
      ("tRUE", "tRUE"), ("null", nil), ("~", nil), ("Null", nil), ("''", ""), ("0", 0), ("-12", -12), ("+12", 12),
      ("007", 7),
      ("0x1F", 31), ("0xfg", "0xfg"), ("0x-5", "0x-5"), ("0x+5", "0x+5"), ("0x", "0x"), ("-0x1", "-0x1"), ("0o17", 15),
      ("0o8", "0o8"),
      ("0o-7", "0o-7"), ("0b1", "0b1"), ("1_000", "1_000"), (".5", 0.5), ("1.", 1.0), ("1e3", 1000.0),
      ("-1.5E-2", -0.015), ("1e400", "1e400"),
      (".", "."), ("-", "-"), ("1.2.3", "1.2.3"), ("12:30", "12:30"), ("2026-01-01", "2026-01-01"), (".inf", ".inf"),
      (".nan", ".nan"),
      ("inf", "inf"), ("nan", "nan"), ("1e", "1e"), ("e1", "e1"), ("'12'", "12"), ("\"true\"", "true"),
      ("!!str 12", "12"), ("! 12", "12"),
      ("99999999999999999999", "99999999999999999999"), ("9223372036854775807", .integer(.max)), ("|-\n  12", "12"),
    ] as [(String, JSON)]) func `the core schema`(text: String, value: JSON)
  {
    let (json, errors) = Self.read("- \(text == "-" ? "'-'" : text)\n")
    #expect(json?[0] == value && errors.isEmpty, "\(String(describing: json)) \(errors)")
  }

  @Test func `nothing is nothing`() {
    for text in ["", "\n", "# only\n# comments\n", "   ", "\u{FEFF}", "\u{FEFF}# a"] {
      let (json, errors) = Self.read(text)
      #expect(json == .none && errors.isEmpty, "\(text.debugDescription)")
    }
    #expect(Self.read("---\n").json == .some(.null))
  }

  @Test func `aliases count in full, wide and deep`() {
    var laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for n in 1...9 {
      laughs += "a\(n): &a\(n) [" + Array(repeating: "*a\(n - 1)", count: 10).joined(separator: ", ") + "]\n"
    }
    #expect(Self.read(laughs).errors.map { $0.split(separator: " ", maxSplits: 1)[1] } == ["more than 200,000 values"])
    var deep = "a0: &a0 x\n"
    for n in 1...40 { deep += "a\(n): &a\(n) [[[[*a\(n - 1)]]]]\n" }
    #expect(Self.read(deep).errors.map { $0.split(separator: " ", maxSplits: 1)[1] } == ["nested more than 64 deep"])
    #expect(Self.read("a: &x { b: 1 }\nc: *x\n").json == ["a": ["b": 1], "c": ["b": 1]])
    #expect(Self.read("a: &x [*x]\n").errors.count == 1)
    #expect(Self.read("&x a: *x\n").json == ["a": "a"])
  }

  @Test func `depth is bounded`() {
    #expect(Self.read(String(repeating: "[", count: 100_000)).errors.count == 1)
    #expect(Self.read(String(repeating: "[", count: 60) + String(repeating: "]", count: 60)).errors.isEmpty)
    #expect(Self.read(String(repeating: "{a: ", count: 70) + String(repeating: "}", count: 70)).errors.count == 1)
    #expect(Self.read(String(repeating: "- ", count: 10_000)).errors.count == 1)
  }

  @Test func `what is broken is told once, at its byte`() {
    for (text, expected) in [
      ("é: 'a\n", "1:5"), ("a: b: c\n", "1:5"), ("a:\n\tb: 1\n", "2:1"), ("a: 1\n---\nb: 2\n", "2:1"),
      ("a: [1\n", "2:1"), ("a: *b\n", "1:4"),
      ("%\u{D7}\n", "1:2"), ("é: \u{1}\n", "1:5"), ("a: @b\n", "1:4"), ("a: `b`\n", "1:4"), ("a\r\nb: 1\r\n", "2:2"),
      ("? [a]\n: 1\n", "1:3"),
    ] {
      let (_, errors) = Self.read(text)
      #expect(errors.count == 1, "\(text.debugDescription) \(errors)")
      if text != "é: 'a\n" {
        #expect(errors.first?.hasPrefix("\(expected) ") == true, "\(text.debugDescription) \(errors)")
      }
    }
  }

  @Test func `bytes that are not UTF-8 are an error at their place, not a crash`() {
    for bytes: [UInt8] in [
      [0x25, 0xD7], [0x61, 0x3A, 0x20, 0xFF], [0xC3], [0xED, 0xA0, 0x80], [0x61, 0x3A, 0x20, 0x22, 0x5C, 0x78, 0xD7],
    ] {
      let (_, errors) = Self.read(bytes)
      #expect(errors.count == 1)
    }
    #expect(Self.read([0x61, 0x3A, 0x20, 0xFF, 0x0A]).errors.first?.hasPrefix("1:4 ") == true)
  }

  @Test func `all duplicates are told, each with its first`() {
    let sink = DiagnosticSink()
    let source = MarkedSource("1️⃣a: 1\n2️⃣a: 2\n3️⃣\"a\": { 4️⃣b: 1, 5️⃣b: 2 }\n")
    _ = YAMLReader(sink: sink).read(source.bytes)
    #expect(source.names(sink.sorted) == ["duplicate-key@2(1)", "duplicate-key@3(1)", "duplicate-key@5(4)"])
  }
}
