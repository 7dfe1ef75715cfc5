/// Finds the model.
struct TenancyDiscovery {
  let catalogue: Catalogue
  let corrections: IsolationCorrections

  /// Schemas that a platform brings, and no application's tables are in.
  static let platformSchemas: Set<String> = [
    "auth", "storage", "extensions", "graphql", "graphql_public", "realtime", "_realtime", "vault", "pgbouncer", "net",
    "cron", "pgsodium", "pgsodium_masks", "supabase_migrations", "supabase_functions", "_analytics", "_supavisor",
    "tiger",
    "tiger_data", "topology", "pgmq", "drizzle", "pgtle", "partman",
  ]
  static let platformRoles: Set<String> = [
    "service_role", "dashboard_user", "pgbouncer", "authenticator", "supabase_admin", "supabase_auth_admin",
    "supabase_storage_admin", "supabase_functions_admin", "supabase_replication_admin", "supabase_read_only_user",
    "supabase_realtime_admin", "supabase_etl_admin", "postgres", "rds_superuser", "cloudsqlsuperuser",
  ]

  func discover() -> TenancyModel {
    var model = TenancyModel()
    let isSupabase =
      catalogue.roles["authenticated"] != nil && catalogue.roles["anon"] != nil && catalogue.hasFunction("auth", "uid")
    model.platform = corrections.platform ?? (isSupabase ? .supabase : .plain)
    model.schemas = corrections.schemas ?? exposedSchemas()
    model.identity = IdentityModel.discover(ruleTexts(model.schemas), platform: model.platform)
    findUsers(&model)
    findTenants(&model)
    classify(&model)
    if isOneUsersOwn(model) {
      model.tenantKeyName = nil
      model.tenantTable = nil
      model.tenantTableKey = nil
      model.tables = []
      model.index = [:]
      model.groups = [:]
      classify(&model)
    }
    findRoles(&model)
    return model
  }

  /// What looks like a tenant by its name is one user's folder: `workspace_id`, of workspaces that belong to a user and have
  /// no members, on tables whose policies ask for the user alone.
  private func isOneUsersOwn(_ model: TenancyModel) -> Bool {
    guard corrections.tenantKey == nil, corrections.tenantTable == nil, corrections.tenantKeys.isEmpty,
      let key = model.tenantKeyName, let tenants = model.tenantTable.flatMap({ model.table($0) }),
      !comparedWithIdentity(tenants.relation).isEmpty, !model.tables.contains(where: \.isMembership),
      !model.identity.claims.contains(where: { $0.meaning == .tenant }),
      !model.identity.settings.contains(where: { $0.meaning == .tenant })
    else { return false }
    let keyed = model.tables.filter { !$0.tenantColumns.isEmpty && model.schemas.contains($0.relation.schema) }
    if keyed.contains(where: { table in table.relation.policies.contains { $0.text.contains(key) } }) { return false }
    return keyed.filter { !comparedWithIdentity($0.relation).isEmpty }.count * 2 > keyed.count
  }

  private func exposedSchemas() -> [String] {
    var names: [String] = []
    for relation in catalogue.relations
    where !Self.platformSchemas.contains(relation.schema) && !relation.isOfExtension && !names.contains(relation.schema)
    {
      names.append(relation.schema)
    }
    return names
  }

  /// The policies' expressions, and the bodies of the application's functions.
  private func ruleTexts(_ schemas: [String]) -> [String] {
    catalogue.relations.flatMap { $0.policies.map(\.text) }
      + catalogue.functions.filter {
        schemas.contains($0.schema) && !$0.isOfExtension || $0.schema == "auth" && !Self.authFunctions.contains($0.name)
      }
      .map(\.source)
      + catalogue.relations.compactMap { schemas.contains($0.schema) ? $0.definition : nil }
      + catalogue.relations.flatMap { schemas.contains($0.schema) ? $0.columns.compactMap(\.defaultExpression) : [] }
  }
  private static let authFunctions: Set<String> = ["uid", "jwt", "role", "email"]

  private func findUsers(_ model: inout TenancyModel) {
    var users: Catalogue.Relation?
    if let name = corrections.usersTable {
      users = catalogue.relation(named: name)
    } else if model.platform == .supabase {
      users = catalogue.relations.first { $0.schema == "auth" && $0.name == "users" }
    }
    if users == nil, corrections.usersTable == nil {
      for name in Naming.userTables where users == nil {
        users = catalogue.relations.first {
          $0.isTable && SQLText.snake($0.name) == name && $0.primaryKey.count == 1 && model.schemas.contains($0.schema)
        }
        // `accounts` and `members` are users only where something points at them as such.
        if let found = users, ["accounts", "members", "people", "profiles"].contains(name),
          !catalogue.relations.contains(where: { other in
            other.foreignKeys.contains {
              $0.target == found.oid && $0.columns.count == 1 && Naming.userKeys.contains(SQLText.snake($0.columns[0]))
            }
          })
        {
          users = nil
        }
      }
    }
    if let users {
      model.usersTable = users.oid
      model.usersTableKey = users.primaryKey.count == 1 ? users.primaryKey[0] : users.column("id")?.name
    }
  }

  private func findTenants(_ model: inout TenancyModel) {
    if let name = corrections.tenantTable, let table = catalogue.relation(named: name) {
      model.tenantTable = table.oid
      model.tenantTableKey = table.primaryKey.count == 1 ? table.primaryKey[0] : "id"
    }
    model.tenantKeyName = corrections.tenantKey
    let tables = catalogue.relations.filter {
      $0.isTable && !$0.isPartition && model.schemas.contains($0.schema) && !$0.isOfExtension
    }
    let rules = ruleTexts(model.schemas)
    func mentioned(_ column: String) -> Bool { rules.contains { SQLText.mentions($0, column) } }
    let settings = model.identity.settings.filter { $0.meaning == .tenant }.map {
      String($0.name.split(separator: ".").last ?? "")
    }
    struct Candidate {
      var name: String
      var score = 0
      var targets: [Int: Int] = [:]
    }
    var candidates: [String: Candidate] = [:]
    for table in tables {
      for column in table.columns {
        let snake = SQLText.snake(column.name)
        let strong = Naming.tenantKeys.firstIndex(of: snake)
        let weak = Naming.weakTenantKeys.contains(snake)
        guard strong != nil || weak else { continue }
        let target = table.foreignKeys.first { $0.columns == [column.name] }?.target
        if let target, target == model.usersTable { continue }
        let isUserColumn = Naming.userKeys.contains(snake)
        if weak {
          // `owner` compared with who asks is a user's key, `customer_id` of a table that has its own tenant a detail.
          if isUserColumn { continue }
          let named =
            mentioned(column.name)
            || settings.contains { snake.hasPrefix(SQLText.snake($0)) || SQLText.snake($0).contains(snake) }
          if !named { continue }
          if let target, let relation = catalogue.relation(target),
            relation.columns.contains(where: { Naming.tenantKeys.contains(SQLText.snake($0.name)) })
          {
            continue
          }
        }
        var candidate = candidates[snake] ?? Candidate(name: column.name)
        candidate.score += 10 + (mentioned(column.name) ? 5 : 0)
        if Naming.isMembershipName(table.name) { candidate.score += 10 }
        if let target { candidate.targets[target, default: 0] += 1 }
        candidates[snake] = candidate
      }
    }
    for (snake, candidate) in candidates {
      let place = Naming.tenantKeys.firstIndex(of: snake) ?? 40
      candidates[snake]?.score = candidate.score + (place < 8 ? 25 - place : place < 40 ? 3 : 0)
    }
    // A key whose target itself has another candidate is a level below the tenant: `team_id` under `organizations`.
    func isBelow(_ candidate: Candidate) -> Bool {
      candidate.targets.keys.contains { oid in
        catalogue.relation(oid)?.columns.contains { column in
          let snake = SQLText.snake(column.name)
          return snake != SQLText.snake(candidate.name) && candidates[snake] != nil
        } == true
      }
    }
    let ordered = candidates.values.filter { !isBelow($0) }.sorted { ($0.score, $1.name) > ($1.score, $0.name) }
    if model.tenantKeyName == nil, let best = ordered.first ?? candidates.values.max(by: { $0.score < $1.score }) {
      model.tenantKeyName = best.name
    }
    if model.tenantTable == nil, let key = model.tenantKeyName {
      let targets = candidates[SQLText.snake(key)]?.targets ?? [:]
      if let target = targets.max(by: { $0.value < $1.value })?.key, let relation = catalogue.relation(target) {
        model.tenantTable = target
        model.tenantTableKey =
          tables.flatMap(\.foreignKeys).first { $0.target == target && $0.columns.count == 1 }?.targetColumns.first
          ?? relation.primaryKey.first
      } else {
        // No foreign key: the table that is called like the key.
        let stem = SQLText.snake(key).replacing("_id", with: "").replacing("_uuid", with: "")
        if let relation = tables.first(where: {
          let name = SQLText.snake($0.name)
          return (name == stem + "s" || name == stem || name == stem.dropLast() + "ies") && $0.primaryKey.count == 1
        }) {
          model.tenantTable = relation.oid
          model.tenantTableKey = relation.primaryKey[0]
        }
      }
    }
    // Tenants without a key of a known name: `owner_org` that points at `organizations`.
    if model.tenantTable == nil, model.tenantKeyName == nil {
      for name in Naming.tenantTables {
        guard let relation = tables.first(where: { SQLText.snake($0.name) == name && $0.primaryKey.count == 1 }),
          relation.oid != model.usersTable,
          tables.contains(where: {
            $0.oid != relation.oid && $0.foreignKeys.contains { $0.target == relation.oid && $0.columns.count == 1 }
          }),
          mentioned(relation.name)
            || tables.contains(where: { table in
              table.foreignKeys.contains {
                $0.target == relation.oid && $0.columns.count == 1 && mentioned($0.columns[0])
              }
            })
        else { continue }
        model.tenantTable = relation.oid
        model.tenantTableKey = relation.primaryKey[0]
        break
      }
    }
  }

  private func classify(_ model: inout TenancyModel) {
    let wanted = catalogue.relations.filter { $0.isTable && !$0.isOfExtension }
    let roots = Set([model.tenantTable, model.usersTable].compactMap { $0 })
    // Tables whose key is a user's key: a profile stands for its user.
    var userLike = Set([model.usersTable].compactMap { $0 })
    // A table of users beside the platform's, which shares its keys without saying so.
    var twins: Set<Int> = []
    for relation in wanted
    where relation.oid != model.usersTable && relation.primaryKey.count == 1 && model.schemas.contains(relation.schema)
      && ["users", "profiles", "user_profiles", "app_users"].contains(SQLText.snake(relation.name))
      && relation.foreignKeys.allSatisfy({ $0.columns != relation.primaryKey }) && model.platform == .supabase
    {
      let pointing = catalogue.relations.contains { other in
        other.foreignKeys.contains {
          $0.target == relation.oid && $0.columns.count == 1 && Naming.userKeys.contains(SQLText.snake($0.columns[0]))
        }
      }
      let type = model.usersTable.flatMap { catalogue.relation($0) }?.columns.first { $0.name == model.usersTableKey }?
        .typeOID
      if pointing, relation.column(relation.primaryKey[0])?.typeOID == type {
        twins.insert(relation.oid)
        userLike.insert(relation.oid)
      }
    }
    for relation in wanted where relation.primaryKey.count == 1 {
      if relation.foreignKeys.contains(where: { $0.columns == relation.primaryKey && userLike.contains($0.target) }) {
        userLike.insert(relation.oid)
      }
    }
    for relation in wanted {
      let exposed = model.schemas.contains(relation.schema)
      var table = TenancyModel.Table(
        relation: relation, path: .shared, userColumns: [], tenantColumns: [], isExposed: exposed)
      let identityColumns = comparedWithIdentity(relation)
      for column in relation.columns {
        let snake = SQLText.snake(column.name)
        let targets = relation.foreignKeys.filter { $0.columns == [column.name] }.map(\.target)
        let declared =
          corrections.tenantKeys[relation.name] ?? corrections.tenantKeys["\(relation.schema).\(relation.name)"]
        if declared == column.name || (declared == nil && isTenantColumn(column, snake, targets, relation, model)) {
          table.tenantColumns.append(column.name)
          continue
        }
        let pointsAtUser = targets.contains { userLike.contains($0) }
        let isIdentity = identityColumns.contains(column.name)
        let named = Naming.userKeys.contains(snake) || column.name == corrections.userKey
        let hasOtherTarget = !targets.isEmpty && !pointsAtUser
        if relation.oid == model.usersTable { continue }
        if twins.contains(relation.oid), relation.primaryKey == [column.name] {
          table.userColumns.append(column.name)
          continue
        }
        if isIdentity && !hasOtherTarget || pointsAtUser && (named || !Naming.auditKeys.contains(snake))
          || named && !hasOtherTarget
        {
          table.userColumns.append(column.name)
        }
      }
      // The clearest first: a declared one, one that the policies compare with who asks, one called user_id.
      func rank(_ name: String) -> Int {
        if name == corrections.userKey { return -2 }
        return (identityColumns.contains(name) ? 0 : 100) + (Naming.userKeys.firstIndex(of: SQLText.snake(name)) ?? 50)
      }
      table.userColumns.sort { (rank($0), $0) < (rank($1), $1) }
      table.roleColumn = relation.columns.first { Naming.isRoleColumn($0.name) }?.name
      if corrections.shared.contains(where: { $0 == relation.name || $0 == "\(relation.schema).\(relation.name)" }) {
        table.path = .shared
      } else if relation.oid == model.tenantTable, let key = model.tenantTableKey {
        table.path = .root(key)
      } else if let key = table.tenantColumns.first {
        table.path = .key(key)
      } else if relation.oid == model.usersTable, let key = model.usersTableKey {
        table.path = .user(key)
      }
      let users = Set(table.userColumns)
      table.isPerUser =
        relation.oid != model.usersTable && table.userColumns.contains { relation.isUnique([$0]) }
        && relation.oid != model.tenantTable
      if relation.oid == model.usersTable, !table.tenantColumns.isEmpty {
        table.isMembership = true
      } else if let tenant = table.tenantColumns.first, !users.isEmpty, relation.oid != model.tenantTable {
        table.isMembership =
          Naming.isMembershipName(relation.name) && !Naming.isInviteName(relation.name) || table.isPerUser
          || users.contains { relation.isUnique([$0, tenant]) }
      }
      if let name = corrections.membershipTable, catalogue.relation(named: name)?.oid == relation.oid {
        table.isMembership = true
        if let column = corrections.membershipUser {
          table.userColumns = [column] + table.userColumns.filter { $0 != column }
        }
        if let column = corrections.membershipTenant {
          table.tenantColumns = [column]
          table.path = .key(column)
        }
        table.roleColumn = corrections.membershipRole ?? table.roleColumn
      }
      model.index[relation.oid] = model.tables.count
      model.tables.append(table)
    }
    // Foreign keys lead the rest to their tenant; several rounds, for `lines` through `orders` through `carts`.
    let hasTenants = model.hasTenants
    func spread(through accepts: (TenancyModel.Table) -> Bool) -> Bool {
      var changed = false
      for place in model.tables.indices where model.tables[place].path == .shared {
        let table = model.tables[place]
        if corrections.shared.contains(where: {
          $0 == table.relation.name || $0 == "\(table.relation.schema).\(table.relation.name)"
        }) {
          continue
        }
        let keys = table.relation.foreignKeys.filter { key in
          guard let target = model.table(key.target), target.path != .shared, key.target != table.relation.oid else {
            return false
          }
          if userLike.contains(key.target), !table.userColumns.contains(where: { key.columns == [$0] }) { return false }
          return accepts(target)
        }.sorted { left, right in
          func weight(_ key: Catalogue.ForeignKey) -> Int {
            key.columns.allSatisfy { table.relation.column($0)?.isNotNull == true } ? 0 : 1
          }
          return (weight(left), left.name) < (weight(right), right.name)
        }
        guard let key = keys.first else { continue }
        model.tables[place].path = .parent(key)
        changed = true
      }
      return changed
    }
    func isOfTenant(_ table: TenancyModel.Table) -> Bool {
      var table = table
      for _ in 0..<16 {
        switch table.path {
        case .key, .root: return true
        case .parent(let key):
          guard let next = model.table(key.target) else { return false }
          table = next
        default: return false
        }
      }
      return false
    }
    if hasTenants {
      while spread(through: {
        isOfTenant($0) && !userLike.contains($0.relation.oid) && !roots.contains($0.relation.oid)
      }) {}
    }
    let rules = findGroups(&model, userLike: userLike, roots: roots)
    if !rules.isEmpty { while spreadGroups(&model, rules) {} }
    for place in model.tables.indices where model.tables[place].path == .shared {
      let table = model.tables[place]
      if corrections.shared.contains(where: {
        $0 == table.relation.name || $0 == "\(table.relation.schema).\(table.relation.name)"
      }) {
        continue
      }
      if let column = table.userColumns.first { model.tables[place].path = .owned(column) }
    }
    while spread(through: { _ in true }) {}
  }

  /// Functions of the application's own that say who asks: `get_user_id()`, which looks the user up by auth.uid().
  private var identityCalls: [String] {
    catalogue.functions.filter { function in
      let words = Set(SQLText.snake(function.name).split(separator: "_").map(String.init))
      let isOfTenant = ["tenant", "org", "organization", "company", "team", "workspace", "account", "role", "email"]
        .contains(
          where: words.contains)
      return function.argumentTypes.isEmpty && !isOfTenant
        && ["user", "uid", "profile"].contains(where: words.contains)
        && ["uuid", "integer", "bigint", "text"].contains(function.returns) && !function.isOfExtension
        && (function.source.contains("auth.uid()") || function.source.contains("request.jwt"))
    }.map { "\($0.name)()" }
  }

  /// Columns that a table's own policies compare with who asks.
  private func comparedWithIdentity(_ relation: Catalogue.Relation) -> Set<String> {
    var found: Set<String> = []
    let userSettings = ["auth.uid()", "CURRENT_USER", "SESSION_USER", "'sub'"] + identityCalls
    for policy in relation.policies {
      for expression in [policy.using, policy.check].compactMap({ $0 }) {
        for column in relation.columns {
          let name = SQLText.name(column.name)
          var rest = Substring(expression)
          while let range = rest.firstRange(of: name) {
            // From the beginning: `(SELECT auth.uid()) = id` has the name in `uid`, too.
            let before = expression[..<range.lowerBound].suffix(60)
            let after = rest[range.upperBound...].prefix(80)
            rest = rest[range.upperBound...]
            let compared = after.drop { $0 == ")" || $0 == " " || $0 == ":" || $0.isLetter && false }
            let startsEqual = compared.hasPrefix("=") || compared.hasPrefix("text) =") || compared.hasPrefix("text =")
            func says(_ text: Substring) -> Bool {
              userSettings.contains { text.contains($0) }
                || IdentityModel.currentSettings(in: String(text)).contains {
                  IdentityModel.meaning(of: String($0.split(separator: ".").last ?? "")) == .user
                }
            }
            // Only as far as the next condition.
            let right =
              String(after).firstRange(of: " AND ").map { String(after)[..<$0.lowerBound] } ?? Substring(after)
            // In a subquery every column has its table before it: `u.id = auth.uid()` is about u, whatever this table has.
            let isOthers = before.last == "." && !before.dropLast().hasSuffix(SQLText.name(relation.name))
            let wordBefore = before.last.map { $0 == "(" || $0 == " " || $0 == "." && !isOthers } ?? true
            if wordBefore, startsEqual, says(right.firstRange(of: " OR ").map { right[..<$0.lowerBound] } ?? right) {
              found.insert(column.name)
            }
            if wordBefore, before.hasSuffix("= "), says(before.suffix(40)) { found.insert(column.name) }
          }
        }
      }
    }
    return found
  }

  private func isTenantColumn(
    _ column: Catalogue.Column, _ snake: String, _ targets: [Int], _ relation: Catalogue.Relation, _ model: TenancyModel
  ) -> Bool {
    if relation.oid == model.tenantTable { return false }
    if let key = model.tenantKeyName, SQLText.snake(key) == snake {
      // A user's `owner` is no tenant, and a column of that name that points elsewhere is not this key.
      if let table = model.tenantTable, !targets.isEmpty, !targets.contains(table) { return false }
      return true
    }
    if let table = model.tenantTable, targets.contains(table), !snake.hasPrefix("parent") { return true }
    return false
  }

  private func findRoles(_ model: inout TenancyModel) {
    model.anonymousRole = corrections.anonymousRole
    if model.platform == .supabase, catalogue.roles["authenticated"] != nil {
      model.memberRoles = corrections.memberRoles.isEmpty ? ["authenticated"] : corrections.memberRoles
      model.anonymousRole = corrections.anonymousRole ?? "anon"
      return
    }
    if model.anonymousRole == nil {
      model.anonymousRole = ["anon", "anonymous", "web_anon", "guest", "public_user"].first {
        catalogue.roles[$0] != nil
      }
    }
    model.memberRoles = corrections.memberRoles
  }
}
