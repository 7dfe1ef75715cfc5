public import GonogoCore

/// Proves that a table of entries only grows, and that its entries say what they must.
public struct AppendOnlyProbe: Probe {
  let database: Template
  let table: String
  let roles: [String]
  let application: Template?
  let insert: Template?
  let lockTimeout: Int
  let entries: AppendOnlyEntries?
  let range: SourceRange

  public init(_ arguments: Arguments) throws(InvalidArguments) {
    range = arguments.range
    database =
      arguments.template("database")
      ?? Template(parts: [.reference("database", arguments.range)], range: arguments.range)
    roles = arguments.strings("roles") ?? []
    application = arguments.template("application")
    insert = arguments.template("insert")
    lockTimeout = max(1, arguments.duration("lock_timeout") ?? 1000)
    entries = AppendOnlyEntries.read(arguments)
    table = try arguments.require("table", arguments.string("table"))
  }

  public var builtinExpectations: [Expectation] {
    [.empty("faults", at: range)] + (entries == nil ? [] : [.empty("entries.missing", at: range)])
  }

  public var references: [(name: String, range: SourceRange)] {
    ([database] + [application, insert, entries?.filter].compactMap { $0 }).flatMap(\.references)
  }

  public func requests(in scope: Scope) -> [String] {
    let place = scope.preview(database)
    let who = roles.isEmpty ? "each role that holds a right on it" : roles.joined(separator: ", ")
    var lines = [
      "\(place): \(who) writes an entry of \(table), then tries \(AppendOnlyTrial.Attempt.allCases.map(\.rawValue).joined(separator: ", ")), in a transaction that is rolled back"
    ]
    if let entries {
      lines.append("\(place): the latest \(entries.latest) entries of \(table), for what they do not say")
    }
    return lines
  }

  public func observe(in context: ProbeContext) async throws(ProbeError) -> Observation {
    let target = try PostgresTarget(try context.render(database), redactor: context.redactor)
    let deadline = PostgresDeadline(attempt: context.timeout)
    let client = try SQLClient(target, deadline: deadline, redactor: context.redactor)
    try client.run(
      "SET standard_conforming_strings = on; SET client_min_messages = error; SET lock_timeout = \(lockTimeout)",
      deadline)
    guard let found = AppendOnlyTable(try client.run(AppendOnlyTable.query(table), deadline).value) else {
      throw ProbeError(
        .missing, "\(target.database) has no table '\(table)' that '\(target.user)' sees", asked: target.display,
        mend: "correct its name, with its schema, or run the migrations")
    }
    var named = roles
    if let application {
      let login = try PostgresTarget(try context.render(application), redactor: context.redactor).user
      if !named.contains(login) { named.append(login) }
    }
    let trial: AppendOnlyTrial
    do throws(ProbeError) {
      trial = try attempt(found, named, client, context, deadline)
    } catch {
      _ = try? client.ask("ROLLBACK", deadline)
      throw error
    }
    if !trial.unproven.isEmpty, trial.faults.isEmpty {
      throw ProbeError(
        .vacuous, "nothing is proven of \(trial.unproven.count) attempts: \(trial.unproven.joined(separator: "; "))",
        asked: target.display,
        mend: "see `roles` in the facts; name with `insert:` an entry that the role itself may see",
        facts: ["roles": trial.json])
    }
    var facts: [String: JSON] = [
      "table": .string(found.name), "owner": .string(found.owner), "faults": .array(trial.faults.map(\.json)),
      "roles": trial.json, "unproven": JSON(trial.unproven), "attempts": JSON(trial.attempts),
      "controls": JSON(trial.controls),
    ]
    var witness = ["roles": max(trial.states.count, min(1, trial.faults.count))]
    if trial.attempts > 0 {
      witness["attempts"] = trial.attempts
      witness["controls"] = trial.controls
    }
    if let entries {
      let seen = try entries.look(client, found, context, deadline)
      facts["entries"] = seen.facts
      witness["entries"] = seen.rows
    }
    return Observation(
      facts: .object(facts), witness: witness, asked: target.display, repeatCommand: command(target, found, trial))
  }

  /// The attempts of every role, in one transaction that is rolled back.
  private func attempt(
    _ found: AppendOnlyTable, _ named: [String], _ client: SQLClient, _ context: ProbeContext,
    _ deadline: PostgresDeadline
  ) throws(ProbeError) -> AppendOnlyTrial {
    let begun = try client.ask("BEGIN READ WRITE; SET LOCAL lock_timeout = \(lockTimeout)", deadline)
    if let refusal = begun.refusal { throw client.refused(refusal) }
    if try client.run("SELECT pg_catalog.pg_is_in_recovery()", deadline).value == "t" {
      throw ProbeError(
        .configuration, "the database is a replica that only reads, so that no entry can be written",
        asked: client.target.display, mend: "look at the primary")
    }
    _ = try client.ask("SAVEPOINT counting; SET LOCAL track_counts = on", deadline)
    guard try client.ask("ROLLBACK TO SAVEPOINT counting; SHOW track_counts", deadline).value == "on" else {
      throw ProbeError(
        .configuration, "the server does not count what a transaction changes", asked: client.target.display,
        mend: "ALTER SYSTEM SET track_counts = on")
    }
    var names = named.isEmpty ? found.holders : named
    // Nobody else holds a right: whoever writes entries does so as the owner.
    if names.isEmpty { names = [found.owner] }
    var roles: [AppendOnlyTable.Role] = []
    for name in names {
      var sql = name
      if name == "public" {
        sql = "gonogo_public_\(context.clock.ticks())"
        if let refusal = try client.ask("SAVEPOINT everybody; CREATE ROLE \(sql)", deadline).refusal {
          throw ProbeError(
            .denied,
            "the table is open to PUBLIC, and user '\(client.target.user)' may make no role to try that with: \(refusal.message)",
            asked: client.target.display, mend: "connect as a superuser, or REVOKE ALL ON \(found.name) FROM PUBLIC")
        }
      }
      guard let role = found.role(name, sql: sql, try client.run(found.query(role: sql), deadline).value) else {
        throw ProbeError(
          .missing, "there is no role '\(name)' on the server", asked: client.target.display, mend: "correct `roles`")
      }
      roles.append(role)
    }
    let statement = try insert.map { template throws(ProbeError) in try context.render(template).exposed }
    var trial = AppendOnlyTrial(client, found, insertion: statement ?? found.insertion, deadline: deadline)
    try trial.play(roles, isNamed: !named.isEmpty)
    try client.run("ROLLBACK", deadline)
    return trial
  }

  private func command(_ target: PostgresTarget, _ found: AppendOnlyTable, _ trial: AppendOnlyTrial) -> String {
    var statements = ["\\dp \(found.name)"]
    if let fault = trial.faults.first, let attempt = AppendOnlyTrial.Attempt(rawValue: fault.attempt),
      fault.role != "public"
    {
      let act =
        switch attempt {
        case .update:
          "UPDATE \(fault.table) SET \(found.changes(nil).first.map { "\(SQLText.name($0.column)) = \($0.value)" } ?? "")"
        case .delete: "DELETE FROM \(fault.table)"
        case .truncate: "TRUNCATE \(fault.table)"
        case .disableTrigger: "ALTER TABLE \(fault.table) DISABLE TRIGGER USER"
        case .drop: "DROP TABLE \(fault.table)"
        case .replicationRole: "SET LOCAL session_replication_role = replica"
        }
      statements = ["BEGIN", "SET LOCAL ROLE \(SQLText.name(fault.role))", act, "ROLLBACK"]
    }
    return "psql \(target.shell) \(statements.map { "-c \(ShellQuote.quote($0))" }.joined(separator: " "))"
  }
}
