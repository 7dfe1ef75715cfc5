public import GonogoCore

/// A part of the host that a container can write, or the engine's socket.
public struct HostMount: AuditRule {
  public static let manual = RuleManual(
    id: "container-host-mount", severity: .high, family: "containers",
    title: "A container reaches into its host's file system",
    what: """
      Looks at the volumes of Compose services and at `hostPath` of Kubernetes pods for the container engine's socket, and for \
      the host's root, `/etc`, `/root`, `/home`, `/proc`, `/sys`, `/var/run` and `/var/lib/docker` where they may be written. \
      Agents that watch the host pass, as does a read-only socket of a proxy that finds its services by it, and files for \
      development.
      """,
    why: "the socket starts containers as root on the host; who gets into this container has the host",
    mend:
      "take the mount out; put a proxy that allows single calls before the socket, or mount what is needed read-only",
    falsifies: "containers cannot reach the host",
    references: ["https://docs.docker.com/engine/security/#docker-daemon-attack-surface"])

  private static let discoverers = [
    "traefik", "nginx-proxy", "caddy-docker-proxy", "docker-socket-proxy", "autoheal", "watchtower", "portainer",
    "diun", "dozzle", "homepage", "uptime-kuma", "acme-companion", "docker-gen",
  ]
  private static let guarded = [
    "/etc", "/root", "/home", "/proc", "/sys", "/var/run", "/run", "/var/lib/docker", "/boot", "/dev",
  ]

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    for (_, service) in context.deployedServices() {
      let image = service.last("image")?.node.text?.lowercased()
      if service.isAgent { continue }
      let discovers = Self.discoverers.contains { image?.contains($0) ?? false }
      for item in service.items("volumes") {
        var source = item.node["source"]?.text ?? ""
        var isReadOnly = item.node["read_only"]?.scalar?.value == .bool(true)
        if let text = item.node.text {
          let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
          guard parts.count >= 2 else { continue }
          source = parts[0]
          isReadOnly = parts.count >= 3 && parts[2].split(separator: ",").contains("ro")
        }
        guard let fault = Self.fault(source, isReadOnly: isReadOnly, discovers: discovers) else { continue }
        findings.add(
          "the service '\(service.name)' mounts \(fault)", at: item.place, subject: "\(service.name) \(source)")
      }
    }
    for workload in context.facts(KubernetesWorkloads.self) where !workload.isAgent {
      for volume in workload.pod["volumes"]?.elements ?? [] {
        guard let node = volume["hostPath"]?["path"], let path = node.text else { continue }
        let name = volume["name"]?.text
        let mounts = ["containers", "initContainers"].flatMap { workload.pod[$0]?.elements ?? [] }
          .flatMap { $0["volumeMounts"]?.elements ?? [] }.filter { $0["name"]?.text == name }
        let isReadOnly = !mounts.isEmpty && mounts.allSatisfy { $0["readOnly"]?.scalar?.value == .bool(true) }
        guard let fault = Self.fault(path, isReadOnly: isReadOnly, discovers: false) else { continue }
        findings.add(
          "'\(workload.name)' mounts \(fault)", at: workload.place(of: node), subject: "\(workload.name) \(path)")
      }
    }
  }

  private static func fault(_ source: String, isReadOnly: Bool, discovers: Bool) -> String? {
    guard source.hasPrefix("/") else { return nil }
    let path = source.count > 1 && source.hasSuffix("/") ? String(source.dropLast()) : source
    if path.hasSuffix("/docker.sock") || path.hasSuffix("/containerd.sock") || path.hasSuffix("/podman.sock") {
      return discovers ? nil : "the container engine's socket"
    }
    // Clocks are looked up, not reached into.
    if path == "/etc/localtime" || path == "/etc/timezone" || path.hasPrefix("/etc/letsencrypt")
      || path.hasPrefix("/etc/ssl")
    {
      return nil
    }
    if isReadOnly { return nil }
    if path == "/" { return "the host's root directory" }
    return guarded.contains(path) ? "the host's '\(path)', which it may write" : nil
  }

  public static let samples: [RuleSample] = [
    .finds(
      "deploy/compose.yml:5:9", "deploy/compose.yml:6:9", "k8s/x.yaml:6:36",
      in: [
        "deploy/compose.yml": """
        services:
          api:
            image: acme/api:1.0
            volumes:
              - /var/run/docker.sock:/var/run/docker.sock:ro
              - { type: bind, source: /etc, target: /host-etc }
        """,
        "k8s/x.yaml": """
        apiVersion: v1
        kind: Pod
        spec:
          containers: [{ name: x, image: "acme/x:1.0" }]
          volumes:
            - { name: r, hostPath: { path: / } }
        """,
      ], "the socket, a directory that may be written, the root"),
    .silent(
      "named volumes, own directories, read-only, agents, proxies",
      [
        "deploy/compose.yml": """
        services:
          api: { image: "acme/api:1.0", volumes: ["data:/data", "./conf:/etc/app", "/srv/app:/srv", "/etc/localtime:/etc/localtime:ro", /cache] }
          proxy: { image: "traefik:3.1", volumes: ["/var/run/docker.sock:/var/run/docker.sock:ro"] }
          metrics: { image: "prom/node-exporter:v1.8.0", volumes: ["/:/rootfs:ro"] }
          logs: { image: "acme/logs:1", volumes: ["/etc:/host:ro"] }
        """,
        "deploy/agent.yaml":
          "kind: Deployment\nmetadata: { name: a }\nspec: { template: { spec: { volumes: [{ name: p, hostPath: { path: /proc } }], initContainers: [{ name: i, image: 'acme/i:1', volumeMounts: [{ name: p, mountPath: /host, readOnly: true }] }], containers: [{ name: a, image: 'acme/a:1' }] } } }\n",
        "docker-compose.test.yml":
          "services:\n  t:\n    image: a/b:1\n    volumes: [\"/var/run/docker.sock:/var/run/docker.sock\"]\n",
      ]),
  ]
}
