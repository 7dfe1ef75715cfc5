public import GonogoCore

/// A client's words that a shell or an interpreter runs.
public struct RequestInShell: CodeRule {
  public static let manual = RuleManual(
    id: "code-request-executed", severity: .critical, family: "code",
    title: "A request's content is executed",
    what: """
      Looks for `exec`, `execSync`, `eval` and `new Function` with `req.body`, `req.query` or `req.params` within the argument, and in Python for `os.system`, `eval`, `exec` \
      and `subprocess` with `shell=True` on `request.…`. What passes through a variable is not followed.
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
  ]

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    for match in try context.matches("node", of: Self.self) + context.matches("python", of: Self.self) {
      findings.add("a part of the request is executed", at: match.place, subject: "exec")
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
    .silent(
      "a list of arguments, a constant",
      [
        "a.js": "execFile('ls', [req.query.path], done)\nexec('ls', done)\nconst m = /x/.exec(req.query.path)\n",
        "b.py": "subprocess.run(['ls', request.args['x']])\n",
      ]),
  ]
}
