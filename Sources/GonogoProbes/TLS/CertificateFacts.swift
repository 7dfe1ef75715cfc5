import COpenSSL
import Glibc
import GonogoCore

/// What an X.509 certificate says (RFC 5280), as facts.
enum CertificateFacts {
  /// - Parameters:
  ///   - certificate: X509 *, borrowed.
  ///   - now: milliseconds since 1970-01-01T00:00:00Z.
  static func read(_ certificate: OpaquePointer, now: Int64) -> [String: JSON] {
    let begins = instant(X509_get0_notBefore(certificate))
    let ends = instant(X509_get0_notAfter(certificate))
    let key = X509_get0_pubkey(certificate)
    var facts: [String: JSON] = [
      "subject": .string(name(X509_get_subject_name(certificate))),
      "issuer": .string(name(X509_get_issuer_name(certificate))),
      "not_before": JSON(orNull: begins.map(Timestamp.format)), "not_after": JSON(orNull: ends.map(Timestamp.format)),
      "days_left": JSON(orNull: ends.map { daysLeft(until: $0, now: now) }), "names": JSON(names(certificate)),
      "self_signed": .bool(X509_self_signed(certificate, 1) == 1), "serial": .string(serial(certificate)),
      "sha256": .string(digest(certificate)),
      "signature_algorithm": JSON(orNull: OBJ_nid2ln(X509_get_signature_nid(certificate)).map { String(cString: $0) }),
    ]
    if let key {
      facts["key_type"] = JSON(orNull: EVP_PKEY_get0_type_name(key).map { String(cString: $0) })
      facts["key_bits"] = JSON(Int(EVP_PKEY_get_bits(key)))
    }
    return facts
  }

  /// Whole days, rounded down: a certificate that ended an hour ago has -1.
  static func daysLeft(until end: Int64, now: Int64) -> Int {
    let day: Int64 = 86_400_000
    let left = end - now
    return Int(left >= 0 ? left / day : -((-left + day - 1) / day))
  }

  private static func instant(_ time: UnsafePointer<ASN1_TIME>?) -> Int64? {
    var parts = tm()
    guard let time, ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
    return Int64(timegm(&parts)) * 1000
  }

  private static func name(_ name: OpaquePointer?) -> String {
    guard let name, let memory = BIO_new(BIO_s_mem()) else { return "" }
    defer { BIO_free(memory) }
    // XN_FLAG_RFC2253, a macro that Swift does not see, without ASN1_STRFLGS_ESC_MSB: text outside ASCII as itself.
    let flags =
      UInt(ASN1_STRFLGS_ESC_2253) | UInt(ASN1_STRFLGS_ESC_CTRL) | UInt(ASN1_STRFLGS_UTF8_CONVERT)
      | UInt(ASN1_STRFLGS_DUMP_UNKNOWN) | UInt(ASN1_STRFLGS_DUMP_DER) | UInt(XN_FLAG_SEP_COMMA_PLUS)
      | UInt(XN_FLAG_DN_REV) | UInt(XN_FLAG_DUMP_UNKNOWN_FIELDS)
    guard X509_NAME_print_ex(memory, name, 0, flags) >= 0 else { return "" }
    return text(memory)
  }

  private static func text(_ memory: OpaquePointer) -> String {
    var result: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while result.count < 65_536 {
      let count = BIO_read(memory, &buffer, Int32(buffer.count))
      if count <= 0 { break }
      result += buffer.prefix(Int(count))
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// The names it is good for: DNS names, addresses, URIs and mailboxes, in its own order.
  private static func names(_ certificate: OpaquePointer) -> [String] {
    guard let pointer = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return [] }
    // STACK_OF(GENERAL_NAME) *: the typed stack functions are macros over these.
    let stack = OpaquePointer(pointer)
    defer {
      OPENSSL_sk_pop_free(stack) { GENERAL_NAME_free($0?.assumingMemoryBound(to: GENERAL_NAME.self)) }
    }
    var result: [String] = []
    for index in 0..<max(0, OPENSSL_sk_num(stack)) {
      guard let item = OPENSSL_sk_value(stack, index) else { continue }
      var type: Int32 = 0
      let value = GENERAL_NAME_get0_value(item.assumingMemoryBound(to: GENERAL_NAME.self), &type)
      guard let value, [GEN_DNS, GEN_EMAIL, GEN_URI, GEN_IPADD].contains(type) else { continue }
      let string = value.assumingMemoryBound(to: ASN1_STRING.self)
      let bytes = Array(
        UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string))))
      if type != GEN_IPADD {
        result.append(String(decoding: bytes, as: UTF8.self))
      } else if bytes.count == 4 {
        result.append(bytes.map { "\($0)" }.joined(separator: "."))
      } else {
        result.append(IPText.six(bytes))
      }
    }
    return result
  }

  private static func serial(_ certificate: OpaquePointer) -> String {
    guard let number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nil) else { return "" }
    defer { BN_free(number) }
    guard let hex = BN_bn2hex(number) else { return "" }
    defer { CRYPTO_free(hex, #file, #line) }
    return String(cString: hex).lowercased()
  }

  private static func digest(_ certificate: OpaquePointer) -> String {
    var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    guard X509_digest(certificate, EVP_sha256(), &bytes, &length) == 1 else { return "" }
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.prefix(Int(length)).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
