import GonogoCore
import GonogoSystem

/// JSON Web Tokens with HS256 (RFC 7515, 7519), and nothing else of that standard.
enum Tokens {
  static func sign(_ claims: JSON, secret: String) -> String {
    let head = encode(JSON.object(["alg": "HS256", "typ": "JWT"]).canonical) + "." + encode(claims.canonical)
    return head + "." + encode(Digest.hmac(Array(head.utf8), key: Array(secret.utf8), .sha256))
  }

  /// The claims of a token whose signature holds; whether it has expired is the caller's question.
  static func verify(_ token: String, secret: String) -> JSON? {
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let signature = decode(parts[2]), let claims = decode(parts[1]) else { return nil }
    let expected = Digest.hmac(Array("\(parts[0]).\(parts[1])".utf8), key: Array(secret.utf8), .sha256)
    guard same(expected, signature) else { return nil }
    return try? JSON.parse(claims)
  }

  /// Compares in a time that does not tell where the texts differ.
  static func same(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }

  static func random(_ count: Int = 16) -> String { Digest.hex(Digest.random(count)) }

  /// base64url without padding (RFC 4648, 5).
  static func encode(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    var output: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for index in 0...group.count { output.append(alphabet[bits >> (18 - 6 * index) & 63]) }
    }
    return String(decoding: output, as: UTF8.self)
  }

  static func decode(_ text: some StringProtocol) -> [UInt8]? {
    var output: [UInt8] = []
    var bits = 0
    var held = 0
    for byte in text.utf8 {
      let value: Int
      switch byte {
      case 0x41...0x5A: value = Int(byte) - 0x41
      case 0x61...0x7A: value = Int(byte) - 0x61 + 26
      case 0x30...0x39: value = Int(byte) - 0x30 + 52
      case UInt8(ascii: "-"): value = 62
      case UInt8(ascii: "_"): value = 63
      default: return nil
      }
      bits = (bits << 6 | value) & 0xFFFFFF
      held += 6
      if held >= 8 {
        held -= 8
        output.append(UInt8(bits >> held & 255))
      }
    }
    return output
  }
}
