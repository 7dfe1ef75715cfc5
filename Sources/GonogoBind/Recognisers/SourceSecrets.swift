/// Secrets that must not be in the code.
enum SourceSecrets {
  static let recogniser = Recogniser(
    "source-secrets", probes: ["files", "postgres"],
    manual: """
      "No hardcoded credentials": no text of the repository's code has the shape of a key or a password set to a literal. "Fallback secret removed": no
      secret of the environment falls back to a literal. "Service role key secured": it is in no variable that a front end's build makes public. "API keys
      stored in the vault": Supabase's vault holds some, and the code none.
      """, combines: true, denials: true,
    samples: [
      Recogniser.Sample(
        "- [x] No hardcoded credentials in codebase",
        #"""
        files:
          path: ["**/*.ts", "**/*.tsx", "**/*.js", "**/*.py", "**/*.go", "**/*.rb"]
          exclude: [node_modules, dist, .next, "*.test.*", "*.spec.*", tests, __tests__]
          no_match:
            - '/\b(sk_live_|sk-ant-|sk-proj-|ghp_|github_pat_|glpat-|xox[bp]-|AKIA)[A-Za-z0-9_-]{12,}/'
            - '/eyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\./'
            - '/-----BEGIN (RSA |EC |OPENSSH )?PRIVATE KEY-----/'
            - '/\b(password|passwd|secret|api_?key|access_?token)\b["'']?\s*[:=]\s*["''][^"''\s$<{]{8,}["'']/i'
          secret: true
        """#),
      Recogniser.Sample(
        "- ✅ Убран fallback JWT secret",
        #"""
        files:
          path: ["**/*.ts", "**/*.tsx", "**/*.js", "**/*.py", "**/*.go", "**/*.rb"]
          exclude: [node_modules, dist, .next, "*.test.*", "*.spec.*", tests, __tests__]
          no_match:
            - '/(SECRET|TOKEN|PASSWORD|_KEY)\w*["'']?\]?\s*(\|\||\?\?)\s*["''`]/'
            - '/(getenv|environ\.get)\(["'']\w*(SECRET|TOKEN|PASSWORD|_KEY)\w*["''],\s*["''][^"'']/'
        """#),
      Recogniser.Sample(
        "- [x] Service role key secured",
        #"""
        files:
          path: ["**/*.ts", "**/*.tsx", "**/*.js", "**/*.jsx", "**/.env*"]
          exclude: [node_modules]
          no_match: '/\b(VITE|NEXT_PUBLIC|REACT_APP|EXPO_PUBLIC|NUXT_PUBLIC|PUBLIC)_\w*SERVICE_(ROLE|KEY)/'
          secret: true
        """#),
      Recogniser.Sample(
        "- [x] All API keys stored in Supabase Vault",
        #"""
        postgres: { query: SELECT name FROM vault.secrets }
        expect: { row_count: ">= 1" }
        """#,
        #"""
        files:
          path: ["**/*.ts", "**/*.tsx", "**/*.js", "**/*.py", "**/*.go", "**/*.rb"]
          exclude: [node_modules, dist, .next, "*.test.*", "*.spec.*", tests, __tests__]
          no_match:
            - '/\b(sk_live_|sk-ant-|sk-proj-|ghp_|github_pat_|glpat-|xox[bp]-|AKIA)[A-Za-z0-9_-]{12,}/'
            - '/eyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\./'
            - '/-----BEGIN (RSA |EC |OPENSSH )?PRIVATE KEY-----/'
            - '/\b(password|passwd|secret|api_?key|access_?token)\b["'']?\s*[:=]\s*["''][^"''\s$<{]{8,}["'']/i'
          secret: true
        """#),
    ],
    lookalikes: [
      "- [ ] Rotate all API keys for production", "- `JWT_SECRET` - secret (falls back to X)",
      "- [x] Hardcoded URLs fixed",
    ]
  ) { line, context in
    let code =
      "[\"\(context.root)**/*.ts\", \"\(context.root)**/*.tsx\", \"\(context.root)**/*.js\", \"\(context.root)**/*.py\", \"\(context.root)**/*.go\", \"\(context.root)**/*.rb\"]"
    let exclude = "exclude: [node_modules, dist, .next, \"*.test.*\", \"*.spec.*\", tests, __tests__]"
    let literals =
      "files:\n  path: \(code)\n  \(exclude)\n  no_match:\n    - '/\\b(sk_live_|sk-ant-|sk-proj-|ghp_|github_pat_|glpat-|xox[bp]-|AKIA)[A-Za-z0-9_-]{12,}/'\n    - '/eyJ[A-Za-z0-9_-]{20,}\\.eyJ[A-Za-z0-9_-]{20,}\\./'\n    - '/-----BEGIN (RSA |EC |OPENSSH )?PRIVATE KEY-----/'\n    - '/\\b(password|passwd|secret|api_?key|access_?token)\\b[\"'']?\\s*[:=]\\s*[\"''][^\"''\\s$<{]{8,}[\"'']/i'\n  secret: true"
    if line.says(vault) {
      return Draft(
        "postgres: { query: SELECT name FROM vault.secrets }\nexpect: { row_count: \">= 1\" }", literals,
        confidence: .medium,
        reason: "the vault holds secrets, and the code has none of the shape of a key")
    }
    if line.says(hardcoded) {
      return Draft(
        literals, confidence: .high,
        reason: "no line of the code has the shape of a key, or sets a password to a literal")
    }
    if line.says(fallback), !EnvironmentVariable.start.isFound(in: line.raw) {
      return Draft(
        "files:\n  path: \(code)\n  \(exclude)\n  no_match:\n    - '/(SECRET|TOKEN|PASSWORD|_KEY)\\w*[\"'']?\\]?\\s*(\\|\\||\\?\\?)\\s*[\"''`]/'\n    - '/(getenv|environ\\.get)\\([\"'']\\w*(SECRET|TOKEN|PASSWORD|_KEY)\\w*[\"''],\\s*[\"''][^\"'']/'",
        confidence: .high, reason: "no secret of the environment falls back to a literal in the code")
    }
    guard line.says(serviceRole) else { return nil }
    return Draft(
      "files:\n  path: [\"\(context.root)**/*.ts\", \"\(context.root)**/*.tsx\", \"\(context.root)**/*.js\", \"\(context.root)**/*.jsx\", \"\(context.root)**/.env*\"]\n  exclude: [node_modules]\n  no_match: '/\\b(VITE|NEXT_PUBLIC|REACT_APP|EXPO_PUBLIC|NUXT_PUBLIC|PUBLIC)_\\w*SERVICE_(ROLE|KEY)/'\n  secret: true",
      confidence: .medium, reason: "the key is in no variable that a front end's build makes public")
  }

  private static let vault = Phrase(#"(keys|secrets) stored in .*vault"#)
  private static let hardcoded = Phrase(
    #"no hard-?coded (credentials|secrets|keys|passwords)|hard-?coded (secrets|credentials) (removed|удален)|secrets? (are )?not committed|no (secrets|credentials|keys) in (the )?(source |client )?(code|repo|git)|(sensitive data|secrets?) not in (the )?(source )?(code|repo)|нет hard-?coded (секрет|парол|ключ)|(секрет|парол|ключ)\w* не (в коде|захардкожен)"#
  )
  private static let fallback = Phrase(#"fallback\b.*\bsecrets?\b|fallback secrets?|без fallback"#)
  private static let serviceRole = Phrase(#"service[- ]role key (is )?(secured|protected|not exposed)"#)
}
