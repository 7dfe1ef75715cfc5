/// Versions of TLS, renewal of certificates, HTTP/2, redirections between names.
enum TransportSecurity {
  static let recogniser = Recogniser(
    "transport-security", probes: ["tls", "http", "command"],
    manual: """
      "TLS 1.2+", "TLS 1.0/1.1 disabled", "TLS 1.3 enabled": each version is tried against `${domain}`. "Certificate chain complete": it verifies. "HTTP/2 enabled". "Certificate
      auto-renewal": certbot's timer is active, on the machine where the check runs. "No mixed content": the front page loads nothing over http. "www redirects to the
      apex", and the other way round. "HSTS preload": the list's own service says so.
      """, denials: true,
    samples: [
      Recogniser.Sample(
        "- [ ] TLS 1.2+ enabled",
        #"""
        tls: { address: "${domain}:443", protocols: true }
        jq: '.protocols_accepted["TLSv1.2"] or .protocols_accepted["TLSv1.3"]'
        """#),
      Recogniser.Sample(
        "- [ ] TLS 1.0/1.1 disabled",
        #"""
        tls: { address: "${domain}:443", protocols: true }
        jq: '(.protocols_accepted["TLSv1.0"] or .protocols_accepted["TLSv1.1"]) | not'
        """#),
      Recogniser.Sample(
        "- [ ] TLS 1.3 enabled",
        #"""
        tls: { address: "${domain}:443", protocols: true }
        jq: '.protocols_accepted["TLSv1.3"]'
        """#),
      Recogniser.Sample(
        "- [ ] Certificate chain complete",
        #"""
        tls: ${domain}:443
        expect: { verified: true }
        """#),
      Recogniser.Sample(
        "- [ ] HTTP/2 enabled (if available)",
        #"""
        http: { GET: "https://${domain}/", follow: true }
        expect: { http_version: "2" }
        """#),
      Recogniser.Sample(
        "- [ ] Certificate auto-renewal set up",
        #"""
        command: systemctl is-active certbot.timer
        expect: { exit: 0 }
        """#),
      Recogniser.Sample(
        "- [ ] Mixed content issues resolved",
        #"""
        http: { GET: "https://${domain}/", follow: true }
        expect:
          status: 200
          text: { not: { matches: '/(src|srcset|data)=["'']http:\/\/|<link[^>]+href=["'']http:\/\//i' } }
        """#),
      Recogniser.Sample(
        "- [ ] www redirects to non-www",
        #"""
        http: { GET: "https://www.${domain}/" }
        expect: { status: { one_of: [301, 308] }, headers.location: { matches: '/^https:\/\/(?!www\.)/' } }
        """#),
      Recogniser.Sample(
        "- [ ] Domain is on the HSTS preload list",
        #"""
        http: { GET: "https://hstspreload.org/api/v2/status?domain=${domain}" }
        expect: { status: 200, body.status: preloaded }
        """#),
    ],
    lookalikes: [
      "- [ ] TLS expert consulted", "- [ ] Renew the contract automatically", "- [ ] Content mixed by the editors",
      "- [ ] Certificate installed", "- [ ] TLS of the database checked",
    ]
  ) { line, context in
    guard line.isItem, !line.says(other) else { return nil }
    if line.says(renewal), Kubernetes.isMeant(context) { return nil }
    return claims.draft(line)
  }

  private static let other = Phrase(#"\b(database|postgres|redis|smtp|mail server|documented|alert)\w*\b"#)
  private static let renewal = Phrase(#"renew"#)
  private static func versions(_ query: String) -> String {
    "tls: { address: \"${domain}:443\", protocols: true }\njq: '\(query)'"
  }
  private static let old = #"(.protocols_accepted["TLSv1.0"] or .protocols_accepted["TLSv1.1"]) | not"#
  private static let new = #".protocols_accepted["TLSv1.2"] or .protocols_accepted["TLSv1.3"]"#
  private static let claims: [Claim] = [
    Claim(
      #"(tls|ssl) ?v?1\.0\b.*(disabled|off|rejected|not (supported|accepted|allowed))|(disable|reject) (old |legacy )?(tls|ssl) ?v?(1\.0|1\.1|versions)|(legacy|old|weak|insecure) (tls|ssl) (versions|protocols) (are )?(disabled|off)|только tls ?1\.2"#,
      versions(old), confidence: .high, reason: "neither TLS 1.0 nor 1.1 is agreed to"),
    Claim(
      #"(tls|ssl) ?v?1\.2 ?\+? (only|minimum|or (higher|later|newer|above))|(minimum|at least|only) (tls|ssl)( version)? ?v?1\.2|tls ?(>=|≥) ?1\.2"#,
      versions("(\(old)) and (\(new))"), confidence: .high, reason: "1.2 or 1.3 is agreed to, and nothing older"),
    Claim(
      #"(tls|ssl) ?v?1\.2 ?\+?(/1\.3)?( is)? (enabled|supported|configured)|tls ?v?1\.2( and|/|, ?) ?(tls ?v?)?1\.3"#,
      versions(new), confidence: .high, reason: "1.2 or 1.3 is agreed to"),
    Claim(
      #"(tls|ssl) ?v?1\.3( is)? (enabled|supported|configured)"#, versions(#".protocols_accepted["TLSv1.3"]"#),
      confidence: .high, reason: "1.3 is agreed to"),
    Claim(
      #"(certificate|ssl|tls) chain( is)? (complete|valid|verified|correct)|(full|complete) (certificate )?chain"#,
      "tls: ${domain}:443\nexpect: { verified: true }", confidence: .high,
      reason: "the chain leads to an authority of this machine"),
    Claim(
      #"\bhttp/2\b.*(enabled|supported|configured|works|on)|enable http/2|http2 (enabled|configured)"#,
      "http: { GET: \"https://${domain}/\", follow: true }\nexpect: { http_version: \"2\" }", confidence: .high,
      reason: "the server agrees to HTTP/2"),
    Claim(
      #"(certificate|ssl|tls|certbot|let'?s encrypt)\b.*\b(auto(matic(ally)?)?[- ]?)?renew(al|s|ed|ing)?\b|auto-?renew\w*|(автоматическ|авто)\w*.*(продлен|обновлен)\w*.*сертификат|сертификат.*автопродлен"#,
      except: "manual|tested|alert|remind",
      "command: systemctl is-active certbot.timer\nexpect: { exit: 0 }", confidence: .low,
      reason: "certbot's timer is active, where the check runs; that it is certbot that renews is a guess"),
    Claim(
      #"(no |resolve[ds]? |fix(ed)? )?mixed content( issues| warnings| errors)?( resolved| fixed| free)?$|no insecure (content|resources)"#,
      "http: { GET: \"https://${domain}/\", follow: true }\nexpect:\n  status: 200\n  text: { not: { matches: '/(src|srcset|data)=[\"'']http:\\/\\/|<link[^>]+href=[\"'']http:\\/\\//i' } }",
      reason: "the front page names nothing to be loaded over http; other pages are not looked at"),
    Claim(
      #"\bwww\b.*(redirect|→|->|to) .*(non-?www|apex|root|naked|bare)|redirect (from )?www to"#,
      except: #"non-?www (to|→|->|redirects to) www"#,
      "http: { GET: \"https://www.${domain}/\" }\nexpect: { status: { one_of: [301, 308] }, headers.location: { matches: '/^https:\\/\\/(?!www\\.)/' } }",
      confidence: .high, reason: "whoever comes to www is sent to the name without it"),
    Claim(
      #"(non-?www|apex|root|naked|bare)( domain)? (redirects? |→|->)?\s?to www"#,
      "http: { GET: \"https://${domain}/\" }\nexpect: { status: { one_of: [301, 308] }, headers.location: { starts_with: \"https://www.\" } }",
      confidence: .high, reason: "whoever comes without www is sent there"),
    Claim(
      #"\bwww\b (and|&|/) (non-?www|apex|root)\b|\b(both|with and without) www\b"#,
      "http: { GET: \"https://${domain}/\", follow: true }\nexpect: { status: 200 }",
      "http: { GET: \"https://www.${domain}/\", follow: true }\nexpect: { status: 200 }", confidence: .high,
      reason: "both names are served"),
    Claim(
      #"ocsp stapling"#, "tls: ${domain}:443\nexpect: { verified: true, ocsp_stapled: true }", confidence: .high,
      reason: "the server sends proof that its certificate is not revoked"),
    Claim(
      #"\bdnssec\b"#, "command: { run: [dig, +short, DS, \"${domain}\"] }\nexpect: { exit: 0 }\njq: '.stdout != \"\"'",
      confidence: .high,
      reason: "the zone above has the domain's key"),
    Claim(
      #"hsts preload"#,
      "http: { GET: \"https://hstspreload.org/api/v2/status?domain=${domain}\" }\nexpect: { status: 200, body.status: preloaded }",
      confidence: .high, reason: "the service of the list says so: https://hstspreload.org"),
  ]
}
