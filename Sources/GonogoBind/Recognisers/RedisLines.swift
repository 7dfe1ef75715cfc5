/// Redis: reachable, its streams, keys that expire.
enum RedisLines {
  static let recogniser = Recogniser(
    "redis", probes: ["redis"],
    manual: """
      "Check Redis connection", "create Upstash Redis", "production Redis": it answers PING. "reads from Redis Stream `events`": the stream
      is there, with a group that somebody reads in. "2min TTL": the key `${one_time_key}`, or one that the line names, expires within that
      time.
      """,
    samples: [
      Recogniser.Sample(
        "- Monitor Redis connection",
        #"""
        redis: { command: [PING] }
        expect: { reply: PONG }
        """#),
      Recogniser.Sample(
        "2. **Worker** - reads from Redis Stream `events`",
        #"""
        redis: { stream: events }
        expect: { exists: true }
        jq: '[.groups[].consumers] | add >= 1'
        """#),
      Recogniser.Sample(
        "- [ ] One-time links: 2min TTL in Redis",
        #"""
        redis: { key: "${one_time_key}" }
        expect: { exists: true, ttl_ms: { all_of: ["> 0", "<= 2m"] } }
        """#),
    ],
    lookalikes: [
      "- `REDIS_URL` - Upstash Redis connection string", "- Redis documented", "- [ ] Live stream announced",
    ]
  ) { line, _ in
    if EnvironmentVariable.start.isFound(in: line.raw) { return nil }
    if let groups = stream.first(in: line.raw), let name = groups[1] {
      return Draft(
        "redis: { stream: \(YAMLText.scalar(name)) }\nexpect: { exists: true }\njq: '[.groups[].consumers] | add >= 1'",
        confidence: .high, reason: "the stream is there, and somebody reads it in a group")
    }
    if line.says(redis) || line.says(deduplication), let groups = ttl.first(in: line.text), let number = groups[1],
      let unit = groups[2]
    {
      let short =
        ["m": "m", "s": "s", "h": "h", "d": "d", "м": "m", "с": "s", "ч": "h"][String(unit.lowercased().prefix(1))]
        ?? "m"
      let key = line.codes.first { $0.contains(":") } ?? "${one_time_key}"
      return Draft(
        "redis: { key: \"\(key)\" }\nexpect: { exists: true, ttl_ms: { all_of: [\"> 0\", \"<= \(number)\(short)\"] } }",
        confidence: key.hasPrefix("$") ? .medium : .high,
        reason: "a key that was just made expires within \(number)\(short)")
    }
    guard line.says(connection), !line.says(other) else { return nil }
    return Draft(
      "redis: { command: [PING] }\nexpect: { reply: PONG }", confidence: line.says(check) ? .high : .medium,
      reason: "Redis answers")
  }

  private static let redis = Phrase(#"\bredis\b"#)
  private static let deduplication = Phrase(#"\bttl\b"#)
  private static let stream = Phrase(#"redis stream[s:]?\s+`([^`]+)`|stream `([^`]+)`.*redis"#)
  private static let ttl = Phrase(
    #"(\d+)\s*(min|minutes?|m|s|sec|seconds?|h|hours?|d|days?|мин|сек|ч)\w*\s+ttl|ttl\D{0,6}(\d+)\s*(m|s|h|d)"#)
  private static let connection = Phrase(
    #"^redis connectivity$|^redis (instance|server|database)? ?(is )?(created|running|available|provisioned)\b|redis (connection|reachable|available|connected|up\b)|(check|monitor|create|создать|настроить|provision\w*|production)\b.*\bredis\b|redis \(.*(created|ready)"#
  )
  private static let check = Phrase(#"connection|reachable|connected"#)
  private static let other = Phrase(#"document|guide|stream|required for|GET /"#)
}
