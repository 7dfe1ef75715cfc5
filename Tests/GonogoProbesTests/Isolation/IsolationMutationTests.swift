import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

@testable import GonogoProbes

/// The proof, put to the proof: every fault that is put into a schema must turn it red.
@Suite(.serialized, .enabled(if: EphemeralPostgres.isAvailable, Comment(rawValue: EphemeralPostgres.reason)))
struct IsolationMutationTests {
  /// The result of a schema's mutants, on a database of its own.
  private func mutate(_ schema: CorpusSchema, timeout: Int = 60_000, equivalents: [String] = []) throws
    -> IsolationResult
  {
    let database = try CorpusDatabases.make(schema)
    defer { _ = try? database.server.run("DROP DATABASE \(database.name)", database: "postgres") }
    var options = IsolationProof.Options()
    options.timeout = timeout
    options.mutates = true
    options.equivalents = equivalents.compactMap(EquivalentMutant.init)
    options.isScratch = true
    if let role = schema.role { options.corrections.memberRoles = [role] }
    return try IsolationCheck.run(database: database.url, options: options, redactor: Redactor())
  }

  /// A table of tickets with policies of a test's own.
  private func tickets(_ name: String, _ policies: String) -> CorpusSchema {
    CorpusSchema(
      name: "mutant_\(name)",
      sql: """
        CREATE TABLE tickets (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL, title text NOT NULL);
        ALTER TABLE tickets ENABLE ROW LEVEL SECURITY;
        \(policies)
        """, platform: "plain", role: "shop_app", expectations: [["safe"]])
  }
  private let own = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid"

  @Test func `every fault of a safe schema is noticed`() throws {
    let result = try mutate(tickets("safe", "CREATE POLICY own ON tickets USING (\(own)) WITH CHECK (\(own));"))
    let report = try #require(result.mutation)
    #expect(report.entries.map(\.kind) == ["disable-rls", "drop-policy", "widen-using", "widen-check", "grant-all"])
    #expect(report.entries.allSatisfy { $0.fate == .killed }, "\(report.text)")
    // A policy that is gone lets nobody in: it is the control that says so.
    #expect(report.entries.map(\.isKilledByControl) == [false, true, false, false, false])
    #expect(report.verdict == .passed)
    #expect(result.untouched["equal"] == true)
    #expect(result.leaks.isEmpty)
  }

  @Test func `a policy that another makes idle survives`() throws {
    let result = try mutate(
      tickets(
        "redundant",
        """
        CREATE POLICY own ON tickets USING (\(own));
        CREATE POLICY again ON tickets FOR SELECT USING (tenant_id::text = current_setting('app.tenant_id', true));
        CREATE POLICY twin ON tickets FOR DELETE USING (\(own));
        """))
    let report = try #require(result.mutation)
    let survivor = try #require(report.entries(.survived).first, "\(report.text)")
    #expect(report.count(.survived) == 1)
    #expect(survivor.sql == "DROP POLICY again ON public.tickets")
    #expect(survivor.why.contains("own"))
    #expect(report.verdict == .survivors)
    // The same words twice are the same rule, whatever is tried.
    #expect(report.entries(.equivalent).map(\.sql) == ["DROP POLICY twin ON public.tickets"])
    // Widening the idle one is a leak all the same.
    #expect(report.entries.first { $0.kind == "widen-using" && $0.policy == "again" }?.fate == .killed)
  }

  /// WITH CHECK rules what a row becomes: where the columns that it asks for cannot be written, it rules nothing.
  @Test func `a check of columns that nobody may write is no rule of its own`() throws {
    func widened(_ name: String, _ column: String) throws -> MutationReport {
      let schema = tickets(
        name,
        """
        CREATE POLICY own ON tickets USING (\(own)) WITH CHECK (\(own));
        REVOKE ALL ON tickets FROM shop_app; GRANT SELECT, DELETE ON tickets TO shop_app;
        GRANT UPDATE (\(column)) ON tickets TO shop_app;
        """)
      return try #require(try mutate(schema).mutation)
    }
    let idle = try widened("check_idle", "title").entries.first { $0.kind == "widen-check" }
    #expect(idle?.fate == .equivalent, "\(idle?.why ?? "")")
    let ruling = try widened("check_rules", "tenant_id").entries.first { $0.kind == "widen-check" }
    #expect(ruling?.fate == .killed, "\(ruling?.why ?? "")")
  }

  @Test func `the author's word makes a survivor equivalent, with his reason, and no other`() throws {
    let schema = tickets(
      "word",
      "CREATE POLICY own ON tickets USING (\(own)); CREATE POLICY again ON tickets FOR SELECT USING (tenant_id::text = current_setting('app.tenant_id', true));"
    )
    let other = try mutate(schema, equivalents: ["drop-policy tickets own: not this one"])
    #expect(other.mutation?.count(.survived) == 1)
    let word = try mutate(schema, equivalents: ["drop-policy tickets again: the first one says it"])
    #expect(word.mutation?.count(.survived) == 0)
    #expect(word.mutation?.entries(.equivalent).contains { $0.why.contains("the first one says it") } == true)
    #expect(EquivalentMutant("drop-policy tickets again") == nil && EquivalentMutant("spoil tickets: why") == nil)
  }

  @Test func `a role that is not under test is a blind spot`() throws {
    let reports = "mutant_reports"
    let result = try mutate(
      tickets(
        "blind",
        """
        DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '\(reports)') THEN CREATE ROLE \(reports); END IF; END $$;
        GRANT SELECT ON tickets TO \(reports);
        CREATE POLICY own ON tickets TO shop_app USING (\(own));
        CREATE POLICY reports ON tickets FOR SELECT TO \(reports) USING (title <> '');
        """))
    let report = try #require(result.mutation)
    #expect(
      Set(report.entries(.survived).map(\.sql)) == [
        "DROP POLICY reports ON public.tickets", "ALTER POLICY reports ON public.tickets USING (true)",
      ], "\(report.text)")
    #expect(
      report.entries(.survived).allSatisfy {
        $0.why.contains("\(reports), which holds rights here and is not under test")
      })
  }

  @Test func `what leaks already can tell nothing more`() throws {
    let result = try mutate(
      tickets(
        "red",
        "CREATE POLICY own ON tickets USING (\(own)); CREATE POLICY wide ON tickets FOR SELECT USING (title <> '');"))
    #expect(result.leaks.contains { $0.command == "SELECT" })
    let report = try #require(result.mutation)
    #expect(
      report.entries(.alreadyRed).map(\.sql) == [
        "DROP POLICY wide ON public.tickets", "ALTER POLICY wide ON public.tickets USING (true)",
      ], "\(report.text)")
    #expect(report.entries(.alreadyRed).allSatisfy { $0.why.contains("SELECT on tickets leaks") })
    // What leaks in reading says nothing of writing.
    #expect(report.entries.first { $0.kind == "disable-rls" }?.fate == .killed)
  }

  @Test func `what only the tenant's own people lose is told, and no fault of isolation`() throws {
    let result = try mutate(
      tickets(
        "tightened",
        "CREATE POLICY r ON tickets FOR SELECT USING (\(own)); CREATE POLICY d ON tickets FOR DELETE USING (\(own));"))
    let report = try #require(result.mutation)
    #expect(report.entries(.tightened).map(\.sql) == ["DROP POLICY d ON public.tickets"], "\(report.text)")
    #expect(report.verdict == .passed)
  }

  /// Each fault that lets somebody reach more is noticed, in every safe schema of the corpus; what is not noticed stands in
  /// the schema's header.
  @Test(arguments: CorpusSchema.all.filter(\.isSafe))
  func `no fault of the corpus goes unnoticed`(_ schema: CorpusSchema) throws {
    let report = try #require(try mutate(schema).mutation)
    #expect(Set(report.entries(.survived).map(\.sql)) == schema.expected("survivor"), "\(report.text)")
    #expect(report.count(.alreadyRed) == 0 && report.count(.notRun) == 0, "\(report.text)")
    #expect(report.count(.killed) > 0)
  }

  /// One table first, in a subtransaction, comes to the same as a whole proof of a database that has the fault.
  @Test(arguments: ["restrictive_mix_safe", "current_user_safe", "shared_readonly_safe"])
  func `the short way comes to the same as the long one`(_ name: String) throws {
    let schema = try #require(CorpusSchema.all.first { $0.name == name })
    let short = try mutate(schema)
    let baseline = ProofSession.Baseline(short)
    for entry in try #require(short.mutation).entries {
      let database = try CorpusDatabases.make(schema)
      defer { _ = try? database.server.run("DROP DATABASE \(database.name)", database: "postgres") }
      try database.server.run(entry.sql, database: database.name)
      var options = IsolationProof.Options()
      options.isScratch = true
      if let role = schema.role { options.corrections.memberRoles = [role] }
      let isRed: Bool
      do throws(ProbeError) {
        isRed =
          baseline.news(try IsolationCheck.run(database: database.url, options: options, redactor: Redactor())) != nil
      } catch { isRed = true }
      #expect(isRed == (entry.fate == .killed), "\(name): \(entry.sql): \(entry.fate): \(entry.why)")
    }
  }
}
