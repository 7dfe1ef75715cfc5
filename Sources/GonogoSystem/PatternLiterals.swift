/// The texts that a pattern cannot match without, read from the pattern itself.
///
/// It reads what it is sure of, and gives nothing where it is not: a pattern that needs nothing is only slower.
struct PatternLiterals {
  /// Texts one of which stands in every match; `nil` where none are known. In lower case where case is ignored.
  static func required(by pattern: String, ignoringCase: Bool) -> [[UInt8]]? {
    var reader = PatternLiterals(bytes: Array(pattern.utf8), ignoringCase: ignoringCase)
    guard let found = reader.alternatives(0), reader.index == reader.bytes.count else { return nil }
    return found.texts
  }

  /// More of them would be looked for in vain most of the time.
  private static let countLimit = 64
  /// A single byte stands nearly everywhere.
  private static let shortest = 2

  private let bytes: [UInt8]
  private let ignoringCase: Bool
  private var index = 0

  private init(bytes: [UInt8], ignoringCase: Bool) {
    self.bytes = bytes
    self.ignoringCase = ignoringCase
  }

  /// What a part needs; no texts where it needs none.
  private struct Need {
    var texts: [[UInt8]]?

    /// The longer the shortest text is, the rarer they are.
    func isBetter(than other: Need) -> Bool {
      guard let texts else { return false }
      guard let others = other.texts else { return true }
      let own = texts.map(\.count).min() ?? 0
      let their = others.map(\.count).min() ?? 0
      return (own, -texts.count) > (their, -others.count)
    }
  }

  /// `nil` for what it cannot read.
  private mutating func alternatives(_ depth: Int) -> Need? {
    guard depth < 40 else { return nil }
    var all: [[UInt8]]? = []
    while true {
      guard let one = sequence(depth) else { return nil }
      if let texts = one.texts { all? += texts } else { all = nil }
      guard index < bytes.count, bytes[index] == UInt8(ascii: "|") else { break }
      index += 1
    }
    if let texts = all, texts.isEmpty || texts.count > Self.countLimit { all = nil }
    return Need(texts: all)
  }

  private mutating func sequence(_ depth: Int) -> Need? {
    var best = Need()
    var run: [UInt8] = []
    func close(_ run: inout [UInt8]) {
      if run.count >= Self.shortest {
        let need = Need(texts: [run])
        if need.isBetter(than: best) { best = need }
      }
      run = []
    }
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "|") || byte == UInt8(ascii: ")") { break }
      switch byte {
      case UInt8(ascii: "^"), UInt8(ascii: "$"):
        index += 1
      case UInt8(ascii: "("):
        close(&run)
        guard let need = group(depth) else { return nil }
        guard let least = quantifier() else { return nil }
        if least > 0, need.isBetter(than: best) { best = need }
      case UInt8(ascii: "["):
        close(&run)
        guard skipClass(), quantifier() != nil else { return nil }
      case UInt8(ascii: "."):
        close(&run)
        index += 1
        guard quantifier() != nil else { return nil }
      case UInt8(ascii: "\\"):
        guard index + 1 < bytes.count else { return nil }
        let next = bytes[index + 1]
        index += 2
        switch next {
        case UInt8(ascii: "b"), UInt8(ascii: "B"), UInt8(ascii: "A"), UInt8(ascii: "z"), UInt8(ascii: "Z"):
          break  // no text of its own
        case UInt8(ascii: "s"), UInt8(ascii: "S"), UInt8(ascii: "w"), UInt8(ascii: "W"), UInt8(ascii: "d"),
          UInt8(ascii: "D"), UInt8(ascii: "t"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "h"):
          close(&run)
          guard quantifier() != nil else { return nil }
        case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E:
          guard literal([next], &run, close) else { return nil }
        default: return nil
        }
      case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"): return nil
      default:
        // A character of several bytes is one to a quantifier.
        var end = index + 1
        while byte >= 0x80, end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
        let text = Array(bytes[index..<end])
        index = end
        guard literal(text, &run, close) else { return nil }
      }
    }
    close(&run)
    return best
  }

  private mutating func literal(_ text: [UInt8], _ run: inout [UInt8], _ close: (inout [UInt8]) -> Void) -> Bool {
    guard let (least, most) = bounds() else { return false }
    // Without regard to case, `k` and `s` have a third form beyond ASCII, and other alphabets forms of other lengths.
    let lower = text[0] | 0x20
    let isFixed = !ignoringCase || text[0] < 0x80 && lower != UInt8(ascii: "k") && lower != UInt8(ascii: "s")
    if !isFixed || least == 0 {
      close(&run)
      return true
    }
    let isLetter = ignoringCase && (0x61...0x7A).contains(lower)
    run += isLetter ? [lower] : text
    if least != 1 || most != 1 { close(&run) }
    return true
  }

  private mutating func group(_ depth: Int) -> Need? {
    index += 1
    var counts = true
    if index < bytes.count, bytes[index] == UInt8(ascii: "*") { return nil }
    if index < bytes.count, bytes[index] == UInt8(ascii: "?") {
      let rest = bytes[(index + 1)...].prefix(3)
      if rest.starts(with: ":".utf8) {
        index += 2
      } else if rest.starts(with: "=".utf8) || rest.starts(with: "!".utf8) {
        index += 2
        counts = false
      } else if rest.starts(with: "<=".utf8) || rest.starts(with: "<!".utf8) {
        index += 3
        counts = false
      } else {
        return nil
      }
    }
    guard let need = alternatives(depth + 1), index < bytes.count, bytes[index] == UInt8(ascii: ")") else { return nil }
    index += 1
    return counts ? need : Need()
  }

  private mutating func skipClass() -> Bool {
    index += 1
    if index < bytes.count, bytes[index] == UInt8(ascii: "^") { index += 1 }
    // First, it is a member.
    if index < bytes.count, bytes[index] == UInt8(ascii: "]") { index += 1 }
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\\"):
        guard index + 1 < bytes.count, bytes[index + 1] != UInt8(ascii: "Q") else { return false }
        index += 2
      case UInt8(ascii: "["):
        if index + 1 < bytes.count, [0x3A, 0x2E, 0x3D].contains(bytes[index + 1]) { return false }
        index += 1
      case UInt8(ascii: "]"):
        index += 1
        return true
      default: index += 1
      }
    }
    return false
  }

  /// How often the part before must stand there at least.
  private mutating func quantifier() -> Int? { bounds()?.least }

  private mutating func bounds() -> (least: Int, most: Int)? {
    guard index < bytes.count else { return (1, 1) }
    var result = (least: 1, most: 1)
    switch bytes[index] {
    case UInt8(ascii: "?"): result = (0, 1)
    case UInt8(ascii: "*"): result = (0, .max)
    case UInt8(ascii: "+"): result = (1, .max)
    case UInt8(ascii: "{"):
      guard let end = bytes[index...].firstIndex(of: UInt8(ascii: "}")) else { return nil }
      let parts = bytes[index + 1..<end].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      let isNumber = !parts[0].isEmpty && parts.count <= 2 && parts.joined().allSatisfy { (0x30...0x39).contains($0) }
      // Else it is a brace; which it is differs between versions.
      guard isNumber, let least = Int(String(decoding: parts[0], as: UTF8.self)) else { return nil }
      result = (least, parts.count == 1 ? least : .max)
      index = end
    default: return result
    }
    index += 1
    if index < bytes.count, bytes[index] == UInt8(ascii: "?") || bytes[index] == UInt8(ascii: "+") { index += 1 }
    return result
  }
}
