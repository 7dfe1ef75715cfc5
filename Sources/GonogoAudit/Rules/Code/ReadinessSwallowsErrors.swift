public import GonogoCore

/// A health check whose failures nobody hears of.
public struct ReadinessSwallowsErrors: CodeRule {
  public static let manual = RuleManual(
    id: "code-readiness-swallows", severity: .high, family: "code",
    title: "A health check swallows its own failure",
    what: """
      Looks in handlers of health and readiness routes (by their path, or by the name of a function that takes a request), and in files of that name, for a `try` that \
      waits for something, neither sets nor returns anything, and whose handler does nothing but log; in Python the same with `except`, in Go an `if err != nil` that \
      only logs. A `try` that sets what is answered passes.
      """,
    why: "the database is gone, and the platform goes on sending traffic",
    mend: "answer 503 where the look fails",
    falsifies: "the readiness endpoint checks the dependencies",
    references: ["https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/#readiness-probe"]
  )

  private static let path =
    "(/[\\w-]+)*/(health|healthz|ready|readyz|readiness|healthcheck|health-check|health/ready|health/readiness|healthz/ready)/?"
  private static let function =
    "(?i)^(get|handle|serve)?_?(ready|readyz|readiness|health|healthz|health_?check)_?(check|handler|view|probe)?$"

  private static let node = """
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
    """
  private static let python = """
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
    """

  /// The lines of a rule's body, as deep as they stand in it.
  private static func rule(_ lines: String, _ more: String) -> String {
    "rule:\n" + (lines + "\n" + more).split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
  }

  public static let patterns = [
    CodePattern("node", .ecmascript, rule(node, "")),
    CodePattern(
      "node-route", .ecmascript,
      rule(
        node,
        """
        inside:
          stopBy: end
          any:
            - kind: call_expression
              has: { field: arguments, has: { kind: string, regex: '^.\(path).$' } }
            - { kind: function_declaration, has: { field: name, regex: '\(function)' }, regex: '\\((_?req|_?request|ctx|c|_)\\b' }
        """)),
    CodePattern("python", .python, rule(python, "")),
    CodePattern(
      "python-route", .python,
      rule(
        python,
        """
        inside:
          stopBy: end
          any:
            - kind: decorated_definition
              has: { kind: decorator, regex: '^@\\w+\\.(get|route|api_route)\\(\\s*[rf]?["'']\(path)["'']' }
            - { kind: function_definition, has: { field: name, regex: '\(function)' }, regex: '^(async )?def \\w+\\((self, )?request\\b' }
        """)),
    CodePattern(
      "go-route", .go,
      """
      rule:
        kind: if_statement
        all:
          - has: { field: condition, regex: '^\\w*[eE]rr\\w* != nil$' }
          - not: { has: { field: alternative, regex: '.' } }
          - has:
              field: consequence
              not:
                has: { stopBy: end, any: [ { kind: return_statement }, { kind: assignment_statement }, { kind: inc_statement }, { kind: short_var_declaration }, { kind: send_statement }, { kind: continue_statement } ] }
        inside:
          stopBy: end
          any:
            - kind: call_expression
              has: { field: arguments, has: { kind: interpreted_string_literal, regex: '^"(GET )?\(path)"$' } }
            - kind: function_declaration
              all: [ { has: { field: name, regex: '\(function)' } }, { has: { field: parameters, regex: 'ResponseWriter|\\*gin\\.Context|echo\\.Context|\\*fiber\\.Ctx' } } ]
            - kind: method_declaration
              all: [ { has: { field: name, regex: '\(function)' } }, { has: { field: parameters, regex: 'ResponseWriter|\\*gin\\.Context|echo\\.Context|\\*fiber\\.Ctx' } } ]
      """),
  ]

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    var told: Set<TreePlace> = []
    for match in try context.matches("node-route", of: Self.self) + context.matches("python-route", of: Self.self) {
      tell(match, context, &told, &findings)
    }
    for match in try context.matches("node", of: Self.self) + context.matches("python", of: Self.self) {
      let directory = match.file.directory.split(separator: "/").last.map { $0.lowercased() } ?? ""
      let name = match.file.name.lowercased().prefix { $0 != "." }
      let names: Set<String> = ["health", "healthz", "ready", "readyz", "readiness", "health-check", "healthcheck"]
      guard names.contains(String(name)) || name == "route" && names.contains(directory) else { continue }
      tell(match, context, &told, &findings)
    }
    for match in try context.matches("go-route", of: Self.self) {
      // The look stands in the condition, or on the line before it.
      guard let source = context.tree.text(match.file), let code = CodeText(match.file, in: context) else { continue }
      let line = match.place.line > 1 ? source.lineStarts[match.place.line - 2] : match.range.lowerBound
      let asked = String(decoding: code.text[line..<match.range.upperBound], as: UTF8.self)
      guard let brace = match.text.firstIndex(of: "{"), Self.looks(asked, context) else { continue }
      let handler = CodeText(Array(match.text[brace...].utf8), .go)
      let acts =
        #"(?<![\w.])(?!(\w+\.)*(log|logger|slog|logrus|zap|zerolog|fmt|err|error|string)\b)\w+(\.\w+)*\s*\("#
      if !handler.mentions(acts, in: context) { add(match.place, &told, &findings) }
    }
  }

  private func tell(
    _ match: CodeMatch, _ context: AuditContext, _ told: inout Set<TreePlace>, _ findings: inout Findings
  ) {
    // It looks at what a service depends on; a cache that is warmed, or an answer that is closed, is something else. What is
    // called in the handler of the error may record it: only logging is known to do nothing.
    if Self.looks(match.text, context), logsOnly(match.text, context) { add(match.place, &told, &findings) }
  }

  private func add(_ place: TreePlace, _ told: inout Set<TreePlace>, _ findings: inout Findings) {
    guard told.insert(place).inserted else { return }
    findings.add("what the health check finds wrong is only logged", at: place, subject: "catch")
  }

  private static func looks(_ text: String, _ context: AuditContext) -> Bool {
    (try? context.pattern(#"query|execute|ping|select|connect|fetch|\.get\(|exec\w*\("#, ignoringCase: true)
      .firstMatch(in: text)) ?? nil != nil
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
    .finds(
      "src/server.ts:3:42", "src/server.ts:4:40", "app/main.py:5:5", "app/main.py:13:5", "main.go:9:3",
      in: [
        "src/server.ts": """
        import express from 'express'
        const app = express()
        app.get('/readyz', async (req, res) => { try { await pool.query('select 1') } catch (e) { console.error(e) } res.json({ ok: true }) })
        async function healthCheck(req, res) { try { await redis.ping() } catch {} res.json({ ok: true }) }
        """,
        "app/main.py": """
        @app.get("/readyz")
        def readyz():
            # raise HTTPException(503) would be right here
            log.debug("asked")
            try:
                ping()
            except Exception as e:
                logging.warning("database %s", e)
            return {"status": "ready"}

        @app.get("/health")
        async def health():
            try:
                with tenant("x") as c:
                    c.execute("SELECT 1")
            except Exception:
                pass
            return {"status": "ok"}
        """,
        "main.go": """
        package main

        import "net/http"

        func main() {
        \tmux := http.NewServeMux()
        \tmux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(200) })
        \tmux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
        \t\tif err := db.PingContext(r.Context()); err != nil {
        \t\t\tlog.Print(err)
        \t\t}
        \t\tfmt.Fprint(w, "ready")
        \t})
        }
        """,
      ], "handlers of routes in any file"),
    .silent(
      "an answer of its own, a watcher, another route",
      [
        "src/server.ts": """
        app.get('/readyz', async (req, res) => { try { await pool.query('select 1') } catch (e) { return res.sendStatus(503) } res.json({ ok: true }) })
        app.get('/health', async (req, res) => { try { await pool.query('select 1') } catch (e) { problems.add(e) } res.json({ problems }) })
        app.get('/orders', async (req, res) => { try { await cache.connect() } catch (e) { console.error(e) } res.json([]) })
        async function healthCheck() { try { await redis.ping() } catch (e) { console.error(e) } }
        """,
        "main.go": """
        package main

        func main() {
        \tmux.HandleFunc("/readyz", func(w http.ResponseWriter, r *http.Request) {
        \t\tif err := db.PingContext(r.Context()); err != nil {
        \t\t\tlog.Print(err)
        \t\t\tw.WriteHeader(503)
        \t\t}
        \t\tif err := json.NewEncoder(w).Encode(answer); err != nil {
        \t\t\tlog.Print(err)
        \t\t}
        \t})
        }
        """,
      ]),
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
