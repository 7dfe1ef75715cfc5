import GonogoCore

/// "Ports are closed", "databases are bound to 127.0.0.1".
enum ClosedPortClaims: ClaimJudge {
  static let manual = ClaimManual(
    id: "closed-ports", title: "The ports of datastores are closed",
    what: """
      Reads every Compose file, those for developers too, or those that the line names. False where a datastore or its page is \
      published on every interface; true where there are datastores and each is published on the machine's own address or not \
      at all. Ports of applications, firewalls and clouds are not judged.
      """, rules: ["container-open-datastore"])

  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict? {
    guard line.says("port", "порт"),
      line.says(
        "closed", "close", "закры", "localhost", "127.0.0.1", "bound", "not exposed", "not public", "unexposed",
        "internal only"),
      !line.says("portal", "import", "export", "report", "support") || line.says("закры", "closed")
    else { return nil }
    let scope = scene.composeScope(of: line)
    var open: [Claim.Evidence] = []
    var closed: [Claim.Evidence] = []
    for project in scene.context.facts(ComposeProjects.self) {
      for service in project.services where scope.contains(service.file.path) {
        guard let image = service.image, Datastores.isDatastore(image) || Datastores.isAdministration(image) else {
          continue
        }
        let ports = PublishedPort.of(service)
        for port in ports where port.isOnEveryInterface && port.published != nil {
          open.append(.init("'\(service.name)' publishes port \(port.target) on every interface", at: port.place))
        }
        if let port = ports.first(where: \.isLoopback) {
          closed.append(.init("'\(service.name)' is published on \(port.address ?? "") only", at: port.place))
        } else if service["ports"].isEmpty {
          closed.append(.init("'\(service.name)' publishes no port", at: service.place))
        }
      }
    }
    if !open.isEmpty { return .falsely(Array(open.prefix(5))) }
    if closed.isEmpty { return .unproven("no Compose file has a datastore, and other places were not looked at") }
    return .truly(Array(closed.prefix(4)))
  }

  static let samples: [ClaimSample] = [
    .judges(
      .true, "- [x] Database ports closed",
      in: ["compose.yml": "services:\n  db:\n    image: postgres:16\n    ports: [\"127.0.0.1:5432:5432\"]\n"],
      "its own address"),
    .judges(
      .false, "- ✅ Закрыты открытые порты",
      in: ["compose.dev.yml": "services:\n  db:\n    image: redis:7\n    ports: [\"6379:6379\"]\n"], "every interface"),
    .judges(
      .unproven, "- [x] Ports closed",
      in: ["compose.yml": "services:\n  web:\n    image: nginx:1.27\n    ports: [\"443:443\"]\n"],
      "no datastore"),
  ]
}
