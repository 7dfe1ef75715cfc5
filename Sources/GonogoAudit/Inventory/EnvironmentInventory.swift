public import GonogoCore

/// The variables of the environment, a row each: where it is read, declared, documented and bound.
public enum EnvironmentInventory: InventoryPart {
  public static func entry(in context: AuditContext) -> InventoryEntry? {
    let facts = context.facts(EnvironmentVariables.self)
    let rows = facts.variables.filter { variable in
      // A key of any YAML is a variable only where something else has its name as well.
      !variable.reads.isEmpty || !variable.documents.isEmpty || !variable.bindings.isEmpty
        || variable.declarations.contains { [.example, .dotenv, .compose, .platform].contains($0.kind) }
    }
    if rows.isEmpty { return nil }
    func count(_ condition: (EnvironmentVariable) -> Bool) -> Int { rows.count { condition($0) } }
    let summary = [
      (count { !$0.reads.isEmpty }, "read"), (count { !$0.declarations.isEmpty }, "declared"),
      (count { !$0.documents.isEmpty }, "documented"), (count { !$0.bindings.isEmpty }, "bound"),
    ].map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    return InventoryEntry(
      "environment", count: rows.count, summary: summary,
      json: .array(rows.map { row($0, isUsed: facts.isUsed($0.name)) }))
  }

  private static func row(_ variable: EnvironmentVariable, isUsed: Bool) -> JSON {
    func place(_ place: TreePlace) -> [String: JSON] { ["path": .string(place.path), "line": JSON(place.line)] }
    var row: [String: JSON] = [
      "name": .string(variable.name), "used": .bool(isUsed),
      "reads": .array(
        variable.reads.map { read in
          var json = place(read.place)
          json["how"] = .string(read.how)
          json["need"] = .string(read.need.rawValue)
          json["purpose"] = .string("\(read.purpose)")
          switch read.fallback {
          case .none: break
          case .literal: json["default"] = .string("literal")
          case .variable(let name): json["default"] = .string("variable \(name)")
          case .expression: json["default"] = .string("expression")
          }
          return .object(json)
        }),
      "declared": .array(
        variable.declarations.map { declaration in
          var json = place(declaration.place)
          json["kind"] = .string(declaration.kind.rawValue)
          return .object(json)
        }),
      "documented": .array(variable.documents.map { .object(place($0.place)) }),
      "bound": .array(variable.bindings.map { .object(place($0.place)) }),
    ]
    if let need = variable.need { row["need"] = .string(need.rawValue) }
    return .object(row)
  }
}
