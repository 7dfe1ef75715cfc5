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
    lines.append("\(file.name)\(place): \(label): \(diagnostic.message)")
    if let range = diagnostic.range { lines.append(contentsOf: excerpt(range, in: file, style)) }
    let margin = String(repeating: " ", count: diagnostic.range.map { String($0.start.line).count } ?? 2)
    for note in diagnostic.notes {
      let place = note.range.map { "\(file.name):\($0.start.line):\($0.start.column): " } ?? ""
      lines.append("\(margin) = note: \(place)\(note.message)")
    }
    if let mend = diagnostic.mend {
      for (index, line) in mend.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        lines.append("\(margin) = \(index == 0 ? "mend: " : "      ")\(line)")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The line with carets under the range. Tabs are kept in the margin so that the carets stand under what they mean.
  func excerpt(_ range: SourceRange, in file: SourceFile, _ style: Style) -> [String] {
    let raw = file.line(range.start.line)
    guard !raw.isEmpty else { return [] }
    let number = String(range.start.line)
    let before = String(decoding: raw.prefix(max(0, range.start.column - 1)), as: UTF8.self)
    let length = range.end.line == range.start.line ? max(1, range.end.column - range.start.column) : raw.count
    let marked = String(decoding: raw.dropFirst(max(0, range.start.column - 1)).prefix(length), as: UTF8.self)
    let pad = before.unicodeScalars.map { $0 == "\t" ? "\t" : String(repeating: " ", count: DisplayWidth.of($0)) }
      .joined()
    let carets = String(repeating: "^", count: max(1, DisplayWidth.of(marked)))
    let blank = String(repeating: " ", count: number.count)
    return [
      style.dim("\(number) | ") + String(decoding: raw, as: UTF8.self),
      style.dim("\(blank) | ") + pad + style.red(carets),
    ]
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
