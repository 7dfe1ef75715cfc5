public import GonogoCore

/// An outbound call over TLS to anybody who answers.
public struct CertificateUnchecked: CodeRule {
  public static let manual = RuleManual(
    id: "code-tls-unverified", severity: .high, family: "code",
    title: "A server calls others without checking their certificate",
    what: """
      Looks at server code for `rejectUnauthorized: false` and `NODE_TLS_REJECT_UNAUTHORIZED = '0'`, `verify=False` in calls of requests and httpx, `ssl=False` in aiohttp, \
      `_create_unverified_context`, and Go's `InsecureSkipVerify: true`. What is set only under a condition passes (development, a setting of whoever operates it), as does a call to \
      the same machine, one whose peer is checked by hand (`VerifyPeerCertificate`, `checkServerIdentity`, a pinned fingerprint), a look at certificates themselves (their expiry), connections to \
      databases whose providers sign by themselves, and command lines, tests and scripts.
      """,
    why: "whoever sits on the way reads what is sent, the credentials first, and answers what they like",
    mend:
      "take the switch out; where the other side's authority is private, give its certificate (`ca`, `verify='/path/ca.pem'`, `RootCAs`)",
    falsifies: "outbound connections verify certificates",
    wordings: ["TLS certificates are verified", "certificate verification is on"],
    references: [
      "https://nodejs.org/api/tls.html#tlsconnectoptions-callback",
      "https://requests.readthedocs.io/en/latest/user/advanced/#ssl-cert-verification",
      "https://pkg.go.dev/crypto/tls#Config",
    ])

  public static let patterns = [
    CodePattern(
      "node", .ecmascript,
      """
      rule:
        any:
          - { kind: pair, regex: '^[''"]?rejectUnauthorized[''"]?: ?false$' }
          - pattern: process.env.NODE_TLS_REJECT_UNAUTHORIZED = $VALUE
        not:
          inside:
            stopBy: end
            any:
              - kind: if_statement
              - kind: ternary_expression
              - { kind: binary_expression, regex: '&&|\\?\\?' }
      """),
    CodePattern(
      "python", .python,
      """
      rule:
        any:
          - pattern: requests.$METHOD($$$ARGUMENTS)
          - pattern: httpx.$METHOD($$$ARGUMENTS)
          - pattern: aiohttp.$METHOD($$$ARGUMENTS)
          - pattern: $SESSION.$METHOD($$$ARGUMENTS)
        has:
          kind: argument_list
          has: { kind: keyword_argument, regex: '^(verify|ssl|verify_ssl) ?= ?False$' }
        not: { inside: { stopBy: end, any: [ { kind: if_statement }, { kind: conditional_expression } ] } }
      constraints:
        METHOD: { regex: '^(get|post|put|patch|delete|head|request|stream|Client|AsyncClient|Session|TCPConnector|ClientSession)$' }
      """),
    CodePattern("context", .python, "rule: { pattern: ssl._create_unverified_context($$$) }"),
    CodePattern(
      "go", .go,
      """
      rule:
        kind: keyed_element
        regex: '^InsecureSkipVerify:\\s*true$'
        not: { inside: { stopBy: end, kind: if_statement } }
      """),
  ]

  public init() {}

  /// A setting, a development's branch, a peer that is known by other means, a database, the certificates themselves.
  private static let known =
    #"VerifyPeerCertificate|VerifyConnection|checkServerIdentity|fingerprint|PeerCertificates|getPeerCertificate|getpeercert|NotAfter|valid_?to|cert_?expir"#
  private static let database =
    #"(from|require\()\s*['"](pg|pg-pool|postgres|mysql2?(/promise)?|mongodb|mongoose|ioredis|redis|typeorm|sequelize|knex|drizzle-orm.*|@prisma/.*|kysely|nodemailer|imapflow|@aws-sdk/.*)['"]|\bTypeOrmModule\b|\bdialectOptions\b|\bDATABASE_URL\b"#

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    var matches = try context.matches("node", of: Self.self).filter {
      !$0.text.contains("process.env") || ["'0'", "\"0\"", "0"].contains($0["VALUE"].trimmed)
    }
    matches += try context.matches("python", of: Self.self)
    matches += try context.matches("context", of: Self.self)
    matches += try context.matches("go", of: Self.self)
    var causes: [FileCause] = []
    for (file, group) in Dictionary(grouping: matches, by: \.file).sorted(by: { $0.key.index < $1.key.index }) {
      guard let code = CodeText(file, in: context), CodeScope.isServer(file, code, in: context),
        !CodeScope.isCommandLine(file, code, in: context), !code.mentions(Self.known, in: context),
        !code.mentions(Self.database, in: context, strings: true)
      else { continue }
      let places = group.filter { !isHere($0, context) }.map(\.place)
      if !places.isEmpty { causes.append(FileCause(file: file, places: places)) }
    }
    findings.add(
      causes, subject: { String($0.name) }, one: "the other side's certificate is not checked", noun: "calls",
      rest: "do not check the other side's certificate", in: context)
  }

  /// Whether what is called is on the same machine, or the lines around say that this is for development or of a server's own choice.
  private func isHere(_ match: CodeMatch, _ context: AuditContext) -> Bool {
    guard let text = context.tree.text(match.file) else { return true }
    let line = match.place.line
    let around = (max(1, line - 12)...min(text.lineCount, line + 6)).map { number in
      String(decoding: text.line(number), as: UTF8.self).lowercased()
    }
    // `if !c.SkipVerify { return plain }`: whoever operates it has asked for that.
    let isChosen = around.prefix(line - max(1, line - 12)).contains { Self.asks($0, context) }
    return isChosen || isCalledByChoice(match, text, context)
      || around.contains { line in
        [
          "localhost", "127.0.0.1", "::1", "insecure ", "isdev", "node_env", "development", "debug", "self-signed",
          "selfsigned",
        ]
        .contains { line.contains($0) }
      }
  }

  /// Whether a line asks for a setting that switches the check off: a word of its name, not the call of something that verifies, and not `verify=False` itself.
  private static func asks(_ line: String, _ context: AuditContext) -> Bool {
    let setting = context.pattern(
      #"\b(if|elif|unless)\b.*(skip|insecure|unsafe|self_?signed|(ssl|tls|cert(ificate)?s?)_?(verif|check)|(verif\w*|check)_?(ssl|tls|cert|peer|host))(?!\w*\()"#,
      ignoringCase: true)
    return ((try? setting.firstMatch(in: line)) ?? nil) != nil
  }

  /// Whether the function that it stands in is called nowhere but behind such a question: an opt-in, which is off where nobody sets it.
  private func isCalledByChoice(_ match: CodeMatch, _ text: SourceFile, _ context: AuditContext) -> Bool {
    let head = context.pattern(
      #"^(?:export )?(?:async )?(?:func|function|def)\s+(?:\([^)]*\)\s*)?(\w+)|^(?:export )?(?:const|let)\s+(\w+)\s*=\s*(?:async\s*)?\("#
    )
    var name: String?
    for number in stride(from: match.place.line, through: max(1, match.place.line - 60), by: -1) {
      let line = String(decoding: text.line(number), as: UTF8.self)
      if number < match.place.line, line.hasPrefix("}") { break }
      guard let found = (try? head.firstMatch(in: line)) ?? nil else { continue }
      name = found.groups.dropFirst().compactMap { $0 }.first
      break
    }
    guard let name, name.count > 3 else { return false }
    let call = context.pattern(#"(?<!func )(?<!function )(?<!def )(?<!const )\b"# + name + #"\b"#)
    var isCalled = false
    for file in context.tree.files
    where CodeSyntax(file.language) == CodeSyntax(match.file.language) && CodeScope.isLookedAt(file) {
      guard let code = CodeText(file, in: context) else { continue }
      let lines = code.code.split(separator: 0x0A, omittingEmptySubsequences: false)
      guard let hits = (try? call.lineMatches(in: code.code, limit: 100))?.hits else { return false }
      for hit in hits {
        let own = String(decoding: lines[hit.line - 1], as: UTF8.self).trimmed
        if ["import ", "from ", "export {"].contains(where: own.hasPrefix)
          || own.contains(") \(name)(") && own.hasPrefix("func ")
        {
          continue
        }
        let before = lines[max(0, hit.line - 3)..<hit.line].map { String(decoding: $0, as: UTF8.self) }
        guard before.contains(where: { Self.asks($0, context) || Self.isTernary($0) }) else { return false }
        isCalled = true
      }
    }
    return isCalled
  }

  /// `cfg.insecure ? lax() : plain()`, `lax() if insecure else plain()`.
  private static func isTernary(_ line: String) -> Bool {
    let lower = line.lowercased()
    guard let mark = lower.range(of: " ? ") else { return false }
    return ["skip", "insecure", "unsafe"].contains(where: lower[..<mark.lowerBound].contains)
  }

  public static let samples: [RuleSample] = [
    .finds(
      "server/bank.ts:2:47", "app/pay.py:4:14", "pay.go:5:62",
      in: [
        "server/bank.ts":
          "import https from 'https'\nconst agent = new https.Agent({ keepAlive: 1, rejectUnauthorized: false })\nexport const pay = (o: Order) => axios.post(bank, o, { httpsAgent: agent })\n",
        "app/pay.py":
          "import requests\n\ndef pay(order):\n    answer = requests.post(BANK, json=order, verify=False, timeout=10)\n    client = httpx.Client(verify=False)\n    return answer\n",
        "pay.go":
          "package pay\n\nimport \"crypto/tls\"\n\nvar transport = &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}\n",
      ], "three languages"),
    .finds(
      "shop/pay.py:5:12", "hub.go:6:52",
      in: [
        "shop/pay.py":
          "import requests\n\ndef pay(order):\n    if verify_order(order): raise bad\n    return requests.post(BANK, json=order, verify=False, timeout=10)\n",
        "hub.go":
          "package a\n\nimport \"net/http\"\n\nfunc laxClient() *http.Client {\n\treturn &http.Client{Transport: tlsOver(tls.Config{InsecureSkipVerify: true})}\n}\n",
        "start.go":
          "package a\n\nfunc hub(c Config) *http.Client {\n\tif c.Insecure {\n\t\treturn laxClient()\n\t}\n\n\n\n\treturn laxClient()\n}\n",
      ], "a question about something else; behind an opt-in, and without one"),
    .silent(
      "a function that is called behind an opt-in alone",
      [
        "hub.go":
          "package a\n\nimport \"net/http\"\n\nfunc laxClient() *http.Client {\n\treturn &http.Client{Transport: tlsOver(tls.Config{InsecureSkipVerify: true})}\n}\n",
        "start.go":
          "package a\n\nfunc hub(c Config) *http.Client {\n\tif c.Insecure {\n\t\treturn laxClient()\n\t}\n\treturn http.DefaultClient\n}\n",
        "server/agents.ts":
          "import https from 'https'\nexport const laxAgent = () => new https.Agent({ rejectUnauthorized: false })\n",
        "server/bank.ts":
          "import { laxAgent } from './agents'\nexport const agent = settings.insecureBank ? laxAgent() : https.globalAgent\n",
      ]),
    .silent(
      "a condition, a setting, a peer known otherwise, the same machine, a database, tests and command lines",
      [
        "server/a.ts":
          "import https from 'https'\nconst agent = production ? new https.Agent() : new https.Agent({ rejectUnauthorized: false })\nif (insecure) process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'\n",
        "server/b.ts":
          "import https from 'https'\nconst agent = new https.Agent({ rejectUnauthorized: !settings.lax })\n",
        "server/db.ts":
          "import { Pool } from 'pg'\nexport const pool = new Pool({ ssl: { rejectUnauthorized: false } })\n",
        "server/own.ts":
          "import https from 'https'\nhttps.get('https://localhost:8443/x', { rejectUnauthorized: false })\n",
        "app/a.py": "import requests\nrequests.get(u, verify=settings.VERIFY, timeout=1)\n",
        "app/b.py":
          "import requests\n\ndef f():\n    if settings.lax:\n        requests.get(u, verify=False, timeout=1)\n",
        "tests/test_a.py": "import requests\nrequests.get(u, verify=False)\n",
        "cmd/look/main.go":
          "package main\n\nimport \"flag\"\n\nfunc main() {\n\tflag.Parse()\n\tdial(&tls.Config{InsecureSkipVerify: true})\n}\n",
        "expiry.go":
          "package tlscheck\n\nfunc days(host string) int {\n\tc, _ := tls.Dial(\"tcp\", host, &tls.Config{InsecureSkipVerify: true})\n\treturn left(c.ConnectionState().PeerCertificates[0])\n}\n",
        "opt.go": "package a\n\nvar c = &tls.Config{InsecureSkipVerify: options.Lax}\n",
        "asked.go":
          "package a\n\nfunc client(c Config) *http.Client {\n\tif !c.SkipVerify {\n\t\treturn plain\n\t}\n\treturn &http.Client{Transport: over(&tls.Config{\n\t\tInsecureSkipVerify: true,\n\t})}\n}\n",
      ]),
  ]
}
