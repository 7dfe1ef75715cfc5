public import GonogoCore

/// A test or a scan whose failure nobody notices.
public struct CheckCannotFail: AuditRule {
  public static let manual = RuleManual(
    id: "workflow-check-cannot-fail", severity: .high, family: "workflows",
    title: "A test or a security check cannot turn the workflow red",
    what: """
      Looks at steps that test or scan (by their programs, scripts and actions) for `continue-on-error: true` on the \
      step or its job, `|| true`, `|| exit 0` and `|| echo` behind the command, `set +e` before it where its status is \
      never asked for, `allow_failure: true` in GitLab, and Trivy's action without an exit code. Deployments, and the \
      health checks behind them, with `continue-on-error: true` are told as well. A report that goes to a file, and a \
      step whose outcome a later one asks for, pass.
      """,
    why: "the check is green whatever it finds, and so is the line of the checklist that counts on it",
    mend:
      "take `continue-on-error` or `|| true` away; what is known and accepted belongs in the tool's own list of exceptions",
    falsifies: "tests and security checks run in CI and stop a broken build",
    references: [
      "https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepscontinue-on-error"
    ])

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    deployments(context, &findings)
    var seen: Set<TreePlace> = []
    for workflow in context.facts(Workflows.self).all {
      guard let text = context.tree.text(workflow.file) else { continue }
      for job in workflow.jobs {
        let always = (job.node["continue-on-error"] ?? job.node["allow_failure"]).flatMap {
          $0.text == "true" ? $0 : nil
        }
        for check in job.checks() {
          let word = check.kind == .test ? "test" : "security check"
          func add(_ why: String, _ place: TreePlace) {
            guard seen.insert(place).inserted else { return }
            findings.add(
              "the \(word) '\(check.what)' cannot fail: \(why)", at: place, subject: "\(job.id) \(check.what)")
          }
          // What it means to say goes on all the same: an experiment of a matrix, a report.
          if let always {
            add(
              "its job '\(job.id)' has '\(workflow.system == .github ? "continue-on-error" : "allow_failure"): true'",
              TreePlace(workflow.file.path, always.range.start))
            continue
          }
          if let node = check.step.continuesOnError,
            !(check.step.id.map { text.contains("steps.\($0).outcome") || text.contains("steps.\($0).conclusion") }
              ?? false)
          {
            // Of a report's step nobody expects that it fails.
            if check.command?.redirected == true { continue }
            add("its step has 'continue-on-error: true'", TreePlace(check.step.file.path, node.range.start))
            continue
          }
          // The same check once more, for its report's sake.
          let again = job.checks().contains {
            $0.what == check.what && $0.place != check.place && $0.step.continuesOnError == nil && $0.command != nil
              && $0.command?.redirected != true && Self.swallowed($0) == nil
          }
          if !again, let why = Self.swallowed(check) { add(why, check.place) }
          if check.what == "aquasecurity/trivy-action", check.step.with("exit-code").map({ $0 == "0" }) ?? true,
            !job.steps.contains(where: { $0.action == "github/codeql-action/upload-sarif" })
          {
            add("its exit code is 0 whatever it finds", check.place)
          }
        }
      }
    }
  }

  /// Deployments, and what asks whether they went well, that go on whatever happens.
  private func deployments(_ context: AuditContext, _ findings: inout Findings) {
    var seen: Set<TreePlace> = []
    for deployment in context.facts(Deployments.self) where deployment.stage != .preview {
      let (job, step) = (deployment.job, deployment.step)
      guard let text = context.tree.text(step.file) else { continue }
      func asked(_ step: WorkflowStep) -> Bool {
        step.id.map { text.contains("steps.\($0).outcome") || text.contains("steps.\($0).conclusion") } ?? false
      }
      if let node = step.continuesOnError, !asked(step), seen.insert(step.place(node.range.start)).inserted {
        findings.add(
          "the deployment '\(deployment.what)' cannot fail: its step has 'continue-on-error: true'",
          at: step.place(node.range.start), subject: "\(job.id) \(deployment.what)")
      }
      for later in job.steps where later.index > step.index {
        let name = (later.name ?? "").lowercased()
        guard ["health", "smoke", "verify"].contains(where: name.contains), let node = later.continuesOnError,
          !asked(later),
          seen.insert(later.place(node.range.start)).inserted
        else { continue }
        findings.add(
          "the check after the deployment, '\(later.name ?? "")', cannot fail: its step has 'continue-on-error: true'",
          at: later.place(node.range.start), subject: "\(job.id) \(later.name ?? "")")
      }
    }
  }

  /// How the script takes a command's failure away.
  private static func swallowed(_ check: WorkflowCheck) -> String? {
    guard let command = check.command, let index = check.index, !command.redirected else { return nil }
    let commands = check.step.script.commands
    if command.end == "||", let next = check.step.script.following(index) {
      let harmless =
        next.program == "true" || next.program == ":" || next.words == ["exit", "0"]
        || next.program == "echo" && (next.end == "\n" || next.end == ";") && !Self.failsLater(commands[(index + 2)...])
      if harmless {
        return "'|| \(next.words.prefix(next.program == "echo" ? 1 : 2).joined(separator: " "))' stands behind it"
      }
    }
    let before = commands[..<index]
    guard let off = before.lastIndex(where: { $0.words == ["set", "+e"] }),
      !before[off...].contains(where: {
        $0.words.first == "set" && $0.words.dropFirst().first?.hasPrefix("-e") ?? false
      })
    else { return nil }
    // With the last command's status the script ends, `set +e` or not.
    if index == commands.count - 1 { return nil }
    let asked = commands[(index + 1)...].contains { later in
      later.words.contains { $0.contains("$?") || $0.contains("PIPESTATUS") }
        || later.program == "exit" && later.words != ["exit", "0"]
    }
    return asked || check.step.script.keepsStatus ? nil : "'set +e' stands before it"
  }

  /// Whether a script ends badly somewhere behind.
  private static func failsLater(_ commands: ArraySlice<ShellScript.Command>) -> Bool {
    commands.contains { $0.program == "exit" && $0.words != ["exit", "0"] || $0.program == "false" }
  }

  public static let samples: [RuleSample] = [
    .finds(
      ".github/workflows/ci.yml:6:14", ".github/workflows/ci.yml:8:28", ".github/workflows/ci.yml:11:11",
      ".github/workflows/ci.yml:14:24", ".github/workflows/ci.yml:18:9",
      in: [
        ".github/workflows/ci.yml": """
        on: push
        jobs:
          a:
            steps:
              - uses: actions/checkout@v4
              - run: npm test || true
              - run: npm audit --audit-level=high
                continue-on-error: true
              - run: |
                  set +e
                  pytest -q
                  echo done
          b:
            continue-on-error: true
            steps: [{ run: go test ./... }]
          c:
            steps:
              - uses: aquasecurity/trivy-action@0.28.0
                with: { format: table }
        """
      ], "each way"),
    .finds(
      ".github/workflows/cd.yml:6:28", ".github/workflows/cd.yml:9:28",
      in: [
        ".github/workflows/cd.yml": """
        on: push
        jobs:
          live:
            steps:
              - run: flyctl deploy
                continue-on-error: true
              - name: Health check
                run: curl -f "$URL/health"
                continue-on-error: true
        """
      ], "a deployment and the check after it"),
    .silent(
      "a report, an outcome that is asked for, a status that is kept, other steps",
      [
        ".github/workflows/ci.yml": """
        on: push
        jobs:
          a:
            steps:
              - run: npm audit --json > audit.json || true
              - run: |
                  bandit -r src -f json -o report.json || true
                  bandit -r src
              - id: unit
                run: npm test
                continue-on-error: true
              - if: steps.unit.outcome == 'failure'
                run: exit 1
              - run: |
                  set +e
                  pytest -q
                  status=$?
                  exit $status
              - run: curl -f http://localhost || true
              - run: npm run test:report || true
              - run: pytest -q || { echo failed; exit 1; }
              - run: npm test
                continue-on-error: ${{ matrix.experimental }}
              - run: pip install pytest || true
              - uses: aquasecurity/trivy-action@0.28.0
                with: { format: sarif }
              - uses: github/codeql-action/upload-sarif@v3
        """
      ]),
  ]
}
