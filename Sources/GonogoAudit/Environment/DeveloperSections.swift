import GonogoCore

/// The sections of configurations that only tests and developers read: `test:` of a Rails file, `'mysql_testing' => [` of a Laravel one.
enum DeveloperSections {
  /// The read, as one of tests where it stands in such a section.
  static func marked(_ read: EnvironmentRead, _ language: Language, _ text: SourceFile) -> EnvironmentRead {
    let isInside =
      switch language {
      case .yaml: isInYAML(text, read.place.line)
      case .php: isInPHP(text, read.place.line)
      default: false
      }
    if !isInside { return read }
    var read = read
    read.purpose = .test
    return read
  }

  /// By the key at the beginning of a line, the nearest above.
  private static func isInYAML(_ text: SourceFile, _ line: Int) -> Bool {
    for number in stride(from: line, to: 0, by: -1) {
      let words = text.line(number)
      guard let first = words.first, first.isWordByte else { continue }
      return ["test", "development"].contains(String(decoding: words.prefix { $0.isWordByte }, as: UTF8.self))
    }
    return false
  }

  /// By the keys of the arrays around a line, which are open at its beginning.
  private static func isInPHP(_ text: SourceFile, _ line: Int) -> Bool {
    var closed = 0
    for number in stride(from: line - 1, through: max(1, line - 60), by: -1) {
      let line = String(decoding: text.line(number), as: UTF8.self).trimmed
      if line.hasPrefix("]") { closed += 1 }
      guard line.hasSuffix("[") else { continue }
      if closed > 0 {
        closed -= 1
        continue
      }
      // `latest` is none.
      let words = line.lowercased().split { !$0.isLetter }
      if words.contains(where: { ["test", "tests", "testing"].contains($0) }) { return true }
    }
    return false
  }
}
