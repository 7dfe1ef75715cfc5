import COpenSSL
import Glibc
import GonogoCore

/// What a certificate says of itself.
struct CertificateDetails: Sendable, Equatable {
  let subject: String
  let issuer: String
  /// Milliseconds since 1970-01-01T00:00:00Z.
  let notBefore: Int64
  let notAfter: Int64
  /// The DNS names and IP addresses it is for.
  let names: [String]
  let selfSigned: Bool

  /// - Parameter pem: one certificate; `nil` where it is none.
  init?(pem: String) {
    let bytes = Array(pem.utf8)
    guard let source = BIO_new_mem_buf(bytes, Int32(bytes.count)) else { return nil }
    defer { BIO_free(source) }
    guard let certificate = PEM_read_bio_X509(source, nil, nil, nil) else { return nil }
    defer { X509_free(certificate) }
    subject = Self.text(X509_get_subject_name(certificate))
    issuer = Self.text(X509_get_issuer_name(certificate))
    notBefore = Self.milliseconds(X509_get0_notBefore(certificate))
    notAfter = Self.milliseconds(X509_get0_notAfter(certificate))
    names = Self.names(certificate)
    selfSigned = X509_self_signed(certificate, 0) == 1
  }

  /// Whole days until it expires, below zero once it has.
  func daysLeft(at now: Int64) -> Int { Int(((notAfter - now) / 86_400_000)) - (notAfter < now ? 1 : 0) }

  func facts(at now: Int64) -> [String: JSON] {
    [
      "subject": .string(subject), "issuer": .string(issuer), "not_before": .string(Timestamp.format(notBefore)),
      "not_after": .string(Timestamp.format(notAfter)), "days_left": JSON(daysLeft(at: now)), "names": JSON(names),
      "self_signed": .bool(selfSigned),
    ]
  }

  /// The leaf's facts with those of its chain.
  static func facts(_ chain: [CertificateDetails], verified: Bool, at now: Int64) -> JSON? {
    guard let leaf = chain.first else { return nil }
    var facts = leaf.facts(at: now)
    facts["verified"] = .bool(verified)
    facts["chain"] = .array(chain.dropFirst().map { .object($0.facts(at: now)) })
    return .object(facts)
  }

  /// RFC 4514, but with UTF-8 left as it is.
  private static func text(_ name: OpaquePointer?) -> String {
    // ASN1_STRFLGS_RFC2253 without ASN1_STRFLGS_ESC_MSB, XN_FLAG_SEP_COMMA_PLUS, XN_FLAG_DN_REV, XN_FLAG_DUMP_UNKNOWN_FIELDS.
    let flags: UInt = 0x313 | 1 << 16 | 1 << 20 | 1 << 24
    guard let name, let sink = BIO_new(BIO_s_mem()) else { return "" }
    defer { BIO_free(sink) }
    X509_NAME_print_ex(sink, name, 0, flags)
    var buffer = [UInt8](repeating: 0, count: 2048)
    let count = BIO_read(sink, &buffer, Int32(buffer.count))
    return String(decoding: buffer.prefix(max(0, Int(count))), as: UTF8.self)
  }

  private static func milliseconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64 {
    var parts = tm()
    guard ASN1_TIME_to_tm(time, &parts) == 1 else { return 0 }
    return Int64(timegm(&parts)) * 1000
  }

  private static func names(_ certificate: OpaquePointer) -> [String] {
    guard let raw = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return [] }
    let list = OpaquePointer(raw)
    defer { GENERAL_NAMES_free(list) }
    var names: [String] = []
    for index in 0..<OPENSSL_sk_num(list) {
      guard let item = OPENSSL_sk_value(list, index) else { continue }
      var kind: Int32 = 0
      guard let value = GENERAL_NAME_get0_value(item.assumingMemoryBound(to: GENERAL_NAME.self), &kind),
        kind == GEN_DNS || kind == GEN_IPADD
      else { continue }
      let string = value.assumingMemoryBound(to: ASN1_STRING.self)
      let bytes = UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string)))
      names.append(kind == GEN_DNS ? String(decoding: bytes, as: UTF8.self) : address(Array(bytes)))
    }
    return names
  }

  private static func address(_ bytes: [UInt8]) -> String {
    var text = [CChar](repeating: 0, count: 64)
    guard inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, 64) != nil else { return "" }
    return text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }
}
