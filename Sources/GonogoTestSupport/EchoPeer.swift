import CSystem
import Glibc
import GonogoCore
import Synchronization

/// An HTTP peer that sends back whatever it was sent: headers, path and body, and a session cookie of its own.
public final class EchoPeer: Sendable {
  public let port: Int
  private let listener: Int32
  private let requests = Mutex<[String]>([])

  /// The secret that it sets as a cookie.
  public static let cookie = "canary-reply-c00kie-778899"

  public init() throws {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = listener
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
        bind(descriptor, raw, size) == 0 && listen(descriptor, 16) == 0 ? getsockname(descriptor, raw, &size) : -1
      }
    }
    precondition(code == 0, "cannot listen on loopback")
    port = Int(UInt16(bigEndian: address.sin_port))
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { context in
        Unmanaged<EchoPeer>.fromOpaque(context!).takeRetainedValue().serve()
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    pthread_detach(thread)
  }

  /// Every request so far, as text.
  public var seen: [String] { requests.withLock { $0 } }

  public func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  private func serve() {
    while true {
      let connection = accept(listener, nil, nil)
      if connection < 0 { return }
      answer(connection)
      close(connection)
    }
  }

  private func answer(_ connection: Int32) {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    var wanted = Int.max
    while bytes.count < wanted {
      let count = read(connection, &buffer, buffer.count)
      if count <= 0 { break }
      bytes += buffer[..<count]
      let text = String(decoding: bytes, as: UTF8.self)
      if wanted == Int.max, let end = text.range(of: "\r\n\r\n") {
        let head = text[..<end.lowerBound].lowercased()
        let length = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
        let body = length.flatMap { Int($0.drop { $0 != ":" }.dropFirst().filter(\.isNumber)) } ?? 0
        wanted = text[..<end.upperBound].utf8.count + body
      }
    }
    let text = String(decoding: bytes, as: UTF8.self)
    requests.withLock { $0.append(text) }
    let key =
      text.split(separator: "\r\n").first { $0.lowercased().hasPrefix("x-key:") }.map { $0.dropFirst(6) } ?? " none"
    let reply =
      "HTTP/1.1 200 OK\r\nX-Echo-Key:\(key)\r\nSet-Cookie: session=\(Self.cookie); HttpOnly\r\nContent-Type: text/plain\r\n"
      + "Content-Length: \(bytes.count)\r\nConnection: close\r\n\r\n"
    let all = Array(reply.utf8) + bytes
    var offset = 0
    while offset < all.count {
      let count = all.withUnsafeBytes { write(connection, $0.baseAddress! + offset, all.count - offset) }
      if count <= 0 { return }
      offset += count
    }
  }
}
