import GonogoCore

/// A table that Supabase's interface serves has no row security.
struct TableWithoutRowSecurity: AuditRule {
  static let manual = RuleManual(
    id: "migration-table-without-rls", severity: .high, family: "migrations",
    title: "A table that Supabase's interface serves has no row security",
    what: """
      Replays Supabase's migrations and looks at the tables of the schema `public` that stand at the end \
      without ENABLE ROW LEVEL SECURITY. Views, partitions, tables that anon and authenticated are denied, a \
      schema that supabase/config.toml does not expose, and folders in which a block with a text of its own \
      secures tables, pass. One finding a file, at the first table's creation.
      """,
    why: """
      whoever has the public key reads and writes every row of it
      """,
    mend: """
      add ALTER TABLE … ENABLE ROW LEVEL SECURITY, and a policy for those who may
      """,
    falsifies: "row level security is enabled on all tables",
    wordings: ["RLS on all tables", "RLS включен на всех таблицах"],
    references: ["https://supabase.com/docs/guides/database/postgres/row-level-security"])

  private static func exposesPublic(_ set: MigrationSet, _ context: AuditContext) -> Bool {
    let root = set.directory.split(separator: "/").dropLast().joined(separator: "/")
    guard let file = context.tree["\(root)/config.toml"],
      let schemas = context.toml(file)?["api"]?["schemas"]?.arrayValue
    else { return true }
    return schemas.contains("public")
  }

  func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    for replay in context.facts(Replays.self) where replay.set.isExposed && Self.exposesPublic(replay.set, context) {
      if replay.opaque.contains("row level security") { continue }
      let open = replay.tables.filter { name, table in
        name.schema == "public" && !(table.hasRowSecurity || table.isView || table.isPartition || table.isRevoked)
      }
      for (path, tables) in Dictionary(grouping: open, by: \.value.place.path).sorted(by: { $0.key < $1.key }) {
        let tables = tables.sorted { ($0.value.place, $0.key) < ($1.value.place, $1.key) }
        guard let first = tables.first else { continue }
        let names = tables.map { "'\($0.key)'" }
        let list = names.prefix(12).joined(separator: ", ") + (names.count > 12 ? " and \(names.count - 12) more" : "")
        findings.add(
          names.count == 1
            ? "the table \(list) has no row security, and Supabase's interface serves it"
            : "\(names.count) tables of this file have no row security, and Supabase's interface serves them: \(list)",
          at: first.value.place, subject: names.count == 1 ? first.key.description : path,
          related: tables.dropFirst().prefix(50).map { .init($0.value.place, "'\($0.key)' has none either") })
      }
    }
  }

  static let samples: [RuleSample] = [
    .finds(
      "supabase/migrations/1_a.sql:1:1",
      in: [
        "supabase/migrations/1_a.sql":
          "CREATE TABLE orders (id int);\nCREATE TABLE items (id int);\nALTER TABLE items ENABLE ROW LEVEL SECURITY;\n"
      ], "one of two"),
    .silent(
      "enabled later, another schema, dropped, not Supabase",
      [
        "supabase/migrations/1_a.sql":
          "CREATE TABLE orders (id int);\nCREATE SCHEMA private;\nCREATE TABLE private.keys (id int);\nCREATE TABLE old (id int);\n",
        "supabase/migrations/2_b.sql":
          "ALTER TABLE public.orders ENABLE ROW LEVEL SECURITY;\nDROP TABLE old;\nCREATE TEMP TABLE kept AS SELECT id FROM orders;\n",
        "supabase/migrations/3_c.sql": "CREATE TABLE orders (id int, note text);\n",
        "db/migrations/1_a.sql":
          "CREATE TABLE t (id int);\n",
      ]),
  ]
}
