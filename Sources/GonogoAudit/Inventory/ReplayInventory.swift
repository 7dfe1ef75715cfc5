import GonogoCore

/// How the migrations went, where it was asked that they be run.
enum ReplayInventory: InventoryPart {
  static func entry(in context: AuditContext) -> InventoryEntry? {
    guard let replay = context.replay else { return nil }
    var parts: [String] = []
    var rows: [JSON] = []
    for run in replay.runs {
      let failed = run.failed.isEmpty ? "" : ", \(run.failed.count) do not"
      let behind = run.before.map { ", behind \($0)" } ?? ""
      parts.append("\(run.applied) of \(run.folder) apply\(behind)\(failed)")
      rows.append([
        "directory": .string(run.folder), "applied": JSON(run.applied), "failed": JSON(run.failed.count),
        "before": JSON(orNull: run.before),
      ])
    }
    let count = replay.runs.reduce(0) { $0 + $1.applied }
    if parts.isEmpty {
      parts.append(
        replay.troubles.isEmpty ? "there are no migrations in SQL to run" : "the migrations could not be run")
    }
    return InventoryEntry("replay", count: count, summary: parts.joined(separator: "; "), json: .array(rows))
  }
}
