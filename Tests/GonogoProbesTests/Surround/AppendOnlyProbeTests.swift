import GonogoCore
import GonogoTestSupport
import Testing

@testable import GonogoProbes

@Suite(.enabled(if: EphemeralPostgres.isAvailable, Comment(rawValue: EphemeralPostgres.reason)))
struct AppendOnlyProbeTests {
  /// A database with an audit table that only grows under `audit_app`, and then `sql`.
  private func database(_ name: String, _ sql: String = "") throws -> String {
    try EphemeralPostgres.shared().createDatabase(
      named: name,
      sql: """
        SET client_min_messages = error;
        DO $$ BEGIN
          IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'audit_app') THEN
            CREATE ROLE audit_app LOGIN PASSWORD 'audit-w0rd'; CREATE ROLE audit_owner LOGIN; CREATE ROLE audit_reader;
            CREATE ROLE audit_member LOGIN IN ROLE audit_owner;
          END IF;
        END $$;
        CREATE TABLE audit_log (id bigserial PRIMARY KEY, created_at timestamptz NOT NULL DEFAULT now(), actor_id uuid NOT NULL,
          action varchar(20) NOT NULL, ip inet, user_agent text, request_id text, before jsonb, after jsonb);
        ALTER TABLE audit_log OWNER TO audit_owner;
        GRANT INSERT ON audit_log TO audit_app;
        GRANT SELECT ON audit_log TO audit_reader;
        \(sql)
        """)
  }

  private func run(_ url: String, _ rest: String = "", expect: String = "") async -> ProbeBench.Ran {
    await ProbeBench.run(
      binding: "append_only:\n  table: audit_log\n  database: '\(url)'\n\(rest)\ntimeout: 20s\n\(expect)")
  }

  private func faults(_ ran: ProbeBench.Ran) -> [String] {
    (ran.facts["faults"]?.arrayValue ?? []).map {
      "\($0["role"]?.stringValue ?? "") \($0["attempt"]?.stringValue ?? "")"
    }
  }

  private let guarded = """
    CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'entries are kept'; END $$;
    CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION keep();
    CREATE TRIGGER keep_all BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION keep();
    """

  @Test func `a table that only grows passes, and is as it was`() async throws {
    let url = try database("ao_good")
    let ran = await run(url)
    #expect(ran.outcome == .passed, "\(String(describing: ran.outcome)) \(ran.facts)")
    #expect(ran.witness["roles"] == 2 && ran.witness["controls"] == 1)
    let states = try #require(ran.facts["roles"]?["audit_app"]?.objectValue)
    #expect(states.count == 6 && states.values.allSatisfy { $0["state"] == "refused" }, "\(states)")
    #expect(
      try EphemeralPostgres.shared().run(
        "SELECT count(*), (SELECT last_value || is_called::text FROM audit_log_id_seq) FROM audit_log",
        database: "ao_good")
        == "0|1false")
  }

  @Test(arguments: [
    ("update", "GRANT UPDATE ON audit_log TO audit_app", ["audit_app UPDATE"]),
    ("column", "GRANT UPDATE (user_agent) ON audit_log TO audit_app", ["audit_app UPDATE"]),
    ("delete", "GRANT DELETE ON audit_log TO audit_app", ["audit_app DELETE"]),
    ("truncate", "GRANT TRUNCATE ON audit_log TO audit_app", ["audit_app TRUNCATE"]),
    ("reader", "GRANT DELETE ON audit_log TO audit_reader", ["audit_reader DELETE"]),
    (
      "public", "GRANT DELETE, UPDATE ON audit_log TO PUBLIC; REVOKE ALL ON audit_log FROM audit_reader",
      ["audit_app DELETE", "audit_app UPDATE", "public DELETE", "public UPDATE"]
    ),
    ("schema", "ALTER SCHEMA public OWNER TO audit_app", ["audit_app DROP"]),
    ("member", "GRANT INSERT ON audit_log TO audit_member", ["audit_member owner_membership"]),
    (
      "owner",
      "ALTER TABLE audit_log OWNER TO audit_app; GRANT INSERT ON audit_log TO audit_member; REVOKE audit_owner FROM audit_member",
      []
    ),
  ])
  func `each right too many is found, and only it`(name: String, sql: String, expected: [String]) async throws {
    let url = try database("ao_\(name)", sql)
    defer { _ = try? EphemeralPostgres.shared().run("GRANT audit_owner TO audit_member", database: "postgres") }
    let ran = await run(url)
    #expect(faults(ran).sorted() == expected, "\(String(describing: ran.outcome)) \(ran.facts)")
    #expect(ran.mismatches.map(\.path) == (expected.isEmpty ? [] : ["faults"]))
  }

  @Test func `who logs in as the owner or as a superuser is said`() async throws {
    let url = try database("ao_login")
    let owner = await run(url, "  application: 'postgresql://audit_owner@127.0.0.1:1/ao_login'")
    #expect(faults(owner) == ["audit_owner ownership"])
    let superuser = await run(url, "  roles: [postgres]")
    #expect(faults(superuser) == ["postgres superuser"])
    let alone = try database("ao_alone", "REVOKE ALL ON audit_log FROM audit_app, audit_reader")
    #expect(faults(await run(alone)) == ["audit_owner ownership"])
  }

  @Test func `triggers refuse; switched off by replication role, they do not`() async throws {
    let rights = "GRANT UPDATE, DELETE, TRUNCATE ON audit_log TO audit_app;"
    let held = try database("ao_trigger", rights + guarded)
    let ran = await run(held)
    #expect(ran.outcome == .passed, "\(String(describing: ran.outcome)) \(ran.facts)")
    #expect(ran.facts["roles"]?["audit_app"]?["UPDATE"]?["reason"] == "a trigger says: entries are kept")
    let silenced = try database(
      "ao_replica", rights + guarded + "GRANT SET ON PARAMETER session_replication_role TO audit_app;")
    defer {
      _ = try? EphemeralPostgres.shared().run(
        "REVOKE SET ON PARAMETER session_replication_role FROM audit_app", database: "postgres")
    }
    #expect(faults(await run(silenced)) == ["audit_app session_replication_role"])
    let always = try database(
      "ao_always",
      rights + guarded
        + "ALTER TABLE audit_log ENABLE ALWAYS TRIGGER keep; ALTER TABLE audit_log ENABLE ALWAYS TRIGGER keep_all;")
    #expect(await run(always).outcome == .passed)
    // A trigger that looks at one column only lets the others through.
    let narrow = try database(
      "ao_narrow",
      "GRANT UPDATE ON audit_log TO audit_app;"
        + guarded.replacing("BEFORE UPDATE OR DELETE", with: "BEFORE UPDATE OF actor_id OR DELETE"))
    #expect(faults(await run(narrow)) == ["audit_app UPDATE"])
  }

  @Test func `what succeeds and does nothing is neither refused nor done`() async throws {
    let rights = "GRANT UPDATE, DELETE ON audit_log TO audit_app;"
    let rules = try database(
      "ao_rules",
      rights
        + "CREATE RULE u AS ON UPDATE TO audit_log DO INSTEAD NOTHING; CREATE RULE d AS ON DELETE TO audit_log DO INSTEAD NOTHING;"
    )
    let ran = await run(rules)
    #expect(ran.outcome == .passed, "\(String(describing: ran.outcome)) \(ran.facts)")
    #expect(ran.facts["roles"]?["audit_app"]?["UPDATE"]?["state"] == "no_effect")
    let closed = try database(
      "ao_rls",
      rights
        + "ALTER TABLE audit_log ENABLE ROW LEVEL SECURITY; CREATE POLICY w ON audit_log FOR INSERT WITH CHECK (true); CREATE POLICY r ON audit_log FOR SELECT USING (true);"
    )
    let row = await run(closed)
    #expect(row.outcome == .passed, "\(String(describing: row.outcome)) \(row.facts)")
    #expect(row.facts["roles"]?["audit_app"]?["DELETE"]?["reason"] == "no policy lets DELETE see a row")
    // A policy that hides just the entry that is tried proves nothing of the others.
    let hidden = try database(
      "ao_hidden",
      rights
        + "ALTER TABLE audit_log ENABLE ROW LEVEL SECURITY; CREATE POLICY w ON audit_log FOR INSERT WITH CHECK (true); CREATE POLICY r ON audit_log USING (action = 'mine');"
    )
    let unproven = await run(hidden)
    #expect(unproven.error?.kind == .vacuous, "\(String(describing: unproven.outcome)) \(unproven.facts)")
  }

  @Test func `a right on a partition is a right on its entries`() async throws {
    let sql = """
      DROP TABLE audit_log;
      CREATE TABLE audit_log (id bigint NOT NULL, at timestamptz NOT NULL DEFAULT now(), action text NOT NULL) PARTITION BY RANGE (id);
      CREATE TABLE audit_log_all PARTITION OF audit_log DEFAULT;
      ALTER TABLE audit_log OWNER TO audit_owner; ALTER TABLE audit_log_all OWNER TO audit_owner;
      GRANT INSERT ON audit_log TO audit_app;
      """
    #expect(await run(try database("ao_part", sql)).outcome == .passed)
    let open = await run(try database("ao_part_open", sql + "GRANT DELETE ON audit_log_all TO audit_app;"))
    #expect(faults(open) == ["audit_app DELETE"], "\(open.facts)")
    #expect(open.facts["faults"]?[0]?["table"] == "audit_log_all")
  }

  @Test func `a role that can write nothing proves nothing`() async throws {
    let url = try database("ao_mute", "REVOKE INSERT ON audit_log FROM audit_app")
    #expect(await run(url).error?.kind == .control)
    let named = await run(try database("ao_named"), "  roles: [audit_reader]")
    #expect(named.error?.kind == .control)
    #expect(named.error?.message.contains("'audit_reader' cannot write an entry") == true)
    let swallowed = await run(
      try database(
        "ao_swallow",
        "CREATE FUNCTION gone() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER gone BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION gone();"
      ))
    #expect(swallowed.error?.kind == .control)
    #expect(swallowed.error?.message.contains("taken without a word") == true)
  }

  @Test func `entries written by a function are judged the same`() async throws {
    let writer = """
      REVOKE INSERT ON audit_log FROM audit_app;
      CREATE FUNCTION log_it(what text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public AS
        $$ INSERT INTO audit_log (actor_id, action) VALUES (gen_random_uuid(), what) $$;
      ALTER FUNCTION log_it OWNER TO audit_owner;
      """
    let insert = "  roles: [audit_app]\n  insert: SELECT log_it('gonogo')"
    let good = await run(try database("ao_writer", writer), insert)
    #expect(good.outcome == .passed, "\(String(describing: good.outcome)) \(good.facts)")
    let bad = await run(try database("ao_writer_bad", writer + "GRANT DELETE ON audit_log TO audit_app"), insert)
    #expect(faults(bad) == ["audit_app DELETE"])
  }

  // MARK: Entries

  @Test func `entries that say everything pass; what one does not say is found`() async throws {
    let full =
      "INSERT INTO audit_log (actor_id, action, ip, user_agent, request_id, before, after) VALUES (gen_random_uuid(), 'change', '10.0.0.1', 'agent', 'r-1', '{\"a\":1}', '{\"a\":2}');"
    let good = await run(try database("ao_entries", full), "  entries: true")
    #expect(good.outcome == .passed, "\(String(describing: good.outcome)) \(good.facts)")
    #expect(good.witness["entries"] == 1)
    let poor =
      full
      + "INSERT INTO audit_log (actor_id, action, ip, user_agent, request_id, before, after) VALUES (gen_random_uuid(), 'change', NULL, ' ', 'r-2', 'null', '{\"a\":2}');"
    let url = try database("ao_entries_poor", poor)
    let bad = await run(url, "  entries: true")
    #expect(bad.mismatches.map(\.path) == ["entries.missing"], "\(String(describing: bad.outcome))")
    #expect(
      bad.facts["entries"]?["missing"]?.arrayValue?.compactMap { $0["field"]?.stringValue } == [
        "ip", "user_agent", "before",
      ])
    let chosen = await run(
      url, "  entries: { columns: { actor: actor_id, change: \"after->>'a'\" }, where: \"action = 'change'\" }")
    #expect(chosen.outcome == .passed, "\(String(describing: chosen.outcome)) \(chosen.diagnostics)")
    let first = await run(url, "  entries: { columns: [ip], order_by: id, latest: 1 }")
    #expect(first.facts["entries"]?["rows"] == 1 && first.mismatches.count == 1)
  }

  @Test func `no entry at all, or no column for it, is no pass`() async throws {
    let url = try database("ao_entries_none")
    let none = await run(url, "  entries: true")
    #expect(none.error?.kind == .vacuous)
    #expect(none.error?.message.contains("there is no entry to look at") == true)
    let column = await run(
      try database(
        "ao_entries_column",
        "ALTER TABLE audit_log DROP COLUMN request_id; INSERT INTO audit_log (actor_id, action) VALUES (gen_random_uuid(), 'x');"
      ),
      "  entries: { columns: [request_id] }")
    #expect(column.facts["entries"]?["missing"]?[0]?["column"] == .null)
    #expect(column.mismatches.map(\.path) == ["entries.missing"])
  }

  // MARK: No finding

  @Test func `what is not there, not allowed, locked or hung is no finding`() async throws {
    let url = try database("ao_none")
    let table = await ProbeBench.run(binding: "append_only: { table: nowhere, database: '\(url)' }")
    #expect(table.error?.kind == .missing)
    #expect(await run(url, "  roles: [nobody_here]").error?.kind == .missing)
    let server = try EphemeralPostgres.shared()
    let weak = await run(server.url(database: "ao_none", user: "audit_app", password: "audit-w0rd"))
    #expect(weak.error?.kind == .denied, "\(String(describing: weak.outcome))")
    #expect(await run("postgresql://a:b@127.0.0.1:\(GuardedProcess.freePort())/x").error?.kind == .unreachable)
    let deadline = PostgresDeadline(milliseconds: 10_000)
    let target = try PostgresTarget(Rendered(plain: url), redactor: Redactor())
    let holder = try SQLClient(target, deadline: deadline, redactor: Redactor())
    try holder.run("BEGIN; LOCK TABLE audit_log", deadline)
    let locked = await run(url, "  lock_timeout: 100ms")
    #expect(locked.error?.kind == .timedOut, "\(String(describing: locked.outcome))")
    #expect(locked.error?.message.contains("waited for a lock") == true)
    try holder.run("ROLLBACK", deadline)
    let hung = try HostilePeer(.hung)
    defer { hung.stop() }
    let late = await ProbeBench.run(
      binding: "append_only: { table: t, database: 'postgresql://a:b@127.0.0.1:\(hung.port)/x' }\ntimeout: 600ms")
    #expect(late.error?.kind == .timedOut)
    try server.run("ALTER DATABASE ao_none SET default_transaction_read_only = on", database: "postgres")
    // The transaction says READ WRITE itself; only a replica cannot.
    #expect(await run(url).outcome == .passed)
  }
}
