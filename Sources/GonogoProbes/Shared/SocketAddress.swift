import CSystem
import Glibc

/// An address for connect(2), with its text.
struct SocketAddress: Sendable, Equatable {
  let family: Int32
  let bytes: [UInt8]
  /// `127.0.0.1:6379`, `[::1]:6379`, `/run/redis.sock`.
  let text: String

  /// Every address of a name, the families taking turns (RFC 8305, section 4).
  ///
  /// getaddrinfo(3) has no deadline of its own: it keeps the resolver's, and the runner's stands above it.
  static func resolve(_ target: HostPort, datagram: Bool = false) throws(StreamError) -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_socktype = Int32((datagram ? SOCK_DGRAM : SOCK_STREAM).rawValue)
    hints.ai_flags = AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(target.host, "\(target.port)", &hints, &list)
    guard code == 0 else {
      throw StreamError(
        .unresolved, "\(target.host) has no address: \(String(cString: gai_strerror(code)).lowercased())")
    }
    defer { freeaddrinfo(list) }
    var four: [SocketAddress] = []
    var six: [SocketAddress] = []
    var first: Int32?
    var entry = list
    while let info = entry?.pointee {
      entry = info.ai_next
      guard let pointer = info.ai_addr, info.ai_family == AF_INET || info.ai_family == AF_INET6 else { continue }
      let bytes = Array(UnsafeRawBufferPointer(start: pointer, count: Int(info.ai_addrlen)))
      let address = SocketAddress(family: info.ai_family, bytes: bytes, text: describe(pointer, info.ai_addrlen))
      first = first ?? info.ai_family
      if info.ai_family == AF_INET { four.append(address) } else { six.append(address) }
    }
    let (one, other) = first == AF_INET6 ? (six, four) : (four, six)
    var result: [SocketAddress] = []
    for index in 0..<max(one.count, other.count) {
      if index < one.count { result.append(one[index]) }
      if index < other.count { result.append(other[index]) }
    }
    if result.isEmpty { throw StreamError(.unresolved, "\(target.host) has no address") }
    return result
  }

  /// - Throws: ``StreamError`` where the path is longer than the system takes (107 bytes, unix(7)).
  static func local(_ path: String) throws(StreamError) -> SocketAddress {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let room = MemoryLayout.size(ofValue: address.sun_path)
    let bytes = Array(path.utf8)
    guard !bytes.isEmpty, bytes.count < room, !bytes.contains(0) else {
      throw StreamError(.local, "the socket's path is not 1 to \(room - 1) bytes: \(path)")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return SocketAddress(family: AF_UNIX, bytes: withUnsafeBytes(of: &address) { Array($0) }, text: path)
  }

  private static func describe(_ pointer: UnsafePointer<sockaddr>, _ length: socklen_t) -> String {
    var host = [CChar](repeating: 0, count: 1025)
    var port = [CChar](repeating: 0, count: 32)
    let code = getnameinfo(
      pointer, length, &host, socklen_t(host.count), &port, socklen_t(port.count), NI_NUMERICHOST | NI_NUMERICSERV)
    guard code == 0 else { return "?" }
    let (name, number) = (text(host), text(port))
    return name.contains(":") ? "[\(name)]:\(number)" : "\(name):\(number)"
  }

  private static func text(_ buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
