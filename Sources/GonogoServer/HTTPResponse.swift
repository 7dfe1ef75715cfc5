public import GonogoCore

/// What a handler answers.
public struct HTTPResponse: Sendable, Equatable {
  public var status: Int
  public var headers: HTTPFields
  public var body: [UInt8]

  public init(_ status: Int, headers: HTTPFields = [:], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  public static func json(_ value: JSON, status: Int = 200) -> HTTPResponse {
    HTTPResponse(status, headers: ["Content-Type": "application/json"], body: value.canonical)
  }

  public static func text(_ text: String, status: Int = 200) -> HTTPResponse {
    HTTPResponse(status, headers: ["Content-Type": "text/plain; charset=utf-8"], body: Array(text.utf8))
  }

  public static func html(_ text: String, status: Int = 200) -> HTTPResponse {
    HTTPResponse(status, headers: ["Content-Type": "text/html; charset=utf-8"], body: Array(text.utf8))
  }

  /// 302: the browser asks for `location` with GET.
  public static func redirect(_ location: String) -> HTTPResponse {
    HTTPResponse(302, headers: ["Location": location])
  }
}

/// A refusal that a handler throws; ``Router`` turns it into `{"error": …}`.
public struct HTTPError: Error, Sendable, Equatable {
  public let status: Int
  /// For the client: nothing that it may not know.
  public let message: String
  public var headers: HTTPFields

  public init(_ status: Int, _ message: String, headers: HTTPFields = [:]) {
    self.status = status
    self.message = message
    self.headers = headers
  }

  public var response: HTTPResponse {
    var response = HTTPResponse.json(["error": .string(message)], status: status)
    for field in headers.all { response.headers.add(field.name, field.value) }
    return response
  }
}

/// A `Set-Cookie` (RFC 6265bis).
public struct SetCookie: Sendable {
  public var name: String
  public var value: String
  public var path = "/"
  public var httpOnly = true
  public var secure = true
  public var sameSite: String? = "Lax"
  /// Seconds; 0 removes the cookie.
  public var maxAge: Int?

  public init(_ name: String, _ value: String, maxAge: Int? = nil) {
    self.name = name
    self.value = value
    self.maxAge = maxAge
  }

  public var field: String {
    var text = "\(name)=\(value); Path=\(path)"
    if let maxAge { text += "; Max-Age=\(maxAge)" }
    if httpOnly { text += "; HttpOnly" }
    if secure { text += "; Secure" }
    if let sameSite { text += "; SameSite=\(sameSite)" }
    return text
  }
}
