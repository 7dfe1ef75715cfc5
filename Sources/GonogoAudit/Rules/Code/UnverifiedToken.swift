public import GonogoCore

/// A JSON Web Token that is believed without being verified.
public struct UnverifiedToken: CodeRule {
  public static let manual = RuleManual(
    id: "code-jwt-unverified", severity: .high, family: "code",
    title: "A JSON Web Token is not verified in full",
    what: """
      Looks for `ignoreExpiration: true` and `algorithms` with `none` in jsonwebtoken, `verify_signature` or `verify_exp` set to False in \
      Python, python-jose's `decode` without algorithms, and Go's `ParseUnverified` and `Parse` whose key function never looks at the method. \
      A `verify` without `algorithms` in jsonwebtoken is told as low: since 9.0 the kind of key limits it; with a shared secret, by its name, it \
      passes, since the library takes nothing but HMAC with one. A function that verifies passes, as does one that is called where the token is \
      verified, in its file or, by all who call it, in others; packages of Go that only tests import, and a development's branch, pass too. Of the `decode` of jsonwebtoken, jwt-decode and jose it tells where a function reads a request's token by it, verifies nothing, and takes a role or a user from it.
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
        all: [ { not: { inside: \(CodePattern.forDevelopers) } } ]
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
      "decode", .ecmascript,
      """
      rule:
        any:
          - pattern: jwt.decode($TOKEN)
          - pattern: jwt.decode($TOKEN, $OPTIONS)
          - pattern: jsonwebtoken.decode($TOKEN)
          - pattern: jsonwebtoken.decode($TOKEN, $OPTIONS)
          - pattern: jwtDecode($TOKEN)
          - pattern: decodeJwt($TOKEN)
        inside:
          stopBy: end
          any:
            - { kind: function_declaration, pattern: $FUNCTION }
            - { kind: arrow_function, pattern: $FUNCTION }
            - { kind: method_definition, pattern: $FUNCTION }
            - { kind: function_expression, pattern: $FUNCTION }
        all: [ { not: { inside: \(CodePattern.forDevelopers) } } ]
      """),
    CodePattern(
      "verifier", .ecmascript,
      """
      rule:
        any: [ { kind: function_declaration }, { kind: arrow_function }, { kind: method_definition }, { kind: function_expression } ]
        has: { stopBy: end, any: [ { pattern: 'jwt.verify($$$)' }, { pattern: 'jsonwebtoken.verify($$$)' }, { pattern: 'jwtVerify($$$)' }, { pattern: 'verifyAsync($$$)' }, { pattern: '$X.verifyAsync($$$)' } ] }
      """),
    CodePattern(
      "python", .python,
      """
      rule:
        pattern: jwt.decode($$$ARGUMENTS)
        has: { stopBy: end, kind: pair, regex: '^["''](verify_signature|verify_exp)["'']: ?False$' }
      """),
    CodePattern(
      "function", .python,
      """
      rule:
        kind: function_definition
        has: { field: name, pattern: $NAME }
        regex: '\\bjwt\\.decode\\('
      """),
    CodePattern(
      "go", .go,
      """
      rule:
        any:
          - pattern: { context: 'func f() { $PARSER.ParseUnverified($$$) }', selector: call_expression }
          - { pattern: 'jwt.Parse($TOKEN, $KEY)', not: { has: { stopBy: end, any: [ { kind: field_identifier, regex: 'Method|Alg' }, { kind: identifier, regex: 'Method|Alg' }, { kind: interpreted_string_literal, regex: 'alg' } ] } } }
          - { pattern: 'jwt.ParseWithClaims($TOKEN, $CLAIMS, $KEY)', not: { has: { stopBy: end, any: [ { kind: field_identifier, regex: 'Method|Alg' }, { kind: identifier, regex: 'Method|Alg' }, { kind: interpreted_string_literal, regex: 'alg' } ] } } }
      """),
  ]

  public init() {}

  /// `JWT_SECRET`, `config.jwtSecret!`: no public key, which a forger could take for a shared one.
  private static func isShared(_ key: String) -> Bool {
    let lower = key.lowercased()
    return lower.contains("secret") && !["public", "pem", "cert"].contains { lower.contains($0) }
  }

  public func look(in context: AuditContext, findings: inout Findings) throws(CouldNotLook) {
    for match in try context.matches("option", of: Self.self) {
      // Other things expire as well: sessions and grants of a provider's own.
      guard let code = CodeText(match.file, in: context),
        code.mentions(
          #"['"](jsonwebtoken|@nestjs/jwt|passport-jwt|express-jwt|koa-jwt|@fastify/jwt|fast-jwt|jose)['"]"#,
          in: context, strings: true)
      else { continue }
      // Who looks at the expiry by hand, renews a session or ends it, wants to read the token all the same.
      if match.text.hasPrefix("ignore"), Self.asksForExpiry(match, code, context) { continue }
      findings.add(
        match.text.hasPrefix("ignore") ? "the token's expiry is ignored" : "tokens without a signature are taken",
        at: match.place, subject: "option")
    }
    var files: Set<TreeFile> = []
    for match in try context.matches("verify", of: Self.self)
    where !Self.isShared(match["KEY"]) && files.insert(match.file).inserted {
      guard let code = CodeText(match.file, in: context),
        code.mentions(#"['"]jsonwebtoken['"]"#, in: context, strings: true)
      else { continue }
      findings.add(
        "the token is verified without a list of algorithms", at: match.place, subject: "algorithms", severity: .low,
        because: "since jsonwebtoken 9 the kind of key limits them")
    }
    let functions = try context.matches("function", of: Self.self)
    let verifying = functions.filter(Self.verifies) + (try context.matches("verifier", of: Self.self))
    for match in try context.matches("decode", of: Self.self) where believes(match, context) {
      // Supabase verifies a function's token before it; a middleware of pages sends away, and the routes behind it look again.
      guard !match.file.path.contains("supabase/functions/"), !match.file.name.hasPrefix("middleware."),
        let code = CodeText(match.file, in: context), CodeScope.isServer(match.file, code, in: context),
        code.mentions(#"['"](jsonwebtoken|jwt-decode|jose)['"]"#, in: context, strings: true),
        !TokenCallers.allVerify(Self.name(of: match, context), match.file, verifying, context)
      else { continue }
      findings.add("the token is decoded and not verified", at: match.place, subject: "decode")
    }
    for match in try context.matches("python", of: Self.self) {
      guard let code = CodeText(match.file, in: context), CodeScope.isServer(match.file, code, in: context) else {
        continue
      }
      if !match.text.contains("verify_signature"), Self.asksForExpiry(match, code, context) { continue }
      if code.mentions(#"get_unverified_header|jwks|PyJWK"#, in: context)
        || isFirstLook(match, code, functions, verifying, context)
      {
        continue
      }
      findings.add("the token is decoded without a check", at: match.place, subject: "decode")
    }
    for match in try context.matches("go", of: Self.self) {
      // What helps tests reads the tokens that it has signed itself.
      guard let code = CodeText(match.file, in: context), CodeScope.isServer(match.file, code, in: context) else {
        continue
      }
      // A key function by name may look; WithValidMethods is the parser's own way.
      if match["KEY"].isEmpty == false, !match["KEY"].hasPrefix("func") { continue }
      if code.mentions("WithValidMethods|keyfunc|SigningMethod", in: context) { continue }
      // A first look at the issuer, before the token is verified with its key.
      if match.text.contains("ParseUnverified"),
        code.mentions(#"\.(Parse|ParseWithClaims|Verify|VerifyIDToken)\("#, in: context)
      {
        continue
      }
      findings.add("the token's method is not looked at", at: match.place, subject: "parse")
    }
  }

  /// Whether the expiry that is not asked of the library is looked at beside it, or is of no matter there.
  private static func asksForExpiry(_ match: CodeMatch, _ code: CodeText, _ context: AuditContext) -> Bool {
    let path = match.file.path.lowercased()
    return ["refresh", "renew", "logout", "revoke", "diag", "debug"].contains { path.contains($0) }
      || code.mentions(
        #"\.exp\b|\[['"]exp['"]\]|\(['"]exp['"]|refresh|renew|logout|log_out|sign_?out|revoke"#, in: context,
        strings: true)
  }

  /// Whether a function takes from a request's token, which it does not verify, who somebody is.
  private func believes(_ match: CodeMatch, _ context: AuditContext) -> Bool {
    let function = CodeText(Array(match["FUNCTION"].utf8), .ecmascript)
    // A provider's own answer came over TLS; `complete` is a look at the header, before the key is known.
    if match.text.contains("complete") || match.text.lowercased().contains("id_token")
      || match.text.contains("idToken")
      || function.mentions(#"verif|jwks|getSigningKey|getPublicKey|unverified|\bdebug\b"#, in: context)
    {
      return false
    }
    return function.mentions(
      #"\b(req|request|ctx|context|socket)\b.*(headers|cookies|query|authorization|handshake)"#, in: context)
      && function.mentions(
        #"(\?\.|\.)(role|roles|isAdmin|admin|permissions?|scopes?|sub|userId|user_id|email|id)\b"#, in: context)
  }

  /// Whether a token is decoded without its signature in order to be verified then: in the same function, or where that function
  /// is called.
  private func isFirstLook(
    _ match: CodeMatch, _ code: CodeText, _ functions: [CodeMatch], _ verifying: [CodeMatch], _ context: AuditContext
  ) -> Bool {
    func decodes(_ text: String) -> Int { text.ranges(of: "jwt.decode(").count }
    let own = functions.filter { $0.file == match.file && $0.range.contains(match.range.lowerBound) }
      .min { $0.range.count < $1.range.count }
    // A token that has run out is still its owner's: to revoke it, or to renew it, is nobody's harm.
    guard let own, match.text.contains("verify_signature") else {
      return decodes(String(decoding: code.code, as: UTF8.self)) > 1
    }
    if decodes(own.text) > 1 { return true }
    let name = own["NAME"]
    if decodes(String(decoding: code.code, as: UTF8.self)) > 1, isUnused(name, own, context) { return true }
    if ["unverified", "peek", "kid", "issuer", "header", "expir", "inspect", "debug", "without"].contains(where: {
      name.lowercased().contains($0)
    }) {
      return true
    }
    if TokenCallers.allVerify(name, match.file, verifying, context) { return true }
    return functions.contains {
      $0.file == match.file && $0.range != own.range && $0.text.contains("\(name)(") && decodes($0.text) > 0
    }
  }

  /// Whether a function of Python decodes with the signature, whatever else it decodes.
  private static func verifies(_ function: CodeMatch) -> Bool {
    function.text.ranges(of: "jwt.decode(").count > function.text.ranges(of: "verify_signature").count
  }

  /// The name of the function that a match stands in, by the lines above it; `nil` where it has none.
  private static func name(of match: CodeMatch, _ context: AuditContext) -> String? {
    guard let text = context.tree.text(match.file) else { return nil }
    let function = match["FUNCTION"].split(separator: "\n").count
    let head = context.pattern(
      #"\bfunction\s+([\w$]+)|\b(?:const|let)\s+([\w$]+)\s*(?::[^=]+)?=\s*(?:async\s*)?(?:\(|[\w$]+\s*=>|function)"#)
    for number in stride(from: match.place.line, through: max(1, match.place.line - function), by: -1) {
      guard let found = (try? head.firstMatch(in: String(decoding: text.line(number), as: UTF8.self))) ?? nil else {
        continue
      }
      return found.groups.dropFirst().compactMap { $0 }.first
    }
    return nil
  }

  /// Whether no other place of the tree's code names a function.
  private func isUnused(_ name: String, _ function: CodeMatch, _ context: AuditContext) -> Bool {
    let word = #"(?<!def )\b"# + name + #"\b"#
    return !context.tree.files(in: .python).contains { file in
      CodeText(file, in: context)?.mentions(word, in: context) == true
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
          "package c\n\nfunc f(t string) {\n\tjwt.Parse(t, func(t *jwt.Token) (any, error) {\n\t\t// TODO: the Method\n\t\treturn key, nil\n\t})\n}\n",
      ], "four ways"),
    .finds(
      "src/auth.ts:4:18", "auth.py:5:12", "app/api/me/route.ts:3:18",
      in: [
        "src/auth.ts": """
        import jwt from 'jsonwebtoken'
        import express from 'express'
        export function adminFrom(req) {
          const claims = jwt.decode(req.headers['x-admin-token'])
          return claims?.role === 'admin' ? claims : null // TODO: verify
        }
        """,
        "auth.py": """
        def current(token):
            return jwt.decode(token, KEY, algorithms=["HS256"])

        def support(token):
            return jwt.decode(token, options={"verify_signature": False})
        """,
        "main.py": "from .auth import current, support\n",
        "app/api/me/route.ts":
          "import { jwtDecode } from 'jwt-decode'\nexport async function GET(request: Request) {\n  const claims = jwtDecode(request.headers.get('authorization'))\n  return load(claims.userId)\n}\n",
      ], "believed beside a function that verifies"),
    .finds(
      "auth.py:2:12", "src/token.ts:3:18",
      in: [
        "auth.py":
          "def subject_of(token):\n    return jwt.decode(token, options={\"verify_signature\": False})[\"sub\"]\n",
        "api.py":
          "from auth import subject_of\n\ndef me(token):\n    return load(subject_of(token))\n\ndef admin(token):\n    jwt.decode(token, KEY, algorithms=[\"HS256\"])\n    return load(subject_of(token))\n",
        "src/token.ts":
          "import jwt from 'jsonwebtoken'\nexport function subjectOf(req) {\n  const claims = jwt.decode(req.headers.authorization)\n  return claims.sub\n}\n",
        "src/me.ts": "import express from 'express'\nexport const me = (req) => load(subjectOf(req))\n",
      ], "a caller that does not verify"),
    .silent(
      "a look at the subject, whose callers in other files all verify; what only a development's server answers",
      [
        "src/dev.ts":
          "import jwt from 'jsonwebtoken'\nimport express from 'express'\nif (isDev) {\n  app.get('/me', (req) => { const c = jwt.decode(req.headers.authorization); return c.sub })\n}\n",
        "auth.py":
          "def subject_of(token):\n    return jwt.decode(token, options={\"verify_signature\": False})[\"sub\"]\n",
        "api.py":
          "from auth import subject_of\n\ndef admin(token):\n    key = key_of(subject_of(token))\n    return load(jwt.decode(token, key, algorithms=[\"HS256\"]))\n",
        "src/token.ts":
          "import jwt from 'jsonwebtoken'\nexport function subjectOf(req) {\n  const claims = jwt.decode(req.headers.authorization)\n  return claims.sub\n}\n",
        "src/me.ts":
          "import express from 'express'\nimport { subjectOf } from './token'\nexport const me = (req) => {\n  const key = keyOf(subjectOf(req))\n  return load(jwt.verify(req.token, key, { algorithms: ['HS256'] }))\n}\n",
      ]),
    .silent(
      "algorithms, a first look before the real one, the method",
      [
        "a.ts": "import jwt from 'jsonwebtoken'\njwt.verify(token, key, { algorithms: ['HS256'] })\n",
        "pkg/webtests/helpers.go":
          "package webtests\n\nimport \"testing\"\n\nfunc user(t *testing.T, token string) {\n\tjwt.Parse(token, func(*jwt.Token) (any, error) { return key, nil })\n}\n",
        "grant.ts":
          "import { Provider } from 'oidc-provider'\nconst grant = await provider.Grant.find(id, { ignoreExpiration: true })\n",
        "shared.ts": "import jwt from 'jsonwebtoken'\njwt.verify(token, process.env.SESSION_SECRET!)\n",
        "b.py": """
        kid = jwt.decode(t, options={"verify_signature": False})["kid"]
        claims = jwt.decode(t, keys[kid], algorithms=["RS256"])
        """,
        "supabase/functions/me/index.ts":
          "import { decodeJwt } from 'jose'\nDeno.serve((req) => load(decodeJwt(req.headers.get('authorization')).sub))\n",
        "middleware.ts":
          "import { jwtDecode } from 'jwt-decode'\nexport function middleware(request) { if (!jwtDecode(request.cookies.get('t')).role) return away() }\n",
        "src/auth.ts": """
        import jwt from 'jsonwebtoken'
        import express from 'express'
        export const expires = (req) => jwt.decode(req.headers.authorization).exp
        export const user = (req) => { const key = keys[jwt.decode(req.headers.x, { complete: true }).header.kid]; return verify(key).sub }
        export const who = (answer) => jwt.decode(answer.id_token).sub
        """,
        "auth.py": """
        def issuer_of(token):
            return jwt.decode(token, options={"verify_signature": False})["iss"]

        def dump(token):
            return jwt.decode(token, options={"verify_signature": False})

        def revoke(token):
            seen.add(jwt.decode(token, KEY, algorithms=["HS256"], options={"verify_exp": False})["jti"])

        def claims(token):
            return jwt.decode(token, options={"verify_signature": False})

        def current(token):
            return jwt.decode(token, keys[claims(token)["kid"]], algorithms=["RS256"])
        """,
        "c.go": """
        package c

        func f(t string) {
        \tjwt.Parse(t, func(t *jwt.Token) (any, error) { if t.Method != hs { return nil, bad }; return key, nil })
        }

        func issuer(t string) {
        \tparser.ParseUnverified(t, claims)
        }
        """,
      ]),
    .silent(
      "an expiry that is looked at by hand, or is of no matter",
      [
        "src/auth.ts":
          "import jwt from 'jsonwebtoken'\nconst claims = jwt.verify(t, KEY, { algorithms: ['HS256'], ignoreExpiration: true })\nif (claims.exp < now()) throw new Expired()\n",
        "app/logout.py":
          "from fastapi import FastAPI\nimport jwt\ndef logout(token):\n  end(jwt.decode(token, KEY, algorithms=['HS256'], options={'verify_exp': False})['sid'])\n",
      ]),
  ]
}
