import GonogoCore

/// A step that changes what runs.
public struct Deployment: Sendable {
  public enum Stage: String, Sendable { case production, staging, preview, unclear }

  public let workflow: Workflow
  public let job: WorkflowJob
  public let step: WorkflowStep
  public let place: TreePlace
  /// "vercel", "kubernetes" …
  public let platform: String
  /// The command or the action, short: "vercel deploy".
  public let what: String
  public let stage: Stage
  /// What tells one target of a platform from another, by the name of the option.
  public let identity: [String: String]

  /// Whether two could change the same thing: nothing that both say differs.
  func mayBeSameTarget(as other: Deployment) -> Bool {
    guard platform == other.platform, stage != .preview, other.stage != .preview,
      stage == other.stage || stage == .unclear || other.stage == .unclear
    else { return false }
    return identity.allSatisfy { key, value in other.identity[key].map { $0 == value } ?? true }
  }
}

/// Every deployment of the workflows, in the order of the files.
public enum Deployments: Collector {
  /// Actions that deploy, without their version.
  private static let actions: [String: String] = [
    "amondnet/vercel-action": "vercel", "cloudflare/pages-action": "cloudflare",
    "nwtgck/actions-netlify": "netlify", "akhileshns/heroku-deploy": "heroku",
    "aws-actions/amazon-ecs-deploy-task-definition": "ecs", "aws-actions/aws-lambda-deploy": "lambda",
    "azure/webapps-deploy": "azure", "azure/functions-action": "azure", "azure/k8s-deploy": "kubernetes",
    "azure/static-web-apps-deploy": "azure", "azure/container-apps-deploy-action": "azure",
    "google-github-actions/deploy-cloudrun": "cloud run", "google-github-actions/deploy-appengine": "app engine",
    "google-github-actions/deploy-cloud-functions": "cloud functions", "samkirkland/ftp-deploy-action": "ftp",
    "easingthemes/ssh-deploy": "ssh", "burnett01/rsync-deployments": "ssh", "denoland/deployctl": "deno",
    "koyeb/action-git-deploy": "koyeb", "firebaseextended/action-hosting-deploy": "firebase",
    "digitalocean/app_action/deploy": "digitalocean", "digitalocean/app_action": "digitalocean",
    "johnbeynon/render-deploy-action": "render",
    "bervproject/railway-deploy": "railway", "appleboy/ssh-action": "ssh",
    "einaregilsson/beanstalk-deploy": "beanstalk",
  ]

  public static func collect(in context: AuditContext) -> [Deployment] {
    var result: [Deployment] = []
    let scripts = deployScripts(context)
    for workflow in context.facts(Workflows.self).all {
      for job in workflow.jobs {
        // A cluster that the job makes for itself is a test's.
        let throwaway = job.steps.contains { step in
          step.action == "helm/kind-action"
            || step.action.map { $0.hasSuffix("setup-minikube") || $0.contains("k3d") } ?? false
            || step.script.commands.contains {
              ["kind", "k3d", "minikube"].contains($0.program)
                && ["create", "cluster", "start"].contains($0.words.dropFirst().first)
            }
        }
        for step in job.steps {
          func add(_ platform: String, _ what: String, _ place: TreePlace, _ command: ShellScript.Command?) {
            if platform == "kubernetes", throwaway { return }
            result.append(
              Deployment(
                workflow: workflow, job: job, step: step, place: place, platform: platform, what: what,
                stage: stage(workflow, job, step, command), identity: identity(workflow, job, step, command)))
          }
          if let action = step.action {
            if let platform = actions[action],
              platform != "ssh" || action != "appleboy/ssh-action"
                || speaksOfDeploying(workflow, job, step) && !onlyLooks(step.with("script"))
            {
              add(platform, action, step.place, nil)
            } else if action == "cloudflare/wrangler-action", let command = step.with("command"),
              command.contains("deploy") || command.contains("publish")
            {
              add(
                "cloudflare", "wrangler \(command)", step.place, ShellScript(text: "wrangler " + command).commands.first
              )
            }
          }
          for command in step.script.commands {
            guard let platform = platform(of: command, job, scripts), !isDry(command) else { continue }
            if platform == "ssh", !speaksOfDeploying(workflow, job, step) { continue }
            add(platform, what(command), step.place(command.position), command)
          }
        }
      }
    }
    return result
  }

  /// Whether a script that runs on another machine only asks how it is: `docker compose ps`, `curl …/health`.
  private static func onlyLooks(_ script: String?) -> Bool {
    guard let script else { return false }
    let asking: Set<String> = [
      "cd", "echo", "printf", "curl", "cat", "tail", "head", "grep", "ls", "df", "free", "uptime", "sleep", "set",
      "exit", "export", "for", "do", "in", "if", "then", "else", "[[", "sort", "awk", "wc",
      "true", "test", "[", "date", "fi", "done", "pwd", "whoami",
    ]
    let questions: Set<String> = ["ps", "logs", "inspect", "stats", "status", "is-active", "get", "describe", "top"]
    let asked: Set<String> = ["docker", "docker-compose", "podman", "kubectl", "systemctl", "pm2"]
    let commands = ShellScript(text: script).commands
    return !commands.isEmpty
      && commands.allSatisfy { command in
        asking.contains(command.program)
          || asked.contains(command.program) && command.arguments.contains(where: questions.contains)
      }
  }

  /// The program with its first words that are no options and no targets.
  private static func what(_ command: ShellScript.Command) -> String {
    let words = command.arguments.prefix {
      !$0.hasPrefix("-") && !$0.contains("$") && !$0.contains("@") && !$0.contains("/")
    }
    return ([command.program] + words.prefix(2)).joined(separator: " ")
  }

  private static func isDry(_ command: ShellScript.Command) -> Bool {
    command.arguments.contains {
      $0 == "--help" || $0.hasPrefix("--dry-run") && $0 != "--dry-run=none" || $0 == "--dryrun" || $0 == "-h"
    }
  }

  /// What a command deploys to; `nil` where it deploys nothing.
  private static func platform(
    of command: ShellScript.Command, _ job: WorkflowJob, _ scripts: Set<String>
  ) -> String? {
    let first = command.arguments.first { !$0.hasPrefix("-") }
    switch command.program {
    case "vercel", "vc":
      if first == "deploy" { return "vercel" }
      return command.has("--prod") && (first == nil || first == ".") ? "vercel" : nil
    case "flyctl", "fly": return first == "deploy" ? "fly" : nil
    case "heroku": return first == "container:release" ? "heroku" : nil
    case "railway": return first.map { ["up", "deploy", "redeploy"].contains($0) } ?? false ? "railway" : nil
    case "koyeb":
      return first == "deploy" || command.begins("service", "update") || command.begins("services", "update")
        || command.begins("service", "redeploy") || command.begins("services", "redeploy") ? "koyeb" : nil
    case "netlify", "ntl": return first == "deploy" ? "netlify" : nil
    case "wrangler":
      return first == "deploy" || first == "publish" || command.begins("pages", "deploy")
        || command.begins("pages", "publish")
        ? "cloudflare" : nil
    case "firebase": return first == "deploy" ? "firebase" : nil
    case "gcloud":
      if command.begins("run", "deploy") || command.begins("run", "services", "update") { return "cloud run" }
      if command.begins("app", "deploy") { return "app engine" }
      return command.begins("functions", "deploy") ? "cloud functions" : nil
    case "aws":
      if command.begins("ecs", "update-service") { return "ecs" }
      if command.begins("lambda", "update-function-code") { return "lambda" }
      if command.begins("elasticbeanstalk", "update-environment") { return "beanstalk" }
      if command.begins("cloudformation", "deploy") { return "cloudformation" }
      if command.begins("apprunner", "start-deployment") { return "app runner" }
      if command.begins("amplify", "start-job") || command.begins("amplify", "start-deployment") { return "amplify" }
      return command.begins("deploy", "create-deployment") ? "codedeploy" : nil
    case "az":
      return command.begins("webapp", "deploy") || command.begins("webapp", "up")
        || command.begins("containerapp", "update")
        || command.begins("containerapp", "up") ? "azure" : nil
    case "cdk": return first == "deploy" ? "cdk" : nil
    case "sst": return first == "deploy" ? "sst" : nil
    case "sam": return first == "deploy" ? "sam" : nil
    case "serverless", "sls": return first == "deploy" ? "serverless" : nil
    case "terraform", "tofu", "terragrunt": return first == "apply" ? "terraform" : nil
    case "pulumi": return first == "up" || first == "update" ? "pulumi" : nil
    case "kubectl", "oc":
      return first == "apply" || command.begins("set", "image") || command.begins("rollout", "restart")
        ? "kubernetes" : nil
    case "helm": return first == "upgrade" || first == "install" ? "kubernetes" : nil
    case "helmfile": return first == "apply" || first == "sync" ? "kubernetes" : nil
    case "supabase":
      // With --local or --db-url it is another database's.
      if command.begins("db", "push") { return command.has("--local") || command.has("--db-url") ? nil : "supabase" }
      return command.begins("functions", "deploy") ? "supabase" : nil
    case "deployctl": return first == "deploy" ? "deno" : nil
    case "fastapi": return first == "deploy" ? "fastapi cloud" : nil
    case "doctl": return command.begins("apps", "create-deployment") ? "digitalocean" : nil
    case "cap": return command.arguments.contains("deploy") ? "capistrano" : nil
    case "kamal": return first == "deploy" || first == "redeploy" ? "kamal" : nil
    case "ssh": return "ssh"
    case "rsync": return command.arguments.contains { $0.contains("@") && $0.contains(":") } ? "ssh" : nil
    case "git":
      return first == "push" && command.arguments.contains { $0 == "heroku" || $0 == "dokku" } ? "heroku" : nil
    case "docker":
      if command.begins("stack", "deploy") { return "swarm" }
      let own = job.node["runs-on"]?.texts.contains("self-hosted") ?? false
      return own && first == "compose" && command.arguments.contains("up") ? "compose" : nil
    case "curl":
      let hooks = [
        "api.render.com/deploy", "api.vercel.com/v1/integrations/deploy", "DEPLOY_HOOK", "api.netlify.com/build_hooks",
      ]
      if command.arguments.contains(where: { word in hooks.contains { word.contains($0) } }) { return "deploy hook" }
      // Railway's interface is one address; what is asked of it is in the body.
      let mutations = ["deploymentCreate", "serviceInstanceDeploy", "serviceInstanceRedeploy", "deploymentRedeploy"]
      return command.arguments.contains { word in mutations.contains { word.contains($0) } } ? "railway" : nil
    case "npm", "pnpm", "yarn", "bun", "make", "just", "task":
      let name = first == "run" ? command.arguments.dropFirst().first { !$0.hasPrefix("-") && $0 != "run" } : first
      guard let name, command.program == "npm" ? first == "run" : true else { return nil }
      return isDeployName(name) || scripts.contains(name) ? "\(command.program) script" : nil
    case "bash", "sh", "zsh":
      guard let first, first.hasSuffix(".sh") else { return nil }
      return isDeployName(scriptName(first)) ? "script" : nil
    default:
      guard let word = command.words.first, word.contains("/"), word.hasSuffix(".sh") else { return nil }
      return isDeployName(scriptName(word)) ? "script" : nil
    }
  }

  private static func scriptName(_ path: String) -> String {
    String((path.split(separator: "/").last ?? "").dropLast(3))
  }

  /// "deploy", "deploy:prod", "deploy-production"; not "check-deploy", "deploy:check".
  private static func isDeployName(_ name: String) -> Bool {
    let words = name.lowercased().split { ":-_.".contains($0) }
    let harmless: Set<Substring> = [
      "check", "test", "verify", "lint", "dry", "plan", "preview", "build", "validate", "docs", "storybook", "local",
    ]
    return words.first == "deploy" && !words.contains { harmless.contains($0) }
  }

  /// Scripts of package.json files that run a deploying command, by name.
  private static func deployScripts(_ context: AuditContext) -> Set<String> {
    var result: Set<String> = []
    for file in context.tree.files(named: "package.json") {
      guard let text = context.tree.text(file), text.contains("deploy"),
        case .object(let root)? = context.json(file), case .object(let scripts)? = root["scripts"]
      else { continue }
      for (name, value) in scripts {
        guard case .string(let body) = value else { continue }
        let deploys = ShellScript(text: body).commands.contains {
          ["vercel", "fly", "flyctl", "wrangler", "firebase", "netlify", "railway", "serverless", "sls", "sst", "cdk"]
            .contains($0.program)
            && $0.arguments.contains("deploy")
        }
        if deploys { result.insert(name) }
      }
    }
    return result
  }

  private static func speaksOfDeploying(_ workflow: Workflow, _ job: WorkflowJob, _ step: WorkflowStep) -> Bool {
    [step.name, job.name, job.id, workflow.name, String(workflow.file.name)].contains {
      $0?.lowercased().contains("deploy") ?? false
    }
  }

  private static let stageWords: [(Deployment.Stage, Set<String>)] = [
    (
      .preview,
      [
        "preview", "previews", "pr", "ephemeral", "review", "dev", "development", "demo", "test", "testing", "sandbox",
        "storybook", "docs", "canary", "e2e", "nightly",
      ]
    ),
    (.staging, ["staging", "stage", "stg", "uat", "qa", "preprod"]),
    (.production, ["production", "prod", "live"]),
  ]

  /// By the environment, then the command, then names from the inside out; what only pull requests start is a preview.
  private static func stage(
    _ workflow: Workflow, _ job: WorkflowJob, _ step: WorkflowStep, _ command: ShellScript.Command?
  ) -> Deployment.Stage {
    func of(_ text: String?) -> Deployment.Stage? {
      guard let text else { return nil }
      var spaced = ""
      for scalar in text.unicodeScalars {
        spaced.unicodeScalars.append(scalar.properties.isAlphabetic ? scalar : " ")
      }
      let words = Set(spaced.lowercased().split(separator: " ").map(String.init))
      return stageWords.first { !$0.1.isDisjoint(with: words) }?.0
    }
    if let environment = job.environment, let stage = of(environment) { return stage }
    if let command {
      if command.has("--prod") || command.has("--production") { return .production }
      if ["vercel", "netlify"].contains(command.program) { return .preview }
    }
    let pulls: Set<String> = ["pull_request", "pull_request_target", "merge_group"]
    if !workflow.triggers.isEmpty, workflow.triggers.keys.allSatisfy(pulls.contains) { return .preview }
    if let condition = job.condition?.text {
      if condition.contains("'pull_request'"), condition.contains("=="), !condition.contains("!=") { return .preview }
      if condition.contains("refs/heads/dev") || condition.contains("refs/heads/staging") { return .staging }
    }
    for text in [job.name, job.id, step.name, workflow.name, String(workflow.file.name)] {
      if let stage = of(text) { return stage }
    }
    return .unclear
  }

  private static func identity(
    _ workflow: Workflow, _ job: WorkflowJob, _ step: WorkflowStep, _ command: ShellScript.Command?
  ) -> [String: String] {
    var result: [String: String] = [:]
    let options = [
      "--app", "-a", "--service", "-s", "--project", "--cluster", "--name", "--namespace", "-n", "--function-name",
      "--stack", "--stack-name", "--config", "-c", "-f", "--project-name", "--project-ref", "--context", "--cwd",
    ]
    for option in options { if let value = command?.value(of: option) { result[option] = value } }
    if let directory = step.workingDirectory { result["directory"] = directory }
    for entry in step.node["with"]?.entries ?? [] {
      if let text = entry.value.text,
        [
          "service", "cluster", "project", "app", "app-name", "function-name", "server", "server-dir", "host",
          "vercel-project-id",
        ].contains(entry.name)
      {
        result["with." + entry.name] = text
      }
    }
    // What is run by a name only is told by the name.
    if let command,
      ["npm", "pnpm", "yarn", "bun", "make", "just", "task", "bash", "sh", "ssh", "helm", "kubectl"].contains(
        command.program)
    {
      result["command"] = command.words.filter { !$0.hasPrefix("-") }.prefix(4).joined(separator: " ")
    }
    for scope in [workflow.node, job.node, step.node] {
      for entry in scope["env"]?.entries ?? [] {
        let name = entry.name
        if name.hasSuffix("PROJECT_ID") || name.hasSuffix("_SERVICE") || name.hasSuffix("SERVICE_ID")
          || name.hasSuffix("_APP") || name.hasSuffix("APP_NAME"),
          let text = entry.value.text
        {
          result["env." + name] = text
        }
      }
    }
    return result
  }
}

extension SourceFile {
  func contains(_ text: String) -> Bool { ByteSearch.contains(text, in: bytes) }
}
