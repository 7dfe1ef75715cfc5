import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

@testable import GonogoProbes

/// Peers that do what no server should: each is *errored* with its own kind, never a finding and never a pass.
@Suite struct HTTPHostileTests {
  static func get(_ url: String, _ more: String = "", timeout: String = "5s") async -> ProbeBench.Ran {
    await ProbeBench.run(
      binding: "http: { GET: \"\(url)/x\"\(more) }\nexpect: { status: 200 }\ntimeout: \(timeout)")
  }

  @Test func `nothing listens`() async throws {
    let peer = try HostilePeer(.refused)
    let ran = await Self.get(peer.url)
    #expect(ran.error?.kind == .unreachable)
    #expect(ran.error?.message == "no connection to 127.0.0.1:\(peer.port): connection refused")
    #expect(ran.error?.asked == "GET \(peer.url)/x")
    #expect(ran.error?.repeatCommand == "curl -sS -i \(peer.url)/x")
    #expect(ran.error?.mend != nil)
  }

  @Test func `a name without an address`() async {
    let ran = await Self.get("http://gonogo-test.invalid")
    #expect(ran.error?.kind == .unreachable)
    #expect(ran.error?.message == "the name gonogo-test.invalid has no address")
  }

  @Test func `a peer that accepts and says nothing`() async throws {
    let peer = try HostilePeer(.hung)
    defer { peer.stop() }
    let ran = await Self.get(peer.url, timeout: "400ms")
    #expect(ran.error?.kind == .timedOut)
    #expect(
      ran.error?.message
        == "no complete answer within 400 ms: the time was up while waiting for the first byte from 127.0.0.1:\(peer.port)"
    )
    let secure = await Self.get(peer.secureURL, timeout: "400ms")
    #expect(secure.error?.kind == .timedOut)
    #expect(secure.error?.message.contains("in the TLS handshake with") == true, "\(secure.outcome as Any)")
  }

  @Test func `a peer whose queue is full`() async throws {
    let peer = try HostilePeer(.full)
    defer { peer.stop() }
    for url in [peer.url, peer.secureURL] {
      let ran = await Self.get(url, timeout: "400ms")
      #expect(ran.error?.kind == .timedOut)
      #expect(
        ran.error?.message.contains("while connecting to 127.0.0.1:\(peer.port)") == true, "\(ran.outcome as Any)")
    }
  }

  @Test func `a peer that drips`() async throws {
    let peer = try HostilePeer(
      .drips(Array("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n".utf8), every: 20))
    defer { peer.stop() }
    let ran = await Self.get(peer.url, timeout: "400ms")
    #expect(ran.error?.kind == .timedOut)
    #expect(ran.error?.message.contains("while the body came") == true)
    #expect(ran.error?.message.contains("of 100000 bytes so far") == true)
  }

  @Test func `a reply that is cut off`() async throws {
    let short = try HostilePeer.answers("HTTP/1.1 200 OK\nContent-Length: 50\n\nonly this")
    defer { short.stop() }
    let ran = await Self.get(short.url)
    #expect(ran.error?.kind == .malformed)
    #expect(ran.error?.message == "the reply was cut off: 9 of 50 bytes came")
    let chunked = try HostilePeer.answers("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\nhello\n")
    defer { chunked.stop() }
    let cut = await Self.get(chunked.url)
    #expect(cut.error?.kind == .malformed)
    #expect(cut.error?.message == "the reply was cut off after 5 bytes")
    let silent = try HostilePeer.answers("")
    defer { silent.stop() }
    let none = await Self.get(silent.url)
    #expect(none.error?.kind == .malformed)
    #expect(none.error?.message == "127.0.0.1:\(silent.port) closed the connection without an answer")
  }

  @Test func `a connection that breaks`() async throws {
    let peer = try HostilePeer(.resets)
    defer { peer.stop() }
    let ran = await Self.get(peer.url)
    #expect(ran.error?.kind == .unreachable)
    #expect(ran.error?.message.contains("broke") == true)
  }

  @Test func `a body without end`() async throws {
    let peer = try HostilePeer(.floods(Array("HTTP/1.1 200 OK\r\n\r\n".utf8)))
    defer { peer.stop() }
    let ran = await Self.get(peer.url, ", limit: 64KiB")
    #expect(ran.error?.kind == .tooLarge)
    #expect(ran.error?.message == "the reply is larger than 65536 bytes")
    let standard = await Self.get(peer.url)
    #expect(standard.error?.kind == .tooLarge)
    let headers = try HostilePeer(.floods(Array("HTTP/1.1 200 OK\r\nX: ".utf8)))
    defer { headers.stop() }
    let endless = await Self.get(headers.url)
    #expect(endless.error != nil)
    #expect(endless.error?.kind == .tooLarge || endless.error?.kind == .unexpected)
  }

  @Test func `a body at its limit is read`() async throws {
    let server = try LoopbackServer { _ in .text(String(repeating: "x", count: 65_536)) }
    defer { server.stop() }
    let ran = await Self.get(server.url, ", limit: 64KiB")
    #expect(ran.outcome == .passed)
    let less = await Self.get(server.url, ", limit: 65535")
    #expect(less.error?.kind == .tooLarge)
  }

  @Test func `a peer that speaks something else`() async throws {
    let ssh = try HostilePeer(.sends(Array("SSH-2.0-OpenSSH_9.2\r\n".utf8)))
    defer { ssh.stop() }
    let ran = await Self.get(ssh.url)
    #expect(ran.error?.kind == .malformed)
    #expect(ran.error?.message.contains("does not speak HTTP") == true)
    let plain = try HostilePeer.answers("HTTP/1.1 400 Bad Request\nContent-Length: 0\n\n")
    defer { plain.stop() }
    let secure = await Self.get(plain.secureURL)
    #expect(secure.error?.kind == .malformed)
    #expect(secure.error?.message.contains("does not speak TLS") == true)
  }

  @Test func `redirections in a ring, and too many`() async throws {
    let server = try LoopbackServer { request in
      if request.path == "/count" { return .redirect("/count?\((Int(request.query) ?? 0) + 1)") }
      return .redirect(request.path == "/x" ? "/y" : "/x")
    }
    defer { server.stop() }
    let ring = await Self.get(server.url, ", follow: true")
    #expect(ring.error?.kind == .malformed)
    #expect(ring.error?.message.hasPrefix("redirected in a ring: \(server.url)/x → \(server.url)/y → ") == true)
    #expect(server.requests.count == 11)
    let many = await ProbeBench.run(
      binding: "http: { GET: \"\(server.url)/count\", follow: 3 }\nexpect: { status: 200 }")
    #expect(many.error?.message.hasPrefix("redirected more than 3 times: ") == true)
  }

  @Test(arguments: [401, 403])
  func `a refusal is a reply, and so a failure`(status: Int) async throws {
    let server = try LoopbackServer { _ in .text("no", status) }
    defer { server.stop() }
    let ran = await Self.get(server.url)
    #expect(ran.mismatches.map(\.found) == ["\(status)"])
  }

  @Test func `a scenario has one deadline`() async throws {
    let server = try LoopbackServer { _ in
      var reply = LoopbackServer.Reply.text("ok")
      reply.delay = 150
      return reply
    }
    defer { server.stop() }
    let step = "  - GET: \(server.url)/"
    let ran = await ProbeBench.run(
      binding:
        "http:\n\(Array(repeating: step, count: 5).joined(separator: "\n"))\nexpect: { status: 200 }\ntimeout: 400ms")
    #expect(ran.error?.kind == .timedOut)
    #expect((1...3).contains(ran.facts["steps"]?.arrayValue?.count ?? 0))
  }

  @Test func `a login that hangs holds nobody longer than their own time`() async throws {
    let peer = try HostilePeer(.hung)
    defer { peer.stop() }
    let ran = await ProbeBench.run(
      binding: "http: { GET: \"\(peer.url)/\", as: slow }\nexpect: { status: 200 }\ntimeout: 1s",
      frontMatter: "principals: { slow: { http: { login: [ { GET: \"\(peer.url)/login\" } ], timeout: 30s } } }")
    #expect(ran.error?.kind == .timedOut)
    #expect(ran.error?.message.contains("slow was still signing in") == true, "\(ran.outcome as Any)")
  }

  // MARK: Proxies

  @Test func `a proxy is used only where a step names it`() async throws {
    let server = try LoopbackServer { _ in .text("direct") }
    let proxy = try LoopbackServer { request in
      if request["proxy-authorization"] == nil { return .text("who?", 407) }
      return request.method == "CONNECT" ? .text("no", 403) : .text("by proxy: \(request.target)")
    }
    defer {
      server.stop()
      proxy.stop()
    }
    let direct = await ProbeBench.run(
      binding: "http: { GET: \"\(server.url)/\" }\nexpect: { text: direct }",
      environment: ["http_proxy": proxy.url, "HTTP_PROXY": proxy.url])
    #expect(direct.outcome == .passed)
    let through = await ProbeBench.run(
      binding:
        "http: { GET: \"\(server.url)/p\", proxy: \"${PROXY_URL}\" }\nexpect: { text: \"by proxy: \(server.url)/p\" }",
      environment: ["PROXY_URL": proxy.url.replacing("http://", with: "http://user:pr0xy-pass@")])
    #expect(through.outcome == .passed, "\(through.outcome as Any)")
    #expect(through.repeatCommand?.contains("-x \"${PROXY_URL}\"") == true)
    let denied = await Self.get(server.url, ", proxy: \"\(proxy.url)\"")
    #expect(denied.error?.kind == .denied)
    let tunnel = await Self.get("https://127.0.0.1:\(server.port)", ", proxy: \"\(proxy.url)\"")
    #expect(tunnel.error?.kind == .denied)
    #expect(tunnel.error?.message.contains("the proxy answered 407") == true)
    let gone = await Self.get(server.url, ", proxy: \"http://127.0.0.1:\(try HostilePeer(.refused).port)\"")
    #expect(gone.error?.kind == .unreachable)
    #expect(gone.error?.message.contains("the proxy") == true)
  }

  // MARK: Many at once, and stopping

  @Test func `200 controls at once`() async throws {
    let server = try LoopbackServer { request in .json(["path": .string(request.path)]) }
    defer { server.stop() }
    let lines = (1...200).map { number in
      """
      - [ ] **L-\(number)** line
        ```yaml gonogo
        http: { GET: "\(server.url)/\(number)" }
        expect: { status: 200, body.path: /\(number == 77 ? 78 : number) }
        ```
      """
    }
    let ran = await ProbeBench.run(document: lines.joined(separator: "\n"))
    #expect(ran.results.count == 200)
    #expect(ran.results.filter { $0.outcome == .passed }.count == 199)
    #expect(ran.results[76].outcome.name == "failed")
    // Connections are reused: about as many as there are jobs.
    #expect(server.connections <= 16)
  }

  @Test func `cancelling takes the transfer out, and closing ends what runs`() async throws {
    let peer = try HostilePeer(.hung)
    defer { peer.stop() }
    let engine = CurlEngine()
    let request = WireRequest(method: "GET", url: "\(peer.url)/", isTLS: false, timeout: 60_000, limit: 1024)
    func failure() async -> TransferFailure? {
      do throws(TransferFailure) {
        _ = try await engine.perform(request)
        return nil
      } catch { return error }
    }
    let cancelled = Task { await failure() }
    while peer.connections == 0 { await Task.yield() }
    cancelled.cancel()
    #expect(await cancelled.value?.cancelled == true)
    let before = Task { await failure() }
    before.cancel()
    #expect(await before.value?.cancelled == true)
    let running = Task { await failure() }
    while peer.connections < 2 { await Task.yield() }
    await engine.close()
    #expect(await running.value?.cancelled == true)
    #expect(await failure()?.cancelled == true)
    await engine.close()
  }

  @Test func `an interruption ends a hung request at once`() async throws {
    let peer = try HostilePeer(.hung)
    defer { peer.stop() }
    let resources = RunResources()
    let engine = CurlEngine.shared(resources)
    let task = Task {
      try? await engine.perform(
        WireRequest(method: "GET", url: "\(peer.url)/", isTLS: false, timeout: 60_000, limit: 1024))
    }
    while peer.connections == 0 { await Task.yield() }
    await resources.close()
    #expect(await task.value == nil)
  }
}
