import GonogoCore

/// Two users of Redis, each with a key under its own prefix, who try what the other's key lets them.
struct RedisKeysContest {
  private struct User {
    let label: String
    let client: RedisKeysProbe.Client
    let key: String
    let prefix: String
  }

  private let users: [User]
  private let value: String
  /// Keys of more than that are not gone through for one name.
  private static let scanLimit = 200_000

  init(
    _ first: (RedisKeysProbe.Client, String), _ second: (RedisKeysProbe.Client, String), _ context: ProbeContext,
    _ deadline: StreamDeadline
  ) throws(ProbeError) {
    let mark = "gonogo-check-\(context.clock.now())-\(context.clock.ticks())"
    value = "value-\(mark)"
    users = [("first", first), ("second", second)].map { label, party in
      User(label: label, client: party.0, key: "\(party.1)\(mark)", prefix: party.1)
    }
    if users[0].key == users[1].key {
      throw ProbeError(
        .configuration, "both have the prefix '\(users[0].prefix)', and so the same keys", mend: "give each its own")
    }
  }

  /// - Throws: ``ProbeError`` where a user cannot even do what it may; the keys are taken away before.
  func play() throws(ProbeError) -> Observation {
    var found: [JSON] = []
    var refused = 0
    var skipped: [String] = []
    var left: [String] = []
    do throws(ProbeError) {
      for user in users { try control(user) }
      for (owner, other) in [(users[0], users[1]), (users[1], users[0])] {
        try attempt(owner, other, &found, &refused, &skipped)
      }
    } catch {
      for user in users { _ = try? user.client.run([["DEL", user.key]]) }
      throw error
    }
    for user in users {
      if try user.client.run([["DEL", user.key]])[0].refusal != nil {
        left.append("\(user.prefix)…: it expires within a minute")
      }
    }
    let facts: JSON = [
      "shared": .array(found), "refused": JSON(refused), "skipped": JSON(skipped), "left": JSON(left),
    ]
    return Observation(
      facts: facts, witness: ["controls": users.count, "attempts": refused + found.count],
      asked: users[1].client.display,
      repeatCommand: "redis-cli -u \"$SECOND_URL\" GET \(ShellQuote.quote(users[0].prefix + "KEY"))")
  }

  /// Each may write and read under its own prefix.
  private func control(_ user: User) throws(ProbeError) {
    let replies = try user.client.run([["SET", user.key, value, "EX", "60"], ["GET", user.key]])
    for (reply, command) in zip(replies, ["SET", "GET"]) {
      if let refusal = reply.refusal {
        throw ProbeError(
          .control,
          "the \(user.label) user may not \(command) under its own prefix '\(user.prefix)', so that what it is refused proves nothing: \(refusal.code) \(refusal.message)",
          asked: user.client.display, mend: "correct `prefix`, or the user's ACL")
      }
    }
    guard replies[1].string == value else {
      throw ProbeError(
        .control, "the \(user.label) user wrote a key, and does not find it", asked: user.client.display,
        mend: "see whether both connections lead to the same server and database")
    }
  }

  private func attempt(
    _ owner: User, _ other: User, _ found: inout [JSON], _ refused: inout Int, _ skipped: inout [String]
  ) throws(ProbeError) {
    func leak(_ command: String, _ what: String) {
      found.append([
        "key": .string("\(owner.prefix)…"), "written_by": .string(owner.label), "read_by": .string(other.label),
        "command": .string(command), "message": .string(what),
      ])
    }
    // DEL last: it would leave the others nothing to meet.
    let commands = [["GET", owner.key], ["SET", owner.key, "another's", "XX", "KEEPTTL"], ["DEL", owner.key]]
    for words in commands {
      let reply = try other.client.run([words])[0]
      if let refusal = reply.refusal {
        guard refusal.code == "NOPERM" else { throw refusal.probeError(to: words[0]) }
        refused += 1
      } else if words[0] == "GET", reply == .null {
        throw ProbeError(
          .control,
          "the \(other.label) user does not meet the \(owner.label)'s key: they are on different servers or databases",
          asked: other.client.display, mend: "let both URLs name the same server and database")
      } else {
        leak(
          words[0],
          words[0] == "GET" ? "its value came back" : words[0] == "SET" ? "it was overwritten" : "it was removed")
        // The owner's next control, and the next attempt, need the key as it was.
        try control(owner)
      }
    }
    try scan(owner, other, leak, &refused, &skipped)
  }

  /// Names alone tell who is there: SCAN is bound by no pattern of an ACL.
  private func scan(
    _ owner: User, _ other: User, _ leak: (String, String) -> Void, _ refused: inout Int, _ skipped: inout [String]
  ) throws(ProbeError) {
    if let size = try owner.client.run([["DBSIZE"]])[0].integer, size > Self.scanLimit {
      skipped.append("SCAN by the \(other.label) user: the database has \(size) keys")
      return
    }
    var cursor = "0"
    repeat {
      let reply = try other.client.run([["SCAN", cursor, "MATCH", owner.key, "COUNT", "1000"]])[0]
      if let refusal = reply.refusal {
        guard refusal.code == "NOPERM" else { throw refusal.probeError(to: "SCAN") }
        refused += 1
        return
      }
      guard reply.elements.count == 2, let next = reply.elements[0].string else {
        throw ProbeError(.malformed, "the reply to SCAN cannot be read", asked: other.client.display)
      }
      if !reply.elements[1].elements.isEmpty {
        leak("SCAN", "its name came back: SCAN is bound by no pattern of an ACL")
        return
      }
      cursor = next
    } while cursor != "0"
    refused += 1
  }
}
