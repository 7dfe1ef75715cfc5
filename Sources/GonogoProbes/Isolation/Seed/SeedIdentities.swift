import GonogoCore

/// Who the tenants and their people are.
extension Seeder {
  static func person(_ label: SeedLabel, _ person: SeedRow.Person) -> String { "\(label.rawValue).\(person.rawValue)" }

  mutating func nameIdentities() {
    let tenantColumn =
      model.tenantTable.flatMap { model.table($0) }.flatMap { table in
        model.tenantTableKey.flatMap { table.relation.column($0) }
      }
      ?? model.tables.first { !$0.tenantColumns.isEmpty }.flatMap { $0.relation.column($0.tenantColumns[0]) }
    for label in [SeedLabel.a, .b, .none] {
      if let column = tenantColumn, label != .none {
        tenantKeys[label] = roleTenants[label] ?? key(for: column, label)
      }
      let userColumn =
        model.usersTable.flatMap { model.table($0) }.flatMap { table in
          model.usersTableKey.flatMap { table.relation.column($0) }
        }
        ?? model.tables.first { !$0.userColumns.isEmpty }.flatMap { $0.relation.column($0.userColumns[0]) }
      let people: [SeedRow.Person] = label == .none ? [.stranger] : [.member, .admin, .spare]
      for person in people {
        userKeys[Self.person(label, person)] =
          roleTenants[label]
          ?? (userColumn.flatMap { key(for: $0, label) } ?? SeedValues.uuid(label, values.next(label)))
      }
    }
  }

  /// A key that is kept as a text is often a uuid, and cast to one by the policies; as a text, a uuid is as good as any.
  mutating func key(for column: Catalogue.Column, _ label: SeedLabel) -> String? {
    let type = catalogue.types[column.typeOID]
    let isText = type?.kind == "b" && type?.category == "S" && (SeedValues.modifier(column.type) ?? 36) >= 36
    return isText && type?.name != "name"
      ? SeedValues.uuid(label, values.next(label)) : values.text(for: column, label, distinct: true)
  }

  func email(_ label: SeedLabel, _ person: SeedRow.Person) -> String {
    "\(label.textPrefix)\(person.rawValue)@example.test"
  }

  func user(_ label: SeedLabel, _ person: SeedRow.Person) -> String { userKeys[Self.person(label, person)] ?? "" }

  /// The role that a person has in its tenant, out of those that the role column takes.
  func role(_ person: SeedRow.Person, _ table: TenancyModel.Table) -> String? {
    guard let name = table.roleColumn, let column = table.relation.column(name) else { return nil }
    let type = catalogue.types[column.typeOID]
    if type?.category == "N" || type?.category == "A" || type?.name == "uuid" || type?.name == "jsonb" { return nil }
    var choices = type?.labels ?? []
    if choices.isEmpty {
      for check in table.relation.checks where check.columns == [name] {
        choices = SQLText.strings(in: check.expression)
      }
    }
    if choices.isEmpty, type?.kind == "d" { choices = type?.checks.flatMap { SQLText.strings(in: $0) } ?? [] }
    choices = choices.filter { !$0.isEmpty }
    if choices.isEmpty {
      // What the rules compare with is what there is.
      let texts = catalogue.relations.flatMap { $0.policies.map(\.text) } + catalogue.functions.map(\.source)
      let named = Naming.adminRoles.dropFirst(2).filter { word in texts.contains { $0.contains("'\(word)'") } }
      if person == .admin { return named.first { $0 == "admin" } ?? named.first ?? "admin" }
      return "member"
    }
    if person == .admin {
      return ["admin", "owner"].first { choices.contains($0) } ?? choices.first { Naming.isAdminRole($0) } ?? choices[0]
    }
    return Naming.memberRoles.first { choices.contains($0) } ?? choices.first { !Naming.isAdminRole($0) } ?? choices[0]
  }

  /// A tenant that there is, and somebody of it.
  mutating func identify(_ label: SeedLabel, tenant: String?, user: String?) {
    if let tenant { tenantKeys[label] = tenant }
    guard let user else { return }
    for person in [SeedRow.Person.member, .admin, .spare] { userKeys[Self.person(label, person)] = user }
  }
}
