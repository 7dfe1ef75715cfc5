import CMHD
import CSystem
import Glibc
public import GonogoSystem
import Synchronization

/// An HTTP/1.1 server over libmicrohttpd. TLS and HTTP/2 are a proxy's work.
///
/// One thread of the library speaks HTTP. A request that has come in whole is suspended there, handled by a task on an
/// executor whose threads may block, and resumed with its response.
public final class HTTPServer: Transport {
  public typealias Handler = @Sendable (HTTPRequest) async -> HTTPResponse

  public let port: Int
  private let hub: Hub
  /// Only ever handed to functions of libmicrohttpd that may be called from any thread.
  nonisolated(unsafe) private let daemon: OpaquePointer
  private let stopped = Mutex(false)

  /// Listens on an IPv4 address; returns when connections are taken.
  ///
  /// - Parameter port: 0 for any free one.
  /// - Throws: ``SystemError`` where the address cannot be listened on.
  public init(
    address: String = "127.0.0.1", port: Int = 0, limits: ServerLimits = ServerLimits(),
    executor: ProbeExecutor = ProbeExecutor(limit: 64), handler: @escaping Handler
  ) throws(SystemError) {
    let (socket, bound) = try Self.listen(address: address, port: port)
    self.port = bound
    hub = Hub(limits: limits, executor: executor, handler: handler)
    // The daemon's own, given back when it has stopped: a server that is dropped without `stop` goes on, and harms nothing.
    let held = Unmanaged.passRetained(hub)
    let context = held.toOpaque()
    let opened:
      @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?)
        -> UnsafeMutableRawPointer? = { context, target, connection in
          guard let context, let target else { return nil }
          let hub = Unmanaged<Hub>.fromOpaque(context).takeUnretainedValue()
          let exchange = Exchange(hub: hub, target: String(cString: target), connection: connection)
          return Unmanaged.passRetained(exchange).toOpaque()
        }
    let completed:
      @convention(c) (
        UnsafeMutableRawPointer?, OpaquePointer?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
        MHD_RequestTerminationCode
      ) -> Void = { _, _, slot, _ in
        guard let held = slot?.pointee else { return }
        slot?.pointee = nil
        Unmanaged<Exchange>.fromOpaque(held).takeRetainedValue().ended()
      }
    var options = [
      MHD_OptionItem(option: .LISTEN_SOCKET, value: Int(socket), ptr_value: nil),
      MHD_OptionItem(
        option: .URI_LOG_CALLBACK, value: unsafeBitCast(opened, to: Int.self), ptr_value: context),
      MHD_OptionItem(
        option: .NOTIFY_COMPLETED, value: unsafeBitCast(completed, to: Int.self), ptr_value: context),
      MHD_OptionItem(option: .CONNECTION_LIMIT, value: limits.connections, ptr_value: nil),
      MHD_OptionItem(option: .CONNECTION_TIMEOUT, value: limits.idle, ptr_value: nil),
      MHD_OptionItem(option: .CONNECTION_MEMORY_LIMIT, value: limits.head, ptr_value: nil),
      MHD_OptionItem(option: .END, value: 0, ptr_value: nil),
    ]
    // MHD_USE_ITC comes with MHD_ALLOW_SUSPEND_RESUME, and MHD_quiesce_daemon(3) needs it.
    let flags = MHD_USE_EPOLL_INTERNAL_THREAD.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue
    let started = gonogo_mhd_start(
      flags, 0, nil, nil,
      { _, connection, _, method, version, data, size, slot in
        guard let held = slot?.pointee, let connection, let size else { return .NO }
        let exchange = Unmanaged<Exchange>.fromOpaque(held).takeUnretainedValue()
        return exchange.advance(connection, method: method, version: version, data: data, size: size)
      }, nil, &options)
    guard let started else {
      let code = errno
      held.release()
      close(socket)
      throw SystemError("serve HTTP on", "\(address):\(port)", code: code)
    }
    daemon = started
  }

  @discardableResult public func stop(drain milliseconds: Int = 10_000) async -> Int {
    if stopped.withLock({
      let was = $0
      $0 = true
      return was
    }) {
      return 0
    }
    hub.drain()
    let listening = MHD_quiesce_daemon(daemon)
    if listening >= 0 { close(listening) }
    let clock = SystemClock()
    let deadline = clock.ticks() + Int64(milliseconds)
    while hub.inHand > 0, clock.ticks() < deadline { try? await Task.sleep(for: .milliseconds(2)) }
    // MHD_stop_daemon(3) ends the process where a connection is still suspended.
    var cut = hub.cutOff()
    let grace = clock.ticks() + 500
    while hub.inHand > 0, clock.ticks() < grace {
      try? await Task.sleep(for: .milliseconds(2))
      cut += hub.cutOff()
    }
    MHD_stop_daemon(daemon)
    Unmanaged.passUnretained(hub).release()
    return cut
  }

  private static func listen(address: String, port: Int) throws(SystemError) -> (Int32, Int) {
    let place = "\(address):\(port)"
    guard let wanted = UInt16(exactly: port) else { throw SystemError("listen on", place, code: EINVAL) }
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
    guard descriptor >= 0 else { throw SystemError("listen on", place) }
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = wanted.bigEndian
    guard inet_pton(AF_INET, address, &name.sin_addr) == 1 else {
      close(descriptor)
      throw SystemError("listen on", place, code: EINVAL)
    }
    var one: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, 4)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        if Glibc.bind(descriptor, generic, length) != 0 || Glibc.listen(descriptor, 512) != 0 { return errno }
        return getsockname(descriptor, generic, &length) == 0 ? 0 : errno
      }
    }
    guard code == 0 else {
      close(descriptor)
      throw SystemError("listen on", place, code: code)
    }
    return (descriptor, Int(UInt16(bigEndian: name.sin_port)))
  }
}

/// What every request of a server shares.
final class Hub: Sendable {
  private struct State {
    var draining = false
    var open: [ObjectIdentifier: Exchange] = [:]
  }

  let limits: ServerLimits
  let executor: ProbeExecutor
  let handler: HTTPServer.Handler
  private let state = Mutex(State())

  init(limits: ServerLimits, executor: ProbeExecutor, handler: @escaping HTTPServer.Handler) {
    self.limits = limits
    self.executor = executor
    self.handler = handler
  }

  var draining: Bool { state.withLock { $0.draining } }
  var inHand: Int { state.withLock { $0.open.count } }

  func drain() { state.withLock { $0.draining = true } }
  func began(_ exchange: Exchange) { state.withLock { $0.open[ObjectIdentifier(exchange)] = exchange } }
  func ended(_ exchange: Exchange) { state.withLock { _ = $0.open.removeValue(forKey: ObjectIdentifier(exchange)) } }

  /// Answers what is still open with 503, and says how many those were.
  func cutOff() -> Int {
    let open = state.withLock { Array($0.open.values) }
    return open.count { $0.complete(HTTPError(503, "the server is shutting down").response) }
  }
}

/// One request on its way. Everything but ``complete(_:)`` is called by the library's thread alone.
final class Exchange: @unchecked Sendable {
  private struct State {
    var response: HTTPResponse?
    var suspended = false
  }

  private let hub: Hub
  private let target: String
  private let connection: OpaquePointer?
  private var headers: HTTPFields?
  private var body: [UInt8] = []
  private var tooLarge = false
  private var task: Task<Void, Never>?
  private let state = Mutex(State())

  init(hub: Hub, target: String, connection: OpaquePointer?) {
    self.hub = hub
    self.target = target
    self.connection = connection
  }

  /// The access handler (MHD_AccessHandlerCallback): called for the head, for each piece of the body, at its end, and
  /// again when the suspended connection was resumed.
  func advance(
    _ connection: OpaquePointer, method: UnsafePointer<CChar>?, version: UnsafePointer<CChar>?,
    data: UnsafePointer<CChar>?, size: UnsafeMutablePointer<Int>
  ) -> MHD_Result {
    if let response = state.withLock({ $0.response }) { return queue(response, on: connection) }
    guard let headers else {
      let fields = Self.fields(of: connection)
      headers = fields
      // Both lengths at once is how one request is smuggled behind another (RFC 9112, 6.3): the library would take it.
      if fields["transfer-encoding"] != nil, fields["content-length"] != nil {
        return refuse(connection, 400, "a request has Content-Length or Transfer-Encoding, not both")
      }
      if fields.values(of: "content-length").count > 1 || fields.values(of: "host").count > 1 {
        return refuse(connection, 400, "a field that may come once came twice")
      }
      if let text = fields["content-length"], let length = Int(text), length > hub.limits.body {
        return refuse(connection, 413, "the body is larger than \(hub.limits.body) bytes")
      }
      return .YES
    }
    if size.pointee > 0 {
      if !tooLarge, body.count + size.pointee <= hub.limits.body, let data {
        body.append(contentsOf: UnsafeRawBufferPointer(start: data, count: size.pointee))
      } else {
        tooLarge = true
        body = []
      }
      size.pointee = 0
      return .YES
    }
    if tooLarge { return refuse(connection, 413, "the body is larger than \(hub.limits.body) bytes") }
    guard
      let request = HTTPRequest(
        method: method.map { String(cString: $0) } ?? "", target: target, headers: headers, body: body,
        peer: Self.peer(of: connection))
    else { return refuse(connection, 400, "the target of the request does not decode") }
    body = []
    hub.began(self)
    MHD_suspend_connection(connection)
    state.withLock { $0.suspended = true }
    task = Task.detached(executorPreference: hub.executor) { [self] in
      _ = complete(await hub.handler(request))
    }
    return .YES
  }

  /// The first response counts; a later one is dropped.
  ///
  /// - Returns: whether this one was the first.
  func complete(_ response: HTTPResponse) -> Bool {
    let resume = state.withLock { state in
      guard state.suspended, state.response == nil else { return false }
      state.response = response
      state.suspended = false
      return true
    }
    if resume, let connection { MHD_resume_connection(connection) }
    return resume
  }

  /// The response was sent, or the client went away.
  func ended() {
    task?.cancel()
    hub.ended(self)
  }

  private func refuse(_ connection: OpaquePointer, _ status: Int, _ message: String) -> MHD_Result {
    var response = HTTPError(status, message).response
    response.headers["Connection"] = "close"
    return queue(response, on: connection)
  }

  private func queue(_ response: HTTPResponse, on connection: OpaquePointer) -> MHD_Result {
    let made = response.body.withUnsafeBytes { bytes in
      MHD_create_response_from_buffer(
        bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress), .RESPMEM_MUST_COPY)
    }
    guard let made else { return .NO }
    defer { MHD_destroy_response(made) }
    for field in response.headers.all where !HTTPFields.same(field.name, "content-length") {
      // A field with a line end in it is refused by the library: nobody splits a response here.
      _ = MHD_add_response_header(made, field.name, field.value)
    }
    if hub.draining, response.headers["connection"] == nil {
      _ = MHD_add_response_header(made, "Connection", "close")
    }
    return MHD_queue_response(connection, UInt32(clamping: response.status), made)
  }

  private static func fields(of connection: OpaquePointer) -> HTTPFields {
    var fields = HTTPFields()
    withUnsafeMutablePointer(to: &fields) { pointer in
      _ = MHD_get_connection_values(
        connection, MHD_ValueKind.HEADER_KIND,
        { context, _, name, value in
          guard let context, let name else { return .YES }
          context.assumingMemoryBound(to: HTTPFields.self).pointee.add(
            String(cString: name), value.map { String(cString: $0) } ?? "")
          return .YES
        }, pointer)
    }
    return fields
  }

  private static func peer(of connection: OpaquePointer) -> String {
    guard let address = gonogo_mhd_client(connection), address.pointee.sa_family == sa_family_t(AF_INET) else {
      return ""
    }
    var text = [CChar](repeating: 0, count: Int(INET_ADDRSTRLEN))
    return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { pointer in
      var inner = pointer.pointee.sin_addr
      guard inet_ntop(AF_INET, &inner, &text, socklen_t(text.count)) != nil else { return "" }
      return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }
}
