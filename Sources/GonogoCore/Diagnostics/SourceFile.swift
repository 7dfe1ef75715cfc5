/// A place in a text: line and column from 1, the column counted in UTF-8 bytes, as compilers do.
public struct SourcePosition: Sendable, Hashable, Comparable {
  public var line: Int
  public var column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  public static func < (left: SourcePosition, right: SourcePosition) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// From a place up to, not including, another.
public struct SourceRange: Sendable, Hashable {
  public var start: SourcePosition
  public var end: SourcePosition

  public init(start: SourcePosition, end: SourcePosition) {
    self.start = start
    self.end = end
  }

  public static let beginning = SourceRange(
    start: SourcePosition(line: 1, column: 1), end: SourcePosition(line: 1, column: 1))
}

/// A text with its name and the offsets of its lines. CR, LF and CRLF all end a line, as in CommonMark.
public struct SourceFile: Sendable {
  public let name: String
  public let bytes: [UInt8]
  /// The offset of each line's first byte.
  public let lineStarts: [Int]

  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
    var starts = [0]
    bytes.withUnsafeBufferPointer { bytes in
      var index = 0
      while index < bytes.count {
        let byte = bytes[index]
        index += 1
        if byte > 0x0D { continue }
        if byte == 0x0D {
          if index < bytes.count, bytes[index] == 0x0A { index += 1 }
          starts.append(index)
        } else if byte == 0x0A {
          starts.append(index)
        }
      }
    }
    lineStarts = starts
  }

  /// The same file with bytes of the same length, whose lines end where those of `other` end.
  public init(replacing other: SourceFile, bytes: [UInt8]) {
    precondition(bytes.count == other.bytes.count)
    name = other.name
    self.bytes = bytes
    lineStarts = other.lineStarts
  }

  public var lineCount: Int { lineStarts.count }

  /// The bytes of a line (from 1) without its ending; empty where there is no such line.
  public func line(_ number: Int) -> ArraySlice<UInt8> {
    guard number >= 1, number <= lineStarts.count else { return [] }
    let start = lineStarts[number - 1]
    var end = number < lineStarts.count ? lineStarts[number] : bytes.count
    while end > start, bytes[end - 1] == 0x0A || bytes[end - 1] == 0x0D { end -= 1 }
    return bytes[start..<end]
  }

  /// The offset of a place, held inside the text.
  public func offset(of position: SourcePosition) -> Int {
    guard position.line >= 1, position.line <= lineStarts.count else { return bytes.count }
    return min(bytes.count, lineStarts[position.line - 1] + max(0, position.column - 1))
  }

  /// The place of an offset.
  public func position(of offset: Int) -> SourcePosition {
    var low = 0
    var high = lineStarts.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle - 1 }
    }
    return SourcePosition(line: low + 1, column: offset - lineStarts[low] + 1)
  }
}
