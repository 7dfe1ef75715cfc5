public import GonogoCore

/// An action of somebody else's at a tag or a branch that they can move.
public struct UnpinnedAction: AuditRule {
  public static let manual = RuleManual(
    id: "workflow-unpinned-action", severity: .medium, precision: .high, family: "workflows",
    title: "An action is named by a tag or a branch that its owner can move",
    what: """
      Looks at `uses` of workflows and of the composite actions that they call. A commit (40 digits) and, for images, \
      a digest are pinned. One finding a file for the actions of others in jobs that reach what goes live: jobs that deploy, \
      publish or are needed for it, that hold a secret (not only one that a report is sent with) or a token that may write code, packages or pages, and those that a push \
      starts with a token of which it is not written what it may do. Those of GitHub itself (`actions/…`, `github/…`) are \
      one light finding for the whole repository, of workflows that deploy or publish. Checks and bots whose token can change \
      nothing that goes live, and what only pull requests start, pass.
      """,
    why: "whoever takes the action's repository over runs code in the workflow, with its secrets",
    mend:
      "name the commit, with the version as a comment: `uses: owner/action@<commit> # v1.2.3`; Dependabot keeps it fresh",
    falsifies: "third-party actions are pinned to a commit",
    wordings: ["actions are pinned", "all actions are pinned to a commit"],
    references: ["https://docs.github.com/en/actions/reference/security/secure-use#using-third-party-actions"])

  public static func examined(in context: AuditContext) -> Examined? {
    let uses = Self.uses(context)
    return Examined(
      Set(uses.map(\.place)).sorted(), "actions", "named by a tag or a branch",
      untold: uses.filter { $0.moving != nil && !$0.matters }.map(\.place).sorted())
  }

  public init() {}

  private struct Use {
    let place: TreePlace
    /// The name of an action that is not pinned.
    let moving: String?
    let isGitHubs: Bool
    var matters: Bool
  }

  /// Every action of others once, in the order of the files: it matters where any of the jobs that use it does.
  private static func uses(_ context: AuditContext) -> [Use] {
    var result: [Use] = []
    var known: [TreePlace: Int] = [:]
    for workflow in context.facts(Workflows.self).all {
      let reach = WorkflowReach(workflow, context)
      for job in workflow.jobs {
        let isForPulls = reach.set.isForPullRequests(job, of: workflow)
        let reaches = !isForPulls && !reach.dead.contains(job.id) && Self.reaches(job, reach)
        var uses = job.steps.compactMap { step in step.node["uses"].map { ($0, step.file.path) } }
        if let call = job.node["uses"] { uses.append((call, workflow.file.path)) }
        for (node, path) in uses {
          guard let text = node.text, !text.hasPrefix(".") else { continue }
          let place = TreePlace(path, node.range.start)
          let isGitHubs = text.hasPrefix("actions/") || text.hasPrefix("github/")
          // Whoever moves GitHub's tags runs the workflow anyway: worth a word only where something goes out.
          let matters = isGitHubs ? !isForPulls && !reach.live.isEmpty : reaches
          if let index = known[place] {
            result[index].matters = result[index].matters || matters
          } else {
            known[place] = result.count
            result.append(Use(place: place, moving: moving(text), isGitHubs: isGitHubs, matters: matters))
          }
        }
      }
    }
    return result
  }

  /// Whether somebody else's code in the job gets at what goes live.
  private static func reaches(_ job: WorkflowJob, _ reach: WorkflowReach) -> Bool {
    reach.goesLive(job) || reach.holdsSecrets(job, reports: false) || reach.mayChangeWhatGoesLive(job)
      || !reach.triggers.isDisjoint(with: ["push", "tag"]) && !reach.hasPermissions(job)
  }

  public func look(in context: AuditContext, findings: inout Findings) {
    var own: [(place: TreePlace, name: String)] = []
    var files: [String: [(place: TreePlace, name: String)]] = [:]
    for use in Self.uses(context) where use.matters {
      guard let name = use.moving else { continue }
      if use.isGitHubs {
        own.append((use.place, name))
      } else {
        files[use.place.path, default: []].append((use.place, name))
      }
    }
    for (_, uses) in files.sorted(by: { $0.key < $1.key }) {
      let uses = uses.sorted { $0.place < $1.place }
      var names: [String] = []
      for use in uses where !names.contains(use.name) { names.append(use.name) }
      let count = names.count == 1 ? "an action is" : "\(names.count) actions are"
      findings.add(
        "\(count) not pinned to a commit: \(Fold.list(names, 5))",
        at: uses[0].place, subject: "third-party",
        related: uses.dropFirst().map { .init($0.place, "\($0.name) is named here") })
    }
    own.sort { $0.place < $1.place }
    if let first = own.first {
      let list = Fold.list(Set(own.map(\.name)).sorted(), 5)
      findings.add(
        "GitHub's own actions are named by tags, \(own.count == 1 ? "once" : "\(own.count) times"): \(list)",
        at: first.place, subject: "first-party", severity: .low,
        because: "their owner runs the workflow, too",
        related: own.dropFirst().map { .init($0.place, "\($0.name) is named here") })
    }
  }

  /// The name of an action that is not pinned; `nil` where it is, or is the repository's own.
  private static func moving(_ uses: String) -> String? {
    if uses.hasPrefix("./") || uses.hasPrefix("../") || uses.contains("${{") { return nil }
    if uses.hasPrefix("docker://") { return uses.contains("@sha256:") ? nil : uses }
    guard let at = uses.lastIndex(of: "@") else { return nil }
    let reference = uses[uses.index(after: at)...]
    let isCommit = reference.utf8.count >= 40 && reference.allSatisfy(\.isHexDigit)
    return isCommit || !uses[..<at].contains("/") ? nil : uses
  }

  public static let samples: [RuleSample] = [
    .finds(
      ".github/workflows/a.yml:5:15", ".github/workflows/a.yml:6:15", ".github/actions/x/action.yml:4:13",
      in: [
        ".github/workflows/a.yml": """
        on: push
        jobs:
          a:
            steps:
              - uses: actions/checkout@v4
              - uses: acme/deploy@main
                with: { key: "${{ secrets.KEY }}" }
              - uses: "acme/other@v1"
              - uses: ./.github/actions/x
              - run: npm publish
        """,
        ".github/actions/x/action.yml":
          "runs:\n  using: composite\n  steps:\n    - uses: docker://alpine:3.20\n",
      ], "one for GitHub's own, one for each file"),
    .silent(
      "commits, digests, the repository's own",
      [
        ".github/workflows/a.yml": """
        on: push
        jobs:
          a:
            steps:
              - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5
              - uses: docker://alpine@sha256:0000000000000000000000000000000000000000000000000000000000000000
              - uses: ./.github/actions/x
          b: { uses: ./.github/workflows/b.yml }
        """
      ]),
    .finds(
      ".github/workflows/a.yml:3:24", ".github/workflows/b.yml:4:24", ".github/workflows/c.yml:4:24",
      in: [
        ".github/workflows/a.yml":
          "on: { push: { branches: [main] } }\njobs:\n  a: { steps: [{ uses: acme/lint@v1 }] }\n",
        ".github/workflows/b.yml":
          "on: workflow_dispatch\npermissions: { contents: write }\njobs:\n  a: { steps: [{ uses: acme/lint@v1 }] }\n",
        ".github/workflows/c.yml":
          "on: { schedule: [{ cron: '1 1 * * *' }] }\nenv: { KEY: '${{ secrets.KEY }}' }\njobs:\n  a: { steps: [{ uses: acme/lint@v1 }] }\n",
      ], "the default token on a push, one that writes, a secret"),
    .silent(
      "jobs and steps that are switched off, and what waits for them",
      [
        ".github/workflows/a.yml": """
        on: push
        jobs:
          a: { if: false, steps: [{ uses: acme/ship@v1 }] }
          b: { needs: a, steps: [{ uses: acme/ship@v1 }] }
          c: { needs: b, steps: [{ uses: acme/ship@v1 }] }
          d:
            permissions: { contents: read }
            steps:
              - { if: "${{ false }}", uses: acme/ship@v1 }
              - { run: ./ship }
        """
      ]),
    .finds(
      ".github/workflows/a.yml:4:86",
      in: [
        ".github/workflows/a.yml":
          "on: push\njobs:\n  a: { if: false, steps: [{ uses: acme/ship@v1 }] }\n  b: { needs: a, if: '!cancelled()', env: { K: '${{ secrets.K }}' }, steps: [{ uses: acme/ship@v1 }] }\n"
      ], "what runs whatever became of the others"),
    .silent(
      "pull requests, tokens that read or write comments only, GitHub's own in checks",
      [
        ".github/workflows/a.yml":
          "on: pull_request\njobs:\n  a: { steps: [{ uses: actions/checkout@v4 }, { uses: acme/lint@v1 }] }\n",
        ".github/workflows/b.yml": """
        on: push
        permissions: { contents: read }
        jobs:
          a: { steps: [{ uses: actions/checkout@v4 }, { uses: "docker://acme/lint:1" }] }
          b: { permissions: {}, steps: [{ uses: acme/test@v1, with: { token: "${{ secrets.GITHUB_TOKEN }}" } }] }
          c: { permissions: { security-events: write }, steps: [{ uses: acme/scan@v1 }] }
          d: { steps: [{ uses: acme/pictures@v1, with: { token: "${{ secrets.CHROMATIC_PROJECT_TOKEN }}" } }] }
        """,
        ".github/workflows/c.yml":
          "on: { schedule: [{ cron: '1 1 * * *' }] }\njobs:\n  stale: { permissions: { issues: write }, steps: [{ uses: acme/stale@v9 }] }\n",
        ".github/workflows/d.yml":
          "on: push\njobs:\n  a: { steps: [{ uses: actions/checkout@v4 }, { run: npm test }] }\n",
      ]),
  ]
}
