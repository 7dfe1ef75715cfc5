public import GonogoCore

/// A session's cookie that scripts, plain HTTP or other sites get at.
public struct CookieWithoutFlags: CodeRule {
  public static let manual = RuleManual(
    id: "code-cookie-no-flags", severity: .medium, family: "code",
    title: "A session's cookie lacks its flags",
    what: """
      Looks at cookies whose name says session, token or authentication, set with literal options that lack `httpOnly`, `secure` or \
      `sameSite`, or with no options at all (Express, Next.js, Starlette, Flask, Django, Go). Options made elsewhere, cookies that are cleared, CSRF tokens and cookies set by \
      a page pass.
      """,
    why: "a script injected anywhere reads the session; without Secure it crosses the network in clear",
    mend: "set httpOnly, secure and sameSite=lax or strict",
    falsifies: "session cookies are HttpOnly, Secure and SameSite",
    wordings: ["secure cookies", "cookies are HttpOnly", "cookie flags are set"],
    references: ["https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie"])

  public static let patterns = [
    CodePattern(
      "set", .ecmascript,
      """
      rule:
        any:
          - pattern: $RESPONSE.cookie($NAME, $VALUE, $OPTIONS)
          - pattern: $RESPONSE.setCookie($NAME, $VALUE, $OPTIONS)
          - pattern: $STORE.set($NAME, $VALUE, $OPTIONS)
      constraints:
        NAME: { kind: string }
        OPTIONS: { kind: object }
      """),
    // Koa's own `ctx.cookies.set` is HttpOnly by itself.
    CodePattern(
      "bare", .ecmascript,
      """
      rule:
        any:
          - pattern: $RESPONSE.cookie($NAME, $VALUE)
          - pattern: $RESPONSE.setCookie($NAME, $VALUE)
          - pattern: $STORE.set($NAME, $VALUE)
      constraints:
        NAME: { kind: string }
        VALUE: { not: { regex: '^([''"]{2}|null|undefined)$' } }
        RESPONSE: { regex: '^(res|response|reply)(\\.|$)' }
        STORE: { regex: '^(\\(?(await )?cookies\\(\\)\\)?|cookieStore|(res|response)\\.cookies)$' }
      """),
    CodePattern(
      "python", .python,
      """
      rule:
        pattern: $RESPONSE.set_cookie($$$ARGUMENTS)
        not: { has: { stopBy: end, kind: dictionary_splat } }
      """),
    CodePattern(
      "go", .go,
      """
      rule:
        pattern: 'http.Cookie{$$$FIELDS}'
        # A request's cookie has a name and a value, and no flags.
        not: { inside: { stopBy: end, kind: call_expression, has: { field: function, regex: '\\.AddCookie$' } } }
      """),
  ]

  public init() {}

  private static let session =
    #"(?<![a-z])(session|sess|sid|auth|token|jwt|refresh|access)(?![a-rt-z])|sessionid|accesstoken|refreshtoken|authtoken"#

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    for match in try context.matches("set", of: Self.self) {
      if match.text.contains(".set("), !match["STORE"].lowercased().contains("cookie") { continue }
      judge(match, match["NAME"], match["OPTIONS"], ["httpOnly", "secure", "sameSite"], context, &findings)
    }
    for match in try context.matches("bare", of: Self.self) {
      judge(match, match["NAME"], "", ["httpOnly", "secure", "sameSite"], context, &findings)
    }
    for match in try context.matches("python", of: Self.self) {
      guard let quote = match.text.firstIndex(where: { $0 == "\"" || $0 == "'" }),
        let end = match.text[match.text.index(after: quote)...].firstIndex(where: { $0 == "\"" || $0 == "'" })
      else { continue }
      judge(
        match, String(match.text[quote...end]), match.text, ["httponly", "secure", "samesite"], context, &findings)
    }
    for match in try context.matches("go", of: Self.self) {
      guard let name = match.text.firstRange(of: "Name:") else { continue }
      let rest = match.text[name.upperBound...].prefix { $0 != "," && $0 != "\n" }
      judge(match, String(rest), match.text, ["HttpOnly", "Secure", "SameSite"], context, &findings)
    }
  }

  private func judge(
    _ match: CodeMatch, _ name: String, _ options: String, _ flags: [String], _ context: AuditContext,
    _ findings: inout Findings
  ) {
    guard (try? context.pattern(Self.session, ignoringCase: true).firstMatch(in: name)) ?? nil != nil else { return }
    let lower = options.lowercased()
    // Cleared, not set; told elsewhere; a token that the page has to read.
    for mark in ["...", "maxage: 0", "max_age=0", "maxage: -1", "expires: new date(0)", "csrf", "xsrf"]
    where lower.contains(mark) || name.lowercased().contains(mark) { return }
    if match.file.language == .go, lower.contains("maxage:"), lower.contains("-1") { return }
    let missing = flags.filter { flag in
      guard let found = lower.firstRange(of: flag.lowercased()) else { return true }
      let value = lower[found.upperBound...].drop { $0 == ":" || $0 == "=" || $0 == " " }
      return value.hasPrefix("false")
    }
    // SameSite alone: every browser of today takes Lax where nothing is said.
    if missing.isEmpty || missing.map({ $0.lowercased() }) == ["samesite"] { return }
    if let code = CodeText(match.file, in: context), !CodeScope.isServer(match.file, code, in: context) { return }
    findings.add(
      "the cookie \(name.replacingQuotes) lacks \(missing.joined(separator: ", "))", at: match.place, subject: name)
  }

  public static let samples: [RuleSample] = [
    .finds(
      "api/a.ts:1:1", "api/b.ts:1:1", "api/b.ts:2:1", "b.py:1:1", "c.go:3:10",
      in: [
        "api/a.ts":
          "res.cookie('session', id, { httpOnly: true, secure: false, sameSite: 'lax' /* secure: true */ })\n",
        "api/b.ts": "res.cookie('session', id)\nreply.setCookie('access_token', t)\n",
        "b.py": "response.set_cookie(\"access_token\", token)\n",
        "c.go": "package c\n\nvar x = &http.Cookie{Name: \"session\", Value: v, Secure: true}\n",
      ], "each without one"),
    .silent(
      "all flags, options from elsewhere, cleared, another cookie",
      [
        "api/a.ts": """
        res.cookie('session', id, { httpOnly: true, secure: production, sameSite: 'lax' })
        res.cookie('session', id, options)
        res.cookie('session', '', { maxAge: 0 })
        res.cookie('theme', 'dark', { maxAge: 5 })
        cache.set('session', value, { ttl: 5 })
        cache.set('session', value)
        ctx.cookies.set('session', value)
        res.cookie('session', '')
        res.cookie('theme', 'dark')
        """,
        "client.go":
          "package c\n\nfunc send(request *http.Request) {\n\trequest.AddCookie(&http.Cookie{Name: \"auth_token\", Value: token})\n}\n",
        "b.py": "response.set_cookie('session', t, httponly=True, secure=True, samesite='lax')\n",
      ]),
  ]
}

extension String {
  /// A literal as it stands in a message.
  var replacingQuotes: String {
    "'" + filter { !"\"'`".contains($0) }.trimmed + "'"
  }
}
