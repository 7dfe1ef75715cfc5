public import GonogoCore

/// An action of somebody else's at a tag or a branch that they can move.
public struct UnpinnedAction: AuditRule {
  public static let manual = RuleManual(
    id: "workflow-unpinned-action", severity: .medium, family: "workflows",
    title: "An action is named by a tag or a branch that its owner can move",
    what: """
      Looks at `uses` of workflows and of the composite actions that they call. A commit (40 digits) and, for images, \
      a digest are pinned. One finding a file for the actions of others; those of GitHub itself (`actions/…`, \
      `github/…`) are one light finding for the whole repository.
      """,
    why: "whoever takes the action's repository over runs code in the workflow, with its secrets",
    mend:
      "name the commit, with the version as a comment: `uses: owner/action@<commit> # v1.2.3`; Dependabot keeps it fresh",
    falsifies: "third-party actions are pinned to a commit",
    wordings: ["actions are pinned", "all actions are pinned to a commit"],
    references: ["https://docs.github.com/en/actions/reference/security/secure-use#using-third-party-actions"])

  public static func examined(in context: AuditContext) -> Examined? {
    var places: Set<TreePlace> = []
    for workflow in context.facts(Workflows.self).all {
      for job in workflow.jobs {
        let uses = job.steps.compactMap { step in step.node["uses"].map { ($0, step.file.path) } }
        for (node, path) in uses + (job.node["uses"].map { [($0, workflow.file.path)] } ?? [])
        where node.text.map({ !$0.hasPrefix(".") }) == true {
          places.insert(TreePlace(path, node.range.start))
        }
      }
    }
    return Examined(places.sorted(), "actions", "named by a tag or a branch")
  }

  public init() {}

  private static let github: Set<String> = ["actions", "github"]

  public func look(in context: AuditContext, findings: inout Findings) {
    var own: [(place: TreePlace, name: String)] = []
    var files: [String: [(place: TreePlace, name: String)]] = [:]
    var seen: Set<TreePlace> = []
    for workflow in context.facts(Workflows.self).all {
      for job in workflow.jobs {
        var uses = job.steps.compactMap { step in step.node["uses"].map { ($0, step.file.path) } }
        if let call = job.node["uses"] { uses.append((call, workflow.file.path)) }
        for (node, path) in uses {
          let place = TreePlace(path, node.range.start)
          guard let text = node.text, let name = Self.moving(text), seen.insert(place).inserted else { continue }
          if Self.github.contains(String(text.prefix { $0 != "/" })) {
            own.append((place, name))
          } else {
            files[path, default: []].append((place, name))
          }
        }
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
        "GitHub's own actions are named by tags, \(own.count) times: \(list)",
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
              - uses: "acme/other@v1"
              - uses: ./.github/actions/x
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
  ]
}
