import GonogoCore

/// "There are health checks".
enum HealthCheckClaims: ClaimJudge {
  static let manual = ClaimManual(
    id: "health-checks", title: "The services have health checks",
    what: """
      True where a health endpoint is served or a container has a check, in the part that the line names. That they work needs \
      them to be asked: such a line stays unproven, with the places.
      """, rules: ["code-readiness-hard-coded", "code-readiness-swallows"])

  static let vocabulary = ClaimVocabulary(
    "health check* healthcheck* endpoint* service проверк* здоровья", contradicting: "readiness probe* готовност*",
    scope: .parts)

  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict? {
    guard line.says("health check", "healthcheck", "health-check", "health endpoint", "/health", "проверки здоровья"),
      !line.isDenial
    else { return nil }
    let scope = scene.scope(of: line)
    let fixed = scene.contradicting(manual.rules, in: line)
    if let first = fixed.first {
      // Of several checks one that looks at nothing contradicts a line about readiness, and leaves others open.
      return line.says("readiness", "готовност")
        ? .falsely(fixed) : .unproven("one of them: \(first.message)", at: first.place)
    }
    let paths = self.paths(in: line)
    var places: [TreePlace] = []
    var read: [String] = []
    for file in scene.context.facts(ProductCode.self) where scope.contains(file.path) && paths.isEmpty {
      let parts = file.path.lowercased().split(separator: "/")
      if parts.contains("health"), file.name.lowercased().hasPrefix("route.") { places.append(TreePlace(file.path)) }
    }
    for path in paths {
      // A path that is named has to be the one that is served.
      let quoted = path.replacing(".", with: "\\.")
      let routes = scene.context.facts(ProductCode.self).filter { file in
        scope.contains(file.path) && file.name.hasPrefix("route.") && file.directory.hasSuffix("app" + path)
      }
      let found =
        routes.map { TreePlace($0.path) } + served(#"['"`]"# + quoted + #"/?['"`]"#, scope, scene)
      guard let first = found.first else { return .unproven("'\(path)' was not found in the code") }
      places.append(first)
      read += ClaimLine.words(of: path)
    }
    let named = scene.services(named: line)
    if paths.isEmpty {
      places += served(#"['"`]/(api/)?(health|healthz|readyz|livez|ready|live)['"`/]"#, scope, scene)
      if scope.isWhole || !named.isEmpty {
        for (_, service) in scene.context.deployedServices() {
          guard let check = service.last("healthcheck"), named.isEmpty || named.contains(service.name.lowercased())
          else {
            continue
          }
          places.append(check.place)
          read.append(service.name.lowercased())
        }
      }
    }
    // Each service that is named needs one.
    if scope.isWhole, let missing = named.subtracting(read).min() {
      return .unproven("of '\(missing)' no health check was found")
    }
    guard let first = places.first else { return .unproven("no health check was found") }
    if line.isAboutWorking {
      return .unproven("a health check is there; whether it works is seen only by asking it", at: first)
    }
    return ClaimVerdict.truly("a health check is there; what it answers was not seen", at: first).reading(read)
  }

  /// The places that name a path without asking somebody else for it.
  private static func served(_ pattern: String, _ scope: ClaimScene.Scope, _ scene: ClaimScene) -> [TreePlace] {
    let calls = ["fetch(", "axios", "requests.", "httpx.", "http.get(", "http.Get(", "curl", "got(", "$http", "href"]
    return scene.code(pattern, in: scope).filter { hit in !calls.contains { hit.text.contains($0) } }.map(\.place)
  }

  /// The paths that a line names: `/healthz`, `/api/health`.
  private static func paths(in line: ClaimLine) -> [String] {
    line.text.split { " `(),;\"'".contains($0) }.map(String.init).filter { word in
      word.hasPrefix("/") && word.count > 2
        && word.dropFirst().allSatisfy { $0.isLetter || $0.isNumber || "/_-.".contains($0) }
    }.map { $0.last == "." ? String($0.dropLast()) : $0 }
  }

  static let samples: [ClaimSample] = [
    .judges(.true, "- [x] Health checks", in: ["src/a.ts": "app.get('/health', h)\n"], "an endpoint"),
    .judges(
      .unproven, "- [x] Health checks работают", in: ["src/a.ts": "app.get('/health', h)\n"], "working is more"),
    .judges(
      .unproven, "- [x] `/healthz` is monitored by Pingdom every minute", in: ["src/a.ts": "app.get('/healthz', h)\n"],
      "what others do with it"),
    .judges(
      .unproven, "- [x] Response time of the health check is below 200ms", in: ["src/a.ts": "app.get('/health', h)\n"],
      "how fast it answers"),
    .judges(.unproven, "- [x] Health check at `/ready`", in: ["src/a.ts": "app.get('/health', h)\n"], "another path"),
    .judges(
      .unproven, "- [x] Health checks", in: ["src/a.ts": "await fetch('/health')\n"], "another's is asked"),
    .judges(.unproven, "- [x] Health checks", in: ["tests/a.ts": "get('/health')\n"], "a test asks one"),
  ]
}
