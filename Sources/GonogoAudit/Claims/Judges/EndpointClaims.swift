import GonogoCore

/// "`GET /api/health` is served", "Added `POST /api/orders/:id/refund`".
enum EndpointClaims: ClaimJudge {
  static let manual = ClaimManual(
    id: "endpoints", title: "The endpoints that the line names are served",
    what: """
      Looks at `GET /path`, at curl of the service's own host, and at `/api/…` and health paths between back quotes. False where the line \
      says that the endpoint was made or answers, or is nothing but its name, no route of the tree can serve it, and others beside it are \
      served. A line that says something else of an endpoint that nothing serves stays unproven, and so does one where the routes of the tree \
      were not read well enough. A route that is there is told as there; what it answers was not seen.
      """, rules: ["document-endpoint-unserved"])

  static let vocabulary = ClaimVocabulary(
    "endpoint* route* api http implemented exposed served эндпоинт*",
    contradicting: "returns responds respond answers ok status 200 201 отвечает возвращает")

  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict? {
    let named = NamedEndpoints.read(line.text)
    guard !named.isEmpty, !line.isDenial, !DocumentEndpoints.isElsewhere(line.lower) else { return nil }
    let routes = scene.context.facts(ServedRoutes.self)
    let rest = named.reduce(line.text) { $0.replacing($1.text, with: "").replacing($1.method ?? "", with: "") }
    let isBare = !rest.contains { $0.isLetter }
    let isMade =
      isBare || line.isAboutWorking
      || line.says(
        "endpoint", "route", "added", "implemented", "exposed", "available", "exists", "created", "served", "responds",
        "эндпоинт", "добавлен", "создан", "реализован", "есть")
    // The paths and methods that were looked up.
    let read = named.flatMap { ClaimLine.words(of: $0.text + " " + ($0.method ?? "")) }
    var there: [Claim.Evidence] = []
    for one in named {
      if let place = routes.serves(one.path) {
        there.append(.init("a route for '\(one.text)' is there; what it answers was not seen", at: place))
        continue
      }
      let text = "no route serves '\(one.shown)'"
      let near = routes.nearest(to: one.path).map { "; near it is '\($0.path.shown)'" } ?? ""
      guard isMade, isRead(routes, one.path) else { return .unproven(text + near) }
      return ClaimVerdict.falsely(
        text + near,
        at: routes.nearest(to: one.path)?.place ?? TreePlace(line.document.path, line: line.line)
      ).reading(read)
    }
    // What else the line says of an endpoint that is there is another judge's.
    guard
      isBare
        || line.says(
          "added", "implemented", "exposed", "available", "exists", "created", "добавлен", "создан", "реализован")
    else { return nil }
    return ClaimVerdict.truly(there).reading(read)
  }

  /// Whether enough of the tree's routes are known that one which is not among them is not there.
  private static func isRead(_ routes: ServedRoutes, _ path: RoutePath) -> Bool {
    let own = path.words.filter { !ServedRoutes.isMount($0) }
    return own.count == 1
      ? routes.parts.count >= 5 && routes.nearest(to: path) != nil : DocumentEndpoints.isBeside(path, routes)
  }

  static let samples: [ClaimSample] = [
    .judges(.true, "- [x] Added `GET /api/orders/:id`", in: ["src/a.ts": "app.get('/api/orders/:id', h)\n"], "there"),
    .judges(
      .false, "- [x] `POST /api/orders/:id/refund` endpoint",
      in: ["src/a.ts": "app.get('/api/orders/:id', h)\napp.post('/api/orders/:id/refunds', h)\n"], "called otherwise"),
    .judges(
      .unproven, "- [x] `GET /api/orders` endpoint returns 200", in: ["src/a.ts": "build(routes)\n"],
      "no route of the tree was read"),
  ]
}
