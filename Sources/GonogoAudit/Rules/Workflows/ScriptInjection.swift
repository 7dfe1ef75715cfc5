public import GonogoCore

/// A stranger's text pasted into a script.
public struct ScriptInjection: AuditRule {
  public static let manual = RuleManual(
    id: "workflow-script-injection", severity: .high, family: "workflows",
    title: "A text that a stranger writes is pasted into a script",
    what: """
      Looks at `run`, and the `script` of actions/github-script, for `${{ … }}` of titles, bodies, branch names and \
      messages: what GitHub's manual lists as untrusted. With `pull_request` alone, whose token can only read and \
      which has no secrets for forks, it weighs less. Numbers, commits and the inputs of people with rights pass.
      """,
    why: "a pull request whose title is a command runs it, with the workflow's secrets",
    mend: "give the text to the step as `env: { TITLE: ${{ … }} }`, and write \"$TITLE\" in the script",
    falsifies: "a workflow runs no code that outsiders control",
    references: ["https://docs.github.com/en/actions/concepts/security/script-injections"])

  public init() {}

  private static let untrusted = #"""
    \$\{\{[^}]*\bgithub\.(head_ref|event\.(issue\.(title|body)|pull_request\.(title|body|head\.(ref|label|repo\.default_branch))|comment\.body|review\.body|review_comment\.body|discussion\.(title|body)|head_commit\.(message|author\.(email|name))|commits\[[^\]]*\]\.(message|author\.(email|name))|pages\[[^\]]*\]\.page_name|workflow_run\.(head_branch|head_commit\.(message|author\.(email|name)))))\b[^}]*\}\}
    """#

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    let pattern = context.pattern(Self.untrusted)
    var seen: Set<TreePlace> = []
    for workflow in context.facts(Workflows.self).all where workflow.system == .github {
      // A push is by somebody who may push.
      let harmless: Set<String> = ["push", "workflow_dispatch", "schedule", "release", "tag", "workflow_call"]
      let triggers = context.facts(Workflows.self).triggers(of: workflow).subtracting(harmless)
      guard !triggers.isEmpty else { continue }
      // The branches that may start it are written there.
      let branches = (workflow.triggers["workflow_run"] ?? nil)?["branches"]?.texts ?? []
      let knowsBranch = !branches.isEmpty && !branches.contains { $0.contains("*") || $0.hasPrefix("!") }
      for job in workflow.jobs {
        for step in job.steps {
          guard let text = context.tree.text(step.file) else { continue }
          var nodes: [Node] = []
          if let run = step.node["run"] { nodes.append(run) }
          if step.action == "actions/github-script", let script = step.node["with"]?["script"] { nodes.append(script) }
          for line in nodes.flatMap({ Workflows.lines(of: $0, in: text) }) {
            let hits: LineMatches
            do { hits = try pattern.lineMatches(in: Array(line.text), limit: 10) } catch {
              throw CouldNotLook("a line could not be searched", at: step.place(line.position))
            }
            for hit in hits.hits {
              let found = String(decoding: Array(line.text)[hit.match], as: UTF8.self)
              // A function that gives a truth or a number lets no text through.
              if ["contains(", "startsWith(", "endsWith(", "==", "toJSON("].contains(where: found.contains) {
                continue
              }
              if knowsBranch, found.contains("workflow_run.head_branch") { continue }
              let place = step.place(
                SourcePosition(line: line.position.line, column: line.position.column + hit.match.lowerBound))
              guard seen.insert(place).inserted else { continue }
              findings.add(
                "'\(found)' becomes part of a script of the job '\(job.id)'", at: place, subject: "\(job.id) \(found)",
                severity: triggers == ["pull_request"] ? .medium : .high,
                because: "a pull request from a fork runs without secrets")
            }
          }
        }
      }
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      ".github/workflows/a.yml:6:18", ".github/workflows/a.yml:9:32",
      in: [
        ".github/workflows/a.yml": """
        on: [issues, pull_request_target]
        jobs:
          a:
            steps:
              - run: |
                  TITLE="${{ github.event.issue.title }}"
              - uses: actions/github-script@v7
                with:
                  script: console.log("${{ github.event.pull_request.body }}")
        """
      ], "a shell's and a script's"),
    .silent(
      "in the environment, a number, a condition, a push",
      [
        ".github/workflows/a.yml": """
        on: pull_request_target
        jobs:
          a:
            if: contains(github.event.pull_request.title, 'x')
            steps:
              - run: echo "$TITLE ${{ github.event.pull_request.number }} ${{ contains(github.event.pull_request.title, 'wip') }}"
                env: { TITLE: "${{ github.event.pull_request.title }}" }
        """,
        ".github/workflows/c.yml":
          "on: { workflow_run: { workflows: [A], branches: [update/a] } }\njobs:\n  a: { steps: [{ run: 'echo ${{ github.event.workflow_run.head_branch }}' }] }\n",
        ".github/workflows/b.yml":
          "on: push\njobs:\n  a: { steps: [{ run: 'echo ${{ github.event.head_commit.message }}' }] }\n",
      ]),
  ]
}
