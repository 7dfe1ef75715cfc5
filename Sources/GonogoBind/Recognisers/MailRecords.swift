/// DNS records: of mail, of names, of authorities.
enum MailRecords {
  static let recogniser = Recogniser(
    "dns-records", probes: ["dns"],
    manual: """
      SPF (exactly one record, RFC 7208 section 4.5), DKIM (a key at the selector, `${dkim_selector}` where the line names none; RFC 6376), DMARC (RFC 7489), MX, CAA, PTR, MTA-STS, NS, AAAA and the `www`
      name, of `${domain}` or of the name in the line. A record that the line writes out must be there as it is written; "p=quarantine" or "p=reject"
      is asked of DMARC where the line asks for it.
      """, combines: true, presence: true,
    samples: [
      Recogniser.Sample(
        "- [ ] SPF record configured",
        #"""
        dns: { name: "${domain}", type: TXT }
        jq: '[.records[] | select(startswith("v=spf1"))] | length == 1'
        """#),
      Recogniser.Sample(
        "- SPF: `v=spf1 include:mail.example.net ~all`",
        #"""
        dns: { name: "${domain}", type: TXT }
        expect: { records: { contains: "v=spf1 include:mail.example.net ~all" } }
        """#),
      Recogniser.Sample(
        "- [ ] SPF, DKIM and DMARC records set up",
        #"""
        dns: { name: "${domain}", type: TXT }
        jq: '[.records[] | select(startswith("v=spf1"))] | length == 1'
        """#,
        #"""
        dns: { name: "${dkim_selector}._domainkey.${domain}", type: TXT }
        jq: '[.records[] | select(test("(^|;) *p=[A-Za-z0-9+/]"))] | length >= 1'
        """#,
        #"""
        dns: { name: "_dmarc.${domain}", type: TXT }
        jq: '[.records[] | select(test("^v=DMARC1;.*\\bp=(none|quarantine|reject)"))] | length == 1'
        """#),
      Recogniser.Sample(
        "- [ ] DMARC policy set to quarantine or reject",
        #"""
        dns: { name: "_dmarc.${domain}", type: TXT }
        jq: '[.records[] | select(test("^v=DMARC1;.*\\bp=(quarantine|reject)"))] | length == 1'
        """#),
      Recogniser.Sample(
        "- [ ] MX records point to the mail provider",
        #"""
        dns: { name: "${domain}", type: MX }
        expect: { records: { length: ">= 1" } }
        """#),
      Recogniser.Sample(
        "- [ ] CAA record published",
        #"""
        dns: { name: "${domain}", type: CAA }
        expect: { records: { length: ">= 1" } }
        """#),
      Recogniser.Sample(
        "- [ ] Reverse DNS (PTR) configured for the mail server",
        #"""
        dns: { name: "${mail_ip}", type: PTR }
        expect: { records: { length: ">= 1" } }
        """#),
      Recogniser.Sample(
        "- [ ] DNS A record for www configured",
        #"""
        dns: www.${domain}
        expect: { records: { length: ">= 1" } }
        """#),
    ],
    lookalikes: [
      "- [ ] SPF cream packed", "- [ ] DMARC reports reviewed weekly", "- **SPF Pass Rate**: 100%",
      "- DMARC Analyzer: a tool that is set up for us", "- [ ] No MX records",
      "- [ ] Consider DKIM rotation",
      "- [ ] Read about SPF",
    ]
  ) { line, _ in
    guard line.isItem, !line.says(other), !line.says(Reservations.thought) else { return nil }
    let domain = line.codes.first(where: name.isFound) ?? "${domain}"
    var blocks: [String] = []
    if let exact = line.codes.first(where: spfText.isFound) {
      blocks.append(
        "dns: { name: \"\(domain)\", type: TXT }\nexpect: { records: { contains: \(YAMLText.quoted(exact)) } }")
    } else if let exact = line.codes.first(where: dmarcText.isFound) {
      blocks.append(
        "dns: { name: \"_dmarc.\(domain)\", type: TXT }\nexpect: { records: { contains: \(YAMLText.quoted(exact)) } }")
    }
    guard !blocks.isEmpty || line.says(state) || line.isAbout(state) && line.text.count < 60 else { return nil }
    if blocks.isEmpty {
      if line.says(spf) {
        blocks.append(
          "dns: { name: \"\(domain)\", type: TXT }\njq: '[.records[] | select(startswith(\"v=spf1\"))] | length == 1'")
      }
      if line.says(dkim) {
        let place = line.codes.first(where: selector.isFound) ?? "${dkim_selector}._domainkey.\(domain)"
        blocks.append(
          "dns: { name: \"\(place)\", type: TXT }\njq: '[.records[] | select(test(\"(^|;) *p=[A-Za-z0-9+/]\"))] | length >= 1'"
        )
      }
      if line.says(dmarc) {
        let policy = line.says(strict) ? "p=(quarantine|reject)" : "p=(none|quarantine|reject)"
        blocks.append(
          "dns: { name: \"_dmarc.\(domain)\", type: TXT }\njq: '[.records[] | select(test(\"^v=DMARC1;.*\\\\b\(policy)\"))] | length == 1'"
        )
      }
      if line.says(mtaSTS) {
        blocks.append(
          "dns: { name: \"_mta-sts.\(domain)\", type: TXT }\njq: '[.records[] | select(startswith(\"v=STSv1\"))] | length == 1'"
        )
      }
      if line.says(ptr) {
        blocks.append("dns: { name: \"${mail_ip}\", type: PTR }\nexpect: { records: { length: \">= 1\" } }")
      }
      for kind in kinds where kind.phrase.isFound(in: line.text) {
        blocks.append("dns: { name: \"\(domain)\", type: \(kind.type) }\nexpect: { records: { length: \">= 1\" } }")
      }
      if line.says(www) { blocks.append("dns: www.\(domain)\nexpect: { records: { length: \">= 1\" } }") }
    }
    return blocks.isEmpty
      ? nil : Draft(blocks: blocks, confidence: .high, reason: "what the line names is published, by the DNS itself")
  }

  private static let other = Phrase(
    #"not configured|missing|pass rate|alignment|analy[sz]er|checker|headers? (for|of)|monitoring only|reports? (are )?(reviewed|monitored|read)|monitor\b|read about|cream|rotation|explain|learn"#
  )
  private static let state = Phrase(
    #"\b(records?|cname|configured|set( up| to)?|published|added|verified|valid|enabled|point(s|ing)?|created|in place|pass(es|ing)?|authenticat\w+|policy)\b|запис|настроен|добавлен"#
  )
  private static let spf = Phrase(#"\bSPF\b"#, ignoringCase: false)
  private static let dkim = Phrase(#"\bDKIM\b"#, ignoringCase: false)
  private static let dmarc = Phrase(#"\bDMARC\b"#, ignoringCase: false)
  private static let mtaSTS = Phrase(#"MTA-STS"#)
  private static let ptr = Phrase(#"\bPTR\b|reverse dns|\brDNS\b"#)
  private static let strict = Phrase(#"quarantine|reject"#)
  private static let spfText = Phrase(#"^v=spf1 "#)
  private static let dmarcText = Phrase(#"^v=DMARC1;"#)
  private static let selector = Phrase(#"^[a-z0-9-]+\._domainkey\.[a-z0-9.-]+\.[a-z]{2,}$"#)
  private static let name = Phrase(
    #"^(?!.*(_domainkey|_dmarc|example))(?!.*\.(md|sql|ts|js|py|ya?ml|json|sh)$)[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}$"#)
  private static let www = Phrase(#"\bwww\b.*\b(record|cname|dns|configured)|\b(record|cname|dns)\b.*\bwww\b"#)
  private static let kinds: [(phrase: Phrase, type: String)] = [
    (Phrase(#"\bMX\b"#, ignoringCase: false), "MX"), (Phrase(#"\bCAA\b"#, ignoringCase: false), "CAA"),
    (Phrase(#"\bAAAA\b"#, ignoringCase: false), "AAAA"),
    (Phrase(#"\b(NS records?|name ?servers?)\b"#), "NS"),
  ]
}
