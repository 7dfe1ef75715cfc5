import GonogoCore

/// Bytes that a peer sent, for a message: one line, nothing that a terminal would obey.
enum PeerText {
  static func excerpt(_ bytes: some Collection<UInt8>, limit: Int = 60) -> String {
    var text = ""
    for scalar in String(decoding: bytes.prefix(limit * 4), as: UTF8.self).unicodeScalars.prefix(limit) {
      switch scalar {
      case "\r": text += "\\r"
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
        let hex = String(scalar.value, radix: 16)
        text += "\\x" + (hex.count < 2 ? "0" : "") + hex
      default: text.unicodeScalars.append(scalar)
      }
    }
    return "'\(text)'\(bytes.count > limit ? "…" : "")"
  }
}

extension PeerText {
  /// A peer's own words inside a message: one line, harmless, not long.
  static func line(_ text: String) -> String {
    let quoted = excerpt(Array(text.utf8), limit: 200)
    return quoted.hasSuffix("…") ? "\(quoted.dropFirst().dropLast(2))…" : String(quoted.dropFirst().dropLast())
  }
}
