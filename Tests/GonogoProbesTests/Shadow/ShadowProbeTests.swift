import Glibc
import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

@testable import GonogoProbes

/// A folder of files for one test, gone with it.
final class Repository {
  let root: String

  init(_ files: [String: String]) throws {
    root = try FileSystem.makeTemporaryDirectory(prefix: "gonogo-repo")
    for (name, text) in files { try write(name, Array(text.utf8)) }
  }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    let path = FileSystem.join(root, name)
    try FileSystem.makeDirectory(FileSystem.directory(of: path))
    try FileSystem.writeAtomically(bytes, to: path)
  }

  deinit { try? FileSystem.remove(root) }

  /// `arguments` is what stands under `shadow:`, a line each.
  func shadow(_ arguments: String, expect: String = "", environment: [String: String] = ProcessEnvironment.all) async
    -> ProbeBench.Ran
  {
    let lines = arguments.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
    return await ProbeBench.run(
      binding: "shadow:\n\(lines)\ntimeout: 60s\(expect.isEmpty ? "" : "\n\(expect)")", environment: environment,
      directory: root)
  }
}

private let available = EphemeralPostgres.isAvailable

@Suite(.enabled(if: available, "PostgreSQL's server is not installed: apt-get install postgresql-15"))
struct ShadowProbeTests {
  static func failures(_ ran: ProbeBench.Ran) -> [String] {
    (ran.facts["failed"]?.arrayValue ?? []).map { failed in
      let file = FileSystem.lastComponent(of: failed["file"]?.stringValue ?? "")
      return
        "\(file):\(failed["line"]?.integerValue ?? 0) \(failed["sqlstate"]?.stringValue ?? "-") \(failed["message"]?.stringValue ?? "")"
    }
  }

  @Test func `migrations that apply pass, and say which tables stand`() async throws {
    let repository = try Repository([
      "m/001_a.sql": "CREATE TABLE a (id int PRIMARY KEY);", "m/002_b.sql": "CREATE TABLE b (a int REFERENCES a);",
      "m/10_c.sql": "ALTER TABLE b ADD c text;",
    ])
    let ran = await repository.shadow("migrations: m")
    #expect(ran.outcome == .passed, "\(ran.facts)")
    #expect(ran.witness == ["migrations": 3])
    #expect(ran.facts["tables"] == ["public.a", "public.b"])
    #expect(ran.facts["style"] == "plain")
    #expect(ran.facts["platform"] == "none")
  }

  @Test func `a migration that fails is told with its line and the server's words, and the rest runs`() async throws {
    let repository = try Repository([
      "m/001_a.sql": "CREATE TABLE a (id int);\n-- x\n\nCREATE TABLE lost (\n  id int,\n  b nosuchtype\n);",
      "m/002_b.sql": "CREATE TABLE b (id int);",
    ])
    let ran = await repository.shadow("migrations: m")
    #expect(ran.mismatches.map(\.path) == ["failed"])
    #expect(Self.failures(ran) == ["001_a.sql:6 42704 type \"nosuchtype\" does not exist"])
    // One transaction a file: what came before in the file is gone with it.
    #expect(ran.facts["tables"] == ["public.b"])
    #expect(ran.facts["applied"] == 1)
  }

  @Test func `on_error stop leaves the rest unreached`() async throws {
    let repository = try Repository(["m/1.sql": "SELECT 1", "m/2.sql": "SELECT * FROM nowhere", "m/3.sql": "SELECT 1"])
    let ran = await repository.shadow("migrations: m\non_error: stop")
    #expect(Self.failures(ran) == ["2.sql:1 42P01 relation \"nowhere\" does not exist"])
    #expect(ran.facts["not_reached"] == ["m/3.sql"])
  }

  @Test func `a statement alone keeps what came before it, and tells every failure`() async throws {
    let repository = try Repository([
      "m/1.sql": "CREATE TABLE a (id int);\nSELECT nowhere();\nCREATE TABLE b (id int);\nSELECT gone();"
    ])
    let ran = await repository.shadow("migrations: m\nmode: statement")
    #expect(ran.facts["tables"] == ["public.a", "public.b"])
    let failures = ran.facts["failed"]?.arrayValue?.first?["failures"]?.arrayValue ?? []
    #expect(failures.map { $0["line"] } == [2, 4])
  }

  @Test func `one transaction for all takes everything back`() async throws {
    let repository = try Repository([
      "m/1.sql": "CREATE TABLE a (id int)", "m/2.sql": "SELECT nowhere()", "m/3.sql": "SELECT 1",
    ])
    let ran = await repository.shadow("migrations: m\nmode: all")
    #expect(ran.facts["rolled_back"] == ["m/1.sql"])
    #expect(ran.facts["not_reached"] == ["m/3.sql"])
    #expect(ran.facts["tables"] == [])
    let wrong = await repository.shadow("migrations: m\nmode: all\non_error: continue")
    #expect(wrong.diagnostics.contains { $0.message.contains("ends at the first failure") })
  }

  @Test func `concurrently passes in a file of its own, and never in a function or beside another statement`()
    async throws
  {
    let repository = try Repository([
      "m/1.sql": "CREATE TABLE a (id int, t text)", "m/2.sql": "CREATE INDEX CONCURRENTLY one ON a (id);",
      "m/3.sql": "SELECT 1;\nCREATE INDEX CONCURRENTLY two ON a (t);",
    ])
    let file = await repository.shadow("migrations: m")
    #expect(Self.failures(file) == ["3.sql:2 25001 CREATE INDEX CONCURRENTLY cannot run inside a transaction block"])
    let function = await repository.shadow("migrations: m\nmode: function")
    #expect(
      Self.failures(function) == [
        "2.sql:1 25001 CREATE INDEX CONCURRENTLY cannot run inside a transaction block",
        "3.sql:2 25001 CREATE INDEX CONCURRENTLY cannot run inside a transaction block",
      ])
  }

  @Test func `each tool's files are read as the tool reads them`() async throws {
    let cases: [(style: String, files: [String: String], applied: Int, skipped: Int)] = [
      (
        "flyway",
        [
          "m/V1__a.sql": "CREATE TABLE a (id int)", "m/V10__c.sql": "ALTER TABLE b ADD x int",
          "m/V2__b.sql": "CREATE TABLE b (id int)",
          "m/R__view.sql": "CREATE VIEW v AS SELECT x FROM b", "m/U2__b.sql": "DROP TABLE b",
        ], 4, 1
      ),
      (
        "dbmate",
        [
          "m/20240101_a.sql":
            "-- migrate:up\nCREATE TABLE a (id int);\n\n-- migrate:down\nDROP TABLE a;\nDROP TABLE nowhere;\n"
        ], 1, 0
      ),
      (
        "goose",
        [
          "m/001_a.sql":
            "-- +goose Up\n-- +goose StatementBegin\nCREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;\n-- +goose StatementEnd\n-- +goose Down\nDROP FUNCTION nowhere();\n",
          "m/002_b.sql":
            "-- +goose NO TRANSACTION\n-- +goose Up\nCREATE TABLE a (id int);\nCREATE INDEX CONCURRENTLY i ON a (id);\n-- +goose Down\n",
        ], 2, 0
      ),
      (
        "updown",
        [
          "m/1_a.up.sql": "CREATE TABLE a (id int)", "m/1_a.down.sql": "DROP TABLE a",
          "m/2_b.up.sql": "ALTER TABLE a ADD b int",
        ], 2, 1
      ),
      (
        "prisma",
        [
          "m/20240101_a/migration.sql": "CREATE TABLE a (id int)",
          "m/20240102_b/migration.sql": "ALTER TABLE a ADD b int", "m/migration_lock.toml": "",
        ], 2, 0
      ),
      (
        "drizzle",
        [
          "m/0000_a.sql": "CREATE TABLE a (id int);--> statement-breakpoint\nALTER TABLE a ADD b int;",
          "m/meta/_journal.json": "{}",
        ], 1, 0
      ),
    ]
    for (style, files, applied, skipped) in cases {
      let repository = try Repository(files)
      let ran = await repository.shadow("migrations: m")
      #expect(ran.facts["style"] == .string(style))
      #expect(Self.failures(ran) == [], "\(style)")
      #expect(ran.facts["applied"] == JSON(applied), "\(style)")
      #expect(ran.facts["skipped"]?.arrayValue?.count == skipped, "\(style)")
    }
  }

  @Test func `a Supabase folder has its platform, and row level security holds in it`() async throws {
    let repository = try Repository([
      "supabase/migrations/20240101000000_a.sql": """
      CREATE TABLE public.notes (id int PRIMARY KEY, owner uuid NOT NULL REFERENCES auth.users (id), body text);
      ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
      CREATE POLICY "own rows" ON public.notes TO authenticated USING (owner = auth.uid());
      CREATE POLICY "own files" ON storage.objects FOR SELECT USING (bucket_id = 'x' AND auth.uid()::text = (storage.foldername(name))[1]);
      ALTER PUBLICATION supabase_realtime ADD TABLE public.notes;
      SELECT cron.schedule('x', '* * * * *', 'SELECT 1');
      SELECT vault.create_secret('s', 'n');
      """,
      "supabase/migrations/late.sql": "SELECT extensions.uuid_generate_v4(), extensions.digest('x', 'sha256');",
      "supabase/migrations/20240101000000_b.sql": "SELECT 1",
    ])
    let ran = await repository.shadow("migrations: supabase/migrations")
    #expect(Self.failures(ran) == [])
    #expect(ran.facts["platform"] == "supabase")
    #expect(ran.facts["unnumbered"] == ["supabase/migrations/late.sql"])
    #expect(ran.facts["duplicates"] == ["20240101000000"])
    #expect(ran.facts["tables"] == ["public.notes"])
    var options = ShadowOptions(source: .migrations(["supabase/migrations"]))
    options.directory = repository.root
    let database = try ShadowDatabase.build(options, deadline: PostgresDeadline(milliseconds: 60_000))
    defer { database.close() }
    #expect(
      database.sourceMap["policy public.notes.own rows"]
        == ShadowDatabase.Place(file: "supabase/migrations/20240101000000_a.sql", line: 3))
    #expect(database.sourceMap["rls public.notes"]?.line == 2)
    let deadline = PostgresDeadline(milliseconds: 10_000)
    let connection = try ShadowConnection.open(database.connection, deadline: deadline)
    let (a, b) = ("11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222")
    _ = try connection.run(
      "INSERT INTO auth.users (id) VALUES ('\(a)'), ('\(b)'); INSERT INTO notes VALUES (1, '\(a)'), (2, '\(b)')",
      deadline: deadline)
    _ = try connection.run(
      "SET request.jwt.claims = '{\"sub\": \"\(a)\", \"role\": \"authenticated\"}'; SET ROLE authenticated",
      deadline: deadline)
    #expect(try connection.rows("SELECT id FROM notes", deadline: deadline) == [["1"]])
    #expect(try connection.run("INSERT INTO notes VALUES (3, '\(b)')", deadline: deadline)?.code == "42501")
    _ = try connection.run("RESET ROLE; SET ROLE anon", deadline: deadline)
    #expect(try connection.rows("SELECT id FROM notes", deadline: deadline) == [])
  }

  @Test func `an extension that is not there is stubbed, and what needs it is listed`() async throws {
    let repository = try Repository([
      "m/1.sql": """
      CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public;
      COMMENT ON EXTENSION vector IS 'x';
      DO $$ BEGIN CREATE EXTENSION IF NOT EXISTS pgmq; END $$;
      CREATE EXTENSION nobody_knows_this;
      CREATE EXTENSION IF NOT EXISTS pg_trgm;
      CREATE TABLE d (id int, e vector(3), n name_of_nothing[]);
      """.replacing(", n name_of_nothing[]", with: ""),
      "m/2.sql": """
      CREATE INDEX i ON d USING hnsw (e vector_cosine_ops) WITH (m = 16);
      CREATE INDEX j ON d USING gin (e gin_vector_ops);
      COMMENT ON INDEX i IS 'x';
      INSERT INTO d VALUES (1, '[1,0,0]'), (2, '[0,1,0]');
      DO $$ BEGIN ASSERT (SELECT array_agg(id ORDER BY e <=> '[0,2,0]') FROM d) = '{2,1}'; END $$;
      SELECT pgmq.create('q');
      SELECT pgmq.send('q', '{}');
      """, "m/3.sql": "DROP TABLE d; DROP EXTENSION vector;",
    ])
    let ran = await repository.shadow("migrations: m")
    #expect(Self.failures(ran) == [])
    #expect(ran.facts["stubbed"]?.arrayValue?.compactMap { $0["name"]?.stringValue } == ["nobody_knows_this", "pgmq"])
    let omitted = ran.facts["migrations"]?.arrayValue?[1]["omitted"]?.arrayValue ?? []
    #expect(omitted.map { $0["line"] } == [1, 2])
    let function = await repository.shadow("migrations: m\nmode: function")
    #expect(Self.failures(function).map { String($0.prefix(7)) } == ["2.sql:2"])
  }

  @Test func `every stub can be laid`() async throws {
    let names = ShadowExtensions.stubs.keys.sorted()
    let repository = try Repository([
      "m/1.sql": names.map { "CREATE EXTENSION IF NOT EXISTS \"\($0)\";" }.joined(separator: "\n")
    ])
    let ran = await repository.shadow("migrations: m")
    #expect(ran.outcome == .passed, "\(ran.outcome.map { "\($0)" } ?? "")")
  }

  @Test func `a dump brings its data and its roles, and psql's commands change nothing`() async throws {
    let repository = try Repository([
      "dump.sql": """
      \\restrict abc
      SET standard_conforming_strings = on;
      SELECT pg_catalog.set_config('search_path', '', false);
      CREATE SCHEMA public;
      CREATE TABLE public.a (id integer, t text);
      ALTER TABLE public.a OWNER TO app_owner;
      COPY public.a (id, t) FROM stdin;
      1\tx; y
      2\t\\N
      \\.
      CREATE VIEW public.v AS SELECT 1 / (count(*) - 1) AS n FROM public.a;
      GRANT SELECT ON TABLE public.a TO reader;
      DO $$ BEGIN ASSERT (SELECT n FROM public.v) = 1; END $$;
      \\unrestrict abc
      """
    ])
    let ran = await repository.shadow("dump: dump.sql")
    #expect(Self.failures(ran) == [])
    #expect(ran.facts["roles"] == ["app_owner", "reader"])
    #expect(ran.facts["tables"] == ["public.a", "public.v"])
  }

  @Test func `what would run a program is refused`() async throws {
    let mark = "/tmp/gonogo-shadow-mark-\(getpid())"
    let repository = try Repository([
      "m/1.sql": "\\! touch \(mark)\nSELECT 1;", "m/2.sql": "COPY (SELECT 1) TO PROGRAM 'touch \(mark)';",
      "m/3.sql": "\\set x `touch \(mark)`\n",
    ])
    let ran = await repository.shadow("migrations: m")
    #expect(Self.failures(ran).count == 3)
    #expect(!FileSystem.exists(mark))
  }

  @Test func `files that are not well formed are findings, not the end`() async throws {
    let repository = try Repository([
      "m/1.sql": "CREATE TABLE a (id int);\nSELECT $x$ never closed;\n", "m/2.sql": "/* /* */ never closed",
      "m/4.sql": "\u{FEFF}CREATE TABLE b (id int);\r\nCREATE TABLE b (id int);\r\n", "m/5.sql": "",
      "m/6.sql": "SELECT 'never closed;\n",
    ])
    try repository.write("m/3.sql", Array("SELECT '".utf8) + [0xFF, 0xFE] + Array("';".utf8))
    try repository.write("m/7.sql", Array("SELECT 1;\n".utf8) + [0] + Array("x;".utf8))
    let large = "INSERT INTO c VALUES ('\(String(repeating: "x", count: 1000))');\n"
    try repository.write("m/8.sql", Array(("CREATE TABLE c (t text);\n" + String(repeating: large, count: 2000)).utf8))
    try repository.write("m/9.sql", Array("SELECT '\(String(repeating: "y", count: 5 << 20))';".utf8))
    let ran = await repository.shadow("migrations: m")
    #expect(
      Self.failures(ran).map { String($0.prefix { $0 != " " }) + " " + ($0.split(separator: " ")[1]) } == [
        "1.sql:2 42601", "3.sql:1 22021", "4.sql:2 42P07", "6.sql:1 42601", "7.sql:2 -",
      ])
  }

  @Test func `a migration that ends its own session is a finding, and the next one runs`() async throws {
    let repository = try Repository([
      "m/1.sql": "SELECT 1;\nSELECT pg_terminate_backend(pg_backend_pid());", "m/2.sql": "CREATE TABLE a (id int)",
    ])
    let ran = await repository.shadow("migrations: m")
    #expect(ran.facts["tables"] == ["public.a"])
    #expect(Self.failures(ran).first?.hasPrefix("1.sql:2 ") == true)
  }

  @Test func `what cannot be looked at is an error that says why`() async throws {
    let repository = try Repository([
      "m/1.sql": "SELECT 1", "empty/x.txt": "", "slow/1.sql": "SELECT 1;\nSELECT pg_sleep(60);",
    ])
    let missing = await repository.shadow("migrations: nowhere")
    #expect(missing.error?.kind == .missing)
    let empty = await repository.shadow("migrations: empty")
    #expect(empty.error?.kind == .missing)
    let noBinaries = await repository.shadow("migrations: m\nbinaries: /nonexistent")
    #expect(noBinaries.error?.kind == .toolMissing)
    #expect(noBinaries.error?.mend?.contains("apt-get install postgresql") == true)
    let before = await repository.shadow("migrations: m\nbefore: [slow/2.sql]")
    #expect(before.error?.kind == .missing)
    let slow = await ProbeBench.run(binding: "shadow: slow\ntimeout: 2s", directory: repository.root)
    #expect(slow.error?.kind == .timedOut)
    #expect(slow.error?.message.contains("slow/1.sql:2") == true)
    let tool = await repository.shadow("command: [gonogo-no-such-migrator]")
    #expect(tool.error?.kind == .toolMissing)
    let two = await repository.shadow("migrations: m\ndump: x.sql")
    #expect(two.diagnostics.contains { $0.message.contains("from one source") })
  }

  @Test func `a program builds it with DATABASE_URL, and its failure is a finding`() async throws {
    let repository = try Repository([:])
    let good = await repository.shadow(
      "command: [sh, -c, 'psql -q -c \"CREATE TABLE a (id int)\" \"$$DATABASE_URL\"']".replacing("$$D", with: "$D"))
    #expect(good.outcome == .passed, "\(good.diagnostics) \(good.outcome.map { "\($0)" } ?? "")")
    #expect(good.facts["tables"] == ["public.a"])
    let bad = await repository.shadow("command: [sh, -c, 'echo broken >&2; exit 3']")
    #expect(Self.failures(bad) == ["sh -c 'echo broken >&2; exit 3':0 - broken"])
  }

  @Test func `roles and files that the environment has go before`() async throws {
    let repository = try Repository([
      "base.sql": "CREATE TABLE base (id int)", "m/1.sql": "GRANT SELECT ON base TO app",
    ])
    let without = await repository.shadow("migrations: m")
    #expect(Self.failures(without) == ["1.sql:1 42P01 relation \"base\" does not exist"])
    let with = await repository.shadow("migrations: m\nroles: [app]\nbefore: base.sql")
    #expect(with.outcome == .passed)
    let list = await repository.shadow("migrations: [base.sql, m]\nroles: [app]")
    #expect(list.facts["applied"] == 2)
  }

  @Test func `the order of commits can be told from that of names`() async throws {
    let repository = try Repository(["m/b.sql": "CREATE TABLE t (id int)"])
    func git(_ words: String...) throws {
      let done = try Subprocess(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"] + words,
        environment: ProcessEnvironment.all, directory: repository.root
      ).run(milliseconds: 10_000)
      try #require(done.status == 0, "\(String(decoding: done.error, as: UTF8.self))")
    }
    try git("init", "-q")
    try git("add", ".")
    try git("commit", "-qm", "one")
    try repository.write("m/a.sql", Array("ALTER TABLE t ADD x int".utf8))
    try git("add", ".")
    try git("commit", "-qm", "two")
    let byName = await repository.shadow("migrations: m")
    #expect(Self.failures(byName) == ["a.sql:1 42P01 relation \"t\" does not exist"])
    let byDate = await repository.shadow("migrations: m\norder: git")
    #expect(byDate.outcome == .passed)
  }
}
