public import GonogoCore

/// A service that nobody asks whether it works.
public struct NoHealthCheck: AuditRule {
  public static let manual = RuleManual(
    id: "container-no-healthcheck", severity: .medium, precision: .high, family: "containers",
    title: "A service has no health check",
    what: """
      Looks at Compose services that the project builds, and at datastores' own images, for a `healthcheck` that is not disabled, or a \
      HEALTHCHECK in the Dockerfile; and at containers of Kubernetes Deployments, StatefulSets and DaemonSets for a readiness or \
      liveness probe. Images of others may have a check of their own, and pass, as do workers (what is built, listens on no port and is \
      waited for by nobody: there is nothing to ask), jobs, files for development, those of which nothing shows that they go live, and exporters beside a container that has one.
      """,
    why:
      "a process that runs and answers nothing stays in service: nothing restarts it, and dependents start too early",
    mend:
      "add `healthcheck:` with a command that fails when the service does; in Kubernetes `readinessProbe` and `livenessProbe`",
    falsifies: "every service has a health check",
    wordings: ["all containers have health checks", "у всех сервисов есть проверки здоровья"],
    references: ["https://docs.docker.com/reference/compose-file/services/#healthcheck"])

  public static func examined(in context: AuditContext) -> Examined? {
    let dockerfiles = Dictionary(
      context.facts(Dockerfiles.self).map { ($0.file.path, $0) }, uniquingKeysWith: { first, _ in first })
    var checked: [TreePlace] = []
    var unseen = context.unseenDeployments
    for (_, service) in context.deployedServices(jobs: false) {
      let built = service.isBuilt ? service.dockerfile(in: context.tree).flatMap { dockerfiles[$0.path] } : nil
      let isChecked =
        service.last("healthcheck") != nil
        || built?.lineage.contains { $0.instructions.contains { $0.name == "HEALTHCHECK" } } == true
      if isChecked { checked.append(service.place) } else { unseen.append(service.place) }
    }
    for workload in context.facts(KubernetesWorkloads.self)
    where ["Deployment", "StatefulSet", "DaemonSet"].contains(workload.kind) {
      checked += workload.containers.map(\.place)
    }
    return Examined(checked, "services", "without a health check", unseen: unseen)
  }

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    let dockerfiles = Dictionary(
      context.facts(Dockerfiles.self).map { ($0.file.path, $0) }, uniquingKeysWith: { first, _ in first })
    for (project, service) in context.deployedServices(jobs: false) {
      if let check = service.last("healthcheck") {
        let isOff =
          service.last("healthcheck", "disable")?.node.scalar?.value == .bool(true)
          || service.last("healthcheck", "test")?.node.texts == ["NONE"]
        if isOff {
          findings.add(
            "the health check of '\(service.name)' is switched off", at: check.place, subject: service.name,
            precision: context.precision(of: project))
        }
        continue
      }
      if service.isBuilt {
        // A Dockerfile that is not in the tree may have one.
        guard service.last("build", "dockerfile_inline") == nil,
          let file = service.dockerfile(in: context.tree), let dockerfile = dockerfiles[file.path],
          !dockerfile.lineage(of: service.last("build", "target")?.node.text).contains(where: {
            $0.instructions.contains { $0.name == "HEALTHCHECK" && $0.text != "NONE" }
          }),
          Self.isAsked(service, project, dockerfile)
        else { continue }
      } else {
        guard let image = service.image, Datastores.isOfficial(image), image.name != "minio" else { continue }
      }
      findings.add(
        "the service '\(service.name)' has no health check", at: service.place, subject: service.name,
        precision: context.precision(of: project))
    }
    for workload in context.facts(KubernetesWorkloads.self)
    where ["Deployment", "StatefulSet", "DaemonSet"].contains(workload.kind) {
      for container in workload.containers
      where container.lacks("readinessProbe") && container.lacks("livenessProbe") {
        // It holds a pod, and answers nobody.
        let image = container.node["image"]?.text?.split(separator: "/").last ?? ""
        if image.split(whereSeparator: { $0 == ":" || $0 == "@" }).first == "pause" { continue }
        // A sidecar without a port serves nobody that would have to wait for it; one that gives out the figures of another container that is
        // asked serves no customer.
        if workload.containers.count > 1, container.node["ports"] == nil { continue }
        let isExporter = container.node["image"]?.text?.contains("exporter") ?? false
        if isExporter, workload.containers.contains(where: { $0.node["readinessProbe"] != nil }) { continue }
        findings.add(
          "the container '\(container.name)' of '\(workload.name)' has neither a readiness nor a liveness probe",
          at: container.place, subject: "\(workload.name) \(container.name)",
          precision: context.precision(of: workload.file))
      }
    }
  }

  /// Whether somebody could ask it: it listens on a port, or another service waits for it. A command of its own makes a worker of an
  /// image that listens.
  private static func isAsked(_ service: ComposeService, _ project: ComposeProject, _ dockerfile: Dockerfile) -> Bool {
    if !service["ports"].isEmpty || !service["expose"].isEmpty { return true }
    let labels =
      service.items("labels").compactMap(\.node.text)
      + service["labels"].flatMap { $0.node.entries ?? [] }.map(\.name)
    if labels.contains(where: { $0.contains("loadbalancer.server.port") || $0.contains("traefik.http") }) {
      return true
    }
    let isAwaited = project.services.contains { other in
      other.items("depends_on").contains { $0.node.text == service.name }
        || other["depends_on"].contains { $0.node[service.name] != nil }
    }
    if isAwaited { return true }
    return service["command"].isEmpty
      && dockerfile.lineage(of: service.last("build", "target")?.node.text).contains { stage in
        stage.instructions.contains { $0.name == "EXPOSE" }
      }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "compose.prod.yml:2:3", "compose.prod.yml:4:3", "compose.prod.yml:9:7", "k8s/api.yaml:8:11",
      in: [
        "compose.prod.yml": """
        services:
          api:
            build: ./api
          db:
            image: postgres:16
          cache:
            image: redis:7
            healthcheck:
              disable: true
        """,
        "api/Dockerfile": "FROM node:22\nEXPOSE 3000\nCMD [\"node\", \"main.js\"]\n",
        "k8s/api.yaml": """
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: api }
        spec:
          template:
            spec:
              containers:
                - name: api
                  image: acme/api:1.0
        """,
      ], "built, a datastore, switched off, a container"),
    .silent(
      "a container that only holds its pod",
      [
        "k8s/a.yaml":
          "kind: Deployment\nmetadata: { name: a }\nspec: { template: { spec: { initContainers: [{ name: i, image: 'acme/i:1' }], containers: [{ name: hold, image: 'registry.k8s.io/pause:3.10' }] } } }\n"
      ]),
    .silent(
      "in the file, in the Dockerfile, in the stage that is built, in an image of others, a job, workers",
      [
        "compose.prod.yml": """
        services:
          api: { build: ./api }
          web: { build: { context: ., dockerfile: web/Dockerfile } }
          db: { image: "postgres:16", healthcheck: { test: ["CMD", "pg_isready"] } }
          proxy: { image: "traefik:3.1" }
          forked: { image: "acme/postgres:16" }
          keys: { build: ./api2, profiles: [setup] }
          migrate: { build: ./api2, restart: "no" }
          elsewhere: { build: ../elsewhere }
          worker: { build: ./api3, command: work --queue mail }
          poller: { build: ./api2 }
        """,
        "api/Dockerfile":
          "FROM node:22 AS base\nHEALTHCHECK CMD node check.js\nFROM base\nCMD [\"node\", \"main.js\"]\n",
        "web/Dockerfile": "FROM nginx:1.27\nHEALTHCHECK --interval=5s \\\n  CMD curl -f localhost\n",
        "api2/Dockerfile": "FROM node:22\n",
        "api3/Dockerfile": "FROM node:22\nEXPOSE 3000\n",
        "deploy/docker/compose.prod.yml":
          "services:\n  api: { build: { context: .., dockerfile: docker/Dockerfile, target: live } }\n",
        "deploy/docker/Dockerfile":
          "FROM node:22 AS base\nHEALTHCHECK CMD node check.js\nFROM base AS live\nCMD [\"node\"]\nFROM node:22 AS tests\n",
        "k8s/job.yaml":
          "apiVersion: batch/v1\nkind: Job\nspec:\n  template:\n    spec:\n      containers:\n        - name: x\n          image: acme/x:1\n",
        "k8s/web.yaml": """
        apiVersion: apps/v1
        kind: Deployment
        spec:
          template:
            spec:
              containers:
                - { name: web, image: "acme/web:1", ports: [{ containerPort: 80 }], readinessProbe: { tcpSocket: { port: 80 } } }
                - { name: figures, image: "nginx/nginx-prometheus-exporter:1.4", ports: [{ containerPort: 9113 }] }
        """,
        "app/kustomization.yaml": "resources: [../base]\npatches: [{ path: patch.yaml }]\n",
        "app/patch.yaml": """
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: app }
        spec: { template: { spec: { containers: [{ name: app, image: "acme/app:2" }] } } }
        """,
        "k8s/all.yaml": """
        # This is only an EXAMPLE of how to deploy it.
        # Please change it.
        apiVersion: v1
        kind: Pod
        spec:
          containers:
            - { name: x, image: "acme/x:1" }
        ---
        apiVersion: apps/v1
        kind: Deployment
        spec: { template: { spec: { containers: [{ name: x, image: "acme/x:1" }] } } }
        """,
      ]),
  ]
}
