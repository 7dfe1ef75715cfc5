/// Headers with the values that a line names, and headers that must not be sent.
enum HeaderValues {
  static let recogniser = Recogniser(
    "header-value", probes: ["http"],
    manual: """
      "HSTS max-age is at least one year": the number itself. "Security headers (HSTS, nosniff)": each that the line names, short names included. "X-Powered-By header is
      removed": it is not on the answer. "The Server header does not reveal the version": no digit in it. "CORS: `https://evil.example` is refused": that origin is not
      let in.
      """, denials: true,
    samples: [
      Recogniser.Sample(
        "- [ ] HSTS max-age is at least one year",
        #"""
        http: { GET: "${app}/" }
        jq: '[(.headers["strict-transport-security"] // "") | capture("max-age=\"?(?<age>[0-9]+)"; "i") | .age | tonumber] | length == 1 and .[0] >= 31536000'
        no_control: the answer is asked for its headers, whatever it says
        """#),
      Recogniser.Sample(
        "- [ ] Security headers (HSTS, nosniff) are sent by the API",
        #"""
        http: { GET: "${app}/" }
        expect:
          headers.strict-transport-security: { matches: '/max-age=[1-9]/' }
          headers.x-content-type-options: nosniff
        no_control: the answer is asked for its headers, whatever it says
        """#),
      Recogniser.Sample(
        "- [ ] X-Powered-By header is removed",
        #"""
        http: { GET: "${app}/" }
        expect: { headers.x-powered-by: absent, bytes: ">= 0" }
        no_control: the answer is asked for its headers, whatever it says
        """#),
      Recogniser.Sample(
        "- [ ] The `Server` header does not reveal the version",
        #"""
        http: { GET: "${app}/" }
        jq: '(.headers.server // "") | test("[0-9]") | not'
        no_control: the answer is asked for its headers, whatever it says
        """#),
      Recogniser.Sample(
        "- [ ] CORS: `https://evil.example` is refused",
        #"""
        http:
          GET: ${app}/
          headers: { Origin: "https://evil.example" }
        jq: '(.headers["access-control-allow-origin"] // "") as $o | $o != "https://evil.example" and $o != "*"'
        no_control: the answer is asked for its headers, whatever it says
        """#),
    ],
    lookalikes: [
      "- [ ] HSTS enabled", "- [ ] X-Request-Id header is sent", "- [ ] Header of the page removed",
      "- [ ] The server does not reveal the version", "- [ ] CORS headers configured",
    ]
  ) { line, context in
    if line.kind == .command || line.kind == .statement || EnvironmentVariable.start.isFound(in: line.raw) {
      return nil
    }
    let base = context.base(line)
    let look = "\nno_control: the answer is asked for its headers, whatever it says"
    let get = "http: { GET: \"\(base)/\" }\n"
    if line.says(hsts), let groups = age.first(in: line.text), let seconds = Self.seconds(groups) {
      let exact = line.says(Phrase(#"max-age=\d"#))
      let old =
        "[(.headers[\"strict-transport-security\"] // \"\") | capture(\"max-age=\\\"?(?<age>[0-9]+)\"; \"i\") | .age | tonumber] | length == 1 and .[0] >= \(seconds)"
      let parts = HeaderDemands.security(line.text).map {
        " and ((.headers[\"strict-transport-security\"] // \"\") | test(\"\($0)\"; \"i\"))"
      }
      return Draft(
        get + "jq: '\(parts.isEmpty ? old : "(\(old))" + parts.joined())'" + look, confidence: .high,
        reason:
          "the header's max-age is at least \(seconds) seconds\(exact ? ", or the number that the line names" : "")",
        carries: [groups[0] ?? ""])
    }
    if let name = version.group(1, in: line.text) {
      return Draft(
        get + "jq: '(.headers.\(name.lowercased()) // \"\") | test(\"[0-9]\") | not'" + look, confidence: .high,
        reason: "the header, where it is sent, has no digit in it", carries: ["Server"])
    }
    if case .denied = Polarity(of: line.text), let name = removed.group(1, in: line.text)?.lowercased() {
      return Draft(
        get + "expect: { headers.\(name): absent, bytes: \">= 0\" }" + look, confidence: .high,
        reason: "the answer does not carry the header")
    }
    if line.says(cors), line.says(refused),
      let origin = line.codes.first(where: { $0.hasPrefix("http") && !$0.contains("<") })
    {
      return Draft(
        "http:\n  GET: \(base)/\n  headers: { Origin: \(YAMLText.quoted(origin)) }\njq: '(.headers[\"access-control-allow-origin\"] // \"\") as $o | $o != \"\(origin)\" and $o != \"*\"'"
          + look, confidence: .high, reason: "that origin is not let in")
    }
    guard case .affirmed = Polarity(of: line.text), !age.isFound(in: line.text), line.says(short) else { return nil }
    let wanted = names.filter { $0.phrase.isFound(in: line.text) }.map {
      HeaderDemands.sharpened($0.expectation, for: line.text)
    }
    guard wanted.count >= 2 || line.says(sniffing) else { return nil }
    return Draft(
      get + "expect:\n" + wanted.map { "  \($0)" }.joined(separator: "\n") + look, confidence: .high,
      reason: "the answer carries each of the headers that the line names",
      carries: ["HSTS", "CSP", "nosniff", "frame", "sniff"])
  }

  private static func seconds(_ groups: [String?]) -> Int? {
    let text = groups[0] ?? ""
    guard let number = LineNumber.all(in: text).first else { return nil }
    let isPlain = Phrase(#"^\D*\d+(?![\d ]*(y|m|d|w|h|г|м|д))"#).isFound(in: text)
    let value = isPlain ? number.values[0] : number.values.count > 2 ? number.values[1] : number.values[0]
    return value >= 1 ? Int(value) : nil
  }

  private static let hsts = Phrase(#"\bHSTS\b|strict-transport-security"#)
  private static let age = Phrase(
    #"max-age(?:=|:| (?:is |of |set to )?)?\s*(?:at least |>=? ?|≥ ?|not less than |не менее |минимум )?((?:\d[\d,]*|an?|one|two|six|один|одного)(?:[ -]?(?:years?|months?|days?|weeks?|seconds?|s|год\w*|месяц\w*|дн\w+))?)"#
  )
  private static let version = Phrase(
    #"\b(server|x-powered-by) header (?:does not|doesn't|must not|never) (?:reveals?|shows?|discloses?|leaks?|tells?|contains?)[^.]*version"#
  )
  private static let removed = Phrase(
    #"(?<![\w-])(X-[A-Z][\w-]+|Server|Via)`? (?:response )?(?:headers? )?(?:is |are )?(?:not (?:sent|there|present|set)|removed|stripped|absent|gone|hidden|disabled)"#
  )
  private static let cors = Phrase(#"\bCORS\b"#, ignoringCase: false)
  private static let refused = Phrase(
    #"\b(refused|rejected|denied|blocked|forbidden|not allowed|not let in)\b|запрещ|отклон"#)
  private static let sniffing = Phrase(#"\bnosniff\b"#)
  private static let short = Phrase(#"\bnosniff\b|\bHSTS\b.*\bCSP\b|\bCSP\b.*\bHSTS\b|frame-?options|referrer"#)
  private static let names: [(phrase: Phrase, expectation: String)] = [
    (Phrase(#"content-security-policy|\bCSP\b"#), "headers.content-security-policy: exists"),
    (
      Phrase(#"strict-transport-security|\bHSTS\b"#),
      "headers.strict-transport-security: { matches: '/max-age=[1-9]/' }"
    ),
    (Phrase(#"frame-?options"#), "headers.x-frame-options: { matches: '/^(deny|sameorigin)$/i' }"),
    (Phrase(#"x-content-type-options|\bnosniff\b"#), "headers.x-content-type-options: nosniff"),
    (Phrase(#"referrer-policy|referrer policy"#), "headers.referrer-policy: exists"),
    (Phrase(#"permissions-policy|permissions policy"#), "headers.permissions-policy: exists"),
  ]
}
