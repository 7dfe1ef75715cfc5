public import GonogoCore
import GonogoSystem

/// Proves, or fails to prove, that the tenants of a database do not reach each other's rows.
///
/// Two tenants are put in, and everything that a stranger could do is tried, next to the same by those who may. All of it in
/// one transaction that is rolled back.
public struct IsolationProof: Sendable {
  public struct Options: Sendable {
    public var corrections = IsolationCorrections()
    public var allowances: [IsolationAllowance] = []
    /// Faults that `--mutate` need not notice.
    public var equivalents: [EquivalentMutant] = []
    /// Milliseconds for the whole of it.
    public var timeout = 60_000
    public var lockTimeout = 1_000
    /// Milliseconds that one statement may take.
    public var statementTimeout = 10_000
    /// The database is a scratch copy: functions whose effects do not roll back may be called.
    public var isScratch = false
    public var callsFunctions = true
    /// The schema is spoiled in one place at a time, and the proof must notice. Only in a scratch database.
    public var mutates = false
    /// Linters of others, whose findings are told beside; run after the proof.
    public var beside: Set<BesideTool> = []
    /// What programs are given as their environment, PATH among it.
    public var environment = ProcessEnvironment.all
    public init() {}
  }

  let options: Options

  public init(_ options: Options) { self.options = options }

  /// - Parameter parameters: libpq's, by keyword.
  /// - Throws: ``ProbeError`` where the premise is false or the database cannot be reached; never for a leak.
  public func run(_ parameters: [String: String], display: String) throws(ProbeError) -> IsolationResult {
    try run(parameters, display: display, target: nil)
  }

  /// - Parameter target: what the parameters were read from, so that a refusal names it.
  func run(_ parameters: [String: String], display: String, target: PostgresTarget?) throws(ProbeError)
    -> IsolationResult
  {
    let end = SystemClock().ticks() + Int64(options.timeout)
    let connection: IsolationConnection
    do throws(IsolationFailure) { connection = try IsolationConnection(parameters, end: end) } catch {
      if error.isLate {
        throw ProbeError(
          .timedOut, "the connection was not made in time", asked: display,
          mend:
            "see whether PostgreSQL listens there and a firewall swallows packets, or give it more time with `timeout:`"
        )
      }
      if let target, case .lost(let reason) = error { throw PostgresErrors.connecting(reason, target) }
      throw ProbeError(
        .unreachable, "the database cannot be reached: \(error.message)", asked: display,
        mend: "start the server, or correct the address of the database")
    }
    let ending: Ending
    do throws(IsolationFailure) { ending = try prove(connection, display) } catch { throw Self.explain(error, display) }
    switch ending {
    case .proven(let result): return result
    case .refused(let error): throw error
    }
  }

  private enum Ending {
    case proven(IsolationResult)
    case refused(ProbeError)
  }

  private func prove(_ connection: IsolationConnection, _ display: String) throws(IsolationFailure) -> Ending {
    try connection.run(
      "SET standard_conforming_strings = on; SET client_min_messages = error; SET jit = off; SET lock_timeout = \(options.lockTimeout)"
    )
    let catalogue = try CatalogueReader(connection: connection).read()
    var model = TenancyDiscovery(catalogue: catalogue, corrections: options.corrections).discover()
    let privileges = try settleRoles(catalogue, &model, connection)
    do throws(ProbeError) { try checkPremise(catalogue, model, privileges, display) } catch { return .refused(error) }
    let before = try Fingerprint.take(connection, catalogue, model)
    var session = ProofSession(
      connection: connection, catalogue: catalogue, model: model, privileges: privileges, options: options)
    let transaction: String
    do throws(IsolationFailure) {
      try connection.run(
        "BEGIN; SET LOCAL statement_timeout = 20000; SET LOCAL row_security = on")
      try session.prove()
      if options.mutates { session.result.mutation = try session.mutate() }
      // A transaction that wrote nothing has no number, and on a replica none can have one.
      let number = try connection.run("SELECT txid_current_if_assigned()").first?.first.flatMap { $0 }
      try connection.run("ROLLBACK")
      if let number {
        transaction = try connection.run("SELECT txid_status(\(number))").first?.first.flatMap { $0 } ?? "unknown"
      } else {
        transaction = Fingerprint.nothingWritten
      }
    } catch {
      if case .refused = error { _ = try? connection.run("ROLLBACK") }
      throw error
    }
    noteUnusedAllowances(&session.result)
    let after = try Fingerprint.take(connection, catalogue, model)
    session.result.untouched = before.compared(with: after, transaction: transaction)
    return .proven(session.result)
  }

  static func explain(_ failure: IsolationFailure, _ display: String) -> ProbeError {
    switch failure {
    case .late:
      return ProbeError(
        .timedOut, "the proof did not end in time; the transaction was given up, and nothing of it stays",
        asked: display,
        mend: "give it more time with `timeout:`, or prove a shadow of the database")
    case .lost(let reason):
      return ProbeError(
        .unreachable, "the connection was lost in the middle of the proof, which proves nothing: \(reason)",
        asked: display,
        mend: "see the server's log, then run it again")
    case .refused(let refusal):
      switch refusal.code {
      case "25006":
        return ProbeError(
          .configuration, "the database only reads (\(refusal.message)), so that no tenant can be put in",
          asked: display,
          mend: "prove the primary, or a shadow of it")
      case "42501":
        return ProbeError(
          .denied, "the connection's user may not look: \(refusal.message)", asked: display,
          mend: "connect as the role that owns the tables and bypasses row security")
      case "55P03":
        return ProbeError(
          .timedOut, "another session holds a lock: \(refusal.message)", asked: display,
          mend: "end the transaction that holds it, then run it again")
      default:
        return ProbeError(
          .unexpected, "the server refused: \(refusal.message) (\(refusal.code))", asked: display, mend: nil)
      }
    }
  }

  // MARK: - Roles and premise

  private func settleRoles(
    _ catalogue: Catalogue, _ model: inout TenancyModel, _ connection: IsolationConnection
  ) throws(IsolationFailure) -> Privileges {
    let exposed = catalogue.relations.filter { model.schemas.contains($0.schema) && !$0.isOfExtension }.map(\.oid)
    let proving = Set(model.proving.map(\.relation.oid))
    let owners = Set(model.proving.map(\.relation.owner))
    let candidates = catalogue.roles.values.filter {
      !$0.isSuperuser && !$0.bypassesRLS && !TenancyDiscovery.platformRoles.contains($0.name)
        && !owners.contains($0.name)
        && $0.name != model.anonymousRole
    }.map(\.name).sorted()
    let everybody = try Privileges.read(connection, roles: candidates, relations: exposed)
    let holders = everybody.holders(of: proving).sorted()
    if model.memberRoles.isEmpty {
      let behind = [
        "admin", "service", "backup", "migrat", "readonly", "read_only", "report", "monitor", "metabase", "grafana",
        "replica",
        "dba", "analytics", "worker", "owner", "support",
      ]
      let likely = holders.filter { name in !behind.contains { name.lowercased().contains($0) } }
      // A role that only hands its rights to another is not logged in as, but that does not matter here.
      model.memberRoles = likely.isEmpty ? holders : likely
      model.untestedRoles = holders.filter { !model.memberRoles.contains($0) }
      if model.memberRoles.count > 3 {
        model.untestedRoles += model.memberRoles.dropFirst(3)
        model.memberRoles = Array(model.memberRoles.prefix(3))
      }
    } else {
      model.untestedRoles = holders.filter { !model.memberRoles.contains($0) }
    }
    model.outsiders = model.untestedRoles.filter { catalogue.roles[$0]?.canLogin == true }.map {
      (role: $0, grants: Self.grants(of: $0, everybody, model))
    }
    if model.memberRoles.isEmpty {
      // Nobody else holds a grant: the application logs in as the owner.
      let counts = Dictionary(grouping: model.proving, by: \.relation.owner).mapValues(\.count)
      if let owner = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })?.key,
        let role = catalogue.roles[owner],
        !role.isSuperuser, !role.bypassesRLS
      {
        model.memberRoles = [owner]
        model.ownerIsApplication = true
      }
    }
    // A server has roles for other databases, too: one without a right here is nobody's.
    if options.corrections.anonymousRole == nil, model.platform == .plain, let name = model.anonymousRole {
      let holders = try Privileges.read(connection, roles: [name], relations: exposed).holders(of: Set(exposed))
      if holders.isEmpty { model.anonymousRole = nil }
    }
    let roles = model.memberRoles + [model.anonymousRole].compactMap { $0 }
    return try Privileges.read(connection, roles: roles, relations: exposed)
  }

  /// What a role holds on the tables of tenants: `SELECT, UPDATE on orders, users; SELECT on tenants`.
  private static func grants(of role: String, _ privileges: Privileges, _ model: TenancyModel) -> String {
    var order: [String] = []
    var tables: [String: [String]] = [:]
    for table in model.proving {
      let held = Privileges.kinds.filter { privileges.of(role, table.relation.oid).may($0) }.joined(separator: ", ")
      if held.isEmpty { continue }
      if tables[held] == nil { order.append(held) }
      tables[held, default: []].append(table.relation.name)
    }
    return order.map { held in
      let names = tables[held] ?? []
      return "\(held) on \(names.count > 5 ? "\(names.count) tables" : names.joined(separator: ", "))"
    }.joined(separator: "; ")
  }

  /// What the author names must be there: a misspelt name would change nothing, and nobody would know.
  private func checkNames(
    _ catalogue: Catalogue, _ model: TenancyModel,
    _ refuse: (ProbeError.Kind, String, String) -> ProbeError
  ) throws(ProbeError) {
    let all = Set(catalogue.relations.map(\.schema) + catalogue.functions.map(\.schema)).sorted()
    func near(_ name: String, _ names: [String], _ otherwise: String) -> String {
      Suggestion.nearest(to: name, in: names).map { "did you mean '\($0)'?" } ?? otherwise
    }
    for schema in options.corrections.schemas ?? [] where !all.contains(schema) {
      throw refuse(
        .missing, "there is no table in a schema '\(schema)'",
        near(schema, all, "the schemas that have tables are \(all.isEmpty ? "none" : all.joined(separator: ", "))"))
    }
    let reached = catalogue.relations.filter { model.schemas.contains($0.schema) && !$0.isOfExtension }
    if let key = options.corrections.tenantKey,
      !reached.contains(where: { relation in relation.columns.contains { $0.name == key } })
    {
      let columns = Set(reached.flatMap { $0.columns.map(\.name) }).sorted()
      throw refuse(
        .missing, "no table has a column '\(key)', which was named as the tenant's key",
        near(key, columns, "name the column that says whose a row is, or leave it out and it is looked for"))
    }
    let names = catalogue.relations.flatMap { [$0.name, "\($0.schema).\($0.name)"] }
    for name in options.corrections.shared where !names.contains(name) {
      throw refuse(
        .missing, "there is no table '\(name)', which is said to be shared",
        near(name, names, "correct the name, or leave it out"))
    }
    let callable = catalogue.functions.flatMap { [$0.name, "\($0.schema).\($0.name)"] }
    for allowance in options.allowances
    where !(names + callable).contains(allowance.table) && allowance.table != "*" {
      throw refuse(
        .missing, "there is no table and no function '\(allowance.table)', which is said to be open by design",
        near(allowance.table, names + callable, "correct the name, or leave it out"))
    }
  }

  /// What was allowed and never needed: kept, it would let a later leak pass unseen.
  private func noteUnusedAllowances(_ result: inout IsolationResult) {
    for allowance in options.allowances {
      let name = allowance.table.split(separator: ".").last.map(String.init) ?? allowance.table
      let isUsed = result.allowed.contains { remark in
        let words = remark.table.split(separator: " ")
        return remark.reason == allowance.reason && words.first.map { $0 == name || $0 == allowance.table } == true
      }
      if isUsed { continue }
      result.notes.append(
        "the allowance '\(allowance.table) \(allowance.command) \(allowance.principal): \(allowance.reason)' was not needed: nothing of it is open"
      )
    }
  }

  private func checkPremise(
    _ catalogue: Catalogue, _ model: TenancyModel, _ privileges: Privileges, _ display: String
  ) throws(ProbeError) {
    let proving = model.proving
    let facts: JSON = ["model": ModelReport.json(model, catalogue)]
    func refuse(_ kind: ProbeError.Kind, _ message: String, _ mend: String) -> ProbeError {
      ProbeError(kind, message, asked: display, mend: mend, facts: facts)
    }
    try checkNames(catalogue, model, refuse)
    if proving.isEmpty {
      if model.schemas.isEmpty {
        throw refuse(
          .vacuous, "the database has no table of an application's: there is nothing to prove",
          "run the migrations first, or name the database that they ran in")
      }
      throw refuse(
        .vacuous, "no table of \(model.schemas.joined(separator: ", ")) is known to hold a tenant's data",
        "name the key with `model: { tenant_key: … }`, or the schema with `schemas:`")
    }
    if catalogue.isReadOnly, model.identity.usesRoleNames {
      throw refuse(
        .configuration, "the database only reads, and each tenant is a role: none can be made",
        "prove the primary, or a shadow of it")
    }
    let held = proving.filter {
      $0.relation.hasRLS
        && ($0.relation.owner != catalogue.user
          && catalogue.roles[catalogue.user]?.memberships.contains($0.relation.owner) != true || $0.relation.forcesRLS)
    }
    if !catalogue.seesEverything, let table = held.first {
      throw refuse(
        .configuration,
        "the connection's user '\(catalogue.user)' is itself held by row security on \(table.relation.name): it could not see what an attempt changed",
        "connect as a superuser, or as a role with BYPASSRLS")
    }
    guard !model.memberRoles.isEmpty else {
      let owner = proving.first?.relation.owner ?? ""
      throw refuse(
        .configuration,
        "there is no role to test: nobody but '\(owner)', whom row security does not hold, has a right on these tables",
        "let the application log in as a role of its own, and GRANT it what it needs; or name it with `model: { roles: { member: … } }`"
      )
    }
    for name in model.memberRoles + [model.anonymousRole].compactMap({ $0 }) {
      guard let role = catalogue.roles[name] else {
        throw refuse(.missing, "there is no role '\(name)' on the server", "correct `model: { roles: … }`")
      }
      if role.isSuperuser {
        throw refuse(
          .configuration, "the role under test, '\(name)', is a superuser: no policy ever holds it",
          "let the application log in as a role without SUPERUSER")
      }
      if role.bypassesRLS {
        throw refuse(
          .configuration, "the role under test, '\(name)', has BYPASSRLS: no policy ever holds it",
          "ALTER ROLE \(SQLText.name(name)) NOBYPASSRLS, or name the role that the application uses")
      }
      if !role.isReachable {
        throw refuse(
          .denied, "the connection's user '\(catalogue.user)' may not SET ROLE \(SQLText.name(name))",
          "GRANT \(SQLText.name(name)) TO \(SQLText.name(catalogue.user))")
      }
    }
    if !model.ownerIsApplication {
      for name in model.memberRoles {
        let own = proving.filter { $0.relation.hasRLS && !$0.relation.forcesRLS && $0.relation.owner == name }
        if own.count == proving.count {
          throw refuse(
            .configuration,
            "the role under test, '\(name)', owns the tables, and row security is not forced: no policy holds it",
            "ALTER TABLE … FORCE ROW LEVEL SECURITY, or let the application log in as another role")
        }
      }
    }
    let granted = proving.contains { table in
      model.memberRoles.contains { role in Privileges.kinds.contains { privileges.of(role, table.relation.oid).may($0) }
      }
    }
    if !granted {
      throw refuse(
        .configuration,
        "the role under test, \(model.memberRoles.map { "'\($0)'" }.joined(separator: ", ")), holds no right on any of these tables: that nothing can be read proves nothing",
        "GRANT what the application needs, or name the role that it uses")
    }
  }
}

extension IsolationFailure {
  var isLate: Bool { if case .late = self { true } else { false } }
}

/// The model, for people and as a fact.
enum ModelReport {
  static func json(_ model: TenancyModel, _ catalogue: Catalogue) -> JSON {
    var tables: [String: JSON] = [:]
    for table in model.tables where table.isExposed && !table.relation.isPartition {
      tables["\(table.relation.schema).\(table.relation.name)"] = .string(
        table.path.text + (table.isJoining ? ", membership" : ""))
    }
    func name(_ oid: Int?) -> JSON {
      JSON(orNull: oid.flatMap { catalogue.relation($0) }.map { "\($0.schema).\($0.name)" })
    }
    let identity: [JSON] =
      model.identity.settings.map { ["setting": .string($0.name), "means": .string($0.meaning.rawValue)] }
      + (model.identity.usesClaims ? [["setting": "request.jwt.claims", "means": "claims"]] : [])
      + model.identity.claims.map {
        ["claim": .string($0.path.joined(separator: ".")), "means": .string($0.meaning.rawValue)]
      }
      + (model.identity.usesRoleNames ? [["setting": "current_user", "means": "tenant"]] : [])
    return [
      "platform": .string(model.platform.rawValue), "schemas": JSON(model.schemas),
      "tenant_key": JSON(orNull: model.tenantKeyName), "tenant_table": name(model.tenantTable),
      "users_table": name(model.usersTable),
      "groups": JSON(
        model.tables.filter { model.groups[$0.relation.oid] != nil }.map {
          "\($0.relation.schema).\($0.relation.name)"
        }),
      "memberships": JSON(model.memberships.map { "\($0.relation.schema).\($0.relation.name)" }),
      "roles": [
        "member": JSON(model.memberRoles), "anonymous": JSON(orNull: model.anonymousRole),
        "untested": JSON(model.untestedRoles), "owner_is_application": .bool(model.ownerIsApplication),
      ], "identity": .array(identity), "settings_unknown": JSON(model.identity.unknown), "tables": .object(tables),
    ]
  }
}
