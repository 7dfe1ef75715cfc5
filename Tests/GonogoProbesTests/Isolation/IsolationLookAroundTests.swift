import GonogoCore
import GonogoProbes
import GonogoSystem
import GonogoTestSupport
import Testing

/// What is said beside the matrix: findings with their places and plans, sequences, large tables, the two words.
@Suite(.serialized, .enabled(if: EphemeralPostgres.isAvailable, Comment(rawValue: EphemeralPostgres.reason)))
struct IsolationLookAroundTests {
  private let setting = "nullif(current_setting('app.tenant_id', true), '')::uuid"

  private func database(_ name: String, _ sql: String) throws -> String {
    try EphemeralPostgres.shared().createDatabase(
      named: name,
      sql: """
        SET client_min_messages = error;
        DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ledger_app') THEN CREATE ROLE ledger_app; END IF; END $$;
        \(sql)
        """)
  }

  private func prove(_ url: String, scratch: Bool = false) throws -> IsolationResult {
    var options = IsolationProof.Options()
    options.isScratch = scratch
    options.corrections.memberRoles = ["ledger_app"]
    return try IsolationCheck.run(database: url, options: options, redactor: Redactor())
  }

  /// Rows that PostgreSQL read one after another, as it counts itself: also those of a transaction that was rolled back.
  private func scanned(_ database: String) throws -> Int {
    let server = try EphemeralPostgres.shared()
    // A session tells what it did when it ends, which may be after its client is gone.
    while try server.run(
      "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
      database: database) != "0"
    {}
    return Int(try server.run("SELECT sum(seq_tup_read) FROM pg_stat_user_tables", database: database)) ?? -1
  }

  @Test func `tables of a few hundred thousand rows are never gone through`() throws {
    let url = try database(
      "look_large",
      """
      CREATE TABLE entries (id bigint PRIMARY KEY, tenant_id uuid NOT NULL, body text NOT NULL);
      CREATE TABLE log (id bigint, tenant_id uuid NOT NULL, body text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
      CREATE TABLE log_low PARTITION OF log FOR VALUES FROM (MINVALUE) TO (100000);
      CREATE TABLE log_high PARTITION OF log FOR VALUES FROM (100000) TO (MAXVALUE);
      GRANT SELECT, INSERT, UPDATE, DELETE ON entries, log TO ledger_app;
      ALTER TABLE entries ENABLE ROW LEVEL SECURITY;
      ALTER TABLE log ENABLE ROW LEVEL SECURITY;
      CREATE POLICY own ON entries USING (tenant_id = \(setting));
      CREATE POLICY own ON log USING (tenant_id = \(setting));
      CREATE VIEW my_entries WITH (security_invoker = true) AS SELECT id, tenant_id, body FROM entries;
      CREATE VIEW totals WITH (security_invoker = true) AS SELECT tenant_id, count(*) FROM entries GROUP BY tenant_id;
      GRANT SELECT ON my_entries, totals TO ledger_app;
      INSERT INTO entries SELECT n, gen_random_uuid(), 'x' FROM generate_series(1, 250000) n;
      INSERT INTO log SELECT n, gen_random_uuid(), 'x' FROM generate_series(1, 200000) n;
      """)
    let before = try scanned("look_large")
    let result = try prove(url)
    let read = try scanned("look_large") - before
    #expect(read < 1000, "\(read) rows were read one after another")
    #expect(result.leaks.isEmpty, "\(result.leaks.map(\.kind))")
    // Nobody has analysed them, and their size is known all the same.
    #expect(result.untouched["too_large_to_compare"]?.arrayValue?.count == 2)
    // The sum of all cannot be had without reading them: it is said, instead of guessed.
    #expect(result.unproven.map(\.table) == ["totals"], "\(result.unproven)")
    #expect(result.isolates == 2)
  }

  @Test func `row security that is switched on is one thing, and that it isolates another`() throws {
    let url = try database(
      "look_words",
      """
      CREATE TABLE kept (id int PRIMARY KEY, tenant_id uuid NOT NULL);
      CREATE TABLE leaking (id int PRIMARY KEY, tenant_id uuid NOT NULL);
      CREATE TABLE bare (id int PRIMARY KEY, tenant_id uuid NOT NULL);
      CREATE TABLE shut (id int PRIMARY KEY, tenant_id uuid NOT NULL);
      GRANT SELECT, INSERT, UPDATE, DELETE ON kept, leaking, bare, shut TO ledger_app;
      ALTER TABLE kept ENABLE ROW LEVEL SECURITY; ALTER TABLE leaking ENABLE ROW LEVEL SECURITY; ALTER TABLE shut ENABLE ROW LEVEL SECURITY;
      CREATE POLICY own ON kept USING (tenant_id = \(setting));
      CREATE POLICY own ON leaking USING (true);
      """)
    let result = try prove(url)
    #expect(result.tables == 4)
    #expect(result.enabled == 3)
    #expect(result.isolates == 1)
    #expect(result.broken.map(\.table) == ["shut"])
    #expect(result.facts["enabled"] == 3)
    #expect(result.facts["isolates"] == 1)
    let text = IsolationCheck.text(result)
    #expect(
      text.contains(
        "row security is enabled on 3 of 4 tables; it isolates 1, and 1 are broken: even the owner sees nothing"))
  }

  @Test func `a migration that fails on a policy is named by its policy, with its line`() async throws {
    let folder = try TemporaryDirectory()
    try folder.write(
      "CREATE ROLE look_app; CREATE TABLE articles (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);\nGRANT SELECT ON articles TO look_app;\nALTER TABLE articles ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON articles USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);\n",
      to: "db/001_articles.sql")
    try folder.write(
      "-- a table that was renamed\nCREATE POLICY \"own rows\" ON public.papers USING (true);\n",
      to: "db/002_papers.sql")
    try folder.write("CREATE POLICY more ON articles USING (owner_id = 1);\n", to: "db/003_more.sql")
    try folder.write("CREATE POLICY most ON articles USING (may_read(id));\n", to: "db/004_most.sql")
    try folder.write("ALTER TABLE nothing ADD COLUMN x int;\n", to: "db/005_other.sql")
    let ran = await ProbeBench.run(
      binding: "isolation: { shadow: { migrations: db, platform: none } }\ntimeout: 60s", directory: folder.path)
    let found = (ran.facts["findings"]?.arrayValue ?? []).filter {
      $0["rule"]?.stringValue?.hasPrefix("policy-missing") == true
    }
    #expect(found.map { $0["rule"] } == ["policy-missing-table", "policy-missing-column", "policy-missing-function"])
    #expect(found.map { $0["object"] } == ["papers", "articles", "articles"])
    #expect(found.first?["message"]?.stringValue?.contains("own rows") == true)
    #expect(found.first?["places"]?[0]?.stringValue?.hasSuffix("002_papers.sql:2") == true, "\(found)")
    #expect(ran.facts["migrations"]?["failed"]?.arrayValue?.count == 4)
  }

  @Test func `a policy that recurses is named, with its place in the migrations`() async throws {
    let folder = try TemporaryDirectory()
    try folder.write(
      """
      CREATE ROLE look_app;
      CREATE TABLE tenants (id uuid PRIMARY KEY);
      CREATE TABLE members (tenant_id uuid NOT NULL REFERENCES tenants, user_id uuid NOT NULL, PRIMARY KEY (tenant_id, user_id));
      GRANT SELECT ON tenants, members TO look_app;
      ALTER TABLE members ENABLE ROW LEVEL SECURITY;
      CREATE POLICY peers ON members USING (tenant_id IN (SELECT m.tenant_id FROM members m WHERE m.user_id = nullif(current_setting('app.user_id', true), '')::uuid));
      """, to: "db/001_members.sql")
    let ran = await ProbeBench.run(
      binding: "isolation: { shadow: { migrations: db, platform: none } }\ntimeout: 60s", directory: folder.path)
    let found = (ran.facts["findings"]?.arrayValue ?? []).first { $0["rule"] == "policy-recursion" }
    #expect(found?["object"] == "members", "\(String(describing: ran.outcome)) \(ran.facts)")
    #expect(found?["places"]?[0]?.stringValue?.hasSuffix("001_members.sql:6") == true)
    #expect(found?["advisory"] == false)
  }

  @Test func `a sequence is set in a scratch copy only, and to what it is`() throws {
    let sql = """
      CREATE TABLE bills (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL);
      GRANT SELECT, INSERT, UPDATE, DELETE ON bills TO ledger_app; GRANT ALL ON SEQUENCE bills_id_seq TO ledger_app;
      ALTER TABLE bills ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON bills USING (tenant_id = \(setting));
      SELECT setval('bills_id_seq', 41);
      """
    let url = try database("look_sequence", sql)
    let live = try prove(url).findings.first { $0.rule == "sequence-settable" }
    #expect(live?.message.contains("tried") == false)
    let result = try prove(url, scratch: true)
    #expect(
      result.findings.first { $0.rule == "sequence-settable" }?.message.contains("(tried: setval succeeds)") == true)
    #expect(result.untouched["equal"] == true)
    #expect(try EphemeralPostgres.shared().run("SELECT nextval('bills_id_seq')", database: "look_sequence") == "42")
  }

  @Test func `what is said of speed comes with the plan`() throws {
    let url = try database(
      "look_plan",
      """
      CREATE TABLE bills (id int PRIMARY KEY, tenant_id uuid NOT NULL);
      GRANT SELECT, INSERT, UPDATE, DELETE ON bills TO ledger_app;
      ALTER TABLE bills ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON bills USING (tenant_id = \(setting));
      """)
    let finding = try prove(url).findings.first { $0.rule == "tenant-key-unindexed" }
    #expect(finding?.plan.first?.contains("Seq Scan on bills") == true, "\(finding?.plan ?? [])")
    #expect(finding?.plan.contains { $0.contains("Filter:") && $0.contains("tenant_id") } == true)
    #expect(finding?.isAdvisory == true)
  }

  @Test func `rows that are there already stand in for rows that nobody can put in, and stay as they were`() throws {
    let url = try database(
      "look_existing",
      """
      CREATE FUNCTION is_stamped(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT md5($1) = '\("a1d0c6e83f027327d8461063f4ac58a6")' $$;
      CREATE TABLE stamps (id int PRIMARY KEY, tenant_id uuid NOT NULL, stamp text NOT NULL CHECK (is_stamped(stamp)));
      GRANT SELECT, INSERT, UPDATE, DELETE ON stamps TO ledger_app;
      ALTER TABLE stamps ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON stamps USING (tenant_id = \(setting));
      CREATE POLICY wide ON stamps FOR DELETE USING (true);
      INSERT INTO stamps SELECT n, gen_random_uuid(), '42' FROM generate_series(1, 3) n;
      """)
    let server = try EphemeralPostgres.shared()
    let before = try server.run("SELECT * FROM stamps ORDER BY id", database: "look_existing")
    let result = try prove(url)
    #expect(Set(result.leaks.map { "\($0.table) \($0.command)" }) == ["stamps DELETE"], "\(result.unproven)")
    #expect(result.unproven.isEmpty)
    #expect(result.notes.contains { $0.contains("there already were given to the two tenants") }, "\(result.notes)")
    #expect(try server.run("SELECT * FROM stamps ORDER BY id", database: "look_existing") == before)
    #expect(result.untouched["equal"] == true)
    // One row is not two tenants' rows.
    _ = try server.run("DELETE FROM stamps WHERE id > 1", database: "look_existing")
    #expect(try prove(url).unproven.map(\.table) == ["stamps"])
  }

  /// A replica reads only, and so does this database for every session that asks nothing else.
  @Test func `where nothing can be written, what tenants see of each other is proven, and nothing else claimed`() throws
  {
    func make(_ name: String, _ policies: String) throws -> IsolationResult {
      let url = try database(
        name,
        """
        CREATE TABLE tenants (id uuid PRIMARY KEY);
        CREATE TABLE bills (id int PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, amount int);
        GRANT SELECT, INSERT, UPDATE, DELETE ON tenants, bills TO ledger_app;
        ALTER TABLE tenants ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON tenants USING (id = \(setting));
        ALTER TABLE bills ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON bills USING (tenant_id = \(setting));
        \(policies)
        INSERT INTO tenants SELECT gen_random_uuid() FROM generate_series(1, 3);
        INSERT INTO bills SELECT row_number() OVER (), id, 1 FROM tenants, generate_series(1, 2);
        ALTER DATABASE \(name) SET default_transaction_read_only = on;
        """)
      return try prove(url)
    }
    let safe = try make("look_replica_safe", "")
    #expect(safe.leaks.isEmpty)
    #expect(safe.matrix["bills"]?["SELECT"]?["member"]?["state"] == "safe", "\(safe.matrix)")
    let update = safe.matrix["bills"]?["UPDATE"]?["member"]
    #expect(update?["state"] == "nothing proven")
    #expect(update?["reason"]?.stringValue?.contains("read-only transaction") == true)
    #expect(safe.proven == 0)
    let leaking = try make("look_replica_leak", "CREATE POLICY wide ON bills FOR SELECT USING (true);")
    #expect(Set(leaking.leaks.map { "\($0.table) \($0.command)" }) == ["bills SELECT"])
    // Its transcript needs nothing but what is there.
    let server = try EphemeralPostgres.shared()
    let script = try #require(leaking.leaks.first { $0.principal == "member" }).transcript
    #expect(try server.run(script, database: "look_replica_leak").contains("LEAK: "))
  }
}
