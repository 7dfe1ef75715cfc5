extension UInt8 {
  /// `0` to `9`.
  package var isASCIIDigit: Bool { (0x30...0x39).contains(self) }
  /// `A` to `Z` and `a` to `z`.
  package var isASCIILetter: Bool { (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) }
}

/// Words for a POSIX shell, for the commands that a message offers to repeat.
package enum ShellQuote {
  /// The word as it is where it is harmless, else in single quotes (POSIX.1-2017, Shell Command Language, 2.2.2).
  package static func quote(_ word: String) -> String {
    let plain =
      !word.isEmpty
      && word.utf8.allSatisfy { $0.isASCIIDigit || $0.isASCIILetter || "-_./:=@%+,".utf8.contains($0) }
    return plain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}

/// RFC 3986, section 2.
package enum PercentEncoding {
  /// All but the unreserved characters encoded: for a part of a URL between two delimiters.
  package static func encode(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      if byte.isASCIIDigit || byte.isASCIILetter || "-._~".utf8.contains(byte) {
        bytes.append(byte)
      } else {
        bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
