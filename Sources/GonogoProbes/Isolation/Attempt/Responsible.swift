import GonogoCore

/// Which of a table's policies let an attempt pass. The others stay as they are: a mend that rewrote the administrators' policy
/// for everybody would open more than it closes.
extension ProofSession {
  mutating func narrowPolicies() throws(IsolationFailure) {
    let principals = attackers
    for place in result.leaks.indices where result.leaks[place].policies.count > 1 {
      let leak = result.leaks[place]
      guard
        let target = targets.values.first(where: {
          "\($0.table.relation.schema).\($0.table.relation.name)" == leak.object
        }), let principal = principals.first(where: { $0.name == leak.principal }), leak.command != "TRUNCATE",
        // Those ask as somebody that no ordinary principal is.
        !leak.kind.hasPrefix("with "), !leak.kind.hasPrefix("invited ")
      else { continue }
      let relation = target.table.relation
      let policies = relation.policies.filter { leak.policies.contains($0.name) }
      let attempts = policies.map { question(leak, $0, target, principal) }
      if attempts.contains(where: { $0 == nil }) { continue }
      let replies = try runner.attempt([(principal, attempts.compactMap { $0 })], timeout: 5_000)
      let kept = zip(policies, replies).filter { $0.1.code == "00000" && $0.1.rows > 0 }.map(\.0.name)
      if kept.isEmpty || kept.count == leak.policies.count { continue }
      let old = mend.sql(target.table, leak.command, kind: leak.kind, policies: leak.policies)
      let new = mend.sql(target.table, leak.command, kind: leak.kind, policies: kept)
      result.leaks[place] = .init(
        table: leak.table, object: leak.object, command: leak.command, principal: leak.principal, role: leak.role,
        kind: leak.kind, kinds: leak.kinds, transcript: leak.transcript, policies: kept,
        mend: leak.mend.replacing(old, with: new), gains: leak.gains, places: leak.places)
    }
  }

  /// Whether a policy's expression holds for the row, evaluated for the principal and past row security.
  private mutating func question(
    _ leak: IsolationResult.Leak, _ policy: Catalogue.Policy, _ target: AttemptMaker.Target, _ principal: Principal
  ) -> Attempt? {
    let relation = target.table.relation
    if leak.command != "INSERT" {
      guard let expression = policy.using else { return nil }
      return Attempt(
        table: relation.oid, command: leak.command, kind: "policy",
        sql: "SELECT count(*) FROM \(relation.sql) WHERE \(target.victimCondition) AND (\(expression))",
        asPrivileged: true)
    }
    guard let expression = policy.check ?? policy.using,
      let insert = maker.insert(target, principal, &seeder).first(where: { leak.kinds.contains($0.kind) }),
      insert.command == "INSERT", insert.evidence == nil, let check = insert.check
    else { return nil }
    // The row is made and taken away again: with it in place, a policy that looks memberships up would find it itself.
    let prefix = "SELECT count(*) FROM \(relation.sql) WHERE "
    guard check.hasPrefix(prefix) else { return nil }
    let condition = check.dropFirst(prefix.count)
    let name = SQLText.name(relation.name)
    let steps = [
      insert.prepare, insert.sql,
      "SELECT set_config('gonogo.row', to_jsonb(\(name))::text, true) FROM \(relation.sql) WHERE \(condition)",
      "DELETE FROM \(relation.sql) WHERE \(condition)",
    ]
    return Attempt(
      table: relation.oid, command: "INSERT", kind: "policy",
      sql:
        "SELECT count(*) FROM (SELECT (jsonb_populate_record(NULL::\(relation.sql), current_setting('gonogo.row')::jsonb)).*) AS \(name) WHERE \(expression)",
      prepare: steps.compactMap { $0 }.joined(separator: "; "), asPrivileged: true)
  }
}
