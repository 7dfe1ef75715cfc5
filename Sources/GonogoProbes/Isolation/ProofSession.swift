import GonogoCore
import GonogoSystem

/// One run of the proof inside its transaction.
struct ProofSession {
  let connection: IsolationConnection
  var catalogue: Catalogue
  var model: TenancyModel
  var privileges: Privileges
  let options: IsolationProof.Options
  var result = IsolationResult()
  var seeder: Seeder
  var targets: [Int: AttemptMaker.Target] = [:]
  var preparation: [String] = []
  /// The names of the tenants where each is a role of its own.
  private var tenantRoles: [SeedLabel: String] = [:]

  init(
    connection: IsolationConnection, catalogue: Catalogue, model: TenancyModel, privileges: Privileges,
    options: IsolationProof.Options
  ) {
    self.connection = connection
    self.catalogue = catalogue
    self.model = model
    self.privileges = privileges
    self.options = options
    seeder = Seeder(connection: connection, catalogue: catalogue, model: model, roleTenants: [:])
  }

  /// Tables of members that nobody under test may read.
  private var closedMemberships: [String] = []

  /// What keeps sequences where they are while attempts are made.
  private var sequences = SequenceGuard()

  var runner: StatementRunner {
    StatementRunner(
      connection: connection, limit: options.statementTimeout, guarding: options.isScratch ? "" : sequences.statements)
  }
  var maker: AttemptMaker { AttemptMaker(catalogue: catalogue, model: model, privileges: privileges) }
  var principalMaker: PrincipalMaker { PrincipalMaker(model: model, corrections: options.corrections, seeder: seeder) }
  var transcript: Transcript { Transcript(seeder: seeder, model: model, preparation: preparation) }
  var mend: Mend { Mend(catalogue: catalogue, model: model, roles: model.memberRoles) }

  mutating func prove() throws(IsolationFailure) {
    try makeRoles()
    if !catalogue.isReadOnly {
      sequences = try SequenceGuard(
        connection, catalogue, callsFunctions: options.isScratch && options.callsFunctions)
    }
    if options.isScratch, !sequences.statements.isEmpty { try connection.run(sequences.statements) }
    seeder = Seeder(connection: connection, catalogue: catalogue, model: model, roleTenants: tenantRoles)
    if !options.isScratch { seeder.quiet = sequences.tables }
    try seeder.seed()
    result.notes += seeder.notes
    try locate()
    result.model = ModelReport.json(model, catalogue)
    result.tables = model.proving.count
    nameObjects()
    result.provingNames = Set(model.proving.map(\.relation.name))
    result.enabledNames = Set(model.proving.filter(\.relation.hasRLS).map(\.relation.name))
    try proveTables()
    try copyOut()
    try proveViews()
    try provePartitions()
    try proveCascades()
    try escalate()
    try switchRoles()
    if options.callsFunctions { try callFunctions() }
    try lookAround()
    conclude()
  }

  /// Where CURRENT_USER is the tenant, each tenant is a role; they go with the transaction.
  private mutating func makeRoles() throws(IsolationFailure) {
    guard model.identity.usesRoleNames, let role = model.memberRoles.first else { return }
    let backend = try connection.run("SELECT pg_backend_pid()").first?.first.flatMap { $0 } ?? "0"
    for label in [SeedLabel.a, .b, .none] {
      // Proofs of one server's databases that run at a time must not wait for each other's names.
      let name = "gonogo_\(label.rawValue)_\(backend)"
      let sql = "CREATE ROLE \(name) IN ROLE \(SQLText.name(role))"
      try connection.run(sql)
      preparation.append(sql)
      tenantRoles[label] = name
      catalogue.roles[name] = .init(
        name: name, isSuperuser: false, bypassesRLS: false, canLogin: false, isReachable: true,
        memberships: (catalogue.roles[role]?.memberships ?? []).union([name]))
    }
    let exposed = catalogue.relations.filter { model.schemas.contains($0.schema) && !$0.isOfExtension }.map(\.oid)
    privileges = try Privileges.read(
      connection, roles: model.memberRoles + [model.anonymousRole].compactMap { $0 } + tenantRoles.values.sorted(),
      relations: exposed)
  }

  // MARK: - Who asks

  /// The attackers first asks without any setting, for a setting that was once given is never NULL again in its session.
  var attackers: [Principal] {
    let maker = principalMaker
    let role = model.memberRoles[0]
    let anonymous = model.anonymousRole ?? role
    var list = [maker.make("anonymous", .shared, .stranger, role: anonymous)]
    if model.platform == .plain, anonymous != role {
      list.append(maker.make("no-identity", .shared, .stranger, role: role))
    }
    for role in model.memberRoles {
      let suffix = model.memberRoles.count > 1 ? " (\(role))" : ""
      let owner = model.ownerIsApplication
      list.append(maker.make((owner ? "owner" : "member") + suffix, .a, .member, role: role, roles: tenantRoles))
      if hasAdmins { list.append(maker.make("admin" + suffix, .a, .admin, role: role, roles: tenantRoles)) }
    }
    list.append(maker.make("no-tenant", .none, .stranger, role: role, roles: tenantRoles))
    return list
  }

  var hasAdmins: Bool {
    if tenantRoles.isEmpty, model.tables.contains(where: { $0.joins != nil && $0.roleColumn != nil }) { return true }
    return tenantRoles.isEmpty && model.hasTenants
      && (!model.memberships.isEmpty || model.identity.claims.contains { $0.meaning == .role }
        || model.identity.settings.contains { $0.meaning == .role })
  }

  var controls: [Principal] {
    let maker = principalMaker
    return model.memberRoles.flatMap { role in
      [maker.make("member", .b, .member, role: role, roles: tenantRoles)]
        + (hasAdmins ? [maker.make("admin", .b, .admin, role: role, roles: tenantRoles)] : [])
        // Where each user has one row, only somebody without one can add it.
        + (tenantRoles.isEmpty ? [maker.make("newcomer", .b, .spare, role: role)] : [])
    }
  }

  // MARK: - Where the rows are

  private mutating func locate() throws(IsolationFailure) {
    var queries:
      [(table: TenancyModel.Table, own: SeedRow, victim: SeedRow, conditions: (String, String), path: String)] = []
    var parts: [String] = []
    for table in model.proving {
      guard let victim = seeder.row(table.relation.oid, .b, .member) ?? seeder.row(table.relation.oid, .b),
        victim.isThere,
        let own = seeder.row(table.relation.oid, .a, .member) ?? seeder.row(table.relation.oid, .a), own.isThere,
        let victimCondition = AttemptMaker.rowCondition(table, victim, seeder),
        let ownCondition = AttemptMaker.rowCondition(table, own, seeder),
        let path = AttemptMaker.pathCondition(table, .b, seeder)
      else {
        let refusal = seeder.rows(table.relation.oid).first { !$0.isThere && $0.refusal != nil }?.refusal
        result.unproven.append(
          .init(
            table: table.relation.name,
            reason: "no row could be put in: \(refusal ?? "no value of some column's type is known")"))
        continue
      }
      if table.relation.rows > AttemptMaker.scanLimit, !hasKey(table.relation, victim) {
        result.unproven.append(
          .init(
            table: table.relation.name,
            reason:
              "it has some \(table.relation.rows) rows and no key to find one by: every look would go through all of it"
          ))
        continue
      }
      parts.append(
        "SELECT \(queries.count), tableoid::int8, ctid::text, (\(victimCondition)) FROM \(table.relation.sql) WHERE \(table.relation.rows > AttemptMaker.scanLimit ? victimCondition : path)"
      )
      queries.append((table, own, victim, (victimCondition, ownCondition), path))
    }
    if parts.isEmpty { return }
    var tuples: [Int: [(String, String, Bool)]] = [:]
    for row in try connection.run(parts.joined(separator: " UNION ALL ")) {
      tuples[Int(row[0] ?? "") ?? 0, default: []].append((row[1] ?? "", row[2] ?? "", row[3] == "t"))
    }
    let large = pointedAtByLarge()
    for (place, query) in queries.enumerated() {
      let found = tuples[place] ?? []
      guard found.contains(where: { $0.2 }) else {
        result.unproven.append(
          .init(
            table: query.table.relation.name,
            reason: "the row that was put in is not of its tenant: a trigger has changed it"))
        continue
      }
      let condition = Dictionary(grouping: found, by: { $0.0 }).sorted { $0.key < $1.key }.map { oid, rows in
        "tableoid = \(oid) AND ctid IN (\(rows.map { "'\($0.1)'::tid" }.joined(separator: ", ")))"
      }.joined(separator: " OR ")
      let columns = AttemptMaker.pathColumns(query.table)
      targets[query.table.relation.oid] = .init(
        table: query.table, own: query.own, victim: query.victim, victimCondition: query.conditions.0,
        ownCondition: query.conditions.1, victimPath: query.path, victimCount: found.count, pathColumns: columns,
        ownPathValues: columns.map { query.own.text($0) }, victimPathValues: columns.map { query.victim.text($0) },
        tuples: "(\(condition))", tupleCount: found.count,
        reachesLarge: large.contains(query.table.relation.oid))
    }
  }

  private func hasKey(_ relation: Catalogue.Relation, _ row: SeedRow) -> Bool {
    ([relation.primaryKey] + relation.uniqueKeys).contains { !$0.isEmpty && row.condition($0) != nil }
  }

  /// The tables that a large one points at, directly or through others: to empty one goes through the large one.
  private func pointedAtByLarge() -> Set<Int> {
    var found: Set<Int> = []
    var open = catalogue.relations.filter { $0.rows > AttemptMaker.scanLimit }
    while let next = open.popLast() {
      for key in next.foreignKeys where key.target != next.oid && found.insert(key.target).inserted {
        if let target = catalogue.relation(key.target) { open.append(target) }
      }
    }
    return found
  }

  // MARK: - Tables

  private mutating func proveTables() throws(IsolationFailure) {
    try prove(model.proving.compactMap { targets[$0.relation.oid] })
  }

  /// How many attempts go to the server at a time: the block that makes them costs as much as three of them.
  private static let batchSize = 240

  mutating func prove(_ targets: [AttemptMaker.Target]) throws(IsolationFailure) {
    let attackers = self.attackers
    let controls = self.controls
    let maker = self.maker
    var results: [[(Principal, AttemptResult)]] = Array(repeating: [], count: targets.count)
    var batch: [(principal: Principal, attempts: [Attempt])] = []
    var places: [Int] = []
    var size = 0
    func flush(_ session: inout ProofSession) throws(IsolationFailure) {
      let replies = try session.runner.attempt(batch, timeout: 10_000)
      var next = 0
      for (group, place) in zip(batch, places) {
        for reply in replies[next..<(next + group.attempts.count)] {
          results[place].append((group.principal, reply))
          if !reply.ran { continue }
          if group.principal.isControl { session.result.controls += 1 } else { session.result.attempts += 1 }
        }
        next += group.attempts.count
      }
      (batch, places, size) = ([], [], 0)
    }
    // Without any setting first: see `attackers`.
    for phase in [attackers.filter { $0.settings.isEmpty }, attackers.filter { !$0.settings.isEmpty } + controls] {
      if phase.isEmpty { continue }
      for (place, target) in targets.enumerated() {
        for principal in phase {
          let isNewcomer = principal.name == "newcomer"
          if isNewcomer, !target.table.isPerUser { continue }
          var attempts = isNewcomer ? maker.insert(target, principal, &seeder) : maker.all(target, principal, &seeder)
          if !isNewcomer {
            attempts += maker.contentAttempts(target, principal, &seeder)
            attempts += maker.companionAttempts(target, principal, &seeder)
          }
          // One who may is enough to show that it can be done.
          if principal.isControl { for index in attempts.indices { attempts[index].endsControl = true } }
          batch.append((principal, attempts))
          places.append(place)
          size += attempts.count
        }
        if size >= Self.batchSize { try flush(&self) }
      }
      try flush(&self)
    }
    for (place, target) in targets.enumerated() {
      try judge(target, results[place], attackers)
      result.notes += maker.publicBranches(target.table).filter { !result.notes.contains($0) }
    }
  }

  /// COPY needs all that SELECT needs: it is tried where SELECT leaked, and no block of PL/pgSQL can do it.
  private mutating func copyOut() throws(IsolationFailure) {
    let principals = attackers
    for place in result.leaks.indices where result.leaks[place].command == "SELECT" {
      let leak = result.leaks[place]
      guard
        let target = targets.values.first(where: {
          "\($0.table.relation.schema).\($0.table.relation.name)" == leak.object
        }),
        !target.isLarge, let principal = principals.first(where: { $0.name == leak.principal })
      else { continue }
      let settings = principal.settings.map {
        "SELECT set_config(\(SQLText.literal($0.name)), \(SQLText.literal($0.value)), true);"
      }
      let rows = try runner.rows(
        "\(settings.joined()) SET LOCAL ROLE \(SQLText.name(principal.role)); COPY \(target.table.relation.sql) TO STDOUT"
      )
      result.attempts += 1
      let texts = Set(target.pathColumns + target.table.relation.primaryKey).compactMap { target.victim.text($0) }
      let isThere = rows?.contains { row in
        let fields = (row.first.flatMap { $0 } ?? "").split(separator: "\t", omittingEmptySubsequences: false).map {
          $0.last == "\n" ? String($0.dropLast()) : String($0)
        }
        return !texts.isEmpty && texts.allSatisfy { fields.contains($0) }
      }
      if isThere == true { result.leaks[place].kinds.append("copy") }
    }
  }

  /// Turns what happened into cells.
  private mutating func judge(
    _ target: AttemptMaker.Target, _ results: [(Principal, AttemptResult)], _ attackers: [Principal]
  )
    throws(IsolationFailure)
  {
    let relation = target.table.relation
    noteFaults(relation, results)
    for command in IsolationCell.commands {
      let mine = results.filter { $0.1.attempt.command == command }
      if !mine.contains(where: { !$0.0.isControl }) { continue }
      var control = mine.filter { $0.0.isControl }
      if control.isEmpty { control = results.filter { $0.0.isControl && $0.1.attempt.command == "UPDATE" } }
      var isControlled = control.contains { $0.1.succeeded }
      var closure = isControlled ? nil : closed(relation, command)
      if !isControlled, closure == nil { closure = try refusedByTrigger(command, control) }
      var reason: String?
      if !isControlled, closure == nil, command != "TRUNCATE" {
        reason = try whyControlFailed(target, command, control)
      }
      if command == "TRUNCATE" { isControlled = true }
      if command == "SELECT", !isControlled { noteBroken(target, closure, control) }
      for principal in attackers {
        let tries = mine.filter { !$0.0.isControl && $0.0.name == principal.name }
        if tries.isEmpty { continue }
        var cell = IsolationCell(table: relation.name, command: command, principal: principal.name, state: .safe)
        let leaking = tries.filter { $0.1.succeeded }
        if let first = leaking.first(where: { $0.1.attempt.kind == "by key" }) ?? leaking.first {
          cell.kinds = leaking.map(\.1.attempt.kind)
          if let allowance = options.allowances.first(where: { matches($0, cell, principal, relation) }) {
            cell.state = .allowed
            cell.reason = allowance.reason
            result.allowed.append(
              .init(table: "\(relation.name) \(command) \(principal.name)", reason: allowance.reason))
          } else {
            cell.state = .leak
            addLeak(relation, command, principal, leaking.map(\.1), first.1, target.table)
          }
        } else if let refusing = closure {
          cell.reason = refusing
        } else if !isControlled {
          cell.state = .unproven
          cell.reason = reason
        } else if isExempt(relation, principal.role) {
          cell.state = .unproven
          cell.reason = "the role '\(principal.role)' owns the table, and row security is not forced"
        } else if let late = tries.first(where: { $0.1.isOutOfReach }) {
          cell.state = .unproven
          cell.reason = "\(late.1.attempt.kind): \(late.1.message)"
        } else if let stopped = tries.first(where: {
          $0.1.isStoppedByConstraint && !$0.1.attempt.heldBy.contains($0.1.constraint)
        }) {
          result.oracles.append(
            .init(
              table: relation.name,
              reason:
                "\(command) (\(stopped.1.attempt.kind)) as \(principal.name) gets past the policy, as far as \(stopped.1.constraint.isEmpty ? "a condition" : stopped.1.constraint): it tells that a key is taken"
            ))
          cell.state = .unproven
          cell.reason =
            "\(stopped.1.attempt.kind): the policy let it pass, and only \(stopped.1.constraint.isEmpty ? "a condition" : stopped.1.constraint) stopped this very row"
        }
        result.cells.append(cell)
      }
    }
  }

  func matches(
    _ allowance: IsolationAllowance, _ cell: IsolationCell, _ principal: Principal, _ relation: Catalogue.Relation
  ) -> Bool {
    let name = allowance.principal
    let isNamed =
      name == "*" || name == cell.principal || name == principal.role || name == "anon" && cell.principal == "anonymous"
      || cell.principal.hasPrefix(name + " (")
    return (allowance.table == relation.name || allowance.table == "\(relation.schema).\(relation.name)")
      && (allowance.command == "*" || allowance.command == cell.command) && isNamed
  }

  func isExempt(_ relation: Catalogue.Relation, _ role: String) -> Bool {
    relation.hasRLS && !relation.forcesRLS && catalogue.roles[role]?.memberships.contains(relation.owner) == true
      && !model.ownerIsApplication
  }

  /// Why nobody under test may do it at all: then that it is refused is by design, and needs no control.
  func closed(_ relation: Catalogue.Relation, _ command: String) -> String? {
    let roles = controls.map(\.role)
    if roles.allSatisfy({ !privileges.of($0, relation.oid).may(command) }) {
      return "closed: no role under test holds \(command)"
    }
    guard relation.hasRLS, command != "TRUNCATE" else { return nil }
    let maker = self.maker
    let open = roles.contains { !maker.isClosed(relation, command, $0) }
    return open ? nil : "closed: row security is on, and no policy lets a role under test \(command)"
  }

  /// A trigger that refuses it to everybody, the connection's own role too: rows that are only ever added.
  private func refusedByTrigger(_ command: String, _ control: [(Principal, AttemptResult)])
    throws(IsolationFailure) -> String?
  {
    guard command == "UPDATE" || command == "DELETE", let raised = control.first(where: { $0.1.code == "P0001" }) else {
      return nil
    }
    var attempt = raised.1.attempt
    attempt.asPrivileged = true
    attempt.isPlain = false
    attempt.followsBlind = false
    attempt.followsKey = false
    let reply = try runner.attempt([(raised.0, [attempt])], timeout: 10_000).first
    guard let reply, reply.code == "P0001", reply.message == raised.1.message else { return nil }
    return "closed: a trigger refuses \(command) to everybody: \(reply.message)"
  }

  /// The tables of members that row security closes to everybody; what relies on them says so, and not its own refusals.
  private func reliesOnClosed(_ name: String) -> String? {
    guard !closedMemberships.isEmpty, let relation = catalogue.relations.first(where: { $0.name == name && $0.isTable })
    else { return nil }
    var texts = relation.policies.map(\.text)
    texts += catalogue.functions.filter { function in texts.contains { $0.contains(function.name + "(") } }.map(
      \.source)
    return closedMemberships.first { closed in closed != name && texts.contains { $0.contains(closed) } }
  }

  private mutating func noteBroken(
    _ target: AttemptMaker.Target, _ closure: String?, _ control: [(Principal, AttemptResult)]
  ) {
    let relation = target.table.relation
    let granted = controls.contains { privileges.of($0.role, relation.oid).may("SELECT") }
    guard granted else { return }
    let error = control.first { $0.1.code != "00000" }?.1
    let what =
      if closure != nil { "row security is on, and no policy lets anybody in" } else if let error { error.message } else
      {
        "the tenant's own member and admin do not see their own row"
      }
    result.broken.append(.init(table: relation.name, reason: "\(what): even the owner sees nothing"))
    // Others rely on a membership: with it closed, nobody is anything.
    if closure != nil, target.table.isMembership {
      closedMemberships.append(relation.name)
      result.unproven.append(
        .init(table: relation.name, reason: "\(what); what relies on this membership cannot be proven"))
    }
  }

  private mutating func whyControlFailed(
    _ target: AttemptMaker.Target, _ command: String, _ control: [(Principal, AttemptResult)]
  )
    throws(IsolationFailure) -> String
  {
    guard let first = control.first else { return "there is no control" }
    guard let refused = control.map(\.1).first(where: { $0.code != "00000" }) else {
      return "the tenant's own member and admin do it without error, and nothing happens"
    }
    return "the tenant's own attempt fails: \(refused.message) (\(refused.code))\(first.0.isControl ? "" : "")"
  }

  mutating func addLeak(
    _ relation: Catalogue.Relation, _ command: String, _ principal: Principal, _ leaking: [AttemptResult],
    _ first: AttemptResult,
    _ table: TenancyModel.Table, prefix: String = ""
  ) {
    let kind = prefix + first.attempt.kind
    let policies = Mend.responsible(
      relation, command == "TRUNCATE" ? "DELETE" : command, catalogue.roles[principal.role])
    let script = transcript.script(
      "\(principal.title): \(command) on \(relation.name) (\(kind))", tables: [relation.oid], principal: principal,
      attempt: first.attempt, bare: first.bare)
    result.leaks.append(
      .init(
        table: relation.name, object: "\(relation.schema).\(relation.name)", command: command,
        principal: principal.name, role: principal.role, kind: kind,
        kinds: leaking.map { prefix + $0.attempt.kind }, transcript: script, policies: policies,
        mend: mend.sql(table, command, kind: kind, policies: policies)))
  }

  private mutating func nameObjects() {
    let relations = catalogue.relations.filter { model.schemas.contains($0.schema) && !$0.isOfExtension }
    let functions = catalogue.functions.filter { model.schemas.contains($0.schema) && !$0.isOfExtension }
    result.objects = Set(
      relations.map { "\($0.schema).\($0.name)" } + functions.map { "\($0.schema).\($0.name)" })
    result.sharedTables = Set(
      model.tables.filter { $0.path == .shared }.map { "\($0.relation.schema).\($0.relation.name)" })
  }

  private mutating func conclude() {
    var reasons: [String: [String]] = [:]
    for cell in result.cells where cell.state == .unproven {
      let reason = cell.reason ?? "nothing proven"
      let text = "\(cell.command): \(reason)"
      if reasons[cell.table]?.contains(text) != true { reasons[cell.table, default: []].append(text) }
    }
    for (table, texts) in reasons.sorted(by: { $0.key < $1.key })
    where !result.unproven.contains(where: { $0.table == table }) {
      let cause = reliesOnClosed(table).map {
        "its policies ask \($0), which row security closes to everybody: not even the owner gets in"
      }
      result.unproven.append(.init(table: table, reason: cause ?? texts.joined(separator: "; ")))
    }
    result.broken = result.broken.map { remark in
      guard let closed = reliesOnClosed(remark.table) else { return remark }
      return .init(table: remark.table, reason: "its policies ask \(closed), which row security closes to everybody")
    }
    result.unproven.sort { $0.table < $1.table }
    let names = Set(result.unproven.map(\.table))
    result.proven = model.proving.filter { !names.contains($0.relation.name) }.count
    result.leaks.sort { ($0.table, $0.command, $0.principal) < ($1.table, $1.command, $1.principal) }
  }
}
