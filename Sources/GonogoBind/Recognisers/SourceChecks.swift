/// What the code must have: signal handlers, timeouts, schemas, redaction.
enum SourceChecks {
  static let recogniser = Recogniser(
    "source-checks", probes: ["files"],
    manual: """
      Claims about code that a line of it shows: graceful shutdown and its handlers (SIGTERM, SIGINT, uncaughtException, unhandledRejection), timeouts of outbound
      calls, Zod schemas, `beforeSend` of Sentry, redaction of a logger, a circuit breaker. In the file that the document names under a heading of the same claim, else
      anywhere in the code, a comment not counted. That the words stand there is not that it works.
      """, combines: true,
    samples: [
      Recogniser.Sample(
        "- [x] **Environment validation** (Zod schemas)",
        #"""
        files:
          path: ["**/*.ts", "**/*.js", "**/*.py", "**/*.go"]
          exclude: [node_modules, dist, .next]
          matches: '/^(?!\s*(\/\/|#|\*|\/\*))(?:(?!(?<!:)\/\/|\s#).)*([pP]arse\((process\.env|env)\b|envSchema|BaseSettings|envalid|createEnv\()/'
        """#),
      Recogniser.Sample(
        "#### ✅ Shutdown\n**File**: `/api/server.ts`\n- SIGTERM handler",
        #"""
        files:
          path: [api/server.ts]
          matches: '/^(?!\s*(\/\/|#|\*|\/\*))(?:(?!(?<!:)\/\/|\s#).)*(\bSIGTERM\b)/'
        """#),
      Recogniser.Sample(
        "- ✅ Добавлен graceful shutdown",
        #"""
        files:
          path: ["**/*.ts", "**/*.js", "**/*.py", "**/*.go"]
          exclude: [node_modules, dist, .next]
          matches: '/^(?!\s*(\/\/|#|\*|\/\*))(?:(?!(?<!:)\/\/|\s#).)*(\bSIGTERM\b)/'
        """#),
      Recogniser.Sample(
        "- SIGINT handler",
        #"""
        files:
          path: ["**/*.ts", "**/*.js", "**/*.py", "**/*.go"]
          exclude: [node_modules, dist, .next]
          matches: '/^(?!\s*(\/\/|#|\*|\/\*))(?:(?!(?<!:)\/\/|\s#).)*(\bSIGINT\b)/'
        """#),
      Recogniser.Sample(
        "- ✅ Timeouts для external APIs",
        #"""
        files:
          path: ["**/*.ts", "**/*.js", "**/*.py", "**/*.go"]
          exclude: [node_modules, dist, .next]
          matches: '/^(?!\s*(\/\/|#|\*|\/\*))(?:(?!(?<!:)\/\/|\s#).)*(AbortSignal\.timeout|AbortController|timeout:\s*\d|timeout=\d)/'
        """#),
      Recogniser.Sample(
        "- [ ] Sentry: beforeSend hooks filter sensitive data",
        #"""
        files:
          path: ["**/*.ts", "**/*.js", "**/*.py", "**/*.go"]
          exclude: [node_modules, dist, .next]
          matches: '/^(?!\s*(\/\/|#|\*|\/\*))(?:(?!(?<!:)\/\/|\s#).)*(\bbeforeSend\b)/'
        """#),
      Recogniser.Sample(
        "- ✅ Missing Zod validation",
        #"""
        files:
          path: ["**/*.ts", "**/*.js", "**/*.py", "**/*.go"]
          exclude: [node_modules, dist, .next]
          matches: '/^(?!\s*(\/\/|#|\*|\/\*))(?:(?!(?<!:)\/\/|\s#).)*(z\.(object|string|enum|coerce)\(|[pP]arse\()/'
        """#),
      Recogniser.Sample(
        "- [x] **Логирование** (Pino с rotation, redaction)",
        #"""
        files:
          path: ["**/*.ts", "**/*.js", "**/*.py", "**/*.go"]
          exclude: [node_modules, dist, .next]
          matches: '/^(?!\s*(\/\/|#|\*|\/\*))(?:(?!(?<!:)\/\/|\s#).)*(\bredact(ion)?\b)/'
        """#),
    ],
    lookalikes: [
      "- [ ] Shutdown of the old office", "- [x] Input validation tested", "- [ ] Timeouts documented",
      "- [ ] Send the letter before noon",
    ]
  ) { line, context in
    if line.says(paper) { return nil }
    guard let entry = entries.first(where: { $0.phrase.isFound(in: line.text) }) else { return nil }
    // The heading that makes the same claim may name the file where this line does not.
    let places = [line] + context.lines.filter { $0.kind == .heading && entry.phrase.isFound(in: $0.text) }
    let named = places.lazy.map { FileTexts.files(of: $0, context).filter(source.isFound) }.first { !$0.isEmpty } ?? []
    if !named.isEmpty {
      return Draft(
        "files:\n  path: \(YAMLText.list(named))\n  matches: '/\(code)(\(entry.pattern))/'", confidence: .high,
        reason: entry.reason + ", in the file that the document names for it; that it works only a run shows")
    }
    let path =
      "[\"\(context.root)**/*.ts\", \"\(context.root)**/*.js\", \"\(context.root)**/*.py\", \"\(context.root)**/*.go\"]"
    return Draft(
      "files:\n  path: \(path)\n  exclude: [node_modules, dist, .next]\n  matches: '/\(code)(\(entry.pattern))/'",
      confidence: .medium,
      reason: entry.reason + "; that it works only a run shows")
  }

  /// What stands before it on its line makes no comment of it.
  private static let code = #"^(?!\s*(\/\/|#|\*|\/\*))(?:(?!(?<!:)\/\/|\s#).)*"#
  private static let source = Phrase(#"\.(ts|js|py|go|rb|swift)$"#)
  private static let paper = Phrase(#"documented|guide|report|tested|office"#)
  private static let entries: [(phrase: Phrase, pattern: String, reason: String)] = [
    (Phrase(#"sigint handler"#), #"\bSIGINT\b"#, "the code handles SIGINT"),
    (Phrase(#"uncaught exception"#), #"uncaughtException"#, "the code handles uncaught exceptions"),
    (Phrase(#"unhandled (promise )?rejection"#), #"unhandledRejection"#, "the code handles rejected promises"),
    (Phrase(#"sentry (cleanup|flush|close)"#), #"Sentry\.(close|flush)\("#, "the code flushes Sentry"),
    (
      Phrase(#"graceful[- ]shutdown|sigterm handler|корректное завершение"#), #"\bSIGTERM\b"#,
      "the code handles SIGTERM"
    ),
    (
      Phrase(
        #"timeouts? (для|for|added|on|добавлен)\b.*|external api timeouts|\btimeouts?\b.*(abortcontroller|external|api calls)"#
      ),
      #"AbortSignal\.timeout|AbortController|timeout:\s*\d|timeout=\d"#, "the code sets timeouts on its calls"
    ),
    (
      Phrase(#"environment validation"#), #"[pP]arse\((process\.env|env)\b|envSchema|BaseSettings|envalid|createEnv\("#,
      "the code holds the environment against a schema"
    ),
    (Phrase(#"beforesend"#), #"\bbeforeSend\b"#, "the code filters what goes to Sentry"),
    (
      Phrase(#"zod (validation|schemas?)"#), #"z\.(object|string|enum|coerce)\(|[pP]arse\("#, "the code has Zod schemas"
    ),
    (Phrase(#"redaction"#), #"\bredact(ion)?\b"#, "the logger is told what to redact"),
    (
      Phrase(#"passwords? (are |is )?(securely )?hash(ed|ing)|hash(es|ed)? passwords|(bcrypt|argon2|scrypt)\b"#),
      #"\b(bcrypt|argon2|scrypt|pbkdf2|make_password|generate_password_hash)"#,
      "the code hashes passwords with a function for that"
    ),
    (Phrase(#"circuit breaker"#), #"(?i:circuit.?breaker)|opossum|cockatiel"#, "the code has a circuit breaker"),
  ]
}
