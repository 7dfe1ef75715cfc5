public import GonogoCore

/// A readiness or health answer that nothing was asked for.
public struct HardCodedReadiness: CodeRule {
  public static let manual = RuleManual(
    id: "code-readiness-hard-coded", severity: .high, family: "code",
    title: "Readiness, or the health of a dependency, is hard-coded",
    what: """
      Looks at handlers of readiness routes (`/ready`, `/readyz`, `/health/ready`; by their path or their Next.js file) that wait \
      for nothing and call nothing that could look, and at health answers that name a database, a cache or a queue as well with a literal. \
      A plain liveness route that answers a constant passes: that is what liveness is. A function whose name is the check passes where it is called.
      """,
    why:
      "the platform sends traffic to an instance that cannot serve it, and the checklist's line is green whatever happens",
    mend:
      "ask what the service cannot do without (a `select 1`, a PING) with a short timeout, and answer 503 where it fails",
    falsifies: "the readiness endpoint checks the dependencies",
    references: ["https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/#readiness-probe"]
  )

  public static let patterns = [
    CodePattern(
      "route", .ecmascript,
      """
      rule:
        pattern: $APP.get($PATH, $$$BEFORE, $HANDLER)
      constraints:
        PATH: { regex: '^.(/[\\w-]+)*/(ready|readyz|readiness|health/ready|healthz/ready).$' }
        HANDLER: { any: [ { kind: arrow_function }, { kind: function_expression } ] }
      """),
    CodePattern(
      "next", .ecmascript,
      """
      rule:
        kind: export_statement
        any:
          - has: { kind: function_declaration, has: { field: name, regex: '^GET$' } }
          - has:
              kind: lexical_declaration
              has:
                kind: variable_declarator
                all:
                  - has: { field: name, regex: '^GET$' }
                  - has: { field: value, kind: arrow_function }
      """),
    CodePattern(
      "python", .python,
      """
      rule:
        kind: decorated_definition
        has:
          kind: decorator
          regex: '^@\\w+\\.(get|route|api_route)\\(\\s*["''](/[\\w-]+)*/(ready|readyz|readiness|health/ready)/?["'']'
      """),
    CodePattern(
      "go", .go,
      """
      rule:
        any:
          - pattern: $APP.HandleFunc($PATH, $HANDLER)
          - pattern: $APP.Get($PATH, $HANDLER)
          - pattern: $APP.GET($PATH, $HANDLER)
      constraints:
        PATH: { regex: '^"(GET )?(/[\\w-]+)*/(ready|readyz|readiness)"$' }
        HANDLER: { kind: func_literal }
      """),
    CodePattern(
      "dependency", .ecmascript,
      """
      rule:
        kind: pair
        all:
          - has: { field: key, regex: '^[''"]?(database|db|redis|postgres|postgresql|mongo|mongodb|queue|cache|kafka|rabbitmq|supabase)[''"]?$' }
          - has: { field: value, regex: '^[''"](ok|up|connected|healthy|operational|pass)[''"]$' }
        inside: { kind: object, inside: { any: [ { kind: pair }, { kind: arguments }, { kind: return_statement }, { kind: parenthesized_expression } ] } }
      """),
  ]

  /// Calls that look at nothing but the process itself, or only answer.
  private static let blind = [
    #"(?<!\w)new (Date|Response|NextResponse)\b(\(\))?"#,
    #"\b(NextResponse|Response|JSON|console|logger|log|process|performance|Date|Math|Number|String|os|time|datetime|reply|res|response|c|ctx|w|request\.log|jsonify|JSONResponse|json|fmt|io|http)(\??\.\w+)*\("#,
    #"\.(toISOString|isoformat|json|send|status|code|header|type|end|utcnow|now|Header|Set|WriteHeader|Write|Encode)\("#,
    #"\b(GET|Header|NewEncoder|byte|jsonify|JSONResponse|dict|str|int|async function|async|function|func|def \w+|if|catch|return|for|switch|get|route|byte)\s*\("#,
  ]

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    for match in try context.matches("route", of: Self.self) where !looks(match["HANDLER"], .ecmascript, context) {
      findings.add("readiness is answered without a look at anything", at: match.place, subject: match["PATH"])
    }
    for match in try context.matches("next", of: Self.self) {
      let directory = match.file.directory.split(separator: "/")
      guard match.file.name.hasPrefix("route."), let last = directory.last,
        ["ready", "readyz", "readiness"].contains(String(last)), !looks(match.text, .ecmascript, context)
      else { continue }
      findings.add("readiness is answered without a look at anything", at: match.place, subject: "GET")
    }
    for match in try context.matches("python", of: Self.self) {
      // The decorator, and a dependency that may do the looking.
      guard let body = match.text.firstRange(of: "def "), !match.text.contains("Depends("),
        !looks(String(match.text[body.lowerBound...]), .python, context)
      else { continue }
      findings.add("readiness is answered without a look at anything", at: match.place, subject: "ready")
    }
    for match in try context.matches("go", of: Self.self) where !looks(match["HANDLER"], .go, context) {
      findings.add("readiness is answered without a look at anything", at: match.place, subject: match["PATH"])
    }
    var answered: Set<String> = []
    for match in try context.matches("dependency", of: Self.self) {
      guard match.file.path.lowercased().firstRange(of: "health") != nil || match.file.path.contains("status"),
        let code = CodeText(match.file, in: context), CodeScope.isServer(match.file, code, in: context),
        // Somebody who asks anything anywhere in the file may have asked before this.
        !code.mentions(#"\bawait\b|\.then\(|\bping\b|\bquery\b|\.connect\("#, in: context)
      else { continue }
      if answered.insert(match.file.path).inserted {
        findings.add("'\(match.text)' is said without a look", at: match.place, subject: match.text)
      }
    }
  }

  /// Whether a handler waits for something, decides by something, or calls anything that may look.
  private func looks(_ handler: String, _ syntax: CodeSyntax, _ context: AuditContext) -> Bool {
    // What it imports or holds may have been looked at elsewhere: a condition counts as a look.
    var text = CodeText(Array(handler.utf8), syntax).code
    let code = CodeText(text, syntax)
    if code.mentions(#"\bawait\b|\bif\b|\.then\(|&&|\|\||\bwith\b"#, in: context) { return true }
    // The one condition that tells nothing: how an error is worded.
    guard let choices = try? context.pattern(#"\?\s"#).lineMatches(in: text, limit: 50) else { return true }
    for hit in choices.hits where !String(decoding: text[hit.lineRange], as: UTF8.self).contains("instanceof Error") {
      return true
    }
    for pattern in Self.blind {
      // Each pass takes one call of a line.
      for _ in 0..<4 {
        guard let found = try? context.pattern(pattern).lineMatches(in: text, limit: 400), !found.hits.isEmpty else {
          break
        }
        for hit in found.hits { for index in hit.match { text[index] = 0x20 } }
      }
    }
    return CodeText(text, syntax).mentions(#"\w\s*\("#, in: context)
  }

  public static let samples: [RuleSample] = [
    .finds(
      "app/api/health/ready/route.ts:1:1", "src/a.ts:1:1", "b.py:1:1", "src/health.ts:2:39",
      in: [
        "app/api/health/ready/route.ts": """
        export const GET = async (request: NextRequest) => {
          try {
            const ready = { status: 'ready', at: new Date().toISOString(), uptime: process.uptime() }
            return NextResponse.json(ready, { status: 200 })
          } catch (error) {
            logger.error('failed', error)
            return NextResponse.json({ error: error instanceof Error ? error.message : 'x' }, { status: 503 })
          }
        }
        """,
        "src/a.ts": "app.get('/ready', (req, res) => { res.status(200).json({ ready: true }) })\n",
        "b.py": "@router.get(\"/ready\")\nasync def ready():\n    return {\"status\": \"ready\"}\n",
        "src/health.ts":
          "import express from 'express'\napp.get('/health', (q, r) => r.json({ database: 'connected' }))\n",
      ], "constants"),
    .silent(
      "a look, a flag, liveness",
      [
        "app/api/health/ready/route.ts":
          "export async function GET() {\n  await db.query('select 1')\n  return Response.json({ ok: true })\n}\n",
        "src/a.ts": """
        app.get('/ready', (req, res) => { res.status(isReady ? 200 : 503).end() })
        app.get('/readyz', (req, res) => { res.json(checks()) })
        app.get('/health', (req, res) => { res.json({ status: 'ok' }) })
        """,
        "b.py":
          "@router.get(\"/ready\")\nasync def ready(db: Session = Depends(get_db)):\n    return {\"status\": \"ready\"}\n",
        "src/health.ts": "app.get('/health', async (q, r) => { await redis.ping(); r.json({ redis: 'ok' }) })\n",
      ]),
  ]
}
