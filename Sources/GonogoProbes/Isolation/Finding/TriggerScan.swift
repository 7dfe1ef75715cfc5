/// What triggers do with a row once a policy has let it in: a trigger's function that runs with its owner's rights is held by
/// no policy, and the values of the new row are its caller's.
extension ProofSession {
  mutating func noteTriggers() {
    for table in model.tables where table.isExposed && table.relation.isTable && isReached(table.relation) {
      for trigger in table.relation.triggers {
        guard let function = catalogue.functions.first(where: { $0.oid == trigger.function }), !function.isOfExtension
        else { continue }
        if function.isDefiner { noteDefiner(table, trigger, function) }
        if table.path != .shared { noteNotification(table, trigger, function) }
      }
      if table.path != .shared { noteLargeObjects(table.relation) }
    }
  }

  private mutating func noteDefiner(
    _ table: TenancyModel.Table, _ trigger: Catalogue.Trigger, _ function: Catalogue.Function
  ) {
    let body = TriggerBody(function.source)
    let free = freeColumns(table)
    if free.isEmpty { return }
    let trusted = Set(AttemptMaker.pathColumns(table) + table.userColumns + table.tenantColumns)
    for other in model.proving {
      let paths = Set(AttemptMaker.pathColumns(other))
      guard
        let use = body.reach(
          other.relation.name, columns: paths, free: free, trusted: trusted)
      else { continue }
      result.findings.append(
        .init(
          rule: "definer-trigger", object: "\(table.relation.name).\(trigger.name)",
          message:
            "its function \(function.schema).\(function.name) runs with its owner's rights, past the policies, and \(use.verb) \(other.relation.name) by NEW.\(use.column), which whoever writes to \(table.relation.name) chooses",
          mend:
            "ALTER FUNCTION \(function.sql)() SECURITY INVOKER;\n-- or let it hold the row of \(other.relation.name) against the new row's tenant, too",
          isAdvisory: false, subject: table.relation.sql))
      unproven(
        table.relation.name,
        "the trigger \(trigger.name) \(use.verb) \(other.relation.name) by NEW.\(use.column), past the policies: nothing is proven of it"
      )
      return
    }
  }

  /// Columns that a caller fills as it likes: some role may write them, no policy asks for them, and they are not what the
  /// row's tenant is known by.
  private func freeColumns(_ table: TenancyModel.Table) -> Set<String> {
    let relation = table.relation
    let known = Set(AttemptMaker.pathColumns(table) + table.userColumns + table.tenantColumns + relation.primaryKey)
    let asked = relation.policies.filter { $0.command != "SELECT" && $0.command != "DELETE" }.map {
      $0.check ?? $0.using ?? ""
    }
    return Set(
      relation.columns.map(\.name).filter { name in
        if known.contains(name) || asked.contains(where: { SQLText.mentions($0, name) }) { return false }
        return (model.memberRoles + [model.anonymousRole].compactMap { $0 }).contains { role in
          let rights = privileges.of(role, relation.oid)
          return ["INSERT", "UPDATE"].contains { rights.may($0) && rights.limited($0)?.contains(name) != false }
        }
      })
  }

  /// LISTEN asks nobody: every session of the database hears every channel.
  private mutating func noteNotification(
    _ table: TenancyModel.Table, _ trigger: Catalogue.Trigger, _ function: Catalogue.Function
  ) {
    guard TriggerBody(function.source).tellsRow else { return }
    result.findings.append(
      .init(
        rule: "notify-row", object: "\(table.relation.name).\(trigger.name)",
        message:
          "it sends what is in the row with pg_notify, and whoever is connected may LISTEN: no policy holds a channel",
        mend: "send the row's key alone, and let the listener read the row", isAdvisory: true,
        subject: table.relation.sql))
  }

  private mutating func noteLargeObjects(_ relation: Catalogue.Relation) {
    for column in relation.columns where column.type == "oid" || column.type == "lo" {
      result.findings.append(
        .init(
          rule: "large-object", object: "\(relation.name).\(column.name)",
          message:
            "it points at large objects, which no policy holds: whoever knows or guesses the number opens one that is granted to its role",
          mend: "keep the bytes in a column of type bytea, which the row's policies hold", isAdvisory: true,
          subject: relation.sql))
    }
  }
}

/// The statements of a trigger's function, as far as it matters what of the new row they use.
struct TriggerBody {
  private let statements: [String]
  /// Variables that hold a value of the new row: the column, by the variable.
  private let variables: [String: String]
  private let whole: String

  struct Use {
    let verb: String
    let column: String
  }

  init(_ source: String) {
    whole = Self.plain(source)
    statements = whole.split(separator: ";").map(String.init)
    var variables: [String: String] = [:]
    for statement in statements {
      guard let range = statement.firstRange(of: ":=") else { continue }
      let words = statement[..<range.lowerBound].split { !Self.isWord($0) }
      let columns = Self.columns(of: statement[range.upperBound...])
      guard columns.count == 1, let column = columns.first else { continue }
      // `asked uuid := new.about` where it is declared: its type stands between.
      let keywords = ["declare", "begin", "then", "else", "loop", "constant"]
      for name in words.suffix(2) where !keywords.contains(String(name)) { variables[String(name)] = column }
    }
    self.variables = variables
  }

  /// It passes the row, or what is in it, to pg_notify.
  var tellsRow: Bool {
    guard whole.contains("pg_notify") || whole.contains("notify ") else { return false }
    return ["row_to_json(new", "to_json(new", "to_jsonb(new", "new::text", "row_to_json(old", "to_jsonb(old"].contains {
      whole.contains($0)
    }
  }

  /// How the statements reach a table's rows by a free column of the new row, without asking for its tenant.
  ///
  /// - Parameters:
  ///   - columns: the table's own that say whose a row is.
  ///   - free: the new row's columns that its writer chooses.
  ///   - trusted: those that a policy has held against who asks.
  func reach(_ table: String, columns: Set<String>, free: Set<String>, trusted: Set<String>) -> Use? {
    let name = table.lowercased()
    for statement in statements {
      guard let verb = Self.verb(statement, name) else { continue }
      if statement.contains("auth.uid()") || statement.contains("auth.jwt()") || statement.contains("current_setting(")
      {
        continue
      }
      // That a row is there, or whose it is, is asked to refuse the new one: the policy is asked about what comes of it.
      if verb == "reads", statement.contains("exists (select") || statement.contains("exists(select") { continue }
      if verb == "reads", Self.fills(statement, trusted) { continue }
      let used: [String]
      if verb == "adds to" {
        used = columns.compactMap { Self.inserted(statement, $0.lowercased()) }.flatMap { values($0[...]) }
      } else {
        // Only the condition chooses the row; what is written there is the caller's own.
        guard let condition = statement.firstRange(of: " where ") else { continue }
        used = values(statement[condition.upperBound...])
      }
      if used.contains(where: { column in trusted.contains { $0.lowercased() == column } }) { continue }
      if let column = used.first(where: { column in free.contains { $0.lowercased() == column } }) {
        return Use(verb: verb, column: column)
      }
    }
    return nil
  }

  /// The new row's columns that a text uses, variables that hold one followed.
  private func values(_ text: Substring) -> [String] {
    Self.columns(of: text) + text.split { !Self.isWord($0) }.compactMap { variables[String($0)] }
  }

  /// `select organization_id into new.organization_id from …`: the policy's check comes after it.
  private static func fills(_ statement: String, _ trusted: Set<String>) -> Bool {
    guard let into = statement.firstRange(of: " into ") else { return false }
    let rest = statement[into.upperBound...]
    guard let from = rest.firstRange(of: " from ") else { return false }
    let targets = rest[..<from.lowerBound].split(separator: ",").map { $0.filter { !$0.isWhitespace } }
    return targets.allSatisfy { target in trusted.contains { "new.\($0.lowercased())" == target } }
  }

  private static func isWord(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_"
  }

  /// `new.order_id` and `new.target` in a text.
  private static func columns(of text: Substring) -> [String] {
    var found: [String] = []
    var rest = text
    while let range = rest.firstRange(of: "new.") {
      let before = rest[..<range.lowerBound].last
      rest = rest[range.upperBound...]
      if let before, isWord(before) || before == "." { continue }
      found.append(String(rest.prefix { isWord($0) }))
    }
    return found
  }

  private static func verb(_ statement: String, _ table: String) -> String? {
    let words = statement.split { !isWord($0) && $0 != "." }.map(String.init)
    for (before, word) in zip(words, words.dropFirst()) where word == table || word.hasSuffix(".\(table)") {
      switch before {
      case "update": return "changes"
      case "from", "join", "only":
        return words.contains("delete") && statement.contains("delete from") ? "deletes from" : "reads"
      case "into" where statement.contains("insert into"): return "adds to"
      default: continue
      }
    }
    return nil
  }

  /// What `insert into t (a, b) values (x, y)` puts into a column.
  private static func inserted(_ statement: String, _ column: String) -> String? {
    guard let into = statement.firstRange(of: "insert into") else { return nil }
    let rest = statement[into.upperBound...]
    guard let open = rest.firstIndex(of: "("), let close = rest[open...].firstIndex(of: ")") else { return nil }
    let names = rest[rest.index(after: open)..<close].split(separator: ",").map {
      $0.filter { !$0.isWhitespace && $0 != "\"" }
    }
    guard let place = names.firstIndex(of: column), let values = rest[close...].firstRange(of: "values") else {
      return nil
    }
    guard let start = rest[values.upperBound...].firstIndex(of: "(") else { return nil }
    var depth = 0
    var part = ""
    var parts: [String] = []
    for character in rest[rest.index(after: start)...] {
      if character == "(" { depth += 1 }
      if character == ")" {
        if depth == 0 { break }
        depth -= 1
      }
      if character == ",", depth == 0 {
        parts.append(part)
        part = ""
      } else {
        part.append(character)
      }
    }
    parts.append(part)
    return place < parts.count ? parts[place] : nil
  }

  /// In small letters, without comments and quotes of names, and with single blanks.
  private static func plain(_ source: String) -> String {
    let lines = source.split { $0.isNewline }.map { line -> String in
      guard let comment = line.firstRange(of: "--") else { return String(line) }
      return String(line[..<comment.lowerBound])
    }
    let text = lines.joined(separator: " ").lowercased().replacing("\"", with: "")
    return text.split { $0.isWhitespace }.map(String.init).joined(separator: " ")
  }
}
