/// Texts compared by their bytes. Swift compares characters, in which a letter and the accent behind it are one, as are CR
/// and LF: so a search for `password` would not see `password` followed by a combining mark, nor one for LF see CRLF. What
/// is searched for secrets, or for what must not be there, is searched as bytes.
extension String {
  func containsBytes(of part: String) -> Bool { firstBytes(of: part) != nil }

  private func firstBytes(of part: String) -> Int? {
    var text = self
    var part = part
    return text.withUTF8 { text in part.withUTF8 { Self.find($0, in: text, from: 0) } }
  }

  /// The text with every place of `part` replaced.
  func replacingBytes(of part: String, with replacement: String) -> String {
    if part.isEmpty || firstBytes(of: part) == nil { return self }
    var text = self
    var part = part
    let result: [UInt8] = text.withUTF8 { text in
      part.withUTF8 { part in
        var output: [UInt8] = []
        var index = 0
        while let hit = Self.find(part, in: text, from: index) {
          output += text[index..<hit]
          output += Array(replacement.utf8)
          index = hit + part.count
        }
        return output + text[index...]
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func find(_ part: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>, from start: Int)
    -> Int?
  {
    guard let first = part.first else { return start <= text.count ? start : nil }
    var index = start
    while index + part.count <= text.count {
      if text[index] == first, part.indices.allSatisfy({ text[index + $0] == part[$0] }) { return index }
      index += 1
    }
    return nil
  }
}
