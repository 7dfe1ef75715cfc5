public import GonogoCore

/// A webhook that takes anybody's word.
public struct WebhookWithoutSignature: CodeRule {
  public static let manual = RuleManual(
    id: "code-webhook-no-signature", severity: .high, family: "code",
    title: "A webhook's handler checks no signature",
    what: """
      Looks at handlers of POST on a path with `webhook` in it (Express and its like, Next.js, FastAPI, Flask) that read the body, where neither the file nor \
      what it imports from the tree names a signature, an HMAC, a secret, a token or a session. Routes that manage webhooks pass: they \
      authenticate a user. Where one handler of a file verifies a signature in place, another of the file that names nothing of the kind, and hands the request to nobody, is \
      told by itself; in a file of webhooks its path need not say so.
      """,
    why: "anyone who knows the address can report a payment or a message that never was",
    mend: "compare the provider's signature over the raw body in constant time, and refuse with 401",
    falsifies: "webhook signatures are verified",
    wordings: ["webhook signature verification", "подпись webhook проверяется"],
    references: ["https://docs.stripe.com/webhooks#verify-events"])

  public static let patterns = [
    CodePattern(
      "router", .ecmascript,
      """
      rule:
        pattern: $APP.post($PATH, $$$HANDLERS)
      constraints:
        PATH: { regex: '(?i)webhook' }
      """),
    CodePattern(
      "sibling", .ecmascript,
      """
      rule:
        pattern: $APP.post($PATH, $$$HANDLERS)
        has: { field: arguments, has: { any: [ { kind: arrow_function }, { kind: function_expression } ] } }
      constraints:
        PATH: { regex: '^[''"`]/' }
      """),
    CodePattern(
      "python-sibling", .python,
      """
      rule:
        kind: decorated_definition
        has: { kind: decorator, regex: '^@\\w+\\.(post|route)\\(' }
      """),
    CodePattern(
      "next", .ecmascript,
      """
      rule:
        kind: export_statement
        any:
          - has: { kind: function_declaration, has: { field: name, regex: '^POST$' } }
          - has: { kind: lexical_declaration, has: { kind: variable_declarator, has: { field: name, regex: '^POST$' } } }
        has: { stopBy: end, regex: '\\.(json|text|formData|arrayBuffer)\\(\\)|\\.body\\b' }
      """),
    CodePattern(
      "deno", .ecmascript,
      """
      rule:
        any:
          - pattern: Deno.serve($$$)
          - pattern: serve($$$)
        has: { stopBy: end, regex: '\\.(json|text|formData|arrayBuffer)\\(\\)' }
      """),
    CodePattern(
      "python", .python,
      """
      rule:
        kind: decorated_definition
        has: { kind: decorator, regex: '(?i)^@\\w+\\.(post|route)\\([^)]*webhook' }
      """),
  ]

  static let checks =
    #"signature|hmac|secret|verif|constructEvent|timingSafe|compare_digest|svix|token|auth|session|current_?user|apikey|api_key|permission|getUser|webhooks?\.(construct|unwrap|receive)|allowlist|whitelist|webhookCallback|handleUpdate"#

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    var handlers: [CodeMatch] = []
    for match in try context.matches("router", of: Self.self) {
      guard let code = CodeText(match.file, in: context), CodeScope.isServer(match.file, code, in: context),
        // A client's call has an object or nothing for a second argument, a route a function.
        match.text.contains("=>") || match.text.contains("function")
      else { continue }
      handlers.append(match)
    }
    for match in try context.matches("next", of: Self.self)
    where match.file.name.hasPrefix("route.") && match.file.directory.lowercased().contains("webhook") {
      handlers.append(match)
    }
    for match in try context.matches("deno", of: Self.self) where match.file.directory.lowercased().contains("webhook")
    {
      // What sends webhooks has the word in its name, too.
      if match.file.directory.firstRange(of: "functions/") != nil, !match.file.path.contains("dispatch"),
        !match.file.path.contains("send")
      {
        handlers.append(match)
      }
    }
    handlers += try context.matches("python", of: Self.self)
    var told: Set<TreePlace> = []
    for match in handlers {
      guard let code = CodeText(match.file, in: context) else { continue }
      // Names in strings count, too: a header's name is one.
      if code.mentions(Self.checks, in: context, strings: true) { continue }
      let elsewhere = CodeScope.imported(by: match.file, in: context).contains {
        CodeText($0, in: context)?.mentions(Self.checks, in: context, strings: true) == true
      }
      if elsewhere || match.file.language == .python && code.mentions("Depends", in: context) { continue }
      told.insert(match.place)
      findings.add("the webhook's handler checks no signature", at: match.place, subject: match["PATH"] + "webhook")
    }
    for name in ["sibling", "python-sibling"] {
      let routes = Dictionary(grouping: try context.matches(name, of: Self.self), by: \.file)
      for (file, group) in routes.sorted(by: { $0.key.index < $1.key.index }) {
        guard let code = CodeText(file, in: context), CodeScope.isServer(file, code, in: context) else { continue }
        for match in unsigned(group, code, context) where !told.contains(match.place) {
          findings.add(
            "the webhook's handler checks no signature; another of this file does", at: match.place,
            subject: Self.head(match) + "webhook")
        }
      }
    }
  }

  /// The path of a route of Express, the decorator of one of Python.
  private static func head(_ match: CodeMatch) -> String {
    match["PATH"].isEmpty ? String(match.text.prefix { $0 != "\n" }) : match["PATH"]
  }

  /// The handlers of a file's webhooks that neither verify nor could have somebody else verify, where another does in place.
  private func unsigned(_ routes: [CodeMatch], _ code: CodeText, _ context: AuditContext) -> [CodeMatch] {
    let texts = routes.map { CodeText(Array($0.text.utf8), CodeSyntax($0.file.language) ?? .python) }
    let verifies = #"hmac|timingSafeEqual|compare_digest|constructEvent"#
    guard texts.contains(where: { $0.mentions(verifies, in: context) }),
      !code.mentions(#"\.use\(.*(verif|auth|sign|hmac)|dependencies\s*="#, in: context)
    else { return [] }
    let handsOn = #"(?<!def )(?<!\w)(?!function\b)\w+(\.\w+)*\(\s*(req|request|ctx)\s*[,)]"#
    let middleware = #"\.post\(\s*[^,]+,\s*\[?[\w.]+\]?\s*,"#
    return zip(routes, texts).filter { route, text in
      (Self.head(route) + route.file.path).lowercased().contains("webhook")
        && text.mentions(#"\.body\b|\.json\(|\.data\b|get_json|\.form\("#, in: context)
        && !text.mentions(Self.checks, in: context, strings: true) && !text.mentions(handsOn, in: context)
        && !text.mentions(middleware, in: context, strings: true)
    }.map(\.0)
  }

  public static let samples: [RuleSample] = [
    .finds(
      "src/a.ts:3:1", "app/api/webhooks/pay/route.ts:1:1", "b.py:1:1",
      in: [
        "src/a.ts":
          "import express from 'express'\n// TODO: check the signature\napp.post('/webhook', (req, res) => { save(req.body); res.end() })\n",
        "app/api/webhooks/pay/route.ts":
          "export async function POST(req: Request) {\n  const body = await req.json()\n  await pay(body)\n}\n",
        "b.py":
          "@app.post('/webhook/pay')\nasync def pay(body: Body):\n    \"\"\"Verify the token one day.\"\"\"\n    save(body)\n",
      ], "three frameworks"),
    .finds(
      "src/webhooks.ts:5:1", "app/main.py:8:1",
      in: [
        "src/webhooks.ts": """
        import { Router } from 'express'
        hooks.post('/github', raw(), (req, res) => {
          if (!timingSafeEqual(createHmac('sha256', key).update(req.body).digest(), given(req))) res.sendStatus(401)
        })
        hooks.post('/pay', raw({ type: '*/*' }), async (req, res) => {
          // TODO: check the signature
          await book(JSON.parse(req.body.toString()))
        })
        """,
        "app/main.py": """
        @app.post("/webhooks/bank")
        async def bank(request: Request):
            raw = await request.body()
            if not hmac.compare_digest(sign(raw), request.headers["x-sign"]):
                raise HTTPException(401)
            return {}

        @app.post("/webhooks/kyc")
        async def kyc(request: Request):
            event = await request.json()
            store(event["status"])
        """,
      ], "one that verifies, and one beside it that does not"),
    .silent(
      "handed on, a middleware, another route of the file",
      [
        "src/webhooks.ts": """
        import { Router } from 'express'
        hooks.post('/github', raw(), (req, res) => {
          if (!timingSafeEqual(createHmac('sha256', key).update(req.body).digest(), given(req))) res.sendStatus(401)
        })
        hooks.post('/pay', async (req, res) => { await dispatch(req); book(req.body) })
        hooks.post('/ship', onlyProvider, async (req, res) => { book(req.body) })
        """,
        "app/main.py": """
        @app.post("/webhooks/bank")
        async def bank(request: Request):
            if not hmac.compare_digest(sign(await request.body()), request.headers["x-sign"]):
                raise HTTPException(401)

        @app.post("/notes")
        async def note(request: Request):
            store(await request.json())
        """,
      ]),
    .silent(
      "a signature here, in an imported file; a route that manages them",
      [
        "src/a.ts":
          "import express from 'express'\napp.post('/webhook', (req, res) => { check(req.headers['x-signature']) })\n",
        "app/api/webhooks/pay/route.ts":
          "import { guard } from '../guard'\nexport async function POST(req: Request) {\n  await guard(req.json())\n}\n",
        "app/api/webhooks/guard.ts": "export const guard = (x) => verify(x)\n",
        "app/api/webhooks/manage/route.ts":
          "export async function POST(req: Request) {\n  const session = await auth()\n  save(await req.json())\n}\n",
      ]),
  ]
}
