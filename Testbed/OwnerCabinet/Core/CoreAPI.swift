import GonogoCore
import GonogoServer
import GonogoSystem

/// The core API: what all of its routes share.
final class CoreAPI: Sendable {
  let settings: CoreSettings
  let faults: Faults
  let log: Log
  let database: Database
  let redis: Redis

  init(settings: CoreSettings, faults: Faults, log: Log) throws {
    self.settings = settings
    self.faults = faults
    self.log = log
    database = Database(settings.databaseURL, application: "owner-cabinet-core", leaks: faults.has(.connectionLeak))
    redis = try Redis(settings.redisURL)
  }

  /// What a deployment does before the first request: the schema, Redis, the webhook.
  func prepare() throws {
    try database.use {
      try Migrations.apply(
        settings.migrations, to: $0, skipping: faults.has(.migration020NotApplied) ? ["020"] : [])
    }
    try redis.command("PING")
    // The group begins with the stream, so that no event of a time before the worker is lost.
    do { try redis.command("XGROUP", "CREATE", "events", "workers", "0", "MKSTREAM") } catch {
      if !error.message.hasPrefix("BUSYGROUP") { throw error }
    }
    if !faults.has(.webhookNotRegistered) {
      var webhook: [String: JSON] = ["url": .string("\(settings.publicOrigin)/api/webhook")]
      if let secret = settings.telegramSecret { webhook["secret_token"] = .string(secret) }
      try telegram("setWebhook", .object(webhook))
    }
    log.write(.info, "ready")
  }

  var router: Router {
    var router = Router()
    router.onError = { [self] error, request in report(error, request) }
    router.use { [self] request, next in try await envelope(request, next) }
    router.use { [self] request, next in
      if request.path.hasPrefix("/api/owner/auth/") { try limitRate(request) }
      return try await next(request)
    }
    router.get("/health") { [self] _ in try health() }
    router.get("/api/health") { [self] _ in try health() }
    router.post("/api/webhook") { [self] in try webhook($0) }
    addAuthRoutes(to: &router)
    addBotRoutes(to: &router)
    addDebugRoutes(to: &router)
    return router
  }

  // MARK: Around every request

  private func envelope(_ request: HTTPRequest, _ next: Router.Handler) async throws -> HTTPResponse {
    var request = request
    let given = request.headers["x-request-id"].flatMap { Self.isRequestID($0) ? $0 : nil }
    let id = given ?? Tokens.random()
    request.notes["request_id"] = id
    let clock = SystemClock()
    let started = clock.ticks()
    var response = try await next(request)
    let isError = response.status >= 400
    if isError, !faults.has(.errorBodyWithoutRequestID), case .object(var members)? = try? JSON.parse(response.body) {
      members["request_id"] = .string(id)
      response.body = JSON.object(members).canonical
    }
    if !faults.has(isError ? .requestIDMissingOnErrors : .requestIDMissingOnSuccess) {
      response.headers["X-Request-Id"] = id
    }
    if !faults.has(.contentTypeOptionsMissing) { response.headers["X-Content-Type-Options"] = "nosniff" }
    if !faults.has(.referrerPolicyMissing) { response.headers["Referrer-Policy"] = "no-referrer" }
    if !faults.has(.permissionsPolicyMissing) {
      response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    }
    response.headers["Cache-Control"] = "no-store"
    log.write(
      .info, "request",
      [
        "request_id": .string(id), "method": .string(request.method), "status": JSON(response.status),
        "path": .string(faults.has(.tokenInLog) ? request.target : request.path),
        "milliseconds": .integer(clock.ticks() - started),
      ])
    return response
  }

  private static func isRequestID(_ text: String) -> Bool {
    (8...64).contains(text.utf8.count) && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
  }

  /// The client's address: the proxy in front says it, as on Vercel.
  private func client(_ request: HTTPRequest) -> String {
    request.headers["x-forwarded-for"]?.split(separator: ",").first.map(String.init) ?? request.peer
  }

  private func limitRate(_ request: HTTPRequest) throws {
    if faults.has(.rateLimitOff) { return }
    let key = "rate:auth:\(client(request))"
    let count = try redis.command("INCR", key).number ?? 0
    if count == 1 { try redis.command("EXPIRE", key, "60") }
    if count > 60 { throw HTTPError(429, "too many requests", headers: ["Retry-After": "60"]) }
  }

  private func health() throws -> HTTPResponse {
    try database.query("SELECT 1")
    let outcome: String
    do {
      try redis.command("PING")
      outcome = faults.has(.redisOutcomeUnknown) ? "unknown" : "connected"
    } catch { outcome = "failed" }
    let status = faults.has(.healthDegraded) ? "degraded" : "ok"
    return .json(["status": .string(status), "service": "core", "redis_init_outcome": .string(outcome)])
  }

  // MARK: Peers

  @discardableResult
  func telegram(_ method: String, _ value: JSON) throws -> JSON {
    try WebClient.post("\(settings.telegramOrigin)/bot\(settings.telegramToken)/\(method)", value)
  }

  /// An error that nobody foresaw: logged by its kind, sent to Sentry filtered.
  private func report(_ error: any Error, _ request: HTTPRequest) {
    log.write(
      .error, "unhandled",
      [
        "request_id": .string(request.notes["request_id"] ?? ""), "path": .string(request.path),
        "error": .string("\(error)"), "drill": .bool(error is Drill),
      ])
    guard let dsn = settings.sentryDSN, let place = Sentry.store(of: dsn) else { return }
    var event = Sentry.event(error, request)
    if !faults.has(.sentryFilterOff) { event = Sentry.beforeSend(event) }
    _ = try? WebClient.post(place, event)
  }

  /// The error that the debug endpoint throws on purpose.
  struct Drill: Error, CustomStringConvertible {
    var description: String { "an error on purpose" }
  }
}
