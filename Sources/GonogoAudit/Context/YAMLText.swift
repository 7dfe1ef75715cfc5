public import GonogoCore
import GonogoDocument

/// A YAML file, parsed.
public struct YAMLText: Sendable {
  /// Every document that is not empty, merge keys (`<<`) resolved; what came in by one keeps the place where it is written.
  public let documents: [Node]
  /// Tags that are not YAML's own (`!reset`), by where the tagged value begins.
  public let tags: [SourcePosition: String]

  static func read(_ file: TreeFile, in tree: SourceTree) -> Parsed<YAMLText> {
    guard let text = tree.text(file) else { return Parsed(trouble: .unread(file, tree.unread(file))) }
    let sink = DiagnosticSink()
    let stream = YAMLReader(sink: sink).readStream(text.bytes)
    if let error = sink.sorted.first(where: { $0.severity == .error }) {
      return Parsed(
        trouble: .unparsed(file, "YAML", error.message, error.range?.start ?? SourcePosition(line: 1, column: 1)))
    }
    return Parsed(
      value: stream.map { YAMLText(documents: $0.documents.map { $0.mergingKeys() }, tags: $0.tags) })
  }
}

extension Node {
  /// The node with its merge keys resolved, as https://yaml.org/type/merge.html has it: a key that is written goes before
  /// one that is merged in, an earlier mapping of a list before a later one.
  func mergingKeys() -> Node {
    switch content {
    case .scalar: return self
    case .sequence(let elements):
      return Node(.sequence(elements.map { $0.mergingKeys() }), at: range)
    case .mapping(let entries):
      var result: [Entry] = []
      var names: Set<String> = []
      for entry in entries where entry.name != "<<" {
        result.append(Entry(key: entry.key, value: entry.value.mergingKeys()))
        names.insert(entry.name)
      }
      for entry in entries where entry.name == "<<" {
        for source in entry.value.elements ?? [entry.value] {
          for merged in source.mergingKeys().entries ?? [] where names.insert(merged.name).inserted {
            result.append(merged)
          }
        }
      }
      return Node(.mapping(result), at: range)
    }
  }

  /// The texts of a list of scalars, or the one scalar.
  var texts: [String] { elements?.compactMap(\.text) ?? text.map { [$0] } ?? [] }
}
