public import GonogoCore

/// Jobs that may hang for six hours.
public struct NoJobTimeout: AuditRule {
  public static let manual = RuleManual(
    id: "workflow-no-timeout", severity: .low, family: "workflows",
    title: "A job has no timeout",
    what: """
      Looks for `timeout-minutes` of the jobs of GitHub's workflows; a job whose every step has one passes, as does \
      one that calls another workflow, which cannot have one. One finding a file for the jobs that a release waits for: those that deploy, \
      publish or migrate, those on runners of one's own, and what they need. Checks and housekeeping hold nobody up but \
      themselves: they are one finding for the whole repository, which names the places.
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
    return Examined(
      jobs.map(\.place), "jobs", "without a timeout",
      unseen: workflows.filter { $0.system != .github }.map { TreePlace($0.file.path) })
  }

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    let deployments = context.facts(Deployments.self)
    var others: [(job: WorkflowJob, file: String)] = []
    for workflow in context.facts(Workflows.self).all where workflow.system == .github {
      let all = workflow.jobs.filter { job in
        guard job.node["timeout-minutes"] == nil, job.node["uses"] == nil else { return false }
        let steps = job.node["steps"]?.elements ?? []
        return steps.isEmpty || !steps.allSatisfy { $0["timeout-minutes"] != nil }
      }
      let waited = workflow.releaseJobs(deployments)
      others += all.filter { !waited.contains($0.id) }.map { ($0, workflow.file.path) }
      let jobs = all.filter { waited.contains($0.id) }
      guard let first = jobs.first else { continue }
      let names = Fold.list(jobs.map { "'\($0.id)'" }, 6)
      findings.add(
        jobs.count == 1 ? "the job \(names) has no timeout" : "\(jobs.count) jobs have no timeout: \(names)",
        at: first.place, subject: "jobs", related: jobs.dropFirst().map { .init($0.place, "'\($0.id)' has none") })
    }
    guard let first = others.first else { return }
    let names = Fold.list(others.map { "'\($0.job.id)'" }, 6)
    let files = Set(others.map(\.file)).count
    let count = files == 1 ? "\(others.count) jobs" : "\(others.count) jobs of \(files) workflows"
    findings.add(
      others.count == 1
        ? "the job \(names) has no timeout" : "\(count) have no timeout: \(names)",
      at: first.job.place, subject: "checks",
      related: others.dropFirst().map { .init($0.job.place, "'\($0.job.id)' has none") })
  }

  public static let samples: [RuleSample] = [
    .finds(
      ".github/workflows/a.yml:4:3",
      in: [
        ".github/workflows/a.yml": """
        on: push
        jobs:
          a: { timeout-minutes: 5, steps: [{ run: "true" }] }
          b: { steps: [{ run: "true" }] }
          c: { steps: [{ run: "true", timeout-minutes: 3 }, { run: "true" }] }
        """
      ], "one finding for two jobs"),
    .finds(
      ".github/workflows/a.yml:3:3", ".github/workflows/a.yml:5:3", ".github/workflows/b.yml:3:3",
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
          image: { steps: [{ uses: docker/build-push-action@v6, with: { push: true } }] }
        """,
        ".github/workflows/c.yml":
          "on: { schedule: [{ cron: '1 1 * * *' }] }\njobs:\n  stale: { steps: [{ uses: actions/stale@v9 }] }\n",
      ], "what a release waits for by file, and all checks and housekeeping as one"),
    .silent(
      "timeouts of the job or of each step, a call",
      [
        ".github/workflows/a.yml": """
        on: push
        jobs:
          a: { timeout-minutes: 5, steps: [{ run: "true" }] }
          b: { steps: [{ run: "true", timeout-minutes: 3 }] }
          c: { uses: acme/ci/.github/workflows/x.yml@main }
        """
      ]),
  ]
}
