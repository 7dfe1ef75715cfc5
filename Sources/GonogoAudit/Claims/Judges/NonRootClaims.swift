import GonogoCore

/// "Containers run as a user of their own".
enum NonRootClaims: ClaimJudge {
  static let manual = ClaimManual(
    id: "non-root", title: "Containers do not run as root",
    what:
      "False where a rule found an image for production that runs as root; true where a Dockerfile of the scope has a USER that is none.",
    rules: ["container-root-user"])

  static let vocabulary = ClaimVocabulary(
    "container* image* non root nonroot not run runs do does as user* unprivileged without контейнер* не от без пользовател*",
    scope: .parts)

  static func judge(_ line: ClaimLine, in scene: ClaimScene) -> ClaimVerdict? {
    guard
      line.says(
        "non-root", "nonroot", "non root", "not run as root", "without root", "не от root", "без root",
        "unprivileged user")
    else { return nil }
    guard let all = scene.findings(of: "container-root-user") else {
      return .unproven("the rule container-root-user did not look")
    }
    let scope = scene.scope(of: line)
    let found = all.filter { scope.contains($0.place.path) }
    if !found.isEmpty { return .falsely(found) }
    // The rule is silent of images that a reader may well count among the containers.
    if let one = RootUser.passedOver(in: scene.context).first(where: { scope.contains($0.path) }) {
      return .unproven("an image that looks like a developer's or a build's runs as root", at: one)
    }
    var users: [Claim.Evidence] = []
    for dockerfile in scene.context.facts(Dockerfiles.self) where scope.contains(dockerfile.file.path) {
      if let user = dockerfile.lineage.flatMap(\.instructions).last(where: { $0.name == "USER" }),
        !["root", "0"].contains(user.text.trimmed)
      {
        users.append(.init("the image runs as '\(user.text.trimmed)'", at: dockerfile.place(user)))
      }
    }
    return users.isEmpty ? .unproven("no Dockerfile sets a user") : .truly(Array(users.prefix(4)))
  }

  static let samples: [ClaimSample] = [
    .judges(
      .true, "- [x] Non-root containers", in: ["Dockerfile": "FROM node:20\nUSER node\nCMD [\"node\", \"a.js\"]\n"],
      "a user"),
    .judges(
      .false, "- [x] Non-root containers", in: ["Dockerfile": "FROM node:20\nCMD [\"node\", \"a.js\"]\n"], "root",
      found: ["container-root-user": "Dockerfile"]),
    .judges(.unproven, "- [x] Non-root containers", in: ["a.txt": "x\n"], "no image"),
    .judges(
      .unproven, "- [x] Non-root containers",
      in: [
        "api/Dockerfile": "FROM node:20\nUSER node\nCMD [\"node\", \"a.js\"]\n",
        "web/Dockerfile": "FROM debian:12\nRUN pecl install xdebug\nCMD [\"/srv/web\"]\n",
      ], "another one with a debugger in it"),
    .judges(
      .unproven, "- [x] Non-root containers",
      in: [
        "api/Dockerfile": "FROM node:20\nUSER node\nCMD [\"node\", \"a.js\"]\n",
        "toolbox/Dockerfile": "FROM debian:12\nCMD [\"/srv/run\"]\n",
      ], "another one that is called a tool's"),
    .judges(
      .true, "- [x] Non-root containers",
      in: [
        "api/Dockerfile": "FROM node:20\nUSER node\nCMD [\"node\", \"a.js\"]\n",
        "web/Dockerfile": "FROM debian:12\nRUN pecl install xdebug\nUSER web\nCMD [\"/srv/web\"]\n",
        "Dockerfile.dev": "FROM node:20\nCMD [\"npm\", \"run\", \"dev\"]\n",
      ], "a debugger's image with a user, and a developer's by its name"),
  ]
}
