import GonogoCore
import GonogoProbes
import GonogoSystem
import GonogoTestSupport
import Testing

@Suite(.enabled(if: EphemeralPostgres.isAvailable, Comment(rawValue: EphemeralPostgres.reason)))
struct IsolationProbeTests {
  /// A database with a table of a schema's, and a superuser's URI for it.
  private func database(_ name: String, _ sql: String) throws -> String {
    let server = try EphemeralPostgres.shared()
    return try server.createDatabase(
      named: name,
      sql: """
        SET client_min_messages = error;
        DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'desk_app') THEN CREATE ROLE desk_app LOGIN PASSWORD 'desk-w0rd'; END IF; END $$;
        CREATE TABLE tickets (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL, title text NOT NULL);
        GRANT SELECT, INSERT, UPDATE, DELETE ON tickets TO desk_app;
        \(sql)
        """)
  }
  private let guarded =
    "ALTER TABLE tickets ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON tickets USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);"

  @Test func `tenants that are kept apart pass, with a witness`() async throws {
    let url = try database("iso_safe", guarded)
    let ran = await ProbeBench.run(binding: "isolation: '\(url)'\ntimeout: 30s")
    #expect(ran.outcome == .passed, "\(String(describing: ran.outcome))")
    #expect(ran.witness["tables"] == 1)
    #expect((ran.witness["controls"] ?? 0) > 3)
    #expect(ran.facts["untouched"]?["equal"] == true)
    #expect(ran.facts["coverage"] == .number(100))
    #expect(ran.facts["model"]?["tenant_key"] == "tenant_id")
    #expect(ran.facts["matrix"]?["tickets"]?["SELECT"]?["member"]?["state"] == "safe")
  }

  @Test func `a table without row security fails`() async throws {
    let url = try database("iso_open", "")
    let ran = await ProbeBench.run(binding: "isolation: '\(url)'\ntimeout: 30s")
    #expect(ran.mismatches.map(\.path) == ["leaks"])
    let leak = ran.facts["leaks"]?[0]
    #expect(leak?["table"] == "tickets")
    #expect(leak?["mend"]?.stringValue?.contains("ENABLE ROW LEVEL SECURITY") == true)
    #expect(leak?["transcript"]?.stringValue?.hasSuffix("ROLLBACK;\n") == true)
  }

  /// The mend that is printed is one: applied, it turns the line green.
  @Test func `the mend closes the leak`() async throws {
    let url = try database(
      "iso_mend",
      "ALTER TABLE tickets ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON tickets USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid); CREATE POLICY wide ON tickets FOR SELECT USING (true);"
    )
    let before = await ProbeBench.run(binding: "isolation: '\(url)'\ntimeout: 30s")
    #expect(before.mismatches.map(\.path) == ["leaks"])
    let mend = try #require(before.facts["leaks"]?[0]?["mend"]?.stringValue)
    #expect(before.facts["leaks"]?[0]?["policies"] == ["wide"])
    _ = try EphemeralPostgres.shared().run(mend, database: "iso_mend")
    let after = await ProbeBench.run(binding: "isolation: '\(url)'\ntimeout: 30s")
    #expect(after.outcome == .passed, "\(mend) \(String(describing: after.outcome))")
  }

  @Test func `what is open by design is allowed with a reason, and only that`() async throws {
    let url = try database("iso_allow", guarded + "CREATE POLICY wide ON tickets FOR SELECT USING (true);")
    let allowed = await ProbeBench.run(
      binding: "isolation:\n  database: '\(url)'\n  allow: ['tickets SELECT: a public board']\ntimeout: 30s")
    #expect(allowed.outcome == .passed, "\(String(describing: allowed.outcome))")
    #expect(allowed.facts["allowed"]?[0]?["reason"] == "a public board")
    let other = await ProbeBench.run(
      binding: "isolation:\n  database: '\(url)'\n  allow: ['tickets DELETE: nonsense']\ntimeout: 30s")
    #expect(other.mismatches.map(\.path) == ["leaks"])
  }

  @Test func `an allowance without a reason is refused while planning`() async {
    let ran = await ProbeBench.run(binding: "isolation:\n  database: postgresql://x/y\n  allow: ['plans SELECT anon']")
    #expect(ran.diagnostics.contains { $0.message.contains("a reason") })
  }

  @Test func `a role that bypasses row security is a false premise`() async throws {
    let url = try database(
      "iso_bypass",
      guarded
        + "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'desk_root') THEN CREATE ROLE desk_root BYPASSRLS; END IF; END $$; GRANT ALL ON tickets TO desk_root;"
    )
    let ran = await ProbeBench.run(
      binding: "isolation:\n  database: '\(url)'\n  model: { roles: { member: desk_root } }\ntimeout: 30s")
    #expect(ran.error?.kind == .configuration)
    #expect(ran.error?.message.contains("BYPASSRLS") == true)
  }

  @Test func `a connection that may not become the application is refused`() async throws {
    let url = try database(
      "iso_setrole",
      guarded
        + "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'desk_viewer') THEN CREATE ROLE desk_viewer LOGIN BYPASSRLS PASSWORD 'desk-w0rd'; END IF; END $$; GRANT SELECT ON tickets TO desk_viewer;"
    )
    _ = url
    let server = try EphemeralPostgres.shared()
    let ran = await ProbeBench.run(
      binding:
        "isolation:\n  database: '\(server.url(database: "iso_setrole", user: "desk_viewer", password: "desk-w0rd"))'\n  model: { roles: { member: desk_app } }\ntimeout: 30s"
    )
    #expect(ran.error?.kind == .denied, "\(String(describing: ran.outcome))")
    #expect(ran.error?.message.contains("SET ROLE") == true)
    #expect(ran.error?.mend == "GRANT desk_app TO desk_viewer")
  }

  @Test func `a database without tenants proves nothing`() async throws {
    let server = try EphemeralPostgres.shared()
    let url = try server.createDatabase(named: "iso_empty", sql: "CREATE TABLE colours (name text PRIMARY KEY);")
    let ran = await ProbeBench.run(binding: "isolation: '\(url)'\ntimeout: 30s")
    #expect(ran.error?.kind == .vacuous)
  }

  @Test func `the tenant's key and how the caller is named can be said`() async throws {
    let server = try EphemeralPostgres.shared()
    let sql = """
      SET client_min_messages = error;
      DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'desk_app') THEN CREATE ROLE desk_app LOGIN; END IF; END $$;
      CREATE TABLE parcels (id int PRIMARY KEY, depot text NOT NULL, label text);
      GRANT SELECT, INSERT, UPDATE, DELETE ON parcels TO desk_app;
      ALTER TABLE parcels ENABLE ROW LEVEL SECURITY;
      CREATE POLICY own ON parcels USING (depot = current_setting('x.y', true));
      """
    let url = try server.createDatabase(named: "iso_declared", sql: sql)
    let guessed = await ProbeBench.run(binding: "isolation: '\(url)'\ntimeout: 30s")
    #expect(guessed.error?.kind == .vacuous)
    let told = await ProbeBench.run(
      binding:
        "isolation:\n  database: '\(url)'\n  model: { tenant_key: depot, identity: { settings: { x.y: '${tenant}' } } }\ntimeout: 30s"
    )
    #expect(told.outcome == .passed, "\(String(describing: told.outcome)) \(told.diagnostics)")
  }

  @Test func `a lock that another session holds is nothing proven, and no verdict`() async throws {
    let url = try database("iso_locked", guarded)
    let server = try EphemeralPostgres.shared()
    let holder = Task.detached {
      _ = try? server.run(
        "BEGIN; LOCK TABLE tickets IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(3); ROLLBACK;", database: "iso_locked")
    }
    while try server.run(
      "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = 'tickets'::regclass",
      database: "iso_locked") != "1"
    {}
    let ran = await ProbeBench.run(binding: "isolation:\n  database: '\(url)'\n  lock_timeout: 100ms\ntimeout: 20s")
    #expect(ran.error != nil, "\(String(describing: ran.outcome))")
    await holder.value
  }

  @Test func `a large table is not gone through`() async throws {
    let url = try database(
      "iso_large",
      "ALTER TABLE tickets ENABLE ROW LEVEL SECURITY; CREATE POLICY r ON tickets FOR SELECT USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid); CREATE POLICY i ON tickets FOR INSERT WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid); CREATE POLICY u ON tickets FOR UPDATE USING (true); CREATE POLICY d ON tickets FOR DELETE USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid); INSERT INTO tickets (tenant_id, title) SELECT gen_random_uuid(), 'x' FROM generate_series(1, 30000); ANALYZE tickets;"
    )
    let ran = await ProbeBench.run(binding: "isolation: '\(url)'\ntimeout: 30s")
    #expect(ran.mismatches.map(\.path) == ["leaks"])
    #expect(ran.facts["leaks"]?.arrayValue?.allSatisfy { $0["command"] == "UPDATE" } == true)
    #expect(ran.facts["untouched"]?["too_large_to_compare"] == ["public.tickets"])
  }

  @Test func `a large table that was never analysed is known by its size`() async throws {
    let url = try database(
      "iso_unanalysed",
      guarded
        + "ALTER TABLE tickets SET (autovacuum_enabled = off); INSERT INTO tickets (tenant_id, title) SELECT gen_random_uuid(), 'x' FROM generate_series(1, 120000);"
    )
    let server = try EphemeralPostgres.shared()
    let before = try server.run(
      "SELECT reltuples::int8 || ' ' || pg_stat_get_tuples_returned('tickets'::regclass) FROM pg_class WHERE relname = 'tickets'",
      database: "iso_unanalysed")
    #expect(before == "-1 0")
    let ran = await ProbeBench.run(binding: "isolation: '\(url)'\ntimeout: 30s")
    #expect(ran.outcome == .passed, "\(String(describing: ran.outcome))")
    #expect(ran.facts["untouched"]?["too_large_to_compare"] == ["public.tickets"])
    #expect(ran.facts["untouched"]?["transaction"] == "aborted")
    // What a sequential scan returns is counted by the server.
    let read = try server.run(
      "SELECT pg_stat_get_tuples_returned('tickets'::regclass) < 5000", database: "iso_unanalysed")
    #expect(read == "t")
  }

  @Test func `a partitioned table is as large as its partitions`() async throws {
    let url = try database(
      "iso_partitions",
      guarded
        + """
        CREATE TABLE events (id bigint, tenant_id uuid NOT NULL, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2000-01-01') TO ('2100-01-01');
        ALTER TABLE events ENABLE ROW LEVEL SECURITY; GRANT SELECT, INSERT, UPDATE, DELETE ON events TO desk_app;
        CREATE POLICY own ON events USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
        INSERT INTO events SELECT n, gen_random_uuid(), '2026-01-01' FROM generate_series(1, 120000) n;
        """)
    let ran = await ProbeBench.run(binding: "isolation: '\(url)'\ntimeout: 30s")
    #expect(ran.outcome == .passed, "\(String(describing: ran.outcome))")
    #expect(ran.facts["untouched"]?["too_large_to_compare"] == ["public.events"])
  }

  @Test func `a large table without a key is not proven, and says why`() async throws {
    let url = try database(
      "iso_keyless",
      guarded
        + """
        CREATE TABLE log (tenant_id uuid NOT NULL, line text NOT NULL);
        ALTER TABLE log ENABLE ROW LEVEL SECURITY; GRANT SELECT, INSERT ON log TO desk_app;
        CREATE POLICY own ON log USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
        INSERT INTO log SELECT gen_random_uuid(), 'x' FROM generate_series(1, 120000);
        """)
    let ran = await ProbeBench.run(binding: "isolation: '\(url)'\ntimeout: 30s")
    #expect(ran.mismatches.map(\.path) == ["unproven"])
    #expect(ran.facts["unproven"]?[0]?["reason"]?.stringValue?.contains("no key") == true)
  }

  /// To empty a small table goes through every table that points at it.
  @Test func `a small table is not emptied where a large one hangs on it`() async throws {
    let url = try database(
      "iso_cascade",
      """
      CREATE TABLE projects (id bigint PRIMARY KEY, tenant_id uuid NOT NULL);
      CREATE TABLE items (id bigint PRIMARY KEY, project_id bigint NOT NULL REFERENCES projects ON DELETE CASCADE);
      CREATE INDEX ON items (project_id);
      GRANT SELECT, INSERT, UPDATE, DELETE ON projects, items TO desk_app;
      ALTER TABLE projects ENABLE ROW LEVEL SECURITY; ALTER TABLE items ENABLE ROW LEVEL SECURITY;
      CREATE POLICY own ON projects FOR SELECT USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
      CREATE POLICY i ON projects FOR INSERT WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
      CREATE POLICY u ON projects FOR UPDATE USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
      CREATE POLICY d ON projects FOR DELETE USING (true);
      CREATE POLICY own ON items USING (EXISTS (SELECT FROM projects p WHERE p.id = project_id));
      INSERT INTO projects VALUES (1, gen_random_uuid());
      INSERT INTO items SELECT n, 1 FROM generate_series(1, 120000) n; ANALYZE items; \(guarded)
      """)
    let ran = await ProbeBench.run(binding: "isolation: '\(url)'\ntimeout: 30s")
    let leaks = ran.facts["leaks"]?.arrayValue ?? []
    #expect(leaks.contains { $0["table"] == "projects" && $0["command"] == "DELETE" })
    let kinds = leaks.flatMap { $0["kinds"]?.arrayValue ?? [] }.compactMap(\.stringValue)
    #expect(kinds.contains("blind, by what its policies say of the row"))
    #expect(!kinds.contains("blind"))
  }

  /// One who may is enough; what another's refusal implies is not tried, and not counted.
  @Test func `what is implied is not counted as tried`() async throws {
    let url = try database("iso_counts", guarded)
    let ran = await ProbeBench.run(binding: "isolation: '\(url)'\ntimeout: 30s")
    #expect(ran.outcome == .passed, "\(String(describing: ran.outcome))")
    // Each of the four commands once, and no second time.
    #expect(ran.witness["controls"] == 4)
    let open = try database("iso_counts_open", "")
    let all = await ProbeBench.run(binding: "isolation: '\(open)'\ntimeout: 30s")
    #expect((all.witness["attempts"] ?? 0) > (ran.witness["attempts"] ?? 0))
  }

  /// A statement that takes too long takes no other attempt with it.
  @Test func `a statement that does not end leaves its table unproven, and the others proven`() async throws {
    let url = try database(
      "iso_slow",
      guarded
        + """
        CREATE TABLE slow (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL, title text NOT NULL);
        GRANT SELECT, INSERT, UPDATE, DELETE ON slow TO desk_app; ALTER TABLE slow ENABLE ROW LEVEL SECURITY;
        CREATE FUNCTION dawdle() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN false; END $$;
        CREATE POLICY own ON slow USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
        CREATE POLICY removal ON slow AS RESTRICTIVE FOR DELETE USING (dawdle());
        """)
    let ran = await ProbeBench.run(
      binding: "isolation:\n  database: '\(url)'\n  statement_timeout: 500ms\ntimeout: 60s")
    #expect(ran.mismatches.map(\.path) == ["unproven"], "\(String(describing: ran.outcome))")
    #expect(ran.facts["unproven"]?.arrayValue?.map { $0["table"] } == ["slow"])
    #expect(ran.facts["unproven"]?[0]?["reason"]?.stringValue?.contains("statement timeout") == true)
  }

  /// A real standby: no row can be put in, so that without two tenants that are there nothing is proven, and with them what
  /// they see of each other is.
  @Test func `of a replica, what tenants see of each other is proven, and nothing else claimed`() async throws {
    _ = try database("iso_replica", guarded)
    let full =
      guarded + "INSERT INTO tickets (tenant_id, title) SELECT gen_random_uuid(), 'x' FROM generate_series(1, 3);"
    _ = try database("iso_replica_rows", full)
    _ = try database("iso_replica_leak", full + "CREATE POLICY wide ON tickets FOR SELECT USING (true);")
    let standby = try StandbyPostgres()
    func prove(_ name: String) async -> ProbeBench.Ran {
      await ProbeBench.run(binding: "isolation: '\(standby.connection(database: name))'\ntimeout: 30s")
    }
    let empty = await prove("iso_replica")
    #expect(
      empty.outcome != .passed && empty.facts["proven"]?.integerValue ?? 0 == 0, "\(String(describing: empty.outcome))")
    let rows = await prove("iso_replica_rows")
    #expect(rows.mismatches.map(\.path) == ["unproven"], "\(String(describing: rows.outcome)) \(rows.facts)")
    #expect(rows.facts["matrix"]?["tickets"]?["SELECT"]?["member"]?["state"] == "safe")
    #expect(rows.facts["untouched"]?["equal"] == true)
    let leak = await prove("iso_replica_leak")
    #expect(leak.mismatches.map(\.path).contains("leaks"))
  }

  @Test func `a server that goes away in the middle is an error`() async throws {
    let url = try database("iso_cut", guarded)
    let server = try EphemeralPostgres.shared()
    // The policy itself ends the session that asks.
    _ = try server.run(
      "CREATE FUNCTION cut() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN true; END $$; CREATE POLICY cutting ON tickets FOR SELECT USING (cut());",
      database: "iso_cut")
    let ran = await ProbeBench.run(binding: "isolation: '\(url)'\ntimeout: 20s")
    #expect(ran.error?.kind == .unreachable, "\(String(describing: ran.outcome))")
  }

  @Test func `migrations are proven in a scratch database, with the places of the leaks`() async throws {
    let folder = try TemporaryDirectory()
    try folder.write(
      "CREATE ROLE press_app; CREATE TABLE articles (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, title text NOT NULL);\nGRANT SELECT, INSERT, UPDATE, DELETE ON articles TO press_app;\n",
      to: "db/001_articles.sql")
    try folder.write("ALTER TABLE nothing ADD COLUMN x int;\n", to: "db/002_broken.sql")
    let ran = await ProbeBench.run(
      binding: "isolation: { shadow: { migrations: db, platform: none } }\ntimeout: 60s", directory: folder.path)
    #expect(ran.mismatches.map(\.path) == ["leaks"], "\(String(describing: ran.outcome)) \(ran.diagnostics)")
    #expect(ran.facts["migrations"]?["applied"] == 1)
    #expect(ran.facts["migrations"]?["failed"]?.arrayValue?.count == 1)
    #expect(ran.facts["leaks"]?[0]?["places"]?[0]?.stringValue?.hasSuffix("001_articles.sql:1") == true)
  }

  @Test func `the command ends with the status of what it found`() throws {
    let folder = try TemporaryDirectory()
    let open = try database("iso_cli_open", "")
    let safe = try database("iso_cli_safe", guarded)
    let found = try GonogoBinary.run(["isolation", open, "--output", "json"], in: folder.path)
    #expect(found.status == 1)
    let json = try JSON.parse(Array(found.output.utf8))
    #expect(json["tables"] == 1)
    #expect(json["leaks"]?[0]?["transcript"]?.stringValue?.contains("SET LOCAL ROLE desk_app") == true)
    #expect(json["migrations"]?["applied"] == 0)
    #expect(!found.output.contains("sup3r-us3r-w0rd"))
    let clean = try GonogoBinary.run(["isolation", safe], in: folder.path)
    #expect(clean.status == 0, "\(clean.output) \(clean.error)")
    #expect(clean.output.contains("1 of 1 tables could be judged in every cell"))
    let nowhere = try GonogoBinary.run(["isolation", "postgresql://postgres@127.0.0.1:1/x"], in: folder.path)
    #expect(nowhere.status == 2)
    #expect(nowhere.error.contains("could not look"))
  }
}
