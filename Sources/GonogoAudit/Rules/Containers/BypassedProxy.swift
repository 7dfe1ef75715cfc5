public import GonogoCore

/// A service that can be reached past the proxy that stands before it.
public struct BypassedProxy: AuditRule {
  public static let manual = RuleManual(
    id: "container-bypassed-proxy", severity: .medium, family: "containers",
    title: "A service can be reached past the proxy before it",
    what: """
      Looks at Compose projects in which a proxy (nginx, traefik, caddy, haproxy, envoy) publishes port 80 or 443, for other \
      services that the project builds and that publish a port on every interface. Ports on the machine itself, and files for \
      development pass.
      """,
    why: "what the proxy does (TLS, limits, headers, access) does not happen to who asks the port itself",
    mend: "take `ports` out, since the proxy reaches the service without it, or write `127.0.0.1:` before the port",
    falsifies: "every request goes through the proxy",
    references: ["https://docs.docker.com/engine/network/packet-filtering-firewalls/"])

  private static let proxies: Set<String> = [
    "nginx", "nginx-unprivileged", "traefik", "caddy", "haproxy", "envoy", "nginx-proxy", "nginx-proxy-manager",
    "openresty", "kong", "apisix",
  ]

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    for project in context.facts(ComposeProjects.self) where project.goesLive {
      let proxy = project.services.first { service in
        guard let image = service.image, Self.proxies.contains(image.name) else { return false }
        return PublishedPort.of(service).contains { ["80", "443"].contains($0.published) && $0.isOnEveryInterface }
      }
      guard let proxy else { continue }
      for service in project.services where service.isBuilt && !service.isDevelopment && service.name != proxy.name {
        for port in PublishedPort.of(service) where port.isOnEveryInterface && port.published != nil {
          findings.add(
            "the service '\(service.name)' publishes port \(port.target) past the proxy '\(proxy.name)'",
            at: port.place,
            subject: "\(service.name) \(port.target)", related: [.init(proxy.place, "the proxy is here")])
        }
      }
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "deploy/compose.yml:8:9",
      in: [
        "deploy/compose.yml": """
        services:
          proxy:
            image: caddy:2.8
            ports: ["80:80", "443:443"]
          api:
            build: .
            ports:
              - 3000:3000
        """
      ], "an application beside its proxy"),
    .silent(
      "on the machine itself, exposed, no proxy",
      [
        "deploy/compose.yml": """
        services:
          proxy: { image: "caddy:2.8", ports: ["443:443"] }
          api: { build: ., ports: ["127.0.0.1:3000:3000"] }
          web: { build: ., expose: ["3000"] }
        """,
        "deploy/b/compose.yml": "services:\n  api:\n    build: .\n    ports: [\"3000:3000\"]\n",
      ]),
  ]
}
