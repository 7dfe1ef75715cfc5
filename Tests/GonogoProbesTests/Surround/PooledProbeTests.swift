import GonogoCore
import GonogoTestSupport
import Testing

@testable import GonogoProbes

@Suite(.enabled(if: EphemeralPgBouncer.isAvailable, Comment(rawValue: EphemeralPgBouncer.reason)))
struct PooledProbeTests {
  /// One server and one database for all; each test has a pooler of its own, and so server connections of its own.
  static let postgres: EphemeralPostgres? = {
    guard let server = try? EphemeralPostgres.shared() else { return nil }
    _ = try? server.createDatabase(
      named: "surround_pooled",
      sql: """
        CREATE ROLE pooled_app LOGIN PASSWORD 'pooled-w0rd';
        CREATE ROLE pooled_reader;
        GRANT pooled_reader TO pooled_app;
        """)
    return server
  }()

  let postgres: EphemeralPostgres
  init() throws { postgres = try #require(Self.postgres) }

  private func pooler(_ mode: EphemeralPgBouncer.Mode, size: Int = 4, _ settings: [String] = []) throws
    -> EphemeralPgBouncer
  {
    try EphemeralPgBouncer(
      postgres, mode: mode, size: size, users: ["pooled_app": "pooled-w0rd"], settings: settings)
  }

  private func run(_ url: String, _ rest: String = "", allow: Set<Effect> = [.disrupts]) async -> ProbeBench.Ran {
    await ProbeBench.run(binding: "pooled:\n  database: '\(url)'\n\(rest)\ntimeout: 20s", allow: allow)
  }

  private func kinds(_ ran: ProbeBench.Ran) -> [String] {
    (ran.facts["leaks"]?.arrayValue ?? []).compactMap { $0["kind"]?.stringValue }
  }

  @Test func `in transaction mode everything that a session keeps reaches the next client`() async throws {
    let pooler = try pooler(.transaction)
    defer { pooler.stop() }
    let ran = await run(pooler.url(database: "surround_pooled"))
    #expect(ran.mismatches.map(\.path) == ["leaks"], "\(String(describing: ran.outcome))")
    #expect(
      Set(kinds(ran)) == [
        "setting", "role", "prepared", "search_path", "session_authorization", "temporary_table", "listen",
        "advisory_lock",
      ], "\(ran.facts)")
    #expect((ran.facts["leaks"]?.arrayValue ?? []).allSatisfy { $0["mend"]?.stringValue?.isEmpty == false })
    #expect(ran.facts["mode"] == "transaction")
    #expect(ran.facts["cleaned"] == true)
    #expect(ran.facts["backends"]?["shared"] == 8)
    // A second look meets nothing of the first: it was taken away, on the server connection where it was left.
    let settings = await run(pooler.url(database: "surround_pooled"), "  kinds: [setting]")
    let left = (settings.facts["leaks"]?.arrayValue ?? []).filter { $0["from"] != "the client before" }
    #expect(left.isEmpty && settings.facts["leaks"]?.arrayValue?.count == 2, "\(settings.facts)")
    let locks = try postgres.run(
      "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'", database: "surround_pooled")
    #expect(locks == "0")
  }

  @Test func `a pool that resets each connection passes, and so does session mode`() async throws {
    let always = try pooler(.transaction, ["server_reset_query_always = 1"])
    defer { always.stop() }
    let reset = await run(always.url(database: "surround_pooled"))
    #expect(reset.outcome == .passed, "\(String(describing: reset.outcome)) \(reset.facts)")
    #expect(reset.witness["shared"] == 8)
    let session = try pooler(.session)
    defer { session.stop() }
    let ran = await run(session.url(database: "surround_pooled"))
    #expect(ran.outcome == .passed, "\(String(describing: ran.outcome)) \(ran.facts)")
    #expect(ran.facts["mode"] == "session")
  }

  @Test func `a session pool of one connection that never resets leaks, though the next client must wait`() async throws
  {
    let pooler = try pooler(.session, size: 1, ["server_reset_query ="])
    defer { pooler.stop() }
    let ran = await run(pooler.url(database: "surround_pooled"), "  kinds: [setting]\n  settings: [app.current_tenant]")
    #expect(ran.mismatches.map(\.path) == ["leaks"], "\(String(describing: ran.outcome))")
    #expect(ran.facts["leaks"]?[0]?["setting"] == "app.current_tenant")
    #expect(ran.facts["mode"] == "session")
  }

  @Test func `the application's own statements: for a transaction they pass, for a session they leak`() async throws {
    let pooler = try pooler(.transaction)
    defer { pooler.stop() }
    let url = pooler.url(database: "surround_pooled", user: "pooled_app")
    let local = await run(
      url, "  set: [\"SELECT set_config('app.current_tenant', 'acme', true)\", \"SET LOCAL ROLE pooled_reader\"]")
    #expect(local.outcome == .passed, "\(String(describing: local.outcome)) \(local.facts)")
    #expect(local.witness["controls"] == 2)
    let session = await run(url, "  set: \"SELECT set_config('app.current_tenant', 'acme-s3cret', false)\"")
    #expect(kinds(session) == ["setting"])
    #expect(session.facts["leaks"]?[0]?["by"] == "set")
    // The value is the application's, not ours: it is not shown.
    #expect(session.facts["leaks"]?[0]?["value"] == nil)
    let plain = await run(url, "  set: \"SET app.current_tenant = 'acme'\"")
    #expect(kinds(plain) == ["setting"])
    let role = await run(url, "  set: SET ROLE pooled_reader")
    #expect(kinds(role) == ["role"])
    #expect(role.facts["cleaned"] == true)
  }

  @Test func `what another client left is found`() async throws {
    let pooler = try pooler(.transaction, size: 1)
    defer { pooler.stop() }
    let url = pooler.url(database: "surround_pooled")
    let target = try PostgresTarget(Rendered(plain: url), redactor: Redactor())
    let deadline = PostgresDeadline(milliseconds: 5000)
    let careless = try SQLClient(target, deadline: deadline, redactor: Redactor())
    try careless.run("SET app.tenant_id = 'theirs'", deadline)
    let ran = await run(url, "  set: \"SELECT set_config('app.tenant_id', 'ours', true)\"")
    #expect(ran.facts["leaks"]?.arrayValue?.count == 1 && ran.mismatches.count == 1, "\(ran.facts)")
    #expect(ran.facts["leaks"]?[0]?["from"] == "another client of the pool")
    // Theirs is left as it was: it is theirs to mend.
    let now = try careless.run("SHOW app.tenant_id", deadline)
    #expect(now.value == "theirs")
  }

  @Test func `without a pooler nothing is proven`() async throws {
    let ran = await run(postgres.url(database: "surround_pooled"), "  kinds: [setting]\n  attempts: 4")
    #expect(ran.error?.kind == .vacuous)
    #expect(ran.error?.message.hasPrefix("nothing is pooled here: 5 clients were given 5 server connections") == true)
  }

  @Test func `a kind that the login may not leave behind is said, and no answer where it was asked for`() async throws {
    let pooler = try pooler(.transaction, ["server_reset_query_always = 1"])
    defer { pooler.stop() }
    let url = pooler.url(database: "surround_pooled", user: "pooled_app")
    let all = await run(url)
    #expect(all.outcome == .passed, "\(String(describing: all.outcome))")
    #expect(all.facts["not_possible"]?.arrayValue?.compactMap { $0["kind"]?.stringValue } == ["session_authorization"])
    let asked = await run(url, "  kinds: [session_authorization]")
    #expect(asked.error?.kind == .configuration)
  }

  @Test func `statements that leave nothing prove nothing`() async throws {
    let pooler = try pooler(.transaction)
    defer { pooler.stop() }
    let ran = await run(pooler.url(database: "surround_pooled"), "  set: SELECT 1")
    #expect(ran.error?.kind == .control)
    let wrong = await run(pooler.url(database: "surround_pooled"), "  set: SET nonsense_without_dot = 1")
    #expect(wrong.error?.kind == .configuration)
  }

  @Test func `a peer that is not there, hangs or refuses is no finding`() async throws {
    let gone = await run("postgresql://a:b@127.0.0.1:\(GuardedProcess.freePort())/x")
    #expect(gone.error?.kind == .unreachable)
    let hung = try HostilePeer(.hung)
    defer { hung.stop() }
    let late = await ProbeBench.run(
      binding: "pooled: 'postgresql://a:b@127.0.0.1:\(hung.port)/x'\ntimeout: 600ms", allow: [.disrupts])
    #expect(late.error?.kind == .timedOut)
    let pooler = try pooler(.transaction)
    defer { pooler.stop() }
    let refused = await run("postgresql://pooled_app:wrong-s3cret@127.0.0.1:\(pooler.port)/surround_pooled")
    #expect(refused.error?.kind == .denied)
    #expect("\(refused.outcome as Any) \(refused.results.map(\.checks))".contains("wrong-s3cret") == false)
  }

  @Test func `it runs only where that is allowed`() async throws {
    let ran = await run("postgresql://127.0.0.1:1/x", allow: [])
    #expect(ran.error == nil)
    if case .skipped = ran.outcome {} else { Issue.record("\(String(describing: ran.outcome))") }
  }
}
