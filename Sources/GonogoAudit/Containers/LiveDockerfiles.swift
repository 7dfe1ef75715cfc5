import GonogoCore

/// The Dockerfiles of which the tree shows that what they make goes live: those that a Compose project which surely goes live builds, a workflow,
/// or a platform by its configuration. What a script builds may be for a test.
struct LiveDockerfiles: Sendable {
  let paths: Set<String>
  /// Whether a workflow puts a Dockerfile's name together: it may be any.
  let isAny: Bool

  func shows(_ file: TreeFile) -> Bool { isAny || paths.contains(file.path) }
}

enum LiveDockerfilesCollector: Collector {
  static func collect(in context: AuditContext) -> LiveDockerfiles {
    var paths = Set(
      context.deployedServices().filter { context.precision(of: $0.project) == .high }.compactMap {
        $0.service.dockerfile(in: context.tree)?.path
      })
    var isAny = false
    /// - Parameters:
    ///   - folder: what is sent to the builder; a name without a folder is looked for in it and at the root.
    func take(_ name: String?, _ folder: String?) {
      let folder = folder ?? "."
      let name = name ?? TreePaths.join(folder, "Dockerfile") ?? "Dockerfile"
      if name.contains("$") || folder.contains("$") && !folder.contains("github.workspace") {
        isAny = true
        return
      }
      for base in ["", folder] { TreePaths.join(base, name).map { _ = paths.insert($0) } }
    }
    func take(_ command: ShellScript.Command, in folder: String) {
      guard ["docker", "podman", "buildah"].contains(command.program), command.arguments.contains("build"),
        let root = command.words.last
      else { return }
      let sent = root.hasPrefix("-") ? "." : root
      take(command.value(of: "-f") ?? command.value(of: "--file"), TreePaths.join(folder, sent) ?? sent)
    }
    let set = context.facts(Workflows.self)
    for workflow in set.all {
      for job in workflow.jobs where !set.isForPullRequests(job, of: workflow) {
        for step in job.steps {
          if step.action == "docker/build-push-action" { take(step.with("file"), step.with("context")) }
          for command in step.script.commands { take(command, in: step.workingDirectory ?? "") }
        }
      }
    }
    paths.formUnion(ofPlatforms(context))
    return LiveDockerfiles(paths: paths, isAny: isAny)
  }

  private static let platforms = [
    "fly.toml", "railway.json", "railway.toml", "render.yaml", "koyeb.yaml", "heroku.yml", "captain-definition",
    "app.yaml", "northflank.json",
  ]

  /// The Dockerfiles that a platform's configuration names; where it names none, the one beside it.
  private static func ofPlatforms(_ context: AuditContext) -> Set<String> {
    var result: Set<String> = []
    for file in platforms.flatMap({ context.tree.files(named: $0) }) {
      guard DeploymentPurpose.of(path: file.path) != .development, let text = context.tree.text(file) else { continue }
      let words = String(decoding: text.bytes, as: UTF8.self).split { " \t\n\r\"'=:,[]{}".contains($0) }
      let named = words.filter { $0.lowercased().contains("dockerfile") && ($0.contains("/") || $0.contains("ile.")) }
      let names = named.isEmpty ? ["Dockerfile"] : named.map(String.init)
      for name in names {
        for base in ["", String(file.directory)] { TreePaths.join(base, name).map { _ = result.insert($0) } }
      }
    }
    return result
  }
}

/// How sure it is that something goes live: sure where the tree shows what runs, delivers or builds it.
extension AuditContext {
  /// Sure where the file's own name says that it goes live, or where a workflow or a script that deploys runs it. A folder's name, a document, an
  /// image that the tree's own workflow publishes, and what a server has are there for trying a product out as well.
  func precision(of project: ComposeProject) -> FindingPrecision {
    switch project.evidence {
    case .run: return .high
    case .named:
      let isItsOwn = project.files.contains { DeploymentPurpose.of(path: String($0.name)) == .production }
      return isItsOwn ? .high : .medium
    default: return .medium
    }
  }

  func precision(of file: TreeFile) -> FindingPrecision {
    facts(DeliveredManifestsCollector.self).shows(file) ? .high : .medium
  }

  func precision(of container: DeployedContainer) -> FindingPrecision {
    switch container.source {
    case .compose(_, let project): precision(of: project)
    case .kubernetes(_, let workload): precision(of: workload.file)
    }
  }

  func precision(of dockerfile: Dockerfile) -> FindingPrecision {
    facts(LiveDockerfilesCollector.self).shows(dockerfile.file) ? .high : .medium
  }
}
