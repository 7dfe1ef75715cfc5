/// Policies that look into another table by a column that says not whose a row is: `proj.n = task.n`, `label IN (SELECT
/// shares.label FROM shares)`. A caller with a row of its own that says the same is let in.
extension AttemptMaker {
  /// What is compared: a column of the table, and one of the table that its policy looks into.
  private struct Companion: Hashable {
    let column: String
    let other: Int
    let otherColumn: String
  }

  private func companions(_ table: TenancyModel.Table, _ command: String, _ name: String) -> [Companion] {
    guard table.relation.hasRLS, let role = catalogue.roles[name] else { return [] }
    let texts = table.relation.policies.filter { $0.isPermissive && $0.covers(command) && $0.applies(to: role) }
      .compactMap { (command == "INSERT" ? $0.check ?? $0.using : $0.using).map(Self.flat) }
    let columns = table.relation.columns.filter { column in
      !Self.saysWhose(table, column.name)
    }
    var found: [Companion] = []
    for text in texts where text.contains("SELECT ") {
      for other in model.tables where other.relation.oid != table.relation.oid && other.isExposed {
        guard SQLText.mentions(text, other.relation.name) else { continue }
        switch other.path {
        case .key, .owned, .parent: break
        default: continue
        }
        for alias in Self.aliases(of: other.relation.name, in: text) {
          for theirs in other.relation.columns
          where !Self.saysWhose(other, theirs.name) && !other.relation.isUnique([theirs.name]) {
            let path = "\(alias).\(SQLText.name(theirs.name))"
            for mine in columns {
              let own = SQLText.name(mine.name)
              let full = "\(SQLText.name(table.relation.name)).\(own)"
              let isCompared = [
                "\(path) = \(full) ", "\(full) = \(path) ", " \(own) IN SELECT \(path) FROM",
                " \(full) IN SELECT \(path) FROM",
              ].contains { text.contains($0) }
              let companion = Companion(column: mine.name, other: other.relation.oid, otherColumn: theirs.name)
              if isCompared, !found.contains(companion) { found.append(companion) }
            }
          }
        }
      }
    }
    return Array(found.prefix(4))
  }

  /// A column that says whose a row is, or which row another one belongs to.
  private static func saysWhose(_ table: TenancyModel.Table, _ column: String) -> Bool {
    let path = pathColumns(table)
    return table.tenantColumns.contains(column) || table.userColumns.contains(column)
      || path.count == 1 && path[0] == column
      || table.relation.foreignKeys.contains { $0.columns == [column] }
  }

  /// Without brackets, casts and breaks: `proj.n = task.n`.
  private static func flat(_ expression: String) -> String {
    var text = expression
    for cast in ["::text", "::character varying", "::citext"] { text = text.replacing(cast, with: "") }
    let words = text.split { $0.isWhitespace || $0 == "(" || $0 == ")" }
    return " \(words.joined(separator: " ")) "
  }

  private static func aliases(of name: String, in text: String) -> [String] {
    let words = text.split(separator: " ").map(String.init)
    var found: [String] = []
    for (place, word) in words.enumerated() where place > 0 && ["FROM", "JOIN"].contains(words[place - 1]) {
      guard word == SQLText.name(name) || word.hasSuffix(".\(SQLText.name(name))") else { continue }
      let next = place + 1 < words.count ? words[place + 1] : ""
      let isKeyword =
        next.isEmpty || ["WHERE", "JOIN", "LEFT", "ON", "GROUP", "LIMIT", "CROSS", "UNION"].contains(next)
        || next == "INNER" || next == "AND" || next == "OR"
      let alias = isKeyword ? SQLText.name(name) : next.hasSuffix(",") ? String(next.dropLast()) : next
      if !found.contains(alias) { found.append(alias) }
    }
    return found
  }

  /// B's row, tried after A has a row that says the same.
  func companionAttempts(_ target: Target, _ principal: Principal, _ seeder: inout Seeder) -> [Attempt] {
    if principal.isControl || principal.label != .a || catalogue.isReadOnly || !target.table.relation.isTable {
      return []
    }
    var attempts: [Attempt] = []
    for command in ["SELECT", "INSERT", "UPDATE", "DELETE"]
    where !isClosed(target.table.relation, command, principal.role) {
      for companion in companions(target.table, command, principal.role) {
        guard let other = model.table(companion.other), let text = target.victim.text(companion.column) else {
          continue
        }
        let relation = other.relation
        var values = seeder.plannedValues(
          other, .a, other.isPerUser || other.isJoining ? .spare : nil, fresh: true, user: principal.user)
        values[companion.otherColumn] = text
        // Numbers within a tenant are the same in the next one; what is free, the caller must be able to write.
        let meets = relation.uniqueKeys.contains { key in
          key.contains(companion.otherColumn) && key.count > 1
            && !Set(key).isDisjoint(with: other.tenantColumns + other.userColumns)
        }
        let rights = privileges.of(principal.role, relation.oid)
        if !meets, isClosed(relation, "INSERT", principal.role) { continue }
        let statement = Seeder.insertion(relation, values, columns: meets ? nil : rights.limited("INSERT"))
        let tries: [Attempt] =
          switch command {
          case "SELECT": select(target, principal)
          case "INSERT":
            insert(
              target, principal, &seeder, content: .init(settings: [.init(column: companion.column, text: text)]))
          case "UPDATE": update(target, principal, seeder)
          default: delete(target, principal)
          }
        for var attempt in tries
        where ["scan", "by key", "blind"].contains(attempt.kind) || attempt.kind.hasSuffix(": insert") {
          attempt.kind =
            "with a row of its own in \(relation.name) that has the same \(companion.otherColumn): \(command == "INSERT" ? "insert" : attempt.kind)"
          if meets {
            let body = "BEGIN \(statement); EXCEPTION WHEN unique_violation OR check_violation THEN NULL; END"
            let statements = [attempt.prepare, "DO \(StatementRunner.block(body))"].compactMap { $0 }
            attempt.prepare = statements.joined(separator: ";\n")
          } else {
            attempt.gain = statement
          }
          attempts.append(attempt)
        }
      }
    }
    return attempts
  }
}
