public import GonogoCore

/// A deployment that no person and no rule has to let pass.
public struct UngatedDeploy: AuditRule {
  public static let manual = RuleManual(
    id: "workflow-ungated-deploy", severity: .high, family: "workflows",
    title: "A push deploys with no environment that could hold it back",
    what: """
      Looks at the jobs of GitHub's workflows, and of GitLab's pipeline, that deploy (the commands and actions of the \
      usual platforms, and scripts named 'deploy'), and that a push to a branch, a schedule or another workflow \
      starts. They need an `environment`, whose protection rules hold them back; in GitLab `when: manual`. Previews, \
      staging, and what a person starts by hand, by a tag or by a release pass.
      """,
    why: "whatever is pushed is live minutes later, and whoever can push can deploy",
    mend: "add `environment: production` to the job, and give the environment required reviewers",
    falsifies: "deployments to production need an approval",
    wordings: ["production deployments need approval", "deploys to production need an approval"],
    references: ["https://docs.github.com/en/actions/concepts/workflows-and-actions/deployment-environments"])

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    let set = context.facts(Workflows.self)
    var seen: Set<String> = []
    for deployment in context.facts(Deployments.self) {
      let (workflow, job) = (deployment.workflow, deployment.job)
      guard deployment.isUngated(set), seen.insert("\(workflow.file.path) \(job.id)").inserted else { continue }
      let gate = workflow.system == .github ? "in no environment" : "by itself"
      let start = Self.list(set.automatic(workflow))
      findings.add(
        "the job '\(job.id)' deploys to \(deployment.platform) (\(deployment.what)) on \(start), \(gate)",
        at: job.place, subject: job.id, related: [.init(deployment.place, "it deploys here")])
    }
  }

  private static func list(_ triggers: [String]) -> String {
    triggers.map { ["push": "a push", "schedule": "a schedule", "workflow_run": "another workflow's run"][$0] ?? $0 }
      .joined(separator: " and ")
  }

  public static let samples: [RuleSample] = [
    .finds(
      ".github/workflows/deploy.yml:4:3", ".gitlab-ci.yml:2:1", ".github/workflows/ship.yaml:4:3",
      in: [
        ".github/workflows/deploy.yml": """
        on:
          push: { branches: [main] }
        jobs:
          ship:
            runs-on: ubuntu-latest
            steps:
              - uses: actions/checkout@v4
              - run: |
                  if [ -n "$TOKEN" ]; then
                    npx vercel deploy --prebuilt \\
                      --prod
                  fi
        """,
        ".github/workflows/release.yml": """
        on: [push, workflow_dispatch]
        jobs:
          call:
            uses: ./.github/workflows/ship.yaml
        """,
        ".github/workflows/ship.yaml": """
        on:
          workflow_call:
        jobs:
          ship:
            steps:
              - uses: ./.github/actions/ship
        """,
        ".github/actions/ship/action.yml": """
        runs:
          using: composite
          steps:
            - run: URL=$(flyctl deploy --app api)
              shell: bash
        """,
        ".gitlab-ci.yml": "stages: [test, deploy]\nlive:\n  stage: deploy\n  script:\n    - kubectl apply -f k8s/\n",
      ], "a command over two lines, one in a called workflow's action, GitLab"),
    .silent(
      "an environment, a person, a preview, a printed command, a build",
      [
        ".github/workflows/a.yml": """
        on: { push: { branches: [main] } }
        jobs:
          gated: { environment: production, steps: [{ run: flyctl deploy }] }
          preview: { steps: [{ run: vercel deploy --prebuilt }] }
          talk:
            steps:
              - run: |
                  echo "run: kubectl apply -f k8s; flyctl deploy"
                  # flyctl deploy
                  cat <<'TEXT'
                  flyctl deploy
                  TEXT
                  vercel build --prod
                  terraform plan
                  kubectl apply --dry-run=client -f k8s
          cluster: { steps: [{ uses: helm/kind-action@v1 }, { run: helm upgrade --install api ./charts/api }] }
        """,
        ".github/workflows/b.yml": "on: workflow_dispatch\njobs:\n  live: { steps: [{ run: flyctl deploy }] }\n",
        ".github/workflows/c.yml":
          "on: { push: { tags: ['v*'] } }\njobs:\n  live: { steps: [{ run: flyctl deploy }] }\n",
        ".gitlab-ci.yml": "live:\n  stage: deploy\n  when: manual\n  script: flyctl deploy\n",
      ]),
    .silent(
      "a job for tags, one behind a gated job",
      [
        ".gitlab-ci.yml":
          "live:\n  stage: deploy\n  rules:\n    - if: $STAGE == \"live\" && $CI_COMMIT_TAG != null\n  script: flyctl deploy\n",
        ".github/workflows/a.yml": """
        on: { push: { branches: [main], tags: ['v*'] } }
        jobs:
          build: { environment: production, steps: [{ run: docker push acme/api }] }
          live: { needs: build, steps: [{ uses: digitalocean/app_action@v1 }] }
          tagged: { if: "startsWith(github.ref, 'refs/tags/')", steps: [{ run: flyctl deploy }] }
        """,
      ]),
    .finds(
      ".gitlab-ci.yml:1:1", ".github/workflows/a.yml:3:3",
      in: [
        ".gitlab-ci.yml":
          "live:\n  stage: deploy\n  rules:\n    - if: $CI_COMMIT_TAG\n    - if: $CI_COMMIT_BRANCH == \"main\"\n  script: flyctl deploy\n",
        ".github/workflows/a.yml": """
        on: { push: { branches: [main], tags: ['v*'] } }
        jobs:
          live: { if: "!startsWith(github.ref, 'refs/tags/')", steps: [{ uses: digitalocean/app_action@v1 }] }
        """,
      ], "for tags, and for a branch as well"),
  ]
}

extension Deployment {
  /// Whether it goes live by itself, and nothing could hold it back.
  func isUngated(_ set: WorkflowSet) -> Bool {
    job.environment == nil && !workflow.needed(by: job).contains { $0.environment != nil } && stage != .preview
      && stage != .staging && !job.isForTags && !set.automatic(workflow).isEmpty
  }
}

extension WorkflowSet {
  /// What starts a workflow without a person who means to deploy.
  func automatic(_ workflow: Workflow) -> [String] {
    triggers(of: workflow).filter { ["push", "schedule", "workflow_run", "repository_dispatch"].contains($0) }.sorted()
  }
}
