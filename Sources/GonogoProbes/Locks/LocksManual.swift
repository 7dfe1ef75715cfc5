public import GonogoCore

extension LocksProbe {
  public static let descriptor = ProbeDescriptor(
    name: "locks",
    summary:
      "lets two sessions contend for a lock, also when its holder dies and through a pooler, and finds functions that stand in for PostgreSQL's",
    discussion: """
      Two sessions call the application's own function (or PostgreSQL's advisory locks): exactly one may win; the other is told
      no, or waits. The holder releases it and the other one wins; the holder's connection is ended without a word, as by
      `kill -9`, and the other one wins again.

      With `pooler:`, the same through the pooler. A session's advisory lock belongs to the *server* connection: in transaction
      mode the next client may be given the same one, and PostgreSQL gives a session its own lock once more, so that both win;
      the release may come to another server connection; and when the client is gone, the lock stays. A lock that ends with its
      transaction (`pg_advisory_xact_lock`, with `transaction: true`) has none of these faults.

      In `acquire` and `release`, `$key` is the key: a random number, or `key:`. Whatever the call answers but false, 0 or NULL
      means that it was won. A function that does not exist, calls itself without end or may not be called is a finding.

      **Shadows** are functions that bear the name of one of `pg_catalog`'s and could be called as it is: `wins` says whether a
      call without a schema, on this login's `search_path`, runs it. One with the same argument types is hidden behind
      pg_catalog's, until somebody calls it with its schema, as a remote procedure does, or puts pg_catalog last. What is meant
      to be there is said with `allow:`, with a reason. Functions of extensions, and those that take types of the application's
      own, are left out.
      """,
    parameters: [
      .init("database", .string, "The database itself, past any pooler (default: the environment's `database`)."),
      .init("pooler", .string, "The same database through its pooler."),
      .init("acquire", .string, "Takes the lock: `SELECT try_lock_job($key)` (default: pg_try_advisory_lock)."),
      .init("release", .string, "Gives it back: `SELECT unlock_job($key)` (default: pg_advisory_unlock)."),
      .init("key", .string, "The key that `$key` stands for, one that the application does not use (default: random)."),
      .init(
        "transaction", .boolean,
        "The lock is taken in a transaction, and ends with it (default: whether `acquire` says `_xact_`)."),
      .init("within", .duration, "How soon a lock must be free after its release or its holder's death (default 3s)."),
      .init("attempts", .integer, "How many clients of the pooler contend with the first (default 10)."),
      .init("schemas", .list(.string), "Schemas to look for shadows in, beside the search_path's and `public`."),
      .init("allow", .list(.string), "Shadows that are meant: `public.pg_advisory_unlock(bigint): reason`."),
    ],
    shorthand: "database",
    facts: [
      .init(
        "faults", "array",
        "`kind` (both_won, not_released, outlives_holder, missing_function, recurses, not_callable, pooler_both_won, pooler_not_released, pooler_outlives_client), `message`, `mend`."
      ),
      .init("shadows", "array", "`function`, `schema`, `wins`, `definer`, `callers`, `reason`, `mend`."),
      .init("allowed", "array of strings", "Shadows that `allow` names."),
      .init("allowed_unused", "array of strings", "What `allow` names and is not there."),
      .init("advisory", "boolean", "The holder was seen in pg_locks with an advisory lock."),
      .init("waits", "boolean", "The loser waits for its turn, and is not told no."),
      .init("pooler", "object", "`attempts`, `backends`, `waited`, `both_won`; empty without a pooler."),
      .init("contests", "integer", "Times that a lock was asked for while another held, released or lost it."),
      .init("wins", "integer", "Times that it was won: the control."),
      .init("left", "array of strings", "What could not be released again."),
    ],
    witness: [("contests", "contests"), ("wins", "times it was won")],
    failures: [
      ("nobody is known to hold it, and the first session does not get it", "control-failed"),
      ("the server or the pooler cannot be reached", "unreachable"),
      ("the function refuses for a reason of its own", "the kind of the refusal, with PostgreSQL's words"),
      ("no answer in time", "timed-out"),
    ],
    examples: [
      .init(
        "Advisory locks hold, also through the pooler",
        "locks: { pooler: \"${pooler}\", transaction: true }\ntimeout: 30s"),
      .init(
        "The lock functions of the checklist",
        """
        locks:
          acquire: SELECT public.pg_try_advisory_lock($key)
          release: SELECT public.pg_advisory_unlock($key)
          allow:
            - "public.pg_try_advisory_lock(bigint): called as a remote procedure only"
            - "public.pg_advisory_unlock(bigint): called as a remote procedure only"
        timeout: 30s
        """),
    ], effect: .reads)
}
