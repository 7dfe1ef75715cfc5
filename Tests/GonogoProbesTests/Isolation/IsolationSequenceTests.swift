import GonogoCore
import GonogoProbes
import GonogoSystem
import GonogoTestSupport
import Testing

/// `nextval` does not roll back; sequences stay where they are all the same.
@Suite(.serialized, .enabled(if: EphemeralPostgres.isAvailable, Comment(rawValue: EphemeralPostgres.reason)))
struct IsolationSequenceTests {
  /// Bills are numbered by a trigger, and each change is written into a log with an identity of its own.
  private let bills = """
    SET client_min_messages = error;
    DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'drawing_app') THEN CREATE ROLE drawing_app; END IF; END $$;
    CREATE SEQUENCE bill_number;
    CREATE TABLE bills (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid NOT NULL, number int);
    CREATE TABLE audit_log (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text);
    CREATE FUNCTION number_it() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
      BEGIN NEW.number := nextval('bill_number'); RETURN NEW; END $$;
    CREATE FUNCTION log_it() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
      BEGIN INSERT INTO audit_log (what) VALUES (TG_OP); RETURN NULL; END $$;
    CREATE FUNCTION draw() RETURNS bigint LANGUAGE sql AS $$ SELECT nextval('public.bill_number') $$;
    CREATE TRIGGER number BEFORE INSERT ON bills FOR EACH ROW EXECUTE FUNCTION number_it();
    CREATE TRIGGER log AFTER INSERT OR UPDATE OR DELETE ON bills FOR EACH ROW EXECUTE FUNCTION log_it();
    GRANT SELECT, INSERT, UPDATE, DELETE ON bills TO drawing_app; GRANT USAGE ON SEQUENCE bill_number TO drawing_app;
    ALTER TABLE bills ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own ON bills USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
    INSERT INTO bills (tenant_id) VALUES (gen_random_uuid());
    """

  private func prove(_ url: String, scratch: Bool) throws -> IsolationResult {
    var options = IsolationProof.Options()
    options.isScratch = scratch
    options.lockTimeout = 100
    options.corrections.memberRoles = ["drawing_app"]
    return try IsolationCheck.run(database: url, options: options, redactor: Redactor())
  }

  @Test(arguments: [false, true]) func `what triggers draw stays as it was`(_ scratch: Bool) throws {
    let name = "draws_\(scratch)"
    let server = try EphemeralPostgres.shared()
    let result = try prove(try server.createDatabase(named: name, sql: bills), scratch: scratch)
    #expect(result.untouched["equal"] == true, "\(result.untouched)")
    #expect(result.untouched["sequences"] == 2)
    // It was proven with them, not by leaving them out.
    #expect(result.leaks.isEmpty && result.unproven.isEmpty && result.proven == result.tables, "\(result.unproven)")
    #expect(result.notes.contains { $0.contains("triggers off") && $0.contains("bills") } == !scratch)
    #expect(try server.run("SELECT nextval('bill_number')", database: name) == "2")
    #expect(
      try server.run("INSERT INTO audit_log (what) VALUES ('x') RETURNING id", database: name).hasPrefix("2"))
  }

  @Test func `a transaction that has drawn for long ends the proof, and no number is given twice`() async throws {
    let server = try EphemeralPostgres.shared()
    let url = try server.createDatabase(named: "draws_held", sql: bills)
    let holder = Task.detached {
      _ = try? server.run(
        "BEGIN; SELECT nextval('bill_number'); SELECT pg_sleep(2); COMMIT;", database: "draws_held")
    }
    while try server.run(
      "SELECT count(*) FROM pg_locks WHERE relation = 'bill_number'::regclass AND granted", database: "draws_held")
      == "0"
    {}
    let ran = await ProbeBench.run(
      binding:
        "isolation:\n  database: '\(url)'\n  lock_timeout: 100ms\n  model: { roles: { member: [drawing_app] } }\ntimeout: 20s"
    )
    #expect(ran.error?.message.contains("lock") == true, "\(String(describing: ran.outcome))")
    await holder.value
    #expect(try server.run("SELECT nextval('bill_number')", database: "draws_held") == "3")
  }
}
