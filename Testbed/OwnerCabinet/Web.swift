import GonogoCore
import GonogoServer

/// The owner's web: pages, and a proxy that makes the core part of the same origin.
final class Web: Sendable {
  private let settings: WebSettings
  private let faults: Faults
  private let log: Log

  init(settings: WebSettings, faults: Faults, log: Log) {
    self.settings = settings
    self.faults = faults
    self.log = log
  }

  var router: Router {
    var router = Router()
    router.onError = { [self] error, request in
      log.write(.error, "unhandled", ["path": .string(request.path), "error": .string("\(error)")])
    }
    router.use { [self] request, next in
      var response = try await next(request)
      guard !faults.has(.webHeadersMissing) else { return response }
      response.headers["X-Content-Type-Options"] = "nosniff"
      response.headers["Referrer-Policy"] = "no-referrer"
      response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
      return response
    }
    for method in ["GET", "POST", "PATCH", "PUT", "DELETE"] {
      router.on(method, "/api/core/{path...}") { [self] in try proxy($0) }
    }
    router.get("/") { _ in .redirect("/overview") }
    router.get("/app.js") { _ in
      HTTPResponse(200, headers: ["Content-Type": "text/javascript; charset=utf-8"], body: Array(Pages.script.utf8))
    }
    for page in Pages.all {
      router.get("/\(page.path)") { [self] _ in
        if page.path == "inbox", faults.has(.inboxPageBroken) { throw HTTPError(500, "the page does not render") }
        var response = HTTPResponse.html(Pages.render(page))
        response.headers["Content-Security-Policy"] =
          "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; base-uri 'none'"
        return response
      }
    }
    return router
  }

  /// `/api/core/x` to the core's `/api/x`: its answer, with its cookies; nothing that would let another origin read it.
  private func proxy(_ request: HTTPRequest) throws -> HTTPResponse {
    let target = request.target.dropFirst("/api/core".count)
    var headers = HTTPFields()
    let hopByHop: Set<String> = [
      "host", "connection", "content-length", "transfer-encoding", "keep-alive", "upgrade", "te", "accept-encoding",
    ]
    for field in request.headers.all where !hopByHop.contains(field.name.lowercased()) {
      headers.add(field.name, field.value)
    }
    if headers["x-forwarded-for"] == nil { headers["X-Forwarded-For"] = request.peer }
    var response: HTTPResponse
    do {
      response = try WebClient.send(
        request.method, "\(settings.coreOrigin)/api\(target)", headers: headers, body: request.body)
    } catch {
      log.write(.error, "core-unreachable", ["error": .string(error.message)])
      throw HTTPError(502, "the core does not answer")
    }
    for name in ["connection", "transfer-encoding", "content-length", "date", "keep-alive"] {
      response.headers[name] = nil
    }
    if faults.has(.proxyAddsCORS) { response.headers["Access-Control-Allow-Origin"] = "*" }
    return response
  }
}
