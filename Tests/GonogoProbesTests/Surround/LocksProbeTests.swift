import GonogoCore
import GonogoProbes
import GonogoTestSupport
import Testing

@Suite(.enabled(if: EphemeralPgBouncer.isAvailable, Comment(rawValue: EphemeralPgBouncer.reason)))
struct LocksProbeTests {
  private func database(_ name: String, _ sql: String = "") throws -> String {
    try EphemeralPostgres.shared().createDatabase(named: name, sql: sql)
  }

  private func run(_ url: String, _ rest: String = "") async -> ProbeBench.Ran {
    await ProbeBench.run(
      binding: "locks:\n  database: '\(url)'\n  within: 500ms\n\(rest)\ntimeout: 20s", allow: [.writes])
  }

  private func faults(_ ran: ProbeBench.Ran) -> [String] {
    (ran.facts["faults"]?.arrayValue ?? []).compactMap { $0["kind"]?.stringValue }
  }

  private let wrappers = """
    CREATE FUNCTION try_lock_job(key bigint) RETURNS boolean LANGUAGE sql AS 'SELECT pg_try_advisory_lock(key)';
    CREATE FUNCTION unlock_job(key bigint) RETURNS boolean LANGUAGE sql AS 'SELECT pg_advisory_unlock(key)';
    """
  private let calls = "  acquire: SELECT try_lock_job($key)\n  release: SELECT unlock_job($key)"

  @Test func `PostgreSQL's own locks hold, and need no leave`() async throws {
    let url = try database("locks_own")
    let ran = await ProbeBench.run(binding: "locks: '\(url)'\ntimeout: 20s")
    #expect(ran.outcome == .passed, "\(String(describing: ran.outcome))")
    #expect(ran.facts["advisory"] == true && ran.facts["waits"] == false)
    #expect(ran.witness["contests"] == 3 && ran.witness["wins"] == 4, "\(ran.witness)")
    let blocking = await run(
      url, "  acquire: SELECT pg_advisory_lock($key)\n  release: SELECT pg_advisory_unlock($key)")
    #expect(blocking.outcome == .passed, "\(String(describing: blocking.outcome))")
    #expect(blocking.facts["waits"] == true)
    let transaction = await run(url, "  acquire: SELECT pg_try_advisory_xact_lock($key)")
    #expect(transaction.outcome == .passed, "\(String(describing: transaction.outcome))")
  }

  @Test func `functions of the application's own hold, with a key of any type`() async throws {
    let url = try database(
      "locks_wrapped",
      wrappers + """
        CREATE FUNCTION try_lock_name(name text) RETURNS boolean LANGUAGE sql AS 'SELECT pg_try_advisory_lock(hashtext(name))';
        CREATE FUNCTION unlock_name(name text) RETURNS boolean LANGUAGE sql AS 'SELECT pg_advisory_unlock(hashtext(name))';
        """)
    #expect(await run(url, calls).outcome == .passed)
    let named = await run(
      url, "  acquire: SELECT try_lock_name($key)\n  release: SELECT unlock_name($key)\n  key: \"it's a gonogo check\"")
    #expect(named.outcome == .passed, "\(String(describing: named.outcome)) \(named.diagnostics)")
  }

  @Test(arguments: [
    (
      "always", "CREATE OR REPLACE FUNCTION try_lock_job(key bigint) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
      "both_won"
    ),
    (
      "transaction",
      "CREATE OR REPLACE FUNCTION try_lock_job(key bigint) RETURNS boolean LANGUAGE sql AS 'SELECT pg_try_advisory_xact_lock(key)'",
      "both_won"
    ),
    (
      "otherkey",
      "CREATE OR REPLACE FUNCTION unlock_job(key bigint) RETURNS boolean LANGUAGE sql AS 'SELECT pg_advisory_unlock(key + 1)'",
      "not_released"
    ),
    (
      "pretends", "CREATE OR REPLACE FUNCTION unlock_job(key bigint) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
      "not_released"
    ),
    (
      "row",
      """
      CREATE TABLE job_locks (key bigint PRIMARY KEY);
      CREATE OR REPLACE FUNCTION try_lock_job(key bigint) RETURNS boolean LANGUAGE sql AS
        'WITH new AS (INSERT INTO job_locks VALUES ($1) ON CONFLICT DO NOTHING RETURNING 1) SELECT EXISTS (SELECT FROM new)';
      CREATE OR REPLACE FUNCTION unlock_job(key bigint) RETURNS boolean LANGUAGE sql AS
        'WITH old AS (DELETE FROM job_locks WHERE job_locks.key = $1 RETURNING 1) SELECT EXISTS (SELECT FROM old)'
      """, "outlives_holder"
    ),
    ("gone", "DROP FUNCTION try_lock_job(bigint)", "missing_function"),
    (
      "endless",
      "CREATE OR REPLACE FUNCTION try_lock_job(key bigint) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN try_lock_job(key); END'",
      "recurses"
    ),
  ])
  func `each fault is found, and only it`(name: String, sql: String, kind: String) async throws {
    let url = try database("locks_\(name)", wrappers + sql)
    let ran = await run(url, calls)
    #expect(faults(ran) == [kind], "\(String(describing: ran.outcome)) \(ran.facts)")
    #expect(ran.mismatches.map(\.path) == ["faults"])
    #expect(ran.facts["left"]?.arrayValue?.isEmpty == true)
    if name == "row" {
      #expect(try EphemeralPostgres.shared().run("SELECT count(*) FROM job_locks", database: "locks_row") == "0")
    }
  }

  @Test func `through a pool in transaction mode a session's lock fails, and a transaction's holds`() async throws {
    let url = try database("locks_pooled", wrappers)
    let server = try EphemeralPostgres.shared()
    let pooler = try EphemeralPgBouncer(server, mode: .transaction)
    defer { pooler.stop() }
    let through = "  pooler: '\(pooler.url(database: "locks_pooled"))'"
    let session = await run(url, "\(calls)\n\(through)")
    #expect(faults(session) == ["pooler_both_won", "pooler_outlives_client"], "\(String(describing: session.outcome))")
    #expect(session.facts["left"]?.arrayValue?.isEmpty == true)
    #expect(
      try server.run("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'", database: "locks_pooled") == "0")
    let transaction = await run(url, "  acquire: SELECT pg_try_advisory_xact_lock($key)\n\(through)")
    #expect(transaction.outcome == .passed, "\(String(describing: transaction.outcome))")
    #expect(transaction.facts["pooler"]?["both_won"] == false)
    let sessions = try EphemeralPgBouncer(server, mode: .session)
    defer { sessions.stop() }
    let apart = await run(url, "\(calls)\n  attempts: 2\n  pooler: '\(sessions.url(database: "locks_pooled"))'")
    #expect(apart.outcome == .passed, "\(String(describing: apart.outcome)) \(apart.facts)")
    let keeps = try EphemeralPgBouncer(server, mode: .session, settings: ["server_reset_query ="])
    defer { keeps.stop() }
    let kept = await run(url, "\(calls)\n  attempts: 2\n  pooler: '\(keeps.url(database: "locks_pooled"))'")
    #expect(faults(kept) == ["pooler_outlives_client"], "\(String(describing: kept.outcome)) \(kept.facts)")
    #expect(
      try server.run("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'", database: "locks_pooled") == "0")
  }

  @Test func `functions that stand in for PostgreSQL's are found and named`() async throws {
    let own = try database(
      "locks_shadow",
      """
      CREATE FUNCTION pg_try_advisory_lock(lock_id bigint) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
        AS 'BEGIN RETURN pg_try_advisory_lock($1); END';
      CREATE FUNCTION pg_advisory_unlock(lock_id integer) RETURNS boolean LANGUAGE sql AS 'SELECT true';
      CREATE TYPE money_amount AS (n numeric);
      CREATE FUNCTION abs(money_amount) RETURNS money_amount LANGUAGE sql AS 'SELECT $1';
      CREATE FUNCTION set_updated_at() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
      CREATE FUNCTION length(a text, b text, c text) RETURNS int LANGUAGE sql AS 'SELECT 1';
      """)
    let ran = await run(own)
    #expect(ran.mismatches.map(\.path) == ["shadows"], "\(String(describing: ran.outcome))")
    let shadows = ran.facts["shadows"]?.arrayValue ?? []
    #expect(
      shadows.map { $0["function"]?.stringValue } == [
        "public.pg_advisory_unlock(lock_id integer)", "public.pg_try_advisory_lock(lock_id bigint)",
      ])
    #expect(shadows.map { $0["wins"] } == [true, false])
    #expect(shadows.last?["definer"] == true && shadows.last?["callers"] == ["public"])
    // What is meant is named with a reason, and turns the line green.
    let meant = await run(
      own,
      """
        allow:
          - "public.pg_try_advisory_lock(bigint): called as a remote procedure"
          - "public.pg_advisory_unlock(integer): called as a remote procedure"
      """)
    #expect(meant.outcome == .passed, "\(String(describing: meant.outcome)) \(meant.diagnostics)")
    // Where public comes first, now() itself is another.
    let first = try database(
      "locks_first", "CREATE FUNCTION now() RETURNS timestamptz LANGUAGE sql AS 'SELECT timestamptz ''epoch'''")
    let quiet = await run(first)
    #expect(quiet.facts["shadows"]?[0]?["wins"] == false)
    try EphemeralPostgres.shared().run(
      "ALTER DATABASE locks_first SET search_path = public, pg_catalog", database: "postgres")
    let loud = await run(first)
    #expect(loud.facts["shadows"]?[0]?["wins"] == true)
    #expect(loud.facts["shadows"]?[0]?["function"] == "public.now()")
  }

  @Test func `a lock that somebody else holds proves nothing`() async throws {
    let url = try database(
      "locks_held",
      wrappers + "CREATE OR REPLACE FUNCTION try_lock_job(key bigint) RETURNS boolean LANGUAGE sql AS 'SELECT false'")
    let ran = await run(url, calls)
    #expect(ran.error?.kind == .control)
  }

  @Test func `misuse is found while planning`() async throws {
    let release = await run("postgresql://x/y", "  acquire: SELECT f($key)")
    #expect(release.diagnostics.contains { $0.message.contains("`acquire` needs `release`") })
    let reason = await run("postgresql://x/y", "  allow: [\"public.now()\"]")
    #expect(reason.diagnostics.contains { $0.message.contains("and a reason") })
    let key = await run("postgresql://x/y", "  acquire: SELECT f(1)\n  release: SELECT g(1)\n  key: 7")
    #expect(key.diagnostics.contains { $0.message.contains("no place for the key") })
  }

  @Test func `a server or a pooler that is not there, or hangs, is no finding`() async throws {
    let port = GuardedProcess.freePort()
    let gone = await run("postgresql://a:b@127.0.0.1:\(port)/x")
    #expect(gone.error?.kind == .unreachable)
    let url = try database("locks_nopooler")
    let half = await run(url, "  pooler: 'postgresql://a:b@127.0.0.1:\(port)/x'")
    #expect(half.error?.kind == .unreachable)
    let hung = try HostilePeer(.hung)
    defer { hung.stop() }
    let late = await ProbeBench.run(binding: "locks: 'postgresql://a:b@127.0.0.1:\(hung.port)/x'\ntimeout: 600ms")
    #expect(late.error?.kind == .timedOut)
    let sleeping = try database(
      "locks_sleep",
      wrappers
        + "CREATE OR REPLACE FUNCTION try_lock_job(key bigint) RETURNS boolean LANGUAGE sql AS 'SELECT pg_sleep(20) IS NULL'"
    )
    let slow = await ProbeBench.run(
      binding: "locks:\n  database: '\(sleeping)'\n\(calls)\ntimeout: 800ms", allow: [.writes])
    #expect(slow.error?.kind == .timedOut)
  }
}
