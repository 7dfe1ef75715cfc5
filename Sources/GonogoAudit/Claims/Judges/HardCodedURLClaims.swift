import GonogoCore

/// "No hard-coded addresses in the workflows".
enum HardCodedURLClaims: ClaimJudge {
  static let manual = ClaimManual(
    id: "no-hard-coded-urls", title: "Workflows name no deployment's address",
    what: """
      False where a workflow of the scope has the address of a deployment in it; true where none has one and one is taken from \
      a secret or a variable instead. Addresses of other services are none.
      """, rules: ["workflow-hard-coded-url"])

  static let vocabulary = ClaimVocabulary(
    "hardcoded hard coded url* address* workflow* ci cd no deploy* removed replaced захардкожен* хардкод* нет удален* удалён* без",
    contradicting: "in", scope: .parts)

  private static let hosts =
    #"https?://[\w.-]+\.(vercel\.app|netlify\.app|railway\.app|up\.railway\.app|onrender\.com|fly\.dev|herokuapp\.com|koyeb\.app|azurewebsites\.net|run\.app|pages\.dev|workers\.dev)"#

  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict? {
    guard
      line.says(
        "hardcoded url", "hard-coded url", "hardcoded urls", "захардкоженн", "хардкод url", "hard-coded address"),
      line.says("ci", "workflow", "исправ", "fixed", "removed", "no ", "нет", "удал", "без", "deploy", "replaced")
        || line.words.count <= 3
    else { return nil }
    let found = scene.contradicting(manual.rules, in: line)
    if !found.isEmpty { return .falsely(found) }
    let scope = scene.scope(of: line)
    let workflows = scene.tree.files(in: .yaml).filter {
      $0.directory == ".github/workflows" && scope.contains($0.path)
    }
    var from: [Claim.Evidence] = []
    for file in workflows {
      if let hit = scene.lines(of: file, matching: scene.context.pattern(hosts)).first {
        return .falsely("the address of a deployment stands here", at: hit.place)
      }
      if let hit = scene.lines(
        of: file, matching: scene.context.pattern(#"\$\{\{\s*(secrets|vars)\.\w*(URL|HOST|DOMAIN|ENDPOINT)\w*\s*\}\}"#)
      ).first {
        from.append(.init("an address comes from a secret or a variable", at: hit.place))
      }
    }
    return from.isEmpty ? .unproven("no workflow takes an address from a variable") : .truly(Array(from.prefix(4)))
  }

  static let samples: [ClaimSample] = [
    .judges(
      .true, "- [x] Hardcoded URLs in CI/CD fixed",
      in: [".github/workflows/a.yml": "jobs:\n  a:\n    env:\n      U: ${{ secrets.DEPLOYMENT_URL }}\n"],
      "from a secret"),
    .judges(
      .false, "- [x] Hardcoded URLs исправлены",
      in: [".github/workflows/a.yml": "jobs:\n  a:\n    steps:\n      - run: curl https://acme.vercel.app/health\n"],
      "an address"),
    .judges(
      .unproven, "- [x] Hardcoded URLs исправлены",
      in: [".github/workflows/a.yml": "jobs:\n  a:\n    steps:\n      - run: curl https://api.github.com\n"],
      "another service's"),
  ]
}
