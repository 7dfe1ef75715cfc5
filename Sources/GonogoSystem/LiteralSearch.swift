import CSystem
import Glibc

/// Looks for any of several texts at once: most bytes of what is searched are never looked at (Wu and Manber, 1994).
package struct LiteralSearch: Sendable {
  private let texts: [[UInt8]]
  private let ignoringCase: Bool
  /// The length of the shortest: a window of so many bytes moves over what is searched.
  private let window: Int
  /// How far the window may move, by its last two bytes.
  private let shifts: [UInt8]

  /// - Parameter texts: of two bytes or more each, in lower case where case is ignored.
  package init?(_ texts: [[UInt8]], ignoringCase: Bool) {
    guard let window = texts.map(\.count).min(), window >= 2 else { return nil }
    self.texts = texts
    self.ignoringCase = ignoringCase
    self.window = min(window, 200)
    var shifts = [UInt8](repeating: UInt8(self.window - 1), count: 4_096)
    for text in texts {
      for end in 1..<self.window {
        let slot = Self.slot(text[end - 1] | 0x20, text[end] | 0x20)
        shifts[slot] = min(shifts[slot], UInt8(self.window - 1 - end))
      }
    }
    self.shifts = shifts
  }

  /// The same for both cases of a letter: what is taken for the same and is not, is looked at once more.
  private static func slot(_ first: UInt8, _ second: UInt8) -> Int { (Int(first) << 4 ^ Int(second)) & 0xFFF }

  /// The first place at or behind `from` where one of the texts stands; `nil` where none does.
  package func first(in bytes: UnsafeBufferPointer<UInt8>, from: Int) -> Int? {
    guard let base = bytes.baseAddress else { return nil }
    if texts.count == 1, !ignoringCase {
      guard from < bytes.count else { return nil }
      let hit = texts[0].withUnsafeBytes { memmem(base + from, bytes.count - from, $0.baseAddress, $0.count) }
      return hit.map { UnsafeRawPointer($0) - UnsafeRawPointer(base) }
    }
    return shifts.withUnsafeBufferPointer { shifts in
      var last = from + window - 1
      while last < bytes.count {
        let shift = shifts[Self.slot(bytes[last - 1] | 0x20, bytes[last] | 0x20)]
        if shift > 0 {
          last += Int(shift)
          continue
        }
        let start = last - window + 1
        if texts.contains(where: { stands($0, in: bytes, at: start) }) { return start }
        last += 1
      }
      return nil
    }
  }

  private func stands(_ text: [UInt8], in bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
    guard bytes.count - start >= text.count else { return false }
    for index in text.indices {
      let byte = bytes[start + index]
      if byte == text[index] { continue }
      guard ignoringCase, (0x41...0x5A).contains(byte), byte | 0x20 == text[index] else { return false }
    }
    return true
  }

  /// The next place in a text, looked for once however often it is asked for.
  struct Position {
    private let search: LiteralSearch
    private let bytes: UnsafeBufferPointer<UInt8>
    private var found = -1

    init(_ search: LiteralSearch, _ bytes: UnsafeBufferPointer<UInt8>) {
      self.search = search
      self.bytes = bytes
    }

    /// The first place at or behind `from`; the end of the text where there is none.
    mutating func next(from: Int) -> Int {
      if found < from { found = search.first(in: bytes, from: from) ?? bytes.count }
      return found
    }
  }
}
