import GonogoCore

extension WorkflowJob {
  /// What makes a job one that somebody waits for on the day of going live; `nil` for checks and housekeeping, which hold nobody up but
  /// themselves.
  var releaseWork: String? {
    if environment != nil, !isAftermath, !isCalledCheck { return "deploys" }
    let labels = (node["runs-on"]?.texts ?? []) + (node["runs-on"]?["labels"]?.texts ?? [])
    // A runner of one's own runs one job at a time.
    if labels.contains("self-hosted") { return "runs on a runner of its own" }
    // A server of the job's own goes with the job, and so does what is migrated there.
    let isForItself = node["services"] != nil
    for step in steps {
      if let action = step.action, Self.isPublishing(action, step) { return "publishes" }
      if step.script.commands.contains(where: Self.isPublishing) { return "publishes" }
      if !isForItself, step.script.commands.contains(where: Self.isMigrating) { return "migrates" }
    }
    return nil
  }

  private static let publishers: Set<String> = [
    "pypa/gh-action-pypi-publish", "softprops/action-gh-release", "ncipollo/release-action", "changesets/action",
    "goreleaser/goreleaser-action", "actions/deploy-pages", "peaceiris/actions-gh-pages",
    "svenstaro/upload-release-action", "jamesives/github-pages-deploy-action", "js-devtools/npm-publish",
    "actions/create-release", "googleapis/release-please-action", "softprops/gh-release", "helm/chart-releaser-action",
    "cycjimmy/semantic-release-action", "elgohr/publish-docker-github-action",
  ]

  private static func isPublishing(_ action: String, _ step: WorkflowStep) -> Bool {
    if publishers.contains(action) { return true }
    guard action == "docker/build-push-action" || action == "docker/bake-action" else { return false }
    let outputs = step.with("outputs") ?? ""
    return step.with("push").map { $0 != "false" } ?? false || outputs.contains("push=true")
  }

  private static func isPublishing(_ command: ShellScript.Command) -> Bool {
    let first = command.arguments.first { !$0.hasPrefix("-") }
    switch command.program {
    case "npm", "pnpm", "yarn", "bun", "cargo", "lerna", "uv", "poetry", "hatch", "flit", "changeset", "mvn":
      return first == "publish" || first == "deploy" && command.program == "mvn"
    case "docker", "podman": return first == "push" || command.begins("manifest", "push") || command.has("--push")
    case "twine": return first == "upload"
    case "gem": return first == "push"
    case "gh": return command.begins("release", "create") || command.begins("release", "upload")
    case "goreleaser", "semantic-release": return true
    default: return false
    }
  }

  private static func isMigrating(_ command: ShellScript.Command) -> Bool {
    switch command.program {
    case "alembic": return command.begins("upgrade")
    case "prisma": return command.begins("migrate", "deploy")
    case "supabase": return command.begins("db", "push") && !command.has("--local")
    case "flyway", "dbmate", "goose": return command.begins("migrate") || command.begins("up")
    default: return false
    }
  }
}

extension Workflow {
  /// The jobs that a release waits for: those that deploy, publish or migrate, those that only a tag or a release starts or that are
  /// called so, those on runners of one's own, and all that these need.
  func releaseJobs(_ deployments: [Deployment], _ set: WorkflowSet) -> Set<String> {
    var result: Set<String> = []
    let triggers = set.triggers(of: self)
    let isRelease =
      triggers.contains { ["release", "tag"].contains($0) }
      && triggers.allSatisfy { ["release", "tag", "workflow_dispatch"].contains($0) }
    for job in jobs where !set.isForPullRequests(job, of: self) {
      let deploys = deployments.contains {
        $0.workflow.file == file && $0.job.id == job.id && $0.stage != .preview
      }
      if deploys, job.isAftermath, job.releaseWork == nil { continue }
      guard deploys || isRelease && !job.isAftermath || job.isForTags || job.isCalledRelease || job.releaseWork != nil
      else { continue }
      result.formUnion([job.id] + needed(by: job).map(\.id))
    }
    return result
  }

  /// Whether only branches of development start it: what it makes is for trying out.
  var isForDevelopment: Bool {
    guard triggers.keys.allSatisfy({ ["push", "workflow_dispatch", "pull_request"].contains($0) }),
      let push = triggers["push"] ?? nil, push["tags"] == nil, let branches = push["branches"]?.texts
    else { return false }
    return !branches.isEmpty
      && branches.allSatisfy { ["dev", "develop", "development", "test", "testing", "sandbox"].contains($0) }
  }
}

extension WorkflowJob {
  private static let aftermath: Set<String> = [
    "notify", "notification", "cleanup", "clean", "stale", "comment", "label", "close", "issue", "issues", "announce",
    "announcement", "tweet", "slack", "discord",
  ]

  /// What tells of something or clears it away may have an environment of its own, for its secrets, and deploys nothing.
  fileprivate var isAftermath: Bool {
    let words = id.lowercased().split { !$0.isLetter }
    return words.contains { Self.aftermath.contains(String($0)) }
  }

  /// A check may have an environment, too, for what it logs in with.
  fileprivate var isCalledCheck: Bool {
    let words = id.lowercased().split { !$0.isLetter && !$0.isNumber }
    return words.contains { ["test", "tests", "testing", "e2e", "smoke", "lint", "scan", "audit"].contains($0) }
      && !words.contains { ["deploy", "publish", "release"].contains($0) }
  }

  /// `deploy-eu`, `publish-and-tag`, `release`: what it does may stand in an action or a script that is not known here.
  fileprivate var isCalledRelease: Bool {
    let words = id.lowercased().split { !$0.isLetter }
    guard let first = words.first, ["deploy", "publish", "release"].contains(first) else { return false }
    return !words.contains { ["preview", "check", "test", "tests", "dry", "notes", "draft", "pr"].contains($0) }
  }
}
