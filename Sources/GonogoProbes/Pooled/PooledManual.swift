public import GonogoCore

extension PooledProbe {
  public static let descriptor = ProbeDescriptor(
    name: "pooled",
    summary: "looks whether what one client of a connection pool leaves in its session reaches the next",
    discussion: """
      A pool hands one connection of PostgreSQL to many clients. What a session keeps (a setting such as
      `app.current_tenant`, claims, a role, the search path, prepared statements, temporary tables, channels, advisory locks)
      then belongs to whoever comes next, unless somebody takes it away: PgBouncer runs `server_reset_query` in session mode
      only, and in transaction mode nothing.

      One client leaves something behind and looks that it is there; the next looks whether it is still there, on the **same
      server connection**: `pg_backend_pid()` is compared, and where the pool never handed the connection on, the line is
      *errored*, for then nothing is proven. At first the first client stays connected (transaction pooling hands over all the
      same), then it goes (session pooling).

      With `set:`, the statements by which the application says who asks are run as they are, in a transaction:
      `set_config('app.current_tenant', …, true)` and `SET LOCAL` end with it, and pass; their session-wide forms do not.
      Without it, every kind of state is tried, and a pool in transaction mode passes only with
      `server_reset_query_always = 1`.

      What was left behind is taken away in the transaction that finds it, on the same server connection. In between, for some
      milliseconds, another client of the same pool may be handed it; so the effect is `disrupts`. Ask at a pool of your own, or
      in staging. An advisory lock has a random key; names begin with `gonogo_`.

      Prepared statements are those of SQL's PREPARE; what a driver prepares in the protocol is the pooler's to translate, and is
      not tried.
      """,
    parameters: [
      .init("database", .string, "The address of the pooler (default: the environment's `database`)."),
      .init(
        "kinds", .list(.choice(PooledKind.allCases.map(\.rawValue))), "What to leave behind (default: everything)."),
      .init(
        "settings", .list(.string),
        "Settings to set and to look at (default: app.current_tenant and request.jwt.claims; with `set`, those it names)."
      ),
      .init("set", .either([.string, .list(.string)]), "The application's own statements, run in one transaction."),
      .init("role", .string, "The role for `role` and `session_authorization` (default: one that the login may take)."),
      .init("attempts", .integer, "How many clients may look until one has the same server connection (default 20)."),
    ],
    shorthand: "database",
    facts: [
      .init(
        "leaks", "array",
        "What reached the next client: `kind`, `setting`, `by`, `from`, `mend`, and `value` where it is ours."
      ),
      .init(
        "mode", "string", "How connections were handed over: `transaction`, `session` (after the client had gone)."),
      .init("held", "array of strings", "What the first client really had: the control."),
      .init("not_possible", "array", "Kinds that this login may not leave behind, with the server's reason."),
      .init("backends", "object", "`seen`, `shared`, `rounds` and `attempts`."),
      .init("cleaned", "boolean", "Everything was taken away again."),
      .init("left", "array of strings", "What was not."),
    ],
    witness: [
      ("shared", "rounds in which the next client had the same server connection"),
      ("controls", "items that the first client was seen to have"),
    ],
    failures: [
      ("no two clients ever had the same server connection", "vacuous: nothing is pooled here"),
      ("the pool did not hand this one on", "vacuous: nothing is proven"),
      ("`set` leaves nothing even in its own transaction", "control-failed"),
      ("a kind that the author names is refused by the server", "configuration"),
      ("the pooler cannot be reached, or gives no server connection", "unreachable, timed-out"),
    ],
    examples: [
      .init("No client meets what another left", "pooled: ${database}\ntimeout: 30s"),
      .init(
        "The way the application says who asks ends with the transaction",
        """
        pooled:
          set: ["SELECT set_config('app.current_tenant', 'acme', true)", "SET LOCAL ROLE app_user"]
        timeout: 30s
        """),
      .init(
        "Prepared statements and temporary tables stay apart",
        "pooled: { kinds: [prepared, temporary_table] }\nexpect: { mode: transaction }"),
    ], effect: .disrupts)
}
