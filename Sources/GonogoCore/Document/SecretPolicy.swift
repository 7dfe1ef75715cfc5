/// Decides which parts of a value that came from outside are secret.
///
/// Law 5: secrets go in, never out. A value from the process environment or a `.env` file is secret as a whole, with
/// these exceptions, without which no message could say where Gonogo looked:
/// * a name declared under `public:` in the front matter;
/// * booleans, texts of fewer than four characters, and numbers (of six digits or more only where the name does not sound
///   like a secret), which would blot out every report;
/// * a URL whose variable is not named like a secret: there, the password, the query's values, the fragment and long
///   random path segments are secret, and the rest is shown.
public enum SecretPolicy {
  static let telling = [
    "SECRET", "TOKEN", "PASSWORD", "PASSWD", "PASSPHRASE", "PASS", "PWD", "KEY", "CREDENTIAL", "PRIVATE", "SALT",
    "SIGNATURE", "WEBHOOK", "DSN", "COOKIE", "SESSION", "AUTH", "PIN", "OTP", "SEED",
  ]

  /// The name, taken as words, has one that speaks of a secret: `API_KEY`, `jwtSecret`, `SENTRY_DSN`.
  public static func soundsSecret(_ name: String) -> Bool {
    if name.utf8.allSatisfy({ $0 < 0x80 }) { return soundsSecretASCII(name) }
    var words: [String] = []
    var word = ""
    var previousLower = false
    for character in name {
      if character == "_" || character == "-" || character == "." {
        words.append(word)
        word = ""
      } else {
        if character.isUppercase, previousLower {
          words.append(word)
          word = ""
        }
        word.append(character)
      }
      previousLower = character.isLowercase || character.isNumber
    }
    words.append(word)
    return words.contains { word in
      let upper = word.uppercased()
      return telling.contains(upper) || upper.hasSuffix("S") && telling.contains(String(upper.dropLast()))
    }
  }

  private static let tellingWords = Set(telling)

  /// The same, byte by byte: every header of every reply is asked for.
  private static func soundsSecretASCII(_ name: String) -> Bool {
    var word: [UInt8] = []
    word.reserveCapacity(16)
    var previousLower = false
    func tells() -> Bool {
      guard (3...11).contains(word.count) else { return false }
      if tellingWords.contains(String(decoding: word, as: UTF8.self)) { return true }
      return word.last == UInt8(ascii: "S")
        && tellingWords.contains(String(decoding: word.dropLast(), as: UTF8.self))
    }
    for byte in name.utf8 {
      let isUpper = (0x41...0x5A).contains(byte)
      let isLower = (0x61...0x7A).contains(byte)
      if byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") {
        if tells() { return true }
        word.removeAll(keepingCapacity: true)
      } else {
        if isUpper, previousLower {
          if tells() { return true }
          word.removeAll(keepingCapacity: true)
        }
        word.append(isLower ? byte & ~0x20 : byte)
      }
      previousLower = isLower || (0x30...0x39).contains(byte)
    }
    return tells()
  }

  /// The substrings of `value` that must not be shown.
  public static func secrets(in value: String, name: String, isPublic: Bool) -> [String] {
    if isPublic || value.utf8.count < 4 || value == "true" || value == "false" { return [] }
    if Double(value) != nil, value.utf8.count < 6 || !soundsSecret(name) { return [] }
    if !soundsSecret(name), let parts = urlSecrets(value) { return parts }
    return [value]
  }

  /// The secret parts of a URL; `nil` where the text is no URL with an authority or a file path.
  static func urlSecrets(_ text: String) -> [String]? {
    guard let mark = text.range(of: "://") else { return text.hasPrefix("/") && !text.contains(" ") ? [] : nil }
    let scheme = text[..<mark.lowerBound]
    guard !scheme.isEmpty, scheme.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "+" || $0 == "-" || $0 == "." })
    else { return nil }
    var secrets: [String] = []
    let rest = text[mark.upperBound...]
    let authorityEnd = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
    let authority = rest[..<authorityEnd]
    if let at = authority.lastIndex(of: "@") {
      let user = authority[..<at]
      if let colon = user.firstIndex(of: ":") {
        secrets.append(String(user[user.index(after: colon)...]))
      } else if looksRandom(user) {
        secrets.append(String(user))
      }
    }
    var tail = rest[authorityEnd...]
    if let hash = tail.firstIndex(of: "#") {
      secrets.append(String(tail[tail.index(after: hash)...]))
      tail = tail[..<hash]
    }
    if let query = tail.firstIndex(of: "?") {
      for pair in tail[tail.index(after: query)...].split(separator: "&") {
        guard let equals = pair.firstIndex(of: "=") else { continue }
        let value = pair[pair.index(after: equals)...]
        if value.utf8.count >= 8 || soundsSecret(String(pair[..<equals])) { secrets.append(String(value)) }
      }
      tail = tail[..<query]
    }
    secrets.append(contentsOf: tail.split(separator: "/").filter(looksRandom).map(String.init))
    return secrets.filter { !$0.isEmpty }
  }

  /// Sixteen or more characters of letters and digits mixed: a token, not a word.
  static func looksRandom(_ text: some StringProtocol) -> Bool {
    text.utf8.count >= 16 && text.contains(where: \.isNumber) && text.contains(where: \.isLetter)
      && text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == ":" }
  }
}

extension StringProtocol {
  /// The first place where `needle` stands.
  public func range(of needle: String) -> Range<Index>? {
    guard let first = needle.first else { return startIndex..<startIndex }
    var from = startIndex
    while let start = self[from...].firstIndex(of: first) {
      if self[start...].hasPrefix(needle) { return start..<index(start, offsetBy: needle.count) }
      from = index(after: start)
    }
    return nil
  }
}
