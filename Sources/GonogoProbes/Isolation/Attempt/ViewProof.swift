import GonogoCore

/// Views, materialised views, partitions, and what cascades: the ways around a table's own policies.
extension ProofSession {
  /// The tables with a tenant's data that a view reads, through other views as well.
  private func bases(_ relation: Catalogue.Relation) -> Set<Int> {
    var found: Set<Int> = []
    var open = relation.reads
    var seen: Set<Int> = []
    while let oid = open.popLast() {
      guard seen.insert(oid).inserted, let next = catalogue.relation(oid) else { continue }
      if targets[oid] != nil { found.insert(oid) }
      if let parent = next.parent, targets[parent] != nil { found.insert(parent) }
      open += next.reads
    }
    return found
  }

  mutating func proveViews() throws(IsolationFailure) {
    for relation in catalogue.relations
    where (relation.isView || relation.kind == "m") && model.schemas.contains(relation.schema)
      && !relation.isOfExtension
    {
      let tables = bases(relation)
      if tables.isEmpty { continue }
      try proveView(relation, tables)
    }
  }

  private mutating func proveView(_ relation: Catalogue.Relation, _ tables: Set<Int>) throws(IsolationFailure) {
    let isMaterialised = relation.kind == "m"
    let isLarge = tables.contains { (catalogue.relation($0)?.rows ?? 0) > AttemptMaker.scanLimit }
    let all = attackers + controls.filter { $0.name != "newcomer" }
    if all.allSatisfy({ !privileges.of($0.role, relation.oid).may("SELECT") }) {
      for principal in attackers {
        result.cells.append(
          .init(
            table: relation.name, command: "SELECT", principal: principal.name, state: .safe,
            reason: "closed: no role under test holds SELECT"))
      }
      return
    }
    var condition = ""
    if isLarge, !isMaterialised {
      // Only by a key that it shows, which leads to one row.
      let columns = Set(relation.columns.map(\.name))
      let base = tables.count == 1 ? tables.first.flatMap { targets[$0] } : nil
      let key = base?.table.relation.primaryKey ?? []
      guard let base, !key.isEmpty, columns.isSuperset(of: key), let found = base.victim.condition(key) else {
        result.unproven.append(
          .init(
            table: relation.name,
            reason: "its tables are too large to be gone through, and it shows no key of theirs: prove a shadow"))
        return
      }
      condition = " WHERE \(found)"
    }
    if isMaterialised, isLarge {
      result.unproven.append(
        .init(
          table: relation.name,
          reason: "its tables are too large to refresh it here; what it holds is nobody's to filter: prove a shadow"))
      return
    }
    var select = Attempt(
      table: relation.oid, command: "SELECT",
      kind: isMaterialised ? "through the materialised view" : "through the view",
      sql:
        "SELECT count(*) FROM (SELECT v::text AS line FROM \(relation.sql) v\(condition)) x WHERE \(AttemptMaker.marked("x.line"))",
      shown: "SELECT * FROM \(relation.sql)\(condition)")
    if isMaterialised { select.prepare = "REFRESH MATERIALIZED VIEW \(relation.sql)" }
    var groups: [(principal: Principal, attempts: [Attempt])] = []
    for principal in all {
      var attempts = [select]
      if !principal.isControl, !isLarge { attempts += writes(relation, tables, principal) }
      groups.append((principal, attempts))
    }
    var everything = select
    everything.asPrivileged = true
    groups.append((all[0], [everything]))
    let replies = try runner.attempt(groups, timeout: 10_000)
    var place = 0
    var outcomes: [(principal: Principal, results: [AttemptResult])] = []
    for group in groups {
      outcomes.append((group.principal, Array(replies[place..<(place + group.attempts.count)])))
      place += group.attempts.count
    }
    let shownAtAll = outcomes.removeLast().results.contains { $0.succeeded }
    var isControlled = outcomes.contains { $0.principal.isControl && $0.results.contains { $0.succeeded } }
    var tells: [String: Bool] = [:]
    if !isLarge, !shownAtAll || Self.aggregates(relation.definition ?? "") {
      tells = try dependence(relation, tables, all)
      // Its own rows count for the tenant's own people, and no row is there to be recognised.
      if controls.contains(where: { tells["\($0.name) \($0.label.rawValue)"] == true }) { isControlled = true }
    }
    result.controls += outcomes.filter { $0.principal.isControl }.count
    for outcome in outcomes where !outcome.principal.isControl {
      result.attempts += outcome.results.count
      for command in IsolationCell.commands {
        let tries = outcome.results.filter { $0.attempt.command == command }
        if tries.isEmpty { continue }
        var cell = IsolationCell(
          table: relation.name, command: command, principal: outcome.principal.name, state: .safe)
        let leaking = tries.filter { $0.succeeded }
        if let first = leaking.first {
          cell.kinds = leaking.map(\.attempt.kind)
          if let allowance = options.allowances.first(where: { matches($0, cell, outcome.principal, relation) }) {
            cell.state = .allowed
            cell.reason = allowance.reason
            result.allowed.append(
              .init(table: "\(relation.name) \(command) \(outcome.principal.name)", reason: allowance.reason))
          } else {
            cell.state = .leak
            addViewLeak(relation, tables, command, outcome.principal, leaking, first)
          }
        } else if command == "SELECT",
          tells["\(outcome.principal.name) \(outcome.principal.label.rawValue)"] == true
        {
          let attempt = aggregateAttempt(relation, tables, outcome.principal)
          cell.kinds = [attempt.kind]
          if let allowance = options.allowances.first(where: { matches($0, cell, outcome.principal, relation) }) {
            cell.state = .allowed
            cell.reason = allowance.reason
            result.allowed.append(
              .init(table: "\(relation.name) \(command) \(outcome.principal.name)", reason: allowance.reason))
          } else {
            cell.state = .leak
            let reply = AttemptResult(
              attempt: attempt, code: "00000", message: "", constraint: "", phase: "c", rows: 1, harm: 1, bare: false)
            addViewLeak(relation, tables, command, outcome.principal, [reply], reply)
          }
        } else if command != "SELECT" {
          // What stands behind the view has cells of its own; nothing is claimed of writing through it.
          continue
        } else if !isControlled {
          if closed(relation, "SELECT") != nil {
            cell.reason = closed(relation, "SELECT")
          } else if tells["\(outcome.principal.name) \(outcome.principal.label.rawValue)"] == false, isControlled {
            cell.reason = nil
          } else {
            cell.state = .unproven
            cell.reason =
              shownAtAll
              ? "the tenant's own people see nothing of their own through it"
              : "nothing of the rows that were put in can be recognised in it"
          }
        }
        result.cells.append(cell)
      }
    }
  }

  /// Whether a view may tell of rows that it does not show.
  private static func aggregates(_ definition: String) -> Bool {
    let text = definition.lowercased()
    return ["count(", "sum(", "avg(", "min(", "max(", "_agg(", " over ", "rank(", "exists (", "every(", "bool_or("]
      .contains {
        text.contains($0)
      }
  }

  /// Writing through a view that PostgreSQL lets through to its table.
  private mutating func writes(_ relation: Catalogue.Relation, _ tables: Set<Int>, _ principal: Principal) -> [Attempt]
  {
    guard relation.isView, relation.updatable != 0, tables.count == 1, let oid = tables.first, let target = targets[oid]
    else { return [] }
    let rights = privileges.of(principal.role, relation.oid)
    let columns = Set(relation.columns.map(\.name))
    let shows = "SELECT * FROM \(target.table.relation.sql) WHERE \(target.victimPath)"
    var attempts: [Attempt] = []
    if relation.updatable & 4 != 0, rights.may("UPDATE") {
      let keys = Set(target.table.relation.uniqueKeys.flatMap { $0 } + target.pathColumns)
      for column in target.table.relation.columns
      where columns.contains(column.name) && !keys.contains(column.name) && !column.isGenerated {
        let value: String
        switch target.victim.actual[column.name] {
        case .string(let text): value = SQLText.literal(text)
        case .integer, .number, .bool: value = SQLText.literal(target.victim.text(column.name))
        case .null: value = "NULL"
        default: continue
        }
        attempts.append(
          Attempt(
            table: relation.oid, command: "UPDATE", kind: "through the view",
            sql: "UPDATE \(relation.sql) SET \(SQLText.name(column.name)) = \(value)", countsRows: true,
            check: maker.lost(target), evidence: maker.lostEvidence(target), shows: shows))
        break
      }
    }
    if relation.updatable & 16 != 0, rights.may("DELETE") {
      attempts.append(
        Attempt(
          table: relation.oid, command: "DELETE", kind: "through the view", sql: "DELETE FROM \(relation.sql)",
          countsRows: true,
          check: maker.lost(target), evidence: maker.lostEvidence(target),
          retriesBare: catalogue.maySetReplicationRole, shows: shows))
    }
    if relation.updatable & 8 != 0, rights.may("INSERT"), target.pathColumns.allSatisfy({ columns.contains($0) }) {
      var isRoot = false
      switch target.table.path {
      case .root, .user, .group: isRoot = true
      default: break
      }
      let person: SeedRow.Person? = target.table.isPerUser || target.table.isJoining ? .spare : nil
      let values = seeder.plannedValues(target.table, .b, person, fresh: true).filter { columns.contains($0.key) }
      if !isRoot {
        let statement = Seeder.insertion(target.table.relation, values).replacing(
          "INSERT INTO \(target.table.relation.sql) ", with: "INSERT INTO \(relation.sql) ")
        attempts.append(
          Attempt(
            table: relation.oid, command: "INSERT", kind: "through the view", sql: statement, countsRows: true,
            check:
              "SELECT count(*) - \(target.victimCount) FROM \(target.table.relation.sql) WHERE \(target.victimPath)",
            evidence: .added(target.table.relation, target.victimPath), shows: shows))
      }
    }
    return attempts
  }

  private mutating func addViewLeak(
    _ relation: Catalogue.Relation, _ tables: Set<Int>, _ command: String, _ principal: Principal,
    _ leaking: [AttemptResult],
    _ first: AttemptResult
  ) {
    let roles = controls.map(\.role).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let mend =
      relation.isView
      ? (catalogue.version >= 150000
        ? "ALTER VIEW \(relation.sql) SET (security_invoker = true);"
        : "REVOKE ALL ON \(relation.sql) FROM \(roles.map { SQLText.name($0) }.joined(separator: ", "));")
      : "REVOKE ALL ON \(relation.sql) FROM PUBLIC, \(([principal.role] + roles.filter { $0 != principal.role }).map { SQLText.name($0) }.joined(separator: ", "));"
    result.leaks.append(
      .init(
        table: relation.name, object: "\(relation.schema).\(relation.name)", command: command,
        principal: principal.name, role: principal.role, kind: first.attempt.kind,
        kinds: leaking.map(\.attempt.kind),
        transcript: transcript.script(
          "\(principal.title): \(command) \(first.attempt.kind) \(relation.name)", tables: tables, principal: principal,
          attempt: first.attempt, bare: first.bare), policies: [], mend: mend))
  }

  // MARK: - Partitions

  /// A partition that is addressed directly has policies and grants of its own.
  mutating func provePartitions() throws(IsolationFailure) {
    struct Member {
      let relation: Catalogue.Relation
      let root: AttemptMaker.Target
    }
    func root(_ relation: Catalogue.Relation) -> AttemptMaker.Target? {
      var next = relation
      while next.isPartition, let parent = next.parent.flatMap({ catalogue.relation($0) }) { next = parent }
      return targets[next.oid]
    }
    var groups: [String: [Member]] = [:]
    var order: [String] = []
    let roles = (attackers + controls).map(\.role).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    for relation in catalogue.relations
    where relation.isPartition && relation.isTable && model.schemas.contains(relation.schema) {
      guard let root = root(relation) else { continue }
      // Partitions that are guarded alike behave alike: one of them is tried.
      let rights = roles.map { role in
        Privileges.kinds.filter { privileges.of(role, relation.oid).may($0) }.joined(separator: ",")
      }
      let policies = relation.policies.map { "\($0.name)\($0.command)\($0.isPermissive)\($0.roles)\($0.text)" }
      let key =
        "\(root.table.relation.oid) \(relation.kind) \(relation.hasRLS) \(relation.forcesRLS) \(relation.owner) \(rights) \(policies)"
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(Member(relation: relation, root: root))
    }
    for key in order {
      let members = groups[key] ?? []
      guard let first = members.first else { continue }
      let closures = ["SELECT", "INSERT", "UPDATE", "DELETE"].map { command in
        roles.allSatisfy { !privileges.of($0, first.relation.oid).may(command) }
      }
      if closures.allSatisfy({ $0 }) { continue }
      var chosen: Member?
      for member in members {
        let here = try connection.run(
          "SELECT count(*) FROM \(member.relation.sql) WHERE \(member.root.victimCondition)")
        if here.first?.first == "1" {
          chosen = member
          break
        }
      }
      guard let chosen else {
        for member in members {
          result.unproven.append(
            .init(
              table: member.relation.name,
              reason:
                "the row that was put in lies in another partition, and none that is guarded like this one holds a row")
          )
        }
        continue
      }
      var table = chosen.root.table
      table = TenancyModel.Table(
        relation: chosen.relation, path: table.path, userColumns: table.userColumns, tenantColumns: table.tenantColumns,
        isMembership: table.isMembership, joins: table.joins, isPerUser: table.isPerUser, roleColumn: table.roleColumn,
        isExposed: true)
      let target = AttemptMaker.Target(
        table: table, own: chosen.root.own, victim: chosen.root.victim, victimCondition: chosen.root.victimCondition,
        ownCondition: chosen.root.ownCondition, victimPath: chosen.root.victimPath,
        victimCount: chosen.root.victimCount,
        pathColumns: chosen.root.pathColumns, ownPathValues: chosen.root.ownPathValues,
        victimPathValues: chosen.root.victimPathValues, tuples: chosen.root.tuples, tupleCount: chosen.root.tupleCount)
      let before = result.leaks.count
      let cellsBefore = result.cells.count
      try prove([target])
      let leaks = Array(result.leaks[before...])
      let cells = Array(result.cells[cellsBefore...])
      for sibling in members where sibling.relation.oid != chosen.relation.oid {
        for cell in cells {
          result.cells.append(
            .init(
              table: sibling.relation.name, command: cell.command, principal: cell.principal, state: cell.state,
              kinds: cell.kinds,
              reason: "guarded as \(chosen.relation.name)"))
        }
        for leak in leaks {
          result.leaks.append(
            .init(
              table: sibling.relation.name, object: "\(sibling.relation.schema).\(sibling.relation.name)",
              command: leak.command, principal: leak.principal, role: leak.role, kind: leak.kind,
              kinds: leak.kinds, transcript: leak.transcript, policies: leak.policies,
              mend: leak.mend.replacing(chosen.relation.sql, with: sibling.relation.sql)))
        }
      }
    }
  }

  // MARK: - Cascades

  /// A row without tenant data whose removal takes tenants' rows with it: foreign keys do not ask policies.
  mutating func proveCascades() throws(IsolationFailure) {
    for target in model.proving.compactMap({ targets[$0.relation.oid] }) {
      for key in target.table.relation.foreignKeys
      where key.onDelete == "c" || key.onDelete == "n" || key.onDelete == "d" {
        guard let parent = model.table(key.target), parent.path == .shared, parent.isExposed else { continue }
        let texts = key.columns.map { target.victim.text($0) }
        if texts.contains(nil) { continue }
        let condition = zip(key.targetColumns, texts).map { "\(SQLText.name($0)) = \(SQLText.literal($1))" }.joined(
          separator: " AND ")
        var groups: [(principal: Principal, attempts: [Attempt])] = []
        for principal in attackers where privileges.of(principal.role, parent.relation.oid).may("DELETE") {
          groups.append(
            (
              principal,
              [
                Attempt(
                  table: target.table.relation.oid, command: "DELETE", kind: "cascade from \(parent.relation.name)",
                  sql: "DELETE FROM \(parent.relation.sql) WHERE \(condition)", countsRows: true,
                  check: maker.lost(target), evidence: maker.lostEvidence(target),
                  shows: "SELECT * FROM \(target.table.relation.sql) WHERE \(target.victimCondition)")
              ]
            ))
        }
        if groups.isEmpty { continue }
        let replies = try runner.attempt(groups, timeout: 10_000)
        result.attempts += replies.count
        for (group, reply) in zip(groups, replies) where reply.succeeded {
          let relation = target.table.relation
          var cell = IsolationCell(
            table: relation.name, command: "DELETE", principal: group.principal.name, state: .leak,
            kinds: [reply.attempt.kind])
          if let allowance = options.allowances.first(where: { matches($0, cell, group.principal, relation) }) {
            cell.state = .allowed
            cell.reason = allowance.reason
            result.allowed.append(
              .init(table: "\(relation.name) DELETE \(group.principal.name)", reason: allowance.reason))
          } else if !result.leaks.contains(where: {
            $0.table == relation.name && $0.command == "DELETE" && $0.principal == group.principal.name
          }) {
            result.leaks.append(
              .init(
                table: relation.name, object: "\(relation.schema).\(relation.name)", command: "DELETE",
                principal: group.principal.name, role: group.principal.role,
                kind: reply.attempt.kind, kinds: [reply.attempt.kind],
                transcript: transcript.script(
                  "\(group.principal.title): DELETE on \(parent.relation.name) takes \(relation.name) with it",
                  tables: [relation.oid],
                  principal: group.principal, attempt: reply.attempt, bare: reply.bare), policies: [],
                mend:
                  "REVOKE DELETE ON \(parent.relation.sql) FROM PUBLIC, \(SQLText.name(group.principal.role)); -- or ON DELETE RESTRICT"
              ))
          }
          result.cells.removeAll {
            $0.table == cell.table && $0.command == cell.command && $0.principal == cell.principal
          }
          result.cells.append(cell)
        }
      }
    }
  }
}
