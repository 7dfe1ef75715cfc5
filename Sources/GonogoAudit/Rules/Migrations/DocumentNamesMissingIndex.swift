import GonogoCore

/// A checklist names an index or a table that no migration creates.
struct DocumentNamesMissingIndex: AuditRule {
  static let manual = RuleManual(
    id: "document-names-missing-index", severity: .medium, family: "migrations",
    title: "A checklist names an index or a table that no migration creates",
    what: """
      Reads fenced blocks of SQL and code spans in Markdown files that have task items: an index that a CREATE \
      INDEX creates there, and names like `idx_…` or `…_idx`; tables in the code spans of a task item that \
      speaks of tables. Each must stand in the migrations' replay, in another .sql file or anywhere in code. \
      Asked only where all of the tree's migrations are SQL for PostgreSQL. What speaks to a tool (hidden folders, skills, prompts) \
      and plans of the product, most of whose boxes are open and whose names say nothing of going live, pass. One finding a document.
      """,
    why: """
      the tick is for something that the database has not: the query behind it reads the whole table
      """,
    mend: """
      add the migration, or take the line out
      """,
    falsifies: "all indexes of the checklist exist",
    references: [])

  func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    let schema = context.facts(ApplicationSchema.self)
    guard schema.canJudge else { return }
    for document in context.facts(MarkdownDocuments.self)
    where !ApplicationSchema.isPast(document.file.path) && !document.isUnfinished {
      let file = document.file
      guard let text = context.tree.text(file) else { continue }
      let missing = DocumentNames.read(text).filter { !schema.knows($0) && !Self.isNamed($0.name, in: context) }
      guard let first = missing.first else { continue }
      let more = missing.count == 1 ? "" : "; \(missing.count - 1) more names of this document are nowhere either"
      findings.add(
        "the document names the \(first.isTable ? "table" : "index") '\(first.name)', which no migration creates\(more)",
        at: TreePlace(file.path, first.position), subject: first.name,
        related: missing.dropFirst().prefix(40).map {
          .init(TreePlace(file.path, $0.position), "'\($0.name)' is nowhere")
        })
    }
  }

  /// Whether code or SQL names it anywhere: who does knows of it.
  private static func isNamed(_ name: String, in context: AuditContext) -> Bool {
    context.tree.files.contains { file in
      switch file.language {
      case nil, .markdown, .html: false
      default: context.tree.text(file).map { ByteSearch.contains(name, in: $0.bytes) } ?? false
      }
    }
  }

  static let samples: [RuleSample] = [
    .finds(
      "GO-LIVE.md:4:14",
      in: [
        "supabase/migrations/1_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\nCREATE INDEX idx_total ON orders (total);\n",
        "GO-LIVE.md":
          "- [ ] Indexes\n```sql\nCREATE INDEX idx_total ON orders (total);\nCREATE INDEX idx_owner ON orders (owner);\n```\n",
      ], "a block of SQL"),
    .finds(
      "GO-LIVE.md:1:31",
      in: [
        "supabase/migrations/1_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "GO-LIVE.md":
          "- [x] Tables exist: `orders`,`invoices`\n",
      ], "a list of tables"),
    .silent(
      "names that are there, no checklist",
      [
        "supabase/migrations/1_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\nCREATE INDEX idx_total ON orders (total);\n",
        "GO-LIVE.md":
          "- [x] Tables: `orders`; index `idx_total`; run `pnpm migrate`\n",
        "README.md":
          "An index `idx_none` is an example.\n",
        ".helpers/skills/tables/SKILL.md": "- [ ] Names like `idx_table_column`\n",
        "ARCHITECTURE.md":
          "# The shop\n\nSearch reads `idx_words`.\n\n- [x] Orders\n- [ ] Search\n- [ ] Prices\n- [ ] Mail\n- [ ] Maps\n- [ ] Charts\n",
      ]),
  ]
}
