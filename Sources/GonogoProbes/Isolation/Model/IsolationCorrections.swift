import GonogoCore

/// What the author says of the model, instead of what would be guessed.
public struct IsolationCorrections: Sendable {
  public var platform: IsolationPlatform?
  /// The schemas that the application reaches.
  public var schemas: [String]?
  /// One name for all tables.
  public var tenantKey: String?
  /// A column for a table of its own.
  public var tenantKeys: [String: String] = [:]
  public var userKey: String?
  public var tenantTable: String?
  public var usersTable: String?
  public var membershipTable: String?
  public var membershipUser: String?
  public var membershipTenant: String?
  public var membershipRole: String?
  /// Tables that every tenant may see: no tenant's data is in them.
  public var shared: [String] = []
  public var memberRoles: [String] = []
  public var anonymousRole: String?
  /// Settings by name; `${user}`, `${tenant}`, `${role}` and `${email}` stand for the principal's.
  public var settings: [(name: String, template: String)] = []
  public init() {}
}

/// A cell that is open by design, with the reason that its author gave.
public struct IsolationAllowance: Sendable, Equatable {
  public let table: String
  /// `*` for every command.
  public let command: String
  /// `*` for every principal.
  public let principal: String
  public let reason: String

  /// Reads `plans SELECT anon: public price list`.
  public init?(_ text: String) {
    guard let colon = text.firstIndex(of: ":") else { return nil }
    let words = text[..<colon].split(separator: " ").map(String.init)
    let reason = text[text.index(after: colon)...].drop { $0 == " " }
    guard (2...3).contains(words.count), !reason.isEmpty else { return nil }
    let command = words[1].uppercased()
    guard command == "*" || IsolationCell.commands.contains(command) else { return nil }
    table = words[0]
    self.command = command
    principal = words.count == 3 ? words[2] : "*"
    self.reason = String(reason)
  }
}
