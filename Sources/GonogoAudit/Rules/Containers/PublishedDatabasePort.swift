public import GonogoCore

/// A datastore or its management page answers on every interface of the host.
public struct PublishedDatabasePort: AuditRule {
  public static let manual = RuleManual(
    id: "container-open-datastore", severity: .high, family: "containers",
    title: "A datastore or its management page is published on every interface of the host",
    what: """
      Looks at the `ports` of Compose services whose image, or the image that they are built from, is a database, a cache, a queue or a page that manages one, and at such \
      services on the host's own network; and at Services of Kubernetes of type LoadBalancer, or NodePort, which weighs less, before such a container. An internal load \
      balancer, and one with ranges of sources, pass. A port with an address of the machine itself (`127.0.0.1:5432:5432`), one with any other address of its own, a port that is \
      only exposed to the other services, and files for development pass.
      """,
    why:
      "whoever reaches the address reaches the data, and what Docker publishes passes the host's own firewall",
    mend:
      "take `ports` out, since services of a project reach each other without it, or write `127.0.0.1:` before the port",
    falsifies: "databases and caches are not reachable from the Internet",
    wordings: ["databases are not reachable from the internet", "database ports are not exposed to the internet"],
    references: ["https://docs.docker.com/engine/network/packet-filtering-firewalls/"])

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    let dockerfiles = Dictionary(
      context.facts(Dockerfiles.self).map { ($0.file.path, $0) }, uniquingKeysWith: { first, _ in first })
    for project in context.facts(ComposeProjects.self) where project.goesLive {
      for service in project.services where !service.isDevelopment {
        let isPage = !service.isBuilt && service.image.map(Datastores.isAdministration) ?? false
        guard isPage || Datastores.holdsData(service, dockerfiles, context.tree) else { continue }
        if let mode = service.last("network_mode"), mode.node.text == "host", !Self.isBound(service.startText) {
          findings.add(
            "the datastore '\(service.name)' listens on the host's own network", at: mode.place,
            subject: "\(service.name) network_mode",
            mend: "put it into a network of the project, or have it listen on 127.0.0.1 alone")
        }
        for port in PublishedPort.of(service) where port.isOnEveryInterface && port.published != nil {
          findings.add(
            "\(isPage ? "the management page" : "the datastore") '\(service.name)' publishes port \(port.target) on every interface",
            at: port.place, subject: "\(service.name) \(port.target)")
        }
      }
    }
    lookAtServices(in: context, &findings)
  }

  /// Whether a command says that only the machine itself is listened to.
  private static func isBound(_ command: String) -> Bool {
    ["127.0.0.1", "localhost", "::1"].contains { command.contains($0) }
  }

  /// Whether a Service's ports are those of a pod's datastore: beside a program of another kind it may be that one's.
  private static func leadsToDatastore(_ service: Node, _ containers: [Node]) -> Bool {
    let datastores = containers.filter {
      $0["image"]?.text.flatMap(ImageReference.init).map(Datastores.isDatastore) ?? false
    }
    if datastores.isEmpty || datastores.count == containers.count { return !datastores.isEmpty }
    let own = Set(
      datastores.flatMap { $0["ports"]?.elements ?? [] }.flatMap { [$0["containerPort"]?.text, $0["name"]?.text] }
        .compactMap { $0 })
    return (service["ports"]?.elements ?? []).contains { port in
      (port["targetPort"] ?? port["port"])?.text.map(own.contains) ?? false
    }
  }

  private func lookAtServices(in context: AuditContext, _ findings: inout Findings) {
    let objects = context.facts(KubernetesObjects.self)
    for service in objects where service.kind == "Service" {
      guard let spec = service.node["spec"], let type = spec["type"], let how = type.text,
        how == "LoadBalancer" || how == "NodePort", let selector = spec["selector"]?.entries, !selector.isEmpty,
        spec["loadBalancerSourceRanges"] == nil
      else { continue }
      let annotations = service.node["metadata"]?["annotations"]
      let isInternal = (annotations?.entries ?? []).contains { entry in
        entry.value.isUnknown || entry.key.isUnknown
          || "\(entry.name) \(entry.value.text ?? "")".lowercased().contains("internal")
      }
      if isInternal || annotations?.isUnknown ?? false { continue }
      let datastore = objects.first { object in
        let template = object.node["spec"]?["template"]
        let labels = (object.kind == "Pod" ? object.node["metadata"] : template?["metadata"])?["labels"]
        let pod = object.kind == "Pod" ? object.node["spec"] : template?["spec"]
        guard let labels, selector.allSatisfy({ labels[$0.name]?.text == $0.value.text && !$0.value.isUnknown }) else {
          return false
        }
        return Self.leadsToDatastore(spec, pod?["containers"]?.elements ?? [])
      }
      guard let datastore else { continue }
      let isPublic = how == "LoadBalancer"
      findings.add(
        "the Service '\(service.name)' puts the datastore '\(datastore.name)' "
          + (isPublic ? "on a public address" : "on a port of every node"),
        at: service.place(of: type), subject: "\(service.name) \(how)", severity: isPublic ? nil : .medium,
        because: "the nodes may be private",
        mend: "make the Service one of type ClusterIP, which the cluster's own programs reach")
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "docker-compose.yml:6:9", "docker-compose.yml:9:19", "deploy/compose.yml:4:13", "k8s/redis.yaml:14:9",
      in: [
        "docker-compose.yml": """
        services:
          db:
            image: postgres:16.3
            restart: always
            ports:
              - "0.0.0.0:5432:5432"
          cache:
            image: redis:7.2.5
            network_mode: host
            mem_limit: 1g
        """,
        "deploy/compose.yml": "services:\n  db:\n    build: ./database\n    ports: [\"5432:5432\"]\n",
        "deploy/database/Dockerfile": "FROM postgres:16.3\nCOPY init.sql /docker-entrypoint-initdb.d/\n",
        "k8s/redis.yaml": """
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: redis }
        spec:
          template:
            metadata: { labels: { app: redis } }
            spec: { containers: [{ name: redis, image: "redis:7.2.5" }] }
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: redis }
        spec:
          selector: { app: redis }
          type: LoadBalancer
        """,
      ], "datastores alone, on the host's network, built, behind a load balancer"),
    .silent(
      "for developers, built for something else, internal, another pod",
      [
        "docker-compose.yml": """
        services:
          db:
            image: postgres:16.3
            restart: always
            environment: { POSTGRES_PASSWORD: postgres }
            ports: ["5432:5432"]
        """,
        "server/compose.yml": """
        # for local development
        services:
          db: { image: "postgres:16.3", restart: always, ports: ["5432:5432"] }
        """,
        "deploy/compose.yml": """
        services:
          api: { build: ./postgres-api, ports: ["3000:3000"] }
          cache: { image: "redis:7.2.5", network_mode: host, command: "redis-server --bind 127.0.0.1" }
        """,
        "k8s/redis.yaml": """
        apiVersion: v1
        kind: Pod
        metadata: { name: redis, labels: { app: redis } }
        spec: { containers: [{ name: redis, image: "redis:7.2.5" }] }
        ---
        apiVersion: v1
        kind: Pod
        metadata: { name: shop, labels: { app: shop } }
        spec:
          containers:
            - { name: shop, image: "acme/shop:1.0", ports: [{ containerPort: 8080 }] }
            - { name: cache, image: "redis:7.2.5", ports: [{ containerPort: 6379 }] }
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: shop }
        spec: { selector: { app: shop }, type: LoadBalancer, ports: [{ port: 80, targetPort: 8080 }] }
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: redis, annotations: { "networking.gke.io/load-balancer-type": Internal } }
        spec: { selector: { app: redis }, type: LoadBalancer }
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: api }
        spec: { selector: { app: api }, type: LoadBalancer }
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: inner }
        spec: { selector: { app: redis } }
        """,
      ]),
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
      "deploy/compose.yml:7:9",
      in: [
        "deploy/compose.yml": """
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
      "the sources mounted over the image, a broker of the machine itself, a server in its mode for development",
      [
        "deploy/h/compose.yml":
          "services:\n  web: { build: { context: ./tools/php }, volumes: ['.:/srv'] }\n  db: { image: 'mysql:8', ports: ['3306:3306'] }\n",
        "deploy/a/compose.yml":
          "services:\n  web: { image: 'acme/web:1' }\n  db: { image: 'kafka:3', ports: ['9092:9092'], environment: { KAFKA_ADVERTISED_LISTENERS: 'HOST://localhost:9092' } }\n",
        "deploy/b/compose.yml":
          "services:\n  sso: { image: 'acme/sso:1', command: start-dev }\n  db: { image: 'mysql:8', ports: ['3306:3306'] }\n",
        "c/compose-devmode.yml":
          "services:\n  web: { image: 'acme/web:1' }\n  db: { image: 'mysql:8', ports: ['3306:3306'] }\n",
        "deploy/e/start-local.sh": "docker compose up --build\n",
        "deploy/e/compose.yml":
          "services:\n  web: { image: 'acme/web:1' }\n  db: { image: 'mysql:8', ports: ['3306:3306'] }\n",
        "internal/suites/a/compose.yml":
          "services:\n  web: { image: 'acme/web:1' }\n  db: { image: 'mysql:8', ports: ['3306:3306'] }\n",
        "deploy/f/compose.yml":
          "# This one is for **development**, see the handbook for production.\nservices:\n  web: { image: 'acme/web:1' }\n  db: { image: 'mysql:8', ports: ['3306:3306'] }\n",
        "deploy/g/compose.yml":
          "services:\n  web: { image: 'acme/web:1', command: ./run dev_server }\n  db: { image: 'mysql:8', ports: ['3306:3306'] }\n",
        "tools/seed/compose.yml":
          "services:\n  web: { image: 'acme/web:1' }\n  db: { image: 'mysql:8', ports: ['3306:3306'] }\n",
        "deploy/d/compose.yml":
          "services:\n  db: { image: 'kafka:3', ports: ['9092:9092'] }\n  names: { image: 'acme/schema-registry:1' }\n",
      ]),
    .finds(
      "deploy/compose.yml:3:52",
      in: [
        "deploy/compose.yml":
          "services:\n  web: { build: ., volumes: ['./uploads:/srv/uploads'] }\n  db: { image: 'mysql:8', restart: always, ports: ['3306:3306'] }\n"
      ], "a folder of the users' files is none of the sources"),
    .silent(
      "taken back for production",
      [
        "docker-compose.yml":
          "services:\n  api:\n    build: .\n  db:\n    image: postgres:16\n    ports:\n      - 5432:5432\n",
        "docker-compose.prod.yml": "services:\n  db:\n    ports: !reset []\n",
      ]),
  ]
}
