/// `GET /path` and pages by their path.
enum Endpoint {
  static let recogniser = Recogniser(
    "endpoint", probes: ["http"],
    manual: """
      `GET /path` (or another method) with what it returns: a status, a word ("healthy"), fields ("returns profile + bots"). Lines that
      name who may ("admin only", "owner-only") act as that principal, and the anonymous caller must be refused. POST and the
      like write, and so need `--allow writes`. A path alone, in backticks, under a heading about dashboards, pages or routes, or
      behind "at", must be served.
      """,
    samples: [
      Recogniser.Sample(
        "- `GET /health` returns healthy.",
        #"""
        http: { GET: "${app}/health" }
        expect: { status: 200, text: { matches: '/healthy|"?(ok|pass|up)"?/i' } }
        """#),
      Recogniser.Sample(
        "- `GET /v1/orders` returns 200",
        #"""
        http: { GET: "${app}/v1/orders" }
        expect: { status: 200 }
        """#),
      Recogniser.Sample(
        "- Check connection: `GET /api/_debug/redis` (dev/admin only)",
        #"""
        http:
          - GET: ${app}/api/_debug/redis
            cookies: none
            expect: { status: { one_of: [401, 403, 404] } }
          - GET: ${app}/api/_debug/redis
            as: admin
            expect: { status: 200 }
        """#),
      Recogniser.Sample(
        "- Run:\n  - `POST /api/v1/settings/test-mail`",
        #"""
        http: { POST: "${app}/api/v1/settings/test-mail", as: user }
        expect: { status: { one_of: [200, 201, 202, 204] } }
        """#),
      Recogniser.Sample(
        "- Verify `/api/auth/me` returns name + roles + locale",
        #"""
        http:
          GET: ${app}/api/auth/me
          as: user
        expect:
          status: 200
          body.name: exists
          body.roles: exists
          body.locale: exists
        """#),
      Recogniser.Sample(
        "- [ ] /api/health returns 200",
        #"""
        http: { GET: "${app}/api/health" }
        expect: { status: 200 }
        """#),
      Recogniser.Sample(
        "- [ ] Open `https://YOUR-APP.fly.dev/health` - you see OK",
        #"""
        http: { GET: "${web}/health", follow: true }
        expect: { status: 200 }
        """#),
      Recogniser.Sample(
        "For uptime checks:\n- `https://shop.acme.org/health`",
        #"""
        http: { GET: "https://shop.acme.org/health", follow: true }
        expect: { status: 200 }
        """#),
      Recogniser.Sample(
        "#### Test Dashboards\n- [x] `/test/validation` - System validation",
        #"""
        http: { GET: "${web}/test/validation" }
        expect: { status: 200 }
        """#),
    ],
    lookalikes: [
      "Authorized redirect URIs for access:\n- `https://shop.web.app/auth/handler`",
      "Support:\n- https://help.acme.org/",
      "- Fix in `/services/api/src/auth.ts`", "- `/` focuses global search",
      "- Rate limits: /api/owner/auth/* endpoints",
      "- Telegram `/start` → link", "## Test pages\n- [ ] `/test-buttons` removed",
    ]
  ) { line, context in
    if Removed.isMeant(line) { return nil }
    let source = line.codes.first { request.isFound(in: $0) } ?? line.text
    if let groups = request.first(in: source), let method = groups[1]?.uppercased(), let path = groups[2] {
      return call(method, path, line, context)
    }
    if let groups = served.first(in: line.text), let path = groups[1] {
      let isHealth = path.lowercased().contains("health")
      return Draft(
        "http: { GET: \"\(context.base(line))\(path)\" }\nexpect: { status: 200 }",
        confidence: isHealth ? .high : .medium,
        reason: "the line names the endpoint and what it answers")
    }
    if let groups = returns.first(in: line.raw), let path = groups[1], let list = groups[2] {
      let parts = list.split(whereSeparator: { "+,&".contains($0) })
      let fields: [String] = parts.map { part -> String in
        Inline.trimmed(String(part).replacing("`", with: "").replacing(".", with: ""))
      }.filter(field.isFound)
      guard fields.count >= 2 else { return nil }
      let expectations = fields.map { "  body.\($0): exists" }.joined(separator: "\n")
      // A path that a front end's proxy serves begins with the name of what is behind it.
      let base = path.hasPrefix("/api/core/") ? "${web}" : context.base(line)
      return Draft(
        "http:\n  GET: \(base)\(path)\n  as: user\nexpect:\n  status: 200\n\(expectations)", confidence: .medium,
        reason: "a signed-in user is answered with each field that the line names")
    }
    if let groups = opened.first(in: line.raw), let host = groups[1] {
      let path = groups[2].flatMap { $0.isEmpty ? nil : $0 } ?? "/"
      let url =
        own.isFound(in: host)
        ? "${web}\(path)" : "\(groups[0]?.contains("https://") == true ? "https" : "http")://\(host)\(path)"
      return Draft(
        "http: { GET: \"\(url)\", follow: true }\nexpect: { status: 200 }", confidence: .medium,
        reason: "the line opens the address; what is seen there is for a browser")
    }
    if let url = alone.group(1, in: line.text), address.isFound(in: line.near), !callback.isFound(in: line.near) {
      if url.contains("your") || url.contains("example.") {
        guard let path = placeholder.first(in: url).map({ $0[1] ?? "/" }) else { return nil }
        return Draft(
          "http: { GET: \"${web}\(path.isEmpty ? "/" : path)\", follow: true }\nexpect: { status: 200 }",
          confidence: .medium,
          reason: "the line is an address, on a host that stands for yours")
      }
      return Draft(
        "http: { GET: \"\(url)\", follow: true }\nexpect: { status: 200 }", confidence: .medium,
        reason: "the line is an address, and it is served")
    }
    guard let path = line.codes.first, page.isFound(in: path), !file.isFound(in: path),
      line.isAbout(pages) && line.raw.hasPrefix("`")
    else { return nil }
    return Draft(
      "http: { GET: \"${web}\(path)\" }\nexpect: { status: 200 }", confidence: .medium,
      reason: "the page is served; what it shows is for a browser")
  }

  private static func call(_ method: String, _ path: String, _ line: ChecklistLine, _ context: BindContext) -> Draft? {
    let url = context.base(line).replacing("${web}", with: "${app}") + path
    let who: String? = ([line.text] + line.parents.reversed()).lazy.compactMap { text -> String? in
      guard let word = restricted.first(in: text)?[0] else { return nil }
      return word.lowercased().contains("owner") ? "owner" : "admin"
    }.first
    let status = code.group(1, in: line.text)
    if let status, let number = Int(status), (400..<500).contains(number) { return nil }  // a refusal needs its control
    var expect = ["status: \(status ?? (method == "GET" ? "200" : "{ one_of: [200, 201, 202, 204] }"))"]
    if line.says(healthy) { expect.append("text: { matches: '/healthy|\"?(ok|pass|up)\"?/i' }") }
    if method == "GET", let who {
      return Draft(
        """
        http:
          - GET: \(url)
            cookies: none
            expect: { status: { one_of: [401, 403, 404] } }
          - GET: \(url)
            as: \(who)
            expect: { \(expect.joined(separator: ", ")) }
        """, confidence: .medium, reason: "\(who) is answered, and a caller who is nobody is refused")
    }
    let unserved = context.facts?.mayServe(path) == false ? "; no route that the audit found serves it" : ""
    let needsUser = method != "GET" || path.hasPrefix("/api/")
    let step = needsUser ? "http: { \(method): \"\(url)\", as: user }" : "http: { \(method): \"\(url)\" }"
    return Draft(
      "\(step)\nexpect: { \(expect.joined(separator: ", ")) }",
      confidence: needsUser ? .medium : .high,
      reason: (needsUser
        ? "the line names the endpoint; that a signed-in user asks is taken for granted"
        : "the line names the endpoint\(status == nil ? "" : " and what it answers")") + unserved)
  }

  private static let request = Phrase(#"\b(GET|POST|PUT|PATCH|DELETE|HEAD) (/[^\s`,;]*)"#, ignoringCase: false)
  private static let code = Phrase(#"(?:returns?|→|=>|->|возвращает|отвечает)\s+(?:http )?(\d{3})\b"#)
  private static let healthy = Phrase(#"returns? (healthy|ok)\b"#)
  private static let restricted = Phrase(#"\b(admin|owner)[- ]only|\b(admin)\b only|dev/(admin) only"#)
  private static let returns = Phrase(#"`?(/[A-Za-z0-9_/.{}-]+)`? (?:returns?|возвращает) ([^.]+)"#)
  private static let field = Phrase(#"^[A-Za-z_][A-Za-z0-9_]*$"#)
  private static let served = Phrase(
    #"^(?:check |verify |test )?(?:the )?(?:health )?(?:endpoint )?(/[A-Za-z0-9_/.-]+)(?: endpoint)? (?:returns?|responds?|answers|is)(?: with)? (?:http )?(?:200|ok|healthy|accessible|reachable|working)\b"#
  )
  private static let opened = Phrase(
    #"^(?:open(?:ed)?(?: (?:the )?browser)?|visit|go to|browse to|access|открыл\w*|открыть|зайти на|проверить)\b[^`]{0,20}`https?://([^/`\s]+)(/[^`\s]*)?`"#
  )
  /// Hosts that stand for the reader's own.
  private static let own = Phrase(#"your|my\b|мой|_ip\b|vm_?ip|server_?ip|<|\{|example\.|localhost|127\.0"#)
  private static let alone = Phrase(#"^(https://[\w.-]+(?::\d+)?(?:/[\w./~-]*)?)/?$"#)
  private static let address = Phrase(
    #"health|endpoint|access|open\b|visit|\blive\b|\bsite\b|uptime|available|production|\bdns\b"#)
  private static let callback = Phrase(
    #"redirect ur[il]|callback|oauth|authori[sz]ed|origins?\b|support|documentation|resources|references|links?\b"#)
  private static let placeholder = Phrase(#"^https://(?:www\.|app\.)?(?:your[-_]?\w*|example)\.\w+(/[\w./~-]*)?$"#)
  private static let page = Phrase(#"^/[a-z0-9][A-Za-z0-9_/-]*$"#)
  private static let file = Phrase(#"\.[a-z]{1,5}$|^/(docs|src|lib|services|supabase|scripts|app)/"#)
  private static let pages = Phrase(#"dashboards?|\bpages?\b|routes|screens|страниц"#)
}
