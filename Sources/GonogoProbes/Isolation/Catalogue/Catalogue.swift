/// What the proof reads of a database's catalogue.
struct Catalogue: Sendable {
  struct Role: Sendable {
    let name: String
    let isSuperuser: Bool
    let bypassesRLS: Bool
    let canLogin: Bool
    /// The connection's user may SET ROLE to it.
    let isReachable: Bool
    /// The roles whose rights it has, itself included.
    let memberships: Set<String>
    /// The roles that it may become with SET ROLE, itself left out; and those of PostgreSQL's own whose rights it has.
    var switches: Set<String> = []
  }

  struct Column: Sendable {
    let name: String
    let typeOID: Int
    /// As `format_type` writes it: `character varying(20)`.
    let type: String
    let isNotNull: Bool
    /// `a`lways or by `d`efault.
    let identity: String
    let isGenerated: Bool
    let defaultExpression: String?
    var isSerial: Bool { !identity.isEmpty || defaultExpression?.contains("nextval(") == true }
  }

  struct ForeignKey: Sendable {
    let name: String
    let columns: [String]
    let target: Int
    let targetColumns: [String]
    let isDeferrable: Bool
    /// `a` no action, `r` restrict, `c` cascade, `n` set null, `d` set default.
    let onDelete: String
    let onUpdate: String
  }

  struct Check: Sendable {
    let name: String
    let expression: String
    let columns: [String]
  }

  struct Policy: Sendable {
    let name: String
    /// SELECT, INSERT, UPDATE, DELETE or ALL.
    let command: String
    let isPermissive: Bool
    /// `public` is everyone.
    let roles: [String]
    let using: String?
    let check: String?
    func covers(_ command: String) -> Bool { self.command == "ALL" || self.command == command }
    func applies(to role: Role) -> Bool { roles.contains("public") || roles.contains { role.memberships.contains($0) } }
    /// Both expressions, for searches.
    var text: String { "\(using ?? "") \(check ?? "")" }
  }

  struct Trigger: Sendable {
    let name: String
    let function: Int
    let definition: String
  }

  /// A rewrite rule that is no view's own: what a statement becomes instead, or does besides.
  struct Rule: Sendable {
    let name: String
    let definition: String
  }

  struct Relation: Sendable {
    let oid: Int
    let schema: String
    let name: String
    /// `r` table, `p` partitioned, `v` view, `m` materialised view, `f` foreign table.
    let kind: String
    let owner: String
    var hasRLS: Bool
    let forcesRLS: Bool
    let isPartition: Bool
    let parent: Int?
    /// Estimated as the planner does, from the size of its files; those of its partitions and heirs are counted in.
    var rows: Int
    let options: [String]
    let isOfExtension: Bool
    let definition: String?
    /// A bit mask of what a view lets through: 4 UPDATE, 8 INSERT, 16 DELETE (`pg_relation_is_updatable`).
    let updatable: Int
    let hasRules: Bool
    var columns: [Column] = []
    var primaryKey: [String] = []
    /// Every unique key, the primary one included; without those on expressions and those on a part of the rows.
    var uniqueKeys: [[String]] = []
    /// The columns of unique keys on a part of the rows or on expressions, without what is no plain column.
    var partialKeys: [[String]] = []
    var exclusionColumns: Set<String> = []
    var foreignKeys: [ForeignKey] = []
    var checks: [Check] = []
    var policies: [Policy] = []
    var triggers: [Trigger] = []
    var rules: [Rule] = []
    var indexedFirstColumns: Set<String> = []
    /// What a view reads, directly.
    var reads: [Int] = []

    var isTable: Bool { kind == "r" || kind == "p" }
    var isView: Bool { kind == "v" }
    var sql: String { "\(SQLText.name(schema)).\(SQLText.name(name))" }
    func column(_ name: String) -> Column? { columns.first { $0.name == name } }
    var isInvokerView: Bool {
      options.contains { $0.lowercased() == "security_invoker=true" || $0.lowercased() == "security_invoker=on" }
    }
    func isUnique(_ names: Set<String>) -> Bool { uniqueKeys.contains { Set($0).isSubset(of: names) } }
  }

  struct Function: Sendable {
    let oid: Int
    let schema: String
    let name: String
    /// `f` function, `p` procedure.
    let kind: String
    let owner: String
    let isDefiner: Bool
    let config: [String]
    let volatility: String
    let language: String
    let source: String
    let returns: String
    let argumentNames: [String]
    let argumentTypes: [String]
    let argumentTypeOIDs: [Int]
    let isOfExtension: Bool
    var sql: String { "\(SQLText.name(schema)).\(SQLText.name(name))" }
    var signature: String { "\(schema).\(name)(\(argumentTypes.joined(separator: ", ")))" }
  }

  struct TypeInfo: Sendable {
    let oid: Int
    let name: String
    let schema: String
    /// `b`ase, `c`omposite, `d`omain, `e`num, `r`ange, `m`ultirange.
    let kind: String
    let category: String
    let element: Int
    /// A domain's base type, with its modifier.
    let base: Int
    let baseText: String
    var labels: [String] = []
    /// A domain's conditions, on VALUE.
    var checks: [String] = []
    /// A composite's attributes.
    var attributes: [(name: String, type: Int, text: String)] = []
    var rangeSubtype = 0
  }

  /// What a role's future tables will be open to.
  struct DefaultPrivilege: Sendable {
    let owner: String
    /// `nil` for every schema.
    let schema: String?
    let grantee: String
    let privileges: [String]
  }

  var version = 0
  var database = ""
  var user = ""
  var isSuperuser = false
  /// A replica, or a database that is set to read only.
  var isReadOnly = false
  /// The connection may switch triggers off.
  var maySetReplicationRole = false
  /// Row security does not apply to the connection's user anywhere.
  var seesEverything = false
  var roles: [String: Role] = [:]
  /// Who was granted which role, directly.
  var grantedRoles: [(member: String, role: String)] = []
  var relations: [Relation] = []
  var functions: [Function] = []
  var types: [Int: TypeInfo] = [:]
  var defaultPrivileges: [DefaultPrivilege] = []
  var index: [Int: Int] = [:]

  func relation(_ oid: Int) -> Relation? { index[oid].map { relations[$0] } }
  func relation(named name: String) -> Relation? {
    relations.first { "\($0.schema).\($0.name)" == name }
      ?? relations.first { $0.name == name && $0.schema == "public" } ?? relations.first { $0.name == name }
  }
  func hasFunction(_ schema: String, _ name: String) -> Bool {
    functions.contains { $0.schema == schema && $0.name == name }
  }
}
