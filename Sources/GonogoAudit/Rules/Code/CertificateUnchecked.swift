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
    let isChosen = around.prefix(line - max(1, line - 12)).contains { line in
      line.contains("if") && ["skip", "insecure", "verify", "unsafe"].contains { line.contains($0) }
    }
    return isChosen
      || around.contains { line in
        [
          "localhost", "127.0.0.1", "::1", "insecure ", "isdev", "node_env", "development", "debug", "self-signed",
          "selfsigned",
        ]
        .contains { line.contains($0) }
      }
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
