public import GonogoCore

extension ShadowProbe {
  public static let descriptor = ProbeDescriptor(
    name: "shadow",
    summary:
      "builds a scratch PostgreSQL from a repository's migrations: what applies, what fails, what the code misses",
    discussion: """
      Starts a PostgreSQL of its own from the installed programs (on a Unix socket, without a port, as an unprivileged user,
      in memory where there is room), runs the migrations in it, and removes it when the run ends, however it ends. Where
      `server` names one, a database with a random name (gonogo_shadow_…) is made there instead, and dropped at the end with
      the roles of the platform; only a run that is killed leaves it, and a role that a migration makes stays.

      A migration that fails is a finding about the repository, with its file, line and PostgreSQL's own words; the others
      are run nevertheless, unless `on_error: stop`. Where the files stand in an order in which they cannot have run (two
      histories put together, dates that were made up), `on_error: retry` tries what failed again after the others, until
      nothing more applies: each is still told as failed, with `applied_later`. An older file that comes late may put back
      what a newer one had replaced. `missing` lists the tables that failed migrations name and none makes, and
      `elsewhere` the SQL files of the repository that make them: one of them may have to go `before`.

      The style of a folder is seen from its content: Supabase's and plain numbered files, Flyway (`V1__x.sql`, then
      `R__x.sql`), dbmate (`-- migrate:up`), goose (`-- +goose Up`), golang-migrate and sqlx (`1_x.up.sql`), Prisma
      (`x/migration.sql`), Drizzle. What goes down is skipped, and listed. `mode` says what one transaction holds: a `file`
      (as the tools do; a file of one statement runs without, so that CREATE INDEX CONCURRENTLY passes), each `statement`
      alone, `all` files, or `function`: each file executed by a function, as an RPC that runs SQL does, where
      CONCURRENTLY can never pass.

      With `platform: supabase` the roles, schemas, tables and functions of a Supabase project are there first, with its
      default privileges. `auto` takes it for a folder in `supabase/`, and for SQL that names auth.uid(), auth.users or
      storage.objects without making the schema.

      Extensions that this server lacks (pgvector, pg_net, pg_cron and others) are stubbed, so that the schema stands: types,
      operators and functions are there, an index that needs them is left out and listed. An extension nobody knows is a name
      and nothing more. `stubbed` lists them all.

      The migrations run as a superuser: what would only lack a right is not found. psql's own commands that would run
      something, and COPY with a PROGRAM, are refused; a superuser's SQL can still do what the unprivileged user can, so build
      a shadow only from migrations that you would run.

      With `code`, the tables, columns and functions that the code names are looked up in the shadow: Supabase's client calls
      (`.from('x').select('a')`, `.rpc('f')`), SQL in strings, models of Prisma, Drizzle and SQLAlchemy.

      The controls of a run that name the same source share one shadow. Starting takes about a second the first time, and a
      third of one afterwards; give it time with `timeout:`.
      """,
    parameters: parameters + [
      .init(
        "code", .either([.string, .list(.string)]), "Globs of source files, whose names are looked up in the shadow.")
    ],
    shorthand: "migrations",
    facts: [
      .init(
        "migrations[*]", "object",
        "Each file: `file`, `status` (applied, failed, skipped, not_reached, rolled_back), `statements`, `duration_ms`; where it failed `line`, `sqlstate`, `message`, `detail`, `hint`, `statement`, and with several `failures`; `omitted` statements."
      ),
      .init("applied", "integer", "How many were applied."),
      .init("failed[*]", "object", "Those that failed, as in `migrations`."),
      .init("not_reached[*]", "string", "Files after the failure that ended the work."),
      .init("rolled_back[*]", "string", "Files that ran, and that another's failure took back (`mode: all`)."),
      .init("skipped[*]", "string", "Files that do not go up."),
      .init(
        "applied_later[*]", "string", "Those of `failed` that applied when they were tried again (`on_error: retry`)."),
      .init(
        "missing[*]", "object",
        "Tables that failed migrations name: `name`, `migrations` (how many fail for it), `made_by` (the later file that makes it; null where none does)."
      ),
      .init(
        "elsewhere[*]", "object",
        "SQL files beside the migrations that make what is missing: `file`, `makes` (how many)."),
      .init("unnumbered[*]", "string", "Files without a version in their name, which the tools leave out or refuse."),
      .init("duplicates[*]", "string", "Versions that two files share."),
      .init(
        "stubbed[*]", "object",
        "Extensions that this server lacks: `name`, `schema`, `objects` (false where it is a name only)."),
      .init("tables[*]", "string", "The tables and views that stand, with their schema."),
      .init("platform", "string", "`supabase` or `none`."),
      .init("style", "string or null", "The folder's style."),
      .init("mode", "string", "What a transaction held."),
      .init("roles[*]", "string", "Roles that were made because a dump names them."),
      .init(
        "drift[*]", "object", "With `code`: what it names and no migration makes: `kind`, `name`, `file`, `line`, `by`."
      ),
      .init("named", "integer", "With `code`: how many distinct names it holds."),
      .init(
        "alembic.check", "object",
        "With `alembic`, where it came to its head: what `alembic check` said of the models, as `ok` (null where it could not compare them), `exit` and `message`."
      ),
    ],
    witness: [
      ("migrations", "migrations that were applied"),
      ("names", "with `code`: tables, columns and functions that it names"),
    ],
    failures: [
      ("PostgreSQL's server is not installed", "tool-missing, with the command that installs it"),
      ("the folder is not there, or holds no SQL", "not-found"),
      ("it takes longer than `timeout`", "timed-out, with the file and line it was at"),
      ("alembic, prisma or the command is not there", "tool-missing"),
      ("the server named by `server` lets nobody make a database", "denied, with what it said"),
    ],
    examples: [
      .init("All migrations apply to an empty database", "shadow: supabase/migrations\ntimeout: 2m"),
      .init(
        "They also apply through a function that runs each file",
        "shadow:\n  migrations: db/migrations\n  mode: function\nexpect: { failed: { length: 0 } }\ntimeout: 2m"),
      .init(
        "The code names nothing that no migration makes",
        "shadow:\n  migrations: supabase/migrations\n  code: [\"src/**/*.ts\", \"src/**/*.tsx\"]\ntimeout: 2m"),
    ],
    // initdb and postgres are not on the PATH where Debian puts them; the probe says where it looked.
    tools: [.init("setpriv", install: "apt-get install util-linux")])

  /// The parameters of a shadow database, for any probe that takes one.
  static let parameters: [ProbeDescriptor.Parameter] = [
    .init(
      "migrations", .either([.string, .list(.string)]),
      "A folder of SQL files, seen from the document, or the repository's root; or several folders and files, in order."
    ),
    .init("dump", .string, "One file of SQL, such as pg_dump's; roles that it names are made."),
    .init("alembic", .string, "The directory of alembic.ini: `alembic upgrade head` is run there with DATABASE_URL."),
    .init(
      "prisma", .string,
      "The directory that holds prisma/schema.prisma: `prisma migrate deploy` is run there with DATABASE_URL."),
    .init(
      "command", .either([.string, .list(.string)]),
      "A program that migrates; it is given DATABASE_URL and PGHOST, PGUSER, …"),
    .init(
      "style", .choice(MigrationStyle.allCases.map(\.rawValue)), "Whose files they are (default: seen from the folder)."
    ),
    .init(
      "order", .choice(["name", "git"]),
      "The order of the files: by name, or by the commit that added them (default name)."),
    .init(
      "on_error", .choice(ShadowOptions.OnError.allCases.map(\.rawValue)),
      "After a failure (default continue; `mode: all` stops). `retry` tries what failed again after the others, so that more of the schema stands."
    ),
    .init(
      "mode", .choice(["file", "statement", "all", "function"]),
      "What one transaction holds (default file; for a dump statement)."),
    .init(
      "platform", .choice(["auto", "none", "supabase"]), "What is there before the first migration (default auto)."),
    .init("roles", .list(.string), "Roles that the environment has: made first, without log-in."),
    .init(
      "owner", .string,
      "A role that is given all that was made, as if it had run the migrations: the application's login, which is no superuser."
    ),
    .init("before", .list(.string), "SQL files that run before the migrations, and are none of them."),
    .init("binaries", .string, "The directory of initdb and postgres (default: the newest version installed)."),
    .init("server", .string, "A server to make the database on, instead of one of its own: a connection URI."),
  ]
}
