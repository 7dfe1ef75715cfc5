import GonogoCore

/// The forms that a variable's text may have to have.
enum ValueType: String, CaseIterable, Sendable {
  case url, integer, number, boolean, base64, hex, json, list, email, instant, uuid, hostname, port, path, string

  /// "a URL", "an integer": for messages.
  var phrase: String {
    switch self {
    case .url: "a URL"
    case .integer: "an integer"
    case .number: "a number"
    case .boolean: "true or false"
    case .base64: "base64"
    case .hex: "hexadecimal digits in pairs"
    case .json: "JSON"
    case .list: "a list"
    case .email: "an e-mail address"
    case .instant: "an instant with date, time and offset (RFC 3339)"
    case .uuid: "a UUID"
    case .hostname: "a host name"
    case .port: "a port, 1 to 65535"
    case .path: "an absolute path"
    case .string: "a text"
    }
  }

  /// Whether a text has this form, looked at alone. Lists are judged by their rule, which knows the separator.
  func accepts(_ text: String) -> Bool {
    switch self {
    case .string, .list: true
    case .url: URLShape(text) != nil
    case .integer: Self.integer(text) != nil
    case .number: Self.number(text) != nil
    case .boolean: ValueQuality.isTrue(text) || ValueQuality.isFalse(text)
    case .base64: Base64.decode(text) != nil
    case .hex: !text.isEmpty && text.utf8.count % 2 == 0 && text.utf8.allSatisfy(Self.isHex)
    case .json: (try? JSON.parse(text)) != nil
    case .email: Self.isEmail(text)
    case .instant: Timestamp.parse(text) != nil
    case .uuid: Self.isUUID(text)
    case .hostname: Self.isHostname(text)
    case .port: Self.integer(text).map { (1...65535).contains($0) } ?? false
    case .path: text.hasPrefix("/") && !text.utf8.contains(0)
    }
  }

  /// The kind of thing a text is, and nothing of its content.
  static func kind(of text: String) -> String {
    if text.isEmpty { return "an empty text" }
    if text.unicodeScalars.allSatisfy({ $0.properties.isWhitespace }) { return "only blanks" }
    if let url = URLShape(text) { return "a URL with \(url.shownScheme)" }
    if integer(text) != nil { return "an integer" }
    if number(text) != nil { return "a number" }
    if boolean.accepts(text) { return "a boolean" }
    if instant.accepts(text) { return "an instant" }
    if looksLikeDate(text) { return "a date without an offset, which names no instant" }
    if uuid.accepts(text) { return "a UUID" }
    if text.utf8.first == UInt8(ascii: "{") || text.utf8.first == UInt8(ascii: "[") {
      return json.accepts(text) ? "JSON" : "a text that begins like JSON and is none"
    }
    return "another text"
  }

  static func integer(_ text: String) -> Int64? {
    guard let first = text.utf8.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first) else { return nil }
    return Int64(text)
  }

  static func number(_ text: String) -> Double? {
    guard let first = text.utf8.first, "-.0123456789".utf8.contains(first),
      text.utf8.allSatisfy({ "-+.eE0123456789".utf8.contains($0) }), let value = Double(text), value.isFinite
    else { return nil }
    return value
  }

  /// The bytes that base64 or hexadecimal digits stand for.
  func bytes(of text: String) -> Int? {
    switch self {
    case .base64: Base64.decode(text)?.count
    case .hex: text.utf8.count / 2
    default: nil
    }
  }

  private static func looksLikeDate(_ text: String) -> Bool {
    let bytes = Array(text.utf8.prefix(10))
    guard bytes.count == 10 else { return false }
    return bytes.enumerated().allSatisfy { index, byte in
      index == 4 || index == 7 ? byte == UInt8(ascii: "-") : (0x30...0x39).contains(byte)
    }
  }

  private static func isHex(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
  }

  private static func isEmail(_ text: String) -> Bool {
    guard let at = text.lastIndex(of: "@"), text.firstIndex(of: "@") == at, at > text.startIndex,
      text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F })
    else { return false }
    let domain = String(text[text.index(after: at)...])
    return text[..<at].utf8.count <= 64 && domain.contains(".") && isHostname(domain)
  }

  private static func isUUID(_ text: String) -> Bool {
    let groups = text.split(separator: "-", omittingEmptySubsequences: false)
    return groups.map(\.utf8.count) == [8, 4, 4, 4, 12] && groups.allSatisfy { $0.utf8.allSatisfy(isHex) }
  }

  /// RFC 1123, section 2.1; a trailing dot is allowed.
  static func isHostname(_ text: String) -> Bool {
    let name = text.hasSuffix(".") ? text.dropLast() : text[...]
    guard !name.isEmpty, name.utf8.count <= 253 else { return false }
    return name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
      !label.isEmpty && label.utf8.count <= 63 && label.first != "-" && label.last != "-"
        && label.utf8.allSatisfy { byte in
          byte.isASCIIDigit || byte.isASCIILetter
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
        }
    }
  }
}

/// A text that is a URL with an authority, or a path after `file://` or `sqlite://` (RFC 3986).
struct URLShape {
  let scheme: String

  init?(_ text: String) {
    guard let mark = text.range(of: "://"), text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return nil }
    let scheme = text[..<mark.lowerBound]
    guard let first = scheme.first, first.isASCII, first.isLetter,
      scheme.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "+" || $0 == "-" || $0 == ".") })
    else { return nil }
    self.scheme = scheme.lowercased()
    let rest = text[mark.upperBound...]
    if self.scheme == "file" || self.scheme.hasPrefix("sqlite") {
      if rest.isEmpty { return nil }
      return
    }
    var host = rest[..<(rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex)]
    if let at = host.lastIndex(of: "@") { host = host[host.index(after: at)...] }
    // Several hosts, as in postgresql://a:1,b:2/db and mongodb://a,b/db: the first speaks for all.
    if let comma = host.firstIndex(of: ",") { host = host[..<comma] }
    if host.hasPrefix("[") {
      guard host.contains("]") else { return nil }
      return
    }
    if let colon = host.firstIndex(of: ":") {
      let port = host[host.index(after: colon)...]
      guard port.isEmpty || Int(port).map({ (0...65535).contains($0) }) == true else { return nil }
      host = host[..<colon]
    }
    if host.isEmpty { return nil }
  }

  private static let known: Set<String> = [
    "http", "https", "ws", "wss", "postgres", "postgresql", "mysql", "mariadb", "mongodb", "mongodb+srv", "redis",
    "rediss", "amqp", "amqps", "nats", "kafka", "smtp", "smtps", "ftp", "sftp", "file", "sqlite", "s3", "ssh", "git",
    "ldap", "ldaps", "mqtt", "mqtts", "tcp", "udp", "unix", "grpc", "grpcs",
  ]

  /// The scheme, where it is one that the world knows: anything else might be a piece of a secret.
  var shownScheme: String {
    Self.known.contains(scheme) || Self.known.contains(String(scheme.prefix { $0 != "+" }))
      ? "scheme \(scheme)" : "another scheme"
  }
}
