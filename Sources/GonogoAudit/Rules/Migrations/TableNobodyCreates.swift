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
      TABLE in code. Asked only where all of the tree's migrations are SQL for PostgreSQL and could be read. \
      Names in SQL strings weigh less; tests, tables of platforms, and tables that a migration drops or renames \
      (another rule's) pass. One finding a table.
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
    for use in schema.missing where use.gone == nil {
      guard case .table(let table) = use.name else { continue }
      let isSure = use.by != "SQL"
      findings.add(
        "the code uses the table '\(table)', which no migration creates (\(use.by))", at: use.place, subject: table,
        severity: isSure ? nil : .medium, because: "a string of SQL may be meant for another database")
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
    .silent(
      "tables that are there, no tables, a test",
      [
        "supabase/migrations/1_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "scripts/extra.sql":
          "CREATE TABLE extra (id int);\n",
        "src/a.ts":
          "await supabase.from('orders').select('id'); await supabase.from('extra').select('id')\nArray.from('invoices'); supabase.storage.from('bucket').upload()\n",
        "src/analytics.ts":
          "const a = await ask('SELECT count() FROM persons')\nconst b = await ask('SELECT email FROM persons')\n",
        "src/a.test.ts":
          "supabase.from('nothing')\n",
      ]),
  ]
}
