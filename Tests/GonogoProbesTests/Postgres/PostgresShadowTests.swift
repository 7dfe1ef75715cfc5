import GonogoCore
import GonogoProbes
import GonogoSystem
import GonogoTestSupport
import Testing

/// The probe postgres on a scratch database that migrations built.
@Suite(.enabled(if: EphemeralPostgres.isAvailable, Comment(rawValue: EphemeralPostgres.reason)))
struct PostgresShadowTests {
  private func run(_ binding: String) async throws -> ProbeBench.Ran {
    let repository = try Repository([
      "db/1_a.sql": "CREATE ROLE reader; CREATE TABLE a (id int PRIMARY KEY); GRANT SELECT ON a TO reader;",
      "db/2_b.sql": "CREATE TABLE b (id int PRIMARY KEY); ALTER TABLE b ENABLE ROW LEVEL SECURITY;",
      "fixture.sql": "INSERT INTO a VALUES (1), (2);",
    ])
    return await ProbeBench.run(
      binding: "\(binding)\ntimeout: 60s", environment: ProcessEnvironment.all, directory: repository.root)
  }

  @Test func `a query sees what the migrations made`() async throws {
    let ran = try await run(
      "postgres: { shadow: { migrations: [db, fixture.sql] }, query: SELECT count(*) FROM a }\nexpect: { value: 2 }")
    #expect(ran.outcome == .passed, "\(String(describing: ran.outcome)) \(ran.diagnostics)")
    // The scratch database is gone afterwards: no address of it is told.
    #expect(ran.repeatCommand?.contains("$SHADOW_DATABASE_URL") == true)
    #expect(ran.repeatCommand?.contains("/tmp") == false)
  }

  @Test func `the catalogue of the scratch database is a fact`() async throws {
    let binding = "postgres: { shadow: db, schema: {} }\nexpect: { \"tables[*].rls.enabled\": true }"
    let ran = try await run(binding)
    #expect(ran.mismatches.map(\.path) == ["tables.a.rls.enabled"], "\(String(describing: ran.outcome))")
  }

  @Test func `a role is refused what it was not granted, next to what it may`() async throws {
    let ran = try await run(
      """
      postgres: { shadow: db, role: reader, query: SELECT * FROM b, may_fail: true }
      expect: { error.code: "42501" }
      allowed:
        postgres: { shadow: { migrations: [db, fixture.sql] }, role: reader, query: SELECT * FROM a }
        expect: { row_count: 2 }
      """)
    #expect(ran.outcome == .passed, "\(String(describing: ran.outcome)) \(ran.diagnostics)")
  }

  /// The probe's connections stay open for the run, and a database that is connected to cannot be copied.
  @Test func `a proof of the same shadow is not kept waiting`() async throws {
    let repository = try Repository([
      "supabase/migrations/1_a.sql": """
      CREATE TABLE notes (id uuid PRIMARY KEY, user_id uuid NOT NULL REFERENCES auth.users, body text);
      ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
      CREATE POLICY own ON notes TO authenticated USING (user_id = auth.uid());
      """
    ])
    let document = """
      - [ ] **Q-1** a question
        ```yaml gonogo
        postgres: { shadow: supabase/migrations, query: SELECT count(*) FROM notes }
        expect: { value: 0 }
        timeout: 60s
        ```
      - [ ] **P-1** then a proof
        ```yaml gonogo
        isolation: { shadow: supabase/migrations }
        needs: [Q-1]
        timeout: 60s
        ```
      """
    let ran = await ProbeBench.run(
      document: document, environment: ProcessEnvironment.all, directory: repository.root)
    #expect(ran.results.map(\.outcome) == [.passed, .passed], "\(ran.results.map(\.outcome)) \(ran.diagnostics)")
    // PostgreSQL waits five seconds for others to leave, and then refuses.
    #expect((ran.result("P-1")?.milliseconds ?? .max) < 5_000)
  }

  @Test func `what says nothing of a scratch database is refused while planning`() async throws {
    for binding in [
      "postgres: { shadow: db, database: postgresql://x/y, query: SELECT 1 }\nexpect: { value: 1 }",
      "postgres: { shadow: db, connections: {} }\nexpect: { used: 1 }",
      "postgres: { shadow: db, migrations: { folder: db } }",
      "postgres: { shadow: { migrations: db, dump: x }, query: SELECT 1 }\nexpect: { value: 1 }",
    ] {
      let ran = try await run(binding)
      #expect(!ran.diagnostics.isEmpty && ran.results.isEmpty, "\(binding)")
    }
  }
}
