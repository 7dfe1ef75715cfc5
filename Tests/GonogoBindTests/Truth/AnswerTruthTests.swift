import GonogoTestSupport
import Synchronization
import Testing

/// Lines about what a server answers: green where the line is true, red where it is false.
@Suite struct AnswerTruthTests {
  private static func slow(_ milliseconds: Int) -> LoopbackServer.Reply {
    var reply = LoopbackServer.Reply.text("ok")
    reply.delay = milliseconds
    return reply
  }
  private static func with(_ headers: [(String, String)]) -> World { .server { _ in .text("ok", 200, headers) } }
  private static func limited(after count: Int, to status: Int = 200) -> World {
    let counter = Counter()
    return .server { _ in counter.next() <= count ? .text("ok", status) : .text("slow down", 429) }
  }

  static let rows: [TruthRow] = [
    TruthRow(
      "- [ ] `GET /health` returns 200", true: .paths(["/health": .text("ok")]),
      false: .paths(["/health": .text("no", 503)])),
    TruthRow("- [ ] `/healthz` отвечает 200", true: .paths(["/healthz": .text("ok")]), false: .paths([:])),
    TruthRow(
      "- [ ] `GET /health` does not return 500", true: .paths(["/health": .text("ok")]),
      false: .paths(["/health": .text("no", 500)])),
    TruthRow(
      "- [ ] `GET /health` never returns 5xx", true: .paths(["/health": .text("ok")]),
      false: .paths(["/health": .text("no", 503)])),
    TruthRow(
      "- [ ] `GET /health` не возвращает 500", true: .paths(["/health": .text("ok")]),
      false: .paths(["/health": .text("no", 500)])),
    TruthRow(
      "- [ ] `GET /health` answers in under 100 ms", true: .paths(["/health": .text("ok")]),
      false: .paths(["/health": slow(400)])),
    TruthRow(
      "- [ ] Response time of /healthz below 200ms", true: .paths(["/healthz": .text("ok")]),
      false: .paths(["/healthz": slow(500)])),
    TruthRow(
      "- [ ] `GET /health` отвечает быстрее чем за 200 мс", true: .paths(["/health": .text("ok")]),
      false: .paths(["/health": slow(500)])),
    TruthRow(
      "- [ ] p95 of `GET /api/orders` is under 300 ms", .low, true: .paths(["/api/orders": .text("[]")]),
      false: .paths(["/api/orders": slow(600)])),
    TruthRow(
      "- [ ] `GET /health` returns 200 with `{\"status\":\"ok\"}`",
      true: .paths(["/health": .json(["status": "ok", "db": "up"])]),
      false: .paths(["/health": .json(["status": "degraded"])])),
    TruthRow(
      "- [ ] `GET /api/me` without a token returns 401",
      true: .paths(["/api/me": .text("me"), "/api/me!": .text("who", 401)]), false: .paths(["/api/me": .text("me")])),
    TruthRow(
      "- [ ] POST /invoices without a token returns 401", .medium,
      true: .paths(["/invoices": .text("made", 201), "/invoices!": .text("who", 401)]),
      false: .paths(["/invoices": .text("made", 201)])),
    TruthRow(
      "- [ ] `GET /orders` без токена возвращает 401",
      true: .paths(["/orders": .text("[]"), "/orders!": .text("who", 401)]), false: .paths(["/orders": .text("[]")])),
    TruthRow(
      "- [ ] `/metrics` requires authentication",
      true: .paths(["/metrics": .text("# HELP a b"), "/metrics!": .text("who", 401)]),
      false: .paths(["/metrics": .text("# HELP a b")])),
    TruthRow(
      "- [ ] /metrics is not public (returns 403)",
      true: .paths(["/metrics": .text("# HELP a b"), "/metrics!": .text("who", 403)]),
      false: .paths(["/metrics": .text("# HELP a b")])),
    TruthRow(
      "- [ ] `/metrics` is not exposed publicly", true: .paths(["/": .text("hello")]),
      false: .paths(["/": .text("hello"), "/metrics": .text("# HELP a b")])),
    TruthRow(
      "- [ ] `GET /admin` is not reachable from outside", true: .paths(["/": .text("hello")]),
      false: .paths(["/": .text("hello"), "/admin": .text("admin")])),
    TruthRow(
      "- `GET /healthz` returns 200\n- [ ] `GET /debug/pprof` returns 404", true: .paths(["/healthz": .text("ok")]),
      false: .paths(["/healthz": .text("ok"), "/debug/pprof": .text("profile")])),
    TruthRow(
      "- [ ] `/test-buttons` is removed", true: .paths(["/": .text("hello")]),
      false: .paths(["/": .text("hello"), "/test-buttons": .text("buttons")])),
    TruthRow(
      "- [ ] `.env` файл не доступен через веб", true: .paths(["/": .text("hello")]),
      false: .paths(["/": .text("hello"), "/.env": .text("A=1")])),
    TruthRow(
      "- `/metrics` is exported", true: .paths(["/metrics": .text("a\n# HELP x y\n")]),
      false: .paths(["/metrics": .text("<html>")])),
    TruthRow(
      "- [ ] HSTS max-age is at least one year",
      true: with([("Strict-Transport-Security", "max-age=63072000; preload")]),
      false: with([("Strict-Transport-Security", "max-age=1")])),
    TruthRow(
      "- [ ] HSTS max-age at least 180 days", true: with([("Strict-Transport-Security", "max-age=15552000")]),
      false: with([("Strict-Transport-Security", "max-age=86400")])),
    TruthRow(
      "- [ ] HSTS with max-age=31536000", true: with([("Strict-Transport-Security", "max-age=31536000")]),
      false: with([])),
    TruthRow(
      "- [ ] HSTS max-age is at least two years with includeSubDomains and preload",
      true: with([("Strict-Transport-Security", "max-age=63072000; includeSubDomains; preload")]),
      false: with([("Strict-Transport-Security", "max-age=63072000")])),
    TruthRow(
      "- [ ] HSTS includes subdomains",
      true: with([("Strict-Transport-Security", "max-age=9; includeSubDomains")]),
      false: with([("Strict-Transport-Security", "max-age=9")])),
    TruthRow(
      "- [ ] Заголовок HSTS отправляется с includeSubDomains",
      true: with([("Strict-Transport-Security", "max-age=9; includeSubDomains")]),
      false: with([("Strict-Transport-Security", "max-age=9")])),
    TruthRow(
      "- [ ] `X-Frame-Options` is DENY", true: with([("X-Frame-Options", "DENY")]),
      false: with([("X-Frame-Options", "SAMEORIGIN")])),
    TruthRow(
      "- [ ] X-Frame-Options is DENY and Referrer-Policy is no-referrer",
      true: with([("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer")]),
      false: with([("X-Frame-Options", "DENY"), ("Referrer-Policy", "unsafe-url")])),
    TruthRow(
      "- [ ] `GET /health` отвечает 200 не дольше 50 мс", true: .paths(["/health": .text("ok")]),
      false: .paths(["/health": slow(400)])),
    TruthRow(
      "- [ ] Security headers (HSTS, nosniff) are sent by the API",
      true: with([("Strict-Transport-Security", "max-age=9"), ("X-Content-Type-Options", "nosniff")]),
      false: with([("Strict-Transport-Security", "max-age=9")])),
    TruthRow(
      "- [ ] Security headers: X-Content-Type-Options, Referrer-Policy",
      true: with([("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer")]),
      false: with([("X-Content-Type-Options", "nosniff")])),
    TruthRow("- [ ] X-Powered-By header is removed", true: with([]), false: with([("X-Powered-By", "Express")])),
    TruthRow(
      "- [ ] The `Server` header does not reveal the version", true: with([("Server", "nginx")]),
      false: with([("Server", "nginx/1.25")])),
    TruthRow(
      "- [ ] CORS: `https://evil.example` is refused", true: with([]),
      false: with([("Access-Control-Allow-Origin", "https://evil.example")])),
    TruthRow(
      "- [ ] CORS: `https://evil.example` is refused",
      true: with([("Access-Control-Allow-Origin", "https://shop.example")]),
      false: with([("Access-Control-Allow-Origin", "*")])),
    TruthRow(
      "- [ ] Session cookies are HttpOnly, Secure and SameSite", .medium,
      true: with([("Set-Cookie", "sid=1; HttpOnly; Secure; SameSite=Lax")]),
      false: with([("Set-Cookie", "sid=1; HttpOnly; Secure")])),
    TruthRow(
      "- [ ] Cookies are Secure, HttpOnly and SameSite=Strict", .medium,
      true: with([("Set-Cookie", "sid=1; HttpOnly; Secure; SameSite=Strict")]),
      false: with([("Set-Cookie", "sid=1; HttpOnly; Secure; SameSite=Lax")])),
    TruthRow(
      "- [ ] Robots.txt configured", true: .paths(["/robots.txt": .text("# us\nUser-agent: *\n")]),
      false: .paths(["/robots.txt": .text("<html>")])),
    TruthRow(
      "- [ ] `POST /login` is rate limited to 5 per minute", true: limited(after: 5, to: 401),
      false: limited(after: 50, to: 401)),
    TruthRow(
      "- [ ] Rate limit on `/api/login`: 20 requests per minute", true: limited(after: 20), false: limited(after: 60)),
  ]

  @Test(arguments: rows) func `an answer`(row: TruthRow) async throws { try await row.check() }

  private final class Counter: Sendable {
    private let count = Mutex(0)
    func next() -> Int {
      count.withLock { count in
        count += 1
        return count
      }
    }
  }
}
