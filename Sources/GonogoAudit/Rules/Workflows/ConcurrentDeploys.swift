public import GonogoCore

/// Deployments that may overtake each other.
public struct ConcurrentDeploys: AuditRule {
  public static let manual = RuleManual(
    id: "workflow-concurrent-deploys", severity: .low, precision: .high, family: "workflows",
    title: "Two deployments may run at the same time",
    what: """
      Looks at jobs that deploy, previews left out, for `concurrency` of the job, its workflow, or every workflow that \
      calls it; in GitLab `resource_group`. What a tool with a lock of its own deploys (Terraform, Pulumi, CloudFormation) passes, \
      and so does a job that waits for one of another branch, which never runs.
      """,
    why:
      "of two pushes the older may end last: what is live then is not what was pushed last, and migrations run beside each other",
    mend: "add `concurrency: { group: deploy-production, cancel-in-progress: false }` to the job",
    falsifies: "deployments run one after the other",
    references: [
      "https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency"
    ])

  public init() {}

  /// What holds a lock on what it changes: the second of two ends with an error, and nothing runs beside another.
  private static let locking: Set<String> = ["terraform", "pulumi", "cloudformation", "cdk", "sam"]

  public func look(in context: AuditContext, findings: inout Findings) {
    let set = context.facts(Workflows.self)
    var seen: Set<String> = []
    for deployment in context.facts(Deployments.self) where deployment.stage != .preview {
      let (workflow, job) = (deployment.workflow, deployment.job)
      if job.node["concurrency"] != nil || workflow.node["concurrency"] != nil || job.node["resource_group"] != nil {
        continue
      }
      if Self.locking.contains(deployment.platform) || workflow.neverRuns(job) { continue }
      let callers = set.all.flatMap { caller in
        caller.jobs.filter { $0.calls == workflow.file.path }.map { (caller, $0) }
      }
      if !callers.isEmpty,
        callers.allSatisfy({ $0.0.node["concurrency"] != nil || $0.1.node["concurrency"] != nil })
      {
        continue
      }
      guard seen.insert("\(workflow.file.path) \(job.id)").inserted else { continue }
      findings.add(
        "two runs of the job '\(job.id)' may deploy to \(deployment.platform) at the same time", at: job.place,
        subject: job.id)
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      ".github/workflows/a.yml:3:3",
      in: [".github/workflows/a.yml": "on: push\njobs:\n  live: { steps: [{ run: flyctl deploy }] }\n"],
      "neither the job nor the workflow"),
    .silent(
      "a tool that locks, a job that waits for one of another branch",
      [
        ".github/workflows/a.yml": "on: push\njobs:\n  live: { steps: [{ run: terraform apply }] }\n",
        ".github/workflows/b.yml": """
        on: push
        jobs:
          build: { if: "github.ref == 'refs/heads/main' && github.event_name == 'push'", steps: [{ run: make }] }
          pack: { needs: build, steps: [{ run: make pack }] }
          live: { needs: pack, if: "github.ref_name == 'develop'", steps: [{ run: flyctl deploy }] }
        """,
      ]),
    .silent(
      "of the job, of the workflow, of the caller, a preview",
      [
        ".github/workflows/a.yml":
          "on: push\njobs:\n  live: { concurrency: live, steps: [{ run: flyctl deploy }] }\n  preview: { steps: [{ run: flyctl deploy }] }\n",
        ".github/workflows/b.yml":
          "on: push\nconcurrency: { group: live }\njobs:\n  live: { steps: [{ run: flyctl deploy }] }\n",
        ".github/workflows/c.yml": "on: workflow_call\njobs:\n  live: { steps: [{ run: flyctl deploy }] }\n",
        ".github/workflows/d.yml":
          "on: push\nconcurrency: live\njobs:\n  live: { uses: ./.github/workflows/c.yml }\n",
      ]),
  ]
}
