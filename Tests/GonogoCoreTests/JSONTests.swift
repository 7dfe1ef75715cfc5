import GonogoCore
import GonogoTestSupport
import Testing

@Suite struct JSONTests {
  /// In the spirit of nst/JSONTestSuite: what must be taken.
  @Test(arguments: [
    "[]", "{}", " [1 , 2]\n", "\"\"", "null", "true", "-0", "0", "1e2", "1E+2", "1.5e-3", "[[[]]]", "\"\\u0041\"",
    "\"\\ud83d\\ude00\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\u{7F}\"", "\"\u{2028}\"", "{\"\":0}",
    "{\"a\":{\"a\":1}}",
    "\u{FEFF}[1]", "123123e20", "[-1.0]", "\"\\u0000\"", "0.0000000000000000000000000000000000000000000000000000001",
  ]) func accepts(_ text: String) throws { _ = try JSON.parse(text) }

  /// What must be refused.
  @Test(arguments: [
    "", " ", "[1,]", "[,1]", "{,}", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "{'a':1}", "[1 2]", "[", "]", "{", "[1",
    "{\"a\"",
    "01", "-01", "+1", ".5", "1.", "1.e2", "1e", "1e+", "-", "--1", "0x1", "NaN", "Infinity", "-Infinity", "nul",
    "True",
    "\"", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\uD800\"", "\"\\uDC00\"", "\"\\uD800\\u0041\"", "\"\\uD800\\uD800\"",
    "\"\n\"",
    "\"\t\"", "\"\u{0}\"", "[1] x", "1 2", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "1e400", "-1e400", "// a\n1",
    "[1]//",
    "\u{C}1", "\u{A0}1", "\"\\U0041\"", "[\"a\u{0}\"]", "*", "{\"a\":}", "{:1}", "{1:1}", "[\"x\"", "\"\\ud83d\\u\"",
  ]) func refuses(_ text: String) { #expect(throws: JSONError.self) { try JSON.parse(text) } }

  @Test func `bytes that are not UTF-8 are refused`() {
    for bytes: [UInt8] in [
      [0x22, 0xFF, 0x22], [0x22, 0xC0, 0xAF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0xFF, 0xFE, 0x31, 0],
    ] {
      #expect(throws: JSONError.self) { try JSON.parse(bytes) }
    }
  }

  @Test func `a fault has its place`() {
    let source = MarkedSource("{\n  \"é\": 1,\n  1️⃣\"a\": 1, 2️⃣\"a\": 2\n}")
    do {
      _ = try JSON.parse(source.bytes)
      Issue.record("taken")
    } catch { #expect(source.name(.init(line: error.line, column: error.column)) == "2") }
  }

  @Test func `depth is bounded, width is not`() throws {
    let deep = 100_000
    #expect(throws: JSONError.self) { try JSON.parse(String(repeating: "[", count: deep)) }
    #expect(throws: JSONError.self) { try JSON.parse(String(repeating: "{\"a\":", count: deep)) }
    _ = try JSON.parse(String(repeating: "[", count: 257) + String(repeating: "]", count: 257))
    let wide = "[" + Array(repeating: "0", count: deep).joined(separator: ",") + "]"
    #expect(try JSON.parse(wide).arrayValue?.count == deep)
  }

  @Test func `integers stay integers, to the last bit`() throws {
    #expect(try JSON.parse("9223372036854775807") == .integer(.max))
    #expect(try JSON.parse("-9223372036854775808") == .integer(.min))
    #expect(try JSON.parse("9223372036854775808") == .number(9_223_372_036_854_775_808))
    #expect(try JSON.parse("1.0") == .number(1))
    #expect(try JSON.parse("1.0").means(1) && JSON.integer(1).means(.number(1)))
    #expect(JSON.integer(9_007_199_254_740_993).canonicalString == "\"9007199254740993\"")
    #expect(JSON.integer(9_007_199_254_740_992).canonicalString == "9007199254740992")
    #expect(JSON.integer(.min).canonicalString == "\"-9223372036854775808\"")
  }

  /// RFC 8785, appendix B: IEEE 754 bits and what ECMAScript prints.
  @Test(
    arguments: [
      (0x0000_0000_0000_0000, "0"), (0x8000_0000_0000_0000, "0"), (0x0000_0000_0000_0001, "5e-324"),
      (0x8000_0000_0000_0001, "-5e-324"), (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
      (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"), (0x4340_0000_0000_0000, "9007199254740992"),
      (0xc340_0000_0000_0000, "-9007199254740992"), (0x4430_0000_0000_0000, "295147905179352830000"),
      (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"), (0x44b5_2d02_c7e1_4af6, "1e+23"),
      (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"), (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
      (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"), (0x444b_1ae4_d6e2_ef50, "1e+21"),
      (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"), (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
      (0x41b3_de43_5555_5553, "333333333.3333332"), (0x41b3_de43_5555_5554, "333333333.33333325"),
      (0x41b3_de43_5555_5555, "333333333.3333333"), (0x41b3_de43_5555_5556, "333333333.3333334"),
      (0x41b3_de43_5555_5557, "333333333.33333343"), (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
      (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
    ] as [(UInt64, String)]) func `numbers are printed as RFC 8785 says`(bits: UInt64, text: String) throws
  {
    let value = Double(bitPattern: bits)
    #expect(JSON.number(value).canonicalString == text)
    #expect(try JSON.parse(text).doubleValue == (value == 0 ? 0 : value))
  }

  @Test func `every number reads back to itself`() throws {
    var random = SeededGenerator(seed: 7)
    for _ in 0..<20_000 {
      let value = Double(bitPattern: random.next())
      guard value.isFinite else { continue }
      #expect(try JSON.parse(JSON.number(value).canonicalString).doubleValue == value)
    }
    #expect(JSON.number(.nan).canonicalString == "null" && JSON.number(.infinity).canonicalString == "null")
  }

  /// RFC 8785, section 3.2.2 and 3.2.3.
  @Test func `the RFC's own objects`() throws {
    let first = #"""
      {
        "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [null, true, false]
      }
      """#
    #expect(
      try JSON.parse(first).canonicalString
        == #"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}"#
    )
    let keys =
      #"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#
    let order = ["Carriage Return", "One", "Control", "Latin Small", "Euro", "Emoji", "Hebrew"]
    let text = try JSON.parse(keys).canonicalString
    let places = order.compactMap { text.range(of: $0)?.lowerBound }
    #expect(places.count == order.count && places == places.sorted())
  }

  @Test func `canonical text is a fixed point`() throws {
    var random = SeededGenerator(seed: 11)
    for _ in 0..<500 {
      let value = Self.anything(&random, depth: 4)
      let text = value.canonicalString
      #expect(try JSON.parse(text).canonicalString == text)
      #expect(try JSON.parse(value.pretty).canonicalString == text)
    }
  }

  static func anything(_ random: inout SeededGenerator, depth: Int) -> JSON {
    let letters = ["a", "é", "漢", "😀", "\"", "\\", "\n", "\u{1}", "/", "\u{FB33}", "\r"]
    func text(_ random: inout SeededGenerator) -> String {
      (0..<Int.random(in: 0...4, using: &random)).map { _ in letters.randomElement(using: &random)! }.joined()
    }
    switch Int.random(in: 0...(depth == 0 ? 4 : 6), using: &random) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &random))
    case 2: return .integer(Int64.random(in: -1_000_000...1_000_000, using: &random))
    case 3: return .number(Double.random(in: -10...10, using: &random))
    case 4: return .string(text(&random))
    case 5:
      return .array((0..<Int.random(in: 0...3, using: &random)).map { _ in anything(&random, depth: depth - 1) })
    default:
      var members: [String: JSON] = [:]
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        members[text(&random)] = anything(&random, depth: depth - 1)
      }
      return .object(members)
    }
  }
}

@Suite struct TimestampTests {
  @Test func `an instant reads back to itself`() {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<20_000 {
      let instant = Int64.random(in: -62_135_596_800_000...253_402_300_799_999, using: &random)
      #expect(Timestamp.parse(Timestamp.format(instant)) == instant)
    }
  }

  @Test(
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2000-02-29T00:00:00Z", 951_782_400_000), ("1969-12-31T23:59:59.999Z", -1),
      ("2024-02-29T12:30:00+05:30", 1_709_190_000_000), ("2024-02-29T12:30:00-0530", 1_709_229_600_000),
      ("2026-08-19t02:00:04z", 1_787_104_804_000), ("2026-08-19 02:00:04.5Z", 1_787_104_804_500),
      ("2026-08-19T02:00:04.123456789Z", 1_787_104_804_123), ("2026-08-19T02:00Z", 1_787_104_800_000),
      ("0001-01-01T00:00:00Z", -62_135_596_800_000),
    ] as [(String, Int64)]) func parses(text: String, instant: Int64)
  { #expect(Timestamp.parse(text) == instant) }

  @Test(arguments: [
    "", "2026-08-19", "2026-08-19T02:00:04", "2026-08-19 02:00:04", "2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
    "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z",
    "2026-01-01T24:00:00Z",
    "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00Zx",
    "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+01", "26-01-01T00:00:00Z", "2026-1-1T00:00:00Z",
    "٢٠٢٦-01-01T00:00:00Z",
    "2026-01-01T00:00:00 UTC", "1787104804",
  ]) func `names no instant`(_ text: String) { #expect(Timestamp.parse(text) == nil) }
}

@Suite struct QuantityTests {
  @Test(
    arguments: [
      ("500ms", 500), ("10s", 10_000), ("1.5h", 5_400_000), ("5m", 300_000), ("5min", 300_000), ("7d", 604_800_000),
      ("1w", 604_800_000), ("2 s", 2000), ("0s", 0),
    ] as [(String, Double)]) func durations(text: String, value: Double)
  { #expect(Quantity.milliseconds(text) == value) }

  @Test(arguments: [
    "10", "", "s", "10 years", "1mo", "1y", "10S", "1..5s", "1s2", "٣s", "1,5s", "NaNs", "infs", "1e3s",
  ])
  func `no durations`(_ text: String) { #expect(Quantity.milliseconds(text) == nil) }

  @Test(
    arguments: [
      ("5", 5), ("-2.5", -2.5), ("1e3", 1000), ("99.9%", 99.9), ("2MiB", 2_097_152), ("2MB", 2_000_000), ("1kB", 1000),
      ("1KiB", 1024), ("24h", 86_400_000), (" 7 B ", 7),
    ] as [(String, Double)]) func numbers(text: String, value: Double)
  { #expect(Quantity.number(text) == value) }

  @Test(arguments: ["", "x", "five", "1 apple", "nan", "inf", "%", "-", "1mb", "1 kib", "--1"])
  func `no numbers`(_ text: String) { #expect(Quantity.number(text) == nil) }

  @Test func `durations for people`() {
    #expect(
      [0, 999, 1000, 12_499, 60_000, 200_000].map(Quantity.describe) == [
        "0 ms", "999 ms", "1.0 s", "12.4 s", "1 min 0 s", "3 min 20 s",
      ])
  }
}

@Suite struct FactPathTests {
  @Test(arguments: [
    "status", "headers.x-request-id", "rows[0].name", "rows[*].enabled", "rows[-1]", "body[\"a.b\"]", "[0][1]",
    "a[*][*].b", "漢.字",
    "body[\"it's all\"]", "body[*][\"*\"]",
  ]) func `reads back to itself`(_ text: String) { #expect(FactPath(text).map { "\($0)" } == text) }

  @Test(
    arguments: ["", ".", "a.", ".a", "a..b", "a[", "a[]", "a[x]", "a[\"b]", "a[0].", "a]b[", "[0"].filter {
      $0 != "a]b["
    } + ["a[1.5]", "a['b\"]"])
  func `is no path`(_ text: String) { #expect(FactPath(text) == nil) }

  @Test func `keys that hold quotes or brackets read back to themselves`() {
    for key in ["a.b", "a[0]", "it's", "say \"x\"", " ", "*", "a]b", "é"] {
      let path = FactPath(steps: [.key("root"), .key(key), .index(0)])
      #expect(FactPath("\(path)") == path, "\(path)")
    }
  }

  @Test func `values stand at exact paths`() {
    let facts: JSON = ["rows": [["n": 1], ["n": 2], ["m": 3]], "map": ["b": 1, "a": 2]]
    #expect(
      FactPath("rows[*].n")?.values(in: facts).map { "\($0.0)=\($0.1.canonicalString)" } == [
        "rows[0].n=1", "rows[1].n=2",
      ])
    #expect(FactPath("map.*")?.values(in: facts).map { "\($0.0)" } == ["map.a", "map.b"])
    #expect(FactPath("rows[-1].m")?.first(in: facts) == 3)
    #expect(FactPath("rows[9]")?.values(in: facts).isEmpty == true)
  }
}
