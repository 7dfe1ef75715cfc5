import GonogoCore
import GonogoSystem

/// The endpoints that the tree's own documents say there are, beside what may be served.
struct DocumentEndpoint: Sendable {
  let named: NamedEndpoint
  let document: MarkdownDocument
  let place: TreePlace
  /// Where it may be served; `nil` where nothing written in the tree can serve it.
  let served: TreePlace?
  /// Nothing serves it, and other endpoints of the document are served, or others beside it: the document speaks of this service,
  /// and its routes were understood.
  let isUnserved: Bool
}

enum DocumentEndpoints: Collector {
  static func collect(in context: AuditContext) -> [DocumentEndpoint] {
    let routes = context.facts(ServedRoutes.self)
    if routes.isEmpty { return [] }
    var result: [DocumentEndpoint] = []
    let foreign = foreignPorts(context)
    for document in context.facts(MarkdownDocuments.self)
    where !document.isHistorical && !isDraft(document) && !document.isUnfinished {
      let named = endpoints(of: document).filter { one in one.named.port.map { !foreign.contains($0) } ?? true }
      let served = named.map { routes.serves($0.named.path) }
      let unserved = zip(named, served).filter { $0.1 == nil }.map(\.0.named)
      var witnesses: Set<RoutePath> = []
      for (one, place) in zip(named, served) where place != nil && isTelling(one.named.path) {
        witnesses.insert(one.named.path)
      }
      let distinct = Set(unserved.map(\.path))
      for (one, place) in zip(named, served) {
        let isUnserved =
          place == nil
          && (witnesses.count >= max(2, distinct.count) || distinct.count <= 2 && isBeside(one.named.path, routes))
        result.append(
          DocumentEndpoint(
            named: one.named, document: document,
            place: TreePlace(document.file.path, line: one.line, column: one.named.offset + 1), served: place,
            isUnserved: isUnserved))
      }
    }
    return result
  }

  /// The ports at which Compose files put somebody else's program, and none of the tree's own.
  private static func foreignPorts(_ context: AuditContext) -> Set<String> {
    let services = context.facts(ComposeProjects.self).flatMap(\.services)
    func ports(_ services: [ComposeService]) -> Set<String> {
      Set(services.flatMap(PublishedPort.of).compactMap(\.published))
    }
    return ports(services.filter { !$0.isBuilt && $0.last("image") != nil }).subtracting(
      ports(services.filter(\.isBuilt)))
  }

  /// Whether the document weighs what could be.
  private static func isDraft(_ document: MarkdownDocument) -> Bool {
    let words = document.file.path.lowercased().split { !$0.isLetter }
    return words.contains {
      ["analysis", "analisis", "comparison", "brainstorm", "ideas", "draft", "drafts", "prd"].contains($0)
    }
  }

  /// Whether a path has a word of its own.
  private static func isTelling(_ path: RoutePath) -> Bool {
    path.words.contains { !ServedRoutes.isMount($0) && !["health", "ping", "users", "login"].contains($0) }
  }

  /// Whether the tree serves others under the same first word.
  static func isBeside(_ path: RoutePath, _ routes: ServedRoutes) -> Bool {
    let own = path.words.filter { !ServedRoutes.isMount($0) }
    guard let head = own.first, own.count > 1 else { return false }
    return routes.count(beginning: head) >= 2
  }

  private static let fences: Set<String> = [
    "", "http", "text", "txt", "bash", "sh", "shell", "console", "curl", "rest",
  ]

  private static func endpoints(of document: MarkdownDocument) -> [(named: NamedEndpoint, line: Int)] {
    var result: [(NamedEndpoint, Int)] = []
    var headings: [(level: Int, isElsewhere: Bool)] = []
    var seen: Set<String> = []
    for line in document.lines {
      if let fence = line.fence, !fences.contains(fence) { continue }
      if line.fence == nil, line.text.hasPrefix("#") {
        let level = line.text.prefix { $0 == "#" }.count
        headings.removeAll { $0.level >= level }
        headings.append((level, isElsewhere(line.text.lowercased())))
      }
      // What is not ticked is not said to be there.
      if line.ticked == false { continue }
      guard line.text.contains("/") else { continue }
      if isElsewhere(line.text.lowercased()) || headings.contains(where: \.isElsewhere) { continue }
      if lead(document, line).map(isElsewhere) ?? false { continue }
      for named in NamedEndpoints.read(line.text, isCode: line.fence != nil) where seen.insert(named.shown).inserted {
        result.append((named, line.number))
      }
    }
    return result
  }

  /// The item that a line stands below, where that ends in a colon: "could be added:".
  private static func lead(_ document: MarkdownDocument, _ line: MarkdownDocument.Line) -> String? {
    guard line.fence == nil, let at = document.index(of: line) else { return nil }
    func depth(_ text: String) -> Int { text.prefix { $0 == " " || $0 == "\t" }.count }
    let own = depth(line.text)
    let above = document.lines[..<at].suffix(12).last { depth($0.text) < own && !$0.text.trimmed.isEmpty }
    guard own > 0, let text = above?.text.trimmed.lowercased(), text.hasSuffix(":") else { return nil }
    return text
  }

  /// Whether a text speaks of what is not there on purpose: what was, what may be, what others serve.
  static func isElsewhere(_ text: String) -> Bool {
    // Most lines hold none of the words, whatever stands around them.
    if anywhere?.isIn(text) ?? true, text.split(whereSeparator: { !$0.isLetter }).contains(where: elsewhere.contains) {
      return true
    }
    return [
      "not implement", "coming soon", "no longer", "to be ", "does not exist", "doesn't exist", "third-party", "🚧",
      "❌",
    ]
    .contains { text.contains($0) }
  }

  private static let anywhere = LiteralSearch(elsewhere.map { Array($0.utf8) }, ignoringCase: false)

  private static let elsewhere: Set<Substring> = [
    "removed", "remove", "deprecated", "legacy", "old", "planned", "plan", "todo", "future", "proposed", "proposal",
    "should", "missing", "instead", "example", "examples", "upstream", "external", "roadmap", "tbd", "never", "was",
    "were", "would", "could", "unimplemented", "hypothetical", "formerly", "previously", "replaced", "renamed", "удал",
    "устарел", "планируется", "будет", "mock", "mocked", "stub", "404", "placeholder", "e.g", "webhook", "callback",
    "suggested", "optional", "recommended", "need", "needs", "missed", "next", "backlog", "migrate", "migrated",
    "before",
    "provider", "vendor", "client", "sdk", "podría", "podrían", "podria", "podrian", "propuesto", "propuesta",
    "sugerido",
    "futuro", "poderia", "pourrait", "könnte", "можно", "предлагается",
  ]
}
