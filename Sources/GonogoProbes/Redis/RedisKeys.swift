import GonogoCore

extension RedisProbe {
  /// The longest value that is reported, in bytes.
  static let valueLimit = 4096

  func lookAtKey(_ key: Rendered, _ session: RedisSession) throws(ProbeError) -> Observation {
    session.say(["TYPE"], key)
    let name = key.exposed
    let first = try session.run([["TYPE", name], ["PTTL", name], ["MEMORY", "USAGE", name]])
    if let refusal = first[0].refusal { throw refusal.probeError(to: "TYPE") }
    if let refusal = first[1].refusal { throw refusal.probeError(to: "PTTL") }
    let type = first[0].string ?? "none"
    let ttl = first[1].integer ?? -2
    if type == "none" || ttl == -2 { return session.observation(["exists": false], replies: 1) }
    var facts: [String: JSON] = [
      "exists": true, "type": .string(type), "ttl_ms": JSON(orNull: ttl < 0 ? nil : ttl),
    ]
    if let memory = first[2].integer { facts["memory"] = JSON(memory) }
    let measure = [
      "string": "STRLEN", "list": "LLEN", "set": "SCARD", "zset": "ZCARD", "hash": "HLEN", "stream": "XLEN",
    ][type]
    var replies = first.count
    if let measure {
      let reply = try session.run([[measure, name]])[0]
      if let refusal = reply.refusal, refusal.code != "WRONGTYPE" { throw refusal.probeError(to: measure) }
      if let length = reply.integer { facts["length"] = JSON(length) }
      replies += 1
    }
    if showsValue, type == "string", let length = facts["length"]?.integerValue, length <= Self.valueLimit {
      let reply = try session.run([["GET", name]])[0]
      if let refusal = reply.refusal, refusal.code != "WRONGTYPE" { throw refusal.probeError(to: "GET") }
      if reply.refusal == nil, reply != .null { facts["value"] = reply.json }
      replies += 1
    }
    return session.observation(facts, replies: replies)
  }

  func lookAtStream(_ stream: Rendered, _ group: Rendered?, _ session: RedisSession) throws(ProbeError) -> Observation {
    session.say(["XINFO", "STREAM"], stream)
    let name = stream.exposed
    let reply = try session.run([["XINFO", "STREAM", name]])[0]
    if let refusal = reply.refusal {
      // The only way a server has to say that the key is not there.
      if refusal.code == "ERR", refusal.message.hasPrefix("no such key") {
        return session.observation(["exists": false], replies: 1)
      }
      throw refusal.probeError(to: "XINFO STREAM")
    }
    session.say(["XINFO", "GROUPS"], stream)
    let listed = try session.run([["XINFO", "GROUPS", name]])[0]
    if let refusal = listed.refusal { throw refusal.probeError(to: "XINFO GROUPS") }
    let information = reply.members
    let length = information["length"]?.integer ?? 0
    let lastID = information["last-generated-id"]?.string ?? "0-0"
    var replies = 2
    var groups: [String: JSON] = [:]
    var totals = (lag: Optional(0), pending: 0, oldest: Int?.none)
    for entry in listed.elements {
      let members = entry.members
      guard let label = members["name"]?.string else { continue }
      let pending = members["pending"]?.integer ?? 0
      let delivered = members["last-delivered-id"]?.string ?? "0-0"
      var lag = members["lag"]?.integer
      if lag == nil, delivered == lastID { lag = 0 }
      if lag == nil, delivered == "0-0" { lag = length }
      var facts: [String: JSON] = [
        "consumers": JSON(members["consumers"]?.integer ?? 0), "pending": JSON(pending), "lag": JSON(orNull: lag),
        "last_delivered_id": .string(delivered), "oldest_pending_ms": .null,
      ]
      var oldest: Int?
      if pending > 0 {
        // [[id, consumer, ms since it was last delivered, deliveries]]
        let detail = try session.run([["XPENDING", name, label, "-", "+", "1"]])[0]
        if let refusal = detail.refusal { throw refusal.probeError(to: "XPENDING") }
        replies += 1
        if let first = detail.elements.first?.elements, first.count == 4 {
          oldest = first[2].integer
          facts["oldest_pending_id"] = JSON(orNull: first[0].string)
          facts["oldest_pending_ms"] = JSON(orNull: oldest)
          facts["oldest_pending_deliveries"] = JSON(orNull: first[3].integer)
        }
      }
      groups[label] = .object(facts)
      if group == nil || group?.exposed == label {
        totals.lag = lag.flatMap { own in totals.lag.map { $0 + own } }
        totals.pending += pending
        totals.oldest = [totals.oldest, oldest].compactMap { $0 }.max()
      }
    }
    let firstID = information["first-entry"]?.elements.first?.string
    var facts: [String: JSON] = [
      "exists": true, "length": JSON(length), "first_id": JSON(orNull: firstID), "last_id": .string(lastID),
      "groups": .object(groups),
    ]
    if let group { facts["group_exists"] = .bool(groups[group.exposed] != nil) }
    // Of a group that is not there, nothing is said: a lag of 0 would be a lie.
    if group.map({ groups[$0.exposed] != nil }) ?? !groups.isEmpty {
      facts["lag"] = JSON(orNull: totals.lag)
      facts["pending"] = JSON(totals.pending)
      facts["oldest_pending_ms"] = JSON(orNull: totals.oldest)
    }
    return session.observation(facts, replies: replies)
  }
}
