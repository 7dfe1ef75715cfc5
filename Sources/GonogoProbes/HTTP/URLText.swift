import CCurl
import GonogoCore

/// The parts of a URL that are looked at, by libcurl's own parser, so that both read it alike.
struct URLParts: Sendable, Equatable {
  let scheme: String
  /// In lower case, an IPv6 address without its brackets.
  let host: String
  let port: Int
  let path: String

  var isTLS: Bool { scheme == "https" }
  var origin: String { "\(scheme)://\(host):\(port)" }
  /// For messages.
  var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// - Returns: `nil` where the text is no absolute `http` or `https` URL.
  init?(_ url: String) {
    guard url.utf8.count > 7, let handle = curl_url() else { return nil }
    defer { curl_url_cleanup(handle) }
    guard curl_url_set(handle, CURLUPART_URL, url, UInt32(CURLU_PATH_AS_IS)) == CURLUE_OK else { return nil }
    guard let scheme = Self.part(handle, CURLUPART_SCHEME), scheme == "http" || scheme == "https",
      let host = Self.part(handle, CURLUPART_HOST), !host.isEmpty,
      let port = Self.part(handle, CURLUPART_PORT, UInt32(CURLU_DEFAULT_PORT)).flatMap(Int.init)
    else { return nil }
    self.scheme = scheme
    let lower = host.lowercased()
    self.host = lower.hasPrefix("[") ? String(lower.dropFirst().dropLast()) : lower
    self.port = port
    path = Self.part(handle, CURLUPART_PATH) ?? "/"
  }

  /// Where a redirection leads (RFC 9110, section 10.2.2); `nil` where that is no `http` or `https` URL.
  static func resolve(_ location: String, from base: String) -> String? {
    guard let handle = curl_url() else { return nil }
    defer { curl_url_cleanup(handle) }
    guard curl_url_set(handle, CURLUPART_URL, base, 0) == CURLUE_OK,
      curl_url_set(handle, CURLUPART_URL, location, UInt32(CURLU_URLENCODE)) == CURLUE_OK,
      let scheme = part(handle, CURLUPART_SCHEME), scheme == "http" || scheme == "https"
    else { return nil }
    // A fragment is not sent, but is kept for whoever reads the fact.
    return part(handle, CURLUPART_URL)
  }

  private static func part(_ handle: OpaquePointer, _ what: CURLUPart, _ flags: UInt32 = 0) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    guard curl_url_get(handle, what, &text, flags) == CURLUE_OK, let text else { return nil }
    defer { curl_free(text) }
    return String(cString: text)
  }
}

enum URLText {
  private static let digits = Array("0123456789ABCDEF".utf8)

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
      || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
      || byte == UInt8(ascii: "~")
  }

  private static func encode(_ text: String, keep: (UInt8) -> Bool) -> String {
    if text.utf8.allSatisfy(keep) { return text }
    var output: [UInt8] = []
    for byte in text.utf8 {
      if keep(byte) {
        output.append(byte)
      } else {
        output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// Everything but the unreserved characters of RFC 3986.
  static func component(_ text: String) -> String { encode(text, keep: isUnreserved) }

  /// As ``component(_:)``, but what is percent-encoded already stays so: a value captured from a link.
  static func queryValue(_ text: String) -> String {
    let bytes = Array(text.utf8)
    var output: [UInt8] = []
    for (index, byte) in bytes.enumerated() {
      let triplet =
        byte == UInt8(ascii: "%") && index + 2 < bytes.count && isHex(bytes[index + 1]) && isHex(bytes[index + 2])
      if isUnreserved(byte) || triplet {
        output.append(byte)
      } else {
        output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// Only what may stand nowhere in a URL: blanks, control characters, quotes, braces, anything beyond ASCII.
  static func legal(_ text: String) -> String {
    encode(text) { $0 > 0x20 && $0 < 0x7F && !"\"<>\\^`{|}".utf8.contains($0) }
  }

  /// application/x-www-form-urlencoded.
  static func formValue(_ text: String) -> String {
    encode(text) { isUnreserved($0) || $0 == 0x20 }.replacing(" ", with: "+")
  }

  private static func isHex(_ byte: UInt8) -> Bool { value(byte) != nil }

  private static func value(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }

  static func decode(_ text: some StringProtocol) -> String {
    let bytes = Array(text.utf8)
    var output: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count, let high = value(bytes[index + 1]),
        let low = value(bytes[index + 2])
      {
        output.append(high << 4 | low)
        index += 3
      } else {
        output.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: output, as: UTF8.self)
  }
}

/// Finds the secrets in what a server sends, so that no report shows them.
enum ReplySecrets {
  /// One-time values of the common sign-in flows, whose names do not speak of a secret.
  private static let flows: Set<String> = [
    "code", "ticket", "assertion", "jwt", "nonce", "link", "sig", "otp", "hash", "invite", "magic",
  ]

  /// The secret values in the query, the fragment and the path of a URL.
  static func inURL(_ url: String) -> [String] {
    guard url.utf8.contains(where: { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") || $0 == UInt8(ascii: "/") })
    else { return [] }
    var secrets: [String] = []
    let pathEnd = url.firstIndex { $0 == "?" || $0 == "#" } ?? url.endIndex
    for pair in url[pathEnd...].split(whereSeparator: { $0 == "?" || $0 == "#" || $0 == "&" }) {
      guard let equals = pair.firstIndex(of: "=") else {
        if looksRandom(pair) { secrets.append(String(pair)) }
        continue
      }
      let name = String(pair[..<equals])
      let value = pair[pair.index(after: equals)...]
      if value.utf8.count >= 4,
        SecretPolicy.soundsSecret(name) || flows.contains(name.lowercased()) || looksRandom(value)
      {
        secrets.append(String(value))
        let decoded = URLText.decode(value)
        if decoded != value { secrets.append(decoded) }
      }
    }
    for segment in url[..<pathEnd].split(separator: "/")
    where segment.utf8.count >= 24 && looksRandom(segment) && !isUUID(segment) {
      secrets.append(String(segment))
    }
    return secrets
  }

  /// Members of a JSON body that are named like secrets and look like them.
  static func inJSON(_ json: JSON, into secrets: inout [String]) {
    switch json {
    case .array(let elements): for element in elements { inJSON(element, into: &secrets) }
    case .object(let members):
      for (name, value) in members {
        if case .string(let text) = value {
          if SecretPolicy.soundsSecret(name), isOpaque(text) {
            secrets.append(text)
          } else if text.utf8.count > 12, text.hasPrefix("http") {
            secrets += inURL(text)
          }
        } else {
          inJSON(value, into: &secrets)
        }
      }
    default: break
    }
  }

  /// Eight or more characters without blanks that are no plain word.
  static func isOpaque(_ text: some StringProtocol) -> Bool {
    text.utf8.count >= 8 && !text.contains(where: { $0 == " " || $0 == "\n" })
      && (text.utf8.count >= 16 || text.contains(where: \.isNumber))
  }

  private static func looksRandom(_ text: some StringProtocol) -> Bool {
    text.utf8.count >= 16 && text.contains(where: \.isNumber) && text.contains(where: \.isLetter)
      && text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == "." || $0 == "%" }
  }

  private static func isUUID(_ text: some StringProtocol) -> Bool {
    text.utf8.count == 36 && text.allSatisfy { $0.isHexDigit || $0 == "-" }
  }
}
