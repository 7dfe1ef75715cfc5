import GonogoCore

/// The manifests that nothing delivers: where Argo CD or Flux delivers what stands at paths that the tree names, what stands elsewhere, and is named
/// by no script, pipeline or document, is left over.
enum UndeliveredManifests: Collector {
  /// Their paths.
  static func collect(in context: AuditContext) -> Set<String> {
    var delivered: Set<String> = []
    for object in context.facts(KubernetesObjects.self) {
      let version = object.node["apiVersion"]?.text ?? ""
      guard version.hasPrefix("argoproj.io/"),
        ["Application", "ApplicationSet"].contains(object.kind)
          || version.hasPrefix("kustomize.toolkit.fluxcd.io/")
      else { continue }
      delivered.formUnion(paths(object.node))
      // Of charts, and of directories that a generator lists, it is not known which of the tree's they are.
      if paths(object.node).contains("") { return [] }
    }
    if delivered.isEmpty { return [] }
    follow(&delivered, context)
    let open = context.facts(KubernetesObjects.self).map(\.file).filter { file in
      !ancestors(file.path).contains { delivered.contains($0) }
    }
    if open.isEmpty { return [] }
    let named = naming(Set(open.map { String($0.directory) }), context)
    return Set(open.filter { !ancestors(String($0.directory)).contains { named.contains($0) } }.map(\.path))
  }

  /// Every `path:` below a node, from the root of the repository, as far as it is written out.
  private static func paths(_ node: Node) -> Set<String> {
    var result: Set<String> = []
    for entry in node.entries ?? [] {
      if entry.name == "path", let text = entry.value.text {
        let known = text.split(separator: "/", omittingEmptySubsequences: true).prefix { part in
          !part.contains("{{") && !part.contains("*") && !part.contains("$")
        }
        result.insert(known.filter { $0 != "." }.joined(separator: "/"))
      } else {
        result.formUnion(paths(entry.value))
      }
    }
    for element in node.elements ?? [] { result.formUnion(paths(element)) }
    return result
  }

  /// What the kustomizations there take in, and what these take in.
  private static func follow(_ delivered: inout Set<String>, _ context: AuditContext) {
    let kustomizations = ["kustomization.yaml", "kustomization.yml"].flatMap { context.tree.files(named: $0) }
    var open = kustomizations
    while true {
      let next = open.filter { file in ancestors(file.path).contains { delivered.contains($0) } }
      if next.isEmpty { return }
      open.removeAll { next.contains($0) }
      for file in next {
        guard let node = context.yaml(file)?.documents.first else { continue }
        for key in ["resources", "bases", "components", "patches", "patchesStrategicMerge", "helmCharts"] {
          for text in node[key]?.elements?.compactMap({ $0.text ?? $0["path"]?.text }) ?? [] {
            if let path = TreePaths.join(String(file.directory), text) { delivered.insert(path) }
          }
        }
      }
    }
  }

  /// The folders, of those given and those above them, that stand in a file which is no manifest.
  private static func naming(_ folders: Set<String>, _ context: AuditContext) -> Set<String> {
    let wanted = Set(folders.flatMap(ancestors)).filter { $0.contains("/") }
    let files = context.tree.files.filter { file in
      file.kind == .regular
        && (file.language != .yaml || file.path.hasPrefix(".github/") || file.name.hasPrefix(".gitlab"))
    }
    var named: Set<String> = []
    for file in files {
      guard named.count < wanted.count, let bytes = context.tree.text(file)?.bytes else { continue }
      for folder in wanted where !named.contains(folder) && ByteSearch.contains(folder, in: bytes) {
        named.insert(folder)
      }
    }
    // A folder of one name, at the root, is any word.
    for folder in Set(folders.flatMap(ancestors)) where !folder.contains("/") {
      let isNamed = files.contains { file in
        context.tree.text(file).map {
          ByteSearch.contains("\(folder)/", in: $0.bytes) || ByteSearch.contains("-k \(folder)", in: $0.bytes)
            || ByteSearch.contains("-f \(folder)", in: $0.bytes)
        } ?? false
      }
      if isNamed { named.insert(folder) }
    }
    return named
  }

  /// A path, and those above it; not the root.
  private static func ancestors(_ path: String) -> [String] {
    var result: [String] = []
    var parts = path.split(separator: "/")
    while !parts.isEmpty {
      result.append(parts.joined(separator: "/"))
      parts.removeLast()
    }
    return result
  }
}
