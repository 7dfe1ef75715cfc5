import GonogoCore

extension IsolationResult {
  /// What it says of some tables, views and functions alone.
  ///
  /// A leak elsewhere that opens one of them is theirs, too: who can make himself a member reaches what members reach.
  ///
  /// - Parameter names: each by itself or with its schema; functions without arguments.
  /// - Throws: ``ProbeError`` of kind `missing` where one is not there, `vacuous` where one holds no tenant's data.
  func restricted(to names: [String], asked: String) throws(ProbeError) -> IsolationResult {
    var wanted: Set<String> = []
    for name in names {
      let found = objects.filter { $0 == name || $0.hasSuffix(".\(name)") && !name.contains(".") }
      guard let object = found.first else {
        throw ProbeError(
          .missing, "there is no table, view or function '\(name)' in the schemas that were looked at", asked: asked,
          mend: "correct `tables`, or see which migration failed",
          facts: ["model": model, "migrations": migrations])
      }
      if sharedTables.contains(object) {
        throw ProbeError(
          .vacuous, "'\(name)' is not known to hold a tenant's data", asked: asked,
          mend: "name its key with `model: { tenant_key: { \(name): … } }`, or take it out of `tables`",
          facts: ["model": model])
      }
      wanted.insert(String(object.split(separator: ".").last ?? ""))
    }
    func isNamed(_ text: String) -> Bool {
      wanted.contains(text) || wanted.contains { text.hasPrefix($0 + ".") || text.hasPrefix($0 + "(") }
    }
    var part = self
    part.leaks = leaks.filter { leak in
      wanted.contains(leak.table) || leak.gains.contains { wanted.contains(String($0.prefix { $0 != " " })) }
    }
    part.unproven =
      unproven.filter { isNamed($0.table) }
      // Called for by its name, a function that was not called is not proven.
      + functionsLeftOut.filter { isNamed($0.table) }
    part.broken = broken.filter { wanted.contains($0.table) }
    part.allowed = allowed.filter { wanted.contains(String($0.table.prefix { $0 != " " })) }
    part.findings = findings.filter { isNamed($0.object) }
    part.oracles = oracles.filter { isNamed($0.table) }
    part.functionsLeftOut = functionsLeftOut.filter { isNamed($0.table) }
    part.cells = cells.filter { wanted.contains($0.table) }
    part.tables = wanted.count
    part.provingNames.formIntersection(wanted)
    part.enabledNames.formIntersection(wanted)
    let open = Set(part.unproven.map { String($0.table.prefix { $0 != "(" }) })
    part.proven = wanted.filter { !open.contains($0) }.count
    return part
  }
}
