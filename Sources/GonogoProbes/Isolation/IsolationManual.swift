import GonogoCore

extension IsolationProbe {
  public static let descriptor = ProbeDescriptor(
    name: "isolation",
    summary: "proves that no tenant reaches another's rows in PostgreSQL",
    discussion: """
      Puts two tenants into the database, with users, memberships and a row in every table that holds a tenant's data, and
      lets each kind of stranger try everything: another tenant's member and admin, somebody signed in without a tenant,
      somebody who is not signed in. Each attempt stands beside the same by the tenant's own member or admin, for a refusal
      proves nothing where nobody gets in. It all happens in one transaction that is rolled back; each attempt in a
      subtransaction of its own; what really changed is looked up as the privileged role afterwards.

      **The model** is found in the catalogue: the tenant's key, the tables of tenants, users and members, the roles that the
      application uses, and how policies learn who asks (`request.jwt.claims`, `current_setting('app.tenant')`,
      `current_user`). It is the fact `model`; correct it with `model:`. A table that no tenant's key leads to and that has
      members of its own (a foreign key from a table of members, which some policy or function asks) is a *group*: each of its
      rows is a tenant, and so is what hangs on it. Members whom no rule asks open nothing, and make no group.

      **A cell** of the matrix is a table, a command and a principal. It is `leak`, `safe`, `allowed` (by `allow:`, with a
      reason), or `nothing proven`. A cell is safe where the attempts fail and the tenant's own succeeds, or where nobody
      under test may do it at all: no grant, or no policy. Where the policies let an attempt pass and a key stops it that the
      seeded row happens to meet (a child that points at it, a place that is taken), it is tried again without that; if it
      still cannot be told, nothing is proven.

      **Beyond the cells**: what a caller gives to itself (a role, a plan, a membership, claims that it edits, an e-mail that it
      signs up with and never confirms) is tried, and what that opens after it; functions are called with the other tenant's keys
      and without an identity; functions and views are asked whether their figures change with the other tenant's rows, and
      functions whether the answer is another for a key that nobody has. What a tenant pays for (plan, balance, limits) is
      tried as its admin, too. Each leak comes with a
      psql script that says `LEAK: …` itself, and with the SQL that closes it.

      **The connection** needs a role that sees everything (a superuser, or BYPASSRLS) and may SET ROLE to the application's.
      The proof refuses to begin where the role under test is a superuser, bypasses row security or owns the tables.

      A live database is left as it was: the fact `untouched` compares rows, sequences and the catalogue before and after.
      Sequences that triggers draw from get a file of their own for each batch of attempts (`ALTER SEQUENCE … RESTART`, undone
      with it): others' `nextval` wait that long, and a transaction that has drawn from one for longer than `lock_timeout` ends
      the proof with an error. Rows of tables with such triggers are put in with triggers off.
      Tables of more than 20,000 rows are never gone through: a command without WHERE is judged there by what its policies
      say of the other tenant's row. Where no row can be put into a table (a condition that only the application fulfils), two
      that are there are given to the tenants meanwhile. On a replica two tenants that are there are taken: what they see of each
      other is proven, what they change is not. Functions whose effects would outlive the transaction are called only where `scratch: true`
      says that the database is a copy.

      A line that names `tables` judges those tables, views and functions alone, and what any other leak would open of them;
      everything is tried all the same. Lines that ask the same of one shadow share one proof.
      """,
    parameters: [
      .init("database", .string, "The database (default: the environment's `database`)."),
      .init("shadow", .any, "A scratch database instead, built from migrations: the parameters of the probe `shadow`."),
      .init("platform", .choice(IsolationPlatform.allCases.map(\.rawValue)), "What surrounds it (default: found)."),
      .init("schemas", .list(.string), "The schemas that the application reaches (default: all of its own)."),
      .init(
        "tables", .list(.string), "The tables, views and functions that this line judges, by name (default: all)."),
      .init("shared", .list(.string), "Tables without a tenant's data that look otherwise."),
      .init(
        "model",
        .object([
          .init(
            "tenant_key", .either([.string, .map(.string)]), "The column that holds the tenant's key; or one a table."),
          .init("tenant_table", .string, "The table of tenants."),
          .init("users_table", .string, "The table of users."),
          .init("user_key", .string, "The column that holds a user's key."),
          .init(
            "membership",
            .object([
              .init("table", .string, "The table of members."), .init("user", .string, "Its user's key."),
              .init("tenant", .string, "Its tenant's key."), .init("role", .string, "Its role."),
            ]), "Who belongs to which tenant."),
          .init(
            "roles",
            .object([
              .init("member", .list(.string), "The database roles of signed-in users."),
              .init("anonymous", .string, "The database role of everybody else."),
            ]), "The roles that the application uses."),
          .init(
            "identity",
            .object([
              .init(
                "settings", .map(.string),
                "Settings by name; `${user}`, `${tenant}`, `${role}` and `${email}` are the principal's.")
            ]), "How the database is told who asks."),
        ]), "Corrections of what would be guessed."),
      .init(
        "allow", .list(.string), "What is open by design: `plans SELECT anon: public price list`. A reason is needed."),
      .init(
        "equivalent", .list(.string),
        "Faults that `gonogo check --mutate` need not notice: `widen-check plans price_list: nobody writes there`. A reason is needed."
      ),
      .init("coverage", .either([.integer, .string]), "The percentage of tables that must be proven (default: all)."),
      .init("lock_timeout", .duration, "How long a lock is waited for (default 1s)."),
      .init("statement_timeout", .duration, "How long one statement may take (default 10s)."),
      .init("functions", .boolean, "Whether functions are called (default true)."),
      .init("scratch", .boolean, "The database is a copy: functions with lasting effects may be called, too."),
      .init(
        "beside", .either([.boolean, .list(.string)]),
        "Linters of others that are run after the proof: `true` for plpgsql_check, pgrls and squawk, or some of them by name (default false)."
      ),
    ],
    shorthand: "database",
    facts: [
      .init("tables", "integer", "Tables that hold a tenant's data."),
      .init("enabled", "integer", "Those with row security switched on, which is not yet isolation."),
      .init("isolates", "integer", "Those of which every cell is proven and none leaks."),
      .init("proven", "integer", "Those with no cell unproven."),
      .init("coverage", "number", "Proven tables, in percent."),
      .init(
        "leaks", "array",
        "`table`, `command`, `principal`, `kind`, `transcript` (psql, from scratch), `policies`, `places` (file:line in the migrations), `gains` (what it opens), `mend` (SQL)."
      ),
      .init("unproven", "array", "`table` and `reason`."),
      .init("broken", "array", "Tables of which even the owner sees nothing: `table` and `reason`."),
      .init("allowed", "array", "Leaks that `allow:` says are by design, with its reason."),
      .init(
        "findings", "array",
        "What the catalogue alone shows: `rule`, `object`, `message`, `mend`, `advisory`, `places`, `plan`."),
      .init("matrix", "object", "`TABLE.COMMAND.PRINCIPAL.state`, with `kinds` and `reason`."),
      .init("model", "object", "What was taken for tenant, user, member, role and identity."),
      .init("notes", "array of strings", "What was done otherwise than usual, such as rows put in with triggers off."),
      .init(
        "unjudged", "array",
        "Tables that a role under test reaches, without row security and without a known key: judged by nobody, unless `shared` says that they hold no tenant's data."
      ),
      .init("oracles", "array", "Errors that tell a stranger that a key exists. Advisory."),
      .init("functions", "object", "`called`, and `left_out` with the reason."),
      .init("migrations", "object", "`applied` and `failed`, where the database was built for the proof."),
      .init(
        "untouched", "object",
        "`equal`: rows, sequences and catalogue are as before. `too_large_to_compare`: tables whose rows are not read for that; of them it is known by `transaction`, which the server says is `aborted`."
      ),
      .init(
        "beside", "array",
        "With `beside`: `tool`, `version`, `state` (ran, not installed, nothing to read, failed), `install`, `total`, and `findings` (the first 500): `rule`, `level`, `object`, `message`, `file`, `line`. Never a reason to pass, and never one to fail."
      ),
      .init(
        "mutation", "object",
        "With `gonogo check --mutate`: `mutants`, `killed`, `killed_by_control`, and `survivors`, `tightened`, `shared`, `equivalent`, `already_red`, `not_run`, `kills`: each `kind`, `table`, `policy`, `sql`, `place`, `why`."
      ),
      .init("attempts", "integer", "Attempts by strangers."),
      .init("controls", "integer", "Attempts by the tenant's own."),
    ],
    witness: [
      ("tables", "tables that were proven"), ("attempts", "attempts by strangers"),
      ("controls", "attempts by the tenant's own people"),
    ],
    failures: [
      (
        "the role under test is a superuser, bypasses row security or owns the tables", "configuration, with the reason"
      ),
      ("no role holds a right on the tables", "configuration: that nothing can be read proves nothing"),
      ("no table is known to hold a tenant's data", "vacuous, with how to name the key"),
      ("a name of `tables` is not there", "not-found"),
      ("a name of `tables` holds no tenant's data", "vacuous"),
      ("the connection is lost in the middle", "unreachable; nothing is reported as proven"),
    ],
    examples: [
      .init("Tenants do not see each other", "isolation: ${database}\ntimeout: 2m"),
      .init(
        "In a scratch copy of the migrations", "isolation: { shadow: { migrations: supabase/migrations } }\ntimeout: 2m"
      ),
      .init(
        "Of the credentials alone",
        "isolation:\n  shadow: supabase/migrations\n  tables: [crm_credentials, api_keys]\ntimeout: 2m"),
      .init(
        "With a public price list, and claims of one's own",
        """
        isolation:
          allow: ["plans SELECT: public price list"]
          model:
            tenant_key: company_id
            roles: { member: app }
            identity:
              settings: { app.company: '${tenant}', app.user: '${user}' }
        """),
    ])
}
