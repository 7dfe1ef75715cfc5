import Glibc
import GonogoServer
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct HTTPServerTests {
  static func server(
    limits: ServerLimits = ServerLimits(),
    _ handler: @escaping HTTPServer.Handler = { request in
      .text("\(request.method) \(request.path) \(String(decoding: request.body, as: UTF8.self)) from \(request.peer)")
    }
  ) throws -> HTTPServer { try HTTPServer(limits: limits, handler: handler) }

  static func exchange(_ server: HTTPServer, _ text: String) throws -> String {
    let client = try #require(RawClient(port: server.port))
    client.send(text)
    return client.readAll()
  }

  @Test func answers() async throws {
    let server = try Self.server()
    let reply = try Self.exchange(
      server, "POST /a%20b?x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody")
    #expect(reply.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(reply.hasSuffix("\r\n\r\nPOST /a%20b body from 127.0.0.1"))
    #expect(await server.stop() == 0)
  }

  @Test func keepsTheConnectionAndTakesRequestsInARow() async throws {
    let server = try Self.server()
    let reply = try Self.exchange(
      server,
      "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\nGET /3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    for path in ["GET /1", "GET /2", "GET /3"] { #expect(reply.contains(path)) }
    await server.stop()
  }

  @Test func headHasALengthAndNoBody() async throws {
    let server = try Self.server()
    let reply = try Self.exchange(server, "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    #expect(reply.contains("Content-Length: 22"))
    #expect(reply.hasSuffix("\r\n\r\n"))
    await server.stop()
  }

  @Test func chunksAreOneBody() async throws {
    let server = try Self.server()
    let reply = try Self.exchange(
      server,
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n"
    )
    #expect(reply.contains("POST / abcd from"))
    await server.stop()
  }

  @Test(arguments: [
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde", "400"),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 65\r\n\r\n", "413"),
    ("GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", "400"),
    ("GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n", "400"),
    (
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n41\r\n"
        + String(repeating: "a", count: 65) + "\r\n0\r\n\r\n", "413"
    ),
  ]) func refuses(_ request: String, _ status: String) async throws {
    var limits = ServerLimits()
    limits.body = 64
    let server = try Self.server(limits: limits)
    let reply = try Self.exchange(server, request)
    #expect(reply.hasPrefix("HTTP/1.1 \(status) "), "\(reply.prefix(200))")
    await server.stop()
  }

  @Test func nobodySplitsAResponse() async throws {
    let server = try Self.server { _ in HTTPResponse(200, headers: ["X-A": "1\r\nX-Evil: 2", "X-B": "3"]) }
    let reply = try Self.exchange(server, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    #expect(!reply.contains("X-Evil"))
    #expect(reply.contains("X-B: 3"))
    await server.stop()
  }

  @Test func stopLetsTheRequestInHandEndAndTakesNoOther() async throws {
    let gate = Mutex(false)
    let server = try Self.server { _ in
      while !gate.withLock({ $0 }) { usleep(1000) }
      return .text("done")
    }
    let client = try #require(RawClient(port: server.port))
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    usleep(20_000)
    let stopping = Task { await server.stop(drain: 5000) }
    while RawClient(port: server.port) != nil { usleep(1000) }
    gate.withLock { $0 = true }
    let reply = client.readAll()
    #expect(reply.hasPrefix("HTTP/1.1 200"))
    #expect(reply.contains("Connection: close"))
    #expect(await stopping.value == 0)
  }

  @Test func whatDoesNotEndInTimeIsCutOff() async throws {
    let server = try Self.server { _ in
      try? await Task.sleep(for: .seconds(30))
      return .text("late")
    }
    let client = try #require(RawClient(port: server.port))
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    usleep(50_000)
    #expect(await server.stop(drain: 50) == 1)
    #expect(client.readAll().hasPrefix("HTTP/1.1 503"))
  }

  @Test func clientsThatGoAwayHarmNothing() async throws {
    let server = try Self.server { _ in
      usleep(2000)
      return .text("x")
    }
    for _ in 0..<50 {
      let client = try #require(RawClient(port: server.port))
      client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    }
    let reply = try Self.exchange(server, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    #expect(reply.hasPrefix("HTTP/1.1 200"))
    await server.stop()
  }

  @Test func handlersThatBlockDoNotHoldUpOthers() async throws {
    let gate = Mutex(false)
    let server = try Self.server { request in
      if request.path == "/slow" { while !gate.withLock({ $0 }) { usleep(1000) } }
      return .text("x")
    }
    let slow = (0..<8).compactMap { _ in RawClient(port: server.port) }
    for client in slow { client.send("GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") }
    #expect(
      try Self.exchange(server, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").hasPrefix("HTTP/1.1 200"))
    gate.withLock { $0 = true }
    for client in slow { #expect(client.readAll().hasPrefix("HTTP/1.1 200")) }
    await server.stop()
  }

  @Test func aPortInUseIsSaid() async throws {
    let server = try Self.server()
    #expect(throws: (any Error).self) { try HTTPServer(port: server.port) { _ in .text("") } }
    await server.stop()
  }
}
