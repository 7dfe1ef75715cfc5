import GonogoCore

/// Somebody who asks.
struct Principal: Sendable {
  /// `member`, `admin`, `no-tenant`, `anonymous`, `owner`.
  let name: String
  let label: SeedLabel
  let person: SeedRow.Person
  let role: String
  let settings: [(name: String, value: String)]
  /// Of the tenant whose rows are tried: the control.
  var isControl: Bool { label == .b }
  var user: String
  /// In words.
  var title: String {
    switch name {
    case "member", "admin": isControl ? "the tenant's own \(name)" : "another tenant's \(name)"
    case "no-tenant": "somebody signed in, of no tenant"
    case "no-identity": "the application's role, before anybody is said to ask"
    case "owner": "the tables' owner, as which the application logs in, signed in at another tenant"
    default: "somebody who is not signed in"
    }
  }
}

struct PrincipalMaker {
  let model: TenancyModel
  let corrections: IsolationCorrections
  let seeder: Seeder
  /// The address that somebody has signed up with, without confirming it.
  var claimedEmail: String?

  private func email(_ label: SeedLabel, _ person: SeedRow.Person) -> String {
    claimedEmail ?? seeder.email(label, person)
  }

  func make(
    _ name: String, _ label: SeedLabel, _ person: SeedRow.Person, role: String, roles: [SeedLabel: String] = [:]
  ) -> Principal {
    let user = label == .shared ? "" : seeder.user(label, person)
    return Principal(
      name: name, label: label, person: person, role: roles[label] ?? role,
      settings: label == .shared ? anonymousSettings(role) : settings(label, person, role: role), user: user)
  }

  /// What the application says of somebody who is not signed in: for plain settings nothing at all, which is NULL.
  private func anonymousSettings(_ role: String) -> [(name: String, value: String)] {
    model.identity.usesClaims && model.platform == .supabase
      ? [("request.jwt.claims", "{\"role\": \(JSON.string(role).canonicalString)}"), ("request.jwt.claim.role", role)]
      : []
  }

  private func membershipRole(_ person: SeedRow.Person) -> String? {
    for table in model.memberships { if let role = seeder.role(person, table) { return role } }
    return person == .admin ? "admin" : "member"
  }

  private func value(_ meaning: IdentityModel.Meaning, _ label: SeedLabel, _ person: SeedRow.Person) -> String {
    switch meaning {
    case .tenant, .tenants: label == .none ? "" : seeder.tenantKeys[label] ?? ""
    case .user: seeder.user(label, person)
    case .role: label == .none ? "" : membershipRole(person) ?? ""
    case .email: email(label, person)
    case .assurance: "aal2"
    }
  }

  func settings(_ label: SeedLabel, _ person: SeedRow.Person, role: String, editedFor victim: SeedLabel? = nil)
    -> [(name: String, value: String)]
  {
    if !corrections.settings.isEmpty {
      return corrections.settings.map { name, template in
        var text = template
        for (mark, meaning) in [
          ("${user}", IdentityModel.Meaning.user), ("${tenant}", .tenant), ("${role}", .role), ("${email}", .email),
        ] {
          text = text.replacing(mark, with: value(meaning, label, person))
        }
        return (name, text)
      }
    }
    var result: [(name: String, value: String)] = model.identity.settings.map {
      ($0.name, value($0.meaning, label, person))
    }
    if model.identity.usesClaims {
      var claims: JSON = [
        "sub": .string(seeder.user(label, person)), "role": .string(role),
        "email": .string(email(label, person)),
        "aud": .string(role), "aal": "aal2", "app_metadata": [:], "user_metadata": [:],
      ]
      if claimedEmail != nil { claims = claims.setting(["email_verified"], false) }
      for (path, meaning) in model.identity.claims {
        if label == .none, meaning != .user, meaning != .email { continue }
        let text = value(meaning, label, person)
        claims = claims.setting(path, meaning == .tenants ? [.string(text)] : .string(text))
      }
      if let victim {
        for (path, meaning) in model.identity.editableClaims where meaning != .user || true {
          let text = value(meaning, victim, .admin)
          claims = claims.setting(path, meaning == .tenants ? [.string(text)] : .string(text))
        }
      }
      result.append(("request.jwt.claims", claims.canonicalString))
      result.append(("request.jwt.claim.sub", seeder.user(label, person)))
      result.append(("request.jwt.claim.role", role))
      result.append(("request.jwt.claim.email", email(label, person)))
    }
    return result
  }
}

extension JSON {
  /// The same object with the member at `path` set.
  func setting(_ path: [String], _ value: JSON) -> JSON {
    guard let first = path.first else { return value }
    var members = objectValue ?? [:]
    members[first] = (members[first] ?? [:]).setting(Array(path.dropFirst()), value)
    return .object(members)
  }
}
