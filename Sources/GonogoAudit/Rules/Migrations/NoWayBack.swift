import GonogoCore

/// A migration has no way back, though its tool knows one.
struct NoWayBack: AuditRule {
  static let manual = RuleManual(
    id: "migration-no-way-back", severity: .low, family: "migrations",
    title: "A migration has no way back, though its tool knows one",
    what: """
      Looks at the migrations of Alembic, dbmate, golang-migrate, goose, sql-migrate and sqitch for a down part that is \
      missing or empty (`pass`), where at least half of those that could have one do, as nobody goes back otherwise. One \
      finding a folder. Tools that know no way back are not asked, and a merge or another migration that does nothing needs none.
      """,
    why: """
      a release that goes wrong cannot be taken back with the tool
      """,
    mend: """
      write the down part, or one that raises an exception and says why there is none
      """,
    falsifies: "every migration can be rolled back",
    wordings: ["migrations have a way back", "migrations are reversible", "every migration has a down migration"],
    references: [])

  func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    for set in context.facts(Migrations.self).sets where set.tool.hasDowns && (set.isPostgres || set.tool == .alembic) {
      let without = set.migrations.filter { $0.hasWayBack == false && !$0.doesNothing }
      guard let first = without.first, without.count <= set.migrations.count(where: { $0.hasWayBack == true })
      else { continue }
      let name = String(first.file.name)
      let more = without.count > 1 ? ", and \(without.count - 1) more of \(set.migrations.count) have none" : ""
      findings.add(
        "the migration '\(name)' has no way back\(more)", at: TreePlace(first.file.path), subject: name,
        related: without.dropFirst().prefix(20).map { .init(TreePlace($0.file.path), "this one has none either") })
    }
  }

  static let samples: [RuleSample] = [
    .finds(
      "db/migrations/002_b.up.sql:1:1",
      in: [
        "db/migrations/001_a.up.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "db/migrations/001_a.down.sql":
          "DROP TABLE orders;\n",
        "db/migrations/002_b.up.sql":
          "ALTER TABLE orders DROP COLUMN note;\n",
        "db/migrations/002_b.down.sql":
          "-- nothing\n",
      ], "an empty way back"),
    .finds(
      "db/versions/b.py:1:1",
      in: [
        "db/versions/a.py":
          "revision = 'a'\ndown_revision = None\n\ndef upgrade():\n    op.create_table('t')\n\ndef downgrade():\n    op.drop_table('t')\n",
        "db/versions/b.py":
          "revision = 'b'\ndown_revision = 'a'\n\ndef upgrade() -> None:\n    op.drop_column('t', 'x')\n\n\ndef downgrade() -> None:\n    \"\"\"Nothing.\"\"\"\n    # no way\n    pass\n",
      ], "Alembic's, that passes"),
    .silent(
      "Alembic's merge, and one that says why",
      [
        "db/versions/a.py":
          "revision = 'a'\ndown_revision = None\n\ndef upgrade():\n    op.create_table('t')\n\ndef downgrade():\n    op.drop_table('t')\n",
        "db/versions/b.py":
          "revision = 'b'\ndown_revision = 'a'\n\ndef upgrade():\n    op.drop_column('t', 'x')\n\ndef downgrade():\n    raise NotImplementedError('the data are gone')\n",
        "db/versions/c.py":
          "revision = 'c'\ndown_revision = 'b'\n\ndef upgrade():\n    pass\n\ndef downgrade():\n    pass\n",
      ]),
    .silent(
      "the way there by its name, and nobody goes back",
      [
        "db/migrations/1_a.up.sql": "CREATE TABLE a (id int);\n",
        "db/migrations/2_b.up.sql": "CREATE TABLE b (id int);\n",
        "db/migrations/3_c.sql": "CREATE TABLE c (id int);\n", "db/migrations/4_d.sql": "CREATE TABLE d (id int);\n",
      ]),
    .silent(
      "a way back, and a tool that has none",
      [
        "db/migrations/001_a.up.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
        "db/migrations/001_a.down.sql":
          "DROP TABLE orders;\n",
        "db/migrations/002_b.up.sql":
          "CREATE INDEX orders_total ON orders (total);\n",
        "db/migrations/002_b.down.sql":
          "DROP INDEX orders_total ON orders;\n",
        "supabase/migrations/001_a.sql":
          "CREATE TABLE orders (id int PRIMARY KEY, total int, note varchar(20));\n",
      ]),
  ]
}
