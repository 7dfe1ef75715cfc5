import GonogoCore
import GonogoSystem

/// What must be the same before and after: rows, sequences, catalogue.
struct Fingerprint {
  private var tables: [String: String] = [:]
  private var sequences: [String: String] = [:]
  private var catalogue = ""
  private var large: [String] = []

  static func take(_ connection: IsolationConnection, _ catalogue: Catalogue, _ model: TenancyModel)
    throws(IsolationFailure)
    -> Fingerprint
  {
    var result = Fingerprint()
    var parts: [String] = []
    for table in model.tables
    where !table.relation.isPartition && (table.isExposed || table.relation.oid == model.usersTable) {
      let name = "\(table.relation.schema).\(table.relation.name)"
      // Reading a large table twice would be a load of its own.
      if table.relation.rows > AttemptMaker.scanLimit {
        result.large.append(name)
        continue
      }
      parts.append(
        "SELECT \(SQLText.literal(name)), count(*) || ' ' || coalesce(sum(hashtextextended(x::text, 0)), 0) FROM \(table.relation.sql) x"
      )
    }
    if !parts.isEmpty {
      for row in try connection.run(parts.joined(separator: " UNION ALL ")) {
        result.tables[row[0] ?? ""] = row[1] ?? ""
      }
    }
    let sequences = try connection.run(
      "SELECT schemaname || '.' || sequencename, coalesce(last_value::text, 'unused') FROM pg_sequences WHERE schemaname !~ '^pg_'"
    )
    for row in sequences { result.sequences[row[0] ?? ""] = row[1] ?? "" }
    // The roles that matter here: a server has others', which come and go.
    let names = model.memberRoles + [model.anonymousRole].compactMap { $0 }
    let roles = names.map { SQLText.literal($0) }.joined(separator: ", ")
    let backend = try connection.run("SELECT pg_backend_pid()").first?.first.flatMap { $0 } ?? "0"
    let text = try connection.run(
      """
      SELECT md5(string_agg(t, ',' ORDER BY t)) FROM (
        SELECT concat('c', oid, relname, relkind, relrowsecurity, relforcerowsecurity, relacl::text) FROM pg_class WHERE relnamespace <> 'pg_toast'::regnamespace AND relpersistence <> 't'
        UNION ALL SELECT concat('p', oid, polname, polcmd, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) FROM pg_policy
        UNION ALL SELECT concat('f', oid, proname, md5(prosrc), prosecdef, proacl::text) FROM pg_proc WHERE pronamespace <> 'pg_catalog'::regnamespace
        UNION ALL SELECT concat('r', oid, rolname, rolsuper, rolbypassrls) FROM pg_roles WHERE rolname = ANY(ARRAY[\(roles)]::name[]) OR rolname ~ '^gonogo_[abn]_\(backend)$'
        UNION ALL SELECT concat('t', oid, tgname, tgenabled) FROM pg_trigger
      ) x(t)
      """)
    result.catalogue = text.first?.first.flatMap { $0 } ?? ""
    return result
  }

  /// What is said of a transaction that was never given a number, because it wrote nothing.
  static let nothingWritten = "without a write"

  /// - Parameter transaction: what became of the one transaction in which everything was done (`txid_status`), or
  ///   ``nothingWritten``.
  func compared(with after: Fingerprint, transaction: String) -> JSON {
    var changed: [String] = []
    for (name, value) in tables.sorted(by: { $0.key < $1.key }) where after.tables[name] != value {
      changed.append("rows of \(name)")
    }
    var moved: [String] = []
    for (name, value) in sequences.sorted(by: { $0.key < $1.key }) where after.sequences[name] != value {
      moved.append("\(name): \(value) to \(after.sequences[name] ?? "gone")")
    }
    if catalogue != after.catalogue { changed.append("catalogue") }
    // Nothing that an aborted transaction wrote is ever seen: for what is too large to be read, this is how it is known.
    if transaction != "aborted", transaction != Self.nothingWritten {
      changed.append("the transaction, which is \(transaction)")
    }
    return [
      "equal": .bool(changed.isEmpty && moved.isEmpty), "tables": JSON(tables.count),
      "sequences": JSON(sequences.count),
      "changed": JSON(changed), "sequences_moved": JSON(moved), "too_large_to_compare": JSON(large),
      "transaction": .string(transaction), "catalogue_md5": .string(catalogue),
    ]
  }
}
