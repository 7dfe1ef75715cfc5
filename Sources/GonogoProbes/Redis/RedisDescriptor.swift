public import GonogoCore

extension RedisProbe {
  public static let descriptor = ProbeDescriptor(
    name: "redis",
    summary: "looks into a Redis: commands, a key, a stream with its consumer groups, the server's settings",
    discussion: """
      Speaks to Redis over TCP (`redis://`), TLS (`rediss://`, the certificate verified) or a local socket (`unix://`), as
      the user of the URL or as a principal. A binding asks exactly one of `command`, `commands`, `key`, `stream` and
      `server`.

      Only commands that read are sent. The server is asked what each command does (`COMMAND INFO`); where it does not say,
      a list that Gonogo carries decides, and a command that neither knows is refused. `write: true` lifts that, makes the
      effect `writes`, and so needs the operator's leave. To learn whether someone may write, ask
      `[ACL, DRYRUN, user, command, …]` instead of writing. `KEYS` walks the whole keyspace while every other client waits:
      its effect is `disrupts`; use `SCAN`.

      A key that is not there is a fact (`exists: false`), not an error. Its value is shown only with `value: true`, because
      evidence is kept. An error reply ends the look, unless `may_fail: true` makes it a fact: then `error.code` is `NOPERM`,
      `WRONGTYPE` and so on. To expect a refusal is a denial, which needs `allowed:`.

      Managed services forbid `CONFIG` and parts of `ACL`: what could not be asked is then absent, and `config_available` is
      false. Where `INFO` tells the same, it is taken from there.
      """,
    parameters: [
      .init("url", .string, "redis://, rediss:// or unix:// (default: `${redis}`, the environment's target)."),
      .init("command", .list(.string), "One command, a word an element: `[GET, name]`."),
      .init("commands", .list(.list(.string)), "Several commands, sent at once."),
      .init("key", .string, "A key to look at."),
      .init("stream", .string, "A stream to look at, with its consumer groups."),
      .init(
        "group", .string, "The consumer group that `lag`, `pending` and `oldest_pending_ms` are of (default: all)."),
      .init("server", .boolean, "`true` looks at the server itself."),
      .init("as", .string, "The principal to speak as."),
      .init("write", .boolean, "Allows commands that write; the effect is then `writes`."),
      .init("may_fail", .boolean, "Makes an error reply a fact instead of an error."),
      .init("value", .boolean, "Reports the key's value: a string of at most 4 KiB."),
      .init("ca", .string, "A PEM file of the certificates to trust, instead of the system's, for rediss://."),
      .init("server_name", .string, "The name that the certificate must bear (default: the URL's host)."),
    ],
    facts: [
      .init("reply", "any", "With `command`: the reply. A text that is not UTF-8 is { base64 }."),
      .init("json", "any", "With `command`: the reply read as JSON; absent where it is none."),
      .init("error", "object or null", "With `command` and `may_fail`: { code, message } of the refusal."),
      .init("replies", "array", "With `commands`: the replies in order."),
      .init("errors", "array", "With `commands` and `may_fail`: each refusal, or null."),
      .init("exists", "boolean", "With `key` or `stream`: it is there."),
      .init("type", "string", "With `key`: string, list, set, zset, hash, stream."),
      .init("ttl_ms", "integer or null", "With `key`: until it expires; null where it never does."),
      .init("memory", "integer", "With `key`: bytes it takes; absent where the server does not tell."),
      .init("length", "integer", "With `key`: elements, or bytes of a string. With `stream`: entries."),
      .init("value", "any", "With `value: true`: a string's value up to 4 KiB."),
      .init("first_id", "string or null", "With `stream`: the id of its oldest entry."),
      .init("last_id", "string", "With `stream`: the last id it gave out."),
      .init(
        "groups.NAME", "object",
        "With `stream`: consumers, pending, lag, oldest_pending_ms, oldest_pending_id, oldest_pending_deliveries, last_delivered_id."
      ),
      .init("group_exists", "boolean", "With `group`: it is there."),
      .init("lag", "integer or null", "With `stream`: entries not yet delivered; null where the server cannot tell."),
      .init("pending", "integer", "With `stream`: entries delivered and not acknowledged."),
      .init(
        "oldest_pending_ms", "integer or null",
        "With `stream`: since the oldest pending entry was last delivered; null where none is pending."),
      .init("version", "string", "With `server`: of Redis."),
      .init("mode", "string", "With `server`: standalone, cluster, sentinel."),
      .init("role", "string", "With `server`: master or slave."),
      .init("uptime_ms", "integer", "With `server`: since it started."),
      .init(
        "persistence", "object",
        "With `server`: aof, aof_last_write_ok, rdb_save, rdb_last_save_age_ms, rdb_last_bgsave_ok, rdb_changes, loading."
      ),
      .init("eviction", "object", "With `server`: policy, max_memory (0: no bound), used_memory, evicted_keys."),
      .init("connected_clients", "integer", "With `server`."),
      .init("max_clients", "integer", "With `server`."),
      .init("tls", "boolean", "With `server`: this connection is encrypted."),
      .init("acl", "object", "With `server`: user, categories (a text such as `-@all +@read`), no_password."),
      .init("config_available", "boolean", "With `server`: CONFIG GET is allowed."),
      .init(
        "replication", "object",
        "With `server`: connected_replicas, and on a replica master_link_up, master_last_io_ms, master_sync_in_progress."
      ),
    ],
    witness: [("replies", "replies that were read")],
    failures: [
      ("nobody listens, the name has no address, the server is loading", "unreachable"),
      ("the password is wrong or missing, the user may not", "denied"),
      ("no answer in time", "timed-out, with what was waited for"),
      ("what answers is not Redis", "malformed-reply, with how it began"),
      ("a reply of more than 8 MiB, or an array of more than a million elements", "too-large"),
      ("the certificate does not verify, or TLS fails", "tls-failed"),
      ("a command that may write, without `write: true`", "configuration"),
    ],
    examples: [
      .init(
        "The worker keeps up",
        "redis: { stream: events, group: worker }\nexpect: { exists: true, lag: \"<= 100\", pending: \"<= 50\", oldest_pending_ms: { any_of: [null, \"< 60s\"] } }"
      ),
      .init(
        "Nothing is lost at a restart, nothing is evicted",
        "redis: { server: true }\nexpect:\n  persistence: { aof: true, aof_last_write_ok: true }\n  eviction.policy: noeviction"
      ),
      .init(
        "A one-time link expires", "redis: { key: 'botlink:latest' }\nexpect: { exists: true, ttl_ms: \"<= 2m\" }"),
      .init(
        "The web user sees only its own keys",
        "redis: { command: [GET, 'worker:state'], as: web, may_fail: true }\nexpect: { error.code: NOPERM }\nallowed:\n  redis: { command: [GET, 'web:state'], as: web }\n  expect: { reply: exists }"
      ),
    ])
}
