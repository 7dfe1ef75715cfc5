public import GonogoCore

/// A handler of SIGTERM that only ends the process.
public struct ExitWithoutDraining: CodeRule {
  public static let manual = RuleManual(
    id: "code-exit-without-draining", severity: .medium, family: "code",
    title: "The handler of SIGTERM exits without draining",
    what: """
      Looks at handlers of SIGTERM in Node and Python, written in place or as a function of the same file, that exit and before it neither close, stop, \
      drain nor await anything. A handler that hands on to another function passes.
      """,
    why: "the signal is caught and the requests are cut off all the same",
    mend: "close the server first and exit in its callback; bound it with a timer",
    falsifies: "the services shut down gracefully",
    references: ["https://nodejs.org/api/process.html#signal-events"])

  public static let patterns = [
    CodePattern(
      "inline", .ecmascript,
      """
      rule:
        any:
          - pattern: process.on($SIGNAL, $HANDLER)
          - pattern: process.once($SIGNAL, $HANDLER)
        has: { stopBy: end, pattern: process.exit($$$) }
      constraints:
        SIGNAL: { regex: '^.SIGTERM.$' }
      """),
    CodePattern(
      "named", .ecmascript,
      """
      rule:
        any:
          - pattern: process.on($SIGNAL, $HANDLER)
          - pattern: process.once($SIGNAL, $HANDLER)
      constraints:
        SIGNAL: { regex: '^.SIGTERM.$' }
        HANDLER: { kind: identifier }
      """),
    CodePattern(
      "function", .ecmascript,
      """
      rule:
        any:
          - { kind: function_declaration, has: { field: name, pattern: $NAME } }
          - { kind: variable_declarator, all: [ { has: { field: name, pattern: $NAME } }, { has: { field: value, kind: arrow_function } } ] }
        has: { stopBy: end, pattern: process.exit($$$) }
      """),
    CodePattern(
      "python", .python,
      """
      rule:
        pattern: signal.signal(signal.SIGTERM, $HANDLER)
      constraints:
        HANDLER: { regex: 'sys\\.exit|os\\._exit' }
      """),
  ]

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    let functions = try context.matches("function", of: Self.self)
    var handlers = try context.matches("inline", of: Self.self).map { ($0, $0["HANDLER"]) }
    for match in try context.matches("named", of: Self.self) {
      let named = functions.filter { $0.file == match.file && $0["NAME"] == match["HANDLER"] }
      if named.count == 1 { handlers.append((match, named[0].text)) }
    }
    for match in try context.matches("python", of: Self.self) { handlers.append((match, match["HANDLER"])) }
    for (match, handler) in handlers {
      // Whatever else it calls may be what drains: only logging, writing and exiting are known to do nothing.
      var rest = handler
      for harmless in [
        #"\b(process|sys|os)\.(exit|_exit|stdout\.write|stderr\.write)\("#, #"\b(console|logger|log)(\.\w+)?\("#,
      ] {
        rest = Self.without(harmless, in: rest, context)
      }
      let text = CodeText(Array(rest.utf8), .ecmascript)
      if text.mentions(#"(?<![\w$])(?<!function )[\w$]+\s*\((?!\)\s*=>)|\bawait\b"#, in: context) { continue }
      findings.add("SIGTERM ends the process with what it is doing", at: match.place, subject: "SIGTERM")
    }
  }

  private static func without(_ pattern: String, in text: String, _ context: AuditContext) -> String {
    let bytes = Array(text.utf8)
    var result = bytes
    // A line of a handler has one such call, seldom two.
    for _ in 0..<4 {
      for hit in (try? context.pattern(pattern).lineMatches(in: result, limit: 200))?.hits ?? [] {
        for index in hit.match { result[index] = 0x20 }
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  public static let samples: [RuleSample] = [
    .finds(
      "a.ts:1:1", "b.ts:5:1",
      in: [
        "a.ts": "process.on('SIGTERM', () => {\n  console.log('bye')\n  process.exit(0)\n})\n",
        "b.ts": "function stop() {\n  logger.info('bye')\n  process.exit(0)\n}\nprocess.on('SIGTERM', stop)\n",
      ], "in place and by name"),
    .silent(
      "closes, awaits, hands on",
      [
        "a.ts": "process.on('SIGTERM', () => {\n  server.close(() => process.exit(0))\n})\n",
        "b.ts": "const stop = async () => {\n  await pool.end()\n  process.exit(0)\n}\nprocess.once('SIGTERM', stop)\n",
        "c.ts": "process.on('SIGTERM', () => { cleanUp(); process.exit(0) })\n",
        "d.ts": "process.on('uncaughtException', () => process.exit(1))\n",
      ]),
  ]
}
