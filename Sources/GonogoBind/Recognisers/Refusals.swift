/// Endpoints that refuse: everybody, or who is nobody. Each with its control in the same run.
enum Refusals {
  static let recogniser = Recogniser(
    "refusal", probes: ["http"],
    manual: """
      "`GET /api/me` without a token returns 401", "/metrics requires authentication", "/metrics is not public (returns 403)": a caller who is nobody is refused, and `user` is
      answered. "`GET /debug/pprof` returns 404", "`GET /admin` is not reachable from outside": refused, while the health endpoint that the document names, or the
      front page, is served.
      """,
    samples: [
      Recogniser.Sample(
        "- [ ] `GET /api/me` without a token returns 401",
        #"""
        http: { GET: "${app}/api/me", cookies: none }
        expect: { status: 401 }
        allowed:
          http: { GET: "${app}/api/me", as: user }
          expect: { status: 200 }
        """#),
      Recogniser.Sample(
        "- [ ] POST /invoices without a token returns 401",
        #"""
        http: { POST: "${app}/invoices", cookies: none, json: {}, safe: true }
        expect: { status: 401 }
        allowed:
          http: { POST: "${app}/invoices", as: user, json: {} }
          expect: { status: { one_of: [200, 201, 202, 204] } }
        """#),
      Recogniser.Sample(
        "- [ ] `/metrics` requires authentication",
        #"""
        http: { GET: "${app}/metrics", cookies: none }
        expect: { status: { one_of: [401, 403] } }
        allowed:
          http: { GET: "${app}/metrics", as: user }
          expect: { status: 200 }
        """#),
      Recogniser.Sample(
        "- `GET /healthz` returns 200\n- [ ] `GET /debug/pprof` returns 404",
        #"""
        http: { GET: "${app}/debug/pprof" }
        expect: { status: 404 }
        allowed:
          http: { GET: "${app}/healthz" }
          expect: { status: 200 }
        """#),
      Recogniser.Sample(
        "- [ ] `GET /admin` is not reachable from outside",
        #"""
        http: { GET: "${app}/admin" }
        expect: { status: { one_of: [401, 403, 404, 410] } }
        allowed:
          http: { GET: "${app}/", follow: true }
          expect: { status: 200 }
        """#),
      Recogniser.Sample(
        "- [ ] /metrics is not public (returns 403)",
        #"""
        http: { GET: "${app}/metrics", cookies: none }
        expect: { status: 403 }
        allowed:
          http: { GET: "${app}/metrics", as: user }
          expect: { status: 200 }
        """#),
    ],
    lookalikes: [
      "- [ ] `GET /health` returns 200", "- [ ] `GET /health` does not return 500",
      "- [ ] `GET /health` works without a token", "- [ ] `GET /x` does not return 404",
      "- [ ] `/admin` requires a second factor", "- [ ] `GET /orders` never returns 401 to a signed-in user",
    ]
  ) { line, context in
    guard line.kind != .command, line.kind != .statement, let groups = request.first(in: line.raw),
      let path = groups[2], !file.isFound(in: path), !line.says(other)
    else { return nil }
    let method = groups[1] ?? "GET"
    let url = context.base(line).replacing("${web}", with: "${app}") + path
    let status = code.group(1, in: line.text)
    if line.says(notThat) { return nil }
    if line.says(nobody) || line.says(signIn) || line.says(notPublic) && ["401", "403"].contains(status) {
      if let status, !["401", "403", "404"].contains(status) { return nil }
      if status == nil, !line.says(signIn), !line.says(refused) { return nil }
      let writes = method != "GET" && method != "HEAD"
      let expected = status ?? "{ one_of: [401, 403] }"
      return Draft(
        """
        http: { \(method): "\(url)", cookies: none\(writes ? ", json: {}, safe: true" : "") }
        expect: { status: \(expected) }
        allowed:
          http: { \(method): "\(url)", as: user\(writes ? ", json: {}" : "") }
          expect: { status: \(writes ? "{ one_of: [200, 201, 202, 204] }" : "200") }
        """, confidence: writes ? .medium : .high,
        reason: "a caller who is nobody is refused, and a signed-in user is answered"
          + (writes ? "; write the body that it takes" : ""),
        carries: ["without", "unauthenticated", "anonymous", "requires", "без", "not public"])
    }
    let hidden = line.says(notPublic)
    guard method == "GET", hidden || status == "404" || status == "403" || status == "410" else { return nil }
    // Who may not is not said, so that nobody may.
    let health = context.lines.lazy.compactMap { known.group(1, in: $0.raw) }.first { $0 != path }
    return Draft(
      """
      http: { GET: "\(url)" }
      expect: { status: \(status ?? "{ one_of: [401, 403, 404, 410] }") }
      allowed:
        http: { GET: "${app}\(health ?? "/")"\(health == nil ? ", follow: true" : "") }
        expect: { status: 200 }
      """, confidence: health == nil && !hidden ? .medium : .high,
      reason: "it is refused from where the check runs, while \(health ?? "the root") is served",
      carries: ["reachable", "outside", "public", "exposed"])
  }

  private static let request = Phrase(
    #"(?:\b(GET|POST|PUT|PATCH|DELETE|HEAD) )?(?<![\w.])(/[A-Za-z_][\w./{}:-]*[\w}])"#, ignoringCase: false)
  private static let file = Phrase(#"\.[a-z]{1,4}$|^/(docs|src|lib|services|supabase|scripts|etc|var|usr)/"#)
  private static let code = Phrase(
    #"(?:returns?|answers?(?: with)?|gives?|responds?(?: with)?|gets?|→|=>|->|:|\(|is|возвращает|отвечает|отда[её]т)\s+(?:an? )?(?:http )?([1-5]\d\d)\b|\((?:http )?([1-5]\d\d)\)"#
  )
  private static let notThat = Phrase(
    #"\b(not|never|n't|no longer)\s+(return|answer|give|respond|get)|\bnever (returns|answers)|(?<!\w)не (возвращает|отвечает|отда[её]т)"#
  )
  private static let nobody = Phrase(
    #"\bwithout (an? |any |valid )*(auth\w*|token|credentials?|login|session|cookie|api[- ]key|signing in)|\b(unauthenticated|unauthori[sz]ed|anonymous|logged[- ]out|signed[- ]out)\b|без (токена|авторизации|аутентификации|входа|ключа)|неавторизованн\w+|анонимн\w+"#
  )
  private static let signIn = Phrase(
    #"\brequires? (an? )?(auth\w*|token|log-?in|sign(ing)?[- ]?in|valid token|session)\b|(is|are) (behind|protected by) (auth\w*|a? ?login)|\bneeds? (auth\w*|a token|a login)\b|требует (авториз|аутентиф|токен|вход)\w*"#
  )
  private static let refused = Phrase(#"\b(refused|rejected|denied|forbidden|blocked)\b|отклон|запрещ|отказ"#)
  private static let notPublic = Phrase(
    #"\bnot (publicly |directly )?(public|exposed|reachable|accessible|served|available|open)\b|не ?доступ\w+|недоступ\w+|не публич\w+"#
  )
  private static let other = Phrase(
    #"\boutside (of )?`?/|(?<!/)\b(second factor|mfa|2fa|rate|limit\w*|redirect\w*|role|admins?|owners?|csrf|signature|when|if|unless|deleted|expired|invalid|wrong|other tenant|another|stranger)\b|если|когда|чуж"#
  )
  private static let known = Phrase(#"(?<![\w.])(/(?:[\w-]+/)*(?:healthz?|livez|readyz|ping|status))\b"#)
}
