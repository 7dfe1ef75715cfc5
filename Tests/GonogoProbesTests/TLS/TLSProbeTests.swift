import GonogoCore
import GonogoTestSupport
import Testing

/// openssl s_server, with what it presents.
private struct TLSServer {
  let port: Int
  let server: WatchedServer
  let directory: TemporaryDirectory

  init(_ identity: CertificateForge.Identity, _ options: [String] = []) throws {
    let directory = try TemporaryDirectory()
    let port = WatchedServer.freePort()
    server = try WatchedServer(
      [
        "openssl", "s_server", "-accept", "127.0.0.1:\(port)", "-cert", identity.chain, "-cert_chain", identity.chain,
        "-key", identity.key, "-quiet", "-www",
      ] + options, directory: directory.path
    ) { WatchedServer.listens(port) }
    self.port = port
    self.directory = directory
  }
}

@Suite(.enabled(if: CertificateForge.isAvailable, "openssl is not installed"))
struct TLSProbeTests {
  static let forge = try? CertificateForge()
  let forge: CertificateForge

  init() throws { forge = try #require(Self.forge) }

  private func look(_ port: Int, _ extra: String = "", expect: String) async -> ProbeBench.Ran {
    await ProbeBench.run(
      binding: "tls: { address: '127.0.0.1:\(port)', ca: '\(forge.authority)'\(extra) }\nexpect: \(expect)")
  }

  @Test func `a good certificate, with everything it says`() async throws {
    let server = try TLSServer(forge.identity("good"), ["-alpn", "h2,http/1.1"])
    let ran = await look(
      server.port, ", alpn: [http/1.1]",
      expect: """
        { verified: true, verify_error: null, protocol: TLSv1.3, cipher: { starts_with: TLS_ }, alpn: http/1.1,
          certificate: { subject: 'CN=good,O=Gonogo', issuer: CN=Test Authority, days_left: 19, names: [localhost, 127.0.0.1],
          key_type: EC, key_bits: 256, self_signed: false, signature_algorithm: ecdsa-with-SHA256 },
          chain_days_left: 19, chain: { length: ">= 1" }, ocsp_stapled: false }
        """.replacing("\n", with: " "))
    #expect(ran.outcome == .passed, "\(String(describing: ran.outcome)) \(ran.facts)")
    #expect(ran.witness == ["handshakes": 1])
    #expect(ran.repeatCommand?.hasPrefix("openssl s_client -connect 127.0.0.1:\(server.port)") == true)
    let strict = await look(server.port, expect: "{ chain_days_left: \">= 30\" }")
    #expect(strict.mismatches.map(\.found) == ["19"])
  }

  @Test func `what does not verify is a fact, with its reason`() async throws {
    let good = try TLSServer(forge.identity("verify"))
    let stranger = await ProbeBench.run(binding: "tls: 127.0.0.1:\(good.port)\nexpect: { verified: true }")
    #expect(stranger.mismatches.map(\.path) == ["verified"])
    let name = await look(good.port, ", server_name: other.example.com", expect: "{ verified: true }")
    #expect(name.facts["verify_error"] == "hostname mismatch")
    let localhost = await look(good.port, ", server_name: localhost", expect: "{ verified: true }")
    #expect(localhost.outcome == .passed)
    let expired = try TLSServer(forge.identity("expired", days: -1))
    let late = await look(expired.port, expect: "{ verified: true, certificate.days_left: \">= 0\" }")
    #expect(late.mismatches.map(\.path).sorted() == ["certificate.days_left", "verified"])
    #expect(late.facts["verify_error"]?.stringValue?.contains("expired") == true)
    let own = try TLSServer(forge.identity("own", selfSigned: true))
    let signed = await look(own.port, expect: "{ verified: true, certificate.self_signed: false }")
    #expect(signed.mismatches.count == 2)
    let weak = try TLSServer(forge.identity("weak", algorithm: "rsa:1024"), ["-cipher", "ALL:@SECLEVEL=0"])
    let small = await look(weak.port, expect: "{ verified: true, certificate.key_bits: \">= 2048\" }")
    #expect(small.mismatches.count == 2, "\(String(describing: small.outcome))")
  }

  @Test func `the earliest end in the chain counts`() async throws {
    let server = try TLSServer(forge.identity("leaf", days: 20, intermediateDays: 4))
    let ran = await look(server.port, expect: "{ verified: true, certificate.days_left: 19, chain_days_left: 3 }")
    #expect(ran.outcome == .passed, "\(String(describing: ran.outcome))")
  }

  @Test func `each version is tried by itself`() async throws {
    let modern = try TLSServer(forge.identity("modern"), ["-min_protocol", "TLSv1.2"])
    let ran = await look(
      modern.port, ", protocols: true",
      expect: "{ protocols: { exactly: [TLSv1.2, TLSv1.3] }, 'protocols_accepted[\"TLSv1.0\"]': false }")
    #expect(ran.outcome == .passed, "\(String(describing: ran.outcome))")
    #expect(ran.witness == ["handshakes": 3])
    let old = try TLSServer(
      forge.identity("old", algorithm: "rsa:2048"),
      ["-min_protocol", "TLSv1", "-max_protocol", "TLSv1.1", "-cipher", "ALL:@SECLEVEL=0"])
    let bad = await look(
      old.port, ", protocols: true", expect: "{ protocol: TLSv1.3, protocols: { exactly: [TLSv1.2, TLSv1.3] } }")
    #expect(bad.mismatches.map(\.path).sorted() == ["protocol", "protocols"], "\(String(describing: bad.outcome))")
    let refused = await look(old.port, ", min_version: TLSv1.2", expect: "{ verified: true }")
    #expect(refused.error?.kind == .tls)
  }

  @Test(arguments: ["smtp", "imap", "postgres"])
  func `what does not speak TLS, or declines, is an error`(_ protocolName: String) async {
    let peer = RawPeer { connection in
      switch protocolName {
      case "smtp":
        connection.write("220 ready\r\n")
        _ = connection.read()
        connection.write("250-me\r\n250 SIZE\r\n")
      case "imap":
        connection.write("* OK ready\r\n")
        _ = connection.read()
        connection.write("g1 BAD no\r\n")
      default:
        _ = connection.read()
        connection.write("N")
      }
      connection.waitForEnd()
    }
    let ran = await look(peer.port, ", starttls: \(protocolName)", expect: "{ verified: true }")
    #expect(ran.error?.kind == .tls, "\(String(describing: ran.error))")
  }

  @Test(arguments: ["smtp", "imap", "postgres"])
  func `TLS begins in the course of another protocol`(_ protocolName: String) async throws {
    let server = try TLSServer(forge.identity("start-\(protocolName)"))
    let port = server.port
    // Speaks the beginning, then hands the bytes through.
    let peer = RawPeer { connection in
      switch protocolName {
      case "smtp":
        connection.write("220-one\r\n220 ready\r\n")
        _ = connection.read()
        connection.write("250-me\r\n250-STARTTLS\r\n250 SIZE\r\n")
        _ = connection.read()
        connection.write("220 go\r\n")
      case "imap":
        connection.write("* OK ready\r\n")
        _ = connection.read()
        connection.write("g1 OK go\r\n")
      default:
        _ = connection.read()
        connection.write("S")
      }
      connection.relay(to: port)
    }
    let ran = await look(peer.port, ", starttls: \(protocolName)", expect: "{ verified: true }")
    #expect(ran.outcome == .passed, "\(String(describing: ran.outcome))")
  }

  @Test func `hostile peers`() async {
    let plain = RawPeer { connection in
      _ = connection.read()
      connection.write("HTTP/1.1 400 Bad Request\r\n\r\n")
    }
    let http = await look(plain.port, expect: "{ verified: true }")
    #expect(http.error?.kind == .tls)
    #expect(http.error?.message.contains("is not TLS: 'HTTP/1.1 400") == true)
    let silent = RawPeer.silent()
    let hangs = await ProbeBench.run(
      binding: "tls: 127.0.0.1:\(silent.port)\nexpect: { verified: true }\ntimeout: 200ms")
    #expect(hangs.error?.kind == .timedOut)
    let rude = RawPeer { connection in _ = connection.read() }
    let ended = await look(rude.port, expect: "{ verified: true }")
    #expect(ended.error?.kind == .tls)
    let closed = await look(WatchedServer.freePort(), expect: "{ verified: true }")
    #expect(closed.error?.kind == .unreachable)
    let huge = RawPeer { connection in
      _ = connection.read()
      // A handshake record that announces a message of 16 MiB.
      connection.write([0x16, 3, 3, 0x40, 0, 2, 0xFF, 0xFF, 0xFF] + [UInt8](repeating: 0, count: 1 << 18))
    }
    let large = await look(huge.port, expect: "{ verified: true }")
    #expect(large.error?.kind == .tls)
    let injected = RawPeer { connection in
      connection.write("220 ready\r\n")
      _ = connection.read()
      connection.write("250 STARTTLS\r\n")
      _ = connection.read()
      connection.write("220 go\r\n250 injected\r\n")
    }
    let smuggled = await look(injected.port, ", starttls: smtp", expect: "{ verified: true }")
    #expect(smuggled.error?.kind == .tls)
    #expect(smuggled.error?.message.contains("in the clear") == true)
    let missing = await ProbeBench.run(
      binding: "tls: { address: '127.0.0.1:1', ca: /no/such.pem }\nexpect: { verified: true }")
    #expect(missing.error != nil)
  }

  @Test func `misuse is found while planning`() async {
    let ran = await ProbeBench.run(
      binding:
        "tls: { address: 'https://x', starttls: ftp, min_version: TLSv9, nonsense: 1 }\nexpect: { verifed: true }")
    #expect(ran.diagnostics.count == 5, "\(ran.diagnostics)")
    let blind = await ProbeBench.run(binding: "tls: example.com:443")
    #expect(blind.diagnostics.map(\.code.id) == ["empty-expectation"])
  }
}
