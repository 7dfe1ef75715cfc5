public import GonogoCore

/// What actionlint says of the workflows.
public struct Actionlint: AuditRule {
  public static let tool: OutsideTool? = OutsideTool(
    "actionlint", install: "go install github.com/rhysd/actionlint/cmd/actionlint@latest")

  public static let manual = RuleManual(
    id: "actionlint", severity: .medium, family: "tools",
    title: "actionlint finds an error in a workflow",
    what: """
      Runs actionlint on GitHub's workflows where it is installed, without shellcheck and pyflakes, and takes its \
      errors over as they are. Of a project's `actionlint.yaml` the labels of runners and the names of variables are \
      heeded, and no pattern of errors to pass over.
      """,
    why: "a workflow with an error does not start, or does something else than it says",
    mend: "correct the place; actionlint's page of checks tells of each kind",
    falsifies: "workflows pass static analysis",
    references: ["https://github.com/rhysd/actionlint/blob/main/docs/checks.md"])

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    let paths = context.facts(Workflows.self).all.filter { $0.system == .github }.map(\.file.path)
    guard let tool = Self.tool, !paths.isEmpty, try context.has(tool) else { return }
    let configuration = try ToolConfiguration(named: "actionlint.yaml", Self.configuration(in: context))
    defer { configuration.remove() }
    let outcome = try context.run(
      [
        "actionlint", "-config-file", configuration.path, "-shellcheck=", "-pyflakes=", "-format", "{{json .}}",
      ] + paths, in: try context.directory(), milliseconds: 120_000, install: tool.install)
    // 1: it found something; 2 and above: it could not look.
    guard outcome.status == 0 || outcome.status == 1, case .array(let items)? = try? JSON.parse(outcome.output) else {
      throw CouldNotLook("actionlint ended with status \(outcome.status ?? -1)", mend: "run actionlint by hand")
    }
    for item in items {
      guard let path = item["filepath"]?.stringValue, context.tree[path] != nil,
        let message = item["message"]?.stringValue
      else { continue }
      let kind = item["kind"]?.stringValue ?? "error"
      findings.add(
        "actionlint: \(message.split(separator: "\n").first ?? "") (\(kind))",
        at: TreePlace(path, line: item["line"]?.integerValue ?? 1, column: item["column"]?.integerValue ?? 1),
        subject: "\(kind) \(message.prefix(80))")
    }
  }

  /// What a project says of its runners and variables, without the errors that it wants passed over.
  static func configuration(in context: AuditContext) -> String {
    var labels: [String] = []
    var variables: [String]?
    for name in [".github/actionlint.yaml", ".github/actionlint.yml"] {
      guard let file = context.tree[name], let own = context.yaml(file)?.documents.first else { continue }
      labels += own["self-hosted-runner"]?["labels"]?.texts ?? []
      if let names = own["config-variables"], names.elements != nil { variables = (variables ?? []) + names.texts }
    }
    // Strings of JSON are strings of YAML.
    var text = "self-hosted-runner:\n  labels: \(JSON(labels).canonicalString)\n"
    if let variables { text += "config-variables: \(JSON(variables).canonicalString)\n" }
    return text
  }

  public static let samples: [RuleSample] = [
    .finds(
      ".github/workflows/a.yml:5:12",
      in: [
        ".github/workflows/a.yml":
          "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    needs: [gone]\n    steps: [{ run: echo done }]\n"
      ], "a job that there is not"),
    .silent(
      "a workflow in order",
      [
        ".github/workflows/a.yml":
          "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [{ run: echo done }]\n"
      ]),
  ]
}
