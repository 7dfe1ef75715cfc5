import GonogoCore
import GonogoProbes
import GonogoSystem
import GonogoTestSupport
import Testing

/// Lines that judge a part of one proof.
@Suite(.enabled(if: EphemeralPostgres.isAvailable, Comment(rawValue: EphemeralPostgres.reason)))
struct IsolationSelectionTests {
  private static let schema = """
    CREATE TABLE organizations (id uuid PRIMARY KEY, name text NOT NULL);
    CREATE TABLE organization_members (
      organization_id uuid NOT NULL REFERENCES organizations, user_id uuid NOT NULL REFERENCES auth.users,
      PRIMARY KEY (organization_id, user_id));
    CREATE FUNCTION mine() RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
      AS $$ SELECT organization_id FROM public.organization_members WHERE user_id = auth.uid() $$;
    CREATE TABLE tickets (id uuid PRIMARY KEY, organization_id uuid NOT NULL REFERENCES organizations, title text NOT NULL);
    CREATE TABLE notes (id uuid PRIMARY KEY, organization_id uuid NOT NULL REFERENCES organizations, body text NOT NULL);
    CREATE TABLE countries (code text PRIMARY KEY, name text NOT NULL);
    ALTER TABLE organizations ENABLE ROW LEVEL SECURITY;
    ALTER TABLE organization_members ENABLE ROW LEVEL SECURITY;
    ALTER TABLE tickets ENABLE ROW LEVEL SECURITY;
    ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
    CREATE POLICY read ON organizations FOR SELECT TO authenticated USING (id IN (SELECT mine()));
    CREATE POLICY read ON organization_members FOR SELECT TO authenticated USING (organization_id IN (SELECT mine()));
    CREATE POLICY own ON tickets TO authenticated USING (organization_id IN (SELECT mine()));

    """
  private static let guarded = "CREATE POLICY own ON notes TO authenticated USING (organization_id IN (SELECT mine()));"
  private static let open = "CREATE POLICY own ON notes TO authenticated USING (true);"

  private static func line(_ id: String, _ tables: String) -> String {
    """
    - [ ] **\(id)** a line
      ```yaml gonogo
      isolation: { shadow: supabase/migrations\(tables.isEmpty ? "" : ", tables: \(tables)") }
      timeout: 60s
      ```

    """
  }

  private func run(_ rest: String, _ lines: [(id: String, tables: String)]) async throws -> ProbeBench.Ran {
    let repository = try Repository(["supabase/migrations/1_schema.sql": Self.schema + rest])
    return await ProbeBench.run(
      document: lines.map { Self.line($0.id, $0.tables) }.joined(), environment: ProcessEnvironment.all,
      directory: repository.root)
  }

  private func outcome(_ ran: ProbeBench.Ran, _ id: String) -> String {
    switch ran.result(id)?.outcome {
    case .passed: "passed"
    case .failed: "failed"
    case .errored(let error): "\(error.kind)"
    default: "\(ran.diagnostics)"
    }
  }

  @Test func `a line is red for the tables that it names, and for no other`() async throws {
    let lines = [("T-1", ""), ("T-2", "[notes]"), ("T-3", "[public.tickets, organizations]")]
    let open = try await run(Self.open, lines)
    #expect(["T-1", "T-2", "T-3"].map { outcome(open, $0) } == ["failed", "failed", "passed"])
    #expect(open.result("T-3")?.checks.first?.witness["tables"] == 2)
    #expect(open.result("T-3")?.checks.first?.facts["leaks"] == [])
    #expect(
      open.result("T-3")?.checks.first?.facts["matrix"]?.objectValue?.keys.sorted() == ["organizations", "tickets"])
    let closed = try await run(Self.guarded, lines)
    #expect(["T-1", "T-2", "T-3"].map { outcome(closed, $0) } == ["passed", "passed", "passed"])
  }

  /// Who can make himself a member reaches what members reach: the lines of those tables say so, too.
  @Test func `a leak elsewhere that opens a table is the table's, too`() async throws {
    let joins =
      "CREATE POLICY join_it ON organization_members FOR INSERT TO authenticated WITH CHECK (user_id = auth.uid());"
    let ran = try await run(Self.guarded + joins, [("T-2", "[notes]"), ("T-4", "[organization_members]")])
    #expect(outcome(ran, "T-2") == "failed")
    #expect(ran.result("T-2")?.checks.first?.facts["leaks"]?[0]?["table"] == "organization_members")
    #expect(outcome(ran, "T-4") == "failed")
  }

  @Test func `what is not there, or holds no tenant's data, is never green`() async throws {
    let ran = try await run(
      Self.guarded, [("T-5", "[tickets, invoices]"), ("T-6", "[countries]"), ("T-7", "[mine]")])
    #expect(outcome(ran, "T-5") == "missing")
    guard case .errored(let error) = ran.result("T-5")?.outcome else { return }
    #expect(error.message.contains("'invoices'"))
    #expect(outcome(ran, "T-6") == "vacuous")
    #expect(outcome(ran, "T-7") == "passed")
    let none = try await run(Self.guarded, [("T-8", "[]")])
    #expect(none.diagnostics.contains { $0.message.contains("names nothing") })
  }
}
