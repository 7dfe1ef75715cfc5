import CSystem

extension StringProtocol {
  /// Whether a text stands in it, by whole characters, as the standard library's method of this name has it; which compares
  /// character by character and was a third of an audit's time.
  ///
  /// Bytes are looked for first. Where they are not there, nothing is; where they are, only a text beyond ASCII can have them within a
  /// character (`e` in a decomposed `é`), and then the standard library decides.
  func contains(_ other: String) -> Bool {
    var other = other
    return other.withUTF8 { contains($0) } ?? (self.firstRange(of: other) != nil)
  }

  /// `nil` where bytes do not tell.
  private func contains(_ needle: UnsafeBufferPointer<UInt8>) -> Bool? {
    guard let first = needle.first, let last = needle.last else { return true }
    // CR and LF are one character where they stand together.
    let isEnd = first == 0x0A || first == 0x0D || last == 0x0A || last == 0x0D
    let isPlain = needle.allSatisfy { $0 < 0x80 }
    // Three of ASCII's have a second form: the Kelvin sign, the Greek question mark, the varia.
    let isTwofold = isPlain ? needle.contains { $0 == 0x4B || $0 == 0x3B || $0 == 0x60 } : !SimpleText.holds(needle)
    return utf8.withContiguousStorageIfAvailable { text -> Bool? in
      guard let base = text.baseAddress else { return false }
      guard let hit = memmem(base, text.count, needle.baseAddress, needle.count) else {
        // The same character may be written in more than one way, unless it is one of ASCII's.
        if isPlain, !isTwofold { return false }
        return (isPlain || !isTwofold) && SimpleText.holds(text) ? false : nil
      }
      if isEnd { return nil }
      let start = UnsafeRawPointer(hit) - UnsafeRawPointer(base)
      let end = start + needle.count
      // Nothing that begins with a byte of ASCII belongs to the character before it.
      let endsWhole = end == text.count || text[end] < 0x80
      let beginsWhole = start == 0 || first < 0x80 || text[start - 1] < 0x80 && isLetter(needle)
      return endsWhole && beginsWhole ? true : nil
    }.flatMap { $0 }
  }

  /// Whether a text begins with a letter or a sign that never joins what stands before it.
  private func isLetter(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let scalar = String(decoding: text.prefix(4), as: UTF8.self).unicodeScalars.first else { return false }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .otherLetter, .decimalNumber, .otherSymbol, .mathSymbol,
      .dashPunctuation, .otherPunctuation:
      return true
    default: return false
    }
  }
}
