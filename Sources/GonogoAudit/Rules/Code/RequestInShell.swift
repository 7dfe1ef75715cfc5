public import GonogoCore

/// A client's words that a shell or an interpreter runs.
public struct RequestInShell: CodeRule {
  public static let manual = RuleManual(
    id: "code-request-executed", severity: .critical, family: "code",
    title: "A request's content is executed",
    what: """
      Looks for `exec`, `execSync`, `eval` and `new Function` with `req.body`, `req.query` or `req.params` within the argument, and in Python for `os.system`, `eval`, `exec` \
      and `subprocess` with `shell=True` on `request.…`, or on a text that holds a parameter of the route itself which is free text (FastAPI); in Go for \
      `exec.Command("sh", "-c", …)` on `r.FormValue`, `r.URL.Query` and the like of gin, echo, chi and fiber. What passes through another variable is not followed.
      """,
    why: "whoever sends the request runs programs on the server",
    mend: "call the program without a shell, with a list of arguments, and only values out of a list of your own",
    falsifies: "input is never executed",
    references: ["https://cheatsheetseries.owasp.org/cheatsheets/OS_Command_Injection_Defense_Cheat_Sheet.html"])

  public static let patterns = [
    CodePattern(
      "node", .ecmascript,
      """
      rule:
        any:
          - pattern: exec($COMMAND)
          - pattern: exec($COMMAND, $$$)
          - pattern: execSync($COMMAND)
          - pattern: execSync($COMMAND, $$$)
          - pattern: child_process.exec($COMMAND)
          - pattern: child_process.execSync($COMMAND)
          - pattern: child_process.exec($COMMAND, $$$)
          - pattern: child_process.execSync($COMMAND, $$$)
          - pattern: eval($COMMAND)
          - pattern: new Function($COMMAND)
      constraints:
        COMMAND: { regex: '\\b(req|request|ctx\\.request)\\.(body|query|params|headers)\\b' }
      """),
    CodePattern(
      "python", .python,
      """
      rule:
        any:
          - { pattern: os.system($COMMAND) }
          - { pattern: eval($COMMAND) }
          - { pattern: exec($COMMAND) }
          - { pattern: 'subprocess.$METHOD($COMMAND, $$$)', has: { stopBy: end, kind: keyword_argument, regex: '^shell ?= ?True$' } }
      constraints:
        COMMAND: { regex: '\\brequest\\.(args|form|json|GET|POST|data|body|query_params|values)\\b' }
      """),
    CodePattern(
      "parameter", .python,
      """
      rule:
        any:
          - { pattern: os.system($COMMAND) }
          - { pattern: 'subprocess.$METHOD($COMMAND, $$$)', has: { stopBy: end, kind: keyword_argument, regex: '^shell ?= ?True$' } }
          - { pattern: asyncio.create_subprocess_shell($COMMAND) }
          - { pattern: 'asyncio.create_subprocess_shell($COMMAND, $$$)' }
        inside:
          stopBy: end
          kind: decorated_definition
          pattern: $HANDLER
          has: { kind: decorator, regex: '^@\\w+\\.(get|post|put|patch|delete|route|api_route)\\(' }
      constraints:
        COMMAND: { has: { stopBy: end, kind: interpolation, has: { kind: identifier } } }
      """),
    CodePattern(
      "go", .go,
      """
      rule:
        any:
          - pattern: { context: 'func f() { exec.Command($SHELL, $FLAG, $COMMAND) }', selector: call_expression }
          - pattern: { context: 'func f() { exec.CommandContext($C, $SHELL, $FLAG, $COMMAND) }', selector: call_expression }
      constraints:
        SHELL: { regex: '^"(/bin/|/usr/bin/)?(sh|bash|zsh|ash|cmd)"$' }
        FLAG: { regex: '^"(-l?c|/[cC])"$' }
        COMMAND: { regex: '\(RequestInSQL.goRequest)' }
      """),
  ]

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    for name in ["node", "python", "go"] {
      for match in try context.matches(name, of: Self.self) {
        findings.add("a part of the request is executed", at: match.place, subject: "exec")
      }
    }
    for match in try context.matches("parameter", of: Self.self) {
      guard let name = RequestInSQL.parameter(in: match["COMMAND"], of: match["HANDLER"], context) else { continue }
      findings.add("the request's '\(name)' is executed", at: match.place, subject: "exec")
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "a.js:1:1", "a.js:2:1", "b.py:1:1",
      in: [
        "a.js": "exec(`ls ${req.query.path}`, done)\nexecSync(req.body.command)\n",
        "b.py": "os.system('ls ' + request.args['x'])\n",
      ], "straight"
    ),
    .finds(
      "app.py:3:10", "main.go:4:12",
      in: [
        "app.py": """
        @app.get("/export")
        def export(fmt: str, me=Depends(current)):
            out =subprocess.run(f"export --format {fmt}", shell=True, timeout=60)
        """,
        "main.go": """
        package main

        func run(w http.ResponseWriter, r *http.Request) {
        \tout, _ := exec.Command("sh", "-c", r.FormValue("cmd")).CombinedOutput()
        }
        """,
      ], "a parameter of the route, a form"),
    .silent(
      "quoted, a number, one of a few, of no route",
      [
        "app.py": """
        @app.get("/export")
        def export(fmt: str, page: int, kind: Kind, name: str = Query(pattern="^[a-z]+$")):
            subprocess.run(f"export {shlex.quote(fmt)} {page} {kind}", shell=True)
            subprocess.run(["export", f"--format={fmt}"])
            subprocess.run(f"export {name}", shell=True)

        def job(fmt: str):
            subprocess.run(f"export {fmt}", shell=True)
        """,
        "main.go":
          "package main\n\nfunc f(r *http.Request) {\n\texec.Command(\"ls\", \"-l\", r.FormValue(\"dir\"))\n}\n",
      ]),
    .silent(
      "a list of arguments, a constant",
      [
        "a.js": "execFile('ls', [req.query.path], done)\nexec('ls', done)\nconst m = /x/.exec(req.query.path)\n",
        "b.py": "subprocess.run(['ls', request.args['x']])\n",
      ]),
  ]
}
