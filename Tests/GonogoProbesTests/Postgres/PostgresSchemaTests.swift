import GonogoCore
import GonogoTestSupport
import Testing

@testable import GonogoProbes

private enum Cabinet {
  static let database: Result<String, any Error> = Result {
    try EphemeralPostgres.shared().createDatabase(
      named: "cabinet",
      sql: """
        CREATE ROLE cabinet_reader LOGIN PASSWORD 'reader-pa55word' BYPASSRLS;
        CREATE SCHEMA audit;
        CREATE EXTENSION pgcrypto;
        CREATE TYPE state AS ENUM ('new', 'paid');
        CREATE TABLE bot_events (id bigserial PRIMARY KEY, bot_id int NOT NULL, created_at timestamptz NOT NULL DEFAULT now(),
          gone int, processed_at timestamptz, name varchar(20), total numeric(10,2), twice int GENERATED ALWAYS AS (bot_id * 2) STORED);
        ALTER TABLE bot_events DROP COLUMN gone;
        ALTER TABLE bot_events ENABLE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON bot_events FOR SELECT USING (bot_id > 0);
        CREATE TABLE orders (id int PRIMARY KEY, bot_id int NOT NULL REFERENCES orders (id), state state, deleted_at timestamptz,
          email text, created_at timestamptz, CONSTRAINT email_is_set CHECK (email <> ''));
        CREATE INDEX idx_events_bot ON bot_events (bot_id, created_at DESC);
        CREATE INDEX idx_swapped ON bot_events (created_at DESC, bot_id);
        CREATE UNIQUE INDEX idx_email ON orders (lower(email)) WHERE deleted_at IS NULL;
        CREATE INDEX idx_state ON orders (bot_id) INCLUDE (email) WHERE state = 'new';
        CREATE INDEX idx_invalid ON orders (created_at);
        UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'idx_invalid'::regclass;
        CREATE FUNCTION touch(int, timestamptz) RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public
          AS 'BEGIN RETURN NEW; END';
        CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER stamped BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION stamp();
        CREATE VIEW recent AS SELECT * FROM orders;
        CREATE TABLE audit.log (id int);
        REVOKE TEMPORARY ON DATABASE cabinet FROM PUBLIC;
        """.replacing("RETURNS trigger LANGUAGE plpgsql SECURITY", with: "RETURNS int LANGUAGE plpgsql SECURITY"))
  }

  static func run(_ schema: String, expect: String = "", user: String = "postgres") async throws -> ProbeBench.Ran {
    _ = try database.get()
    let url = try EphemeralPostgres.shared().url(
      database: "cabinet", user: user, password: user == "postgres" ? nil : "reader-pa55word")
    return await ProbeBench.run(
      binding: "postgres: { schema: \(schema) }\(expect.isEmpty ? "" : "\nexpect: \(expect)")",
      frontMatter: "environments: { test: { database: '${DATABASE_URL}' } }", environment: ["DATABASE_URL": url])
  }
}

@Suite(.enabled(if: EphemeralPostgres.isAvailable, "\(EphemeralPostgres.reason)")) struct PostgresSchemaTests {
  @Test func `the catalogue is facts`() async throws {
    let ran = try await Cabinet.run(
      "{ schemas: [public, audit] }",
      expect: """
        { tables.bot_events.columns.created_at.type: timestamp with time zone,
          tables.bot_events.columns.created_at.nullable: false,
          tables.bot_events.columns.created_at.default: now(), tables.bot_events.columns.twice.generated: (bot_id * 2),
          tables.bot_events.columns.gone: absent, tables.bot_events.primary_key: [id],
          tables.bot_events.rls: { enabled: true, forced: false }, tables.bot_events.policies.tenant.command: select,
          tables.bot_events.owner: postgres, 'tables["audit.log"]': exists, views.recent.security_invoker: false,
          indexes.idx_events_bot.columns: [bot_id, created_at], indexes.idx_events_bot.order: [asc, desc],
          indexes.idx_email: { unique: true, predicate: deleted_at IS NULL, expressions: [lower(email)], method: btree },
          indexes.idx_state.include: [email], indexes.idx_invalid.valid: false, indexes.orders_pkey.primary: true,
          'functions["touch(integer, timestamp with time zone)"]': { language: plpgsql, security_definer: true, search_path: public, public_execute: true },
          extensions.pgcrypto.version: exists, functions: { length: 2 }, roles.cabinet_reader: { bypassrls: true, superuser: false, login: true },
          constraints.email_is_set.type: check, constraints.email_is_set: { table: orders, validated: true }, triggers.stamped: { table: orders, enabled: true, function: stamp } }
        """.replacing("\n", with: "\n "))
    #expect(ran.outcome == .passed, "\(ran.outcome as Any) \(ran.diagnostics)")
    #expect((ran.witness["objects"] ?? 0) > 10)
  }

  @Test(arguments: [
    "['CREATE INDEX idx_events_bot ON bot_events(bot_id, created_at DESC)']",
    "['CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_events_bot ON public.bot_events USING btree (bot_id ASC, created_at DESC NULLS FIRST);']",
    "[{ table: bot_events, columns: [bot_id, created_at DESC] }]",
    "[{ table: orders, columns: [LOWER(email)], unique: true, where: (deleted_at is null), name: idx_email }]",
    "[\"CREATE INDEX idx_state ON orders (bot_id) INCLUDE (email) WHERE (state = 'new'::state)\"]",
  ]) func `an index is found by what it is, with and without temporary tables`(_ indexes: String) async throws {
    let ran = try await Cabinet.run("{ indexes: \(indexes) }")
    #expect(ran.outcome == .passed, "\(ran.outcome as Any) \(ran.diagnostics)")
    #expect(ran.witness == ["objects": 1])
    #expect(ran.facts["index_comparison"] == "catalogue")
    #expect(ran.facts["equivalents"] == [])
    let text = try await Cabinet.run("{ indexes: \(indexes) }", user: "cabinet_reader")
    #expect(text.outcome == .passed, "\(text.outcome as Any)")
    #expect(text.facts["index_comparison"] == "text")
  }

  @Test(arguments: [
    (
      "['CREATE INDEX idx_swapped ON bot_events (bot_id, processed_at)']", "index idx_swapped: columns",
      "(bot_id, processed_at)", "(created_at DESC, bot_id)"
    ),
    (
      "['CREATE INDEX idx_email ON orders (lower(email)) WHERE deleted_at IS NULL']", "index idx_email: uniqueness",
      "not unique", "unique"
    ),
    (
      "['CREATE INDEX idx_state ON orders (bot_id) INCLUDE (email)']", "index idx_state: predicate", "none",
      "state = 'new'"
    ),
    ("['CREATE INDEX idx_invalid ON orders (created_at)']", "index idx_invalid: state", "valid and ready", "invalid"),
    (
      "['CREATE INDEX idx_events_bot ON orders (bot_id, created_at DESC)']", "index idx_events_bot: table", "orders",
      "bot_events"
    ),
    ("['CREATE INDEX idx_state ON orders USING hash (bot_id)']", "index idx_state: method", "hash", "btree"),
  ]) func `an index that is another is told precisely`(
    _ indexes: String, _ what: String, _ expected: String, _ found: String
  )
    async throws
  {
    for user in ["postgres", "cabinet_reader"] {
      let ran = try await Cabinet.run("{ indexes: \(indexes) }", user: user)
      #expect(ran.mismatches.map(\.path) == ["different"], "\(ran.outcome as Any)")
      let difference = ran.facts["different"]?.arrayValue?.first { $0["what"]?.stringValue == what }
      if user == "postgres" {
        #expect(difference?["expected"]?.stringValue == expected, "\(ran.facts["different"] as Any)")
        #expect(difference?["found"]?.stringValue?.contains(found) == true)
      } else {
        #expect(difference != nil, "\(ran.facts["different"] as Any)")
      }
    }
  }

  @Test func `an index of another name serves, and is told`() async throws {
    let ran = try await Cabinet.run("{ indexes: ['CREATE INDEX idx_other ON bot_events (bot_id, created_at DESC)'] }")
    #expect(ran.outcome == .passed)
    #expect(ran.facts["equivalents"]?[0]?["found"] == "idx_events_bot")
  }

  @Test func `what is missing is told`() async throws {
    let ran = try await Cabinet.run(
      """
      { indexes: ['CREATE INDEX i ON orders (deleted_at)', 'CREATE INDEX j ON nowhere (a)', 'CREATE INDEX k ON orders (nothing)'],
          tables: { bot_events: { columns: { processed_at: timestamptz, lost: int } }, lost_table: }, extensions: [hstore],
          roles: [no_role], functions: ['touch(int)'], constraints: [no_constraint], triggers: [no_trigger], views: [no_view] }
      """)
    #expect(ran.mismatches.map(\.path) == ["missing"], "\(ran.diagnostics)")
    let missing = ran.facts["missing"]?.arrayValue?.compactMap(\.stringValue) ?? []
    #expect(
      missing == [
        "column lost of table bot_events", "table lost_table", "view no_view", "index i on orders (deleted_at)",
        "index j on nowhere (a): there is no table nowhere",
        "index k on orders (nothing): column \"nothing\" does not exist", "function touch(integer)", "extension hstore",
        "role no_role", "constraint no_constraint", "trigger no_trigger",
      ])
  }

  @Test func `what is different is told, and types are compared by meaning`() async throws {
    let green = try await Cabinet.run(
      """
      { tables: { at_least: { bot_events: { rls: true, primary_key: [id], policies: [tenant], columns: {
          name: varchar(20), total: "decimal(10, 2)", bot_id: { type: int4, nullable: false }, created_at: { type: TIMESTAMPTZ, default: now() } } } } },
          functions: { 'touch(int, timestamptz)': { security_definer: true, search_path: public }, stamp: { returns: trigger } },
          roles: { cabinet_reader: { bypassrls: true } }, constraints: { email_is_set: { type: check, definition: "CHECK (email <> '')" } } }
      """)
    #expect(green.outcome == .passed, "\(green.outcome as Any) \(green.diagnostics)")
    let red = try await Cabinet.run(
      """
      { tables: { bot_events: { rls: { forced: true }, columns: { name: text, bot_id: { nullable: true } } }, orders: { rls: true } },
          roles: { cabinet_reader: { bypassrls: false } }, functions: { stamp: { security_definer: true } }, extensions: { pgcrypto: "0.1" } }
      """)
    #expect(red.mismatches.map(\.path) == ["different"])
    let whats = red.facts["different"]?.arrayValue?.compactMap { $0["what"]?.stringValue }
    #expect(
      whats == [
        "table bot_events, column bot_id: nullable", "table bot_events, column name: type",
        "table bot_events, rls: forced",
        "table orders, rls: enabled", "function stamp(): security_definer", "extension pgcrypto: version",
        "role cabinet_reader: bypassrls",
      ])
  }

  @Test func `exactly tells what is too much`() async throws {
    let ran = try await Cabinet.run(
      "{ tables: { exactly: [bot_events] }, indexes: { exactly: ['CREATE INDEX idx_events_bot ON bot_events (bot_id, created_at DESC)'] } }"
    )
    #expect(ran.mismatches.map(\.path) == ["unexpected"])
    #expect(
      ran.facts["unexpected"] == [
        "index idx_email on orders", "index idx_invalid on orders", "index idx_state on orders",
        "index idx_swapped on bot_events", "table orders",
      ])
    let green = try await Cabinet.run("{ schemas: [audit], tables: { exactly: [log] } }")
    #expect(green.outcome == .passed)
  }

  @Test func `a schema that is not there cannot be looked at`() async throws {
    let ran = try await Cabinet.run("{ schemas: [nope], tables: [a] }")
    #expect(ran.error?.kind == .missing)
  }

  @Test(arguments: [
    ("{ indexes: ['CREATE INDEX ON t'] }", "wrong-type"),
    ("{ indexes: ['CREATE INDEX i ON t (a); DROP TABLE t'] }", "wrong-type"),
    ("{ indexes: ['CREATE INDEX i ON t ((a)'] }", "wrong-type"), ("{ indexes: [{ table: t }] }", "missing-key"),
    ("{ tables: { t: { colums: [a] } } }", "unknown-key"), ("{ tables: [] }", "empty-expectation"),
    ("{ tabels: [t] }", "unknown-key"), ("{}", "empty-expectation"),
  ]) func `misuse is found while planning`(_ schema: String, _ code: String) async throws {
    let ran = try await Cabinet.run(schema)
    #expect(ran.diagnostics.contains { $0.code.id == code }, "\(ran.diagnostics)")
    #expect(ran.results.isEmpty)
  }

  @Test func `nothing of the comparison stays`() async throws {
    _ = try await Cabinet.run("{ indexes: ['CREATE INDEX i ON orders (deleted_at)'] }")
    #expect(
      try EphemeralPostgres.shared().run(
        "SELECT count(*) FROM pg_class WHERE relname LIKE 'gonogo%'", database: "cabinet")
        == "0")
  }
}

@Suite struct PostgresTypeTests {
  @Test(arguments: [
    ("timestamptz", "timestamp with time zone"), ("TIMESTAMPTZ (3)[]", "timestamp(3) with time zone[]"),
    ("varchar(20)", "character varying(20)"), ("decimal( 10, 2 )", "numeric(10,2)"), ("int[]", "integer[]"),
    ("char", "character(1)"), ("double  precision", "double precision"), ("public.state", "public.state"),
    ("timestamp(3) with time zone", "timestamp(3) with time zone"),
  ]) func `names of types have one form`(_ written: String, _ canonical: String) {
    #expect(PostgresType.canonical(written) == canonical)
  }

  @Test(arguments: [
    (
      "SELECT '$1', $1, \"$1\", $tag$ $1 $tag$ -- $1\n/* $1 /* */ $1 */ + $2",
      "SELECT '$1', 'a', \"$1\", $tag$ $1 $tag$ -- $1\n/* $1 /* */ $1 */ + 'b'"
    ),
    ("SELECT E'\\'$1', $1::int", "SELECT E'\\'$1', 'a'::int"), ("$1", "'a'"), ("", ""),
    ("'unclosed $1", "'unclosed $1"),
  ]) func `parameters are found outside of strings and comments`(_ sql: String, _ inlined: String) {
    #expect(PostgresSQL.inlined(sql, ["'a'", "'b'"]) == inlined)
  }
}
