public import GonogoCore

/// A workflow's token that may write everything.
public struct TokenPermissions: AuditRule {
  public static let manual = RuleManual(
    id: "workflow-token-permissions", severity: .medium, family: "workflows",
    title: "A workflow's token may write more than it needs",
    what: """
      Looks for `permissions: write-all`, and for workflows with jobs that neither they nor the workflow give \
      `permissions`: those have the repository's default, which may be to write (a lighter finding, one a file). A job \
      that only calls another workflow of the repository is looked at there.
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
      let jobs = workflow.jobs.filter { $0.node["permissions"] == nil }
      guard let first = jobs.first else { continue }
      let lack =
        jobs.count == workflow.jobs.count
        ? "the workflow gives no 'permissions'" : "\(Fold.list(jobs.map { "'\($0.id)'" }, 6)) have no 'permissions'"
      findings.add(
        "\(lack), so its token has the repository's default",
        at: first.place, subject: "default", severity: .low,
        because: "the repository's default may be to read only")
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      ".github/workflows/a.yml:2:14", ".github/workflows/b.yml:3:3", ".github/workflows/c.yml:4:3",
      in: [
        ".github/workflows/a.yml": "on: push\npermissions: write-all\njobs:\n  a: { steps: [{ run: 'true' }] }\n",
        ".github/workflows/b.yml": "on: push\njobs:\n  a: { steps: [{ run: 'true' }] }\n",
        ".github/workflows/c.yml":
          "on: push\njobs:\n  a: { permissions: {}, steps: [{ run: 'true' }] }\n  b: { steps: [{ run: 'true' }] }\n",
      ], "all, none, not for each"),
    .silent(
      "of the workflow, of each job, only called",
      [
        ".github/workflows/a.yml": "on: push\npermissions: {}\njobs:\n  a: { steps: [{ run: 'true' }] }\n",
        ".github/workflows/b.yml":
          "on: push\njobs:\n  a: { permissions: { contents: read }, steps: [{ run: 'true' }] }\n",
        ".github/workflows/c.yml": "on: workflow_call\njobs:\n  a: { steps: [{ run: 'true' }] }\n",
      ]),
  ]
}
