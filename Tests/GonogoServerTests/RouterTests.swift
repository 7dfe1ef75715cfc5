import GonogoCore
import GonogoServer
import Synchronization
import Testing

@Suite struct RouterTests {
  static let router: Router = {
    var router = Router()
    router.get("/bots") { _ in .text("list") }
    router.get("/bots/{id}") { .text("bot \($0.parameters["id"] ?? "")") }
    router.get("/bots/new") { _ in .text("new") }
    router.patch("/bots/{id}") { _ in .text("patched") }
    router.get("/files/{path...}") { .text("file \($0.parameters["path"] ?? "")") }
    router.get("/refuses") { _ in throw HTTPError(403, "not yours") }
    router.get("/breaks") { _ in throw Broken(secret: "hunter2") }
    return router
  }()

  struct Broken: Error { let secret: String }

  static func ask(_ method: String, _ target: String) async throws -> HTTPResponse {
    await router.respond(to: try #require(HTTPRequest(method: method, target: target)))
  }

  static func text(_ response: HTTPResponse) -> String { String(decoding: response.body, as: UTF8.self) }

  @Test(arguments: [
    ("/bots", "list"), ("/bots/7", "bot 7"), ("/bots/a%2Fb?x=1", "bot a/b"), ("/bots/new", "new"),
    ("/files/a/b%20c", "file a/b c"),
  ]) func finds(_ target: String, _ expected: String) async throws {
    #expect(Self.text(try await Self.ask("GET", target)) == expected)
  }

  @Test func saysWhatItDoesNotHave() async throws {
    #expect(try await Self.ask("GET", "/nothing").status == 404)
    #expect(try await Self.ask("GET", "/bots/").status == 404)
    let refused = try await Self.ask("DELETE", "/bots/7")
    #expect(refused.status == 405)
    #expect(refused.headers["allow"] == "GET, HEAD, PATCH")
    #expect(try await Self.ask("HEAD", "/bots").status == 200)
  }

  @Test func errorsBecomeAnswersAndTellNothing() async throws {
    let refused = try await Self.ask("GET", "/refuses")
    #expect(refused.status == 403)
    #expect(Self.text(refused) == #"{"error":"not yours"}"#)
    let broken = try await Self.ask("GET", "/breaks")
    #expect(broken.status == 500)
    #expect(!Self.text(broken).contains("hunter2"))
  }

  @Test func aMiddlewareSeesEveryAnswer() async throws {
    var router = Self.router
    router.use { request, next in
      var response = try await next(request)
      response.headers["X-Seen"] = "\(response.status)"
      return response
    }
    router.use { request, next in
      if request.query("stop") != nil { throw HTTPError(418, "stopped") }
      return try await next(request)
    }
    for (target, seen) in [("/bots", "200"), ("/nothing", "404"), ("/breaks", "500"), ("/bots?stop", "418")] {
      let request = try #require(HTTPRequest(method: "GET", target: target))
      #expect(await router.respond(to: request).headers["x-seen"] == seen)
    }
  }

  @Test func errorsAreToldToTheServersOwnLog() async throws {
    var router = Self.router
    let heard = Mutex<[String]>([])
    router.onError = { error, request in heard.withLock { $0.append("\(request.path) \(type(of: error))") } }
    _ = await router.respond(to: try #require(HTTPRequest(method: "GET", target: "/breaks")))
    #expect(heard.withLock { $0 } == ["/breaks Broken"])
  }

  @Test func readsARequest() throws {
    let request = try #require(
      HTTPRequest(
        method: "POST", target: "/a%20b/c?x=1&y=a+b%26&x=2",
        headers: ["Cookie": "one=1; two=a=b", "COOKIE": "one=later"], body: Array(#"{"n":1}"#.utf8)))
    #expect(request.segments == ["a b", "c"])
    #expect(request.path == "/a%20b/c")
    #expect(request.query("x") == "1")
    #expect(request.query("y") == "a b&")
    #expect(request.cookies == ["one": "1", "two": "a=b"])
    #expect(try request.json()["n"] == 1)
    #expect(HTTPRequest(method: "GET", target: "http://x/") == nil)
    #expect(HTTPRequest(method: "GET", target: "/%zz") == nil)
    #expect(HTTPRequest(method: "GET", target: "/%00") == nil)
    let bad = try #require(HTTPRequest(method: "POST", target: "/", body: Array("{".utf8)))
    #expect(throws: HTTPError.self) { try bad.json() }
  }

  @Test func writesACookie() {
    var cookie = SetCookie("s", "v", maxAge: 60)
    #expect(cookie.field == "s=v; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Lax")
    cookie.secure = false
    cookie.httpOnly = false
    cookie.sameSite = nil
    #expect(cookie.field == "s=v; Path=/; Max-Age=60")
  }

  @Test func encodesAndDecodes() {
    #expect(URLText.encode("a b/ü&") == "a%20b%2F%C3%BC%26")
    #expect(URLText.decode("%C3%BC+") == "ü+")
    #expect(URLText.decode("%C3") == nil)
    #expect(URLText.decode("%2") == nil)
  }
}
