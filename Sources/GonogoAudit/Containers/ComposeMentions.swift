import GonogoCore

/// A line of a document, a script or a list of tasks that speaks of Compose.
struct ComposeMention: Sendable {
  enum Kind: Sendable { case document, script }
  let kind: Kind
  let file: TreeFile
  let place: TreePlace
  /// In lower case, as all texts here.
  let text: String
  /// The headings above it, the nearest last; of a script the target or the key that it belongs to.
  let above: [String]

  /// Words of somebody's own machine. A line that also speaks of a server is about both.
  var isLocal: Bool { Self.saysLocal(text) && !Self.saysServer(text) }

  /// Whether it tells those who run a server.
  var isForServers: Bool {
    if isLocal || above.last.map({ Self.saysLocal($0) && !Self.saysServer($0) }) ?? false { return false }
    if kind == .document, fetches { return true }
    return Self.saysServer(file.path.lowercased()) || above.contains(where: Self.saysServer)
      || kind == .script && Self.saysServer(text)
  }

  /// Whether it tells whoever reads the document, and does not speak of a developer's machine.
  var isForReaders: Bool {
    kind == .document && !isLocal && !(above.last.map(Self.saysLocal) ?? false)
      && !Self.saysLocal(file.path.lowercased())
  }

  /// Who is told to download a file does not have the sources: they install it.
  private var fetches: Bool {
    ["curl ", "wget ", "raw.githubusercontent.com", "/releases/"].contains { text.contains($0) }
  }

  /// Whether it names a Compose file, by its path or a part of it, or runs the one that stands where it is run.
  func names(_ target: TreeFile, isOnlyOne: Bool) -> Bool {
    let path = target.path.lowercased()
    let name = String(target.name).lowercased()
    let own = target.directory == file.directory || target.directory.isEmpty
    if text.contains(name) {
      for word in text.split(whereSeparator: { " \t\"'`()[]<>|,;=*".contains($0) }) where word.hasSuffix(name) {
        // On a server, or at a download, the folder is another's.
        let isElsewhere = word.contains("://") || ["/", "~", "$"].contains { word.hasPrefix($0) }
        var word = word
        while let first = word.split(separator: "/", maxSplits: 1).first, first == "." || first == ".." {
          word = word.dropFirst(first.count + 1)
        }
        if word == name, !own, !isOnlyOne { continue }
        if ("/" + path).hasSuffix("/" + word) || isElsewhere && word.hasSuffix("/" + path) { return true }
      }
      return false
    }
    return runsDefault && own && Self.defaultNames.contains(name)
  }

  /// `docker compose up` without a file's name.
  private var runsDefault: Bool {
    let words = text.split { !$0.isLetter && !$0.isNumber && $0 != "-" }
    guard text.contains("docker compose") || text.contains("docker-compose") || text.contains("podman-compose") else {
      return false
    }
    return words.contains { ["up", "pull", "restart"].contains($0) }
      && !words.contains { $0 == "-f" || $0.hasPrefix("--file") || $0 == "-c" }
  }

  static let defaultNames: Set<String> = [
    "compose.yml", "compose.yaml", "docker-compose.yml", "docker-compose.yaml",
  ]

  private static func words(_ text: String) -> Set<Substring> { Set(text.split { !$0.isLetter && !$0.isNumber }) }

  private static func saysLocal(_ text: String) -> Bool {
    !words(text).isDisjoint(with: [
      "local", "locally", "localhost", "development", "developer", "developers", "dev", "test", "tests", "testing",
      "contributing", "contribute", "contributor", "contributors", "laptop", "playground",
    ])
  }

  private static func saysServer(_ text: String) -> Bool {
    !words(text).isDisjoint(with: [
      "deploy", "deploys", "deployed", "deploying", "deployment", "deployments", "production", "prod", "vps",
      "selfhost", "selfhosted", "selfhosting", "hosted", "hosting", "runbook", "rollout", "golive", "dokploy",
      "coolify",
    ])
  }
}

/// The lines of the tree that speak of Compose: those of documents, of scripts, of Make, just, Task and package.json.
enum ComposeMentions: Collector {
  /// Lines of one file; a log that was committed has thousands, and says nothing new.
  private static let lineLimit = 400

  static func collect(in context: AuditContext) -> [ComposeMention] {
    let documents = [Language.markdown, .text].flatMap { context.tree.files(in: $0) }
    let scripts =
      [Language.shell, .make].flatMap { context.tree.files(in: $0) }
      + ["package.json", "justfile", "taskfile.yml", "taskfile.yaml"].flatMap { context.tree.files(named: $0) }
    return documents.filter { !isOfOthers($0.path) }.flatMap { read($0, .document, context) }
      + scripts.flatMap { read($0, .script, context) }
  }

  /// What is told to those who write the program, and what was told long ago.
  private static func isOfOthers(_ path: String) -> Bool {
    let words = Set(path.lowercased().split { !$0.isLetter && !$0.isNumber })
    return !words.isDisjoint(with: [
      "changelog", "changes", "history", "contributing", "contribute", "claude", "agents", "todo", "archive",
      "archived", "plans", "sprints", "node_modules", "vendor",
    ])
  }

  private static func read(
    _ file: TreeFile, _ kind: ComposeMention.Kind, _ context: AuditContext
  ) -> [ComposeMention] {
    guard let text = context.tree.text(file), text.contains("compose") else { return [] }
    var result: [ComposeMention] = []
    var headings: [(depth: Int, text: String)] = []
    var fenced = false
    for number in 1...text.lineCount {
      let bytes = text.line(number)
      if bytes.isEmpty { continue }
      let line = String(decoding: bytes, as: UTF8.self)
      let depth = kind == .document ? heading(line, &fenced) : target(line)
      if let depth {
        headings.removeAll { $0.depth >= depth }
        headings.append((depth, line.lowercased()))
      }
      let lower = line.lowercased()
      guard lower.contains("compose"), result.count < lineLimit else { continue }
      result.append(
        ComposeMention(
          kind: kind, file: file, place: TreePlace(file.path, line: number), text: lower,
          above: headings.map(\.text)))
    }
    return result
  }

  /// The depth of a Markdown heading; what stands in a block of code is none.
  private static func heading(_ line: String, _ fenced: inout Bool) -> Int? {
    let body = line.drop { $0 == " " }
    if body.hasPrefix("```") || body.hasPrefix("~~~") { fenced.toggle() }
    guard !fenced, line.hasPrefix("#") else { return nil }
    return line.prefix { $0 == "#" }.count
  }

  /// The depth of a target of Make or just, or of a key of a list of tasks.
  private static func target(_ line: String) -> Int? {
    let blanks = line.prefix { $0 == " " || $0 == "\t" }.count
    let body = line.dropFirst(blanks).prefix { $0 != "#" }
    guard blanks < 8, let colon = body.firstIndex(of: ":") else { return nil }
    return body[..<colon].allSatisfy { $0.isLetter || $0.isNumber || "_-.:\" ".contains($0) } ? blanks : nil
  }
}
