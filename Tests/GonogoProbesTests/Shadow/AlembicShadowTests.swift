import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

private enum Alembic {
  /// The program, and what it imports.
  static let isThere: Bool = {
    guard let program = Subprocess.find("alembic"), let bytes = try? FileSystem.read(program, limit: 4096) else {
      return false
    }
    let first = String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
    guard first.hasPrefix("#!") else { return false }
    let words = first.dropFirst(2).split(separator: " ").map(String.init)
    let imports = Subprocess(
      // Which driver `postgresql://` takes changed with SQLAlchemy 2.1.
      words + ["-c", "import alembic, sqlalchemy; sqlalchemy.create_engine('postgresql://h/d')"],
      environment: ProcessEnvironment.all)
    return (try? imports.run(milliseconds: 20_000))?.status == 0
  }()
}

/// A tiny Alembic project, whose models agree with its one revision, or do not.
@Suite(
  .enabled(if: EphemeralPostgres.isAvailable, Comment(rawValue: EphemeralPostgres.reason)),
  .enabled(
    if: Alembic.isThere,
    "alembic with SQLAlchemy and its driver is not on the PATH: pip install alembic 'psycopg[binary]'"
  ))
struct AlembicShadowTests {
  private func project(model: String) throws -> Repository {
    try Repository([
      "backend/alembic.ini": "[alembic]\nscript_location = %(here)s/alembic\n",
      "backend/alembic/env.py": """
      import os
      from alembic import context
      from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, pool

      metadata = MetaData()
      \(model)
      with create_engine(os.environ["DATABASE_URL"], poolclass=pool.NullPool).connect() as connection:
          context.configure(connection=connection, target_metadata=\(model.isEmpty ? "None" : "metadata"))
          with context.begin_transaction():
              context.run_migrations()
      """,
      "backend/alembic/versions/1_orders.py": """
      import sqlalchemy as sa
      from alembic import op

      revision = "a1"
      down_revision = None


      def upgrade():
          op.create_table("orders", sa.Column("id", sa.Integer, primary_key=True), sa.Column("title", sa.String(80)))
      """,
    ])
  }

  private func check(_ model: String) async throws -> (ran: ProbeBench.Ran, check: JSON?) {
    let repository = try project(model: model)
    let ran = await repository.shadow("alembic: backend")
    #expect(
      ran.facts["tables"]?.arrayValue?.contains("public.orders") == true,
      "\(ran.facts) \(String(describing: ran.outcome))")
    return (ran, ran.facts["alembic"]?["check"])
  }

  @Test func `models that agree with the revisions are told so`() async throws {
    let (ran, check) = try await check(
      "Table(\"orders\", metadata, Column(\"id\", Integer, primary_key=True), Column(\"title\", String(80)))")
    #expect(check?["ok"] == true, "\(ran.facts)")
    #expect(check?["exit"] == 0)
    #expect(ran.outcome == .passed)
  }

  @Test func `a column that no revision makes is drift`() async throws {
    let (ran, check) = try await check(
      "Table(\"orders\", metadata, Column(\"id\", Integer, primary_key=True), Column(\"title\", String(80)), Column(\"total\", Integer))"
    )
    #expect(check?["ok"] == false, "\(ran.facts)")
    #expect(check?["message"]?.stringValue?.contains("total") == true, "\(ran.facts)")
  }

  @Test func `a project without models cannot be compared, which is neither`() async throws {
    let (ran, check) = try await check("")
    #expect(check?["ok"] == .null, "\(ran.facts)")
    #expect(check?["message"]?.stringValue?.isEmpty == false)
  }
}
