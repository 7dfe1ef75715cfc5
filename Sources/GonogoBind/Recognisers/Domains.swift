/// Domains and certificates.
enum Domains {
  static let recogniser = Recogniser(
    "domains", probes: ["dns", "tls"],
    manual: """
      A host name in backticks under a heading about domains: it has an address, and its certificate is good for two more weeks. "Domain
      configured", "SSL certificates installed" look at `${domain}`.
      """,
    samples: [
      Recogniser.Sample(
        "## Domain Setup\n- Core: `core.example.org` (or custom domain)",
        #"""
        dns: core.example.org
        expect: { records: { length: ">= 1" } }
        """#,
        #"""
        tls: core.example.org:443
        expect: { verified: true, chain_days_left: ">= 14" }
        """#),
      Recogniser.Sample(
        "- [ ] SSL certificates installed",
        #"""
        tls: ${domain}:443
        expect: { verified: true, chain_days_left: ">= 14" }
        """#),
      Recogniser.Sample(
        "- [ ] Domain configured and verified",
        #"""
        dns: ${domain}
        expect: { records: { length: ">= 1" } }
        """#,
        #"""
        tls: ${domain}:443
        expect: { verified: true, chain_days_left: ">= 14" }
        """#),
    ],
    lookalikes: [
      "## Files\n- Core: `core.example.md`", "- [ ] Domain model reviewed", "- [ ] Certificates of training handed out",
    ]
  ) { line, _ in
    if line.isAbout(domains), let host = line.codes.first(where: host.isFound) {
      return Draft(
        "dns: \(host)\nexpect: { records: { length: \">= 1\" } }",
        "tls: \(host):443\nexpect: { verified: true, chain_days_left: \">= 14\" }", confidence: .high,
        reason: "the name has an address, and its certificate is good for two more weeks")
    }
    let tls = "tls: ${domain}:443\nexpect: { verified: true, chain_days_left: \">= 14\" }"
    if line.says(certificate) {
      return Draft(tls, confidence: .high, reason: "the certificate verifies, and is good for two more weeks")
    }
    guard line.says(domain) else { return nil }
    return Draft(
      "dns: ${domain}\nexpect: { records: { length: \">= 1\" } }", tls, confidence: .high,
      reason: "the name has an address, and a certificate of its own")
  }

  private static let domains = Phrase(#"domain|dns|\bhosts?\b|домен"#)
  private static let host = Phrase(#"^(?!.*\.(md|sql|ts|js|py|ya?ml|json|sh)$)[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}$"#)
  private static let certificate = Phrase(
    #"(ssl|tls|https) certificates?\b|certificates? (installed|valid|issued)|(ssl|tls) (installed|enabled)|сертификат"#)
  private static let domain = Phrase(#"\b(domain|dns|домен)\b.*(configured|verified|set up|points|настроен)"#)
}
