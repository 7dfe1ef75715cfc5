/// What a compose file, a Dockerfile or a manifest is for, as far as its name and its content tell.
public enum DeploymentPurpose: Sendable, Hashable {
  case production
  /// Nothing speaks for a developer's machine.
  case unclear
  /// A developer's machine, a test, an example: rules about going live pass it over.
  case development

  private static let developmentWords: Set<String> = [
    "dev", "develop", "development", "local", "localhost", "test", "tests", "testing", "ci", "e2e", "integration",
    "example", "examples", "sample", "samples", "demo", "demos", "debug", "override", "devcontainer", "fixture",
    "fixtures", "testdata", "sandbox", "playground", "benchmark", "benchmarks", "bench", "docs", "mock", "mocks",
    "template", "templates", "tutorial", "tutorials", "storybook", "devmode", "devel", "devtools", "devstack",
    "localdev",
    "tools", "tooling", "quickstart", "cypress", "playwright", "selenium",
    "contrib", "tryout", "try", "dummy", "fake", "stub", "stubs", "suite", "suites", "testsuite", "coverage",
    "loadtest", "dredd", "archive", "archived", "attic", "deprecated", "obsolete", "unused",
  ]
  private static let productionWords: Set<String> = [
    "prod", "production", "live", "deploy", "deployment", "staging", "stage", "release", "swarm", "stack",
    "selfhost", "selfhosted", "selfhosting", "hosted", "dokploy", "coolify", "portainer",
  ]

  /// Folders of what nobody runs. "deployment" in a name below them is the kind of a manifest, or the subject of a document.
  private static let shown: Set<Substring> = [
    "docs", "doc", "example", "examples", "sample", "samples", "test", "tests", "testdata", "fixtures", "tutorial",
    "tutorials", "archive", "archived", ".archive", "attic", "deprecated", "hack", "old", "scratch",
  ]

  /// By the words of a path: those of the name go before those of its directories.
  static func of(path: String) -> DeploymentPurpose {
    let parts = path.lowercased().split(separator: "/")
    if parts.dropLast().contains(where: shown.contains), !(parts.last?.contains("prod") ?? false) {
      return .development
    }
    for part in parts.reversed() {
      let words = part.split { ".-_".contains($0) }.map(String.init)
      if words.contains(where: { developmentWords.contains($0) }) { return .development }
      if words.contains(where: { productionWords.contains($0) }) { return .production }
    }
    return .unclear
  }
}
