public import GonogoCore

/// A health check whose failures nobody hears of.
public struct ReadinessSwallowsErrors: CodeRule {
  public static let manual = RuleManual(
    id: "code-readiness-swallows", severity: .high, family: "code",
    title: "A health check swallows its own failure",
    what: """
      Looks in handlers of health and readiness routes, and in files of that name, for a `try` that waits for something, neither sets nor returns anything, and whose \
      handler does nothing but log; in Python the same with `except`. A `try` that sets what is answered passes.
      """,
    why: "the database is gone, and the platform goes on sending traffic",
    mend: "answer 503 where the look fails",
    falsifies: "the readiness endpoint checks the dependencies",
    references: ["https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/#readiness-probe"]
  )

  public static let patterns = [
    CodePattern(
      "node", .ecmascript,
      """
      rule:
        kind: try_statement
        all:
          - has:
              field: body
              has: { stopBy: end, kind: await_expression }
              not:
                has: { stopBy: end, any: [ { kind: assignment_expression }, { kind: return_statement }, { kind: throw_statement }, { kind: augmented_assignment_expression }, { regex: '\\.(push|set|status|json|send)\\(', kind: call_expression } ] }
          - has:
              kind: catch_clause
              not:
                has: { stopBy: end, any: [ { kind: assignment_expression }, { kind: return_statement }, { kind: throw_statement }, { kind: augmented_assignment_expression }, { kind: await_expression } ] }
      """),
    CodePattern(
      "python", .python,
      """
      rule:
        kind: try_statement
        all:
          - has:
              field: body
              has: { stopBy: end, any: [ { kind: await }, { kind: call, regex: '(execute|ping|connect)\\(' } ] }
              not: { has: { stopBy: end, any: [ { kind: assignment }, { kind: return_statement }, { kind: raise_statement } ] } }
          - has:
              kind: except_clause
              not:
                has: { stopBy: end, any: [ { kind: assignment }, { kind: return_statement }, { kind: raise_statement }, { kind: await } ] }
      """),
  ]

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    for match in try context.matches("node", of: Self.self) + context.matches("python", of: Self.self) {
      let directory = match.file.directory.split(separator: "/").last.map { $0.lowercased() } ?? ""
      let name = match.file.name.lowercased().prefix { $0 != "." }
      let names: Set<String> = ["health", "healthz", "ready", "readyz", "readiness", "health-check", "healthcheck"]
      guard names.contains(String(name)) || name == "route" && names.contains(directory),
        // It looks at what a service depends on; a cache that is warmed, or an answer that is closed, is something else.
        (try? context.pattern(#"query|execute|ping|select|connect|fetch|\.get\("#, ignoringCase: true).firstMatch(
          in: match.text)) ?? nil != nil,
        // What is called in the handler may record the failure: only logging is known to do nothing.
        logsOnly(match.text, context)
      else { continue }
      findings.add("what the health check finds wrong is only logged", at: match.place, subject: "catch")
    }
  }

  /// Whether the handler of the error calls nothing but a logger.
  private func logsOnly(_ text: String, _ context: AuditContext) -> Bool {
    guard let handler = text.ranges(of: "catch").last ?? text.ranges(of: "except").last,
      !text[handler.lowerBound...].contains("finally")
    else { return false }
    let code = CodeText(Array(text[handler.upperBound...].utf8), .ecmascript)
    return !code.mentions(
      #"(?<![\w.])(?!(console|logger|log|logging)\.|(String|Exception|Error|err|error|e)\b)\w+(\.\w+)*\s*\(\s*(?!\w*\)\s*\{)"#,
      in: context)
  }

  public static let samples: [RuleSample] = [
    .finds(
      "app/api/health/route.ts:2:3", "app/health.py:3:5",
      in: [
        "app/api/health/route.ts": """
        export async function GET() {
          try {
            await db.query('select 1')
          } catch (error) {
            console.error('database', error)
          }
          return Response.json({ status: 'ok' })
        }
        """,
        "app/health.py": """
        @router.get("/health")
        async def health():
            try:
                await db.execute("select 1")
            except Exception:
                pass
            return {"status": "ok"}
        """,
      ], "logged and forgotten"),
    .silent(
      "the answer follows the failure",
      [
        "app/api/health/route.ts": """
        export async function GET() {
          let ok = false
          try {
            await db.query('select 1')
            ok = true
          } catch {}
          try {
            await redis.ping()
          } catch (error) {
            failed(error)
          }
          return Response.json({ ok }, { status: ok ? 200 : 503 })
        }
        """,
        "lib/cache.ts":
          "export async function warm() {\n  try {\n    await cache.connect()\n  } catch (e) {\n    console.warn(e)\n  }\n}\n",
      ]),
  ]
}
