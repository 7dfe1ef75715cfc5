public import GonogoCore

/// Jobs that may hang for six hours.
public struct NoJobTimeout: AuditRule {
  public static let manual = RuleManual(
    id: "workflow-no-timeout", severity: .low, family: "workflows",
    title: "A job has no timeout",
    what: """
      Looks for `timeout-minutes` of the jobs of GitHub's workflows; a job whose every step has one passes, as does \
      one that calls another workflow, which cannot have one. One finding a file.
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
    for workflow in context.facts(Workflows.self).all where workflow.system == .github {
      let jobs = workflow.jobs.filter { job in
        guard job.node["timeout-minutes"] == nil, job.node["uses"] == nil else { return false }
        let steps = job.node["steps"]?.elements ?? []
        return steps.isEmpty || !steps.allSatisfy { $0["timeout-minutes"] != nil }
      }
      guard let first = jobs.first else { continue }
      let names = Fold.list(jobs.map { "'\($0.id)'" }, 6)
      findings.add(
        jobs.count == 1 ? "the job \(names) has no timeout" : "\(jobs.count) jobs have no timeout: \(names)",
        at: first.place, subject: "jobs", related: jobs.dropFirst().map { .init($0.place, "'\($0.id)' has none") })
    }
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
