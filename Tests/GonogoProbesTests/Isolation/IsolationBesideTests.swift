import Glibc
import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

@testable import GonogoProbes

/// Linters of others stand beside the proof, and decide nothing.
@Suite(.enabled(if: EphemeralPostgres.isAvailable, Comment(rawValue: EphemeralPostgres.reason)))
struct IsolationBesideTests {
  private static let schema = """
    CREATE ROLE desk_app;
    CREATE TABLE tickets (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL, title text NOT NULL);
    GRANT SELECT, INSERT, UPDATE, DELETE ON tickets TO desk_app;
    ALTER TABLE tickets ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own ON tickets USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
    CREATE INDEX ON tickets (tenant_id);
    """
  private static let function = """
    CREATE FUNCTION newest() RETURNS text LANGUAGE plpgsql AS $$
    BEGIN
      RETURN (SELECT nothing FROM tickets);
    END $$;
    """

  private func run(_ beside: String, environment: [String: String] = ProcessEnvironment.all) async throws
    -> ProbeBench.Ran
  {
    let repository = try Repository(["db/1_tickets.sql": Self.schema, "db/2_newest.sql": Self.function])
    let ran = await ProbeBench.run(
      binding: "isolation:\n  shadow: { migrations: db }\n  beside: \(beside)\ntimeout: 60s", environment: environment,
      directory: repository.root)
    return ran
  }

  private func report(_ ran: ProbeBench.Ran, _ tool: String) -> JSON? {
    ran.facts["beside"]?.arrayValue?.first { $0["tool"]?.stringValue == tool }
  }

  @Test func `a linter that is not installed is told, with what installs it, and fails nothing`() async throws {
    let ran = try await run("[pgrls, squawk]", environment: ["PATH": "/nowhere"])
    #expect(ran.outcome == .passed, "\(String(describing: ran.outcome)) \(ran.diagnostics)")
    #expect(report(ran, "pgrls")?["state"] == "not installed")
    #expect(report(ran, "pgrls")?["install"] == "pip install pgrls")
    #expect(report(ran, "squawk")?["install"] == "pip install squawk-cli")
    #expect(report(ran, "plpgsql_check") == nil)
  }

  @Test func `without beside nothing of others is run`() async throws {
    #expect(try await run("false").facts["beside"] == nil)
  }

  @Test func `a name that is none of theirs is refused while planning`() async throws {
    let ran = try await run("[splinter]")
    #expect(ran.diagnostics.contains { $0.message.contains("`beside` takes") })
  }

  @Test func `a linter that hangs is ended, and one that says nothing of use is told`() async throws {
    let repository = try Repository(["1.sql": Self.schema])
    let bin = FileSystem.join(repository.root, "bin")
    for (name, script) in [("squawk", "sleep 60"), ("pgrls", "echo 'no such option' >&2; exit 2")] {
      try repository.write("bin/\(name)", Array("#!/bin/sh\n[ \"$1\" = --version ] && exit 0\n\(script)\n".utf8))
      #expect(chmod(FileSystem.join(bin, name), 0o755) == 0)
    }
    let shadow = try ShadowDatabase.build(
      ShadowOptions(source: .migrations([FileSystem.join(repository.root, "1.sql")])),
      deadline: PostgresDeadline(milliseconds: 30_000))
    defer { shadow.close() }
    var run = BesideRun(
      connection: shadow.connection, schemas: ["public"], shadow: shadow,
      environment: ["PATH": "\(bin):/usr/bin:/bin"], deadline: PostgresDeadline(milliseconds: 30_000))
    run.limit = 300
    let started = SystemClock().ticks()
    let reports = run.run([.pgrls, .squawk])
    #expect(SystemClock().ticks() - started < 10_000)
    #expect(reports.map(\.state) == [.failed("exit 2: no such option"), .failed("it did not end within 300 ms")])
  }

  static let hasCheck = FileSystem.exists(
    "/usr/share/postgresql/\(EphemeralPostgres.directory?.split(separator: "/").dropLast().last ?? "")/extension/plpgsql_check.control"
  )

  @Test(.enabled(if: hasCheck, "plpgsql_check is not installed: apt-get install postgresql-15-plpgsql-check"))
  func `plpgsql_check finds the column that is not there, and stays out of the database`() async throws {
    let ran = try await run("[plpgsql_check]")
    let found = report(ran, "plpgsql_check")
    #expect(found?["state"] == "ran", "\(ran.facts)")
    #expect(found?["findings"]?[0]?["object"] == "public.newest")
    #expect(found?["findings"]?[0]?["rule"] == "42703")
    #expect(found?["findings"]?[0]?["file"] == "db/2_newest.sql")
    #expect(found?["findings"]?[0]?["message"]?.stringValue?.hasPrefix("line 3 of its body: ") == true)
    // What it says decides nothing.
    #expect(ran.outcome == .passed, "\(String(describing: ran.outcome))")
  }

  @Test(.enabled(if: Subprocess.find("squawk") != nil, "squawk is not installed: pip install squawk-cli"))
  func `squawk's findings stand at their lines`() async throws {
    let ran = try await run("[squawk]")
    let found = report(ran, "squawk")
    #expect(found?["state"] == "ran", "\(ran.facts)")
    let index = found?["findings"]?.arrayValue?.first { $0["rule"] == "require-concurrent-index-creation" }
    #expect(index?["file"] == "db/1_tickets.sql")
    #expect(index?["line"] == 6)
  }

  @Test(.enabled(if: Subprocess.find("pgrls") != nil, "pgrls is not installed: pip install pgrls"))
  func `pgrls's findings stand at the policy`() async throws {
    let ran = try await run("[pgrls]")
    let found = report(ran, "pgrls")
    #expect(found?["state"] == "ran", "\(ran.facts)")
    let open = found?["findings"]?.arrayValue?.first { $0["object"] == "public.tickets.own" }
    #expect(open?["file"] == "db/1_tickets.sql")
    #expect(open?["line"] == 5)
  }
}
