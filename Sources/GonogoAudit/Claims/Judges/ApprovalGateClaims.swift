import GonogoCore

/// "Deployments wait for an approval".
enum ApprovalGateClaims: ClaimJudge {
  static let manual = ClaimManual(
    id: "approval-gates", title: "Deployments to production wait for an approval",
    what: """
      False where a job that a push starts deploys to production and names no environment, in any workflow: a gate beside which \
      another way stands open holds nobody. Where every such job names one, who must approve is set at the host and not in the \
      tree: unproven.
      """, rules: ["workflow-ungated-deploy", "workflow-ungated-twin"])

  static let vocabulary = ClaimVocabulary(
    "approval* gate* gated manual deploy* environment protection production need* require* wait* ci cd ручное подтверждение"
  )

  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict? {
    guard
      line.says(
        "approval gate", "approval", "environment protection", "manual approval", "deployment gate",
        "ручное подтверждение", "gated"),
      !line.isDenial
    else { return nil }
    // The files that the line names do not narrow it: another workflow may reach the same target.
    let found = scene.contradicting(manual.rules)
    if !found.isEmpty { return .falsely(found) }
    let deploys = scene.context.facts(WorkflowJobTexts.self).compactMap { job in
      WorkflowJobTexts.deploys(job).map { (job, $0) }
    }
    let open = deploys.filter { $0.0.environment == nil }
    if !open.isEmpty {
      return .falsely(
        open.map {
          .init("the job '\($0.0.id)' deploys to production (`\($0.1.text)`) and names no environment", at: $0.0.place)
        })
    }
    guard let first = deploys.first else { return .unproven("no job that deploys to production was found") }
    return .unproven(
      "the job '\(first.0.id)' names an environment; whether it must be approved is set at the host",
      at: first.0.environment.map { TreePlace(first.0.file.path, $0.range.start) })
  }

  private static func workflow(_ environment: String) -> String {
    "on: { push: { branches: [main] } }\njobs:\n  ship:\n\(environment)    steps:\n      - run: vercel deploy --prod\n"
  }
  static let samples: [ClaimSample] = [
    .judges(
      .false, "- [x] Approval gates added",
      in: [
        ".github/workflows/a.yml": workflow("    environment: production\n"), ".github/workflows/b.yml": workflow(""),
      ], "another way stands open"),
    .judges(
      .unproven, "- [x] Approval gates", in: [".github/workflows/a.yml": workflow("    environment: production\n")],
      "who approves is not seen"),
    .judges(
      .unproven, "- [x] Approval gates",
      in: [
        ".github/workflows/a.yml":
          "on: pull_request\njobs:\n  preview:\n    steps:\n      - run: vercel deploy --prebuilt\n"
      ], "a preview"),
  ]
}
