public import GonogoCore

/// A Kubernetes object that runs containers.
public struct KubernetesWorkload: Sendable {
  /// "Deployment", "CronJob" …
  public let kind: String
  public let name: String
  /// Where the document begins.
  public let place: TreePlace
  public let file: TreeFile
  /// The pod's `spec`.
  public let pod: Node
  /// Init containers are not among them.
  public let containers: [Container]

  /// Whether it runs to an end.
  public var isJob: Bool { kind == "Job" || kind == "CronJob" }

  public struct Container: Sendable {
    public let name: String
    public let node: Node
    public let place: TreePlace
  }

  func place(of node: Node) -> TreePlace { TreePlace(file.path, node.range.start) }
}

/// The workloads of plain manifests and Kustomize bases. Helm's templates are no YAML before they are rendered, and are left
/// out.
public enum KubernetesWorkloads: Collector {
  private static let podPath: [String: [String]] = [
    "Pod": ["spec"], "Deployment": ["spec", "template", "spec"], "StatefulSet": ["spec", "template", "spec"],
    "DaemonSet": ["spec", "template", "spec"], "ReplicaSet": ["spec", "template", "spec"],
    "Job": ["spec", "template", "spec"], "CronJob": ["spec", "jobTemplate", "spec", "template", "spec"],
  ]

  public static func collect(in context: AuditContext) -> [KubernetesWorkload] {
    var workloads: [KubernetesWorkload] = []
    for file in context.tree.files(in: .yaml) {
      guard DeploymentPurpose.of(path: file.path) != .development, !isTemplate(file, context.tree),
        let text = context.tree.text(file), text.hasLine(beginning: "apiVersion:"), text.hasLine(beginning: "kind:"),
        let yaml = context.yaml(file)
      else { continue }
      for document in yaml.documents {
        for object in document["items"]?.elements ?? [document] {
          guard let kind = object["kind"]?.text, let path = podPath[kind] else { continue }
          var pod: Node? = object
          for key in path { pod = pod?[key] }
          // A patch of Kustomize has a part of the object only; what it leaves out stands elsewhere.
          guard let pod, let containers = pod["containers"]?.elements,
            containers.contains(where: { $0["image"] != nil })
          else { continue }
          workloads.append(
            KubernetesWorkload(
              kind: kind, name: object["metadata"]?["name"]?.text ?? "(unnamed)",
              place: TreePlace(file.path, object.range.start), file: file, pod: pod,
              containers: containers.compactMap { node in
                node["image"] == nil
                  ? nil
                  : .init(
                    name: node["name"]?.text ?? "(unnamed)", node: node, place: TreePlace(file.path, node.range.start))
              }))
        }
      }
    }
    return workloads
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

extension SourceFile {
  /// Whether a line begins with a text.
  func hasLine(beginning prefix: String) -> Bool {
    let wanted = Array(prefix.utf8)
    return lineStarts.contains { bytes[$0...].starts(with: wanted) }
  }
}
