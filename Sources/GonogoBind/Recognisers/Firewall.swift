/// Ports and the firewall.
enum Firewall {
  static let recogniser = Recogniser(
    "firewall", probes: ["command", "tcp"],
    manual: """
      "UFW enabled", "firewall configured": it is active, by `ufw`, `firewall-cmd` or `nft`, whichever the document names, on the machine where the check runs. "Ports 80 and
      443 open": `${domain}` takes connections there. "Port 3306 blocked", "database port not exposed": it takes none, while 443 takes some: run that from
      outside. "Port 22 restricted to your IP": no rule of `ufw` lets everybody in there.
      """, denials: true,
    samples: [
      Recogniser.Sample(
        "- [ ] UFW (firewall) enabled",
        #"""
        command: ufw status
        expect: { exit: 0, stdout: { contains: "Status: active" } }
        """#),
      Recogniser.Sample(
        "- [ ] Firewall configured:\n  - [ ] Port 443 (HTTPS) - open",
        #"""
        tcp: ${domain}:443
        expect: { open: true }
        """#),
      Recogniser.Sample(
        "- [ ] Port 3306 (MySQL) - blocked from external access",
        #"""
        tcp: { address: "${domain}:3306", filtered_is_closed: true }
        expect: { open: false }
        allowed:
          tcp: ${domain}:443
          expect: { open: true }
        """#),
      Recogniser.Sample(
        "- [ ] Port 22 (SSH) - restricted to your IP",
        #"""
        command: ufw status
        expect: { exit: 0, stdout: { contains: "Status: active" } }
        jq: '[.lines[] | select(test("^(22|OpenSSH)\\b.*(ALLOW|LIMIT).*Anywhere"))] | length == 0'
        """#),
      Recogniser.Sample(
        "- [ ] Firewall configured (ports 80, 443 open)",
        #"""
        tcp: ${domain}:80
        expect: { open: true }
        """#,
        #"""
        tcp: ${domain}:443
        expect: { open: true }
        """#),
      Recogniser.Sample(
        "- [ ] Firewall allows only ports 22, 80 and 443",
        #"""
        command: ufw status
        expect: { exit: 0, stdout: { contains: "Status: active" } }
        jq: '[.lines[] | select(test("ALLOW|LIMIT")) | select(startswith("OpenSSH") or startswith("Nginx Full") | not) | [scan("^[0-9]+")][0] // "other"] - ["22", "80", "443"] | length == 0'
        """#),
      Recogniser.Sample(
        "- [ ] Database port (5432) is not publicly exposed",
        #"""
        tcp: { address: "${domain}:5432", filtered_is_closed: true }
        expect: { open: false }
        allowed:
          tcp: ${domain}:443
          expect: { open: true }
        """#),
    ],
    lookalikes: [
      "- [ ] Port of the application documented", "- [ ] Web application firewall (WAF) configured",
      "- [ ] Open 3 tickets",
      "- [ ] Firewall disabled", "- Listens on port 8080", "- [ ] Export 443 rows",
    ]
  ) { line, context in
    guard line.isItem, !line.says(other) else { return nil }
    let numbers = ports(line.text)
    if !numbers.isEmpty {
      if line.says(others) { return nil }
      if let halves = halves(line) { return halves }
      if line.says(only), numbers.count > 1 {
        let allowed = numbers.map { "\"\($0)\"" }.joined(separator: ", ")
        return Draft(
          "command: ufw status\nexpect: { exit: 0, stdout: { contains: \"Status: active\" } }\njq: '[.lines[] | select(test(\"ALLOW|LIMIT\")) | select(startswith(\"OpenSSH\") or startswith(\"Nginx Full\") | not) | [scan(\"^[0-9]+\")][0] // \"other\"] - [\(allowed)] | length == 0'",
          confidence: .medium,
          reason: "ufw lets nobody in but on these ports; asked of the machine where the check runs")
      }
      if line.says(restricted), numbers.count == 1 {
        let port = numbers[0]
        let rule = port == "22" ? "(22|OpenSSH)" : port
        return Draft(
          "command: ufw status\nexpect: { exit: 0, stdout: { contains: \"Status: active\" } }\njq: '[.lines[] | select(test(\"^\(rule)\\\\b.*(ALLOW|LIMIT).*Anywhere\"))] | length == 0'",
          confidence: .medium,
          reason: "no rule of ufw lets everybody in there; asked of the machine where the check runs")
      }
      if line.says(closed) || Absence.isMeant(line) {
        return Draft(
          blocks: numbers.map(shut), confidence: .medium,
          reason: "the port takes no connection while 443 does; run it from outside")
      }
      guard line.says(open) else { return nil }
      return Draft(
        blocks: numbers.map { "tcp: ${domain}:\($0)\nexpect: { open: true }" }, confidence: .medium,
        reason: "each port takes a connection; that no other does, add")
    }
    if line.says(database), line.says(closed) || Absence.isMeant(line) {
      let port = line.says(mysql) ? "3306" : line.says(redis) ? "6379" : line.says(mongo) ? "27017" : "5432"
      return Draft(
        shut(port), confidence: .medium,
        reason:
          "the port takes no connection while 443 does; run it from outside, and where the store is on another host say so"
      )
    }
    guard line.says(firewall), line.says(state), !Absence.isMeant(line) else { return nil }
    let firewalld = context.mentions(firewalld)
    return Draft(
      firewalld
        ? "command: firewall-cmd --state\nexpect: { exit: 0 }"
        : "command: ufw status\nexpect: { exit: 0, stdout: { contains: \"Status: active\" } }",
      confidence: context.mentions(ufw) || firewalld ? .medium : .low,
      reason:
        "the firewall of the machine where the check runs is active\(context.mentions(ufw) || firewalld ? "" : "; that it is ufw is a guess")"
    )
  }

  /// "Port 22 is closed, port 443 is open": each port as its own half says.
  private static func halves(_ line: ChecklistLine) -> Draft? {
    var parts: [String] = []
    var rest = line.text
    while let joint = joint.first(in: rest)?[0], let range = rest.firstRange(of: joint) {
      parts.append(String(rest[..<range.lowerBound]))
      rest = String(rest[range.upperBound...])
    }
    parts.append(rest)
    let shutting = parts.filter(closed.isFound).flatMap(ports)
    let opening = parts.filter { open.isFound(in: $0) && !closed.isFound(in: $0) }.flatMap(ports)
    // That 443 is closed cannot be seen by what goes through it.
    guard !shutting.isEmpty, !opening.isEmpty, !shutting.contains("443") else { return nil }
    return Draft(
      blocks: shutting.map(shut) + opening.map { "tcp: ${domain}:\($0)\nexpect: { open: true }" }, confidence: .medium,
      reason: "each port is as its half of the line says; run it from outside")
  }

  private static func shut(_ port: String) -> String {
    """
    tcp: { address: "${domain}:\(port)", filtered_is_closed: true }
    expect: { open: false }
    allowed:
      tcp: ${domain}:443
      expect: { open: true }
    """
  }

  /// Numbers behind "port", in brackets or in a list after it.
  private static func ports(_ text: String) -> [String] {
    guard let list = listed.first(in: text).flatMap({ $0[1] }) else { return [] }
    return number.all(in: list).compactMap { $0[0] }.filter { Int($0).map { (1...65535).contains($0) } ?? false }
  }

  private static let listed = Phrase(
    #"(?:\b(?:ports?|порт\w*)\b[^\d]{0,24}|(?:firewall|ufw|фа[ий]рвол|брандмауэр)\w*\b[^\d]{0,40}\b(?:only|только|allow\w*|откры\w+) )(\d{2,5}(?:(?:\s*\([^)]*\))?(?:\s*(?:,|/|and|&|и)\s*|\s+)\d{2,5}\b)*)"#
  )
  private static let joint = Phrase(
    #"(?:,?\s+(?:and|but|while|а|и|но|зато)\s+|[,;]\s+)(?=(?:the |tcp )?(?:ports?|порт\w*)\s+\d)"#)
  private static let others = Phrase(#"\bports? other than\b"#)
  private static let number = Phrase(#"\b\d{2,5}\b"#)
  private static let other = Phrase(#"\bwaf\b|web application firewall|documented|cloudflare|reviewed"#)
  private static let only = Phrase(#"\bonly\b|только"#)
  private static let restricted = Phrase(
    #"restricted to|limited to|only from|from (your|our|trusted|known|specific|office) ip|whitelist|allow-?list"#)
  private static let closed = Phrase(
    #"\b(isolate[sd]?|blocked|closed|not (open|exposed|public\w*|accessible|reachable)|denied|firewalled)\b|закрыт|не открыт"#
  )
  private static let open = Phrase(#"\b(open(ed)?|allow(ed|s)?|accessible|reachable)\b|открыт|разреш"#)
  private static let database = Phrase(
    #"\b(databases?|postgres(ql)?|mysql|mariadb|redis|mongo(db)?|db)\b.*\b(port|public|internet|external|exposed|outside|localhost)\w*"#
  )
  private static let mysql = Phrase(#"mysql|mariadb"#)
  private static let redis = Phrase(#"\bredis\b"#)
  private static let mongo = Phrase(#"\bmongo"#)
  private static let firewall = Phrase(#"\b(ufw|firewall|iptables|firewalld|nftables)\b|брандмауэр|фаервол|файрвол"#)
  private static let ufw = Phrase(#"\bufw\b"#)
  private static let firewalld = Phrase(#"firewalld|firewall-cmd"#)
  private static let state = Phrase(
    #"\b(enabled|configured|active|set up|on|rules|in place|installed|running)\b|настро|включ|^(enable|configure|set up)"#
  )
}
