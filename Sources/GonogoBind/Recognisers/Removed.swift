/// Pages and files that must not be served.
enum Removed {
  static let recogniser = Recogniser(
    "removed", probes: ["http"],
    manual: """
      A path or a file in backticks that, says the line, is removed, closed or not reachable over the web: the answer there is a refusal, and the
      front page, which anybody may see, is served in the same run. Nothing else takes a line that says so: a check that the thing is
      there would be green where the line is false.
      """, denials: true,
    samples: [
      Recogniser.Sample(
        "- [ ] `/test-buttons` is removed or closed",
        #"""
        http: { GET: "${web}/test-buttons" }
        expect: { status: { one_of: [401, 403, 404, 410] } }
        allowed:
          http: { GET: "${web}/", follow: true }
          expect: { status: 200 }
        """#),
      Recogniser.Sample(
        "- [ ] `.env` файл не доступен через веб",
        #"""
        http: { GET: "${web}/.env" }
        expect: { status: { one_of: [401, 403, 404, 410] } }
        allowed:
          http: { GET: "${web}/", follow: true }
          expect: { status: 200 }
        """#),
      Recogniser.Sample(
        "- [ ] H2 console disabled",
        #"""
        http: { GET: "${web}${place}" }
        expect: { status: { one_of: [401, 403, 404, 410] } }
        allowed:
          http: { GET: "${web}/", follow: true }
          expect: { status: 200 }
        cases: [{ place: /h2-console }]
        """#),
      Recogniser.Sample(
        "- [ ] Git directory not accessible: `curl https://yourdomain.com/.git/`",
        #"""
        http: { GET: "${web}/.git/" }
        expect: { status: { one_of: [401, 403, 404, 410] } }
        allowed:
          http: { GET: "${web}/", follow: true }
          expect: { status: 200 }
        """#),
      Recogniser.Sample(
        "- [ ] Hidden files (.*) access blocked",
        #"""
        http: { GET: "${web}${place}" }
        expect: { status: { one_of: [401, 403, 404, 410] } }
        allowed:
          http: { GET: "${web}/", follow: true }
          expect: { status: 200 }
        cases: [{ place: /.env }, { place: /.git/HEAD }, { place: /.htaccess }]
        """#),
    ],
    lookalikes: [
      "- [ ] `.env` is not committed", "- [ ] `/status` is served", "- [ ] `docs/old.md` is removed",
      "- [ ] The closed beta is over: `/beta`",
      "- `DELETE /users` removes a user",
    ]
  ) { line, _ in
    guard isMeant(line) else { return nil }
    if let known = (known + consoles).first(where: { $0.phrase.isFound(in: line.text) }), address(in: line) == nil {
      return Draft(
        """
        http: { GET: "${web}${place}" }
        expect: { status: { one_of: [401, 403, 404, 410] } }
        allowed:
          http: { GET: "${web}/", follow: true }
          expect: { status: 200 }
        cases: [\(known.places.map { "{ place: \($0) }" }.joined(separator: ", "))]
        """, confidence: .medium, reason: "\(known.reason) is refused, while the front page is served")
    }
    guard let place = address(in: line) else { return nil }
    return Draft(
      """
      http: { GET: "${web}\(place)" }
      expect: { status: { one_of: [401, 403, 404, 410] } }
      allowed:
        http: { GET: "${web}/", follow: true }
        expect: { status: 200 }
      """, confidence: .high, reason: "what the line says is gone is refused, while the front page is served")
  }

  /// Whether the line says of what it names that it must not be there.
  static func isMeant(_ line: ChecklistLine) -> Bool {
    if line.says(unreachable) || line.says(blocked) || line.says(console) { return true }
    return line.says(gone) && line.codes.contains { path.isFound(in: $0) }
  }

  /// What the line names, as a path of the site.
  private static func address(in line: ChecklistLine) -> String? {
    for code in line.codes {
      if let path = url.group(1, in: code) { return path }
      if hidden.isFound(in: code) { return "/\(code)" }
      if path.isFound(in: code), !folder.isFound(in: line.text) { return code }
    }
    return bare.group(1, in: line.text).map { "/\($0)" }
  }

  private static let known: [(phrase: Phrase, places: [String], reason: String)] = [
    (Phrase(#"\bgit (directory|folder|repository|files)"#), ["/.git/HEAD", "/.git/config"], "what Git keeps"),
    (
      Phrase(#"\b(hidden|dot) ?files\b|\bdotfiles\b"#), ["/.env", "/.git/HEAD", "/.htaccess"],
      "each of the usual hidden files"
    ),
    (
      Phrase(#"(php |source )?files outside .*(public|root|www)"#), ["/composer.json", "/artisan", "/.env"],
      "what lies beside the public directory"
    ),
  ]
  /// Consoles by their names, at the addresses that they have unless somebody moved them.
  private static let consoles: [(phrase: Phrase, places: [String], reason: String)] = [
    (
      Phrase(#"\bswagger\b"#), ["/swagger-ui.html", "/swagger-ui/index.html", "/api-docs", "/docs"],
      "Swagger, at its usual addresses,"
    ),
    (Phrase(#"\bh2[- ]console"#), ["/h2-console"], "the console of H2"),
    (
      Phrase(#"\bactuator\b"#), ["/actuator/env", "/actuator/heapdump", "/actuator/beans"],
      "what the actuator tells of the inside"
    ),
    (Phrase(#"\bphpmyadmin\b"#), ["/phpmyadmin/", "/pma/"], "phpMyAdmin"),
    (Phrase(#"\btelescope\b"#), ["/telescope"], "Telescope"),
  ]
  private static let path = Phrase(#"^/[A-Za-z0-9._~-][A-Za-z0-9._~/-]*$"#)
  private static let hidden = Phrase(#"^\.(env|git|htaccess|svn)[\w./-]*$"#)
  private static let bare = Phrase(#"(?:^|\s)(\.(?:env|git|htaccess|svn)[\w.-]*)(?=[\s/,]|$)"#)
  private static let url = Phrase(#"^(?:curl (?:-[a-zA-Z]+ )*)?https?://[\w.<>{}$:-]+(/[\w.~/-]*)$"#)
  /// A folder of the machine beside which something lies is no address.
  private static let folder = Phrase(#"\boutside\b"#)
  private static let gone = Phrase(
    #"\b(is|are|was|were)? ?(removed|deleted|disabled|closed or removed|switched off|not served)\b|\b(удал[её]н\w*|закрыт\w*|отключ[её]н\w*|убран\w*)( |$|,)"#
  )
  private static let unreachable = Phrase(
    #"\bnot (publicly )?(reachable|accessible|served|exposed|available)\b.*\b(web|http|public|internet|outside|browser)\w*|не ?доступ\w+ (через|из|по) (веб|web|http|интернет|сет)|недоступ\w+"#
  )
  private static let console = Phrase(
    #"\b(swagger|h2[- ]console|actuator|phpmyadmin|telescope)\b.*\b(disabled|secured|protected|restricted|removed|not (exposed|accessible|public\w*|available))\b|^(disable|secure|protect|restrict|remove) .*\b(swagger|h2[- ]console|actuator|phpmyadmin|telescope)\b"#
  )
  private static let blocked = Phrase(
    #"(\.env|\.git|\bgit directory|hidden files|dot ?files|files? outside|`/[\w/-]+`)(?: \([^)]*\))?[^.]*\b(access )?(blocked|denied|forbidden|protected|not (publicly )?(accessible|reachable|served|exposed))\b|^(block|deny|forbid) access to .*(\.env|\.git|hidden files)"#
  )
}
