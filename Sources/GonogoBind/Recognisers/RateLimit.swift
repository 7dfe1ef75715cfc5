/// 429.
enum RateLimit {
  static let recogniser = Recogniser(
    "rate-limit", probes: ["http"],
    manual: """
      "Rate limiting active", "rate limits: /path": the same request, sent again and again, is answered with 429 at last, after
      others were let through. Without a path in the line it goes to `${limited}`. "20 requests per minute" asks one more than that.
      """,
    samples: [
      Recogniser.Sample(
        "- [x] Rate limiting active",
        #"""
        http: { GET: "${limited}", repeat: 150 }
        expect: { statuses.429: ">= 1" }
        jq: '.statuses | keys | any(. < "400")'
        effect: disrupts
        """#),
      Recogniser.Sample(
        "- [ ] Rate limit on `/api/login`: 20 requests per minute",
        #"""
        http: { GET: "${app}/api/login", repeat: 21 }
        expect: { statuses.429: ">= 1" }
        jq: '.statuses | keys | any(. < "400")'
        effect: disrupts
        """#),
      Recogniser.Sample(
        "- [ ] `POST /login` is rate limited to 5 per minute",
        #"""
        http: { POST: "${app}/login", json: {}, repeat: 6 }
        expect: { statuses.429: ">= 1" }
        jq: '.statuses | keys | any(. < "429")'
        effect: disrupts
        no_control: what is sent may be refused as it is, until there was too much of it
        """#),
    ],
    lookalikes: [
      "- Monitor rate limiting rejections", "- [ ] Rate limiting thresholds set appropriately", "- <1% error rate",
      "- [ ] Production Redis for rate limiting",
    ]
  ) { line, context in
    guard line.says(limit), !line.says(other) else { return nil }
    let path = Phrase(#"(/[a-z][A-Za-z0-9_/-]*)(?![*\w/])"#).group(1, in: line.text)
    let number = Phrase(
      #"(\d+)\s*(?:requests?|req|attempts?|tries|calls?|times|запрос\w*|попыт\w*|per\b|/ ?(?:s|min|m|h)\b|a minute|в минуту)"#
    ).group(1, in: line.text).flatMap { Int($0) }
    let method = Phrase(#"\b(POST|PUT)\b"#, ignoringCase: false).group(1, in: line.text) ?? "GET"
    let url = path.map { "\(context.base(line))\($0)" } ?? "${limited}"
    return Draft(
      "http: { \(method): \"\(url)\"\(method == "GET" ? "" : ", json: {}"), repeat: \(min(2000, number.map { $0 + 1 } ?? 150)) }\nexpect: { statuses.429: \">= 1\" }\njq: '.statuses | keys | any(. < \"\(method == "GET" ? "400" : "429")\")'\neffect: disrupts\(method == "GET" ? "" : "\nno_control: what is sent may be refused as it is, until there was too much of it")",
      confidence: path == nil ? .medium : .high,
      reason: "the request is refused with 429 at last; it loads the service, and so needs `--allow disrupts`",
      carries: (number.map { ["\($0)"] } ?? []) + ["rate limit", "per minute", "login"])
  }

  private static let limit = Phrase(#"rate[- ]limit(s|ing|ed|ers?)?\b|ограничени\w+ частоты|\bthrottling\b"#)
  private static let other = Phrase(
    #"monitor|threshold|whitelist|admin panel|redis|dashboard|too aggressive|rejections|document"#)
}
