public import GonogoCore

/// One request, whole: its body has been read, within the server's limit.
public struct HTTPRequest: Sendable {
  public var method: String
  /// The target as it came: path and query, percent-encoded.
  public let target: String
  /// The segments of the path, decoded; `/a//b/` gives `a`, ``, `b`, ``.
  public let segments: [String]
  public let query: [(name: String, value: String)]
  public var headers: HTTPFields
  public var body: [UInt8]
  /// The peer's address as text, without its port.
  public let peer: String
  /// What the route's pattern took from the path.
  public var parameters: [String: String] = [:]
  /// Values that one middleware leaves for those after it.
  public var notes: [String: String] = [:]

  /// - Returns: `nil` where the target is no origin-form (RFC 9112, 3.2.1) or does not decode.
  public init?(
    method: String, target: String, headers: HTTPFields = [:], body: [UInt8] = [], peer: String = "127.0.0.1"
  ) {
    guard target.hasPrefix("/") else { return nil }
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var segments: [String] = []
    for part in parts[0].dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      guard let segment = URLText.decode(part), !segment.utf8.contains(0) else { return nil }
      segments.append(segment)
    }
    self.method = method
    self.target = target
    self.segments = segments
    self.query = parts.count > 1 ? URLText.pairs(parts[1]) : []
    self.headers = headers
    self.body = body
    self.peer = peer
  }

  /// The path without the query, as it came.
  public var path: String { String(target.prefix { $0 != "?" }) }

  /// The first value of a query parameter.
  public func query(_ name: String) -> String? { query.first { $0.name == name }?.value }

  /// The first value of each cookie (RFC 6265, 5.4).
  public var cookies: [String: String] {
    var result: [String: String] = [:]
    for field in headers.values(of: "cookie") {
      for pair in field.split(separator: ";") {
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { continue }
        let name = String(parts[0].drop { $0 == " " })
        if result[name] == nil { result[name] = String(parts[1]) }
      }
    }
    return result
  }

  /// The body read as JSON.
  ///
  /// - Throws: ``HTTPError`` 400 with the place of the fault.
  public func json() throws(HTTPError) -> JSON {
    do { return try JSON.parse(body, depth: 64) } catch {
      throw HTTPError(400, "the body is not JSON: \(error)")
    }
  }
}
