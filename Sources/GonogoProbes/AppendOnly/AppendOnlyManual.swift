public import GonogoCore

extension AppendOnlyProbe {
  public static let descriptor = ProbeDescriptor(
    name: "append_only",
    summary:
      "proves that a table (an audit log) only grows under the application's roles, and that its entries say what they must",
    discussion: """
      Each role first **writes an entry** (the control: a refusal proves nothing of somebody who cannot do anything), then tries
      everything that would undo one: UPDATE and DELETE (of that entry, and without WHERE where the table is small), TRUNCATE,
      switching triggers off, DROP, and `session_replication_role`, which silences triggers; also on each partition that it
      holds a right on. All of it in one transaction that is rolled back, each attempt in a savepoint of its own.

      What an attempt did is counted (`pg_stat_get_xact_tuples_updated`), not believed: an UPDATE that succeeds and touches
      nothing is `no_effect` where a rule, a trigger or the lack of a policy explains it, and otherwise *nothing is proven*. A
      trigger that raises an error is a refusal.

      The roles are those named; else every role that holds a right on the table, with `public` for everybody. A superuser, the
      table's owner and a member of the owner are findings without any attempt: they can give themselves what they lack. Where
      nobody but the owner holds a right, the application writes as the owner, and the table is not append-only.

      The entry is made up, with a value in each column that needs one and a negative number where there is a sequence, so that
      no number is used up. Say with `insert:` how the application writes one, such as by a function; a sequence that it moves
      stays moved.

      With `entries:`, the latest entries are read: who did it (`actor`), from where (`ip`, `user_agent`), in which request
      (`request_id`), and what it was before and after. NULL, an empty text, JSON's `null` and `{}` say nothing. No entry at all
      is *errored*.

      The connection must be allowed to act as the roles: a superuser, or the table's owner who is a member of each.
      """,
    parameters: [
      .init("table", .string, required: true, "The table, with its schema where it is not on the search path."),
      .init("database", .string, "The database (default: the environment's `database`)."),
      .init("roles", .list(.string), "The roles that write entries (default: all that hold a right)."),
      .init("application", .string, "The application's own database address: its user is one of the roles."),
      .init("insert", .string, "How an entry is written: an INSERT, or a SELECT of a function."),
      .init("lock_timeout", .duration, "How long a lock is waited for (default 1s)."),
      .init(
        "entries",
        .either([
          .boolean,
          .object([
            .init(
              "columns", .either([.list(.string), .map(.string)]),
              "Fields that each entry must have: actor, ip, user_agent, request_id, before, after are looked for (default: these six); any other is a column. As a mapping, the column or SQL expression of each."
            ),
            .init("latest", .integer, "How many entries (default 100)."),
            .init("order_by", .string, "What says which are the latest (default: created_at and the like)."),
            .init("where", .string, "An SQL condition: which entries."),
            .init("since", .duration, "Only entries that are not older."),
          ]),
        ]), "What entries must say; `true` for all six fields."),
    ],
    shorthand: "table",
    facts: [
      .init(
        "faults", "array",
        "`role`, `attempt`, `table`, `message`, `mend`. `attempt` is a command, or superuser, ownership, owner_membership."
      ),
      .init("roles", "object", "`ROLE.ATTEMPT.state`: refused, changed, no_effect, unproven; with `reason`."),
      .init("unproven", "array of strings", "Attempts that prove nothing. Without any fault, the line is errored."),
      .init("table", "string", "Its full name."),
      .init("owner", "string", "Its owner."),
      .init("attempts", "integer", "Attempts that were made."),
      .init("controls", "integer", "Roles that wrote an entry."),
      .init(
        "entries", "object",
        "`rows` that were read, `columns` by field, and `missing`: `field`, `column`, `entries`, `reason`."),
    ],
    witness: [
      ("roles", "roles that were looked at"), ("attempts", "attempts to undo an entry"),
      ("controls", "roles that wrote an entry"), ("entries", "entries that were read, with `entries`"),
    ],
    failures: [
      ("no role can write an entry, or a named one cannot", "control-failed"),
      ("an attempt was let through and met no row, for no known reason", "vacuous"),
      ("there is no entry to read", "vacuous"),
      ("the connection cannot act as a role", "denied"),
      ("there is no such table or role", "not-found"),
      ("the database only reads", "configuration"),
      ("another session holds a lock", "vacuous, with what was waited for"),
    ],
    examples: [
      .init("The audit log only grows", "append_only: owner_audit_log\ntimeout: 30s"),
      .init(
        "Entries are written by a function, and say who, from where and what",
        """
        append_only:
          table: audit.entries
          roles: [app_user]
          insert: SELECT audit.log('gonogo', 'check')
          entries: { columns: [actor, ip, user_agent, request_id, before, after], latest: 50, where: "action <> 'login'" }
        timeout: 30s
        """),
      .init(
        "The application does not log in as the owner",
        "append_only: { table: audit_log, application: \"${database}\" }\ntimeout: 30s"),
    ])
}
