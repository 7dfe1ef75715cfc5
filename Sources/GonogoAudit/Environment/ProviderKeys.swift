import GonogoCore
import GonogoSystem

/// Keys by the shape that their providers give them.
enum ProviderKeys: FileCollector {
  static func collect(from text: SourceFile, of file: TreeFile) -> [Hit] { find(in: text.bytes) }

  struct Shape: Sendable {
    let what: String
    let prefix: StaticString
    /// How many bytes follow the prefix.
    let length: ClosedRange<Int>
    let alphabet: Alphabet
    /// Bits that the part behind the prefix must have.
    var entropy = 60.0
    var severity = FindingSeverity.critical
  }

  enum Alphabet: Sendable {
    case alphanumeric, upper, hex, token

    func has(_ byte: UInt8) -> Bool {
      switch self {
      case .alphanumeric: byte.isWordByte && byte < 0x80 && byte != 0x5F
      case .upper: byte.isUpperByte || byte.isDigitByte
      case .hex: byte.isDigitByte || byte >= 0x61 && byte <= 0x66
      case .token: byte.isWordByte && byte < 0x80 || byte == 0x2D
      }
    }
  }

  static let shapes: [Shape] = [
    Shape(
      what: "an AWS access key id", prefix: "AKIA", length: 16...16, alphabet: .upper, entropy: 40, severity: .high),
    Shape(what: "a GitHub token", prefix: "ghp_", length: 36...36, alphabet: .alphanumeric),
    Shape(what: "a GitHub OAuth token", prefix: "gho_", length: 36...36, alphabet: .alphanumeric),
    Shape(what: "a GitHub app token", prefix: "ghs_", length: 36...36, alphabet: .alphanumeric),
    Shape(what: "a GitHub token", prefix: "github_pat_", length: 60...90, alphabet: .token),
    Shape(what: "a GitLab token", prefix: "glpat-", length: 20...30, alphabet: .token),
    Shape(what: "a Stripe live key", prefix: "sk_live_", length: 24...120, alphabet: .alphanumeric),
    Shape(what: "a Stripe restricted live key", prefix: "rk_live_", length: 24...120, alphabet: .alphanumeric),
    Shape(
      what: "a Stripe test key", prefix: "sk_test_", length: 24...120, alphabet: .alphanumeric, severity: .medium),
    Shape(what: "a Stripe webhook secret", prefix: "whsec_", length: 32...64, alphabet: .alphanumeric, severity: .high),
    Shape(what: "a Slack bot token", prefix: "xoxb-", length: 40...80, alphabet: .token),
    Shape(what: "a Slack user token", prefix: "xoxp-", length: 40...100, alphabet: .token),
    Shape(what: "a Slack webhook", prefix: "hooks.slack.com/services/T", length: 30...60, alphabet: .token),
    Shape(what: "an OpenAI key", prefix: "sk-proj-", length: 40...200, alphabet: .token),
    Shape(what: "an Anthropic key", prefix: "sk-ant-", length: 60...130, alphabet: .token),
    Shape(what: "an OpenRouter key", prefix: "sk-or-v1-", length: 64...64, alphabet: .hex),
    Shape(what: "a Google API key", prefix: "AIza", length: 35...35, alphabet: .token, severity: .high),
    Shape(what: "a SendGrid key", prefix: "SG.", length: 22...22, alphabet: .token),
    Shape(what: "an npm token", prefix: "npm_", length: 36...36, alphabet: .alphanumeric),
    Shape(what: "a PyPI token", prefix: "pypi-AgEI", length: 60...300, alphabet: .token),
    Shape(what: "a DigitalOcean token", prefix: "dop_v1_", length: 64...64, alphabet: .hex),
    Shape(what: "a Shopify token", prefix: "shpat_", length: 32...32, alphabet: .hex),
    Shape(what: "a Supabase secret key", prefix: "sb_secret_", length: 24...60, alphabet: .token),
    Shape(what: "a Resend key", prefix: "re_", length: 33...36, alphabet: .token),
    Shape(what: "an age key", prefix: "AGE-SECRET-KEY-1", length: 58...58, alphabet: .upper),
    Shape(what: "a Hugging Face token", prefix: "hf_", length: 34...34, alphabet: .alphanumeric),
  ]

  struct Hit: Sendable {
    let what: String
    let offset: Int
    let severity: FindingSeverity
    /// Why a key of this kind weighs less than one that opens everything.
    var whyLess: String {
      severity == .medium ? "it is one for tests" : "alone, or where its owner has limited it, it opens little"
    }
    /// The bytes that it has.
    let length: Int
  }

  static func find(in bytes: [UInt8]) -> [Hit] {
    let (shapes, others) = begun(in: bytes)
    if shapes.isEmpty, !others { return [] }
    var hits: [Hit] = []
    for shape in shapes {
      var from = 0
      while let offset = ByteSearch.first(shape.prefix, in: bytes, from: from) {
        from = offset + shape.prefix.utf8CodeUnitCount
        if offset > 0, bytes[offset - 1].isWordByte || bytes[offset - 1] == 0x2D,
          shape.prefix.utf8CodeUnitCount < 20
        {
          continue
        }
        var end = from
        let isPath = shape.what == "a Slack webhook"
        while end < bytes.count, shape.alphabet.has(bytes[end]) || isPath && bytes[end] == 0x2F { end += 1 }
        guard shape.length.contains(end - from), end >= bytes.count || !bytes[end].isWordByte else { continue }
        let body = bytes[from..<end]
        if isReal(body, shape), !isDescribed(shape, bytes, offset) {
          hits.append(Hit(what: shape.what, offset: offset, severity: shape.severity, length: end - offset))
        }
      }
    }
    if others { hits += privateKeys(in: bytes) + serviceRoles(in: bytes) + telegramTokens(in: bytes) }
    return hits.sorted { $0.offset < $1.offset }
  }

  /// What private keys, Supabase's and Telegram's tokens begin with.
  private static let others: [StaticString] = ["-----BEGIN ", "eyJ", ":AA"]

  private static let beginnings = LiteralSearch(
    (shapes.map(\.prefix) + others).map {
      Array(UnsafeBufferPointer(start: $0.utf8Start, count: $0.utf8CodeUnitCount))
    }, ignoringCase: false)

  /// The shapes whose beginnings stand somewhere, and whether something else begins as a key does, in one pass for all of them.
  private static func begun(in bytes: [UInt8]) -> (shapes: [Shape], others: Bool) {
    guard let beginnings else { return (shapes, true) }
    var isThere = [Bool](repeating: false, count: shapes.count)
    var isOther = false
    bytes.withUnsafeBufferPointer { buffer in
      var from = 0
      while let place = beginnings.first(in: buffer, from: from) {
        from = place + 1
        if [UInt8(ascii: "-"), UInt8(ascii: "e"), UInt8(ascii: ":")].contains(buffer[place]) {
          isOther = true
          continue
        }
        for (index, shape) in shapes.enumerated() where !isThere[index] {
          let prefix = UnsafeBufferPointer(start: shape.prefix.utf8Start, count: shape.prefix.utf8CodeUnitCount)
          isThere[index] = buffer[place...].starts(with: prefix)
        }
      }
    }
    return (shapes.indices.filter { isThere[$0] }.map { shapes[$0] }, isOther)
  }

  private static func isReal(_ body: ArraySlice<UInt8>, _ shape: Shape) -> Bool {
    let text = String(decoding: body, as: UTF8.self)
    if SecretNames.isSequence(body) { return false }
    if SecretNames.isPlaceholder(text) || SecretNames.entropy(body) < shape.entropy { return false }
    // A sentence in base64 is one for show: 16 random bytes are printable once in ten million times.
    if let plain = Base64.decode(text), plain.count >= 16, plain.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) {
      return false
    }
    // Generators mix; a name does not.
    return shape.alphabet == .upper
      || body.contains { $0.isDigitByte } && body.contains { $0.isUpperByte || $0 >= 0x61 }
  }

  /// Whether the shape itself stands close by as a regular expression, `ghp_[A-Za-z0-9]{36}`: a table of patterns with their
  /// examples.
  private static func isDescribed(_ shape: Shape, _ bytes: [UInt8], _ offset: Int) -> Bool {
    var from = max(0, offset - 300)
    while let place = ByteSearch.first(shape.prefix, in: bytes, from: from), place < offset + 300 {
      from = place + shape.prefix.utf8CodeUnitCount
      if from < bytes.count, [0x5B, 0x28, 0x5C].contains(bytes[from]) { return true }
    }
    return false
  }

  /// `-----BEGIN … PRIVATE KEY-----` with a key behind it, rather than the words alone.
  private static func privateKeys(in bytes: [UInt8]) -> [Hit] {
    var hits: [Hit] = []
    var from = 0
    while let offset = ByteSearch.first("-----BEGIN ", in: bytes, from: from) {
      from = offset + 11
      guard let close = ByteSearch.first("PRIVATE KEY-----", in: bytes, from: from), close - from <= 12,
        !bytes[from..<close].contains(0x0A)
      else { continue }
      var index = close + 16
      var body: [UInt8] = []
      while index < bytes.count, body.count < 400 {
        let byte = bytes[index]
        if byte == 0x2D, index + 4 < bytes.count, bytes[index + 1] == 0x2D { break }
        if byte == 0x5C {
          index += 2
          continue
        }
        // Blanks, quotes and signs that join strings may stand between the lines; anything else is prose.
        if byte.isWordByte && byte < 0x80 || byte == 0x2B || byte == 0x2F || byte == 0x3D {
          body.append(byte)
        } else if byte > 0x20, byte != 0x22, byte != 0x27, byte != 0x2C {
          break
        }
        index += 1
      }
      if body.count >= 60, SecretNames.entropy(body) / Double(body.count) > 3.8 {
        hits.append(Hit(what: "a private key", offset: offset, severity: .critical, length: index - offset))
      }
    }
    return hits
  }

  /// A JSON Web Token of Supabase whose role is `service_role`, and that is not of the published demonstration project.
  private static func serviceRoles(in bytes: [UInt8]) -> [Hit] {
    var hits: [Hit] = []
    var from = 0
    while let offset = ByteSearch.first("eyJ", in: bytes, from: from) {
      from = offset + 3
      if offset > 0, bytes[offset - 1].isWordByte { continue }
      var end = offset
      while end < bytes.count, Alphabet.token.has(bytes[end]) || bytes[end] == 0x2E { end += 1 }
      from = end
      let parts = bytes[offset..<end].split(separator: 0x2E)
      guard parts.count == 3, parts[2].count >= 40,
        let payload = Base64.decode(String(decoding: parts[1], as: UTF8.self)),
        let json = try? JSON.parse(payload)
      else { continue }
      guard json["role"]?.stringValue == "service_role", json["iss"]?.stringValue == "supabase" else { continue }
      hits.append(
        Hit(what: "a Supabase service-role key", offset: offset, severity: .critical, length: end - offset))
    }
    return hits
  }

  /// `123456789:AA…`.
  private static func telegramTokens(in bytes: [UInt8]) -> [Hit] {
    var hits: [Hit] = []
    var from = 0
    while let colon = ByteSearch.first(":AA", in: bytes, from: from) {
      from = colon + 3
      var start = colon
      while start > 0, bytes[start - 1].isDigitByte { start -= 1 }
      var end = colon + 1
      while end < bytes.count, Alphabet.token.has(bytes[end]) { end += 1 }
      guard (8...10).contains(colon - start), end - colon - 1 == 35 else { continue }
      if start > 0, bytes[start - 1].isWordByte { continue }
      let body = bytes[(colon + 1)..<end]
      let text = String(decoding: body, as: UTF8.self)
      guard !SecretNames.isPlaceholder(text), SecretNames.entropy(body) > 110 else { continue }
      hits.append(Hit(what: "a Telegram bot token", offset: start, severity: .critical, length: end - start))
    }
    return hits
  }
}
