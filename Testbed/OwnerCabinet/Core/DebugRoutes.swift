import GonogoCore
import GonogoServer

extension CoreAPI {
  /// For admins (ADMIN_USER_IDS) alone.
  func addDebugRoutes(to router: inout Router) {
    router.get("/api/owner/_debug/redis") { [self] request in
      if !faults.has(.debugOpenToAll) { try requireAdmin(request) }
      let pong = try redis.command("PING").text
      let policy = try redis.command("CONFIG", "GET", "maxmemory-policy").list.last?.text
      return .json([
        "ping": JSON(orNull: pong), "maxmemory_policy": JSON(orNull: policy),
        "events_length": JSON(try redis.command("XLEN", "events").number ?? 0),
      ])
    }
    router.get("/api/owner/_debug/error") { [self] request in
      try requireAdmin(request)
      throw Drill()
    }
  }

  private func requireAdmin(_ request: HTTPRequest) throws {
    let session = try session(request)
    guard settings.adminIDs.contains(session.user) else { throw HTTPError(403, "for admins") }
  }
}
