/// What carries requests to a handler: ``HTTPServer`` over libmicrohttpd, or another in its place.
public protocol Transport: Sendable {
  /// The port that is listened on.
  var port: Int { get }
  /// Takes no new connection, lets the requests in hand end, then closes.
  ///
  /// - Parameter milliseconds: how long they may take; those still open after that are answered with 503.
  /// - Returns: how many were cut off so.
  @discardableResult func stop(drain milliseconds: Int) async -> Int
}

/// Limits on what a client may send.
public struct ServerLimits: Sendable {
  /// Bytes of a request's body; more is answered with 413.
  public var body = 1 << 20
  /// Connections at once.
  public var connections = 1000
  /// Seconds that a connection may be silent.
  public var idle = 30
  /// Bytes for the head of a request.
  public var head = 32 << 10

  public init() {}
}
