public import GonogoCore

/// A secret, or whatever a client sent, that stands in the logs.
public struct SecretLogged: CodeRule {
  public static let manual = RuleManual(
    id: "code-secret-logged", severity: .medium, family: "code",
    title: "A secret or a whole request is logged",
    what: """
      Looks at `console`, loggers and `print` of server code for arguments that are, by their name, a password, a token, a secret, a key or the \
      authorization header, and for a request's whole body or headers, by a variable of the same function, too. Whether there is one (`!!token`, `token ? … : …`), its length, \
      a part or a digest of it pass, and so do tokens that a language model counts, the levels `debug` and below, and what a development's branch says.
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
              has: { field: function, regex: '^(console|logger|log|this\\.logger|req\\.log|request\\.log|fastify\\.log|app\\.log)\\.(log|info|warn|error|fatal)$' }
          - not: { inside: { stopBy: end, kind: if_statement, field: consequence, has: { field: condition, regex: '^[^!|]*(?i:is_?dev|development|debug)[^|]*$' } } }
          - not: { inside: \(CodePattern.forDevelopers) }
      """),
    CodePattern(
      "log-body", .ecmascript,
      """
      rule:
        kind: identifier
        regex: '^(body|payload|data|rawBody|requestBody|headers)$'
        inside: { kind: arguments }
        all:
          - inside:
              stopBy:
                any: [ { kind: call_expression }, { kind: arrow_function }, { kind: function_expression } ]
              kind: call_expression
              has: { field: function, regex: '^(console|logger|log|this\\.logger|req\\.log|request\\.log|fastify\\.log|app\\.log)\\.(log|info|warn|error|fatal)$' }
          - not: { inside: { stopBy: end, kind: if_statement, field: consequence, has: { field: condition, regex: '^[^!|]*(?i:is_?dev|development|debug)[^|]*$' } } }
          - not: { inside: \(CodePattern.forDevelopers) }
          - inside:
              stopBy: end
              any:
                - { kind: function_declaration, pattern: $FUNCTION }
                - { kind: arrow_function, pattern: $FUNCTION }
                - { kind: method_definition, pattern: $FUNCTION }
      """),
    CodePattern(
      "python-body", .python,
      """
      rule:
        any:
          - { kind: identifier, regex: '^(body|payload|data|raw_body|request_body|headers)$' }
          - { kind: call, regex: '^(dict|str|repr)\\((req|request)\\.headers\\)$' }
        inside:
          any:
            - kind: argument_list
            - { kind: interpolation, inside: { kind: string, inside: { kind: argument_list } } }
        all:
          - inside:
              stopBy: { kind: call }
              kind: call
              has: { field: function, regex: '^((logging|logger|log|_logger|LOGGER|self\\.logger|self\\._logger)\\.(info|warning|error|exception|critical|log)|print)$' }
          - inside: { stopBy: end, kind: function_definition, pattern: $FUNCTION }
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
              has: { field: function, regex: '^((logging|logger|log|_logger|LOGGER|self\\.logger|self\\._logger)\\.(info|warning|error|exception|critical|log)|print)$' }
      """),
    CodePattern(
      "go", .go,
      """
      rule:
        any:
          - { kind: identifier, regex: '^\(secret)$' }
          - { kind: selector_expression, regex: '(?i)\\.\(secret)$' }
          - { kind: call_expression, regex: '^\\w+(\\.Request)?\\.(Header\\.Get|GetHeader)\\("(Authorization|Cookie|X-Api-Key|X-API-Key|X-Auth-Token)"\\)$' }
        inside:
          kind: argument_list
          inside:
            kind: call_expression
            has: { field: function, regex: '^(log|logger|slog|fmt|logrus|zap)\\.(Print|Printf|Println|Info|Infof|Debug|Debugf|Warn|Warnf|Error|Fatal|Fatalf)$' }
      """),
  ]

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    for name in ["log", "log-body", "python", "python-body", "go"] {
      for match in try context.matches(name, of: Self.self) {
        if name.hasSuffix("body"), !isRequest(match, context) { continue }
        guard let code = CodeText(match.file, in: context), CodeScope.isServer(match.file, code, in: context) else {
          continue
        }
        let start = code.text[..<match.range.lowerBound].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let text = String(decoding: code.text[start...].prefix { $0 != 0x0A }, as: UTF8.self)
        // A command line that prints what it made for its user is no log; and a redacted value keeps its name.
        if ["redact", "mask", "sanitize"].contains(where: { text.lowercased().contains($0) }) { continue }
        let subject = match.text.split(separator: ".").suffix(2).joined(separator: ".")
        findings.add("'\(subject)' goes into the log", at: match.place, subject: subject)
      }
    }
  }

  /// Whether a variable has the whole body or all headers of a request in this function, and still has when it is logged.
  private func isRequest(_ match: CodeMatch, _ context: AuditContext) -> Bool {
    let name = match.text
    if name.contains("(") { return true }
    let function = CodeText(
      Array(match["FUNCTION"].utf8), CodeSyntax(match.file.language) ?? .python)
    let source =
      #"(await )?(req|request|ctx\.request|c\.req)(\.body|\.headers|\.json\(\)|\.text\(\)|\.form\(\)|\.get_json\(.*\)|\.get_data\(.*\)|\.data|\.json|\.body\(\))"#
    let assigned = #"^\s*((const|let|var)\s+)?"# + name + #"(\s*:\s*\w+)?\s*=(?!=)"#
    return function.mentions(assigned + #"\s*(json\.loads\()?"# + source + #"\)?\s*;?\s*$"#, in: context)
      && !function.mentions(assigned + #"\s*+(?!(await|json\.loads)?[\s(]*+(req|request|ctx|c)\b)"#, in: context)
  }

  public static let samples: [RuleSample] = [
    .finds(
      "server/a.ts:1:18", "server/a.ts:2:31", "server/a.ts:3:23", "server/a.ts:4:13", "b.py:1:16",
      in: [
        "server/a.ts": """
        console.log('t', user.accessToken)
        logger.info(`login with     ${password}`)
        logger.info('x', { a, apiKey })
        console.log(req.body)
        """,
        "b.py": "logger.info(f\"{api_key}\")\n",
      ], "each way into a log"),
    .finds(
      "b.py:4:22", "b.py:4:28", "server/a.ts:3:30", "main.go:6:25",
      in: [
        "b.py": """
        async def note(request):
            body = await request.json()
            # redact the body here
            log.info('n %s', body, dict(request.headers))
        """,
        "server/a.ts": """
        export async function POST(req: Request) {
          const body = await req.json()
          console.log('the body is', body)
        }
        """,
        "main.go": """
        package main

        import "net/http"

        func who(w http.ResponseWriter, r *http.Request) {
        \tlog.Printf("token=%s", r.Header.Get("Authorization"))
        }
        """,
      ], "a body by its variable, a header"),
    .finds(
      "server/a.ts:1:27", "server/a.ts:2:48",
      in: [
        "server/a.ts":
          "if (!isDev) { console.log(req.headers) }\nif (isDev) { console.log(1) } else console.log(req.body)\n"
      ], "where it is no development's"),
    .silent(
      "another body, a part of it",
      [
        "b.py": """
        async def note(request, body):
            log.info('%s', body)
            data = await request.json()
            data = clean(data)
            log.info('%s %s', data, len(body))
            print(request.headers.get('x-request-id'))
        """,
        "server/a.ts": """
        export async function POST(req: Request) {
          const data = await fetchOrders()
          console.log(data)
          const body = await req.json()
          console.log(body.id)
        }
        """,
        "main.go": "package main\n\nfunc f(r *http.Request) {\n\tlog.Println(r.Header.Get(\"User-Agent\"))\n}\n",
      ]),
    .silent(
      "whether there is one, its length, a digest, a page",
      [
        "server/a.ts": """
        logger.debug('signed in', accessToken)
        if (isDev) { app.get('/x', (req, res) => { console.log(req.headers); res.end() }) }
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
