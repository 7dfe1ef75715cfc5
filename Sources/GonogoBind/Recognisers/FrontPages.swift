/// Pages that every site has, by the names that people give them.
enum FrontPages {
  static let recogniser = Recogniser(
    "front-pages", probes: ["http"],
    manual: """
      "The main page loads", "Robots.txt configured", "Sitemap.xml generated", "`/admin` is reachable", "gzip works": the page is served, or the
      answer is compressed. What a page shows is for a browser.
      """,
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
      "- [ ] Homepage loads without console errors",
    ]
  ) { line, _ in
    guard [.task, .box, .bullet, .step, .row].contains(line.kind), !Removed.isMeant(line), !line.says(browser) else {
      return nil
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
      return Draft(
        "http: { GET: \"${web}/\", follow: true }\nexpect: { status: 200 }", confidence: .high,
        reason: "the front page is served; what it shows is for a browser")
    }
    guard line.says(reachable), line.codes.count == 1, let path = line.codes.first, page.isFound(in: path) else {
      return nil
    }
    return Draft(
      "http: { GET: \"${web}\(path)\", follow: true }\nexpect: { status: 200 }", confidence: .medium,
      reason: "the page, or where it leads to sign in, is served")
  }

  private static let robots = Phrase(
    #"^robots\.txt (is )?(configured|present|served|added|created|set|настроен|добавлен|создан)"#)
  private static let sitemap = Phrase(
    #"^sitemap(\.xml)? (is )?(configured|present|served|added|created|generated|настроен|добавлен|создан|сгенерирован)"#
  )
  private static let gzip = Phrase(#"\b(gzip|brotli)\b.*(works|enabled|configured|работает|включ)"#)
  private static let main = Phrase(
    #"^(the )?(main|home|front|landing) ?page (loads|opens|is served|works)|^(главная страница|сайт) (загружается|открывается|доступн)|^web доступен$"#
  )
  private static let reachable = Phrase(
    #"\b(reachable|accessible|available|loads|opens|works)\b|доступн|открывается|работает"#)
  private static let page = Phrase(#"^/[a-z][A-Za-z0-9/_-]*$"#)
  private static let browser = Phrase(#"console|design|looks"#)
}
