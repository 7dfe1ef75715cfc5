import CHiredis
import GonogoCore
import GonogoSystem
import Synchronization

/// A connection that speaks RESP2, logged in.
///
/// Used by one thread at a time; the pool hands it from one to the next.
final class RedisConnection: @unchecked Sendable {
  private let stream: SocketStream
  private let reader = RESPReader()

  private init(_ stream: SocketStream) { self.stream = stream }

  /// - Throws: ``ProbeError`` without `asked`, which the probe adds.
  static func open(_ address: RedisAddress, authorities: String?, serverName: String?, deadline: StreamDeadline)
    throws(ProbeError) -> RedisConnection
  {
    let stream: SocketStream
    do throws(StreamError) {
      switch address.place {
      case .network(let target, let tls):
        stream = try SocketStream.connect(to: target, deadline: deadline)
        if tls {
          var options = TLSClient.Options(serverName: serverName ?? target.host)
          options.authorities = authorities
          try stream.startTLS(options)
        }
      case .local(let path):
        stream = try SocketStream.connect(to: [SocketAddress.local(path)], name: path, deadline: deadline)
      }
    } catch { throw error.probeError }
    let connection = RedisConnection(stream)
    var greeting: [[String]] = []
    if let password = address.password {
      greeting.append(["AUTH"] + (address.user.map { [$0] } ?? []) + [password])
    }
    if address.database != 0 { greeting.append(["SELECT", "\(address.database)"]) }
    for (command, reply) in zip(greeting, try connection.run(greeting, deadline: deadline)) {
      if let refusal = reply.refusal { throw refusal.probeError(to: command[0]) }
    }
    return connection
  }

  /// Whether nothing came in while it lay idle.
  var isQuiet: Bool { stream.isQuiet }

  var isTLS: Bool { stream.tls != nil }

  /// What the server sends without being asked again, as after MONITOR; `nil` where nothing came in time.
  func next(_ deadline: StreamDeadline) throws(ProbeError) -> RedisReply? {
    stream.deadline = deadline
    stream.awaiting = "what the server reports"
    while true {
      do throws(RESPReader.Failure) { if let reply = try reader.next() { return reply } } catch {
        throw Self.probeError(error)
      }
      let bytes: [UInt8]
      do throws(StreamError) { bytes = try stream.read() } catch {
        if error.reason == .timedOut { return nil }
        throw error.probeError
      }
      if bytes.isEmpty {
        throw StreamError(.closed, "\(stream.address) ended the connection before \(stream.awaiting)").probeError
      }
      do throws(RESPReader.Failure) { try reader.feed(bytes) } catch { throw Self.probeError(error) }
    }
  }

  /// Sends all commands at once and reads a reply for each. Error replies are replies.
  func run(_ commands: [[String]], deadline: StreamDeadline) throws(ProbeError) -> [RedisReply] {
    if commands.isEmpty { return [] }
    stream.deadline = deadline
    do throws(StreamError) {
      stream.awaiting = commands[0].first ?? "a command"
      try stream.write(commands.flatMap(Self.format))
    } catch { throw error.probeError }
    var replies: [RedisReply] = []
    while replies.count < commands.count {
      stream.awaiting = "the reply to \(commands[replies.count].first ?? "a command")"
      do throws(RESPReader.Failure) {
        if let reply = try reader.next() {
          replies.append(reply)
          continue
        }
      } catch { throw Self.probeError(error) }
      let bytes: [UInt8]
      do throws(StreamError) { bytes = try stream.read() } catch { throw error.probeError }
      if bytes.isEmpty {
        throw StreamError(.closed, "\(stream.address) ended the connection before \(stream.awaiting)").probeError
      }
      do throws(RESPReader.Failure) { try reader.feed(bytes) } catch { throw Self.probeError(error) }
    }
    return replies
  }

  private static func probeError(_ failure: RESPReader.Failure) -> ProbeError {
    switch failure {
    case .malformed(let words):
      ProbeError(
        .malformed, "what answers does not speak the protocol of Redis: \(PeerText.line(words))",
        mend: "see whether the port is that of Redis, and whether it wants TLS (rediss://)")
    case .tooLarge:
      ProbeError(
        .tooLarge,
        "the reply has more than \(RESPReader.byteLimit >> 20) MiB or \(RESPReader.elementLimit) elements",
        mend: "ask for less: a range, a SCAN, a length")
    }
  }

  /// The command on the wire, by hiredis.
  private static func format(_ words: [String]) -> [UInt8] {
    var bytes: [CChar] = []
    var lengths: [Int] = []
    for word in words {
      bytes += word.utf8.map { CChar(bitPattern: $0) }
      lengths.append(word.utf8.count)
    }
    return bytes.withUnsafeBufferPointer { buffer in
      // A word of no bytes still needs an address.
      let empty = UnsafePointer(bitPattern: 1).map { $0 as UnsafePointer<CChar> }
      var offset = 0
      var pointers: [UnsafePointer<CChar>?] = lengths.map { length in
        defer { offset += length }
        return buffer.baseAddress.map { $0 + offset } ?? empty
      }
      var target: UnsafeMutablePointer<CChar>?
      let count = redisFormatCommandArgv(&target, Int32(words.count), &pointers, lengths)
      guard count > 0, let target else { return [] }
      defer { redisFreeCommand(target) }
      return Array(UnsafeRawBufferPointer(start: target, count: Int(count)))
    }
  }
}

/// The connections of a run to one Redis as one user.
final class RedisPool: RunResource {
  private struct State {
    var idle: [RedisConnection] = []
    var isClosed = false
    /// What the server said of a command, by its name.
    var flags: [String: Set<String>] = [:]
  }

  private let state = Mutex(State())

  /// What the server said of a command; `nil` where it was not asked yet.
  func flags(of command: String) -> Set<String>? { state.withLock { $0.flags[command] } }
  func keep(_ flags: Set<String>, of command: String) { state.withLock { $0.flags[command] = flags } }

  /// A connection that lay idle and is still good, if there is one.
  func take() -> RedisConnection? {
    while let connection = state.withLock({ $0.idle.popLast() }) {
      // Whatever came unasked, an end included, makes it unusable.
      if connection.isQuiet { return connection }
    }
    return nil
  }

  /// Takes back a connection whose every reply has been read.
  func put(_ connection: RedisConnection) {
    state.withLock { state in
      if !state.isClosed { state.idle.append(connection) }
    }
  }

  func close() async {
    state.withLock { state in
      state.isClosed = true
      state.idle = []
    }
  }
}
