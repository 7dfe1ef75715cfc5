import GonogoCore

/// Values that policies and functions name, and that a caller may write into a row of its own: `kind = 'superadmin'`.
extension ProofSession {
  /// The caller's own row, made to say what some rule asks for.
  func naming(_ table: TenancyModel.Table, _ row: SeedRow, _ condition: String, _ principal: Principal) -> [(
    principal: Principal, relation: Catalogue.Relation, attempt: Attempt
  )] {
    let relation = table.relation
    let rights = privileges.of(principal.role, relation.oid)
    guard rights.may("UPDATE"), !maker.isClosed(relation, "UPDATE", principal.role) else { return [] }
    let limit = rights.limited("UPDATE")
    let texts =
      catalogue.relations.filter { model.schemas.contains($0.schema) }.flatMap { $0.policies.map(\.text) }
      + catalogue.functions.filter { !$0.isOfExtension && $0.schema != "auth" }.map(\.source)
    let fixed = Set(relation.primaryKey + table.userColumns + table.tenantColumns)
      .union(relation.foreignKeys.flatMap(\.columns))
    let columns = relation.columns.filter {
      !fixed.contains($0.name) && !$0.isGenerated && limit?.contains($0.name) != false
    }
    var settings: [Comparison.Setting] = []
    for text in texts where SQLText.mentions(text, relation.name) {
      for comparison in Comparison.all(in: text, columns: columns, of: relation.name, qualified: true) {
        guard let column = relation.column(comparison.column),
          let setting = comparison.setting(column, catalogue), setting.text != nil,
          setting.text != row.text(column.name), !settings.contains(setting)
        else { continue }
        settings.append(setting)
      }
    }
    return settings.prefix(12).map { setting in
      let type = relation.column(setting.column)?.type ?? "text"
      let reached =
        "\(SQLText.name(setting.column))::text = CAST(\(SQLText.literal(setting.text)) AS \(type))::text"
      var attempt = Attempt(
        table: relation.oid, command: "UPDATE", kind: "gives itself \(setting.sql)",
        sql: "UPDATE \(relation.sql) SET \(setting.sql) WHERE \(condition)", countsRows: true,
        check: "SELECT count(*) FROM \(relation.sql) WHERE \(condition) AND \(reached)",
        shows: "SELECT * FROM \(relation.sql) WHERE \(condition)")
      attempt.countsByGains = true
      attempt.raises = [setting.column]
      return (principal, relation, attempt)
    }
  }

  /// A row of the other tenant's in the caller's own name, with what the policies ask for: `status = 'pending'`.
  mutating func asking(_ target: AttemptMaker.Target, _ principal: Principal) -> [Attempt] {
    if maker.isClosed(target.table.relation, "INSERT", principal.role) { return [] }
    var attempts: [Attempt] = []
    for content in maker.contents(target.table, "INSERT", principal.role) {
      for var attempt in maker.insert(target, principal, &seeder, content: content)
      where !attempt.kind.hasSuffix(": insert") {
        attempt.countsByGains = true
        attempts.append(attempt)
      }
    }
    return attempts
  }
}
