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
        "- [ ] HTTPS enforced in production",
        #"""
        http: { GET: "http://${domain}/" }
        expect: { status: { one_of: [301, 302, 307, 308] }, headers.location: { starts_with: "https://" } }
        """#),
      Recogniser.Sample(
        "- [ ] DNS records updated",
        #"""
        dns: ${domain}
        expect: { records: { length: ">= 1" } }
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
      "## Files\n- Core: `core.example.md`", "- [ ] Указать пути к сертификатам",
      "- [ ] SSL certificate expiry monitoring", "- [ ] SSL certificate auto-renewal enabled",
      "## Authorized domains\n- `shop.web.app` (hosting)", "- Add `mail.acme.org` as authenticated domain",
      "- [ ] Redirect URLs of the app listed", "- [ ] Domain model reviewed",
      "- [ ] Certificates of training handed out",
    ]
  ) { line, _ in
    if line.isAbout(domains), !line.says(mail), !mail.isFound(in: line.near),
      let host = line.codes.first(where: host.isFound)
    {
      return Draft(
        "dns: \(host)\nexpect: { records: { length: \">= 1\" } }",
        "tls: \(host):443\nexpect: { verified: true, chain_days_left: \">= 14\" }", confidence: .high,
        reason: "the name has an address, and its certificate is good for two more weeks")
    }
    let tls = "tls: ${domain}:443\nexpect: { verified: true, chain_days_left: \">= 14\" }"
    if line.says(redirect) {
      return Draft(
        "http: { GET: \"http://${domain}/\" }\nexpect: { status: { one_of: [301, 302, 307, 308] }, headers.location: { starts_with: \"https://\" } }",
        confidence: .high, reason: "whoever comes without encryption is sent to HTTPS")
    }
    if line.says(records), line.codes.isEmpty {
      return Draft(
        "dns: ${domain}\nexpect: { records: { length: \">= 1\" } }", confidence: .medium,
        reason: "the name has an address; whether it is the new one, add to `expect:`")
    }
    if line.says(certificate), !line.says(paths) {
      return Draft(tls, confidence: .high, reason: "the certificate verifies, and is good for two more weeks")
    }
    guard line.says(domain), !line.says(mail) else { return nil }
    return Draft(
      "dns: ${domain}\nexpect: { records: { length: \">= 1\" } }", tls, confidence: .high,
      reason: "the name has an address, and a certificate of its own")
  }

  private static let domains = Phrase(#"domain|dns|\bhosts?\b|домен"#)
  private static let host = Phrase(#"^(?!.*\.(md|sql|ts|js|py|ya?ml|json|sh)$)[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}$"#)
  private static let certificate = Phrase(
    #"^(set up|configure|install|enable|obtain|add|get) (an? )?(https|ssl|tls|ssl/https|https/ssl|ssl/tls|tls/ssl)( certificates?)?$|^(enable |use |configure )?(https|ssl|ssl/tls|tls)( is)?( works| enabled| configured| working| active| everywhere)\b|(ssl|tls|https) certificates?\b|certificates? (installed|valid|issued)|(ssl|tls) (installed|enabled)|сертификат"#
  )
  private static let redirect = Phrase(
    #"^(use|force|enforce|require) (https|tls|ssl)\b.*(entire|whole|all|every\w*|traffic|site)|all (traffic|requests|pages|connections)( is| are| go| goes)? (over|via|through|use|uses) (https|tls)|https? (enforced|enforcement|only|redirect\w*|редирект|только)|(redirect\w*|редирект\w*) .*https?|http redirect"#
  )
  private static let records = Phrase(
    #"dns records? .*(updated|configured|set|created|point)|dns[- ]запис\w+ .*(обновлен|настроен|создан)|создана a-запись|a-запись|записи? dns"#
  )
  /// Where certificates lie, or how they are renewed, is another matter than whether one is good.
  private static let paths = Phrase(
    #"\bpaths?\b|пути|training|скачать|renew|monitor|expir\w+ (alert|notif|remind)|продлен|обновлен\w* сертификат|transparency|pinning"#
  )
  private static let mail = Phrase(
    #"\b(sender|sending|e-?mail|authori[sz]ed|sendgrid|mailgun|resend|postmark|ses|oauth|authentication|authenticated|redirect ur[il]s?|allowed origins|white-?list\w*)\b"#
  )
  private static let domain = Phrase(
    #"^(configure|set up|add|connect) (an? |the |your )?(custom )?domain( name)?$|\b(domain|dns|домен)\b.*(connected|added|active|resolv\w+|configured|verified|set up|points|настроен)"#
  )
}
