/// What every service of a Compose file must have.
enum ComposeServices {
  static let recogniser = Recogniser(
    "compose-services", probes: ["files"],
    manual: """
      "Every service has memory limits", "every container has a memory limit and a CPU limit", "every service has a health check", "no container is privileged", "no container runs
      as root", "all images are pinned by digest": each service of the Compose file, which is `docker-compose.yml` unless the line or the repository names another. An
      image's own user is not seen: a service counts as not root where `user:` says so.
      """,
    samples: [
      Recogniser.Sample(
        "- [ ] Every service has memory limits",
        #"""
        files: docker-compose.yml
        jq: '[.document.services[]] | length >= 1 and all(.[]; (.deploy.resources.limits.memory // .mem_limit) != null)'
        """#),
      Recogniser.Sample(
        "- [ ] Every container has a memory limit and a CPU limit",
        #"""
        files: docker-compose.yml
        jq: '[.document.services[]] | length >= 1 and all(.[]; (.deploy.resources.limits.memory // .mem_limit) != null and (.deploy.resources.limits.cpus // .cpus) != null)'
        """#),
      Recogniser.Sample(
        "- [ ] Every service in docker-compose has a health check",
        #"""
        files: docker-compose.yml
        jq: '[.document.services[]] | length >= 1 and all(.[]; .healthcheck != null and .healthcheck.disable != true and .healthcheck.test != ["NONE"])'
        """#),
      Recogniser.Sample(
        "- [ ] No container is privileged",
        #"""
        files: docker-compose.yml
        jq: '[.document.services[]] | length >= 1 and all(.[]; .privileged != true)'
        """#),
      Recogniser.Sample(
        "- [ ] Containers do not run as root",
        #"""
        files: docker-compose.yml
        jq: '[.document.services[]] | length >= 1 and all(.[]; (.user // "root" | tostring) | test("^(root|0)(:|$)") | not)'
        """#),
      Recogniser.Sample(
        "- [ ] All images are pinned by digest",
        #"""
        files: docker-compose.yml
        jq: '[.document.services[] | select(.image != null)] | length >= 1 and all(.[]; .image | test("@sha256:[0-9a-f]{64}$"))'
        """#),
      Recogniser.Sample(
        "- [ ] У всех сервисов заданы лимиты памяти",
        #"""
        files: docker-compose.yml
        jq: '[.document.services[]] | length >= 1 and all(.[]; (.deploy.resources.limits.memory // .mem_limit) != null)'
        """#),
    ],
    lookalikes: [
      "- [ ] Every service has an owner", "- [ ] The health check works", "- [ ] All images have alt texts",
      "- [ ] Every pod has memory limits", "- [ ] No service is left behind", "- [ ] Some services have memory limits",
    ]
  ) { line, context in
    if line.kind == .command || line.kind == .statement || line.says(elsewhere) { return nil }
    let file = line.codes.first(where: compose.isFound) ?? named.first(in: line.text)?[0]
    let known = context.facts?.deployed.filter { $0.kind == "compose" }.map(\.path).sorted().first
    let path = context.path(file ?? known ?? "docker-compose.yml")
    let subject = line.says(every)
    var wanted: [String] = []
    var reasons: [String] = []
    let whole = "[.document.services[]]"
    if subject, line.says(memory) {
      wanted.append("(.deploy.resources.limits.memory // .mem_limit) != null")
      reasons.append("a limit of memory")
    }
    if subject, line.says(cpu) {
      wanted.append("(.deploy.resources.limits.cpus // .cpus) != null")
      reasons.append("a limit of processors")
    }
    if subject, line.says(health) {
      wanted.append(".healthcheck != null and .healthcheck.disable != true and .healthcheck.test != [\"NONE\"]")
      reasons.append("a health check")
    }
    if line.says(privileged) {
      wanted.append(".privileged != true")
      reasons.append("no privileges")
    }
    if line.says(root) {
      wanted.append("(.user // \"root\" | tostring) | test(\"^(root|0)(:|$)\") | not")
      reasons.append("a user that is not root")
    }
    if wanted.count == 1 {
      return draft(path, whole, wanted.joined(separator: " and "), reasons, line)
    }
    if wanted.count > 1 {
      return draft(
        path, whole, wanted.map { $0.contains("|") ? "(\($0))" : $0 }.joined(separator: " and "), reasons, line)
    }
    guard line.says(pinned) else { return nil }
    return draft(
      path, "[.document.services[] | select(.image != null)]", ".image | test(\"@sha256:[0-9a-f]{64}$\")",
      ["an image by its digest, where it names one"], line)
  }

  private static func draft(
    _ path: String, _ services: String, _ condition: String, _ reasons: [String], _ line: ChecklistLine
  ) -> Draft {
    Draft(
      "files: \(YAMLText.scalar(path))\njq: '\(services) | length >= 1 and all(.[]; \(condition))'",
      confidence: line.says(compose) || line.says(named) ? .high : .medium,
      reason:
        "every service of the Compose file has \(reasons.joined(separator: ", ")); what runs elsewhere is not seen",
      carries: ["CPU", "docker", "compose", "health check", "memory", "root", "digest", "лимит"])
  }

  private static let every = Phrase(
    #"\b(every|each|all|both)( (of )?(the |our )?\w+)? ?(compose )?(services?|containers?)\b|(кажд\w+|все|всех|у всех) (сервис|контейнер)\w*"#
  )
  private static let memory = Phrase(
    #"memory limits?|mem_limit|resource limits?|limits? (of|for|on) memory|лимит\w* (памяти|ресурс)"#)
  private static let cpu = Phrase(
    #"cpu limits?|limits? (of|for|on) (the )?cpu|cpu and memory limits?|лимит\w* (cpu|процессор)"#)
  private static let health = Phrase(#"health[- ]?checks?|проверк\w+ здоровья"#)
  private static let privileged = Phrase(
    #"no (service|container)s? (is|are|runs?)( \w+)? privileged|(services|containers) (do not|don't|never|must not) run( as)? privileged|(ни один|нет) \w* ?контейнер\w* .*привилегирован"#
  )
  private static let root = Phrase(
    #"no (service|container)s? runs? as root|(services|containers) (do not|don't|never|must not) run as root|контейнер\w* не (запуска|работа)\w+ (от|под) root"#
  )
  private static let pinned = Phrase(
    #"(all|every) (container |docker |base )?images? (is |are )?pinned (by|to) (a |their )?digest"#)
  private static let compose = Phrase(#"compose"#)
  private static let named = Phrase(#"\b[\w/-]*compose[\w.-]*\.ya?ml\b"#)
  private static let elsewhere = Phrase(
    #"kubernetes|k8s|\bpods?\b|\bhelm\b|\bchart\b|Dockerfile|deployments?\b|workloads?"#)
}
