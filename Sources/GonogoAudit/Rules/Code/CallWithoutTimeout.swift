public import GonogoCore

/// A server's outbound call that may wait for ever.
public struct CallWithoutTimeout: CodeRule {
  public static let manual = RuleManual(
    id: "code-call-no-timeout", severity: .medium, family: "code",
    title: "An outbound call has no timeout",
    what: """
      Looks at server code for `fetch` without a `signal`, `axios` and `got` without `timeout`; `requests` and `urllib` without \
      `timeout=`, `httpx` with `timeout=None`; in Go `http.Get` and its kin, and an `http.Client` without `Timeout` in a file \
      that sets no deadline. One finding a file. Options that are made elsewhere, calls inside a race or a helper for timeouts, code of \
      pages in a browser and of command lines, and libraries that have a timeout of their own (aiohttp, httpx, Net::HTTP, Faraday) pass.
      """,
    why: "when the other side hangs, requests pile up behind it until the service has no connection or memory left",
    mend: "give each call a deadline: `signal: AbortSignal.timeout(10_000)`, `timeout=10`, `http.Client{Timeout: …}`",
    falsifies: "external calls have timeouts",
    references: [
      "https://developer.mozilla.org/docs/Web/API/AbortSignal/timeout_static",
      "https://requests.readthedocs.io/en/latest/user/advanced/#timeouts", "https://pkg.go.dev/net/http#Client",
    ])

  public static let patterns = [
    CodePattern(
      "fetch", .ecmascript,
      """
      rule:
        any:
          - pattern: fetch($URL)
          - pattern: fetch($URL, $OPTIONS)
        not:
          inside:
            stopBy: end
            any:
              - pattern: Promise.race($$$)
              - kind: call_expression
                has: { field: function, regex: '(?i)time_?out|deadline' }
      """),
    CodePattern(
      "axios", .ecmascript,
      """
      rule:
        any:
          - pattern: axios.$METHOD($$$ARGUMENTS)
          - pattern: axios($$$ARGUMENTS)
          - pattern: got.$METHOD($$$ARGUMENTS)
          - pattern: got($$$ARGUMENTS)
        not:
          inside:
            stopBy: end
            any:
              - pattern: Promise.race($$$)
              - kind: call_expression
                has: { field: function, regex: '(?i)time_?out|deadline' }
      constraints:
        METHOD: { regex: '^(get|post|put|patch|delete|head|request|create|extend|stream)$' }
      """),
    CodePattern(
      "python", .python,
      """
      rule:
        any:
          - pattern: requests.$METHOD($$$ARGUMENTS)
          - pattern: urllib.request.$METHOD($$$ARGUMENTS)
        not:
          has:
            stopBy: end
            any:
              - { kind: keyword_argument, has: { field: name, regex: '^timeout$' } }
              - kind: dictionary_splat
      constraints:
        METHOD: { regex: '^(get|post|put|patch|delete|head|options|request|urlopen)$' }
      """),
    CodePattern(
      "unlimited", .python,
      """
      rule:
        any:
          - pattern: httpx.$METHOD($$$ARGUMENTS)
          - pattern: aiohttp.ClientTimeout($$$ARGUMENTS)
        has:
          stopBy: end
          kind: keyword_argument
          regex: '^(timeout|total) ?= ?None$'
      """),
    CodePattern(
      "go", .go,
      """
      rule:
        any:
          - pattern: { context: 'func f() { http.$METHOD($$$ARGUMENTS) }', selector: call_expression }
          - { kind: composite_literal, pattern: 'http.Client{$$$FIELDS}', not: { has: { stopBy: end, kind: keyed_element, regex: '^Timeout' } } }
      constraints:
        METHOD: { regex: '^(Get|Post|PostForm|Head)$' }
      """),
  ]

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    var calls: [CodeMatch] = []
    for match in try context.matches("fetch", of: Self.self) where waits(match) { calls.append(match) }
    for match in try context.matches("axios", of: Self.self) {
      // Options that are made elsewhere may hold one; so may an address that is an object.
      let bare = match["METHOD"].isEmpty && !match.text.contains("(\"") && !match.text.contains("('")
      let made = match.text.contains("...") || match.text.lowercased().contains("timeout")
      let method = match["METHOD"]
      let known = match.text.contains("{") || match.text.filter { $0 == "," }.isEmpty
      if bare || made || !known || ["create", "extend"].contains(method) && !match.text.contains("{") { continue }
      if match.text.contains("signal") { continue }
      calls.append(match)
    }
    calls += try context.matches("python", of: Self.self)
    calls += try context.matches("unlimited", of: Self.self)
    calls += try context.matches("go", of: Self.self)
    for (_, group) in Dictionary(grouping: calls, by: \.file).sorted(by: { $0.key.index < $1.key.index }) {
      guard let first = group.min(by: { $0.place < $1.place }), let code = CodeText(first.file, in: context),
        CodeScope.isServer(first.file, code, in: context), !CodeScope.isCommandLine(first.file)
      else { continue }
      let elsewhere =
        switch CodeSyntax(first.file.language) {
        // Defaults for all calls of the file, or a wrapper of fetch's name.
        case .ecmascript: #"axios\.defaults\.timeout|function fetch\b|setGlobalDispatcher|@tauri-apps|axios-retry"#
        case .python: #"socket\.setdefaulttimeout|def request\("#
        case .go: #"context\.WithTimeout|context\.WithDeadline|NewRequestWithContext|\.Timeout\s*="#
        default: "$^"
        }
      if code.mentions(elsewhere, in: context) { continue }
      let places = group.sorted { $0.place < $1.place }
      findings.add(
        group.count == 1 ? "an outbound call has no timeout" : "\(group.count) outbound calls have no timeout",
        at: first.place, subject: String(first.file.name),
        related: places.dropFirst().prefix(20).map { Finding.Related($0.place, "another one") })
    }
  }

  /// Whether a `fetch` is one of a server to somewhere else, and nothing ends it.
  private func waits(_ match: CodeMatch) -> Bool {
    let address = match["URL"].trimmed
    if let first = address.dropFirst().first, "'\"`".contains(address.first ?? " "), first == "/" || first == "d" {
      // An address without a host is the page's own server; `data:` goes nowhere.
      return false
    }
    // A file that the bundle brings along.
    if address.contains("import.meta.url") { return false }
    let options = match["OPTIONS"].trimmed
    if options.isEmpty { return !address.contains("Request(") && !address.hasSuffix("equest") && address != "req" }
    return options.hasPrefix("{") && !options.contains("signal") && !options.contains("...")
      && !options.lowercased().contains("timeout")
  }

  public static let samples: [RuleSample] = [
    .finds(
      "server/bot.ts:3:15", "app/mail.py:4:10", "main.go:8:15",
      in: [
        "server/bot.ts": """
        export async function send(url: string) {
          const body = JSON.stringify({ a: 1 })
          await       fetch(url, { method: 'POST', body })
          await axios.get('https://api.acme.test/x')
        }
        """,
        "app/mail.py": "import requests\n\ndef send():\n    x =  requests.get('https://acme.test')\n",
        "main.go":
          "package main\n\nimport (\n\t\"net/http\"\n)\n\nfunc get() {\n\tresp, err := http.Get(\"https://acme.test\")\n}\n",
      ], "one finding a file"),
    .silent(
      "deadlines of each kind, and code of a page",
      [
        "server/bot.ts": """
        export async function send(url: string, options: RequestInit) {
          await fetch(url, { signal: AbortSignal.timeout(1000) })
          await fetch(url, options)
          await fetch(url, { ...options, method: 'POST' })
          await withTimeout(fetch(url), 1000)
          await Promise.race([fetch(url), later()])
          await axios.get('https://acme.test', { timeout: 1000 })
          await fetch('/api/own')
          await fetch(new URL('../fonts/a.ttf', import.meta.url))
        }
        """,
        "components/list.ts": "export const load = () => fetch('https://acme.test')\n",
        "app/mail.py": "import requests\nrequests.get('https://acme.test', timeout=5)\nrequests.get(u, **options)\n",
        "main.go": "package main\n\nimport \"net/http\"\n\nvar c = &http.Client{Timeout: 5}\n",
        "web/package.json": "{ \"dependencies\": { \"react\": \"19\" }, \"devDependencies\": { \"vite\": \"7\" } }\n",
        "web/src/api/list.ts": "export const load = () => fetch(`${base}/list`)\n",
        "lib/api/orders.ts": "export const load = () => fetch(ownPath('/orders'))\n",
        "bin/release.py": "import requests\nrequests.get('https://acme.test')\n",
        "lib/api/page.ts": "window.addEventListener('load', () => fetch(url))\n",
        "packages/acme-cli/src/server/get.ts": "import fs from 'fs'\nexport const x = () => fetch(url)\n",
        "packages/e2e_tests/server/up.ts": "import fs from 'fs'\nexport const x = () => fetch(url)\n",
        "dev/names.py": "import requests\nrequests.get('https://acme.test')\n",
        "tests/test_mail.py": "import requests\nrequests.get('https://acme.test')\n",
      ]),
  ]
}
