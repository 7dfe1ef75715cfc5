public import GonogoCore

/// A webhook that takes anybody's word.
public struct WebhookWithoutSignature: CodeRule {
  public static let manual = RuleManual(
    id: "code-webhook-no-signature", severity: .high, family: "code",
    title: "A webhook's handler checks no signature",
    what: """
      Looks at handlers of POST on a path with `webhook` in it (Express and its like, Next.js, FastAPI, Flask) that read the body, where neither the file nor \
      what it imports from the tree names a signature, an HMAC, a secret, a token or a session. Routes that manage webhooks pass: they \
      authenticate a user.
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
    for match in handlers {
      guard let code = CodeText(match.file, in: context) else { continue }
      // Names in strings count, too: a header's name is one.
      if code.mentions(Self.checks, in: context, raw: true) { continue }
      let elsewhere = CodeScope.imported(by: match.file, in: context).contains {
        CodeText($0, in: context)?.mentions(Self.checks, in: context, raw: true) == true
      }
      if elsewhere || match.file.language == .python && code.mentions("Depends", in: context) { continue }
      findings.add("the webhook's handler checks no signature", at: match.place, subject: match["PATH"] + "webhook")
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "src/a.ts:2:1", "app/api/webhooks/pay/route.ts:1:1", "b.py:1:1",
      in: [
        "src/a.ts":
          "import express from 'express'\napp.post('/webhook', (req, res) => { save(req.body); res.end() })\n",
        "app/api/webhooks/pay/route.ts":
          "export async function POST(req: Request) {\n  const body = await req.json()\n  await pay(body)\n}\n",
        "b.py": "@app.post('/webhook/pay')\nasync def pay(body: Body):\n    save(body)\n",
      ], "three frameworks"),
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
