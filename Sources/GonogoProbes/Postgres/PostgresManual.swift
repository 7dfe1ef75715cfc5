public import GonogoCore

extension PostgresProbe {
  public static let descriptor = ProbeDescriptor(
    name: "postgres",
    summary: "looks into PostgreSQL: rows, catalogue, connections, migrations",
    discussion: """
      Looks at one of four things in a database: the rows of a `query`, the `schema` as the catalogue has it, the
      `connections` of the server, the `migrations` of a folder against those applied.

      The database is `${database}` unless `database:` or the principal says otherwise: a URI or a keyword string of libpq.
      Keys in the URI that only other drivers know (`pgbouncer`, `connection_limit`, `schema`, …) and a driver in its scheme
      (`postgresql+asyncpg`) are passed over.

      With `shadow:` it is a scratch database built from migrations, as the probe `shadow` builds it: what they make, before
      anything is deployed. Its user is a superuser; name a `role` to ask as another. Rows to ask for come from a file of SQL
      after the migrations: `migrations: [supabase/migrations, fixtures.sql]`.

      Everything runs in a transaction that is rolled back, in one round trip: `BEGIN ISOLATION LEVEL REPEATABLE READ READ
      ONLY`, the settings (as `SET LOCAL`), the statement, `ROLLBACK`. With `write: true` the transaction may write, and is
      rolled back all the same; sequences and what a function does outside of the transaction (dblink, COPY … PROGRAM) are
      not, so say `effect: writes` where a statement does such things. Nothing is left in the session: a pooler in
      transaction mode (PgBouncer, Supavisor) is no hindrance. A statement is cancelled after 85 % of the line's time, a wait
      for a lock after 70 %; the message then says who holds the lock.

      **query.** The text is sent as it is: `${…}` in it is refused. Values go in `parameters` and are `$1`, `$2` in the SQL.
      A list becomes an array (`= ANY ($1)`), a mapping becomes JSON. The session's time zone is UTC. In the facts, integers,
      floats and booleans are JSON's; `bigint` and `numeric` are numbers where a number is exact (up to 2^53 or 15 digits),
      else strings; `json` and `jsonb` are what they hold; arrays of the built-in types are lists; `timestamptz` is RFC 3339;
      everything else is PostgreSQL's text. Two columns of one name are `name` and `name_2`. At most 10,000 rows or 4 MiB are
      kept (`truncated` says so); `row_count` counts all.

      A query that gives no row proves nothing by itself: the table may be empty. `examined:` is a second statement that
      gives one number, how many rows there were to look at, in the same snapshot. Then `row_count: 0` can pass.

      With `may_fail: true` a refusal by the server is a fact, `error`, and not an error of the probe; expecting one needs a
      positive control (`allowed:`). Timeouts, lost connections and exhausted resources stay errors.

      **schema.** (PostgreSQL 12 and later.) Its facts describe the schemas named in `schemas` (default `public`); objects in the first are known by their
      names, those in the others as `schema.name`. Objects that belong to an extension are left out. Under `tables`, `views`,
      `indexes`, `functions`, `extensions`, `roles`, `constraints` and `triggers` stands what must be there: a list of names, a
      mapping from names to properties, or these under `at_least:` or `exactly:`. What is not as it should be is in `missing`,
      `different` and `unexpected`, which must then be empty.

      Types are compared by meaning (`timestamptz` is `timestamp with time zone`). Indexes are compared by what they are:
      table, columns, order, uniqueness, predicate, method, valid and ready. The wanted index is made on an empty temporary
      copy of its table, in the transaction that is rolled back, and the server says what it is; where the role may make no
      temporary table, the texts are compared (`index_comparison: text`). An index of another name that is the same serves,
      and is told in `equivalents`. Names outside of the schemas must be found by the role's `search_path`.

      **connections.** What pg_stat_activity and the server's limits say, of client connections, the probe's own included. A
      user who may not see what others do gets an error, not zeros: grant `pg_read_all_stats`, or say `states: false`.

      **migrations.** `folder` is seen from the document, and may have `*` in it. Styles: `supabase` (files `20240131120000_x.sql`,
      table `supabase_migrations.schema_migrations`), `alembic` (`versions/*.py`, read by a scan; `alembic_version`), `prisma`
      (`*/migration.sql`; `_prisma_migrations`), `numbered` (files that begin with a number or are Flyway's `V1__x.sql`;
      `schema_migrations`, by file name, stem or number; golang-migrate's `dirty` and Flyway's `success` are understood). Without
      `expect:`, `pending`, `unknown` and `failed` must be empty.
      """,
    parameters: [
      .init("database", .string, "A URI or keyword string of libpq (default `${database}`)."),
      .init(
        "shadow", .any, "A scratch database instead, for `query` and `schema`: the parameters of the probe `shadow`."),
      .init("as", .string, "A principal with a `postgres`: its role, settings and database are taken."),
      .init("query", .string, "One SQL statement; values are `$1`, `$2`, … from `parameters`."),
      .init("parameters", .list(.any), "The values of `$1`, `$2`, …; interpolated."),
      .init("role", .string, "The role to take for the transaction (`SET LOCAL ROLE`)."),
      .init("settings", .map(.string), "Settings for the transaction, such as `request.jwt.claims`."),
      .init("examined", .string, "A statement that gives one number: how many rows there were to look at."),
      .init("write", .boolean, "The statement writes; the transaction is rolled back all the same."),
      .init("may_fail", .boolean, "A refusal by the server is the fact `error`."),
      .init(
        "schema",
        .object(
          [.init("schemas", .list(.string), "Which schemas (default `public`).")]
            + PostgresSchema.kinds.map { kind in
              ProbeDescriptor.Parameter(
                kind, .either([.list(.any), .map(.any)]),
                kind == "indexes"
                  ? "`CREATE INDEX …`, or { table, columns, unique, where, method, include, name }; under `at_least` or `exactly`, too."
                  : "Names, or a mapping from names to properties; under `at_least` or `exactly`, too.")
            }), "What must be there; without any, the catalogue as facts."),
      .init(
        "connections", .object([.init("states", .boolean, "Whether to see what they do (default true).")]),
        "The server's connections; `{}` for all that can be told."),
      .init(
        "migrations",
        .object([
          .init("folder", .string, required: true, "Where the files are, seen from the document."),
          .init(
            "style", .choice(PostgresMigrations.Style.allCases.map(\.rawValue) + ["auto"]),
            "How they are named and recorded (default: the folder's content decides)."),
          .init("table", .string, "Where they are recorded, where that is not the style's usual table."),
        ]), "The files of a folder against what was applied."),
    ],
    shorthand: "query",
    facts: [
      .init("rows[*]", "object", "query: each row, a member a column."),
      .init("value", "any", "query: the first column of the first row; null where there is none."),
      .init("row_count", "integer", "query: how many rows came."),
      .init("columns", "array of strings", "query: the columns' names."),
      .init("truncated", "boolean", "query: more rows came than are kept."),
      .init("affected", "integer", "query: how many rows a statement without RETURNING touched."),
      .init("examined", "integer", "query: what `examined` counted."),
      .init("duration_ms", "integer", "query: from sending to the last row."),
      .init("error.code", "string", "query, with `may_fail`: the SQLSTATE; absent where the statement worked."),
      .init(
        "error.message", "string", "query: what the server said; beside it detail, hint, constraint, line, column."),
      .init(
        "tables.NAME", "object",
        "schema: columns{name: {type, nullable, default, generated, identity}}, primary_key, rls{enabled, forced}, policies, owner, kind, row_estimate (-1 where unknown)."
      ),
      .init("views.NAME", "object", "schema: kind, owner, security_invoker."),
      .init(
        "indexes.NAME", "object",
        "schema: table, columns, order, unique, predicate, method, valid, ready, include, expressions, primary, constraint."
      ),
      .init(
        "functions.NAME(TYPES)", "object",
        "schema: language, security_definer, volatility, returns, search_path, owner, kind, public_execute."),
      .init("extensions.NAME", "object", "schema: version, schema."),
      .init(
        "roles.NAME", "object",
        "schema: superuser, bypassrls, login, createdb, createrole, replication, inherit, connection_limit, member_of."),
      .init("constraints.NAME", "object", "schema: table, type, definition, validated."),
      .init("triggers.NAME", "object", "schema: table, enabled, function, definition."),
      .init("missing", "array of strings", "schema: what is wanted and not there."),
      .init("different[*]", "object", "schema: what, expected, found: what is there and is not as wanted."),
      .init("unexpected", "array of strings", "schema: what is there beyond an `exactly`."),
      .init("equivalents[*]", "object", "schema: wanted, found: an index that serves under another name."),
      .init("index_comparison", "string", "schema: `catalogue` or `text`."),
      .init("used", "integer", "connections: client connections, the probe's own included."),
      .init("limit", "integer", "connections: max_connections."),
      .init("superuser_reserved", "integer", "connections: of these, kept for superusers and reserved roles."),
      .init("available", "integer", "connections: limit - superuser_reserved - used, 0 at the least."),
      .init("used_percent", "number", "connections: of limit - superuser_reserved."),
      .init("active", "integer", "connections: running a statement."),
      .init("idle", "integer", "connections: waiting for their client."),
      .init("idle_in_transaction", "integer", "connections: the same, inside a transaction."),
      .init("waiting", "integer", "connections: waiting for a lock."),
      .init("by_state", "object", "connections: a count for each state."),
      .init("by_application", "object", "connections: a count for each application_name."),
      .init(
        "oldest_transaction_ms", "integer", "connections: the age of the oldest transaction of another connection."),
      .init("files", "array of strings", "migrations: the ids of the files, in order."),
      .init("applied", "array of strings", "migrations: the files that were applied."),
      .init("pending", "array of strings", "migrations: the files that were not."),
      .init("unknown", "array of strings", "migrations: applied, and without a file."),
      .init("failed", "array of strings", "migrations: begun and not finished, rolled back, or dirty."),
      .init("out_of_order", "array of strings", "migrations: pending, and before one that was applied."),
      .init("latest", "string or null", "migrations: the last that was applied."),
      .init("changed", "array of strings", "migrations, prisma: applied, and the file is another now."),
      .init("heads", "array of strings", "migrations, alembic: revisions that nothing follows."),
      .init("multiple_heads", "boolean", "migrations, alembic: there is more than one."),
      .init("current", "array of strings", "migrations, alembic: what alembic_version holds."),
      .init("style", "string", "migrations: the style that was taken."),
      .init("table", "string", "migrations: the table that was read."),
    ],
    witness: [
      ("rows", "query: rows came, or were touched"),
      ("examined", "query with `examined`: there was something to look at"),
      ("refusals", "query with `may_fail`: the server refused"),
      ("objects", "schema: objects that were compared; without a wish, objects in the schemas"),
      ("connections", "connections: there was one at least, the probe's own"),
      ("files", "migrations: the folder has files"),
      ("applied", "migrations: some were applied"),
    ],
    failures: [
      ("nothing listens, or the name cannot be resolved", "unreachable, with host and port"),
      ("the password is wrong, or pg_hba.conf has no line", "denied, with the user"),
      ("the database, a schema, a table or a function is not there", "not-found, with its name"),
      ("the user may not see it", "denied, with the right that lacks"),
      ("the server accepts and does not answer", "timed-out, with what it did last"),
      ("the statement or a lock takes too long", "timed-out, with who holds the lock"),
      ("what listens is no PostgreSQL", "malformed-reply"),
      ("no row came, and nothing was examined", "vacuous, with the advice to add `examined:`"),
    ],
    examples: [
      .init(
        "A backup is fresh",
        """
        postgres:
          query: SELECT extract(epoch FROM now() - max(finished_at)) * 1000 AS age FROM backups
        expect: { value: "< 24h" }
        """),
      .init(
        "No order without a bot",
        """
        postgres:
          query: SELECT id FROM orders WHERE bot_id IS NULL
          examined: SELECT count(*) FROM orders
        expect: { row_count: 0 }
        """),
      .init(
        "A member may not read the ledger",
        """
        postgres:
          query: SELECT * FROM ledger
          as: member
          may_fail: true
        expect: { error.code: "42501" }
        allowed:
          postgres: { query: SELECT * FROM ledger, as: accountant }
          expect: { row_count: ">= 1" }
        """),
      .init(
        "The indexes are there",
        """
        postgres:
          schema:
            indexes:
              - CREATE INDEX idx_orders_bot_created ON orders (bot_id, created_at DESC)
              - { table: event_dedup, columns: [bot_id, source_id], unique: true }
        """),
      .init(
        "The tables have their columns and row security",
        """
        postgres:
          schema:
            tables:
              at_least:
                bot_events: { columns: { processed_at: timestamptz }, rls: true }
            extensions: [pgcrypto]
        """),
      .init(
        "Connections are left",
        """
        postgres: { connections: {} }
        expect: { used_percent: "< 80", idle_in_transaction: "< 5" }
        """),
      .init(
        "Every migration is applied",
        """
        postgres: { migrations: { folder: supabase/migrations, style: supabase } }
        """),
    ])

  public static let principalParameters: [ProbeDescriptor.Parameter] = [
    .init("role", .string, "The role to take for each transaction (`SET LOCAL ROLE`)."),
    .init("settings", .map(.string), "Settings for each transaction, such as `request.jwt.claims`."),
    .init("database", .string, "The database to look at as this principal, where a binding names none."),
  ]
}
