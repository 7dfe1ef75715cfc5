import GonogoCore

extension RedisProbe {
  private static let settings = ["maxmemory", "maxmemory-policy", "maxclients", "appendonly", "save"]

  func lookAtServer(_ session: RedisSession, _ context: ProbeContext) throws(ProbeError) -> Observation {
    session.say(["INFO"])
    let fixed = [["INFO"], ["TIME"], ["ACL", "WHOAMI"]]
    let replies = try session.run(fixed + Self.settings.map { ["CONFIG", "GET", $0] })
    if let refusal = replies[0].refusal { throw refusal.probeError(to: "INFO") }
    guard let text = replies[0].string, text.contains("redis_version:") else {
      throw ProbeError(
        .malformed, "the answer to INFO does not say redis_version: \(PeerText.line(replies[0].string ?? ""))",
        mend: "see whether the URL leads to a Redis")
    }
    var information: [String: String] = [:]
    for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      information[String(line[..<colon])] = String(line[line.index(after: colon)...])
    }
    var config: [String: String] = [:]
    for reply in replies.dropFirst(fixed.count) {
      for (name, value) in reply.members { config[name] = value.string }
    }
    var answered = replies.count { $0.refusal == nil }

    func number(_ name: String) -> Int? { information[name].flatMap { Int($0) } }
    func flag(_ name: String, _ good: String = "ok") -> JSON? { information[name].map { .bool($0 == good) } }
    func object(_ members: [(String, JSON?)]) -> JSON {
      .object(Dictionary(members.compactMap { name, value in value.map { (name, $0) } }, uniquingKeysWith: { $1 }))
    }
    let seconds = replies[1].elements.first?.integer ?? Int(context.clock.now() / 1000)
    let role = information["role"] ?? "unknown"
    var facts: [String: JSON] = [
      "version": .string(information["redis_version"] ?? ""), "role": .string(role), "tls": .bool(session.isTLS),
      "config_available": .bool(!config.isEmpty),
    ]
    facts["mode"] = information["redis_mode"].map(JSON.string)
    facts["uptime_ms"] = number("uptime_in_seconds").map { JSON($0 * 1000) }
    facts["connected_clients"] = number("connected_clients").map { JSON($0) }
    facts["max_clients"] = (config["maxclients"].flatMap { Int($0) } ?? number("maxclients")).map { JSON($0) }
    facts["persistence"] = object([
      ("aof", information["aof_enabled"].map { .bool($0 == "1") } ?? config["appendonly"].map { .bool($0 == "yes") }),
      ("aof_last_write_ok", flag("aof_last_write_status")),
      ("rdb_save", config["save"].map(JSON.string)),
      ("rdb_last_save_age_ms", number("rdb_last_save_time").map { JSON(max(0, seconds - $0) * 1000) }),
      ("rdb_last_bgsave_ok", flag("rdb_last_bgsave_status")),
      ("rdb_changes", number("rdb_changes_since_last_save").map { JSON($0) }),
      ("loading", flag("loading", "1")),
    ])
    let bound = config["maxmemory"].flatMap { Int($0) } ?? number("maxmemory")
    facts["eviction"] = object([
      ("policy", (config["maxmemory-policy"] ?? information["maxmemory_policy"]).map(JSON.string)),
      ("max_memory", bound.map { JSON($0) }), ("used_memory", number("used_memory").map { JSON($0) }),
      ("evicted_keys", number("evicted_keys").map { JSON($0) }),
    ])
    facts["replication"] = object([
      ("connected_replicas", number("connected_slaves").map { JSON($0) }),
      ("master_link_up", flag("master_link_status", "up")),
      ("master_last_io_ms", number("master_last_io_seconds_ago").map { JSON($0 * 1000) }),
      ("master_sync_in_progress", flag("master_sync_in_progress", "1")),
    ])
    if let user = replies[2].string {
      var acl: [String: JSON] = ["user": .string(user)]
      let own = try session.run([["ACL", "GETUSER", user]])[0]
      if own.refusal == nil {
        answered += 1
        let members = own.members
        acl["categories"] = members["commands"]?.string.map(JSON.string)
        acl["no_password"] = members["flags"].map { .bool($0.elements.contains { $0.string == "nopass" }) }
      }
      facts["acl"] = .object(acl)
    }
    return session.observation(facts, replies: answered)
  }
}
