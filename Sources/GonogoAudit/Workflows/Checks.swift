import GonogoCore

/// What a step proves.
enum CheckKind: String, Sendable { case test, security }

/// A command or an action that fails where a test does, or where a fault of security is found.
struct WorkflowCheck: Sendable {
  let kind: CheckKind
  let step: WorkflowStep
  let command: ShellScript.Command?
  /// Its place among the step's commands.
  let index: Int?
  let what: String
  var place: TreePlace { command.map { step.place($0.position) } ?? step.place }
}

extension WorkflowJob {
  /// The checks of its steps.
  func checks(_ kind: CheckKind? = nil) -> [WorkflowCheck] {
    steps.flatMap { step -> [WorkflowCheck] in
      var result: [WorkflowCheck] = []
      if let action = step.action, let found = Self.kind(action: action) {
        result.append(WorkflowCheck(kind: found, step: step, command: nil, index: nil, what: action))
      }
      for (index, command) in step.script.commands.enumerated() {
        guard let found = Self.kind(command) else { continue }
        let words = command.arguments.prefix { !$0.hasPrefix("-") && !$0.contains("/") && !$0.contains("$") }
        result.append(
          WorkflowCheck(
            kind: found, step: step, command: command, index: index,
            what: ([command.program] + words.prefix(2)).joined(separator: " ")))
      }
      return result
    }.filter { kind == nil || $0.kind == kind }
  }

  private static let securityActions: [String] = [
    "aquasecurity/trivy-action", "aquasecurity/tfsec-action", "snyk/actions", "gitleaks/gitleaks-action",
    "trufflesecurity/trufflehog", "github/codeql-action/analyze", "returntocorp/semgrep-action", "anchore/scan-action",
    "semgrep/semgrep-action", "actions/dependency-review-action", "golang/govulncheck-action",
    "zizmorcore/zizmor-action", "google/osv-scanner-action", "bridgecrewio/checkov-action", "rustsec/audit-check",
    "ossf/scorecard-action",
  ]

  private static func kind(action: String) -> CheckKind? {
    securityActions.contains { action == $0 || action.hasPrefix($0 + "/") } && !action.hasSuffix("/setup")
      ? .security : nil
  }

  private static let securityPrograms: Set<String> = [
    "pip-audit", "safety", "bandit", "semgrep", "trivy", "gitleaks", "trufflehog", "grype", "govulncheck", "brakeman",
    "checkov", "tfsec", "zizmor", "osv-scanner", "gosec", "bundler-audit", "bundle-audit", "detect-secrets",
  ]
  private static let testPrograms: Set<String> = [
    "pytest", "vitest", "jest", "mocha", "ava", "rspec", "phpunit", "pest", "ctest", "gotestsum", "tox", "nox", "bats",
    "pgtap", "pg_prove",
  ]

  private static func kind(_ command: ShellScript.Command) -> CheckKind? {
    let first = command.arguments.first { !$0.hasPrefix("-") }
    let program = command.program
    if command.has("--version") || command.has("--help") || first == "install" || first == "version" { return nil }
    if securityPrograms.contains(program) {
      // Trivy's image builds and Gitleaks' versions are no scans.
      return .security
    }
    if testPrograms.contains(program) { return .test }
    switch program {
    case "npm", "pnpm", "yarn", "bun":
      let runs = first == "run" || first == "run-script"
      let plain = command.arguments.filter { !$0.hasPrefix("-") }
      let name = (runs ? plain.dropFirst().first : first) ?? ""
      if !runs, name == "audit" { return .security }
      if !runs, name == "test" || program == "npm" && name == "t" { return .test }
      // Of pnpm and yarn a script's name is a command.
      guard runs || program != "npm" else { return nil }
      let words = name.lowercased().split { ":-_".contains($0) }
      if words.contains("audit") || words.first == "security" { return .security }
      let inert: Set<Substring> = [
        "report", "install", "setup", "build", "types", "seed", "update", "prepare", "summary", "watch", "ui", "merge",
        "typecheck", "lint",
      ]
      if words.contains(where: inert.contains) { return nil }
      return words.first == "test" || words.first == "e2e" || words.last == "test" || words.last == "tests"
        ? .test : nil
    case "go": return first == "test" ? .test : nil
    case "cargo":
      return first == "audit" || first == "deny" ? .security : first == "test" || first == "nextest" ? .test : nil
    case "swift", "dotnet", "mix", "rails", "deno", "flutter", "dart", "zig", "elm-test":
      return first == "test" ? .test : nil
    case "mvn", "mvnw", "gradle", "gradlew":
      return command.arguments.contains { ["test", "verify", "check"].contains($0) } && !command.has("-DskipTests")
        ? .test : nil
    case "make", "just", "task":
      let words = (first ?? "").split { ":-_".contains($0) }
      return words.contains("test") || words.contains("tests") || first == "check" ? .test : nil
    case "playwright": return first == "test" ? .test : nil
    case "cypress": return first == "run" ? .test : nil
    case "supabase": return command.begins("test", "db") || command.begins("db", "test") ? .test : nil
    case "python", "python3", "coverage", "manage.py":
      return command.arguments.contains { $0.hasSuffix("manage.py") } && command.arguments.contains("test")
        || program == "manage.py" && first == "test" ? .test : nil
    case "snyk": return first == "test" ? .security : nil
    case "docker": return command.begins("scout", "cves") ? .security : nil
    default: return nil
    }
  }
}
