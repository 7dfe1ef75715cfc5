import GonogoCore

/// "Resource limits are set".
enum ResourceLimitClaims: ClaimJudge {
  static let manual = ClaimManual(
    id: "resource-limits", title: "Resource limits are set",
    what: """
      "Added" is true where some service has a memory limit, in the files that the line names. Any other wording speaks of all of \
      them: false where a service that is deployed has none, true where each has one.
      """, rules: ["container-no-memory-limit"])

  static let vocabulary = ClaimVocabulary(
    "resource* limit* memory mem_limit cpu docker compose container* service* лимит* ресурс* памяти установлен* all every each все всех",
    scope: .compose)

  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict? {
    guard
      line.says(
        "resource limit", "memory limit", "cpu limit", "resource-limit", "лимиты ресурсов", "лимиты памяти", "mem_limit"
      ),
      !line.isDenial
    else { return nil }
    // Of processors a rule's own sentence judges.
    if line.says("cpu"), !line.says("memory", "resource", "памят", "ресурс") { return nil }
    let scope = scene.composeScope(of: line)
    // "For the API": the other services are another matter.
    let named = scene.services(named: line)
    func isMeant(_ name: String) -> Bool { named.isEmpty || named.contains(name.lowercased()) }
    var limits: [Claim.Evidence] = []
    for project in scene.context.facts(ComposeProjects.self) {
      for service in project.services where scope.contains(service.file.path) && isMeant(service.name) {
        if let limit = service.last("mem_limit") ?? service.last("deploy", "resources", "limits", "memory") {
          limits.append(.init("'\(service.name)' has a memory limit", at: limit.place))
        }
      }
    }
    for workload in scene.context.facts(KubernetesWorkloads.self)
    where scope.contains(workload.file.path) && isMeant(workload.name) {
      for container in workload.containers where container.node["resources"]?["limits"]?["memory"] != nil {
        limits.append(.init("'\(container.name)' has a memory limit", at: container.place))
      }
    }
    if line.isAboutSome {
      return limits.isEmpty ? .unproven("no memory limit was found") : .truly(Array(limits.prefix(4)))
    }
    guard let all = scene.findings(of: "container-no-memory-limit") else {
      return .unproven("the rule container-no-memory-limit did not look")
    }
    let found = all.filter { scope.contains($0.place.path) && isMeant(String($0.subject.prefix { $0 != " " })) }
    if !found.isEmpty { return ClaimVerdict.falsely(found).reading(named.sorted()) }
    // Of a file that nothing shows to go live the rule says nothing, and all of them are not all.
    let unjudged = scene.context.facts(ComposeProjects.self).filter { $0.purpose != .development && !$0.goesLive }
    for service in unjudged.flatMap(\.services)
    where !service.isJob && !service.isDevelopment && scope.contains(service.file.path) && isMeant(service.name)
      && service.last("mem_limit") == nil && service.last("deploy", "resources", "limits", "memory") == nil
    {
      return .unproven("'\(service.name)' has none, and nothing shows whether it goes live", at: service.place)
    }
    return limits.isEmpty
      ? .unproven("no memory limit was found")
      : ClaimVerdict.truly(Array(limits.prefix(4))).reading(named.sorted())
  }

  private static let limited = "services:\n  api:\n    image: a/b:1\n    mem_limit: 512m\n"
  static let samples: [ClaimSample] = [
    .judges(.true, "- [x] Resource limits set", in: ["compose.prod.yml": limited], "each has one"),
    .judges(
      .false, "- [x] Resource limits установлены", in: ["compose.prod.yml": limited + "  worker:\n    image: a/c:1\n"],
      "one has none", found: ["container-no-memory-limit": "compose.prod.yml"]),
    .judges(
      .true, "- [x] Resource limits are set for the API",
      in: ["compose.prod.yml": limited + "  worker:\n    image: a/c:1\n"],
      "the one that is meant", found: ["container-no-memory-limit": "compose.prod.yml"]),
    .judges(
      .unproven, "- [x] Resource limits are set for the mailer",
      in: ["compose.prod.yml": limited + "  worker:\n    image: a/c:1\n"], "another's",
      found: ["container-no-memory-limit": "compose.prod.yml"]),
    .judges(.unproven, "- [x] Resource limits set", in: ["Procfile": "web: run\n"], "nothing says"),
  ]
}
