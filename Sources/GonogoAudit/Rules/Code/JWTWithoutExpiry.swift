public import GonogoCore

/// A JSON Web Token that is good for ever.
public struct JWTWithoutExpiry: CodeRule {
  public static let manual = RuleManual(
    id: "code-jwt-no-expiry", severity: .medium, family: "code",
    title: "A JSON Web Token is issued without an expiry",
    what: """
      Looks at jsonwebtoken's `sign` without `expiresIn`, jose's `SignJWT` without `setExpirationTime`, PyJWT's and python-jose's `encode`, and \
      Go's `NewWithClaims`, where the claims are written there and have no `exp`. Claims or options that are put together elsewhere pass, and so do \
      links to unsubscribe, keys of an API, invitations, tokens between services and for other companies, and files that limit the age when they verify.
      """,
    why: "a token that was stolen once, from a log or a backup, is good until the key is changed for everybody",
    mend: "give it the shortest life that works (`expiresIn: '15m'`), and refresh it",
    falsifies: "tokens are verified, with their algorithm and expiry",
    references: ["https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4"])

  public static let patterns = [
    CodePattern(
      "sign", .ecmascript,
      """
      rule:
        any:
          - pattern: jwt.sign($PAYLOAD, $KEY)
          - pattern: jwt.sign($PAYLOAD, $KEY, $OPTIONS)
          - pattern: jsonwebtoken.sign($PAYLOAD, $KEY)
          - pattern: jsonwebtoken.sign($PAYLOAD, $KEY, $OPTIONS)
      constraints:
        PAYLOAD: { kind: object }
      """),
    CodePattern(
      "jose", .ecmascript,
      """
      rule:
        pattern: $BUILDER.sign($$$)
      constraints:
        BUILDER: { regex: '^new (jose\\.)?SignJWT\\(\\s*\\{' }
      """),
    CodePattern(
      "python", .python,
      """
      rule:
        any:
          - pattern: jwt.encode($PAYLOAD, $$$)
          - pattern: jose.jwt.encode($PAYLOAD, $$$)
      constraints:
        PAYLOAD: { kind: dictionary }
      """),
    CodePattern(
      "go", .go,
      """
      rule:
        pattern: { context: 'func f() { jwt.NewWithClaims($METHOD, $CLAIMS) }', selector: call_expression }
      constraints:
        CLAIMS: { regex: '^jwt\\.MapClaims\\{' }
      """),
  ]

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    for match in try context.matches("sign", of: Self.self) {
      let options = match["OPTIONS"]
      // Options by name may hold the expiry.
      guard options.isEmpty || options.hasPrefix("{") && !options.contains("...") else { continue }
      tell(match, options.contains("expiresIn") || Self.hasExpiry(match["PAYLOAD"]), context, &findings)
    }
    for match in try context.matches("jose", of: Self.self) {
      tell(match, match.text.contains("setExpirationTime") || Self.hasExpiry(match.text), context, &findings)
    }
    for match in try context.matches("python", of: Self.self) {
      // Of Authlib and joserfc the first argument is the header.
      if match["PAYLOAD"].contains("\"alg\"") || match["PAYLOAD"].contains("'alg'") { continue }
      tell(match, Self.hasExpiry(match["PAYLOAD"]), context, &findings)
    }
    for match in try context.matches("go", of: Self.self) {
      tell(match, Self.hasExpiry(match.text), context, &findings)
    }
  }

  private func tell(_ match: CodeMatch, _ expires: Bool, _ context: AuditContext, _ findings: inout Findings) {
    let around = (match.file.path + " " + match.text).lowercased()
    let isLasting = [
      "unsubscribe", "apikey", "api_key", "api-key", "service", "webhook", "internal", "anon", "share", "embed",
      "realtime",
      "push", "device", "state", "invit",
    ].contains { around.contains($0) }
    guard !expires, !isLasting, let code = CodeText(match.file, in: context),
      !code.mentions(#"maxAge|maxTokenAge|max_age|leeway_exp"#, in: context, strings: true),
      // What somebody else is asked with is theirs to limit.
      !code.mentions(#"\b(requests|httpx|aiohttp|axios)\.|\bfetch\("#, in: context)
    else { return }
    findings.add("the token is issued without an expiry", at: match.place, subject: "expiry")
  }

  /// Whether the claims name an expiry, or hold what may.
  private static func hasExpiry(_ claims: String) -> Bool {
    if claims.contains("...") || claims.contains("**") { return true }
    return claims.split { !$0.isLetter && $0 != "_" }.contains {
      ["exp", "expiresIn", "expires", "expiresAt"].contains($0)
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "src/login.ts:2:15", "src/session.ts:1:22", "app/login.py:1:9", "auth/login.go:4:11",
      in: [
        "src/login.ts":
          "import jwt from 'jsonwebtoken'\nconst token = jwt.sign({ id: user.id }, process.env.JWT_SECRET, { algorithm: 'HS256' })\n",
        "src/session.ts":
          "export const token = new SignJWT({ sub: id }).setProtectedHeader({ alg: 'HS256' }).sign(key)\n",
        "app/login.py": "token = jwt.encode({\"sub\": user.id}, KEY, algorithm=\"HS256\")\n",
        "auth/login.go":
          "package auth\n\nfunc Login() string {\n\ttoken := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{\"sub\": id})\n\treturn sign(token)\n}\n",
      ], "for ever"),
    .silent(
      "an expiry, claims from elsewhere, a link, an age at the other end",
      [
        "src/login.ts": """
        const a = jwt.sign({ id }, key, { expiresIn: '15m' })
        const b = jwt.sign({ id, exp: soon() }, key)
        const c = jwt.sign(claims, key)
        const d = jwt.sign({ id }, key, options)
        const e = jwt.sign({ ...claims }, key)
        const f = new SignJWT({ sub }).setExpirationTime('2h').sign(key)
        """,
        "src/unsubscribe.ts": "const token = jwt.sign({ email }, key)\n",
        "src/client.py":
          "token = jwt.encode({\"iss\": KEY}, SECRET)\nrequests.get(URL, headers={\"Authorization\": token})\n",
        "src/joserfc.py": "claims = {\"exp\": 1}\ntoken = jwt.encode({\"alg\": \"HS256\"}, claims, KEY)\n",
        "src/verify.ts": "const t = jwt.sign({ id }, key)\njwt.verify(t, key, { maxAge: '1h' })\n",
        "app/login.py": "token = jwt.encode({\"sub\": 1, \"exp\": later()}, KEY)\n",
      ]),
  ]
}
