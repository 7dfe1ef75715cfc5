import Glibc

/// A failed system call: what was tried, on what, and what the system said.
public struct SystemError: Error, Sendable, Equatable, CustomStringConvertible {
  public let operation: String
  public let path: String
  public let code: Int32

  public init(_ operation: String, _ path: String, code: Int32 = errno) {
    self.operation = operation
    self.path = path
    self.code = code
  }

  /// The system's own words for the code (strerror(3)), without a capital, as messages are written here.
  public var reason: String {
    let text = String(cString: strerror(code))
    return text.prefix(1).lowercased() + text.dropFirst()
  }

  public var isNotFound: Bool { code == ENOENT || code == ENOTDIR }
  public var isDenied: Bool { code == EACCES || code == EPERM }

  public var description: String { "cannot \(operation) \(path): \(reason)" }
}
