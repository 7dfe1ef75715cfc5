import GonogoCore
import GonogoTestSupport
import Testing

@testable import GonogoProbes

@Suite(.enabled(if: EphemeralRedis.isAvailable, "redis-server is not installed"))
struct RedisKeysProbeTests {
  static let redis = try? EphemeralRedis(
    acl: [
      "default on nopass ~* &* +@all", "tenant_a on >a-pass-77 ~a:* +@all -scan -keys -randomkey",
      "tenant_b on >b-pass-77 ~b:* +@all -scan -keys -randomkey", "tenant_c on >c-pass-77 ~* +@all",
      "tenant_d on >d-pass-77 ~d:* +@all", "tenant_e on >e-pass-77 ~e:* +@read",
      "blind on >blind-pass-77 ~* +@all -monitor",
    ])

  let redis: EphemeralRedis
  init() throws { redis = try #require(Self.redis) }

  /// An application that keeps something in Redis for whoever asks, as `act` says.
  private func application(_ act: @escaping @Sendable (EphemeralRedis, String) -> Void) throws -> LoopbackServer {
    let redis = redis
    return try LoopbackServer { request in
      let who = request["x-user"] ?? "nobody"
      if who == "mallory" { return .text("no", 401) }
      act(redis, who)
      return .text("ok")
    }
  }

  private func run(_ server: LoopbackServer, _ rest: String = "", second: String = "bob", url: String? = nil) async
    -> ProbeBench.Ran
  {
    await ProbeBench.run(
      binding: """
        redis_keys:
          first: { http: { GET: "\(server.url)/settings", as: alice } }
          second: { http: { GET: "\(server.url)/settings", as: \(second) } }
          quiet: 20ms
          settle: 20ms
        \(rest)
        timeout: 10s
        """,
      frontMatter: """
        environments: { test: { redis: "\(url ?? redis.url)" } }
        principals:
          alice: { http: { headers: { X-User: alice } } }
          bob: { http: { headers: { X-User: bob } } }
          mallory: { http: { headers: { X-User: mallory } } }
        """, allow: [.disrupts])
  }

  @Test func `principals with keys of their own pass`() async throws {
    let server = try application { redis, who in _ = try? redis.run("SET cabinet:\(who) v\nGET cabinet:\(who)") }
    defer { server.stop() }
    let ran = await run(server)
    #expect(ran.outcome == .passed, "\(String(describing: ran.outcome)) \(ran.diagnostics)")
    #expect(ran.facts["first"]?["writes"] == ["cabinet:alice"])
    #expect(ran.facts["second"]?["reads"] == ["cabinet:bob"])
    #expect(ran.witness["requests"] == 2 && ran.witness["first"] == 2)
  }

  @Test(arguments: [
    ("GET", "SET cabinet:settings v\nGET cabinet:settings"),
    ("HGETALL", "HSET cabinet:hash f v\nHGETALL cabinet:hash"),
    ("KEYS", "SET cabinet:WHO v\nKEYS cabinet:*"),
    ("INCR", "INCR cabinet:count"),
    ("script", "SET cabinet:script v\nEVAL \"return redis.call('GET', KEYS[1])\" 1 cabinet:script"),
  ])
  func `a key that one writes and the other reads is found`(name: String, commands: String) async throws {
    let server = try application { redis, who in _ = try? redis.run(commands.replacing("WHO", with: who)) }
    defer { server.stop() }
    let ran = await run(server)
    #expect(ran.mismatches.map(\.path) == ["shared"], "\(String(describing: ran.outcome))")
    let first = ran.facts["shared"]?[0]
    #expect(first?["written_by"] == "alice" && first?["read_by"] == "bob")
    // A person's key is enough; what was in it is in no fact.
    let allowed = await run(server, "  shared: [\"cabinet:*\"]")
    #expect(allowed.outcome == .passed, "\(String(describing: allowed.outcome))")
    #expect(allowed.facts["allowed"]?.arrayValue?.isEmpty == false)
  }

  @Test func `values stay out, and long tokens are cut`() async throws {
    let server = try application { redis, _ in
      _ = try? redis.run(
        "SET session:0a1b2c3d4e5f60718293a4b5c6d7e8f9 s3cret-value\nGET session:0a1b2c3d4e5f60718293a4b5c6d7e8f9")
    }
    defer { server.stop() }
    let ran = await run(server)
    #expect(ran.facts["shared"]?[0]?["key"] == "session:0a1b…")
    let text = "\(ran.results)"
    #expect(!text.contains("s3cret-value") && !text.contains("0a1b2c3d4e5f"))
  }

  @Test func `who touches nothing, or is turned away, proves nothing`() async throws {
    let idle = try application { _, _ in }
    defer { idle.stop() }
    #expect(await run(idle).error?.kind == .vacuous)
    let server = try application { redis, who in _ = try? redis.run("SET cabinet:\(who) v") }
    defer { server.stop() }
    let refused = await run(server, second: "mallory")
    #expect(refused.error?.kind == .control)
    #expect(refused.error?.message == "mallory was answered 401, and so did not act")
  }

  @Test func `without MONITOR, without Redis or with one that hangs there is no answer`() async throws {
    let server = try application { redis, who in _ = try? redis.run("SET cabinet:\(who) v") }
    defer { server.stop() }
    let denied = await run(server, url: "redis://blind:blind-pass-77@127.0.0.1:\(redis.port)/0")
    #expect(denied.error?.kind == .denied)
    #expect(await run(server, url: "redis://127.0.0.1:\(GuardedProcess.freePort())/0").error?.kind == .unreachable)
    let hung = try HostilePeer(.hung)
    defer { hung.stop() }
    let late = await ProbeBench.run(
      binding:
        "redis_keys: { redis: 'redis://127.0.0.1:\(hung.port)', first: { http: { GET: '\(server.url)' } }, second: { http: { GET: '\(server.url)' } } }\ntimeout: 500ms",
      allow: [.disrupts])
    #expect(late.error?.kind == .timedOut)
  }

  // MARK: By ACL

  private func contest(_ first: (String, String), _ second: (String, String)) async -> ProbeBench.Ran {
    func party(_ user: (String, String)) -> String {
      "{ url: 'redis://tenant_\(user.0):\(user.0)-pass-77@127.0.0.1:\(redis.port)/0', prefix: '\(user.1)' }"
    }
    return await ProbeBench.run(
      binding: "redis_keys:\n  first: \(party(first))\n  second: \(party(second))\ntimeout: 10s", allow: [.writes])
  }

  @Test func `users who are held to their prefixes pass, and nothing stays`() async throws {
    let ran = await contest(("a", "a:"), ("b", "b:"))
    #expect(ran.outcome == .passed, "\(String(describing: ran.outcome)) \(ran.facts)")
    #expect(ran.facts["refused"] == 8)
    #expect(try redis.run("KEYS *gonogo-check*").filter { !$0.isWhitespace }.isEmpty)
    #expect(!"\(ran.results.map(\.checks))".contains("a-pass-77"))
  }

  @Test func `a user who reaches another's keys is found, command by command`() async throws {
    let ran = await contest(("a", "a:"), ("c", "c:"))
    #expect(ran.mismatches.map(\.path) == ["shared"])
    let found = ran.facts["shared"]?.arrayValue ?? []
    #expect(found.map { $0["command"]?.stringValue } == ["GET", "SET", "DEL", "SCAN"])
    #expect(found.allSatisfy { $0["read_by"] == "second" })
    #expect(try redis.run("KEYS *gonogo-check*").filter { !$0.isWhitespace }.isEmpty)
    // Names alone: SCAN is bound by no pattern.
    let names = await contest(("a", "a:"), ("d", "d:"))
    #expect((names.facts["shared"]?.arrayValue ?? []).map { $0["command"]?.stringValue } == ["SCAN"])
  }

  @Test func `a user who may not even write its own keys proves nothing`() async throws {
    #expect(await contest(("a", "a:"), ("e", "e:")).error?.kind == .control)
    #expect(await contest(("a", "a:"), ("b", "nothers:")).error?.kind == .control)
    let wrong = await ProbeBench.run(
      binding:
        "redis_keys:\n  first: { url: 'redis://tenant_a:wrong@127.0.0.1:\(redis.port)', prefix: 'a:' }\n  second: { url: 'redis://tenant_b:b-pass-77@127.0.0.1:\(redis.port)', prefix: 'b:' }",
      allow: [.writes])
    #expect(wrong.error?.kind == .denied)
  }

  @Test func `misuse is found while planning`() async throws {
    let mixed = await ProbeBench.run(
      binding: "redis_keys:\n  first: { url: 'redis://x', prefix: a }\n  second: { http: { GET: 'http://x' } }")
    #expect(mixed.diagnostics.contains { $0.message.contains("act in the same way") })
    let bare = await ProbeBench.run(
      binding: "redis_keys:\n  first: { url: 'redis://x' }\n  second: { http: { GET: 'http://x' } }")
    #expect(bare.diagnostics.contains { $0.message.contains("needs `http`, or `url` and `prefix`") })
  }

  @Test func `a line of MONITOR is read with its escapes`() throws {
    let line = try #require(
      MonitorLine("1339518083.107412 [3 127.0.0.1:60866] \"SET\" \"a b\" \"\\\"x\\\"\\\\\\n\\x41\""))
    #expect(line.database == "3" && line.client == "127.0.0.1:60866")
    #expect(line.words == ["SET", "a b", "\"x\"\\\nA"])
    #expect(MonitorLine("OK") == nil)
    #expect(MonitorLine("1.2 [0 lua] \"GET") == nil)
  }
}
