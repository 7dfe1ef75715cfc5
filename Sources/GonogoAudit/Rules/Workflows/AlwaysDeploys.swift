public import GonogoCore

/// A deployment that goes on when what it needs has failed.
public struct AlwaysDeploys: AuditRule {
  public static let manual = RuleManual(
    id: "workflow-always-deploys", severity: .high, family: "workflows",
    title: "A deployment runs even where what it needs has failed",
    what: """
      Looks at deploying jobs with `needs`, and at deploying steps, whose `if` has `always()`, `!cancelled()` or \
      `failure()` and asks for no job's result. One that does (`needs.test.result == 'success'`, `steps.x.outcome`), \
      or a job or a step that by its name rolls back, cleans up, reports or tells people, passes.
      """,
    why: "`always()` takes the check of `needs` away: the tests fail, and the deployment goes on",
    mend: "take `always()` away, or add `needs.<job>.result == 'success'` for each job that must have passed",
    falsifies: "nothing is deployed before the tests have passed",
    references: ["https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#always"])

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    var seen: Set<TreePlace> = []
    for deployment in context.facts(Deployments.self) {
      let (job, step) = (deployment.job, deployment.step)
      // What tidies up, tells people or puts the old version back is meant to run after a failure.
      if Self.isAftermath(job.name) || Self.isAftermath(job.id) { continue }
      if !job.needs.isEmpty, let condition = job.condition, Self.ignoresFailure(condition.text ?? "") {
        let place = deployment.workflow.place(of: condition)
        guard seen.insert(place).inserted else { continue }
        findings.add(
          "the job '\(job.id)' deploys to \(deployment.platform) even where '\(job.needs.joined(separator: "', '"))' failed",
          at: place, subject: job.id, related: [.init(deployment.place, "it deploys here")])
      } else if let condition = step.node["if"], Self.ignoresFailure(condition.text ?? ""), step.index > 0,
        !Self.isAftermath(step.name)
      {
        let place = step.place(condition.range.start)
        guard seen.insert(place).inserted else { continue }
        findings.add(
          "the step deploys to \(deployment.platform) even where a step before it failed", at: place,
          subject: "\(job.id) \(deployment.what)")
      }
    }
  }

  private static func ignoresFailure(_ condition: String) -> Bool {
    let text = condition.filter { $0 != " " }
    guard text.contains("always()") || text.contains("!cancelled()") || text.contains("success()||failure()") else {
      return false
    }
    return !text.contains(".result") && !text.contains(".outcome") && !text.contains(".conclusion")
      && !text.contains("!failure()") && !text.contains("outputs.")
  }

  private static func isAftermath(_ name: String?) -> Bool {
    let words = (name ?? "").lowercased().split { !$0.isLetter }
    return words.contains { word in
      ["roll", "revert", "clean", "destroy", "notif", "teardown", "report", "status", "summar", "announce"].contains {
        word.hasPrefix($0)
      } && word != "rollout"
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      ".github/workflows/a.yml:6:9", ".github/workflows/a.yml:13:13",
      in: [
        ".github/workflows/a.yml": """
        on: push
        jobs:
          test: { steps: [{ run: npm test }] }
          live:
            needs: test
            if: always() && github.ref == 'refs/heads/main'
            environment: production
            steps: [{ run: flyctl deploy }]
          own:
            environment: production
            steps:
              - run: npm test
              - if: ${{ !cancelled() }}
                run: vercel deploy --prod
        """
      ], "a job and a step"),
    .silent(
      "a result that is asked for, a report, a rollback",
      [
        ".github/workflows/a.yml": """
        on: push
        jobs:
          test: { steps: [{ run: npm test }] }
          live:
            needs: test
            if: always() && needs.test.result == 'success'
            steps: [{ run: flyctl deploy }]
          say: { needs: test, if: always(), steps: [{ run: echo done }] }
          own:
            steps:
              - run: flyctl deploy
              - { name: Roll back, if: "always()", run: flyctl deploy --image old }
              - { if: always(), run: echo done }
              - if: always()
                name: After the deployment
                uses: appleboy/ssh-action@v1
                with: { script: "cd /srv && docker compose ps; docker compose logs --tail 20; curl -f localhost" }
          tidy: { needs: test, if: always(), name: Clean up previews, steps: [{ run: flyctl deploy --image none }] }
        """
      ]),
  ]
}
