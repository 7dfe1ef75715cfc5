public import GonogoCore

/// A JSON Web Token that is believed without being verified.
public struct UnverifiedToken: CodeRule {
  public static let manual = RuleManual(
    id: "code-jwt-unverified", severity: .high, family: "code",
    title: "A JSON Web Token is not verified in full",
    what: """
      Looks for `ignoreExpiration: true` and `algorithms` with `none` in jsonwebtoken, `verify_signature` or `verify_exp` set to False in \
      Python, python-jose's `decode` without algorithms, and Go's `ParseUnverified` and `Parse` whose key function never looks at the method. \
      A `verify` without `algorithms` in jsonwebtoken is told as low: since 9.0 the kind of key limits it. A file that verifies elsewhere passes.
      """,
    why: "whoever can write a token is whoever they like, or stays it for ever",
    mend: "verify the signature with a fixed list of algorithms, and the expiry",
    falsifies: "tokens are verified, with their algorithm and expiry",
    wordings: ["JWTs are verified", "JWT verification", "JWT signatures are verified"],
    references: ["https://www.rfc-editor.org/rfc/rfc8725#section-3.1"])

  public static let patterns = [
    CodePattern(
      "option", .ecmascript,
      """
      rule:
        kind: pair
        regex: '^(ignoreExpiration: ?true|algorithms: ?\\[[^\\]]*[''"]none[''"][^\\]]*\\])$'
        not: { inside: { stopBy: end, pattern: '$X.decode($$$)' } }
      """),
    CodePattern(
      "verify", .ecmascript,
      """
      rule:
        any:
          - pattern: jwt.verify($TOKEN, $KEY)
          - pattern: jsonwebtoken.verify($TOKEN, $KEY)
      """),
    CodePattern(
      "python", .python,
      """
      rule:
        pattern: jwt.decode($$$ARGUMENTS)
        has: { stopBy: end, kind: pair, regex: '^["''](verify_signature|verify_exp)["'']: ?False$' }
      """),
    CodePattern(
      "go", .go,
      """
      rule:
        any:
          - pattern: { context: 'func f() { $PARSER.ParseUnverified($$$) }', selector: call_expression }
          - { pattern: 'jwt.Parse($TOKEN, $KEY)', not: { has: { stopBy: end, regex: 'Method|Alg' } } }
          - { pattern: 'jwt.ParseWithClaims($TOKEN, $CLAIMS, $KEY)', not: { has: { stopBy: end, regex: 'Method|Alg' } } }
      """),
  ]

  public init() {}

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    for match in try context.matches("option", of: Self.self) {
      findings.add(
        match.text.hasPrefix("ignore") ? "the token's expiry is ignored" : "tokens without a signature are taken",
        at: match.place, subject: "option")
    }
    var files: Set<TreeFile> = []
    for match in try context.matches("verify", of: Self.self) where files.insert(match.file).inserted {
      guard let code = CodeText(match.file, in: context),
        code.mentions(#"['"]jsonwebtoken['"]"#, in: context, raw: true)
      else { continue }
      findings.add(
        "the token is verified without a list of algorithms", at: match.place, subject: "algorithms", severity: .low)
    }
    for match in try context.matches("python", of: Self.self) {
      guard let code = CodeText(match.file, in: context) else { continue }
      // A first look at the header or the issuer, before the real one.
      let decodes = code.code.split(separator: 0x0A).filter {
        String(decoding: $0, as: UTF8.self).contains("jwt.decode(")
      }
      if decodes.count > 1 || code.mentions(#"get_unverified_header|jwks|PyJWK"#, in: context) { continue }
      findings.add("the token is decoded without a check", at: match.place, subject: "decode")
    }
    for match in try context.matches("go", of: Self.self) {
      guard let code = CodeText(match.file, in: context) else { continue }
      // A key function by name may look; WithValidMethods is the parser's own way.
      if match["KEY"].isEmpty == false, !match["KEY"].hasPrefix("func") { continue }
      if code.mentions("WithValidMethods|keyfunc|SigningMethod", in: context) { continue }
      findings.add("the token's method is not looked at", at: match.place, subject: "parse")
    }
  }

  public static let samples: [RuleSample] = [
    .finds(
      "a.ts:2:18", "a.ts:3:22", "b.py:1:5", "c.go:4:2",
      in: [
        "a.ts": """
        import jwt from 'jsonwebtoken'
        export const a = jwt.verify(token, key)
        jwt.verify(t, key, { ignoreExpiration: true })
        """,
        "b.py": "x = jwt.decode(t, key, options={\"verify_signature\": False})\n",
        "c.go":
          "package c\n\nfunc f(t string) {\n\tjwt.Parse(t, func(t *jwt.Token) (any, error) { return key, nil })\n}\n",
      ], "four ways"),
    .silent(
      "algorithms, a first look before the real one, the method",
      [
        "a.ts": "import jwt from 'jsonwebtoken'\njwt.verify(token, key, { algorithms: ['HS256'] })\n",
        "b.py": """
        kid = jwt.decode(t, options={"verify_signature": False})["kid"]
        claims = jwt.decode(t, keys[kid], algorithms=["RS256"])
        """,
        "c.go": """
        package c

        func f(t string) {
        \tjwt.Parse(t, func(t *jwt.Token) (any, error) { if t.Method != hs { return nil, bad }; return key, nil })
        }
        """,
      ]),
  ]
}
