import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

/// TLS: what is trusted, what is not, and what is told of certificates.
@Suite struct HTTPTLSTests {
  static let authority = TestCertificate("Gonogo Test CA", days: 100, authority: true)
  static let good = TestCertificate(
    "good.test", names: ["IP:127.0.0.1", "DNS:localhost"], days: 30, issuer: authority)

  let directory: TemporaryDirectory
  let ca: String

  init() throws {
    directory = try TemporaryDirectory()
    ca = try directory.write(Self.authority.pem, to: "ca.pem")
  }

  func get(_ server: LoopbackServer, _ more: String = "", expect: String = "{ status: 200 }") async -> ProbeBench.Ran {
    await ProbeBench.run(
      binding: "http: { GET: \"\(server.url)/\"\(more) }\nexpect: \(expect)", directory: directory.path)
  }

  @Test func `a certificate of a trusted authority is told with its chain`() async throws {
    let server = try LoopbackServer(certificate: Self.good) { _ in .text("ok") }
    defer { server.stop() }
    let expect = """
      { status: 200, certificate: { subject: "CN=good.test", issuer: "CN=Gonogo Test CA", days_left: "> 14", names: ["127.0.0.1", localhost], self_signed: false, verified: true, chain: { length: 1 } }, "certificate.chain[0].self_signed": true, "hops[0].certificate.subject": "CN=good.test", timings.tls: "> 0", insecure: absent }
      """
    let ran = await get(server, ", ca: ca.pem", expect: expect)
    #expect(ran.outcome == .passed, "\(ran.outcome as Any)")
    #expect(ran.repeatCommand == "curl -sS -i --cacert \(ca) \(server.url)/")
    let red = await get(server, ", ca: ca.pem", expect: "{ certificate.days_left: \"> 60\" }")
    #expect(red.mismatches.map(\.path) == ["certificate.days_left"])
  }

  @Test func `a reused connection still tells its certificate`() async throws {
    let server = try LoopbackServer(certificate: Self.good) { _ in .text("ok") }
    defer { server.stop() }
    let ran = await ProbeBench.run(
      binding: """
        http:
          - { GET: "\(server.url)/", ca: ca.pem }
          - { GET: "\(server.url)/", ca: ca.pem }
        expect: { certificate.subject: "CN=good.test", timings.connect: 0, "steps[*].certificate.verified": true }
        """, directory: directory.path)
    #expect(ran.outcome == .passed, "\(ran.outcome as Any)")
    #expect(server.connections == 1)
  }

  @Test func `an unknown authority, with the certificate that was shown`() async throws {
    let server = try LoopbackServer(certificate: Self.good) { _ in .text("ok") }
    defer { server.stop() }
    let ran = await get(server)
    #expect(ran.error?.kind == .tls)
    #expect(ran.error?.message.contains("its certificate is for CN=good.test, by CN=Gonogo Test CA") == true)
    #expect(ran.facts["certificate"]?["subject"] == "CN=good.test")
    #expect(server.requests.isEmpty)
  }

  @Test func `a certificate that signed itself`() async throws {
    let server = try LoopbackServer(certificate: TestCertificate("self.test", names: ["IP:127.0.0.1"])) { _ in
      .text("ok")
    }
    defer { server.stop() }
    let ran = await get(server)
    #expect(ran.error?.kind == .tls)
    #expect(ran.error?.message.contains("by itself") == true)
    let insecure = await get(
      server, ", insecure: true",
      expect: "{ insecure: true, certificate.verified: false, certificate.self_signed: true }")
    #expect(insecure.outcome == .passed, "\(insecure.outcome as Any)")
  }

  @Test func `a certificate that has expired`() async throws {
    let server = try LoopbackServer(
      certificate: TestCertificate("old.test", names: ["IP:127.0.0.1"], days: -3, issuer: Self.authority)
    ) { _ in .text("ok") }
    defer { server.stop() }
    let ran = await get(server, ", ca: ca.pem")
    #expect(ran.error?.kind == .tls)
    #expect(ran.error?.message.contains("expired") == true)
    #expect(ran.error?.mend == "renew the certificate")
    #expect((ran.facts["certificate"]?["days_left"]?.integerValue ?? 0) < 0)
  }

  @Test func `a certificate for another name`() async throws {
    let server = try LoopbackServer(
      certificate: TestCertificate("other.test", names: ["DNS:other.test"], issuer: Self.authority)
    ) { _ in .text("ok") }
    defer { server.stop() }
    let ran = await get(server, ", ca: ca.pem")
    #expect(ran.error?.kind == .tls)
    #expect(ran.error?.message.contains("names other.test") == true)
  }

  @Test func `a client certificate, given and not given`() async throws {
    let server = try LoopbackServer(certificate: Self.good, clients: Self.authority) { _ in .text("ok") }
    defer { server.stop() }
    let client = TestCertificate("client", issuer: Self.authority)
    try directory.write(client.pem, to: "client.pem")
    try directory.write(client.keyPEM, to: "client.key")
    let ran = await get(server, ", ca: ca.pem, certificate: client.pem, key: client.key")
    #expect(ran.outcome == .passed, "\(ran.outcome as Any)")
    let without = await get(server, ", ca: ca.pem")
    #expect(without.error?.kind == .tls)
    #expect(without.error?.mend?.contains("client certificate") == true, "\(without.outcome as Any)")
    let missing = await get(server, ", ca: ca.pem, certificate: none.pem, key: client.key")
    #expect(missing.error?.kind == .configuration)
    let noAuthority = await get(server, ", ca: none.pem")
    #expect(noAuthority.error?.kind == .configuration)
  }

  @Test func `redirections from http to https tell each hop`() async throws {
    let secure = try LoopbackServer(certificate: Self.good) { _ in .text("ok") }
    let target = secure.url
    let plain = try LoopbackServer { _ in .redirect("\(target)/", 301) }
    defer {
      secure.stop()
      plain.stop()
    }
    let ran = await ProbeBench.run(
      binding: """
        http: { GET: "\(plain.url)/", follow: true, ca: ca.pem }
        expect:
          status: 200
          redirects[0].status: 301
          "hops[0].certificate": absent
          "hops[1].certificate.verified": true
        """, directory: directory.path)
    #expect(ran.outcome == .passed, "\(ran.outcome as Any)")
  }

  @Test(.enabled(if: FileSystem.exists("/usr/sbin/nginx"), "nginx is not installed (apt install nginx)"))
  func `http 2 is spoken where the server offers it`() async throws {
    try directory.write(Self.good.pem, to: "server.pem")
    try directory.write(Self.good.keyPEM, to: "server.key")
    let nginx = try EphemeralNginx(
      directory: directory,
      server:
        "listen 127.0.0.1:PORT ssl http2; ssl_certificate server.pem; ssl_certificate_key server.key; location / { return 200 ok; }"
    )
    defer { nginx.stop() }
    func version(_ more: String) async -> JSON? {
      let ran = await ProbeBench.run(
        binding: "http: { GET: \"https://127.0.0.1:\(nginx.port)/\", ca: ca.pem\(more) }\nexpect: { status: 200 }",
        directory: directory.path)
      return ran.outcome == .passed ? ran.facts["http_version"] : .string("\(ran.outcome as Any)")
    }
    #expect(await version("") == "2")
    #expect(await version(", version: 2") == "2")
    #expect(await version(", version: \"1.1\"") == "1.1")
    let many = await ProbeBench.run(
      binding:
        "http: { GET: \"https://127.0.0.1:\(nginx.port)/\", ca: ca.pem, repeat: 100, parallel: 20 }\nexpect: { statuses.200: 100, certificate.subject: CN=good.test }",
      directory: directory.path)
    #expect(many.outcome == .passed, "\(many.outcome as Any)")
  }
}
