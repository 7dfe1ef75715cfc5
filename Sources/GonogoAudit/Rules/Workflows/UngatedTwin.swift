public import GonogoCore

/// A gate with a way around it.
public struct UngatedTwin: AuditRule {
  public static let manual = RuleManual(
    id: "workflow-ungated-twin", severity: .critical, family: "workflows",
    title: "One workflow deploys a target behind a gate, another deploys the same target without",
    what: """
      Compares the deployments of all workflows: of two to the same platform, neither of them a preview, whose targets \
      (project, application, service, directory) do not differ in what both of them say, one is in an `environment` \
      and the other is not, and starts on a push, a schedule or another workflow.
      """,
    why:
      "the approval that the checklist counts on is passed by every push: the twin has deployed before anybody was asked",
    mend: "delete the twin, or put it in the same `environment`",
    falsifies: "deployments to production need an approval",
    wordings: ["production deployments need approval", "deploys to production need an approval"],
    references: ["https://docs.github.com/en/actions/concepts/workflows-and-actions/deployment-environments"])

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    let set = context.facts(Workflows.self)
    let all = context.facts(Deployments.self)
    var seen: Set<String> = []
    for open in all where open.isUngated(set) {
      guard
        let gated = all.first(where: {
          $0.job.environment != nil && $0.workflow.system == .github && $0.mayBeSameTarget(as: open)
            && ($0.workflow.file, $0.job.id) != (open.workflow.file, open.job.id)
        }), seen.insert("\(open.workflow.file.path) \(open.job.id)").inserted
      else { continue }
      let other = "'\(gated.job.id)' of \(gated.workflow.file.name)"
      findings.add(
        "the job '\(open.job.id)' deploys to \(open.platform) without the gate that \(other) has",
        at: open.job.place, subject: open.job.id,
        related: [.init(gated.job.place, "the same platform behind the environment '\(gated.job.environment ?? "")'")])
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      ".github/workflows/b.yml:3:3",
      in: [
        ".github/workflows/a.yml": """
        on: { push: { branches: [main] } }
        jobs:
          live:
            environment: { name: production }
            steps: [{ run: vercel deploy --prod }]
        """,
        ".github/workflows/b.yml":
          "on: { push: { branches: [main] } }\njobs:\n  live:\n    steps: [{ run: vercel --prod }]\n",
      ], "a workflow for each"),
    .silent(
      "another project, another platform, both gated, a preview",
      [
        ".github/workflows/a.yml": """
        on: { push: { branches: [main] } }
        jobs:
          live:
            environment: production
            steps: [{ run: "flyctl deploy --app api" }]
          worker: { steps: [{ run: flyctl deploy --app worker }] }
          web: { steps: [{ run: netlify deploy --prod }] }
          again: { environment: production, steps: [{ run: flyctl deploy --app api }] }
          preview: { steps: [{ run: flyctl deploy --app api }] }
        """
      ]),
  ]
}
