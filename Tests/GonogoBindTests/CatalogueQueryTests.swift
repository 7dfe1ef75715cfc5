import GonogoBind
import GonogoCore
import GonogoTestSupport
import Testing

/// Bindings of the database's catalogue against a real server: each red where the line is a lie, and green where it is not.
@Suite(.enabled(if: EphemeralPostgres.isAvailable, "\(EphemeralPostgres.reason)"))
struct CatalogueQueryTests {
  private static let good = """
    CREATE TABLE tenants (id bigint PRIMARY KEY);
    CREATE TABLE orders (id bigint PRIMARY KEY, tenant_id bigint REFERENCES tenants, bot_id bigint, created_at timestamptz);
    CREATE INDEX ON orders (tenant_id);
    CREATE INDEX named_otherwise ON orders (bot_id, created_at DESC);
    ALTER TABLE orders ENABLE ROW LEVEL SECURITY; ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
    CREATE POLICY p ON orders USING (tenant_id = 1); CREATE POLICY p ON tenants USING (id = 1);
    CREATE TABLE audit_log (id bigint PRIMARY KEY); INSERT INTO audit_log VALUES (1);
    ALTER TABLE audit_log ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON audit_log FOR SELECT USING (true);
    ALTER TABLE orders FORCE ROW LEVEL SECURITY; CREATE UNIQUE INDEX ON tenants (id);
    DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET statement_timeout = ''30s''', current_database()); END $$;
    INSERT INTO tenants VALUES (1); INSERT INTO orders VALUES (1, 1);
    CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = public AS 'SELECT 1';
    CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER t BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION g();
    """

  /// The line, and what makes it a lie.
  static let lines: [(line: String, lie: String)] = [
    ("- [x] RLS enabled on all tables (3+ tables)", "ALTER TABLE orders DISABLE ROW LEVEL SECURITY"),
    ("- [x] RLS policies active on all tables", "DROP POLICY p ON orders"),
    ("- [x] RLS on audit_log fixed", "ALTER TABLE audit_log DISABLE ROW LEVEL SECURITY"),
    (
      "- [x] broken RLS policies (members → people)",
      "CREATE TABLE members (id int); CREATE POLICY q ON orders USING (EXISTS (SELECT FROM members))"
    ),
    ("- [x] All tables have proper constraints", "CREATE TABLE keyless (id int)"),
    ("- [x] Foreign keys properly defined", "ALTER TABLE orders ADD FOREIGN KEY (bot_id) REFERENCES tenants NOT VALID"),
    ("- [x] Triggers functioning correctly", "ALTER TABLE orders DISABLE TRIGGER t"),
    ("- [x] Security definer functions in place", "ALTER FUNCTION f() RESET search_path"),
    (
      "- [x] Indexes optimized for performance",
      "ALTER TABLE orders ADD FOREIGN KEY (bot_id) REFERENCES tenants; DROP INDEX named_otherwise"
    ),
    ("- [x] Audit logging enabled", "TRUNCATE audit_log"),
    (
      "- [x] Audit logs configured (WORM-style)",
      "GRANT DELETE ON audit_log TO PUBLIC; CREATE POLICY d ON audit_log FOR DELETE USING (true)"
    ),
    ("- [x] Audit log table populated", "TRUNCATE audit_log"),
    ("```sql\nCREATE INDEX idx ON orders(bot_id, created_at DESC);\n```", "DROP INDEX named_otherwise"),
    ("- [ ] Table `orders` has columns `bot_id`, `created_at`", "ALTER TABLE orders DROP COLUMN created_at"),
    ("- [ ] `orders` has an index on `tenant_id`", "DROP INDEX orders_tenant_id_idx"),
    ("- [ ] Index on orders(tenant_id) exists", "DROP INDEX orders_tenant_id_idx"),
    (
      "- [ ] Table `tenants` has a unique index on `id`",
      "DROP TABLE tenants CASCADE; CREATE TABLE tenants (id bigint); CREATE INDEX ON tenants (id)"
    ),
    ("- [ ] Table `audit_log` exists", "DROP TABLE audit_log"),
    ("- [ ] Table `legacy_users` was dropped", "CREATE TABLE legacy_users (id int)"),
    ("- [ ] RLS is enabled and forced on `orders`", "ALTER TABLE orders NO FORCE ROW LEVEL SECURITY"),
    ("- [ ] No table without a primary key", "CREATE TABLE keyless (id int)"),
    (
      "- [ ] `statement_timeout` is 30s",
      "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET statement_timeout = ''10s''', current_database()); END $$"
    ),
    ("- [ ] `SELECT count(*) FROM orders WHERE tenant_id IS NULL` returns 0", "INSERT INTO orders VALUES (2, NULL)"),
    ("## Tables\n- `orders` - all orders (with `bot_id`)", "ALTER TABLE orders DROP COLUMN bot_id"),
  ]

  @Test func `what is proposed is green where the line is true, and red where it is a lie`() async throws {
    let server = try EphemeralPostgres.shared()
    for (number, (line, lie)) in Self.lines.enumerated() {
      let binder = Binder(Array(line.utf8), options: Binder.Options())
      let proposal = try #require(binder.lines.last?.proposal, "\(line)")
      for isLie in [false, true] {
        let url = try server.createDatabase(
          named: "bind_\(number)_\(isLie)", sql: Self.good + (isLie ? lie + ";" : ""))
        let blocks = proposal.blocks.map { "  ```yaml gonogo\n  \($0.replacing("\n", with: "\n  "))\n  ```" }
        let ran = await ProbeBench.run(
          document:
            "---\ngonogo: 1\nenvironments: { a: { database: \"${DATABASE_URL}\" } }\n---\n- [ ] x\n\(blocks.joined(separator: "\n"))\n",
          environment: ["DATABASE_URL": url])
        #expect(ran.diagnostics.isEmpty)
        if isLie {
          #expect(!ran.mismatches.isEmpty, "\(line): \(String(describing: ran.outcome))")
        } else {
          #expect(ran.outcome == .passed, "\(line): \(String(describing: ran.outcome))")
        }
      }
    }
  }
}
