/// One fault, put into the schema on purpose.
struct Mutant: Sendable {
  enum Kind: String, Sendable {
    case dropPolicy = "drop-policy"
    case disableRLS = "disable-rls"
    case widenUsing = "widen-using"
    case widenCheck = "widen-check"
    case grantAll = "grant-all"
  }

  let kind: Kind
  /// The table, by its number in the catalogue.
  let table: Int
  /// Its name, with its schema.
  let object: String
  var policy: String?
  var role: String?
  let sql: String

  /// Every fault there is to put in, in the order of the tables' names.
  ///
  /// - Parameter roles: the roles under test.
  static func all(_ catalogue: Catalogue, schemas: [String], roles: [String], privileges: Privileges) -> [Mutant] {
    var found: [Mutant] = []
    let tables = catalogue.relations.filter { $0.isTable && schemas.contains($0.schema) && !$0.isOfExtension }
    for relation in tables.sorted(by: { ($0.schema, $0.name) < ($1.schema, $1.name) }) {
      func add(_ kind: Kind, policy: String? = nil, role: String? = nil, _ sql: String) {
        found.append(
          Mutant(
            kind: kind, table: relation.oid, object: "\(relation.schema).\(relation.name)", policy: policy, role: role,
            sql: sql))
      }
      if relation.hasRLS { add(.disableRLS, "ALTER TABLE \(relation.sql) DISABLE ROW LEVEL SECURITY") }
      for policy in relation.policies {
        let name = "\(SQLText.name(policy.name)) ON \(relation.sql)"
        add(.dropPolicy, policy: policy.name, "DROP POLICY \(name)")
        if let using = policy.using, using != "true" {
          add(.widenUsing, policy: policy.name, "ALTER POLICY \(name) USING (true)")
        }
        if let check = policy.check, check != "true" {
          add(.widenCheck, policy: policy.name, "ALTER POLICY \(name) WITH CHECK (true)")
        }
      }
      for role in roles {
        let rights = privileges.of(role, relation.oid).table
        if rights.isSuperset(of: Privileges.kinds) { continue }
        add(.grantAll, role: role, "GRANT ALL ON TABLE \(relation.sql) TO \(SQLText.name(role))")
      }
    }
    return found
  }

  /// The table as it is with the fault. What a grant changes stands in the privileges.
  func applied(to relation: Catalogue.Relation) -> Catalogue.Relation {
    var relation = relation
    switch kind {
    case .disableRLS: relation.hasRLS = false
    case .grantAll: break
    case .dropPolicy: relation.policies.removeAll { $0.name == policy }
    case .widenUsing, .widenCheck:
      relation.policies = relation.policies.map { old in
        guard old.name == policy else { return old }
        return Catalogue.Policy(
          name: old.name, command: old.command, isPermissive: old.isPermissive, roles: old.roles,
          using: kind == .widenUsing ? "true" : old.using, check: kind == .widenCheck ? "true" : old.check)
      }
    }
    return relation
  }

  /// The keys of the migrations' map under which the place of the fault may stand, the nearest first.
  var places: [String] {
    if let policy { return ["policy \(object).\(policy)", "table \(object)"] }
    return kind == .disableRLS ? ["rls \(object)", "table \(object)"] : ["table \(object)"]
  }
}

/// What grants and policies, taken together, ask of a role for a command: equal before and after, a fault is none.
///
/// Permissive policies are joined by OR and restrictive ones by AND (PostgreSQL's manual, 5.8), so that each of the two is a
/// set of expressions.
struct TableReach: Equatable, Sendable {
  enum State: Equatable, Sendable {
    case closed
    case open
    case ruled(using: Set<String>, check: Set<String>, narrowed: Set<String>, narrowedCheck: Set<String>)
  }
  var state: State
  /// Where only columns are granted.
  var columns: Set<String>?

  init(_ relation: Catalogue.Relation, _ command: String, role: Catalogue.Role, rights: Privileges.Rights) {
    guard rights.may(command) else {
      state = .closed
      return
    }
    columns = rights.limited(command)
    let isOwner = role.memberships.contains(relation.owner) && !relation.forcesRLS
    if !relation.hasRLS || isOwner || command == "TRUNCATE" {
      state = .open
      return
    }
    let mine = relation.policies.filter { $0.covers(command) && $0.applies(to: role) }
    func texts(_ permissive: Bool, _ expression: (Catalogue.Policy) -> String?) -> Set<String> {
      Set(mine.filter { $0.isPermissive == permissive }.compactMap(expression))
    }
    func using(_ policy: Catalogue.Policy) -> String? { policy.using }
    // "If only a USING clause is specified, it is used for both" (CREATE POLICY).
    func check(_ policy: Catalogue.Policy) -> String? { policy.check ?? policy.using }
    /// One `true` makes all the others idle; a `false` adds nothing.
    func joined(_ texts: Set<String>) -> Set<String> {
      texts.contains("true") ? ["true"] : texts.subtracting(["false"])
    }
    let asksUsing = command != "INSERT"
    let asksCheck = command == "INSERT" || command == "UPDATE"
    let wide = asksUsing ? joined(texts(true, using)) : []
    let wideCheck = asksCheck ? joined(texts(true, check)) : []
    let narrow = asksUsing ? texts(false, using).subtracting(["true"]) : []
    let narrowCheck = asksCheck ? texts(false, check).subtracting(["true"]) : []
    if asksUsing && wide.isEmpty || asksCheck && wideCheck.isEmpty || narrow.union(narrowCheck).contains("false") {
      state = .closed
      columns = nil
    } else {
      state = .ruled(using: wide, check: wideCheck, narrowed: narrow, narrowedCheck: narrowCheck)
    }
  }
}
