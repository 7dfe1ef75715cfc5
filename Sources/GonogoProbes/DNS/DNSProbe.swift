public import GonogoCore

/// What the DNS says of a name.
public struct DNSProbe: Probe {
  public static let descriptor = ProbeDescriptor(
    name: "dns",
    summary: "what the DNS says of a name: its records, their TTL, or that there is none",
    discussion: """
      Asks a server directly, over UDP and, where the answer does not fit, over TCP; nothing of this machine (hosts file,
      search list, cache) stands between. Without `server:` the servers of /etc/resolv.conf are asked in their order. Ask the
      zone's own server to see what was published; ask a public one to see what the world sees.

      CNAMEs are followed within the answer: `canonical` is the name that they lead to, and `records` are that name's.

      `NXDOMAIN` is a fact: the server says that there is no such name. A server that fails or refuses (`SERVFAIL`,
      `REFUSED`) has said nothing of the name, and the line is undecided. A name that is there without records of the
      wanted type gives an empty list, which proves nothing by itself (a misspelt type would look the same) unless
      `may_be_empty: true` says that this is what is looked for.
      """,
    parameters: [
      .init("name", .string, required: true, "The name; for PTR, an IP address may stand for it."),
      .init("type", .choice(DNSMessage.Kind.allCases.map(\.name)), "The type of the records (default: A)."),
      .init("server", .string, "Whom to ask: `ip` or `ip:port` (default: /etc/resolv.conf)."),
      .init("may_be_empty", .boolean, "A name without such records counts as seen."),
    ],
    shorthand: "name",
    facts: [
      .init(
        "records", "array",
        "Sorted. Texts; for MX { preference, exchange }, SRV { priority, weight, port, target }, CAA { critical, tag, value }, SOA { primary, mailbox, serial, refresh, retry, expire, minimum }."
      ),
      .init("ttl", "integer or null", "The least TTL of the answer, in seconds; null where there is no record."),
      .init("rcode", "string", "NOERROR or NXDOMAIN."),
      .init("authoritative", "boolean", "The server answers for the zone itself."),
      .init("canonical", "string", "The name that the records belong to."),
      .init("server", "string", "The server that answered."),
      .init("over_tcp", "boolean", "The answer was too long for UDP."),
    ],
    witness: [
      ("answers", "records of the wanted type"),
      ("responses", "where the server says NXDOMAIN, or `may_be_empty: true`: the answer itself"),
    ],
    failures: [
      ("no answer in time, or only answers to other questions", "timed-out"),
      ("SERVFAIL, NOTIMP, FORMERR", "unreachable, with the code"),
      ("REFUSED, NOTAUTH", "denied"),
      ("an answer that is cut off, loops or lies about its lengths", "timed-out over UDP, malformed-reply over TCP"),
    ],
    examples: [
      .init(
        "The name leads to the load balancer",
        "dns: app.example.com\nexpect: { records: { exactly: [203.0.113.10] }, ttl: \"<= 300\" }"),
      .init(
        "Only our authority may issue certificates",
        "dns: { name: example.com, type: CAA }\nexpect: { records: { contains: { critical: false, tag: issue, value: letsencrypt.org } } }"
      ),
      .init(
        "The old name is gone",
        "dns: { name: old.example.com, server: 203.0.113.53 }\nexpect: { rcode: NXDOMAIN, authoritative: true }"),
    ])

  let name: Template
  let kind: DNSMessage.Kind
  let server: Template?
  let mayBeEmpty: Bool

  public init(_ arguments: Arguments) throws(InvalidArguments) {
    let type = arguments.choice("type", DNSMessage.Kind.allCases.map(\.name))
    kind = type.flatMap(DNSMessage.Kind.init(name:)) ?? .a
    server = arguments.template("server")
    mayBeEmpty = arguments.boolean("may_be_empty") ?? false
    name = try arguments.require("name", arguments.template("name"))
    if let server { Endpoint.check(server, arguments, defaultPort: 53) }
    if let text = name.constant, DNSMessage.encode(IPText.reverse(text) ?? text) == nil || text.isEmpty {
      arguments.fail(
        .wrongType, "'\(PeerText.line(text))' cannot be a name of the DNS", at: name.range,
        mend: "labels have 1 to 63 characters, a name 253; write names outside ASCII as `xn--…`")
    }
  }

  public var references: [(name: String, range: SourceRange)] {
    ([name] + [server].compactMap { $0 }).flatMap(\.references)
  }

  public func requests(in scope: Scope) -> [String] {
    ["ask \(server.map(scope.preview) ?? "the servers of /etc/resolv.conf") for \(kind.name) of \(scope.preview(name))"]
  }

  public func observe(in context: ProbeContext) async throws(ProbeError) -> Observation {
    let deadline = StreamDeadline(attempt: context.timeout)
    let shown = try context.render(name)
    var wanted = shown.exposed
    if kind == .ptr, let reverse = IPText.reverse(wanted) { wanted = reverse }
    var servers: [HostPort]
    if let server {
      servers = [try Endpoint.read(try context.render(server), defaultPort: 53)]
    } else {
      servers = DNSClient.systemServers()
      if servers.isEmpty {
        throw ProbeError(
          .configuration, "/etc/resolv.conf names no server", mend: "say whom to ask with `server: IP:PORT`")
      }
    }
    var failure: ProbeError?
    for (index, server) in servers.prefix(3).enumerated() {
      // The time is shared out, so that a dead first server leaves some for the second.
      let share = max(1, deadline.left / (min(servers.count, 3) - index))
      let place = "@\(server.host)\(server.port == 53 ? "" : " -p \(server.port)")"
      let command = "dig \(place) \(ShellQuote.quote(wanted)) \(kind.name)"
      let asked = "\(kind.name) of \(PeerText.line(shown.display)) at \(server)"
      do throws(ProbeError) {
        let (message, overTCP) = try DNSClient(server: server, deadline: deadline.capped(share)).ask(wanted, kind)
        try Self.refuse(message, from: server)
        var observation = observation(message, of: DNSClient.plain(wanted), from: server, overTCP: overTCP)
        observation.asked = asked
        observation.repeatCommand = command
        return observation
      } catch {
        var told = error
        told.asked = asked
        told.repeatCommand = command
        failure = failure ?? told
      }
    }
    throw failure ?? ProbeError(.unexpected, "no server was asked")
  }

  private static func refuse(_ message: DNSMessage, from server: HostPort) throws(ProbeError) {
    switch message.code {
    case 0, 3: return
    case 5, 9:
      throw ProbeError(
        .denied, "\(server) refuses to answer (\(message.codeName))",
        mend: "ask a server that serves this network or this zone, with `server:`")
    default:
      throw ProbeError(
        .unreachable, "\(server) could not answer (\(message.codeName))",
        mend: "see whether the zone's own servers answer, and whether DNSSEC holds")
    }
  }

  /// The longest chain of CNAMEs that is followed.
  private static let chainLimit = 16

  private func observation(_ message: DNSMessage, of name: String, from server: HostPort, overTCP: Bool) -> Observation
  {
    var canonical = name
    var ttls: [UInt32] = []
    if kind != .cname {
      for _ in 0..<Self.chainLimit {
        guard
          let alias = message.answers.first(where: {
            $0.owner == canonical && $0.kind == DNSMessage.Kind.cname.rawValue
          }),
          let next = alias.data?.stringValue
        else { break }
        ttls.append(alias.ttl)
        canonical = next.lowercased()
      }
    }
    // Only what belongs to the name: a server may add what it likes.
    let records = message.answers.filter { $0.owner == canonical && $0.kind == kind.rawValue }
    ttls += records.map(\.ttl)
    let values = records.compactMap(\.data).sorted { $0.canonicalString < $1.canonicalString }
    let facts: [String: JSON] = [
      "records": .array(values), "ttl": JSON(orNull: records.isEmpty ? nil : ttls.min().map(Int.init)),
      "rcode": .string(message.codeName), "authoritative": .bool(message.isAuthoritative),
      "canonical": .string(canonical), "server": .string("\(server)"), "over_tcp": .bool(overTCP),
    ]
    let empty = message.code == 3 || mayBeEmpty && values.isEmpty
    return Observation(
      facts: .object(facts), witness: empty ? ["responses": 1] : ["answers": values.count],
      vacuityMend:
        "the name is there and has no \(kind.name) record: where that is what is wanted, add `may_be_empty: true`")
  }
}
