import GonogoCore

/// "Ports are closed", "databases are bound to 127.0.0.1".
enum ClosedPortClaims: ClaimJudge {
  static let manual = ClaimManual(
    id: "closed-ports", title: "The ports of datastores are closed",
    what: """
      Reads every Compose file, those for developers too, or those that the line names. Which port is meant is said by its \
      number or by a service's name; without either the datastores' and those of their pages are. False where one of them is \
      published on every interface; true where each is published on the machine's own address or not at all. Firewalls and \
      clouds are not judged.
      """, rules: ["container-open-datastore"])

  static let vocabulary = ClaimVocabulary(
    "port* closed close closes open database* datastore* db cache* bound bind localhost 127 0 1 loopback exposed expose public publicly published internal only not no all every порт* закры* открыт* все",
    contradicting: "outside outer world снаружи извне наружу", scope: .compose)

  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict? {
    guard line.says("port", "порт"),
      line.says(
        "closed", "close", "закры", "localhost", "127.0.0.1", "bound", "not exposed", "not public", "unexposed",
        "internal only"),
      !line.says("portal", "import", "export", "report", "support") || line.says("закры", "closed")
    else { return nil }
    // What the Internet reaches is a matter of what is deployed: the rule's own sentence judges that.
    if line.says("internet", "интернет") { return nil }
    let scope = scene.composeScope(of: line)
    let numbers = Set(line.words.filter { $0.count >= 2 && $0.allSatisfy(\.isNumber) && !["127"].contains($0) })
    // Who is outside reaches what is deployed, and no developer's machine.
    let isOfOutside = line.says("outside", "outer", "снаружи", "извне", "наружу")
    let services = scene.context.facts(ComposeProjects.self).filter { !isOfOutside || $0.purpose != .development }
      .flatMap(\.services).filter { scope.contains($0.file.path) && !(isOfOutside && $0.isDevelopment) }
    let named = scene.services(named: line)
    var open: [Claim.Evidence] = []
    var closed: [Claim.Evidence] = []
    for service in services {
      let image = service.image
      let isKept = image.map { Datastores.isDatastore($0) || Datastores.isAdministration($0) } ?? false
      let isNamed =
        named.contains(service.name.lowercased()) || image.map { named.contains($0.name.lowercased()) } ?? false
      // A number or a name says which is meant; without one the datastores are.
      if named.isEmpty ? numbers.isEmpty && !isKept : !isNamed { continue }
      let ports = PublishedPort.of(service)
      let meant =
        numbers.isEmpty ? ports : ports.filter { numbers.contains($0.published ?? "") || numbers.contains($0.target) }
      for port in meant where port.isOnEveryInterface && port.published != nil {
        open.append(.init("'\(service.name)' publishes port \(port.target) on every interface", at: port.place))
      }
      if let port = meant.first(where: \.isLoopback) {
        closed.append(.init("'\(service.name)' is published on \(port.address ?? "") only", at: port.place))
      } else if service["ports"].isEmpty, numbers.isEmpty || numbers.contains(Datastores.port(of: image) ?? "") {
        closed.append(.init("'\(service.name)' publishes no port", at: service.place))
      }
    }
    let read = numbers.sorted() + named.sorted()
    if !open.isEmpty { return ClaimVerdict.falsely(open).reading(read) }
    if closed.isEmpty {
      // A Service of Kubernetes that puts a datastore on a public address has no port in a Compose file.
      let elsewhere = scene.contradicting(manual.rules, in: line)
      if read.isEmpty, scope.isWhole, !elsewhere.isEmpty { return .falsely(elsewhere) }
      return .unproven(
        numbers.isEmpty
          ? "no Compose file has a datastore, and other places were not looked at"
          : "no Compose file publishes port \(numbers.sorted().joined(separator: ", ")), and other places were not looked at"
      )
    }
    return ClaimVerdict.truly(Array(closed.prefix(4))).reading(read)
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
      .unproven, "- [x] Port 6379 is closed",
      in: ["compose.yml": "services:\n  db:\n    image: postgres:16\n    ports: [\"5432:5432\"]\n"],
      "a neighbour's port"),
    .judges(
      .true, "- [x] Port 6379 is closed",
      in: [
        "compose.yml":
          "services:\n  db:\n    image: postgres:16\n    ports: [\"5432:5432\"]\n  cache:\n    image: redis:7\n    ports: [\"127.0.0.1:6379:6379\"]\n"
      ], "this port, whatever the neighbour's is"),
    .judges(
      .false, "- [x] Port 5432 closed to the outside",
      in: ["docker-compose.prod.yml": "services:\n  db:\n    image: postgres:16\n    ports: [\"5432:5432\"]\n"],
      "every interface of what is deployed"),
    .judges(
      .unproven, "- [x] Port 5432 closed to the outside",
      in: ["docker-compose.dev.yml": "services:\n  db:\n    image: postgres:16\n    ports: [\"5432:5432\"]\n"],
      "a developer's machine"),
    .judges(
      .unproven, "- [x] Port 5432 closed to the outside",
      in: ["compose.yml": "services:\n  db:\n    image: postgres:16\n    ports: [\"127.0.0.1:5432:5432\"]\n"],
      "what else lets in from outside was not seen"),
    .judges(
      .false, "- [x] Ports of datastores are closed", in: ["k8s/redis.yaml": "kind: Service\n"],
      "a Service of Kubernetes on a public address", found: ["container-open-datastore": "k8s/redis.yaml"]),
    .judges(
      .unproven, "- [x] Port 5432 is closed", in: ["k8s/redis.yaml": "kind: Service\n"],
      "a Service of another port, perhaps", found: ["container-open-datastore": "k8s/redis.yaml"]),
    .judges(
      .unproven, "- [x] Ports closed",
      in: ["compose.yml": "services:\n  web:\n    image: nginx:1.27\n    ports: [\"443:443\"]\n"],
      "no datastore"),
  ]
}
