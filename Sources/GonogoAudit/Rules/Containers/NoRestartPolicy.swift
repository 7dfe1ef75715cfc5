public import GonogoCore

/// A service that stays down after a crash or a reboot.
public struct NoRestartPolicy: AuditRule {
  public static let manual = RuleManual(
    id: "container-no-restart", severity: .medium, family: "containers",
    title: "A service stays down after a crash",
    what: """
      Looks at Compose services for `restart` or `deploy.restart_policy`. Jobs (what others wait for to end, what is named or \
      imaged like a task, files that are called after one), stacks of a swarm, which restart by themselves, files for development, and \
      those of which nothing shows that they go live pass.
      """,
    why: "the first crash, or the first reboot of the host, ends the service until a person notices",
    mend: "add `restart: unless-stopped`", falsifies: "services come back by themselves after a crash or a reboot",
    wordings: [
      "restart policies are set", "every service has a restart policy", "every service restarts after a crash",
    ],
    references: ["https://docs.docker.com/reference/compose-file/services/#restart"])

  public static func examined(in context: AuditContext) -> Examined? {
    Examined(
      context.deployedServices(jobs: false).map(\.service.place), "services", "without a restart policy",
      unseen: context.unseenDeployments)
  }

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    for (project, service) in context.deployedServices(jobs: false) {
      if project.isStack || service.last("restart") != nil || service.last("deploy", "restart_policy") != nil {
        continue
      }
      findings.add("the service '\(service.name)' has no restart policy", at: service.place, subject: service.name)
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "deploy/compose.yml:2:3",
      in: ["deploy/compose.yml": "services:\n  api:\n    image: acme/api:1.0\n"], "none"),
    .finds(
      "live.yml:3:3",
      in: [
        "live.yml": "x-all: &all {}\nservices:\n  api:\n    image: acme/api:1.0\n",
        "src/services.yml": "services:\n  mailer: { class: Mailer }\nparameters: {}\n",
      ], "a file that is not called so"),
    .finds(
      "compose.yml:2:3", "compose.extra.yml:3:3",
      in: [
        "compose.yml":
          "services:\n  api:\n    image: acme/api:1.0\n  web:\n    image: acme/web:1.0\n    restart: always\n",
        "compose.extra.yml": "services:\n  web: { mem_limit: 1g }\n  more:\n    image: acme/more:1.0\n",
      ], "a service of the base is told once, however many files are laid over it"),
    .silent(
      "policies, jobs, a swarm, developers",
      [
        "deploy/compose.yml": """
        services:
          api: { image: "acme/api:1.0", restart: always }
          web: { image: "acme/web:1.0", deploy: { restart_policy: { condition: any } } }
          db-migrate: { image: "acme/api:1.0", command: "migrate up" }
          seed: { image: "acme/api:1.0", restart: "no" }
          setup: { image: "acme/api:1.0" }
          rows: { image: "acme/db:1.0", command: /bin/true }
          cron: { image: "acme/api:1.0", restart: unless-stopped, depends_on: { once: { condition: service_completed_successfully } } }
          once: { image: "acme/api:1.0" }
        """,
        "docker-stack.compose.yml": "services:\n  api:\n    image: acme/api:1.0\n",
        "parts/compose.tunnel.yml": "services:\n  web: { environment: { TUNNEL: 'on' } }\n",
        "live.yml": "services:\n  api: { image: 'acme/api:1.0' }\n",
        "ship.sh": "docker stack deploy -c live.yml acme\n",
        "docker-compose.dev.yml": "services:\n  api:\n    image: acme/api:1.0\n",
        "docker-compose.yml": "services:\n  api:\n    build: .\n    command: npm run dev\n",
      ]),
  ]
}
