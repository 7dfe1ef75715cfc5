import GonogoCore

/// A migration follows one that is not there.
struct MissingParent: AuditRule {
  static let manual = RuleManual(
    id: "migration-missing-parent", severity: .high, family: "migrations",
    title: "A migration follows one that is not there",
    what: """
      Looks for a `down_revision` of Alembic's that no file of the tree has, for a revision that two files have, and for a dependency \
      of Django's on a migration of the same application that is not in its folder. Values that are put together while they run pass.
      """,
    why: "the tool refuses to load the history: no migration runs at all, on no database",
    mend: "bring the missing file back, or name the migration that there is",
    falsifies: "all migrations are applied",
    references: ["https://alembic.sqlalchemy.org/en/latest/tutorial.html#create-a-migration-script"])

  func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    let graphs = context.facts(MigrationGraphs.self)
    // Revisions may be spread over several places (`version_locations`).
    let revisions = Set(graphs.filter { $0.tool == .alembic }.flatMap(\.nodes).map(\.id))
    for graph in graphs where graph.isRead {
      for (node, parent) in graph.missing {
        // Alembic takes the beginning of a revision as well.
        if graph.tool == .alembic, revisions.contains(where: { $0.hasPrefix(parent.id) }) { continue }
        findings.add(
          "'\(node.id)' follows '\(parent.id)', which no migration is", at: parent.place, subject: node.id)
      }
      for same in graph.doubles {
        findings.add(
          "\(same.count) files have the revision '\(same[0].id)'", at: same[1].place, subject: same[0].id,
          mend: "give the later one a revision of its own",
          related: same.filter { $0.file != same[1].file }.map { .init($0.place, "it has the revision, too") })
      }
    }
  }

  static let samples: [RuleSample] = [
    .finds(
      "db/versions/b.py:2:18", "shop/migrations/0003_c.py:2:31", "two/versions/b.py:1:13",
      in: [
        "db/versions/a.py": "revision = 'aaa'\ndown_revision = None\n",
        "db/versions/b.py": "revision = 'bbb'\ndown_revision = 'abc'\n",
        "two/versions/a.py": "revision = 'x1'\ndown_revision = None\n",
        "two/versions/b.py": "revision = 'x1'\ndown_revision = None\n",
        "shop/migrations/0001_a.py": "class Migration(migrations.Migration):\n    dependencies = []\n",
        "shop/migrations/0003_c.py":
          "class Migration(migrations.Migration):\n    dependencies = [('shop', '0002_b')]\n",
      ], "a revision, a migration, one twice"),
    .silent(
      "there, in another place, of another application",
      [
        "db/versions/a.py": "revision = 'aaabbb'\ndown_revision = None\n",
        "db/other/b.py": "revision = 'bbb'\ndown_revision = 'aaabbb'\n",
        "db/other/c.py": "revision = 'ccc'\ndown_revision = PARENT\n",
        "shop/migrations/0001_a.py":
          "class Migration(migrations.Migration):\n    dependencies = [('auth', '0009_gone'), ('shop', '__first__')]\n",
        "shop/migrations/0002_b.py":
          "class Migration(migrations.Migration):\n    dependencies = [('shop', '0001_a')]\n",
      ]),
    .silent(
      "an application that is called otherwise than its folder",
      [
        "shop/permissions/apps.py": "class Permissions(AppConfig):\n    label = 'shop_permissions'\n",
        "shop/permissions/migrations/0001_a.py":
          "class Migration(migrations.Migration):\n    dependencies = [('permissions', '0004_b')]\n",
        "shop/permissions/migrations/0002_b.py":
          "class Migration(migrations.Migration):\n    dependencies = [('permissions', '0005_c')]\n",
      ]),
  ]
}
