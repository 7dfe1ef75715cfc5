/// What the application reaches beside the tables that are proven: nobody has judged it, which must not look like a proof.
extension ProofSession {
  mutating func judgeTheRest() {
    for table in model.tables
    where table.isExposed && table.path == .shared && !table.relation.isPartition && isReached(table.relation)
      && !isDeclaredShared(table.relation)
    {
      if let policy = asksWhoCalls(table.relation) {
        unproven(
          table.relation.name,
          "its policies ask who calls (\(policy)), and no tenant key was found in it: name it with `model: { tenant_key: … }`, or say --shared \(table.relation.name)"
        )
      } else if !table.relation.hasRLS {
        result.unjudged.append(table.relation.name)
      }
    }
    judgeForeignTables()
    judgeStorage()
    judgeRules()
  }

  private var testedRoles: [String] { model.memberRoles + [model.anonymousRole].compactMap { $0 } }

  func isReached(_ relation: Catalogue.Relation) -> Bool {
    testedRoles.contains { role in Privileges.kinds.contains { privileges.of(role, relation.oid).may($0) } }
  }

  private func isDeclaredShared(_ relation: Catalogue.Relation) -> Bool {
    options.corrections.shared.contains { $0 == relation.name || $0 == "\(relation.schema).\(relation.name)" }
  }

  mutating func unproven(_ table: String, _ reason: String) {
    if result.unproven.contains(where: { $0.table == table && $0.reason == reason }) { return }
    result.unproven.append(.init(table: table, reason: reason))
  }

  // MARK: - Tables whose policies ask who calls

  /// The policy for a role under test that holds a row against who asks.
  ///
  /// That somebody is signed in, or is an administrator of the whole, says nothing of the row: a price list is guarded so.
  private func asksWhoCalls(_ relation: Catalogue.Relation) -> String? {
    guard relation.hasRLS else { return nil }
    let roles = testedRoles.compactMap { catalogue.roles[$0] }
    let policy = relation.policies.first { policy in
      policy.isPermissive && roles.contains { policy.applies(to: $0) }
        && [policy.using, policy.check].compactMap { $0 }.contains { holdsRow($0, relation) }
    }
    return policy?.name
  }

  private func holdsRow(_ expression: String, _ relation: Catalogue.Relation) -> Bool {
    let text = expression.replacing("auth.uid() IS NOT NULL", with: "")
      .replacing("( SELECT auth.uid() AS uid) IS NOT NULL", with: "")
    let askers = identityFunctions
    func asks(_ text: String) -> Bool {
      text.contains("auth.uid()") || text.contains("auth.jwt()") || text.contains("auth.email()")
        || text.contains("current_setting(") || text.contains("CURRENT_USER") || text.contains("SESSION_USER")
        || askers.contains { text.contains("\($0)(") }
    }
    guard asks(text) else { return false }
    // In a subquery the row's own columns have its table before them.
    if relation.columns.contains(where: { text.contains("\(relation.name).\(SQLText.name($0.name))") }) { return true }
    return text.split(separator: " OR ").flatMap { $0.split(separator: " AND ") }.contains { part in
      asks(String(part)) && relation.columns.contains { Self.hasBare(String(part), $0.name) }
    }
  }

  /// The application's functions that ask who calls, directly.
  private var identityFunctions: [String] {
    catalogue.functions.filter { function in
      !function.isOfExtension && model.schemas.contains(function.schema)
        && (function.source.contains("auth.uid()") || function.source.contains("auth.jwt()")
          || function.source.contains("current_setting("))
    }.map(\.name)
  }

  /// The column stands in the expression without another table before it, and is no call, alias or string.
  private static func hasBare(_ text: String, _ column: String) -> Bool {
    let name = SQLText.name(column)
    var rest = Substring(text)
    while let range = rest.firstRange(of: name) {
      let before = text[..<range.lowerBound]
      let after = rest[range.upperBound...]
      rest = after
      func isWord(_ character: Character?) -> Bool {
        character.map { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." || $0 == "'" } ?? false
      }
      if isWord(before.last) || isWord(after.first) || after.first == "(" || before.hasSuffix(" AS ") { continue }
      return true
    }
    return false
  }

  // MARK: - What row security cannot hold

  private mutating func judgeForeignTables() {
    let keys = Set([model.tenantKeyName].compactMap { $0 }.map { SQLText.snake($0) } + Naming.tenantKeys)
    for relation in catalogue.relations
    where relation.kind == "f" && model.schemas.contains(relation.schema) && !relation.isOfExtension
      && isReached(relation) && !isDeclaredShared(relation)
    {
      let key = relation.columns.map(\.name).first {
        keys.contains(SQLText.snake($0)) || Naming.userKeys.contains(SQLText.snake($0))
      }
      if let key {
        unproven(
          relation.name,
          "a foreign table with the key \(key), open to the application's role: no policy can stand on it, and what the other server lets through was not looked at"
        )
      } else {
        result.unjudged.append(relation.name)
      }
    }
  }

  /// Files lie behind an interface of their own, which asks these policies: a row put in is no file.
  private mutating func judgeStorage() {
    guard model.platform == .supabase, !model.schemas.contains("storage"),
      let objects = catalogue.relations.first(where: { $0.schema == "storage" && $0.name == "objects" }),
      !objects.policies.isEmpty, !isDeclaredShared(objects)
    else { return }
    let names = objects.policies.map(\.name).prefix(5).joined(separator: ", ")
    unproven(
      "storage.objects",
      "storage is not looked at: whose files \(objects.policies.count == 1 ? "its policy" : "its policies") (\(names)\(objects.policies.count > 5 ? " …" : "")) let pass was not tried"
    )
  }

  /// A rule rewrites the statement before any policy is asked, and what it does is done with its owner's rights.
  private mutating func judgeRules() {
    for relation in catalogue.relations
    where model.schemas.contains(relation.schema) && !relation.isOfExtension && isReached(relation) {
      for rule in relation.rules where !rule.definition.uppercased().hasSuffix("DO INSTEAD NOTHING;") {
        result.findings.append(
          .init(
            rule: "rewrite-rule", object: relation.name,
            message:
              "the rule \(rule.name) does more than the statement says, with the rights of the table's owner '\(relation.owner)', whom no policy holds",
            mend:
              "DROP RULE \(SQLText.name(rule.name)) ON \(relation.sql);\n-- and write it as a trigger, whose function runs with its caller's rights",
            isAdvisory: false, subject: relation.sql))
        unproven(relation.name, "what the rule \(rule.name) does with its owner's rights was not tried")
      }
    }
  }
}
