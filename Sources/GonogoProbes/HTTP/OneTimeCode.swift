import GonogoSystem

/// Time-based one-time passwords, RFC 6238 over RFC 4226.
enum OneTimeCode {
  /// - Parameter seconds: since 1970-01-01T00:00:00Z.
  static func code(key: [UInt8], seconds: Int64, period: Int, digits: Int, _ algorithm: Digest.Algorithm) -> String {
    let counter = UInt64(max(0, seconds)) / UInt64(period)
    let message = (0..<8).map { UInt8(counter >> UInt64(56 - 8 * $0) & 255) }
    let mac = Digest.hmac(message, key: key, algorithm)
    guard let last = mac.last else { return "" }
    let offset = Int(last & 15)
    let number = mac[offset..<offset + 4].reduce(UInt64(0)) { $0 << 8 | UInt64($1) } & 0x7FFF_FFFF
    let modulus = (0..<digits).reduce(UInt64(1)) { value, _ in value * 10 }
    let text = String(number % modulus)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  /// Base32, RFC 4648, as authenticator apps show it: blanks, hyphens, case and padding do not matter.
  static func base32(_ text: String) -> [UInt8]? {
    var output: [UInt8] = []
    var value: UInt32 = 0
    var bits = 0
    for byte in text.utf8 {
      let digit: UInt8
      switch byte {
      case 0x41...0x5A: digit = byte - 0x41
      case 0x61...0x7A: digit = byte - 0x61
      case 0x32...0x37: digit = byte - 0x32 + 26
      case 0x20, UInt8(ascii: "-"), UInt8(ascii: "="): continue
      default: return nil
      }
      value = value << 5 | UInt32(digit)
      bits += 5
      if bits >= 8 {
        bits -= 8
        output.append(UInt8(value >> UInt32(bits) & 255))
      }
    }
    return output.isEmpty ? nil : output
  }
}
