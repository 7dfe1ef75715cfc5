import Glibc
import GonogoCore

/// What names and values say of secrets, without ever showing one.
enum SecretNames {
  /// Whether a variable holds a secret, by its name.
  static func isSecret(_ name: String) -> Bool {
    let upper = name.uppercased()
    if upper.hasSuffix("SERVICE_ROLE_KEY") || upper.hasSuffix("SERVICE_KEY") { return true }
    if ["MAX_TOKEN", "CSRF_TOKEN_NAME", "ID_TOKEN"].contains(upper) || upper.hasPrefix("MAX_") { return false }
    return SecretInEnvironment.isSecret(upper)
  }

  /// Whether it is a secret that the project makes itself, to sign or to encrypt with; not one that a provider issues.
  static func isOwn(_ name: String) -> Bool {
    let upper = name.uppercased()
    let issued = ["CLIENT_SECRET", "API_SECRET", "ACCESS_KEY", "PASSWORD", "API_KEY", "CONSUMER_SECRET", "SERVICE_KEY"]
    if issued.contains(where: { upper.hasSuffix($0) }) { return false }
    return [
      "SECRET", "SECRET_KEY", "ENCRYPTION_KEY", "SIGNING_KEY", "JWT_KEY", "SECRET_KEY_BASE", "MASTER_KEY",
      "INTERNAL_TOKEN",
      "INTERNAL_API_TOKEN",
    ].contains { upper == $0 || upper.hasSuffix("_\($0)") }
  }

  /// Shannon's entropy of the bytes times their number, in bits.
  static func entropy(_ bytes: some Collection<UInt8>) -> Double {
    var counts = [Int](repeating: 0, count: 256)
    for byte in bytes { counts[Int(byte)] += 1 }
    let length = Double(bytes.count)
    return counts.reduce(0) { $1 == 0 ? $0 : $0 - Double($1) * log2(Double($1) / length) }
  }

  /// Whether nobody but the project itself issues it: a value that stands in the code works as well as any.
  static func isChosen(_ name: String) -> Bool {
    let words = name.uppercased().split(separator: "_")
    if words.last == "PASSWORD" || words.last == "PASSWD" || words.last == "PASS" { return true }
    if ["SECRET", "SECRET_KEY", "SECRET_KEY_BASE", "API_SECRET", "API_TOKEN"].contains(name.uppercased()) {
      return true
    }
    // Whoever knows the word signs events: it works for them, whoever issues the true one.
    if words.last == "SECRET", words.contains("WEBHOOK") { return true }
    // `INVITE_TOKEN_SECRET` signs tokens; an `ACCESS_TOKEN_SECRET` is issued with its token.
    if words.suffix(2) == ["TOKEN", "SECRET"], words.count > 2, !words.contains("ACCESS") { return true }
    return words.contains { chosen.contains($0) }
  }

  private static let chosen: Set<Substring> = [
    "JWT", "SESSION", "COOKIE", "ENCRYPTION", "SIGNING", "CSRF", "INTERNAL", "ADMIN", "AUTH", "NEXTAUTH", "DJANGO",
    "FLASK", "APP",
    "HASH", "CRON", "MASTER", "CRYPTO", "INTERNAL", "METRICS", "JOB", "WORKER", "SERVER", "SALT", "HMAC", "BOTLINK",
    "LINK",
  ]

  /// Whether it is a secret of a demonstration, of tests or of what seeds them, by its name.
  static func isForShow(_ name: String) -> Bool {
    name.uppercased().split(separator: "_").contains {
      ["DEMO", "E2E", "TEST", "TESTS", "TESTING", "QA", "SAMPLE", "EXAMPLE", "PLAYWRIGHT", "CYPRESS", "SMOKE"].contains(
        $0)
    }
  }

  /// Whether characters follow one another as in the alphabet, forwards or backwards, more often than chance has them.
  static func isSequence(_ bytes: some BidirectionalCollection<UInt8>) -> Bool {
    let neighbours = zip(bytes, bytes.dropFirst()).count { abs(Int($0) - Int($1)) <= 1 }
    return bytes.count >= 8 && neighbours * 3 > bytes.count
  }

  private static let words = [
    "changeme", "change", "example", "sample", "your", "placeholder", "dummy", "replace", "xxxx", "todo", "fake",
    "insert",
    "here", "000000", "1234567", "abcdef", "test", "demo", "redacted", "foobar", "qwerty", "deadbeef", "secret-key",
    "<", "{{",
    "...", "not-a-", "my-", "my_", "local",
  ]

  /// Whether a value reads like one that somebody is still to fill in, or one for show.
  static func isPlaceholder(_ value: String) -> Bool {
    let lower = value.lowercased()
    return words.contains { lower.contains($0) }
  }

  /// Whether a value looks as if a generator made it: long, mixed, no words for show.
  static func isRandom(_ value: String) -> Bool {
    let bytes = Array(value.utf8)
    guard bytes.count >= 16, !bytes.contains(0x20), !isPlaceholder(value), !value.contains("$"),
      !value.hasPrefix("http"),
      !value.hasPrefix("/")
    else { return false }
    guard entropy(bytes) >= 56 else { return false }
    let digits = bytes.count { $0.isDigitByte }
    let upper = bytes.count { $0.isUpperByte }
    let isHex = bytes.allSatisfy { $0.isDigitByte || $0 >= 0x61 && $0 <= 0x66 || $0 >= 0x41 && $0 <= 0x46 }
    // `redis-connection-string` is long, and words.
    return isHex || digits >= 2 && (upper >= 2 || digits >= 5) || upper >= 4 && digits >= 1
  }
}
