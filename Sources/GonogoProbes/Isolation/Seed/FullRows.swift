extension Seeder {
  /// What the columns that may be NULL are filled with, so that what gives them out, or sums them up, can be told.
  ///
  /// A column whose NULL means something keeps it: what a condition, a policy or a key is about, whose a row is, and when something
  /// happened to it.
  mutating func optionalValues(
    _ table: TenancyModel.Table, _ label: SeedLabel, beside planned: [String: String?],
    asked: Set<String>
  ) -> [String: String?] {
    let relation = table.relation
    let kept = Set(
      relation.foreignKeys.flatMap(\.columns) + relation.checks.flatMap(\.columns)
        + relation.uniqueKeys.filter { $0.count > 1 }.flatMap { $0 } + relation.exclusionColumns + table.tenantColumns
        + table.userColumns
        + [table.roleColumn].compactMap { $0 })
    var found: [String: String?] = [:]
    for column in relation.columns
    where planned[column.name] == nil && !column.isNotNull && !column.isGenerated && !column.isSerial
      && column.defaultExpression == nil && !kept.contains(column.name)
    {
      guard let type = catalogue.types[column.typeOID], type.kind == "b",
        ["text", "varchar", "bpchar", "citext", "int4", "int8", "numeric", "float8", "json", "jsonb", "date"]
          .contains(type.name), !Self.saysState(SQLText.snake(column.name), isDate: type.name == "date"),
        !asked.contains(column.name.lowercased())
      else { continue }
      if type.category == "U" {
        found[column.name] = "{\"gonogo\": \"\(label.textPrefix)\(values.next(label))\"}"
      } else if let text = values.text(for: column, label, distinct: true) {
        found[column.name] = text
      }
    }
    return found
  }

  /// The words of all policies.
  var wordsOfPolicies: Set<String> {
    var words: Set<String> = []
    for text in catalogue.relations.flatMap({ $0.policies.map(\.text) }) {
      words.formUnion(text.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init))
    }
    return words
  }

  /// Names of what a row is, to whom it belongs, or what became of it.
  private static func saysState(_ name: String, isDate: Bool) -> Bool {
    let words = name.split(separator: "_").map(String.init)
    if ["id", "by", "at", "uid", "until"].contains(words.last ?? "") { return true }
    let states: Set<String> = [
      "status", "state", "visibility", "access", "scope", "type", "kind", "deleted", "archived", "expires", "expired",
      "revoked", "disabled", "cancelled", "canceled", "locked", "banned", "email", "role", "owner", "shared", "public",
    ]
    return words.contains(where: states.contains)
      || isDate && words.contains { ["end", "ends", "expiry", "deadline", "start", "valid"].contains($0) }
  }
}
