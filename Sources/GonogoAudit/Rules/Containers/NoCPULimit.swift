public import GonogoCore

/// A service that may take every processor of the host.
public struct NoCPULimit: AuditRule {
  public static let manual = RuleManual(
    id: "container-no-cpu-limit", severity: .low, precision: .high, family: "containers",
    title: "A service may take every processor of its host",
    what: """
      Looks at Compose services for `cpus`, `cpu_quota` or `deploy.resources.limits.cpus`. Kubernetes is not asked: there, a \
      request is what keeps a share, and a limit throttles. Jobs, and files for development pass, and \
      Compose files of which nothing in the tree shows that they go live. A service that has no memory limit either is told once, by \
      container-no-memory-limit.
      """,
    why: "one busy loop slows every other service of the host down, its health checks included",
    mend: "set `deploy: { resources: { limits: { cpus: '1.0' } } }`, or `cpus`",
    falsifies: "every service has resource limits",
    wordings: [
      "every service has a CPU limit", "all containers have CPU limits", "all containers have resource limits",
    ],
    references: ["https://docs.docker.com/reference/compose-file/deploy/#resources"])

  public static func examined(in context: AuditContext) -> Examined? {
    Examined(
      context.deployedServices(jobs: false).map(\.service.place), "services", "without a processor limit",
      unseen: context.unseenDeployments)
  }

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    for (project, service) in context.deployedServices(jobs: false) {
      if service.last("cpus") != nil || service.last("cpu_quota") != nil || service.last("cpuset") != nil
        || service.last("deploy", "resources", "limits", "cpus") != nil
      {
        continue
      }
      findings.add(
        "the service '\(service.name)' has no processor limit", at: service.place, subject: service.name,
        precision: context.precision(of: project))
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "compose.prod.yml:2:3",
      in: [
        "compose.prod.yml":
          "services:\n  api:\n    image: acme/api:1.0\n    deploy: { resources: { limits: { memory: 1G } } }\n"
      ], "a limit of memory only"),
    .silent(
      "both forms",
      [
        "compose.prod.yml": """
        services:
          api: { image: "acme/api:1.0", cpus: 0.5 }
          web: { image: "acme/web:1.0", deploy: { resources: { limits: { cpus: "0.5" } } } }
        """
      ]),
  ]
}
