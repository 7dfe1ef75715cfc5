extension MarkdownDocument {
  /// Whether a line is told to those who write the program, and not to those who put it into service: by the document's folder and name, its
  /// title and first lines, or the headings above the line. Where any of these speaks of a deployment or of operations, it is not. A README
  /// is everybody's: of it only the headings count.
  func isForContributors(_ line: Line) -> Bool {
    if headings(above: line).contains(where: Self.saysServer) || Self.saysServer(file.path) { return false }
    let isReadme = file.name.lowercased().hasPrefix("readme")
    if Self.saysContributor(isReadme ? String(file.directory) : file.path) { return true }
    return headings(above: line).contains(where: Self.saysContributor) || !isReadme && saysSoAtTheTop
  }

  /// `In development environment, we can use …` as the first sentence.
  private var saysSoAtTheTop: Bool {
    let top = lines.prefix(12).filter { $0.fence == nil && !$0.text.hasPrefix("#") }.map { $0.text.lowercased() }
    return top.contains { text in
      [
        "in development environment", "in the development environment", "in your development environment",
        "local development", "development machine", "for contributors", "for developers", "want to contribute",
        "development only",
      ].contains(where: text.contains)
    }
  }

  /// The headings that a line stands below, from its own section's outwards.
  private func headings(above line: Line) -> [String] {
    guard let at = index(of: line) else { return [] }
    var result: [String] = []
    var level = Int.max
    for above in lines[..<at].reversed() where above.fence == nil && above.text.hasPrefix("#") {
      let depth = above.text.prefix { $0 == "#" }.count
      guard depth < level, above.text.dropFirst(depth).first == " " else { continue }
      level = depth
      result.append(above.text)
    }
    return result
  }

  private static func words(_ text: String) -> [Substring] { text.lowercased().split { !$0.isLetter } }

  private static func saysContributor(_ text: String) -> Bool {
    let words = words(text)
    let own: Set<Substring> = [
      "development", "developing", "developer", "developers", "contributing", "contribute", "contributor",
      "contributors", "profiling", "hacking",
    ]
    if words.contains(where: own.contains) { return true }
    // A quick reference without a word of operations lies on a developer's desk.
    if words.contains("quick"), words.contains("reference") { return true }
    return words.contains("local") && words.contains { ["setup", "dev", "environment", "installation"].contains($0) }
      || words.contains("locally")
  }

  private static func saysServer(_ text: String) -> Bool {
    words(text).contains { word in
      word.hasPrefix("deploy") || word.hasPrefix("operat") || word.hasPrefix("runbook") || word.hasPrefix("incident")
        || word.hasPrefix("rollback") || word.hasPrefix("disaster") || word.hasPrefix("backup")
        || ["production", "prod", "ops", "oncall", "release", "releases", "hosting", "selfhosting", "live"].contains(
          word)
    }
  }
}
