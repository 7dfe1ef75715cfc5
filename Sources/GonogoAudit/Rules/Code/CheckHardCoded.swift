public import GonogoCore

/// A report of checks whose results are constants.
public struct CheckHardCoded: CodeRule {
  public static let manual = RuleManual(
    id: "code-check-hard-coded", severity: .high, family: "code",
    title: "A check reports a pass that was written down",
    what: """
      Looks, in modules whose names speak of checks, audits, readiness, compliance, health, gaps or system status, at lists of named checks \
      whose result is a literal (`status: 'pass'`, `passed: True`): at least two of them where nothing was waited for or decided before, or one \
      beside others that are computed; and at functions called check…, verify… or audit… that do nothing but return one. What is mocked, \
      seeded, a default, a legend, a record with dates or amounts, what is overwritten later, and the service's own liveness pass.
      """,
    why: "the report is green whatever happens: nobody looked, and everybody thinks that somebody did",
    mend:
      "compute the result from a look at the thing, or say 'not checked'; a line that needs a person's word is bound to that person's word",
    falsifies: "the gap report says what was checked")

  private static let passes =
    "(pass|passed|passing|ok|okay|healthy|green|compliant|verified|operational|success|ready|secure|up)"

  public static let patterns = [
    CodePattern(
      "list", .ecmascript,
      """
      rule:
        kind: array
        has:
          kind: object
          has:
            kind: pair
            any:
              - all:
                  - has: { field: key, regex: '^[''"]?(status|state|result|outcome)[''"]?$' }
                  - has: { field: value, regex: '(?i)^[''"]\(passes)[''"]' }
              - all:
                  - has: { field: key, regex: '^[''"]?(passed|pass|ok|compliant|isCompliant|healthy|isHealthy|verified)[''"]?$' }
                  - has: { field: value, regex: '^true' }
      """),
    CodePattern(
      "function", .ecmascript,
      """
      rule:
        any:
          - kind: function_declaration
            has: { field: name, regex: '^(check|verify|validate|audit|assess)[A-Z]' }
          - kind: method_definition
            has: { field: name, regex: '^(check|verify|validate|audit|assess)[A-Z]' }
          - kind: variable_declarator
            all:
              - has: { field: name, regex: '^(check|verify|validate|audit|assess)[A-Z]' }
              - has: { field: value, kind: arrow_function }
        has:
          stopBy: end
          kind: pair
          any:
            - all:
                - has: { field: key, regex: '^[''"]?(status|state|result|outcome)[''"]?$' }
                - has: { field: value, regex: '(?i)^[''"]\(passes)[''"]' }
            - all:
                - has: { field: key, regex: '^[''"]?(passed|pass|ok|compliant|isCompliant|healthy|isHealthy|verified)[''"]?$' }
                - has: { field: value, regex: '^true$' }
      """),
    CodePattern(
      "list", .python,
      """
      rule:
        kind: list
        has:
          kind: dictionary
          has:
            kind: pair
            any:
              - all:
                  - has: { field: key, regex: '^[''"](status|state|result|outcome)[''"]$' }
                  - has: { field: value, regex: '(?i)^[''"]\(passes)[''"]$' }
              - all:
                  - has: { field: key, regex: '^[''"](passed|pass|ok|compliant|is_compliant|healthy|is_healthy|verified)[''"]$' }
                  - has: { field: value, regex: '^True$' }
      """),
    CodePattern(
      "function", .python,
      """
      rule:
        kind: function_definition
        all:
          - has: { field: name, regex: '^_*(check|verify|validate|audit|assess)_' }
          - has:
              stopBy: end
              kind: pair
              any:
                - all:
                    - has: { field: key, regex: '^[''"](status|state|result|outcome)[''"]$' }
                    - has: { field: value, regex: '(?i)^[''"]\(passes)[''"]$' }
                - all:
                    - has: { field: key, regex: '^[''"](passed|pass|ok|compliant|is_compliant|healthy|is_healthy|verified)[''"]$' }
                    - has: { field: value, regex: '^True$' }
      """),
  ]

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    var told: [String: [(place: TreePlace, message: String)]] = [:]
    for match in try context.matches("list", of: Self.self) {
      guard let message = constant(match, context) else { continue }
      told[match.file.path, default: []].append((match.place, message))
    }
    for match in try context.matches("function", of: Self.self) where isReturnAlone(match, context) {
      let name = Self.name(match.text)
      told[match.file.path, default: []].append((match.place, "'\(name)' looks at nothing and returns a pass"))
    }
    for (path, list) in told.sorted(by: { $0.key < $1.key }) {
      let list = list.sorted { $0.place < $1.place }
      findings.add(
        list[0].message + (list.count > 1 ? " (and \(list.count - 1) more in this file)" : ""), at: list[0].place,
        subject: path, related: list.dropFirst().prefix(20).map { .init($0.place, $0.message) })
    }
  }

  // MARK: Modules

  private static let names: Set<String> = [
    "check", "checks", "checker", "checklist", "audit", "audits", "auditor", "readiness", "compliance", "health",
    "healthcheck", "gap", "gaps", "preflight", "golive", "diagnostics", "diagnostic", "systemstatus", "certification",
    "verification", "hardening",
  ]

  /// Whether the path says that the module reports of checks: its name, or a directory's that is a page.
  private static func isReport(_ file: TreeFile) -> Bool {
    let lower = file.path.lowercased()
    if ["fixture", "stories", "mock", "sample", "demo", "seed"].contains(where: lower.contains) { return false }
    var words: Set<String> = []
    for part in file.path.split(separator: "/").suffix(3) {
      var word = ""
      for character in part + "." {
        if character.isUppercase || !character.isLetter {
          if !word.isEmpty { words.insert(word.lowercased()) }
          word = character.isLetter ? String(character) : ""
        } else {
          word.append(character)
        }
      }
    }
    let parts = lower.split(separator: "/")
    return !words.isDisjoint(with: names) || parts.contains("status") || parts.contains("system-status")
      || words.isSuperset(of: ["status", "page"]) || words.isSuperset(of: ["system", "status"])
  }

  // MARK: Lists

  private func constant(_ match: CodeMatch, _ context: AuditContext) -> String? {
    guard let syntax = CodeSyntax(match.file.language), Self.isReport(match.file),
      let code = CodeText(match.file, in: context)
    else { return nil }
    let records = LiteralRecords(match.text, syntax).records
    var constants: [String] = []
    var computed = 0
    var others: Set<String> = []
    for record in records {
      guard let result = Self.result(record) else { continue }
      switch result {
      case .computed: computed += 1
      case .other(let word): others.insert(word)
      case .pass:
        guard let name = Self.label(record), !Self.isSelf(name), !Self.isRecord(record) else { continue }
        constants.append(name)
      }
    }
    guard let first = constants.first, constants.count >= 2 || computed > 0 else { return nil }
    // Each word once: what the words mean.
    if constants.count + others.count == records.count, constants.count == 1 { return nil }
    let before = String(decoding: code.code[..<match.range.lowerBound].suffix(160), as: UTF8.self)
    if Self.isSample(before) || Self.isOverwritten(code, context) { return nil }
    if computed == 0, Self.hasLooked(code, match.range.lowerBound, syntax, context) { return nil }
    let list = Fold.list(constants.map { "'\($0)'" }, 3)
    return constants.count == 1
      ? "the check '\(first)' passes by a literal, beside \(computed) that are computed"
      : "\(constants.count) checks pass by literals: \(list)"
  }

  private enum Result {
    case pass, computed
    case other(String)
  }

  private static func result(_ record: LiteralRecords.Record) -> Result? {
    for key in ["status", "state", "result", "outcome"] {
      guard let value = record.values[key] else { continue }
      guard let word = LiteralRecords.string(value)?.lowercased() else { return .computed }
      return words.contains(word) ? .pass : .other(word)
    }
    for key in [
      "passed", "pass", "ok", "compliant", "isCompliant", "is_compliant", "healthy", "isHealthy", "is_healthy",
      "verified",
    ] {
      guard let value = record.values[key] else { continue }
      if value.lowercased() == "true" { return .pass }
      return value.lowercased() == "false" ? .other("false") : .computed
    }
    return nil
  }

  private static let words: Set<String> = [
    "pass", "passed", "passing", "ok", "okay", "healthy", "green", "compliant", "verified", "operational", "success",
    "ready", "secure", "up",
  ]

  /// What the record calls the thing that it checked; `nil` where that is not written.
  private static func label(_ record: LiteralRecords.Record) -> String? {
    for key in [
      "name", "title", "check", "label", "item", "requirement", "control", "category", "component", "service",
      "feature",
      "area", "section", "test", "key", "id", "description", "item_name", "check_name",
    ] {
      if let name = record.string(key), name.contains(where: \.isLetter) { return name }
    }
    return nil
  }

  /// The process that answers is alive.
  private static func isSelf(_ name: String) -> Bool {
    [
      "api", "server", "app", "application", "self", "process", "http", "web", "uptime", "backend", "api server",
      "service",
    ]
    .contains(name.lowercased())
  }

  /// Whether it is a row of data, or was measured.
  private static func isRecord(_ record: LiteralRecords.Record) -> Bool {
    let keys = [
      "date", "createdAt", "created_at", "userId", "user_id", "user", "email", "amount", "price", "total", "orderId",
      "order_id", "customer", "invoice", "actor", "ip", "color", "className", "bg", "badge", "variant", "dot", "code",
    ]
    if keys.contains(where: { record.values[$0] != nil }) { return true }
    return record.values.contains {
      $0.key.lowercased().contains("duration") || $0.value.contains("now()") || $0.value.contains("Date.now")
    }
  }

  private static func isSample(_ before: String) -> Bool {
    let lower = before.lowercased()
    guard let equals = lower.lastIndex(where: { $0 == "=" || $0 == "(" || $0 == ":" }) else { return false }
    let name = lower[..<equals].split { !$0.isLetter && !$0.isNumber && $0 != "_" }.suffix(5).joined(separator: " ")
    return [
      "mock", "sample", "demo", "example", "fake", "seed", "default", "initial", "placeholder", "dummy", "fixture",
      "option",
      "preset", "legend", "filter", "column", "template", "usestate", "useref", "signal", "changelog", "history",
      "enum",
    ].contains { name.contains($0) }
  }

  /// Whether the file sets results elsewhere: what the list says is where it begins.
  private static func isOverwritten(_ code: CodeText, _ context: AuditContext) -> Bool {
    code.mentions(
      #"\.(status|state|result|passed|ok|healthy|verified)\s*=[^=]|\["?(status|passed|ok)"?\]\s*=[^=]|\.\.\.\w+(\.\w+)*\s*,\s*(status|state|passed|ok)\b"#,
      in: context)
  }

  /// Whether the function that the list stands in waited for something, or decided something, before it.
  private static func hasLooked(_ code: CodeText, _ offset: Int, _ syntax: CodeSyntax, _ context: AuditContext) -> Bool
  {
    let before = String(decoding: code.code[..<offset], as: UTF8.self)
    let head: Substring
    if syntax == .python {
      guard let start = before.firstRange(ofLast: "def ") else { return false }
      head = before[start...]
    } else {
      let starts = ["function ", "=> {", "=>{"].compactMap { before.firstRange(ofLast: $0) }
      guard let start = starts.max() else { return false }
      head = before[start...]
    }
    return ["await ", "if ", "if(", "throw ", "raise ", "try ", "try:", "for ", "switch"].contains { head.contains($0) }
  }

  // MARK: Functions

  /// Whether a function does nothing but return.
  private func isReturnAlone(_ match: CodeMatch, _ context: AuditContext) -> Bool {
    guard let syntax = CodeSyntax(match.file.language), Self.isReport(match.file) else { return false }
    var text = String(decoding: CodeText(Array(match.text.utf8), syntax).code, as: UTF8.self)
    // The head has brackets of its own.
    guard let body = syntax == .python ? text.firstRange(of: ":\n")?.upperBound : text.firstIndex(of: "{") else {
      return false
    }
    text = String(text[body...])
    for blind in [
      "new Date()", ".toISOString()", "datetime.now()", "datetime.utcnow()", ".isoformat()", "Date.now()", "new Date",
    ] {
      text = text.replacing(blind, with: "")
    }
    for word in [
      "await", "if ", "if(", "try", "throw", "raise", "?", "&&", "||", " or ", " and ", "for ", "yield", "not ", "...",
    ]
    where text.contains(word) { return false }
    if CodeText(Array(text.utf8), syntax).mentions(#"\w\s*\("#, in: context) { return false }
    guard text.contains("return") || syntax == .ecmascript else { return false }
    // What it was given, and only passes on, was looked at elsewhere.
    return !CodeText(Array(text.utf8), syntax).mentions(#":\s*[A-Za-z_$][\w$]*\s*\.\s*\w+"#, in: context)
  }

  private static func name(_ text: String) -> String {
    let words = text.prefix(200).split { !$0.isLetter && !$0.isNumber && $0 != "_" }
    return words.first {
      !["export", "async", "function", "def", "const", "private", "public", "static", "protected"].contains($0)
    }
    .map(String.init) ?? ""
  }

  public static let samples: [RuleSample] = [
    .finds(
      "app/gap-report/page.tsx:1:16", "lib/readiness.ts:3:18", "src/compliance/checks.py:1:1",
      "src/compliance/run.py:2:12",
      in: [
        "app/gap-report/page.tsx": """
        const checks = [
          { name: 'RLS on all tables', status: 'pass', icon: Shield },
          { name: 'Backups', status: 'pass' as const },
          { name: 'Alerts', status: 'fail' },
        ]
        export default function Page() { return <List items={checks} /> }
        """,
        "lib/readiness.ts": """
        export async function readiness() {
          const database = await ping()
          const checks = [
            { name: 'Database', status: database ? 'ok' : 'down' },
            { name: 'Backups', status: 'ok' },
          ]
          return checks
        }
        """,
        "src/compliance/checks.py":
          "def check_encryption():\n    \"\"\"Encrypted.\"\"\"\n    return {\"status\": \"pass\", \"detail\": \"AES\"}\n",
        "src/compliance/run.py":
          "def report():\n    return [\n        {\"name\": \"TLS\", \"passed\": True},\n        {\"name\": \"RLS\", \"passed\": True},\n    ]\n",
      ], "a page, one among computed ones, Python"),
    .silent(
      "looked, mocked, a legend, data, liveness, another module, overwritten",
      [
        "lib/health/check.ts": """
        export async function check() {
          const rows = await db.query('select 1')
          if (!rows) throw new Error('down')
          return [{ name: 'Database', status: 'ok' }, { name: 'Cache', status: 'ok' }]
        }
        export const mockChecks = [{ name: 'A', status: 'ok' }, { name: 'B', status: 'ok' }]
        const legend = [{ label: 'Pass', status: 'pass' }, { label: 'Fail', status: 'fail' }]
        const runs = [{ name: 'x', status: 'pass', date: '2024' }, { name: 'y', status: 'pass', date: '2024' }]
        """,
        "lib/readiness/state.ts": """
        const checks = [{ name: 'A', status: 'ok' }, { name: 'B', status: 'ok' }]
        export function set(i) { checks[i].status = 'down' }
        """,
        "lib/audit/api.ts": """
        const services = [{ name: 'api', status: 'ok' }, { name: 'Database', status: ok ? 'ok' : 'down' }]
        export function checkAll() { return { ok: true, detail: probe() } }
        """,
        "app/status/__stories__/fixtures.ts": "const s = [{ name: 'A', status: 'ok' }, { name: 'B', status: 'ok' }]\n",
        "app/orders/page.tsx": "const orders = [{ name: 'A', status: 'ok' }, { name: 'B', status: 'ok' }]\n",
        "app/health.py":
          "def check_db():\n    if not ping():\n        return {\"status\": \"down\"}\n    return {\"status\": \"ok\"}\n",
      ]),
  ]
}

extension String {
  /// Where a text stands last.
  fileprivate func firstRange(ofLast text: String) -> String.Index? { ranges(of: text).last?.lowerBound }
}
