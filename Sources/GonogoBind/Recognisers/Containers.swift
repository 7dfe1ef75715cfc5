/// Compose files and manifests.
enum Containers {
  static let recogniser = Recogniser(
    "containers", probes: ["files"],
    manual: """
      "Open ports closed", "Redis and PostgreSQL only on localhost": no Compose file publishes a data store's port on all interfaces. "Resource limits added":
      the Compose file sets a limit of memory for every service. "Kubernetes manifests": there is one of a Deployment.
      """, combines: true,
    samples: [
      Recogniser.Sample(
        "- ✅ Закрыты открытые порты",
        #"""
        files:
          path: ["docker-compose*.yml", "docker-compose*.yaml", "compose*.y*ml"]
          no_match:
            - '/(^\s*-\s*|[\[,]\s*)["'']?((0\.0\.0\.0|\[?::\]?):)?\d+:(5432|6379|3306|27017|9200|5672|11211)\b/'
            - '/^\s*network_mode:\s*["'']?host/'
        """#),
      Recogniser.Sample(
        "- ✅ Добавлены resource limits",
        #"""
        files:
          path: docker-compose.yml
        jq: '[.document.services[] | (.deploy.resources.limits.memory // .mem_limit)] | length >= 1 and all(.[]; . != null)'
        """#),
      Recogniser.Sample(
        "- [ ] **Kubernetes manifests** (можно развернуть на Docker Compose или PaaS)",
        #"""
        files:
          path: ["**/*.yaml", "**/*.yml"]
          exclude: [node_modules, .github]
          matches: '/^kind:\s*(Deployment|StatefulSet)\b/'
        """#),
    ],
    lookalikes: ["- [ ] Export limits set", "- [x] Docker/K8s Analysis", "- Ports of the office open"]
  ) { line, context in
    let root = context.root
    var blocks: [String] = []
    var reasons: [String] = []
    if line.says(ports) {
      blocks.append(
        "files:\n  path: [\"\(root)docker-compose*.yml\", \"\(root)docker-compose*.yaml\", \"\(root)compose*.y*ml\"]\n  no_match:\n    - '/(^\\s*-\\s*|[\\[,]\\s*)[\"'']?((0\\.0\\.0\\.0|\\[?::\\]?):)?\\d+:(5432|6379|3306|27017|9200|5672|11211)\\b/'\n    - '/^\\s*network_mode:\\s*[\"'']?host/'"
      )
      reasons.append("no Compose file publishes a data store's port on all interfaces, in the short form")
    }
    if line.says(limits), !line.says(compose) {
      blocks.append(
        "files:\n  path: \(root)docker-compose.yml\njq: '[.document.services[] | (.deploy.resources.limits.memory // .mem_limit)] | length >= 1 and all(.[]; . != null)'"
      )
      reasons.append("the Compose file sets a limit of memory for every service")
    }
    if line.says(manifests) {
      blocks.append(
        "files:\n  path: [\"\(root)**/*.yaml\", \"\(root)**/*.yml\"]\n  exclude: [node_modules, .github]\n  matches: '/^kind:\\s*(Deployment|StatefulSet)\\b/'"
      )
      reasons.append("the repository has the manifest of a workload")
    }
    return blocks.isEmpty ? nil : Draft(blocks: blocks, confidence: .medium, reason: reasons.joined(separator: "; "))
  }

  private static let ports = Phrase(
    #"(closed|закрыт\w*)\b.*(ports?|порт)|(ports?|порты)\b.*(closed|закрыт)|доступны только с localhost|only (on|from) localhost|порты закрыты"#
  )
  private static let limits = Phrase(#"resource limits|лимиты ресурсов|(memory|cpu) limits"#)
  /// What says of services one by one is for ``ComposeServices``.
  private static let compose = Phrase(#"\b(every|each|all) (services?|containers?)\b"#)
  private static let manifests = Phrase(#"(kubernetes|k8s) (manifests?|манифест)"#)
}
