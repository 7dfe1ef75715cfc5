import Glibc

/// IP addresses as text.
enum IPText {
  /// RFC 5952, by inet_ntop(3).
  static func six(_ bytes: [UInt8]) -> String {
    guard bytes.count == 16 else { return "" }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    guard inet_ntop(AF_INET6, bytes, &text, socklen_t(text.count)) != nil else { return "" }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The name that holds an address's PTR record (RFC 1035, section 3.5; RFC 3596, section 2.5); `nil` where the text is no
  /// address.
  static func reverse(_ text: String) -> String? {
    var four = [UInt8](repeating: 0, count: 4)
    if inet_pton(AF_INET, text, &four) == 1 {
      return four.reversed().map { "\($0)" }.joined(separator: ".") + ".in-addr.arpa"
    }
    var six = [UInt8](repeating: 0, count: 16)
    guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
    let digits = six.flatMap { [String($0 >> 4, radix: 16), String($0 & 15, radix: 16)] }
    return digits.reversed().joined(separator: ".") + ".ip6.arpa"
  }
}
