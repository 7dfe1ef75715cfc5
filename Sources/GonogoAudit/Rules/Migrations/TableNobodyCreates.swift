import GonogoCore
import GonogoProbes

/// Code uses a table that nobody creates.
struct TableNobodyCreates: AuditRule {
  static let manual = RuleManual(
    id: "sql-table-nobody-creates", severity: .high, family: "migrations",
    title: "Code uses a table that nobody creates",
    what: """
      Joins the names of tables in code (calls of Supabase's clients, SQL in strings, models of Prisma and \
      Drizzle) with what the replay of the migrations leaves, and with every other .sql file and every CREATE \
      TABLE in code. Asked only where all of the tree's migrations are SQL for PostgreSQL and could be read, and \
      no framework makes tables from models. A string of SQL counts where its file asks for a table that the \
      migrations make as well: else it may be for another system. Modules that nobody imports, tests, tables of \
      platforms, of tools and of libraries, and tables that a migration drops or renames (another rule's) pass. Where \
      more than half of the tables are missing, the migrations are not what makes the schema, and nothing is told. One \
      finding a file.
      """,
    why: """
      the first request that comes there fails, and so does every test that a mock answers
      """,
    mend: """
      add the migration that creates it, or take the code out
      """,
    falsifies: "all tables that the application uses exist",
    references: [])

  func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    let schema = context.facts(ApplicationSchema.self)
    var byFile: [String: [(table: String, use: ApplicationSchema.Missing)]] = [:]
    for use in schema.missing where use.gone == nil {
      guard case .table(let table) = use.name else { continue }
      byFile[use.place.path, default: []].append((table, use))
    }
    for (_, list) in byFile.sorted(by: { $0.key < $1.key }) {
      guard let (table, use) = list.first else { continue }
      let isSure = list.contains { $0.use.by != "SQL" }
      let more = list.count == 1 ? "" : ", nor \(list.count - 1) more that this file names"
      findings.add(
        "the code uses the table '\(table)', which no migration creates\(more) (\(use.by))", at: use.place,
        subject: table,
        severity: isSure ? nil : .medium, because: "a string of SQL may be meant for another database",
        related: list.dropFirst().prefix(40).map { .init($0.use.place, "'\($0.table)' is created nowhere") })
    }
  }

  static let samples: [RuleSample] = [
    .finds(
      "src/a.ts:2:1",
      in: [
        "supabase/migrations/1_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "src/a.ts":
          "const a = await supabase.from('orders').select('id')\nconst b = await supabase.from('invoices').select('id')\n",
      ], "a client's call"),
    .finds(
      "src/lib/invoices.ts:2:1", "prisma/schema.prisma:2:1",
      in: [
        "db/migrations/001_a.sql": "CREATE TABLE orders (id int PRIMARY KEY, total int);\n",
        "src/lib/invoices.ts":
          "export const a = () => pool.query('SELECT id FROM orders WHERE id = $1')\nexport const b = () => pool.query('SELECT id FROM invoices WHERE id = $1')\n",
        "src/index.ts": "import { a } from './lib/invoices'\n",
        "prisma/schema.prisma": "// models\nmodel Campaign {\n  id Int @id\n}\nmodel Visit {\n  id Int @id\n}\n",
      ], "a string beside one for a table that is there; two models, told once"),
    .silent(
      "a framework makes tables from models",
      [
        "db/migrations/001_a.sql": "CREATE TABLE orders (id int PRIMARY KEY);\n",
        "app/db.py":
          "Base.metadata.create_all(engine)\nq = 'SELECT id FROM orders'\nr = 'SELECT id FROM invoices WHERE id = 1'\n",
      ]),
    .silent(
      "tables that are there, no tables, a test",
      [
        "supabase/migrations/1_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "scripts/extra.sql":
          "CREATE TABLE extra (id int);\n",
        "src/a.ts":
          "await supabase.from('orders').select('id'); await supabase.from('extra').select('id')\nArray.from('invoices'); supabase.storage.from('bucket').upload()\n",
        "src/Alarms.java":
          "var q = em.createQuery(\"select a from SentAlarm a\");\nvar s = \"WITH recent AS (\" + part + \") \" + \"SELECT id FROM recent\";\n",
        "src/lib/old.ts": "export const f = () => supabase.from('forgotten').select('id')\n",
        "src/lib/warehouse.ts": "export const w = () => ask(\"SELECT event FROM events WHERE id = 1\")\n",
        "src/lib/runner.go":
          "// it's the history\nvar q = `CREATE TABLE IF NOT EXISTS history (v int)`\nvar p = `INSERT INTO history (v) VALUES (1)`\n",
        "src/lib/jobs.ts": "db.query('SELECT id FROM orders'); db.query('SELECT id FROM queuer_jobs WHERE id = 1')\n",
        "package.json": "{\"dependencies\": {\"@acme/queuer\": \"^1.0.0\"}}\n",
        "src/b.ts": "import './lib/warehouse'\nimport { jobs } from './lib/jobs.js'\n",
        "src/analytics.ts":
          "const a = await ask('SELECT count() FROM persons')\nconst b = await ask('SELECT email FROM persons')\n",
        "src/a.test.ts":
          "supabase.from('nothing')\n",
      ]),
  ]
}
