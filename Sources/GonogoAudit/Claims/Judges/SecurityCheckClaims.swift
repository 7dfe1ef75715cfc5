import GonogoCore

/// "Security checks block".
enum SecurityCheckClaims: ClaimJudge {
  static let manual = ClaimManual(
    id: "security-checks-block", title: "Security checks can stop a deployment",
    what: """
      False where a security check of a workflow cannot fail. True where the workflow named for it has checks that can. Without \
      such a name "blocking" means that a deployment waits for them, which only `needs`, or a rule of the host, makes so: \
      unproven where no job that deploys needs them.
      """, rules: ["workflow-check-cannot-fail"])

  static let vocabulary = ClaimVocabulary(
    "security check* scan* blocking block* ci cd pipeline merge* fail* non audit* провер* безопасност* блокир*",
    scope: .parts)

  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict? {
    guard
      line.says(
        "security check", "security scan", "security audit", "проверки безопасности", "blocking security", "npm audit"),
      line.says("block", "блокир", "required", "fail", "обязат", "исправ")
    else { return nil }
    let found = scene.contradicting(manual.rules, in: line).filter {
      $0.message.lowercased().contains("security") || $0.message.contains("audit")
    }
    if !found.isEmpty { return .falsely(found) }
    let scope = scene.scope(of: line)
    var checks: [(job: WorkflowJobText, place: TreePlace)] = []
    for job in scene.context.facts(WorkflowJobTexts.self) where scope.contains(job.file.path) {
      for step in job.node["steps"]?.elements ?? [] {
        let text = step["run"]?.text ?? ""
        let action = (step["uses"]?.text ?? "").lowercased()
        let isCheck =
          [
            "npm audit", "pnpm audit", "yarn audit", "pip-audit", "trivy ", "semgrep", "bandit", "gitleaks",
            "snyk test", "govulncheck",
          ]
          .contains { text.contains($0) }
          || ["trivy-action", "codeql-action/analyze", "gitleaks-action", "dependency-review-action", "snyk/actions"]
            .contains { action.contains($0) }
        guard isCheck else { continue }
        let place = TreePlace(job.file.path, (step["run"] ?? step["uses"] ?? step).range.start)
        let silenced =
          step["continue-on-error"]?.text == "true" || job.node["continue-on-error"]?.text == "true"
          || text.split(whereSeparator: \.isNewline).contains { line in
            ["audit", "trivy", "semgrep", "bandit", "gitleaks", "snyk"].contains { line.contains($0) }
              && ["|| true", "|| echo", "|| exit 0"].contains { line.contains($0) }
          }
        if silenced { return .falsely("this security check cannot fail", at: place) }
        checks.append((job, place))
      }
    }
    guard let first = checks.first else { return .unproven("no security check was found in the workflows") }
    if !scope.isWhole {
      return .truly(
        "the check fails its workflow here; whether a deployment waits for it was not judged", at: first.place)
    }
    let jobs = scene.context.facts(WorkflowJobTexts.self)
    if let deploy = jobs.first(where: { job in
      WorkflowJobTexts.deploys(job) != nil
        && !checks.contains { $0.job.file == job.file && ($0.job.id == job.id || job.needs.contains($0.job.id)) }
    }) {
      return .unproven(
        "the check can fail, and the job '\(deploy.id)' deploys without waiting for it; only a rule of the host could hold that back",
        at: deploy.place)
    }
    return .truly("the check can fail here", at: first.place)
  }

  private static func workflow(_ tail: String) -> String {
    "on: push\njobs:\n  security:\n    steps:\n      - run: npm audit --audit-level=high\(tail)\n"
  }
  static let samples: [ClaimSample] = [
    .judges(.true, "- [x] Security checks blocking", in: [".github/workflows/a.yml": workflow("")], "it can fail"),
    .judges(
      .false, "- [x] Security checks blocking", in: [".github/workflows/a.yml": workflow(" || true")], "it cannot"),
    .judges(
      .unproven, "- [x] Security checks blocking",
      in: [
        ".github/workflows/a.yml": workflow(""),
        ".github/workflows/b.yml": "on: push\njobs:\n  ship:\n    steps:\n      - run: fly deploy\n",
      ], "nothing waits for it"),
  ]
}
