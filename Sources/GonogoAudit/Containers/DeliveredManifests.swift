import GonogoCore

/// Which manifests and charts of Kubernetes the tree shows to be delivered, and which it shows to be left over.
///
/// Argo CD and Flux deliver what stands at the paths that their objects name; a workflow or a script, what it gives to `kubectl apply` or `helm`. Where a
/// tree has the former, what stands elsewhere and is named by no script, pipeline or document, is left over.
struct DeliveredManifests: Sendable {
  /// Folders and files that are delivered, those that kustomizations take in among them.
  let paths: Set<String>
  /// The manifests that nothing delivers, by their paths.
  let left: Set<String>
  /// What the kustomization of a folder takes in, by the folder.
  let kustomizations: [String: Set<String>]

  /// Whether something is seen to deliver a file: what stands beside a kustomization that does not take it in is not delivered with it.
  func shows(_ file: TreeFile) -> Bool {
    let all = DeliveredManifestsCollector.ancestors(file.path)
    guard all.contains(where: paths.contains) else { return false }
    guard let taken = all.dropFirst().lazy.compactMap({ kustomizations[$0] }).first else { return true }
    return all.contains(where: taken.contains)
  }
}

enum DeliveredManifestsCollector: Collector {
  static func collect(in context: AuditContext) -> DeliveredManifests {
    var controlled: Set<String> = []
    for object in context.facts(KubernetesObjects.self) {
      let version = object.node["apiVersion"]?.text ?? ""
      guard
        version.hasPrefix("argoproj.io/") && ["Application", "ApplicationSet"].contains(object.kind)
          || version.hasPrefix("kustomize.toolkit.fluxcd.io/")
      else { continue }
      controlled.formUnion(paths(object.node))
    }
    // The root of the repository says nothing of what in it is used.
    let isKnown = !controlled.isEmpty && !controlled.contains("")
    controlled.remove("")
    var delivered = controlled.union(applied(context))
    let kustomizations = kustomizations(context)
    follow(&delivered, kustomizations)
    return DeliveredManifests(
      paths: delivered, left: isKnown ? left(delivered, context) : [], kustomizations: kustomizations)
  }

  /// The manifests outside of what is delivered that nothing names.
  private static func left(_ delivered: Set<String>, _ context: AuditContext) -> Set<String> {
    let open = context.facts(KubernetesObjects.self).map(\.file).filter { file in
      !ancestors(file.path).contains { delivered.contains($0) }
    }
    if open.isEmpty { return [] }
    let named = naming(Set(open.map { String($0.directory) }), context)
    return Set(open.filter { !ancestors(String($0.directory)).contains { named.contains($0) } }.map(\.path))
  }

  /// What workflows and scripts give to kubectl and helm.
  private static func applied(_ context: AuditContext) -> Set<String> {
    var result: Set<String> = []
    func take(_ command: ShellScript.Command, in folder: String) {
      var given: [String] = []
      switch command.program {
      case "kubectl", "oc":
        guard command.arguments.contains("apply") || command.arguments.contains("replace") else { return }
        for option in ["-f", "-k", "--filename", "--kustomize"] {
          given += command.value(of: option).map { [$0] } ?? []
        }
      case "kustomize": given = command.arguments.filter { !$0.hasPrefix("-") && $0 != "build" }
      case "helm":
        guard command.arguments.contains(where: { ["upgrade", "install", "template"].contains($0) }) else { return }
        given = command.arguments.filter { !$0.hasPrefix("-") }
      default: return
      }
      for text in given where text.contains("/") || context.tree.files.contains(where: { $0.directory == text }) {
        let known = text.split(separator: "/").prefix { !$0.contains("$") && !$0.contains("*") }.joined(separator: "/")
        if known.isEmpty || known == "." { continue }
        for base in Set([folder, ""]) { TreePaths.join(base, known).map { _ = result.insert($0) } }
      }
    }
    for workflow in context.facts(Workflows.self).all {
      for step in workflow.jobs.flatMap(\.steps) {
        for command in step.script.commands { take(command, in: step.workingDirectory ?? "") }
      }
    }
    for file in context.tree.files(in: .shell) {
      guard let text = context.tree.text(file),
        text.contains("kubectl") || text.contains("helm") || text.contains("kustomize")
      else { continue }
      let script = ShellScript(text: String(decoding: text.bytes, as: UTF8.self))
      for command in script.commands { take(command, in: String(file.directory)) }
    }
    return result
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

  /// What each kustomization takes in, by its folder.
  private static func kustomizations(_ context: AuditContext) -> [String: Set<String>] {
    var result: [String: Set<String>] = [:]
    for file in ["kustomization.yaml", "kustomization.yml"].flatMap({ context.tree.files(named: $0) }) {
      guard let node = context.yaml(file)?.documents.first else { continue }
      for key in ["resources", "bases", "components", "patches", "patchesStrategicMerge", "generators", "transformers"]
      {
        for text in node[key]?.elements?.compactMap({ $0.text ?? $0["path"]?.text }) ?? [] {
          if let path = TreePaths.join(String(file.directory), text) {
            result[String(file.directory), default: []].insert(path)
          }
        }
      }
    }
    return result
  }

  /// What the kustomizations there take in, and what these take in.
  private static func follow(_ delivered: inout Set<String>, _ kustomizations: [String: Set<String>]) {
    var open = kustomizations
    while true {
      let next = open.filter { folder, _ in ancestors(folder).contains { delivered.contains($0) } }
      if next.isEmpty { return }
      for (folder, taken) in next {
        open[folder] = nil
        delivered.formUnion(taken)
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
  static func ancestors(_ path: String) -> [String] {
    var result: [String] = []
    var parts = path.split(separator: "/")
    while !parts.isEmpty {
      result.append(parts.joined(separator: "/"))
      parts.removeLast()
    }
    return result
  }
}
