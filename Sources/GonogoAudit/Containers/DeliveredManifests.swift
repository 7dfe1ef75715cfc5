import GonogoCore

/// Which manifests and charts of Kubernetes the tree shows to be delivered, and which it shows to be left over.
///
/// Argo CD and Flux deliver what stands at the paths that their objects name; a workflow, what it gives to `kubectl apply` or `helm`. Where a
/// tree has the former, what stands elsewhere and is named by no script, pipeline or document, is left over.
struct DeliveredManifests: Sendable {
  /// Folders and files that are delivered, those that kustomizations take in among them.
  fileprivate(set) var paths: Set<String> = []
  /// The manifests that nothing delivers, by their paths.
  fileprivate(set) var left: Set<String> = []
  /// What the kustomization of a folder takes in, by the folder.
  fileprivate(set) var kustomizations: [String: Set<String>] = [:]
  /// What kustomizations lay over something else: of an object these have a part only.
  fileprivate(set) var patches: Set<String> = []

  /// Whether something is seen to deliver a file.
  func shows(_ file: TreeFile) -> Bool { reaches(file.path) }

  /// What is delivered itself; or stands below what is, with no kustomization between them that would have to take it in.
  fileprivate func reaches(_ path: String) -> Bool {
    if paths.contains(path) { return true }
    for folder in DeliveredManifestsCollector.ancestors(path).dropFirst() {
      if kustomizations[folder] != nil { return false }
      if paths.contains(folder) { return true }
    }
    return false
  }

  /// Takes in what the kustomizations that are reached take in, and what these take in.
  fileprivate mutating func follow() {
    var open = kustomizations
    while true {
      let next = open.filter { folder, _ in reaches(folder) }
      if next.isEmpty { return }
      for (folder, taken) in next {
        open[folder] = nil
        paths.formUnion(taken)
      }
    }
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
    var result = DeliveredManifests()
    read(into: &result, context)
    result.paths = controlled.union(appliedByWorkflows(context))
    result.follow()
    // What a script applies may be for a test or a fault, and is not left over for all that.
    if isKnown {
      var all = result
      all.paths.formUnion(appliedByScripts(context))
      all.follow()
      result.left = left(all, context)
    }
    return result
  }

  /// The manifests outside of what is delivered that nothing names.
  private static func left(_ delivered: DeliveredManifests, _ context: AuditContext) -> Set<String> {
    let open = context.facts(KubernetesObjects.self).map(\.file).filter { !delivered.shows($0) }
    if open.isEmpty { return [] }
    let named = naming(Set(open.map { String($0.directory) }), context)
    return Set(open.filter { !ancestors(String($0.directory)).contains { named.contains($0) } }.map(\.path))
  }

  /// What a command gives to kubectl and helm.
  private static func taken(by command: ShellScript.Command, in folder: String, _ context: AuditContext) -> [String] {
    var given: [String] = []
    switch command.program {
    case "kubectl", "oc":
      guard command.arguments.contains("apply") || command.arguments.contains("replace") else { return [] }
      for option in ["-f", "-k", "--filename", "--kustomize"] {
        given += command.value(of: option).map { [$0] } ?? []
      }
    case "kustomize": given = command.arguments.filter { !$0.hasPrefix("-") && $0 != "build" }
    case "helm":
      guard command.arguments.contains(where: { ["upgrade", "install", "template"].contains($0) }) else { return [] }
      given = command.arguments.filter { !$0.hasPrefix("-") }
    default: return []
    }
    return given.flatMap { text -> [String] in
      guard text.contains("/") || context.tree.files.contains(where: { $0.directory == text }) else { return [] }
      let known = text.split(separator: "/").prefix { !$0.contains("$") && !$0.contains("*") }.joined(separator: "/")
      if known.isEmpty || known == "." { return [] }
      return Set([folder, ""]).compactMap { TreePaths.join($0, known) }
    }
  }

  private static func appliedByWorkflows(_ context: AuditContext) -> Set<String> {
    var result: Set<String> = []
    for workflow in context.facts(Workflows.self).all {
      for step in workflow.jobs.flatMap(\.steps) {
        for command in step.script.commands {
          result.formUnion(taken(by: command, in: step.workingDirectory ?? "", context))
        }
      }
    }
    return result
  }

  private static func appliedByScripts(_ context: AuditContext) -> Set<String> {
    var result: Set<String> = []
    for file in context.tree.files(in: .shell) where DeploymentPurpose.of(path: file.path) != .development {
      guard let text = context.tree.text(file),
        text.contains("kubectl") || text.contains("helm") || text.contains("kustomize")
      else { continue }
      let script = ShellScript(text: String(decoding: text.bytes, as: UTF8.self))
      for command in script.commands { result.formUnion(taken(by: command, in: String(file.directory), context)) }
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

  /// What each kustomization takes in, and lays over it.
  private static func read(into result: inout DeliveredManifests, _ context: AuditContext) {
    for file in ["kustomization.yaml", "kustomization.yml"].flatMap({ context.tree.files(named: $0) }) {
      guard let node = context.yaml(file)?.documents.first else { continue }
      let folder = String(file.directory)
      func paths(_ keys: String...) -> [String] {
        keys.flatMap { node[$0]?.elements ?? [] }.compactMap { $0.text ?? $0["path"]?.text }
          .compactMap { TreePaths.join(folder, $0) }
      }
      let taken = paths("resources", "bases", "components", "generators", "transformers")
      result.kustomizations[folder, default: []].formUnion(taken)
      result.patches.formUnion(paths("patches", "patchesStrategicMerge"))
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
