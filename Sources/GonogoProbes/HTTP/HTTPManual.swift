import GonogoCore

/// The manual page of the http probe.
enum HTTPManual {
  static let facts: [ProbeDescriptor.Fact] = [
    .init("status", "integer", "The status of the (last) reply."),
    .init("reason", "string", "The reason phrase; absent where there is none, as in HTTP/2."),
    .init(
      "headers.NAME", "string",
      "A header, its name in lower case; several of one name are joined with `, `. Set-Cookie is under `cookies`."),
    .init(
      "cookies.NAME", "object",
      "A cookie that a reply of this step set: `value` (redacted in reports), `httponly`, `secure`, `session` (neither `max_age` nor `expires`), `accepted` (a browser would keep it), and, where sent, `samesite`, `path`, `domain`, `max_age` (seconds), `expires` (instant)."
    ),
    .init("body", "any", "The body read as JSON; absent where it is none."),
    .init("text", "string", "The body as text; bytes that are not UTF-8 are replaced."),
    .init("bytes", "integer", "The body's size."),
    .init("sha256", "string", "The body's SHA-256, in hexadecimal."),
    .init("content_type", "string", "The media type in lower case, without its parameters."),
    .init("redirects[*]", "object", "Each redirection that was followed: `status`, `url`, `location`."),
    .init("url", "string", "The URL that was answered: the last one, after redirections."),
    .init("http_version", "string", "`1.0`, `1.1`, `2` or `3`."),
    .init(
      "timings", "object",
      "In ms, of the last hop: `dns`, `connect` and `tls` (each on its own; zero on a reused connection), `first_byte` (from the beginning); `total` is of all hops."
    ),
    .init(
      "certificate", "object",
      "Of the last hop, over TLS: `subject`, `issuer`, `not_before`, `not_after`, `days_left`, `names`, `self_signed`, `verified`, and `chain`, the same of the certificates above it."
    ),
    .init("hops[*]", "object", "Over TLS, each hop with its `url`, `status` and `certificate`."),
    .init("insecure", "boolean", "True where the certificate was not verified; absent otherwise."),
    .init(
      "statuses", "object", "With `repeat`: how many replies had each status, such as `{\"200\": 20, \"429\": 10}`."),
    .init(
      "steps[*]", "object",
      "Each step with these same facts, those of a `run` counted one by one. Absent for a single request without an `expect` of its own."
    ),
  ]

  static let stepParameters: [ProbeDescriptor.Parameter] =
    HTTPStep.methods.map { .init($0, .string, "The URL of a \($0) request.") } + [
      .init("run", .string, "Instead of a request: the steps of this scenario of the front matter."),
      .init("as", .string, "The principal to act as: its jar, headers and credentials, after its login."),
      .init("fresh", .boolean, "With `as`: signs in anew; this and later steps of the scenario use that session."),
      .init(
        "headers", .map(.either([.string, .list(.string)])), "Headers; `null` leaves out one that is sent otherwise."),
      .init("query", .map(.any), "Appended to the URL, percent-encoded; a list repeats the name."),
      .init("json", .any, "A JSON body."),
      .init("form", .map(.any), "A URL-encoded body; a list repeats the name."),
      .init(
        "multipart",
        .map(
          .either([
            .string,
            .object([
              .init("file", .string, "The file that is sent."), .init("text", .string, "The text that is sent."),
              .init("type", .string, "Its media type."),
              .init("name", .string, "The file's name, as told to the server."),
            ]),
          ])), "A multipart/form-data body: fields and files."),
      .init("file", .string, "A file as the body; the path is seen from the document."),
      .init("body", .string, "A text as the body, without a Content-Type of its own."),
      .init(
        "cookies", .either([.choice(["none"]), .map(.string)]),
        "Cookies beside the jar's; `none` sends and keeps no cookie at all."),
      .init(
        "basic",
        .object([
          .init("user", .string, required: true, "The user."),
          .init("password", .string, required: true, "The password."),
        ]),
        "HTTP Basic credentials."),
      .init("bearer", .string, "A bearer token."),
      .init("follow", .either([.boolean, .integer]), "How many redirections are followed (default none; `true`: 10)."),
      .init(
        "capture",
        .map(
          .either([
            .string,
            .object([
              .init("fact", .string, "The path of a fact."), .init("header", .string, "A header of the reply."),
              .init("cookie", .string, "A cookie that the reply set."),
              .init("regex", .pattern, "Its first group that matches, or the whole match."),
              .init("in", .string, "Where `regex` looks (default `text`)."),
              .init("secret", .boolean, "Whether it must never be shown; left out, its name and source decide."),
            ]),
          ])), "Names for later steps and for `expect`: `${name}`."),
      .init(
        "expect", .map(.any), "What must hold of this step before the next is taken; it counts as expected of the line."
      ),
      .init(
        "hmac",
        .object([
          .init("header", .string, required: true, "The header that carries the signature."),
          .init("key", .string, required: true, "The shared secret."),
          .init("key_encoding", .choice(["text", "hex", "base64"]), "How the key is written (default text)."),
          .init("over", .string, "What is signed: `body` (the default), or a text in which `${body}` stands for it."),
          .init("algorithm", .choice(["sha1", "sha256", "sha384", "sha512"]), "The digest (default sha256)."),
          .init("encoding", .choice(["hex", "base64"]), "How the signature is written (default hex)."),
          .init("prefix", .string, "What stands before it, such as `sha256=`."),
        ]), "Signs the request (RFC 2104)."),
      .init(
        "totp",
        .object([
          .init("name", .string, "The name of the code in this step (default `code`)."),
          .init("secret", .string, required: true, "The shared secret, in base32."),
          .init("digits", .integer, "How long the code is (default 6)."),
          .init("period", .integer, "How many seconds it is valid (default 30)."),
          .init("algorithm", .choice(["sha1", "sha256", "sha512"]), "The digest (default sha1)."),
        ]), "Makes a one-time code (RFC 6238)."),
      .init("repeat", .integer, "Sends the request this many times."),
      .init("parallel", .integer, "With `repeat`: how many at once (default 1)."),
      .init("proxy", .string, "The URL of a proxy. No environment variable is followed."),
      .init("version", .choice(["1.0", "1.1", "2"]), "The HTTP version; over http://, `2` is spoken without asking."),
      .init("ca", .string, "A file of certificate authorities to trust instead of the system's."),
      .init("certificate", .string, "A file with the client certificate (PEM)."),
      .init("key", .string, "The file with its key."),
      .init("insecure", .boolean, "Does not verify the server's certificate; recorded as a fact."),
      .init("safe", .boolean, "The author's word that this request leaves nothing behind, though its method may."),
      .init("limit", .string, "The most bytes of a body (default 4MiB)."),
    ]

  static let descriptor = ProbeDescriptor(
    name: "http",
    summary: "sends HTTP requests: one, or a scenario of steps with captures",
    discussion: """
      Sends a request, or one after another, and reports what came back. `http:` takes one step, or a list of steps. The facts
      of the last step stand at the root, those of each under `steps[0]`, `steps[1]`, ….

      **Steps.** A step's own `expect` is a guard: where it does not hold, the scenario ends there, and that is the failure. A
      `capture` names a part of the reply for later steps and for `expect`. A reply without it is *errored*: give the step an
      `expect` where such a reply is a fault. In a URL, a value that stands in the query is percent-encoded.

      **Cookies.** Without `as`, a scenario has a jar of its own. Cookies are kept and sent as a browser would (RFC 6265);
      as browsers do, the loopback host counts as secure, so that a Secure cookie can be looked at without TLS there.

      **Principals.** `principals: { alice: { http: { login: [...] } } }` in the front matter. `as: alice` signs in first, once
      in a run for all lines; the jar is shared by all that act as her. Her login's captures are `${alice.NAME}`, or
      `${me.NAME}` where `as` is itself a `${column}`. Login steps must be answered below 400 unless they say otherwise; a
      login that fails leaves every line that acts as her *errored*. `fresh: true` signs in anew, for what can be used only
      once. Signing in is what a principal is for, and does not count as writing.

      **Effect.** GET, HEAD and OPTIONS read; any other method writes, and needs `--allow writes`, unless the step says `safe:
      true`: the author's word, shown in the plan, that this request leaves nothing (it is refused, or only asks). Where a GET
      uses something up, say `effect: writes` in the binding.

      **Refusals.** An expected 400, 401, 403, 404, 405, 406, 407, 409, 410, 415, 419, 422, 423, 428, 429 or 451 proves nothing
      by itself: a wrong path, an expired token or a broken server gives them as well. Show the control: `allowed:` in the
      binding, or, in the same scenario, a step with the same method and path whose `expect` is a success (a link that works
      once, and then does not). A step with `repeat` is its own control, if what is expected says that some were accepted:
      `expect: { statuses.200: ">= 1", statuses.429: ">= 1" }`.

      **Redirections** are not followed unless `follow` says so. Credentials, step cookies and headers that sound like secrets
      are not sent on to another host. Paths are sent as written, `/../` included.

      **Secrets.** Cookie values, credentials, captures that sound like secrets (or say `secret: true`), one-time codes, and
      values in replies that are named like secrets are redacted everywhere. The command to repeat names them as variables.

      **Connections** are shared by all lines of a run and kept alive. HTTP/2 is used where the server offers it over TLS.
      No proxy is used unless a step names one; `http_proxy` and `.netrc` are not read. `${timestamp}` is the time in Unix
      seconds.
      """,
    parameters: [
      .init("steps", .list(.object(stepParameters)), "The steps of a scenario; `http: [...]` means the same.")
    ] + stepParameters,
    shorthand: "steps",
    facts: facts,
    witness: [("requests", "requests that were answered, redirections included")],
    failures: [
      ("nothing listens, or the name has no address", "unreachable, with host, port and the system's reason"),
      (
        "the time is up",
        "timed-out, with what was being waited for: the name, the connection, TLS, the first byte, the body"
      ),
      (
        "the certificate is not trusted",
        "tls-failed, with libcurl's words, and the certificate's subject, names and expiry"
      ),
      ("the peer speaks another protocol, or cuts its reply off", "malformed-reply, with how much came"),
      ("redirections lead in a ring", "malformed-reply, with the chain"),
      ("the body is larger than `limit`", "too-large"),
      ("a proxy refuses", "denied, with its status"),
      ("a principal cannot sign in", "the reason of its login; `denied` where that was refused"),
      ("a capture is not in the reply", "not-found, with the step and its status"),
    ],
    examples: [
      .init(
        "A page answers, fast and as JSON",
        "http:\n  GET: ${core}/health\nexpect:\n  status: 200\n  body.status: ok\n  timings.total: \"< 500ms\""),
      .init(
        "A link works once",
        """
        http:
          - run: botlink
          - GET: ${core}/auth/botlink?token=${token}
            expect: { status: 302 }
          - GET: ${core}/auth/botlink?token=${token}
        expect: { status: 410 }
        """),
      .init(
        "The session cookie is closed to scripts",
        """
        http:
          - GET: ${core}/login
            as: alice
            fresh: true
        expect:
          cookies.owner_session: { httponly: true, secure: true, samesite: Lax }
        """),
      .init(
        "A stranger is refused, the owner is not",
        """
        http:
          GET: ${core}/bots/1
          as: bob
        expect: { status: 403 }
        allowed:
          http: { GET: "${core}/bots/1", as: alice }
          expect: { status: 200 }
        """),
      .init(
        "The rate limit holds",
        """
        http:
          POST: ${core}/auth/login
          json: { user: nobody, password: wrong-on-purpose }
          repeat: 30
          safe: true
        expect: { statuses.401: ">= 1", statuses.429: ">= 1" }
        """),
      .init(
        "A webhook is signed",
        """
        http:
          POST: ${core}/webhook
          json: { event: ping }
          hmac: { header: X-Signature, key: "${WEBHOOK_SECRET}", prefix: "sha256=" }
        expect: { status: 204 }
        """),
    ],
    effect: .reads)
}
