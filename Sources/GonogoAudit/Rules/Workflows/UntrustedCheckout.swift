public import GonogoCore

/// A stranger's commit checked out where the secrets are.
public struct UntrustedCheckout: AuditRule {
  public static let manual = RuleManual(
    id: "workflow-untrusted-checkout", severity: .critical, family: "workflows",
    title: "A workflow with secrets checks a stranger's commit out and runs it",
    what: """
      Looks at workflows that `pull_request_target`, `workflow_run` or `issue_comment` starts, which run with the \
      repository's secrets, for `actions/checkout` of the pull request's head and a later step of the job that runs something out of it: \
      an install, a build, a test, a script or an action of the repository; or, where the checkout leaves the token in the \
      folder and the job holds a secret, any script. What only reads the files, or runs what it downloads from elsewhere, passes. \
      Where an environment, a label, the author's association or the head's repository is asked for first, it passes.
      """,
    why: "anybody who opens a pull request runs code with the repository's secrets and its write token",
    mend: "use `pull_request`; or build in a workflow without secrets and take only its artifacts over",
    falsifies: "code of outside contributors never runs with secrets",
    references: ["https://securitylab.github.com/resources/github-actions-preventing-pwn-requests/"])

  public init() {}

  private static let heads = [
    "github.event.pull_request.head.sha", "github.event.pull_request.head.ref", "github.head_ref",
    "github.event.workflow_run.head_sha", "github.event.workflow_run.head_branch", "refs/pull/",
  ]
  private static let guards = [
    "author_association", "label", "head.repo.full_name", "head.repo.fork", "permission", "github.actor", "user.login",
    "head_repository.full_name",
  ]

  public func look(in context: AuditContext, findings: inout Findings) {
    for workflow in context.facts(Workflows.self).all {
      let triggers = Set(workflow.triggers.keys)
      let risky = triggers.intersection(["pull_request_target", "workflow_run", "issue_comment"])
      guard let trigger = risky.sorted().first else { continue }
      // A label that starts it is set by a person with rights.
      let types = (workflow.triggers["pull_request_target"] ?? nil)?["types"]?.texts ?? []
      if !types.isEmpty, types.allSatisfy({ $0 == "labeled" || $0 == "closed" }), risky.count == 1 { continue }
      for job in workflow.jobs where job.environment == nil {
        // What is asked for by a job that this one needs counts as well.
        let asked = ([job] + workflow.needed(by: job)).contains { job in
          ([job.condition?.text] + job.steps.map { $0.condition }).contains { text in
            Self.guards.contains { text?.contains($0) ?? false }
          }
            || job.steps.contains {
              $0.action?.contains("permission") ?? false || $0.action?.contains("membership") ?? false
            }
        }
        if asked { continue }
        for step in job.steps where step.action == "actions/checkout" {
          guard let reference = step.node["with"]?["ref"], let text = reference.text,
            Self.heads.contains(where: text.contains),
            job.steps.contains(where: {
              $0.index > step.index && (!$0.script.commands.isEmpty || $0.uses?.hasPrefix("./") ?? false)
            }),
            job.runsTree(after: step.index)
              || step.with("persist-credentials") != "false"
                && WorkflowReach(workflow, context).holdsSecrets(job, reports: true)
          else { continue }
          if text.contains("workflow_run.head_branch") || triggers == ["workflow_run"] && !text.contains("head_sha") {
            continue
          }
          // With workflow_run of pushes the commit is the repository's own.
          if trigger == "workflow_run", workflow.node["on"]?["workflow_run"]?["branches"] != nil { continue }
          findings.add(
            "'\(trigger)' starts the job '\(job.id)' with secrets, and it runs the head of the pull request",
            at: step.place(reference.range.start), subject: job.id)
        }
      }
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      ".github/workflows/a.yml:6:22",
      in: [
        ".github/workflows/a.yml": """
        on: pull_request_target
        jobs:
          a:
            steps:
              - uses: actions/checkout@v4
                with: { ref: "${{ github.event.pull_request.head.sha }}" }
              - run: npm ci && npm test
        """
      ], "the head, then its scripts"),
    .finds(
      ".github/workflows/a.yml:6:22", ".github/workflows/a.yml:11:22",
      in: [
        ".github/workflows/a.yml": """
        on: pull_request_target
        jobs:
          a:
            steps:
              - uses: actions/checkout@v4
                with: { ref: "${{ github.event.pull_request.head.sha }}", persist-credentials: false }
              - uses: ./.github/actions/size
          b:
            steps:
              - uses: actions/checkout@v4
                with: { ref: "${{ github.head_ref }}" }
              - run: git push --force https://git.acme.test/a.git
                env: { KEY: "${{ secrets.KEY }}" }
        """
      ], "its action, and a script with a secret"),
    .silent(
      "files that are only looked at, by what comes from elsewhere",
      [
        ".github/workflows/a.yml": """
        on: pull_request_target
        jobs:
          a:
            steps:
              - uses: actions/checkout@v4
                with: { ref: "${{ github.event.pull_request.head.sha }}", persist-credentials: false }
              - run: |
                  git diff --stat origin/main
                  curl -fsSLO https://acme.test/size.sh
                  chmod +x size.sh
                  ./size.sh
              - uses: actions/github-script@v7
        """
      ]),
    .silent(
      "the base, no run, a guard, pull_request",
      [
        ".github/workflows/a.yml": """
        on: pull_request_target
        jobs:
          base: { steps: [{ uses: actions/checkout@v4 }, { run: npm test }] }
          still:
            steps:
              - { uses: actions/checkout@v4, with: { ref: "${{ github.event.pull_request.head.sha }}" } }
          known:
            if: github.event.pull_request.head.repo.full_name == github.repository
            steps:
              - { uses: actions/checkout@v4, with: { ref: "${{ github.event.pull_request.head.sha }}" } }
              - run: npm test
        """,
        ".github/workflows/b.yml": """
        on: pull_request
        jobs:
          a:
            steps:
              - { uses: actions/checkout@v4, with: { ref: "${{ github.event.pull_request.head.sha }}" } }
              - run: npm test
        """,
      ]),
  ]
}
