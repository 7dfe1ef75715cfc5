import GonogoCore

/// The result for a terminal.
struct IsolationText {
  let result: IsolationResult

  private static func mark(_ state: IsolationCell.State) -> String {
    switch state {
    case .leak: "LEAK"
    case .safe: "safe"
    case .allowed: "allowed"
    case .unproven: "?"
    }
  }

  var text: String {
    var lines: [String] = []
    let model = result.model
    lines.append("platform     \(model["platform"]?.stringValue ?? "")")
    lines.append("tenant key   \(model["tenant_key"]?.stringValue ?? "none: every user is a tenant")")
    lines.append("tenant table \(model["tenant_table"]?.stringValue ?? "none")")
    lines.append("users        \(model["users_table"]?.stringValue ?? "none")")
    let members = model["memberships"]?.arrayValue?.compactMap(\.stringValue) ?? []
    lines.append("members      \(members.isEmpty ? "none" : members.joined(separator: ", "))")
    let roles = model["roles"]?["member"]?.arrayValue?.compactMap(\.stringValue) ?? []
    lines.append(
      "roles        \((roles + [model["roles"]?["anonymous"]?.stringValue].compactMap { $0 }).joined(separator: ", "))")
    lines.append("")
    lines += grid
    if !result.leaks.isEmpty {
      lines.append("")
      for group in leakGroups {
        for leak in group.lines {
          let policies =
            leak.policies.isEmpty
            ? "no policy stands in the way" : "let pass by \(leak.policies.joined(separator: ", "))"
          lines.append(
            "leak: \(leak.table) \(leak.command) as \(leak.principals.joined(separator: ", ")): \(leak.kinds.joined(separator: ", ")); \(policies)"
          )
        }
        if !group.places.isEmpty { lines.append("  = at:     \(group.places.joined(separator: ", "))") }
        if !group.gains.isEmpty { lines.append("  = opens:  \(group.gains.joined(separator: ", "))") }
        lines.append("  = mend:   \(group.mend.replacing("\n", with: "\n            "))")
      }
      if let first = result.leaks.first {
        lines.append("  = repeat (the first; the others are in --output json):")
        lines += first.transcript.split(separator: "\n").map { "      \($0)" }
      }
    }
    func section(_ title: String, _ remarks: [IsolationResult.Remark]) {
      if remarks.isEmpty { return }
      lines.append("")
      // Forty tables that rely on one membership say the same: it is said once.
      var order: [String] = []
      var tables: [String: [String]] = [:]
      for remark in remarks {
        let reason = remark.reason.replacing("\"\(remark.table)\"", with: "it")
        if tables[reason] == nil { order.append(reason) }
        tables[reason, default: []].append(remark.table)
      }
      for reason in order {
        let names = tables[reason] ?? []
        if names.count == 1, let only = remarks.first(where: { $0.table == names[0] }) {
          lines.append("\(title): \(only.table): \(only.reason)")
        } else {
          lines.append("\(title): \(names.count) tables: \(reason)")
          lines.append("  = tables: \(names.joined(separator: ", "))")
        }
      }
    }
    let failed = result.migrations["failed"]?.arrayValue ?? []
    if !failed.isEmpty { lines.append("") }
    let shown = 20
    for migration in failed.prefix(shown) {
      lines.append(
        "migration failed: \(migration["file"]?.stringValue ?? ""):\(migration["line"]?.integerValue ?? 1): \(migration["message"]?.stringValue ?? "")"
      )
    }
    if failed.count > shown {
      lines.append("migration failed: and \(failed.count - shown) more (all in --output json)")
    }
    if !failed.isEmpty {
      let applied = result.migrations["applied"]?.integerValue ?? 0
      lines.append(
        "\(applied) of \(applied + failed.count) migrations applied: what follows is about the schema that stands, which is not the whole"
      )
    }
    section("nothing proven", result.unproven)
    section("broken", result.broken)
    if !result.unjudged.isEmpty {
      let names = result.unjudged
      lines.append("")
      lines.append(
        "unjudged: \(names.count == 1 ? "1 table is" : "\(names.count) tables are") reached by the application and judged by nobody: \(names.prefix(20).joined(separator: ", "))\(names.count > 20 ? " …" : "")"
      )
      lines.append(
        "  = mend:   --shared TABLE says that one holds no tenant's data; --tenant-key or `model: { tenant_key: … }` names the column that says whose its rows are"
      )
    }
    section("allowed", result.allowed)
    section("oracle (advisory)", result.oracles)
    section("function not called", result.functionsLeftOut)
    if !result.findings.isEmpty {
      lines.append("")
      for finding in result.findings {
        lines.append(
          "\(finding.isAdvisory ? "advisory" : "finding")[\(finding.rule)]: \(finding.object): \(finding.message)")
        if !finding.places.isEmpty { lines.append("  = at:     \(finding.places.joined(separator: ", "))") }
        if !finding.plan.isEmpty { lines += finding.plan.prefix(12).map { "  = plan:   \($0)" } }
        lines.append("  = mend:   \(finding.mend.replacing("\n", with: "\n            "))")
      }
    }
    if !result.notes.isEmpty {
      lines.append("")
      lines += result.notes.map { "note: \($0)" }
    }
    if !result.beside.isEmpty {
      lines.append("")
      lines += result.beside.flatMap(\.text)
    }
    if let mutation = result.mutation {
      lines.append("")
      lines += mutation.text.split(separator: "\n").map(String.init)
    }
    lines.append("")
    if result.untouched["equal"] == true {
      lines.append("The database is as it was: rows, sequences and catalogue compared.")
      let large = (result.untouched["too_large_to_compare"]?.arrayValue ?? []).compactMap(\.stringValue)
      if !large.isEmpty {
        lines.append(
          "Too large to be read for that: \(large.joined(separator: ", ")); of these it is known by the transaction, which the server says is aborted."
        )
      }
    } else {
      let changed =
        (result.untouched["changed"]?.arrayValue ?? []) + (result.untouched["sequences_moved"]?.arrayValue ?? [])
      lines.append("While this ran, these changed: \(changed.compactMap(\.stringValue).joined(separator: ", "))")
    }
    lines.append(
      "row security is enabled on \(result.enabled) of \(result.tables) tables; it isolates \(result.isolates)\(result.broken.isEmpty ? "" : ", and \(result.broken.count) are broken: even the owner sees nothing")"
    )
    let standing = failed.filter { $0["applied_later"] != true }.count
    let missing =
      standing == 0
      ? ""
      : "; \(standing) migration\(standing == 1 ? "" : "s") failed: what \(standing == 1 ? "it makes" : "they make") was not looked at"
    lines.append(
      "\(result.leaks.count) leaks; \(result.proven) of \(result.tables) tables could be judged in every cell (\(result.coverage) %), by \(result.attempts) attempts and \(result.controls) controls\(missing)"
    )
    return lines.joined(separator: "\n") + "\n"
  }

  /// Leaks of one table that one mend closes: a line for each command, the principals beside each other.
  private struct LeakGroup {
    struct Line {
      let table: String
      let command: String
      let policies: [String]
      var principals: [String]
      var kinds: [String]
    }
    let table: String
    let mend: String
    var lines: [Line] = []
    var places: [String] = []
    var gains: [String] = []

    mutating func add(_ leak: IsolationResult.Leak) {
      if let place = lines.firstIndex(where: { $0.command == leak.command && $0.policies == leak.policies }) {
        lines[place].principals.append(leak.principal)
        lines[place].kinds += leak.kinds.filter { !lines[place].kinds.contains($0) }
      } else {
        lines.append(
          .init(
            table: leak.table, command: leak.command, policies: leak.policies, principals: [leak.principal],
            kinds: leak.kinds))
      }
      places += leak.places.filter { !places.contains($0) }
      gains += leak.gains.filter { !gains.contains($0) }
    }
  }

  private var leakGroups: [LeakGroup] {
    var groups: [LeakGroup] = []
    for leak in result.leaks {
      let place = groups.firstIndex { $0.table == leak.table && $0.mend == leak.mend } ?? groups.count
      if place == groups.count { groups.append(.init(table: leak.table, mend: leak.mend)) }
      groups[place].add(leak)
    }
    return groups
  }

  private var grid: [String] {
    let commands = IsolationCell.commands
    var rows: [[String]] = [["TABLE", "PRINCIPAL"] + commands]
    var order: [String] = []
    var seen: Set<String> = []
    for cell in result.cells where seen.insert(cell.table).inserted { order.append(cell.table) }
    let byTable = Dictionary(grouping: result.cells, by: \.table)
    for table in order {
      let cells = byTable[table] ?? []
      var principals: [String] = []
      for cell in cells where !principals.contains(cell.principal) { principals.append(cell.principal) }
      for (place, principal) in principals.enumerated() {
        rows.append(
          [place == 0 ? table : "", principal]
            + commands.map { command in
              cells.first { $0.command == command && $0.principal == principal }.map { Self.mark($0.state) } ?? "-"
            })
      }
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      var line = ""
      for (column, text) in row.enumerated() {
        line += text + String(repeating: " ", count: widths[column] - text.count + 2)
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}
