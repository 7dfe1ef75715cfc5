import GonogoCore
import GonogoProbes

/// The schema that the tree's SQL makes, beside the names that its code uses.
struct ApplicationSchema: Sendable {
  /// A name in code that the schema has not.
  struct Missing: Sendable {
    let name: CodeUse.Name
    let by: String
    let place: TreePlace
    /// What became of it, where a migration took it away.
    let gone: Replay.Gone?
  }

  /// Whether the migrations are all there is: SQL, for PostgreSQL, read.
  private(set) var canJudge = false
  private(set) var missing: [Missing] = []
  private var replays: [Replay] = []
  /// Names alone, in lower case, that other files create: SQL beside the migrations, other systems', CREATE TABLE in code.
  private var elsewhere: Set<String> = []
  /// Identifiers of SQL and code: what is named there is at least not nowhere.
  private var indexes: Set<String> = []

  /// Whether a file that is no migration creates the table.
  func createsElsewhere(_ table: TableName) -> Bool { elsewhere.contains(table.name.lowercased()) }

  /// Whether something makes the table or the index that a document names.
  func knows(_ name: DocumentNames.Name) -> Bool {
    if !name.isTable {
      return indexes.contains(name.name) || replays.contains { $0.mayBeHidden(name.name, making: "index") }
    }
    return has(table: name.name)
  }

  private func has(table: String) -> Bool {
    let parts = table.split(separator: ".").map(String.init)
    let name = parts.last ?? table
    if parts.count == 2, !replays.contains(where: { $0.owns(parts[0]) }) { return true }
    if elsewhere.contains(name.lowercased()) { return true }
    return replays.contains { replay in
      replay.mayBeHidden(name, making: "create")
        || replay.tables.keys.contains { $0.name == name && (parts.count == 1 || $0.schema == parts[0]) }
    }
  }

  private func gone(table: String) -> Replay.Gone? {
    let parts = table.split(separator: ".").map(String.init)
    return replays.lazy.compactMap {
      $0.goneTables[TableName(parts.last ?? table, schema: parts.count == 2 ? parts[0] : "public")]
    }.first
  }

  fileprivate static func read(in context: AuditContext) -> ApplicationSchema {
    var schema = ApplicationSchema()
    let facts = context.facts(Migrations.self)
    schema.replays = context.facts(Replays.self)
    guard !schema.replays.isEmpty else { return schema }
    // Tables that another language's migrations make are not known.
    schema.canJudge = facts.unread.isEmpty && !facts.sets.contains(where: \.tool.isPartial)
    guard schema.canJudge else { return schema }
    schema.elsewhere = facts.foreignTables
    for replay in schema.replays { schema.indexes.formUnion(replay.indexes) }
    for (file, sql) in facts.loose {
      guard let text = context.tree.text(file) else { continue }
      schema.elsewhere.formUnion(
        sql.failures.isEmpty && sql.unread == nil
          ? Migrations.createdNames(in: sql) : Migrations.createdNames(in: text.bytes))
      for statement in sql.statements where statement.kind == "IndexStmt" {
        statement.node.text("idxname").map { _ = schema.indexes.insert($0) }
      }
    }
    schema.elsewhere = Set(schema.elsewhere.map { $0.lowercased() })
    let isSupabase = schema.replays.contains { $0.set.tool == .supabase }
    // SQL in strings may be for another system of the tree.
    let isOnlyPostgres = facts.sets.allSatisfy(\.isPostgres)
    var uses: [(CodeUse, TreeFile)] = []
    for file in context.tree.files {
      guard isCode(file.language), let text = context.tree.text(file) else { continue }
      schema.elsewhere.formUnion(SchemaMakers.createdNames(inCode: text.bytes).map { $0.lowercased() })
      if isAside(file.path) { continue }
      if SchemaMakers.makesTables(text.bytes) {
        schema.canJudge = false
        return schema
      }
      let named = CodeNames.uses(in: text.bytes, path: file.path)
      let isForeign = named.contains(where: isForeign)
      var statements: Set<String> = []
      var parsed = ParsedStatements()
      for use in named {
        if use.by == "SQL", isOnlyPostgres, !isForeign, let statement = use.statement,
          statements.insert(statement).inserted
        {
          uses += columns(of: statement, use, &parsed).map { ($0, file) }
        }
        if use.by == "SQL",
          isForeign || !isStatement(use, &parsed) || !isOnlyPostgres || isEntity(use, file)
            || isNamedByWith(use, text.bytes)
        {
          continue
        }
        // `.from('x')` is many a library's; a client of Supabase's belongs to its migrations.
        if ["SQL", "Prisma", "SQLAlchemy"].contains(use.by) || isSupabase { uses.append((use, file)) }
      }
    }
    schema.judge(uses, in: context)
    schema.leaveOutWhatHasNoBase(uses)
    return schema
  }

  private mutating func judge(_ uses: [(CodeUse, TreeFile)], in context: AuditContext) {
    var seen: Set<CodeUse.Name> = []
    // A string of SQL is this database's where its file asks for a table that the migrations make, too.
    var known: Set<String> = []
    for (use, file) in uses where use.by == "SQL" && !known.contains(file.path) {
      if case .table(let table) = use.name, replays.contains(where: { $0.makes(table) }) { known.insert(file.path) }
    }
    let libraries = SchemaMakers.libraries(in: context)
    for (use, file) in uses where seen.insert(use.name).inserted {
      let place = TreePlace(file.path, line: use.line)
      switch use.name {
      case .table(let table):
        if SchemaMakers.isTools(table) || has(table: table) { continue }
        let gone = gone(table: table)
        if gone == nil, use.by == "SQL",
          !known.contains(file.path) || SchemaMakers.isLibrarys(table, libraries)
        {
          continue
        }
        if gone == nil, !context.facts(ReachedModules.self).reaches(file) || context.isUnused(file) {
          // Another file may ask for it, too.
          seen.remove(use.name)
          continue
        }
        missing.append(.init(name: use.name, by: use.by, place: place, gone: gone))
      case .column(let table, let column):
        let parts = table.split(separator: ".").map(String.init)
        let name = TableName(parts.last ?? table, schema: parts.count == 2 ? parts[0] : "public")
        guard let replay = replays.first(where: { $0.tables[name] != nil }), let known = replay.tables[name],
          known.isComplete, !known.isView, known.columns[column] == nil, let gone = replay.goneColumns[name]?[column],
          !elsewhere.contains(name.name), !replay.mayBeHidden(column, making: "add column")
        else { continue }
        missing.append(.init(name: use.name, by: use.by, place: place, gone: gone))
      case .function: continue
      }
    }
  }

  /// Where more than half of the tables that one kind of use names are made by nobody, the migrations are not what makes the
  /// schema: a push from models, or somebody's hand in the platform's console.
  private mutating func leaveOutWhatHasNoBase(_ uses: [(CodeUse, TreeFile)]) {
    let missing = Dictionary(grouping: missing.filter { $0.gone == nil }, by: \.by).mapValues(\.count)
    for (kind, count) in missing where count > 3 {
      let all = Set(uses.lazy.filter { $0.0.by == kind }.map(\.0.name)).count {
        if case .table = $0 { true } else { false }
      }
      if count * 2 > all { self.missing.removeAll { $0.gone == nil && $0.by == kind } }
    }
  }

  private static func columns(of statement: String, _ use: CodeUse, _ parsed: inout ParsedStatements) -> [CodeUse] {
    StatementColumns.columns(of: statement, &parsed).map {
      CodeUse(name: .column($0.table, $0.column), line: use.line, by: "SQL", statement: statement)
    }
  }

  /// Whether the string is a statement of PostgreSQL's that reads or writes the table: much English begins with "select".
  private static func isStatement(_ use: CodeUse, _ parsed: inout ParsedStatements) -> Bool {
    guard let text = use.statement, case .table(let table) = use.name else { return false }
    let sql = parsed.of(Array(text.utf8))
    guard sql.failures.isEmpty, sql.unread == nil else { return false }
    let name = table.split(separator: ".").last.map(String.init) ?? table
    return sql.statements.contains { statement in
      !statement.node.nodes("CommonTableExpr").contains { $0.text("ctename") == name }
        && (statement.node.nodes("RangeVar") + [statement.node["relation"] ?? .null]).contains {
          $0.text("relname") == name
        }
    }
  }

  /// Whether the name is one of a class, `from SentAlarm sa`: JPQL and HQL, which their library writes as SQL.
  private static func isEntity(_ use: CodeUse, _ file: TreeFile) -> Bool {
    guard file.language == .java || file.language == .kotlin, let text = use.statement,
      case .table(let table) = use.name
    else { return false }
    return text.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.contains {
      $0.lowercased() == table.lowercased() && $0.first?.isUppercase == true && $0.contains(where: \.isLowercase)
    }
  }

  /// Whether the file names a part of a statement so, `WITH recent AS (`, in a string that others are joined to.
  private static func isNamedByWith(_ use: CodeUse, _ bytes: [UInt8]) -> Bool {
    guard case .table(let table) = use.name else { return false }
    return contains(bytes, "\(table.lowercased()) as (")
  }

  /// Whether the string is ClickHouse's or its kin's, which PostgreSQL parses and never runs: it has `count(*)`, no `count()`.
  private static func isForeign(_ use: CodeUse) -> Bool {
    guard let text = use.statement, contains(Array(text.utf8), "count()") else { return false }
    return SQLParser.parse(Array(text.utf8)).statements.contains { statement in
      statement.node.nodes("FuncCall").contains { call in
        call.list("args").isEmpty && call["agg_star"] == nil
          && call.list("funcname").last?.name?.lowercased() == "count"
      }
    }
  }

  private static func isCode(_ language: Language?) -> Bool {
    switch language {
    case .typescript, .javascript, .python, .go, .swift, .ruby, .vue, .svelte, .prisma, .rust, .dart, .java, .kotlin,
      .csharp,
      .php:
      true
    default: false
    }
  }

  /// Tests, examples and documentation, whose tables are their own.
  static func isAside(_ path: String) -> Bool {
    let lower = path.lowercased()
    let parts = lower.split { $0 == "/" || $0 == "." || $0 == "-" || $0 == "_" }
    let words: Set<Substring> = [
      "test", "tests", "spec", "specs", "fixtures", "mocks", "mock", "example", "examples", "e2e", "docs", "stories",
      "archive", "legacy", "benchmark", "benchmarks", "bench", "playground", "sandbox", "testing", "testdata", "demo",
      "charts", "helm", "migrations", "migration",
      "seed", "seeds",
    ]
    return parts.contains(where: words.contains)
  }

  /// Plans and what was put away: what they name need not be there.
  static func isPast(_ path: String) -> Bool {
    let parts = path.lowercased().split { $0 == "/" || $0 == "." || $0 == "-" || $0 == "_" || $0 == " " }
    let words: Set<Substring> = [
      "archive", "archived", "plan", "plans", "planning", "memory", "next", "old", "backlog", "ideas", "proposal",
      "proposals", "rfc", "features", "roadmap", "spec", "specs",
    ]
    return isAside(path) || parts.contains(where: words.contains)
  }

  private static func contains(_ bytes: [UInt8], _ words: String) -> Bool {
    let needle = Array(words.utf8)
    guard bytes.count >= needle.count else { return false }
    return bytes.withUnsafeBufferPointer { bytes in
      for start in 0...bytes.count - needle.count where bytes[start] | 0x20 == needle[0] {
        var length = 1
        while length < needle.count, bytes[start + length] | 0x20 == needle[length] { length += 1 }
        if length == needle.count { return true }
      }
      return false
    }
  }
}

extension ApplicationSchema: Collector {
  static func collect(in context: AuditContext) -> ApplicationSchema { read(in: context) }
}
