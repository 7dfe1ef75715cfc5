import GonogoCore

/// An object of Kubernetes as it is deployed: from a manifest, or rendered from a chart.
struct KubernetesObject: Sendable {
  let node: Node
  let file: TreeFile
  /// Of an object that was rendered; its node's own places are those of the rendered text.
  var places: HelmPlaces?
  /// The same for one that Helm itself rendered, node by node.
  var origins: [SourceRange: TreePlace] = [:]
  /// Whether something else may give the chart other values, so that what is missing here may stand there.
  var isOverridden = false
  /// Whether a workflow or a script gives its chart values on helm's command line.
  var isSet = false

  var kind: String { node["kind"]?.text ?? "" }
  var name: String { (node["metadata"]?["name"]?.text ?? "(unnamed)").withoutUnknown }

  func place(of node: Node) -> TreePlace {
    if !origins.isEmpty { return origins[node.range] ?? TreePlace(file.path) }
    return places?.place(of: node) ?? TreePlace(file.path, node.range.start)
  }
}

/// The objects of plain manifests and Kustomize bases, and those of Helm charts.
enum KubernetesObjects: Collector {
  static func collect(in context: AuditContext) -> [KubernetesObject] {
    var objects: [KubernetesObject] = []
    for file in context.tree.files(in: .yaml) {
      guard DeploymentPurpose.of(path: file.path) != .development, !isTemplate(file, context.tree),
        let text = context.tree.text(file), text.hasLine(beginning: "apiVersion:"), text.hasLine(beginning: "kind:"),
        !HeadRemarks.sayDevelopment(file, context), let yaml = context.yaml(file)
      else { continue }
      for document in yaml.documents {
        for object in document["items"]?.elements ?? [document] where object["kind"]?.text != nil {
          objects.append(KubernetesObject(node: object, file: file))
        }
      }
    }
    return objects + context.facts(HelmCharts.self).flatMap(\.objects)
  }

  /// A template of a Helm chart, in its chart or on its own.
  private static func isTemplate(_ file: TreeFile, _ tree: SourceTree) -> Bool {
    if let text = tree.text(file), text.contains("{{-") || text.contains("{{ .") { return true }
    var parts = file.path.split(separator: "/").map(String.init)
    parts.removeLast()
    while let index = parts.lastIndex(of: "templates") {
      parts.removeSubrange(index...)
      if tree[(parts + ["Chart.yaml"]).joined(separator: "/")] != nil { return true }
    }
    return false
  }
}

extension Node {
  /// Whether it has a part that could not be computed when it was rendered.
  var isUnknown: Bool { text?.contains(HelmText.unknown) ?? false }

  /// Whether something that could not be computed may give it what stands under a path of keys.
  func mayHold(_ path: [String]) -> Bool {
    var node: Node? = self
    for key in path {
      guard let entries = node?.entries else { break }
      if entries.contains(where: { $0.name.contains(HelmText.unknown) }) { return true }
      node = node?[key]
    }
    return node?.isUnknown ?? false
  }
}

extension String {
  /// For a message: an ellipsis where a part was not known.
  var withoutUnknown: String { replacing(String(HelmText.unknown), with: "…") }
}
