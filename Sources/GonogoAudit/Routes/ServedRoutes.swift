import GonogoCore

/// What the tree may serve: parts of routes, from strings, from the places of files, from descriptions of the API.
///
/// A path that can be put together of such parts may be served; one that cannot is served by nothing that is written in the
/// tree. So the answer "not served" holds whatever joins the parts: prefixes, mounted routers, proxies.
struct ServedRoutes: Sendable {
  struct Part: Sendable {
    let path: RoutePath
    let place: TreePlace
    /// Whether it stands in code or is a file's place, not in a configuration.
    var isCode = true
    /// Words of the file's path, for parts that are parameters alone: those belong to what their file is about.
    var homes: Set<String> = []
  }

  /// The parts as they came: of several that fit, the first is told.
  private(set) var parts: [Part] = []
  private var indices: [RoutePath: Int] = [:]
  private var byFirst: [RoutePath.Segment: [Int]] = [:]
  /// What is left of parts when words at their beginning are left out, as documents do: `/orders` of `/api/orders`.
  private var tails: [RoutePath.Segment: [Part]] = [:]
  /// Every word that a part begins with, versions and `api` passed over, with the number of its parts.
  private var heads: [String: Int] = [:]

  mutating func add(_ path: RoutePath, _ place: @autoclosure () -> TreePlace, _ file: TreeFile) {
    guard !path.segments.isEmpty, path.segments.count <= 16 else { return }
    let known = indices[path]
    if known == nil {
      let part = Part(path: path, place: place(), isCode: Self.isCode(file))
      indices[path] = parts.count
      byFirst[path.segments[0], default: []].append(parts.count)
      parts.append(part)
      for start in path.segments.indices.dropFirst() {
        guard case .word = path.segments[start - 1] else { break }
        let tail = RoutePath(Array(path.segments[start...]))
        tails[tail.segments[0], default: []].append(Part(path: tail, place: part.place))
      }
      if let head = path.words.first(where: { !Self.isMount($0) }) { heads[head, default: 0] += 1 }
    }
    if path.words.isEmpty {
      let words = file.path.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "-" && $0 != "_" }
      parts[known ?? parts.count - 1].homes.formUnion(words.map(String.init))
    }
  }

  private static func isCode(_ file: TreeFile) -> Bool {
    switch file.language {
    case .yaml, .json, .toml, .ini, .nginx, .dotenv, .dockerfile, .hcl, .make, .shell: false
    default: true
    }
  }

  /// Parts that every service may be mounted under.
  static func isMount(_ word: String) -> Bool {
    word == "api" || word == "rest"
      || (word.hasPrefix("v") && word.count <= 3 && word.dropFirst().allSatisfy(\.isNumber))
  }

  var isEmpty: Bool { parts.isEmpty }

  /// How many parts begin with a word.
  func count(beginning word: String) -> Int { heads[word] ?? 0 }

  /// Where the last part of a path stands that may be served; `nil` where it cannot be put together.
  func serves(_ path: RoutePath) -> TreePlace? {
    if let whole = composed(path.segments) { return whole }
    var head = path.segments
    // `resources :users` is `/users/:id` as well.
    while head.count > 1, head.last == .any { head.removeLast() }
    return head.count < path.segments.count ? composed(head) : nil
  }

  private func composed(_ tail: [RoutePath.Segment]) -> TreePlace? {
    var known: [Int: TreePlace?] = [:]
    func from(_ start: Int) -> TreePlace? {
      if let known = known[start] { return known }
      known[start] = .some(nil)
      var found: TreePlace?
      if case .word(let word) = tail[start], Self.isMount(word), start + 1 < tail.count { found = from(start + 1) }
      for part in found == nil ? candidates(tail[start]) + (start == 0 ? tails[tail[0]] ?? [] : []) : [] {
        guard let length = length(of: part, in: tail, at: start) else { continue }
        if start + length >= tail.count {
          found = part.place
        } else if let rest = from(start + length) {
          found = rest
        }
        if found != nil { break }
      }
      known[start] = .some(found)
      return found
    }
    return from(0)
  }

  private func candidates(_ segment: RoutePath.Segment) -> [Part] {
    if case .word = segment {
      return ((byFirst[segment] ?? []) + (byFirst[.any] ?? []) + (byFirst[.rest] ?? [])).map { parts[$0] }
    }
    // A parameter of the document's may be any word of the route's.
    return parts
  }

  /// How many segments a part takes at a place; `nil` where it does not fit.
  private func length(of part: Part, in tail: [RoutePath.Segment], at start: Int) -> Int? {
    var index = start
    for segment in part.path.segments {
      if segment == .rest {
        // A proxy of `/api/*` alone says nothing of what stands behind it.
        return part.path.words.contains { !Self.isMount($0) } ? tail.count - start : nil
      }
      guard index < tail.count else { return nil }
      switch (segment, tail[index]) {
      case (_, .any), (_, .rest): break
      case (.word(let own), .word(let wanted)): guard own == wanted else { return nil }
      default:
        guard case .word(let wanted) = tail[index] else { return nil }
        if part.path.words.isEmpty, !Self.isExample(wanted) {
          guard index > 0, case .word(let before) = tail[index - 1], part.homes.contains(before) else { return nil }
        }
      }
      index += 1
    }
    return index - start
  }

  /// A value that stands for a parameter: `42`, `abc-123`, `your-id`.
  static func isExample(_ word: String) -> Bool {
    word.contains(where: \.isNumber) && !isMount(word)
      || ["your", "example", "sample", "demo", "test", "xxx", "foo", "bar", "my", "some", "uuid", "slug", "name"]
        .contains {
          word.hasPrefix($0)
        }
      || word.hasSuffix("id") && word.count <= 12
  }

  /// The served part that is most like the end of a path; `nil` where none is like it.
  func nearest(to path: RoutePath) -> Part? {
    let wanted = path.segments
    var best: (distance: Int, part: Part)?
    for part in parts {
      let own = part.path.segments
      guard part.isCode, part.path.words.count >= 1, own.count <= wanted.count, own.count >= min(2, wanted.count) else {
        continue
      }
      var distance = 0
      var same = 0
      for (left, right) in zip(own.reversed(), wanted.reversed()) where left != right {
        guard case .word(let a) = left, case .word(let b) = right else {
          distance = 100
          break
        }
        let letters = EnvironmentNames.distance(a, b, limit: 3)
        // One has an ending more, or a letter is wrong in a word that is long enough to tell.
        let isLonger = min(a.count, b.count) >= 4 && (a.hasPrefix(b) || b.hasPrefix(a))
        let isNear = isLonger || letters <= 3 && letters * 5 <= max(a.count, b.count)
        distance += isNear ? min(letters, 2) : 100
      }
      same = zip(own.reversed(), wanted.reversed()).filter { $0 == $1 && $0 != .any }.count
      guard distance <= 3, distance > 0, same > 0 || own.count == 1 else { continue }
      if let best, (best.distance, best.part.place) < (distance, part.place) { continue }
      best = (distance, part)
    }
    return best?.part
  }
}
