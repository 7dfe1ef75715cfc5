import GonogoCore

/// Views that show no row and still tell of every tenant's: counts, sums, ranks.
extension ProofSession {
  /// What is asked of one principal: does what it sees change when B's rows are gone?
  private static func fingerprint(_ relation: Catalogue.Relation) -> String {
    "SELECT hashtext(coalesce(string_agg(v::text, ',' ORDER BY v::text), ''))::bigint FROM \(relation.sql) v"
  }

  func removal(_ tables: Set<Int>) -> [String] {
    let targets = tables.sorted().compactMap { self.targets[$0] }
    let deletes = targets.map { "DELETE FROM \($0.table.relation.sql) WHERE \($0.victimPath)" }
    return catalogue.maySetReplicationRole
      ? ["SET LOCAL session_replication_role = replica"] + deletes + ["SET LOCAL session_replication_role = origin"]
      : deletes
  }

  /// Whether what each principal sees in a view depends on B's rows; nothing of whom that could not be found out.
  mutating func dependence(_ relation: Catalogue.Relation, _ tables: Set<Int>, _ principals: [Principal])
    throws(IsolationFailure) -> [String: Bool]
  {
    let refresh = relation.kind == "m" ? ["REFRESH MATERIALIZED VIEW \(relation.sql)"] : []
    let sql = Self.fingerprint(relation)
    var with = Attempt(table: relation.oid, command: "SELECT", kind: "aggregate", sql: sql)
    with.prepare = refresh.first
    var without = with
    without.prepare = (removal(tables) + refresh).joined(separator: "; ")
    // Twice with: what differs by itself, such as random(), tells nothing.
    let replies = try runner.attempt(principals.map { ($0, [with, with, without]) }, timeout: 10_000)
    var found: [String: Bool] = [:]
    for (place, principal) in principals.enumerated() {
      let three = replies[(place * 3)..<(place * 3 + 3)]
      if principal.isControl { result.controls += 1 } else { result.attempts += 1 }
      guard three.allSatisfy({ $0.code == "00000" }) else { continue }
      let values = three.map(\.rows)
      if values[0] != values[1] { continue }
      found["\(principal.name) \(principal.label.rawValue)"] = values[1] != values[2]
    }
    return found
  }

  /// The attempt that a transcript shows.
  func aggregateAttempt(_ relation: Catalogue.Relation, _ tables: Set<Int>, _ principal: Principal) -> Attempt {
    let sql = Self.fingerprint(relation)
    var between = removal(tables)
    if relation.kind == "m" { between.append("REFRESH MATERIALIZED VIEW \(relation.sql)") }
    between += ["-- without the other tenant's rows, it sees:", "SET LOCAL ROLE \(SQLText.name(principal.role))"]
    var attempt = Attempt(
      table: relation.oid, command: "SELECT", kind: "by what it counts", sql: sql,
      prepare: relation.kind == "m" ? "REFRESH MATERIALIZED VIEW \(relation.sql)" : nil, check: "SELECT 0",
      shown: "SELECT * FROM \(relation.sql);\nINSERT INTO gonogo_before \(sql)")
    attempt.evidence = Evidence(
      before:
        "CREATE TEMP TABLE gonogo_before (seen bigint) ON COMMIT DROP; GRANT SELECT, INSERT ON gonogo_before TO PUBLIC",
      between: between + ["SELECT * FROM \(relation.sql)"],
      count: "SELECT count(*) FROM gonogo_before WHERE seen <> (\(sql))")
    return attempt
  }
}
