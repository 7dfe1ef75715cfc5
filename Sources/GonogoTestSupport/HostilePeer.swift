import Glibc
public import GonogoSystem
import Synchronization

/// A TCP peer on 127.0.0.1 that does a thing no server should: what a probe must tell apart from a finding.
public final class HostilePeer: Sendable {
  public enum Mode: Sendable {
    /// Nothing listens.
    case refused
    /// Accepts, and says nothing.
    case hung
    /// Sends these bytes at once, then waits for the peer to go.
    case sends([UInt8])
    /// Sends these bytes once it was spoken to, then closes.
    case answers([UInt8])
    /// Sends the bytes once it was spoken to, then one byte every so many milliseconds, for ever.
    case drips([UInt8], every: Int)
    /// Sends the bytes once it was spoken to, then as many as the peer takes.
    case floods([UInt8])
    /// Closes as soon as it was spoken to, with a reset.
    case resets
  }

  public let port: Int
  private let socket: LoopbackSocket?
  private final class Counter: Sendable {
    let count = Mutex(0)
  }
  private let counter = Counter()

  /// - Throws: ``SystemError`` where it cannot listen.
  public init(_ mode: Mode) throws(SystemError) {
    let counter = counter
    if case .refused = mode {
      socket = nil
      port = try LoopbackSocket.unusedPort()
      return
    }
    let made = try LoopbackSocket { descriptor in
      counter.count.withLock { $0 += 1 }
      let channel = PlainChannel(descriptor: descriptor)
      switch mode {
      case .refused: break
      case .hung: while !channel.read(4096).isEmpty {}
      case .sends(let bytes):
        channel.write(bytes)
        while !channel.read(4096).isEmpty {}
      case .answers(let bytes):
        _ = channel.read(65_536)
        channel.write(bytes)
      case .drips(let bytes, let every):
        _ = channel.read(65_536)
        channel.write(bytes)
        while channel.write([UInt8(ascii: "x")]) { usleep(UInt32(every) * 1000) }
      case .floods(let bytes):
        _ = channel.read(65_536)
        channel.write(bytes)
        let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 65_536)
        while channel.write(chunk) {}
      case .resets:
        _ = channel.read(65_536)
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
      }
    }
    socket = made
    port = made.port
  }

  public static func answers(_ text: String) throws(SystemError) -> HostilePeer {
    try HostilePeer(.answers(Array(text.replacing("\n", with: "\r\n").utf8)))
  }

  public var url: String { "http://127.0.0.1:\(port)" }
  public var secureURL: String { "https://127.0.0.1:\(port)" }
  /// How many connections it took.
  public var connections: Int { counter.count.withLock { $0 } }
  public func stop() { socket?.stop() }
}
