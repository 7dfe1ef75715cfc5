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
    /// Whether other values than a chart's own may be given to it.
    var isOverridden = false

    /// Whether a path of keys is missing for certain: it is not there, and nothing that could not be rendered, nor another file of
    /// values, may supply it.
    func lacks(_ path: String...) -> Bool { lacks(path) }

    func lacks(_ path: [String]) -> Bool {
      var found: Node? = node
      for key in path { found = found?[key] }
      return found == nil && !isOverridden && !node.mayHold(path)
    }
  }

  /// What it is written as.
  let object: KubernetesObject

  func place(of node: Node) -> TreePlace { object.place(of: node) }
}

/// The workloads of plain manifests, Kustomize bases and Helm charts, as far as they are delivered.
public enum KubernetesWorkloads: Collector {
  private static let podPath: [String: [String]] = [
    "Pod": ["spec"], "Deployment": ["spec", "template", "spec"], "StatefulSet": ["spec", "template", "spec"],
    "DaemonSet": ["spec", "template", "spec"], "ReplicaSet": ["spec", "template", "spec"],
    "Job": ["spec", "template", "spec"], "CronJob": ["spec", "jobTemplate", "spec", "template", "spec"],
  ]

  public static func collect(in context: AuditContext) -> [KubernetesWorkload] {
    let delivered = context.facts(DeliveredManifestsCollector.self)
    return context.facts(KubernetesObjects.self).compactMap { object in
      guard let path = podPath[object.kind], !delivered.left.contains(object.file.path),
        !delivered.patches.contains(object.file.path)
      else { return nil }
      var pod: Node? = object.node
      for key in path { pod = pod?[key] }
      // A patch of Kustomize has a part of the object only; what it leaves out stands elsewhere.
      guard let pod, let containers = pod["containers"]?.elements, containers.contains(where: { $0["image"] != nil })
      else { return nil }
      return KubernetesWorkload(
        kind: object.kind, name: object.name, place: object.place(of: object.node), file: object.file, pod: pod,
        containers: containers.compactMap { node in
          node["image"] == nil
            ? nil
            : .init(
              name: (node["name"]?.text ?? "(unnamed)").withoutUnknown, node: node, place: object.place(of: node),
              isOverridden: object.isOverridden)
        }, object: object)
    }
  }
}

extension SourceFile {
  /// Whether a line begins with a text.
  func hasLine(beginning prefix: String) -> Bool {
    let wanted = Array(prefix.utf8)
    return lineStarts.contains { bytes[$0...].starts(with: wanted) }
  }
}
