/// How a transcript shows that harm was done, whatever the database held before: a query that gives a number above zero.
///
/// The attempts themselves look at where rows stood in this very run, which a script that starts from scratch cannot know.
struct Evidence: Sendable {
  /// As the privileged role, before the attempt.
  var before: String?
  /// As the privileged role, after it and before ``count``.
  var between: [String] = []
  /// As the privileged role, after it: how much was changed.
  let count: String

  /// Rows that must stay as they are: where they stand, and the condition that finds them.
  struct Watched {
    let relation: Catalogue.Relation
    let condition: String
  }

  /// Rows that are no longer where they stood.
  static func changed(_ watched: [Watched], orAdded: Bool = false) -> Evidence {
    let places = watched.map { SQLText.literal("\($0.relation.schema).\($0.relation.name)") }
    let before = zip(watched, places).map { item, place in
      "SELECT \(place) AS place, tableoid AS part, ctid AS tuple FROM \(item.relation.sql) WHERE \(item.condition)"
    }.joined(separator: "\n  UNION ALL ")
    let counts = zip(watched, places).map { item, place in
      var text =
        "(SELECT count(*) FROM gonogo_before b WHERE b.place = \(place) AND NOT EXISTS (SELECT FROM \(item.relation.sql) t WHERE t.tableoid = b.part AND t.ctid = b.tuple))"
      if orAdded {
        text +=
          "\n  + greatest(0, (SELECT count(*) FROM \(item.relation.sql) WHERE \(item.condition)) - (SELECT count(*) FROM gonogo_before b WHERE b.place = \(place)))"
      }
      return text
    }.joined(separator: "\n  + ")
    return Evidence(before: "CREATE TEMP TABLE gonogo_before ON COMMIT DROP AS \(before)", count: "SELECT \(counts)")
  }

  /// Rows that were not there before.
  static func added(_ relation: Catalogue.Relation, _ condition: String) -> Evidence {
    Evidence(
      before:
        "CREATE TEMP TABLE gonogo_before ON COMMIT DROP AS SELECT count(*) AS rows FROM \(relation.sql) WHERE \(condition)",
      count: "SELECT count(*) - (SELECT rows FROM gonogo_before) FROM \(relation.sql) WHERE \(condition)")
  }
}
