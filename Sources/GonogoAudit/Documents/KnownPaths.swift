import GonogoCore

/// What is in a tree, for paths that people write.
struct KnownPaths {
  let tree: SourceTree
  private let ignored: [(pattern: String, glob: Glob)]
  let names: [String: [TreeFile]]
  let stems: Set<String>
  let endings: Set<String>
  let hasBrackets: Bool

  init(_ tree: SourceTree) {
    self.tree = tree
    var ignored: [String] = []
    for file in tree.files(named: ".gitignore") + tree.files(named: ".dockerignore") {
      guard let text = tree.text(file) else { continue }
      for number in 1...text.lineCount {
        var line = String(decoding: text.line(number), as: UTF8.self).trimmed
        if line.isEmpty || line.hasPrefix("#") || line.hasPrefix("!") { continue }
        while line.hasSuffix("/") || line.hasSuffix("*") && line.contains("/") { line.removeLast() }
        while line.hasPrefix("/") || line.hasPrefix("*") && line.contains("/") { line.removeFirst() }
        if !line.isEmpty { ignored.append(line) }
      }
    }
    self.ignored = ignored.map { ($0, Glob($0)) }
    var names: [String: [TreeFile]] = [:]
    var stems: Set<String> = []
    for file in tree.files {
      names[String(file.name), default: []].append(file)
      stems.insert(Self.stem(file.path))
    }
    self.names = names
    self.stems = stems
    hasBrackets = tree.files.contains { $0.path.contains("[") }
    endings = Set(tree.files.lazy.map { $0.fileExtension.lowercased() })
  }

  static func stem(_ path: String) -> String {
    guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/") else { return path }
    return String(path[..<dot])
  }

  func exists(_ path: String) -> Bool {
    if path.isEmpty || tree[path] != nil || tree.hasDirectory(path) { return true }
    // Under a link, nothing is known.
    var parent = path[...]
    while let slash = parent.lastIndex(of: "/") {
      parent = parent[..<slash]
      if tree[String(parent)]?.kind == .link { return true }
    }
    return false
  }

  func isIgnored(_ path: String) -> Bool {
    let parts = path.split(separator: "/").map(String.init)
    return ignored.contains { pattern, glob in
      if pattern.contains("/") {
        return path == pattern || path.hasPrefix(pattern + "/") || glob.matches(path)
      }
      return parts.contains { glob.matches($0) }
    }
  }

  /// `nil` where it leads out of the tree.
  static func resolve(_ path: String, from directory: String) -> String? {
    var parts = directory.split(separator: "/").map(String.init)
    for part in path.split(separator: "/") {
      if part == "." { continue }
      if part == ".." {
        if parts.isEmpty { return nil }
        parts.removeLast()
      } else {
        parts.append(String(part))
      }
    }
    return parts.joined(separator: "/")
  }
}
