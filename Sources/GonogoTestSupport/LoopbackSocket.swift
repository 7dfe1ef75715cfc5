import CSystem
import Glibc
import GonogoSystem
import Synchronization

/// A TCP listener on 127.0.0.1 with an ephemeral port, and a thread for each connection.
final class LoopbackSocket: Sendable {
  let port: Int
  private let descriptor: Int32
  private struct State {
    var open: Set<Int32> = []
    var stopped = false
    var accepting: pthread_t?
    var workers = 0
  }
  private let state = Mutex(State())
  private let serve: @Sendable (Int32) -> Void

  /// - Parameter serve: given each connection, on a thread of its own; the connection is closed when it returns.
  /// - Throws: ``SystemError``.
  init(backlog: Int32 = 1024, serve: @escaping @Sendable (Int32) -> Void) throws(SystemError) {
    self.serve = serve
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw SystemError("open a socket", "127.0.0.1") }
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(descriptor, pointer, length) == 0 && listen(descriptor, backlog) == 0
          && getsockname(descriptor, pointer, &length) == 0
      }
    }
    guard bound else {
      let error = SystemError("listen on", "127.0.0.1")
      close(descriptor)
      throw error
    }
    self.descriptor = descriptor
    port = Int(UInt16(bigEndian: address.sin_port))
    var thread = pthread_t()
    let retained = Unmanaged.passRetained(self)
    pthread_create(
      &thread, nil,
      { context in
        Unmanaged<LoopbackSocket>.fromOpaque(context!).takeRetainedValue().accept()
        return nil
      }, retained.toOpaque())
    let started = thread
    state.withLock { $0.accepting = started }
  }

  /// A port on which nothing listens: it was free a moment ago.
  static func unusedPort() throws(SystemError) -> Int {
    let socket = try LoopbackSocket { _ in }
    socket.stop()
    return socket.port
  }

  private struct Job {
    let socket: LoopbackSocket
    let connection: Int32
  }
  private final class JobBox {
    let job: Job
    init(_ job: Job) { self.job = job }
  }

  private func accept() {
    while true {
      let connection = Glibc.accept(descriptor, nil, nil)
      if connection < 0 {
        if errno == EINTR || errno == ECONNABORTED { continue }
        return
      }
      _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
      var yes: Int32 = 1
      setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
      let stopped = state.withLock { state in
        if !state.stopped {
          state.open.insert(connection)
          state.workers += 1
        }
        return state.stopped
      }
      if stopped {
        close(connection)
        return
      }
      var thread = pthread_t()
      let box = Unmanaged.passRetained(JobBox(Job(socket: self, connection: connection)))
      let code = pthread_create(
        &thread, nil,
        { context in
          let job = Unmanaged<JobBox>.fromOpaque(context!).takeRetainedValue().job
          job.socket.serve(job.connection)
          job.socket.finish(job.connection)
          return nil
        }, box.toOpaque())
      if code == 0 {
        pthread_detach(thread)
      } else {
        box.release()
        finish(connection)
      }
    }
  }

  private func finish(_ connection: Int32) {
    state.withLock { state in
      state.open.remove(connection)
      state.workers -= 1
      close(connection)
    }
  }

  /// Ends every connection, and waits for the threads.
  func stop() {
    let thread = state.withLock { state -> pthread_t? in
      state.stopped = true
      for connection in state.open { shutdown(connection, Int32(SHUT_RDWR)) }
      defer { state.accepting = nil }
      return state.accepting
    }
    guard let thread else { return }
    shutdown(descriptor, Int32(SHUT_RDWR))
    pthread_join(thread, nil)
    close(descriptor)
    while state.withLock({ $0.workers }) > 0 { usleep(1000) }
  }

  deinit { stop() }
}

/// Bytes to and from a peer, in the clear or over TLS.
protocol ByteChannel {
  /// Up to `limit` bytes; empty at the end.
  func read(_ limit: Int) -> [UInt8]
  @discardableResult
  func write(_ bytes: [UInt8]) -> Bool
}

struct PlainChannel: ByteChannel {
  let descriptor: Int32

  func read(_ limit: Int) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: limit)
    let count = recv(descriptor, &buffer, limit, 0)
    return count > 0 ? Array(buffer.prefix(count)) : []
  }

  @discardableResult
  func write(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return false }
      sent += count
    }
    return true
  }
}
