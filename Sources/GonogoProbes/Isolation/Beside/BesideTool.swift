public import GonogoCore

/// A linter of others, whose findings stand beside the proof's.
public enum BesideTool: String, Sendable, CaseIterable {
  /// An extension that checks the bodies of PL/pgSQL functions.
  case plpgsqlCheck = "plpgsql_check"
  /// Reads the policies of a database.
  case pgrls
  /// Reads the migrations' text.
  case squawk

  /// The command that installs it.
  ///
  /// - Parameter version: the server's major version.
  func install(server version: Int) -> String {
    switch self {
    case .plpgsqlCheck: "apt-get install postgresql-\(version)-plpgsql-check"
    case .pgrls: "pip install pgrls"
    case .squawk: "pip install squawk-cli"
    }
  }
}

/// What one of them said: never a reason to pass, and never one to fail.
public struct BesideReport: Sendable {
  public enum State: Sendable, Equatable {
    case ran
    case notInstalled(install: String)
    /// There is nothing that it reads.
    case nothingToRead(String)
    /// It was there, and said nothing that can be used.
    case failed(String)
  }

  public struct Finding: Sendable {
    public let rule: String
    /// The level in the tool's own words.
    public let level: String
    public let object: String
    public let message: String
    public var file: String?
    /// From 1.
    public var line: Int?

    public var json: JSON {
      var members: [String: JSON] = [
        "rule": .string(rule), "level": .string(level), "object": .string(object), "message": .string(message),
      ]
      if let file { members["file"] = .string(file) }
      if let line { members["line"] = JSON(line) }
      return .object(members)
    }
  }

  public let tool: BesideTool
  public var version: String?
  public var state: State
  /// All of them; ``json`` holds the first ``limit``.
  public var findings: [Finding] = []

  /// A linter of style finds thousands in a repository of hundreds of migrations.
  static let limit = 500

  public var json: JSON {
    var members: [String: JSON] = [
      "tool": .string(tool.rawValue), "version": JSON(orNull: version), "total": JSON(findings.count),
      "findings": .array(findings.prefix(Self.limit).map(\.json)),
    ]
    switch state {
    case .ran: members["state"] = "ran"
    case .notInstalled(let install):
      members["state"] = "not installed"
      members["install"] = .string(install)
    case .nothingToRead(let reason):
      members["state"] = "nothing to read"
      members["reason"] = .string(reason)
    case .failed(let reason):
      members["state"] = "failed"
      members["reason"] = .string(reason)
    }
    return .object(members)
  }

  /// The first findings of each rule, one line each.
  var text: [String] {
    let name = "beside: \(tool.rawValue)\(version.map { " \($0)" } ?? "")"
    switch state {
    case .notInstalled(let install): return ["\(name): not installed", "  = mend:   \(install)"]
    case .nothingToRead(let reason): return ["\(name): nothing to read: \(reason)"]
    case .failed(let reason): return ["\(name): could not look: \(reason)"]
    case .ran: break
    }
    var lines = ["\(name): \(findings.count) findings"]
    var seen: [String: Int] = [:]
    for finding in findings { seen[finding.rule, default: 0] += 1 }
    var told: Set<String> = []
    for finding in findings where told.insert(finding.rule).inserted && told.count <= 20 {
      let place = finding.file.map { "\($0):\(finding.line ?? 1): " } ?? ""
      let more = (seen[finding.rule] ?? 1) - 1
      let object = finding.object.isEmpty ? "" : "\(finding.object): "
      lines.append(
        "  \(place)\(tool.rawValue)[\(finding.rule)]: \(object)\(finding.message)\(more > 0 ? " (and \(more) more)" : "")"
      )
    }
    if seen.count > 20 { lines.append("  \(seen.count - 20) more rules: see --output json") }
    return lines
  }
}
