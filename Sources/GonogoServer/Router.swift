/// Finds the handler of a request. A value, and needs no socket: tests call ``respond(to:)``.
public struct Router: Sendable {
  public typealias Handler = @Sendable (HTTPRequest) async throws -> HTTPResponse
  /// Gets the request and what comes after; may change either, or answer itself.
  public typealias Middleware = @Sendable (HTTPRequest, Handler) async throws -> HTTPResponse

  private enum Piece: Equatable {
    case literal(String)
    case parameter(String)
    case rest(String)
  }

  private struct Route {
    let method: String
    let pieces: [Piece]
    let handler: Handler
  }

  private var routes: [Route] = []
  private var middlewares: [Middleware] = []
  /// Told of every error that is no ``HTTPError``; the client is told only "internal error".
  public var onError: @Sendable (any Error, HTTPRequest) -> Void = { _, _ in }

  public init() {}

  /// - Parameter pattern: a path; `{name}` takes one segment, `{name...}` at the end takes what is left. Of several
  ///   routes that fit, the one with the earlier literal wins, then the one added first.
  public mutating func on(_ method: String, _ pattern: String, _ handler: @escaping Handler) {
    let pieces = pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { part -> Piece in
      guard part.hasPrefix("{"), part.hasSuffix("}") else { return .literal(String(part)) }
      let name = part.dropFirst().dropLast()
      return name.hasSuffix("...") ? .rest(String(name.dropLast(3))) : .parameter(String(name))
    }
    routes.append(Route(method: method, pieces: pieces, handler: handler))
  }

  public mutating func get(_ pattern: String, _ handler: @escaping Handler) { on("GET", pattern, handler) }
  public mutating func post(_ pattern: String, _ handler: @escaping Handler) { on("POST", pattern, handler) }
  public mutating func patch(_ pattern: String, _ handler: @escaping Handler) { on("PATCH", pattern, handler) }
  public mutating func put(_ pattern: String, _ handler: @escaping Handler) { on("PUT", pattern, handler) }
  public mutating func delete(_ pattern: String, _ handler: @escaping Handler) { on("DELETE", pattern, handler) }

  /// Goes around every route, those of "not found" included; the first added is outermost.
  public mutating func use(_ middleware: @escaping Middleware) { middlewares.append(middleware) }

  /// Never fails: errors become responses, inside the middlewares, so that those see every answer.
  public func respond(to request: HTTPRequest) async -> HTTPResponse {
    await guarded(request) { try await self.run($0, from: 0) }
  }

  private func run(_ request: HTTPRequest, from index: Int) async throws -> HTTPResponse {
    if index == middlewares.count { return try await dispatch(request) }
    return try await middlewares[index](request) { request in
      await self.guarded(request) { try await self.run($0, from: index + 1) }
    }
  }

  private func guarded(_ request: HTTPRequest, _ body: Handler) async -> HTTPResponse {
    do { return try await body(request) } catch let error as HTTPError { return error.response } catch {
      onError(error, request)
      return HTTPError(500, "internal error").response
    }
  }

  private func dispatch(_ request: HTTPRequest) async throws -> HTTPResponse {
    var best: (route: Route, parameters: [String: String])?
    var methods: Set<String> = []
    for route in routes {
      guard let parameters = Self.match(route.pieces, request.segments) else { continue }
      methods.insert(route.method)
      guard route.method == request.method || request.method == "HEAD" && route.method == "GET" else { continue }
      if let found = best, !Self.isMoreExact(route.pieces, found.route.pieces) { continue }
      best = (route, parameters)
    }
    if let best {
      var request = request
      request.parameters = best.parameters
      return try await best.route.handler(request)
    }
    if methods.isEmpty { throw HTTPError(404, "not found") }
    if methods.contains("GET") { methods.insert("HEAD") }
    throw HTTPError(405, "method not allowed", headers: ["Allow": methods.sorted().joined(separator: ", ")])
  }

  private static func match(_ pieces: [Piece], _ segments: [String]) -> [String: String]? {
    var parameters: [String: String] = [:]
    for (index, piece) in pieces.enumerated() {
      switch piece {
      case .rest(let name):
        parameters[name] = segments.dropFirst(index).joined(separator: "/")
        return parameters
      case .literal(let text):
        guard index < segments.count, segments[index] == text else { return nil }
      case .parameter(let name):
        guard index < segments.count, !segments[index].isEmpty else { return nil }
        parameters[name] = segments[index]
      }
    }
    return pieces.count == segments.count ? parameters : nil
  }

  private static func isMoreExact(_ left: [Piece], _ right: [Piece]) -> Bool {
    func rank(_ piece: Piece) -> Int {
      switch piece {
      case .literal: 0
      case .parameter: 1
      case .rest: 2
      }
    }
    for (a, b) in zip(left, right) where rank(a) != rank(b) { return rank(a) < rank(b) }
    return false
  }
}
