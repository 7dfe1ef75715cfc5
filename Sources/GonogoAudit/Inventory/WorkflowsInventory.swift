public import GonogoCore

/// The workflows: what starts them, what they run, what they deploy.
public enum WorkflowsInventory: InventoryPart {
  public static func entry(in context: AuditContext) -> InventoryEntry? {
    let workflows = context.facts(Workflows.self).all
    let others = context.tree.files.filter(isOther).map(\.path)
    if workflows.isEmpty, others.isEmpty { return nil }
    let deployments = context.facts(Deployments.self)
    func targets(_ workflow: Workflow) -> [String] {
      Set(deployments.filter { $0.workflow.file == workflow.file }.map(\.platform)).sorted()
    }
    let summary = workflows.map { workflow -> String in
      let deploys = targets(workflow)
      return "\(workflow.file.name)" + (deploys.isEmpty ? "" : " (deploys to \(deploys.joined(separator: ", ")))")
    }
    return InventoryEntry(
      "workflows", count: workflows.count,
      summary: summary.prefix(12).joined(separator: ", ")
        + (summary.count > 12 ? " and \(summary.count - 12) more" : "")
        + (others.isEmpty ? "" : (summary.isEmpty ? "" : "; ") + "not read: " + Fold.list(others, 4)),
      json: .array(
        workflows.map { workflow in
          [
            "path": .string(workflow.file.path), "name": .string(workflow.title),
            "triggers": .array(workflow.triggers.keys.sorted().map { .string($0) }),
            "jobs": .array(
              workflow.jobs.map { job in
                let own = deployments.filter { $0.workflow.file == workflow.file && $0.job.id == job.id }
                return [
                  "id": .string(job.id), "line": JSON(job.place.line), "needs": .array(job.needs.map { .string($0) }),
                  "environment": job.environment.map { JSON.string($0) } ?? JSON.null,
                  "deploys": .array(
                    own.map {
                      [
                        "platform": .string($0.platform), "command": .string($0.what),
                        "stage": .string($0.stage.rawValue),
                        "path": .string($0.place.path), "line": JSON($0.place.line),
                      ]
                    }),
                ]
              }),
          ]
        }))
  }

  /// A pipeline of a system whose files no rule reads; that it is there is told all the same.
  private static func isOther(_ file: TreeFile) -> Bool {
    let names: Set<String> = [
      ".travis.yml", ".drone.yml", ".woodpecker.yml", ".woodpecker.yaml", "Jenkinsfile", "azure-pipelines.yml",
      "bitbucket-pipelines.yml", ".cirrus.yml", "buildspec.yml", "cloudbuild.yaml", "appveyor.yml", ".appveyor.yml",
      ".semaphore/semaphore.yml", ".buildkite/pipeline.yml", ".buildkite/pipeline.yaml", ".buildkite/pipeline.sh",
      ".circleci/config.yml",
    ]
    return names.contains(file.path)
      || [".woodpecker", ".forgejo/workflows", ".gitea/workflows"].contains(file.directory) && file.language == .yaml
  }
}
