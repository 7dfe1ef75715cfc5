import GonogoCore

/// What an endpoint answers, as far as the line says it: the status, a body, within which time.
enum Answers {
  static let recogniser = Recogniser(
    "answer", probes: ["http"],
    manual: """
      `GET /path` or a path alone, with "returns 200", "отвечает 200", "does not return 500", "with {"status":"ok"}", "in under 300 ms": each that the line says is
      asked for. A time is of one answer, as it comes where the check runs; of "p95" that is a first look.
      """,
    samples: [
      Recogniser.Sample(
        "- [ ] `GET /health` answers in under 100 ms",
        #"""
        http: { GET: "${app}/health" }
        expect: { status: 200, timings.total: "< 100ms" }
        """#),
      Recogniser.Sample(
        "- [ ] `GET /health` returns 200 with `{\"status\":\"ok\"}`",
        #"""
        http: { GET: "${app}/health" }
        expect: { status: 200, body: { status: "ok" } }
        """#),
      Recogniser.Sample(
        "- [ ] `GET /health` does not return 500",
        #"""
        http: { GET: "${app}/health" }
        expect: { status: { not: 500 } }
        """#),
      Recogniser.Sample(
        "- [ ] `/healthz` отвечает 200",
        #"""
        http: { GET: "${app}/healthz" }
        expect: { status: 200 }
        """#),
      Recogniser.Sample(
        "- [ ] Response time of /healthz below 200ms",
        #"""
        http: { GET: "${app}/healthz" }
        expect: { status: 200, timings.total: "< 200ms" }
        """#),
    ],
    lookalikes: [
      "- [ ] `/metrics` returns 403", "- [ ] `POST /login` returns 200",
      "- [ ] `/readyz` returns 503 when the database is down",
      "- Fix in `/services/api/src/auth.ts`", "- [ ] `GET /health` is documented", "- [ ] `/` focuses global search",
      "- [ ] Response time below 200ms",
    ]
  ) { line, context in
    guard line.kind != .command, line.kind != .statement, let path = request.first(in: line.raw)?[1],
      !file.isFound(in: path), !line.says(other), !Removed.isMeant(line)
    else { return nil }
    let url = context.base(line).replacing("${web}", with: "${app}") + path
    var expect: [String] = []
    var reasons: [String] = []
    var carries: [String] = []
    if let groups = denied.first(in: line.text), let status = groups[1] ?? groups[2] {
      let bound = status.lowercased().hasSuffix("xx") ? "\"< \(status.prefix(1))00\"" : "{ not: \(status) }"
      expect.append("status: \(bound)")
      reasons.append("it answers with another status than \(status)")
      carries.append(status)
    } else if let status = code.first(in: line.text).flatMap({ $0[1] ?? $0[2] }) {
      // A refusal needs its control, and an error its cause.
      guard status.hasPrefix("2") else { return nil }
      expect.append("status: \(status)")
      reasons.append("it answers as the line says")
    }
    let body = line.codes.lazy.compactMap { (text: String) -> JSON? in
      text.hasPrefix("{") ? try? JSON.parse(text) : nil
    }.first
    let time = time.first(in: line.text)
    if expect.isEmpty, body == nil, time == nil { return nil }
    if expect.isEmpty { expect.append("status: 200") }
    if let body {
      guard let members = body.objectValue, !members.isEmpty, members.values.allSatisfy({ $0.objectValue == nil })
      else {
        return nil
      }
      expect.append(
        "body: { \(members.keys.sorted().map { "\(YAMLText.scalar($0)): \(members[$0]!.canonicalString)" }.joined(separator: ", ")) }"
      )
      reasons.append("with what the line names in the body")
    }
    if let time, let number = time[1], let unit = time[2] {
      let short = unit.lowercased().hasPrefix("m") || unit.hasPrefix("м") ? "ms" : "s"
      expect.append("timings.total: \"< \(number)\(short)\"")
      reasons.append("one answer comes in that time")
      carries.append("under")
    }
    return Draft(
      "http: { GET: \"\(url)\" }\nexpect: { \(expect.joined(separator: ", ")) }", confidence: .high,
      reason: reasons.joined(separator: ", "), carries: carries)
  }

  private static let request = Phrase(
    #"(?:\bGET )?(?<![\w./])(?<!POST )(?<!PUT )(?<!DELETE )(?<!PATCH )(?<!HEAD )(/[A-Za-z_][\w./{}:-]*[\w}])"#,
    ignoringCase: false)
  private static let file = Phrase(#"\.[a-z]{1,4}$|^/(docs|src|lib|services|supabase|scripts|etc|var|usr)/"#)
  private static let code = Phrase(
    #"(?:returns?|answers?(?: with)?|gives?|responds?(?: with)?|→|=>|->|возвращает|отвечает|отда[её]т)\s+(?:an? )?(?:http )?([1-5]\d\d)\b|\((?:http )?([1-5]\d\d)\)"#
  )
  private static let denied = Phrase(
    #"\b(?:not|never|n't|no longer) (?:return|answer|give|respond)s?(?: with)?(?: an?)? ([1-5](?:\d\d|xx))\b|не (?:возвращает|отвечает|отда[её]т) ([1-5](?:\d\d|xx))\b"#
  )
  private static let time = Phrase(
    #"(?:under|below|within|less than|faster than|at most|<=?|быстрее(?: чем)?(?: за)?|менее(?: чем)?(?: за)?|не более|не дольше|не медленнее|до)\s*(\d+(?:\.\d+)?)\s*(ms|msec|milliseconds?|мс|s|secs?|seconds?|сек\w*)\b"#
  )
  private static let other = Phrase(
    #"\b(without a|unauthenticated|anonymous|requires?|rate[- ]?limit\w*|redirects?|when|if|unless|after)\b|\b(POST|PUT|PATCH|DELETE) /|если|когда|без "#
  )
}
