import GonogoCore
import GonogoTestSupport
import Testing

@Suite struct TCPProbeTests {
  @Test func `an open port, and one that should not be`() async {
    let peer = RawPeer.silent()
    let ran = await ProbeBench.run(
      binding:
        "tcp: 127.0.0.1:\(peer.port)\nexpect: { open: true, connect_ms: \"< 5s\", reason: absent, address: '127.0.0.1:\(peer.port)' }"
    )
    #expect(ran.outcome == .passed)
    #expect(ran.witness == ["answers": 1])
    #expect(ran.repeatCommand == "nc -vz 127.0.0.1 \(peer.port)")
    let bad = await ProbeBench.run(
      binding: "tcp: 127.0.0.1:\(peer.port)\nexpect: { open: false }\nno_control: the peer is ours")
    #expect(bad.mismatches.map(\.path) == ["open"])
  }

  @Test func `a closed port is a fact, and a denial that needs its control`() async {
    let port = WatchedServer.freePort()
    let wanted = await ProbeBench.run(binding: "tcp: 127.0.0.1:\(port)\nexpect: { open: true }")
    #expect(wanted.mismatches.map(\.path) == ["open"])
    #expect(wanted.facts["reason"] == "refused")
    let binding = "tcp: 127.0.0.1:\(port)\nexpect: { open: false, reason: refused }"
    let alone = await ProbeBench.run(binding: binding)
    #expect(alone.diagnostics.map(\.code.id) == ["denial-without-control"])
    let peer = RawPeer.silent()
    let shown = await ProbeBench.run(
      binding: binding + "\nallowed:\n  tcp: 127.0.0.1:\(peer.port)\n  expect: { open: true }")
    #expect(shown.outcome == .passed)
    let broken = await ProbeBench.run(
      binding: binding + "\nallowed:\n  tcp: 127.0.0.1:\(port)\n  expect: { open: true }")
    #expect(broken.error?.kind == .control)
  }

  @Test func `silence is an error, unless it is what is wanted`() async {
    let full = FullPeer()
    let ran = await ProbeBench.run(
      binding: "tcp: 127.0.0.1:\(full.port)\nexpect: { open: false }\nno_control: the test's own\ntimeout: 300ms")
    #expect(ran.error?.kind == .timedOut)
    #expect(ran.error?.mend?.contains("filtered_is_closed") == true)
    // No road: the kernel refuses to send a stream to everyone.
    for address in ["127.0.0.1:\(full.port)", "255.255.255.255:80"] {
      let filtered = await ProbeBench.run(
        binding:
          "tcp: { address: '\(address)', filtered_is_closed: true }\nexpect: { open: false, reason: filtered }\nno_control: the test's own\ntimeout: 300ms"
      )
      #expect(filtered.outcome == .passed)
    }
    let road = await ProbeBench.run(binding: "tcp: 255.255.255.255:80\nexpect: { open: true }")
    #expect(road.error?.kind == .unreachable)
  }

  @Test func `a banner, asked for or not`() async {
    let peer = RawPeer { connection in
      connection.write("220 mail ready\r\nmore")
      connection.waitForEnd()
    }
    let read = await ProbeBench.run(
      binding: "tcp: { address: '127.0.0.1:\(peer.port)', read: true }\nexpect: { banner: { starts_with: '220 ' } }")
    #expect(read.outcome == .passed)
    let echo = RawPeer { connection in connection.write(connection.read()) }
    let sent = await ProbeBench.run(
      binding: "tcp: { address: '127.0.0.1:\(echo.port)', send: 'PING' }\nexpect: { banner: PING }")
    #expect(sent.outcome == .passed)
    let pause = RawPeer { connection in
      connection.write("no line end")
      connection.waitForEnd()
    }
    let paused = await ProbeBench.run(
      binding: "tcp: { address: '127.0.0.1:\(pause.port)', read: true }\nexpect: { banner: 'no line end' }")
    #expect(paused.outcome == .passed)
    let flood = RawPeer { connection in connection.write([UInt8](repeating: 0x61, count: 1 << 20)) }
    let cut = await ProbeBench.run(
      binding: "tcp: { address: '127.0.0.1:\(flood.port)', read: true }\nexpect: { banner: { length: 4096 } }")
    #expect(cut.outcome == .passed)
    let silent = RawPeer.silent()
    let none = await ProbeBench.run(
      binding: "tcp: { address: '127.0.0.1:\(silent.port)', read: true }\nexpect: { banner: exists }\ntimeout: 200ms")
    #expect(none.error?.kind == .timedOut)
  }

  @Test func `a secret that is sent is not shown, even when it comes back`() async {
    let echo = RawPeer { connection in connection.write(connection.read()) }
    let ran = await ProbeBench.run(
      binding:
        "tcp: { address: '127.0.0.1:\(echo.port)', send: 'AUTH ${API_TOKEN}' }\nexpect: { banner: { contains: AUTH } }",
      environment: ["API_TOKEN": "s3cr3t-value-1"])
    #expect(ran.outcome == .passed)
    #expect(ran.facts["banner"] == "AUTH [redacted]")
    #expect(!"\(ran.results)".contains("s3cr3t"))
  }

  @Test(arguments: ["localhost", "http://h:80", "h:0", "h:65536", "h:x", ":80", "[::1", "::1:80", "a b:80"])
  func `what is no address is found while planning`(_ text: String) async {
    let ran = await ProbeBench.run(binding: "tcp: { address: '\(text)' }\nexpect: { open: true }")
    #expect(ran.diagnostics.contains { $0.message.contains("is no address") })
    #expect(ran.results.isEmpty)
  }

  @Test func `a name without an address`() async {
    // A label of 64 characters is refused before anyone is asked.
    let name = String(repeating: "a", count: 64)
    let ran = await ProbeBench.run(binding: "tcp: \(name):80\nexpect: { open: true }")
    #expect(ran.error?.kind == .unreachable)
    #expect(ran.error?.message.contains("has no address") == true)
  }
}
