public import GonogoCore

/// A datastore or its management page answers on every interface of the host.
public struct PublishedDatabasePort: AuditRule {
  public static let manual = RuleManual(
    id: "container-open-datastore", severity: .high, family: "containers",
    title: "A datastore or its management page is published on every interface of the host",
    what: """
      Looks at the `ports` of Compose services whose image is a database, a cache, a queue or a page that manages one. A port \
      with an address of the machine itself (`127.0.0.1:5432:5432`), one with any other address of its own, a port that is \
      only exposed to the other services, and files for development pass.
      """,
    why: "Docker opens a published port past the host's firewall; whoever reaches the host reaches the data",
    mend:
      "take `ports` out, since services of a project reach each other without it, or write `127.0.0.1:` before the port",
    falsifies: "databases and caches are not reachable from the Internet",
    wordings: ["databases are not reachable from the internet", "database ports are not exposed to the internet"],
    references: ["https://docs.docker.com/engine/network/packet-filtering-firewalls/"])

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    for project in context.facts(ComposeProjects.self) where project.purpose != .development {
      for service in project.services where !service.isDevelopment {
        guard let image = service.image else { continue }
        let isPage = Datastores.isAdministration(image)
        guard isPage || Datastores.isDatastore(image) else { continue }
        for port in PublishedPort.of(service) where port.isOnEveryInterface && port.published != nil {
          findings.add(
            "\(isPage ? "the management page" : "the datastore") '\(service.name)' publishes port \(port.target) on every interface",
            at: port.place, subject: "\(service.name) \(port.target)")
        }
      }
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "docker-compose.prod.yml:5:9", "docker-compose.prod.yml:9:9",
      in: [
        "docker-compose.prod.yml": """
        services:
          db:
            image: postgres:16
            ports:
              - "5432:5432"
          cache:
            image: redis:7.2
            ports:
              - target: 6379
                published: 6379
        """
      ], "both forms of a port"),
    .finds(
      "compose.yml:7:9",
      in: [
        "compose.yml": """
        services:
          api:
            build: .
          db:
            image: ${DB_IMAGE:-postgres:16}
            ports:
              - "${DB_PORT:-5432}:5432"
        """
      ], "defaults of variables count"),
    .finds(
      "docker-compose.yml:7:9",
      in: [
        "docker-compose.yml": """
        services:
          api:
            image: ghcr.io/acme/api:1.4.0
          db:
            image: postgres:16
            ports:
              - "5432:5432"
        """,
        "docker-compose.prod.yml": """
        services:
          api:
            restart: always
        """,
      ], "the base of a file for production"),
    .silent(
      "on the machine itself, on an address of its own, or only exposed",
      [
        "docker-compose.prod.yml": """
        services:
          a: { image: "postgres:16", ports: ["127.0.0.1:5432:5432"] }
          b: { image: "postgres:16", ports: ["[::1]:5432:5432"] }
          c: { image: "postgres:16", expose: ["5432"] }
          d: { image: "redis:7", ports: ["10.0.0.4:6379:6379"] }
          e: { image: "redis:7", ports: ["${BIND_ADDRESS:-127.0.0.1}:6379:6379"] }
          f: { image: "redis:7", ports: [{ target: 6379, published: 6379, host_ip: 127.0.0.1 }] }
          api: { image: "ghcr.io/acme/api:1.4.0", ports: ["443:8443"] }
        """
      ]),
    .silent(
      "files for developers",
      [
        "docker-compose.dev.yml": "services:\n  db:\n    image: postgres:16\n    ports:\n      - 5432:5432\n",
        "docker-compose.yml": "services:\n  db:\n    image: postgres:16\n    ports:\n      - 5432:5432\n",
        "examples/next/compose.yml":
          "services:\n  web:\n    build: .\n  db:\n    image: postgres:16\n    ports:\n      - 5432:5432\n",
      ]),
    .silent(
      "taken back for production",
      [
        "docker-compose.yml":
          "services:\n  api:\n    build: .\n  db:\n    image: postgres:16\n    ports:\n      - 5432:5432\n",
        "docker-compose.prod.yml": "services:\n  db:\n    ports: !reset []\n",
      ]),
  ]
}
