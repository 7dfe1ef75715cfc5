/// Keeps sequences where they are: what `nextval` takes does not roll back, and triggers draw from them unasked.
///
/// `ALTER SEQUENCE … RESTART` gives a sequence a new file in this transaction, and what is drawn is drawn from that; with the
/// transaction, or the savepoint, the old file comes back (PostgreSQL 15, ALTER SEQUENCE: "changes … are transactional"). It
/// takes a SHARE ROW EXCLUSIVE lock, for which others' `nextval` wait. So a live database has it for as long as one batch of
/// attempts lasts, and its rows are put in with triggers off; a scratch copy has it throughout. Setting a sequence back
/// afterwards would be no way: somebody else may have drawn from it, and would be given the same numbers twice.
struct SequenceGuard: Sendable {
  private(set) var statements = ""
  /// Tables whose triggers draw from a sequence.
  private(set) var tables: Set<Int> = []

  init() {}

  /// - Parameter callsFunctions: functions that draw from a sequence are called, too: a scratch copy.
  init(
    _ connection: IsolationConnection, _ catalogue: Catalogue, callsFunctions: Bool
  ) throws(IsolationFailure) {
    let sequences = try Self.read(connection)
    if sequences.isEmpty { return }
    let search = Search(catalogue: catalogue, sequences: sequences)
    var drawn: Set<Int> = []
    for relation in catalogue.relations where !relation.triggers.isEmpty {
      let sources = relation.triggers.compactMap { trigger in
        catalogue.functions.first { $0.oid == trigger.function }?.source
      }
      let found = search.drawn(by: sources)
      if found.isEmpty { continue }
      tables.insert(relation.oid)
      drawn.formUnion(found)
    }
    if callsFunctions {
      drawn.formUnion(search.drawn(by: catalogue.functions.filter { !$0.isOfExtension }.map(\.source)))
    }
    statements = sequences.enumerated().filter { drawn.contains($0.offset) }.map {
      "ALTER SEQUENCE \($0.element.sql) RESTART WITH \($0.element.free)"
    }.joined(separator: "; ")
  }

  private struct Sequence {
    let sql: String
    let name: String
    /// The table whose column it belongs to.
    let table: Int
    /// A number that nobody is near.
    let free: String
  }

  private static func read(_ connection: IsolationConnection) throws(IsolationFailure) -> [Sequence] {
    try connection.run(
      """
      SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname), c.relname, coalesce(max(d.refobjid::int8), 0),
        CASE WHEN l.last + 2000000 < q.seqmax THEN l.last + 1000000 ELSE least(l.last + 1, q.seqmax) END
      FROM pg_sequence q JOIN pg_class c ON c.oid = q.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      CROSS JOIN LATERAL (SELECT coalesce(pg_sequence_last_value(c.oid), q.seqstart) AS last) l
      LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass
        AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
      WHERE q.seqincrement > 0 AND c.relpersistence <> 't' AND pg_has_role(current_user, c.relowner, 'USAGE')
      GROUP BY 1, 2, 4 ORDER BY 1
      """
    ).map { Sequence(sql: $0[0] ?? "", name: $0[1] ?? "", table: Int($0[2] ?? "") ?? 0, free: $0[3] ?? "1") }
  }

  /// What functions may draw from, by the words of their bodies and of those that they set off.
  private struct Search {
    private let bodies: [String: [String]]
    private let tables: [String: [Catalogue.Relation]]
    private let sources: [Int: String]
    private let sequences: [Sequence]

    init(catalogue: Catalogue, sequences: [Sequence]) {
      self.sequences = sequences
      let own = catalogue.functions.filter { !$0.isOfExtension }
      bodies = Dictionary(grouping: own, by: { $0.name.lowercased() }).mapValues { $0.map(\.source) }
      sources = Dictionary(own.map { ($0.oid, $0.source) }, uniquingKeysWith: { first, _ in first })
      tables = Dictionary(grouping: catalogue.relations.filter(\.isTable), by: { $0.name.lowercased() })
    }

    func drawn(by first: [String]) -> Set<Int> {
      var open = first
      var seen: Set<String> = []
      var found: Set<Int> = []
      while let source = open.popLast() {
        guard seen.insert(source).inserted else { continue }
        let words = Set(source.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init))
        let writes = words.contains("insert") || words.contains("merge") || words.contains("copy")
        // What is put together as a text may name anything.
        let isOpen = words.contains("execute")
        for (place, sequence) in sequences.enumerated() {
          let name = sequence.name.lowercased()
          let named = (words.contains("nextval") || words.contains("setval")) && words.contains(name)
          let filled =
            writes
            && words.contains { word in
              tables[word]?.contains { table in
                table.oid == sequence.table
                  || table.columns.contains { $0.defaultExpression.map { SQLText.mentions($0, name) } == true }
              } == true
            }
          if named || filled || isOpen { found.insert(place) }
        }
        for word in words {
          open += bodies[word] ?? []
          for table in tables[word] ?? [] { open += table.triggers.compactMap { sources[$0.function] } }
        }
      }
      return found
    }
  }
}
