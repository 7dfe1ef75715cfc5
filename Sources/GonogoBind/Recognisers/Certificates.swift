/// Certificates and protocols of a host, with the days and versions that a line names.
enum Certificates {
  static let recogniser = Recogniser(
    "certificate", probes: ["tls"],
    manual: """
      "TLS certificate of shop.example.org valid for at least 30 days": the chain verifies and is good for so many days; without a host in the line it is `${domain}`'s.
      "TLS 1.0 and 1.1 are disabled", "only TLS 1.2 and 1.3": each version is tried by itself.
      """, denials: true,
    samples: [
      Recogniser.Sample(
        "- [ ] TLS certificate of shop.example.org valid for at least 30 days",
        #"""
        tls: shop.example.org:443
        expect: { verified: true, chain_days_left: ">= 30" }
        """#),
      Recogniser.Sample(
        "- [ ] TLS-сертификат действует не менее 60 дней",
        #"""
        tls: ${domain}:443
        expect: { verified: true, chain_days_left: ">= 60" }
        """#),
      Recogniser.Sample(
        "- [ ] TLS 1.0 and 1.1 are disabled on shop.example.org",
        #"""
        tls: { address: "shop.example.org:443", protocols: true }
        jq: '.protocols_accepted | .["TLSv1.0"] == false and .["TLSv1.1"] == false and (.["TLSv1.2"] or .["TLSv1.3"])'
        """#),
    ],
    lookalikes: [
      "- [ ] Certificates renew automatically", "- [ ] Certificates of training are kept for 30 days",
      "- [ ] TLS is documented", "- [ ] SSL certificates installed", "- [ ] TLS 1.3 is enabled in 30 days",
    ]
  ) { line, _ in
    if line.kind == .command || line.kind == .statement { return nil }
    let host = Hosts.first(in: line)
    let place = "\(host ?? "${domain}"):443"
    if line.says(disabled) {
      let old = version.all(in: line.text).compactMap { $0[1] }.filter { ["1.0", "1.1"].contains($0) }
      if !old.isEmpty {
        let closed = old.map { ".[\"TLSv\($0)\"] == false" }.joined(separator: " and ")
        return Draft(
          "tls: { address: \(host == nil ? YAMLText.quotedPlace(place) : YAMLText.quoted(place)), protocols: true }\njq: '.protocols_accepted | \(closed) and (.[\"TLSv1.2\"] or .[\"TLSv1.3\"])'",
          confidence: .high, reason: "each version is tried by itself, and a newer one is taken")
      }
    }
    guard line.says(certificate), !line.says(other), let groups = days.first(in: line.text), let number = groups[1],
      let count = Int(number)
    else { return nil }
    let unit = groups[2]?.lowercased() ?? ""
    let total =
      unit.hasPrefix("w") || unit.hasPrefix("нед")
      ? count * 7 : unit.hasPrefix("mo") || unit.hasPrefix("мес") ? count * 30 : count
    return Draft(
      "tls: \(place)\nexpect: { verified: true, chain_days_left: \">= \(total)\" }", confidence: .high,
      reason: "the certificate verifies, and it and its chain are good for \(total) days more",
      carries: [groups[0] ?? number, "\(number) \(groups[2] ?? "")"])
  }

  private static let certificate = Phrase(
    #"\b(ssl|tls|https)[- ]?certificates?\b|\bcertificates?\b.*\b(valid|expires?|days)|сертификат"#)
  private static let other = Phrase(
    #"\b(training|renew\w*|rotat\w*|alerts?|monitor\w*|kept|retention|client)\b|продл|обучени|оповещ"#)
  private static let days = Phrase(
    #"(?:at least|for|min(?:imum)?(?: of)?|more than|over|>=?|another|within|не менее|минимум|ещ[её]|более|в течение|действ\w+|действителен)\s*(\d+)\s*(?:more )?(days?|weeks?|months?|дн\w+|день|дня|недел\w+|месяц\w*)"#
  )
  private static let disabled = Phrase(
    #"\b(disabled|off|refused|rejected|not (accepted|supported|offered|allowed|enabled))\b|отключен|не (принима|поддержива)\w+|запрещ"#
  )
  private static let version = Phrase(#"(?<![\d.])(1\.[0-3])(?![\d.])"#)
}

/// Hosts by name, as prose has them.
enum Hosts {
  static func first(in line: ChecklistLine) -> String? { name.first(in: line.text)?[0]?.lowercased() }
  static func all(in text: String) -> [String] { name.all(in: text).compactMap { $0[0]?.lowercased() } }

  private static let name = Phrase(
    #"(?<![\w@.-])(?<![\w:]/)(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|app|example|ru|de|eu|co|ai|cloud|internal|invalid|test|me|uk|us|biz)\b(?!\()"#
  )
}
