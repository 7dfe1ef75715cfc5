public import GonogoCore

/// A container that is as good as root on its host.
public struct PrivilegedContainer: AuditRule {
  public static let manual = RuleManual(
    id: "container-privileged", severity: .high, family: "containers",
    title: "A container has the host's privileges",
    what: """
      Looks at Compose services for `privileged: true`, for capabilities as wide (`ALL`, `SYS_ADMIN`, `SYS_MODULE`, `SYS_PTRACE`) \
      and for `pid: host`; and at Kubernetes containers for `privileged`, those capabilities, `hostPID` and `hostIPC`. Agents that \
      watch the host (node-exporter, cadvisor, a log shipper, a profiler) pass, as do files for development.
      """,
    why: "whoever gets into the container has the host, and every other service on it",
    mend: "take it out; give single capabilities or devices where the program says which it needs",
    falsifies: "containers run with the least privileges",
    wordings: ["no privileged containers", "containers do not run privileged", "no container is privileged"],
    references: ["https://docs.docker.com/engine/containers/run/#runtime-privilege-and-linux-capabilities"])

  private static let wide: Set<String> = ["ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE"]

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    for container in context.deployedContainers() where !container.isAgent {
      if let (node, place) = container.value(compose: "privileged", kubernetes: "securityContext.privileged"),
        node.scalar?.value == .bool(true)
      {
        findings.add("\(container.title) is privileged", at: place, subject: container.subject)
      }
      for (node, place) in container.items(compose: "cap_add", kubernetes: "securityContext.capabilities.add") {
        guard let name = node.text.map(Self.capability), Self.wide.contains(name) else { continue }
        findings.add(
          "\(container.title) has the capability \(name)", at: place, subject: "\(container.subject) \(name)")
      }
    }
    for (_, service) in context.deployedServices() where !service.isAgent {
      guard let value = service.last("pid"), value.node.text == "host" else { continue }
      findings.add(
        "the service '\(service.name)' sees the host's processes", at: value.place, subject: "\(service.name) pid")
    }
    for workload in context.facts(KubernetesWorkloads.self) where !workload.isAgent {
      for key in ["hostPID", "hostIPC"] {
        guard let node = workload.pod[key], node.scalar?.value == .bool(true) else { continue }
        findings.add("'\(workload.name)' sets \(key)", at: workload.place(of: node), subject: "\(workload.name) \(key)")
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
          metricbeat: { build: ./beat, cap_add: [SYS_PTRACE] }
          profiles: { image: "acme/ebpf-profiler:1.0", pid: host, privileged: true }
        """,
        "docker-compose.dev.yml": "services:\n  x:\n    image: acme/x:1\n    privileged: true\n",
      ]),
  ]
}
