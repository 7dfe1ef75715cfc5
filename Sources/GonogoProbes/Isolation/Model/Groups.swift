/// Groups: tables that no key of a tenant leads to, and that have members all the same. Each row of one is a tenant of its own.
///
/// A table of members makes its target a group only where some rule asks it who belongs: `likes` has the same shape, and
/// opens nothing to anybody.
extension TenancyDiscovery {
  /// - Parameters:
  ///   - userLike: tables whose rows stand for users.
  ///   - roots: the tables of tenants and users.
  /// - Returns: the rules that ask a table of members, for what hangs on its group.
  func findGroups(_ model: inout TenancyModel, userLike: Set<Int>, roots: Set<Int>) -> [Int: MembershipRules] {
    var rules: [Int: MembershipRules] = [:]
    for place in model.tables.indices {
      let table = model.tables[place]
      guard table.path == .shared, !table.isMembership, table.isExposed, let user = table.userColumns.first,
        !isDeclaredShared(table.relation), Self.isNameOfMembers(table.relation.name)
      else { continue }
      let key = table.relation.foreignKeys.first { key in
        guard key.columns.count == 1, key.target != table.relation.oid, !table.userColumns.contains(key.columns[0]),
          !userLike.contains(key.target), !roots.contains(key.target), let group = model.table(key.target)
        else { return false }
        if case .owned = group.path { return true }
        return group.path == .shared && group.isExposed && !isDeclaredShared(group.relation)
      }
      guard let key, let groupPlace = model.index[key.target] else { continue }
      let asking = rules[table.relation.oid] ?? MembershipRules(catalogue, membership: table.relation)
      guard catalogue.relations.contains(where: { asking.ask($0) }) else { continue }
      rules[table.relation.oid] = asking
      model.groups[key.target] = .init(
        membership: table.relation.oid, key: key.columns[0], groupKey: key.targetColumns[0], user: user)
      model.tables[place].joins = key.target
      model.tables[place].path = .parent(key)
      if model.tables[groupPlace].path == .shared {
        model.tables[groupPlace].path =
          model.tables[groupPlace].userColumns.first.map { .owned($0) } ?? .group(key.targetColumns[0])
      }
    }
    return rules
  }

  /// What a group's rows are led to by: a table of a user's own rows only where its rules ask for the members.
  func spreadGroups(_ model: inout TenancyModel, _ rules: [Int: MembershipRules]) -> Bool {
    var changed = false
    for place in model.tables.indices where model.tables[place].path == .shared {
      let table = model.tables[place]
      if isDeclaredShared(table.relation) { continue }
      let key = table.relation.foreignKeys.first { key in
        guard let group = group(of: key.target, model), let asking = rules[group.membership] else { return false }
        let isFilled = key.columns.allSatisfy { table.relation.column($0)?.isNotNull == true }
        return table.userColumns.isEmpty || isFilled && asking.ask(table.relation)
      }
      guard let key else { continue }
      model.tables[place].path = .parent(key)
      changed = true
    }
    return changed
  }

  private func group(of oid: Int, _ model: TenancyModel) -> TenancyModel.Group? {
    var oid = oid
    for _ in 0..<16 {
      if let group = model.groups[oid] { return group }
      guard let table = model.table(oid), table.joins == nil, case .parent(let key) = table.path else { return nil }
      oid = key.target
    }
    return nil
  }

  func isDeclaredShared(_ relation: Catalogue.Relation) -> Bool {
    corrections.shared.contains { $0 == relation.name || $0 == "\(relation.schema).\(relation.name)" }
  }

  private static func isNameOfMembers(_ name: String) -> Bool {
    if Naming.isInviteName(name) { return false }
    let endings = ["members", "member", "memberships", "membership", "participants", "collaborators"]
    let last = SQLText.snake(name).split(separator: "_").last.map(String.init) ?? ""
    return endings.contains(last) || Naming.isMembershipName(name)
  }
}

/// Which rules ask a table of members who belongs: in a subquery of their own, or through a function.
struct MembershipRules {
  private let name: String
  private let functions: Set<String>

  init(_ catalogue: Catalogue, membership: Catalogue.Relation) {
    name = membership.name.lowercased()
    var functions: Set<String> = []
    var grown = true
    while grown {
      grown = false
      for function in catalogue.functions where !function.isOfExtension && !functions.contains(function.name) {
        if Self.asks(function.source, name, functions) {
          functions.insert(function.name)
          grown = true
        }
      }
    }
    self.functions = functions
  }

  var isAskedByFunctions: Bool { !functions.isEmpty }

  func ask(_ relation: Catalogue.Relation) -> Bool {
    relation.policies.contains { Self.asks($0.text, name, functions) }
  }

  /// `… FROM collection_members m …`: the bare name alone says only that a column of it is meant.
  private static func asks(_ text: String, _ name: String, _ functions: Set<String>) -> Bool {
    if functions.contains(where: { text.contains($0 + "(") }) { return true }
    let lower = text.lowercased()
    guard lower.contains(name) else { return false }
    let words = lower.split { $0.isWhitespace || $0 == "(" || $0 == ")" || $0 == "\"" || $0 == "," || $0 == ";" }
    return zip(words, words.dropFirst()).contains { before, word in
      (before == "from" || before == "join") && (word == name || word.hasSuffix(".\(name)"))
    }
  }
}
