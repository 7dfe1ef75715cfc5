import CSystem
import Glibc
import Synchronization

/// A peer on 127.0.0.1 that says whatever a test wants, over TCP. Each connection has a thread.
public final class RawPeer: Sendable {
  /// The peer's end of a connection; closed when the handler returns.
  public struct Connection: Sendable {
    let descriptor: Int32

    /// What comes next; empty at the end.
    public func read() -> [UInt8] {
      var buffer = [UInt8](repeating: 0, count: 65_536)
      let count = recv(descriptor, &buffer, buffer.count, 0)
      return Array(buffer.prefix(max(0, count)))
    }

    public func write(_ bytes: [UInt8]) {
      var offset = 0
      while offset < bytes.count {
        let count = bytes.withUnsafeBytes {
          send(descriptor, $0.baseAddress! + offset, bytes.count - offset, Int32(MSG_NOSIGNAL))
        }
        if count <= 0 { return }
        offset += count
      }
    }

    public func write(_ text: String) { write(Array(text.utf8)) }

    /// Hands the bytes through to another port of this machine, both ways, until either end closes.
    public func relay(to port: Int) {
      let other = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      defer { close(other) }
      guard Loopback.connect(other, port: port) else { return }
      let far = Connection(descriptor: other)
      while true {
        var polls = [
          pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
          pollfd(fd: other, events: Int16(POLLIN), revents: 0),
        ]
        if poll(&polls, 2, 10_000) <= 0 { return }
        for (index, (from, to)) in [(self, far), (far, self)].enumerated() where polls[index].revents != 0 {
          let bytes = from.read()
          if bytes.isEmpty { return }
          to.write(bytes)
        }
      }
    }

    /// Returns when the other end has gone: for peers that say no more and do not hang up.
    public func waitForEnd() { while !read().isEmpty {} }
  }

  public let port: Int
  private let descriptor: Int32
  private let accepted = Atomic<Int>(0)
  /// How many connections came.
  public var connections: Int { accepted.load(ordering: .relaxed) }

  public init(_ handle: @escaping @Sendable (Connection) -> Void) {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    port = Loopback.bind(descriptor, port: 0)
    listen(descriptor, 64)
    let listener = descriptor
    Threads.start { [weak self] in
      while true {
        let connection = accept(listener, nil, nil)
        // Closed by the thread that accepts: closed elsewhere, the number could be another peer's by the next turn.
        if connection < 0 {
          close(listener)
          return
        }
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        self?.accepted.add(1, ordering: .relaxed)
        Threads.start {
          handle(Connection(descriptor: connection))
          close(connection)
        }
      }
    }
  }

  /// A peer that takes the connection and never says a word.
  public static func silent() -> RawPeer { RawPeer { $0.waitForEnd() } }

  /// Takes no further connection, and wakes accept(2), which close(2) would not.
  deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }
}

/// A port of 127.0.0.1 that takes no further connection and refuses none: to a client, a filter that swallows everything.
///
/// Linux drops what comes to a listener whose backlog is full (listen(2), tcp(7) `tcp_abort_on_overflow`).
public final class FullPeer: Sendable {
  public let port: Int
  private let descriptors: [Int32]

  public init() {
    let flags = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let listener = socket(AF_INET, flags, 0)
    port = Loopback.bind(listener, port: 0)
    listen(listener, 0)
    var all = [listener]
    for _ in 0..<3 {
      let filler = socket(AF_INET, flags | Int32(SOCK_NONBLOCK.rawValue), 0)
      _ = Loopback.connect(filler, port: port)
      all.append(filler)
    }
    descriptors = all
  }

  deinit { for descriptor in descriptors { close(descriptor) } }
}

/// A peer on 127.0.0.1 that answers each datagram with as many as the test gives.
public final class RawDatagramPeer: Sendable {
  public let port: Int
  private let descriptor: Int32

  /// - Parameter port: 0 for any; a number, to stand beside a ``RawPeer`` of that port.
  public init(port: Int = 0, _ answer: @escaping @Sendable ([UInt8]) -> [[UInt8]]) {
    descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    self.port = Loopback.bind(descriptor, port: port)
    let socket = descriptor
    Threads.start {
      while true {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let count = withUnsafeMutablePointer(to: &address) { pointer in
          pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            recvfrom(socket, &buffer, buffer.count, 0, $0, &length)
          }
        }
        // Closed by the thread that reads it: closed elsewhere, its number could be another peer's by the next turn, and
        // this peer would answer there.
        if count <= 0 {
          close(socket)
          return
        }
        for reply in answer(Array(buffer.prefix(count))) {
          _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
              sendto(socket, reply, reply.count, Int32(MSG_NOSIGNAL), $0, length)
            }
          }
        }
      }
    }
  }

  deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }
}

private enum Threads {
  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  static func start(_ run: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let box = Unmanaged.passRetained(Body(run))
    pthread_create(
      &thread, &attributes,
      { context in
        if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
        return nil
      }, box.toOpaque())
    pthread_attr_destroy(&attributes)
  }
}
