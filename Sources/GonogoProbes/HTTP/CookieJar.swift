import CCurl
import GonogoCore
import Synchronization

/// A cookie as a server set it, RFC 6265 (and the draft that follows it, for SameSite and the name prefixes).
struct Cookie: Sendable, Equatable {
  let name: String
  let value: String
  var httpOnly = false
  var secure = false
  var sameSite: String?
  var path: String?
  var domain: String?
  var maxAge: Int?
  /// Milliseconds since 1970-01-01T00:00:00Z.
  var expires: Int64?
  var accepted = true

  /// Reads the value of a Set-Cookie header; `nil` where a browser would ignore it.
  init?(_ header: String) {
    let parts = header.split(separator: ";", omittingEmptySubsequences: false).map(Self.trim)
    guard let pair = parts.first, let equals = pair.firstIndex(of: "=") else { return nil }
    name = Self.trim(pair[..<equals])
    value = Self.trim(pair[pair.index(after: equals)...])
    if name.isEmpty { return nil }
    for part in parts.dropFirst() {
      let equals = part.firstIndex(of: "=")
      let key = (equals.map { Self.trim(part[..<$0]) } ?? part).lowercased()
      let text = equals.map { Self.trim(part[part.index(after: $0)...]) } ?? ""
      switch key {
      case "httponly": httpOnly = true
      case "secure": secure = true
      case "samesite": sameSite = text
      case "path": path = text.hasPrefix("/") ? text : nil
      case "domain": domain = text.isEmpty ? nil : (text.hasPrefix(".") ? String(text.dropFirst()) : text).lowercased()
      case "max-age": maxAge = Int(text)
      case "expires":
        let seconds = curl_getdate(text, nil)
        expires = seconds == -1 ? nil : Int64(seconds) * 1000
      default: break
      }
    }
  }

  var isSession: Bool { maxAge == nil && expires == nil }

  private static func trim(_ text: some StringProtocol) -> String {
    String(text.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
  }

  /// The attributes as sent; those that were not sent are absent.
  var facts: JSON {
    var facts: [String: JSON] = [
      "value": .string(value), "httponly": .bool(httpOnly), "secure": .bool(secure), "session": .bool(isSession),
      "accepted": .bool(accepted),
    ]
    if let sameSite { facts["samesite"] = .string(sameSite) }
    if let path { facts["path"] = .string(path) }
    if let domain { facts["domain"] = .string(domain) }
    if let maxAge { facts["max_age"] = JSON(maxAge) }
    if let expires { facts["expires"] = .string(Timestamp.format(expires)) }
    return .object(facts)
  }
}

/// The cookies of one identity, kept and sent back as a browser would.
///
/// As libcurl and the browsers do, the loopback host counts as secure, so that a Secure cookie can be checked without TLS
/// on one's own machine.
final class CookieJar: Sendable {
  private struct Stored {
    let cookie: Cookie
    let domain: String
    let hostOnly: Bool
    let path: String
    let expires: Int64?
    let order: Int
  }

  private let stored = Mutex<(cookies: [Stored], next: Int)>(([], 0))

  /// Takes a cookie in, or out where it has expired.
  ///
  /// - Returns: whether a browser would take it.
  func store(_ cookie: Cookie, from url: URLParts, now: Int64) -> Bool {
    if let domain = cookie.domain {
      guard Self.matches(url.host, domain), domain.contains(".") || domain == url.host else { return false }
      if domain != url.host, Self.isAddress(url.host) { return false }
    }
    if cookie.secure, !Self.isTrusted(url) { return false }
    if cookie.sameSite?.lowercased() == "none", !cookie.secure { return false }
    let lower = cookie.name.lowercased()
    if lower.hasPrefix("__secure-"), !cookie.secure { return false }
    if lower.hasPrefix("__host-"), !cookie.secure || cookie.domain != nil || cookie.path != "/" { return false }
    let path = cookie.path ?? Self.defaultPath(url.path)
    let domain = cookie.domain ?? url.host
    let expires = cookie.maxAge.map { $0 <= 0 ? 0 : now + Int64(min($0, 1 << 32)) * 1000 } ?? cookie.expires
    stored.withLock { stored in
      let old = stored.cookies.firstIndex { $0.cookie.name == cookie.name && $0.domain == domain && $0.path == path }
      let order = old.map { stored.cookies[$0].order } ?? stored.next
      if let old { stored.cookies.remove(at: old) } else { stored.next += 1 }
      if let expires, expires <= now { return }
      stored.cookies.append(
        Stored(
          cookie: cookie, domain: domain, hostOnly: cookie.domain == nil, path: path, expires: expires, order: order))
    }
    return true
  }

  /// What is sent to `url`: longer paths first, then the older (RFC 6265, section 5.4).
  func cookies(for url: URLParts, now: Int64) -> [(name: String, value: String)] {
    stored.withLock { stored in
      if stored.cookies.isEmpty { return [] }
      return stored.cookies.filter { item in
        (item.hostOnly ? item.domain == url.host : Self.matches(url.host, item.domain))
          && Self.pathMatches(url.path, item.path) && (!item.cookie.secure || Self.isTrusted(url))
          && (item.expires.map { $0 > now } ?? true)
      }.sorted { ($1.path.utf8.count, $0.order) < ($0.path.utf8.count, $1.order) }
        .map { ($0.cookie.name, $0.cookie.value) }
    }
  }

  private static func isTrusted(_ url: URLParts) -> Bool {
    url.isTLS || url.host == "localhost" || url.host.hasSuffix(".localhost") || url.host.hasPrefix("127.")
      || url.host == "::1"
  }

  private static func matches(_ host: String, _ domain: String) -> Bool {
    host == domain || host.hasSuffix("." + domain)
  }

  private static func isAddress(_ host: String) -> Bool {
    host.contains(":") || host.allSatisfy { $0.isNumber || $0 == "." }
  }

  private static func pathMatches(_ path: String, _ prefix: String) -> Bool {
    path == prefix || path.hasPrefix(prefix) && (prefix.hasSuffix("/") || path.dropFirst(prefix.count).first == "/")
  }

  private static func defaultPath(_ path: String) -> String {
    guard path.hasPrefix("/"), let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
    return String(path[..<slash])
  }
}
