import Glibc
import GonogoCore

/// Which keys commands read and write.
struct KeyTraffic: Sendable {
  struct Touch: Hashable, Sendable {
    let database: String
    let key: String
  }

  /// Commands by what they read, and by what they changed.
  private(set) var reads: [Touch: String] = [:]
  private(set) var writes: [Touch: String] = [:]
  /// Patterns by which names of keys were asked for.
  private(set) var patterns: [(database: String, pattern: String, command: String)] = []
  /// Commands that touched a key or asked for names.
  private(set) var commands = 0

  /// What a script touches is reported by itself; a transaction's frame touches nothing.
  private static let frames: Set<String> = [
    "EVAL", "EVAL_RO", "EVALSHA", "EVALSHA_RO", "FCALL", "FCALL_RO", "MULTI", "EXEC", "ECHO", "AUTH", "HELLO", "PING",
    "SELECT", "CLIENT", "INFO", "COMMAND", "CONFIG",
  ]

  /// - Parameter session: a connection on which the server is asked which keys a command has.
  /// - Throws: ``ProbeError`` where it does not say.
  init(
    _ lines: [MonitorLine], without background: KeyTraffic? = nil, ask: ([[String]]) throws(ProbeError) -> [RedisReply]
  )
    throws(ProbeError)
  {
    let lines = lines.filter { !Self.frames.contains($0.command) }
    var distinct: [[String]] = []
    var seen: Set<[String]> = []
    for line in lines where seen.insert(line.words).inserted { distinct.append(line.words) }
    var touched: [[String]: [(key: String, reads: Bool, writes: Bool)]] = [:]
    for (words, reply) in zip(distinct, try ask(distinct.map { ["COMMAND", "GETKEYSANDFLAGS"] + $0 })) {
      if let refusal = reply.refusal {
        // "The command has no key arguments", or a server before Redis 7.
        if refusal.message.contains("no key arguments") || refusal.message.contains("Invalid command") { continue }
        touched[words] = try Self.older(words, ask)
        continue
      }
      touched[words] = reply.elements.compactMap { entry in
        guard entry.elements.count == 2, let key = entry.elements[0].string else { return nil }
        let flags = Set(entry.elements[1].elements.compactMap { $0.string?.lowercased() })
        return (
          key, flags.contains("ro") || flags.contains("access"),
          !flags.isDisjoint(with: ["ow", "rw", "rm", "update", "insert", "delete"])
        )
      }
    }
    for line in lines {
      if ["KEYS", "SCAN"].contains(line.command) {
        var pattern = line.command == "KEYS" && line.words.count > 1 ? line.words[1] : "*"
        if line.command == "SCAN", let mark = line.words.firstIndex(where: { $0.uppercased() == "MATCH" }),
          mark + 1 < line.words.count
        {
          pattern = line.words[mark + 1]
        }
        if background?.patterns.contains(where: { $0.pattern == pattern }) != true {
          patterns.append((line.database, pattern, line.command))
          commands += 1
        }
        continue
      }
      var counted = false
      for (key, reads, writes) in touched[line.words] ?? [] {
        let touch = Touch(database: line.database, key: key)
        if reads, background?.reads[touch] == nil {
          if self.reads[touch] == nil { self.reads[touch] = line.command }
          counted = true
        }
        if writes, background?.writes[touch] == nil {
          if self.writes[touch] == nil { self.writes[touch] = line.command }
          counted = true
        }
      }
      if counted { commands += 1 }
    }
  }

  /// As a server before Redis 7 tells it: the keys, and whether the command as a whole reads or writes.
  private static func older(_ words: [String], _ ask: ([[String]]) throws(ProbeError) -> [RedisReply])
    throws(ProbeError) -> [(key: String, reads: Bool, writes: Bool)]
  {
    let replies = try ask([["COMMAND", "GETKEYS"] + words, ["COMMAND", "INFO", words[0]]])
    if let refusal = replies[0].refusal, refusal.code == "NOPERM" { throw refusal.probeError(to: "COMMAND GETKEYS") }
    let flags =
      replies[1].elements.first.map { $0.elements.count > 2 ? $0.elements[2].elements.compactMap(\.string) : [] } ?? []
    let writes = flags.contains("write")
    let reads =
      flags.contains("readonly")
      || !["SET", "DEL", "UNLINK", "EXPIRE", "HSET", "SETEX"].contains(words[0].uppercased())
    return replies[0].elements.compactMap(\.string).map { ($0, reads, writes) }
  }

  /// How this one reads a key that the other wrote: the command; `nil` where it does not.
  func reading(_ touch: Touch) -> String? {
    if let command = reads[touch] { return command }
    return patterns.first { $0.database == touch.database && Self.matches(touch.key, $0.pattern) }?.command
  }

  static func matches(_ key: String, _ pattern: String) -> Bool { fnmatch(pattern, key, 0) == 0 }

  /// A key as it is shown: a part as long as a token has its beginning only.
  static func shown(_ key: String) -> String {
    key.split(separator: ":", omittingEmptySubsequences: false).map { part in
      let isOpaque =
        part.utf8.count >= 20 && !part.contains("-") && part.contains(where: \.isNumber)
        && part.allSatisfy { $0.isLetter || $0.isNumber || "_.+/=".contains($0) }
      return isOpaque ? "\(part.prefix(4))…" : String(part)
    }.joined(separator: ":")
  }

  var shownReads: [String] { reads.keys.map { Self.shown($0.key) }.sorted() }
  var shownWrites: [String] { writes.keys.map { Self.shown($0.key) }.sorted() }
}
