import GonogoCore

/// A row that was put in for the proof, or found where a trigger had put it.
struct SeedRow {
  enum Person: String { case member, admin, spare, stranger }
  let table: Int
  let label: SeedLabel
  /// Whose row it is, where a table has one row a user.
  let person: Person?
  /// What was asked to be written, as texts.
  var planned: [String: String?]
  /// What stands there.
  var actual: [String: JSON] = [:]
  var sql = ""
  /// What ran for it, and when: a transcript must keep the order, for triggers look at what is there already.
  var steps: [(moment: Int, sql: String)] = []
  var isThere = false
  /// With triggers and foreign keys off.
  var bypassed = false
  var refusal: String?

  /// A column's value as a text; `nil` for NULL and for what is not known.
  func text(_ column: String) -> String? {
    if let value = actual[column] {
      switch value {
      case .null: return nil
      case .string(let text): return text
      default: return value.canonicalString
      }
    }
    return planned[column] ?? nil
  }

  /// A condition that is true of this row alone (of those with the same key).
  func condition(_ columns: [String]) -> String? {
    var parts: [String] = []
    for column in columns {
      guard let text = text(column) else { return nil }
      parts.append("\(SQLText.name(column)) = \(SQLText.literal(text))")
    }
    return parts.isEmpty ? nil : parts.joined(separator: " AND ")
  }
}
