import GonogoCore

/// "Prometheus, Grafana and Alertmanager are configured".
enum MonitoringClaims: ClaimJudge {
  static let manual = ClaimManual(
    id: "monitoring", title: "Monitoring is configured",
    what: """
      For each tool that the line names: true where its own file of settings, or a service that runs it, is in the tree. That \
      it is there is judged, not that it sees anything; a line that names no tool stays unproven. False where a rule found \
      that what is configured cannot work.
      """, rules: ["alert-rules-not-loaded", "alert-not-delivered", "promtool", "amtool"])

  static let vocabulary = ClaimVocabulary(
    "monitor* мониторинг* observability prometheus grafana alertmanager loki sentry sdk stack стек",
    contradicting: "alert* алерт* оповещ* dashboard* правил* rules")

  private static let tools: [(name: String, stems: [String], files: [String])] = [
    ("Prometheus", ["prometheus"], ["prometheus.yml", "prometheus.yaml"]),
    ("Grafana", ["grafana"], []),
    ("Alertmanager", ["alertmanager"], ["alertmanager.yml", "alertmanager.yaml"]),
    ("Loki", ["loki"], ["loki.yml", "loki-config.yml", "loki-config.yaml"]),
    ("Sentry", ["sentry"], []),
  ]

  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict? {
    let isGeneral = line.says("monitoring", "мониторинг", "observability")
    let named = tools.filter { line.says($0.stems) }
    guard isGeneral || !named.isEmpty, !line.isDenial else { return nil }
    if named.isEmpty {
      // Alert rules are counted elsewhere; plain "monitoring" may mean anything.
      return line.says("configur", "настро", "set up", "setup", "ready", "готов")
        ? .unproven("the line names no tool that could be looked for") : nil
    }
    guard
      isGeneral
        || line.says(
          "configur", "настро", "set up", "setup", "install", "установ", "integrat", "интегр", "added", "добавлен")
    else {
      return .unproven("what the line says of \(named.map(\.name).joined(separator: ", ")) is not seen in the tree")
    }
    // The rules read Prometheus and Alertmanager: of the alerts of others they know nothing.
    let isTheirs = line.says("prometheus", "alertmanager") && !line.says("sentry")
    let found = isTheirs ? scene.contradicting(manual.rules, in: line) : []
    if !found.isEmpty, line.says("alert", "алерт", "оповещ") {
      return .falsely(found)
    }
    var evidence: [Claim.Evidence] = []
    var missing: [String] = []
    for tool in named {
      if let place = place(of: tool, in: scene) {
        evidence.append(.init("\(tool.name) is configured; whether it runs and sees anything was not tried", at: place))
      } else {
        missing.append(tool.name)
      }
    }
    if !missing.isEmpty {
      return .unproven("nothing in the tree configures \(missing.joined(separator: ", "))", at: evidence.first?.place)
    }
    if line.isAboutWorking {
      return .unproven("it is configured; whether it works is not seen in the tree", at: evidence.first?.place)
    }
    return .truly(evidence)
  }

  private static func place(of tool: (name: String, stems: [String], files: [String]), in scene: ClaimScene)
    -> TreePlace?
  {
    for name in tool.files { if let file = scene.tree.files(named: name).first { return TreePlace(file.path) } }
    let stem = tool.stems[0]
    for project in scene.context.facts(ComposeProjects.self) {
      for service in project.services where service.image?.name.lowercased().contains(stem) == true {
        return service.place
      }
    }
    if stem == "grafana" {
      for file in scene.tree.files(in: .json) where file.path.lowercased().contains("grafana") {
        return TreePlace(file.path)
      }
    }
    if stem == "sentry" {
      let whole = ClaimScene.Scope(files: [], folders: [])
      return scene.code(#"Sentry\.init\(|sentry_sdk\.init\(|sentry\.Init\("#, in: whole).first?.place
    }
    return nil
  }

  static let samples: [ClaimSample] = [
    .judges(
      .true, "- [x] Monitoring (Prometheus, Alertmanager configured)",
      in: ["m/prometheus.yml": "scrape_configs: []\n", "m/alertmanager.yml": "receivers: []\n"], "both are there"),
    .judges(
      .false, "- [x] Prometheus alerts настроены", in: ["m/prometheus.yml": "scrape_configs: []\n"], "it cannot work",
      found: ["alert-rules-not-loaded": "m/prometheus.yml"]),
    .judges(
      .unproven, "- [x] Monitoring (Prometheus, Grafana)", in: ["m/prometheus.yml": "scrape_configs: []\n"],
      "one is not there"),
    .judges(.unproven, "- [x] Monitoring настроен", in: ["m/prometheus.yml": "scrape_configs: []\n"], "no tool named"),
  ]
}
