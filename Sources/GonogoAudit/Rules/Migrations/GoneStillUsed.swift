import GonogoCore
import GonogoProbes

/// A migration drops or renames what code still reads.
struct GoneStillUsed: AuditRule {
  static let manual = RuleManual(
    id: "migration-drops-what-is-used", severity: .high, family: "migrations",
    title: "A migration drops or renames what code still reads",
    what: """
      Joins the names of tables and columns in code (calls of Supabase's clients, SQL in strings, models of \
      Prisma and Drizzle) with the tables and columns that the migrations have dropped or renamed and not made \
      again. Tests, and columns of tables that are not wholly known, pass. One finding a name, at the drop.
      """,
    why: """
      the requests that read it fail as soon as the migration has run
      """,
    mend: """
      take the code out first and deploy it; drop in a later release
      """,
    falsifies: "the code runs on the migrated schema",
    references: [])

  func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    let schema = context.facts(ApplicationSchema.self)
    for use in schema.missing {
      guard let gone = use.gone else { continue }
      let what =
        switch use.name {
        case .table(let table): "the table '\(table)'"
        case .column(let table, let column): "the column '\(table).\(column)'"
        case .function(let name): "the function '\(name)'"
        }
      findings.add(
        "\(what) is \(gone.how), and code still uses it",
        at: gone.place, subject: what,
        severity: use.by == "SQL" ? .medium : nil, because: "a string of SQL may be meant for another database",
        related: [.init(use.place, "it is used here (\(use.by))")])
    }
  }

  static let samples: [RuleSample] = [
    .finds(
      "db/migrations/002_b.sql:1:1", "db/migrations/002_b.sql:2:1", "db/migrations/002_b.sql:3:1",
      in: [
        "db/migrations/001_a.sql":
          "CREATE TABLE invoices (id bigint PRIMARY KEY, old_ref text, state text, note text, kind text);\nCREATE TABLE notes (id bigint, kind text);\n",
        "db/migrations/002_b.sql":
          "ALTER TABLE invoices DROP COLUMN old_ref;\nALTER TABLE invoices DROP COLUMN state;\nALTER TABLE invoices RENAME COLUMN note TO remark;\nALTER TABLE invoices DROP COLUMN kind;\n",
        "app/refs.py":
          "def refs(c):\n    return c.execute(\"SELECT id, old_ref FROM invoices WHERE id = %s\", (1,))\n",
        "src/refs.ts": """
        export const open = () => pool.query('SELECT i.state, n.kind FROM invoices i JOIN notes n ON n.id = i.id')
        export const put = () => pool.query('UPDATE invoices SET note = $1', ['x'])
        export const kinds = () => pool.query('SELECT remark AS kind FROM invoices ORDER BY kind')
        """,
      ], "columns in strings of SQL"),
    .finds(
      "supabase/migrations/2_b.sql:1:1", "supabase/migrations/2_b.sql:2:1",
      in: [
        "supabase/migrations/1_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\nCREATE TABLE carts (id int);\n",
        "supabase/migrations/2_b.sql":
          "DROP TABLE carts;\nALTER TABLE orders DROP COLUMN note;\n",
        "src/a.ts":
          "supabase.from('carts').select('id')\nsupabase.from('orders').select('id, note')\n",
      ], "a table and a column"),
    .silent(
      "made again",
      [
        "supabase/migrations/1_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\nCREATE TABLE carts (id int);\n",
        "supabase/migrations/2_b.sql":
          "DROP TABLE carts;\nCREATE TABLE carts (id int);\nALTER TABLE orders DROP COLUMN note;\nALTER TABLE orders ADD COLUMN note text;\n",
        "src/a.ts":
          "supabase.from('carts').select('id')\nsupabase.from('orders').select('id, note')\n",
      ]),
  ]
}
