/// What names in a schema usually mean. Every guess made with these is printed, and can be corrected in the binding.
enum Naming {
  /// Names that say tenant by themselves, the clearest first.
  static let tenantKeys = [
    "tenant_id", "organization_id", "organisation_id", "org_id", "workspace_id", "company_id", "team_id", "tenant",
    "org", "tenant_uuid", "organization_uuid", "workspace_uuid", "firm_id", "agency_id", "clinic_id", "school_id",
    "site_id", "store_id", "shop_id", "business_id", "restaurant_id", "merchant_id", "partner_id", "bot_id",
  ]
  /// Names that say tenant only where the policies or the application's settings name them, or a membership has them.
  static let weakTenantKeys = [
    "account_id", "customer_id", "client_id", "group_id", "project_id", "household_id", "owner",
  ]
  static let tenantTables = [
    "tenants", "tenant", "organizations", "organisations", "organization", "orgs", "org", "workspaces", "workspace",
    "companies", "company", "teams", "team", "accounts", "account", "customers", "clients", "firms", "agencies",
    "businesses", "stores", "shops", "merchants", "partners",
  ]
  static let userKeys = [
    "user_id", "owner_id", "owner", "profile_id", "author_id", "uid", "user_uuid", "account_owner_id", "auth_user_id",
    "member_id", "auth_id", "supabase_user_id", "owner_user_id",
  ]
  /// Who did it, which is not whose it is.
  static let auditKeys = [
    "created_by", "updated_by", "modified_by", "deleted_by", "approved_by", "reviewed_by", "assigned_to", "invited_by",
    "assignee_id", "created_by_id", "updated_by_id", "assigned_by", "uploaded_by", "granted_by", "added_by",
  ]
  static let userTables = ["users", "user", "app_users", "app_user", "accounts", "profiles", "people", "members"]

  static func isTenantWord(_ name: String) -> Bool {
    let name = SQLText.snake(name)
    return [
      "tenant", "org", "organization", "organisation", "workspace", "company", "team", "account", "customer", "client",
    ]
    .contains { SQLText.mentions(name.replacing("_", with: " ").replacing("-", with: " "), $0) }
      || tenantKeys.contains(name) || tenantKeys.map { $0 + "s" }.contains(name)
  }
  static func isUserWord(_ name: String) -> Bool {
    let words = SQLText.snake(name).split(whereSeparator: { $0 == "_" || $0 == "-" || $0 == "." }).map(String.init)
    return words.contains("user") || words.contains("uid") || words.contains("sub") || words.contains("userid")
      || words.contains("profile")
  }
  static func isMembershipName(_ name: String) -> Bool {
    let name = SQLText.snake(name)
    return [
      "member", "user_role", "role_assignment", "collaborator", "staff", "employee", "access", "participant", "seat",
    ]
    .contains { name.contains($0) } || name.hasSuffix("_users") || name.hasPrefix("users_")
      || name.hasPrefix("user_org") || name.hasPrefix("user_tenant") || name.hasPrefix("user_team")
  }
  static func isInviteName(_ name: String) -> Bool { SQLText.snake(name).contains("invit") }
  /// Tables whose rows give power to the user that they name.
  static func isPowerTable(_ name: String) -> Bool { isGrantName(name) || isMembershipName(name) }
  static func isGrantName(_ name: String) -> Bool {
    let name = SQLText.snake(name)
    return ["admin", "role", "permission", "grant", "superuser", "privilege"].contains { name.contains($0) }
  }
  static func isRoleColumn(_ name: String) -> Bool {
    let name = SQLText.snake(name)
    return name == "role" || name == "roles" || name.hasSuffix("_role") || name == "role_name" || name == "access_level"
      || name == "permission" || name == "permission_level" || name == "user_role" || name == "user_type"
  }

  enum Power {
    case flag, role, plan, amount, verified, limit
    /// What is paid for: nobody's to change by a mere UPDATE, not even an admin's of its own tenant.
    var isBilled: Bool { self == .plan || self == .amount || self == .limit }
  }
  /// What a column of one's own row would give its owner.
  static func power(of column: String) -> Power? {
    let name = SQLText.snake(column)
    if isRoleColumn(name) || name == "permissions" || name == "scopes" { return .role }
    if name.hasPrefix("is_") || name.hasPrefix("can_") || name.hasPrefix("has_"),
      ["admin", "super", "staff", "owner", "root", "moderator", "verified", "premium", "pro", "paid", "approved"]
        .contains(where: { name.contains($0) })
    {
      return .flag
    }
    if ["admin", "superuser", "superadmin", "super_admin", "staff", "verified", "email_verified", "approved"].contains(
      name)
    {
      return .flag
    }
    if [
      "plan", "plan_id", "tier", "subscription_tier", "subscription_plan", "subscription_status", "plan_name",
      "billing_plan", "billing_status", "plan_type",
    ]
    .contains(name) {
      return .plan
    }
    if ["balance", "credits", "credit", "credit_balance", "wallet_balance", "quota", "usage_limit", "tokens_remaining"]
      .contains(name)
    {
      return .amount
    }
    if name.hasPrefix("max_") || name.hasSuffix("_limit") || name.hasSuffix("_quota") || name == "seats" {
      return .limit
    }
    if name.hasPrefix("mfa_") || name.hasSuffix("_verified_at") || name == "verified_at" || name == "email_confirmed_at"
      || name == "approved_at"
    {
      return .verified
    }
    return nil
  }
  static let adminRoles = [
    "super_admin", "superadmin", "owner", "admin", "administrator", "manager", "org_admin", "tenant_admin",
  ]
  static let memberRoles = ["member", "user", "viewer", "staff", "employee", "basic", "guest", "read", "editor"]
  static func isAdminRole(_ value: String) -> Bool {
    let value = value.lowercased()
    return adminRoles.contains(value) || value.contains("admin") || value == "owner"
  }
  /// Values that make a row public by its own author's word.
  static let publicValues = ["public", "published", "shared", "open", "anyone", "everyone", "unlisted", "visible"]

  static func isSecret(_ column: String) -> Bool {
    let name = SQLText.snake(column)
    if name.hasSuffix("_hash") || name.hasSuffix("_count") || name.hasSuffix("_at") || name.hasSuffix("_id") {
      return name == "password_hash"
    }
    return [
      "password", "passwd", "secret", "api_key", "apikey", "access_token", "refresh_token", "private_key", "auth_token",
      "client_secret", "webhook_secret", "bot_token", "service_key", "encryption_key", "credential",
    ].contains { name.contains($0) }
  }
}
