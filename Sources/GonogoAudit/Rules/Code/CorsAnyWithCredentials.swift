public import GonogoCore

/// Any site may act in the name of who is logged in.
public struct CorsAnyWithCredentials: CodeRule {
  public static let manual = RuleManual(
    id: "code-cors-any-credentials", severity: .high, family: "code",
    title: "CORS allows every origin, with credentials",
    what: """
      Looks for `credentials: true` beside `origin: '*'` or `origin: true` in Node's cors, Fastify's and socket.io's; for \
      `allow_credentials=True` beside `allow_origins=["*"]` or `allow_origin_regex=".*"` in Starlette's CORSMiddleware, and for \
      gin's `AllowAllOrigins` with `AllowCredentials`. An origin decided by a function or a variable passes.
      """,
    why:
      "any page that a logged-in user opens can read and change their data; with a literal `*` browsers refuse every call",
    mend: "list the origins that are yours",
    falsifies: "cross-origin requests are limited to our own origins",
    references: ["https://developer.mozilla.org/docs/Web/HTTP/Guides/CORS#credentialed_requests_and_wildcards"])

  public static let patterns = [
    CodePattern(
      "object", .ecmascript,
      """
      rule:
        kind: object
        all:
          - has: { kind: pair, regex: '^credentials: ?true$' }
          - has: { kind: pair, regex: '^origin: ?(true|\\[?[''"`]\\*[''"`]\\]?)$' }
      """),
    CodePattern(
      "python", .python,
      """
      rule:
        kind: call
        all:
          - has: { stopBy: end, kind: keyword_argument, regex: '^allow_credentials ?= ?True$' }
          - has:
              stopBy: end
              kind: keyword_argument
              regex: '^(allow_origins ?= ?[\\[(]\\s*["'']\\*["''],?\\s*[\\])]|allow_origin_regex ?= ?r?["'']\\.\\*["''])$'
      """),
    CodePattern(
      "go", .go,
      """
      rule:
        kind: literal_value
        all:
          - has: { kind: keyed_element, regex: '^AllowCredentials:\\s*true$' }
          - has:
              kind: keyed_element
              regex: '^(AllowAllOrigins:\\s*true|(AllowOrigins|AllowedOrigins):\\s*\\[\\]string\\{\\s*"\\*",?\\s*\\})$'
      """),
  ]

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    for name in ["object", "python", "go"] {
      for match in try context.matches(name, of: Self.self) {
        findings.add("every origin is allowed, with credentials", at: match.place, subject: "cors")
      }
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "a.ts:1:14", "b.py:1:1", "c.go:3:20",
      in: [
        "a.ts": "app.use(cors({ origin: '*', credentials: true }))\n",
        "b.py": "app.add_middleware(CORSMiddleware, allow_origins=[\"*\"], allow_credentials=True)\n",
        "c.go": "package c\n\nvar x = cors.Config{AllowAllOrigins: true, AllowCredentials: true}\n",
      ], "three ways"),
    .silent(
      "a list, a function, no credentials",
      [
        "a.ts": """
        app.use(cors({ origin: ['https://acme.test'], credentials: true }))
        app.use(cors({ origin: '*' }))
        app.use(cors({ origin: (o, done) => done(null, known(o)), credentials: true }))
        """,
        "b.py": "app.add_middleware(CORSMiddleware, allow_origins=settings.origins, allow_credentials=True)\n",
      ]),
  ]
}
