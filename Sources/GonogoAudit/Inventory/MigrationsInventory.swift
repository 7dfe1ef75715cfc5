import GonogoCore

/// Migrations, by folder and tool: those that are read, and those in a language that is not.
enum MigrationsInventory: InventoryPart {
  static func entry(in context: AuditContext) -> InventoryEntry? {
    let facts = context.facts(Migrations.self)
    if facts.sets.isEmpty, facts.unread.isEmpty { return nil }
    var parts: [String] = []
    var rows: [JSON] = []
    var count = 0
    func add(_ tool: String, _ directory: String, _ dialect: String?, _ number: Int, _ isRead: Bool) {
      count += number
      let note = isRead ? "" : dialect.map { " (\($0): not read)" } ?? " (no SQL: not read)"
      parts.append("\(tool) \(number) in \(directory.isEmpty ? "." : directory)\(note)")
      rows.append([
        "tool": .string(tool), "directory": .string(directory), "dialect": JSON(orNull: dialect), "count": JSON(number),
        "read": .bool(isRead),
      ])
    }
    for set in facts.sets where !set.tool.isPartial {
      add(set.tool.rawValue, set.directory, set.dialect, set.migrations.count, set.isPostgres)
    }
    let histories = context.facts(MigrationGraphs.self)
    for history in histories { add(history.tool.rawValue, history.directory, nil, history.nodes.count, true) }
    // The files of a history stand under its directory.
    for other in facts.unread
    where !histories.contains(where: {
      $0.tool.rawValue == other.tool
        && (other.directory == $0.directory || other.directory.hasPrefix($0.directory + "/") || $0.directory.isEmpty)
    }) {
      add(other.tool, other.directory, nil, other.count, false)
    }
    let more = parts.count > 8 ? "; and \(parts.count - 8) more folders" : ""
    return InventoryEntry(
      "migrations", count: count, summary: parts.prefix(8).joined(separator: "; ") + more, json: .array(rows))
  }
}

/// The tables that stand when all migrations for PostgreSQL have run.
enum TablesInventory: InventoryPart {
  static func entry(in context: AuditContext) -> InventoryEntry? {
    var rows: [JSON] = []
    var names: [String] = []
    for replay in context.facts(Replays.self) where !replay.set.tool.isPartial {
      for (name, table) in replay.tables.sorted(by: { $0.key < $1.key }) where !table.isView {
        names.append(name.description)
        rows.append([
          "schema": .string(name.schema), "name": .string(name.name), "columns": JSON(table.columns.count),
          "row_security": .bool(table.hasRowSecurity), "migrations": .string(replay.set.directory),
          "path": .string(table.place.path), "line": JSON(table.place.line),
        ])
      }
    }
    if names.isEmpty { return nil }
    let more = names.count > 12 ? " and \(names.count - 12) more" : ""
    return InventoryEntry(
      "tables", count: names.count, summary: names.prefix(12).joined(separator: ", ") + more, json: .array(rows))
  }
}
