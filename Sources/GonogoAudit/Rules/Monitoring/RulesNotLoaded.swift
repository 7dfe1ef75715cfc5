public import GonogoCore

/// Alert rules that nothing evaluates.
public struct RulesNotLoaded: AuditRule {
  public static let manual = RuleManual(
    id: "alert-rules-not-loaded", severity: .high, family: "monitoring",
    title: "No Prometheus loads a file of alert rules",
    what: """
      Where the tree has a configuration of Prometheus, compares the names of its `rule_files` with the files of \
      rules. PrometheusRule objects, which the operator finds, and files that another file of the deployment names (a \
      mount, a chart, a script) pass. Tells `rule_files` that match no file as well.
      """,
    why: "the alerts stand in the repository and are never evaluated",
    mend: "name the file in `rule_files` and mount it where Prometheus reads",
    falsifies: "alert rules are active",
    references: ["https://prometheus.io/docs/prometheus/latest/configuration/configuration/#configuration-file"])

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    let files = context.facts(Monitoring.self)
    guard !files.prometheus.isEmpty else { return }
    let patterns = files.prometheus.flatMap { file, node in
      (node["rule_files"]?.elements ?? []).compactMap { entry in entry.text.map { (file: file, node: entry, text: $0) }
      }
    }
    var matched: Set<Int> = []
    for rules in files.rules where !rules.isObject {
      // Where a directory is mounted is not known; the name is.
      var isLoaded = false
      for (index, pattern) in patterns.enumerated() {
        let last = String(pattern.text.split(separator: "/").last ?? "")
        if Glob(last).matches(String(rules.file.name)),
          Self.sameFolder(pattern.text, rules.file) || !pattern.text.contains("*")
        {
          isLoaded = true
          matched.insert(index)
        }
      }
      guard !isLoaded, rules.rules.contains(where: \.isAlert), !Self.isNamed(rules.file, context) else { continue }
      let alerts = rules.rules.filter(\.isAlert).count
      findings.add(
        "no Prometheus loads the \(alerts) alert\(alerts == 1 ? "" : "s") of this file", at: TreePlace(rules.file.path),
        subject: "rules",
        related: files.prometheus.map { .init(TreePlace($0.file.path), "a configuration of Prometheus") })
    }
    for (index, pattern) in patterns.enumerated() where !matched.contains(index) {
      let last = String(pattern.text.split(separator: "/").last ?? "")
      // Rules that are no YAML yet, or stand under a test's path, count as well.
      if last.contains("$")
        || context.tree.files.contains(where: {
          Glob(last).matches(String($0.name)) && ($0.name == last || context.tree.text($0)?.contains("expr:") ?? false)
        })
      {
        continue
      }
      findings.add(
        "the rules '\(pattern.text)' that Prometheus shall load are not in the tree",
        at: TreePlace(pattern.file.path, pattern.node.range.start), subject: pattern.text, severity: .medium,
        because: "they may be put there when it is deployed")
    }
  }

  /// For `alerts/*.yml`: whether the file's directory is called so; a pattern of one level loads from wherever it is mounted.
  private static func sameFolder(_ pattern: String, _ file: TreeFile) -> Bool {
    let folders = pattern.split(separator: "/").dropLast().filter { $0 != "." && $0 != "**" }
    guard let folder = folders.last, !folder.contains("*"), folder != "prometheus" else { return true }
    return file.directory.split(separator: "/").contains(folder)
  }

  /// Whether something of the deployment names the file or its directory.
  private static func isNamed(_ file: TreeFile, _ context: AuditContext) -> Bool {
    let name = String(file.name)
    let directory = String(file.directory)
    let kinds: [Language] = [.yaml, .hcl, .shell, .dockerfile, .make, .python]
    return kinds.flatMap { context.tree.files(in: $0) }.contains { other in
      guard other != file, let text = context.tree.text(other) else { return false }
      // A program may be a test of the rules.
      if other.language == .python, !text.contains("configmap") { return false }
      return text.contains(name) || directory.contains("/") && text.contains(directory)
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "ops/more.yml:1:1", "prometheus.yml:3:5",
      in: [
        "prometheus.yml": "rule_files:\n  - alerts.yml\n  - /etc/prometheus/gone.yml\nscrape_configs: []\n",
        "ops/alerts.yml": "groups:\n  - name: a\n    rules:\n      - { alert: A, expr: up == 0 }\n",
        "ops/more.yml": "groups:\n  - name: b\n    rules:\n      - { alert: B, expr: up == 0 }\n",
      ], "one is loaded, one is not, one is not there"),
    .silent(
      "a pattern, a mount, an object, an ending of its own",
      [
        "prometheus.yml": "rule_files: ['rules/*.yml']\nscrape_configs: []\n",
        "ops/rules/a.yml": "groups:\n  - name: a\n    rules:\n      - { alert: A, expr: up == 0 }\n",
        "ops/b.yml": "groups:\n  - name: a\n    rules:\n      - { alert: A, expr: up == 0 }\n",
        "compose.yml":
          "services:\n  p:\n    image: prom/prometheus:v3.0.0\n    volumes: ['./ops/b.yml:/etc/prometheus/rules/b.yml']\n",
        "more.yml": "rule_files: [old.rules]\nscrape_configs: []\n",
        "ops/old.rules": "groups:\n  - name: a\n    rules:\n      - { alert: A, expr: up == 0 }\n",
        "k8s.yml":
          "kind: PrometheusRule\nspec:\n  groups:\n    - name: a\n      rules:\n        - { alert: A, expr: up == 0 }\n",
      ]),
    .silent(
      "no Prometheus here", ["alerts.yml": "groups:\n  - name: a\n    rules:\n      - { alert: A, expr: up == 0 }\n"]),
  ]
}
