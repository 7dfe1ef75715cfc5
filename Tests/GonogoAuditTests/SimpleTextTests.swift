import GonogoTestSupport
import Testing

@testable import GonogoAudit

/// What is told by bytes must be what characters tell: held against arrays of characters.
@Suite struct SimpleTextTests {
  /// Each joins, or has a second form, or is what another is made of.
  private static let pieces = [
    "a", "b", "e", "K", "\u{212A}", ";", "\u{37E}", "`", "\u{1FEF}", " ", "\t", "\n", "\r", "\r\n", "/", ".", "|", "_",
    "é", "e\u{301}", "\u{301}", "й", "и\u{306}", "и", "ё", "—", "→", "✅", "⚠\u{FE0F}", "\u{200D}", "👍🏽", "🚀", "🏽", "🇷🇺",
    "\u{600}",
    "\u{AD}", "ſ", "Å", "\u{212B}", "\u{E33}", "क\u{94D}", "\u{1100}", "\u{1161}",
  ]

  private static func text(_ random: inout SeededGenerator, _ length: Int) -> String {
    (0..<Int.random(in: 0...length, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
  }

  @Test(arguments: [UInt64(1), 2, 3]) func bytesTellWhatCharactersTell(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var plain = 0
    for _ in 0..<20_000 {
      let text = Self.text(&random, 8)
      let other = Self.text(&random, 3)
      let all = Array(text)
      let part = Array(other)
      if text.utf8.withContiguousStorageIfAvailable({ SimpleText.holds($0) }) == true { plain += 1 }
      #expect(text.hasPrefix(other) == all.starts(with: part), "\(text.debugDescription) \(other.debugDescription)")
      #expect(
        text.hasSuffix(other) == all.reversed().starts(with: part.reversed()),
        "\(text.debugDescription) \(other.debugDescription)")
      if let separator = part.first {
        #expect(text.split(separator: separator).map(Array.init) == all.split(separator: separator).map(Array.init))
        #expect(
          text.split(separator: separator, maxSplits: 1, omittingEmptySubsequences: false).map(Array.init)
            == all.split(separator: separator, maxSplits: 1, omittingEmptySubsequences: false).map(Array.init))
        let first = text.firstIndex(of: separator).map { text.distance(from: text.startIndex, to: $0) }
        #expect(first == all.firstIndex(of: separator), "\(text.debugDescription) \(separator.debugDescription)")
        let last = text.lastIndex(of: separator).map { text.distance(from: text.startIndex, to: $0) }
        #expect(last == all.lastIndex(of: separator), "\(text.debugDescription) \(separator.debugDescription)")
      }
      let blanks: [Character] = [" ", "\t", "\n", "\r", "\r\n"]
      let bare = all.drop { blanks.contains($0) }.reversed().drop { blanks.contains($0) }.reversed()
      #expect(text.trimmed == String(bare), "\(text.debugDescription)")
      for character in all {
        let scalar = character.unicodeScalars.first?.properties
        #expect(character.isLetter == scalar?.isAlphabetic)
        #expect(character.isNumber == (scalar?.numericType != nil))
      }
    }
    // Else only the standard library was held against itself.
    #expect(plain > 2_000)
  }

  @Test func aGlobNeedsItsEnding() {
    #expect(Glob("**/*.yml").matches("a/b.yml"))
    #expect(!Glob("**/*.yml").matches("a/b.yaml"))
    #expect(Glob("a/**").matches("a/b/c"))
    #expect(Glob("a/b?").matches("a/bc"))
    #expect(!Glob("a/b?").matches("a/b"))
    #expect(Glob("*.a*b").matches("x.ab"))
  }

  /// The words of a claim, and what they begin with, are told by bytes as well.
  @Test func wordsOfClaimsAreThoseOfCharacters() throws {
    let document = try #require(SourceTree(texts: ["a.md": ""])["a.md"])
    var random = SeededGenerator(seed: 5)
    let pieces = Self.pieces + ["rate", "limit", "Лимит", "запрос", "_x", "9", "-", "№", "×", "ª"]
    var begun = 0
    for _ in 0..<10_000 {
      let text = (0..<Int.random(in: 0...8, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
        .joined()
      let words = text.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init)
      #expect(ClaimLine.words(of: text) == words, "\(text.debugDescription)")
      let line = ClaimLine(
        document: document, line: 1, text: text, ticked: true, headings: [], body: [], files: [])
      for stem in ["rat", "limit", "лимит", "за", "_", "9"] {
        let says = words.contains { $0.utf8.starts(with: stem.utf8) }
        #expect(line.says(stem) == says, "\(text.debugDescription) \(stem)")
        if says { begun += 1 }
      }
      #expect(line.says("rate limit") == text.lowercased().contains("rate limit"))
    }
    #expect(begun > 1_000)
  }
}
