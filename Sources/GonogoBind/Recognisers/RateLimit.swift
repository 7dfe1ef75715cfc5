/// 429.
enum RateLimit {
  static let recogniser = Recogniser(
    "rate-limit", probes: ["http"],
    manual: """
      "Rate limiting active", "rate limits: /path": the same request, sent again and again, is answered with 429 at last, after
      others were let through. Without a path in the line it goes to `${limited}`. "100 requests per minute" sets how often.
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
        http: { GET: "${app}/api/login", repeat: 30 }
        expect: { statuses.429: ">= 1" }
        jq: '.statuses | keys | any(. < "400")'
        effect: disrupts
        """#),
    ],
    lookalikes: [
      "- Monitor rate limiting rejections", "- [ ] Rate limiting thresholds set appropriately", "- <1% error rate",
      "- [ ] Production Redis for rate limiting",
    ]
  ) { line, context in
    guard line.says(limit), !line.says(other) else { return nil }
    let path = Phrase(#"(/[a-z][A-Za-z0-9_/-]*)(?![*\w/])"#).group(1, in: line.text)
    let number = Phrase(#"(\d+)\s*(?:requests?|req|запрос)"#).group(1, in: line.text).flatMap { Int($0) } ?? 100
    let url = path.map { "\(context.base(line))\($0)" } ?? "${limited}"
    return Draft(
      "http: { GET: \"\(url)\", repeat: \(min(2000, number + number / 2)) }\nexpect: { statuses.429: \">= 1\" }\njq: '.statuses | keys | any(. < \"400\")'\neffect: disrupts",
      confidence: path == nil ? .medium : .high,
      reason: "the request is refused with 429 at last; it loads the service, and so needs `--allow disrupts`")
  }

  private static let limit = Phrase(#"rate[- ]limit(s|ing|ers?)?\b|ограничени\w+ частоты|\bthrottling\b"#)
  private static let other = Phrase(
    #"monitor|threshold|whitelist|admin panel|redis|dashboard|too aggressive|rejections|document"#)
}
