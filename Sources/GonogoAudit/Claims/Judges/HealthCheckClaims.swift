import GonogoCore

/// "There are health checks".
enum HealthCheckClaims: ClaimJudge {
  static let manual = ClaimManual(
    id: "health-checks", title: "The services have health checks",
    what: """
      True where a health endpoint is served or a container has a check, in the part that the line names. That they work needs \
      them to be asked: such a line stays unproven, with the places.
      """, rules: ["code-readiness-hard-coded", "code-readiness-swallows"])

  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict? {
    guard line.says("health check", "healthcheck", "health-check", "health endpoint", "/health", "проверки здоровья"),
      !line.isDenial
    else { return nil }
    let scope = scene.scope(of: line)
    if let fixed = scene.found(manual.rules, in: line).first {
      // Of several checks one that looks at nothing contradicts a line about readiness, and leaves others open.
      return line.says("readiness", "готовност")
        ? .falsely(fixed.message, at: fixed.place) : .unproven("one of them: \(fixed.message)", at: fixed.place)
    }
    var places: [TreePlace] = []
    for file in scene.context.facts(ProductCode.self) where scope.contains(file.path) {
      let parts = file.path.lowercased().split(separator: "/")
      if parts.contains("health"), file.name.lowercased().hasPrefix("route.") { places.append(TreePlace(file.path)) }
    }
    places += scene.code(#"['"`]/(api/)?(health|healthz|readyz|livez|ready|live)['"`/]"#, in: scope).map(\.place)
    for (_, service) in scene.context.deployedServices() {
      if let check = service.last("healthcheck"), scope.isWhole || line.hasWord(service.name.lowercased()) {
        places.append(check.place)
      }
    }
    guard let first = places.first else { return .unproven("no health check was found") }
    if line.isAboutWorking {
      return .unproven("a health check is there; whether it works is seen only by asking it", at: first)
    }
    return .truly("a health check is there; what it answers was not seen", at: first)
  }

  static let samples: [ClaimSample] = [
    .judges(.true, "- [x] Health checks", in: ["src/a.ts": "app.get('/health', h)\n"], "an endpoint"),
    .judges(
      .unproven, "- [x] Health checks работают", in: ["src/a.ts": "app.get('/health', h)\n"], "working is more"),
    .judges(.unproven, "- [x] Health checks", in: ["tests/a.ts": "get('/health')\n"], "a test asks one"),
  ]
}
