import Glibc
import GonogoSystem

/// The built `gonogo`, run as a user would: in a directory of its own, with a cleaned environment and no colour.
public enum GonogoBinary {
  /// Beside the test bundle that is running.
  public static let path: String = {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let executable = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    // swift test runs the bundle itself, or through a helper that names it.
    let candidates = [executable] + CommandLine.arguments.filter { $0.contains(".xctest") }
    for candidate in candidates {
      var directory = FileSystem.directory(of: candidate)
      for _ in 0..<4 {
        if FileSystem.exists("\(directory)/gonogo") { return "\(directory)/gonogo" }
        directory = FileSystem.directory(of: directory)
      }
    }
    return "\(packageRoot)/.build/debug/gonogo"
  }()

  /// The root of the checkout.
  public static let packageRoot: String = {
    var directory = FileSystem.directory(of: #filePath)
    while directory != "/", !FileSystem.exists("\(directory)/Package.swift") {
      directory = FileSystem.directory(of: directory)
    }
    return directory
  }()

  public struct Result: Sendable {
    public let status: Int32?
    public let output: String
    public let error: String
  }

  /// - Throws: ``Subprocess/Failure`` where it does not start or does not end in time.
  public static func run(
    _ arguments: [String], in directory: String, environment: [String: String] = [:], input: String = "",
    milliseconds: Int = 60_000
  ) throws -> Result {
    try spawn([path] + arguments, in: directory, environment: environment, input: input, milliseconds: milliseconds)
  }

  /// A script for bash; `$GONOGO` is the tool.
  public static func shell(_ script: String, in directory: String, environment: [String: String] = [:]) throws -> Result
  {
    try spawn(["bash", "-c", script], in: directory, environment: environment, input: "", milliseconds: 60_000)
  }

  private static func spawn(
    _ arguments: [String], in directory: String, environment: [String: String], input: String, milliseconds: Int
  ) throws -> Result {
    var variables = [
      "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": directory, "LANG": "C.UTF-8", "COLUMNS": "100", "GONOGO": path,
    ]
    variables.merge(environment) { _, new in new }
    var process = Subprocess(arguments, environment: variables, directory: directory)
    process.input = Array(input.utf8)
    let outcome = try process.run(milliseconds: milliseconds)
    return Result(
      status: outcome.status, output: String(decoding: outcome.output, as: UTF8.self),
      error: String(decoding: outcome.error, as: UTF8.self))
  }
}

/// A directory that is removed when nobody holds it.
public final class TemporaryDirectory: Sendable {
  public let path: String

  public init() throws { path = try FileSystem.makeTemporaryDirectory(prefix: "gonogo-test") }

  deinit { try? FileSystem.remove(path) }

  /// Writes a file, with the directories it needs, and gives its path.
  @discardableResult
  public func write(_ text: String, to name: String) throws -> String {
    let target = FileSystem.join(path, name)
    try FileSystem.makeDirectory(FileSystem.directory(of: target))
    try FileSystem.writeAtomically(Array(text.utf8), to: target)
    return target
  }
}
