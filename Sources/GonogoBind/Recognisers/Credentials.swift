/// "X API credentials configured", "Secrets configured (MAIL_API_KEY)".
enum Credentials {
  static let recogniser = Recogniser(
    "credentials", probes: ["env", "http"],
    manual: """
      A line that says that credentials, keys or secrets are configured, and whose they are: by the variable's name, then that must be
      set; or by the provider's, then at least one variable whose name begins with it. Where the document is about Supabase, the names
      of the project's secrets are asked for through its Management API (SUPABASE_PROJECT_REF, SUPABASE_ACCESS_TOKEN).
      """,
    samples: [
      Recogniser.Sample(
        "Edge functions of Supabase.\n\n- [x] Secrets configured (MAIL_API_KEY)",
        #"""
        http:
          GET: https://api.supabase.com/v1/projects/${SUPABASE_PROJECT_REF}/secrets
          bearer: ${SUPABASE_ACCESS_TOKEN}
        expect: { status: 200, body: { some: { name: MAIL_API_KEY } } }
        """#),
      Recogniser.Sample(
        "- [ ] **Acme API credentials configured**",
        #"""
        env:
          variables: { "ACME_*": optional }
        expect: { set_count: ">= 1" }
        """#),
      Recogniser.Sample(
        "Edge functions of Supabase.\n\n- [ ] Configure Acme API credentials",
        #"""
        http:
          GET: https://api.supabase.com/v1/projects/${SUPABASE_PROJECT_REF}/secrets
          bearer: ${SUPABASE_ACCESS_TOKEN}
        expect: { status: 200, body: { some: { name: { matches: '/^ACME(_|$)/' } } } }
        """#),
      Recogniser.Sample(
        "- [x] Secrets configured (MAIL_API_KEY)",
        #"""
        env:
          variables:
            MAIL_API_KEY: { secret: true }
        """#),
      Recogniser.Sample(
        "- [ ] Error reporting configured (Sentry, Bugsnag, etc.)",
        #"""
        env:
          one_of: [[SENTRY_DSN, BUGSNAG_API_KEY]]
        """#),
      Recogniser.Sample(
        "- [ ] Настроить Sentry",
        #"""
        env:
          variables:
            SENTRY_DSN: { schemes: [https] }
        """#),
    ],
    lookalikes: [
      "- [ ] All API keys stored in a vault", "- [ ] Provider credentials configured per tenant",
      "- [ ] Rotate API keys",
    ]
  ) { line, context in
    if let facts = context.facts, let names = known(line, facts), !names.isEmpty {
      return Draft(
        "env:\n  required: \(YAMLText.list(names))", confidence: .medium,
        reason: "the repository declares these variables")
    }
    let configured = line.says(configured)
    let names = variable.all(in: line.text).compactMap { $0[1] }
    if configured, !names.isEmpty, !EnvironmentVariable.start.isFound(in: line.raw), line.says(credential) {
      if context.isSupabase {
        let blocks = names.map { name in
          SupabaseAPI.get("secrets", expect: "expect: { status: 200, body: { some: { name: \(name) } } }")
        }
        return Draft(blocks: blocks, confidence: .high, reason: "the project has a secret of that name")
      }
      let rules = names.map { "    \($0): { secret: true }" }.joined(separator: "\n")
      return Draft("env:\n  variables:\n\(rules)", confidence: .high, reason: "the line names the variable")
    }
    let trackers = trackers.filter { $0.phrase.isFound(in: line.text) }.map(\.variable)
    if configured, trackers.count > 1 {
      return Draft(
        "env:\n  one_of: [[\(trackers.joined(separator: ", "))]]", confidence: .medium,
        reason: "what one of the services that the line names is configured with")
    }
    if configured, line.says(sentry) {
      return Draft(
        "env:\n  variables:\n    SENTRY_DSN: { schemes: [https] }", confidence: .medium,
        reason: "Sentry's clients read SENTRY_DSN")
    }
    guard configured, let groups = provider.first(in: line.text), let name = groups[1], !common.isFound(in: name)
    else { return nil }
    let prefix = name.uppercased()
    if context.isSupabase {
      return Draft(
        SupabaseAPI.get(
          "secrets",
          expect: "expect: { status: 200, body: { some: { name: { matches: '/^\(prefix)(_|$)/' } } } }"),
        confidence: .medium, reason: "a secret of the project has a name that begins with \(prefix)")
    }
    return Draft(
      "env:\n  variables: { \"\(prefix)_*\": optional }\nexpect: { set_count: \">= 1\" }", confidence: .medium,
      reason: "at least one variable has a name that begins with \(prefix)_")
  }

  /// The variables of the repository that a line means which names none.
  private static func known(_ line: ChecklistLine, _ facts: RepositoryFacts) -> [String]? {
    if line.says(everyVariable) { return facts.variables.sorted() }
    if line.says(webhookSecrets) {
      return facts.variables.filter { $0.contains("WEBHOOK") && secretName.isFound(in: $0) }.sorted()
    }
    return nil
  }

  private static let everyVariable = Phrase(#"^(all )?environment variables (properly |correctly )?(configured|set)"#)
  private static let webhookSecrets = Phrase(#"^webhook secrets? (set|configured)"#)
  private static let secretName = Phrase(#"SECRET|TOKEN|KEY"#, ignoringCase: false)
  private static let configured = Phrase(#"configur|\bset\b|→ supabase secret|настро|задан"#)
  private static let credential = Phrase(#"secret|credential|\bkeys?\b|token|секрет|ключ"#)
  private static let trackers: [(phrase: Phrase, variable: String)] = [
    (Phrase(#"\bsentry\b"#), "SENTRY_DSN"), (Phrase(#"\bbugsnag\b"#), "BUGSNAG_API_KEY"),
    (Phrase(#"\brollbar\b"#), "ROLLBAR_ACCESS_TOKEN"), (Phrase(#"\bhoneybadger\b"#), "HONEYBADGER_API_KEY"),
  ]
  private static let sentry = Phrase(#"\bsentry\b"#)
  private static let variable = Phrase(#"\b([A-Z][A-Z0-9]+_[A-Z0-9_]+)\b"#, ignoringCase: false)
  private static let provider = Phrase(
    #"\b([A-Z][A-Za-z0-9]+) (?:API )?(?:credentials|api keys?)\b"#, ignoringCase: false)
  private static let common = Phrase(#"^(all|provider|configure|api|the|our|your|tenant|production)$"#)
}
