import GonogoCore

/// Functions that strangers may execute, called with the other tenant's keys.
extension ProofSession {
  mutating func callFunctions() throws(IsolationFailure) {
    // Nothing marks the rows of tenants that were there before: what a function gives out could not be told from its own.
    if catalogue.isReadOnly {
      result.notes.append("functions were not called: the database only reads")
      return
    }
    let maker = principalMaker
    let role = model.memberRoles[0]
    let anonymous = model.anonymousRole ?? role
    let callers = [
      maker.make("anonymous", .shared, .stranger, role: anonymous), maker.make("member", .a, .member, role: role),
      maker.make("no-tenant", .none, .stranger, role: role),
    ]
    let checks = targets.values.filter { !$0.isLarge }.sorted { $0.table.relation.oid < $1.table.relation.oid }
    var check = "SELECT 0"
    if !checks.isEmpty {
      check =
        "SELECT "
        + checks.map { target in
          "(\(self.maker.lost(target))) + greatest(0, (SELECT count(*) - \(target.victimCount) FROM \(target.table.relation.sql) WHERE \(target.victimPath)))"
        }.joined(separator: " + ")
    }
    let evidence = Evidence.changed(
      checks.map { .init(relation: $0.table.relation, condition: $0.victimPath) }, orAdded: true)
    let functions = catalogue.functions.filter { function in
      model.schemas.contains(function.schema) && !function.isOfExtension && function.returns != "trigger"
        && function.returns != "event_trigger" && ["sql", "plpgsql"].contains(function.language)
        && callers.contains { privileges.executable[$0.role]?.contains(function.oid) == true }
    }.sorted { ($0.isDefiner ? 0 : 1, $0.signature) < ($1.isDefiner ? 0 : 1, $1.signature) }
    var groups: [(principal: Principal, attempts: [Attempt])] = []
    var waysToCall: [Int: [String: Call]] = [:]
    for function in functions {
      if let reason = leavesTransaction(function) {
        result.functionsLeftOut.append(.init(table: function.signature, reason: reason))
        continue
      }
      guard let calls = calls(function), !calls.isEmpty else {
        result.functionsLeftOut.append(
          .init(table: function.signature, reason: "no value of some argument's type is known"))
        continue
      }
      result.functionsCalled += 1
      waysToCall[function.oid] = Dictionary(calls.map { ($0.sql, $0) }, uniquingKeysWith: { first, _ in first })
      let source = function.source.lowercased()
      let writes =
        function.volatility == "v"
        && ["insert", "update", "delete", "merge", "execute", "perform", "truncate", "call ", "select"].contains {
          source.contains($0)
        }
      for principal in callers where privileges.executable[principal.role]?.contains(function.oid) == true {
        var attempts: [Attempt] = []
        for call in calls {
          var attempt = Attempt(
            table: function.oid, command: "EXECUTE", kind: function.isDefiner ? "definer function" : "function",
            sql: function.kind == "p" ? call.sql : call.counting, shown: call.sql)
          attempt.countsRows = function.kind == "p"
          attempt.countsEither = function.kind != "p"
          if writes {
            attempt.check = check
            attempt.evidence = evidence
          }
          attempts.append(attempt)
        }
        groups.append((principal, attempts))
      }
    }
    // Without any setting first: see `attackers`.
    let ordered = groups.enumerated().sorted {
      ($0.element.principal.settings.isEmpty ? 0 : 1, $0.offset) < (
        $1.element.principal.settings.isEmpty ? 0 : 1, $1.offset
      )
    }
    var found: [String: (function: Catalogue.Function, principal: Principal, results: [AttemptResult])] = [:]
    let byOID = Dictionary(functions.map { ($0.oid, $0) }, uniquingKeysWith: { first, _ in first })
    var quiet: [QuietCall] = []
    var notRefused: Set<Int> = []
    var batch: [(principal: Principal, attempts: [Attempt])] = []
    func flush(_ session: inout ProofSession) throws(IsolationFailure) {
      let replies = try session.runner.attempt(batch, timeout: 10_000)
      session.result.attempts += replies.count
      var place = 0
      for group in batch {
        for _ in group.attempts {
          let reply = replies[place]
          place += 1
          guard let function = byOID[reply.attempt.table] else { continue }
          if !["P0001", "42501"].contains(reply.code) { notRefused.insert(function.oid) }
          if !reply.succeeded {
            if reply.code == "00000", !["void", "boolean[]"].contains(function.returns),
              let call = waysToCall[function.oid]?[reply.attempt.shown ?? ""], let absent = call.absent
            {
              quiet.append(
                .init(
                  function: function, principal: group.principal, call: call,
                  absent: Call(function, absent, absent: nil)))
            }
            continue
          }
          let key = "\(function.signature) \(group.principal.name)"
          found[key, default: (function, group.principal, [])].results.append(reply)
        }
      }
      batch = []
    }
    for (_, group) in ordered {
      batch.append(group)
      if batch.reduce(0, { $0 + $1.attempts.count }) > 60 { try flush(&self) }
    }
    try flush(&self)
    for (_, item) in found.sorted(by: { $0.key < $1.key }) {
      try record(item.function, item.principal, item.results, waysToCall[item.function.oid] ?? [:])
    }
    try compareAnswers(quiet.filter { found["\($0.function.signature) \($0.principal.name)"] == nil })
    try proveQuietFunctions(functions, callers: callers, refused: Set(byOID.keys).subtracting(notRefused))
  }

  private mutating func record(
    _ function: Catalogue.Function, _ principal: Principal, _ results: [AttemptResult], _ calls: [String: Call]
  ) throws(IsolationFailure) {
    guard let first = results.first(where: { $0.harm > 0 }) ?? results.first else { return }
    // A function that gives back a mere key tells that there is such a thing, and no more.
    // A number may be a sum of theirs as well.
    var isKey = first.harm == 0 && ["uuid", "integer", "bigint"].contains(function.returns)
    if isKey, function.returns != "uuid", let call = calls[first.attempt.shown ?? ""] {
      let saying = Attempt(table: function.oid, command: "EXECUTE", kind: "answer", sql: call.saying)
      let replies = try runner.attempt([(principal, [saying])], timeout: 10_000)
      result.attempts += replies.count
      if replies.contains(where: { $0.code == "00000" && $0.rows > 0 }) { isKey = false }
    }
    if isKey {
      result.oracles.append(.init(table: function.signature, reason: "gives \(principal.name) a key of another tenant"))
      return
    }
    var attempt = first.attempt
    // What it gives out is the harm, then.
    if first.harm == 0 { attempt.check = nil }
    addFunctionLeak(
      function, principal, attempt,
      first.harm > 0 ? "changes the other tenant's rows" : "gives out the other tenant's rows", bare: first.bare)
  }

  mutating func addFunctionLeak(
    _ function: Catalogue.Function, _ principal: Principal, _ attempt: Attempt, _ what: String, bare: Bool
  ) {
    var cell = IsolationCell(
      table: function.name, command: "EXECUTE", principal: principal.name, state: .leak, kinds: [what])
    if let allowance = options.allowances.first(where: {
      ($0.table == function.name || $0.table == "\(function.schema).\(function.name)")
        && ($0.command == "*" || $0.command == "EXECUTE")
        && ["*", principal.name, principal.role, principal.name == "anonymous" ? "anon" : principal.name].contains(
          $0.principal)
    }) {
      cell.state = .allowed
      cell.reason = allowance.reason
      result.allowed.append(.init(table: "\(function.name) EXECUTE \(principal.name)", reason: allowance.reason))
      result.cells.append(cell)
      return
    }
    result.cells.append(cell)
    let tables = Set(targets.keys)
    let arguments = function.argumentTypes.joined(separator: ", ")
    result.leaks.append(
      .init(
        table: function.name, object: "\(function.schema).\(function.name)", command: "EXECUTE",
        principal: principal.name, role: principal.role, kind: what, kinds: [what],
        transcript: transcript.script(
          "\(principal.title): \(function.signature) \(what)", tables: tables, principal: principal,
          attempt: attempt, bare: bare), policies: [],
        mend: function.isDefiner
          ? "REVOKE EXECUTE ON \(function.kind == "p" ? "PROCEDURE" : "FUNCTION") \(function.sql)(\(arguments)) FROM PUBLIC, \(SQLText.name(principal.role)); -- or let it check, with IS DISTINCT FROM, who asks"
          : "-- it acts with the caller's rights: close the table that it reads"))
  }

  /// Why a function is not called where its effects would stay.
  private func leavesTransaction(_ function: Catalogue.Function) -> String? {
    if options.isScratch { return nil }
    let source = function.source.lowercased()
    let lasting = [
      "dblink", "http_", "net.http", "http(", "pg_notify", "notify ", "lo_", "pg_sleep", "pg_read_file", "pg_write",
      "copy ",
      "pg_terminate", "pg_cancel", "nextval", "setval", "pg_advisory_lock", "pg_reload", "pg_stat_reset",
    ]
    if let word = lasting.first(where: { source.contains($0) }) {
      return
        "its effects would outlive the transaction (\(word.replacing(" ", with: "").replacing("(", with: ""))): called in a scratch copy only"
    }
    if source.contains("insert") {
      for relation in catalogue.relations where relation.isTable && relation.columns.contains(where: \.isSerial) {
        if SQLText.mentions(source, relation.name) {
          return "it may move the sequence of \(relation.name), which does not roll back: called in a scratch copy only"
        }
      }
    }
    return nil
  }
}
