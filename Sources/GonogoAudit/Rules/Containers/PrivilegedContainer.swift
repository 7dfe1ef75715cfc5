public import GonogoCore

/// A container that is as good as root on its host.
public struct PrivilegedContainer: AuditRule {
  public static let manual = RuleManual(
    id: "container-privileged", severity: .high, family: "containers",
    title: "A container has the host's privileges",
    what: """
      Looks at Compose services for `privileged: true`, for capabilities as wide (`ALL`, `SYS_ADMIN`, `SYS_MODULE`, `SYS_PTRACE`) \
      and for `pid: host`; and at Kubernetes containers for `privileged`, those capabilities, `hostPID` and `hostIPC`. Agents that \
      watch the host (node-exporter, cadvisor, a log shipper) pass, as do files for development.
      """,
    why: "whoever gets into the container has the host, and every other service on it",
    mend: "take it out; give single capabilities or devices where the program says which it needs",
    falsifies: "containers run with the least privileges",
    wordings: ["no privileged containers", "containers do not run privileged", "no container is privileged"],
    references: ["https://docs.docker.com/engine/containers/run/#runtime-privilege-and-linux-capabilities"])

  static let agents = [
    "node-exporter", "node_exporter", "cadvisor", "promtail", "filebeat", "fluent-bit", "fluentd", "vector", "agent",
    "falco", "netdata", "telegraf", "alloy", "dockerd", "dind", "buildkit", "wireguard", "tailscale",
  ]
  static let wide: Set<String> = ["ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE"]

  /// Whether an image's business is the host itself.
  static func isAgent(_ image: String?) -> Bool {
    guard let image = image?.lowercased() else { return false }
    return agents.contains { image.contains($0) }
  }

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    for (_, service) in context.deployedServices() where !Self.isAgent(service.last("image")?.node.text) {
      if let value = service.last("privileged"), value.node.scalar?.value == .bool(true) {
        findings.add("the service '\(service.name)' is privileged", at: value.place, subject: service.name)
      }
      if let value = service.last("pid"), value.node.text == "host" {
        findings.add(
          "the service '\(service.name)' sees the host's processes", at: value.place, subject: "\(service.name) pid")
      }
      for item in service.items("cap_add") {
        guard let name = item.node.text.map(Self.capability), Self.wide.contains(name) else { continue }
        findings.add(
          "the service '\(service.name)' has the capability \(name)", at: item.place, subject: "\(service.name) \(name)"
        )
      }
    }
    for workload in context.facts(KubernetesWorkloads.self) {
      if workload.containers.contains(where: { Self.isAgent($0.node["image"]?.text) }) { continue }
      for key in ["hostPID", "hostIPC"] {
        guard let node = workload.pod[key], node.scalar?.value == .bool(true) else { continue }
        findings.add("'\(workload.name)' sets \(key)", at: workload.place(of: node), subject: "\(workload.name) \(key)")
      }
      for container in workload.containers {
        let security = container.node["securityContext"]
        if let node = security?["privileged"], node.scalar?.value == .bool(true) {
          findings.add(
            "the container '\(container.name)' of '\(workload.name)' is privileged", at: workload.place(of: node),
            subject: "\(workload.name) \(container.name)")
        }
        for node in security?["capabilities"]?["add"]?.elements ?? [] {
          guard let name = node.text.map(Self.capability), Self.wide.contains(name) else { continue }
          findings.add(
            "the container '\(container.name)' of '\(workload.name)' has the capability \(name)",
            at: workload.place(of: node), subject: "\(workload.name) \(container.name) \(name)")
        }
      }
    }
  }

  private static func capability(_ text: String) -> String {
    let name = text.uppercased()
    return name.hasPrefix("CAP_") ? String(name.dropFirst(4)) : name
  }

  public static let samples: [RuleSample] = [
    .finds(
      "deploy/compose.yml:4:17", "deploy/compose.yml:5:16", "k8s/x.yaml:6:12", "k8s/x.yaml:10:38",
      in: [
        "deploy/compose.yml": """
        services:
          api:
            image: acme/api:1.0
            privileged: true
            cap_add: [ CAP_SYS_ADMIN, NET_BIND_SERVICE]
        """,
        "k8s/x.yaml": """
        apiVersion: v1
        kind: Pod
        metadata:
          name: x
        spec:
          hostPID: true
          containers:
            - name: x
              image: acme/x:1.0
              securityContext: { privileged: true }
        """,
      ], "privileged, a capability, the host's processes"),
    .silent(
      "a single capability, an agent, developers",
      [
        "deploy/compose.yml": """
        services:
          api: { image: "acme/api:1.0", privileged: false, cap_add: [NET_BIND_SERVICE], cap_drop: [ALL] }
          metrics: { image: "prom/node-exporter:v1.8.0", pid: host }
        """,
        "docker-compose.dev.yml": "services:\n  x:\n    image: acme/x:1\n    privileged: true\n",
      ]),
  ]
}
