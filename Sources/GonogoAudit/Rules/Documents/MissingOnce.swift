import GonogoCore

/// Gathers what documents name and is not there, so that what several of them name is told once.
struct MissingOnce {
  typealias One = (place: TreePlace, what: String)
  /// What each telling document names first, and where others name it again.
  private(set) var groups: [(own: [One], elsewhere: [One])] = []
  private var group: [String: Int] = [:]

  /// READMEs and what is for running it first: they are where people begin.
  static func ordered(_ documents: [MarkdownDocument]) -> [MarkdownDocument] {
    documents.filter { isFirst($0) } + documents.filter { !isFirst($0) }
  }

  private static func isFirst(_ document: MarkdownDocument) -> Bool {
    document.file.name.lowercased().hasPrefix("readme")
  }

  mutating func add(_ missing: [One]) {
    var own: [One] = []
    for one in missing {
      if let known = group[one.what] {
        groups[known].elsewhere.append(one)
      } else {
        own.append(one)
      }
    }
    guard !own.isEmpty else { return }
    for one in own { group[one.what] = groups.count }
    groups.append((own, []))
  }
}
