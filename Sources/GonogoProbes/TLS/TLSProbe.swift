public import GonogoCore
import GonogoSystem

/// What a server shows in a TLS handshake: its certificates, and what it agrees to.
public struct TLSProbe: Probe {
  private static let certificateMembers =
    "subject, issuer, not_before, not_after, days_left, names, key_type, key_bits, signature_algorithm, self_signed, serial, sha256"

  public static let descriptor = ProbeDescriptor(
    name: "tls",
    summary: "a server's certificate chain, whether it verifies, and the protocol it agrees to",
    discussion: """
      Does a TLS handshake and reports what it saw. A certificate that does not verify is a fact (`verified: false`, with
      `verify_error`), not an error: it is what such a line is there to find. A peer that speaks no TLS at all is an error.

      The usual line is `expect: { verified: true, chain_days_left: ">= 14" }`. `verified` means: a chain to an authority of
      this machine (or of `ca:`), in time, for the name that was asked for, with no key under 112 bits of strength.
      `chain_days_left` is the earliest end in the whole chain that was presented: an intermediate that ends sooner than the
      server's own certificate breaks the site just as well.

      The handshake itself takes whatever the server still does, TLS 1.0 included, so that a weak server is seen and not
      merely unreachable. `protocols: true` tries each version in a connection of its own.
      """,
    parameters: [
      .init("address", .string, required: true, "`host:port`; without a port, 443."),
      .init("server_name", .string, "The name to ask for and to verify (default: the host)."),
      .init("starttls", .choice(StartTLS.allCases.map(\.rawValue)), "The protocol in whose course TLS begins."),
      .init("ca", .string, "A PEM file of the certificates to trust, instead of the system's."),
      .init("alpn", .list(.string), "Protocols to offer: `[h2, http/1.1]`."),
      .init("min_version", .choice(TLSClient.versions.map(\.name)), "The least version to offer (default: TLSv1.0)."),
      .init("protocols", .boolean, "Tries each version by itself."),
    ],
    shorthand: "address",
    facts: [
      .init("verified", "boolean", "The certificate is to be trusted for the name."),
      .init("verify_error", "string or null", "Why it is not."),
      .init("protocol", "string", "TLSv1.0 to TLSv1.3."),
      .init("cipher", "string", "The cipher suite, by its OpenSSL name."),
      .init("alpn", "string or null", "The protocol that was agreed on, of those in `alpn:`."),
      .init("certificate", "object", "Of the server: \(certificateMembers)."),
      .init("chain", "array", "Every certificate presented, the server's first, each with the same members."),
      .init("chain_days_left", "integer", "Whole days until the first of the chain ends; negative where one has."),
      .init("protocols", "array of strings", "With `protocols: true`: the versions it agrees to."),
      .init("protocols_accepted", "object", "With `protocols: true`: each version, true or false."),
      .init("ocsp_stapled", "boolean", "The server sent proof that the certificate is not revoked."),
      .init("address", "string", "The address that answered."),
    ],
    witness: [("handshakes", "handshakes that were finished")],
    failures: [
      ("nobody listens, the name has no address", "unreachable"),
      ("no answer in time", "timed-out"),
      ("what answers is not TLS, declines STARTTLS, or agrees to nothing that was offered", "tls-failed"),
      ("the file of `ca:` cannot be read", "configuration"),
    ],
    examples: [
      .init(
        "The certificate is good for two more weeks",
        "tls: example.com:443\nexpect: { verified: true, chain_days_left: \">= 14\" }"),
      .init(
        "No old protocols",
        "tls: { address: 'example.com:443', protocols: true }\nexpect: { protocols: { exactly: [TLSv1.2, TLSv1.3] } }"),
      .init(
        "The database speaks TLS with our own authority",
        "tls: { address: 'db.internal:5432', starttls: postgres, ca: ca.pem }\nexpect: { verified: true }"),
    ])

  let address: Template
  let serverName: Template?
  let startTLS: StartTLS?
  let authorities: Template?
  let offered: [String]
  let minimum: Int32?
  let triesProtocols: Bool

  public init(_ arguments: Arguments) throws(InvalidArguments) {
    serverName = arguments.template("server_name")
    startTLS = arguments.choice("starttls", StartTLS.allCases.map(\.rawValue)).flatMap(StartTLS.init(rawValue:))
    authorities = arguments.template("ca")
    offered = arguments.strings("alpn") ?? []
    for name in offered where !(1...255).contains(name.utf8.count) {
      arguments.fail(.outOfRange, "a protocol's name has 1 to 255 bytes", at: arguments.keyRange("alpn"))
    }
    let version = arguments.choice("min_version", TLSClient.versions.map(\.name))
    minimum = TLSClient.versions.first { $0.name == version }?.code
    triesProtocols = arguments.boolean("protocols") ?? false
    address = try arguments.require("address", arguments.template("address"))
    Endpoint.check(address, arguments, defaultPort: 443)
  }

  public var references: [(name: String, range: SourceRange)] {
    ([address] + [serverName, authorities].compactMap { $0 }).flatMap(\.references)
  }

  public func requests(in scope: Scope) -> [String] {
    ["TLS handshake with \(scope.preview(address))\(startTLS.map { " after STARTTLS (\($0.rawValue))" } ?? "")"]
      + (triesProtocols ? ["one more for each of \(TLSClient.versions.map(\.name).joined(separator: ", "))"] : [])
  }

  public func observe(in context: ProbeContext) async throws(ProbeError) -> Observation {
    let deadline = StreamDeadline(attempt: context.timeout)
    let target = try Endpoint.read(try context.render(address), defaultPort: 443)
    var name = target.host
    if let serverName { name = try context.render(serverName).exposed }
    var options = TLSClient.Options(serverName: name)
    options.verify = false
    options.acceptsWeak = true
    options.asksForStatus = true
    options.protocols = offered
    options.minimum = minimum
    if let authorities {
      options.authorities = FileSystem.join(context.directory, try context.render(authorities).exposed)
    }
    let asked = "tls://\(target) as \(PeerText.line(name))"
    let command = repeatCommand(target, options)
    do throws(ProbeError) {
      // The connection is closed when this returns: some servers serve one at a time.
      var facts = try look(at: target, options, deadline, now: context.clock.now())
      var handshakes = 1
      if triesProtocols {
        let accepted = try acceptedVersions(target, options, deadline)
        handshakes += accepted.count
        facts["protocols"] = JSON(accepted)
        facts["protocols_accepted"] = .object(
          Dictionary(
            TLSClient.versions.map { ($0.name, .bool(accepted.contains($0.name))) }, uniquingKeysWith: { $1 }))
      }
      return Observation(
        facts: .object(facts), witness: ["handshakes": handshakes], asked: asked, repeatCommand: command)
    } catch {
      var told = error
      told.asked = asked
      told.repeatCommand = command
      throw told
    }
  }

  private func handshake(with target: HostPort, _ options: TLSClient.Options, _ deadline: StreamDeadline)
    throws(ProbeError)
    -> SocketStream
  {
    let stream: SocketStream
    do throws(StreamError) { stream = try SocketStream.connect(to: target, deadline: deadline) } catch {
      throw error.probeError
    }
    try startTLS?.begin(on: stream)
    do throws(StreamError) { try stream.startTLS(options) } catch { throw error.probeError }
    return stream
  }

  private func look(at target: HostPort, _ options: TLSClient.Options, _ deadline: StreamDeadline, now: Int64)
    throws(ProbeError) -> [String: JSON]
  {
    let stream = try handshake(with: target, options, deadline)
    guard let client = stream.tls else { throw ProbeError(.unexpected, "no TLS session was made") }
    let chain = client.chainFacts(now: now)
    let error = client.verificationError()
    return [
      "verified": .bool(error == nil), "verify_error": JSON(orNull: error), "protocol": .string(client.versionName),
      "cipher": JSON(orNull: client.cipherName), "alpn": JSON(orNull: client.chosenProtocol),
      "certificate": chain.first.map(JSON.object) ?? .null, "chain": .array(chain.map(JSON.object)),
      "chain_days_left": JSON(orNull: chain.compactMap { $0["days_left"]?.integerValue }.min()),
      "ocsp_stapled": .bool(client.hasStapledStatus), "address": .string(stream.address),
    ]
  }

  /// The versions that the server agrees to. One that it declines is an answer; a server that is gone is not.
  private func acceptedVersions(_ target: HostPort, _ options: TLSClient.Options, _ deadline: StreamDeadline)
    throws(ProbeError) -> [String]
  {
    var accepted: [String] = []
    for version in TLSClient.versions {
      var single = options
      single.minimum = version.code
      single.maximum = version.code
      do throws(ProbeError) {
        _ = try handshake(with: target, single, deadline)
        accepted.append(version.name)
      } catch { if error.kind != .tls { throw error } }
    }
    return accepted
  }

  private func repeatCommand(_ target: HostPort, _ options: TLSClient.Options) -> String {
    var words = ["openssl", "s_client", "-connect", ShellQuote.quote(target.description), "-showcerts"]
    if TLSClient.isAddress(options.serverName) {
      words += ["-verify_ip", ShellQuote.quote(options.serverName)]
    } else {
      words += [
        "-servername", ShellQuote.quote(options.serverName), "-verify_hostname", ShellQuote.quote(options.serverName),
      ]
    }
    if let startTLS { words += ["-starttls", startTLS.rawValue] }
    if let path = options.authorities { words += ["-CAfile", ShellQuote.quote(path)] }
    if !offered.isEmpty { words += ["-alpn", ShellQuote.quote(offered.joined(separator: ","))] }
    return words.joined(separator: " ") + " </dev/null"
  }
}
