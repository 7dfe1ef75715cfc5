/// Functions that give out no row of another tenant, and still tell of it: a sum, a count, a date.
///
/// Nothing marks a figure. What tells is that the answer for the other tenant's key is another than for a key that nobody has,
/// and another once the other tenant's rows are gone; what is merely computed of the key, or counts everybody, is neither.
extension ProofSession {
  /// A call that ran, showed no mark, and changed nothing.
  struct QuietCall {
    let function: Catalogue.Function
    let principal: Principal
    let call: Call
    let absent: Call
  }

  mutating func compareAnswers(_ calls: [QuietCall]) throws(IsolationFailure) {
    var suspects: [(call: QuietCall, tables: Set<Int>)] = []
    let groups = calls.map { item in
      (
        principal: item.principal,
        attempts: [item.call.answer, item.call.answer, item.absent.answer, item.call.saying].map { sql in
          Attempt(table: item.function.oid, command: "EXECUTE", kind: "answer", sql: sql)
        }
      )
    }
    let replies = try attemptInParts(groups)
    for (place, item) in calls.enumerated() {
      let four = replies[(place * 4)..<(place * 4 + 4)]
      guard four.allSatisfy({ $0.code == "00000" }), let first = four.first,
        first.rows == four[four.startIndex + 1].rows,
        first.rows != four[four.startIndex + 2].rows, four[four.startIndex + 3].rows > 0
      else { continue }
      let tables = lookedInto(item.function)
      if !tables.isEmpty { suspects.append((item, tables)) }
    }
    let without = try attemptInParts(
      suspects.map { item in
        var attempt = Attempt(
          table: item.call.function.oid, command: "EXECUTE", kind: "answer", sql: item.call.call.answer)
        var with = attempt
        with.prepare = nil
        attempt.prepare = removal(item.tables).joined(separator: "; ")
        return (item.call.principal, [with, attempt])
      })
    var told: Set<String> = []
    for (place, item) in suspects.enumerated() {
      let (with, gone) = (without[place * 2], without[place * 2 + 1])
      guard with.code == "00000", gone.code == "00000", with.rows != gone.rows,
        told.insert("\(item.call.function.signature) \(item.call.principal.name)").inserted
      else { continue }
      record(item.call, item.tables)
    }
  }

  private mutating func attemptInParts(_ groups: [(principal: Principal, attempts: [Attempt])])
    throws(IsolationFailure) -> [AttemptResult]
  {
    var replies: [AttemptResult] = []
    var place = 0
    // Without any setting first: see `attackers`. The callers are in that order already.
    while place < groups.count {
      let part = Array(groups[place..<min(place + 20, groups.count)])
      replies += try runner.attempt(part, timeout: 10_000)
      place += part.count
    }
    result.attempts += replies.count
    return replies
  }

  /// The tables with B's rows that a function, or one that it calls, names.
  func lookedInto(_ function: Catalogue.Function) -> Set<Int> {
    var open = [function.source]
    var called: Set<Int> = [function.oid]
    var found: Set<Int> = []
    while let source = open.popLast() {
      let words = Set(source.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init))
      for target in targets.values where words.contains(target.table.relation.name.lowercased()) && !target.isLarge {
        found.insert(target.table.relation.oid)
      }
      for other in catalogue.functions
      where words.contains(other.name.lowercased()) && called.insert(other.oid).inserted {
        open.append(other.source)
      }
    }
    return found
  }

  private mutating func record(_ item: QuietCall, _ tables: Set<Int>) {
    let (function, principal) = (item.function, item.principal)
    // Whether there is such a one is less than what there is of it.
    if function.returns == "boolean" {
      result.oracles.append(
        .init(table: function.signature, reason: "tells \(principal.name) something of another tenant, by yes or no"))
      return
    }
    let what = "answers otherwise for the other tenant's key"
    var attempt = Attempt(
      table: function.oid, command: "EXECUTE", kind: what, sql: item.call.answer, check: "SELECT 0",
      shown: "\(item.call.sql);\nINSERT INTO gonogo_before \(item.call.answer)")
    attempt.comparesAnswers = true
    attempt.evidence = Evidence(
      before:
        "CREATE TEMP TABLE gonogo_before (seen bigint) ON COMMIT DROP; GRANT SELECT, INSERT ON gonogo_before TO PUBLIC",
      between: removal(tables) + [
        "-- without the other tenant's rows, it answers:", "SET LOCAL ROLE \(SQLText.name(principal.role))",
        item.call.sql,
      ], count: "SELECT count(*) FROM gonogo_before WHERE seen <> (\(item.call.answer))")
    addFunctionLeak(function, principal, attempt, what, bare: false)
  }
}
