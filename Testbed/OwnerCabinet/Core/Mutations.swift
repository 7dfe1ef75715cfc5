import GonogoCore
import GonogoServer

extension CoreAPI {
  func addMutations(to router: inout Router) {
    for (name, column, values) in [
      ("events", "status", ["new", "done", "archived"]), ("orders", "status", ["new", "paid", "sent", "cancelled"]),
      ("leads", "status", ["new", "won", "lost"]), ("appointments", "status", ["booked", "kept", "cancelled"]),
      ("customers", "note", []),
    ] {
      let table = name == "events" ? "bot_events" : name
      router.patch("/api/owner/\(name)/{id}") { [self] request in
        try mutate(request, "\(name).write", action: "\(name).update", target: request.parameters["id"] ?? "") {
          connection, access in
          guard let value = try request.json()[column]?.stringValue, values.isEmpty || values.contains(value) else {
            throw HTTPError(422, "\(column) is missing or unknown")
          }
          guard let id = Int(request.parameters["id"] ?? "") else { throw HTTPError(404, "not found") }
          // A foreign row is "not found", like one that is not there: the answer tells nothing of other tenants.
          let owned = faults.has(.foreignRowsWritable) ? "$1::text IS NOT NULL" : "bot_id = $1"
          let rows = try connection.query(
            "UPDATE \(table) SET \(column) = $3 WHERE \(owned) AND id = $2::bigint RETURNING id",
            [access.bot, String(id), value])
          if rows.isEmpty { throw HTTPError(404, "not found") }
          return .json(["ok": true])
        }
      }
    }
    router.post("/api/owner/appointments") { [self] request in
      try mutate(request, "appointments.write", action: "appointments.create", target: "new") { connection, access in
        let body = try request.json()
        guard let title = body["title"]?.stringValue, let start = body["starts_at"]?.stringValue,
          Timestamp.parse(start) != nil
        else { throw HTTPError(422, "title and starts_at are required") }
        let rows = try connection.query(
          "INSERT INTO appointments (bot_id, title, starts_at) VALUES ($1, $2, $3::timestamptz) RETURNING id",
          [access.bot, title, start])
        return .json(["id": JSON(orNull: rows.first?["id"].flatMap { Int($0) })], status: 201)
      }
    }
    router.patch("/api/owner/settings") { [self] request in
      try mutate(request, "settings.write", action: "settings.update", target: "settings") { connection, access in
        guard case .object = try request.json() else { throw HTTPError(422, "settings are an object") }
        let kept = faults.has(.settingsForgotten) ? "'{}'" : "bot_settings.settings_json"
        try connection.query(
          """
          INSERT INTO bot_settings (bot_id, settings_json) VALUES ($1, $2::jsonb)
          ON CONFLICT (bot_id) DO UPDATE
          SET settings_json = \(kept) || excluded.settings_json, updated_at = now()
          """, [access.bot, try request.json().canonicalString])
        return .json(["ok": true])
      }
    }
    router.post("/api/owner/team") { [self] request in
      try mutate(request, "team.write", action: "team.add", target: "member") { connection, access in
        let body = try request.json()
        guard let user = body["telegram_user_id"]?.integerValue, let role = body["role"]?.stringValue,
          let permissions = Roles.permissions[role]
        else { throw HTTPError(422, "telegram_user_id and role are required") }
        try connection.query(
          "DELETE FROM bot_admins WHERE bot_id = $1 AND telegram_user_id = $2::bigint", [access.bot, String(user)])
        try connection.query(
          """
          INSERT INTO bot_admins (bot_id, telegram_user_id, role, permissions_json)
          VALUES ($1, $2::bigint, $3, $4::jsonb)
          """, [access.bot, String(user), role, permissions.canonicalString])
        return .json(["ok": true], status: 201)
      }
    }
    router.delete("/api/owner/team/{user}") { [self] request in
      let user = request.parameters["user"] ?? ""
      return try mutate(request, "team.write", action: "team.remove", target: user) { connection, access in
        guard let id = Int(user), id != access.session.user else { throw HTTPError(422, "no such member to remove") }
        try connection.query(
          "DELETE FROM bot_admins WHERE bot_id = $1 AND telegram_user_id = $2::bigint", [access.bot, String(id)])
        return .json(["ok": true])
      }
    }
  }

  /// Permission, CSRF token, change and audit row: the row is written with the change or not at all.
  private func mutate(
    _ request: HTTPRequest, _ permission: String, action: String, target: String,
    _ body: (Connection, Access) throws -> HTTPResponse
  ) throws -> HTTPResponse {
    let access = try access(request, permission)
    try checkCSRF(request, access.session, action: action)
    return try database.use { connection in
      try connection.transaction { connection in
        let response = try body(connection, access)
        let silent = faults.has(.auditNotWritten) || faults.has(.auditSkipsTeam) && action.hasPrefix("team.")
        if !silent {
          try connection.query(
            """
            INSERT INTO owner_audit_log (bot_id, telegram_user_id, action, target, request_id)
            VALUES ($1, $2::bigint, $3, $4, $5)
            """,
            [access.bot, String(access.session.user), action, target, request.notes["request_id"] ?? ""])
        }
        return response
      }
    }
  }
}

/// What each role may do unless its member's permissions say otherwise.
enum Roles {
  static let permissions: [String: JSON] = [
    "viewer": ["read": true],
    "manager": [
      "read": true, "events.write": true, "orders.write": true, "leads.write": true, "customers.write": true,
      "appointments.write": true,
    ],
    "owner": [
      "read": true, "events.write": true, "orders.write": true, "leads.write": true, "customers.write": true,
      "appointments.write": true, "settings.write": true, "team.write": true, "audit.read": true,
    ],
  ]
}
