public import GonogoCore

/// The outside tools whose findings are read in, and which of them are not there.
public enum ToolsInventory: InventoryPart {
  public static func entry(in context: AuditContext) -> InventoryEntry? {
    let workflows = context.facts(Workflows.self).all.contains { $0.system == .github }
    let monitoring = context.facts(Monitoring.self)
    // A tool that would have nothing to look at is no lack.
    let idle: Set<String> = Set(
      (workflows ? [] : ["zizmor", "actionlint"]) + (monitoring.rules.contains { !$0.isObject } ? [] : ["promtool"])
        + (monitoring.alertmanagers.isEmpty ? ["amtool"] : [])
        + (context.facts(Migrations.self).postgres.allSatisfy { $0.migrations.isEmpty || $0.tool.isPartial }
          ? ["squawk"] : []))
    let tools = BuiltinRules.tools.filter { !idle.contains($0.name) }
    if tools.isEmpty { return nil }
    let missing = tools.filter { !$0.isInstalled }
    var parts: [String] = []
    let present = tools.filter(\.isInstalled).map(\.name)
    if !present.isEmpty { parts.append("installed: " + present.joined(separator: ", ")) }
    if !missing.isEmpty {
      parts.append("not installed: " + missing.map { "\($0.name) (\($0.install))" }.joined(separator: ", "))
    }
    return InventoryEntry(
      "tools", count: present.count, summary: parts.joined(separator: "; "),
      json: .array(
        tools.map {
          ["name": .string($0.name), "installed": .bool($0.isInstalled), "install": .string($0.install)]
        }))
  }
}
