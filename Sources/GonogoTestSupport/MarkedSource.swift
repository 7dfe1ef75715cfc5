public import GonogoCore

/// A text in which keycaps (1️⃣ 2️⃣ … 9️⃣) say where something must stand, so that no test counts columns by hand.
///
/// ```swift
/// let source = MarkedSource("- [ ] a\n  ```yaml gonogo\n  1️⃣postgress: {}\n  ```\n")
/// source.text       // without the keycaps
/// source.place(1)   // line 3, column 3
/// ```
public struct MarkedSource: Sendable {
  public let bytes: [UInt8]
  public let marks: [Int: SourcePosition]

  public var text: String { String(decoding: bytes, as: UTF8.self) }

  public init(_ marked: String) { self.init(bytes: Array(marked.utf8)) }

  /// For texts that are not UTF-8.
  public init(bytes marked: [UInt8]) {
    var output: [UInt8] = []
    var offsets: [Int: Int] = [:]
    let tail: [UInt8] = [0xEF, 0xB8, 0x8F, 0xE2, 0x83, 0xA3]  // U+FE0F U+20E3
    var index = 0
    while index < marked.count {
      if (0x30...0x39).contains(marked[index]), marked[(index + 1)...].starts(with: tail) {
        offsets[Int(marked[index] - 0x30)] = output.count
        index += 1 + tail.count
      } else {
        output.append(marked[index])
        index += 1
      }
    }
    let file = SourceFile(name: "", bytes: output)
    bytes = output
    marks = offsets.mapValues { file.position(of: $0) }
  }

  public func place(_ mark: Int) -> SourcePosition? { marks[mark] }

  /// The mark at a place, or the place itself where there is none: what a test compares.
  public func name(_ place: SourcePosition?) -> String {
    guard let place else { return "nowhere" }
    if let mark = marks.filter({ $0.value == place }).keys.min() { return "\(mark)" }
    return "\(place.line):\(place.column)"
  }

  /// `code@mark` for each diagnostic, with the marks of its notes behind it: `duplicate-key@2(1)`.
  public func names(_ diagnostics: [Diagnostic]) -> [String] {
    diagnostics.map { diagnostic in
      let notes = diagnostic.notes.compactMap(\.range).map { name($0.start) }
      return "\(diagnostic.code.id)@\(name(diagnostic.range?.start))"
        + (notes.isEmpty ? "" : "(\(notes.joined(separator: ",")))")
    }
  }
}
