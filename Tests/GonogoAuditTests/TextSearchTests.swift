import Testing

@testable import GonogoAudit

/// The quick search gives what the standard library's gives, and the quick pairs those of a comparison of all.
@Suite struct TextSearchTests {
  @Test func itIsTheStandardLibrarys() {
    let pieces = [
      "a", "e", "\u{301}", "é", "\r", "\n", "\r\n", "✓", "\u{FE0F}", "ё", "е\u{308}", "\u{200D}", "👩", "💻", "K",
      "\u{212A}", " ", "ab", "-", "х", "🇷", "🇺",
    ]
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      let text = (0..<Int.random(in: 0...6, using: &generator)).map { _ in pieces.randomElement()! }.joined()
      let other = (0..<Int.random(in: 0...2, using: &generator)).map { _ in pieces.randomElement()! }.joined()
      let expected = other.isEmpty || text.firstRange(of: other) != nil
      #expect(
        text.contains(other) == expected, "\(text.unicodeScalars.map(\.value)) \(other.unicodeScalars.map(\.value))")
      let part = text.dropFirst()
      #expect(part.contains(other) == (other.isEmpty || part.firstRange(of: other) != nil))
    }
  }

  @Test func nearNamesAreThoseOfEveryPair() throws {
    let names = [
      "WEBHOOK_SECRET", "WEBHOOK_SECERT", "KOMMO_REDIRECT_URI", "KOMMO_OAUTH_REDIRECT_URI", "API_PUBLIC_URL_BASE",
      "BASE_API_PUBLIC_URL", "S3_BUCKET_1", "S3_BUCKET_2", "DATABASE_URL", "DATABSE_URL", "DATABASE_URLS", "MAIL_USER",
      "MAIL_PASS", "STRIPE_WEBHOOK_SIGNING_SECRET", "STRIPE_SIGNING_SECRET", "STRIPE_LIVE_SIGNING_SECRET", "LOG_LEVEL",
      "LOGLEVEL", "SESSION_TOKEN_KEY", "SESION_TOKEN_KEY", "SESSION_KEY_TOKEN",
    ]
    var near = NearNames(names)
    var pairs = 0
    for name in names {
      let expected = names.indices.filter { EnvironmentNames.areNear(name, names[$0]) }
      #expect(near.near(to: name) == expected, "\(name)")
      pairs += expected.count
    }
    #expect(pairs > 10)
  }
}
