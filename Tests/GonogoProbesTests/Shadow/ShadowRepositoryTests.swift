import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

@testable import GonogoProbes

/// What repositories do that are older than their order: two histories in one folder, a schema beside the migrations.
@Suite(
  .enabled(
    if: EphemeralPostgres.isAvailable, "PostgreSQL's server is not installed: apt-get install postgresql-15"))
struct ShadowRepositoryTests {
  static let twoHistories = [
    "m/2024_policy.sql": "CREATE INDEX on_orders ON orders (id);", "m/2025_orders.sql": "CREATE TABLE orders (id int);",
    "m/2026_lines.sql": "ALTER TABLE nowhere ADD x int;",
  ]

  @Test func `what a later file makes possible applies when it is tried again, and stays told as failed`() async throws
  {
    let repository = try Repository(Self.twoHistories)
    let once = await repository.shadow("migrations: m")
    #expect(once.facts["applied_later"] == [])
    let again = await repository.shadow("migrations: m\non_error: retry")
    #expect(
      ShadowProbeTests.failures(again) == [
        "2024_policy.sql:1 42P01 relation \"orders\" does not exist",
        "2026_lines.sql:1 42P01 relation \"nowhere\" does not exist",
      ])
    #expect(again.facts["applied_later"] == ["m/2024_policy.sql"])
    #expect(again.facts["applied"] == 1)
    #expect(again.mismatches.map(\.path) == ["failed"])
  }

  @Test func `statement by statement, only those that failed are tried again`() async throws {
    let repository = try Repository([
      "m/1.sql": "CREATE TABLE a (id int); INSERT INTO a VALUES (1); INSERT INTO b SELECT count(*) FROM a;",
      "m/2.sql": "CREATE TABLE b (rows int CHECK (rows = 1));",
    ])
    let ran = await repository.shadow("migrations: m\nmode: statement\non_error: retry")
    // A second INSERT INTO a would make two rows, and break the condition of b.
    #expect(ran.facts["applied_later"] == ["m/1.sql"])
  }

  @Test func `row security that was switched on where the table exists is switched on for one that comes late`()
    async throws
  {
    let repository = try Repository([
      "m/1.sql": "CREATE TABLE notes (id int, a int REFERENCES authors);",
      "m/2.sql":
        "ALTER TABLE IF EXISTS notes ENABLE ROW LEVEL SECURITY; ALTER TABLE IF EXISTS authors ENABLE ROW LEVEL SECURITY;",
      "m/3.sql": "CREATE TABLE authors (id int PRIMARY KEY);",
    ])
    var options = ShadowOptions(source: .migrations(["m"]))
    options.directory = repository.root
    options.onError = .retry
    let deadline = PostgresDeadline(milliseconds: 60_000)
    let shadow = try ShadowDatabase.build(options, deadline: deadline)
    defer { shadow.close() }
    let connection = try ShadowConnection.open(shadow.connection, deadline: deadline)
    let rows = try connection.rows(
      "SELECT relname FROM pg_class WHERE relrowsecurity", deadline: deadline)
    // The table of 3.sql came in its turn: that 2.sql passed it over is the repository's own fault.
    #expect(rows.map { $0[0] } == ["notes"])
    #expect(shadow.report.sourceMap["rls public.notes"]?.file == "m/2.sql")
  }

  @Test func `all files in one transaction cannot be tried again`() async throws {
    let repository = try Repository(Self.twoHistories)
    let ran = await repository.shadow("migrations: m\nmode: all\non_error: retry")
    #expect(ran.diagnostics.contains { $0.message.contains("one transaction for all files") })
  }

  @Test func `a table that no migration makes is looked for beside them`() async throws {
    let repository = try Repository([
      "db/schema.sql": "CREATE TABLE users (id int); CREATE TABLE \"teams\" (id int);",
      "db/old/users.sql": "CREATE TABLE public.users (id int);",
      "db/migrations/1.sql": "ALTER TABLE users ADD x int; CREATE TABLE late (id int);",
      "db/migrations/2.sql": "ALTER TABLE teams ADD x int;", "db/migrations/3.sql": "ALTER TABLE users ADD y int;",
      "db/migrations/0.sql": "ALTER TABLE late ADD y int;", ".git/HEAD": "",
    ])
    let ran = await repository.shadow("migrations: db/migrations")
    #expect(
      ran.facts["missing"] == [
        ["name": "public.users", "migrations": 2, "made_by": .null],
        ["name": "public.late", "migrations": 1, "made_by": "db/migrations/1.sql"],
        ["name": "public.teams", "migrations": 1, "made_by": .null],
      ])
    #expect(
      ran.facts["elsewhere"] == [["file": "db/schema.sql", "makes": 2], ["file": "db/old/users.sql", "makes": 1]])
    let both = await repository.shadow("migrations: [db/schema.sql, db/migrations]\non_error: retry")
    #expect(both.facts["missing"]?.arrayValue?.compactMap { $0["name"]?.stringValue } == ["public.late"])
    #expect(both.facts["elsewhere"] == [])
  }

  @Test func `all that was made is given to the owner who is named, and what an extension brought is not`() async throws
  {
    let repository = try Repository([
      "m/1.sql": """
      CREATE SCHEMA own; CREATE TABLE own.a (id serial PRIMARY KEY); CREATE VIEW v AS SELECT 1;
      CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TYPE t AS ENUM ('x'); CREATE EXTENSION citext;
      """
    ])
    let ran = await repository.shadow("migrations: m\nowner: app")
    #expect(ran.outcome == .passed)
    var options = ShadowOptions(source: .migrations(["m"]))
    options.directory = repository.root
    options.owner = "app"
    let deadline = PostgresDeadline(milliseconds: 60_000)
    let shadow = try ShadowDatabase.build(options, deadline: deadline)
    defer { shadow.close() }
    let connection = try ShadowConnection.open(shadow.connection, deadline: deadline)
    let rows = try connection.rows(
      """
      SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname IN ('a', 'v', 'a_id_seq') UNION ALL
      SELECT pg_get_userbyid(proowner) FROM pg_proc WHERE proname = 'f' UNION ALL
      SELECT pg_get_userbyid(typowner) FROM pg_type WHERE typname = 't' UNION ALL
      SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'own'
      """, deadline: deadline)
    #expect(rows.map { $0[0] } == Array(repeating: "app", count: 6))
    let left = try connection.rows(
      "SELECT pg_get_userbyid(typowner) FROM pg_type WHERE typname = 'citext'", deadline: deadline)
    #expect(left.map { $0[0] } == ["postgres"])
  }

  @Test func `a trigger that asks another host gets an answer from the stub, and the row passes`() async throws {
    let repository = try Repository([
      "m/1.sql": """
      CREATE EXTENSION http; CREATE TABLE a (id int);
      CREATE FUNCTION told() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE s int; BEGIN
        SELECT status INTO s FROM http(('DELETE', 'http://127.0.0.1:9/' || NEW.id, ARRAY[]::http_header[], NULL, NULL)::http_request);
        IF s <> 200 THEN RAISE EXCEPTION 'no'; END IF; RETURN NEW; END $$;
      CREATE TRIGGER told AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION told(); INSERT INTO a VALUES (1);
      """
    ])
    let ran = await repository.shadow("migrations: m")
    #expect(ran.outcome == .passed, "\(ran.facts)")
  }

  @Test func `the causes behind failed migrations are told once, with what to do`() throws {
    var report = ShadowDatabase.Report()
    let failure = MigrationOutcome.Failure(line: 1, sqlstate: "42P01", message: "relation \"users\" does not exist")
    report.migrations = (1...3).map { MigrationOutcome(file: "m/\($0).sql", status: .failed, failures: [failure]) }
    report.missing = [MissingTable(name: "public.users", migrations: 3, madeBy: nil)]
    #expect(MigrationRemarks(report).mend?.contains("pg_dump --schema-only") == true)
    report.elsewhere = [.init(file: "db/schema.sql", makes: 1)]
    let remarks = MigrationRemarks(report)
    #expect(remarks.lines.first?.contains("no migration makes public.users, for which 3 migrations fail") == true)
    #expect(remarks.mend?.contains("gonogo isolation db/schema.sql FOLDER") == true)
    report.migrations = []
    #expect(MigrationRemarks(report).lines.isEmpty)
  }
}
