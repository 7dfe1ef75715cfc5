/// Headers that answers carry.
enum Headers {
  static let recogniser = Recogniser(
    "headers", probes: ["http"],
    manual: """
      Security headers by name (CSP, HSTS, X-Frame-Options, X-Content-Type-Options, Referrer-Policy, Permissions-Policy): each that
      the line names is on the answer, and where it names none ("security headers set") the usual three. CORS: an origin of nobody
      is not let in, and where the line says that CORS headers are set, the front end's is. "CDN": the answer tells of one.
      """, denials: true,
    samples: [
      Recogniser.Sample(
        "- [ ] Security headers: X-Content-Type-Options, Referrer-Policy",
        #"""
        http: { GET: "${app}/" }
        expect:
          headers.x-content-type-options: nosniff
          headers.referrer-policy: exists
        no_control: the answer is asked for its headers, whatever it says
        """#),
      Recogniser.Sample(
        "- [ ] X-Frame-Options: DENY",
        #"""
        http: { GET: "${app}/" }
        expect:
          headers.x-frame-options: { matches: '/^DENY/i' }
        no_control: the answer is asked for its headers, whatever it says
        """#),
      Recogniser.Sample(
        "- [ ] HSTS enabled",
        #"""
        http: { GET: "${app}/" }
        expect:
          headers.strict-transport-security: { matches: '/max-age=[1-9]/' }
        no_control: the answer is asked for its headers, whatever it says
        """#),
      Recogniser.Sample(
        "- [x] CORS headers configured",
        #"""
        http:
          - OPTIONS: ${app}/
            headers: { Origin: "${web}", Access-Control-Request-Method: GET }
            expect: { headers.access-control-allow-origin: exists }
          - OPTIONS: ${app}/
            headers: { Origin: "https://elsewhere.invalid", Access-Control-Request-Method: GET }
        jq: '(.headers["access-control-allow-origin"] // "") as $o | ($o != "https://elsewhere.invalid") and ($o != "*" or (.headers["access-control-allow-credentials"] // "") != "true")'
        no_control: the answers are asked for their headers, whatever they say
        """#),
      Recogniser.Sample(
        "- [ ] CORS does not allow wildcard origin",
        #"""
        http:
          OPTIONS: ${app}/
          headers: { Origin: "https://elsewhere.invalid", Access-Control-Request-Method: GET }
        jq: '(.headers["access-control-allow-origin"] // "") as $o | $o != "*" and $o != "https://elsewhere.invalid"'
        no_control: the answer is asked for its headers, whatever it says
        """#),
      Recogniser.Sample(
        "- Ensure CORS/security headers are correct for same-origin proxy",
        #"""
        http:
          GET: ${web}/
          headers: { Origin: "https://elsewhere.invalid" }
        expect:
          headers.access-control-allow-origin: absent
          headers.x-content-type-options: nosniff
        no_control: the answer is asked for its headers, whatever it says
        """#),
      Recogniser.Sample(
        "- [ ] Server tokens/signatures hidden",
        #"""
        http: { GET: "${app}/" }
        jq: '((.headers.server // "") | test("[0-9]") | not) and (.headers | has("x-powered-by") | not)'
        no_control: the answer is asked for its headers, whatever it says
        """#),
      Recogniser.Sample(
        "- [ ] CDN configured",
        #"""
        http: { GET: "${web}/" }
        jq: '.headers | keys | any(test("^(cf-ray|x-vercel-id|x-amz-cf-id|x-fastly-request-id|x-cache|x-served-by|cdn-cache.*|via)$"))'
        """#),
    ],
    lookalikes: [
      "- [ ] Do not enable CORS headers", "- [ ] Header of the page redesigned", "- `CORS_ORIGINS=x`",
      "- [ ] CDN contract signed",
    ]
  ) { line, context in
    if EnvironmentVariable.start.isFound(in: line.raw) { return nil }
    let base = context.base(line)
    if line.says(telltale) {
      return Draft(
        "http: { GET: \"\(base)/\" }\njq: '((.headers.server // \"\") | test(\"[0-9]\") | not) and (.headers | has(\"x-powered-by\") | not)'\nno_control: the answer is asked for its headers, whatever it says",
        confidence: .medium, reason: "no header tells a version, or what the answer was made with")
    }
    if Absence.isForbidden(line), !line.says(wildcard) { return nil }
    if line.says(cdn) {
      return Draft(
        "http: { GET: \"${web}/\" }\njq: '.headers | keys | any(test(\"^(cf-ray|x-vercel-id|x-amz-cf-id|x-fastly-request-id|x-cache|x-served-by|cdn-cache.*|via)$\"))'",
        confidence: .medium, reason: "the answer of the front end has a header that a CDN puts there")
    }
    if line.says(cors), line.says(state), !line.says(bucket) {
      if line.says(wildcard) {
        return Draft(
          "http:\n  OPTIONS: ${app}/\n  headers: { Origin: \"https://elsewhere.invalid\", Access-Control-Request-Method: GET }\njq: '(.headers[\"access-control-allow-origin\"] // \"\") as $o | $o != \"*\" and $o != \"https://elsewhere.invalid\"'\nno_control: the answer is asked for its headers, whatever it says",
          confidence: .high, reason: "an origin of nobody is not let in, nor are all")
      }
      if line.says(sameOrigin) {
        return Draft(
          "http:\n  GET: ${web}/\n  headers: { Origin: \"https://elsewhere.invalid\" }\nexpect:\n  headers.access-control-allow-origin: absent\n  headers.x-content-type-options: nosniff\nno_control: the answer is asked for its headers, whatever it says",
          confidence: .medium, reason: "behind a proxy of one origin no other is let in")
      }
      return Draft(
        """
        http:
          - OPTIONS: ${app}/
            headers: { Origin: "${web}", Access-Control-Request-Method: GET }
            expect: { headers.access-control-allow-origin: exists }
          - OPTIONS: ${app}/
            headers: { Origin: "https://elsewhere.invalid", Access-Control-Request-Method: GET }
        jq: '(.headers["access-control-allow-origin"] // "") as $o | ($o != "https://elsewhere.invalid") and ($o != "*" or (.headers["access-control-allow-credentials"] // "") != "true")'
        no_control: the answers are asked for their headers, whatever they say
        """, confidence: .medium, reason: "the front end's origin is let in, and an origin of nobody is not reflected")
    }
    if let groups = exact.first(in: line.text), let name = groups[1]?.lowercased(), let value = groups[2] {
      return Draft(
        "http: { GET: \"\(base)/\" }\nexpect:\n  headers.\(name): { matches: '/^\(YAMLText.escapedForPattern(Inline.trimmed(value)).replacing("'", with: "''"))/i' }\nno_control: the answer is asked for its headers, whatever it says",
        confidence: .high, reason: "the line names the header and its value")
    }
    var wanted = names.filter { $0.phrase.isFound(in: line.text) }.map {
      HeaderDemands.sharpened($0.expectation, for: line.text)
    }
    if wanted.isEmpty, line.says(security), line.says(state) {
      wanted = [
        "headers.x-content-type-options: nosniff", "headers.referrer-policy: exists",
        "headers.x-frame-options: { any_of: [exists, absent] }",
      ]
      wanted.removeLast()
      wanted.append("headers.strict-transport-security: exists")
    }
    if wanted.isEmpty { return nil }
    return Draft(
      "http: { GET: \"\(base)/\" }\nexpect:\n" + wanted.map { "  \($0)" }.joined(separator: "\n")
        + "\nno_control: the answer is asked for its headers, whatever it says",
      confidence: .high, reason: "the answer carries each header that the line names")
  }

  private static let names: [(phrase: Phrase, expectation: String)] = [
    (
      Phrase(#"(content-security-policy|\bCSP\b).*(without|no)( \w+)? [`']?unsafe"#),
      "headers.content-security-policy: { matches: '/^(?!.*unsafe-)/' }"
    ),
    (
      Phrase(#"(content-security-policy|\bCSP\b)(?!.*(without|no)( \w+)? [`']?unsafe)"#),
      "headers.content-security-policy: exists"
    ),
    (
      Phrase(#"strict-transport-security|\bHSTS\b"#),
      "headers.strict-transport-security: { matches: '/max-age=[1-9]/' }"
    ),
    (Phrase(#"x-frame-options?\b"#), "headers.x-frame-options: { matches: '/^(deny|sameorigin)$/i' }"),
    (Phrase(#"x-content-type-options"#), "headers.x-content-type-options: nosniff"),
    (Phrase(#"referrer-policy"#), "headers.referrer-policy: exists"),
    (Phrase(#"permissions-policy"#), "headers.permissions-policy: exists"),
    (Phrase(#"x-xss-protection"#), "headers.x-xss-protection: exists"),
  ]
  private static let exact = Phrase(
    #"^(X-Frame-Options|X-XSS-Protection|X-DNS-Prefetch-Control|Referrer-Policy|Cross-Origin-[\w-]+): ([\w=; -]+)$"#)
  private static let telltale = Phrase(
    #"server (tokens?|signatures?|version|banner|header)[\w/ ]*\b(hidden|disabled|removed|off|suppressed)|(hide|disable|remove|suppress)\b.*\b(server (tokens?|signature|version|header)|x-powered-by)|x-powered-by\b.*\b(removed|disabled|hidden|off)|server_tokens off"#
  )
  private static let security = Phrase(#"security headers"#)
  private static let cors = Phrase(#"\bCORS\b"#, ignoringCase: false)
  private static let state = Phrase(
    #"configured?\b|strict|\bset\b|enabled|correct|wildcard|\ballow|headers|restrict|настроен|включен"#)
  private static let bucket = Phrase(#"\b(storage|bucket|s3)\b|(for|to|from) all origins"#)
  private static let wildcard = Phrase(
    #"wildcard|\bnot? `?\*|(whitelist|specific|production|allowed) (domains?|origins?)|restrict\w* to"#)
  private static let sameOrigin = Phrase(#"same-origin"#)
  private static let cdn = Phrase(#"\bCDN\b.*(configured|enabled|set up|настроен)"#)
}
