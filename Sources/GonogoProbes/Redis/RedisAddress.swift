/// Where a Redis is and as whom to speak to it: `redis://`, `rediss://` (TLS) or `unix://`.
///
/// The forms are those of redis-cli(1): `redis://[user:]password@host:port/db`, `unix:///run/redis.sock?db=1`.
struct RedisAddress: Sendable, Equatable {
  enum Place: Sendable, Equatable {
    case network(HostPort, tls: Bool)
    case local(String)
  }

  var place: Place
  var user: String?
  var password: String?
  var database: Int

  var usesTLS: Bool {
    if case .network(_, tls: true) = place { return true }
    return false
  }

  /// What a URL lacks to be one of Redis; the text itself is never part of it, since it may hold a password.
  struct Fault: Error, Equatable {
    let message: String
  }

  init(_ text: String) throws(Fault) {
    guard let mark = text.firstRange(of: "://") else { throw Fault(message: "it is no URL") }
    let scheme = text[..<mark.lowerBound].lowercased()
    guard ["redis", "rediss", "unix"].contains(scheme) else {
      throw Fault(message: "its scheme is none of redis, rediss and unix")
    }
    var rest = text[mark.upperBound...]
    if let hash = rest.firstIndex(of: "#") { rest = rest[..<hash] }
    var query = Substring()
    if let mark = rest.firstIndex(of: "?") {
      query = rest[rest.index(after: mark)...]
      rest = rest[..<mark]
    }
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    var authority = rest[..<slash]
    let path = rest[slash...]
    if let at = authority.lastIndex(of: "@") {
      let login = authority[..<at]
      if let colon = login.firstIndex(of: ":") {
        let name = try Self.decode(login[..<colon])
        user = name.isEmpty ? nil : name
        password = try Self.decode(login[login.index(after: colon)...])
      } else {
        password = try Self.decode(login)
      }
      authority = authority[authority.index(after: at)...]
      if password?.isEmpty ?? false { password = nil }
    }
    var number = Substring()
    if scheme == "unix" {
      place = .local(try Self.decode(path))
      if !authority.isEmpty || path.isEmpty {
        throw Fault(message: "the path of a unix URL begins after three slashes")
      }
    } else {
      guard let target = HostPort(String(authority), defaultPort: 6379) else {
        throw Fault(message: "its host and port cannot be read")
      }
      place = .network(target, tls: scheme == "rediss")
      number = path.drop { $0 == "/" }
    }
    for pair in query.split(separator: "&") where pair.hasPrefix("db=") && number.isEmpty { number = pair.dropFirst(3) }
    guard number.isEmpty || Int(number).map({ $0 >= 0 }) ?? false else {
      throw Fault(message: "its database is not a number")
    }
    database = Int(number) ?? 0
  }

  private static func decode(_ text: Substring) throws(Fault) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%") {
        guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
          throw Fault(message: "a '%' in it begins no percent-encoding")
        }
        rest = rest.dropFirst(2)
        bytes.append(value)
      } else {
        bytes.append(byte)
      }
    }
    guard let decoded = String(validating: bytes, as: UTF8.self) else { throw Fault(message: "it is not UTF-8") }
    return decoded
  }

  /// The URL for people.
  var display: String {
    var login = ""
    if password != nil { login = "\(user ?? ""):[redacted]@" } else if let user { login = "\(user)@" }
    switch place {
    case .network(let target, let tls):
      return "\(tls ? "rediss" : "redis")://\(login)\(target)/\(database)"
    case .local(let path): return "unix://\(login)\(path)\(database == 0 ? "" : "?db=\(database)")"
    }
  }
}
