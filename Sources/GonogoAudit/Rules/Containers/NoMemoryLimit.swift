public import GonogoCore

/// A service that may take all of the host's memory.
public struct NoMemoryLimit: AuditRule {
  public static let manual = RuleManual(
    id: "container-no-memory-limit", severity: .medium, precision: .high, family: "containers",
    title: "A service may take all the memory of its host",
    what: """
      Looks at Compose services for `mem_limit` or `deploy.resources.limits.memory`, and at Kubernetes containers for \
      `resources.limits.memory`. Jobs, and files for development pass, and Compose files of which \
      nothing in the tree shows that they go live (the inventory names them): what shows it is a name (`prod`, `deploy`, `stack` …), a \
      workflow, script or document for servers that runs the file, an image that the tree's own workflow publishes, or a service that is \
      kept up beside what else a server has. A service without a processor limit, too, is told once, with both.
      """,
    why: "one leak takes the host's memory, and the kernel ends whatever it likes, the database included",
    mend:
      "set `deploy: { resources: { limits: { memory: 512M } } }`, or `mem_limit`; in Kubernetes `resources.limits.memory`",
    falsifies: "every service has resource limits",
    wordings: [
      "every service has a memory limit", "all containers have memory limits", "all containers have resource limits",
    ],
    references: ["https://docs.docker.com/reference/compose-file/deploy/#resources"])

  public static func examined(in context: AuditContext) -> Examined? {
    let services = context.deployedServices(jobs: false).map(\.service.place)
    let containers = context.facts(KubernetesWorkloads.self).filter { !$0.isJob }.flatMap { $0.containers.map(\.place) }
    return Examined(services + containers, "services", "without a memory limit", unseen: context.unseenDeployments)
  }

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    for container in context.deployedContainers(jobs: false)
    where container.lacks(
      compose: ["mem_limit", "deploy.resources.limits.memory"], kubernetes: "resources.limits.memory")
    {
      findings.add(
        "\(container.title) has no memory limit", at: container.place, subject: container.subject,
        precision: context.precision(of: container))
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "compose.prod.yml:2:3", "k8s/api.yaml:8:11",
      in: [
        "compose.prod.yml": """
        services:
          api:
            image: acme/api:1.0
            deploy: { resources: { reservations: { memory: 256M } } }
        """,
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
                  resources: { requests: { memory: 256Mi } }
        """,
      ], "a reservation is no limit"),
    .finds(
      "apps/web/base/web.yaml:3:42", "jobs/mail.yaml:3:42", "more/x.yaml:3:42",
      in: [
        "argocd/web.yaml":
          "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: { source: { path: apps/web/live } }\n",
        "apps/web/live/kustomization.yaml": "resources: [../base]\n",
        "apps/web/base/web.yaml": deployment, "jobs/mail.yaml": deployment, "more/x.yaml": deployment,
        "old/web/base/web.yaml": deployment, "old/web/base/kustomization.yaml": "resources: [web.yaml]\n",
        "scripts/mail.sh": "kubectl apply -f jobs/mail.yaml\n",
        "README.md": "What stands in `more/` is applied by hand.\n",
      ], "what Argo CD delivers, what a script or a document names; not what was left behind"),
    .silent(
      "both forms, an anchor, an overlay, a job",
      [
        "docker-compose.yml": """
        x-limits: &limits
          deploy: { resources: { limits: { memory: 512M } } }
        services:
          api:
            <<: *limits
            image: acme/api:1.0
          worker: { image: "acme/api:1.0", mem_limit: 512m }
          migrate: { image: "acme/api:1.0", command: npm run migrate, restart: "no" }
          web: { image: "acme/web:1.0" }
        """,
        "docker-compose.prod.yml": "services:\n  web:\n    mem_limit: 256m\n",
      ]),
    .silent(
      "inherited from a base of another file",
      [
        "common.yml": "services:\n  base:\n    mem_limit: 256m\n",
        "compose.prod.yml":
          "services:\n  api:\n    extends: { file: common.yml, service: base }\n    image: acme/api:1.0\n",
      ]),
  ]

  private static let deployment = """
    apiVersion: apps/v1
    kind: Deployment
    spec: { template: { spec: { containers: [{ name: web, image: "acme/web:1.0" }] } } }
    """
}
