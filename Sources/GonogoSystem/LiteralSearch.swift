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
  /// The texts by the two bytes that the window ends with where they stand, and the first of each two bytes among them.
  private let bySlot: [Int]
  private let firstOfSlot: [UInt16]

  /// - Parameter texts: of two bytes or more each, in lower case where case is ignored.
  package init?(_ texts: [[UInt8]], ignoringCase: Bool) {
    guard let window = texts.map(\.count).min(), window >= 2, texts.count < 1_000 else { return nil }
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
    let end = self.window - 1
    let slots = texts.map { Self.slot($0[end - 1] | 0x20, $0[end] | 0x20) }
    bySlot = texts.indices.sorted { slots[$0] < slots[$1] }
    var first = [UInt16](repeating: 0, count: 4_097)
    for slot in slots { first[slot + 1] += 1 }
    for slot in 0..<4_096 { first[slot + 1] += first[slot] }
    firstOfSlot = first
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
        let slot = Self.slot(bytes[last - 1] | 0x20, bytes[last] | 0x20)
        let shift = shifts[slot]
        if shift > 0 {
          last += Int(shift)
          continue
        }
        let start = last - window + 1
        for index in Int(firstOfSlot[slot])..<Int(firstOfSlot[slot + 1])
        where stands(texts[bySlot[index]], in: bytes, at: start) {
          return start
        }
        last += 1
      }
      return nil
    }
  }

  package func first(in bytes: [UInt8], from: Int = 0) -> Int? {
    bytes.withUnsafeBufferPointer { first(in: $0, from: from) }
  }

  /// Whether one of the texts stands in another.
  package func isIn(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { first(in: $0, from: 0) != nil }
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
