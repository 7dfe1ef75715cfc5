import COpenSSL
import GonogoCore

/// The client's side of TLS, by OpenSSL over memory: the socket stays ours, with its deadline.
///
/// Used by one thread at a time.
final class TLSClient {
  struct Options: Sendable {
    /// The name asked for (SNI, RFC 6066) and, where the certificate is verified, the name that it must bear.
    var serverName: String
    /// Whether a certificate that does not verify ends the handshake.
    var verify = true
    /// A PEM file of the certificates to trust, instead of the system's.
    var authorities: String?
    /// Bounds of the version, as OpenSSL writes them (`TLS1_2_VERSION`); `nil` leaves them to the system.
    var minimum: Int32?
    var maximum: Int32?
    /// Protocols to offer (ALPN, RFC 7301).
    var protocols: [String] = []
    /// Takes part in whatever the peer can still do, so that its weakness is seen rather than refused.
    var acceptsWeak = false
    var asksForStatus = false

    init(serverName: String) { self.serverName = serverName }
  }

  let options: Options
  /// SSL_CTX *
  let context: OpaquePointer
  /// SSL *
  let session: OpaquePointer
  // BIO *; both belong to the session.
  private let incoming: OpaquePointer
  private let outgoing: OpaquePointer

  init(_ options: Options) throws(StreamError) {
    self.options = options
    guard let context = SSL_CTX_new(TLS_client_method()) else {
      throw StreamError(.local, "OpenSSL gives no context: \(Self.reason())")
    }
    do throws(StreamError) { try Self.configure(context, options) } catch {
      SSL_CTX_free(context)
      throw error
    }
    guard let session = SSL_new(context), let incoming = BIO_new(BIO_s_mem()), let outgoing = BIO_new(BIO_s_mem())
    else {
      SSL_CTX_free(context)
      throw StreamError(.local, "OpenSSL gives no session: \(Self.reason())")
    }
    SSL_set_bio(session, incoming, outgoing)
    SSL_set_connect_state(session)
    self.context = context
    self.session = session
    self.incoming = incoming
    self.outgoing = outgoing
    let name = options.serverName
    if Self.isAddress(name) {
      // "IP addresses are not permitted in SNI" (RFC 6066, section 3).
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), name)
    } else {
      // SSL_set_tlsext_host_name and its like are macros over SSL_ctrl, which Swift does not see.
      var bytes = Array(name.utf8CString)
      SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name), &bytes)
      SSL_set1_host(session, name)
    }
    if !options.protocols.isEmpty {
      let wire = options.protocols.flatMap { [UInt8(clamping: $0.utf8.count)] + Array($0.utf8) }
      SSL_set_alpn_protos(session, wire, UInt32(wire.count))
    }
    if options.asksForStatus {
      SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_STATUS_REQ_TYPE, Int(TLSEXT_STATUSTYPE_ocsp), nil)
    }
  }

  deinit {
    SSL_free(session)
    SSL_CTX_free(context)
  }

  private static func configure(_ context: OpaquePointer, _ options: Options) throws(StreamError) {
    if let path = options.authorities {
      ERR_clear_error()
      guard SSL_CTX_load_verify_file(context, path) == 1 else {
        throw StreamError(.local, "the certificates of \(path) cannot be read: \(reason())")
      }
    } else {
      SSL_CTX_set_default_verify_paths(context)
    }
    SSL_CTX_set_verify(context, options.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nil)
    if options.acceptsWeak {
      SSL_CTX_set_security_level(context, 0)
      SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0")
      SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_VERSION), nil)
    }
    if let minimum = options.minimum { SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(minimum), nil) }
    if let maximum = options.maximum { SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(maximum), nil) }
  }

  /// Whether the text is an IP address, of either family.
  static func isAddress(_ text: String) -> Bool {
    guard let address = a2i_IPADDRESS(text) else { return false }
    ASN1_OCTET_STRING_free(address)
    return true
  }

  func handshake(over stream: SocketStream) throws(StreamError) {
    let awaited = stream.awaiting
    stream.awaiting = "the TLS handshake"
    defer { stream.awaiting = awaited }
    var first = true
    while true {
      ERR_clear_error()
      let code = SSL_connect(session)
      let error = code == 1 ? SSL_ERROR_NONE : SSL_get_error(session, code)
      // Taken before anything is sent: a peer that hung up must not hide what was wrong.
      let failure = error == SSL_ERROR_NONE || error == SSL_ERROR_WANT_READ ? nil : describeFailure()
      do throws(StreamError) { try flush(over: stream) } catch {
        throw failure ?? error
      }
      if let failure { throw failure }
      if error == SSL_ERROR_NONE { return }
      let bytes: [UInt8]
      do throws(StreamError) { bytes = try stream.receiveRaw() } catch {
        throw error.reason == .closed ? StreamError(.tls, "\(error.message) during the TLS handshake") : error
      }
      if bytes.isEmpty {
        throw StreamError(.tls, "\(stream.address) ended the connection during the TLS handshake")
      }
      // The record types of RFC 8446, section 5.1: anything else is another protocol.
      if first, !(0x14...0x17).contains(bytes[0]) {
        throw StreamError(.tls, "what answers at \(stream.address) is not TLS: \(PeerText.excerpt(bytes))")
      }
      first = false
      BIO_write(incoming, bytes, Int32(bytes.count))
    }
  }

  func write(_ bytes: [UInt8], over stream: SocketStream) throws(StreamError) {
    var offset = 0
    while offset < bytes.count {
      ERR_clear_error()
      let count = bytes.withUnsafeBytes {
        SSL_write(session, $0.baseAddress! + offset, Int32(min(bytes.count - offset, 1 << 20)))
      }
      if count > 0 {
        offset += Int(count)
      } else if SSL_get_error(session, count) == SSL_ERROR_WANT_READ {
        try flush(over: stream)
        try feed(from: stream)
        continue
      } else {
        throw describeFailure()
      }
      try flush(over: stream)
    }
  }

  func read(limit: Int, over stream: SocketStream) throws(StreamError) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: limit)
    while true {
      ERR_clear_error()
      let count = SSL_read(session, &buffer, Int32(limit))
      if count > 0 { return Array(buffer.prefix(Int(count))) }
      switch SSL_get_error(session, count) {
      case SSL_ERROR_WANT_READ:
        try flush(over: stream)
        if try !feed(from: stream) { return [] }
      case SSL_ERROR_ZERO_RETURN: return []
      default: throw describeFailure()
      }
    }
  }

  @discardableResult
  private func feed(from stream: SocketStream) throws(StreamError) -> Bool {
    let bytes = try stream.receiveRaw()
    if bytes.isEmpty { return false }
    BIO_write(incoming, bytes, Int32(bytes.count))
    return true
  }

  private func flush(over stream: SocketStream) throws(StreamError) {
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = BIO_read(outgoing, &buffer, Int32(buffer.count))
      if count <= 0 { return }
      try stream.sendRaw(Array(buffer.prefix(Int(count))))
    }
  }

  private func describeFailure() -> StreamError {
    let result = SSL_get_verify_result(session)
    if options.verify, result != Int(X509_V_OK) {
      let words = String(cString: X509_verify_cert_error_string(result))
      return StreamError(.tls, "the certificate for \(options.serverName) is not accepted: \(words)")
    }
    return StreamError(.tls, "the TLS handshake failed: \(Self.reason())")
  }

  /// The oldest error of this thread in OpenSSL's words.
  private static func reason() -> String {
    let code = ERR_get_error()
    guard code != 0, let words = ERR_reason_error_string(code) else { return "no reason was given" }
    return String(cString: words)
  }
}
