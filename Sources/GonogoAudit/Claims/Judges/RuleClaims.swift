import GonogoCore

/// Claims that a rule's finding falsifies, and nothing in a tree proves.
enum RuleClaims: ClaimJudge {
  static let manual = ClaimManual(
    id: "rule-findings", title: "What a rule looks for is not there",
    what: """
      For claims that a rule of the audit is about: false where it found what the line says is not there, within the scope of \
      the line. No finding proves nothing: unproven.
      """, rules: subjects.flatMap(\.rules))

  private static let subjects: [(rules: [String], about: [String])] = [
    (["container-unpinned-image"], ["pinned image", "images pinned", "image tags pinned", "no latest tag"]),
    (["container-privileged"], ["no privileged", "not privileged", "unprivileged containers"]),
    (["container-no-restart"], ["restart polic"]),
    (["container-secret-in-environment"], ["no secrets in compose", "secrets not in compose"]),
    (
      ["committed-dotenv", "provider-key"],
      [
        "no secrets committed", "no secrets in repo", "no secrets in git", "secrets not committed",
        "no committed secrets", "нет секретов в репозитории", "no api keys in code",
      ]
    ),
    (["code-cookie-no-flags"], ["secure cookies", "httponly", "cookie flags", "cookies are secure"]),
    (["code-jwt-unverified"], ["jwt verification", "jwt verified", "jwt is verified", "token verification"]),
    (["code-webhook-no-signature"], ["webhook signature", "signature verification", "подпись webhook"]),
    (["public-secret"], ["no secrets in frontend", "no secrets in client", "no server secrets in the client"]),
    (["workflow-unpinned-action"], ["actions pinned", "pinned actions"]),
  ]

  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict? {
    guard let subject = subjects.first(where: { line.says($0.about) }) else { return nil }
    let found = scene.found(subject.rules, in: line)
    if !found.isEmpty { return .falsely(found.prefix(5).map { .init($0.message, at: $0.place) }) }
    let silent = subject.rules.filter(scene.looked)
    return silent.isEmpty
      ? .unproven("no rule looked: \(subject.rules.joined(separator: ", "))")
      : .unproven("\(silent.joined(separator: ", ")) found nothing, which does not prove it")
  }

  static let samples: [ClaimSample] = [
    .judges(
      .false, "- [x] Pinned images", in: ["compose.yml": "services:\n  a:\n    image: acme/a\n"], "one wanders",
      found: ["container-unpinned-image": "compose.yml"]),
    .judges(
      .unproven, "- [x] Pinned images", in: ["compose.yml": "services:\n  a:\n    image: acme/a:1\n"], "nothing found"),
  ]
}
