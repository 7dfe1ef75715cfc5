import GonogoCore
import GonogoSystem
import Synchronization

/// What trees of one repository have in common: a file that two of them hold alike, under the same path, is read, parsed and
/// matched once.
///
/// The first of the trees is an audit's own, whose context has read most of what later ones ask for; the others are commits.
final class SharedFiles: Sendable {
  struct Key: Hashable, Sendable {
    let path: String
    let object: String
  }

  private struct Fact: Hashable {
    let collector: ObjectIdentifier
    let file: Key
  }

  private struct Cache {
    var contents: [Key: Once<SourceTree.Content>] = [:]
    var yaml: [Key: Once<Parsed<YAMLText>>] = [:]
    var json: [Key: Once<Parsed<JSON>>] = [:]
    var matches: [Key: [CodeMatches.Match]] = [:]
    var facts: [Fact: Once<any Sendable>] = [:]
    /// Of files of the first tree, by index; empty where there is none.
    var objects: [Int: String] = [:]
  }

  let first: AuditContext
  private let cache = Mutex(Cache())

  init(first: AuditContext) { self.first = first }

  // MARK: The same file

  static func key(_ file: TreeFile) -> Key? { file.object.map { Key(path: file.path, object: $0) } }

  /// The same file in the first tree; `nil` where it is not there, or is another.
  func twin(of file: TreeFile) -> TreeFile? {
    guard let object = file.object, let twin = first.tree[file.path], twin.rawPath == file.rawPath,
      twin.kind == file.kind, twin.size == file.size
    else { return nil }
    return self.object(of: twin, like: object) == object ? twin : nil
  }

  /// The name that git would give to what the file of the first tree holds.
  private func object(of file: TreeFile, like other: String) -> String {
    if let object = file.object { return object }
    if let known = cache.withLock({ $0.objects[file.index] }) { return known }
    var name = ""
    if let text = first.tree.text(file) {
      name = Digest.hex(
        Digest.digest(Array("blob \(text.bytes.count)\0".utf8) + text.bytes, other.utf8.count == 64 ? .sha256 : .sha1))
    }
    cache.withLock { $0.objects[file.index] = name }
    return name
  }

  // MARK: What is known of it

  func content(of file: TreeFile, in tree: SourceTree) -> SourceTree.Content {
    if let twin = twin(of: file) { return first.tree.content(twin) }
    guard let key = Self.key(file) else { return tree.read(file) }
    return once(\.contents, key).value { tree.read(file) }
  }

  func yaml(_ file: TreeFile, _ parse: () -> Parsed<YAMLText>) -> Parsed<YAMLText> {
    if let twin = twin(of: file) { return first.parsedYAML(twin) }
    guard let key = Self.key(file) else { return parse() }
    return once(\.yaml, key).value(parse)
  }

  func json(_ file: TreeFile, _ parse: () -> Parsed<JSON>) -> Parsed<JSON> {
    guard let key = Self.key(file) else { return parse() }
    return once(\.json, key).value(parse)
  }

  /// Where what a collector tells of a file is kept; `nil` for a file that no object of git's is known of.
  func facts(_ collector: ObjectIdentifier, of file: TreeFile) -> Once<any Sendable>? {
    Self.key(file).map { key in
      cache.withLock { cache in
        let fact = Fact(collector: collector, file: key)
        if let once = cache.facts[fact] { return once }
        let once = Once<any Sendable>()
        cache.facts[fact] = once
        return once
      }
    }
  }

  private func once<Value: Sendable>(_ path: WritableKeyPath<Cache, [Key: Once<Value>]>, _ key: Key) -> Once<Value> {
    cache.withLock { cache in
      if let once = cache[keyPath: path][key] { return once }
      let once = Once<Value>()
      cache[keyPath: path][key] = once
      return once
    }
  }

  /// What the patterns matched in a file of a commit; `nil` where nobody has looked.
  func matches(in file: TreeFile) -> [CodeMatches.Match]? {
    guard let key = Self.key(file) else { return nil }
    return cache.withLock { $0.matches[key] }
  }

  func set(_ matches: [CodeMatches.Match], in file: TreeFile) {
    guard let key = Self.key(file) else { return }
    cache.withLock { $0.matches[key] = matches }
  }
}

/// What a parser gave: a value, or why there is none.
struct Parsed<Value: Sendable>: Sendable {
  var value: Value?
  var trouble: CouldNotLook?
}
