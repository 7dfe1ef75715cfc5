import GonogoCore

/// A table's name with its schema.
struct TableName: Sendable, Hashable, Comparable, CustomStringConvertible {
  let schema: String
  let name: String

  /// As it is told: without the schema `public`.
  var description: String { schema == "public" ? name : "\(schema).\(name)" }
  static func < (left: TableName, right: TableName) -> Bool { (left.schema, left.name) < (right.schema, right.name) }

  init(_ name: String, schema: String = "public") {
    self.schema = schema
    self.name = name
  }

  /// A `RangeVar`.
  init?(_ node: JSON?, path: String) {
    guard let name = node?.text("relname") else { return nil }
    self.init(name, schema: node?.text("schemaname") ?? path)
  }

  /// A list of names, the last one first of all.
  init?(_ names: [String], path: String) {
    guard let last = names.last else { return nil }
    self.init(last, schema: names.count > 1 ? names[names.count - 2] : path)
  }
}

/// A type as a parse tree names it.
struct SQLType: Sendable, Equatable, CustomStringConvertible {
  let name: String
  let modifiers: [Int]
  let isArray: Bool

  /// A `TypeName`.
  init?(_ node: JSON?) {
    guard let names = node?.list("names").compactMap(\.name), let last = names.last else { return nil }
    name = last
    modifiers = (node?.list("typmods") ?? []).compactMap { $0["A_Const"]?["ival"]?["ival"]?.integerValue }
    isArray = !(node?.list("arrayBounds") ?? []).isEmpty
  }

  private init(name: String, modifiers: [Int], isArray: Bool) {
    self.name = name
    self.modifiers = modifiers
    self.isArray = isArray
  }

  func renamed(_ new: String) -> SQLType { SQLType(name: new, modifiers: modifiers, isArray: isArray) }

  var description: String {
    name + (modifiers.isEmpty ? "" : "(\(modifiers.map(String.init).joined(separator: ", ")))") + (isArray ? "[]" : "")
  }

  /// Whether PostgreSQL changes a column to `other` without writing its rows anew (the manual of ALTER TABLE, Notes): a
  /// longer or unbounded text, more digits of the same scale.
  func becomesWithoutRewrite(_ other: SQLType) -> Bool {
    if self == other { return true }
    if isArray || other.isArray { return false }
    let texts: Set<String> = ["text", "varchar", "citext"]
    if texts.contains(name),
      other.name == "text" || other.name == "citext" || other.name == "varchar" && other.modifiers.isEmpty
    {
      return true
    }
    if name == "varchar", other.name == "varchar", let from = modifiers.first, let to = other.modifiers.first {
      return to >= from
    }
    if name == "numeric", other.name == "numeric" {
      if other.modifiers.isEmpty { return true }
      guard modifiers.count == 2, other.modifiers.count == 2 else { return false }
      return modifiers[1] == other.modifiers[1] && other.modifiers[0] >= modifiers[0]
    }
    if ["timestamp", "timestamptz", "time", "timetz", "varbit"].contains(name), name == other.name {
      return other.modifiers.isEmpty || (modifiers.first.map { $0 <= other.modifiers[0] } ?? false)
    }
    return name == "cidr" && other.name == "inet"
  }
}
