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
    for (_, item) in found.sorted(by: { $0.key < $1.key }) { record(item.function, item.principal, item.results) }
    try compareAnswers(quiet.filter { found["\($0.function.signature) \($0.principal.name)"] == nil })
  }

  private mutating func record(_ function: Catalogue.Function, _ principal: Principal, _ results: [AttemptResult]) {
    guard let first = results.first(where: { $0.harm > 0 }) ?? results.first else { return }
    // A function that gives back a mere key tells that there is such a thing, and no more.
    if first.harm == 0, ["uuid", "integer", "bigint"].contains(function.returns) {
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

  struct Call {
    let sql: String
    /// Gives the number of lines that tell something of B, besides what was passed in.
    let counting: String
    /// What it answers, as one number.
    var answer = ""
    /// How many lines of it say anything but a key of B's.
    var saying = ""
    /// The same arguments with keys that nobody has, where one of them is B's.
    var absent: [String?]?

    init(_ function: Catalogue.Function, _ values: [String?], absent: [String?]?, keys: [String] = []) {
      let arguments = zip(values, function.argumentTypes).map { value, type in
        value.map { "\(SQLText.literal($0))::\(type)" } ?? "NULL::\(type)"
      }.joined(separator: ", ")
      if function.kind == "p" {
        sql = "CALL \(function.sql)(\(arguments))"
        counting = ""
        return
      }
      var line = "coalesce(f::text, '')"
      for value in Set(values.compactMap { $0 }).sorted() where value.count > 5 {
        line = "replace(\(line), \(SQLText.literal(value)), '')"
      }
      let call = "\(function.sql)(\(arguments)) f"
      sql = "SELECT * FROM \(function.sql)(\(arguments))"
      counting = "SELECT count(*) FROM (SELECT \(line) AS line FROM \(call)) x WHERE \(AttemptMaker.marked("x.line"))"
      answer =
        "SELECT hashtext(coalesce(string_agg(x.line, ',' ORDER BY x.line), ''))::bigint FROM (SELECT \(line) AS line FROM \(call)) x"
      let known = keys.map { SQLText.literal($0) }.joined(separator: ", ")
      saying =
        "SELECT count(*) FROM \(call) WHERE translate(coalesce(f::text, ''), '(,)', '') <> ''"
        + (known.isEmpty ? "" : " AND f::text NOT IN (\(known))")
      self.absent = absent
    }
  }

  /// Every key of B's that is known: one that is given back tells that there is such a thing, and no more.
  private var keysOfB: [String] {
    let users = [SeedRow.Person.member, .admin, .spare].map { seeder.user(.b, $0) }
    let rows = targets.values.flatMap { target in
      target.table.relation.primaryKey.compactMap { target.victim.text($0) }
    }
    return Set(users + [seeder.tenantKeys[.b]].compactMap { $0 } + rows).filter { $0.count > 5 }.sorted()
  }

  /// A key of the same kind as one of B's, that nobody has.
  private func absent(_ value: String) -> String {
    if value.contains("@") { return "nobody@example.test" }
    if value.hasPrefix(SeedLabel.b.uuidPrefix) { return SeedValues.uuid(.b, 0xFFFF_FFFF) }
    if Int(value) != nil { return String(SeedLabel.b.integerBase + 9_999_999) }
    return SeedLabel.b.textPrefix + "nobody"
  }

  /// The ways to call a function with B's keys.
  private func calls(_ function: Catalogue.Function) -> [Call]? {
    var lists: [[String?]] = []
    for (place, oid) in function.argumentTypeOIDs.enumerated() {
      let name = place < function.argumentNames.count ? SQLText.snake(function.argumentNames[place]) : ""
      lists.append(candidates(name, oid, function.argumentTypes[place]))
    }
    var combinations: [[String?]] = [[]]
    for list in lists {
      if list.isEmpty { return nil }
      combinations = combinations.flatMap { head in list.map { head + [$0] } }
      if combinations.count > 12 { combinations = Array(combinations.prefix(12)) }
    }
    let keys = keysOfB
    let known = Set(keys + [seeder.email(.b, .member)])
    return combinations.map { values in
      let isOfB = values.contains { $0.map(known.contains) ?? false }
      let absent = isOfB ? values.map { $0.map { known.contains($0) ? self.absent($0) : $0 } } : nil
      return Call(function, values, absent: absent, keys: keys)
    }
  }

  private func candidates(_ name: String, _ oid: Int, _ type: String) -> [String?] {
    let info = catalogue.types[oid]
    let stem = ["p_", "_", "in_", "arg_", "v_", "target_", "the_"].reduce(name) {
      $0.hasPrefix($1) ? String($0.dropFirst($1.count)) : $0
    }
    let isKey = info?.name == "uuid" || info?.category == "N" || info?.name == "text" || info?.name == "varchar"
    var list: [String?] = []
    if isKey {
      let fits = { (text: String?) -> Bool in
        guard let text else { return false }
        return info?.name == "uuid" ? text.count == 36 : info?.category == "N" ? Int(text) != nil : true
      }
      if let tenant = seeder.tenantKeys[.b], fits(tenant),
        IdentityModel.meaning(of: stem) == .tenant || stem == model.tenantKeyName
      {
        list.append(tenant)
      } else if fits(seeder.user(.b, .member)), Naming.isUserWord(stem) || Naming.userKeys.contains(stem) {
        list.append(seeder.user(.b, .member))
      } else {
        // `p_note_id` is a key of `notes`; a bare `id` may be of any table.
        let word = stem.hasSuffix("_id") ? String(stem.dropLast(3)) : stem
        for target in targets.values.sorted(by: { $0.table.relation.oid < $1.table.relation.oid }) {
          let table = SQLText.snake(target.table.relation.name)
          guard let key = target.table.relation.primaryKey.first, target.table.relation.primaryKey.count == 1 else {
            continue
          }
          let text = target.victim.text(key)
          guard fits(text), target.table.relation.column(key)?.typeOID == oid || info?.category == "S" && false else {
            continue
          }
          if table == word || table == word + "s" || table == word + "es"
            || word.hasSuffix("y") && table == word.dropLast() + "ies"
          {
            list = [text]
            break
          }
          if info?.name == "uuid" || stem == "id" { list.append(text) }
        }
        if info?.name == "uuid", list.count != 1 {
          if let tenant = seeder.tenantKeys[.b], fits(tenant) { list.insert(tenant, at: 0) }
          list.append(seeder.user(.b, .member))
        }
        if stem.contains("email") { list = [seeder.email(.b, .member)] }
        if Naming.isRoleColumn(stem) { list = ["admin"] }
      }
    }
    list = Array(list.prefix(6))
    if list.isEmpty {
      var values = seeder.values
      let column = Catalogue.Column(
        name: name, typeOID: oid, type: type, isNotNull: true, identity: "", isGenerated: false, defaultExpression: nil)
      if let text = values.text(for: column, .a, distinct: false) { list = [text] }
      // What is searched for is found by a pattern that anything fits.
      if !list.isEmpty, info?.name == "text" || info?.name == "varchar" { list.append("%") }
    }
    return list
  }
}
