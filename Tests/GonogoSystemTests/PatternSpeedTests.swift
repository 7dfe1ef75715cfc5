import GonogoCore
import GonogoTestSupport
import Testing

@testable import GonogoSystem

/// A pattern that has been used much matches in another way: by machine code, and in lines alone that hold what it needs.
@Suite struct PatternSpeedTests {
  private static let patterns = [
    #"fetch\s*\("#, #"(GET|POST|PUT)\s+/\w+"#, #"^\s*(it|test)(\.only)?\s*\("#, #"\b(secret|token|key)s?\b"#,
    #"a{2,3}b+c?"#,
    #"x*"#, #"(?:foo|bar)?baz"#, #"colou?r"#, #"[a-c]+\d"#, #"(?<!no)cache"#, #"(?=.*ab).*cd"#, #"\.env\b"#, #"é+т"#,
    "a|",
    #"привет|мир"#, #"(ab){2}"#, #"(ab){0,2}cd"#, #"ab\{2\}"#, #"k(ey|ing)s"#, #"[]a]bc"#, #"[^]a]bc"#, "ab$|^cd",
  ]
  private static let pieces = [
    "fetch", " (", "GET", "POST", " /", "users", "it", "test", ".only", "(", "secret", "tokens", "key", "KEYS",
    "\u{212A}ey",
    "ings", "ſ", "aa", "bbb", "c", "x", "foo", "bar", "baz", "colour", "color", "b7", "no", "cache", "ab", "cd", ".env",
    "é", "т", "привет", "МИР", "{2}", "]bc", "\n", "\n", "\r\n", "\r", " ", "\t", "1",
  ]

  private func warm(_ pattern: String, _ ignoringCase: Bool) throws -> PCREPattern {
    let warm = try PCREPattern(pattern, ignoringCase: ignoringCase)
    _ = try? warm.lineMatches(in: [UInt8](repeating: 0x0A, count: 20_000), limit: 0)
    return warm
  }

  @Test(arguments: [false, true]) func whatIsQuickFindsTheSame(ignoringCase: Bool) throws {
    var random = SeededGenerator(seed: 7)
    var hits = 0
    for pattern in Self.patterns {
      let quick = try warm(pattern, ignoringCase)
      for _ in 0..<200 {
        var text = Array(
          (0..<Int.random(in: 0...40, using: &random)).map { _ in Self.pieces.randomElement(using: &random) ?? "" }
            .joined().utf8)
        // Bytes that are no UTF-8.
        if !text.isEmpty, Bool.random(using: &random) { text[Int.random(in: text.indices, using: &random)] = 0xD0 }
        // Never used before, and too little to be quick.
        let slow = try PCREPattern(pattern, ignoringCase: ignoringCase)
        let wanted = try slow.lineMatches(in: text, limit: 3)
        hits += wanted.count
        #expect(
          try quick.lineMatches(in: text, limit: 3) == wanted, "\(pattern) \(String(decoding: text, as: UTF8.self))")
        let line = String(decoding: text, as: UTF8.self)
        #expect(try quick.firstMatch(in: line)?.groups == slow.firstMatch(in: line)?.groups)
      }
    }
    #expect(hits > 1_000)
  }

  /// Patterns and texts that take for ever where steps are not bounded.
  @Test func whatIsQuickIsBounded() throws {
    let clock = SystemClock()
    for (pattern, text) in [
      ("^(a+)+$", "a"), (#"a.*a.*a.*a.*\d"#, "a"), ("(a|aa)+$", "a"), (#"((a?){30})a{30}$"#, "a"),
      (#"(\w+\s?)+$"#, "a"),
      (#"a(?=.*\d)(?=.*c).*d"#, "a"), ("(x+x+)+y", "x"),
    ] {
      let pattern = try warm(pattern, false)
      for length in [30, 2_000, 30_000] {
        let begin = clock.ticks()
        let line = [UInt8](repeating: text.utf8.first ?? 0, count: length) + Array("!".utf8)
        _ = try? pattern.lineMatches(in: line, limit: 1)
        #expect(clock.ticks() - begin < 5_000, "\(pattern.source) \(length)")
      }
    }
  }

  @Test func whatAPatternNeeds() {
    func needs(_ pattern: String, _ ignoringCase: Bool = false) -> [String]? {
      PatternLiterals.required(by: pattern, ignoringCase: ignoringCase)?.map { String(decoding: $0, as: UTF8.self) }
    }
    #expect(needs(#"fetch\s*\("#) == ["fetch"])
    #expect(needs(#"(GET|POST)\s+/"#) == ["GET", "POST"])
    #expect(needs(#"\w+\.cookie\("#) == [".cookie("])
    #expect(needs("colou?r") == ["colo"])
    #expect(needs("Fetch", true) == ["fetch"])
    // Beyond ASCII a `k` has another form, and a text that may be missing is not needed.
    #expect(needs("book", true) == ["boo"])
    for pattern in ["a|", "(?:foo)?", "(foo|)", #"\d+"#, "(?i)foo", "foo|b", "(?!foo)", "(?=foo)", "x*", #"\Qfoo\E"#] {
      #expect(needs(pattern) == nil, "\(pattern)")
    }
  }

  /// Several texts are looked for by the two bytes that a window ends with: the first place must be that of the first of them by itself.
  @Test(arguments: [false, true]) func severalTextsAreFoundWhereOneByOneIs(ignoringCase: Bool) throws {
    var random = SeededGenerator(seed: 11)
    func text(_ lengths: ClosedRange<Int>) -> [UInt8] {
      (0..<Int.random(in: lengths, using: &random)).map { _ in Array("abAB_.é".utf8).randomElement(using: &random) ?? 0
      }
    }
    func stands(_ needle: [UInt8], _ text: ArraySlice<UInt8>) -> Bool {
      zip(needle, text).allSatisfy { wanted, byte in
        byte == wanted || ignoringCase && (0x41...0x5A).contains(byte) && byte | 0x20 == wanted
      }
    }
    var found = 0
    for _ in 0..<4_000 {
      let needles = (0..<Int.random(in: 1...9, using: &random)).map { _ in
        text(2...5).map { ignoringCase && (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
      }
      let bytes = text(0...40)
      let from = Int.random(in: 0...3, using: &random)
      let search = try #require(LiteralSearch(needles, ignoringCase: ignoringCase))
      let expected = bytes.indices.first { start in
        start >= from && needles.contains { start + $0.count <= bytes.count && stands($0, bytes[start...]) }
      }
      #expect(search.first(in: bytes, from: from) == expected, "\(needles) in \(bytes) from \(from)")
      if expected != nil { found += 1 }
    }
    // Both are tried.
    #expect(found > 500 && found < 3_900)
  }
}
