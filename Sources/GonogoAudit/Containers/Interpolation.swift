/// Variables in Compose files (https://docs.docker.com/reference/compose-file/interpolation/).
enum Interpolation {
  /// The text with each variable's default; `nil` where one has none.
  static func resolve(_ text: String) -> String? {
    var result = ""
    var rest = text[...]
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      rest = rest[rest.index(after: dollar)...]
      if rest.hasPrefix("$") {
        result += "$"
        rest = rest.dropFirst()
        continue
      }
      guard rest.hasPrefix("{"), let end = closing(rest) else { return nil }
      let inner = rest[rest.index(after: rest.startIndex)..<end]
      let name = inner.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
      var tail = inner.dropFirst(name.count)
      if tail.hasPrefix(":") { tail = tail.dropFirst() }
      guard tail.hasPrefix("-"), let value = resolve(String(tail.dropFirst())) else { return nil }
      result += value
      rest = rest[rest.index(after: end)...]
    }
    return result + rest
  }

  /// The brace that ends the one at the start.
  private static func closing(_ text: Substring) -> Substring.Index? {
    var depth = 0
    for index in text.indices {
      if text[index] == "{" { depth += 1 }
      if text[index] == "}" {
        depth -= 1
        if depth == 0 { return index }
      }
    }
    return nil
  }
}

/// Paths from the root of the tree.
enum TreePaths {
  /// `name` seen from `directory`, without `.` and `..`; `nil` where it leads out of the tree.
  static func join(_ directory: String, _ name: String) -> String? {
    if name.hasPrefix("/") { return nil }
    var parts: [Substring] = []
    for part in (directory + "/" + name).split(separator: "/") where part != "." {
      if part == ".." {
        if parts.isEmpty { return nil }
        parts.removeLast()
      } else {
        parts.append(part)
      }
    }
    return parts.joined(separator: "/")
  }
}
