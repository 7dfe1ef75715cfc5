import GonogoCore
import GonogoServer

/// What a request may do: who, and for which bot.
struct Access: Sendable {
  let session: Session
  let bot: String
}

extension CoreAPI {
  func addBotRoutes(to router: inout Router) {
    router.get("/api/owner/bots") { [self] request in
      let bots = try bots(of: session(request).user)
      guard faults.has(.botsShowWrongRole) else { return .json(["bots": bots]) }
      return .json([
        "bots": .array(
          (bots.arrayValue ?? []).map { bot in
            .object((bot.objectValue ?? [:]).merging(["role": "owner"]) { _, wrong in wrong })
          })
      ])
    }
    router.get("/api/owner/summary") { [self] in try summary($0) }
    router.get("/api/owner/events") { [self] in try events($0) }
    for list in [
      EntityList(
        name: "orders", columns: "id, bot_id, customer_id, item, amount_cents, status, created_at", order: "created_at"),
      EntityList(name: "leads", columns: "id, bot_id, customer_id, subject, status, created_at", order: "created_at"),
      EntityList(
        name: "customers", columns: "id, bot_id, telegram_user_id, name, note, updated_at", order: "updated_at"),
    ] {
      router.get("/api/owner/\(list.name)") { [self] in try page($0, list) }
    }
    router.get("/api/owner/appointments") { [self] in try appointments($0) }
    router.get("/api/owner/team") { [self] in try team($0) }
    router.get("/api/owner/settings") { [self] in try readSettings($0) }
    router.get("/api/owner/audit") { [self] in try audit($0) }
    router.get("/api/owner/usage") { [self] in try usage($0) }
    addMutations(to: &router)
  }

  struct EntityList: Sendable {
    let name: String
    let columns: String
    let order: String
  }

  // MARK: Permission

  /// The session, the bot, and the permission, in that order; nothing else of a request is looked at before.
  func access(_ request: HTTPRequest, _ permission: String = "read") throws -> Access {
    let session = try session(request)
    guard let bot = request.query("botId"), !bot.isEmpty else { throw HTTPError(400, "botId is required") }
    let path = request.path
    if path == "/api/owner/customers", faults.has(.otherOwnersCustomersReadable) {
      return Access(session: session, bot: bot)
    }
    if path == "/api/owner/audit", faults.has(.auditOpenToAll) { return Access(session: session, bot: bot) }
    let rows = try database.query(
      """
      SELECT role, coalesce((permissions_json ->> $3)::boolean, false) AS granted
      FROM bot_admins WHERE bot_id = $1 AND telegram_user_id = $2::bigint
      """, [bot, String(session.user), permission])
    guard let row = rows.first else { throw HTTPError(403, "no access to this bot") }
    if permission.hasPrefix("orders."), faults.has(.viewerMayWriteOrders) { return Access(session: session, bot: bot) }
    if permission.hasPrefix("team."), faults.has(.managerMayChangeTeam), row["role"] != "viewer" {
      return Access(session: session, bot: bot)
    }
    guard row["granted"] == "t" else { throw HTTPError(403, "\(permission) is not permitted") }
    return Access(session: session, bot: bot)
  }

  private func number(_ request: HTTPRequest, _ name: String, _ fallback: Int, _ range: ClosedRange<Int>) throws -> Int
  {
    guard let text = request.query(name) else { return fallback }
    guard let value = Int(text), range.contains(value) else {
      throw HTTPError(400, "\(name) is a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  // MARK: Reading

  private func summary(_ request: HTTPRequest) throws -> HTTPResponse {
    let bot: String
    if faults.has(.summaryWithoutBotID), request.query("botId") == nil {
      _ = try session(request)
      bot = "bot-a"
    } else {
      bot = try access(request).bot
    }
    let counts = try database.query(
      """
      SELECT (SELECT count(*) FROM bot_events WHERE bot_id = $1) AS events,
        (SELECT count(*) FROM orders WHERE bot_id = $1) AS orders,
        (SELECT count(*) FROM leads WHERE bot_id = $1) AS leads,
        (SELECT count(*) FROM customers WHERE bot_id = $1) AS customers,
        (SELECT coalesce(sum(amount_cents), 0) FROM orders WHERE bot_id = $1) AS revenue_cents
      """, [bot])
    let recent = try database.json(
      "SELECT id, item, amount_cents, created_at FROM orders WHERE bot_id = $1 ORDER BY created_at DESC, id DESC LIMIT 5",
      [bot])
    var kpi = (counts.first ?? [:]).compactMapValues { Int($0).map { JSON($0) } }
    if faults.has(.summaryWithoutRevenue) { kpi["revenue_cents"] = nil }
    return .json(["kpi": .object(kpi), "recent": recent])
  }

  private func events(_ request: HTTPRequest) throws -> HTTPResponse {
    let access = try access(request)
    let status = faults.has(.statusFilterIgnored) ? nil : request.query("status")
    if let status, !["new", "done", "archived"].contains(status) { throw HTTPError(400, "no such status") }
    let items = try database.json(
      """
      SELECT id, source_id, kind, status, created_at, processed_at FROM bot_events
      WHERE bot_id = $1 AND ($2::text IS NULL OR status = $2) ORDER BY created_at DESC, id DESC LIMIT $3::int
      """, [access.bot, status, String(try number(request, "limit", 50, 1...100))])
    return .json(["items": items])
  }

  private func page(_ request: HTTPRequest, _ list: EntityList) throws -> HTTPResponse {
    let everyone = list.name == "orders" && faults.has(.ordersWithoutBotID) && request.query("botId") == nil
    let bot: String
    if everyone {
      _ = try session(request)
      bot = ""
    } else {
      bot = try access(request).bot
    }
    let limit = try number(request, "limit", 20, 1...100)
    let offset = try number(request, "offset", 0, 0...1_000_000)
    let leads = list.name == "leads" && faults.has(.leadsOfEveryBot)
    let condition = everyone || leads ? "$1::text IS NOT NULL" : "bot_id = $1"
    let total = try database.query("SELECT count(*) AS n FROM \(list.name) WHERE \(condition)", [bot])
    let items = try database.json(
      """
      SELECT \(list.columns) FROM \(list.name) WHERE \(condition)
      ORDER BY \(list.order) DESC, id DESC LIMIT $2::int OFFSET $3::int
      """,
      [
        bot, String(faults.has(.limitIgnored) ? 100 : limit),
        String(faults.has(.pageIgnored) && list.name == "orders" ? 0 : offset),
      ])
    return .json([
      "items": items, "total": JSON(total.first?["n"].flatMap { Int($0) } ?? 0), "limit": JSON(limit),
      "offset": JSON(offset),
    ])
  }

  private func appointments(_ request: HTTPRequest) throws -> HTTPResponse {
    let access = try access(request)
    let unfiltered = faults.has(.calendarIgnoresRange)
    let items = try database.json(
      """
      SELECT id, title, starts_at, status FROM appointments
      WHERE bot_id = $1 AND ($2::timestamptz IS NULL OR starts_at >= $2::timestamptz)
        AND ($3::timestamptz IS NULL OR starts_at < $3::timestamptz) ORDER BY starts_at, id
      """, [access.bot, unfiltered ? nil : request.query("from"), unfiltered ? nil : request.query("to")])
    return .json(["items": items])
  }

  private func team(_ request: HTTPRequest) throws -> HTTPResponse {
    let access = try access(request)
    let members = try database.json(
      """
      SELECT telegram_user_id, role, permissions_json AS permissions FROM bot_admins
      WHERE bot_id = $1\(faults.has(.teamHidesOwners) ? " AND role <> 'owner'" : "") ORDER BY telegram_user_id
      """, [access.bot])
    return .json(["members": members])
  }

  private func readSettings(_ request: HTTPRequest) throws -> HTTPResponse {
    let access = try access(request)
    let rows = try database.query("SELECT settings_json FROM bot_settings WHERE bot_id = $1", [access.bot])
    return .json(["settings": try JSON.parse(rows.first?["settings_json"] ?? "{}")])
  }

  private func audit(_ request: HTTPRequest) throws -> HTTPResponse {
    let access = try access(request, "audit.read")
    let items = try database.json(
      """
      SELECT id, telegram_user_id, action, target, request_id, created_at FROM owner_audit_log
      WHERE bot_id = $1 ORDER BY id DESC LIMIT 100
      """, [access.bot])
    return .json(["items": items])
  }

  private func usage(_ request: HTTPRequest) throws -> HTTPResponse {
    let access = try access(request)
    let days = try database.json(
      "SELECT day, events, orders, leads, appointments FROM bot_usage_daily WHERE bot_id = $1 ORDER BY day DESC LIMIT 31",
      [access.bot])
    return .json(["days": days])
  }
}
