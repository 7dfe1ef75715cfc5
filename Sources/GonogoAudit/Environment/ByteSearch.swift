import CSystem

/// Looks for bytes in bytes with the C library's own search (memmem(3)), some gigabytes a second.
enum ByteSearch {
  /// The offset of the first `needle` at or behind `from`.
  static func first(_ needle: StaticString, in bytes: [UInt8], from: Int) -> Int? {
    guard from < bytes.count else { return nil }
    return bytes.withUnsafeBytes { buffer -> Int? in
      let base = buffer.baseAddress!
      guard let hit = memmem(base + from, buffer.count - from, needle.utf8Start, needle.utf8CodeUnitCount) else {
        return nil
      }
      return UnsafeRawPointer(hit) - base
    }
  }

  /// Whether a text stands in the bytes.
  static func contains(_ needle: String, in bytes: [UInt8]) -> Bool { contains(Array(needle.utf8), in: bytes[...]) }

  static func contains(_ needle: [UInt8], in bytes: ArraySlice<UInt8>) -> Bool {
    bytes.withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress else { return needle.isEmpty }
      return needle.withUnsafeBytes { memmem(base, buffer.count, $0.baseAddress, $0.count) != nil }
    }
  }
}
