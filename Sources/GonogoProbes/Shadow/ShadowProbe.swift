public import GonogoCore

/// Builds a scratch database from a repository's migrations, and reports how each of them went.
public struct ShadowProbe: Probe {
  let shadow: ShadowArguments
  let code: [Template]
  private let range: SourceRange

  public init(_ arguments: Arguments) throws(InvalidArguments) {
    code = arguments.templates("code") ?? []
    range = arguments.range
    shadow = try ShadowArguments(arguments)
  }

  public var builtinExpectations: [Expectation] {
    (code.isEmpty ? ["failed"] : ["failed", "drift"]).map { PostgresExpectation.empty($0, at: range) }
  }

  public var references: [(name: String, range: SourceRange)] { shadow.references + code.flatMap(\.references) }

  public func requests(in scope: Scope) -> [String] { [shadow.preview(in: scope)] }

  public func observe(in context: ProbeContext) async throws(ProbeError) -> Observation {
    let options = try shadow.options(in: context)
    let database = try await ShadowDatabase.shared(options, context: context)
    let deadline = PostgresDeadline(milliseconds: max(1, context.timeout))
    let catalogue = try ShadowCatalogue.read(database, deadline: deadline)
    let report = database.report
    func files(_ status: MigrationOutcome.Status) -> [MigrationOutcome] {
      report.migrations.filter { $0.status == status }
    }
    let applied = files(.applied).count
    var facts: [String: JSON] = [
      "migrations": .array(report.migrations.map(\.json)), "applied": JSON(applied),
      "failed": .array(files(.failed).map(\.json)), "not_reached": JSON(files(.notReached).map(\.file)),
      "rolled_back": JSON(files(.rolledBack).map(\.file)), "skipped": JSON(files(.skipped).map(\.file)),
      "stubbed": .array(report.stubbed.map(\.json)), "platform": .string(report.platform.rawValue),
      "style": JSON(orNull: report.style?.rawValue), "mode": .string(report.mode.rawValue),
      "applied_later": JSON(report.migrations.filter(\.appliedLater).map(\.file)),
      "missing": .array(report.missing.map(\.json)), "elsewhere": .array(report.elsewhere.map(\.json)),
      "unnumbered": JSON(report.unnumbered), "duplicates": JSON(report.duplicates), "roles": JSON(report.roles),
      "tables": JSON(catalogue.tableNames),
    ]
    if let check = report.check { facts["alembic"] = ["check": check] }
    var witness = ["migrations": applied]
    if !code.isEmpty {
      var patterns: [String] = []
      for template in code { patterns.append(try context.render(template).exposed) }
      let drift = try CodeDrift.read(patterns, directory: context.directory, catalogue: catalogue, deadline: deadline)
      facts["drift"] = .array(drift.missing)
      facts["named"] = JSON(drift.named)
      witness["names"] = drift.named
    }
    return Observation(
      facts: .object(facts), witness: witness, asked: shadow.preview(in: context.scope),
      vacuityMend: applied == 0
        ? "no migration was applied: see `failed`" : "the files of `code` name no table, column or function")
  }
}
