import GonogoCore
import Testing

@testable import GonogoAudit

/// SQL in Python: the rules about SQL reach it, at its place in the file.
@Suite struct EmbeddedMigrationTests {
  private func findings(_ rule: String, in files: [String: String]) async throws -> [String] {
    var files = files
    files["pyproject.toml"] = files["pyproject.toml"] ?? "dependencies = [\"alembic\", \"psycopg[binary]\"]\n"
    let context = AuditContext(tree: SourceTree(texts: files), now: 0)
    let type = try #require(BuiltinRules.named(rule))
    // What is told beside a finding is of the same cause, and counts as told.
    return await Audit.examine(type, in: context).findings.flatMap { finding in
      ["\(finding.place) \(finding.message)"] + finding.related.map { "\($0.place) \($0.message)" }
    }
  }

  private func revision(_ id: String, after parent: String?, _ upgrade: String) -> String {
    let parent = parent.map { "'\($0)'" } ?? "None"
    let body = upgrade.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n    ")
    return
      "revision = '\(id)'\ndown_revision = \(parent)\n\ndef upgrade():\n    \(body)\n\ndef downgrade():\n    op.drop_table('t')\n"
  }

  @Test func aStringThatDoesNotParseIsToldAtItsPlace() async throws {
    let found = try await findings(
      "sql-does-not-parse",
      in: [
        "db/versions/a.py": revision("a", after: nil, "op.execute(\"CREATE TABEL t (id int)\")\nop.execute('SELECT 1')")
      ])
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("db/versions/a.py:5:24 the SQL does not parse") == true, "\(found)")
  }

  @Test func whatIsPutTogetherAndWhatIsForSeveralSystemsIsPassedOver() async throws {
    let found = try await findings(
      "sql-does-not-parse",
      in: [
        "db/versions/a.py": revision(
          "a", after: nil, "op.execute(f\"CREATE TABEL {t}\")\nop.execute('CREATE TABEL ' + t)"),
        "db/versions/b.py": revision(
          "b", after: "a", "if op.get_bind().dialect.name == 'mysql':\n    op.execute('ALTER TABLE `t` ENGINE=InnoDB')"),
      ])
    #expect(found.isEmpty, "\(found)")
  }

  @Test func withoutPostgreSQLNoStringIsItsSQL() async throws {
    let found = try await findings(
      "sql-does-not-parse",
      in: [
        "pyproject.toml": "dependencies = [\"pymysql\"]\n",
        "db/versions/a.py": revision("a", after: nil, "op.execute(\"CREATE TABEL t (id int)\")"),
      ])
    #expect(found.isEmpty, "\(found)")
  }

  @Test func stringsAndOperationsAreOneHistory() async throws {
    let files = [
      "db/versions/z.py": revision(
        "a", after: nil,
        "op.create_table(\n    't',\n    sa.Column('id', sa.Integer()))\nop.create_index('i', 't', ['id'])"),
      "db/versions/b.py": revision("b", after: "a", "op.create_index(op.f('j'), 't', ['id'], unique=False)"),
      "db/versions/c.py": revision(
        "c", after: "b", "op.execute(\n    \"\"\"\n    CREATE INDEX k ON t (id)\n    \"\"\"\n)"),
      "db/versions/d.py": revision("d", after: "c", "op.create_index('l', 't', ['id'], postgresql_concurrently=True)"),
    ]
    let locks = try await findings("migration-index-locks", in: files)
    #expect(locks.map { $0.prefix { $0 != " " } } == ["db/versions/c.py:7:9", "db/versions/b.py:5:5"], "\(locks)")
    let refused = try await findings("migration-concurrently-in-transaction", in: files)
    #expect(refused.map { $0.prefix { $0 != " " } } == ["db/versions/d.py:5:5"], "\(refused)")
  }

  @Test func aNameIsNotBrokenAtTheEndOfALine() async throws {
    let files = [
      "db/versions/a.py": revision(
        "a", after: nil, "op.create_table(\n    'github_installations',\n    sa.Column('id', sa.Integer()),\n)"),
      "db/versions/b.py": revision(
        "b", after: "a",
        "op.create_index(\n    'ix_github_installations_account',\n    'github_installations',\n    ['id'],\n)"),
    ]
    #expect(try await findings("sql-does-not-parse", in: files).isEmpty)
    let locks = try await findings("migration-index-locks", in: files)
    #expect(locks.map { $0.prefix { $0 != " " } } == ["db/versions/b.py:5:5"], "\(locks)")
  }

  @Test func aColumnThatTakesNoNullHasADefault() async throws {
    let found = try await findings(
      "migration-not-null-without-default",
      in: [
        "db/versions/a.py": revision("a", after: nil, "op.create_table('t', sa.Column('id', sa.Integer()))"),
        "db/versions/b.py": revision(
          "b", after: "a", "op.add_column('t', sa.Column('x', sa.String(), nullable=False))"),
        "db/versions/c.py": revision(
          "c", after: "b", "op.add_column('t', sa.Column('y', sa.String(), nullable=False, server_default='n'))"),
      ])
    #expect(found.map { $0.prefix { $0 != " " } } == ["db/versions/b.py:5:23"], "\(found)")
  }

  @Test func djangosWayBackIsNotRead() async throws {
    let migration = """
      class Migration(migrations.Migration):
          dependencies = []
          operations = [
              migrations.RunSQL("CREATE TABLE t (id int)", "DROP TABEL t"),
              migrations.RunSQL(sql="CREATE TABEL u (id int)", reverse_sql="DROP TABLE u"),
          ]
      """
    let found = try await findings("sql-does-not-parse", in: ["shop/migrations/0001_a.py": migration])
    #expect(found.map { $0.prefix { $0 != " " } } == ["shop/migrations/0001_a.py:5:39"], "\(found)")
  }

  @Test func aBodyEndsWhereNothingIsSetIn() throws {
    let text = SourceFile(
      name: "a.py",
      bytes: Array(
        "def upgrade(\n    x: int = 1,\n) -> None:\n    a = \"\"\"\nmargin\n\"\"\"\n    pass\n\ndef downgrade(): pass\n"
          .utf8))
    let python = PythonText(text)
    let body = try #require(python.body(of: "upgrade"))
    #expect(python.text(body).contains("margin"))
    #expect(!python.text(body).contains("downgrade"))
    #expect(!python.doesNothing(body))
    #expect(python.doesNothing(try #require(python.body(of: "downgrade"))))
  }
}
