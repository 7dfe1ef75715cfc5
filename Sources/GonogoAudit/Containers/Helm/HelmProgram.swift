import GonogoCore
import GonogoDocument
import GonogoSystem

/// Helm itself, where it is installed: `helm template` with the chart's own values. It asks no cluster and no network, loads no
/// plugin, and is ended when it takes too long or too much.
enum HelmProgram {
  /// One document that it rendered.
  struct Rendered {
    let node: Node
    /// From the root of the tree.
    let template: String
  }

  enum Outcome {
    case rendered([Rendered])
    /// The first line of what it said.
    case refused(String)
    case notInstalled
  }

  /// - Parameter values: files laid over the chart's own, from the root of the tree.
  static func render(_ directory: String, values: [String], in context: AuditContext) -> Outcome {
    // Whatever a chart lists or repeats must not take the machine's memory.
    guard let program = Subprocess.find("helm"), let limiter = Subprocess.find("prlimit") else { return .notInstalled }
    // Helm follows links, wherever they lead.
    let below = directory.isEmpty ? "" : directory + "/"
    if context.tree.files.contains(where: { $0.path.hasPrefix(below) && $0.kind != .regular }) {
      return .refused("a link stands in the chart, which may lead out of the tree")
    }
    let outcome: Subprocess.Outcome
    let root: String
    do {
      // A path that is not absolute may be the name of a repository of charts to Helm.
      guard let path = FileSystem.realPath(try context.directory()) else { return .refused("the tree is gone") }
      root = path
      let home = try FileSystem.makeTemporaryDirectory(prefix: "gonogo-helm")
      defer { try? FileSystem.remove(home) }
      var arguments = [
        limiter, "--as=4294967296", program, "template", "release-name", FileSystem.join(root, directory),
        "--skip-tests",
      ]
      for name in values { arguments += ["--values", FileSystem.join(root, name)] }
      var process = Subprocess(
        arguments,
        environment: [
          "PATH": "/nonexistent", "HOME": home, "HELM_PLUGINS": "\(home)/plugins", "HELM_CONFIG_HOME": "\(home)/config",
          "HELM_CACHE_HOME": "\(home)/cache", "HELM_DATA_HOME": "\(home)/data", "KUBECONFIG": "\(home)/none",
          // A schema may name others by their addresses: there is nobody at this one.
          "HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9",
        ], directory: home)
      process.limit = 32 << 20
      outcome = try process.run(milliseconds: 15_000)
    } catch {
      return .refused("it did not end in time, or could not be started")
    }
    guard outcome.status == 0, !outcome.truncated else {
      let said = String(decoding: outcome.error.prefix(2000), as: UTF8.self).split(separator: "\n").map(String.init)
      let why = said.first { $0.hasPrefix("Error:") } ?? said.first ?? "it ended without a word"
      return .refused(why.replacing(root + "/", with: ""))
    }
    return documents(outcome.output, directory).map(Outcome.rendered) ?? .refused("what it wrote is no YAML")
  }

  /// Documents, each with the template that its first comment names: `# Source: chart/templates/api.yaml`.
  private static func documents(_ output: [UInt8], _ directory: String) -> [Rendered]? {
    guard let stream = YAMLReader(sink: DiagnosticSink()).readStream(output) else { return nil }
    let source = SourceFile(name: "helm", bytes: output)
    var names: [(line: Int, path: String)] = []
    for number in 1...max(1, source.lineCount) {
      let line = String(decoding: source.line(number), as: UTF8.self)
      guard line.hasPrefix("# Source: ") else { continue }
      // The chart's name stands for its directory.
      let path = line.dropFirst(10).trimmed.split(separator: "/").dropFirst().joined(separator: "/")
      names.append((number, directory.isEmpty ? path : "\(directory)/\(path)"))
    }
    return stream.documents.compactMap { document in
      names.last { $0.line <= document.range.start.line }.map {
        Rendered(node: document.mergingKeys(), template: $0.path)
      }
    }
  }

  /// Where each node of what Helm rendered comes from: the place of the node with the same keys in what was read without it, or of
  /// the nearest above that is there.
  static func origins(_ node: Node, like own: KubernetesObject) -> [SourceRange: TreePlace] {
    var result: [SourceRange: TreePlace] = [:]
    func walk(_ node: Node, _ other: Node?, _ above: TreePlace) {
      let place = other.map(own.place) ?? above
      result[node.range] = place
      for entry in node.entries ?? [] {
        let match = other?.entries?.first { $0.name == entry.name }
        result[entry.key.range] = match.map { own.place(of: $0.key) } ?? place
        walk(entry.value, match?.value, place)
      }
      let others = other?.elements ?? []
      for (index, element) in (node.elements ?? []).enumerated() {
        // What has a name is found by it: a list may have more items than were read.
        let name = element["name"]?.text
        let named = name == nil ? nil : others.first { $0["name"]?.text == name }
        walk(element, named ?? (name == nil && others.indices.contains(index) ? others[index] : nil), place)
      }
    }
    walk(node, own.node, own.place(of: own.node))
    return result
  }
}
