/// What a recogniser may know beside its line: the document, the repository, the targets that were named.
public struct BindContext: Sendable {
  /// Every line of the document.
  public let lines: [ChecklistLine]
  /// The whole text, as it is read.
  public let text: String
  /// What `--against` found; `nil` without it.
  public let facts: RepositoryFacts?
  /// The targets that were named, by `--target` or by the document.
  public let targets: [String: String]
  /// File names that say nothing of themselves: the checklist and its bound copy.
  public let ownNames: [String]
  /// Where the repository's root is, seen from the document: empty, or a path that ends in `/`.
  public let root: String

  public init(
    lines: [ChecklistLine], text: String, facts: RepositoryFacts? = nil, targets: [String: String] = [:],
    ownNames: [String] = [], root: String = ""
  ) {
    self.lines = lines
    self.text = text
    self.facts = facts
    self.targets = targets
    self.ownNames = ownNames
    self.root = root
    isSupabase = Self.supabase.isFound(in: text) || (facts?.isSupabase ?? false)
  }

  /// The document speaks of a Supabase project, or of edge functions as that calls them.
  let isSupabase: Bool
  private static let supabase = Phrase(#"supabase|\bedge functions?\b|security definer functions"#)

  func mentions(_ phrase: Phrase) -> Bool { phrase.isFound(in: text) }

  /// The front end's base URL where the line is about that, else the application's.
  func base(_ line: ChecklistLine) -> String {
    if targets["web"] != nil || targets["app"] == nil,
      Self.web.isFound(in: line.text) || Self.web.isFound(in: line.near)
    {
      return "${web}"
    }
    for name in targets.keys.sorted() where ["core", "api", "backend"].contains(name) && targets["app"] == nil {
      return "${\(name)}"
    }
    return "${app}"
  }
  private static let web = Phrase(#"\bweb\b|owner-web|front-?end|\bpages?\b|\bui\b|dashboards?|страниц|фронтенд"#)

  /// A path of the repository as the document sees it. A leading slash means its root.
  func path(_ name: String) -> String {
    let name = name.hasPrefix("/") ? String(name.dropFirst()) : name.hasPrefix("./") ? String(name.dropFirst(2)) : name
    if let facts, !facts.files.contains(name) {
      let ends = facts.files.filter { $0.hasSuffix("/" + name) }
      if ends.count == 1, let only = ends.first { return root + only }
    }
    return root + name
  }
}
