import GonogoCore

/// What a job has in its hands: whether what happens in it can reach anything that goes live.
struct WorkflowReach {
  let set: WorkflowSet
  /// The jobs that cannot get through: a step works in a folder that the tree does not have any more.
  let dead: Set<String>
  let workflow: Workflow
  /// The jobs that a release waits for.
  let live: Set<String>
  /// What starts the workflow, through its callers as well.
  let triggers: Set<String>

  init(_ workflow: Workflow, _ context: AuditContext) {
    set = context.facts(Workflows.self)
    self.workflow = workflow
    dead = Set(workflow.jobs.filter { $0.isDead(in: context.tree) }.map(\.id))
    live = workflow.releaseJobs(context.facts(Deployments.self), set)
    triggers = set.triggers(of: workflow)
  }

  func goesLive(_ job: WorkflowJob) -> Bool { live.contains(job.id) && !dead.contains(job.id) }

  /// Whether a job holds a secret other than the workflow's own token.
  ///
  /// - Parameter reports: whether what a check sends its report with is one, too.
  func holdsSecrets(_ job: WorkflowJob, reports: Bool) -> Bool {
    if job.node["secrets"]?.text == "inherit" { return true }
    return [job.node, workflow.node["env"]].contains { node in
      node?.anyText { Self.namesSecret($0, reports: reports) } ?? false
    }
  }

  /// Whether the workflow's token stands in a script's reach: in the script, or in the environment that it sees.
  func passesToken(_ job: WorkflowJob) -> Bool {
    func names(_ node: Node?) -> Bool {
      node?.anyText { $0.contains("github.token") || $0.contains("secrets.GITHUB_TOKEN") } ?? false
    }
    let scripts = job.steps.filter { $0.node["run"] != nil }
    if scripts.isEmpty { return false }
    return names(workflow.node["env"]) || names(job.node["env"])
      || scripts.contains { names($0.node["run"]) || names($0.node["env"]) }
  }

  private func permissions(_ job: WorkflowJob) -> Node? { job.node["permissions"] ?? workflow.node["permissions"] }

  /// Whether the token may change what others get: the code, the packages, the pages, what a cloud lets the workflow be. Writing comments,
  /// labels and a scan's results does not.
  func mayChangeWhatGoesLive(_ job: WorkflowJob) -> Bool {
    guard let permissions = permissions(job) else { return false }
    if permissions.text == "write-all" { return true }
    let strong: Set<String> = ["contents", "packages", "pages", "deployments", "id-token", "attestations"]
    return (permissions.entries ?? []).contains { strong.contains($0.name) && $0.value.text == "write" }
  }

  /// Whether it is written what the token may do.
  func hasPermissions(_ job: WorkflowJob) -> Bool { permissions(job) != nil }

  /// Secrets of services that take what checks report: coverage, pictures, grades. Whoever has one can spoil a report, and nothing else.
  private static func isReports(_ name: String) -> Bool {
    [
      "CODECOV", "COVERALLS", "CODACY", "CODECLIMATE", "CC_TEST_REPORTER", "CHROMATIC", "PERCY", "ARGOS_TOKEN", "SONAR",
      "DEEPSOURCE", "LHCI_", "QLTY_", "CODSPEED",
    ].contains { name.contains($0) }
  }

  /// `secrets.X`, `secrets['X']`, all of them at once; the workflow's own token is asked for elsewhere.
  private static func namesSecret(_ text: String, reports: Bool) -> Bool {
    if text.contains("toJSON(secrets)") || text.contains("secrets[") { return true }
    return text.split(separator: "secrets.", omittingEmptySubsequences: false).dropFirst().contains { rest in
      let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
      return !name.isEmpty && name.uppercased() != "GITHUB_TOKEN" && (reports || !isReports(name.uppercased()))
    }
  }
}

extension WorkflowSet {
  /// Whether nothing but pull requests (or the queue in which they wait) run a job: nothing that goes live comes of it.
  func isForPullRequests(_ job: WorkflowJob, of workflow: Workflow) -> Bool {
    let pulls: Set<String> = ["pull_request", "merge_group"]
    let triggers = triggers(of: workflow)
    if !triggers.isEmpty, triggers.allSatisfy(pulls.contains) { return true }
    let condition = (job.condition?.text ?? "").filter { !" \"'${}".contains($0) }
    if condition.contains("||") { return false }
    // `if: github.event.pull_request` asks whether there is one; with `pull_request_target` there is one as well.
    let asks = condition == "github.event.pull_request" || condition.hasPrefix("github.event.pull_request&&")
    return asks && !triggers.contains("pull_request_target")
      || condition.contains("github.event_name==pull_request") && !condition.contains("pull_request_target")
  }
}

extension Workflow {
  /// Whether a job asks for a branch on which one that it needs does not run: it is skipped on every branch.
  func neverRuns(_ job: WorkflowJob) -> Bool {
    guard let own = job.onlyBranch else { return false }
    return needed(by: job).contains { needed in needed.onlyBranch.map { $0 != own } ?? false }
  }
}

extension WorkflowJob {
  /// The branch of `github.ref == 'refs/heads/X'`, where its condition holds on that alone.
  fileprivate var onlyBranch: Substring? {
    guard let text = condition?.text, !text.contains("||"), !text.contains("always()"), !text.contains("cancelled()"),
      !text.contains("failure()")
    else { return nil }
    let plain = text.filter { !" \"'${}()".contains($0) }
    for part in plain.split(separator: "&&") {
      for name in ["github.ref==refs/heads/", "github.ref_name=="] where part.hasPrefix(name) {
        return part.dropFirst(name.count)
      }
    }
    return nil
  }
}

extension WorkflowStep {
  /// Whether the action is neither GitHub's nor the repository's own.
  var isOthersAction: Bool {
    guard let uses, !uses.hasPrefix("./"), !uses.hasPrefix("../") else { return false }
    return !uses.hasPrefix("actions/") && !uses.hasPrefix("github/")
  }
}

extension Node {
  /// Whether any text in it is what is looked for; keys are not asked.
  func anyText(_ test: (String) -> Bool) -> Bool {
    switch content {
    case .scalar(let scalar): test(scalar.text)
    case .sequence(let elements): elements.contains { $0.anyText(test) }
    case .mapping(let entries): entries.contains { $0.value.anyText(test) }
    }
  }
}

extension WorkflowJob {
  /// Whether a step builds from a folder, or works in one, of which the tree has no file and which nothing before it may have made.
  fileprivate func isDead(in tree: SourceTree) -> Bool {
    let fetches = steps.contains { step in
      step.action == "actions/checkout"
        && ["path", "repository", "ref", "submodules"].contains { step.with($0) != nil }
        || step.action.map { $0.contains("artifact") || $0.contains("cache") } ?? false
        || step.script.commands.contains { ["git", "curl", "wget", "tar", "unzip", "gh"].contains($0.program) }
    }
    if fetches || !steps.contains(where: { $0.action == "actions/checkout" }) { return false }
    return steps.contains { step in
      let named = step.action == "docker/build-push-action" ? step.with("context") : step.workingDirectory
      guard let named, !named.contains("$"), !named.contains(":"), let folder = TreePaths.join("", named),
        !folder.isEmpty,
        !tree.files.contains(where: { $0.path.hasPrefix(folder + "/") })
      else { return false }
      let name = folder.split(separator: "/").last.map(String.init) ?? folder
      return !steps.contains {
        $0.index < step.index
          && ($0.node["run"]?.text?.contains(name)
            ?? ($0.action != "actions/checkout" && $0.uses?.hasPrefix("./") ?? false))
      }
    }
  }

  /// Whether a step from the given one on runs what the tree or its packages say: an install, a build, a test, a script of the repository,
  /// an action of its own. What a step before has downloaded under that name is not the tree's.
  func runsTree(after index: Int = -1) -> Bool {
    let later = steps.filter { $0.index > index }
    let downloaded = Set(
      steps.flatMap(\.script.commands).filter { ["curl", "wget"].contains($0.program) }
        .flatMap { $0.words.compactMap { $0.split(separator: "/").last.map(String.init) } })
    return later.contains { step in
      if step.uses?.hasPrefix("./") ?? false { return true }
      return step.script.commands.contains { command in
        guard let word = command.words.first else { return false }
        if command.has("--version") || command.has("--help") { return false }
        func isTrees(_ file: String) -> Bool {
          let name = file.split(separator: "/").last.map(String.init) ?? file
          return !file.hasPrefix("-") && !file.hasPrefix("/") && !file.hasPrefix("~") && !file.contains("$")
            && !downloaded.contains(name)
        }
        if Self.builders.contains(command.program) { return true }
        if Self.interpreters.contains(command.program) {
          return command.arguments.first { !$0.hasPrefix("-") }.map { isTrees($0) && !command.has("-c") } ?? false
        }
        if word.hasPrefix("/") { return false }
        return word.contains("/") && isTrees(word)
      } || checks().contains { $0.step.index == step.index && $0.command != nil }
    }
  }

  /// Programs whose work is written in the tree: scripts of a manifest, plug-ins of a configuration, hooks of an install.
  private static let builders: Set<String> = [
    "npm", "pnpm", "yarn", "bun", "npx", "turbo", "nx", "lerna", "vite", "webpack", "tsc", "eslint", "next", "vercel",
    "netlify", "pip", "pip3", "uv", "poetry", "pipenv", "pdm", "hatch", "tox", "nox", "pytest", "make", "cmake",
    "ninja", "bazel", "just", "task", "rake", "bundle", "rails", "composer", "go", "cargo", "swift", "mvn", "mvnw",
    "gradle", "gradlew", "sbt", "dotnet", "mix", "rebar3", "flutter", "dart", "deno", "zig", "stack", "cabal",
    "docker", "docker-compose", "podman", "pre-commit", "phpunit", "artisan", "ansible-playbook", "terraform",
  ]
  private static let interpreters: Set<String> = [
    "node", "python", "python3", "ruby", "php", "perl", "bash", "sh", "zsh", "source", ".", "tsx", "ts-node", "pwsh",
  ]
}
