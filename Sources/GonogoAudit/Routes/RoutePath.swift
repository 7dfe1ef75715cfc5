/// A path of an HTTP route, or a part of one, taken apart: `/users/:id`, `users/<int:pk>/`, `/files/{path:path}`.
struct RoutePath: Sendable, Hashable {
  enum Segment: Sendable, Hashable {
    /// In lower case.
    case word(String)
    /// A parameter.
    case any
    /// A parameter that takes any number of segments.
    case rest
  }

  let segments: [Segment]

  init(_ segments: [Segment]) { self.segments = segments }

  /// Whatever way a framework writes it: `:id`, `{id}`, `[id]`, `<int:id>`, `(?P<id>…)`, `*`; a query and anchors are none of it.
  init(_ text: some StringProtocol) {
    if let plain = text.utf8.withContiguousStorageIfAvailable({ Self.plain($0) }).flatMap({ $0 }) {
      segments = plain
      return
    }
    var segments: [Segment] = []
    var path = Substring(text)
    if path.hasPrefix("^") { path = path.dropFirst() }
    for part in Self.split(path) {
      guard let first = part.first else { continue }
      var word = part
      // A pattern of Django's ends with `$`, one of Rails' with `(.:format)`.
      while let last = word.last, last == "$" || last == "?" { word = word.dropLast() }
      if word.hasSuffix("(.:format)") { word = word.dropLast(10) }
      if word.isEmpty { continue }
      let isParameter = first == ":" || word.contains { "{<[($%\\".contains($0) }
      if word.contains("*") || word.contains("...")
        || (isParameter && (word.contains("path:") || word.contains(":path")))
        || word.contains(".+")
      {
        segments.append(.rest)
      } else if isParameter {
        segments.append(.any)
      } else {
        segments.append(.word(word.lowercased()))
      }
    }
    self.segments = segments
  }

  /// The segments of a text of ASCII, by its bytes; `nil` where it has others.
  private static func plain(_ text: UnsafeBufferPointer<UInt8>) -> [Segment]? {
    guard text.allSatisfy({ $0 < 0x80 && $0 != 0x0D }) else { return nil }
    var segments: [Segment] = []
    var depth = 0
    var start = text.first == UInt8(ascii: "^") ? 1 : 0
    var index = start
    scan: while index < text.count {
      switch text[index] {
      case UInt8(ascii: "{"), UInt8(ascii: "<"), UInt8(ascii: "["), UInt8(ascii: "("): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: ">"), UInt8(ascii: "]"), UInt8(ascii: ")"): depth = max(0, depth - 1)
      case UInt8(ascii: "/") where depth == 0:
        add(text[start..<index], &segments)
        start = index + 1
      case UInt8(ascii: "?") where depth == 0 && index + 1 < text.count && text[index + 1] != UInt8(ascii: "/"):
        break scan
      case UInt8(ascii: "#") where depth == 0: break scan
      default: break
      }
      index += 1
    }
    add(text[start..<index], &segments)
    return segments
  }

  private static func add(_ part: Slice<UnsafeBufferPointer<UInt8>>, _ segments: inout [Segment]) {
    guard let first = part.first else { return }
    var word = part
    while let last = word.last, last == UInt8(ascii: "$") || last == UInt8(ascii: "?") { word = word.dropLast() }
    if word.suffix(10).elementsEqual("(.:format)".utf8) { word = word.dropLast(10) }
    if word.isEmpty { return }
    func has(_ text: StaticString) -> Bool {
      let count = text.utf8CodeUnitCount
      guard word.count >= count else { return false }
      let wanted = UnsafeBufferPointer(start: text.utf8Start, count: count)
      return (word.startIndex...word.endIndex - count).contains { place in
        word[place] == wanted[0] && word[place..<place + count].elementsEqual(wanted)
      }
    }
    let isParameter =
      first == UInt8(ascii: ":")
      || word.contains { byte in
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "<"), UInt8(ascii: "["), UInt8(ascii: "("), UInt8(ascii: "$"),
          UInt8(ascii: "%"), UInt8(ascii: "\\"):
          true
        default: false
        }
      }
    if has("*") || has("...") || (isParameter && (has("path:") || has(":path"))) || has(".+") {
      segments.append(.rest)
    } else if isParameter {
      segments.append(.any)
    } else {
      segments.append(.word(String(decoding: word, as: UTF8.self).lowercased()))
    }
  }

  /// At slashes outside of brackets, up to a query or a fragment.
  private static func split(_ path: Substring) -> [Substring] {
    var parts: [Substring] = []
    var depth = 0
    var start = path.startIndex
    var index = path.startIndex
    scan: while index < path.endIndex {
      switch path[index] {
      case "{", "<", "[", "(": depth += 1
      case "}", ">", "]", ")": depth = max(0, depth - 1)
      case "/" where depth == 0:
        parts.append(path[start..<index])
        start = path.index(after: index)
      case "?" where depth == 0 && path.index(after: index) < path.endIndex && path[path.index(after: index)] != "/":
        break scan
      case "#" where depth == 0: break scan
      default: break
      }
      index = path.index(after: index)
    }
    parts.append(path[start..<index])
    return parts
  }

  var words: [String] {
    segments.compactMap { segment in
      if case .word(let word) = segment { word } else { nil }
    }
  }

  /// As a person reads it.
  var shown: String {
    "/"
      + segments.map { segment in
        switch segment {
        case .word(let word): word
        case .any: "{}"
        case .rest: "*"
        }
      }.joined(separator: "/")
  }
}
