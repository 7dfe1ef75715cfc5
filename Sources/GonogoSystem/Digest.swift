private import COpenSSL

/// Message digests and keyed digests, by OpenSSL.
public enum Digest {
  public enum Algorithm: String, Sendable, CaseIterable {
    case sha1, sha256, sha384, sha512, md5
    fileprivate var method: OpaquePointer? {
      switch self {
      case .sha1: EVP_sha1()
      case .sha256: EVP_sha256()
      case .sha384: EVP_sha384()
      case .sha512: EVP_sha512()
      case .md5: EVP_md5()
      }
    }
  }

  public static func sha256(_ bytes: [UInt8]) -> [UInt8] { digest(bytes, .sha256) }

  public static func digest(_ bytes: [UInt8], _ algorithm: Algorithm) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    guard EVP_Digest(bytes, bytes.count, &output, &length, algorithm.method, nil) == 1 else { return [] }
    return Array(output.prefix(Int(length)))
  }

  /// HMAC, RFC 2104.
  public static func hmac(_ bytes: [UInt8], key: [UInt8], _ algorithm: Algorithm) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    guard HMAC(algorithm.method, key, Int32(key.count), bytes, bytes.count, &output, &length) != nil else { return [] }
    return Array(output.prefix(Int(length)))
  }

  public static func hex(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var output: [UInt8] = []
    for byte in bytes {
      output.append(digits[Int(byte >> 4)])
      output.append(digits[Int(byte & 15)])
    }
    return String(decoding: output, as: UTF8.self)
  }

  public static func random(_ count: Int) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: count)
    return RAND_bytes(&output, Int32(count)) == 1 ? output : []
  }
}
