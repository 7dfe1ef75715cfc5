public import GonogoCore

/// Alerts that reach nobody.
public struct AlertNotDelivered: AuditRule {
  public static let manual = RuleManual(
    id: "alert-not-delivered", severity: .high, family: "monitoring",
    title: "An alert reaches nobody",
    what: """
      Looks at Alertmanager's configuration for routes to receivers that there are not, receivers of routes without \
      any channel (but for those called null, none or blackhole), receivers that no route names, channels whose \
      address is a placeholder, the host itself or a `${VARIABLE}`, which Alertmanager does not expand (where nothing \
      in the tree runs envsubst), and at Prometheus with alert rules and no Alertmanager.
      """,
    why: "the alert fires and nobody is told",
    mend:
      "give the receiver a channel that somebody reads; keep its secret in a file: `api_url_file`, `smtp_auth_password_file`",
    falsifies: "alerts reach the person on call",
    references: ["https://prometheus.io/docs/alerting/latest/configuration/"])

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    let files = context.facts(Monitoring.self)
    let expands = Self.expands(context)
    for (file, node) in files.alertmanagers {
      func place(_ node: Node) -> TreePlace { TreePlace(file.path, node.range.start) }
      let receivers = node["receivers"]?.elements ?? []
      let names = Set(receivers.compactMap { $0["name"]?.text })
      var routes: [Node] = []
      func gather(_ route: Node, depth: Int) {
        routes.append(route)
        if depth < 40 { for child in route["routes"]?.elements ?? [] { gather(child, depth: depth + 1) } }
      }
      if let root = node["route"] { gather(root, depth: 0) }
      let routed = routes.compactMap { $0["receiver"] }
      for receiver in routed where !names.contains(receiver.text ?? "") {
        findings.add(
          "a route names the receiver '\(receiver.text ?? "")', which there is not", at: place(receiver),
          subject: receiver.text ?? "")
      }
      let used = Set(routed.compactMap(\.text))
      for receiver in receivers {
        guard let name = receiver["name"], let title = name.text else { continue }
        if !used.contains(title) {
          findings.add(
            "no route names the receiver '\(title)'", at: place(name), subject: title, severity: .low,
            because: "no alert was meant for it")
          continue
        }
        let channels = (receiver.entries ?? []).filter {
          $0.name.hasSuffix("_configs") && !($0.value.elements ?? []).isEmpty
        }
        let isMute = [
          "null", "none", "blackhole", "black_hole", "devnull", "dev-null", "watchdog", "deadman", "drop", "silence",
        ].contains { title.lowercased().contains($0) }
        if channels.isEmpty {
          if !isMute { findings.add("the receiver '\(title)' has no channel", at: place(name), subject: title) }
          continue
        }
        let dead = channels.flatMap { $0.value.elements ?? [] }.compactMap { Self.dead($0, expands: expands) }
        let all = channels.reduce(0) { $0 + ($1.value.elements ?? []).count }
        guard let first = dead.first, dead.count == all else { continue }
        findings.add(
          "no channel of the receiver '\(title)' reaches anybody: \(first.why)", at: place(first.node), subject: title,
          related: [.init(place(name), "the receiver")])
      }
    }
    guard files.rules.contains(where: { !$0.isObject && $0.rules.contains(where: \.isAlert) }) else { return }
    for (file, node) in files.prometheus {
      // Rules that are not in the tree may not be anywhere: what is not evaluated tells nobody anything.
      guard let rules = node["rule_files"], let named = rules.elements?.compactMap(\.text),
        files.rules.contains(where: { rule in
          named.contains { pattern in
            let name = pattern.split(separator: "/").last ?? ""
            return name.contains("*") || name == rule.file.name
          }
        })
      else { continue }
      let managers = node["alerting"]?["alertmanagers"]?.elements ?? []
      let hasTarget = managers.contains { manager in
        guard let fixed = manager["static_configs"]?.elements else { return true }
        return manager.entries?.contains { $0.name.hasSuffix("_sd_configs") } ?? false
          || fixed.contains { !($0["targets"]?.elements ?? []).isEmpty }
      }
      if hasTarget { continue }
      findings.add(
        "Prometheus evaluates alert rules and has no Alertmanager to tell", at: TreePlace(file.path, rules.range.start),
        subject: "alertmanagers")
    }
  }

  /// Why a channel reaches nobody; the value is not told, it may be a secret.
  private static func dead(_ channel: Node, expands: Bool) -> (node: Node, why: String)? {
    let keys = [
      "url", "api_url", "webhook_url", "to", "service_key", "routing_key", "api_key", "bot_token", "chat_id",
      "user_key", "token",
    ]
    for entry in channel.entries ?? [] where keys.contains(entry.name) {
      guard let text = entry.value.text else { continue }
      let lower = text.lowercased()
      if text.contains("${"), !text.contains("{{"), !expands {
        return (entry.value, "'\(entry.name)' is a variable, which Alertmanager does not expand")
      }
      if ["://localhost", "://127.0.0.1", "://0.0.0.0"].contains(where: lower.contains) {
        return (entry.value, "'\(entry.name)' is the host itself")
      }
      if [
        "example.com", "example.org", "yourdomain", "your-", "your_", "yourcompany", "changeme", "placeholder", "xxx",
        "replace_me", "replace-me", "t00000000",
      ].contains(where: lower.contains) || text.contains("<") && text.contains(">") {
        return (entry.value, "'\(entry.name)' is a placeholder")
      }
    }
    return nil
  }

  /// Whether something fills templates in before Alertmanager reads them.
  static func expands(_ context: AuditContext) -> Bool {
    let kinds: [Language] = [.yaml, .shell, .dockerfile, .make]
    return kinds.flatMap { context.tree.files(in: $0) }.contains { file in
      context.tree.text(file).map { $0.contains("envsubst") || $0.contains("gomplate") || $0.contains("expand-env") }
        ?? false
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "alertmanager.yml:4:17", "alertmanager.yml:9:11", "alertmanager.yml:10:11", "alertmanager.yml:12:27",
      "alertmanager.yml:14:32", "alertmanager.yml:16:30", "prometheus.yml:1:13",
      in: [
        "alertmanager.yml": """
        route:
          receiver: empty
          routes:
            - receiver: gone
            - receiver: mail
            - receiver: hook
            - receiver: blank
        """ + "\nreceivers:\n" + """
            - name: idle
            - name: empty
            - name: mail
              email_configs: [{ to: ops@example.com }]
            - name: hook
              slack_configs: [{ api_url: "${SLACK}" }]
            - name: blank
              webhook_configs: [{ url: "https://hooks.test/<id>" }]
          """,
        "prometheus.yml": "rule_files: [alerts.yml]\nscrape_configs: []\n",
        "alerts.yml": "groups:\n  - name: a\n    rules:\n      - { alert: A, expr: up == 0 }\n",
      ], "every way to reach nobody"),
    .silent(
      "a channel that lives, a file of the secret, a mute one, an Alertmanager",
      [
        "alertmanager.yml": """
        route:
          receiver: mail
          routes: [{ receiver: "null" }, { receiver: both }]
        receivers:
          - name: "null"
          - name: mail
            email_configs: [{ to: ops@acme.test }]
          - name: both
            webhook_configs: [{ url: "http://localhost:5001/" }]
            slack_configs: [{ api_url_file: /run/secrets/slack, channel: "#ops" }]
        """,
        "prometheus.yml":
          "rule_files: [alerts.yml]\nalerting: { alertmanagers: [{ static_configs: [{ targets: ['alertmanager:9093'] }] }] }\n",
        "alerts.yml": "groups:\n  - name: a\n    rules:\n      - { alert: A, expr: up == 0 }\n",
      ]),
    .silent(
      "rules that are not in the tree are evaluated by nobody",
      [
        "alerts.yml": "groups:\n  - name: a\n    rules:\n      - { alert: A, expr: up == 0 }\n",
        "docker/prometheus.yml":
          "rule_files: [rules/elsewhere.yml]\nscrape_configs:\n  - { job_name: a, static_configs: [{ targets: ['a:1'] }] }\n",
      ]),
  ]
}
