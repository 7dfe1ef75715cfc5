import GonogoCore
import GonogoTestSupport
import Testing

@Suite(.enabled(if: EphemeralRedis.isAvailable, "redis-server is not installed"))
struct RedisProbeTests {
  /// One server for all: each test keeps to keys of its own.
  static let redis = try? EphemeralRedis(
    acl: [
      "default on nopass ~* &* +@all", "reader on >reader-pass-77 ~* &* +@read +ping +info +command",
      "blind on >blind-pass-77 ~app:* +@read",
    ], settings: ["maxmemory 64mb", "maxmemory-policy noeviction"])

  let redis: EphemeralRedis

  init() throws { redis = try #require(Self.redis) }

  private func run(_ binding: String, url: String? = nil, principals: String = "", allow: Set<Effect> = []) async
    -> ProbeBench.Ran
  {
    await ProbeBench.run(
      binding: binding,
      frontMatter: "environments: { test: { redis: \"${REDIS_URL}\" } }"
        + (principals.isEmpty ? "" : "\n" + principals),
      environment: ["REDIS_URL": url ?? redis.url, "READER_PASSWORD": "reader-pass-77"], allow: allow)
  }

  // MARK: Commands

  @Test func `a command's reply is a fact, and the wrong one a failure`() async throws {
    try redis.run("SET greeting hello")
    let good = await run("redis: { command: [GET, greeting] }\nexpect: { reply: hello }")
    #expect(good.outcome == .passed)
    #expect(good.witness == ["replies": 1])
    #expect(good.repeatCommand == "redis-cli -u redis://127.0.0.1:\(redis.port)/0 GET greeting")
    let bad = await run("redis: { command: [GET, greeting] }\nexpect: { reply: goodbye }")
    #expect(bad.mismatches.map(\.found) == ["\"hello\""])
  }

  @Test func `several commands are sent at once, and every kind of reply is read`() async throws {
    try redis.run("RPUSH kinds:list a b\nSET kinds:json '{\"n\":3}'\nHSET kinds:hash f v")
    let ran = await run(
      """
      redis:
        commands: [[LRANGE, 'kinds:list', 0, -1], [LLEN, 'kinds:list'], [GET, 'kinds:none'], [PING], [HGETALL, 'kinds:hash'], [GET, '']]
      expect: { replies: [[a, b], 2, null, PONG, [f, v], null] }
      """)
    #expect(ran.outcome == .passed)
    #expect(ran.witness == ["replies": 6])
    let json = await run("redis: { command: [GET, 'kinds:json'] }\nexpect: { json.n: 3 }")
    #expect(json.outcome == .passed)
  }

  @Test func `a value that is no text is base64`() async throws {
    try redis.run("SET binary \"\\xff\\xfe\"")
    let ran = await run("redis: { command: [GET, binary] }\nexpect: { reply.base64: //4= }")
    #expect(ran.outcome == .passed)
  }

  @Test(arguments: ["SET", "set", "FLUSHALL", "XREADGROUP"])
  func `a command that writes is found while planning`(_ command: String) async {
    let ran = await run("redis: { command: [\(command), x, y] }\nexpect: { reply: OK }")
    #expect(ran.results.isEmpty)
    #expect(ran.diagnostics.contains { $0.message.contains("\(command.uppercased()) writes") })
  }

  @Test(arguments: [
    ["CONFIG", "SET", "maxmemory", "0"], ["CONFIG", "RESETSTAT"], ["DEBUG", "SLEEP", "0"],
    ["CLIENT", "KILL", "ID", "1"],
    ["SUBSCRIBE", "c"], ["MONITOR"], ["SCRIPT", "FLUSH"], ["XGROUP", "CREATE", "s", "g", "$"], ["NOSUCHCOMMAND"],
    ["ACL", "LOG", "RESET"], ["LATENCY", "RESET"],
  ])
  func `a command that may do more than look is not sent`(_ words: [String]) async {
    let list = words.map { "'\($0)'" }.joined(separator: ", ")
    let ran = await run("redis: { command: [\(list)] }\nexpect: { reply: exists }")
    #expect(ran.error?.kind == .configuration)
    #expect(ran.error?.mend?.contains("write: true") == true)
  }

  @Test(arguments: [
    ["CONFIG", "GET", "maxmemory"], ["XINFO", "HELP"], ["OBJECT", "ENCODING", "safe"], ["MEMORY", "USAGE", "safe"],
    ["TIME"], ["DBSIZE"], ["SORT_RO", "safe:list"], ["ACL", "WHOAMI"], ["EVAL_RO", "return 1", "0"],
    ["CLIENT", "LIST"],
  ])
  func `a command that reads is sent`(_ words: [String]) async throws {
    try redis.run("SET safe x\nRPUSH safe:list 1")
    let list = words.map { "'\($0)'" }.joined(separator: ", ")
    let ran = await run("redis: { command: [\(list)] }\nexpect: { reply: exists }")
    if words == ["XINFO", "HELP"] {
      #expect(ran.error?.kind == .configuration)
    } else {
      #expect(ran.outcome == .passed, "\(words) \(String(describing: ran.outcome))")
    }
  }

  @Test func `writing needs write, and the operator's leave`() async throws {
    let binding = "redis: { command: [SET, 'written', v], write: true }\nexpect: { reply: OK }"
    let refused = await run(binding)
    #expect(refused.outcome == .skipped(.notAllowed(.writes)))
    #expect(try redis.run("EXISTS written").contains("0"))
    let allowed = await run(binding, allow: [.writes])
    #expect(allowed.outcome == .passed)
    #expect(try redis.run("EXISTS written").contains("1"))
  }

  @Test func `KEYS disrupts`() async {
    let ran = await run("redis: { command: [KEYS, '*'] }\nexpect: { reply: exists }")
    guard case .skipped(.notAllowed(.disrupts)) = ran.outcome else {
      Issue.record("\(String(describing: ran.outcome))")
      return
    }
  }

  // MARK: Who asks

  @Test func `a refusal is a denial, and needs its control`() async throws {
    try redis.run("SET other:1 x\nSET app:1 x")
    let principals =
      "principals: { app: { redis: { user: blind, password: blind-pass-77 } } }"
    let refused = "redis: { command: [GET, 'other:1'], as: app, may_fail: true }\nexpect: { error.code: NOPERM }"
    let alone = await run(refused, principals: principals)
    #expect(alone.diagnostics.map(\.code.id) == ["denial-without-control"])
    let good = await run(
      refused + "\nallowed:\n  redis: { command: [GET, 'app:1'], as: app }\n  expect: { reply: x }",
      principals: principals)
    #expect(good.outcome == .passed)
    let loose = await run(
      "redis: { command: [GET, 'app:1'], as: app, may_fail: true }\nexpect: { error.code: NOPERM }\nno_control: shown",
      principals: principals)
    #expect(loose.mismatches.map(\.path) == ["error.code"])
  }

  @Test func `a wrong password and a missing right are denied, not failed, and the password is not shown`() async throws
  {
    let wrong = await run(
      "redis: { command: [PING] }\nexpect: { reply: PONG }",
      url: "redis://reader:wr0ng-pass-word@127.0.0.1:\(redis.port)/0")
    #expect(wrong.error?.kind == .denied)
    #expect(wrong.error?.asked?.contains("reader:[redacted]@") == true)
    #expect(!"\(wrong.results)".contains("wr0ng-pass-word"))
    let forbidden = await run(
      "redis: { key: 'other:1', as: app }\nexpect: { exists: true }",
      principals: "principals: { app: { redis: { user: blind, password: blind-pass-77 } } }")
    #expect(forbidden.error?.kind == .denied)
  }

  @Test func `secrets stand as variables in the command to repeat`() async throws {
    let url = await run(
      "redis: { command: [PING] }\nexpect: { reply: PONG }",
      url: "redis://reader:reader-pass-77@127.0.0.1:\(redis.port)/0")
    #expect(url.outcome == .passed)
    #expect(url.repeatCommand == "redis-cli -u \"${REDIS_URL}\" PING")
    let principal = await run(
      "redis: { command: [GET, '${READER_PASSWORD}'], as: reader }\nexpect: { reply: null }",
      principals: "principals: { reader: { redis: { user: reader, password: \"${READER_PASSWORD}\" } } }")
    #expect(principal.outcome == .passed)
    #expect(
      principal.repeatCommand
        == "REDISCLI_AUTH=\"${READER_PASSWORD}\" redis-cli -u redis://127.0.0.1:\(redis.port)/0 --user reader GET \"${READER_PASSWORD}\""
    )
    #expect(!"\(principal.results)".contains("reader-pass-77"))
  }

  // MARK: Keys

  @Test func `a key's facts, and its value only when asked`() async throws {
    try redis.run("SET look:a secretish PX 60000\nSADD look:set 1 2 3")
    let ran = await run(
      "redis: { key: 'look:a' }\nexpect: { exists: true, type: string, ttl_ms: { all_of: [\"> 0\", \"<= 60s\"] }, length: 9, memory: \"> 0\", value: absent }"
    )
    #expect(ran.outcome == .passed)
    #expect(!"\(ran.results)".contains("secretish"))
    let shown = await run("redis: { key: 'look:a', value: true }\nexpect: { value: secretish }")
    #expect(shown.outcome == .passed)
    let set = await run("redis: { key: 'look:set' }\nexpect: { type: set, length: 3, ttl_ms: null }")
    #expect(set.outcome == .passed)
    let eternal = await run("redis: { key: 'look:set' }\nexpect: { ttl_ms: \"<= 2m\" }")
    #expect(eternal.mismatches.map(\.path) == ["ttl_ms"])
  }

  @Test func `a key that is not there is a fact`() async {
    let ran = await run("redis: { key: 'look:none' }\nexpect: { exists: false }")
    #expect(ran.outcome == .passed)
    #expect(ran.witness == ["replies": 1])
    let wanted = await run("redis: { key: 'look:none' }\nexpect: { exists: true }")
    #expect(wanted.mismatches.count == 1)
  }

  // MARK: Streams

  @Test func `a stream with its groups`() async throws {
    try redis.run(
      """
      XADD st:events 1-1 k v
      XADD st:events 2-1 k v
      XADD st:events 3-1 k v
      XGROUP CREATE st:events worker 0
      XGROUP CREATE st:events audit $
      XREADGROUP GROUP worker w1 COUNT 2 STREAMS st:events >
      XACK st:events worker 1-1
      """)
    let ran = await run(
      """
      redis: { stream: 'st:events', group: worker }
      expect:
        exists: true
        length: 3
        first_id: 1-1
        last_id: 3-1
        lag: 1
        pending: 1
        oldest_pending_ms: ">= 0"
        group_exists: true
        groups.worker: { consumers: 1, last_delivered_id: 2-1, oldest_pending_id: 2-1, oldest_pending_deliveries: 1 }
        groups.audit: { lag: 0, pending: 0, oldest_pending_ms: null }
      """)
    #expect(ran.outcome == .passed, "\(String(describing: ran.outcome)) \(ran.facts)")
    let behind = await run("redis: { stream: 'st:events', group: worker }\nexpect: { lag: 0 }")
    #expect(behind.mismatches.map(\.found) == ["1"])
    let all = await run("redis: { stream: 'st:events' }\nexpect: { lag: 1, pending: 1, groups: { length: 2 } }")
    #expect(all.outcome == .passed)
  }

  @Test func `a stream or a group that is not there says no lag`() async throws {
    let none = await run("redis: { stream: 'st:none', group: worker }\nexpect: { lag: \"<= 10\" }")
    #expect(none.mismatches.map(\.found) == ["absent"])
    try redis.run("XADD st:lonely 1-1 k v")
    let group = await run("redis: { stream: 'st:lonely', group: worker }\nexpect: { group_exists: true, lag: 0 }")
    #expect(group.mismatches.map(\.path) == ["group_exists", "lag"])
    try redis.run("SET st:text x")
    let wrong = await run("redis: { stream: 'st:text' }\nexpect: { exists: true }")
    #expect(wrong.error?.kind == .configuration)
  }

  // MARK: The server

  @Test func `the server's settings`() async {
    let ran = await run(
      """
      redis: { server: true }
      expect:
        version: { matches: '/^[0-9]+\\./' }
        role: master
        mode: standalone
        uptime_ms: ">= 0"
        persistence: { aof: false, rdb_last_bgsave_ok: true, rdb_save: '' }
        eviction: { policy: noeviction, max_memory: 67108864, used_memory: "> 0" }
        connected_clients: ">= 1"
        max_clients: ">= 1"
        tls: false
        acl: { user: default, no_password: true }
        config_available: true
        replication.connected_replicas: 0
      """)
    #expect(ran.outcome == .passed, "\(String(describing: ran.outcome)) \(ran.facts)")
    let bad = await run("redis: { server: true }\nexpect: { persistence.aof: true, eviction.policy: allkeys-lru }")
    #expect(bad.mismatches.map(\.path).sorted() == ["eviction.policy", "persistence.aof"])
  }

  @Test func `where CONFIG and ACL are forbidden, what INFO tells is left`() async {
    let ran = await run(
      "redis: { server: true, as: reader }\nexpect: { config_available: false, eviction.policy: noeviction, acl: absent, max_clients: exists, persistence.rdb_save: absent }",
      principals: "principals: { reader: { redis: { user: reader, password: \"${READER_PASSWORD}\" } } }")
    #expect(ran.outcome == .passed, "\(String(describing: ran.outcome)) \(ran.facts)")
  }

  // MARK: Ways to get there

  @Test func `a local socket and another database`() async throws {
    try redis.run("SET only-in-3 x", arguments: ["-n", "3"])
    for url in ["unix://\(redis.socket)?db=3", "redis://127.0.0.1:\(redis.port)/3"] {
      let there = await run("redis: { key: only-in-3 }\nexpect: { exists: true }", url: url)
      #expect(there.outcome == .passed)
    }
    let elsewhere = await run("redis: { key: only-in-3 }\nexpect: { exists: true }")
    #expect(elsewhere.mismatches.count == 1)
  }

  @Test(arguments: [
    "http://127.0.0.1/", "redis://", "redis://h:99999", "nonsense", "redis://127.0.0.1/x", "redis://%zz@h",
  ])
  func `a URL that is none is told without being shown`(_ url: String) async {
    let ran = await run("redis: { command: [PING] }\nexpect: { reply: PONG }", url: url)
    #expect(ran.error?.kind == .configuration)
  }

  @Test func `two lines of a run share a connection, and a password in the document is not repeated`() async throws {
    let peer = RawPeer { connection in
      while !connection.read().isEmpty { connection.write("+PONG\r\n") }
    }
    func line(_ id: String, _ more: String) -> String {
      "- [ ] **\(id)** line\n  ```yaml gonogo\n  redis: { command: [PING], write: true, url: 'redis://:l1teral-pass@127.0.0.1:\(peer.port)' }\n  expect: { reply: PONG }\(more)\n  ```\n"
    }
    let ran = await ProbeBench.run(document: line("R-1", "") + line("R-2", "\n  needs: [R-1]"), allow: [.writes])
    #expect(ran.results.map(\.outcome) == [.passed, .passed])
    #expect(peer.connections == 1)
    let told = ran.results.flatMap(\.checks).map { "\($0.asked ?? "") \($0.repeatCommand ?? "") \($0.facts)" }.joined()
    #expect(!told.contains("l1teral-pass"))
    #expect(told.contains("REDISCLI_AUTH=\"$REDIS_PASSWORD\""))
  }

  @Test func `all misuse is found while planning`() async {
    let ran = await run(
      "redis: { command: [GET, a], key: b, group: g, value: true, may_fail: perhaps, as: nobody, nonsense: 1, url: 'ftp://x' }\nexpect: { reply: x }"
    )
    #expect(ran.diagnostics.count { $0.severity == .error } >= 5)
    let empty = await run("redis: {}\nexpect: { reply: x }")
    #expect(empty.diagnostics.contains { $0.message.contains("asks nothing") })
    let blind = await run("redis: { server: true }")
    #expect(blind.diagnostics.map(\.code.id) == ["empty-expectation"])
  }
}
