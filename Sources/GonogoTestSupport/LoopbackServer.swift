import Glibc
public import GonogoCore
public import GonogoSystem
import Synchronization

/// An ordinary HTTP/1.1 server on 127.0.0.1 whose answers a test scripts, and which remembers what it was asked.
public final class LoopbackServer: Sendable {
  public struct Request: Sendable {
    public let method: String
    /// As it was sent: path and query.
    public let target: String
    public let headers: [(name: String, value: String)]
    public let body: [UInt8]
    /// Counts the connections from one.
    public let connection: Int

    public var path: String { String(target.prefix { $0 != "?" }) }
    public var query: String { target.contains("?") ? String(target.drop { $0 != "?" }.dropFirst()) : "" }
    public var text: String { String(decoding: body, as: UTF8.self) }
    /// The first header of this name, whatever its case.
    public subscript(name: String) -> String? {
      headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
    public func cookie(_ name: String) -> String? {
      for pair in (self["cookie"] ?? "").split(separator: ";") {
        let parts = pair.split(separator: "=", maxSplits: 1)
        if parts.first?.drop(while: { $0 == " " }) == name[...] { return parts.count > 1 ? String(parts[1]) : "" }
      }
      return nil
    }
  }

  public struct Reply: Sendable {
    public var status: Int
    public var headers: [(String, String)]
    public var body: [UInt8]
    /// Waits this long before it answers.
    public var delay = 0

    public init(_ status: Int, _ headers: [(String, String)] = [], body: [UInt8] = []) {
      self.status = status
      self.headers = headers
      self.body = body
    }
    public static func text(_ text: String, _ status: Int = 200, _ headers: [(String, String)] = []) -> Reply {
      Reply(status, [("Content-Type", "text/plain; charset=utf-8")] + headers, body: Array(text.utf8))
    }
    public static func json(_ json: JSON, _ status: Int = 200, _ headers: [(String, String)] = []) -> Reply {
      Reply(status, [("Content-Type", "application/json")] + headers, body: json.canonical)
    }
    public static func redirect(_ location: String, _ status: Int = 302, _ headers: [(String, String)] = []) -> Reply {
      Reply(status, [("Location", location)] + headers)
    }
  }

  private struct State {
    var requests: [Request] = []
    var connections = 0
  }

  private let state: Box
  private let socket: LoopbackSocket
  private let scheme: String

  private final class Box: Sendable {
    let state = Mutex(State())
  }

  /// - Parameters:
  ///   - certificate: speaks TLS with it.
  ///   - clients: asks for a client certificate that this one signed.
  /// - Throws: ``SystemError`` where it cannot listen.
  public init(
    certificate: TestCertificate? = nil, clients: TestCertificate? = nil,
    _ handler: @escaping @Sendable (Request) -> Reply
  ) throws(SystemError) {
    let box = Box()
    let tls = certificate.map { TLSServer($0, clients: clients) }
    state = box
    scheme = tls == nil ? "http" : "https"
    socket = try LoopbackSocket { descriptor in
      let number = box.state.withLock { state in
        state.connections += 1
        return state.connections
      }
      if let tls {
        guard let channel = tls.accept(descriptor) else { return }
        Self.serve(channel, number, box, handler)
      } else {
        Self.serve(PlainChannel(descriptor: descriptor), number, box, handler)
      }
    }
  }

  public var url: String { "\(scheme)://127.0.0.1:\(socket.port)" }
  public var port: Int { socket.port }
  public var requests: [Request] { state.state.withLock { $0.requests } }
  public var connections: Int { state.state.withLock { $0.connections } }
  public func stop() { socket.stop() }

  private static func serve(
    _ channel: some ByteChannel, _ number: Int, _ box: Box, _ handler: (Request) -> Reply
  ) {
    var buffer: [UInt8] = []
    while let request = next(channel, &buffer, number) {
      box.state.withLock { $0.requests.append(request) }
      let reply = handler(request)
      if reply.delay > 0 { usleep(UInt32(reply.delay) * 1000) }
      var head = "HTTP/1.1 \(reply.status) \(reason(reply.status))\r\n"
      for (name, value) in reply.headers { head += "\(name): \(value)\r\n" }
      if reply.status >= 200, reply.status != 204, reply.status != 304 {
        head += "Content-Length: \(reply.body.count)\r\n"
      }
      head += "\r\n"
      guard channel.write(Array(head.utf8) + (request.method == "HEAD" ? [] : reply.body)) else { return }
    }
  }

  private static func next(_ channel: some ByteChannel, _ buffer: inout [UInt8], _ number: Int) -> Request? {
    let end = Array("\r\n\r\n".utf8)
    var headEnd: Int?
    while true {
      if buffer.count >= 4 {
        headEnd = (0...(buffer.count - 4)).first { Array(buffer[$0..<$0 + 4]) == end }
        if headEnd != nil { break }
      }
      let bytes = channel.read(65_536)
      if bytes.isEmpty { return nil }
      buffer += bytes
    }
    guard let headEnd else { return nil }
    let lines = String(decoding: buffer[..<headEnd], as: UTF8.self).split(separator: "\r\n")
    let words = (lines.first ?? "").split(separator: " ")
    guard words.count >= 2 else { return nil }
    let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      return (String(line[..<colon]), String(line[line.index(after: colon)...].drop { $0 == " " }))
    }
    buffer.removeFirst(headEnd + 4)
    let length = headers.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) } ?? 0
    while buffer.count < length {
      let bytes = channel.read(65_536)
      if bytes.isEmpty { return nil }
      buffer += bytes
    }
    let body = Array(buffer.prefix(length))
    buffer.removeFirst(length)
    return Request(
      method: String(words[0]), target: String(words[1]), headers: headers, body: body, connection: number)
  }

  private static func reason(_ status: Int) -> String {
    [
      200: "OK", 201: "Created", 204: "No Content", 301: "Moved Permanently", 302: "Found", 303: "See Other",
      307: "Temporary Redirect", 308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
      404: "Not Found", 410: "Gone", 429: "Too Many Requests", 500: "Internal Server Error",
    ][status] ?? "Status"
  }
}
