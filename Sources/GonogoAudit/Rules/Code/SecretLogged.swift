public import GonogoCore

/// A secret, or whatever a client sent, that stands in the logs.
public struct SecretLogged: CodeRule {
  public static let manual = RuleManual(
    id: "code-secret-logged", severity: .medium, family: "code",
    title: "A secret or a whole request is logged",
    what: """
      Looks at `console`, loggers and `print` of server code for arguments that are, by their name, a password, a token, a secret, a key or the \
      authorization header, and for a request's whole body or headers. Whether there is one (`!!token`, `token ? … : …`), its length, \
      a part or a digest of it pass, and so do tokens that a language model counts.
      """,
    why: "logs are read by more people than the database, kept longer, and sent to other companies",
    mend: "log who and what happened, not the value; redact in the logger",
    falsifies: "no secrets or personal data in the logs", wordings: ["no secrets in the logs", "нет секретов в логах"],
    references: ["https://cheatsheetseries.owasp.org/cheatsheets/Logging_Cheat_Sheet.html#data-to-exclude"])

  private static let secret =
    #"(password|passwd|pwd|secret|clientSecret|client_secret|accessToken|access_token|refreshToken|refresh_token|authToken|auth_token|sessionToken|session_token|resetToken|reset_token|botToken|bot_token|apiKey|api_key|privateKey|private_key|jwt|bearer|authorization|webhookSecret|webhook_secret|encryptionKey|encryption_key)"#

  public static let patterns = [
    CodePattern(
      "log", .ecmascript,
      """
      rule:
        any:
          - { kind: identifier, regex: '^\(secret)$' }
          - { kind: member_expression, regex: '\\.\(secret)$' }
          - { kind: shorthand_property_identifier, regex: '^\(secret)$' }
          - { kind: member_expression, regex: '^(req|request|ctx\\.request|ctx\\.req|c\\.req)\\.(body|headers)$' }
        inside:
          any:
            - kind: arguments
            - { kind: template_substitution, inside: { kind: template_string, inside: { kind: arguments } } }
            - { kind: pair, inside: { kind: object, inside: { kind: arguments } } }
            - { kind: object, inside: { kind: arguments } }
        all:
          - inside:
              stopBy:
                any: [ { kind: call_expression }, { kind: arrow_function }, { kind: function_expression } ]
              kind: call_expression
              has: { field: function, regex: '^(console|logger|log|this\\.logger|req\\.log|request\\.log|fastify\\.log|app\\.log)\\.(log|info|warn|error|debug|trace|verbose|fatal)$' }
      """),
    CodePattern(
      "python", .python,
      """
      rule:
        any:
          - { kind: identifier, regex: '^\(secret)$' }
          - { kind: attribute, regex: '\\.\(secret)$' }
          - { kind: attribute, regex: '^(req|request)\\.(body|headers|data)$' }
        inside:
          any:
            - kind: argument_list
            - { kind: interpolation, inside: { kind: string, inside: { kind: argument_list } } }
            - { kind: keyword_argument, has: { field: value, regex: '\(secret)$' } }
        all:
          - inside:
              stopBy: { kind: call }
              kind: call
              has: { field: function, regex: '^((logging|logger|log|_logger|LOGGER|self\\.logger|self\\._logger)\\.(info|debug|warning|error|exception|critical|log)|print)$' }
      """),
    CodePattern(
      "go", .go,
      """
      rule:
        any:
          - { kind: identifier, regex: '^\(secret)$' }
          - { kind: selector_expression, regex: '(?i)\\.\(secret)$' }
        inside:
          kind: argument_list
          inside:
            kind: call_expression
            has: { field: function, regex: '^(log|logger|slog|fmt|logrus|zap)\\.(Print|Printf|Println|Info|Infof|Debug|Debugf|Warn|Warnf|Error|Fatal|Fatalf)$' }
      """),
  ]

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    for name in ["log", "python", "go"] {
      for match in try context.matches(name, of: Self.self) {
        guard let code = CodeText(match.file, in: context), CodeScope.isServer(match.file, code, in: context) else {
          continue
        }
        let line = context.tree.text(match.file)?.line(match.place.line) ?? []
        let text = String(decoding: line, as: UTF8.self)
        // A command line that prints what it made for its user is no log; and a redacted value keeps its name.
        if ["redact", "mask", "sanitize"].contains(where: { text.lowercased().contains($0) }) { continue }
        let subject = match.text.split(separator: ".").suffix(2).joined(separator: ".")
        findings.add("'\(subject)' goes into the log", at: match.place, subject: subject)
      }
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "server/a.ts:1:18", "server/a.ts:2:31", "server/a.ts:3:24", "server/a.ts:4:13", "b.py:1:16",
      in: [
        "server/a.ts": """
        console.log('t', user.accessToken)
        logger.info(`login with     ${password}`)
        logger.debug('x', { a, apiKey })
        console.log(req.body)
        """,
        "b.py": "logger.info(f\"{api_key}\")\n",
      ], "each way into a log"),
    .silent(
      "whether there is one, its length, a digest, a page",
      [
        "server/a.ts": """
        console.log('token', !!accessToken, accessToken ? 'set' : 'missing', accessToken.length)
        logger.info('x', { has: Boolean(apiKey), part: mask(apiKey) })
        logger.info('tokens', { tokens, maxTokens })
        send(password)
        """,
        "components/a.tsx": "console.log(accessToken)\n",
        "b.py": "logger.info('%s', bool(api_key))\nlogger.info(len(password))\n",
      ]),
  ]
}
