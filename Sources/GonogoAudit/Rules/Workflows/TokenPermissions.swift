public import GonogoCore

/// A workflow's token that may write everything.
public struct TokenPermissions: AuditRule {
  public static let manual = RuleManual(
    id: "workflow-token-permissions", severity: .medium, precision: .high, family: "workflows",
    title: "A workflow's token may write more than it needs",
    what: """
      Looks for `permissions: write-all`, and for workflows with jobs that neither they nor the workflow give \
      `permissions`: those have the repository's default, which may be to write (a lighter finding, one a file). Of the latter \
      only jobs that run what others wrote, or hold something: an action of others, an install, a build or a test, the token or a \
      secret in a script's reach, a deployment; and only where a push, a release, a schedule, a person or `pull_request_target` \
      starts them (something else: only with a secret, or where they deploy). Pull requests of forks get a token that reads, \
      so what only these start passes, and so do jobs of nothing but GitHub's own actions, and jobs whose steps never get the token: no \
      action, and no mention of it. A job that calls another workflow of the repository is one where that one has such a job; what a \
      workflow elsewhere gives its jobs is not known.
      """,
    why: "an action that is taken over can push to the repository and change its releases with the workflow's token",
    mend:
      "write `permissions: { contents: read }` at the top of the workflow, and what a job needs beyond it at the job",
    falsifies: "workflow tokens have the least permissions they need",
    references: ["https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions"])

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    let set = context.facts(Workflows.self)
    for workflow in set.all where workflow.system == .github {
      let own = workflow.node["permissions"]
      for (node, name) in [(own, "workflow")] + workflow.jobs.map({ ($0.node["permissions"], "job '\($0.id)'") }) {
        guard let node, node.text == "write-all" else { continue }
        findings.add("the token of the \(name) may write everything", at: workflow.place(of: node), subject: name)
      }
      // One that is only called has its callers' permissions.
      guard own == nil, workflow.triggers.keys.contains(where: { $0 != "workflow_call" }) else { continue }
      let reach = WorkflowReach(workflow, context)
      let jobs = workflow.jobs.filter { $0.node["permissions"] == nil && Self.matters($0, reach) }
      guard let first = jobs.first else { continue }
      let names = Fold.list(jobs.map { "'\($0.id)'" }, 6)
      let lack =
        jobs.count == workflow.jobs.count
        ? "the workflow gives no 'permissions', so its token has the repository's default"
        : jobs.count == 1
          ? "the job \(names) has no 'permissions', so its token has the repository's default"
          : "the jobs \(names) have no 'permissions', so their tokens have the repository's default"
      findings.add(
        lack,
        at: first.place, subject: "default", severity: .low,
        because: "the repository's default may be to read only")
    }
  }

  private static let starts: Set<String> = [
    "push", "tag", "release", "schedule", "workflow_dispatch", "pull_request_target",
  ]

  /// Whether anything in the job could use the token against its owner.
  private static func matters(_ job: WorkflowJob, _ reach: WorkflowReach) -> Bool {
    if reach.set.isForPullRequests(job, of: reach.workflow) || reach.dead.contains(job.id) { return false }
    if job.node["uses"] != nil {
      // What is called has the caller's permissions where it gives itself none.
      guard let called = job.calls.flatMap(reach.set.workflow(at:)), called.node["permissions"] == nil else {
        return false
      }
      return called.jobs.contains { $0.node["permissions"] == nil && getsToken($0, reach) }
    }
    guard getsToken(job, reach) else { return false }
    if reach.goesLive(job) || reach.holdsSecrets(job, reports: true) { return true }
    if reach.triggers.isDisjoint(with: starts) { return false }
    return reach.passesToken(job) || job.steps.contains(where: \.isOthersAction) || job.runsTree()
  }

  /// Whether a step gets the token: an action can take it without being given it, a checkout leaves it in the clone; a command has it only
  /// where it is named.
  private static func getsToken(_ job: WorkflowJob, _ reach: WorkflowReach) -> Bool {
    job.steps.contains { step in
      guard let action = step.action else { return false }
      return action != "actions/checkout" || step.with("persist-credentials") != "false"
    } || reach.passesToken(job)
  }

  public static let samples: [RuleSample] = [
    .finds(
      ".github/workflows/a.yml:2:14", ".github/workflows/b.yml:3:3", ".github/workflows/c.yml:4:3",
      ".github/workflows/d.yml:3:3",
      ".github/workflows/e.yml:3:3",
      in: [
        ".github/workflows/a.yml": "on: push\npermissions: write-all\njobs:\n  a: { steps: [{ run: 'true' }] }\n",
        ".github/workflows/b.yml":
          "on: push\njobs:\n  a: { steps: [{ uses: actions/checkout@v4 }, { run: npm ci }] }\n",
        ".github/workflows/c.yml":
          "on: push\njobs:\n  a: { permissions: {}, steps: [{ run: npm ci }] }\n  b: { steps: [{ uses: acme/ship@v1 }] }\n",
        ".github/workflows/d.yml": """
        on: workflow_run
        jobs:
          a: { steps: [{ uses: actions/checkout@v4 }, { run: ./send.sh, env: { KEY: "${{ secrets.KEY }}" } }] }
        """,
        ".github/workflows/e.yml":
          "on: workflow_dispatch\njobs:\n  a: { steps: [{ run: gh run rerun 1, env: { GH_TOKEN: '${{ github.token }}' } }] }\n",
      ], "all, none, not for each, a secret, the token"),
    .silent(
      "of the workflow, of each job, only called",
      [
        ".github/workflows/a.yml": "on: push\npermissions: {}\njobs:\n  a: { steps: [{ run: npm ci }] }\n",
        ".github/workflows/b.yml":
          "on: push\njobs:\n  a: { permissions: { contents: read }, steps: [{ run: npm ci }] }\n",
        ".github/workflows/c.yml": "on: workflow_call\njobs:\n  a: { steps: [{ run: npm ci }] }\n",
      ]),
    .finds(
      ".github/workflows/a.yml:3:3",
      in: [
        ".github/workflows/a.yml":
          "on: push\njobs:\n  a: { uses: ./.github/workflows/b.yml }\n  c: { uses: ./.github/workflows/c.yml }\n",
        ".github/workflows/b.yml":
          "on: workflow_call\njobs:\n  a: { steps: [{ uses: actions/checkout@v4 }, { run: npm publish }] }\n",
        ".github/workflows/c.yml":
          "on: workflow_call\njobs:\n  a: { permissions: {}, steps: [{ uses: actions/checkout@v4 }, { run: npm publish }] }\n",
      ], "one that calls a workflow without any"),
    .silent(
      "called workflows that give their jobs permissions, those of others, steps that never get the token",
      [
        ".github/workflows/a.yml":
          "on: push\njobs:\n  deploy: { uses: ./.github/workflows/b.yml, secrets: inherit }\n  d: { uses: acme/flows/.github/workflows/x.yml@v1, secrets: inherit }\n",
        ".github/workflows/b.yml":
          "on: workflow_call\npermissions: {}\njobs:\n  a: { steps: [{ uses: actions/checkout@v4 }, { run: npm publish }] }\n",
        ".github/workflows/c.yml": """
        on: { schedule: [{ cron: '1 1 * * *' }] }
        jobs:
          deploy: { steps: [{ run: "curl -X POST $HOOK", env: { HOOK: "${{ secrets.HOOK }}" } }] }
        """,
      ]),
    .silent(
      "pull requests, a job for these only, GitHub's own actions, a scan after another workflow",
      [
        ".github/workflows/a.yml":
          "on: pull_request\njobs:\n  a: { steps: [{ uses: acme/lint@v1 }, { run: npm ci }] }\n",
        ".github/workflows/b.yml":
          "on: [push, pull_request]\njobs:\n  a: { if: github.event_name == 'pull_request', steps: [{ run: docker build . }] }\n  b: { if: github.event.pull_request, steps: [{ run: docker build . }] }\n",
        ".github/workflows/c.yml": """
        on: { schedule: [{ cron: '1 1 * * *' }] }
        jobs:
          stale: { steps: [{ uses: actions/stale@v9, with: { repo-token: "${{ secrets.GITHUB_TOKEN }}" } }] }
        """,
        ".github/workflows/d.yml":
          "on: workflow_run\njobs:\n  scan: { steps: [{ uses: actions/checkout@v4 }, { uses: acme/scan@v1 }] }\n",
      ]),
  ]
}
