import GonogoCore
import GonogoSystem

/// Tables, columns and functions that a shadow database has.
struct ShadowCatalogue {
  /// `schema.table`, views too, with its columns.
  var tables: [String: Set<String>] = [:]
  /// Names alone, in any schema that is not the server's.
  var functions: Set<String> = []

  /// In schemas of the application's own.
  var tableNames: [String] { tables.keys.filter { !Self.platform.contains(String($0.prefix { $0 != "." })) }.sorted() }

  static let platform: Set<String> = [
    "auth", "storage", "realtime", "_realtime", "graphql", "graphql_public", "vault", "pgsodium", "extensions", "cron",
    "net",
    "supabase_functions", "supabase_migrations", "pg_catalog", "information_schema", "pgmq",
  ]

  static func read(_ database: ShadowDatabase, deadline: PostgresDeadline) throws(ProbeError) -> ShadowCatalogue {
    var catalogue = ShadowCatalogue()
    do throws(ShadowConnection.Break) {
      let connection = try ShadowConnection.open(database.connection, deadline: deadline)
      let columns = try connection.rows(
        """
        SELECT n.nspname || '.' || c.relname, a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
        """, deadline: deadline)
      for row in columns {
        guard let table = row[0] else { continue }
        catalogue.tables[table, default: []].formUnion(row[1].map { [$0] } ?? [])
      }
      let functions = try connection.rows(
        "SELECT DISTINCT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')",
        deadline: deadline)
      catalogue.functions = Set(functions.compactMap { $0[0] })
    } catch {
      if case .late = error { throw ShadowCluster.late("the look at its catalogue") }
      throw ProbeError(.unexpected, "the shadow database's catalogue cannot be read", asked: "shadow database")
    }
    return catalogue
  }

  /// The columns of a table by its name alone or with its schema.
  func columns(of name: String) -> Set<String>? {
    if name.contains(".") { return tables[name] }
    if let found = tables["public.\(name)"] { return found }
    return tables.first { $0.key.hasSuffix(".\(name)") }?.value
  }
}

/// What the application's code names and no migration makes: in the calls of Supabase's clients, in SQL inside strings, in
/// the models of Prisma, Drizzle and SQLAlchemy.
struct CodeDrift {
  /// How many distinct names the code holds.
  private(set) var named = 0
  private(set) var missing: [JSON] = []

  static let sizeLimit = 4 << 20

  static func read(_ patterns: [String], directory: String, catalogue: ShadowCatalogue, deadline: PostgresDeadline)
    throws(ProbeError) -> CodeDrift
  {
    var paths: Set<String> = []
    let root = directory.isEmpty ? "." : directory
    for pattern in patterns {
      do throws(SystemError) { paths.formUnion(try FileSystem.glob(pattern, in: root)) } catch {
        throw ProbeError(
          error.isDenied ? .denied : .unexpected, "the code cannot be read: \(error)", asked: pattern,
          mend: "correct `code`; it is seen from the document")
      }
    }
    paths = paths.filter { !$0.split(separator: "/").contains("node_modules") }
    if paths.isEmpty {
      throw ProbeError(
        .missing, "no file matches \(patterns.joined(separator: ", "))", asked: patterns.joined(separator: ", "),
        mend: "correct `code`; it is seen from the document, and `**` is any number of directories")
    }
    var first: [CodeUse.Name: (file: String, line: Int, by: String)] = [:]
    for path in paths.sorted() {
      if deadline.left <= 0 { throw ShadowCluster.late("the reading of \(path)") }
      guard let bytes = try? FileSystem.read(FileSystem.join(root, path), limit: sizeLimit) else { continue }
      for use in CodeNames.uses(in: bytes, path: path) where first[use.name] == nil {
        first[use.name] = (path, use.line, use.by)
      }
    }
    var drift = CodeDrift()
    drift.named = first.count
    var found: [(String, Int, JSON)] = []
    for (name, place) in first {
      let kind: String
      let text: String
      switch name {
      case .table(let table):
        if catalogue.columns(of: table) != nil { continue }
        (kind, text) = ("table", table)
      case .function(let function):
        if catalogue.functions.contains(function) { continue }
        (kind, text) = ("function", function)
      case .column(let table, let column):
        // A table that is missing is told once, and not for each of its columns.
        guard let columns = catalogue.columns(of: table), !columns.contains(column) else { continue }
        (kind, text) = ("column", "\(table).\(column)")
      }
      found.append(
        (
          place.file, place.line,
          [
            "kind": .string(kind), "name": .string(text), "file": .string(place.file), "line": JSON(place.line),
            "by": .string(place.by),
          ]
        ))
    }
    drift.missing = found.sorted { a, b in
      if a.0 != b.0 { return a.0 < b.0 }
      return a.1 != b.1 ? a.1 < b.1 : (a.2["name"]?.stringValue ?? "") < (b.2["name"]?.stringValue ?? "")
    }.map(\.2)
    return drift
  }
}
