import GonogoCore

/// Functions with their owner's rights that look into tenants' tables, and of which no call showed anything: either the tenant's
/// own people reach something by them, or nothing is proven of them.
extension ProofSession {
  /// The functions that are called by the policies, directly or through others: what they let through is proven with the tables.
  private var askedByPolicies: Set<Int> {
    func words(_ text: String) -> Set<String> {
      Set(text.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init))
    }
    var open = catalogue.relations.flatMap { $0.policies.map(\.text) }
    var found: Set<Int> = []
    while let text = open.popLast() {
      let named = words(text)
      for function in catalogue.functions
      where named.contains(function.name.lowercased()) && found.insert(function.oid).inserted {
        open.append(function.source)
      }
    }
    return found
  }

  /// The functions of which something must be shown.
  func owingProof(_ functions: [Catalogue.Function]) -> [Catalogue.Function] {
    let definers = functions.filter(\.isDefiner)
    if definers.isEmpty { return [] }
    let asked = askedByPolicies
    return definers.filter { function in
      if isGivenSQL(function) { return true }
      return !asked.contains(function.oid) && !mentionedTables(function).isEmpty
    }
  }

  private func isNamed(_ function: Catalogue.Function) -> Bool {
    result.leaks.contains { $0.object == "\(function.schema).\(function.name)" && $0.command == "EXECUTE" }
      || result.oracles.contains { $0.table == function.signature }
      || result.cells.contains { $0.table == function.name && $0.command == "EXECUTE" }
      || result.functionsLeftOut.contains { $0.table == function.signature && $0.reason.hasPrefix("its effects") }
      || result.functionsLeftOut.contains { $0.table == function.signature && $0.reason.hasPrefix("it may move") }
  }

  /// - Parameter refused: the functions that every stranger was refused by, by a check of theirs.
  mutating func proveQuietFunctions(
    _ functions: [Catalogue.Function], callers: [Principal], refused: Set<Int>
  ) throws(IsolationFailure) {
    var open: [Catalogue.Function] = []
    for function in owingProof(functions) where !isNamed(function) {
      if isGivenSQL(function) {
        // What asks for the server's own role lets nobody in who could be tried.
        let isForServer = refused.contains(function.oid) && function.source.contains("service_role")
        if !isForServer {
          result.unproven.append(.init(table: function.signature, reason: "runs SQL that it is given"))
        }
      } else {
        open.append(function)
      }
    }
    for function in open where try !reachesOwn(function, callers) {
      result.unproven.append(.init(table: function.signature, reason: "no call of it reached a row of anybody"))
    }
  }

  /// Whether the tenant's own people get at anything of theirs by a function, or change anything.
  private mutating func reachesOwn(_ function: Catalogue.Function, _ callers: [Principal]) throws(IsolationFailure)
    -> Bool
  {
    guard let calls = calls(function, secrets: true), !calls.isEmpty,
      let role = callers.first(where: { privileges.executable[$0.role]?.contains(function.oid) == true })?.role
    else { return false }
    let change = try changes(of: function)
    let maker = principalMaker
    let own: [Principal] = [.member, .admin, .spare].map { person in
      maker.make(person.rawValue, .b, person, role: role)
    }
    let neighbour = maker.make("member", .a, .member, role: role)
    let stranger = maker.make("no-tenant", .none, .stranger, role: role)
    for call in calls {
      func attempt(_ sql: String) -> Attempt {
        Attempt(table: function.oid, command: "EXECUTE", kind: "answer", sql: sql)
      }
      var reaching = Attempt(
        table: function.oid, command: "EXECUTE", kind: "control",
        sql: function.kind == "p" ? call.sql : call.counting)
      reaching.countsRows = function.kind == "p"
      reaching.countsEither = function.kind != "p"
      reaching.check = change
      var groups: [(principal: Principal, attempts: [Attempt])] = []
      let absent = call.absent.map { Call(function, $0, absent: nil) }
      for principal in own {
        var attempts = [reaching]
        if function.kind != "p" {
          attempts += [attempt(call.answer), attempt(call.answer), attempt(absent?.answer ?? call.answer)]
        }
        groups.append((principal, attempts))
      }
      for other in [neighbour, stranger] {
        groups.append((other, [function.kind == "p" ? reaching : attempt(call.answer)]))
      }
      let replies = try runner.attempt(groups, timeout: 10_000)
      result.controls += replies.count
      if replies.dropLast(2).contains(where: { $0.attempt.kind == "control" && $0.succeeded }) { return true }
      // A check of its own that lets the tenant's people in, and a stranger not, has been shown to hold.
      if replies.suffix(2).allSatisfy({ ["P0001", "42501"].contains($0.code) }),
        replies.dropLast(2).contains(where: { $0.attempt.kind == "control" && $0.code == "00000" })
      {
        return true
      }
      if function.kind == "p" || function.returns == "void" { continue }
      for place in own.indices {
        let (first, second, none) = (replies[place * 4 + 1], replies[place * 4 + 2], replies[place * 4 + 3])
        guard first.code == "00000", second.code == "00000", first.rows == second.rows else { continue }
        if none.code == "00000", none.rows != first.rows { return true }
        if let other = replies.last, other.code == "00000", other.rows != first.rows { return true }
      }
    }
    return false
  }

  /// Counts the rows of the tables that a function looks into that are new, changed, or gone.
  private func changes(of function: Catalogue.Function) throws(IsolationFailure) -> String {
    var parts: [String] = []
    for oid in lookedInto(function).sorted() {
      guard let relation = targets[oid]?.table.relation else { continue }
      // Each attempt that writes has a transaction of its own inside, and its number is higher than any before it.
      let numbers = try connection.run("SELECT coalesce(max(xmin::text::int8), 0), count(*) FROM \(relation.sql)")
      guard let most = numbers.first?[0], let count = numbers.first?[1] else { continue }
      parts.append(
        "(SELECT count(*) FILTER (WHERE xmin::text::int8 > \(most)) + greatest(0, \(count) - count(*)) FROM \(relation.sql))"
      )
    }
    return "SELECT " + (parts.isEmpty ? "0" : parts.joined(separator: " + "))
  }
}
