/// A file of a tree, before it is read.
public struct TreeFile: Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    case regular
    /// Never followed: what it points to is in the tree by its own name, or does not belong to it.
    case link
    /// A device, a pipe, a socket.
    case other
  }

  /// Its place in ``SourceTree/files``.
  public let index: Int
  /// The path from the root of the tree, as it is shown: bytes that are no UTF-8, and controls, stand as `\xNN`.
  public let path: String
  /// The path's own bytes.
  let rawPath: [UInt8]
  /// Bytes.
  public let size: Int
  public let kind: Kind
  /// The name's own opinion; `nil` where it has none.
  public let language: Language?
  /// The object that holds the content, where the tree is a commit.
  let object: String?

  /// The last component of the path.
  public var name: Substring { path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...] }
  /// The path without the last component; empty for a file of the root.
  public var directory: Substring { path.lastIndex(of: "/").map { path[..<$0] } ?? "" }
  /// What follows the last dot of the name, in lower case; empty where there is none, or nothing stands before it.
  public var fileExtension: String {
    let name = name
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return "" }
    return name[name.index(after: dot)...].lowercased()
  }

  public static func == (left: TreeFile, right: TreeFile) -> Bool { left.rawPath == right.rawPath }
  public func hash(into hasher: inout Hasher) { hasher.combine(rawPath) }

  /// `bytes` as they are shown.
  static func shown(_ bytes: [UInt8]) -> String {
    let harmless = bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    if harmless, let text = String(validating: bytes, as: UTF8.self) { return text }
    var result = ""
    var rest = bytes[...]
    while let first = rest.first {
      // The longest valid character here, else one byte.
      let length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
      if first >= 0x20, first != 0x7F, let text = String(validating: rest.prefix(length), as: UTF8.self) {
        result += text
        rest = rest.dropFirst(length)
      } else {
        let digits = String(first, radix: 16)
        result += "\\x" + (digits.count == 1 ? "0" : "") + digits
        rest = rest.dropFirst()
      }
    }
    return result
  }
}
