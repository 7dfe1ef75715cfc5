public import GonogoCore

/// A server's outbound call that may wait for ever.
public struct CallWithoutTimeout: CodeRule {
  public static let manual = RuleManual(
    id: "code-call-no-timeout", severity: .medium, family: "code",
    title: "An outbound call has no timeout",
    what: """
      Looks at server code for `fetch` without a `signal`, `axios` and `got` without `timeout`; `requests` and `urllib` without \
      `timeout=`, `httpx` with `timeout=None`; in Go `http.Get` and its kin, and an `http.Client` without `Timeout` in a file \
      that makes its requests without a context. One finding a file, and one for a package where more than three of its files have such calls. What the tree shows to be ended elsewhere \
      passes: options that are made elsewhere, a race or a helper for timeouts around the call or around the function that makes it, defaults and dispatchers that the package sets, \
      limits of a queue's jobs, a client that is handed on. So does what keeps nobody waiting: a call after `void`, one to the same machine, code of pages, apps and command lines, of \
      tests, of packages of Go that only tests import, of a development's branch, of the command by which a container asks after its health, and libraries that have a timeout of their own (aiohttp, httpx, Net::HTTP, Faraday).
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
              # Nobody waits for it.
              - { kind: unary_expression, regex: '^void ' }
        all: [ { not: { inside: \(CodePattern.forDevelopers) } } ]
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
        all: [ { not: { inside: \(CodePattern.forDevelopers) } } ]
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
    if calls.isEmpty { return }
    var causes: [FileCause] = []
    let ended = EndedCalls(in: context)
    for (file, group) in Dictionary(grouping: calls, by: \.file).sorted(by: { $0.key.index < $1.key.index }) {
      guard let code = CodeText(file, in: context), CodeScope.isServer(file, code, in: context),
        !CodeScope.isCommandLine(file, code, in: context), !ended.elsewhere(file, code)
      else { continue }
      let places = group.filter { !ended.byCaller($0) && isMade($0, code, context) }.map(\.place)
      if !places.isEmpty { causes.append(FileCause(file: file, places: places)) }
    }
    findings.add(
      causes, subject: { String($0.name) }, one: "an outbound call has no timeout", noun: "outbound calls",
      rest: "have no timeout", in: context)
  }

  /// Whether a client of Go makes its calls here, by requests without a context: one that is handed on is called with its callers' contexts, and when these
  /// end the tree does not say.
  private func isMade(_ match: CodeMatch, _ code: CodeText, _ context: AuditContext) -> Bool {
    guard match.text.hasPrefix("http.Client{") else { return true }
    return code.mentions(#"\bhttp\.NewRequest\(|\.(Get|Head|Post|PostForm)\("#, in: context)
  }

  /// Whether a `fetch` is one of a server to somewhere else, and nothing ends it.
  private func waits(_ match: CodeMatch) -> Bool {
    let address = match["URL"].trimmed
    if let first = address.dropFirst().first, "'\"`".contains(address.first ?? " "), first == "/" || first == "d" {
      // An address without a host is the page's own server; `data:` goes nowhere.
      return false
    }
    // The process beside it, which stops with it.
    if address.dropFirst().hasPrefix("http://localhost") || address.dropFirst().hasPrefix("http://127.0.0.1") {
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
    .finds(
      "server/a.ts:2:44",
      in: [
        "server/a.ts": "import http from 'http'\nexport const loadOrders = (url: string) => fetch(url)\n",
        "server/b.ts": "import http from 'http'\nexport const loadPrices = (url: string) => fetch(url)\n",
        "server/c.ts": "import http from 'http'\nexport const loadStock = (url: string) => fetch(url)\n",
        "server/d.ts": "import http from 'http'\nexport const loadUsers = (url: string) => fetch(url)\n",
      ], "one finding a package"),
    .finds(
      "jobs/pull.go:8:8", "bot/main.py:5:12",
      in: [
        "jobs/pull.go":
          "package jobs\n\nimport \"net/http\"\n\nfunc pull(u string) error {\n\treq, err := http.NewRequest(\"GET\", u, nil)\n\tif err != nil { return err }\n\tc := &http.Client{}\n\t_, err = c.Do(req)\n\treturn err\n}\n",
        "bot/main.py":
          "import requests\nimport time\n\nwhile True:\n    rate = requests.get('https://acme.test/rate')\n    time.sleep(60)\n",
      ], "a client that makes its own requests, a worker"),
    .finds(
      "server/up.ts:4:3", "kit/client/get.go:5:34",
      in: [
        "server/up.ts":
          "import http from 'http'\nif (isDev) {\n} else {\n  fetch(monitor)\n}\nif (isDev || asked) { fetch(monitor) }\n",
        "kit/go.mod": "module acme.test/kit\n",
        "kit/main.go": "package main\n\nimport \"acme.test/kit/client\"\n\nfunc main() { client.Get() }\n",
        "kit/client/get.go":
          "package client\n\nimport \"net/http\"\n\nfunc Get() (any, error) { return http.Get(address) }\n",
        "kit/client/get_test.go":
          "package client_test\n\nimport \"acme.test/kit/client\"\n\nfunc TestGet() { client.Get() }\n",
      ], "the other branch, a package that the program imports beside a test"),
    .finds(
      "get.go:5:34",
      in: [
        "go.mod": "module acme.test/kit\n",
        "get.go": "package kit\n\nimport \"net/http\"\n\nfunc Get() (any, error) { return http.Get(address) }\n",
        "tests/kit_test.go": "package tests\n\nimport \"acme.test/kit\"\n\nfunc TestGet() { kit.Get() }\n",
      ], "a library, whose users are elsewhere"),
    .silent(
      "a development's branch, a package that only tests import, through another one as well",
      [
        "server/up.ts":
          "import http from 'http'\nif (isDev) {\n  fetch(monitor)\n}\nif (process.env.NODE_ENV === 'development') axios.get('https://acme.test')\n",
        "kit/go.mod": "module acme.test/kit // the kit\n",
        "kit/main.go": "package main\n\nfunc main() {}\n",
        "kit/forge/client/get.go":
          "package client\n\nimport \"net/http\"\n\nfunc Get() (any, error) { return http.Get(address) }\n",
        "kit/forge/setup/up.go":
          "package setup\n\nimport (\n\tkit \"acme.test/kit/forge/client\"\n)\n\nfunc Up() { kit.Get() }\n",
        "kit/forge/forge_test.go":
          "package forge\n\nimport \"acme.test/kit/forge/setup\"\n\nfunc TestForge() { setup.Up() }\n",
      ]),
    .silent(
      "the example of a tool's rule, and what is generated",
      [
        "extra/push-examples/index.py": "import requests\nrequests.get(url)\n",
        ".semgrep/rules/requests.py": "import requests\nrequests.get(url)\n",
        "api/gen.go":
          "package api\n\nimport \"net/http\"\n\nvar client = &http.Client{}\n\nfunc get() { http.Get(url) }\n",
      ]),
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
          await fetch('http://localhost:9000/own')
          void fetch(monitor, { method: 'POST' }).catch(report)
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
        "server/pay.ts": "export async function chargeCard(url: string) {\n  return await fetch(url)\n}\n",
        "server/checkout.ts": "export const buy = () => withTimeout(chargeCard(bank), 5000)\n",
        "api/package.json": "{ \"dependencies\": { \"express\": \"5\" } }\n",
        "api/src/start.ts":
          "import { Agent, setGlobalDispatcher } from 'undici'\nsetGlobalDispatcher(new Agent({ bodyTimeout: 5000 }))\n",
        "api/src/rates.ts": "export const rates = () => fetch(ratesAddress)\n",
        "app-native/package.json": "{ \"dependencies\": { \"expo\": \"54\", \"react\": \"19\" } }\n",
        "app-native/app/api/list.ts": "import crypto from 'crypto'\nexport const load = () => fetch(`${base}/list`)\n",
        "Dockerfile": "FROM scratch\nCOPY app /\nHEALTHCHECK CMD /app ping\nCMD [\"/app\"]\n",
        "cmd/ping.go":
          "package cmd\n\nimport \"net/http\"\n\nfunc Ping() int {\n\t_, err := http.Get(address())\n\treturn code(err)\n}\n",
        "rpc/clients.go":
          "package rpc\n\nimport \"net/http\"\n\nfunc Orders() orders.Client { return orders.NewClient(&http.Client{}, base) }\n",
        "harness/up.go":
          "package harness\n\nimport (\n\t\"net/http\"\n\t\"testing\"\n)\n\nfunc Up(t *testing.T) { http.Get(address) }\n",
        "shop/management/commands/refresh.py": "import requests\nrequests.get('https://acme.test')\n",
        "shop/jobs.py": "import requests\n\ndef refresh():\n    requests.get('https://acme.test')\n",
        "shop/settings.py": "RQ_DEFAULT_TIMEOUT = 300\n",
        "shop/report.py":
          "import argparse\nimport requests\n\nif __name__ == '__main__':\n    requests.get('https://acme.test')\n",
        "tests/test_mail.py": "import requests\nrequests.get('https://acme.test')\n",
      ]),
  ]
}
