import COpenSSL
import Glibc
import GonogoSystem

/// A key with its certificate, made on the spot.
public final class TestCertificate: @unchecked Sendable {
  fileprivate let certificate: OpaquePointer
  fileprivate let key: OpaquePointer
  private let issuer: TestCertificate?

  /// - Parameters:
  ///   - name: the common name.
  ///   - names: subject alternative names, as OpenSSL writes them: `IP:127.0.0.1`, `DNS:localhost`.
  ///   - days: from now until it expires; below zero for one that has expired.
  ///   - issuer: who signs it; `nil` makes it sign itself.
  public init(
    _ name: String, names: [String] = [], days: Int = 30, authority: Bool = false, issuer: TestCertificate? = nil
  ) {
    self.issuer = issuer
    let context = EVP_PKEY_CTX_new_id(EVP_PKEY_ED25519, nil)
    var made: OpaquePointer?
    EVP_PKEY_keygen_init(context)
    EVP_PKEY_keygen(context, &made)
    EVP_PKEY_CTX_free(context)
    guard let key = made, let certificate = X509_new() else { fatalError("OpenSSL makes no key") }
    self.key = key
    self.certificate = certificate
    X509_set_version(certificate, 2)
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), Int.random(in: 1...1_000_000_000))
    // Begun well before it ends, also where it has expired.
    X509_gmtime_adj(X509_getm_notBefore(certificate), (min(days, 0) - 10) * 86_400)
    X509_gmtime_adj(X509_getm_notAfter(certificate), days * 86_400)
    X509_set_pubkey(certificate, key)
    let subject = X509_get_subject_name(certificate)
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, Array(name.utf8), -1, -1, 0)
    X509_set_issuer_name(certificate, issuer.map { X509_get_subject_name($0.certificate) } ?? subject)
    func extend(_ identifier: Int32, _ value: String) {
      var context = X509V3_CTX()
      X509V3_set_ctx(&context, issuer?.certificate ?? certificate, certificate, nil, nil, 0)
      guard let item = X509V3_EXT_conf_nid(nil, &context, identifier, value) else { return }
      X509_add_ext(certificate, item, -1)
      X509_EXTENSION_free(item)
    }
    extend(NID_basic_constraints, authority ? "critical,CA:TRUE" : "critical,CA:FALSE")
    if !names.isEmpty { extend(NID_subject_alt_name, names.joined(separator: ",")) }
    X509_sign(certificate, issuer?.key ?? key, nil)
  }

  deinit {
    X509_free(certificate)
    EVP_PKEY_free(key)
  }

  /// The certificate and those that signed it, in PEM.
  public var pem: String {
    text { PEM_write_bio_X509($0, certificate) } + (issuer?.pem ?? "")
  }

  public var keyPEM: String { text { PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) } }

  private func text(_ write: (OpaquePointer) -> Int32) -> String {
    guard let sink = BIO_new(BIO_s_mem()) else { return "" }
    defer { BIO_free(sink) }
    _ = write(sink)
    var buffer = [UInt8](repeating: 0, count: 16_384)
    let count = BIO_read(sink, &buffer, Int32(buffer.count))
    return String(decoding: buffer.prefix(max(0, Int(count))), as: UTF8.self)
  }

  fileprivate func append(chainTo context: OpaquePointer) {
    guard let issuer else { return }
    X509_up_ref(issuer.certificate)
    // SSL_CTX_add_extra_chain_cert is a macro over this.
    SSL_CTX_ctrl(context, SSL_CTRL_EXTRA_CHAIN_CERT, 0, UnsafeMutableRawPointer(issuer.certificate))
    issuer.append(chainTo: context)
  }
}

/// The server's side of TLS.
final class TLSServer: @unchecked Sendable {
  private let context: OpaquePointer

  /// - Parameter clients: who must have signed the client's certificate, where one is asked for.
  init(_ certificate: TestCertificate, clients: TestCertificate? = nil) {
    guard let context = SSL_CTX_new(TLS_server_method()) else { fatalError("OpenSSL gives no context") }
    self.context = context
    SSL_CTX_use_certificate(context, certificate.certificate)
    SSL_CTX_use_PrivateKey(context, certificate.key)
    certificate.append(chainTo: context)
    if let clients {
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context), clients.certificate)
      SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    }
  }

  deinit { SSL_CTX_free(context) }

  /// - Returns: `nil` where the handshake failed.
  func accept(_ descriptor: Int32) -> TLSChannel? {
    guard let session = SSL_new(context) else { return nil }
    SSL_set_fd(session, descriptor)
    let channel = TLSChannel(session)
    return SSL_accept(session) == 1 ? channel : nil
  }
}

final class TLSChannel: ByteChannel {
  private let session: OpaquePointer
  init(_ session: OpaquePointer) { self.session = session }
  deinit {
    SSL_shutdown(session)
    SSL_free(session)
  }

  func read(_ limit: Int) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: limit)
    let count = SSL_read(session, &buffer, Int32(limit))
    return count > 0 ? Array(buffer.prefix(Int(count))) : []
  }

  @discardableResult
  func write(_ bytes: [UInt8]) -> Bool {
    bytes.isEmpty || SSL_write(session, bytes, Int32(bytes.count)) == Int32(bytes.count)
  }
}
