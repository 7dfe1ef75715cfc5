public import GonogoCore

/// Variables that a file to fill in declares and nothing uses.
public struct UnusedVariable: AuditRule {
  public static let manual = RuleManual(
    id: "env-unused", severity: .low, family: "environment",
    title: "A declared variable is used by nothing",
    what: """
      Looks at `.env.example` and its like for variables whose names stand in no program, script, build, template or deployment \
      file of the repository, as a word or as the beginning that a program puts names together from. One finding for each file, \
      with the list. Names that a document shows in a configuration (`${NAME}`) pass. Variables of platforms and of well-known tools, which read them by themselves, pass, as do those that begin with the name of a service that is pulled and not built; so do names that look \
      like a misspelling, which `env-misspelt` tells.
      """,
    why: "somebody sets it, believes that it works, and nothing happens",
    mend: "take the variable out, or let the code read it",
    falsifies: "the environment has what the code reads, and nothing else")

  public init() {}

  static func names(_ facts: EnvironmentFacts) -> [EnvironmentDeclaration] {
    facts.variables.filter { !facts.isUsed($0.name) }.flatMap { variable in
      variable.declarations.filter { $0.kind == .example && !$0.isComment }
    }.filter { declaration in
      !EnvironmentNames.isPlatforms(declaration.name) && EnvironmentNames.isConventional(declaration.name)
        && declaration.name.contains("_")
        && ![.test, .example].contains(SourcePurpose.of(path: declaration.place.path))
    }
  }

  public func look(in context: AuditContext, findings: inout Findings) {
    let facts = context.facts(EnvironmentVariables.self)
    let reader = OutsideReaders(context)
    let shown = DocumentedVariables.shown(in: context)
    let misspelt = Set(context.facts(MisspeltVariable.Pairs.self).pairs.map(\.declaration.name))
    var byFile: [String: [EnvironmentDeclaration]] = [:]
    for declaration in Self.names(facts)
    where !misspelt.contains(declaration.name) && !reader.reads(declaration.name)
      && !shown.contains(declaration.name)
    {
      byFile[declaration.place.path, default: []].append(declaration)
    }
    for path in byFile.keys.sorted() {
      let unused = (byFile[path] ?? []).sorted { $0.place < $1.place }
      guard let first = unused.first else { continue }
      findings.add(
        "\(Listing.of(unused.map(\.name))) \(unused.count == 1 ? "is" : "are") declared, and nothing uses "
          + (unused.count == 1 ? "it" : "them"), at: first.place, subject: path,
        related: unused.dropFirst().prefix(40).map { .init($0.place, "\($0.name) is declared here") })
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      ".env.example:2:1",
      in: [
        ".env.example": "MAIL_FROM=\nOLD_FEATURE_FLAG=1\nOLD_MAIL_HOST=x\n",
        "src/a.ts": "const a = process.env.MAIL_FROM // OLD_FEATURES\n",
      ], "two that nothing reads"),
    .silent(
      "read by an image of others, a file to be copied into another program",
      [
        "stacks/sso/.env.example": "ACMEID_FIRST_PASSWORD=\n",
        "stacks/sso/compose.yml": "services:\n  acmeid-server:\n    image: a/b:1\n    env_file: .env\n",
        "docs/examples/web.env.local": "VITE_THEIR_OWN=1\n",
      ]),
    .silent(
      "put together, in a template, by a tool, commented out",
      [
        ".env.example":
          "OAUTH_GITHUB_ID=\nMAIL_FROM=\nALARM_HOOK=\nAWS_REGION=x\n# OLD_MAIL_HOST=x\nPROXY_NAME=x\nFLAG_NAME=x\nGIN_MODE=x\nACME_CLIENT_KEY=x\n",
        "src/a.ts":
          "const a = process.env[`OAUTH_${name}_ID`] + process.env[`${p}_CLIENT_KEY`]\nconst b = config.get('FLAG_NAME')\n",
        "compose.yml": "services:\n  a:\n    image: a/b:1\n    environment:\n      X: ${PROXY_NAME}\n",
        "docs/run.md": "```toml\nhook = \"${ALARM_HOOK}\"\n```\n",
        "nginx/default.conf.html": "<p>{{MAIL_FROM}}</p>\n",
        "go.mod": "module acme/x\nrequire github.com/gin-gonic/gin v1.0.0\n",
      ]),
  ]
}
