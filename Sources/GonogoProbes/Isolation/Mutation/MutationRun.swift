import GonogoCore
import GonogoSystem

/// The proof, put to the proof: one fault at a time in the schema, in a subtransaction that is undone.
///
/// A fault is first tried on its own table; a table that turns red there would turn red in the whole proof, too. Only where
/// it does not, the whole proof is run, and what that does not notice has survived. The tenants that were put in stay the
/// same, since neither policy nor grant holds the one who puts them in.
extension ProofSession {
  mutating func mutate() throws(IsolationFailure) -> MutationReport {
    let roles = model.memberRoles + [model.anonymousRole].compactMap { $0 }
    try settleConstraints()
    var report = MutationReport()
    let baseline = Baseline(result)
    var longest: Int64 = 0
    for mutant in Mutant.all(catalogue, schemas: model.schemas, roles: roles, privileges: privileges) {
      var entry = MutationReport.Entry(
        kind: mutant.kind.rawValue, table: mutant.object, policy: mutant.policy, sql: mutant.sql, fate: .notRun,
        why: "the time was up before it", keys: mutant.places)
      let started = SystemClock().ticks()
      // The connection's own end would take what was learned with it.
      if connection.end - started > longest * 2 + 250 {
        try connection.run("SAVEPOINT gonogo_mutant")
        try judge(mutant, baseline, roles, &entry)
        try connection.run("ROLLBACK TO SAVEPOINT gonogo_mutant; RELEASE SAVEPOINT gonogo_mutant")
        longest = max(longest, SystemClock().ticks() - started)
      }
      report.entries.append(entry)
    }
    return report
  }

  /// No table is altered while a check of it is still to come; those that were put off are put off again after it.
  private func settleConstraints() throws(IsolationFailure) {
    let rows = try connection.run(
      """
      SELECT quote_ident(n.nspname) || '.' || quote_ident(c.conname) FROM pg_constraint c
      JOIN pg_namespace n ON n.oid = c.connamespace WHERE c.condeferrable AND c.condeferred
      """)
    let names = rows.compactMap { $0[0] }
    if names.isEmpty { return }
    try connection.run("SAVEPOINT gonogo_constraints")
    do throws(IsolationFailure) {
      try connection.run(
        "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS \(names.joined(separator: ", ")) DEFERRED")
    } catch {
      // What cannot be altered then says so itself.
      guard case .refused = error else { throw error }
      try connection.run("ROLLBACK TO SAVEPOINT gonogo_constraints")
    }
  }

  /// What was red before.
  struct Baseline {
    let leaks: Set<String>
    let unproven: Set<String>
    let broken: Set<String>
    let cells: [String: [IsolationCell]]

    init(_ result: IsolationResult) {
      leaks = Set(result.leaks.map { "\($0.table) \($0.command) \($0.principal)" })
      let cellsUnproven = result.cells.filter { $0.state == .unproven }
      unproven = Set(
        cellsUnproven.map { "\($0.table) \($0.command) \($0.principal)" } + result.unproven.map(\.table))
      broken = Set(result.broken.map(\.table))
      cells = Dictionary(grouping: result.cells, by: { "\($0.table) \($0.command)" })
    }

    /// What is red now, and was not: a leak, else what the controls say; `nil` where nothing is.
    func news(_ result: IsolationResult) -> (why: String, byControl: Bool)? {
      for leak in result.leaks where !leaks.contains("\(leak.table) \(leak.command) \(leak.principal)") {
        return ("leak: \(leak.table) \(leak.command) as \(leak.principal): \(leak.kind)", false)
      }
      for cell in result.cells
      where cell.state == .unproven && !unproven.contains("\(cell.table) \(cell.command) \(cell.principal)")
        && !unproven.contains(cell.table)
      {
        return ("nothing proven: \(cell.table) \(cell.command): \(cell.reason ?? "the control fails")", true)
      }
      if let remark = result.broken.first(where: { !broken.contains($0.table) }) {
        return ("broken: \(remark.table): \(remark.reason)", true)
      }
      // A function that no policy asks any more owes a proof of its own, which is no news of the spoiled table.
      if let remark = result.unproven.first(where: { !unproven.contains($0.table) && !$0.table.contains("(") }) {
        return ("nothing proven: \(remark.table): \(remark.reason)", true)
      }
      return nil
    }

    /// Whether a command on a table cannot turn red any more: it is, for everybody who is meant.
    func isRed(_ table: String, _ command: String, for principals: Set<String>) -> Bool {
      let mine = (cells["\(table) \(command)"] ?? []).filter { principals.contains($0.principal) }
      return mine.isEmpty ? unproven.contains(table) : mine.allSatisfy { $0.state == .leak || $0.state == .unproven }
    }

    /// The author's reason, where what would turn red is open by design.
    func allowance(_ table: String, _ command: String) -> String? {
      cells["\(table) \(command)"]?.first { $0.state == .allowed }?.reason
    }
  }

  private mutating func judge(
    _ mutant: Mutant, _ baseline: Baseline, _ roles: [String], _ entry: inout MutationReport.Entry
  ) throws(IsolationFailure) {
    guard let old = catalogue.relation(mutant.table) else { return }
    defer {
      if entry.fate == .survived, let word = options.equivalents.first(where: { $0.names(entry) }) {
        (entry.fate, entry.why) = (.equivalent, "by the author's word: \(word.reason)")
      }
    }
    do throws(IsolationFailure) { try connection.run(mutant.sql) } catch {
      guard case .refused(let refusal) = error else { throw error }
      entry.why = "the server refused the change: \(refusal.message) (\(refusal.code))"
      return
    }
    var spoiled = self
    spoiled.spoil(mutant)
    if mutant.kind == .grantAll {
      spoiled.privileges = try Privileges.read(
        connection, roles: privilegedRoles,
        relations: catalogue.relations.filter { model.schemas.contains($0.schema) && !$0.isOfExtension }.map(\.oid))
    }
    guard let new = spoiled.catalogue.relation(mutant.table) else { return }
    let changed = changes(old, new, roles, spoiled.privileges)
    if changed.isEmpty {
      (entry.fate, entry.why) = try whyNothingChanges(mutant, old, roles)
      return
    }
    if (model.table(mutant.table)?.path ?? .shared) == .shared, !isMentioned(old) {
      (entry.fate, entry.why) = (.equivalent, "the table holds no tenant's data, and nothing else looks into it")
      return
    }
    if let target = spoiled.targets[mutant.table] {
      spoiled.result = IsolationResult()
      try spoiled.prove([target])
      if let news = baseline.news(spoiled.result) {
        (entry.fate, entry.why, entry.isKilledByControl) = (.killed, news.why, news.byControl)
        return
      }
    }
    try spoiled.proveAgain()
    if let news = baseline.news(spoiled.result) {
      (entry.fate, entry.why, entry.isKilledByControl) = (.killed, news.why, news.byControl)
      return
    }
    let commands = IsolationCell.commands.filter { command in changed.contains { $0.command == command } }
    let attackers = self.attackers
    let isRed = commands.allSatisfy { command in
      let roles = changed.filter { $0.command == command }.map(\.role)
      let principals = attackers.filter { attacker in
        roles.contains { catalogue.roles[attacker.role]?.memberships.contains($0) == true }
      }
      return baseline.isRed(old.name, command, for: Set(principals.map(\.name)))
    }
    if isRed {
      entry.fate = .alreadyRed
      entry.why =
        "\(commands.joined(separator: ", ")) on \(old.name) leaks, or is not proven, without it: mend that first"
      return
    }
    if let command = commands.first(where: { baseline.allowance(old.name, $0) != nil }),
      let reason = baseline.allowance(old.name, command)
    {
      (entry.fate, entry.why) = (.equivalent, "\(command) on \(old.name) is open by design: \(reason)")
      return
    }
    (entry.fate, entry.why) = try fate(mutant, old, spoiled, changed)
  }

  private var privilegedRoles: [String] {
    Array(Set((attackers + controls).map(\.role) + model.memberRoles + [model.anonymousRole].compactMap { $0 }))
      .sorted()
  }

  /// Puts the fault into what is known of the schema, too.
  private mutating func spoil(_ mutant: Mutant) {
    if let place = catalogue.index[mutant.table] {
      catalogue.relations[place] = mutant.applied(to: catalogue.relations[place])
    }
    if let place = model.index[mutant.table] {
      model.tables[place].relation = mutant.applied(to: model.tables[place].relation)
    }
    if let target = targets[mutant.table] {
      targets[mutant.table]?.table.relation = mutant.applied(to: target.table.relation)
    }
  }

  /// Everything that the proof tries, with the rows that are there.
  mutating func proveAgain() throws(IsolationFailure) {
    result = IsolationResult()
    try prove(model.proving.compactMap { targets[$0.relation.oid] })
    try proveViews()
    try provePartitions()
    try proveCascades()
    try escalate()
    if options.callsFunctions { try callFunctions() }
  }

  /// For whom and what the rules are others with the fault.
  private func changes(
    _ old: Catalogue.Relation, _ new: Catalogue.Relation, _ roles: [String], _ rights: Privileges
  ) -> [(role: String, command: String)] {
    roles.flatMap { name -> [(role: String, command: String)] in
      guard let role = catalogue.roles[name] else { return [] }
      return Privileges.kinds.filter { command in
        TableReach(old, command, role: role, rights: privileges.of(name, old.oid))
          != TableReach(new, command, role: role, rights: rights.of(name, new.oid))
      }.map { (name, $0) }
    }
  }

  /// Whether another table's policy or key, a view or a function looks into a table.
  private func isMentioned(_ relation: Catalogue.Relation) -> Bool {
    catalogue.relations.contains { other in
      other.oid != relation.oid
        && (other.reads.contains(relation.oid) || other.foreignKeys.contains { $0.target == relation.oid }
          || other.policies.contains { SQLText.mentions($0.text, relation.name) })
    } || catalogue.functions.contains { SQLText.mentions($0.source, relation.name) }
  }

  // MARK: - Why

  private func whyNothingChanges(_ mutant: Mutant, _ relation: Catalogue.Relation, _ roles: [String])
    throws(IsolationFailure) -> (MutationReport.Fate, String)
  {
    if mutant.kind == .grantAll {
      return (.equivalent, "the role '\(mutant.role ?? "")' may not look into the schema, whatever it holds")
    }
    if !relation.hasRLS { return (.equivalent, "row security is off on the table: its policies do nothing") }
    guard let policy = relation.policies.first(where: { $0.name == mutant.policy }) else {
      return (.equivalent, "no role under test holds a right on the table, or each owns it")
    }
    let tested = roles.compactMap { catalogue.roles[$0] }
    if !tested.contains(where: { policy.applies(to: $0) }) {
      let held = policy.roles.filter { name in
        guard let role = catalogue.roles[name] else { return false }
        return !role.isSuperuser && !role.bypassesRLS
      }
      let holders =
        held.isEmpty
        ? []
        : try connection.run(
          """
          SELECT r.rolname FROM pg_roles r WHERE r.rolname = ANY(ARRAY[\(held.map { SQLText.literal($0) }.joined(separator: ", "))]::name[])
            AND has_table_privilege(r.oid, \(relation.oid)::oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE') ORDER BY 1
          """
        ).compactMap { $0[0] }
      if !holders.isEmpty {
        return (
          .survived,
          "it is for \(holders.joined(separator: ", ")), which holds rights here and is not under test: name it with `model: { roles: { member: [\(holders.joined(separator: ", "))] } }` or --role"
        )
      }
      return (
        .equivalent,
        "it is for \(policy.roles.joined(separator: ", ")) alone, which row security does not hold, or which holds no right here"
      )
    }
    let open = roles.contains { name in
      Privileges.kinds.contains { policy.covers($0) && privileges.of(name, relation.oid).may($0) }
    }
    if !open { return (.equivalent, "no role under test holds the right that it rules") }
    let same = relation.policies.filter { other in
      other.name != policy.name && other.isPermissive == policy.isPermissive
        && (other.command == "ALL" || other.command == policy.command || policy.command == "ALL")
        && (other.using == policy.using || other.using == "true" || other.check == policy.check)
    }.map(\.name)
    if !same.isEmpty {
      return (.equivalent, "\(same.joined(separator: ", ")) gives or asks the same")
    }
    return (.equivalent, "the other policies of the table leave the same rule for every role under test")
  }

  /// What is to be said of a fault that no cell shows.
  private func fate(
    _ mutant: Mutant, _ relation: Catalogue.Relation, _ spoiled: ProofSession,
    _ changed: [(role: String, command: String)]
  ) throws(IsolationFailure) -> (MutationReport.Fate, String) {
    let commands = IsolationCell.commands.filter { command in changed.contains { $0.command == command } }
    if mutant.kind == .grantAll, commands == ["TRUNCATE"], let reason = whyGrantIsIdle(mutant, relation, commands) {
      return (.equivalent, reason)
    }
    guard let before = targets[mutant.table], let after = spoiled.targets[mutant.table] else {
      if (model.table(mutant.table)?.path ?? .shared) == .shared, !asksWhoCalls(relation) {
        return (.shared, "the table holds no tenant's data, and what looks into it comes out the same")
      }
      return (.survived, "the proof holds no row of this table against it")
    }
    var unspoiled = self
    var other = spoiled
    let with = try other.outcomes(after)
    try connection.run("ROLLBACK TO SAVEPOINT gonogo_mutant")
    let without = try unspoiled.outcomes(before)
    let keys = with.keys.filter { without[$0] != nil && without[$0] != with[$0] }.sorted()
    let gained = keys.filter { with[$0]?.isGain == true && without[$0]?.isGain != true }
    let shown = (gained.isEmpty ? keys : gained).prefix(3).map {
      "\($0): \(without[$0]?.text ?? "") without it, \(with[$0]?.text ?? "") with it"
    }
    let differences = shown.joined(separator: "; ") + (keys.count > shown.count ? " …" : "")
    if !gained.isEmpty { return (.survived, "no cell turns red, though strangers get more: \(differences)") }
    if mutant.kind == .grantAll, let reason = whyGrantIsIdle(mutant, relation, commands) {
      return (.equivalent, reason)
    }
    if mutant.kind == .widenCheck, let reason = whyCheckIsIdle(mutant, relation, changed.map(\.role)) {
      return (.equivalent, reason)
    }
    // That somebody sees, or locks, a row of the own tenant is nothing between tenants; that he writes it may be.
    let isLoss = keys.allSatisfy { with[$0]?.isSuccess != true || with[$0]?.isOwnLook == true }
    if !keys.isEmpty, isLoss {
      return (.tightened, "nobody reaches more, and the proof takes what is closed for meant: \(differences)")
    }
    if !keys.isEmpty { return (.survived, "no cell turns red, though this comes out otherwise: \(differences)") }
    let others = relation.policies.filter { other in
      other.name != mutant.policy && other.isPermissive
        && (other.command == "ALL" || commands.contains(other.command))
    }.map(\.name)
    let also =
      others.isEmpty
      ? "no attempt asks for what it rules"
      : "\(others.joined(separator: ", ")) gives the same, or no attempt asks for what it rules"
    return (.survived, "nothing that anybody tries comes out otherwise: \(also)")
  }

  /// Why a CHECK rules nothing that USING does not: what it asks for are columns that nobody under test may write.
  private func whyCheckIsIdle(_ mutant: Mutant, _ relation: Catalogue.Relation, _ roles: [String]) -> String? {
    guard let policy = relation.policies.first(where: { $0.name == mutant.policy }), let check = policy.check,
      check == policy.using
    else { return nil }
    for role in roles {
      let rights = privileges.of(role, relation.oid)
      // Of a new row, everything is written.
      if policy.covers("INSERT"), rights.may("INSERT") { return nil }
      guard policy.covers("UPDATE"), rights.may("UPDATE") else { continue }
      guard let columns = rights.limited("UPDATE") else { return nil }
      if columns.contains(where: { SQLText.mentions(check, $0) }) { return nil }
    }
    return "USING asks the same of the row as it was, and nobody under test may write the columns that it asks for"
  }

  /// Why a grant opens nothing, where each command that it adds is held by something else.
  private func whyGrantIsIdle(_ mutant: Mutant, _ relation: Catalogue.Relation, _ commands: [String]) -> String? {
    var reasons: [String] = []
    let held = commands.filter { $0 != "TRUNCATE" }
    if !held.isEmpty {
      guard relation.hasRLS, catalogue.roles[mutant.role ?? ""]?.memberships.contains(relation.owner) != true else {
        return nil
      }
      reasons.append("\(held.joined(separator: ", ")): the policies hold it, and every attempt fails as before")
    }
    if commands.contains("TRUNCATE") {
      // "TRUNCATE cannot be used on a table that has foreign-key references from other tables, unless all such tables are
      // also truncated in the same command" (TRUNCATE), which needs the right on each of them.
      let referring = catalogue.relations.first { other in
        other.oid != relation.oid && other.foreignKeys.contains { $0.target == relation.oid }
          && !privileges.of(mutant.role ?? "", other.oid).may("TRUNCATE")
      }
      if model.platform == .supabase {
        reasons.append("TRUNCATE: the API has no such request")
      } else if let referring {
        reasons.append("TRUNCATE: refused, since \(referring.name) refers to the table, and may not be emptied by it")
      } else {
        return nil
      }
    }
    return reasons.isEmpty ? nil : reasons.joined(separator: "; ")
  }

  /// Whether a policy of a table looks at the caller: data that is no tenant's has no reason to.
  private func asksWhoCalls(_ relation: Catalogue.Relation) -> Bool {
    relation.policies.contains { policy in
      let text = policy.text.lowercased()
      return ["auth.", "current_setting", "current_user", "session_user"].contains { text.contains($0) }
        || catalogue.functions.contains { SQLText.mentions(policy.text, $0.name) }
    }
  }

  private struct Reply: Equatable {
    let text: String
    let isSuccess: Bool
    /// A look at rows of the own tenant.
    let isOwnLook: Bool
    /// A stranger's attempt that succeeded.
    let isGain: Bool
  }

  /// What each attempt on a table came to, by who tried it and how.
  private mutating func outcomes(_ target: AttemptMaker.Target) throws(IsolationFailure) -> [String: Reply] {
    let maker = self.maker
    var found: [String: Reply] = [:]
    for principal in attackers + controls {
      if principal.name == "newcomer", !target.table.isPerUser { continue }
      var attempts = maker.all(target, principal, &seeder)
      // Each for itself: one that is left out says nothing.
      for place in attempts.indices {
        attempts[place].followsKey = false
        attempts[place].followsBlind = false
      }
      for reply in try runner.attempt([(principal: principal, attempts: attempts)], timeout: 10_000) {
        let who = principal.isControl ? "the tenant's own \(principal.name)" : principal.name
        let rows = max(reply.rows, reply.harm)
        found["\(who), \(reply.attempt.command) \(reply.attempt.kind)"] = Reply(
          text: reply.code != "00000" ? "refused (\(reply.code))" : rows == 1 ? "1 row" : "\(rows) rows",
          isSuccess: reply.code == "00000" && rows > 0,
          isOwnLook: principal.isControl && reply.attempt.command == "SELECT",
          isGain: !principal.isControl && reply.succeeded)
      }
    }
    return found
  }
}
