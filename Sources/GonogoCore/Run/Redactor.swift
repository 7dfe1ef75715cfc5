import Synchronization

/// Replaces every known secret, in every encoding it may be echoed in, before anything is kept or shown.
///
/// For each secret it looks for the text itself, its percent-encodings, its base64 and base64url at each of the three
/// alignments (so that a Basic `user:secret` is found), also where it is wrapped into lines, its hexadecimal, its JSON and
/// HTML escapes. Longer hits win.
public final class Redactor: Sendable {
  public static let mark = "[redacted]"

  private struct State {
    var secrets: Set<String> = []
    /// Needles by their first byte, longest first.
    var needles: [[[UInt8]]] = Array(repeating: [], count: 256)
    /// One bit for each pair of bytes that some needle begins with, so that most places are passed over at once.
    var pairs: [UInt64] = Array(repeating: 0, count: 1024)
    var any = false
  }

  private let state = Mutex(State())

  public init() {}

  /// Takes a secret in. Texts under four bytes are refused: they would blot out every report.
  public func add(_ secret: String) {
    guard secret.utf8.count >= 4 else { return }
    state.withLock { state in
      guard state.secrets.insert(secret).inserted else { return }
      var needles = Self.encodings(of: secret)
      // A key in PEM, or any text of several lines, is often shown line by line.
      let lines = secret.split(whereSeparator: \.isNewline)
      if lines.count > 1 {
        for line in lines where line.utf8.count >= 8 { needles += Self.encodings(of: String(line)) }
      }
      for needle in needles where needle.count >= 4 {
        let first = Int(needle[0])
        if state.needles[first].contains(needle) { continue }
        state.needles[first].append(needle)
        state.needles[first].sort { $0.count > $1.count }
        let pair = first << 8 | Int(needle[1])
        state.pairs[pair >> 6] |= 1 << UInt64(pair & 63)
        state.any = true
      }
    }
  }

  public func add(_ secrets: some Sequence<String>) { for secret in secrets { add(secret) } }

  public func redact(_ text: String) -> String {
    state.withLock { state in
      if !state.any { return text }
      var copy = text
      let replaced: [UInt8]? = copy.withUTF8 { bytes in Self.redact(bytes, state) }
      return replaced.map { String(decoding: $0, as: UTF8.self) } ?? text
    }
  }

  public func redact(_ json: JSON) -> JSON {
    if !state.withLock({ $0.any }) { return json }
    return clean(json)
  }

  /// Numbers too: a secret of digits may come back as one.
  private func clean(_ json: JSON) -> JSON {
    switch json {
    case .string(let text): return .string(redact(text))
    case .integer, .number:
      let text = json.canonicalString
      let cleaned = redact(text)
      return text == cleaned ? json : .string(cleaned)
    case .array(let elements): return .array(elements.map(clean))
    case .object(let members):
      return .object(
        Dictionary(members.map { (redact($0.key), clean($0.value)) }, uniquingKeysWith: { first, _ in first }))
    case .null, .bool: return json
    }
  }

  public func redact(bytes: [UInt8]) -> [UInt8] {
    state.withLock { state in
      if !state.any { return bytes }
      return bytes.withUnsafeBufferPointer { Self.redact($0, state) } ?? bytes
    }
  }

  /// The text with its hits replaced; `nil` where there are none.
  private static func redact(_ bytes: UnsafeBufferPointer<UInt8>, _ state: State) -> [UInt8]? {
    var output: [UInt8]?
    var copied = 0
    var index = 0
    while index + 1 < bytes.count {
      let pair = Int(bytes[index]) << 8 | Int(bytes[index + 1])
      if state.pairs[pair >> 6] & (1 << UInt64(pair & 63)) != 0,
        let hit = state.needles[Int(bytes[index])].lazy.compactMap({ length(of: $0, in: bytes, at: index) }).first
      {
        if output == nil { output = [] }
        output?.append(contentsOf: bytes[copied..<index])
        output?.append(contentsOf: mark.utf8)
        index += hit
        copied = index
      } else {
        index += 1
      }
    }
    output?.append(contentsOf: bytes[copied...])
    return output
  }

  /// How many bytes the needle takes at `start`; `nil` where it does not stand there. A long one may be broken into lines,
  /// as base64(1), xxd(1) and PEM do, with the line ends as they are or escaped for JSON.
  private static func length(of needle: [UInt8], in bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Int? {
    var index = start
    var matched = 0
    var run = 0  // bytes of the needle since the last line end
    while matched < needle.count {
      guard index < bytes.count else { return nil }
      if bytes[index] == needle[matched] {
        index += 1
        matched += 1
        run += 1
        continue
      }
      guard needle.count > 24, matched > 0, run > 0 || matched == 0 else { return nil }
      let escaped =
        bytes[index] == UInt8(ascii: "\\") && index + 1 < bytes.count
        && (bytes[index + 1] == UInt8(ascii: "n") || bytes[index + 1] == UInt8(ascii: "r"))
      if escaped {
        index += 2
      } else if bytes[index] == 0x0A || bytes[index] == 0x0D {
        index += 1
      } else {
        return nil
      }
      // CR and LF together are one line end.
      if index < bytes.count, bytes[index] == 0x0A { index += 1 }
      run = 0
    }
    return index - start
  }

  /// Every form in which a secret may be echoed; what the redactor looks for.
  public static func encodings(of secret: String) -> [[UInt8]] {
    let raw = Array(secret.utf8)
    var result = [raw]
    for upper in [true, false] {
      result.append(percent(raw, upper: upper, spaceAsPlus: false, keep: "-._~"))
      result.append(percent(raw, upper: upper, spaceAsPlus: true, keep: "-._*"))
      result.append(percent(raw, upper: upper, spaceAsPlus: false, keep: "-._~!$&'()*+,;="))
      result.append(percent(raw, upper: upper, spaceAsPlus: false, keep: "-._~!$&'()*+,;=:@/?"))
      // A URL inside a URL is encoded twice.
      result.append(
        percent(
          percent(raw, upper: upper, spaceAsPlus: false, keep: "-._~"), upper: upper, spaceAsPlus: false, keep: "-._~"))
      result.append(hex(raw, upper: upper))
    }
    result.append(unicodeEscapes(secret))
    for alphabet in [Base64.standard, Base64.url] {
      for shift in 0..<3 { result.append(Base64.core(of: raw, shift: shift, alphabet: alphabet)) }
    }
    var escaped: [UInt8] = []
    JSON.write(string: secret, to: &escaped)
    let inner = Array(escaped.dropFirst().dropLast())
    result.append(inner)
    // JSON inside a JSON string, and the slash escaped as PHP does.
    var twice: [UInt8] = []
    JSON.write(string: String(decoding: inner, as: UTF8.self), to: &twice)
    result.append(Array(twice.dropFirst().dropLast()))
    result.append(inner.flatMap { $0 == UInt8(ascii: "/") ? Array("\\/".utf8) : [$0] })
    var html: [UInt8] = []
    for byte in raw {
      switch byte {
      case UInt8(ascii: "&"): html += Array("&amp;".utf8)
      case UInt8(ascii: "<"): html += Array("&lt;".utf8)
      case UInt8(ascii: ">"): html += Array("&gt;".utf8)
      case UInt8(ascii: "\""): html += Array("&quot;".utf8)
      case UInt8(ascii: "'"): html += Array("&#39;".utf8)
      default: html.append(byte)
      }
    }
    result.append(html)
    var unique: [[UInt8]] = []
    for item in result where !unique.contains(item) { unique.append(item) }
    return unique
  }

  private static func percent(_ bytes: [UInt8], upper: Bool, spaceAsPlus: Bool, keep: String) -> [UInt8] {
    let digits = Array((upper ? "0123456789ABCDEF" : "0123456789abcdef").utf8)
    let kept = Array(keep.utf8)
    return bytes.flatMap { byte -> [UInt8] in
      if byte == 0x20, spaceAsPlus { return [UInt8(ascii: "+")] }
      let plain =
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || kept.contains(byte)
      return plain ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
  }

  /// JSON of writers that keep to ASCII.
  private static func unicodeEscapes(_ text: String) -> [UInt8] {
    var inner: [UInt8] = []
    JSON.write(string: text, to: &inner)
    let digits = Array("0123456789abcdef".utf8)
    var output: [UInt8] = []
    for unit in String(decoding: inner.dropFirst().dropLast(), as: UTF8.self).utf16 {
      if unit < 0x80 {
        output.append(UInt8(unit))
      } else {
        output += Array("\\u".utf8)
        for shift in [12, 8, 4, 0] { output.append(digits[Int(unit >> UInt16(shift) & 15)]) }
      }
    }
    return output
  }

  private static func hex(_ bytes: [UInt8], upper: Bool) -> [UInt8] {
    let digits = Array((upper ? "0123456789ABCDEF" : "0123456789abcdef").utf8)
    return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
  }
}

/// Base64, RFC 4648.
public enum Base64 {
  static let standard = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  static let url = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  public static func encode(_ bytes: [UInt8], urlSafe: Bool = false, padded: Bool = true) -> String {
    let alphabet = urlSafe ? url : standard
    var output: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let chunk = bytes[index..<min(index + 3, bytes.count)]
      let value = chunk.reduce(0) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - chunk.count))
      for digit in 0...chunk.count { output.append(alphabet[Int(value >> UInt32(18 - 6 * digit) & 63)]) }
      if padded { output.append(contentsOf: repeatElement(UInt8(ascii: "="), count: 3 - chunk.count)) }
      index += 3
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// The bytes; `nil` where the text is no base64 of either alphabet. Padding may be left out.
  public static func decode(_ text: String) -> [UInt8]? {
    var output: [UInt8] = []
    var value: UInt32 = 0
    var bits = 0
    var digits = 0
    var padding = 0
    for byte in text.utf8 {
      if byte == UInt8(ascii: "=") {
        padding += 1
        continue
      }
      guard padding == 0, let digit = standard.firstIndex(of: byte) ?? url.firstIndex(of: byte) else { return nil }
      value = value << 6 | UInt32(digit)
      bits += 6
      digits += 1
      if bits >= 8 {
        bits -= 8
        output.append(UInt8(value >> UInt32(bits) & 255))
      }
    }
    if digits % 4 == 1 || padding > 2 || (padding > 0 && (digits + padding) % 4 != 0) { return nil }
    return output
  }

  /// The digits of `bytes` that do not depend on what stands before or after, when `shift` bytes stand before.
  static func core(of bytes: [UInt8], shift: Int, alphabet: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    let first = (shift * 8 + 5) / 6  // the first digit made of these bytes alone
    let last = (shift + bytes.count) * 8 / 6  // one past the last
    guard first < last else { return [] }
    func bit(_ position: Int) -> UInt8 {
      let byte = position / 8 - shift
      return bytes.indices.contains(byte) ? bytes[byte] >> UInt8(7 - position % 8) & 1 : 0
    }
    for digit in first..<last {
      var value = 0
      for position in digit * 6..<digit * 6 + 6 { value = value << 1 | Int(bit(position)) }
      output.append(alphabet[value])
    }
    return output
  }
}
