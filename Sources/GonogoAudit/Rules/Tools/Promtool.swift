public import GonogoCore

/// What promtool says of the alert rules.
public struct Promtool: AuditRule {
  public static let tool: OutsideTool? = OutsideTool("promtool", install: "apt-get install prometheus")

  public static let manual = RuleManual(
    id: "promtool", severity: .high, precision: .high, family: "tools",
    title: "Prometheus would not load a file of rules",
    what:
      "Runs `promtool check rules` on each file of rules, where it is installed, and takes its errors over as they are.",
    why:
      "one rule that does not parse makes Prometheus refuse the whole configuration, and keep the old one or not start",
    mend: "correct the rule; `promtool check rules FILE` tells the same",
    falsifies: "alert rules are valid",
    references: ["https://prometheus.io/docs/prometheus/latest/command-line/promtool/"])

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    let files = context.facts(Monitoring.self).rules.filter { !$0.isObject }
    guard let tool = Self.tool, !files.isEmpty, try context.has(tool) else { return }
    let paths = Set(files.map(\.file.index))
    let directory = try context.directory { paths.contains($0.index) }
    // Without a configuration of Prometheus' it is not sure that Prometheus is what reads them.
    let precision = context.facts(Monitoring.self).prometheus.isEmpty ? FindingPrecision.medium : .high
    for rules in files {
      let path = rules.file.path
      let outcome = try context.run(
        ["promtool", "check", "rules", "--lint=none", "./" + path], in: directory, milliseconds: 30_000,
        install: tool.install)
      if outcome.status == 0 { continue }
      let said = String(decoding: outcome.output + [0x0A] + outcome.error, as: UTF8.self)
      var count = 0
      for line in said.split(separator: "\n").map(String.init) {
        // `FILE: 6:15: group "a", rule 1, "A": could not parse expression: …`
        guard
          let text = [path, "./" + path].lazy.compactMap({
            line.trimmed.hasPrefix($0 + ": ") ? String(line.trimmed.dropFirst($0.count + 2)) : nil
          }).first
        else { continue }
        let numbers = text.split(separator: ":", maxSplits: 2).map { Int($0.trimmed) }
        let hasPlace = numbers.count == 3 && numbers[0] != nil && numbers[1] != nil
        let message = hasPlace ? text.split(separator: ":", maxSplits: 2)[2].trimmed : text
        count += 1
        findings.add(
          "promtool: \(message)",
          at: hasPlace ? TreePlace(path, line: numbers[0]!, column: numbers[1]!) : TreePlace(path),
          subject: message, precision: precision)
      }
      if count == 0 {
        findings.add(
          "promtool: \(said.split(separator: "\n").last { !$0.trimmed.isEmpty }?.trimmed ?? "the file does not pass")",
          at: TreePlace(path), subject: "file", precision: precision)
      }
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "alerts.yml:5:15",
      in: ["alerts.yml": "groups:\n  - name: a\n    rules:\n      - alert: A\n        expr: sum(rate(x[5m]) > 1\n"],
      "an expression that does not parse"),
    .silent(
      "rules of Loki's",
      [
        "prometheus.yml": "rule_files: ['rules/*.yml']\n",
        "rules/logs.yml":
          "groups:\n  - name: a\n    rules:\n      - alert: A\n        expr: sum(rate({app=\"mail\"} |~ `(?i)failed to send` [5m])) > 0\n",
        "apps/mail/lokirule.yaml":
          "groups:\n  - name: a\n    rules:\n      - alert: B\n        expr: sum(count_over_time({app=\"mail\"} [5m])) > 0\n",
      ]),
    .silent(
      "rules in order", ["alerts.yml": "groups:\n  - name: a\n    rules:\n      - alert: A\n        expr: up == 0\n"]),
  ]
}

/// What amtool says of Alertmanager's configuration.
public struct Amtool: AuditRule {
  public static let tool: OutsideTool? = OutsideTool("amtool", install: "apt-get install prometheus-alertmanager")

  public static let manual = RuleManual(
    id: "amtool", severity: .high, family: "tools",
    title: "Alertmanager would not start with its configuration",
    what: """
      Runs `amtool check-config` on each configuration of Alertmanager, where it is installed. A file with `${…}` \
      passes where something in the tree runs envsubst: it is no configuration yet.
      """,
    why: "no alert reaches anybody: Alertmanager does not start",
    mend: "correct the configuration; `amtool check-config FILE` tells the same",
    falsifies: "alerts reach the person on call",
    references: ["https://prometheus.io/docs/alerting/latest/configuration/"])

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    let files = context.facts(Monitoring.self).alertmanagers
    guard let tool = Self.tool, !files.isEmpty, try context.has(tool) else { return }
    let directory = try context.directory()
    for (file, _) in files {
      if context.tree.text(file)?.contains("${") ?? false, AlertNotDelivered.expands(context) { continue }
      let outcome = try context.run(
        ["amtool", "check-config", "./" + file.path], in: directory, milliseconds: 30_000, install: tool.install)
      if outcome.status == 0 { continue }
      let said = String(decoding: outcome.output + [0x0A] + outcome.error, as: UTF8.self).split(separator: "\n").map(
        \.trimmed)
      let failed = said.first { $0.contains("FAILED: ") }
      let mark = Array("FAILED: ".utf8)
      let message: String
      if let failed, let start = failed.utf8.indices.first(where: { failed.utf8[$0...].starts(with: mark) }) {
        let first = String(decoding: failed.utf8[start...].dropFirst(mark.count), as: UTF8.self)
        // `yaml: unmarshal errors:`, and the errors on lines of their own.
        let more = first.hasSuffix(":") ? said.drop { $0 != failed }.dropFirst().prefix { $0.hasPrefix("line ") } : []
        message = ([first] + more).joined(separator: " ")
      } else {
        message = said.last { !$0.isEmpty } ?? "the file does not pass"
      }
      // `… line 12: field x not found …`
      let words = message.split(separator: " ")
      let line = zip(words, words.dropFirst()).first { $0.0 == "line" }.flatMap { Int($0.1.prefix { $0.isNumber }) }
      findings.add("amtool: \(message)", at: TreePlace(file.path, line: line ?? 1), subject: "configuration")
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "alertmanager.yml:1:1",
      in: ["alertmanager.yml": "route: { receiver: gone }\nreceivers:\n  - name: mail\n"],
      "a receiver that there is not"),
    .silent(
      "a configuration in order", ["alertmanager.yml": "route: { receiver: mail }\nreceivers:\n  - name: mail\n"]),
  ]
}
