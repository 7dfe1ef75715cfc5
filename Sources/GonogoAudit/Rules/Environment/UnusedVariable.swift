public import GonogoCore

/// Variables that a file to fill in declares and nothing uses.
public struct UnusedVariable: AuditRule {
  public static let manual = RuleManual(
    id: "env-unused", severity: .low, family: "environment",
    title: "A declared variable is used by nothing",
    what: """
      Looks at `.env.example` and its like for variables whose names stand in no program, script, build, template or deployment \
      file of the repository, as a word or as the beginning that a program puts names together from. One finding for each file, \
      with the list. Variables of platforms and of well-known tools, which read them by themselves, pass; so do names that look \
      like a misspelling, which `env-misspelt` tells.
      """,
    why: "somebody sets it, believes that it works, and nothing happens",
    mend: "take the variable out, or let the code read it",
    falsifies: "the environment has what the code reads, and nothing else")

  /// Read by libraries and images themselves, under these names.
  private static let libraries = [
    "AWS_", "NEXTAUTH_", "AUTH_", "SENTRY_", "NEXT_TELEMETRY", "NPM_", "PIP_", "UV_", "POSTGRES_", "PG", "MYSQL_",
    "REDIS_",
    "COMPOSE_", "DOCKER_", "DJANGO_", "FLASK_", "RAILS_", "GF_", "OTEL_", "TURBO_", "GOOGLE_APPLICATION", "HF_",
    "OPENAI_",
    "LANGCHAIN_", "LANGSMITH_", "LANGFUSE_", "STRIPE_", "SUPABASE_", "CLERK_", "NEXT_PUBLIC_CLERK_", "UPSTASH_", "KV_",
    "BLOB_",
    "MINIO_", "DD_", "NEW_RELIC_", "JAVA_", "NODE_", "PYTHON", "TZ", "RESEND_", "PRISMA_", "ANTHROPIC_", "GEMINI_",
    "CLICKHOUSE_",
    "KINDE_", "LOG_LEVEL", "DATABASE_", "HOSTNAME", "TELEGRAM_BOT_", "VAULT_", "CHROME_", "PUPPETEER_", "HONEYBADGER_",
    "GUNICORN_",
    "UVICORN_", "CELERY_", "RUST_", "GIT_", "EXPO_", "POSTHOG_", "AZURE_", "GCLOUD_", "GOOGLE_", "NGROK_", "TUNNEL_",
    "TRAEFIK_",
    "BETTER_AUTH_", "HELICONE_", "COHERE_", "FIREBASE_", "SNAPLET_",
  ]

  public init() {}

  static func names(_ facts: EnvironmentFacts) -> [EnvironmentDeclaration] {
    facts.variables.filter { !facts.isUsed($0.name) }.flatMap { variable in
      variable.declarations.filter { $0.kind == .example && !$0.isComment }
    }.filter { declaration in
      !EnvironmentNames.isPlatforms(declaration.name) && EnvironmentNames.isConventional(declaration.name)
        && declaration.name.contains("_") && SourcePurpose.of(path: declaration.place.path) != .test
    }
  }

  public func look(in context: AuditContext, findings: inout Findings) {
    let facts = context.facts(EnvironmentVariables.self)
    let dependencies = Self.dependencies(context)
    let misspelt = Set(context.facts(MisspeltVariable.Pairs.self).pairs.map(\.declaration.name))
    var byFile: [String: [EnvironmentDeclaration]] = [:]
    for declaration in Self.names(facts)
    where !misspelt.contains(declaration.name) && !Self.libraries.contains(where: { declaration.name.hasPrefix($0) })
      && !Self.isLibrarys(declaration.name, dependencies)
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

  /// The words of the files that name dependencies.
  private static func dependencies(_ context: AuditContext) -> Set<String> {
    var words: Set<String> = []
    for name in [
      "package.json", "pyproject.toml", "requirements.txt", "go.mod", "Gemfile", "Cargo.toml", "composer.json",
      "mix.exs",
    ] {
      for file in context.tree.files(named: name) {
        guard let text = context.tree.text(file) else { continue }
        for word in text.bytes.split(whereSeparator: { !$0.isWordByte || $0 == 0x5F }) where word.count >= 2 {
          words.insert(String(decoding: word, as: UTF8.self).lowercased())
        }
      }
    }
    return words
  }

  /// Whether a dependency has the name's first word, and so may read it by itself. Prices and webhooks of a provider are the
  /// program's own to read.
  private static func isLibrarys(_ name: String, _ dependencies: Set<String>) -> Bool {
    let prefix = EnvironmentNames.publicPrefixes.first { name.hasPrefix($0) } ?? ""
    let words = name.dropFirst(prefix.utf8.count).split(separator: "_")
    if words.contains("WEBHOOK") || words.contains("PRICE") || words.contains("APP") { return false }
    return words.first.map { dependencies.contains($0.lowercased()) } ?? false
  }

  public static let samples: [RuleSample] = [
    .finds(
      ".env.example:2:1",
      in: [
        ".env.example": "MAIL_FROM=\nOLD_FEATURE_FLAG=1\nOLD_MAIL_HOST=x\n",
        "src/a.ts": "const a = process.env.MAIL_FROM // OLD_FEATURES\n",
      ], "two that nothing reads"),
    .silent(
      "put together, in a template, by a tool, commented out",
      [
        ".env.example":
          "OAUTH_GITHUB_ID=\nMAIL_FROM=\nAWS_REGION=x\n# OLD_MAIL_HOST=x\nPROXY_NAME=x\nFLAG_NAME=x\nGIN_MODE=x\nACME_CLIENT_KEY=x\n",
        "src/a.ts":
          "const a = process.env[`OAUTH_${name}_ID`] + process.env[`${p}_CLIENT_KEY`]\nconst b = config.get('FLAG_NAME')\n",
        "compose.yml": "services:\n  a:\n    image: a/b:1\n    environment:\n      X: ${PROXY_NAME}\n",
        "nginx/default.conf.html": "<p>{{MAIL_FROM}}</p>\n",
        "go.mod": "module acme/x\nrequire github.com/gin-gonic/gin v1.0.0\n",
      ]),
  ]
}
