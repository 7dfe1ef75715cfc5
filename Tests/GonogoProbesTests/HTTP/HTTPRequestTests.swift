import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

/// One request: what is sent, and what is seen of the answer.
@Suite struct HTTPRequestTests {
  @Test func `a reply is told in facts`() async throws {
    let server = try LoopbackServer { _ in
      .json(["n": 3, "name": "Zoë"], 200, [("X-Request-Id", "r-1"), ("Vary", "a"), ("Vary", "b")])
    }
    defer { server.stop() }
    let ran = await ProbeBench.run(
      binding: """
        http: { GET: "${base}/health?x=1" }
        expect:
          status: 200
          reason: OK
          headers.x-request-id: r-1
          headers.vary: a, b
          content_type: application/json
          body: { n: 3, name: Zoë }
          text: { contains: Zoë }
          bytes: 21
          http_version: "1.1"
          timings.total: "< 5s"
          redirects: { length: 0 }
          sha256: { matches: "/^[0-9a-f]{64}$/" }
          steps: absent
        """, frontMatter: "vars: { base: \"\(server.url)\" }")
    #expect(ran.diagnostics.isEmpty)
    #expect(ran.outcome == .passed)
    #expect(ran.witness == ["requests": 1])
    #expect(ran.facts["url"] == .string("\(server.url)/health?x=1"))
    #expect(ran.repeatCommand == "curl -sS -i -H 'User-Agent: gonogo' '\(server.url)/health?x=1'")
    #expect(server.requests.first?.target == "/health?x=1")
    #expect(server.requests.first?["user-agent"] == "gonogo")
  }

  @Test func `another status is a failure, with the command that repeats it`() async throws {
    let server = try LoopbackServer { _ in .text("no", 500) }
    defer { server.stop() }
    let ran = await ProbeBench.run(binding: "http: { GET: \"\(server.url)/\" }\nexpect: { status: 200 }")
    #expect(ran.mismatches.map(\.path) == ["status"])
    #expect(ran.mismatches.map(\.found) == ["500"])
    #expect(ran.repeatCommand?.hasPrefix("curl ") == true)
    #expect(ran.results.first?.checks.first?.asked == "GET \(server.url)/")
  }

  @Test(arguments: ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
  func `every method is sent as such`(method: String) async throws {
    let server = try LoopbackServer { request in .text("", request.method == method ? 200 : 500) }
    defer { server.stop() }
    let ran = await ProbeBench.run(
      binding: "http: { \(method): \"\(server.url)/a/../b\" }\nexpect: { status: 200 }", allow: [.writes])
    #expect(ran.outcome == .passed)
    #expect(server.requests.first?.target == "/a/../b")
    if method == "POST" { #expect(server.requests.first?["content-length"] == "0") }
  }

  @Test func `headers, query and bodies arrive as written`() async throws {
    let server = try LoopbackServer { _ in .text("ok") }
    defer { server.stop() }
    let directory = try TemporaryDirectory()
    try directory.write("the file", to: "note.txt")
    let front = "vars: { base: \"\(server.url)\", who: \"A & B\" }"
    func send(_ step: String) async -> LoopbackServer.Request? {
      let ran = await ProbeBench.run(
        binding: "http:\n\(step)\nexpect: { status: 200 }", frontMatter: front, allow: [.writes],
        directory: directory.path)
      #expect(ran.outcome == .passed, "\(ran.diagnostics) \(ran.outcome as Any)")
      return server.requests.last
    }
    let query = await send(
      "  GET: ${base}/q?who=${who}\n  query: { a: 1, b: [x, \"y z\"], c: true, w: \"${who}\" }\n  headers: { X-A: [one, two], X-Empty: '', User-Agent: null }"
    )
    #expect(query?.target == "/q?who=A%20%26%20B&a=1&b=x&b=y%20z&c=true&w=A%20%26%20B")
    #expect(query?.headers.filter { $0.name == "X-A" }.map(\.value) == ["one", "two"])
    #expect(query?["x-empty"] == "")
    #expect(query?["user-agent"] == nil)

    let json = await send("  POST: ${base}/j\n  json: { who: \"${who}\", n: [1, null, true] }")
    #expect(json?.text == "{\"n\":[1,null,true],\"who\":\"A & B\"}")
    #expect(json?["content-type"] == "application/json")

    let form = await send("  POST: ${base}/f\n  form: { who: \"${who}\", t: [1, 2] }")
    #expect(form?.text == "who=A+%26+B&t=1&t=2")
    #expect(form?["content-type"] == "application/x-www-form-urlencoded")

    let raw = await send("  PUT: ${base}/r\n  body: \"<x>${who}</x>\"\n  headers: { Content-Type: application/xml }")
    #expect(raw?.text == "<x>A & B</x>")
    #expect(raw?["content-type"] == "application/xml")
    let bare = await send("  POST: ${base}/r\n  body: x")
    #expect(bare?["content-type"] == nil)

    let file = await send("  POST: ${base}/u\n  file: note.txt")
    #expect(file?.text == "the file")

    let parts = await send(
      "  POST: ${base}/m\n  multipart: { note: \"${who}\", upload: { file: note.txt, type: text/plain, name: a.txt } }")
    #expect(parts?["content-type"]?.hasPrefix("multipart/form-data; boundary=gonogo-") == true)
    #expect(parts?.text.contains("name=\"note\"\r\n\r\nA & B\r\n") == true)
    #expect(
      parts?.text.contains("name=\"upload\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nthe file\r\n")
        == true)
  }

  @Test func `a file that is not there is an error`() async throws {
    let ran = await ProbeBench.run(
      binding: "http: { POST: \"http://127.0.0.1:1/\", file: none.bin }\nexpect: { status: 200 }", allow: [.writes])
    #expect(ran.error?.kind == .configuration)
    #expect(ran.error?.message.contains("none.bin") == true)
  }

  @Test func `a line end in a header is refused`() async throws {
    let ran = await ProbeBench.run(
      binding: "http: { GET: \"http://127.0.0.1:1/\", headers: { X-A: \"${a}\" } }\nexpect: { status: 200 }",
      frontMatter: "vars: { a: \"x\\r\\nX-B: y\" }")
    #expect(ran.error?.kind == .configuration)
  }

  @Test func `credentials are sent, and never shown`() async throws {
    let server = try LoopbackServer { request in
      .text("you sent \(request["authorization"] ?? "nothing")", request["authorization"] == nil ? 401 : 200)
    }
    defer { server.stop() }
    let environment = ["USER_PASSWORD": "open-sesame-77", "API_TOKEN": "tok-4711-abcdef"]
    let basic = await ProbeBench.run(
      binding:
        "http: { GET: \"\(server.url)/\", basic: { user: ann, password: \"${USER_PASSWORD}\" } }\nexpect: { status: 200 }",
      environment: environment)
    #expect(basic.outcome == .passed)
    #expect(server.requests.last?["authorization"] == "Basic \(Base64.encode(Array("ann:open-sesame-77".utf8)))")
    let bearer = await ProbeBench.run(
      binding: "http: { GET: \"\(server.url)/\", bearer: \"${API_TOKEN}\" }\nexpect: { status: 200 }",
      environment: environment
    )
    #expect(bearer.outcome == .passed)
    #expect(server.requests.last?["authorization"] == "Bearer tok-4711-abcdef")
    #expect(bearer.repeatCommand?.contains("-H \"Authorization: Bearer ${API_TOKEN}\"") == true)
    for ran in [basic, bearer] {
      let all = "\(ran.facts.canonicalString) \(ran.repeatCommand ?? "")"
      for secret in ["open-sesame", "tok-4711", Base64.encode(Array("ann:open-sesame-77".utf8))] {
        #expect(!all.contains(secret))
      }
      #expect(ran.facts["text"]?.stringValue?.contains("[redacted]") == true)
    }
  }

  @Test func `a signature is made as GitHub and Stripe make theirs`() async throws {
    let server = try LoopbackServer { request in
      let key = Array("webhook-key-1".utf8)
      let wanted = "sha256=" + Digest.hex(Digest.hmac(request.body, key: key, .sha256))
      if request.path == "/body" { return .text("", request["x-signature"] == wanted ? 204 : 401) }
      let time = request["x-signature"]?.split(separator: ",").first?.dropFirst(2) ?? ""
      let mac = Base64.encode(Digest.hmac(Array("\(time).\(request.text)".utf8), key: key, .sha1))
      return .text("", request["x-signature"] == "t=\(time),v1=\(mac)" && Int(time) ?? 0 > 1_000_000_000 ? 204 : 401)
    }
    defer { server.stop() }
    func run(_ path: String, _ hmac: String, key: String = "webhook-key-1") async -> ProbeBench.Ran {
      await ProbeBench.run(
        binding:
          "http:\n  POST: \(server.url)/\(path)\n  json: { event: ping }\n  hmac: { header: X-Signature, key: \"${WEBHOOK_SECRET}\", \(hmac) }\nexpect: { status: 204 }",
        environment: ["WEBHOOK_SECRET": key], allow: [.writes])
    }
    #expect(await run("body", "prefix: 'sha256='").outcome == .passed)
    #expect(
      await run("over", "over: '${timestamp}.${body}', algorithm: sha1, encoding: base64, prefix: 't=${timestamp},v1='")
        .outcome == .passed)
    #expect(await run("body", "prefix: 'sha256='", key: "another-key-2").mismatches.map(\.found) == ["401"])
    let ran = await run("body", "prefix: 'sha256='")
    #expect(ran.repeatCommand?.contains("-H \"X-Signature: sha256=${SIGNATURE}\"") == true)
  }

  @Test func `a one-time code is that of RFC 6238`() async throws {
    let server = try LoopbackServer { request in .text(request.text) }
    defer { server.stop() }
    let ran = await ProbeBench.run(
      binding: """
        http:
          POST: \(server.url)/
          totp: { name: otp, secret: "${TOTP_SECRET}", digits: 8 }
          body: "${otp}"
        expect: { text: { matches: "/^[0-9]{8}$/" } }
        """, environment: ["TOTP_SECRET": "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"], allow: [.writes])
    #expect(ran.outcome == .passed)
    #expect(ran.facts["text"] == "[redacted]")
    let bad = await ProbeBench.run(
      binding: "http: { GET: \"\(server.url)/\", totp: { secret: \"1!\" } }\nexpect: { status: 200 }")
    #expect(bad.error?.kind == .configuration)
  }
}
