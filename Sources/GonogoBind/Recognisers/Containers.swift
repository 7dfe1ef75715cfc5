/// Compose files and manifests.
enum Containers {
  static let recogniser = Recogniser(
    "containers", probes: ["files"],
    manual: """
      "Open ports closed", "Redis and PostgreSQL only on localhost": no Compose file publishes a data store's port on all interfaces. "Resource limits added":
      the Compose file sets limits of memory for a service. "Kubernetes manifests": there is one of a Deployment.
      """, combines: true,
    samples: [
      Recogniser.Sample(
        "- ✅ Закрыты открытые порты",
        #"""
        files:
          path: ["docker-compose*.yml", "docker-compose*.yaml", "compose*.y*ml"]
          no_match: '/^\s*-\s*["'']?(0\.0\.0\.0:)?\d+:(5432|6379|3306|27017|9200|5672|11211)\b/'
        """#),
      Recogniser.Sample(
        "- ✅ Добавлены resource limits",
        #"""
        files:
          path: docker-compose.yml
        jq: '[.document.services[] | (.deploy.resources.limits.memory // .mem_limit)] | any(.[]; . != null)'
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
        "files:\n  path: [\"\(root)docker-compose*.yml\", \"\(root)docker-compose*.yaml\", \"\(root)compose*.y*ml\"]\n  no_match: '/^\\s*-\\s*[\"'']?(0\\.0\\.0\\.0:)?\\d+:(5432|6379|3306|27017|9200|5672|11211)\\b/'"
      )
      reasons.append("no Compose file publishes a data store's port on all interfaces")
    }
    if line.says(limits) {
      blocks.append(
        "files:\n  path: \(root)docker-compose.yml\njq: '[.document.services[] | (.deploy.resources.limits.memory // .mem_limit)] | any(.[]; . != null)'"
      )
      reasons.append("the Compose file sets a limit of memory")
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
  private static let manifests = Phrase(#"(kubernetes|k8s) (manifests?|манифест)"#)
}
