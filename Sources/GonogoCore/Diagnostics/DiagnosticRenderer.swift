/// Draws a diagnostic: a greppable first line, the source line with its carets, the notes, the mend.
///
/// ```
/// launch.md:14:12: error[unknown-probe]: no probe is called 'postgress'
/// 14 |   postgress: { … }
///    |   ^^^^^^^^^
///    = mend: did you mean 'postgres'? (`gonogo probes` lists all)
/// ```
public struct DiagnosticRenderer: Sendable {
  public let colour: Bool

  public init(colour: Bool) { self.colour = colour }

  public func render(_ diagnostic: Diagnostic, in file: SourceFile) -> String {
    let style = Style(enabled: colour)
    var lines: [String] = []
    let label =
      switch diagnostic.severity {
      case .error: style.red(style.bold("error[\(diagnostic.code.id)]"))
      case .warning: style.yellow(style.bold("warning[\(diagnostic.code.id)]"))
      }
    let place = diagnostic.range.map { ":\($0.start.line):\($0.start.column)" } ?? ""
    lines.append("\(Self.printable(file.name))\(place): \(label): \(Self.printable(diagnostic.message))")
    if let range = diagnostic.range { lines.append(contentsOf: excerpt(range, in: file, style)) }
    let margin = String(repeating: " ", count: diagnostic.range.map { String($0.start.line).count } ?? 2)
    for note in diagnostic.notes {
      let place = note.range.map { "\(file.name):\($0.start.line):\($0.start.column): " } ?? ""
      lines.append("\(margin) = note: \(place)\(Self.printable(note.message))")
    }
    if let mend = diagnostic.mend {
      for (index, line) in mend.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        lines.append("\(margin) = \(index == 0 ? "mend: " : "      ")\(Self.printable(String(line)))")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The line with carets under the range. Tabs are kept in the margin so that the carets stand under what they mean.
  func excerpt(_ range: SourceRange, in file: SourceFile, _ style: Style) -> [String] {
    let whole = file.line(range.start.line)
    guard !whole.isEmpty else { return [] }
    let number = String(range.start.line)
    let start = min(whole.count, max(0, range.start.column - 1))
    let length = range.end.line == range.start.line ? max(1, range.end.column - range.start.column) : whole.count
    // Of a line that no terminal holds, what stands around the place.
    let from = whole.count <= Self.longest ? 0 : max(0, start - Self.longest / 2)
    let raw = whole[..<(whole.startIndex + Self.boundary(whole, min(whole.count, from + Self.longest)))]
      .dropFirst(Self.boundary(whole, from))
    let cutBefore = raw.startIndex > whole.startIndex
    let cutAfter = raw.endIndex < whole.endIndex
    let split = min(raw.endIndex, whole.startIndex + start)
    let before = (cutBefore ? "…" : "") + String(decoding: raw[..<split], as: UTF8.self)
    let marked = String(decoding: raw[split...].prefix(length), as: UTF8.self)
    let pad = before.unicodeScalars.map {
      $0 == "\t" ? "\t" : String(repeating: " ", count: DisplayWidth.of(Self.shown($0)))
    }.joined()
    let carets = String(repeating: "^", count: max(1, DisplayWidth.of(Self.printable(marked))))
    let blank = String(repeating: " ", count: number.count)
    let text = before + String(decoding: raw[split...], as: UTF8.self) + (cutAfter ? "…" : "")
    return [
      style.dim("\(number) | ") + Self.printable(text),
      style.dim("\(blank) | ") + pad + style.red(carets),
    ]
  }

  /// The most bytes of a line that are drawn.
  static let longest = 400

  /// The next place at or after `offset` where a character begins.
  private static func boundary(_ bytes: ArraySlice<UInt8>, _ offset: Int) -> Int {
    var offset = offset
    while offset < bytes.count, bytes[bytes.startIndex + offset] & 0xC0 == 0x80 { offset += 1 }
    return offset
  }

  /// A document is somebody's text: what in it would steer a terminal is shown as a replacement character.
  static func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { shown($0) != $0 }) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { result.append(shown(scalar)) }
    return String(result)
  }

  private static func shown(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case 0x09: scalar
    case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069: "\u{FFFD}"
    default: scalar
    }
  }
}

/// ANSI colours, or none.
public struct Style: Sendable {
  public let enabled: Bool
  public init(enabled: Bool) { self.enabled = enabled }
  private func paint(_ code: String, _ text: String) -> String { enabled ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
  public func red(_ text: String) -> String { paint("31", text) }
  public func green(_ text: String) -> String { paint("32", text) }
  public func yellow(_ text: String) -> String { paint("33", text) }
  public func blue(_ text: String) -> String { paint("34", text) }
  public func bold(_ text: String) -> String { paint("1", text) }
  public func dim(_ text: String) -> String { paint("2", text) }
}
