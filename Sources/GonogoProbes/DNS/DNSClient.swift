import CSystem
import Glibc
import GonogoCore
import GonogoSystem

/// Asks one server one question: over UDP, and over TCP where the answer does not fit (RFC 7766).
struct DNSClient {
  let server: HostPort
  let deadline: StreamDeadline

  /// - Throws: ``ProbeError`` where no whole and matching answer came.
  func ask(_ name: String, _ kind: DNSMessage.Kind) throws(ProbeError) -> (message: DNSMessage, overTCP: Bool) {
    let random = Digest.random(2)
    guard random.count == 2 else { throw ProbeError(.unexpected, "the machine gives no random number") }
    let id = UInt16(random[0]) << 8 | UInt16(random[1])
    guard let query = DNSMessage.query(id: id, name: name, kind: kind) else {
      throw ProbeError(
        .configuration, "'\(PeerText.line(name))' cannot be a name of the DNS",
        mend: "labels have 1 to 63 characters, a name 253; write names outside ASCII as `xn--…`")
    }
    let asked = Asked(id: id, name: Self.plain(name), kind: kind)
    let message: DNSMessage
    do throws(StreamError) { message = try overUDP(query, asked) } catch { throw error.probeError }
    if !message.isTruncated { return (message, false) }
    return (try overTCP(query, asked), true)
  }

  struct Asked {
    let id: UInt16
    let name: String
    let kind: DNSMessage.Kind

    /// Whether a message answers this question, and no other: anyone may send a datagram.
    func isAnswered(by message: DNSMessage) -> Bool {
      guard message.isReply, message.id == id else { return false }
      // A server that cannot read a question need not repeat it.
      guard let question = message.question else { return message.code != 0 && message.code != 3 }
      return question.name == name && question.kind == kind.rawValue
    }
  }

  static func plain(_ name: String) -> String {
    (name.hasSuffix(".") ? String(name.dropLast()) : name).lowercased()
  }

  private func overUDP(_ query: [UInt8], _ asked: Asked) throws(StreamError) -> DNSMessage {
    let address = try SocketAddress.resolve(server, datagram: true)[0]
    // A connected socket takes datagrams from that peer alone, and hears of a closed port.
    let flags = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(address.family, flags, 0)
    guard descriptor >= 0 else { throw StreamError(.local, "this machine has no socket left") }
    defer { close(descriptor) }
    let code = address.bytes.withUnsafeBytes {
      connect(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
    }
    guard code == 0 else {
      throw StreamError(.unreachable, "\(address.text) cannot be reached: \(SystemError("ask", address.text).reason)")
    }
    var strange: String?
    // Datagrams get lost: it is asked anew after one second, then two, then four.
    var patience = 1000
    while deadline.left > 0 {
      if send(descriptor, query, query.count, Int32(MSG_NOSIGNAL)) < 0, errno == ECONNREFUSED { throw refused(address) }
      let round = deadline.capped(patience)
      patience *= 2
      while round.left > 0 {
        var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        if poll(&polled, 1, Int32(round.left)) <= 0 { continue }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count < 0 {
          if errno == ECONNREFUSED { throw refused(address) }
          continue
        }
        do throws(DNSMessage.Malformed) {
          let message = try DNSMessage(Array(buffer.prefix(count)))
          if asked.isAnswered(by: message) { return message }
          strange = "an answer to another question"
        } catch {
          // Not taken at its word: the true answer may still come.
          strange = "a message that cannot be read: \(error.reason)"
        }
      }
    }
    let waited = Quantity.describe(milliseconds: deadline.milliseconds)
    throw StreamError(
      .timedOut,
      "no answer from \(address.text) within \(waited)" + (strange.map { "; what came was \($0)" } ?? ""))
  }

  private func refused(_ address: SocketAddress) -> StreamError {
    StreamError(.refused, "nobody answers DNS at \(address.text)")
  }

  private func overTCP(_ query: [UInt8], _ asked: Asked) throws(ProbeError) -> DNSMessage {
    var bytes: [UInt8] = []
    do throws(StreamError) {
      let stream = try SocketStream.connect(to: server, deadline: deadline)
      stream.awaiting = "the answer over TCP"
      try stream.write([UInt8(query.count >> 8), UInt8(query.count & 255)] + query)
      while bytes.count < 2 || bytes.count < 2 + (Int(bytes[0]) << 8 | Int(bytes[1])) {
        let more = try stream.read()
        if more.isEmpty {
          throw StreamError(.closed, "\(stream.address) ended the connection before the answer over TCP was whole")
        }
        bytes += more
      }
    } catch { throw error.probeError }
    let length = Int(bytes[0]) << 8 | Int(bytes[1])
    do throws(DNSMessage.Malformed) {
      let message = try DNSMessage(Array(bytes[2..<2 + length]))
      if message.isTruncated { throw DNSMessage.Malformed(reason: "it is cut off even over TCP") }
      if asked.isAnswered(by: message) { return message }
      throw DNSMessage.Malformed(reason: "it answers another question")
    } catch {
      throw ProbeError(.malformed, "the answer over TCP cannot be used: \(error.reason)", mend: "ask another `server:`")
    }
  }

  /// The first server of resolv.conf(5).
  static func systemServers(_ path: String = "/etc/resolv.conf") -> [HostPort] {
    guard let bytes = try? FileSystem.read(path, limit: 1 << 20) else { return [] }
    return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).compactMap { line in
      let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
      guard words.count >= 2, words[0] == "nameserver" else { return nil }
      return HostPort(host: String(words[1]), port: 53)
    }
  }
}
