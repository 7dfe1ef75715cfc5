/// Texts that were UTF-8, were read as another encoding and saved again: `âœ…` for a tick, `–î–∞` or `Р”Р°` for Cyrillic.
///
/// Only for reading: the file's own bytes are never changed. Lines stay where they are, because no byte of such a sequence
/// is a line end.
enum Mojibake {
  /// The encodings that mistakes are made with: what bytes 0x80 to 0xFF mean in each.
  private static let codecs: [[Character]] = [windows1252, macRoman, windows1251]

  /// The text as it was meant, and whether anything was mended.
  static func mended(_ text: String) -> (text: String, mended: Bool) {
    var current = text
    var changed = false
    // Some files went through the mistake twice.
    for _ in 0..<2 {
      guard let better = once(current) else { break }
      current = better
      changed = true
    }
    return (current, changed)
  }

  private static func once(_ text: String) -> String? {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return nil }
    var best: (count: Int, text: String)?
    for codec in codecs {
      let bytes = Dictionary(
        codec.enumerated().map { ($0.element.unicodeScalars.first!, UInt8($0.offset + 0x80)) },
        uniquingKeysWith: { first, _ in first })
      let (count, runs, result) = decode(text, bytes)
      // A few lucky runs are no mistake of encoding; most of the file's must turn into something.
      if count > 0, count * 2 > runs, count > (best?.count ?? 0) { best = (count, result) }
    }
    return best?.text
  }

  /// Decodes each run of characters beyond ASCII that gives well-formed UTF-8, and leaves the others.
  private static func decode(_ text: String, _ bytes: [Unicode.Scalar: UInt8]) -> (count: Int, runs: Int, text: String)
  {
    var result = String.UnicodeScalarView()
    var run: [Unicode.Scalar] = []
    var count = 0
    var runs = 0
    func flush() {
      if run.isEmpty { return }
      runs += 1
      defer { run.removeAll(keepingCapacity: true) }
      let raw = run.compactMap { bytes[$0] ?? ($0.value >= 0x80 && $0.value < 0x100 ? UInt8($0.value) : nil) }
      if raw.count == run.count, let decoded = String(validating: raw, as: UTF8.self) {
        count += 1
        result.append(contentsOf: decoded.unicodeScalars)
      } else {
        result.append(contentsOf: run)
      }
    }
    for scalar in text.unicodeScalars {
      if scalar.isASCII {
        flush()
        result.append(scalar)
      } else {
        run.append(scalar)
      }
    }
    flush()
    return (count, runs, String(result))
  }

  /// Bytes that are not UTF-8 at all: Windows-1251 where what they give is mostly Cyrillic, else Windows-1252.
  static func decode(_ raw: [UInt8]) -> String {
    let high = raw.filter { $0 >= 0x80 }
    let cyrillic = high.filter { $0 >= 0xC0 || $0 == 0xA8 || $0 == 0xB8 }.count
    let pairs = zip(raw, raw.dropFirst()).filter { $0 >= 0xC0 && $1 >= 0xC0 }.count
    let table = cyrillic * 10 > high.count * 8 && pairs * 2 > cyrillic ? windows1251 : windows1252
    var text = ""
    for byte in raw { text.append(byte < 0x80 ? Character(Unicode.Scalar(byte)) : table[Int(byte) - 0x80]) }
    return text
  }

  // https://www.unicode.org/Public/MAPPINGS/VENDORS/MICSFT/WINDOWS/CP1252.TXT; the five bytes without a meaning are C1 controls.
  private static let windows1252: [Character] =
    Array("€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ")
    + (0xA0...0xFF).map { Character(Unicode.Scalar(UInt8($0))) }

  // https://www.unicode.org/Public/MAPPINGS/VENDORS/APPLE/ROMAN.TXT
  private static let macRoman: [Character] = Array(
    "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u{A0}ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{F8FF}ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ"
  )

  // https://www.unicode.org/Public/MAPPINGS/VENDORS/MICSFT/WINDOWS/CP1251.TXT
  private static let windows1251: [Character] =
    Array(
      "ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—\u{98}™љ›њќћџ\u{A0}ЎўЈ¤Ґ¦§Ё©Є«¬\u{AD}®Ї°±Ііґµ¶·ё№є»јЅѕї")
    + Array("АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюя")
}
