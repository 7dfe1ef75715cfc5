import GonogoCore
import GonogoProbes

/// The migrations of the tree, by folder and tool, parsed.
enum Migrations: Collector {
  static func collect(in context: AuditContext) -> MigrationFacts {
    var facts = MigrationFacts()
    facts.unread = unread(in: context)
    var folders: [String: [TreeFile]] = [:]
    var loose: [TreeFile] = []
    for file in context.tree.files(in: .sql) where file.kind == .regular {
      if let folder = folder(of: file, in: context) {
        folders[folder, default: []].append(file)
      } else {
        loose.append(file)
      }
    }
    for (folder, files) in folders.sorted(by: { $0.key < $1.key }) {
      facts.sets.append(set(folder, files, in: context))
    }
    let hasPostgres = facts.sets.contains(where: \.isPostgres)
    for file in loose {
      guard let text = context.tree.text(file) else { continue }
      if dialectOfPath(file.path) == nil, hasPostgres || facts.sets.isEmpty {
        facts.loose.append((file, SQLParser.parse(text.bytes)))
      } else {
        facts.foreignTables.formUnion(createdNames(in: text.bytes))
      }
    }
    for set in facts.sets where !set.isPostgres {
      for migration in set.migrations {
        guard let text = context.tree.text(migration.file) else { continue }
        facts.foreignTables.formUnion(createdNames(in: text.bytes))
      }
    }
    facts.sets += EmbeddedMigrations.sets(in: context)
    return facts
  }

  // MARK: Folders

  private static let names: Set<String> = ["migrations", "migration", "migrate", "deploy"]
  /// What stands below these is run by no deployment; a test may want it broken.
  private static let apart: Set<String> = [
    "node_modules", "testdata", "test_data", "fixtures", "__fixtures__", "__tests__",
  ]

  /// The folder of migrations that a file belongs to; `nil` for one that is no migration.
  private static func folder(of file: TreeFile, in context: AuditContext) -> String? {
    let parts = file.directory.split(separator: "/").map(String.init)
    let name = String(file.name)
    let parent = parts.last ?? ""
    if name == "structure.sql", parent == "db" { return String(file.directory) }
    if name == "migration.sql" {
      return digits(parent).isEmpty ? nil : parts.dropLast().joined(separator: "/")
    }
    let lower = name.lowercased()
    if lower.contains("seed") && !names.contains(parent) || !apart.isDisjoint(with: parts) { return nil }
    if parts.count >= 2, parts[parts.count - 2] == "supabase", parent == "migrations" { return String(file.directory) }
    if flyway(name) != nil { return String(file.directory) }
    if lower.hasSuffix(".up.sql") || lower.hasSuffix(".down.sql") { return String(file.directory) }
    let inFolder = parts.contains { names.contains($0.lowercased()) || $0.lowercased() == "drizzle" }
    guard inFolder else { return nil }
    if parent == "deploy" || parent == "revert" || parent == "verify" {
      let root = parts.dropLast().joined(separator: "/")
      let plan = root.isEmpty ? "sqitch.plan" : root + "/sqitch.plan"
      return context.tree[plan] == nil ? nil : root
    }
    guard !digits(name).isEmpty else { return nil }
    // Folders of versions (`0.19/`, `v2/`) are parts of one.
    var folder = parts
    while folder.count > 1, let last = folder.last, !names.contains(last.lowercased()),
      last.drop(while: { $0 == "v" }).allSatisfy({ $0.isNumber || $0 == "." || $0 == "_" })
    {
      folder.removeLast()
    }
    return folder.joined(separator: "/")
  }

  static func digits(_ name: String) -> String { String(name.prefix { $0.isASCII && $0.isNumber }) }

  /// `V1.2__name.sql`, `U1.2__name.sql`, `R__name.sql`: the letter and the version.
  private static func flyway(_ name: String) -> (letter: Character, version: String)? {
    guard let letter = name.first, "VUR".contains(letter), let mark = name.range(of: "__") else { return nil }
    let version = String(name[name.index(after: name.startIndex)..<mark.lowerBound])
    let isNumber = version.allSatisfy { $0.isNumber || $0 == "." || $0 == "_" }
    return isNumber && version.isEmpty == (letter == "R") ? (letter, version) : nil
  }

  // MARK: A set

  private static func set(_ folder: String, _ files: [TreeFile], in context: AuditContext) -> MigrationSet {
    func sibling(_ name: String) -> TreeFile? { context.tree[folder.isEmpty ? name : "\(folder)/\(name)"] }
    func text(_ file: TreeFile?) -> String {
      file.flatMap { context.tree.text($0) }.map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
    }
    var dialect: String? = dialectOfPath(folder) ?? MigrationDialect.ofPackage(folder, in: context)
    let tool: MigrationSet.Tool
    let marks = files.prefix(50).map { text($0) }
    if files.contains(where: { $0.name == "migration.sql" }) {
      tool = .prisma
      let lock = text(sibling("migration_lock.toml"))
      for (word, name) in [
        ("mysql", "MySQL"), ("sqlite", "SQLite"), ("sqlserver", "SQL Server"), ("cockroachdb", "CockroachDB"),
        ("\"postgresql\"", "PostgreSQL"),
      ] where lock.contains(word) { dialect = name }
    } else if let journal = sibling("meta/_journal.json") {
      tool = .drizzle
      let said = context.json(journal)?["dialect"]?.stringValue
      if let said { dialect = said == "postgresql" || said == "pg" ? "PostgreSQL" : said }
    } else if sibling("sqitch.plan") != nil {
      tool = .sqitch
      let conf = text(sibling("sqitch.conf"))
      if conf.contains("engine = mysql") {
        dialect = "MySQL"
      } else if conf.contains("engine = sqlite") {
        dialect = "SQLite"
      }
    } else if files.contains(where: { $0.name == "structure.sql" }) {
      tool = .rails
    } else if files.contains(where: { $0.name.hasSuffix(".up.sql") }) {
      tool = .golangMigrate
    } else if files.contains(where: { flyway(String($0.name)) != nil }) {
      tool = .flyway
    } else if marks.contains(where: { $0.contains("-- migrate:up") }) {
      tool = .dbmate
    } else if marks.contains(where: { $0.contains("-- +goose Up") }) {
      tool = .goose
    } else if marks.contains(where: { $0.contains("-- +migrate Up") }) {
      tool = .sqlMigrate
    } else {
      tool = folder == "supabase/migrations" || folder.hasSuffix("/supabase/migrations") ? .supabase : .numbered
    }
    let byName = Dictionary(files.map { ($0.path, $0) }) { first, _ in first }
    var migrations: [MigrationSet.Migration] = []
    for file in files {
      guard let migration = migration(file, tool, byName, in: context) else { continue }
      migrations.append(migration)
    }
    migrations = ordered(migrations, tool, folder, in: context)
    if dialect == nil, migrations.contains(where: { !$0.sql.failures.isEmpty }) {
      dialect =
        files.lazy.compactMap { file in context.tree.text(file).flatMap { dialectOfText($0.bytes) } }.first
        ?? MigrationDialect.ofDrivers(in: context)
    }
    // Nothing of Supabase's, Prisma's or Drizzle's is another system's unless they say so.
    if dialect == nil, ![.supabase, .prisma, .drizzle].contains(tool) {
      dialect = MigrationDialect.ofManifests(in: context)
    }
    return MigrationSet(tool: tool, directory: folder, dialect: dialect ?? "PostgreSQL", migrations: migrations)
  }

  private static func migration(
    _ file: TreeFile, _ tool: MigrationSet.Tool, _ all: [String: TreeFile], in context: AuditContext
  ) -> MigrationSet.Migration? {
    guard let text = context.tree.text(file) else {
      if let trouble = CouldNotLook.unread(file, context.tree.unread(file)) { context.couldNotLook(trouble) }
      return nil
    }
    let name = String(file.name)
    if [.numbered, .goose, .dbmate, .sqlMigrate].contains(tool), isWayBack(file, among: all) { return nil }
    var bytes = text.bytes
    var version = digits(name)
    var hasWayBack: Bool?
    var isTransaction: Bool?
    let source = String(decoding: bytes, as: UTF8.self)
    switch tool {
    case .prisma: version = digits(file.directory.split(separator: "/").last.map(String.init) ?? "")
    case .golangMigrate:
      if name.hasSuffix(".down.sql") { return nil }
      if name.hasSuffix(".up.sql") {
        let down = all[String(file.path.dropLast(7)) + ".down.sql"]
        hasWayBack =
          down.flatMap { context.tree.text($0) }.map { MigrationDialect.doesSomething($0.bytes) } ?? false
      }
    case .dbmate, .goose, .sqlMigrate:
      let (up, down) =
        switch tool {
        case .dbmate: ("-- migrate:up", "-- migrate:down")
        case .goose: ("-- +goose Up", "-- +goose Down")
        default: ("-- +migrate Up", "-- +migrate Down")
        }
      // A file without the tool's marks is none of the tool's, and still says what someone makes with it.
      guard source.contains(up) || source.contains(down) else { break }
      let sections = sections(bytes, up, down)
      bytes = sections.up
      hasWayBack = sections.down.map { MigrationDialect.doesSomething($0) } ?? false
      isTransaction =
        !(source.contains("transaction:false") || source.contains("+goose NO TRANSACTION")
        || source.contains("notransaction"))
    case .flyway:
      guard let flyway = flyway(name), flyway.letter != "U" else { return nil }
      version = flyway.version
    case .sqitch:
      guard file.directory.hasSuffix("deploy") else { return nil }
      let revert = String(file.directory.dropLast(6)) + "revert/" + name
      hasWayBack =
        all[revert].flatMap { context.tree.text($0) }.map { MigrationDialect.doesSomething($0.bytes) } ?? false
    case .drizzle: isTransaction = true
    default: break
    }
    return .init(
      version: version, file: file, sql: SQLParser.parse(bytes), hasWayBack: hasWayBack, isTransaction: isTransaction)
  }

  /// Whether a file says by its name that it takes back the one of its number that stands beside it.
  private static func isWayBack(_ file: TreeFile, among all: [String: TreeFile]) -> Bool {
    let stem = file.name.lowercased().dropLast(4)
    let saysSo = ["down", "rollback", "undo", "revert", "reverse"].contains { word in
      [".", "_", "-"].contains { stem.hasSuffix($0 + word) }
    }
    let number = digits(String(file.name))
    return saysSo && !number.isEmpty
      && all.values.contains {
        $0.path != file.path && $0.directory == file.directory && digits(String($0.name)) == number
      }
  }

  /// The text of the way there, and of the way back where there is one; what does not belong is blank, so that places stay.
  private static func sections(_ bytes: [UInt8], _ up: String, _ down: String) -> (up: [UInt8], down: [UInt8]?) {
    var there = bytes
    var back = bytes
    var part = 0
    var hasDown = false
    var index = 0
    while index < bytes.count {
      let end = bytes[index...].firstIndex(of: 0x0A) ?? bytes.count
      let line = String(decoding: bytes[index..<end].prefix(100), as: UTF8.self).trimmed
      if line.hasPrefix(up) { part = 1 }
      if line.hasPrefix(down) {
        part = 2
        hasDown = true
      }
      for place in index..<end where bytes[place] != 0x0D {
        if part != 1 { there[place] = 0x20 }
        if part != 2 { back[place] = 0x20 }
      }
      index = end + 1
    }
    return (there, hasDown ? back : nil)
  }

  private static func ordered(
    _ migrations: [MigrationSet.Migration], _ tool: MigrationSet.Tool, _ folder: String, in context: AuditContext
  ) -> [MigrationSet.Migration] {
    func path(_ migration: MigrationSet.Migration) -> [UInt8] { migration.file.rawPath }
    switch tool {
    case .supabase, .prisma, .dbmate, .drizzle:
      return migrations.sorted { path($0).lexicographicallyPrecedes(path($1)) }
    case .sqitch:
      let plan = context.tree.text(at: folder.isEmpty ? "sqitch.plan" : "\(folder)/sqitch.plan")
      var order: [String: Int] = [:]
      for number in 1...max(1, plan?.lineCount ?? 1) {
        let line = String(decoding: plan?.line(number) ?? [], as: UTF8.self)
        if let word = line.split(separator: " ").first { order["\(word).sql"] = number }
      }
      return migrations.sorted {
        (order[String($0.file.name)] ?? .max, $0.file.path) < (order[String($1.file.name)] ?? .max, $1.file.path)
      }
    default:
      return migrations.sorted { a, b in
        let (above, below) = (folderNumber(a, folder), folderNumber(b, folder))
        if above != below { return above.lexicographicallyPrecedes(below) }
        let (left, right) = (number(a.version), number(b.version))
        // Flyway runs what is repeatable, and has no number, last.
        if left.isEmpty != right.isEmpty { return right.isEmpty }
        return left == right ? path(a).lexicographicallyPrecedes(path(b)) : left.lexicographicallyPrecedes(right)
      }
    }
  }

  /// The numbers of the folders between the set's and the file.
  private static func folderNumber(_ migration: MigrationSet.Migration, _ folder: String) -> [Int] {
    number(String(migration.file.directory.dropFirst(folder.utf8.count).filter { $0 != "v" && $0 != "/" }))
  }

  /// A version as numbers: `1.10` follows `1.9`.
  static func number(_ version: String) -> [Int] { version.split { $0 == "." || $0 == "_" }.compactMap { Int($0) } }

  // MARK: Dialects

  static func dialectOfPath(_ path: String) -> String? {
    let parts = path.lowercased().split { $0 == "/" || $0 == "-" || $0 == "_" || $0 == "." }.map(String.init)
    let dialects = [
      "mysql": "MySQL", "mariadb": "MySQL", "sqlite": "SQLite", "sqlite3": "SQLite", "d1": "SQLite",
      "clickhouse": "ClickHouse",
      "mssql": "SQL Server", "sqlserver": "SQL Server", "oracle": "Oracle", "bigquery": "BigQuery",
      "snowflake": "Snowflake", "duckdb": "DuckDB",
    ]
    return parts.lazy.compactMap { dialects[$0] }.first
  }

  /// What a text that PostgreSQL does not read says of the system that it is for; `nil` where it says nothing.
  static func dialectOfText(_ bytes: [UInt8]) -> String? {
    let tokens = PostgresSQL.tokens(String(decoding: bytes, as: UTF8.self))
    for (index, token) in tokens.enumerated() {
      switch token.kind {
      case .word:
        switch token.name {
        case "auto_increment": return "MySQL"
        case "autoincrement", "pragma": return "SQLite"
        case "engine" where index + 2 < tokens.count && tokens[index + 1].isSymbol("="):
          return tokens[index + 2].text.hasSuffix("MergeTree") ? "ClickHouse" : "MySQL"
        case "go" where index > 0 && tokens[index - 1].isSymbol(";"): return "SQL Server"
        case "declare" where index + 1 < tokens.count && tokens[index + 1].text.hasPrefix("@"): return "SQL Server"
        default: break
        }
      case .symbol where token.text == "`": return "MySQL or SQLite"
      default: break
      }
    }
    return nil
  }

  /// The names of tables and views that parsed SQL creates.
  static func createdNames(in sql: SQLText) -> Set<String> {
    Set(
      sql.statements.compactMap { statement in
        switch statement.kind {
        case "CreateStmt": statement.node["relation"]?.text("relname")
        case "CreateForeignTableStmt": statement.node["base"]?["relation"]?.text("relname")
        case "ViewStmt": statement.node["view"]?.text("relname")
        case "CreateTableAsStmt": statement.node["into"]?["rel"]?.text("relname")
        default: nil
        }
      })
  }

  /// The names of tables that a text of any dialect creates, by its words alone.
  static func createdNames(in bytes: [UInt8]) -> Set<String> {
    var names: Set<String> = []
    let tokens = PostgresSQL.tokens(String(decoding: bytes, as: UTF8.self)).filter { $0.text != "`" }
    for (index, token) in tokens.enumerated() where token.isWord("create") {
      var place = index + 1
      while place < tokens.count, place < index + 8,
        ["or", "replace", "temp", "temporary", "materialized", "unlogged", "virtual", "external", "foreign"].contains(
          tokens[place].name)
      {
        place += 1
      }
      guard place < tokens.count, ["table", "view"].contains(tokens[place].name) else { continue }
      place += 1
      while place < tokens.count, ["if", "not", "exists"].contains(tokens[place].name) { place += 1 }
      var last: String?
      while place < tokens.count, tokens[place].kind == .word || tokens[place].kind == .quoted {
        last = tokens[place].name
        guard place + 2 < tokens.count, tokens[place + 1].isSymbol(".") else { break }
        place += 2
      }
      if let last { names.insert(last) }
    }
    return names
  }

  // MARK: What is not SQL

  private static func unread(in context: AuditContext) -> [UnreadMigrations] {
    var counts: [String: (tool: String, count: Int)] = [:]
    func add(_ tool: String, _ file: TreeFile) {
      let key = String(file.directory)
      counts[key] = (tool, (counts[key]?.count ?? 0) + 1)
    }
    for file in context.tree.files where file.kind == .regular {
      let parts = file.directory.split(separator: "/")
      guard let parent = parts.last else { continue }
      let name = String(file.name)
      func holds(_ word: String) -> Bool {
        context.tree.text(file).map { String(decoding: $0.bytes, as: UTF8.self).contains(word) } ?? false
      }
      switch file.language {
      case .python where parent == "versions": if holds("down_revision") { add("Alembic", file) }
      case .python where parent == "migrations" && name != "__init__.py": if holds("Migration") { add("Django", file) }
      case .ruby where parent == "migrate" || name == "schema.rb": add("Rails", file)
      case .php where parent == "migrations": add("Laravel", file)
      case .csharp where parent == "Migrations" && !name.hasSuffix(".Designer.cs"): add("Entity Framework", file)
      case .elixir where parent == "migrations": add("Ecto", file)
      case .swift where parent == "Migrations": add("Fluent", file)
      case .go where parent == "migrations" || parent == "migration":
        if holds("goose.Add") { add("goose", file) }
      case .typescript where parent == "migrations" || parent == "migration",
        .javascript where parent == "migrations" || parent == "migration":
        if holds("MigrationInterface") {
          add("TypeORM", file)
        } else if holds("queryInterface") {
          add("Sequelize", file)
        } else if holds("knex") || holds("Knex") {
          add("Knex", file)
        } else if holds("Kysely") {
          add("Kysely", file)
        } else if holds("exports.up") || holds("export async function up") || holds("export const up") {
          add("JavaScript", file)
        }
      default: break
      }
    }
    return counts.sorted { $0.key < $1.key }.map {
      .init(tool: $0.value.tool, directory: $0.key, count: $0.value.count)
    }
  }
}
