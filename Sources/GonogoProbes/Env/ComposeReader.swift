import GonogoCore
import GonogoDocument
import GonogoSystem

/// Reads the environment of one service of a Compose file (https://compose-spec.io, "services").
///
/// `environment` as mapping or list, with YAML merge keys; `env_file`; `${…}` filled in from the process environment and
/// from the `.env` beside the file, as Compose does. What needs more of Compose (`extends`) is refused, not guessed.
struct ComposeReader {
  private(set) var variables: [String: Variable] = [:]
  private(set) var faults: [(source: String, fault: DotenvReader.Fault)] = []
  private(set) var duplicates: [(source: String, duplicate: DotenvReader.Duplicate)] = []

  private let shown: String
  private let directory: String
  private let outside: [String: String]

  /// - Parameters:
  ///   - path: where the file is; `shown` is how the author wrote that.
  ///   - environment: the process environment.
  init(path: String, shown: String, service: String, environment: [String: String]) throws(ProbeError) {
    self.shown = shown
    directory = FileSystem.directory(of: path)
    let bytes = try LocalFile.read(path, shown: shown, limit: 4 << 20)
    var outside: [String: String] = [:]
    let project = FileSystem.join(directory, ".env")
    if FileSystem.exists(project) {
      let reader = DotenvReader(
        try LocalFile.read(project, shown: ".env beside \(shown)", limit: 4 << 20), source: ".env",
        outside: { environment[$0] })
      outside = reader.variables.mapValues(\.value)
    }
    self.outside = outside.merging(environment) { _, process in process }

    let sink = DiagnosticSink()
    let root = YAMLReader(sink: sink).read(bytes)
    if let first = sink.sorted.first {
      let place = first.range.map { ":\($0.start.line):\($0.start.column)" } ?? ""
      throw ProbeError(
        .malformed, "\(shown)\(place) is not YAML: \(first.message)", asked: "read \(shown)",
        mend: first.mend ?? "`docker compose -f \(shown) config --quiet` says more")
    }
    guard let services = root?["services"], let entries = services.entries else {
      throw ProbeError(
        .malformed, "\(shown) has no mapping `services`", asked: "read \(shown)", mend: "name a Compose file")
    }
    guard let node = services[service], node.entries != nil else {
      let names = entries.map(\.name)
      let near = Suggestion.nearest(to: service, in: names)
      throw ProbeError(
        .configuration, "\(shown) has no service called '\(service)'", asked: "read \(shown)",
        mend: near.map { "did you mean '\($0)'?" } ?? "it has \(names.joined(separator: ", "))")
    }
    try read(node, service: service)
  }

  private mutating func read(_ node: Node, service: String) throws(ProbeError) {
    let members = Self.merged(node)
    if members["extends"] != nil {
      throw ProbeError(
        .configuration, "the service '\(service)' of \(shown) uses `extends`, which is not followed",
        asked: "read \(shown)",
        mend: "`docker compose -f \(shown) config --no-interpolate > resolved.yml`, and check that file")
    }
    if let files = members["env_file"] {
      for file in files.elements ?? [files] {
        let name = file.text ?? file["path"]?.text
        guard let name else { throw malformed("`env_file` names no file", at: file) }
        let optional = file["required"]?.scalar?.value == .bool(false)
        let path = FileSystem.join(directory, fill(name).text)
        if optional, !FileSystem.exists(path) { continue }
        let outside = self.outside
        let reader = DotenvReader(
          try LocalFile.read(path, shown: name, limit: 4 << 20), source: name, passThrough: true,
          outside: { outside[$0] })
        variables.merge(reader.variables) { _, later in later }
        faults += reader.faults.map { (name, $0) }
        duplicates += reader.duplicates.map { (name, $0) }
      }
    }
    guard let environment = members["environment"], !environment.isNull else { return }
    if let elements = environment.elements {
      var lines: [String: Int] = [:]
      for element in elements {
        guard let text = element.text else {
          throw malformed("`environment` has an element that is no text", at: element)
        }
        let line = element.range.start.line
        let equals = text.firstIndex(of: "=")
        let name = String(text[..<(equals ?? text.endIndex)])
        if let first = lines[name] {
          duplicates.append((shown, DotenvReader.Duplicate(name: name, line: line, firstLine: first)))
        }
        lines[name] = line
        set(name, equals.map { String(text[text.index(after: $0)...]) }, line: line)
      }
    } else if environment.entries != nil {
      for (name, value) in Self.merged(environment) {
        guard let text = value.text else { throw malformed("`environment.\(name)` is no scalar", at: value) }
        set(name, value.isNull ? nil : text, line: value.range.start.line)
      }
    } else {
      throw malformed("`environment` is neither a mapping nor a list", at: environment)
    }
  }

  /// A name without a value is passed through from outside, or left unset.
  private mutating func set(_ name: String, _ text: String?, line: Int) {
    guard let text else {
      variables[name] = outside[name].map { Variable(value: $0, source: shown, line: line, interpolated: true) }
      return
    }
    let filled = fill(text)
    variables[name] = Variable(
      value: filled.text, source: shown, line: line, interpolated: filled.happened, defaulted: filled.defaulted,
      unresolved: filled.unresolved)
  }

  private func fill(_ text: String) -> Interpolation { Interpolation(text, style: .compose) { outside[$0] } }

  private func malformed(_ message: String, at node: Node) -> ProbeError {
    ProbeError(
      .malformed, "\(shown):\(node.range.start.line):\(node.range.start.column): \(message)", asked: "read \(shown)",
      mend: "`docker compose -f \(shown) config --quiet` says more")
  }

  /// A mapping's members with its merge keys (`<<`) carried out: its own win over merged ones, earlier over later.
  private static func merged(_ node: Node, depth: Int = 0) -> [String: Node] {
    var result: [String: Node] = [:]
    for entry in node.entries ?? [] where entry.name != "<<" { result[entry.name] = entry.value }
    if depth < 16, let merge = node["<<"] {
      for source in merge.elements ?? [merge] {
        result.merge(merged(source, depth: depth + 1)) { own, _ in own }
      }
    }
    return result
  }
}
