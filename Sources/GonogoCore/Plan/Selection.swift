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
    var memo: [Int: Bool] = [:]
    func match(_ i: Int, _ j: Int) -> Bool {
      if let known = memo[i * (t.count + 1) + j] { return known }
      let result: Bool
      if i == p.count {
        result = j == t.count
      } else if p[i] == "*" {
        if i + 1 < p.count, p[i + 1] == "*" {
          result = match(i + 2, j) || j < t.count && match(i, j + 1)
        } else {
          result = match(i + 1, j) || j < t.count && t[j] != "/" && match(i, j + 1)
        }
      } else {
        result = j < t.count && (p[i] == t[j] || p[i] == "?" && t[j] != "/") && match(i + 1, j + 1)
      }
      memo[i * (t.count + 1) + j] = result
      return result
    }
    return match(0, 0)
  }
}
