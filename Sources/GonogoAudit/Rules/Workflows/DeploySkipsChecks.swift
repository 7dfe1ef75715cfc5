public import GonogoCore

/// A deployment that waits for no test.
public struct DeploySkipsChecks: AuditRule {
  public static let manual = RuleManual(
    id: "workflow-deploy-skips-checks", severity: .high, family: "workflows",
    title: "A deployment does not wait for the tests or the security checks",
    what: """
      Looks at the jobs that deploy on a push or a schedule: what they `need`, directly or through others, their own \
      steps before the deployment, and the workflow whose run starts them. Only where the repository's workflows have \
      tests, or the same workflow has a security job: where there are none, there is nothing to wait for. Previews \
      pass.
      """,
    why: "a commit that fails its tests is live before the tests have ended",
    mend:
      "name the jobs that test and scan in `needs`, or start the deployment by `workflow_run` of the workflow that tests",
    falsifies: "nothing is deployed before the tests and the security checks have passed",
    references: ["https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idneeds"])

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    let set = context.facts(Workflows.self)
    var seen: Set<String> = []
    for deployment in context.facts(Deployments.self) {
      let (workflow, job) = (deployment.workflow, deployment.job)
      guard deployment.stage != .preview, workflow.triggers.keys.contains(where: { $0 == "push" || $0 == "schedule" }),
        !job.isForTags, set.triggers(of: workflow).contains("push"),
        seen.insert("\(workflow.file.path) \(job.id)").inserted
      else { continue }
      let waited = Self.proved(deployment, workflow, set)
      let others = workflow.jobs.filter { $0.id != job.id }
      let tests = Self.jobs(others, .test, set)
      let scans = Self.jobs(others, .security, set)
      let related = (tests + scans).map { Finding.Related($0.place, "this job checks") }
      if !waited.contains(.test), !tests.isEmpty {
        let missed = (tests + (waited.contains(.security) ? [] : scans)).map(\.id)
        findings.add(
          "the job '\(job.id)' deploys to \(deployment.platform) without waiting for \(Self.quoted(missed))",
          at: job.place, subject: job.id, related: related)
      } else if !waited.contains(.test), let other = set.all.first(where: { !Self.jobs($0.jobs, .test, set).isEmpty }) {
        findings.add(
          "the job '\(job.id)' deploys to \(deployment.platform) without waiting for the tests, which \(other.file.name) runs beside it",
          at: job.place, subject: job.id,
          related: Self.jobs(other.jobs, .test, set).prefix(1).map { .init($0.place, "the tests run here") })
      } else if !waited.contains(.security), !scans.isEmpty {
        findings.add(
          "the job '\(job.id)' deploys to \(deployment.platform) without waiting for \(Self.quoted(scans.map(\.id)))",
          at: job.place, subject: job.id, severity: .medium, because: "the tests are waited for",
          related: related)
      }
    }
  }

  private static func quoted(_ names: [String]) -> String {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }.map { "'\($0)'" }.joined(separator: " and ")
  }

  /// The jobs that check, called workflows included.
  private static func jobs(_ jobs: [WorkflowJob], _ kind: CheckKind, _ set: WorkflowSet) -> [WorkflowJob] {
    jobs.filter { proves($0, set).contains(kind) }
  }

  private static func proves(_ job: WorkflowJob, _ set: WorkflowSet, depth: Int = 0) -> Set<CheckKind> {
    var result = Set(job.checks().map(\.kind))
    if let path = job.calls, depth < 5, let called = set.workflow(at: path) {
      for inner in called.jobs { result.formUnion(proves(inner, set, depth: depth + 1)) }
    }
    return result
  }

  /// What has been proved when the deployment begins.
  private static func proved(_ deployment: Deployment, _ workflow: Workflow, _ set: WorkflowSet) -> Set<CheckKind> {
    var result: Set<CheckKind> = []
    for job in workflow.needed(by: deployment.job) { result.formUnion(proves(job, set)) }
    for check in deployment.job.checks() where check.step.index <= deployment.step.index { result.insert(check.kind) }
    // A needed action or workflow of another repository may test.
    if workflow.needed(by: deployment.job).contains(where: { $0.node["uses"] != nil && $0.calls == nil }) {
      result.formUnion([.test, .security])
    }
    if let run = workflow.triggers["workflow_run"] ?? nil {
      let names = Set(run["workflows"]?.texts ?? [])
      for other in set.all where other.name.map(names.contains) ?? false {
        for job in other.jobs { result.formUnion(proves(job, set)) }
      }
    }
    return result
  }

  public static let samples: [RuleSample] = [
    .finds(
      ".github/workflows/ci.yml:7:3", ".github/workflows/worker.yml:3:3", ".github/workflows/full.yml:8:3",
      in: [
        ".github/workflows/ci.yml": """
        on: { push: { branches: [main] } }
        jobs:
          lint: { steps: [{ run: npm run lint }] }
          unit: { steps: [{ run: npm test }] }
          scan: { steps: [{ run: npm audit --audit-level=high }] }
          build: { needs: lint, steps: [{ run: npm run build }] }
          live:
            needs: [lint, build]
            environment: production
            steps: [{ run: vercel deploy --prod }]
        """,
        ".github/workflows/worker.yml":
          "on: { push: { branches: [main] } }\njobs:\n  live:\n    steps: [{ run: flyctl deploy }]\n",
        ".github/workflows/full.yml": """
        on: { push: { branches: [main] } }
        jobs:
          unit: { steps: [{ run: pytest -q }] }
          scan:
            steps:
              - uses: aquasecurity/trivy-action@0.28.0
                with: { exit-code: "1" }
          live:
            needs: unit
            steps: [{ run: railway up }]
        """,
      ], "needs that prove nothing, tests in another workflow, a scan beside"),
    .silent(
      "needs through others, own steps, another workflow's run, no tests at all",
      [
        ".github/workflows/a.yml": """
        name: Verify
        on: { push: { branches: [main] } }
        jobs:
          unit: { uses: ./.github/workflows/tests.yml }
          build: { needs: unit, steps: [{ run: npm run build }] }
          live: { needs: build, steps: [{ run: vercel --prod }] }
          own: { steps: [{ run: pnpm test }, { run: flyctl deploy }] }
        """,
        ".github/workflows/tests.yml": "on: workflow_call\njobs:\n  t: { steps: [{ run: go test ./... }] }\n",
        ".github/workflows/b.yml":
          "on: { workflow_run: { workflows: [Verify], types: [completed] } }\njobs:\n  live: { steps: [{ run: flyctl deploy }] }\n",
      ]),
    .silent(
      "a repository without tests",
      [".github/workflows/a.yml": "on: push\njobs:\n  live: { steps: [{ run: flyctl deploy }] }\n"]),
  ]
}
