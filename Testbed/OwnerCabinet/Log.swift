import CSystem
import Glibc
import GonogoCore
import GonogoSystem

/// One JSON object a line. What goes in is chosen field by field: no headers, no query, no body, no token.
final class Log: Sendable {
  enum Level: String, Sendable { case info, warn, error }

  private let service: String
  private let descriptor: Int32

  /// - Parameter path: appended to; `nil` for standard error.
  init(service: String, path: String?) throws(SystemError) {
    self.service = service
    guard let path else {
      descriptor = 2
      return
    }
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
    if descriptor < 0 { throw SystemError("write", path) }
  }

  func write(_ level: Level, _ event: String, _ fields: [String: JSON] = [:]) {
    var members = fields
    members["time"] = .string(Timestamp.format(SystemClock().now()))
    members["level"] = .string(level.rawValue)
    members["service"] = .string(service)
    members["event"] = .string(event)
    // One write(2) to a file opened with O_APPEND: lines of several threads do not mix.
    _ = FileSystem.writeAll(JSON.object(members).canonical + [0x0A], to: descriptor)
  }
}
