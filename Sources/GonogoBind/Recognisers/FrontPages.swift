/// Pages that every site has, by the names that people give them.
enum FrontPages {
  static let recogniser = Recogniser(
    "front-pages", probes: ["http"],
    manual: """
      "The main page loads", "Robots.txt configured", "Sitemap.xml generated", "`/admin` is reachable", "gzip works": the page is served, or the
      answer is compressed. What a page shows is for a browser.
      """, presence: true,
    samples: [
      Recogniser.Sample(
        "- [ ] Главная страница загружается",
        #"""
        http: { GET: "${web}/", follow: true }
        expect: { status: 200 }
        """#),
      Recogniser.Sample(
        "- [ ] Robots.txt настроен",
        #"""
        http: { GET: "${web}/robots.txt" }
        expect: { status: 200, text: { matches: '/(?m)^user-agent:/i' } }
        """#),
      Recogniser.Sample(
        "- [ ] Админка доступна: `/admin`",
        #"""
        http: { GET: "${web}/admin", follow: true }
        expect: { status: 200 }
        """#),
      Recogniser.Sample(
        "- [ ] Nginx gzip compression works",
        #"""
        http: { GET: "${web}/", headers: { Accept-Encoding: gzip } }
        expect: { headers.content-encoding: gzip }
        no_control: the answer is asked for its headers, whatever it says
        """#),
    ],
    lookalikes: [
      "- [ ] The home page was designed", "- [ ] Sitemap discussed", "- [ ] `/admin` is closed",
      "- [ ] PHP files outside `/public` not accessible",
      "- [ ] Homepage loads without console errors",
    ]
  ) { line, context in
    guard line.isItem, !Removed.isMeant(line), !line.says(browser) else {
      return nil
    }
    if line.says(bothFiles) {
      return Draft(
        "http: { GET: \"${web}/robots.txt\" }\nexpect: { status: 200, text: { matches: '/(?m)^user-agent:/i' } }",
        "http: { GET: \"${web}/sitemap.xml\" }\nexpect: { status: 200, text: { contains: \"<loc>\" } }",
        confidence: .high, reason: "both files are served")
    }
    if line.says(closed) {
      return Draft(
        "http: { GET: \"${web}/robots.txt\" }\nexpect: { status: 200, text: { matches: '/(?m)^disallow:\\s*\\/\\s*$/i' } }",
        confidence: .medium,
        reason: "the file keeps everybody from everything; let the target be the site that is meant",
        carries: ["disallows"])
    }
    if line.says(indexed) {
      return Draft(
        "http: { GET: \"${web}/robots.txt\" }\nexpect: { status: 200, text: { matches: '/(?m)^user-agent:/i', not: { matches: '/(?m)^disallow:\\s*\\/\\s*$/i' } } }",
        confidence: .high, reason: "the file is served, and does not keep everybody from everything")
    }
    if line.says(robots) {
      return Draft(
        "http: { GET: \"${web}/robots.txt\" }\nexpect: { status: 200, text: { matches: '/(?m)^user-agent:/i' } }",
        confidence: .high, reason: "the file is served, and is one")
    }
    if line.says(sitemap) {
      return Draft(
        "http: { GET: \"${web}/sitemap.xml\" }\nexpect: { status: 200, text: { contains: \"<loc>\" } }",
        confidence: .high, reason: "the file is served, and names a page")
    }
    if line.says(gzip) {
      return Draft(
        "http: { GET: \"${web}/\", headers: { Accept-Encoding: gzip } }\nexpect: { headers.content-encoding: gzip }\nno_control: the answer is asked for its headers, whatever it says",
        confidence: .medium, reason: "the front page is sent compressed to who takes that")
    }
    if line.says(main) {
      let named = address.group(1, in: line.text).flatMap { $0.contains("your") || $0.contains("example.") ? nil : $0 }
      return Draft(
        "http: { GET: \"\(named ?? "${web}/")\", follow: true }\nexpect: { status: 200 }", confidence: .high,
        reason: "the front page is served; what it shows is for a browser")
    }
    if line.says(admin) {
      let named = context.lines.lazy.flatMap(\.codes).first(where: adminPath.isFound)
      return Draft(
        "http: { GET: \"${web}\(named ?? "/admin")\", follow: true }\nexpect: { status: 200 }",
        confidence: named == nil ? .low : .medium,
        reason: "the panel, or where it leads to sign in, is served\(named == nil ? "; the path is a guess" : "")")
    }
    guard line.says(reachable), line.codes.count == 1, let path = line.codes.first, page.isFound(in: path) else {
      return nil
    }
    return Draft(
      "http: { GET: \"${web}\(path)\", follow: true }\nexpect: { status: 200 }", confidence: .medium,
      reason: "the page, or where it leads to sign in, is served")
  }

  private static let bothFiles = Phrase(#"robots\.txt`?\b.{0,12}\bsitemap|sitemap(\.xml)?`?\b.{0,12}\brobots"#)
  private static let indexed = Phrase(#"robots\.txt\b.*(allows?|not block|permits?|indexing|crawl)"#)
  private static let closed = Phrase(
    #"robots\.txt\b.*(disallows?|blocks|forbids|keeps out|prevents) (all|everything|indexing|crawl\w*|robots|search)"#)
  private static let robots = Phrase(
    #"^robots\.txt (is )?(configured|present|served|added|created|set|настроен|добавлен|создан)"#)
  private static let sitemap = Phrase(
    #"^sitemap(\.xml)? (is )?(configured|present|served|added|created|generated|настроен|добавлен|создан|сгенерирован)"#
  )
  private static let gzip = Phrase(#"\b(gzip|brotli)\b.*(works|enabled|configured|работает|включ)"#)
  private static let main = Phrase(
    #"^(the )?(main|home|front|landing) ?page (loads|opens|is served|works|is accessible|accessible)( correctly)?|^(application|site|website|app|front-?end|web ?site) (is )?(accessible|reachable|loads|loading( correctly)?$|available|live|responds)( at| on| via| correctly|$)|^(главная страница|сайт) (загружается|открывается|доступн)|^web доступен$"#
  )
  private static let admin = Phrase(
    #"^admin (panel|dashboard|page|interface|area) (is )?(accessible|reachable|available|loads)"#)
  private static let adminPath = Phrase(#"^/[\w/-]*admin[\w/-]*$"#)
  private static let address = Phrase(#"(https://[\w.-]+\.[a-z]{2,}(?:/[\w./~-]*)?)"#)
  private static let reachable = Phrase(
    #"\b(reachable|accessible|available|loads|opens|works)\b|доступн|открывается|работает"#)
  private static let page = Phrase(#"^/[a-z][A-Za-z0-9/_-]*$"#)
  private static let browser = Phrase(#"console|design|looks"#)
}
