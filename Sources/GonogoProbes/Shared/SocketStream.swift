import CSystem
import Glibc
import GonogoCore
import GonogoSystem

/// A connection over TCP or a local socket, with TLS on top where it is wanted. Every call keeps the deadline.
///
/// Used by one thread at a time; a pool hands it from one to the next.
final class SocketStream: @unchecked Sendable {
  /// Where it leads: the address that answered.
  let address: String
  /// How long the connection took, in milliseconds.
  let connectMilliseconds: Int
  /// What the last messages were about: "the greeting", "GET".
  var awaiting = "an answer"
  var deadline: StreamDeadline
  private(set) var tls: TLSClient?
  private let descriptor: Int32

  private init(_ descriptor: Int32, address: String, milliseconds: Int, deadline: StreamDeadline) {
    self.descriptor = descriptor
    self.address = address
    connectMilliseconds = milliseconds
    self.deadline = deadline
  }

  deinit { close(descriptor) }

  static func connect(to target: HostPort, deadline: StreamDeadline) throws(StreamError) -> SocketStream {
    try connect(to: SocketAddress.resolve(target), name: target.description, deadline: deadline)
  }

  /// Tries each address, the next one joining in where the one before has not answered in 250 ms (RFC 8305, section 5).
  static func connect(to addresses: [SocketAddress], name: String, deadline: StreamDeadline) throws(StreamError)
    -> SocketStream
  {
    let clock = SystemClock()
    let begun = clock.ticks()
    var attempts: [(descriptor: Int32, address: SocketAddress)] = []
    defer { for attempt in attempts { close(attempt.descriptor) } }
    var failures: [StreamError] = []
    var next = 0
    var nextStart = begun
    while true {
      while next < addresses.count, attempts.isEmpty || clock.ticks() >= nextStart {
        let address = addresses[next]
        next += 1
        nextStart = clock.ticks() + 250
        do throws(StreamError) { attempts.append((try begin(address), address)) } catch { failures.append(error) }
      }
      if attempts.isEmpty { throw worst(of: failures, name: name) }
      let left = deadline.left
      if left == 0 { throw StreamError(.timedOut, timeout(name, deadline)) }
      var wait = Int64(left)
      if next < addresses.count { wait = min(wait, max(0, nextStart - clock.ticks())) }
      var polls = attempts.map { pollfd(fd: $0.descriptor, events: Int16(POLLOUT), revents: 0) }
      if poll(&polls, nfds_t(polls.count), Int32(min(wait, 60_000))) <= 0 { continue }
      for index in polls.indices.reversed() where polls[index].revents != 0 {
        let (descriptor, address) = attempts.remove(at: index)
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
        if code == 0, isSelf(descriptor) { code = ECONNREFUSED }
        if code == 0 {
          return SocketStream(
            descriptor, address: address.text, milliseconds: Int(clock.ticks() - begun), deadline: deadline)
        }
        close(descriptor)
        failures.append(failure(code, address))
        nextStart = clock.ticks()
      }
    }
  }

  private static func begin(_ address: SocketAddress) throws(StreamError) -> Int32 {
    let flags = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(address.family, flags, 0)
    guard descriptor >= 0 else { throw failure(errno, address) }
    let code = address.bytes.withUnsafeBytes {
      Glibc.connect(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
    }
    if code != 0, errno != EINPROGRESS {
      let failed = failure(errno, address)
      close(descriptor)
      throw failed
    }
    if address.family != AF_UNIX {
      var on: Int32 = 1
      setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }
    return descriptor
  }

  /// A connection to a free port of this machine may be given that very port as its own end, and so meets itself (the
  /// simultaneous open of RFC 9293, section 3.5). Nobody listens there.
  private static func isSelf(_ descriptor: Int32) -> Bool {
    func name(_ call: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32) -> [UInt8]? {
      var storage = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let code = withUnsafeMutablePointer(to: &storage) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { call(descriptor, $0, &length) }
      }
      if code != 0 || Int32(storage.ss_family) == AF_UNIX { return nil }
      return withUnsafeBytes(of: &storage) { Array($0.prefix(Int(length))) }
    }
    guard let own = name(getsockname) else { return false }
    return own == name(getpeername)
  }

  private static func failure(_ code: Int32, _ address: SocketAddress) -> StreamError {
    let reason = SystemError("connect to", address.text, code: code).reason
    switch code {
    case ECONNREFUSED: return StreamError(.refused, "\(address.text) refused the connection")
    case ETIMEDOUT: return StreamError(.timedOut, "\(address.text) did not answer: \(reason)")
    case EMFILE, ENFILE, ENOBUFS, ENOMEM: return StreamError(.local, "this machine has no socket left: \(reason)")
    default: return StreamError(.unreachable, "\(address.text) cannot be reached: \(reason)")
    }
  }

  /// Where addresses failed in different ways, the one that says least about the peer is told: a refusal is an answer.
  private static func worst(of failures: [StreamError], name: String) -> StreamError {
    for reason in [StreamError.Reason.local, .timedOut, .unreachable] {
      if let found = failures.first(where: { $0.reason == reason }) { return found }
    }
    return failures.first ?? StreamError(.unreachable, "\(name) cannot be reached")
  }

  private static func timeout(_ name: String, _ deadline: StreamDeadline) -> String {
    "\(name) did not take the connection within \(Quantity.describe(milliseconds: deadline.milliseconds))"
  }

  // MARK: Use

  /// Whether an idle connection is still good: nothing came, and nobody hung up.
  var isQuiet: Bool {
    var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&polled, 1, 0) == 0
  }

  /// Sends everything.
  func write(_ bytes: [UInt8]) throws(StreamError) {
    if let tls { try tls.write(bytes, over: self) } else { try sendRaw(bytes) }
  }

  /// What comes next; empty where the peer has ended the connection.
  func read(limit: Int = 65_536) throws(StreamError) -> [UInt8] {
    if let tls { return try tls.read(limit: limit, over: self) }
    return try receiveRaw(limit: limit)
  }

  /// Speaks TLS from here on.
  func startTLS(_ options: TLSClient.Options) throws(StreamError) {
    let client = try TLSClient(options)
    try client.handshake(over: self)
    tls = client
  }

  func sendRaw(_ bytes: [UInt8]) throws(StreamError) {
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes {
        send(descriptor, $0.baseAddress! + offset, bytes.count - offset, Int32(MSG_NOSIGNAL))
      }
      if count >= 0 {
        offset += count
      } else if errno == EAGAIN {
        try wait(for: POLLOUT)
      } else if errno != EINTR {
        throw StreamError(.closed, "\(address) ended the connection before \(awaiting) was sent")
      }
    }
  }

  func receiveRaw(limit: Int = 65_536) throws(StreamError) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: limit)
    while true {
      let count = recv(descriptor, &buffer, limit, 0)
      if count >= 0 { return Array(buffer.prefix(count)) }
      if errno == EAGAIN {
        try wait(for: POLLIN)
      } else if errno != EINTR {
        throw StreamError(.closed, "\(address) broke the connection off: \(SystemError("read", address).reason)")
      }
    }
  }

  private func wait(for events: Int32) throws(StreamError) {
    let left = deadline.left
    var polled = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    if left == 0 || poll(&polled, 1, Int32(min(left, Int(Int32.max)))) == 0 {
      throw StreamError(
        .timedOut,
        "no answer from \(address) within \(Quantity.describe(milliseconds: deadline.milliseconds)), waiting for \(awaiting)"
      )
    }
  }
}
