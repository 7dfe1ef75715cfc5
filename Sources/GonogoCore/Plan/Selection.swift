/// Which controls a run is about: ids, tags and globs (`*` within a part, `**` across `/`, `?`).
public struct Selection: Sendable, Equatable {
  public var only: [String]
  public var skip: [String]

  public init(only: [String] = [], skip: [String] = []) {
    self.only = only
    self.skip = skip
  }

  public func includes(id: String, tags: [String]) -> Bool {
    (only.isEmpty || only.contains { Self.matches($0, id: id, tags: tags) })
      && !skip.contains { Self.matches($0, id: id, tags: tags) }
  }

  public static func matches(_ pattern: String, id: String, tags: [String]) -> Bool {
    if pattern.hasPrefix("tag:") { return tags.contains { glob(String(pattern.dropFirst(4)), $0) } }
    return glob(pattern, id) || tags.contains { glob(pattern, $0) }
  }

  /// Whether the whole of `text` matches, letters compared without case.
  public static func glob(_ pattern: String, _ text: String) -> Bool {
    let p = Array(pattern.lowercased().unicodeScalars)
    let t = Array(text.lowercased().unicodeScalars)
    // Which places of the text can be reached with the pattern read so far: no backtracking, whatever the pattern.
    var reached = [Bool](repeating: false, count: t.count + 1)
    reached[0] = true
    var i = 0
    while i < p.count {
      if p[i] == "*" {
        let deep = i + 1 < p.count && p[i + 1] == "*"
        for j in t.indices where reached[j] && (deep || t[j] != "/") { reached[j + 1] = true }
        i += deep ? 2 : 1
        continue
      }
      for j in t.indices.reversed() {
        reached[j + 1] = reached[j] && (p[i] == t[j] || p[i] == "?" && t[j] != "/")
      }
      reached[0] = false
      i += 1
    }
    return reached[t.count]
  }
}
