import GonogoCore

/// Power that a caller can give to himself, and what it opens.
extension ProofSession {
  mutating func escalate() throws(IsolationFailure) {
    let role = model.memberRoles[0]
    let maker = principalMaker
    if !model.identity.editableClaims.isEmpty { try tryEditedClaims(role) }
    if model.identity.usesRoleNames { return }
    try claimEmails(role)
    var attempts: [(principal: Principal, relation: Catalogue.Relation, attempt: Attempt)] = []
    for table in model.tables where table.isExposed && !table.relation.isPartition {
      let isOwnRow = table.isPerUser || table.isJoining || table.relation.oid == model.usersTable
      let isRoot = table.relation.oid == model.tenantTable
      if isOwnRow || isRoot || Self.holdsMoney(table) {
        for (label, person) in [(SeedLabel.a, SeedRow.Person.member), (.none, .stranger)] {
          guard let row = seeder.row(table.relation.oid, label, person), row.isThere,
            row.person == person || (label == .a && row.person == nil),
            let condition = AttemptMaker.rowCondition(table, row, seeder)
          else { continue }
          let principal = maker.make(
            label == .a ? (model.ownerIsApplication ? "owner" : "member") : "no-tenant", label, person, role: role)
          attempts += raising(table, row, condition, principal, isRoot || Self.holdsMoney(table) ? nil : [.limit])
          attempts += naming(table, row, condition, principal)
        }
      }
      for (label, person) in [(SeedLabel.a, SeedRow.Person.member), (.none, .stranger)] {
        guard let target = targets[table.relation.oid] else { continue }
        let principal = maker.make(
          label == .a ? (model.ownerIsApplication ? "owner" : "member") : "no-tenant", label, person, role: role)
        attempts += asking(target, principal).map { (principal, table.relation, $0) }
      }
      // An admin rules its tenant, and pays for it: what it pays for is not its own to write.
      let isBilled = isRoot || Self.isBilling(table)
      if isBilled, hasAdmins || !isRoot {
        let people: [(String, SeedRow.Person)] =
          (isRoot ? [] : [(model.ownerIsApplication ? "owner" : "member", .member)])
          + (hasAdmins ? [("admin", .admin)] : [])
        for (name, person) in people {
          guard let row = seeder.row(table.relation.oid, .a, person), row.isThere,
            let condition = AttemptMaker.rowCondition(table, row, seeder)
          else { continue }
          attempts += raising(
            table, row, condition, maker.make(name, .a, person, role: role), [.flag, .role, .verified])
        }
      }
      if givesPower(table.relation), !table.isPerUser, case .owned(let column) = table.path {
        for (label, person) in [(SeedLabel.a, SeedRow.Person.member), (.none, .stranger)] {
          let principal = maker.make(label == .a ? "member" : "no-tenant", label, person, role: role)
          if let attempt = granting(table, column, principal) { attempts.append((principal, table.relation, attempt)) }
        }
      }
    }
    // What was found before that makes the caller a member opens more, too.
    let groups = attempts.map { (principal: $0.principal, attempts: [$0.attempt]) }
    let replies = try runner.attempt(groups, timeout: 10_000)
    result.attempts += replies.count
    var harmful:
      [(item: (principal: Principal, relation: Catalogue.Relation, attempt: Attempt), bare: Bool, gains: [String])] = []
    var raisedColumns: [Int: Set<String>] = [:]
    for (item, reply) in zip(attempts, replies) where reply.succeeded {
      let gains = try gains(item.principal, item.attempt)
      if item.attempt.countsByGains, gains.isEmpty { continue }
      harmful.append((item, reply.bare, gains))
      raisedColumns[item.relation.oid, default: []].formUnion(item.attempt.raises)
    }
    for (item, bare, gains) in harmful {
      let relation = item.relation
      var cell = IsolationCell(
        table: relation.name, command: item.attempt.command, principal: item.principal.name, state: .leak,
        kinds: [item.attempt.kind])
      if let allowance = options.allowances.first(where: { matches($0, cell, item.principal, relation) }) {
        cell.reason = allowance.reason
        result.allowed.append(
          .init(table: "\(relation.name) \(cell.command) \(item.principal.name)", reason: allowance.reason))
        continue
      }
      let closing =
        item.attempt.command == "UPDATE"
        ? mend.keeping(relation, role, raisedColumns[relation.oid] ?? []) : mend.withholding(relation, role)
      if let place = result.leaks.firstIndex(where: {
        $0.table == relation.name && $0.command == cell.command && $0.principal == item.principal.name
      }) {
        let old = result.leaks[place]
        result.leaks[place] = .init(
          table: old.table, object: old.object, command: old.command, principal: old.principal, role: old.role,
          kind: old.kind,
          kinds: old.kinds + [item.attempt.kind], transcript: old.transcript, policies: old.policies,
          mend: old.mend.contains(closing) ? old.mend : "\(old.mend)\n\(closing)",
          gains: old.gains + gains.filter { !old.gains.contains($0) })
      } else {
        result.leaks.append(
          .init(
            table: relation.name, object: "\(relation.schema).\(relation.name)", command: item.attempt.command,
            principal: item.principal.name, role: item.principal.role,
            kind: item.attempt.kind, kinds: [item.attempt.kind],
            transcript: transcript.script(
              "\(item.principal.title): \(item.attempt.kind) on \(relation.name)", tables: [relation.oid],
              principal: item.principal,
              attempt: item.attempt, bare: bare),
            policies: Mend.responsible(relation, item.attempt.command, catalogue.roles[item.principal.role]),
            mend: closing, gains: gains))
      }
      result.cells.removeAll {
        $0.table == cell.table && $0.command == cell.command && $0.principal == cell.principal && $0.state != .leak
      }
      if !result.cells.contains(where: {
        $0.table == cell.table && $0.command == cell.command && $0.principal == cell.principal
      }) {
        result.cells.append(cell)
      }
    }
    try addMembershipGains(role)
  }

  /// Rows that give power to whom they name; a table of participants that no rule asks gives none.
  private func givesPower(_ relation: Catalogue.Relation) -> Bool {
    guard Naming.isPowerTable(relation.name) else { return false }
    if Naming.isGrantName(relation.name) { return true }
    let rules = MembershipRules(catalogue, membership: relation)
    return rules.isAskedByFunctions || catalogue.relations.contains { rules.ask($0) }
  }

  /// A tenant's own row of what it pays for.
  private static func isBilling(_ table: TenancyModel.Table) -> Bool {
    guard case .key = table.path else { return false }
    let name = SQLText.snake(table.relation.name)
    return ["wallet", "credit", "subscription", "billing", "balance", "quota", "entitlement"].contains {
      name.contains($0)
    }
  }

  private static func holdsMoney(_ table: TenancyModel.Table) -> Bool {
    guard case .owned = table.path else { return false }
    let name = SQLText.snake(table.relation.name)
    return ["wallet", "credit", "subscription", "billing", "balance", "quota", "profile", "account"].contains {
      name.contains($0)
    }
  }

  /// Columns of the caller's own row that carry power.
  private func raising(
    _ table: TenancyModel.Table, _ row: SeedRow, _ condition: String, _ principal: Principal,
    _ excluded: Set<Naming.Power>?
  ) -> [(principal: Principal, relation: Catalogue.Relation, attempt: Attempt)] {
    let relation = table.relation
    let limit = privileges.of(principal.role, relation.oid).limited("UPDATE")
    if !privileges.of(principal.role, relation.oid).may("UPDATE") { return [] }
    var found: [(principal: Principal, relation: Catalogue.Relation, attempt: Attempt)] = []
    for column in relation.columns {
      guard let power = Naming.power(of: column.name), excluded?.contains(power) != true,
        limit?.contains(column.name) != false, !column.isGenerated,
        !relation.foreignKeys.contains(where: { $0.columns.contains(column.name) }),
        let value = raised(power, column, table, row)
      else { continue }
      let set = "\(SQLText.name(column.name)) = \(SQLText.literal(value))"
      let reached = "\(SQLText.name(column.name))::text = CAST(\(SQLText.literal(value)) AS \(column.type))::text"
      found.append(
        (
          principal, relation,
          Attempt(
            table: relation.oid, command: "UPDATE", kind: "gives itself \(column.name)",
            sql: "UPDATE \(relation.sql) SET \(set) WHERE \(condition)", countsRows: true,
            check: "SELECT count(*) FROM \(relation.sql) WHERE \(condition) AND \(reached)",
            shows: "SELECT * FROM \(relation.sql) WHERE \(condition)")
        ))
    }
    return found
  }

  private func raised(_ power: Naming.Power, _ column: Catalogue.Column, _ table: TenancyModel.Table, _ row: SeedRow)
    -> String?
  {
    let type = catalogue.types[column.typeOID]
    var choices = type?.labels ?? []
    for check in table.relation.checks where check.columns == [column.name] && choices.isEmpty {
      choices = SQLText.strings(in: check.expression)
    }
    let now = row.text(column.name)
    switch power {
    case .flag: return type?.name == "bool" && now != "true" ? "true" : nil
    case .role:
      if type?.category == "A" { return "{admin}" }
      if type?.name == "jsonb" { return "[\"admin\"]" }
      if type?.category == "B" { return "true" }
      guard type?.category == "S" || type?.category == "E" else { return nil }
      let admin = Naming.adminRoles.first { choices.contains($0) } ?? choices.first { Naming.isAdminRole($0) }
      let value = choices.isEmpty ? "admin" : admin
      return value == now ? nil : value
    case .plan:
      guard type?.category == "S" || type?.category == "E" else { return nil }
      return choices.isEmpty ? "enterprise" : choices.last { $0 != now }
    case .amount, .limit: return type?.category == "N" ? (type?.name == "int2" ? "30000" : "100000") : nil
    case .verified:
      if type?.category == "D" { return "2026-01-01 00:00:00+00" }
      return type?.name == "bool" && now != "true" ? "true" : nil
    }
  }

  /// A row in a table that gives power to whom it names.
  private mutating func granting(_ table: TenancyModel.Table, _ column: String, _ principal: Principal) -> Attempt? {
    let relation = table.relation
    let rights = privileges.of(principal.role, relation.oid)
    if !rights.may("INSERT") { return nil }
    var values = seeder.plannedValues(table, principal.label, nil, fresh: true, user: principal.user)
    if let name = table.roleColumn, let role = seeder.role(.admin, table) { values[name] = role }
    let shows = "SELECT * FROM \(relation.sql) WHERE \(SQLText.name(column)) = \(SQLText.literal(principal.user))"
    let probe = SeedRow(table: relation.oid, label: principal.label, person: nil, planned: values)
    let key = probe.condition(relation.primaryKey) ?? "\(SQLText.name(column)) = \(SQLText.literal(principal.user))"
    return Attempt(
      table: relation.oid, command: "INSERT", kind: "grants itself a row",
      sql: Seeder.insertion(relation, values, columns: rights.limited("INSERT")),
      countsRows: true,
      prepare: probe.condition(relation.primaryKey) == nil ? "DELETE FROM \(relation.sql) WHERE \(key)" : nil,
      check: "SELECT count(*) FROM \(relation.sql) WHERE \(key)", shows: shows)
  }

  /// What opens for a principal after it has done something.
  private mutating func gains(_ principal: Principal, _ first: Attempt) throws(IsolationFailure) -> [String] {
    var attempts: [Attempt] = []
    for table in model.proving where table.relation.oid != first.table {
      guard let target = targets[table.relation.oid] else { continue }
      let open = Set(
        result.leaks.filter { $0.table == table.relation.name && $0.principal == principal.name }.map(\.command))
      for var attempt in maker.select(target, principal).prefix(1)
        + maker.update(target, principal, seeder).filter({ $0.kind == "by key" })
        + maker.delete(target, principal).filter({ $0.kind == "by key" })
      where !open.contains(attempt.command) {
        attempt.prepare = first.prepare
        attempt.gain = first.sql
        attempts.append(attempt)
      }
    }
    let replies = try runner.attempt([(principal, attempts)], timeout: 10_000)
    result.attempts += replies.count
    return replies.filter(\.succeeded).map { reply in
      "\(catalogue.relation(reply.attempt.table)?.name ?? "") \(reply.attempt.command)"
    }
  }

  /// A caller who made itself a member: what is open to it now.
  private mutating func addMembershipGains(_ role: String) throws(IsolationFailure) {
    let maker = principalMaker
    for table in model.tables where table.isJoining {
      guard let target = targets[table.relation.oid] else { continue }
      for (name, label, person) in [("member", SeedLabel.a, SeedRow.Person.member), ("no-tenant", .none, .stranger)] {
        guard
          let place = result.leaks.firstIndex(where: {
            $0.table == table.relation.name && $0.principal == name
              && ($0.kinds.contains("joins by itself") || $0.kinds.contains("puts its own row into the other tenant"))
          })
        else { continue }
        let principal = maker.make(name, label, person, role: role)
        let tries =
          self.maker.insert(target, principal, &seeder).filter { $0.kind == "joins by itself" }
          + self.maker.update(target, principal, seeder).filter { $0.kind == "puts its own row into the other tenant" }
        let kinds = result.leaks[place].kinds
        guard let first = tries.first(where: { kinds.contains($0.kind) }) else { continue }
        let gained = try gains(principal, first)
        result.leaks[place].gains += gained.filter { !result.leaks[place].gains.contains($0) }
      }
    }
  }

  /// `user_metadata` is what its user says it is.
  private mutating func tryEditedClaims(_ role: String) throws(IsolationFailure) {
    let maker = principalMaker
    let settings = maker.settings(.a, .member, role: role, editedFor: .b)
    let principal = Principal(
      name: "member", label: .a, person: .member, role: role, settings: settings, user: seeder.user(.a, .member))
    for table in model.proving {
      guard let target = targets[table.relation.oid] else { continue }
      let attempts = self.maker.all(target, principal, &seeder)
      let replies = try runner.attempt([(principal, attempts)], timeout: 10_000)
      result.attempts += replies.filter(\.ran).count
      for command in IsolationCell.commands {
        let leaking = replies.filter { $0.attempt.command == command && $0.succeeded }
        guard let first = leaking.first else { continue }
        let name = table.relation.name
        if result.leaks.contains(where: { $0.table == name && $0.command == command && $0.principal == "member" }) {
          continue
        }
        addLeak(table.relation, command, principal, leaking, first, table, prefix: "with edited user_metadata: ")
        result.cells.removeAll { $0.table == name && $0.command == command && $0.principal == "member" }
        result.cells.append(
          .init(
            table: name, command: command, principal: "member", state: .leak,
            kinds: leaking.map { "with edited user_metadata: \($0.attempt.kind)" }))
      }
    }
  }
}
