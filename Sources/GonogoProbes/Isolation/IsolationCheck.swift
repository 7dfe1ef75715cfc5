public import GonogoCore

/// The proof without a document: what `gonogo isolation` runs.
public enum IsolationCheck {
  /// Proves a database that is there.
  ///
  /// - Parameter database: a connection URI or a keyword string of libpq.
  /// - Throws: ``ProbeError`` where it could not begin or not end.
  public static func run(database: String, options: IsolationProof.Options, redactor: Redactor) throws(ProbeError)
    -> IsolationResult
  {
    let target = try PostgresTarget(Rendered(plain: database), redactor: redactor)
    return try run(target: target, options: options)
  }

  /// Builds a scratch database from migrations, and proves that.
  ///
  /// - Throws: ``ProbeError`` where it could not begin or not end.
  public static func run(_ source: IsolationSource, options: IsolationProof.Options) throws(ProbeError)
    -> IsolationResult
  {
    var options = options
    let shadow = try source.shadow()
    let deadline = PostgresDeadline(milliseconds: options.timeout)
    let database = try ShadowDatabase.build(shadow, deadline: deadline)
    defer { database.close() }
    options.timeout = max(1, deadline.left)
    return try run(shadow: database, connection: database.connection, options: options)
  }

  static func run(target: PostgresTarget, options: IsolationProof.Options) throws(ProbeError) -> IsolationResult {
    let deadline = PostgresDeadline(milliseconds: options.timeout)
    var result = try IsolationProof(options).run(target.options, display: target.display, target: target)
    result.beside = beside(target.options, result, nil, options, deadline)
    return result
  }

  private static func beside(
    _ connection: [String: String], _ result: IsolationResult, _ shadow: ShadowDatabase?,
    _ options: IsolationProof.Options, _ deadline: PostgresDeadline
  ) -> [BesideReport] {
    if options.beside.isEmpty { return [] }
    let schemas = result.model["schemas"]?.arrayValue?.compactMap(\.stringValue) ?? []
    let run = BesideRun(
      connection: connection, schemas: schemas, shadow: shadow, environment: options.environment, deadline: deadline)
    return run.run(options.beside)
  }

  static func run(shadow: ShadowDatabase, connection: [String: String], options: IsolationProof.Options)
    throws(ProbeError)
    -> IsolationResult
  {
    var options = options
    let deadline = PostgresDeadline(milliseconds: options.timeout)
    options.isScratch = true
    let failed = shadow.migrations.filter { $0.status == .failed }
    let migrations: JSON = [
      "applied": JSON(shadow.migrations.filter { $0.status == .applied }.count), "failed": .array(failed.map(\.json)),
      "applied_later": JSON(failed.filter(\.appliedLater).count), "stubbed": .array(shadow.stubbed.map(\.json)),
      "missing": .array(shadow.report.missing.map(\.json)), "elsewhere": .array(shadow.report.elsewhere.map(\.json)),
    ]
    let remarks = MigrationRemarks(shadow.report)
    let owner = try shadow.giveAwayIfNobodyIsGranted(connection, options: options)
    var result: IsolationResult
    do throws(ProbeError) {
      result = try IsolationProof(options).run(connection, display: "the shadow of the migrations")
    } catch {
      var facts = error.facts?.objectValue ?? [:]
      facts["migrations"] = migrations
      throw ProbeError(
        error.kind, error.message, asked: error.asked, mend: remarks.mend ?? error.mend,
        repeatCommand: error.repeatCommand,
        facts: .object(facts))
    }
    result.migrations = migrations
    result.notes += remarks.lines
    if owner {
      result.notes.append(
        "no role but the superuser has a right on the tables: they were given to '\(ShadowOwner.standIn)', as if the application's own login had run the migrations"
      )
    }
    for place in result.leaks.indices {
      let leak = result.leaks[place]
      let names = leak.policies.map { "policy \(leak.object).\($0)" }
      var found = names.compactMap { shadow.sourceMap[$0] }
      if found.isEmpty {
        found = ["table", "view", "materialized view", "function"].compactMap {
          shadow.sourceMap["\($0) \(leak.object)"]
        }
      }
      result.leaks[place].places = found.map { "\($0.file):\($0.line)" }
    }
    for place in result.findings.indices {
      let finding = result.findings[place]
      result.findings[place].places += finding.policies.compactMap { shadow.sourceMap["policy \($0)"] }.map {
        "\($0.file):\($0.line)"
      }
    }
    result.findings = PolicyMigrations.findings(shadow.migrations) + result.findings
    result.mutation?.locate(in: shadow)
    result.beside = beside(connection, result, shadow, options, deadline)
    return result
  }

  /// The report that scripts read.
  public static func json(_ result: IsolationResult) -> JSON {
    var members = result.facts.objectValue ?? [:]
    members["schema"] = "gonogo.isolation/1"
    return .object(members)
  }

  /// The matrix, and what to do, for people.
  public static func text(_ result: IsolationResult) -> String { IsolationText(result: result).text }
}
