public import GonogoCore

/// A limiter or a check of rights that is written and never used.
public struct GuardNeverCalled: CodeRule {
  public static let manual = RuleManual(
    id: "code-guard-never-called", severity: .medium, family: "code",
    title: "A limiter or a permission check is called nowhere",
    what: """
      Looks at functions and constants whose name says that they limit a rate, require a right, verify a signature or guard against CSRF, and whose name stands nowhere else in the tree's \
      code: re-exports, imports, tests and comments do not count, any other mention does, in a string, a template, or an import under another name, too. It is told where nothing else \
      does the same: a function of the same kind (of rights of the same name, of rates, of signatures) that other files call is the protection in force, and this one a spare. \
      Code of pages, which guards nothing, passes, as do what only has the word in its name (a table, a schema, a page), and packages that are published for others to call.
      """,
    why: "the protection exists in the code and in the checklist, and no request ever meets it",
    mend: "put it in front of the routes that it was written for, or take it out",
    falsifies: "rate limits and permission checks are in force",
    references: ["https://owasp.org/API-Security/editions/2023/en/0xa4-unrestricted-resource-consumption/"])

  // A limit of rates by its name: that it is one, of whom, and no more.
  private static let name =
    "^((\\w*([rR]ate_?[lL]imit|RATE_LIMIT|[tT]hrottle)((er|ed|ing)?_?([mM]iddleware|[gG]uard|[cC]heck|[hH]andler|[pP]lugin)?|_?([bB]y|[fF]or)_?\\w+)|\\w+Limiter|\\w+_limiter)|(require|ensure|enforce|assert|check|verify|authorize|validate)_?(Auth|Admin|Role|Permission|Owner|Access|Csrf|CSRF|Signature|Webhook|Tenant|Member|auth|admin|role|permission|owner|access|csrf|signature|webhook|tenant)\\w*|csrf\\w*|(is|has)(Owner|Admin|Permission)\\w*|(is|has)_(owner|admin|permission)\\w*)$"

  public static let patterns = [
    CodePattern(
      "node", .ecmascript,
      """
      rule:
        any:
          - { kind: function_declaration, has: { field: name, pattern: $NAME } }
          - kind: variable_declarator
            all:
              - has: { field: name, pattern: $NAME }
              - has: { field: value, pattern: $VALUE, any: [ { kind: arrow_function }, { kind: call_expression }, { kind: new_expression } ] }
        inside:
          any:
            - kind: program
            - { kind: export_statement, inside: { kind: program } }
            - { kind: lexical_declaration, inside: { any: [ { kind: program }, { kind: export_statement, inside: { kind: program } } ] } }
      constraints:
        NAME: { regex: '\(name)' }
      """),
    CodePattern(
      "python", .python,
      """
      rule:
        kind: function_definition
        has: { field: name, pattern: $NAME }
        inside: { kind: module }
      constraints:
        NAME: { regex: '\(name)' }
      """),
    CodePattern(
      "go", .go,
      """
      rule:
        kind: function_declaration
        has: { field: name, pattern: $NAME }
      constraints:
        NAME: { regex: '(?i)\(name)' }
      """),
  ]

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    for match in try Self.idle(in: context).alone {
      findings.add("'\(match["NAME"])' is defined and called nowhere", at: match.place, subject: match["NAME"])
    }
  }

  /// The definitions that nothing calls and that the rule says nothing of, because another guard of their kind is in force.
  ///
  /// - Throws: ``CouldNotLook`` where the code could not be searched.
  static func spares(in context: AuditContext) throws(CouldNotLook) -> [CodeMatch] { try idle(in: context).spares }

  /// The guards that nothing calls: those of whose kind nothing is called, and the others.
  private static func idle(
    in context: AuditContext
  ) throws(CouldNotLook) -> (alone: [CodeMatch], spares: [CodeMatch]) {
    var defined: [CodeMatch] = []
    for name in ["node", "python", "go"] { defined += try context.matches(name, of: Self.self) }
    if defined.isEmpty { return ([], []) }
    let mentions = mentions(of: Set(defined.map { $0["NAME"] }), in: context)
    let inForce = GuardsInForce(in: context)
    let called = Set(defined.filter { mentions[$0["NAME"]] ?? 0 > 1 }.map(\.file))
    var alone: [CodeMatch] = []
    var spares: [CodeMatch] = []
    for match in defined {
      let name = match["NAME"]
      // Its own definition, and nothing besides. Of two definitions of a name neither is judged: which is meant where?
      guard mentions[name] == 1, !isHelper(name),
        // Go's functional options set something up: `WithRateLimit(…) Option`.
        match.file.language != .go || !name.hasPrefix("With"), guards(match, context)
      else { continue }
      if ["is", "has"].contains(where: name.hasPrefix), called.contains(match.file) { continue }
      if inForce.has(match) { spares.append(match) } else { alone.append(match) }
    }
    return (alone, spares)
  }

  /// Whether a definition is one of a server's own code that could turn somebody away.
  private static func guards(_ match: CodeMatch, _ context: AuditContext) -> Bool {
    let name = match.file.name.lowercased()
    guard !CodeScope.isPage(match.file), !name.hasSuffix(".tsx"), !name.hasSuffix(".jsx"),
      let code = CodeText(match.file, in: context),
      !code.mentions(#"^\s*['"]use client['"]"#, in: context, strings: true),
      !isPublished(match.file, context)
    else { return false }
    // A value is one only where what makes it is made for that: a table or a schema of limits limits nothing.
    let value = match["VALUE"]
    let isFunction = value.isEmpty || ["(", "async"].contains(where: value.hasPrefix)
    let maker = value.prefix { $0 != "(" }
    if isFunction || maker.contains("=>") { return true }
    return ["limit", "throttle", "slowdown", "csrf", "guard", "middleware", "require", "check"].contains {
      maker.lowercased().contains($0)
    }
  }

  /// Whether the package is one that others install: who calls its functions is not in the tree.
  private static func isPublished(_ file: TreeFile, _ context: AuditContext) -> Bool {
    guard CodeSyntax(file.language) == .ecmascript, let root = CodeScope.manifest(of: file, in: context)?.root else {
      return false
    }
    if case .bool(true)? = root["private"] { return false }
    return root["publishConfig"] != nil || root["exports"] != nil || root["files"] != nil
  }

  /// A name that holds a guard's name and is none: an error, its status, its settings, a helper of pages or of tests.
  private static func isHelper(_ name: String) -> Bool {
    let lower = name.lowercased().drop { $0 == "_" }
    // A question about an error that came back from elsewhere: `isRateLimited`.
    if ["is", "has"].contains(where: lower.hasPrefix), ["rate", "throttle"].contains(where: lower.contains) {
      return true
    }
    return ["get", "reset", "format", "create", "make", "clear", "set", "build", "parse", "new", "use", "query"]
      .contains {
        lower.hasPrefix($0)
      }
      || ["error", "config", "options", "status", "headers", "throttle", "tests", "test", "key"].contains {
        lower.hasSuffix($0)
      }
  }

  /// How often each name stands in the tree's code, outside of imports, re-exports, tests and comments.
  private static func mentions(of names: Set<String>, in context: AuditContext) -> [String: Int] {
    var counts: [String: Int] = [:]
    let wanted = Set(names.map { Array($0.utf8) })
    for file in context.tree.files {
      let isCode = CodeScope.isLookedAt(file)
      // A page, a template or a configuration may name it as well; a document only talks of it.
      let others: [Language] = [.vue, .svelte, .html, .yaml, .toml, .json]
      guard isCode || others.contains(where: { $0 == file.language }) || isEntry(file),
        let text = context.tree.text(file)
      else { continue }
      // Strings stay: what is wired up by its name is used.
      let bytes = CodeText.uncommented(text.bytes, file.language)
      var isImport = false
      for number in 1...max(1, text.lineCount) {
        let start = text.lineStarts[min(number, text.lineCount) - 1]
        let end = start + text.line(number).count
        let line = bytes[start..<end]
        let head = line.drop { $0 <= 0x20 }
        // `import {`, its names a line each, and `} from 'x'`.
        let opens =
          isCode && ["import ", "import{", "from ", "export {", "export * "].contains { head.starts(with: $0.utf8) }
        if opens { isImport = true }
        // Under another name it is called by that.
        if !isImport || line.contains(Array(" as ".utf8)) { count(line, wanted, &counts) }
        if isImport, !opens || head.contains(0x7D) || !head.contains(where: { $0 == 0x7B || $0 == 0x28 }) {
          isImport = !(head.contains(0x7D) || head.contains(0x29) || opens)
        }
      }
    }
    return counts
  }

  /// A file beside the product's own code that may wire it up all the same: a configuration or a script that is no test.
  private static func isEntry(_ file: TreeFile) -> Bool {
    guard CodeSyntax(file.language) != nil else { return false }
    let path = "/" + file.path.lowercased()
    return !["test", "spec", "__mocks__", "/docs/"].contains { path.contains($0) }
  }

  private static func count(_ line: ArraySlice<UInt8>, _ wanted: Set<[UInt8]>, _ counts: inout [String: Int]) {
    for word in line.split(whereSeparator: { byte in
      !(byte >= 0x61 && byte <= 0x7A || byte >= 0x41 && byte <= 0x5A || byte >= 0x30 && byte <= 0x39 || byte == 0x5F)
    }) where word.count > 3 {
      let word = Array(word)
      if wanted.contains(word) { counts[String(decoding: word, as: UTF8.self), default: 0] += 1 }
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "lib/limit.ts:1:8", "app/rights.py:1:1",
      in: [
        "lib/limit.ts": "export function rateLimitByUser(id: string) {\n  return store.hit(id)\n}\n",
        "lib/index.ts": "export { rateLimitByUser } from './limit'\n",
        "lib/other.ts": "import {\n  rateLimitByUser,\n} from './limit'\n// rateLimitByUser would go here\n",
        "tests/limit.test.ts": "rateLimitByUser('x')\n", "app.yaml": "# rateLimitByUser: later\nname: x\n",
        "index.html": "<!-- rateLimitByUser -->\n",
        "app/rights.py": "def require_admin(user):\n    return user.admin\n",
      ], "imported, tested, and never called"),
    .silent(
      "what only has the word in its name, a spare beside the one in force, a library for others",
      [
        "db/limits.ts":
          "export const ratelimitOverrides = mysqlTable('ratelimit_overrides', { id: id() })\nexport const apiRateLimit = z.object({ max: z.number() })\n",
        "app/limits/page.tsx": "export default function ShowRateLimit() { return <Limits /> }\n",
        "lib/rate.ts":
          "export async function withRateLimit(f) { return f }\nexport const withReadRateLimit = () => withRateLimit(read)\n",
        "app/api/a/route.ts": "export const GET = withRateLimit(list)\n",
        "app/api/b/route.ts":
          "export const GET = async () => { if (!(await checkAuthentication(cookies()))) throw refused }\n",
        "lib/auth.ts": "export function requireAuth() { if (!user()) throw refused }\n",
        "acme/errors.go": "package acme\n\nfunc IsRateLimited(err error) bool { return code(err) == 429 }\n",
        "hooks/sign.go": "package hooks\n\nfunc VerifyWebhookSignature(body []byte) bool { return false }\n",
        "hooks/receive.go":
          "package hooks\n\nfunc receive(body []byte, sign []byte) bool { return hmac.Equal(own(body), sign) }\n",
        "kit/package.json": "{ \"name\": \"kit\", \"exports\": \"./src/index.ts\" }\n",
        "kit/src/index.ts": "export function assertCsrfToken(t) { if (!t) throw refused }\n",
        "lib/owner.ts": "export function requireOwner() { throw refused }\n",
        "lib/team.ts": "import { requireOwner as own } from './owner'\nexport const team = () => own()\n",
      ]),
    .silent(
      "called, named in a string, in a decorator; of a page; a question beside a guard that is called",
      [
        "client/src/roles.ts": "export function isAdminRole(role: string) { return role === 'admin' }\n",
        "lib/session.ts":
          "export function isAdmin() { return s.admin }\nexport function requireAdmin() { if (!s.admin) throw bad }\n",
        "app/api/y/route.ts": "export const POST = () => requireAdmin()\n",
        "lib/limit.ts": "export function rateLimitByUser(id: string) {}\nexport const csrfGuard = make()\n",
        "app/api/x/route.ts":
          "import { rateLimitByUser } from '@/lib/limit'\nawait rateLimitByUser('x')\nuse('csrfGuard')\n",
        "app/rights.py":
          "def require_admin(user):\n    return user.admin\n\nrouter = Router(depends=[require_admin])\n",
      ]),
  ]
}
