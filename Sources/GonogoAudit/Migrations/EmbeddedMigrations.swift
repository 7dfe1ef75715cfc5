import GonogoCore

/// The SQL of migrations in Python: of the strings in `op.execute("…")` and `RunSQL("…")`, and of Alembic's operations.
enum EmbeddedMigrations {
  static func sets(in context: AuditContext) -> [MigrationSet] {
    let dialect = dialect(in: context)
    return context.facts(MigrationGraphs.self).map { graph in
      let environment = graph.directory.isEmpty ? "env.py" : graph.directory + "/env.py"
      let isAutocommit = context.tree.text(at: environment)?.contains("AUTOCOMMIT") ?? false
      let migrations = ordered(graph).compactMap { node -> MigrationSet.Migration? in
        let isAlembic = graph.tool == .alembic
        let known = isAlembic ? context.facts(Alembic.self, of: node.file) : context.facts(Django.self, of: node.file)
        return known.map { body in
          .init(
            version: node.id, file: node.file, sql: body.sql, hasWayBack: body.hasWayBack,
            isTransaction: body.isOwn || isAlembic && isAutocommit ? nil : true, doesNothing: body.doesNothing)
        }
      }
      return MigrationSet(
        tool: graph.tool == .alembic ? .alembic : .django, directory: graph.directory, dialect: dialect,
        migrations: migrations)
    }
  }

  /// Parents first; where that goes round in a circle, as the files stand.
  private static func ordered(_ graph: MigrationGraph) -> [MigrationGraph.Node] {
    let byId = Dictionary(graph.nodes.map { ($0.id, $0) }) { first, _ in first }
    var result: [MigrationGraph.Node] = []
    var seen: Set<String> = []
    // Without recursion: a history may be thousands long.
    for node in graph.nodes.sorted(by: { $0.id < $1.id }) {
      var stack = [(node, false)]
      while let (next, isDone) = stack.popLast() {
        if isDone {
          result.append(next)
          continue
        }
        guard seen.insert(next.id).inserted else { continue }
        stack.append((next, true))
        for parent in next.parents {
          if let before = byId[parent.id], !seen.contains(before.id) { stack.append((before, false)) }
        }
      }
    }
    return result
  }

  /// Python's drivers tell what the migrations run on.
  static func dialect(in context: AuditContext) -> String {
    var isPostgres = false
    var other: String?
    for name in [
      "pyproject.toml", "requirements.txt", "Pipfile", "setup.py", "setup.cfg", "requirements.in", "base.txt",
      "base.in",
    ] {
      for file in context.tree.files(named: name) {
        guard let text = context.tree.text(file) else { continue }
        if text.contains("psycopg") || text.contains("asyncpg") || text.contains("pg8000") { isPostgres = true }
        for (driver, system) in [
          ("pymysql", "MySQL"), ("PyMySQL", "MySQL"), ("mysqlclient", "MySQL"), ("aiomysql", "MySQL"),
          ("pyodbc", "SQL Server"),
          ("aiosqlite", "SQLite"), ("oracledb", "Oracle"),
        ] where text.contains(driver) { other = system }
      }
    }
    // With several of them it is not known whose SQL a string is.
    return isPostgres && (other == nil || other == "SQLite") ? "PostgreSQL" : other ?? unknown
  }

  static let unknown = "of no known system"

  /// What a migration's own text says.
  private struct Body {
    let sql: SQLText
    let hasWayBack: Bool?
    /// It keeps its transactions itself.
    let isOwn: Bool
    var doesNothing: Bool?
  }

  private enum Alembic: FileCollector {
    static func collect(from text: SourceFile, of file: TreeFile) -> Body { alembic(text) }
  }

  private enum Django: FileCollector {
    static func collect(from text: SourceFile, of file: TreeFile) -> Body { django(text) }
  }

  private static func alembic(_ text: SourceFile) -> Body {
    let python = PythonText(text)
    let up = python.body(of: "upgrade")
    let down = python.body(of: "downgrade")
    let calls = up.map { body in
      ["op.execute", "conn.execute", "connection.execute", "bind.execute", "op.get_bind().execute"].flatMap {
        python.calls($0, in: body)
      }
    }
    // What depends on the system that it runs on is not one system's SQL.
    let isSeveral = up.map { python.text($0).contains("dialect") } ?? false
    let sql = isSeveral ? SQLText() : read(python, calls ?? [], operations: up)
    return Body(
      sql: sql, hasWayBack: !(down.map { python.doesNothing($0) } ?? true),
      isOwn: text.contains("autocommit_block") || text.contains("COMMIT"),
      doesNothing: up.map { python.doesNothing($0) } ?? true)
  }

  private static func django(_ text: SourceFile) -> Body {
    let python = PythonText(text)
    let whole = 0..<python.bytes.count
    let calls =
      text.contains("RunSQL") ? python.calls("migrations.RunSQL", in: whole) + python.calls("RunSQL", in: whole) : []
    return Body(
      sql: read(python, calls, first: true), hasWayBack: nil, isOwn: text.contains("atomic = False"))
  }

  /// The strings of calls as SQL, each at its place: everything else of the file is blank.
  ///
  /// - Parameters:
  ///   - operations: the body whose operations are read as SQL as well.
  ///   - first: only the first string of a call is wanted: the second is the way back.
  private static func read(
    _ python: PythonText, _ calls: [Range<Int>], operations: Range<Int>? = nil, first: Bool = false
  ) -> SQLText {
    var blank = python.bytes.map { $0 == 0x0A ? 0x0A : UInt8(0x20) }
    var isEmpty = true
    for call in calls {
      var literals = python.literals(in: call)
      guard let start = literals.first else { continue }
      // `op.execute("…")`, `op.execute(sa.text("…"))`, and strings that stand beside each other.
      let head = python.text(call.lowerBound..<start.range.lowerBound).filter { !" \n\r\t\"'rR".contains($0) }
      guard ["", "text(", "sa.text(", "sqlalchemy.text(", "sql=", "sql.text(", "sqltext="].contains(head) else {
        continue
      }
      if first {
        // The strings before the first comma.
        let stop = literals.dropFirst().firstIndex { literal in
          let at = literals.firstIndex { $0.range == literal.range } ?? 0
          return python.text(literals[at - 1].range.upperBound..<literal.range.lowerBound).contains(",")
        }
        literals = Array(literals[..<(stop ?? literals.count)])
      }
      var isJoined = true
      for (before, after) in zip(literals, literals.dropFirst()) {
        let between = python.text(before.range.upperBound..<after.range.lowerBound)
        if !between.allSatisfy({ " \n\r\t\"'rR".contains($0) }) { isJoined = false }
      }
      let tail = python.text((literals.last?.range.upperBound ?? call.upperBound)..<call.upperBound)
      let isWhole = first || tail.allSatisfy { " \n\r\t\"'),".contains($0) }
      // What is put together while it runs is not known.
      guard isJoined, isWhole, literals.allSatisfy({ !$0.prefix.contains("f") && !$0.prefix.contains("b") }),
        literals.allSatisfy({ !python.bytes[$0.range].contains(0x5C) })
      else { continue }
      for literal in literals {
        for index in literal.range { blank[index] = python.bytes[index] }
      }
      // A string is a statement, whether or not it ends as one.
      if let last = literals.last, last.range.upperBound < blank.count {
        let hasComment = python.text(last.range).split(separator: "\n").last?.contains("--") ?? false
        if !hasComment { blank[last.range.upperBound] = UInt8(ascii: ";") }
        isEmpty = false
      }
    }
    if let operations, AlembicOperations.write(python, operations, into: &blank) { isEmpty = false }
    return isEmpty ? SQLText() : SQLParser.parse(blank)
  }
}
