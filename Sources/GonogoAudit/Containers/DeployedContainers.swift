import GonogoCore

/// A container that is deployed: a service of a Compose project, or a container of a Kubernetes workload.
struct DeployedContainer {
  enum Source {
    case compose(ComposeService, ComposeProject)
    case kubernetes(KubernetesWorkload.Container, KubernetesWorkload)
  }

  let source: Source

  /// The service's name, or the workload's.
  var owner: String {
    switch source {
    case .compose(let service, _): service.name
    case .kubernetes(_, let workload): workload.name
    }
  }

  /// What tells it from others: `api`, or `api sidecar`.
  var subject: String {
    switch source {
    case .compose(let service, _): service.name
    case .kubernetes(let container, let workload): "\(workload.name) \(container.name)"
    }
  }

  /// What messages call it.
  var title: String {
    switch source {
    case .compose(let service, _): "the service '\(service.name)'"
    case .kubernetes(let container, let workload): "the container '\(container.name)' of '\(workload.name)'"
    }
  }

  var place: TreePlace {
    switch source {
    case .compose(let service, _): service.place
    case .kubernetes(let container, _): container.place
    }
  }

  /// Whether its business is the host itself; a pod is an agent's where one of its containers is.
  var isAgent: Bool {
    switch source {
    case .compose(let service, _): service.isAgent
    case .kubernetes(_, let workload): workload.isAgent
    }
  }

  /// What is written under the keys that Compose has for something, the first that is there, or those of Kubernetes:
  /// keys divided by dots.
  func value(compose: String..., kubernetes: String) -> (node: Node, place: TreePlace)? {
    switch source {
    case .compose(let service, _):
      return compose.lazy.compactMap { service.last(path: $0.split(separator: ".").map(String.init)) }.first
        .map { ($0.node, $0.place) }
    case .kubernetes(let container, let workload):
      var node: Node? = container.node
      for key in kubernetes.split(separator: ".") { node = node?[String(key)] }
      return node.flatMap { $0.isNull ? nil : ($0, workload.place(of: $0)) }
    }
  }

  /// Whether none of the keys is there for certain: nothing that could not be rendered of a chart may supply it.
  func lacks(compose: [String], kubernetes: String) -> Bool {
    func path(_ keys: String) -> [String] { keys.split(separator: ".").map(String.init) }
    switch source {
    case .compose(let service, _): return compose.allSatisfy { service.last(path: path($0)) == nil }
    case .kubernetes(let container, _): return container.lacks(path(kubernetes))
    }
  }

  /// The items of a list.
  func items(compose: String, kubernetes: String) -> [(node: Node, place: TreePlace)] {
    switch source {
    case .compose(let service, _): return service.items(compose).map { ($0.node, $0.place) }
    case .kubernetes(_, let workload):
      let list = value(compose: compose, kubernetes: kubernetes)?.node.elements ?? []
      return list.map { ($0, workload.place(of: $0)) }
    }
  }

  /// The variables that are given to it, with the text as it is written; `nil` where the value comes from elsewhere.
  var environment: [(name: String, text: String?, place: TreePlace)] {
    switch source {
    case .compose(let service, _): return service.environment.map { ($0.name, $0.text, $0.value.place) }
    case .kubernetes(let container, let workload):
      return (container.node["env"]?.elements ?? []).compactMap { variable in
        variable["name"]?.text.map { name in
          let value = variable["value"].flatMap { $0.isUnknown ? nil : $0.text }
          return (name, value, workload.place(of: variable["value"] ?? variable))
        }
      }
    }
  }

  /// `overrideme:latest`: whoever deploys the chart has to say which.
  private static func isPlaceholder(_ image: String) -> Bool {
    let lower = image.lowercased()
    return ["overrideme", "override-me", "changeme", "change-me", "replaceme", "replace-me"].contains {
      lower.contains($0)
    }
  }

  /// The image that is pulled; `nil` where the project builds it, or a variable without a default stands in its name.
  var pulledImage: (image: ImageReference, place: TreePlace)? {
    switch source {
    case .compose(let service, let project):
      guard !service.isBuilt, let image = service.image, let value = service.last("image"),
        !project.services.contains(where: { $0.isBuilt && $0.image?.repository == image.repository })
      else { return nil }
      return (image, value.place)
    case .kubernetes(let container, let workload):
      // Whoever gives a chart values on the command line gives it the version there.
      guard !workload.object.isSet, let node = container.node["image"], let text = node.text, !text.contains("$"),
        !text.contains("{"),
        !node.isUnknown, !Self.isPlaceholder(text)
      else { return nil }
      return ImageReference(text).map { ($0, workload.place(of: node)) }
    }
  }
}

extension AuditContext {
  /// The services of Compose projects that the tree shows to go live, with their projects. One that a file laid over the
  /// base says nothing of is the base's, and is there once. One without an image and a build is a part of something
  /// that stands elsewhere: what it leaves out is not known.
  func deployedServices(jobs: Bool = true) -> [(project: ComposeProject, service: ComposeService)] {
    var seen: Set<String> = []
    return facts(ComposeProjects.self).filter(\.goesLive).flatMap { project in
      project.services.filter { service in
        !service.isDevelopment && (jobs || !service.isJob) && (service.isBuilt || service.last("image") != nil)
          && seen.insert(([service.name] + service.sources.sorted()).joined(separator: " ")).inserted
      }.map { (project, $0) }
    }
  }

  /// Charts of Helm, not all of whose templates are seen before they are rendered; Compose projects of which nothing tells whether
  /// they go live; and manifests that nothing delivers.
  var unseenDeployments: [TreePlace] {
    let unclear = facts(ComposeProjects.self).filter { $0.purpose != .development && !$0.goesLive }
    return tree.files(named: "Chart.yaml").map { TreePlace($0.path) }
      + unclear.compactMap { project in project.files.last.map { TreePlace($0.path) } }
      + facts(DeliveredManifestsCollector.self).left.sorted().map { TreePlace($0) }
  }

  /// What is deployed, by Compose or by Kubernetes, and is not for developers.
  func deployedContainers(jobs: Bool = true) -> [DeployedContainer] {
    deployedServices(jobs: jobs).map { DeployedContainer(source: .compose($0.service, $0.project)) }
      + facts(KubernetesWorkloads.self).filter { jobs || !$0.isJob }.flatMap { workload in
        workload.containers.map { DeployedContainer(source: .kubernetes($0, workload)) }
      }
  }
}

/// Images whose business is the host itself: they watch it, ship its logs, build on it.
enum HostAgents {
  private static let names = [
    "node-exporter", "node_exporter", "cadvisor", "promtail", "filebeat", "fluent-bit", "fluentd", "vector", "agent",
    "falco", "netdata", "telegraf", "alloy", "dockerd", "dind", "buildkit", "wireguard", "tailscale", "ebpf",
    "profiler", "metricbeat", "auditbeat", "packetbeat",
  ]

  /// By a part of the image's name, variables and all.
  static func contains(_ image: String?) -> Bool {
    guard let image = image?.lowercased() else { return false }
    return names.contains { image.contains($0) }
  }
}

extension ComposeService {
  /// By the image; what the project builds itself, by the service's name.
  var isAgent: Bool { HostAgents.contains(last("image")?.node.text ?? name) }
}

extension KubernetesWorkload {
  var isAgent: Bool { containers.contains { HostAgents.contains($0.node["image"]?.text) } }
}
