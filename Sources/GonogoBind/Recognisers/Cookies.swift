/// The flags of cookies, and that one is set.
enum Cookies {
  static let recogniser = Recogniser(
    "cookies", probes: ["http"],
    manual: """
      "Cookies: httpOnly, secure, sameSite=Lax": every cookie that the sign-in sets has the flags that the line names. "Verify cookie
      `x` is set" looks for that one. `${login}` is a URL whose GET signs in; where signing in is more, write its steps.
      """,
    samples: [
      Recogniser.Sample(
        "- [ ] Session cookies: HttpOnly, Secure, SameSite=Lax",
        #"""
        http: { GET: "${login}" }
        jq: '[.cookies[]] | length >= 1 and all(.[]; .httponly and .secure and (.samesite | ascii_downcase) == "lax")'
        """#),
      Recogniser.Sample(
        "- [ ] Session cookies are HttpOnly, Secure and SameSite",
        #"""
        http: { GET: "${login}" }
        jq: '[.cookies[]] | length >= 1 and all(.[]; .httponly and .secure and (.samesite // "none" | ascii_downcase) != "none")'
        """#),
      Recogniser.Sample(
        "- Verify cookie `sid` is set",
        #"""
        http: { GET: "${login}" }
        expect: { cookies.sid: exists }
        """#),
    ],
    lookalikes: ["- [ ] Cookie banner shown", "- [ ] Secure the office", "- [ ] Cookie policy updated"]
  ) { line, _ in
    guard line.says(cookie) else { return nil }
    var flags: [String] = []
    if line.says(httpOnly) { flags.append(".httponly") }
    if line.says(secure) { flags.append(".secure") }
    if let site = sameSite.group(1, in: line.text) {
      flags.append("(.samesite | ascii_downcase) == \"\(site.lowercased())\"")
    } else if line.says(anySite) {
      flags.append("(.samesite // \"none\" | ascii_downcase) != \"none\"")
    }
    if flags.count >= 2 || flags.count == 1 && (line.says(anySite) || line.says(httpOnly)) {
      return Draft(
        "http: { GET: \"${login}\" }\njq: '[.cookies[]] | length >= 1 and all(.[]; \(flags.joined(separator: " and ")))'",
        confidence: .medium, reason: "every cookie that the sign-in sets has the flags that the line names")
    }
    guard line.says(set), let name = line.codes.first(where: identifier.isFound) else { return nil }
    return Draft(
      "http: { GET: \"${login}\" }\nexpect: { cookies.\(name): exists }", confidence: .medium,
      reason: "the sign-in sets the cookie that the line names")
  }

  private static let cookie = Phrase(#"\bcookies?\b|\bкук"#)
  private static let httpOnly = Phrase(#"http-?only"#)
  private static let secure = Phrase(#"\bsecure\b"#)
  private static let sameSite = Phrase(#"same-?site\s*[=:]?\s*(lax|strict|none)"#)
  private static let anySite = Phrase(#"\bsame-?site\b"#)
  private static let set = Phrase(#"\bis set\b|\bset\b|установлен"#)
  private static let identifier = Phrase(#"^[A-Za-z_][A-Za-z0-9_]*$"#)
}
