/// How the database is told who asks: the settings that its policies and functions read.
struct IdentityModel: Sendable {
  /// What a setting or a claim stands for.
  enum Meaning: String, Sendable { case tenant, tenants, user, role, email, assurance }

  /// Plain settings: `app.current_tenant`.
  var settings: [(name: String, meaning: Meaning)] = []
  /// Members of the JWT's claims, by their path.
  var claims: [(path: [String], meaning: Meaning)] = []
  var usesClaims = false
  /// Columns are compared with CURRENT_USER: each tenant is a role of its own.
  var usesRoleNames = false
  /// Settings that the policies read and nothing is known about.
  var unknown: [String] = []
  /// Claims under `user_metadata`, which the user edits at will.
  var editableClaims: [(path: [String], meaning: Meaning)] = []

  /// Reads the policies, and the functions that they may call.
  static func discover(_ texts: [String], platform: IsolationPlatform) -> IdentityModel {
    var model = IdentityModel()
    for text in texts {
      for name in currentSettings(in: text) where name.contains(".") {
        if name.hasPrefix("request.jwt.claim") || name == "request.headers" {
          model.usesClaims = true
          continue
        }
        if model.settings.contains(where: { $0.name == name }) || model.unknown.contains(name) { continue }
        let last = String(name.split(separator: ".").last ?? "")
        if let meaning = meaning(of: last) {
          model.settings.append((name, meaning))
        } else {
          model.unknown.append(name)
        }
      }
      for path in claimPaths(in: text) {
        guard let last = path.last, let meaning = meaning(of: last) else { continue }
        model.usesClaims = true
        if path.first == "user_metadata" || path.first == "raw_user_meta_data" {
          if !model.editableClaims.contains(where: { $0.path == path }) { model.editableClaims.append((path, meaning)) }
        }
        if path == ["sub"] || path == ["role"] || path == ["email"] { continue }
        if !model.claims.contains(where: { $0.path == path }) { model.claims.append((path, meaning)) }
      }
      if text.contains("auth.uid()") || text.contains("auth.jwt()") { model.usesClaims = true }
      let upper = text.uppercased()
      if upper.contains("CURRENT_USER") || upper.contains("SESSION_USER") { model.usesRoleNames = true }
    }
    if platform == .supabase { model.usesClaims = true }
    if model.usesClaims || !model.settings.isEmpty { model.usesRoleNames = false }
    return model
  }

  static func meaning(of name: String) -> Meaning? {
    let snake = SQLText.snake(name)
    if snake == "aal" { return .assurance }
    if snake.contains("email") { return .email }
    if Naming.isTenantWord(snake) { return snake.hasSuffix("s") && snake != "tenants_id" ? .tenants : .tenant }
    if Naming.isUserWord(snake) { return .user }
    if Naming.isRoleColumn(snake) { return .role }
    return nil
  }

  /// The names inside `current_setting('…'`.
  static func currentSettings(in text: String) -> [String] {
    var names: [String] = []
    var rest = Substring(text)
    while let found = rest.firstRange(of: "current_setting") {
      rest = rest[found.upperBound...]
      let after = rest.drop { $0 == " " }
      guard after.first == "(" else { continue }
      let quoted = after.dropFirst().drop { $0 == " " }
      guard quoted.first == "'" else { continue }
      let name = String(quoted.dropFirst().prefix { $0 != "'" })
      if !names.contains(name) { names.append(name) }
    }
    return names
  }

  /// The paths that are taken into the claims: `auth.jwt() -> 'app_metadata' ->> 'org_id'`.
  static func claimPaths(in text: String) -> [[String]] {
    var paths: [[String]] = []
    for mark in ["jwt()", "'request.jwt.claims'"] {
      var rest = Substring(text)
      while let found = rest.firstRange(of: mark) {
        rest = rest[found.upperBound...]
        var path: [String] = []
        var scan = rest
        scanning: while let first = scan.first {
          if first == " " || first == ")" || first == "(" || first == "," || first.isNewline {
            scan = scan.dropFirst()
          } else if scan.hasPrefix("::") {
            scan = scan.dropFirst(2).drop { $0.isLetter || $0 == "_" || $0.isNumber }
          } else if scan.hasPrefix("true") || scan.hasPrefix("TRUE") {
            scan = scan.dropFirst(4)
          } else if scan.lowercased().hasPrefix("as jsonb") || scan.lowercased().hasPrefix("as json") {
            scan = scan.dropFirst(3).drop { $0.isLetter }
          } else if scan.hasPrefix("AS ") {
            // As the catalogue writes (SELECT auth.jwt()): with the name of its column.
            scan = scan.dropFirst(3).drop { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "\"" }
          } else if scan.hasPrefix("->") || scan.hasPrefix("#>") {
            scan = scan.dropFirst(2)
            if scan.first == ">" { scan = scan.dropFirst() }
            scan = scan.drop { $0 == " " }
            guard scan.first == "'" else { break scanning }
            let key = scan.dropFirst().prefix { $0 != "'" }
            scan = scan[key.endIndex...].dropFirst()
            path +=
              key.hasPrefix("{") ? key.dropFirst().dropLast().split(separator: ",").map(String.init) : [String(key)]
          } else if first == "'" {
            // The empty text of a nullif or a coalesce.
            guard scan.hasPrefix("''") else { break scanning }
            scan = scan.dropFirst(2)
          } else {
            break scanning
          }
        }
        if !path.isEmpty, !paths.contains(path) { paths.append(path) }
      }
    }
    return paths
  }
}

/// What surrounds the database, as far as it changes what is exposed and who asks.
public enum IsolationPlatform: String, Sendable, CaseIterable {
  case plain
  case supabase
}
