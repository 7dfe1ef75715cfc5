import GonogoCore
import GonogoTestSupport
import Testing

@testable import GonogoProbes

@Suite(
  .enabled(if: EphemeralPostgres.isAvailable, "PostgreSQL's server is not installed: apt-get install postgresql-15"))
struct CodeDriftTests {
  private static let schema = """
    CREATE TABLE orders (id int PRIMARY KEY, total numeric, owner uuid, data jsonb);
    CREATE TABLE lines (id int, order_id int REFERENCES orders);
    CREATE FUNCTION add_order(n int) RETURNS int LANGUAGE sql AS 'SELECT n';
    """

  private func drift(_ files: [String: String]) async throws -> (ProbeBench.Ran, [String]) {
    let repository = try Repository(files.merging(["m/1.sql": Self.schema]) { $1 })
    let ran = await repository.shadow("migrations: m\ncode: [\"src/**/*\"]")
    let found = (ran.facts["drift"]?.arrayValue ?? []).map {
      "\($0["kind"]?.stringValue ?? "") \($0["name"]?.stringValue ?? "") \($0["line"]?.integerValue ?? 0)"
    }
    return (ran, found)
  }

  @Test func `code that names what is there passes`() async throws {
    let (ran, found) = try await drift([
      "src/a.ts": """
      // supabase.from('gone')
      const a = Buffer.from('abc'); const b = Array.from("xyz"); await supabase.storage.from('bucket').list()
      await supabase.from('orders').select('id, sum:total::text, data->>x, lines (id, nosuch)').eq('owner', x).order('total')
      await supabase
        .from<Order>('orders')
        .insert({ id: 1, total: 2, owner, data: { anything: 1, ...more }, ...rest })
      await supabase.rpc('add_order', { n: 1 })
      await db.query(`WITH w AS (SELECT 1) SELECT extract(epoch FROM now()) FROM w JOIN orders o ON true, unnest($1) WHERE a IS DISTINCT FROM b`)
      const text = "select a seat from the list"
      """,
      "src/models.py":
        "class Order(Base):\n    __tablename__ = \"orders\"\n    id = Column(Integer)\n    amount: Mapped[int] = mapped_column('total')\n    lines = relationship('Line')\n",
      "src/schema.prisma":
        "model Order {\n  id Int @id\n  sum Decimal @map(\"total\")\n  lines Line[]\n  @@map(\"orders\")\n}\nmodel Line {\n  id Int\n  orderId Int @map(\"order_id\")\n  order Order @relation(fields: [orderId])\n  @@map(\"lines\")\n}\n",
      "src/d.ts": "export const orders = pgTable('orders', { id: integer('id') })\n",
    ])
    #expect(found == [])
    #expect((ran.witness["names"] ?? 0) > 8)
  }

  @Test func `code that names what no migration makes is told with its place`() async throws {
    let (ran, found) = try await drift([
      "src/a.ts": """
      await supabase.from('orders').select('id, discount').eq('tenant', 1)
      await supabase.from('invoices').select('id')
      await supabase.from("orders").update({ paid: true })
      await supabase.rpc('drop_order')
      await sql("DELETE FROM audit_log WHERE id = 1")
      """,
      "src/m.py": "class A(Base):\n    __tablename__ = 'orders'\n    vat = Column(Integer)\n",
      "src/x.prisma": "model payments {\n  id Int @id\n}\n",
    ])
    #expect(ran.mismatches.map(\.path) == ["drift"])
    #expect(
      found == [
        "column orders.discount 1", "column orders.tenant 1", "table invoices 2", "column orders.paid 3",
        "function drop_order 4",
        "table audit_log 5", "column orders.vat 3", "table payments 1",
      ])
  }

  @Test func `code that is not there is an error`() async throws {
    let repository = try Repository(["m/1.sql": Self.schema])
    let ran = await repository.shadow("migrations: m\ncode: nowhere/*.ts")
    #expect(ran.error?.kind == .missing)
  }
}
