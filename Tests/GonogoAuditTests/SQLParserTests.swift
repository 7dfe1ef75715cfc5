import GonogoCore
import GonogoTestSupport
import Testing

@testable import GonogoAudit

/// PostgreSQL's parser behind its limits: places, what does not parse, and texts that would exhaust a stack.
@Suite struct SQLParserTests {
  private func parse(_ text: String) -> SQLText { SQLParser.parse(Array(text.utf8)) }

  @Test func aFaultIsAtItsByteWhateverTheCharacters() {
    let text = "-- ééé\nSELECT 1;\nSELEC 2; SELECT 3;\n"
    let sql = parse(text)
    #expect(sql.statements.map(\.kind) == ["SelectStmt", "SelectStmt"])
    #expect(sql.failures.map(\.message) == ["syntax error at or near \"SELEC\""])
    #expect(sql.failures.first?.offset == Array(text.utf8).firstRange(of: Array("SELEC 2".utf8))?.lowerBound)
  }

  @Test func statementsBeginBehindTheirComments() {
    let text = "/* a /* b */ */ -- c\n  CREATE TABLE t (id int);"
    #expect(parse(text).statements.first?.range.lowerBound == text.utf8.count - 24)
  }

  @Test func definitionsInBlocksAreRead() {
    let sql = parse(
      """
      DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_class) THEN CREATE TABLE a (id int); END IF;
        EXECUTE 'CREATE TABLE b (id int)';
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
      END $$;
      """)
    #expect(sql.statements.map(\.kind) == ["DoStmt", "CreateStmt", "CreateStmt"])
    #expect(sql.statements.map(\.isInBlock) == [false, true, true])
    #expect(sql.dynamic.contains { $0.contains("row level security") })
  }

  @Test func commandsOfPSQLAndCopiedRowsAreNoFaults() {
    let sql = parse("\\connect x\nCOPY t FROM stdin;\n1\ta;b'\n\\.\nSELECT 1;\n")
    #expect(sql.failures.isEmpty)
    #expect(sql.hasPSQL)
    #expect(sql.statements.count == 2)
  }

  /// On the small stack of a rule's thread: what is too deep is said, what is not is read, and nothing crashes.
  @Test(arguments: [90, 400, 1_400, 300_000])
  func noTextExhaustsTheStack(count: Int) async {
    let texts = [
      "SELECT " + String(repeating: "1+", count: count) + "1",
      "SELECT " + String(repeating: "(", count: count) + "1" + String(repeating: ")", count: count),
      "SELECT " + String(repeating: "(SELECT ", count: count) + "1" + String(repeating: ")", count: count),
      "SELECT " + String(repeating: "NOT ", count: count) + "a",
      "SELECT 1, 2" + String(repeating: " UNION SELECT 1, 2", count: count),
      "SELECT 1 FROM a" + String(repeating: " JOIN b ON f(1, 2)", count: count),
      "SELECT a" + String(repeating: "::int", count: count),
      "SELECT " + String(repeating: "f(1, ", count: count) + "1" + String(repeating: ")", count: count),
      "SELECT " + String(repeating: "CASE WHEN a THEN ", count: count) + "1" + String(repeating: " END", count: count),
    ]
    for text in texts {
      let tree = SourceTree(texts: ["db/migrations/1_a.sql": text, "db/migrations/2_b.sql": "SELECT 1;"])
      var options = Audit.Options()
      options.rules = [SQLDoesNotParse.self]
      let audit = Audit(options: options, version: "0")
      let outcome = await audit.look(in: AuditContext(tree: tree, now: 0))
      #expect(count < 300_000 || !outcome.unlooked.isEmpty || !outcome.findings.isEmpty, "\(text.prefix(30))")
    }
  }
}

/// The replay of migrations: what stands at the end, and what tools make of files.
@Suite struct MigrationReplayTests {
  private func replay(_ files: [String: String]) throws -> Replay {
    try #require(AuditContext(tree: SourceTree(texts: files), now: 0).facts(Replays.self).first)
  }

  @Test func namesFollowRenamesAndDrops() throws {
    let replay = try replay([
      "supabase/migrations/1_a.sql": """
      CREATE TABLE a (x int, y text); CREATE TABLE b (z int); CREATE SCHEMA s; CREATE TABLE s.c (id int);
      """,
      "supabase/migrations/2_b.sql": """
      ALTER TABLE a RENAME COLUMN x TO w; ALTER TABLE a RENAME TO d; DROP TABLE b; ALTER TABLE s.c ADD COLUMN n int;
      """,
    ])
    #expect(replay.tables.keys.map(\.description).sorted() == ["d", "s.c"])
    #expect(replay.tables[TableName("d")]?.columns.keys.sorted() == ["w", "y"])
    #expect(replay.tables[TableName("c", schema: "s")]?.columns.keys.sorted() == ["id", "n"])
    #expect(replay.goneTables[TableName("b")]?.how == "dropped")
    #expect(replay.goneTables[TableName("a")]?.how == "renamed to 'd'")
  }

  @Test(arguments: [
    ("prisma/migrations/1_a/migration.sql", "Prisma", "CREATE TABLE t (id int);"),
    ("db/V1__a.sql", "Flyway", "CREATE TABLE t (id int);"),
    ("m/001_a.up.sql", "golang-migrate", "CREATE TABLE t (id int);"),
    ("db/migrations/1_a.sql", "dbmate", "-- migrate:up\nCREATE TABLE t (id int);\n-- migrate:down\nDROP TABLE t;"),
    ("db/migrations/1_a.sql", "goose", "-- +goose Up\nCREATE TABLE t (id int);\n-- +goose Down\nDROP TABLE t;"),
    ("supabase/migrations/1_a.sql", "Supabase", "CREATE TABLE t (id int);"),
    ("db/structure.sql", "Rails", "CREATE TABLE t (id int);"),
    ("store/migration/postgres/0.19/1_a.sql", "numbered", "CREATE TABLE t (id int);"),
  ])
  func eachToolIsKnownAndItsWayBackNotRun(path: String, tool: String, text: String) throws {
    let replay = try replay([path: text])
    #expect(replay.set.tool.rawValue == tool)
    #expect(replay.tables.keys.map(\.name) == ["t"])
  }

  @Test(arguments: [
    ["db/migrations/1_a.sql": "CREATE TABLE `t` (id INT AUTO_INCREMENT);"],
    ["db/migrations/1_a.sql": "PRAGMA foreign_keys = ON;"],
    ["store/sqlite/migrations/1_a.sql": "CREATE TABLE t (id INTEGER);"],
    [
      "prisma/migrations/1_a/migration.sql": "CREATE TABLE t (id int);",
      "prisma/migrations/migration_lock.toml": "provider = \"sqlite\"",
    ],
    [
      "drizzle/0000_a.sql": "CREATE TABLE t (id int);",
      "drizzle/meta/_journal.json": "{\"version\": \"7\", \"dialect\": \"mysql\", \"entries\": []}",
    ],
  ])
  func otherSystemsAreLeftOut(files: [String: String]) {
    let context = AuditContext(tree: SourceTree(texts: files), now: 0)
    #expect(context.facts(Migrations.self).sets.count == 1)
    #expect(context.facts(Replays.self).isEmpty)
  }
}
