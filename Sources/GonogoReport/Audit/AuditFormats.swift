public import GonogoCore

/// A form that an audit can take.
public protocol AuditFormat: Sendable {
  /// What `--output` calls it.
  static var name: String { get }
  static var summary: String { get }
  init(options: ReportOptions)
  /// The same audit gives the same bytes.
  func render(_ result: AuditResult) -> [UInt8]
}

/// The formats of an audit: the one list.
public enum AuditFormats {
  public static let all: [any AuditFormat.Type] = [
    AuditTextReport.self, AuditJSONReport.self, AuditJSONLinesReport.self, AuditJUnitReport.self, AuditTAPReport.self,
    AuditSARIFReport.self, AuditGitHubReport.self, AuditMarkdownReport.self, AuditHTMLReport.self,
  ]

  public static func named(_ name: String) -> (any AuditFormat.Type)? { all.first { $0.name == name } }
}

extension AuditResult {
  /// "3 critical, 1 high, 2 suppressed, 1 not looked at".
  var countsSentence: String {
    var parts = FindingSeverity.allCases.compactMap { severity -> String? in
      let count = findings.filter { $0.severity == severity }.count
      return count == 0 ? nil : "\(count) \(severity.rawValue)"
    }
    if parts.isEmpty { parts.append("no findings") }
    if !suppressed.isEmpty { parts.append("\(suppressed.count) suppressed") }
    if !unlooked.isEmpty { parts.append("\(unlooked.count) could not be looked at") }
    return parts.joined(separator: ", ")
  }

  /// What was read: "services at 1f3c… by 12 rules in 0.4 s".
  var runSentence: String {
    let at = commit.map { " at \($0.prefix(12))" } ?? ""
    return "\(root)\(at), \(rules.count) rules, \(Quantity.describe(milliseconds: milliseconds))"
  }

  /// The findings of each weight, the heaviest first; weights without any are left out.
  var bySeverity: [(severity: FindingSeverity, findings: [Finding])] {
    FindingSeverity.allCases.compactMap { severity in
      let members = findings.filter { $0.severity == severity }
      return members.isEmpty ? nil : (severity, members)
    }
  }
}

extension CouldNotLook {
  /// "path:line:col: " or nothing.
  var prefix: String { place.map { "\($0): " } ?? "" }
  /// `[rule]` or nothing.
  var label: String { rule.map { "[\($0)]" } ?? "" }
}
