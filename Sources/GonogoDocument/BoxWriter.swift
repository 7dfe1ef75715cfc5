public import GonogoCore

/// Sets boxes to the truth, and changes no other byte (law 6).
public enum BoxWriter {
  public struct Change: Sendable, Equatable {
    public let id: String
    public let line: Int
    /// What the box shall say.
    public let ticked: Bool
    public init(id: String, line: Int, ticked: Bool) {
      self.id = id
      self.line = line
      self.ticked = ticked
    }
  }

  /// What has to change: a line that passed is ticked, one that failed is not. What could not be decided keeps what its
  /// author wrote, because nothing is known that would be truer.
  public static func changes(_ results: [ControlResult]) -> [(change: Change, offset: Int)] {
    results.compactMap { result in
      guard let tick = result.control.tick else { return nil }
      let truth: Bool
      switch result.outcome {
      case .passed: truth = true
      case .failed: truth = false
      case .errored, .skipped: return nil
      }
      if truth == tick.checked { return nil }
      return (
        Change(id: result.control.id, line: result.control.range.start.line, ticked: truth), tick.offset
      )
    }
  }

  /// The file's bytes with those boxes set; `nil` where a byte at a box is none that a box may hold, because the file has
  /// changed since it was read.
  public static func apply(_ changes: [(change: Change, offset: Int)], to bytes: [UInt8]) -> [UInt8]? {
    var copy = bytes
    for (change, offset) in changes {
      guard offset >= 1, offset + 1 < copy.count, copy[offset - 1] == UInt8(ascii: "["),
        copy[offset + 1] == UInt8(ascii: "]"),
        [0x20, 0x09, UInt8(ascii: "x"), UInt8(ascii: "X")].contains(copy[offset])
      else { return nil }
      copy[offset] = change.ticked ? UInt8(ascii: "x") : 0x20
    }
    return copy
  }
}
