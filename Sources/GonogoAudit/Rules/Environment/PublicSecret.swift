public import GonogoCore

/// A secret under a name that a bundler writes into what browsers get.
public struct PublicSecret: AuditRule {
  public static let manual = RuleManual(
    id: "public-secret", severity: .critical, family: "environment",
    title: "A variable that goes into the browser's code is a secret by its name",
    what: """
      Looks for variables that begin with NEXT_PUBLIC_, VITE_, REACT_APP_, EXPO_PUBLIC_, NUXT_PUBLIC_, GATSBY_, PUBLIC_ or \
      VUE_APP_ and end like something that nobody may have: SECRET, SECRET_KEY, PRIVATE_KEY, PASSWORD, SERVICE_ROLE_KEY, \
      OPENAI_API_KEY and the keys of other models. Tokens and keys that are meant for browsers pass, as do examples and tests, and a variable of Vite's of which code asks \
      `process.env` alone: no page gets that.
      """,
    why: "the bundler writes the value into the scripts that every visitor loads",
    mend: "rename the variable without the prefix, read it on the server only, and change the secret",
    falsifies: "no secret reaches the browser",
    wordings: ["no secrets in the frontend", "no secrets in the client", "no server secrets in the client"],
    references: [
      "https://nextjs.org/docs/app/guides/environment-variables", "https://vite.dev/guide/env-and-mode.html",
    ])

  private static let endings = [
    "SECRET", "SECRET_KEY", "PRIVATE_KEY", "PASSWORD", "SERVICE_ROLE", "SERVICE_ROLE_KEY", "SERVICE_KEY",
    "OPENAI_API_KEY",
    "OPENAI_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "OPENROUTER_API_KEY", "STRIPE_SECRET", "JWT_SECRET",
    "ENCRYPTION_KEY", "SENDGRID_API_KEY", "RESEND_API_KEY", "ACCESS_KEY_SECRET",
  ]

  /// `RESET_PASSWORD` switches a page on or names its way.
  private static func isPage(_ name: Substring) -> Bool {
    ["RESET_PASSWORD", "FORGOT_PASSWORD", "CHANGE_PASSWORD", "SHOW_PASSWORD"].contains { name.hasSuffix($0) }
  }

  /// Whether only a program's own environment is read: Vite and what is built on it writes `import.meta.env` into pages, and `process.env` where its settings say so.
  private static func isOnServersAlone(_ reads: [EnvironmentRead], _ prefix: String, _ context: AuditContext) -> Bool {
    guard prefix == "VITE_" || prefix == "PUBLIC_", !reads.isEmpty, reads.allSatisfy({ $0.how == "process.env" }) else {
      return false
    }
    return !["vite.config.ts", "vite.config.js", "vite.config.mjs"].flatMap { context.tree.files(named: $0) }.contains {
      context.tree.text($0)?.contains("process.env") == true
    }
  }

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) {
    // What nothing reads yet is one list to mend in one file.
    var unread: [String: [(name: String, prefix: String, place: TreePlace)]] = [:]
    for variable in context.facts(EnvironmentVariables.self).variables {
      guard let prefix = EnvironmentNames.publicPrefixes.first(where: { variable.name.hasPrefix($0) }) else { continue }
      let rest = variable.name.dropFirst(prefix.count)
      guard Self.endings.contains(where: { rest == $0 || rest.hasSuffix("_\($0)") }), !rest.contains("TEST"),
        !rest.contains("DEMO"), !Self.isPage(rest),
        // Without a bundler's read `PUBLIC_` is a word like others.
        prefix != "PUBLIC_" || variable.reads.contains(where: { $0.how.contains("meta") || $0.how == "process.env" })
      else { continue }
      if variable.reads.contains(where: \.isSwitch) { continue }
      let running = variable.reads.filter { $0.purpose == .application && !context.isUnused($0.place.path) }
      if Self.isOnServersAlone(running, prefix, context) { continue }
      let reads = running.map(\.place)
      let declared = variable.declarations.filter {
        $0.kind != .manifest && SourcePurpose.of(path: $0.place.path) != .test
      }.map(\.place)
      guard let place = (reads + declared).sorted().first(where: { reads.contains($0) }) ?? declared.sorted().first
      else {
        continue
      }
      if reads.isEmpty {
        unread[place.path, default: []].append((variable.name, prefix, place))
        continue
      }
      findings.add(
        "\(variable.name) is a secret by its name, and '\(prefix)' puts it into the browser's code", at: place,
        subject: variable.name,
        related: (reads + declared).filter { $0 != place }.sorted().prefix(10).map { .init($0, "it stands here, too") })
    }
    for found in unread.sorted(by: { $0.key < $1.key }).map(\.value) {
      let list = found.sorted { $0.place < $1.place }
      findings.add(
        list.count == 1
          ? "\(list[0].name) is a secret by its name, and '\(list[0].prefix)' would put it into the browser's code"
          : "\(Listing.of(list.map(\.name))) are secrets by their names, and '\(list[0].prefix)' would put them into the browser's code",
        at: list[0].place, subject: list[0].name, severity: .medium, because: "no code reads it yet",
        related: list.dropFirst().map { .init($0.place, "\($0.name) is declared here") })
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "src/a.ts:1:23", ".env.example:1:1",
      in: [
        "src/a.ts": "const a = process.env.NEXT_PUBLIC_STRIPE_SECRET_KEY\n",
        ".env.example": "VITE_SUPABASE_SERVICE_ROLE_KEY=\nVITE_SUPABASE_ANON_KEY=\n",
      ], "read and declared"),
    .finds(
      "src/b.ts:1:23",
      in: [
        "src/b.ts": "const a = process.env.VITE_MODEL_OPENAI_API_KEY\n",
        "vite.config.ts": "export default { define: { 'process.env': loadEnv(mode, '.') } }\n",
      ], "settings that write the environment into pages"),
    .silent(
      "keys for browsers",
      [
        "src/a.ts": """
        const a = process.env.NEXT_PUBLIC_PADDLE_CLIENT_TOKEN + process.env.STRIPE_SECRET_KEY
        const b = import.meta.env.VITE_MAPS_API_KEY ?? import.meta.env.VITE_PASSWORD_LENGTH
        const c = import.meta.env.VITE_AUTH_PASSWORD === 'true'
        """,
        "src/server/ask.js": "const key = process.env.MODEL_KEY || process.env.VITE_MODEL_OPENAI_API_KEY\n",
        ".env.example": "VITE_MODEL_OPENAI_API_KEY=\n",
      ]),
  ]
}
