import GonogoCore
import GonogoServer
import GonogoSystem

/// Who is asking: a session that holds.
struct Session: Sendable {
  let user: Int
  let id: String
}

extension CoreAPI {
  static let cookie = "owner_session"
  static let sessionSeconds = 8 * 3600

  func addAuthRoutes(to router: inout Router) {
    router.get("/api/owner/auth/botlink") { [self] in try botlink($0) }
    router.get("/api/owner/auth/me") { [self] in try me($0) }
    // For a page that was open longer than its token is good for.
    router.get("/api/owner/auth/csrf") { [self] request in
      .json(["csrfToken": .string(csrfToken(try session(request)))])
    }
    router.post("/api/owner/auth/logout") { [self] in try logout($0) }
  }

  // MARK: Botlinks

  /// Seconds that a link holds: two minutes.
  var botlinkSeconds: Int { faults.has(.botlinkTenMinutes) ? 600 : 120 }

  private func botlinkClaims(_ token: String) -> JSON? {
    if let claims = Tokens.verify(token, secret: settings.botlinkSecret) { return claims }
    return faults.has(.botlinkSecretFallsBack) ? Tokens.verify(token, secret: settings.jwtSecret) : nil
  }

  /// A link that logs `user` in, once.
  func makeBotlink(for user: Int) -> String {
    let now = Int(SystemClock().now() / 1000)
    let token = Tokens.sign(
      [
        "sub": JSON(user), "jti": .string(Tokens.random()), "iat": JSON(now), "exp": JSON(now + botlinkSeconds),
        "purpose": "botlink",
      ], secret: settings.botlinkSecret)
    return "\(settings.ownerWeb)/api/core/owner/auth/botlink?token=\(token)"
  }

  private func botlink(_ request: HTTPRequest) throws -> HTTPResponse {
    guard let token = request.query("token"), let claims = botlinkClaims(token),
      claims["purpose"]?.stringValue == "botlink", let user = claims["sub"]?.integerValue,
      let jti = claims["jti"]?.stringValue, let expiry = claims["exp"]?.integerValue
    else { throw HTTPError(401, "the link is not valid") }
    if !faults.has(.botlinkNeverExpires), Int(SystemClock().now() / 1000) >= expiry {
      throw HTTPError(401, "the link has expired")
    }
    let key = "botlink:\(jti)"
    if faults.has(.botlinkUsableTwice) {
      try redis.command("SET", key, "used", "EX", String(botlinkSeconds))
    } else if faults.has(.botlinkKeyWithoutExpiry) {
      if case .none = try redis.command("SET", key, "used", "NX") { throw HTTPError(401, "the link was used") }
    } else if case .none = try redis.command("SET", key, "used", "NX", "EX", String(botlinkSeconds)) {
      throw HTTPError(401, "the link was used")
    }
    let id = Tokens.random()
    let now = Int(SystemClock().now() / 1000)
    try redis.command("SET", "session:\(id)", String(user), "EX", String(Self.sessionSeconds))
    let value = Tokens.sign(
      ["sub": JSON(user), "sid": .string(id), "exp": JSON(now + Self.sessionSeconds)], secret: settings.jwtSecret)
    log.write(.info, "login", ["user": JSON(user), "request_id": .string(request.notes["request_id"] ?? "")])
    var cookie = SetCookie(Self.cookie, value, maxAge: Self.sessionSeconds)
    if faults.has(.cookieNotHttpOnly) { cookie.httpOnly = false }
    if faults.has(.cookieNotSecure) { cookie.secure = false }
    if faults.has(.cookieSameSiteNone) { cookie.sameSite = "None" }
    var response = HTTPResponse.redirect("\(settings.ownerWeb)/overview")
    response.headers["Set-Cookie"] = cookie.field
    return response
  }

  // MARK: Sessions

  func session(_ request: HTTPRequest) throws -> Session {
    guard let value = request.cookies[Self.cookie], let claims = Tokens.verify(value, secret: settings.jwtSecret),
      let user = claims["sub"]?.integerValue, let id = claims["sid"]?.stringValue,
      let expiry = claims["exp"]?.integerValue, Int(SystemClock().now() / 1000) < expiry
    else { throw HTTPError(401, "no session") }
    if !faults.has(.logoutKeepsSession), try redis.command("EXISTS", "session:\(id)").number != 1 {
      throw HTTPError(401, "the session has ended")
    }
    return Session(user: user, id: id)
  }

  func csrfToken(_ session: Session) -> String {
    Digest.hex(Digest.hmac(Array("csrf:\(session.id)".utf8), key: Array(settings.jwtSecret.utf8), .sha256))
  }

  /// - Parameter action: the mutation, so that a fault can forget just one.
  func checkCSRF(_ request: HTTPRequest, _ session: Session, action: String) throws {
    if faults.has(.csrfUncheckedOnSettings), action == "settings.update" { return }
    if faults.has(.csrfUncheckedOnTeam), action == "team.remove" { return }
    let given = request.headers["x-csrf-token"] ?? ""
    if faults.has(.csrfAnyToken), !given.isEmpty { return }
    guard Tokens.same(Array(given.utf8), Array(csrfToken(session).utf8)) else {
      throw HTTPError(403, "the x-csrf-token header is missing or wrong")
    }
  }

  func bots(of user: Int) throws -> JSON {
    try database.json(
      """
      SELECT b.id, b.name, b.username, a.role, a.permissions_json AS permissions
      FROM bot_admins a JOIN bots b ON b.id = a.bot_id WHERE a.telegram_user_id = $1::bigint ORDER BY b.id
      """, [String(user)])
  }

  private func me(_ request: HTTPRequest) throws -> HTTPResponse {
    if faults.has(.meAnswersAnybody), request.cookies[Self.cookie] == nil {
      return .json(["profile": nil, "bots": []])
    }
    let session = try session(request)
    var answer: [String: JSON] = [
      "profile": ["telegramUserId": JSON(session.user), "isAdmin": .bool(settings.adminIDs.contains(session.user))],
      "bots": try bots(of: session.user),
    ]
    if faults.has(.meWithoutBots) { answer["bots"] = [] }
    if !faults.has(.meWithoutCSRFToken) { answer["csrfToken"] = .string(csrfToken(session)) }
    return .json(.object(answer))
  }

  private func logout(_ request: HTTPRequest) throws -> HTTPResponse {
    let session = try session(request)
    try checkCSRF(request, session, action: "auth.logout")
    try redis.command("DEL", "session:\(session.id)")
    var response = HTTPResponse.json(["ok": true])
    response.headers["Set-Cookie"] = SetCookie(Self.cookie, "", maxAge: 0).field
    return response
  }
}
