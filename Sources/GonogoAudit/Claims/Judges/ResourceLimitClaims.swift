import GonogoCore

/// "Resource limits are set".
enum ResourceLimitClaims: ClaimJudge {
  static let manual = ClaimManual(
    id: "resource-limits", title: "Resource limits are set",
    what: """
      "Added" is true where some service has a memory limit, in the files that the line names. Any other wording speaks of all of \
      them: false where a service that is deployed has none, true where each has one.
      """, rules: ["container-no-memory-limit"])

  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict? {
    guard
      line.says(
        "resource limit", "memory limit", "cpu limit", "resource-limit", "лимиты ресурсов", "лимиты памяти", "mem_limit"
      ),
      !line.isDenial
    else { return nil }
    let scope = scene.composeScope(of: line)
    var limits: [Claim.Evidence] = []
    for project in scene.context.facts(ComposeProjects.self) {
      for service in project.services where scope.contains(service.file.path) {
        if let limit = service.last("mem_limit") ?? service.last("deploy", "resources", "limits", "memory") {
          limits.append(.init("'\(service.name)' has a memory limit", at: limit.place))
        }
      }
    }
    for workload in scene.context.facts(KubernetesWorkloads.self) where scope.contains(workload.file.path) {
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
    let found = all.filter { scope.contains($0.place.path) }
    if !found.isEmpty { return .falsely(found.prefix(5).map { .init($0.message, at: $0.place) }) }
    return limits.isEmpty ? .unproven("no memory limit was found") : .truly(Array(limits.prefix(4)))
  }

  private static let limited = "services:\n  api:\n    image: a/b:1\n    mem_limit: 512m\n"
  static let samples: [ClaimSample] = [
    .judges(.true, "- [x] Resource limits set", in: ["compose.prod.yml": limited], "each has one"),
    .judges(
      .false, "- [x] Resource limits установлены", in: ["compose.prod.yml": limited + "  worker:\n    image: a/c:1\n"],
      "one has none", found: ["container-no-memory-limit": "compose.prod.yml"]),
    .judges(.unproven, "- [x] Resource limits set", in: ["Procfile": "web: run\n"], "nothing says"),
  ]
}
