import Glibc
import GonogoCore

/// What a value looks like, told without showing it.
enum ValueQuality {
  /// Shannon's entropy of the value's characters times their number, in bits. An estimate from above of what a random
  /// generator put in, and a good one for spotting what no generator made: `aaaaaaaa` has 0 bits, an English word of ten
  /// letters some 30, 32 random bytes in base64 some 210.
  static func entropy(_ value: String) -> Double {
    var counts: [Unicode.Scalar: Int] = [:]
    var total = 0
    for scalar in value.unicodeScalars {
      counts[scalar, default: 0] += 1
      total += 1
    }
    let length = Double(total)
    return counts.values.reduce(0) { $0 - Double($1) * log2(Double($1) / length) }
  }

  /// Texts that stand where a value has yet to come.
  ///
  /// - Parameter secret: nobody writes these words into a secret, so there they are looked for inside it as well.
  static func isPlaceholder(_ value: String, secret: Bool) -> Bool {
    let text = value.lowercased()
    let squeezed = text.filter { $0 != "-" && $0 != "_" && $0 != " " && $0 != "." }
    let whole: Set<String> = [
      "changeme", "changethis", "replaceme", "replacethis", "example", "todo", "tbd", "fixme", "placeholder", "dummy",
      "secret", "password", "insertme", "none", "null", "undefined", "xyz", "foobar", "test", "testing",
    ]
    let onlySecret: Set<String> = [
      "secret", "password", "none", "null", "undefined", "xyz", "foobar", "test", "testing",
    ]
    if whole.contains(squeezed), secret || !onlySecret.contains(squeezed) { return true }
    for prefix in [
      "your-", "your_", "your ", "change-me", "change_me", "changeme", "replace-me", "replace_me", "todo:",
    ]
    where text.hasPrefix(prefix) { return true }
    if text.count >= 3, text.allSatisfy({ $0 == "x" }) { return true }
    if text.hasPrefix("xxxx") || text.hasSuffix("xxxx") { return true }
    if text.count >= 3, text.allSatisfy({ $0 == "*" || $0 == "." }) { return true }
    if holdsBracketed(text) { return true }
    if let scheme = text.range(of: "://") {
      let rest = text[scheme.upperBound...]
      if rest.hasPrefix("your-") || rest.hasPrefix("your_") || rest.contains("@your-") { return true }
    }
    if secret {
      return ["changeme", "change-me", "change_me", "example", "placeholder", "dummy", "your-", "your_"].contains {
        text.contains($0)
      }
    }
    return false
  }

  /// `<your-domain>`: words between angle brackets, but no markup.
  private static func holdsBracketed(_ text: String) -> Bool {
    if text.contains("</") || text.contains("/>") { return false }
    var rest = text[...]
    while let open = rest.firstIndex(of: "<") {
      let inner = rest[rest.index(after: open)...]
      guard let close = inner.firstIndex(of: ">") else { return false }
      let name = inner[..<close]
      if name.count >= 3,
        name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == " " || $0 == "/" })
      {
        return true
      }
      rest = inner[inner.index(after: close)...]
    }
    return false
  }

  /// Keys of a payment provider's test mode: Stripe and Paystack.
  static func isTestCredential(_ value: String) -> Bool {
    ["sk_test_", "pk_test_", "rk_test_"].contains { value.hasPrefix($0) }
  }

  /// A URL anywhere in the value that leads to the machine itself.
  static func holdsLoopbackURL(_ value: String) -> Bool {
    var rest = value.lowercased()[...]
    while let mark = rest.range(of: "://") {
      rest = rest[mark.upperBound...]
      let end = rest.firstIndex { "/?#\"', ]".contains($0) && !($0 == "]" && rest.hasPrefix("[")) } ?? rest.endIndex
      var host = rest[..<end]
      if let at = host.lastIndex(of: "@") { host = host[host.index(after: at)...] }
      if host.hasPrefix("[") {
        host = host.dropFirst().prefix { $0 != "]" }
      } else if let colon = host.firstIndex(of: ":") {
        host = host[..<colon]
      }
      if isLoopback(String(host)) { return true }
    }
    return false
  }

  private static func isLoopback(_ host: String) -> Bool {
    if host == "localhost" || host.hasSuffix(".localhost") || host == "::1" || host == "0.0.0.0" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }

  static func isTrue(_ value: String) -> Bool { ["true", "1", "yes", "on"].contains(value.lowercased()) }
  static func isFalse(_ value: String) -> Bool { ["false", "0", "no", "off"].contains(value.lowercased()) }
}
