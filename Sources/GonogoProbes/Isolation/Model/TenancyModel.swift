/// Whose a row is: how a table's rows lead to their tenant.
enum TenantPath: Sendable, Equatable {
  /// The table of tenants itself; its key column.
  case root(String)
  /// The table of users itself.
  case user(String)
  /// A column that holds the tenant's key.
  case key(String)
  /// A column that holds a user's key, in a table without a tenant's.
  case owned(String)
  /// A group, which has members of its own: the column that they point at.
  case group(String)
  /// A foreign key into a table that has a path.
  case parent(Catalogue.ForeignKey)
  /// No tenant's data.
  case shared

  /// The row is its own tenant.
  var isRoot: Bool {
    switch self {
    case .root, .group: true
    default: false
    }
  }

  static func == (left: TenantPath, right: TenantPath) -> Bool { left.text == right.text }

  var text: String {
    switch self {
    case .root(let column): "tenant table (\(column))"
    case .user(let column): "user table (\(column))"
    case .key(let column): "tenant key \(column)"
    case .owned(let column): "user key \(column)"
    case .group(let column): "group with members (\(column))"
    case .parent(let key): "through \(key.columns.joined(separator: ", "))"
    case .shared: "no tenant's data"
    }
  }
}

/// What the proof believes of a schema: printed with its result, and corrected in the binding.
struct TenancyModel: Sendable {
  struct Table: Sendable {
    var relation: Catalogue.Relation
    var path: TenantPath
    /// Columns that hold a user's key.
    var userColumns: [String]
    /// Columns that hold the tenant's key, the path's first.
    var tenantColumns: [String]
    var isMembership = false
    /// Its rows make users members of this table's rows, each of which is a tenant of its own.
    var joins: Int?
    /// Its rows make somebody a member, of a tenant or of a group.
    var isJoining: Bool { isMembership || joins != nil }
    /// One row a user: its user key is unique.
    var isPerUser = false
    var roleColumn: String?
    /// Reached by the application; else only seeded because others refer to it.
    var isExposed: Bool
  }

  /// Who belongs to the rows of a group.
  struct Group: Sendable {
    /// The table of members.
    let membership: Int
    /// Its column that names the group, and the group's column that is named.
    let key: String
    let groupKey: String
    let user: String
  }

  var platform = IsolationPlatform.plain
  var schemas: [String] = []
  var tables: [Table] = []
  var index: [Int: Int] = [:]
  var tenantTable: Int?
  var tenantTableKey: String?
  var tenantKeyName: String?
  var usersTable: Int?
  var usersTableKey: String?
  var identity = IdentityModel()
  /// The roles that signed-in users act with.
  var memberRoles: [String] = []
  /// By the table of groups.
  var groups: [Int: Group] = [:]
  var anonymousRole: String?
  /// The application logs in as the tables' owner: there is no other role.
  var ownerIsApplication = false
  /// Roles with grants that were not taken for the application's.
  var untestedRoles: [String] = []
  /// Those among them that can log in, and what they hold: `SELECT, UPDATE on orders`.
  var outsiders: [(role: String, grants: String)] = []

  func table(_ oid: Int) -> Table? { index[oid].map { tables[$0] } }
  /// The tables whose isolation is to be proven.
  var proving: [Table] {
    tables.filter { $0.isExposed && $0.path != .shared && !$0.relation.isPartition && $0.relation.isTable }
  }
  var memberships: [Table] { tables.filter { $0.isMembership } }
  /// There are tenants of several users, not only users.
  var hasTenants: Bool {
    tables.contains { if case .key = $0.path { true } else if case .root = $0.path { true } else { false } }
  }
}
