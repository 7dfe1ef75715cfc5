import GonogoCore

/// What an entry must say, and of which entries that is asked.
struct AppendOnlyEntries: Sendable {
  /// Columns that commonly hold it, the likeliest first.
  static let known: [(field: String, columns: [String])] = [
    (
      "actor",
      [
        "actor", "actor_id", "actor_user_id", "user_id", "performed_by", "changed_by", "created_by", "owner_id",
        "admin_id",
        "principal", "username", "actor_email",
      ]
    ),
    ("ip", ["ip", "ip_address", "client_ip", "remote_ip", "remote_addr", "source_ip", "actor_ip"]),
    ("user_agent", ["user_agent", "useragent", "ua", "client_agent"]),
    ("request_id", ["request_id", "correlation_id", "trace_id", "req_id", "x_request_id"]),
    ("before", ["before", "before_state", "before_data", "old_values", "old_value", "old_data", "old", "previous"]),
    ("after", ["after", "after_state", "after_data", "new_values", "new_value", "new_data", "new", "changes"]),
  ]
  static let times = [
    "created_at", "occurred_at", "logged_at", "recorded_at", "event_time", "happened_at", "timestamp", "ts", "time",
    "inserted_at", "at", "id",
  ]

  /// Fields, and the columns or expressions that the author says hold them; empty expressions are discovered.
  var fields: [(name: String, expression: String?)]
  var latest = 100
  var order: String?
  var filter: Template?
  /// Milliseconds: only entries that are not older.
  var since: Int?

  static func read(_ arguments: Arguments) -> AppendOnlyEntries? {
    guard let node = arguments.node("entries") else { return nil }
    if let flag = node.scalar?.value.boolValue {
      if !flag { arguments.fail(.wrongType, "`entries: false` asks nothing", at: node.range) }
      return AppendOnlyEntries(fields: known.map { ($0.field, nil) })
    }
    let inner = arguments.arguments(of: node, "`entries`")
    var fields: [(name: String, expression: String?)] = []
    if let columns = inner.node("columns") {
      if let entries = columns.entries {
        for entry in entries {
          if entry.value.text == nil { inner.wrongType("columns", "names of columns", entry.value) }
          fields.append((entry.name, entry.value.text))
        }
      } else {
        for element in columns.elements ?? [columns] {
          guard let name = element.text else {
            inner.wrongType("columns", "names", element)
            continue
          }
          // A field that is known by that name is looked for; anything else is a column.
          fields.append((name, known.contains { $0.field == name } ? nil : name))
        }
      }
      if fields.isEmpty { inner.fail(.missingKey, "`columns` names nothing", at: inner.keyRange("columns")) }
    } else {
      fields = known.map { ($0.field, nil) }
    }
    var result = AppendOnlyEntries(fields: fields)
    if let latest = inner.integer("latest", in: 1...100_000) { result.latest = latest }
    result.order = inner.string("order_by")
    result.filter = inner.template("where")
    result.since = inner.duration("since")
    inner.finish()
    return result
  }

  /// - Throws: ``ProbeError`` where there is no entry to look at, or the look is refused.
  func look(_ client: SQLClient, _ table: AppendOnlyTable, _ context: ProbeContext, _ deadline: PostgresDeadline)
    throws(ProbeError) -> (facts: JSON, rows: Int)
  {
    let names = Set(table.columns.map(\.name))
    var missing: [JSON] = []
    var found: [(field: String, expression: String)] = []
    for (field, expression) in fields {
      let candidates = Self.known.first { $0.field == field }?.columns ?? []
      if let expression {
        found.append((field, names.contains(expression) ? SQLText.name(expression) : expression))
      } else if let column = candidates.first(where: names.contains) {
        found.append((field, SQLText.name(column)))
      } else {
        missing.append([
          "field": .string(field), "column": .null, "entries": .null,
          "reason": .string("no column holds it (looked for \(candidates.joined(separator: ", ")))"),
        ])
      }
    }
    guard let order = order ?? Self.times.first(where: names.contains) else {
      throw ProbeError(
        .configuration, "no column of \(table.name) says which entries are the latest", asked: client.target.display,
        mend: "name it: `entries: { order_by: … }`")
    }
    let key = names.contains(order) ? SQLText.name(order) : order
    var conditions: [String] = []
    if let filter { conditions.append("(\(try context.render(filter).exposed))") }
    if let since { conditions.append("\(key) >= now() - interval '\(since) milliseconds'") }
    let condition = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    // A text of nothing, JSON's null and an empty object say as little as NULL.
    let counts = found.map { field in
      ", count(*) FILTER (WHERE (\(field.expression)) IS NULL OR btrim((\(field.expression))::text) IN ('', 'null', '{}', 'unknown'))"
    }
    let answer = try client.run(
      """
      BEGIN READ ONLY;
      SELECT count(*)\(counts.joined()) FROM (SELECT * FROM \(table.name) \(condition) ORDER BY \(key) DESC LIMIT \(latest)) entry;
      ROLLBACK
      """, deadline)
    let row = (answer.tables.last?.first ?? []).map { $0.flatMap { Int($0) } ?? 0 }
    guard let rows = row.first, rows > 0 else {
      throw ProbeError(
        .vacuous,
        "there is no entry to look at in \(table.name)\(condition.isEmpty ? "" : " among those that were asked for")",
        asked: client.target.display, mend: "do what writes one first, or widen `where` and `since`")
    }
    for (index, field) in found.enumerated() where row[index + 1] > 0 {
      missing.append([
        "field": .string(field.field), "column": .string(field.expression), "entries": JSON(row[index + 1]),
        "reason": .string("\(row[index + 1]) of \(rows) entries do not say it"),
      ])
    }
    let columns = Dictionary(found.map { ($0.field, JSON.string($0.expression)) }, uniquingKeysWith: { $1 })
    return (["rows": JSON(rows), "columns": .object(columns), "missing": .array(missing)], rows)
  }
}
