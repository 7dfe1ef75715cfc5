public import GonogoCore

extension RedisKeysProbe {
  public static let descriptor = ProbeDescriptor(
    name: "redis_keys",
    summary: "looks whether keys of Redis that one principal writes are read by another, over HTTP or by ACL",
    discussion: """
      **Over HTTP**: one principal acts, then another, while `MONITOR` reports what the server is told. Marks sent in between
      say whose time each command fell into; the server itself says which keys a command reads and writes
      (`COMMAND GETKEYSANDFLAGS`). A key that one wrote and the other read is `shared`, unless a pattern of `shared:` says that
      it is meant to be. `KEYS` and `SCAN` read the names of all keys that they match; what a script does is reported command by
      command. What the server did before anybody acted is background, and taken away.

      Each principal's requests must be answered as they must (an `expect` in the step, else any status below 400), and must
      touch at least one key; otherwise nothing is proven. `MONITOR` shows everything that passes to whoever may run it, and
      slows the server while it lasts: the effect is `disrupts`. Values are never kept; of a key, a part as long as a token is
      shown with its beginning only. Channels (PUBLISH) are not looked at.

      **By ACL**: each has a user of Redis and a prefix. Each writes and reads a key under its own (the control), and tries GET,
      SET and DEL on the other's, which must be refused with NOPERM. `SCAN` is bound by no pattern of an ACL, and tells names:
      it must be refused, too. The keys are removed, and expire within a minute besides.
      """,
    parameters: [
      .init(
        "redis", .string, "With `http`: the Redis, as a user who may MONITOR (default: the environment's `redis`)."),
      .init(
        "first",
        .object([
          .init("http", .any, "What it does: a request or `steps`, as the probe http takes them, with `as`."),
          .init("url", .string, "By ACL: the address of Redis, with its user and password."),
          .init("prefix", .string, "By ACL: the beginning of its keys."),
        ]), required: true, "The one who acts first."),
      .init(
        "second",
        .object([
          .init("http", .any, "As in `first`."), .init("url", .string, "As in `first`."),
          .init("prefix", .string, "As in `first`."),
        ]), required: true, "The other one."),
      .init("shared", .list(.string), "Patterns of keys that are meant for everybody: `ratelimit:*`."),
      .init("quiet", .duration, "How long is watched before anybody acts (default 200ms)."),
      .init("settle", .duration, "How long is watched after each has acted (default 100ms)."),
    ],
    facts: [
      .init("shared", "array", "`key`, `written_by`, `read_by`, `command`; over HTTP `database`, by ACL `message`."),
      .init("allowed", "array of strings", "Keys that `shared:` says are meant for everybody."),
      .init("collisions", "array of strings", "Keys that both write and neither reads."),
      .init("first", "object", "`commands`, `requests`, `reads` and `writes` of the first."),
      .init("second", "object", "The same of the second."),
      .init("background", "array of strings", "Keys that were touched before anybody acted."),
      .init("refused", "integer", "By ACL: attempts that were refused."),
      .init("skipped", "array of strings", "By ACL: what was not tried, with the reason."),
      .init("left", "array of strings", "By ACL: what could not be removed."),
    ],
    witness: [
      ("first", "commands of the first, over HTTP"), ("second", "commands of the second, over HTTP"),
      ("requests", "requests that were answered"), ("controls", "users who write and read their own key, by ACL"),
      ("attempts", "attempts on the other's key, by ACL"),
    ],
    failures: [
      ("what one did touched no key", "vacuous"),
      ("a request was refused, or a user may not even write its own keys", "control-failed"),
      ("the user may not MONITOR", "denied"),
      ("Redis or the application cannot be reached", "unreachable"),
      ("more than 100,000 commands meanwhile", "too-large"),
    ],
    examples: [
      .init(
        "Two owners of the cabinet keep to their own keys",
        """
        redis_keys:
          first: { http: { GET: "${core}/settings" } }
          second: { http: { steps: [{ GET: "${core}/settings?bot=b" }] } }
          shared: ["ratelimit:*"]
        timeout: 30s
        """),
      .init(
        "The users of two tenants are held to their prefixes",
        """
        redis_keys:
          first: { url: "${tenant_a}", prefix: "a:" }
          second: { url: "${tenant_b}", prefix: "b:" }
        """),
    ])
}
