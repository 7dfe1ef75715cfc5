/// Images and their Dockerfile.
enum ContainerImages {
  static let recogniser = Recogniser(
    "container-images", probes: ["files", "command"],
    manual: """
      "Containers run as non-root", "HEALTHCHECK in the Dockerfile", "`.dockerignore` present", "base image pinned", "restart policy set": the Dockerfile or the Compose file says so. "All containers running" without a
      command: `docker compose ps`. In documents about Kubernetes the cluster is asked instead.
      """,
    samples: [
      Recogniser.Sample(
        "- [ ] Container runs as non-root user",
        #"""
        files: { path: ["**/Dockerfile*"], exclude: [node_modules], matches: '/^\s*USER\s+(?!root\b|0\b)\S/i' }
        """#),
      Recogniser.Sample(
        "- [ ] HEALTHCHECK defined in Dockerfile",
        #"""
        files: { path: ["**/Dockerfile*", "docker-compose*.y*ml", "compose*.y*ml"], exclude: [node_modules], matches: '/^\s*(HEALTHCHECK\b|healthcheck:)/' }
        """#),
      Recogniser.Sample(
        "- [ ] Restart policy set in Docker Compose",
        #"""
        files: { path: ["docker-compose*.y*ml", "compose*.y*ml"], matches: '/^\s*restart:\s*["'']?(always|unless-stopped|on-failure)/' }
        """#),
      Recogniser.Sample(
        "`docker compose up`\n\n- [ ] All containers running",
        #"""
        command: docker compose ps --format json
        jq: '[.lines[] | fromjson] | length >= 1 and all(.[]; .State == "running" and (.Health == "" or .Health == "healthy"))'
        """#),
      Recogniser.Sample(
        "- [ ] Docker base images pinned",
        #"""
        files: { path: ["**/Dockerfile*"], exclude: [node_modules], no_match: '/^\s*FROM\s+\S+:latest\b|^\s*FROM\s+[^:@\s]+(\s+AS\b|$)/i' }
        """#),
    ],
    lookalikes: [
      "- [ ] Non-root user may read", "- [ ] Shipping containers booked", "- [ ] Restart the router",
      "- [ ] Docker image pushed",
      "- [ ] Containers documented",
    ]
  ) { line, context in
    guard line.isItem, !line.says(Reservations.paper), !Kubernetes.isMeant(context) else { return nil }
    if line.says(running), context.mentions(compose) {
      return Draft(
        "command: docker compose ps --format json\njq: '[.lines[] | fromjson] | length >= 1 and all(.[]; .State == \"running\" and (.Health == \"\" or .Health == \"healthy\"))'",
        confidence: .medium, reason: "every container of the project runs, and none is unhealthy")
    }
    guard let claim = claims.first(where: { $0.isMade(by: line) }) else { return nil }
    return Draft(
      blocks: claim.blocks.map { $0.replacing("ROOT", with: context.root) }, confidence: claim.confidence,
      reason: claim.reason)
  }

  private static let running = Phrase(
    #"^(all )?(\d+ )?(docker )?containers? (are |is )?(running|up|healthy|started)|^(все )?контейнеры (запущены|работают)"#
  )
  private static let compose = Phrase(#"docker[- ]compose"#)
  private static let dockerfile = "path: [\"ROOT**/Dockerfile*\"], exclude: [node_modules]"
  private static let claims: [Claim] = [
    Claim(
      #"(containers?|docker(file)?|images?)\b.*\bnon-?root\b|\bnon-?root\b.*\b(containers?|docker(file)?|images?)\b|контейнер\w* .*не от root"#,
      "files: { \(dockerfile), matches: '/^\\s*USER\\s+(?!root\\b|0\\b)\\S/i' }",
      reason: "the Dockerfile names a user that is not root"),
    Claim(
      #"\bhealth ?check\b.*\b(dockerfile|docker|container|compose)|\b(dockerfile|docker|container|compose)\b.*\bhealth ?checks?\b"#,
      except: "endpoint",
      "files: { path: [\"ROOT**/Dockerfile*\", \"ROOTdocker-compose*.y*ml\", \"ROOTcompose*.y*ml\"], exclude: [node_modules], matches: '/^\\s*(HEALTHCHECK\\b|healthcheck:)/' }",
      reason: "the Dockerfile or the Compose file has one"),
    Claim(
      #"\.dockerignore\b.*(present|exists|created|configured|added)"#, "files: \"ROOT.dockerignore\"",
      confidence: .high,
      reason: "the file is there"),
    Claim(
      #"restart polic(y|ies)\b.*|containers? (auto-?)?restart(s|ed)? automatically|restart: (always|unless-stopped)"#,
      "files: { path: [\"ROOTdocker-compose*.y*ml\", \"ROOTcompose*.y*ml\"], matches: '/^\\s*restart:\\s*[\"'']?(always|unless-stopped|on-failure)/' }",
      reason: "a service of the Compose file is started again; that all are, its other services say"),
    Claim(
      #"(base|docker) images?\b.*\bpinned|images? (use|with|have) (specific|fixed|pinned) (tags|versions)"#,
      "files: { \(dockerfile), no_match: '/^\\s*FROM\\s+\\S+:latest\\b|^\\s*FROM\\s+[^:@\\s]+(\\s+AS\\b|$)/i' }",
      reason: "no Dockerfile is built from an image without a tag, or from latest"),
  ]
}
