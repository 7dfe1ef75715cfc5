public import GonogoCore

/// A client's words that become part of a statement.
public struct RequestInSQL: CodeRule {
  public static let manual = RuleManual(
    id: "code-request-in-sql", severity: .critical, family: "code",
    title: "A request's content becomes part of an SQL statement",
    what: """
      Looks for statements that are put together in the call that runs them (`query`, `raw`, `$queryRawUnsafe`, `execute` and their kin) out of a text of SQL and a part of \
      the request: `req.query`, `req.body` or `req.params` in a template or after a plus, `request.args` and its like or a parameter of the route which is free text in Python's \
      f-strings, `r.FormValue`, `r.URL.Query` and the like of gin, echo, chi and fiber in Go's `fmt.Sprintf` or after a plus. Tagged templates, which bind, and parameters pass. \
      What passes through another variable is not followed.
      """,
    why: "whoever sends the request reads and changes whatever the database's user may",
    mend: "bind it as a parameter; where it names a column or a direction, take it out of a list of your own",
    falsifies: "statements of SQL are never put together from input",
    references: ["https://cheatsheetseries.owasp.org/cheatsheets/SQL_Injection_Prevention_Cheat_Sheet.html"])

  /// Expressions of Go that are a request's own words.
  static let goRequest =
    "\\b(r|req|request)\\.(FormValue|PostFormValue|PathValue)\\(|\\b(r|req|request)\\.URL\\.Query\\(\\)|\\bc(tx)?\\.(Query|QueryParam|Param|PostForm|FormValue|Params)\\(|\\bchi\\.URLParam\\("

  /// A part of a request as it came; what is made a number of, or escaped, is no longer that.
  private static let nodeRequest =
    "\\$\\{\\s*(String\\()?\\(?(req|request|ctx|ctx\\.request|c\\.req)\\.(query|body|params|headers)\\b[^}()]*\\)?\\s*\\}|\\+\\s*(req|request|ctx\\.request)\\.(query|body|params|headers)\\b[\\w.]*\\s*(\\+|$|[)])"
  /// A string that begins as a statement does.
  private static let sql =
    "(?i)[`\"''(]\\s*(select|insert\\s+into|update|delete\\s+from|with|order\\s+by|where)\\s"

  public static let patterns = [
    CodePattern(
      "node", .ecmascript,
      """
      rule:
        kind: call_expression
        all:
          - has: { field: function, kind: member_expression, has: { field: property, regex: '^(\\$queryRawUnsafe|\\$executeRawUnsafe|query|raw|execute|unsafe|whereRaw|orderByRaw|all|get|run|exec)$' } }
          - has:
              field: arguments
              has: { any: [ { kind: template_string, regex: '\(nodeRequest)' }, { kind: binary_expression, regex: '\(nodeRequest)' } ], regex: '\(sql)' }
      """),
    CodePattern(
      "python", .python,
      """
      rule:
        kind: call
        all:
          - has: { field: function, kind: attribute, regex: '\\.(execute|executemany|fetch|fetchrow|fetchval|fetch_all|fetch_one|raw|text)$' }
          - has:
              field: arguments
              has:
                stopBy: { kind: call, not: { regex: '^(text|sa\\.text|sqlalchemy\\.text)\\(' } }
                kind: string
                all:
                  - has: { kind: interpolation, regex: '\\brequest\\.(args|form|json|GET|POST|data|query_params|values|headers)\\b' }
                  - regex: '\(sql)'
      """),
    CodePattern(
      "parameter", .python,
      """
      rule:
        kind: call
        all:
          - has: { field: function, kind: attribute, regex: '\\.(execute|executemany|fetch|fetchrow|fetchval|fetch_all|fetch_one|raw)$' }
          - has:
              field: arguments
              has:
                stopBy: { kind: call, not: { regex: '^(text|sa\\.text|sqlalchemy\\.text)\\(' } }
                kind: string
                pattern: $COMMAND
                all: [ { has: { kind: interpolation, has: { kind: identifier } } }, { regex: '\(sql)' } ]
        inside:
          stopBy: end
          kind: decorated_definition
          pattern: $HANDLER
          has: { kind: decorator, regex: '^@\\w+\\.(get|post|put|patch|delete|route|api_route)\\(' }
      """),
    CodePattern(
      "go", .go,
      """
      rule:
        kind: call_expression
        all:
          - has: { field: function, kind: selector_expression, regex: '\\.(Query|QueryRow|QueryContext|QueryRowContext|Exec|ExecContext|Raw|Select|Get|Queryx|QueryRowx)$' }
          - has:
              field: arguments
              has:
                any:
                  - kind: call_expression
                    all: [ { has: { field: function, regex: '^fmt\\.Sprintf$' } }, { regex: '\(goRequest)' }, { regex: '\(sql)' } ]
                  - { kind: binary_expression, all: [ { regex: '\(goRequest)' }, { regex: '\(sql)' } ] }
      """),
  ]

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    for name in ["node", "python", "go"] {
      for match in try context.matches(name, of: Self.self) {
        guard let code = CodeText(match.file, in: context), CodeScope.isServer(match.file, code, in: context) else {
          continue
        }
        findings.add("a part of the request becomes part of a statement", at: match.place, subject: "sql")
      }
    }
    for match in try context.matches("parameter", of: Self.self) {
      guard let name = Self.parameter(in: match["COMMAND"], of: match["HANDLER"], context) else { continue }
      findings.add("the request's '\(name)' becomes part of a statement", at: match.place, subject: "sql")
    }
  }

  /// The parameter of a route that stands as it is in an f-string, where it may be any text.
  static func parameter(in text: String, of handler: String, _ context: AuditContext) -> String? {
    guard let start = handler.firstRange(of: "def ") else { return nil }
    let signature = handler[start.upperBound...].prefix { $0 != "\n" }
    guard let hits = try? context.pattern(#"\{(\w+)(![rs])?\}"#).lineMatches(in: Array(text.utf8), limit: 50).hits
    else { return nil }
    for hit in hits {
      let whole = String(decoding: Array(text.utf8)[hit.match], as: UTF8.self)
      let name = String(whole.dropFirst().prefix { $0.isLetter || $0.isNumber || $0 == "_" })
      // A bare `x`, `x: str`, with a plain default or none: what a pattern, a list or a number holds back is no free text.
      let free =
        #"[(,]\s*"# + name
        + #"\s*(:\s*(str|(typing\.)?Optional\[str\]|str\s*\|\s*None))\s*(=\s*(None|["'][^"']*["']))?\s*[,)]"#
      let isFree = ((try? context.pattern(free).firstMatch(in: String(signature))) ?? nil) != nil
      // Whatever asks about it before may let only some through.
      let asked = #"\b(if|assert|in|match)\b.*\b"# + name + #"\b|\b"# + name + #"\s*=(?!=)"#
      let rest = CodeText(Array(handler[signature.endIndex...].utf8), .python)
      if isFree, !rest.mentions(asked, in: context) { return name }
    }
    return nil
  }

  public static let samples: [RuleSample] = [
    .finds(
      "src/users.ts:2:57", "src/users.ts:3:32", "app.py:3:12", "app.py:7:5", "main.go:4:15",
      in: [
        "src/users.ts": """
        import express from 'express'
        users.get('/export', async (req, res) => res.json(await prisma.$queryRawUnsafe(`SELECT id FROM users ORDER BY ${req.query.sort}`)))
        app.get('/one', (req, res) =>  pool.query('SELECT * FROM users WHERE name = ' + req.params.name))
        """,
        "app.py": """
        @app.get("/find")
        def find(name: str, db=Depends(database)):
            return db.execute(f"SELECT id FROM users WHERE name = '{name}'").fetchall()

        @flask.get("/all")
        def everything():
            db.execute(f"SELECT id FROM users ORDER BY {request.args['sort']}")
        """,
        "main.go": """
        package main

        func lookup(w http.ResponseWriter, r *http.Request) {
        \trows, err := db.Query(fmt.Sprintf("SELECT id FROM messages WHERE topic = '%s'", r.URL.Query().Get("topic")))
        }
        """,
      ], "a template, a plus, an f-string, Sprintf"),
    .silent(
      "bound, a tagged template, a number, a parameter that is asked about",
      [
        "src/users.ts": """
        import express from 'express'
        app.get('/a', async (req, res) => {
          await pool.query('SELECT * FROM users WHERE id = $1', [req.params.id])
          await prisma.$queryRaw`SELECT * FROM users WHERE id = ${req.params.id}`
          await pool.query(`SELECT * FROM users LIMIT ${Number(req.query.limit)}`)
          // await pool.query(`SELECT * FROM users ORDER BY ${req.query.sort}`)
          await axios.get(`https://acme.test/where/${req.params.id}`)
        })
        """,
        "app.py": """
        @app.get("/find")
        def find(sort: str, page: int):
            if sort not in COLUMNS:
                raise HTTPException(400)
            db.execute(f"SELECT id FROM users ORDER BY {sort} LIMIT {page}")
            db.execute("SELECT id FROM users WHERE name = %s", (request.args["name"],))
        """,
        "main.go": """
        package main

        func lookup(w http.ResponseWriter, r *http.Request) {
        \trow := db.QueryRow("SELECT count(*) FROM messages WHERE topic = $1", r.URL.Query().Get("topic"))
        }
        """,
      ]),
  ]
}
