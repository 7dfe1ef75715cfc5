import GonogoCore

/// Lines that say what a rule's own sentence says.
enum RuleClaims: ClaimJudge {
  static let manual = ClaimManual(
    id: "rule-findings", title: "What a rule of the audit looks for is not there",
    what: """
      Every rule names the checklist line that its findings make false, and other wordings of it. A line that has all words of \
      one is judged by these rules: false where they found something of what the line speaks of; true where they saw all of a \
      kind, every one of them without a fault, and say how many; otherwise unproven, since most rules are silent where they \
      cannot tell.
      """, rules: BuiltinRules.all.map { $0.manual.id })

  static let vocabulary = ClaimVocabulary("", scope: .parts)

  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict? {
    if line.isAboutSome { return nil }
    let said = RuleSentence.said(by: line)
    // What is needed is a wish, except where the sentence itself speaks of needs.
    if said.isEmpty || line.isWish && !said.contains(where: { $0.keys.contains("need") }) { return nil }
    var rules: [String] = []
    for rule in said.flatMap(\.rules) where !rules.contains(rule) { rules.append(rule) }
    return verdict(on: rules, line, scene).reading(said.flatMap { $0.words(in: line) })
  }

  private static func verdict(on rules: [String], _ line: ClaimLine, _ scene: ClaimScene) -> ClaimVerdict {
    var found = scene.contradicting(rules, in: line)
    // "In docker-compose": what stands in a Compose file is of that, and nothing else is.
    let compose = line.hasWord("compose") ? scene.inCompose(found) : []
    if !compose.isEmpty { found = compose }
    let all = rules.compactMap { BuiltinRules.named($0)?.examined(in: scene.context) }
    if !found.isEmpty {
      // "All 3 services" are all of them.
      return ClaimVerdict.falsely(found).reading(
        all.map { String($0.places.count + $0.unseen.count) } + (compose.isEmpty ? [] : ["docker", "compose"]))
    }
    if let light = scene.found(rules, in: line).first {
      return .unproven(
        "only a case that weighs less than the rule's others was found: \(light.message)", at: light.place)
    }
    let blind = rules.filter { !scene.looked($0) || BuiltinRules.named($0)?.tool?.isInstalled == false }
    if !blind.isEmpty { return .silent("could not look: \(blind.joined(separator: ", "))") }
    let silence = "\(Fold.list(rules, 4)) found nothing, which does not prove it"
    var evidence: [Claim.Evidence] = []
    var counts: [String] = []
    for rule in rules {
      // Of parts of a tree a rule does not say what it saw.
      guard let examined = BuiltinRules.named(rule)?.examined(in: scene.context), scene.scope(of: line).isWhole else {
        return .silent(silence)
      }
      if let first = examined.unseen.first {
        return .unproven("of one of the \(examined.kind) it could not be seen", at: first)
      }
      if let first = examined.untold.first {
        return .unproven(
          "one of the \(examined.kind) is \(examined.fault), though nothing that goes live waits for it", at: first)
      }
      guard let first = examined.places.first else { continue }
      evidence.append(.init("\(examined.places.count) \(examined.kind), 0 \(examined.fault)", at: first))
      counts.append(String(examined.places.count))
    }
    if evidence.isEmpty { return .silent("there is nothing in the tree that \(Fold.list(rules, 4)) could look at") }
    return ClaimVerdict.truly(evidence).reading(counts + ["all", "every", "each", "any", "все", "всех", "каждый"])
  }

  static let samples: [ClaimSample] = [
    .judges(
      .false, "- [x] Images are pinned", in: ["compose.prod.yml": "services:\n  a:\n    image: acme/a\n"],
      "one wanders",
      found: ["container-unpinned-image": "compose.prod.yml"]),
    .judges(
      .true, "- [x] Every image is pinned to a version",
      in: ["compose.prod.yml": "services:\n  a:\n    image: acme/a:1\n"], "each has one"),
    .judges(
      .unproven, "- [x] Every CI job has a timeout",
      in: [
        ".github/workflows/a.yml":
          "on: pull_request\njobs:\n  test: { steps: [{ run: npm test }] }\n  lint: { timeout-minutes: 5, steps: [{ run: npm run lint }] }\n"
      ], "a check has none, for which nothing waits"),
    .judges(
      .false, "- [x] Every service in docker-compose has a health check",
      in: ["docker-compose.prod.yml": "services:\n  a:\n    image: acme/a:1\n"], "a service of Compose has none",
      found: ["container-no-healthcheck": "docker-compose.prod.yml"]),
    .judges(
      .unproven, "- [x] Every image in docker-compose is pinned",
      in: [
        "docker-compose.yml": "services:\n  a:\n    image: acme/a:1\n",
        "k8s/a.yaml":
          "apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec: { containers: [{ name: a, image: acme/a }] }\n",
      ], "one of Kubernetes wanders", found: ["container-unpinned-image": "k8s/a.yaml"]),
    .judges(
      .false, "- [x] Нет секретов в репозитории",
      in: ["compose.prod.yml": "services:\n  a:\n    image: acme/a:1\n"], "one is written into a deployment file",
      found: ["container-secret-in-environment": "compose.prod.yml"]),
    .judges(
      .unproven, "- [x] Images of the mirror are pinned",
      in: ["compose.prod.yml": "services:\n  a:\n    image: acme/a\n"], "another image, perhaps",
      found: ["container-unpinned-image": "compose.prod.yml"]),
    .judges(
      .unproven, "- [x] No secrets in the repository",
      in: ["compose.prod.yml": "services:\n  a:\n    image: acme/a:1\n"],
      "silence proves nothing"),
  ]
}
