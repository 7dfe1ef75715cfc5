/// What the DNS says of a name that the line has in it.
enum NameRecords {
  static let recogniser = Recogniser(
    "name-record", probes: ["dns", "http"],
    manual: """
      "DNS of shop.example.org points to 203.0.113.7", "shop.example.org resolves", "SPF record of example.org exists", "http://a redirects to https://b": the name's
      records have what the line says, asked of the machine's own servers.
      """,
    samples: [
      Recogniser.Sample(
        "- [ ] DNS record of shop.example.org points to 203.0.113.7",
        #"""
        dns: shop.example.org
        expect: { records: { exactly: [203.0.113.7] } }
        """#),
      Recogniser.Sample(
        "- [ ] DNS: shop.example.org resolves",
        #"""
        dns: shop.example.org
        expect: { records: { length: ">= 1" } }
        """#),
      Recogniser.Sample(
        "- [ ] SPF record of example.org exists",
        #"""
        dns: { name: example.org, type: TXT }
        expect: { records: { some: { starts_with: "v=spf1" } } }
        """#),
      Recogniser.Sample(
        "- [ ] http://shop.example.org redirects to https://www.shop.example.org",
        #"""
        http: { GET: "http://shop.example.org/" }
        expect: { status: { one_of: [301, 302, 307, 308] }, headers.location: { matches: '/^https:\/\/www\.shop\.example\.org(\/|$)/' } }
        """#),
    ],
    lookalikes: [
      "- [ ] DNS records updated", "- [ ] old.example.org no longer resolves", "- [ ] Mail to a@example.org arrives",
      "- [ ] example.org is reviewed", "- [ ] HTTP redirects to HTTPS",
    ]
  ) { line, _ in
    if line.kind == .command || line.kind == .statement { return nil }
    if let groups = redirect.first(in: line.raw.replacing("`", with: "")), let from = groups[1], let scheme = groups[2],
      let to = groups[3]
    {
      return Draft(
        "http: { GET: \(YAMLText.quoted(from.hasSuffix("/") ? from : from.contains("//") && from.split(separator: "/").count > 2 ? from : from + "/")) }\nexpect: { status: { one_of: [301, 302, 307, 308] }, headers.location: { matches: '/^\(scheme):\\/\\/\(YAMLText.escapedForPattern(to))(\\/|$)/' } }",
        confidence: .high, reason: "who asks there is sent where the line says")
    }
    guard case .affirmed = Polarity(of: line.text) else { return nil }
    let hosts = Hosts.all(in: line.text)
    guard let host = hosts.first else { return nil }
    if line.says(spf) {
      return Draft(
        "dns: { name: \(host), type: TXT }\nexpect: { records: { some: { starts_with: \"v=spf1\" } } }",
        confidence: .high, reason: "the name has a record that begins as SPF's do (RFC 7208)")
    }
    if line.says(points), let address = address.first(in: line.text)?[0] {
      let type = address.contains(":") ? "AAAA" : "A"
      let name = type == "A" ? "dns: \(host)" : "dns: { name: \(host), type: AAAA }"
      return Draft(
        "\(name)\nexpect: { records: { exactly: [\(type == "A" ? address : "\"\(address)\"")] } }", confidence: .high,
        reason: "the name has this address, and no other")
    }
    if line.says(points), hosts.count == 2 {
      return Draft(
        "dns: { name: \(host), type: CNAME }\nexpect: { records: { some: { starts_with: \(hosts[1]) } } }",
        confidence: .medium, reason: "the name is an alias of the other")
    }
    guard line.says(resolves), hosts.count == 1, line.says(topic) else { return nil }
    return Draft(
      "dns: \(host)\nexpect: { records: { length: \">= 1\" } }", confidence: .high, reason: "the name has an address")
  }

  private static let redirect = Phrase(
    #"(http://[\w.-]+(?:/[\w./-]*)?) (?:redirects?|is redirected|leads|перенаправляет\w*|редиректит\w*) (?:to|на) (https?)://([\w.-]+\w)"#
  )
  private static let spf = Phrase(#"\bSPF\b.*\b(exists?|set|configured|present|there|published|record)|SPF[- ]запис"#)
  private static let points = Phrase(#"\b(points?|resolves?|leads?) to\b|указывает на|ведёт на|ведет на"#)
  private static let resolves = Phrase(#"\b(resolves|has an address|is registered)\b|резолвится"#)
  private static let topic = Phrase(#"\bdns\b|\bresolves\b|домен|резолв"#)
  private static let address = Phrase(
    #"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])|(?<![\w:])(?:[0-9a-f]{1,4}:){2,7}:?[0-9a-f]{0,4}(?![\w:])"#)
}
