public import GonogoCore

/// Jobs that may hang for six hours.
public struct NoJobTimeout: AuditRule {
  public static let manual = RuleManual(
    id: "workflow-no-timeout", severity: .low, family: "workflows",
    title: "A job has no timeout",
    what: """
      Looks for `timeout-minutes` of the jobs of GitHub's workflows that a release waits for: those that deploy, publish or \
      migrate, that only a tag or a release starts, that are called so (`deploy`, `publish`, `release`), those on runners of \
      one's own, and what all these need. One finding a file. A job whose every step has a timeout passes, as does one that \
      calls another workflow, which cannot have one. Checks, scans, reports, mirrors and bots that hold nobody up but \
      themselves pass, and so does what only pull requests or a branch of development start.
      """,
    why: "a job that hangs blocks the queue, and the deployments behind it, for GitHub's six hours",
    mend: "set `timeout-minutes` to some three times what the job usually takes",
    falsifies: "every CI job has a timeout",
    wordings: ["workflows have timeouts", "CI jobs have timeouts", "workflow jobs have timeouts"],
    references: [
      "https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idtimeout-minutes"
    ])

  public static func examined(in context: AuditContext) -> Examined? {
    let workflows = context.facts(Workflows.self).all
    let jobs = workflows.filter { $0.system == .github }.flatMap(\.jobs).filter { $0.node["uses"] == nil }
    let told = workflows.filter { $0.system == .github }.flatMap { waited($0, context).map(\.place) }
    let untold = jobs.filter { lacks($0) && !told.contains($0.place) }
    return Examined(
      jobs.map(\.place), "jobs", "without a timeout",
      unseen: workflows.filter { $0.system != .github }.map { TreePlace($0.file.path) }, untold: untold.map(\.place))
  }

  public init() {}

  private static func lacks(_ job: WorkflowJob) -> Bool {
    guard job.node["timeout-minutes"] == nil, job.node["uses"] == nil else { return false }
    let steps = job.node["steps"]?.elements ?? []
    return steps.isEmpty || !steps.allSatisfy { $0["timeout-minutes"] != nil }
  }

  /// The jobs without a timeout that a release waits for. A check that hangs is seen and stopped by whoever waits for it; only a release has
  /// an hour that matters.
  private static func waited(_ workflow: Workflow, _ context: AuditContext) -> [WorkflowJob] {
    if workflow.isForDevelopment { return [] }
    let reach = WorkflowReach(workflow, context)
    return workflow.jobs.filter { lacks($0) && reach.goesLive($0) }
  }

  public func look(in context: AuditContext, findings: inout Findings) {
    for workflow in context.facts(Workflows.self).all where workflow.system == .github {
      let jobs = Self.waited(workflow, context)
      guard let first = jobs.first else { continue }
      let names = Fold.list(jobs.map { "'\($0.id)'" }, 6)
      findings.add(
        jobs.count == 1
          ? "the job \(names), which a release waits for, has no timeout"
          : "\(jobs.count) jobs that a release waits for have no timeout: \(names)",
        at: first.place, subject: "jobs",
        related: jobs.dropFirst().map { .init($0.place, "'\($0.id)' has none") })
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      ".github/workflows/a.yml:4:3",
      in: [
        ".github/workflows/a.yml": """
        on: push
        jobs:
          a: { timeout-minutes: 5, steps: [{ run: flyctl deploy }] }
          b: { steps: [{ run: npm publish }] }
          c: { steps: [{ run: docker push acme/a, timeout-minutes: 3 }, { run: "true" }] }
        """
      ], "one finding for two jobs"),
    .finds(
      ".github/workflows/a.yml:3:3", ".github/workflows/b.yml:3:3", ".github/workflows/d.yml:3:3",
      in: [
        ".github/workflows/a.yml": """
        on: push
        jobs:
          test: { steps: [{ run: npm test }] }
          live: { needs: test, timeout-minutes: 9, steps: [{ run: flyctl deploy }] }
          lint: { steps: [{ run: npm run lint }] }
        """,
        ".github/workflows/b.yml": """
        on: release
        jobs:
          image: { steps: [{ uses: acme/send@v6 }] }
        """,
        ".github/workflows/d.yml":
          "on: { push: { branches: [main] } }\njobs:\n  publish-site: { steps: [{ run: ./send.sh }] }\n",
      ], "what a release waits for, by file"),
    .silent(
      "timeouts of the job or of each step, a call",
      [
        ".github/workflows/a.yml": """
        on: push
        jobs:
          deploy: { timeout-minutes: 5, steps: [{ run: flyctl deploy }] }
          publish: { steps: [{ run: npm publish, timeout-minutes: 3 }] }
          release: { uses: acme/ci/.github/workflows/x.yml@main }
        """
      ]),
    .silent(
      "checks, scans, a mirror, bots, a report, pull requests, a branch of development",
      [
        ".github/workflows/a.yml": """
        on: [push, pull_request]
        jobs:
          test: { steps: [{ run: npm test }] }
          merge-reports: { needs: test, steps: [{ run: npx playwright merge-reports }] }
          scan: { steps: [{ uses: github/codeql-action/analyze@v3 }] }
          cleanup: { environment: previews-cleanup, steps: [{ run: ./clean.sh }] }
          notify: { environment: chat, steps: [{ run: "curl $HOOK" }] }
          mirror: { steps: [{ run: "git push --mirror https://git.acme.test/a.git" }] }
          release-notes-check: { steps: [{ run: npm run notes }] }
          deploy: { if: github.event_name == 'pull_request', steps: [{ run: "true" }] }
        """,
        ".github/workflows/b.yml":
          "on: { schedule: [{ cron: '1 1 * * *' }] }\njobs:\n  stale: { steps: [{ uses: actions/stale@v9 }] }\n",
        ".github/workflows/c.yml":
          "on: { push: { branches: [develop] } }\njobs:\n  image: { steps: [{ run: docker push acme/a:dev }] }\n",
        ".github/workflows/d.yml":
          "on: { release: { types: [published] } }\njobs:\n  close-issues: { steps: [{ uses: acme/close@v1 }] }\n",
        ".github/workflows/e.yml":
          "on: { push: { branches: [test] } }\njobs:\n  image: { steps: [{ run: docker push acme/a:test }] }\n",
        ".github/workflows/h.yml": """
        on: push
        jobs:
          try: { services: { db: { image: "postgres:16" } }, steps: [{ run: alembic upgrade head }] }
        """,
        ".github/workflows/g.yml": """
        on: push
        jobs:
          image:
            steps:
              - uses: actions/checkout@v4
              - uses: docker/build-push-action@v6
                with: { context: ./tools/moved-away, push: true }
        """,
        ".github/workflows/f.yml": """
        on: workflow_dispatch
        jobs:
          e2e-staging: { environment: staging, steps: [{ run: npm run e2e }] }
        """,
      ]),
  ]
}
