import GonogoCore
import GonogoTestSupport
import Testing

/// What is not a healthy Redis: never a failure of the line, always a reason why nothing was seen.
@Suite struct RedisHostilePeerTests {
  private func ping(_ url: String, timeout: String = "2s", extra: String = "") async -> ProbeBench.Ran {
    await ProbeBench.run(
      binding: "redis: { url: '\(url)', command: [PING]\(extra) }\nexpect: { reply: PONG }\ntimeout: \(timeout)")
  }

  private func answer(_ text: String, hangUp: Bool = false) -> RawPeer {
    RawPeer { connection in
      _ = connection.read()
      connection.write(text)
      if !hangUp { connection.waitForEnd() }
    }
  }

  @Test func `nobody listens`() async {
    let ran = await ping("redis://127.0.0.1:\(WatchedServer.freePort())")
    #expect(ran.error?.kind == .unreachable)
    #expect(ran.error?.message.contains("refused") == true)
  }

  @Test func `no such name`() async {
    // A label of 64 characters is refused before anyone is asked.
    let ran = await ping("redis://\(String(repeating: "a", count: 64)):6379")
    #expect(ran.error?.kind == .unreachable)
  }

  @Test func `no such socket`() async {
    let ran = await ping("unix:///tmp/gonogo-no-such.sock")
    #expect(ran.error?.kind == .unreachable)
  }

  @Test func `a peer that says nothing is timed out, with what was waited for`() async {
    let peer = RawPeer.silent()
    let ran = await ping("redis://127.0.0.1:\(peer.port)", timeout: "300ms")
    #expect(ran.error?.kind == .timedOut)
    #expect(ran.error?.message.contains("COMMAND") == true)
    #expect(ran.error?.asked?.contains("redis://127.0.0.1:\(peer.port)/0 PING") == true)
  }

  @Test func `a slow drip is timed out`() async {
    let peer = RawPeer { connection in
      _ = connection.read()
      connection.write("$5\r\nab")
      connection.waitForEnd()
    }
    let ran = await ping("redis://127.0.0.1:\(peer.port)", timeout: "300ms")
    #expect(ran.error?.kind == .timedOut)
  }

  @Test(arguments: ["HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-OpenSSH\r\n", "\u{0}\u{1}\u{2}", "*x\r\n", "$-7\r\n"])
  func `another protocol`(_ text: String) async {
    let peer = answer(text)
    let ran = await ping("redis://127.0.0.1:\(peer.port)")
    #expect(ran.error?.kind == .malformed, "\(String(describing: ran.error))")
  }

  @Test func `a peer that hangs up, at once or in the middle`() async {
    let peer = answer("$100\r\nabc", hangUp: true)
    let ran = await ping("redis://127.0.0.1:\(peer.port)")
    #expect(ran.error?.kind == .unreachable)
    let rude = RawPeer { _ in }
    let second = await ping("redis://127.0.0.1:\(rude.port)")
    #expect(second.error?.kind == .unreachable)
  }

  @Test func `a reply that is announced or sent too large`() async {
    let announced = answer("*2147483647\r\n:1\r\n")
    let first = await ping("redis://127.0.0.1:\(announced.port)")
    #expect(first.error?.kind == .tooLarge)
    let sent = RawPeer { connection in
      _ = connection.read()
      connection.write("$400000000\r\n")
      let chunk = [UInt8](repeating: 0x61, count: 1 << 20)
      for _ in 0..<64 { connection.write(chunk) }
    }
    let second = await ping("redis://127.0.0.1:\(sent.port)", timeout: "10s")
    #expect(second.error?.kind == .tooLarge)
    let deep = answer(String(repeating: "*1\r\n", count: 100))
    let third = await ping("redis://127.0.0.1:\(deep.port)")
    #expect(third.error?.kind == .malformed)
  }

  @Test(arguments: [
    ("-LOADING Redis is loading the dataset in memory", ProbeError.Kind.unreachable),
    ("-MASTERDOWN Link with MASTER is down", .unreachable), ("-NOAUTH Authentication required.", .denied),
    ("-DENIED Redis is running in protected mode", .denied), ("-ERR max number of clients reached", .unreachable),
    ("-MOVED 3999 127.0.0.1:6381", .configuration), ("-BUSY Redis is busy running a script", .unreachable),
  ])
  func `what a server says instead of an answer`(_ text: String, _ kind: ProbeError.Kind) async {
    let peer = RawPeer { connection in
      while !connection.read().isEmpty { connection.write("\(text)\r\n") }
    }
    let ran = await ping("redis://127.0.0.1:\(peer.port)")
    #expect(ran.error?.kind == kind, "\(String(describing: ran.error))")
  }

  @Test func `escape sequences of a peer do not reach the terminal`() async {
    let peer = RawPeer { connection in
      while !connection.read().isEmpty { connection.write("-ERR \u{1B}[2Jgone\r\n") }
    }
    let ran = await ping("redis://127.0.0.1:\(peer.port)")
    #expect(ran.error?.message.contains("\u{1B}") == false)
    #expect(ran.error?.message.contains("\\x1b") == true)
  }
}

@Suite(
  .enabled(if: EphemeralRedis.isAvailable && CertificateForge.isAvailable, "redis-server or openssl is not installed"))
struct RedisTLSTests {
  private func ping(_ url: String, _ extra: String = "") async -> ProbeBench.Ran {
    await ProbeBench.run(binding: "redis: { url: '\(url)', command: [PING]\(extra) }\nexpect: { reply: PONG }")
  }

  @Test func `over TLS, the certificate verified`() async throws {
    let forge = try CertificateForge()
    let redis = try EphemeralRedis(tls: forge.identity("redis"))
    let port = try #require(redis.tlsPort)
    let good = await ping("rediss://127.0.0.1:\(port)", ", ca: '\(forge.authority)'")
    #expect(good.outcome == .passed, "\(String(describing: good.error))")
    #expect(good.repeatCommand?.contains("--cacert") == true)
    let server = await ProbeBench.run(
      binding:
        "redis: { url: 'rediss://localhost:\(port)', server: true, ca: '\(forge.authority)' }\nexpect: { tls: true }")
    #expect(server.outcome == .passed)
    let stranger = await ping("rediss://127.0.0.1:\(port)")
    #expect(stranger.error?.kind == .tls)
    let name = await ping("rediss://127.0.0.1:\(port)", ", ca: '\(forge.authority)', server_name: redis.example.com")
    #expect(name.error?.kind == .tls)
    #expect(name.error?.message.contains("redis.example.com") == true)
    let missing = await ping("rediss://127.0.0.1:\(port)", ", ca: /no/such.pem")
    #expect(missing.error?.kind == .configuration)
    // Each side expects the other protocol.
    // Redis takes a ClientHello for the beginning of a command, and waits for the rest.
    let plain = await ProbeBench.run(
      binding:
        "redis: { url: 'rediss://127.0.0.1:\(redis.port)', command: [PING] }\nexpect: { reply: PONG }\ntimeout: 300ms")
    #expect(plain.error?.kind == .timedOut)
    #expect(plain.error?.message.contains("TLS handshake") == true)
    let clear = await ping("redis://127.0.0.1:\(port)")
    #expect(clear.error != nil)
  }
}
