public import GonogoCore

/// The rules that alert, by file, and the dashboards.
public enum AlertsInventory: InventoryPart {
  public static func entry(in context: AuditContext) -> InventoryEntry? {
    let files = context.facts(Monitoring.self)
    if files.rules.isEmpty { return nil }
    let alerts = files.rules.reduce(0) { $0 + $1.rules.filter(\.isAlert).count }
    let recorded = files.rules.reduce(0) { $0 + $1.rules.count } - alerts
    let list = files.rules.prefix(6).map { "\($0.file.path) \($0.rules.filter(\.isAlert).count)" }.joined(
      separator: ", ")
    return InventoryEntry(
      "alertRules", count: alerts,
      summary: list + (files.rules.count > 6 ? " and \(files.rules.count - 6) more files" : "")
        + (recorded > 0 ? "; \(recorded) recorded series" : "")
        + (files.dashboards.isEmpty ? "" : "; \(files.dashboards.count) dashboards"),
      json: .array(
        files.rules.map { file in
          [
            "path": .string(file.file.path),
            "alerts": .array(
              file.rules.filter(\.isAlert).map { ["name": .string($0.name), "line": JSON($0.place.line)] }),
            "recorded": JSON(file.rules.filter { !$0.isAlert }.count),
          ]
        }))
  }
}
