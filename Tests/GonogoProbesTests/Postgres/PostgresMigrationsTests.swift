import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

@Suite(.enabled(if: EphemeralPostgres.isAvailable, "\(EphemeralPostgres.reason)")) struct PostgresMigrationsTests {
  private func run(
    _ arguments: String, database: String, in directory: TemporaryDirectory, expect: String = ""
  ) async throws -> ProbeBench.Ran {
    await ProbeBench.run(
      binding:
        "postgres: { migrations: \(arguments), database: '${DATABASE_URL}' }\(expect.isEmpty ? "" : "\nexpect: \(expect)")",
      environment: ["DATABASE_URL": try EphemeralPostgres.shared().url(database: database)], directory: directory.path)
  }

  @Test func `supabase`() async throws {
    let server = try EphemeralPostgres.shared()
    let directory = try TemporaryDirectory()
    for name in ["20240101000000_a", "20240201000000_b"] {
      try directory.write("SELECT 1;", to: "supabase/migrations/\(name).sql")
    }
    try server.createDatabase(
      named: "m_supabase",
      sql: """
        CREATE SCHEMA supabase_migrations;
        CREATE TABLE supabase_migrations.schema_migrations (version text PRIMARY KEY, statements text[], name text);
        INSERT INTO supabase_migrations.schema_migrations VALUES ('20240101000000', '{}', 'a'), ('20240201000000', '{}', 'b');
        """)
    let green = try await run("{ folder: supabase/migrations }", database: "m_supabase", in: directory)
    #expect(green.outcome == .passed, "\(green.outcome as Any)")
    #expect(green.witness == ["files": 2, "applied": 2])
    #expect(green.facts["style"] == "supabase")
    #expect(green.facts["latest"] == "20240201000000")
    try directory.write("SELECT 1;", to: "supabase/migrations/20240115000000_late.sql")
    let pending = try await run("{ folder: supabase/migrations }", database: "m_supabase", in: directory)
    #expect(pending.mismatches.map(\.path) == ["pending"])
    #expect(pending.facts["pending"] == ["20240115000000"])
    #expect(pending.facts["out_of_order"] == ["20240115000000"])
    try server.run(
      "INSERT INTO supabase_migrations.schema_migrations VALUES ('20230101000000')", database: "m_supabase")
    let unknown = try await run("supabase/migrations", database: "m_supabase", in: directory)
    #expect(unknown.facts["unknown"] == ["20230101000000"])
    #expect(unknown.mismatches.map(\.path) == ["pending", "unknown"])
  }

  @Test func `alembic`() async throws {
    let server = try EphemeralPostgres.shared()
    let directory = try TemporaryDirectory()
    try directory.write(
      "\"\"\"first\n\nrevision = 'not-this'\n\"\"\"\nfrom typing import Union\nrevision: str = 'aaa'\ndown_revision: Union[str, None] = None\n",
      to: "alembic/versions/1_first.py")
    try directory.write("revision = \"bbb\"  # it\ndown_revision = 'aaa'\n", to: "alembic/versions/2_second.py")
    try directory.write(
      "revision = 'ccc'\ndown_revision = (\n  'bbb',  # one\n)\ndef upgrade():\n    x = 1\n",
      to: "alembic/versions/0_third.py")
    try directory.write("", to: "alembic/versions/__init__.py")
    try server.createDatabase(
      named: "m_alembic",
      sql: "CREATE TABLE alembic_version (version_num varchar(32)); INSERT INTO alembic_version VALUES ('ccc');")
    let green = try await run("{ folder: alembic }", database: "m_alembic", in: directory)
    #expect(green.outcome == .passed, "\(green.outcome as Any)")
    #expect(green.facts["applied"] == ["aaa", "bbb", "ccc"])
    #expect(green.facts["heads"] == ["ccc"])
    try directory.write("revision = 'ddd'\ndown_revision = 'bbb'\n", to: "alembic/versions/4_fork.py")
    let fork = try await run("{ folder: alembic }", database: "m_alembic", in: directory)
    #expect(fork.facts["pending"] == ["ddd"])
    #expect(fork.facts["multiple_heads"] == true)
    #expect(fork.mismatches.map(\.path) == ["pending"])
    try server.run("UPDATE alembic_version SET version_num = 'zzz'", database: "m_alembic")
    let unknown = try await run("{ folder: alembic, style: alembic }", database: "m_alembic", in: directory)
    #expect(unknown.facts["unknown"] == ["zzz"])
  }

  @Test func `prisma`() async throws {
    let server = try EphemeralPostgres.shared()
    let directory = try TemporaryDirectory()
    let sql = "CREATE TABLE x ();"
    for name in ["20240101_init", "20240201_more"] {
      try directory.write(sql, to: "prisma/migrations/\(name)/migration.sql")
    }
    try directory.write("provider = \"postgresql\"", to: "prisma/migrations/migration_lock.toml")
    let checksum = Digest.hex(Digest.sha256(Array(sql.utf8)))
    try server.createDatabase(
      named: "m_prisma",
      sql: """
        CREATE TABLE _prisma_migrations (id text, checksum text, finished_at timestamptz, migration_name text, logs text,
          rolled_back_at timestamptz, started_at timestamptz, applied_steps_count int);
        INSERT INTO _prisma_migrations (checksum, migration_name, finished_at) VALUES ('\(checksum)', '20240101_init', now());
        INSERT INTO _prisma_migrations (checksum, migration_name, rolled_back_at) VALUES ('x', '20240201_more', now());
        INSERT INTO _prisma_migrations (checksum, migration_name, finished_at) VALUES ('0', '20240201_more', now());
        """)
    let green = try await run("{ folder: prisma/migrations }", database: "m_prisma", in: directory)
    #expect(green.outcome == .passed, "\(green.outcome as Any)")
    #expect(green.facts["changed"] == ["20240201_more"])
    try server.run("DELETE FROM _prisma_migrations WHERE checksum = '0'", database: "m_prisma")
    let failed = try await run("{ folder: prisma/migrations }", database: "m_prisma", in: directory)
    #expect(failed.facts["failed"] == ["20240201_more"])
    #expect(failed.mismatches.map(\.path) == ["pending", "failed"])
  }

  @Test func `numbered`() async throws {
    let server = try EphemeralPostgres.shared()
    let directory = try TemporaryDirectory()
    for name in ["001_first.sql", "9_ninth.sql", "020_create_bot_usage_daily.sql", "README.md"] {
      try directory.write("", to: "db/migrations/\(name)")
    }
    try server.createDatabase(
      named: "m_numbered",
      sql: """
        CREATE TABLE schema_migrations (filename text);
        INSERT INTO schema_migrations VALUES ('001_first.sql'), ('9_ninth'), ('020');
        CREATE SCHEMA fly;
        CREATE TABLE fly.flyway_schema_history (version text, script text, success boolean);
        INSERT INTO fly.flyway_schema_history VALUES ('1', 'V1__a.sql', true), ('1.2', 'V1_2__b.sql', false);
        CREATE TABLE golang (version bigint, dirty boolean);
        INSERT INTO golang VALUES (2, false);
        """)
    let green = try await run("{ folder: db/migrations }", database: "m_numbered", in: directory)
    #expect(green.outcome == .passed, "\(green.outcome as Any)")
    #expect(green.facts["files"] == ["001_first", "9_ninth", "020_create_bot_usage_daily"])
    try server.run("DELETE FROM schema_migrations WHERE filename = '020'", database: "m_numbered")
    let red = try await run("{ folder: 'db/*' }", database: "m_numbered", in: directory)
    #expect(red.facts["pending"] == ["020_create_bot_usage_daily"])
    #expect(red.facts["latest"] == "9_ninth")

    for name in ["V1__a.sql", "V1_2__b.sql"] { try directory.write("", to: "fly/\(name)") }
    let flyway = try await run(
      "{ folder: fly, table: fly.flyway_schema_history }", database: "m_numbered", in: directory)
    #expect(flyway.facts["applied"] == ["V1__a"])
    #expect(flyway.facts["failed"] == ["V1_2__b.sql"])
    for name in ["000001_a", "000002_b", "000003_c"] {
      try directory.write("", to: "go/\(name).up.sql")
      try directory.write("", to: "go/\(name).down.sql")
    }
    let golang = try await run("{ folder: go, table: golang }", database: "m_numbered", in: directory)
    #expect(golang.facts["applied"] == ["000001_a", "000002_b"])
    #expect(golang.facts["pending"] == ["000003_c"])
    try server.run("UPDATE golang SET dirty = true", database: "m_numbered")
    let dirty = try await run("{ folder: go, table: golang }", database: "m_numbered", in: directory)
    #expect(dirty.facts["failed"] == ["2"])
  }

  @Test func `no files and no table are no findings`() async throws {
    let server = try EphemeralPostgres.shared()
    let directory = try TemporaryDirectory()
    try server.createDatabase(named: "m_none")
    let none = try await run("{ folder: nowhere }", database: "m_none", in: directory)
    #expect(none.error?.kind == .missing)
    try directory.write("", to: "m/001_a.sql")
    let table = try await run("{ folder: m }", database: "m_none", in: directory)
    #expect(table.error?.kind == .missing)
    #expect(table.error?.message.contains("schema_migrations") == true)
    try server.run("CREATE TABLE schema_migrations (version text)", database: "m_none")
    let empty = try await run("{ folder: m }", database: "m_none", in: directory)
    #expect(empty.mismatches.map(\.path) == ["pending"])
    let vacuous = try await run(
      "{ folder: m }", database: "m_none", in: directory, expect: "{ unknown: { length: 0 } }")
    #expect(vacuous.error?.kind == .vacuous)
  }
}
