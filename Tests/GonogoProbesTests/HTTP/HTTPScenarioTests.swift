import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Synchronization
import Testing

@testable import GonogoProbes

/// Several requests in a row, and those who send them.
@Suite struct HTTPScenarioTests {
  /// Signs people in, hands out links that work once, and counts.
  final class Service: Sendable {
    let state = Mutex<(links: Set<String>, logins: Int, hits: Int)>(([], 0, 0))
    /// The link can be used again.
    let reusable: Bool
    init(reusable: Bool = false) { self.reusable = reusable }

    func answer(_ request: LoopbackServer.Request) -> LoopbackServer.Reply {
      switch (request.method, request.path) {
      case ("POST", "/login"):
        let count = state.withLock { state in
          state.logins += 1
          return state.logins
        }
        guard request.text.contains("correct-horse-9") else { return .text("no", 401) }
        let user = request.text.contains("alice") ? "alice" : "bob"
        return .json(
          ["csrf_token": .string("csrf-\(user)-0123456789"), "login": JSON(count)], 200,
          [("Set-Cookie", "owner_session=session-\(user)-\(count)-abcdef; Path=/; HttpOnly; Secure; SameSite=Lax")])
      case ("GET", "/me"):
        guard let session = request.cookie("owner_session") else { return .text("who?", 401) }
        return .json(["user": .string(session.contains("alice") ? "alice" : "bob"), "session": .string(session)])
      case ("GET", "/alice-only"):
        return .text("", request.cookie("owner_session")?.contains("alice") == true ? 200 : 403)
      case ("POST", "/change"):
        return .text("", request["x-csrf-token"] == "csrf-alice-0123456789" ? 200 : 403)
      case ("POST", "/link"):
        state.withLock { _ = $0.links.insert("Zx81kQ0pLm73VtR5") }
        return .json(["token": "Zx81kQ0pLm73VtR5"])
      case ("GET", "/enter"):
        let good = state.withLock { state in
          state.hits += 1
          let token = String(request.query.dropFirst(6))
          return reusable ? state.links.contains(token) : state.links.remove(token) != nil
        }
        return good ? .redirect("/home?token=Zx81kQ0pLm73VtR5") : .text("gone", 410)
      case ("GET", "/limited"):
        let hits = state.withLock { state in
          state.hits += 1
          return state.hits
        }
        return .text("", hits <= 20 ? 200 : 429)
      case ("GET", "/page"):
        return .text(
          "<a href='/x?code=c0de42x'>go</a>", 200,
          [("X-Csrf-Token", "head3r-token-55"), ("Location", "/next?code=Abc123")])
      default: return .text("not here: \(request.method) \(request.target)", 404)
      }
    }
  }

  static func principals(_ url: String, password: String = "correct-horse-9") -> String {
    """
    vars: { base: "\(url)" }
    http:
      scenarios:
        link:
          - POST: ${base}/link
            expect: { status: 200 }
            capture: { token: body.token }
    principals:
      alice:
        http:
          login:
            - POST: ${base}/login
              json: { user: alice, password: "${LOGIN_PASSWORD}" }
              capture: { csrf: body.csrf_token, count: body.login }
      bob:
        http:
          login: [ { POST: "${base}/login", form: { user: bob, password: "${LOGIN_PASSWORD}" }, expect: { status: 200 } } ]
    """
  }

  static let password = ["LOGIN_PASSWORD": "correct-horse-9"]

  static func run(
    _ yaml: String, _ server: LoopbackServer, environment: [String: String] = password, allow: Set<Effect> = [.writes]
  ) async -> ProbeBench.Ran {
    await ProbeBench.run(
      binding: yaml, frontMatter: principals(server.url), environment: environment, allow: allow)
  }

  @Test func `a link that works once passes, one that works twice fails`() async throws {
    let yaml = """
      http:
        - run: link
        - GET: ${base}/enter?token=${token}
          expect: { status: 302 }
          capture: { target: headers.location }
        - GET: ${base}/enter?token=${token}
      expect: { status: 410, "steps[1].headers.location": "${target}" }
      """
    let good = try LoopbackServer(Service().answer)
    defer { good.stop() }
    let ran = await Self.run(yaml, good)
    #expect(ran.diagnostics.isEmpty)
    #expect(ran.outcome == .passed)
    #expect(ran.witness == ["requests": 3])
    let shown = ran.facts.canonicalString + (ran.repeatCommand ?? "")
    #expect(!shown.contains("Zx81kQ0pLm73VtR5"))
    #expect(
      ran.repeatCommand?.split(separator: "\n").map(String.init) == [
        "curl -sS -i -X POST \(good.url)/link  # then TOKEN: body.token",
        "curl -sS -i \"\(good.url)/enter?token=${TOKEN}\"  # then TARGET: headers.location",
        "curl -sS -i \"\(good.url)/enter?token=${TOKEN}\"",
      ])

    let bad = try LoopbackServer(Service(reusable: true).answer)
    defer { bad.stop() }
    let failed = await Self.run(yaml, bad)
    #expect(failed.mismatches.map(\.path) == ["status"])
    #expect(failed.mismatches.map(\.found) == ["302"])
  }

  @Test func `a guard that does not hold ends the scenario, and is the only finding`() async throws {
    let server = try LoopbackServer(Service().answer)
    defer { server.stop() }
    let ran = await Self.run(
      """
      http:
        - GET: ${base}/nowhere
          expect: { status: 200, content_type: text/plain }
        - GET: ${base}/page
          expect: { status: 200 }
      expect: { status: 200 }
      """, server)
    #expect(ran.mismatches.map(\.path) == ["steps[0].status"])
    #expect(ran.mismatches.map(\.found) == ["404"])
    #expect(server.requests.map(\.path) == ["/nowhere"])
    #expect(ran.facts["steps"]?.arrayValue?.count == 1)
  }

  @Test func `guards alone are expectation enough, also of a single request`() async throws {
    let server = try LoopbackServer(Service().answer)
    defer { server.stop() }
    let green = await Self.run("http:\n  - GET: ${base}/page\n    expect: { status: 200 }", server)
    #expect(green.outcome == .passed)
    let red = await Self.run("http:\n  - GET: ${base}/nowhere\n    expect: { status: 200 }", server)
    #expect(red.mismatches.map(\.path) == ["steps[0].status"])
  }

  @Test func `captures of every kind`() async throws {
    let server = try LoopbackServer { request in
      request.path == "/page"
        ? .text(
          "<a href='/x?code=c0de42x'>", 200,
          [
            ("X-Csrf-Token", "head3r-token-55"), ("Location", "/next?code=Abc123"),
            ("Set-Cookie", "sid=cookie-value-1"),
          ])
        : .text(request.query)
    }
    defer { server.stop() }
    let ran = await ProbeBench.run(
      binding: """
        http:
          - GET: \(server.url)/page
            capture:
              header: { header: X-CSRF-Token }
              sid: { cookie: sid }
              code: { regex: "/code=(\\\\w+)/" }
              next: { regex: '/code=(\\w+)/', in: headers.location }
              size: { fact: bytes }
              open: { fact: status, secret: false }
              hidden: { fact: content_type, secret: true }
          - GET: \(server.url)/echo?${header}&${sid}&${code}&${next}&${size}&${open}&${hidden}
        expect: { text: "head3r-token-55&cookie-value-1&c0de42x&Abc123&${size}&200&text%2Fplain" }
        """)
    #expect(ran.outcome == .passed, "\(ran.diagnostics) \(ran.outcome as Any)")
    for secret in ["head3r-token-55", "cookie-value-1"] {
      #expect(!ran.facts.canonicalString.contains(secret))
    }
  }

  @Test func `a capture that is not in the reply is an error, with the step`() async throws {
    let server = try LoopbackServer(Service().answer)
    defer { server.stop() }
    let ran = await Self.run(
      "http:\n  - GET: ${base}/nowhere\n    capture: { id: body.id }\n  - GET: ${base}/x/${id}\nexpect: { status: 200 }",
      server)
    #expect(ran.error?.kind == .missing)
    #expect(ran.error?.message.contains("step 1 (GET, answered 404) has no body.id") == true)
    #expect(ran.error?.repeatCommand?.contains("/nowhere") == true)
    #expect(ran.facts["steps"]?.arrayValue?.count == 1)
  }

  // MARK: Principals

  @Test func `a principal signs in once for all lines, and its jar is shared`() async throws {
    let server = try LoopbackServer { [service = Service()] in service.answer($0) }
    defer { server.stop() }
    let lines = (1...20).map { number in
      """
      - [ ] **L-\(number)** line
        ```yaml gonogo
        http: { GET: "${base}/me", as: \(number % 2 == 0 ? "alice" : "bob") }
        expect: { status: 200, body.user: \(number % 2 == 0 ? "alice" : "bob") }
        ```
      """
    }
    let ran = await ProbeBench.run(
      document: "---\ngonogo: 1\n\(Self.principals(server.url))\n---\n\(lines.joined(separator: "\n"))\n",
      environment: Self.password)
    #expect(ran.diagnostics.isEmpty)
    #expect(ran.results.count == 20)
    #expect(ran.results.allSatisfy { $0.outcome == .passed })
    #expect(server.requests.filter { $0.path == "/login" }.count == 2)
    let shown = ran.results.map { "\($0)" }.joined()
    #expect(!shown.contains("session-alice"))
    #expect(!shown.contains("correct-horse"))
    #expect(!shown.contains("csrf-alice"))
    #expect(shown.contains("owner_session=${OWNER_SESSION}"))
  }

  @Test func `a login's captures are at hand`() async throws {
    let server = try LoopbackServer(Service().answer)
    defer { server.stop() }
    let yaml = """
      http:
        - POST: ${base}/change
          as: alice
          headers: { X-CSRF-Token: "${alice.csrf}" }
          expect: { status: 200 }
        - POST: ${base}/change
          as: alice
      expect: { status: 403 }
      """
    let ran = await Self.run(yaml, server)
    #expect(ran.diagnostics.isEmpty)
    #expect(ran.outcome == .passed)
    #expect(ran.repeatCommand?.contains("\"X-CSRF-Token: ${ALICE_CSRF}\"") == true)
    let wrong = await Self.run(yaml.replacing("${alice.csrf}", with: "${alice.csfr}"), server)
    #expect(wrong.diagnostics.first?.code == .unknownReference)
  }

  @Test func `a principal may come from a column`() async throws {
    let server = try LoopbackServer(Service().answer)
    defer { server.stop() }
    let ran = await Self.run(
      """
      http: { GET: "${base}/me", as: "${who}", headers: { X-Login: "${me.count}" } }
      expect: { body.user: "${who}" }
      cases: [ { who: alice }, { who: bob } ]
      """.replacing(", headers: { X-Login: \"${me.count}\" }", with: ""), server)
    #expect(ran.results.first?.checks.map(\.outcome) == [.passed, .passed])
    let unknown = await Self.run(
      "http: { GET: \"${base}/me\", as: \"${who}\" }\nexpect: { status: 200 }\ncases: [ { who: carol } ]", server)
    #expect(unknown.error?.kind == .configuration)
  }

  @Test func `fresh signs in anew for this scenario alone`() async throws {
    let server = try LoopbackServer(Service().answer)
    defer { server.stop() }
    let ran = await Self.run(
      """
      http:
        - GET: ${base}/me
          as: alice
        - GET: ${base}/me
          as: alice
          fresh: true
        - GET: ${base}/me
          as: alice
      jq: '.steps | map(.body.session) | .[0] != .[1] and .[1] == .[2]'
      """, server)
    #expect(ran.outcome == .passed)
    #expect(server.requests.filter { $0.path == "/login" }.count == 2)
  }

  @Test func `a login that is refused is an error with its own reason, told once`() async throws {
    let server = try LoopbackServer(Service().answer)
    defer { server.stop() }
    let ran = await Self.run(
      "http: { GET: \"${base}/me\", as: alice }\nexpect: { status: 200 }", server,
      environment: ["LOGIN_PASSWORD": "wrong-battery-8"])
    #expect(ran.error?.kind == .denied)
    #expect(
      ran.error?.message
        == "alice could not sign in: as alice (login): POST \(server.url)/login was answered 401")
    #expect(ran.error?.repeatCommand?.contains("${LOGIN_PASSWORD}") == true)
    #expect(!server.requests.contains { $0.path == "/me" })
    let guarded = await Self.run(
      "http: { GET: \"${base}/me\", as: bob }\nexpect: { status: 200 }", server,
      environment: ["LOGIN_PASSWORD": "wrong-battery-8"])
    #expect(guarded.error?.kind == .denied)
    #expect(guarded.error?.message.contains("expected 200, found 401") == true)
  }

  @Test func `a principal's headers, cookies and bearer go with its requests, and not to another host`() async throws {
    let other = try LoopbackServer { request in
      .text(
        "\(request["authorization"] ?? "-") \(request["cookie"] ?? "-") \(request["x-api-key"] ?? "-") \(request["x-plain"] ?? "-")"
      )
    }
    defer { other.stop() }
    let elsewhere = other.url
    let server = try LoopbackServer { request in
      switch request.path {
      case "/token": .json(["access": "b3arer-from-login"])
      case "/away": .redirect("\(elsewhere)/seen")
      default:
        .text("\(request["authorization"] ?? "-") \(request["cookie"] ?? "-") \(request["x-api-key"] ?? "-")")
      }
    }
    defer { server.stop() }
    let front = """
      principals:
        robot:
          http:
            login: [ { GET: "\(server.url)/token", capture: { access_token: body.access } } ]
            bearer: ${access_token}
            cookies: { region: eu }
            headers: { X-Api-Key: "${ROBOT_KEY}", X-Plain: yes }
      """
    let environment = ["ROBOT_KEY": "robot-key-123456"]
    let here = await ProbeBench.run(
      binding:
        "http: { GET: \"\(server.url)/echo\", as: robot }\nexpect: { text: \"Bearer ${robot.access_token} region=eu robot-key-123456\" }"
        .replacing("${robot.access_token}", with: "b3arer-from-login"),
      frontMatter: front, environment: environment)
    #expect(here.outcome == .passed)
    #expect(here.facts["text"] == "Bearer [redacted] region=eu [redacted]")
    let away = await ProbeBench.run(
      binding: "http: { GET: \"\(server.url)/away\", as: robot, follow: true }\nexpect: { text: \"- - - yes\" }",
      frontMatter: front, environment: environment)
    #expect(away.outcome == .passed, "\(away.outcome as Any)")
  }

  // MARK: Cookies

  @Test func `cookies are told with their attributes, and their values are not`() async throws {
    let server = try LoopbackServer { _ in
      .text(
        "", 200,
        [
          ("Set-Cookie", "owner_session=v4lue-of-session; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=3600"),
          ("Set-Cookie", "plain=x; Expires=Wed, 21 Oct 2099 07:28:00 GMT; Domain=example.com"),
          ("Set-Cookie", "__Host-x=12345678; Path=/a; Secure"),
        ])
    }
    defer { server.stop() }
    let yaml = """
      http: { GET: "\(server.url)/" }
      expect:
        cookies.owner_session: { httponly: true, secure: true, samesite: Lax, path: /, max_age: 3600, session: false, accepted: true, value: v4lue-of-session }
        cookies.plain: { httponly: false, secure: false, samesite: absent, expires: "2099-10-21T07:28:00.000Z", domain: example.com, accepted: false }
        cookies.__Host-x: { session: true, accepted: false }
        headers.set-cookie: absent
      """
    let ran = await ProbeBench.run(binding: yaml)
    #expect(ran.outcome == .passed, "\(ran.outcome as Any)")
    #expect(ran.facts["cookies"]?["owner_session"]?["value"] == "[redacted]")
    let red = await ProbeBench.run(binding: yaml.replacing("samesite: Lax", with: "samesite: Strict"))
    #expect(red.mismatches.map(\.path) == ["cookies.owner_session.samesite"])
  }

  @Test func `a scenario has its own jar; none sends no cookie; others can be added`() async throws {
    let server = try LoopbackServer { request in
      request.path == "/set"
        ? .text("", 200, [("Set-Cookie", "sid=kept-in-the-jar; Path=/"), ("Set-Cookie", "deep=1; Path=/deep")])
        : .text(request["cookie"] ?? "none")
    }
    defer { server.stop() }
    let ran = await ProbeBench.run(
      binding: """
        http:
          - GET: \(server.url)/set
          - GET: \(server.url)/echo
          - GET: \(server.url)/deep/er
            cookies: { extra: e }
          - { GET: "\(server.url)/echo", cookies: none }
          - { GET: "\(server.url)/echo", cookies: { sid: forged-value-1 } }
        jq: '.steps | map(.text) == ["", "sid=kept-in-the-jar", "extra=e; deep=1; sid=kept-in-the-jar", "none", "sid=forged-value-1"]'
        """)
    #expect(ran.outcome == .passed, "\(ran.diagnostics) \(ran.outcome as Any)")
    let alone = await ProbeBench.run(binding: "http: { GET: \"\(server.url)/echo\" }\nexpect: { text: none }")
    #expect(alone.outcome == .passed)
  }

  @Test func `the jar keeps and sends as RFC 6265 says`() throws {
    func cookie(_ text: String) throws -> Cookie { try #require(Cookie(text)) }
    let jar = CookieJar()
    let page = try #require(URLParts("https://app.example.com/a/b"))
    func sent(_ url: String, now: Int64 = 0) -> [String] {
      jar.cookies(for: URLParts(url)!, now: now).map { "\($0.name)=\($0.value)" }
    }
    #expect(jar.store(try cookie("a=1"), from: page, now: 0))
    #expect(jar.store(try cookie("b=2; Domain=.example.com; Path=/"), from: page, now: 0))
    #expect(jar.store(try cookie("c=3; Secure; Path=/; Max-Age=10"), from: page, now: 0))
    #expect(!jar.store(try cookie("d=4; Domain=other.com"), from: page, now: 0))
    #expect(!jar.store(try cookie("d=4; Domain=com"), from: page, now: 0))
    #expect(!jar.store(try cookie("e=5; SameSite=None"), from: page, now: 0))
    #expect(!jar.store(try cookie("__Secure-f=6"), from: page, now: 0))
    #expect(!jar.store(try cookie("g=7; Secure"), from: try #require(URLParts("http://app.example.com/")), now: 0))
    #expect(jar.store(try cookie("__Host-h=8; Secure; Path=/"), from: page, now: 0))
    #expect(sent("https://app.example.com/a/c") == ["a=1", "b=2", "c=3", "__Host-h=8"])
    #expect(sent("https://app.example.com/ab") == ["b=2", "c=3", "__Host-h=8"])
    #expect(sent("http://app.example.com/a") == ["a=1", "b=2"])
    #expect(sent("https://www.example.com/a") == ["b=2"])
    #expect(sent("https://notexample.com/") == [])
    #expect(sent("https://app.example.com/", now: 10_000) == ["b=2", "__Host-h=8"])
    #expect(jar.store(try cookie("b=; Domain=example.com; Path=/; Max-Age=0"), from: page, now: 0))
    #expect(sent("https://www.example.com/a") == [])
    #expect(Cookie("=x") == nil)
    #expect(Cookie("novalue") == nil)
  }

  // MARK: Repeats and redirections

  @Test func `a rate limit is seen in the statuses of repeats`() async throws {
    let server = try LoopbackServer { [service = Service()] in service.answer($0) }
    defer { server.stop() }
    let ran = await Self.run(
      "http: { GET: \"${base}/limited\", repeat: 30, parallel: 5 }\nexpect: { statuses: { \"200\": 20, \"429\": 10 } }",
      server)
    #expect(ran.outcome == .passed, "\(ran.outcome as Any)")
    #expect(ran.witness == ["requests": 30])
    #expect(server.connections <= 5)
    let none = await Self.run(
      "http: { GET: \"${base}/page\", repeat: 30 }\nexpect: { statuses.429: \">= 1\" }", server)
    #expect(none.mismatches.map(\.found) == ["absent"])
  }

  @Test func `redirections are followed only when asked, and told`() async throws {
    let server = try LoopbackServer { request in
      switch request.path {
      case "/one": .redirect("two", 302, [("Set-Cookie", "hop=first-hop-cookie; Path=/")])
      case "/two": .redirect("/three?x=1", 303)
      case "/keep": .redirect("/three", 307)
      case "/app": .redirect("tg://resolve?domain=bot", 302)
      default: .text("\(request.method) \(request["cookie"] ?? "-") \(request.text)")
      }
    }
    defer { server.stop() }
    let not = await ProbeBench.run(
      binding: "http: { GET: \"\(server.url)/one\" }\nexpect: { status: 302, headers.location: two }")
    #expect(not.outcome == .passed)
    let followed = await ProbeBench.run(
      binding: """
        http: { POST: "\(server.url)/one", form: { a: 1 }, follow: true }
        expect:
          status: 200
          text: "GET hop=first-hop-cookie "
          url: "\(server.url)/three?x=1"
          redirects[0]: { status: 302, url: "\(server.url)/one", location: two }
          redirects: { length: 2 }
          cookies.hop.path: /
        """, allow: [.writes])
    #expect(followed.outcome == .passed, "\(followed.outcome as Any)")
    #expect(followed.witness == ["requests": 3])
    let kept = await ProbeBench.run(
      binding: "http: { POST: \"\(server.url)/keep\", body: b, follow: 1 }\nexpect: { text: \"POST - b\" }",
      allow: [.writes])
    #expect(kept.outcome == .passed)
    let app = await ProbeBench.run(
      binding:
        "http: { GET: \"\(server.url)/app\", follow: true }\nexpect: { status: 302, headers.location: { starts_with: \"tg:\" } }"
    )
    #expect(app.outcome == .passed)
  }

  // MARK: The plan

  static func plan(_ yaml: String, front: String = "", environment: [String: String] = [:]) async -> ProbeBench.Ran {
    await ProbeBench.run(binding: yaml, frontMatter: front, environment: environment)
  }

  @Test(arguments: [
    "http: { GET: 'http://127.0.0.1:1/' }\nexpect: { status: 403 }",
    "http: { GET: 'http://127.0.0.1:1/' }\nexpect: { status: { one_of: [401, 403] } }",
    "http: { GET: 'http://127.0.0.1:1/' }\nexpect: { status: '>= 400' }",
    "http: { GET: 'http://127.0.0.1:1/' }\nexpect: { status: { not: 200 } }",
    "http:\n  - GET: http://127.0.0.1:1/\n    expect: { status: 404 }",
    "http:\n  - GET: http://127.0.0.1:1/a\n    expect: { status: 302 }\n  - GET: http://127.0.0.1:1/b\nexpect: { status: 410 }",
    "http:\n  - GET: http://127.0.0.1:1/a\n    expect: { status: 401 }\n  - GET: http://127.0.0.1:1/b\nexpect: { status: 200 }",
    "http:\n  - POST: http://127.0.0.1:1/a\n    expect: { status: 200 }\n  - GET: http://127.0.0.1:1/a\nexpect: { status: 403 }",
  ])
  func `a refusal without a control is no plan`(yaml: String) async {
    #expect(await Self.plan(yaml).diagnostics.map(\.code) == [.denialWithoutControl])
  }

  @Test(arguments: [
    "http: { GET: 'http://127.0.0.1:1/' }\nexpect: { status: 403 }\nallowed:\n  http: { GET: 'http://127.0.0.1:1/', bearer: x }\n  expect: { status: 200 }",
    "http:\n  - GET: http://127.0.0.1:1/a?t=1\n    expect: { status: '< 400' }\n  - GET: http://127.0.0.1:1/a?t=2\nexpect: { status: 410 }",
    "http:\n  - GET: http://127.0.0.1:1/a\n    expect: { status: 401 }\n  - GET: http://127.0.0.1:1/a\n    bearer: x\nexpect: { status: 200 }",
    "http: { GET: 'http://127.0.0.1:1/', repeat: 30 }\nexpect: { status: 429 }",
    "http: { GET: 'http://127.0.0.1:1/' }\nexpect: { status: 500 }",
    "http: { GET: 'http://127.0.0.1:1/' }\nexpect: { status: { one_of: [200, 404] } }",
  ])
  func `a refusal with a control is a plan`(yaml: String) async {
    #expect(await Self.plan(yaml).diagnostics.isEmpty)
  }

  @Test func `writing needs leave, reading and the author's word do not`() async throws {
    let server = try LoopbackServer(Service().answer)
    defer { server.stop() }
    let post = await Self.run("http: { POST: \"${base}/link\" }\nexpect: { status: 200 }", server, allow: [])
    guard case .skipped(.notAllowed(.writes)) = post.outcome else {
      Issue.record("not held back: \(String(describing: post.outcome))")
      return
    }
    #expect(server.requests.isEmpty)
    let safe = await Self.run(
      "http: { POST: \"${base}/link\", safe: true }\nexpect: { status: 200 }", server, allow: [])
    #expect(safe.outcome == .passed)
    let signedIn = await Self.run(
      "http: { GET: \"${base}/me\", as: alice }\nexpect: { status: 200 }", server, allow: [])
    #expect(signedIn.outcome == .passed)
  }

  @Test func `every fault of a binding is found in one go, with its place`() async {
    let ran = await Self.plan(
      """
      http:
        - GET: ftp://x/
          heders: { a: b }
        - { GET: "${nowhere}/x", POST: "http://x/" }
        - { json: 1, body: x }
        - { run: missing }
        - { GET: "http://x/", as: carol, follow: perhaps, limit: 10m, parallel: 3 }
        - { GET: "http://x/", capture: { a: boddy.x, b: { regex: "(", in: text } }, expect: { stat: 1 } }
        - { GET: "http://x/", hmac: { header: X }, totp: { digits: 2 }, basic: { user: x } }
      expect: { status: 200 }
      """)
    let found = ran.diagnostics.map { "\($0.range?.start.line ?? 0) \($0.code.id)" }
    #expect(
      found == [
        "4 wrong-type", "5 unknown-key", "6 unknown-reference", "6 wrong-type", "7 missing-key", "8 unknown-reference",
        "9 unknown-reference", "9 wrong-type", "9 wrong-type", "9 missing-key", "10 unknown-fact", "10 bad-pattern",
        "10 unknown-fact", "11 missing-key", "11 missing-key", "11 out-of-range", "11 missing-key",
      ], "\(ran.diagnostics.map { "\($0.range?.start.line ?? 0) \($0.code.id) \($0.message)" })")
  }

  @Test func `the plan tells each request, logins included`() throws {
    let sink = DiagnosticSink()
    let ran = PlanLines.of(
      """
      http:
        - { GET: "${base}/me", as: alice, query: { q: "a b" } }
        - { POST: "${base}/x", as: alice, safe: true, repeat: 3 }
      expect: { status: 200 }
      """, front: Self.principals("http://127.0.0.1:9"), sink: sink)
    #expect(!sink.hasErrors)
    #expect(
      ran == [
        "as alice (login): POST http://127.0.0.1:9/login", "as alice: GET http://127.0.0.1:9/me?q=a%20b",
        "as alice: POST http://127.0.0.1:9/x × 3 (safe, by the author's word)",
      ])
  }

  @Test func `one-time codes match the vectors of RFC 6238`() {
    let key = Array("12345678901234567890".utf8)
    #expect(OneTimeCode.code(key: key, seconds: 59, period: 30, digits: 8, .sha1) == "94287082")
    #expect(OneTimeCode.code(key: key, seconds: 1_111_111_109, period: 30, digits: 8, .sha1) == "07081804")
    #expect(
      OneTimeCode.code(
        key: Array("12345678901234567890123456789012".utf8), seconds: 20_000_000_000, period: 30, digits: 8, .sha256)
        == "77737706")
    #expect(OneTimeCode.base32("gezd gnbv-gy3t qojq") == Array("1234567890".utf8))
    #expect(OneTimeCode.base32("1") == nil)
  }
}
