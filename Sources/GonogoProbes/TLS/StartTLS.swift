import GonogoCore

/// Asks a peer that speaks in the clear first to speak TLS.
enum StartTLS: String, CaseIterable {
  case smtp
  case imap
  case postgres

  private static let lineLimit = 8192

  /// - Throws: ``ProbeError``: of kind `tls` where the peer declines.
  func begin(on stream: SocketStream) throws(ProbeError) {
    do throws(StreamError) {
      switch self {
      case .smtp: try smtp(stream)
      case .imap: try imap(stream)
      case .postgres: try postgres(stream)
      }
    } catch { throw error.probeError }
  }

  /// RFC 3207.
  private func smtp(_ stream: SocketStream) throws(StreamError) {
    stream.awaiting = "the greeting"
    try expect("220", of: try reply(stream))
    try stream.write(Array("EHLO gonogo.invalid\r\n".utf8))
    stream.awaiting = "the answer to EHLO"
    let offered = try reply(stream)
    try expect("250", of: offered)
    guard offered.contains(where: { $0.dropFirst(4).uppercased() == "STARTTLS" }) else {
      throw StreamError(.tls, "the mail server does not offer STARTTLS")
    }
    try stream.write(Array("STARTTLS\r\n".utf8))
    stream.awaiting = "the answer to STARTTLS"
    try expect("220", of: try reply(stream))
  }

  /// A reply of SMTP: lines `250-…`, the last `250 …` (RFC 5321, section 4.2.1).
  private func reply(_ stream: SocketStream) throws(StreamError) -> [String] {
    var bytes: [UInt8] = []
    while true {
      let text = try more(&bytes, stream)
      let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false).dropLast().map(String.init)
      if let end = lines.firstIndex(where: { !$0.dropFirst(3).hasPrefix("-") }) {
        try nothingFollows(end == lines.count - 1 && text.hasSuffix("\r\n"))
        return lines
      }
    }
  }

  /// RFC 9051, section 6.2.1.
  private func imap(_ stream: SocketStream) throws(StreamError) {
    stream.awaiting = "the greeting"
    var bytes: [UInt8] = []
    while try !more(&bytes, stream).hasSuffix("\r\n") {}
    try expect("* OK", of: [String(decoding: bytes, as: UTF8.self)])
    try stream.write(Array("g1 STARTTLS\r\n".utf8))
    stream.awaiting = "the answer to STARTTLS"
    bytes = []
    while true {
      let text = try more(&bytes, stream)
      let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false).dropLast()
      guard let end = lines.firstIndex(where: { $0.hasPrefix("g1 ") }) else { continue }
      try expect("g1 OK", of: [String(lines[end])])
      return try nothingFollows(end == lines.count - 1 && text.hasSuffix("\r\n"))
    }
  }

  /// SSLRequest (https://www.postgresql.org/docs/current/protocol-message-formats.html): one byte answers.
  private func postgres(_ stream: SocketStream) throws(StreamError) {
    try stream.write([0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F])
    stream.awaiting = "the answer to SSLRequest"
    let answer = try stream.read()
    try nothingFollows(answer.count <= 1)
    switch answer.first {
    case UInt8(ascii: "S"): return
    case UInt8(ascii: "N"): throw StreamError(.tls, "the database server offers no TLS")
    case nil: throw StreamError(.closed, "\(stream.address) ended the connection before \(stream.awaiting)")
    default: throw StreamError(.tls, "what answers at \(stream.address) is no PostgreSQL: \(PeerText.excerpt(answer))")
    }
  }

  private func more(_ bytes: inout [UInt8], _ stream: SocketStream) throws(StreamError) -> String {
    let chunk = try stream.read(limit: Self.lineLimit)
    if chunk.isEmpty { throw StreamError(.closed, "\(stream.address) ended the connection before \(stream.awaiting)") }
    bytes += chunk
    if bytes.count > Self.lineLimit {
      throw StreamError(
        .tls, "what answers at \(stream.address) does not speak \(rawValue): \(PeerText.excerpt(bytes))")
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func expect(_ start: String, of lines: [String]) throws(StreamError) {
    if lines.last?.hasPrefix(start) ?? false { return }
    throw StreamError(.tls, "instead of '\(start)', the peer said \(PeerText.excerpt(Array((lines.last ?? "").utf8)))")
  }

  /// What comes before the handshake was not encrypted, and anyone on the way may have put it there (CVE-2011-0411).
  private func nothingFollows(_ nothing: Bool) throws(StreamError) {
    if !nothing { throw StreamError(.tls, "the peer said more in the clear after it agreed to speak TLS") }
  }
}
