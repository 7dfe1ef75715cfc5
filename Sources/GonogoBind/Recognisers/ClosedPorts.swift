/// Ports of a host by number: open, or closed to the outside.
enum ClosedPorts {
  static let recogniser = Recogniser(
    "port", probes: ["tcp"],
    manual: """
      "Port 5432 closed to the outside", "port 6379 is not open": no connection to that port of `${domain}`, or of the host that the line names, from where the check runs,
      while 443 is open. "Port 443 is open on x": a connection. Run it from where the outside is.
      """,
    samples: [
      Recogniser.Sample(
        "- [ ] Port 5432 closed to the outside",
        #"""
        tcp: { address: "${domain}:5432", filtered_is_closed: true }
        expect: { open: false }
        allowed:
          tcp: "${domain}:443"
          expect: { open: true }
        """#),
      Recogniser.Sample(
        "- [ ] Port 443 is open on shop.example.org",
        #"""
        tcp: "shop.example.org:443"
        expect: { open: true }
        """#),
      Recogniser.Sample(
        "- [ ] Порт 6379 закрыт",
        #"""
        tcp: { address: "${domain}:6379", filtered_is_closed: true }
        expect: { open: false }
        allowed:
          tcp: "${domain}:443"
          expect: { open: true }
        """#),
    ],
    lookalikes: [
      "- [ ] The app listens on port 8000", "- [ ] Port 5432 is documented", "- [ ] Ports closed",
      "- [ ] Port the code to Go 1.24", "- [ ] docker-compose does not publish port 5432",
      "- [ ] Port 443 is the only open port",
    ]
  ) { line, _ in
    if line.kind == .command || line.kind == .statement || line.says(other) { return nil }
    let ports = port.all(in: line.text).compactMap { $0[1] }
    guard ports.count == 1, let number = ports.first else { return nil }
    let host = Hosts.first(in: line) ?? "${domain}"
    if line.says(open), case .affirmed = Polarity(of: line.text) {
      return Draft(
        "tcp: \"\(host):\(number)\"\nexpect: { open: true }", confidence: host.hasPrefix("$") ? .medium : .high,
        reason: "the port takes a connection")
    }
    guard line.says(closed), case .denied = Polarity(of: line.text), number != "443" else { return nil }
    return Draft(
      """
      tcp: { address: "\(host):\(number)", filtered_is_closed: true }
      expect: { open: false }
      allowed:
        tcp: "\(host):443"
        expect: { open: true }
      """, confidence: .high,
      reason: "the port takes no connection from where the check runs, while 443 does", carries: ["outside"])
  }

  private static let port = Phrase(#"\b(?:tcp )?(?:ports?|порт\w*) (\d{2,5})\b(?! (?:and|or|и|или|,)? ?\d)"#)
  private static let closed = Phrase(
    #"\b(closed|blocked|firewalled|unreachable|filtered)\b|\bnot (open|reachable|accessible|exposed|public|published)\b|закрыт|не (открыт|доступ)\w*|недоступ\w+"#
  )
  private static let open = Phrase(#"\b(is|are) (open|reachable)\b|открыт"#)
  private static let other = Phrase(
    #"compose|\bonly\b|только|\bexcept\b|кроме|container|listens|kubernetes|security group"#)
}
