import Glibc
import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

private let needsServer = ConditionTrait.enabled(
  if: EphemeralPostgres.isAvailable, "\(EphemeralPostgres.reason)")

/// A database with what the tests of queries look at, made once.
private enum Shop {
  static let database: Result<String, any Error> = Result {
    try EphemeralPostgres.shared().createDatabase(
      named: "shop",
      sql: """
        CREATE ROLE shop_member NOLOGIN;
        CREATE ROLE query_shop_app LOGIN PASSWORD 'app-pa55word';
        GRANT shop_member TO query_shop_app;
        CREATE TABLE orders (id int PRIMARY KEY, owner text NOT NULL, total numeric(10,2) NOT NULL);
        INSERT INTO orders VALUES (1, 'alice', 10.50), (2, 'bob', 3);
        CREATE TABLE ledger (id int);
        INSERT INTO ledger VALUES (1);
        CREATE TABLE empty (id int);
        GRANT SELECT ON orders, empty TO query_shop_app, shop_member;
        ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own ON orders FOR SELECT TO shop_member
          USING (owner = current_setting('request.jwt.claims', true)::json ->> 'sub');
        """)
  }

  static func run(_ yaml: String, frontMatter: String = "", variables: [String: String] = [:]) async throws
    -> ProbeBench.Ran
  {
    let head = frontMatter.isEmpty ? "" : "\n" + frontMatter
    return await ProbeBench.run(
      binding: yaml, frontMatter: "timeout: 60s\nenvironments: { test: { database: '${DATABASE_URL}' } }\(head)",
      environment: ["DATABASE_URL": try database.get()].merging(variables) { $1 })
  }
}

@Suite(needsServer) struct PostgresQueryTests {
  @Test func `rows are facts, and judged`() async throws {
    let yaml =
      "postgres: SELECT id, owner FROM orders ORDER BY id\nexpect: { row_count: 2, 'rows[0].owner': alice, value: 1 }"
    let ran = try await Shop.run(yaml)
    #expect(ran.outcome == .passed)
    #expect(ran.witness == ["rows": 2])
    #expect(ran.facts["columns"] == ["id", "owner"])
    let red = try await Shop.run(yaml.replacing("alice", with: "carol"))
    #expect(red.mismatches.map(\.path) == ["rows[0].owner"])
    #expect(red.mismatches.map(\.found) == ["\"alice\""])
  }

  @Test func `values keep their types`() async throws {
    let ran = try await Shop.run(
      """
      postgres:
        query: >-
          SELECT 1::int2 AS a, 9007199254740992 AS b, 9007199254740993 AS c, 1.5::float8 AS d, 'NaN'::float8 AS e,
          true AS f, null::text AS g, 12.50::numeric AS h, 123456789012345678.25::numeric AS i, '{"x": [1]}'::jsonb AS j,
          ARRAY[1,NULL,3] AS k, ARRAY['a,b','c"d\\','NULL'] AS l, '{}'::int[] AS m, '{{1,2},{3,4}}'::int[] AS n,
          '2026-08-19 02:00:04.5+02'::timestamptz AS o, 'infinity'::timestamptz AS p, '2026-08-19 02:00'::timestamp AS q,
          1 AS a, 'x'::text AS r, ''::text AS s
      expect: { row_count: 1 }
      """)
    #expect(ran.outcome == .passed)
    let row = ran.facts["rows"]?[0]
    let expected: JSON = [
      "a": 1, "b": 9_007_199_254_740_992, "c": "9007199254740993", "d": 1.5, "e": "NaN", "f": true, "g": nil, "h": 12.5,
      "i": "123456789012345678.25", "j": ["x": [1]], "k": [1, nil, 3], "l": ["a,b", "c\"d\\", "NULL"], "m": [],
      "n": [[1, 2], [3, 4]], "o": "2026-08-19T00:00:04.5Z", "p": "infinity", "q": "2026-08-19T02:00:00", "a_2": 1,
      "r": "x",
      "s": "",
    ]
    #expect(row == expected)
  }

  @Test func `values go in as parameters, whatever they hold`() async throws {
    let ran = try await Shop.run(
      """
      postgres:
        query: "SELECT $1::text AS a, $2::int + 1 AS b, $3::int[] AS c, $4::jsonb AS d, $5::text AS e, '$1' AS f"
        parameters: ["${name}", 41, [1, 2], { k: v }, null]
      expect: { rows: [{ a: "'; DROP TABLE orders; --", b: 42, c: [1, 2], d: { k: v }, e: null, f: "$1" }] }
      """, frontMatter: "vars: { name: \"'; DROP TABLE orders; --\" }")
    #expect(ran.outcome == .passed)
    #expect(
      ran.repeatCommand?.contains(
        "'SELECT '\\'''\\'''\\''; DROP TABLE orders; --'\\''::text AS a, '\\''41'\\''::int") == true)
  }

  @Test(arguments: [
    ("postgres: { query: 'SELECT ${x}' }", "bad-interpolation", "use parameters"),
    ("postgres: { query: 'COMMIT' }", "wrong-type", "transaction"),
    ("postgres: { query: 'SELECT 1; SELECT 2' }", "wrong-type", "one binding"),
    ("postgres: { query: 'SELECT $1' }", "missing-key", "value for each"),
    ("postgres: { query: 'SELECT 1', parameters: [1] }", "out-of-range", "take the value out"),
    ("postgres: { query: 'SELECT 1', connections: {} }", "wrong-type", "two fenced blocks"),
    ("postgres: { database: x }", "missing-key", "query"),
    ("postgres: { query: 'SELECT 1', as: nobody }", "unknown-reference", "principals"),
    ("postgres: { query: 'SELECT 1', settigns: {} }", "unknown-key", "settings"),
    ("postgres: { connections: {}, role: x }", "unknown-key", ""),
    (
      "postgres: { query: SELECT 1, may_fail: true }\nexpect: { error.code: '42501' }", "denial-without-control",
      "allowed"
    ),
    ("postgres: SELECT 1", "empty-expectation", "expect"),
  ]) func `misuse is found while planning`(_ yaml: String, _ code: String, _ mend: String) async throws {
    let full = yaml.contains("expect") || code == "empty-expectation" ? yaml : "\(yaml)\nexpect: { value: 1 }"
    let ran = try await Shop.run(full, frontMatter: "vars: { x: '1' }")
    let found = ran.diagnostics.filter { "\($0.code.id)" == code }
    #expect(!found.isEmpty, "\(ran.diagnostics)")
    #expect(found.contains { "\($0.message) \($0.mend ?? "")".contains(mend) }, "\(found)")
    #expect(ran.results.isEmpty)
  }

  @Test func `no row proves nothing, until what was examined is counted`() async throws {
    let vacuous = try await Shop.run("postgres: SELECT id FROM orders WHERE owner IS NULL\nexpect: { row_count: 0 }")
    #expect(vacuous.error?.kind == .vacuous)
    #expect(vacuous.error?.mend?.contains("examined:") == true)
    let yaml = """
      postgres:
        query: SELECT id FROM orders WHERE total < $1
        parameters: [0]
        examined: SELECT count(*) FROM orders
      expect: { row_count: 0 }
      """
    let green = try await Shop.run(yaml)
    #expect(green.outcome == .passed)
    #expect(green.witness == ["examined": 2])
    let red = try await Shop.run(yaml.replacing("[0]", with: "[5]"))
    #expect(red.mismatches.map(\.found) == ["1"])
    let nothing = try await Shop.run(yaml.replacing("FROM orders", with: "FROM empty").replacing("total", with: "id"))
    #expect(nothing.error?.kind == .vacuous)
  }

  @Test func `a principal's role and settings decide what it sees`() async throws {
    let front = """
      principals:
        member: { postgres: { role: shop_member, settings: { request.jwt.claims: '{"sub":"alice"}' } } }
      """
    let yaml = "postgres: { query: 'SELECT owner FROM orders', as: member }\nexpect: { rows: [{ owner: alice }] }"
    #expect(try await Shop.run(yaml, frontMatter: front).outcome == .passed)
    let other = try await Shop.run(yaml, frontMatter: front.replacing("alice", with: "bob"))
    #expect(other.mismatches.count == 1)
    let override = try await Shop.run(
      yaml.replacing("as: member", with: "as: member, settings: { request.jwt.claims: '{\"sub\":\"bob\"}' }"),
      frontMatter: front)
    #expect(override.mismatches.count == 1)
    let command = try await Shop.run(yaml, frontMatter: front).repeatCommand
    #expect(
      command
        == "psql \"${DATABASE_URL}\" -c 'BEGIN READ ONLY' -c 'SELECT set_config('\\''request.jwt.claims'\\'', '\\''{\"sub\":\"alice\"}'\\'', true)' -c 'SELECT set_config('\\''role'\\'', '\\''shop_member'\\'', true)' -c 'SELECT owner FROM orders' -c ROLLBACK"
    )
  }

  @Test func `a refusal is an error, or with may_fail a fact that needs its control`() async throws {
    let denied = try await Shop.run(
      "postgres: { query: SELECT * FROM ledger, role: shop_member }\nexpect: { row_count: 1 }")
    #expect(denied.error?.kind == .denied)
    #expect(denied.error?.message.contains("ledger") == true)
    let yaml = """
      postgres: { query: SELECT * FROM ledger, role: shop_member, may_fail: true }
      expect: { error.code: "42501" }
      allowed:
        postgres: { query: SELECT * FROM ledger }
        expect: { row_count: 1 }
      """
    #expect(try await Shop.run(yaml).outcome == .passed)
    let open = try await Shop.run(
      yaml.replacing("ledger, role: shop_member, may", with: "orders, role: shop_member, may"))
    #expect(open.mismatches.map(\.found) == ["absent"])
    let control = try await Shop.run(
      yaml.replacing("postgres: { query: SELECT * FROM ledger }", with: "postgres: { query: SELECT * FROM leger }"))
    #expect(control.error?.kind == .control)
  }

  @Test func `writing needs write, and is rolled back`() async throws {
    let refused = try await Shop.run("postgres: DELETE FROM ledger RETURNING id\nexpect: { row_count: 1 }")
    #expect(refused.error?.kind == .configuration)
    #expect(refused.error?.mend?.contains("write: true") == true)
    let written = try await Shop.run("postgres: { query: DELETE FROM ledger, write: true }\nexpect: { affected: 1 }")
    #expect(written.outcome == .passed)
    #expect(written.witness == ["rows": 1])
    #expect(try await Shop.run("postgres: SELECT * FROM ledger\nexpect: { row_count: 1 }").outcome == .passed)
  }

  @Test func `what is not there and what is not SQL are told with their place`() async throws {
    let table = try await Shop.run("postgres: SELECT * FROM nowhere\nexpect: { row_count: 1 }")
    #expect(table.error?.kind == .missing)
    #expect(table.error?.message.contains("line 1, column 15") == true)
    let syntax = try await Shop.run("postgres:\n  query: |\n    SELECT 1\n    FORM orders\nexpect: { row_count: 1 }")
    #expect(syntax.error?.kind == .configuration)
    #expect(syntax.error?.message.contains("line 2") == true)
    let role = try await Shop.run("postgres: { query: SELECT 1, role: no_such_role }\nexpect: { value: 1 }")
    #expect(role.error?.message.contains("no_such_role") == true)
  }

  @Test func `more rows than are kept are counted`() async throws {
    let ran = try await Shop.run(
      "postgres: SELECT n FROM generate_series(1, 12000) n\nexpect: { row_count: 12000, truncated: true, rows: { length: 10000 } }\ntimeout: 60s"
    )
    #expect(ran.outcome == .passed)
    let wide = try await Shop.run(
      "postgres: SELECT repeat('x', 1048576) FROM generate_series(1, 6)\nexpect: { row_count: 6, rows: { length: 4 } }\ntimeout: 60s"
    )
    #expect(wide.outcome == .passed)
  }

  @Test func `a statement that takes too long is cancelled`() async throws {
    let ran = try await Shop.run("postgres: SELECT pg_sleep(20)\nexpect: { row_count: 1 }\ntimeout: 4s")
    #expect(ran.error?.kind == .timedOut)
    #expect(ran.error?.message.contains("took longer than") == true)
  }

  @Test func `a wait for a lock says who holds it`() async throws {
    let server = try EphemeralPostgres.shared()
    _ = try Shop.database.get()
    try server.run("CREATE TABLE locked (id int); INSERT INTO locked VALUES (1)", database: "shop")
    let yaml = "postgres: SELECT * FROM locked\nexpect: { row_count: 1 }\ntimeout: 4s"
    var holder: IdleTransaction? = try IdleTransaction(
      "\(server.url(database: "shop"))?application_name=greedy", statements: ["LOCK TABLE locked"])
    let ran = try await Shop.run(yaml)
    #expect(ran.error?.kind == .timedOut)
    #expect(ran.error?.message.contains("locked is held by pid") == true, "\(ran.error?.message ?? "")")
    #expect(ran.error?.message.contains("application greedy") == true)
    withExtendedLifetime(holder) {}
    holder = nil
    #expect(try await Shop.run(yaml).outcome == .passed)
  }

  @Test func `two hundred queries at once share a few connections`() async throws {
    let url = try Shop.database.get()
    let lines = (1...200).map { number in
      "- [ ] **Q-\(number)** line\n  ```yaml gonogo\n  postgres: { query: 'SELECT $1::int', parameters: [\(number)] }\n  expect: { value: \(number) }\n  ```\n"
    }
    let ran = await ProbeBench.run(
      document: "---\ngonogo: 1\nenvironments: { test: { database: '${DATABASE_URL}' } }\n---\n\(lines.joined())",
      environment: ["DATABASE_URL": url])
    #expect(ran.results.count == 200)
    #expect(ran.results.allSatisfy { $0.outcome == .passed })
    // One connection each would be more than the server has (100): all of them passed, so they shared.
  }
}
