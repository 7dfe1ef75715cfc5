import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

/// `gonogo isolation` on repositories, and proofs that are put to the proof.
@Suite(.serialized, .enabled(if: EphemeralPostgres.isAvailable, Comment(rawValue: EphemeralPostgres.reason)))
struct IsolationCommandTests {
  private static let role =
    "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'desk_app') THEN CREATE ROLE desk_app; END IF; END $$;\n"
  private static let table = """
    CREATE TABLE tickets (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL, title text NOT NULL);
    GRANT SELECT, INSERT, UPDATE, DELETE ON tickets TO desk_app;
    ALTER TABLE tickets ENABLE ROW LEVEL SECURITY;
    CREATE INDEX ON tickets (tenant_id);

    """
  private static let policy =
    "CREATE POLICY own ON tickets USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);\n"
  private static let idle =
    "CREATE POLICY idle ON tickets FOR SELECT USING (tenant_id::text = current_setting('app.tenant_id', true));\n"

  private func isolation(_ arguments: [String], in directory: TemporaryDirectory) throws -> GonogoBinary.Result {
    try GonogoBinary.run(["isolation", "--beside", "none"] + arguments, in: directory.path)
  }

  @Test func `a repository's migrations are found in the usual place`() throws {
    for place in ["supabase/migrations", "db/migrations", "packages/core/migrations"] {
      let directory = try TemporaryDirectory()
      try directory.write(Self.role + Self.table + Self.policy, to: "\(place)/001_tickets.sql")
      let result = try isolation([".", "--platform", "plain"], in: directory)
      #expect(result.status == 0, "\(place): \(result.error)\(result.output)")
      #expect(result.output.contains("1 of 1 tables could be judged in every cell"))
    }
  }

  @Test func `several folders are all named, and none is chosen`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(Self.table, to: "db/migrations/001.sql")
    try directory.write(Self.table, to: "apps/api/prisma/migrations/1_a/migration.sql")
    let result = try isolation(["."], in: directory)
    #expect(result.status == 2)
    #expect(result.error.contains("db/migrations (1 files)"))
    #expect(result.error.contains("apps/api/prisma/migrations (1 files)"))
  }

  @Test func `a name that is not there is told, and nothing is looked at`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(Self.role + Self.table + Self.policy, to: "db/1.sql")
    let wrong: [([String], String)] = [
      (["b/nope"], "there is no file or folder 'b/nope'"),
      (["db", "--tenant-key", "tenant"], "no table has a column 'tenant'"),
      (["db", "--schema", "pubic"], "there is no table in a schema 'pubic'"),
      (["db", "--shared", "ticket"], "there is no table 'ticket'"),
      (["db", "--allow", "ticket SELECT: open"], "there is no table and no function 'ticket'"),
      (["db", "--timeout", "1ms"], "= mend: give it more time with --timeout"),
    ]
    for (arguments, message) in wrong {
      let result = try isolation(arguments, in: directory)
      #expect(result.status == 2)
      #expect(result.error.contains(message), "\(result.error)")
    }
    let unused = try isolation(["db", "--allow", "tickets SELECT: open"], in: directory)
    #expect(unused.status == 0)
    #expect(unused.output.contains("note: the allowance 'tickets SELECT *: open' was not needed"))
  }

  @Test func `what a failed migration makes is missing in the last line, and one fault is told once`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(Self.role + Self.table + Self.policy, to: "db/1.sql")
    try directory.write("ALTER TABLE tickets DISABLE ROW LEVEL SECURITY;\n", to: "db/2.sql")
    try directory.write("CREATE INDEX ON nothing (x);\n", to: "db/3.sql")
    let result = try isolation(["db"], in: directory)
    #expect(result.status == 1)
    let lines = result.output.split(separator: "\n")
    #expect(lines.last?.hasSuffix("; 1 migration failed: what it makes was not looked at") == true)
    let leaks = lines.filter { $0.hasPrefix("leak: tickets ") }
    #expect(Set(leaks.map { $0.split(separator: " ")[2] }).count == leaks.count, "\(leaks)")
    #expect(lines.filter { $0.contains("= mend:") && $0.contains("ENABLE ROW LEVEL SECURITY") }.count <= 2)
  }

  @Test func `a folder without migrations is told what was looked for`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("# nothing\n", to: "README.md")
    let result = try isolation(["."], in: directory)
    #expect(result.status == 2)
    #expect(result.error.contains("there are no migrations in ."))
    #expect(result.error.contains("supabase/migrations"))
  }

  @Test func `the way that the repository applies its files is an option`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(Self.role, to: "roles.sql")
    try directory.write(Self.table, to: "db/1.sql")
    try directory.write("CREATE INDEX CONCURRENTLY tickets_title ON tickets (title);\n", to: "db/2.sql")
    try directory.write(Self.policy, to: "db/3.sql")
    let file = try isolation(["db", "--before", "roles.sql"], in: directory)
    #expect(file.status == 0, "\(file.error)\(file.output)")
    #expect(!file.output.contains("migration failed"))
    let function = try isolation(["db", "--before", "roles.sql", "--mode", "function"], in: directory)
    #expect(function.output.contains("migration failed: db/2.sql:1: "), "\(function.output)")
    // Without its policy a table is closed, and nothing is shown.
    let stopped = try isolation(
      ["db", "--before", "roles.sql", "--mode", "function", "--on-error", "stop", "-o", "json"], in: directory)
    #expect(try JSON.parse(Array(stopped.output.utf8))["migrations"]?["applied"] == 1)
    #expect(try isolation(["db", "--mode", "all", "--on-error", "continue"], in: directory).status == 2)
    #expect(try isolation(["db", "--before", "nowhere.sql"], in: directory).status == 2)
    #expect(try isolation(["postgresql://127.0.0.1:1/x", "--mode", "file"], in: directory).status == 2)
  }

  @Test func `mutants are a number and a gate`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(Self.role + Self.table + Self.policy, to: "db/1.sql")
    let good = try isolation(["db", "--mutate", "-o", "json"], in: directory)
    #expect(good.status == 0, "\(good.error)\(good.output)")
    let facts = try JSON.parse(Array(good.output.utf8))["mutation"]
    #expect(facts?["mutants"] == 4)
    #expect(facts?["killed"] == 4)
    #expect(facts?["killed_by_control"] == 1)
    #expect(facts?["survivors"]?.arrayValue?.isEmpty == true)
    try directory.write(Self.idle, to: "db/2.sql")
    let bad = try isolation(["db", "--mutate"], in: directory)
    #expect(bad.status == 1, "\(bad.error)\(bad.output)")
    #expect(bad.output.contains("db/2.sql:1: survivor[drop-policy]: public.tickets, policy idle"))
    #expect(bad.output.contains("= mutant: DROP POLICY idle ON public.tickets"))
    let live = try isolation(["postgresql://127.0.0.1:1/x", "--mutate"], in: directory)
    #expect(live.status == 2)
    #expect(live.error.contains("a live database is never spoiled"))
  }

  private func checklist(_ binding: String) -> String {
    "- [ ] **ISO-1** tenants are apart\n  ```yaml gonogo\n  \(binding)\n  timeout: 20s\n  ```\n- [ ] **A-1** it runs\n  ```yaml gonogo\n  command: 'false'\n  expect: { exit: 0 }\n  ```\n"
  }

  @Test func `check --mutate puts the proofs of a checklist to the proof, and looks at nothing else`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(Self.role + Self.table + Self.policy, to: "db/1.sql")
    try directory.write(checklist("isolation: { shadow: { migrations: db } }"), to: "GO.md")
    let good = try GonogoBinary.run(["check", "GO.md", "--mutate"], in: directory.path)
    #expect(good.status == 0, "\(good.error)\(good.output)")
    #expect(good.output.contains("4 mutants: 4 killed (1 by a control that fails)"))
    try directory.write(Self.idle, to: "db/2.sql")
    let bad = try GonogoBinary.run(["check", "GO.md", "--mutate"], in: directory.path)
    #expect(bad.status == 1, "\(bad.error)\(bad.output)")
    #expect(bad.output.contains("DROP POLICY idle ON public.tickets"))
    #expect(bad.output.contains("db/2.sql:1"))
    #expect(!bad.output.contains("A-1"))
    #expect(try GonogoBinary.run(["check", "GO.md", "--mutate", "--write"], in: directory.path).status == 2)
    #expect(try GonogoBinary.run(["check", "GO.md", "--mutate", "--only", "A-1"], in: directory.path).status == 2)
  }

  @Test func `a live database is never spoiled, and that is no pass`() throws {
    let server = try EphemeralPostgres.shared()
    let url = try server.createDatabase(named: "mutate_live", sql: Self.role + Self.table + Self.policy)
    let directory = try TemporaryDirectory()
    try directory.write(checklist("isolation: ${DATABASE_URL}"), to: "GO.md")
    let result = try GonogoBinary.run(
      ["check", "GO.md", "--mutate"], in: directory.path, environment: ["DATABASE_URL": url])
    #expect(result.status == 3, "\(result.error)\(result.output)")
    #expect(result.output.contains("a live database is never spoiled"))
    #expect(try server.run("SELECT count(*) FROM pg_policy", database: "mutate_live") == "1")
  }
}
