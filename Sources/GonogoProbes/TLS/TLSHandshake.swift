import COpenSSL
import GonogoCore

/// What a finished handshake shows.
extension TLSClient {
  static let versions: [(name: String, code: Int32)] = [
    ("TLSv1.0", TLS1_VERSION), ("TLSv1.1", TLS1_1_VERSION), ("TLSv1.2", TLS1_2_VERSION), ("TLSv1.3", TLS1_3_VERSION),
  ]

  var versionName: String {
    let code = SSL_version(session)
    return Self.versions.first { $0.code == code }?.name ?? String(cString: SSL_get_version(session))
  }

  var cipherName: String? { SSL_CIPHER_get_name(SSL_get_current_cipher(session)).map { String(cString: $0) } }

  /// The protocol that was agreed on by ALPN.
  var chosenProtocol: String? {
    var pointer: UnsafePointer<UInt8>?
    var length: UInt32 = 0
    SSL_get0_alpn_selected(session, &pointer, &length)
    guard let pointer, length > 0 else { return nil }
    return String(decoding: UnsafeBufferPointer(start: pointer, count: Int(length)), as: UTF8.self)
  }

  /// The server sent an OCSP response of its own accord (RFC 6066, section 8).
  var hasStapledStatus: Bool {
    var pointer: UnsafeMutablePointer<UInt8>?
    let length = withUnsafeMutablePointer(to: &pointer) {
      SSL_ctrl(session, SSL_CTRL_GET_TLSEXT_STATUS_REQ_OCSP_RESP, 0, $0)
    }
    return length > 0 && pointer != nil
  }

  /// The certificates that the server presented, its own first. X509 *, owned by the session.
  private var chain: [OpaquePointer] {
    guard let stack = SSL_get_peer_cert_chain(session) else { return [] }
    return (0..<max(0, OPENSSL_sk_num(stack))).compactMap { OPENSSL_sk_value(stack, $0).map { OpaquePointer($0) } }
  }

  func chainFacts(now: Int64) -> [[String: JSON]] { chain.map { CertificateFacts.read($0, now: now) } }

  /// Why the chain is not to be trusted for the server's name; `nil` where it is.
  ///
  /// It is verified here and not by the handshake, because that takes part in weak protocols and would lower the bar for
  /// certificates with it. Level 2 is 112 bits: no RSA key under 2048 bits, no SHA-1.
  func verificationError() -> String? {
    guard let leaf = chain.first else { return "the server presented no certificate" }
    guard let store = X509_STORE_CTX_new() else { return "OpenSSL gives no context" }
    defer { X509_STORE_CTX_free(store) }
    guard
      X509_STORE_CTX_init(store, SSL_CTX_get_cert_store(context), leaf, SSL_get_peer_cert_chain(session)) == 1
    else { return "OpenSSL gives no context" }
    X509_STORE_CTX_set_default(store, "ssl_server")
    let parameters = X509_STORE_CTX_get0_param(store)
    X509_VERIFY_PARAM_set_auth_level(parameters, 2)
    if Self.isAddress(options.serverName) {
      X509_VERIFY_PARAM_set1_ip_asc(parameters, options.serverName)
    } else {
      X509_VERIFY_PARAM_set1_host(parameters, options.serverName, 0)
    }
    if X509_verify_cert(store) == 1 { return nil }
    return String(cString: X509_verify_cert_error_string(Int(X509_STORE_CTX_get_error(store))))
  }
}
