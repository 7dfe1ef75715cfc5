import GonogoCore

/// A history of migrations has several ends.
struct SeveralHeads: AuditRule {
  static let manual = RuleManual(
    id: "migration-several-heads", severity: .high, family: "migrations",
    title: "A history of migrations has several ends",
    what: """
      Reads which revision each of Alembic's files names as the one before it, and which migration of its own application each of \
      Django's, and looks for several that nothing follows. Branches with a label (`branch_labels`), squashed migrations and files \
      whose values are put together while they run pass. One finding a history.
      """,
    why: "`alembic upgrade head` and `migrate` refuse to run, so the release stops at its first step",
    mend: "merge them (`alembic merge heads`, `makemigrations --merge`), or let the later one name the earlier",
    falsifies: "all migrations are applied",
    references: ["https://alembic.sqlalchemy.org/en/latest/branches.html"])

  func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    for graph in context.facts(MigrationGraphs.self) where graph.isRead {
      let heads = graph.heads.sorted { $0.place < $1.place }
      guard heads.count > 1, !graph.nodes.contains(where: \.isBranch), graph.doubles.isEmpty,
        // Where a parent is missing, what hangs on it is no head of its own: that is told as such.
        graph.missing.isEmpty
      else { continue }
      let names = Fold.list(heads.map { "'\($0.id)'" }, 4)
      findings.add(
        "the history of \(graph.tool.rawValue) has \(heads.count) heads: \(names)", at: heads[heads.count - 1].place,
        subject: graph.directory, related: heads.dropLast().map { .init($0.place, "nothing follows '\($0.id)' either") }
      )
    }
  }

  static let samples: [RuleSample] = [
    .finds(
      "db/versions/c.py:1:13", "shop/migrations/0002_b2.py:1:1",
      in: [
        "db/versions/a.py": "revision = 'aaa'\ndown_revision = None\n",
        "db/versions/b.py": "revision: str = \"bbb\"\ndown_revision: Union[str, None] = \"aaa\"\n",
        "db/versions/c.py": "revision = 'ccc'\ndown_revision = 'aaa'\n",
        "shop/migrations/0001_a.py": "class Migration(migrations.Migration):\n    dependencies = []\n",
        "shop/migrations/0002_b.py":
          "class Migration(migrations.Migration):\n    dependencies = [('shop', '0001_a'), ('auth', '0001_initial')]\n",
        "shop/migrations/0002_b2.py":
          "class Migration(migrations.Migration):\n    dependencies = [\n        (\"shop\", \"0001_a\"),\n    ]\n",
      ], "two that follow one"),
    .silent(
      "merged, labelled, squashed, other applications",
      [
        "db/versions/a.py": "revision = 'aaa'\ndown_revision = None\n",
        "db/versions/b.py": "revision = 'bbb'\ndown_revision = 'aaa'\n",
        "db/versions/c.py": "revision = 'ccc'\ndown_revision = 'aaa'\n",
        "db/versions/d.py": "revision = 'ddd'\ndown_revision = (\n    'bbb',  # and\n    'ccc',\n)\n",
        "two/versions/a.py": "revision = 'x1'\ndown_revision = None\nbranch_labels = ('left',)\n",
        "two/versions/b.py": "revision = 'x2'\ndown_revision = None\nbranch_labels = ('right',)\n",
        "shop/migrations/0001_a.py": "class Migration(migrations.Migration):\n    dependencies = []\n",
        "shop/migrations/0002_b.py":
          "class Migration(migrations.Migration):\n    dependencies = [('shop', '0001_a')]\n",
        "shop/migrations/0001_squashed.py":
          "class Migration(migrations.Migration):\n    replaces = [('shop', '0001_a'), ('shop', '0002_b')]\n    dependencies = []\n",
        "shop/migrations/0003_c.py":
          "class Migration(migrations.Migration):\n    dependencies = [('shop', '0002_b'), migrations.swappable_dependency(X)]\n",
      ]),
    .silent(
      "what was put aside",
      [
        "db/env.py": "", "db/versions/a.py": "revision = 'aaa'\ndown_revision = None\n",
        "db/versions_archive/b.py": "revision = 'bbb'\ndown_revision = None\n",
      ]),
  ]
}
