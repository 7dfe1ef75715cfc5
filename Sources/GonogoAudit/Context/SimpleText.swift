import CSystem

/// Texts of which bytes tell as much as characters.
///
/// The standard library takes a text apart by grapheme clusters, with a look into Unicode's tables at each step: a third of an
/// audit's time went there. In ASCII, in the letters of European languages, and between dashes, arrows and check marks each scalar
/// is a character, and has no other form that is of these as well. Such texts are split and compared by their bytes here, and all
/// others by the standard library: the answers are the same.
enum SimpleText {
  typealias Bytes = UnsafeBufferPointer<UInt8>

  /// Whether each scalar of a text is one character. CR before LF is one with it.
  static func holds(_ text: Bytes) -> Bool {
    var index = 0
    let count = text.count
    while index < count {
      let byte = text[index]
      if byte < 0x80 {
        if byte == 0x0D, index + 1 < count, text[index + 1] == 0x0A { return false }
        index += 1
      } else {
        let length = length(at: index, in: text)
        if length == 0 { return false }
        index += length
      }
    }
    return true
  }

  /// The bytes of the scalar at a place; 0 where it may be a part of a character, or have another form.
  static func length(at index: Int, in text: Bytes) -> Int {
    let rest = text.count - index
    let byte = text[index]
    if byte < 0x80 { return 1 }
    switch byte {
    // U+0080 to U+017F, Latin; U+0400 to U+047F, Cyrillic.
    case 0xC2...0xC5, 0xD0, 0xD1: return rest > 1 ? 2 : 0
    case 0xE2 where rest > 2:
      switch text[index + 1] {
      // U+2010 to U+2027: dashes, quotes, dots; U+2190 to U+2197: arrows; U+2500 to U+27BF: lines, signs, check marks.
      case 0x80: return (0x90...0xA7).contains(text[index + 2]) ? 3 : 0
      case 0x86: return (0x90...0x97).contains(text[index + 2]) ? 3 : 0
      case 0x94...0x9E: return 3
      default: return 0
      }
    // U+1F300 to U+1F6FF without the tones of skin among them.
    case 0xF0 where rest > 3 && text[index + 1] == 0x9F:
      switch text[index + 2] {
      case 0x8C...0x8E, 0x90...0x9B: return 4
      default: return 0
      }
    default: return 0
    }
  }

  /// Whether nothing that stands at a place belongs to the character before it.
  static func begins(at index: Int, in text: Bytes) -> Bool {
    index == text.count || length(at: index, in: text) > 0
  }

  /// Whether what stands before a place takes nothing behind it into its character.
  static func ends(at index: Int, in text: Bytes) -> Bool {
    if index == 0 || text[index - 1] < 0x80 { return true }
    var start = index - 1
    while start > 0, text[start] & 0xC0 == 0x80 { start -= 1 }
    return length(at: start, in: text) == index - start
  }

  /// The first place of a character of ASCII, which is none of a line's end; -1 where it is not there, `nil` where bytes do not tell.
  static func first(_ byte: UInt8, in text: Bytes) -> Int? {
    if isTwofold(byte), !holds(text) { return nil }
    guard let place = text.firstIndex(of: byte) else { return -1 }
    return ends(at: place, in: text) && begins(at: place + 1, in: text) ? place : nil
  }

  /// As ``first(_:in:)``, from the end.
  static func last(_ byte: UInt8, in text: Bytes) -> Int? {
    if isTwofold(byte), !holds(text) { return nil }
    guard let place = text.lastIndex(of: byte) else { return -1 }
    return ends(at: place, in: text) && begins(at: place + 1, in: text) ? place : nil
  }

  /// Whether a sign of ASCII has another form beyond it: the Kelvin sign, the Greek question mark, the varia.
  private static func isTwofold(_ byte: UInt8) -> Bool { byte == 0x4B || byte == 0x3B || byte == 0x60 }

  /// Whether a text begins with another; `nil` where bytes do not tell.
  static func begins(_ text: Bytes, with other: Bytes) -> Bool? {
    var index = 0
    let count = min(text.count, other.count)
    while index < count, text[index] == other[index] { index += 1 }
    if index == other.count {
      if index == text.count || index == 0 { return true }
      if other[index - 1] == 0x0D { return nil }
      return begins(at: index, in: text) && ends(at: index, in: text) ? true : nil
    }
    if index < text.count, text[index] < 0x80, other[index] < 0x80 { return false }
    if !holds(other) { return nil }
    if index == text.count { return holds(text) ? false : nil }
    // Both go on with another scalar; what follows must not join it.
    while index > 0, text[index] & 0xC0 == 0x80 { index -= 1 }
    let length = length(at: index, in: text)
    return length > 0 && begins(at: index + length, in: text) ? false : nil
  }

  /// Whether a text ends with another; `nil` where bytes do not tell.
  static func ends(_ text: Bytes, with other: Bytes) -> Bool? {
    var index = 0
    let count = min(text.count, other.count)
    while index < count, text[text.count - 1 - index] == other[other.count - 1 - index] { index += 1 }
    if index == other.count {
      if index == text.count || index == 0 { return true }
      if other[0] == 0x0A { return nil }
      let start = text.count - index
      return begins(at: start, in: text) && ends(at: start, in: text) ? true : nil
    }
    if index < text.count, text[text.count - 1 - index] < 0x80, other[other.count - 1 - index] < 0x80 { return false }
    return holds(text) && holds(other) ? false : nil
  }

  /// The parts of a text between a character of ASCII, no CR or LF; `nil` where bytes do not tell.
  static func split(_ text: Bytes, _ maximum: Int, _ omitting: Bool, at byte: UInt8) -> [Range<Int>]? {
    guard !isTwofold(byte), holds(text) else { return nil }
    var result: [Range<Int>] = []
    var start = 0
    for index in 0..<text.count where text[index] == byte {
      if result.count == maximum { break }
      if index > start || !omitting { result.append(start..<index) }
      start = index + 1
    }
    if start < text.count || !omitting { result.append(start..<text.count) }
    return result
  }

  /// The parts of a text between characters that are no part of it; `nil` where bytes do not tell.
  static func split(
    _ text: Bytes, _ maximum: Int, _ omitting: Bool, _ isSeparator: (Character) throws -> Bool
  ) rethrows -> [Range<Int>]? {
    guard holds(text) else { return nil }
    var result: [Range<Int>] = []
    var start = 0
    var index = 0
    while index < text.count, result.count < maximum {
      let length = length(at: index, in: text)
      let character =
        length == 1
        ? Character(Unicode.Scalar(text[index]))
        : Character(String(decoding: Bytes(rebasing: text[index..<index + length]), as: UTF8.self))
      if try isSeparator(character) {
        if index > start || !omitting { result.append(start..<index) }
        start = index + length
      }
      index += length
    }
    if start < text.count || !omitting { result.append(start..<text.count) }
    return result
  }
}

extension Character {
  /// As the standard library has it, and without a look into Unicode's tables for the letters of ASCII and of Russian.
  var isLetter: Bool {
    let first = utf8.first ?? 0
    if first < 0x80 { return (0x61...0x7A).contains(first | 0x20) }
    if first == 0xD0 || first == 0xD1 { return true }
    return unicodeScalars.first?.properties.isAlphabetic ?? false
  }

  var isNumber: Bool {
    let first = utf8.first ?? 0
    if first < 0x80 { return (0x30...0x39).contains(first) }
    if first == 0xD0 || first == 0xD1 { return false }
    return unicodeScalars.first?.properties.numericType != nil
  }
}

extension StringProtocol {
  /// Bytes that tell the place of a character; `nil` for one that is not ASCII's, or of a line's end.
  private func plain(_ character: Character) -> UInt8? {
    let bytes = character.utf8
    guard bytes.count == 1, let byte = bytes.first, byte != 0x0A, byte != 0x0D else { return nil }
    return byte
  }

  private func parts(_ ranges: [Range<Int>]) -> [SubSequence] {
    ranges.map {
      self[utf8.index(startIndex, offsetBy: $0.lowerBound)..<utf8.index(startIndex, offsetBy: $0.upperBound)]
    }
  }

  func split(
    separator: Character, maxSplits: Int = .max, omittingEmptySubsequences: Bool = true
  ) -> [SubSequence] {
    if let byte = plain(separator),
      let ranges = utf8.withContiguousStorageIfAvailable({
        SimpleText.split($0, maxSplits, omittingEmptySubsequences, at: byte)
      }).flatMap({ $0 })
    {
      return parts(ranges)
    }
    return split(maxSplits: maxSplits, omittingEmptySubsequences: omittingEmptySubsequences) { $0 == separator }
  }

  func split(
    maxSplits: Int = .max, omittingEmptySubsequences: Bool = true,
    whereSeparator isSeparator: (Character) throws -> Bool
  ) rethrows -> [SubSequence] {
    let quick = try utf8.withContiguousStorageIfAvailable {
      try SimpleText.split($0, maxSplits, omittingEmptySubsequences, isSeparator)
    }
    if let ranges = quick.flatMap({ $0 }) { return parts(ranges) }
    return try self[...].characters(maxSplits, omittingEmptySubsequences, isSeparator)
  }

  func firstIndex(of character: Character) -> Index? {
    if let byte = plain(character),
      let place = utf8.withContiguousStorageIfAvailable({ SimpleText.first(byte, in: $0) }).flatMap({ $0 })
    {
      return place < 0 ? nil : utf8.index(startIndex, offsetBy: place)
    }
    return firstIndex { $0 == character }
  }

  func lastIndex(of character: Character) -> Index? {
    if let byte = plain(character),
      let place = utf8.withContiguousStorageIfAvailable({ SimpleText.last(byte, in: $0) }).flatMap({ $0 })
    {
      return place < 0 ? nil : utf8.index(startIndex, offsetBy: place)
    }
    return lastIndex { $0 == character }
  }

  func hasPrefix(_ prefix: String) -> Bool { quickly(prefix, SimpleText.begins) ?? starts(with: prefix) }

  func hasSuffix(_ suffix: String) -> Bool {
    quickly(suffix, SimpleText.ends) ?? reversed().starts(with: suffix.reversed())
  }

  private func quickly(_ other: String, _ tell: (SimpleText.Bytes, SimpleText.Bytes) -> Bool?) -> Bool? {
    utf8.withContiguousStorageIfAvailable { text in
      other.utf8.withContiguousStorageIfAvailable { tell(text, $0) }.flatMap { $0 }
    }.flatMap { $0 }
  }
}

extension String {
  // The standard library's own are preferred to those of a protocol.
  func hasPrefix(_ prefix: String) -> Bool { self[...].hasPrefix(prefix) }
  func hasSuffix(_ suffix: String) -> Bool { self[...].hasSuffix(suffix) }
}

extension Collection where Element == Character {
  /// The standard library's way, which another method of its name hides.
  fileprivate func characters(
    _ maximum: Int, _ omitting: Bool, _ isSeparator: (Character) throws -> Bool
  ) rethrows -> [SubSequence] {
    try split(maxSplits: maximum, omittingEmptySubsequences: omitting, whereSeparator: isSeparator)
  }
}
