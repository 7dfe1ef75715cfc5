import GonogoCore
import GonogoProbes

/// What migrations say about a schema, one after another, without a database: a light catalogue, and what each statement
/// does to what stands there when it runs.
struct Replay: Sendable {
  struct Column: Sendable {
    let type: SQLType?
  }

  struct Table: Sendable {
    let place: TreePlace
    /// The migration that creates it.
    var migration: Int
    var columns: [String: Column] = [:]
    /// Whether all columns are known.
    var isComplete = true
    var hasRowSecurity = false
    var isView = false
    var isPartition = false
    /// Whether the roles of Supabase's interface were denied all of it.
    var isRevoked = false
    /// Whether migrations fill it with rows of their own: a catalogue, which is small wherever it stands.
    var isCatalogue = false
    /// Columns that a CHECK proves to be not null.
    var provenNotNull: Set<String> = []
  }

  /// What became of a name that is there no more.
  struct Gone: Sendable {
    let place: TreePlace
    /// "dropped", or "renamed to 'x'".
    let how: String
  }

  struct Observation: Sendable {
    enum Kind: Sendable, Equatable {
      case index(unique: Bool, concurrently: Bool)
      case addNotNull
      case rewritingColumn(String)
      case changeType(String)
      case setNotNull
      case foreignKey
      case check
      case unique
      case missing(String)
      case missingFunction
      case missingColumn
      case concurrentlyInTransaction(String)
    }
    let kind: Kind
    let table: TableName
    /// The index's, column's, constraint's or policy's name; empty where it has none.
    let name: String
    let place: TreePlace
    let migration: Int
    /// Whether the table may have rows: it stood there before the migrations of the same day.
    let isOnExisting: Bool
    /// The migration that created the table; `nil` where none did.
    let created: Int?
    let isOnCatalogue: Bool
  }

  let set: MigrationSet
  private(set) var tables: [TableName: Table] = [:]
  private(set) var functions: Set<TableName> = []
  private(set) var schemas: Set<String> = ["public"]
  private(set) var indexes: Set<String> = []
  private(set) var policies: Set<String> = []
  private(set) var goneTables: [TableName: Gone] = [:]
  private(set) var goneColumns: [TableName: [String: Gone]] = [:]
  private(set) var observations: [Observation] = []
  /// Every table's first creation, whatever became of it.
  private(set) var everCreated: [TableName: (migration: Int, place: TreePlace)] = [:]
  /// Text that nobody could read: what blocks put together, and what does not parse.
  private(set) var opaque = ""
  private(set) var hasExtensions = false

  /// The transaction, the schema and the file that are being read.
  private struct State {
    var index = 0
    var path = "public"
    var isInTransaction = false
    var isInBlock = false
    var emptied: Set<TableName> = []
  }
  private var state = State()
  private let context: AuditContext

  init(_ set: MigrationSet, in context: AuditContext) {
    self.set = set
    self.context = context
    for (index, migration) in set.migrations.enumerated() {
      state = State(index: index)
      opaque += migration.sql.dynamic.joined(separator: "\n")
      if let text = context.tree.text(migration.file) {
        for failure in migration.sql.failures {
          opaque += "\n" + String(decoding: text.bytes[failure.range], as: UTF8.self).lowercased()
        }
        if migration.sql.unread != nil { opaque += "\n" + String(decoding: text.bytes, as: UTF8.self).lowercased() }
      }
      for statement in migration.sql.statements { apply(statement, in: migration) }
    }
  }

  private var migration: MigrationSet.Migration { self.set.migrations[state.index] }

  // MARK: What is asked

  /// Whether text that nobody could read may have made the thing of this name.
  func mayBeHidden(_ name: String, making words: String) -> Bool {
    self.set.tool.isPartial
      || opaque.contains(words)
        && (opaque.contains(name.lowercased()) || opaque.contains("%i") || opaque.contains("||"))
  }

  /// Whether a table of this name, with or without its schema, stands at the end.
  func makes(_ table: String) -> Bool {
    let parts = table.split(separator: ".").map(String.init)
    return tables[TableName(parts.last ?? table, schema: parts.count == 2 ? parts[0] : "public")] != nil
      || parts.count == 1 && tables.keys.contains { $0.name == table }
  }

  /// Whether a schema is one of the migrations' own: others' tables come from extensions and platforms.
  func owns(_ schema: String) -> Bool { schemas.contains(schema) }

  /// Schemas that Supabase makes and fills before the first migration runs: who writes CREATE SCHEMA IF NOT EXISTS for one of
  /// them builds a stand-in for an empty database, and what else is in it comes from the platform.
  private static let platforms: Set<String> = [
    "auth", "storage", "realtime", "_realtime", "extensions", "vault", "graphql", "graphql_public", "pgbouncer",
    "pgsodium", "pgmq", "net", "cron", "supabase_functions", "supabase_migrations", "pgtle", "tiger", "topology",
  ]

  /// Migrations of one day run together for the first time.
  private func isSameDay(_ left: Int, _ right: Int) -> Bool {
    if left == right { return true }
    let (a, b) = (set.migrations[left].version, set.migrations[right].version)
    if a.count >= 12, b.count >= 12, a.hasPrefix("20"), b.hasPrefix("20") { return a.prefix(8) == b.prefix(8) }
    if a.count == 8, b.count == 8, a.hasPrefix("20") { return a == b }
    guard let x = Int(a), let y = Int(b), a.count == b.count else { return false }
    if a.count == 10 { return abs(x - y) < 86_400 }
    if a.count == 13 { return abs(x - y) < 86_400_000 }
    return false
  }

  private func isExisting(_ table: TableName) -> Bool {
    guard let known = tables[table], !known.isView else { return false }
    return !isSameDay(known.migration, state.index) && !state.emptied.contains(table)
  }

  private mutating func observe(_ kind: Observation.Kind, _ table: TableName, _ name: String, _ offset: Int) {
    observations.append(
      .init(
        kind: kind, table: table, name: name, place: migration.place(offset, in: context), migration: state.index,
        isOnExisting: isExisting(table), created: tables[table]?.migration,
        isOnCatalogue: tables[table]?.isCatalogue ?? false))
  }

  /// A statement that needs a table: told where no migration has created it yet.
  private mutating func need(_ table: TableName, _ what: String, _ offset: Int) {
    // A block asks before it acts.
    if state.isInBlock { return }
    guard tables[table] == nil, goneTables[table] == nil, owns(table.schema) else { return }
    if mayBeHidden(table.name, making: "create") { return }
    if hasExtensions, ["spatial_ref_sys", "geometry_columns"].contains(table.name) { return }
    observe(.missing(what), table, "", offset)
  }

  // MARK: Statements

  private mutating func apply(_ statement: SQLStatement, in migration: MigrationSet.Migration) {
    let node = statement.node
    let offset = statement.range.lowerBound
    state.isInBlock = statement.isInBlock
    switch statement.kind {
    case "TransactionStmt":
      let kind = node.text("kind") ?? ""
      if kind.hasSuffix("BEGIN") || kind.hasSuffix("START") { state.isInTransaction = true }
      if kind.hasSuffix("COMMIT") || kind.hasSuffix("ROLLBACK") { state.isInTransaction = false }
    case "VariableSetStmt":
      guard node.text("name") == "search_path" else { return }
      let first = node.list("args").first?["A_Const"]?["sval"]?.text("sval")
      if let first, !first.isEmpty, first != "$user" { state.path = first } else { state.path = "public" }
    case "CreateSchemaStmt":
      if let name = node.text("schemaname"), !Self.platforms.contains(name) { schemas.insert(name) }
    case "CreateExtensionStmt":
      hasExtensions = true
      for option in node.list("options") where option["DefElem"]?.text("defname") == "schema" {
        // What the extension makes there is not told.
        if let name = option["DefElem"]?["arg"]?.name, name != "public" { schemas.remove(name) }
      }
    case "InsertStmt":
      guard !statement.isInBlock, (node["selectStmt"]?["SelectStmt"]?.list("valuesLists").count ?? 0) > 1,
        let table = TableName(node["relation"], path: state.path)
      else { return }
      tables[table]?.isCatalogue = true
    case "CreateStmt", "CreateForeignTableStmt":
      create(statement.kind == "CreateStmt" ? node : node["base"] ?? node, offset)
    case "CreateTableAsStmt":
      let into = node["into"]?["rel"]
      // A temporary table is gone when the connection is, and serves nobody.
      guard let table = TableName(into, path: state.path), into?.text("relpersistence") != "t" else { return }
      add(table, Table(place: migration.place(offset, in: context), migration: state.index, isComplete: false))
      if node.text("objtype") == "OBJECT_MATVIEW" { tables[table]?.isView = true }
    case "ViewStmt":
      guard let table = TableName(node["view"], path: state.path) else { return }
      add(
        table,
        Table(place: migration.place(offset, in: context), migration: state.index, isComplete: false, isView: true))
    case "IndexStmt": index(node, statement)
    case "AlterTableStmt": alter(node, statement)
    case "RenameStmt": rename(node, statement)
    case "AlterObjectSchemaStmt":
      guard let table = TableName(node["relation"], path: state.path), let schema = node.text("newschema"),
        let known = tables.removeValue(forKey: table)
      else { return }
      goneTables[table] = .init(place: migration.place(offset, in: context), how: "moved to the schema '\(schema)'")
      tables[TableName(table.name, schema: schema)] = known
    case "DropStmt": drop(node, statement)
    case "CreatePolicyStmt": policy(node, statement)
    case "CreateTrigStmt":
      if let table = TableName(node["relation"], path: state.path) {
        need(table, "a trigger", statement.offset(of: node["relation"] ?? .null))
      }
    case "CreateFunctionStmt":
      if let name = TableName(node.list("funcname").compactMap(\.name), path: state.path) {
        functions.insert(name)
      }
      // A function that the migrations call may do anything; it is remembered for what it says.
      for option in node.list("options") {
        guard option["DefElem"]?.text("defname") == "as" else { continue }
        for body in option["DefElem"]?["arg"]?.list ?? [] {
          let lower = body.name?.lowercased() ?? ""
          if lower.contains("execute"), lower.contains("alter table") || lower.contains("create ") {
            opaque += "\n" + lower
          }
        }
      }
    case "GrantStmt": revoke(node)
    case "TruncateStmt":
      for relation in node.list("relations") {
        if let table = TableName(relation["RangeVar"], path: state.path) { state.emptied.insert(table) }
      }
    case "DeleteStmt":
      if node["whereClause"] == nil, let table = TableName(node["relation"], path: state.path) {
        state.emptied.insert(table)
      }
    case "ReindexStmt", "VacuumStmt":
      let text = statement.kind == "VacuumStmt" ? "VACUUM" : "REINDEX"
      guard text == "VACUUM" && node["is_vacuumcmd"]?.boolValue == true else { return }
      outsideOfTransaction(text, TableName(""), statement)
    default: break
    }
  }

  private mutating func add(_ table: TableName, _ new: Table) {
    tables[table] = new
    goneTables[table] = nil
    goneColumns[table] = nil
    if everCreated[table] == nil { everCreated[table] = (state.index, new.place) }
  }

  private mutating func create(_ node: JSON, _ offset: Int) {
    guard let name = TableName(node["relation"], path: state.path) else { return }
    if node["relation"]?.text("relpersistence") == "t" { return }
    if tables[name] != nil, node["if_not_exists"]?.boolValue == true {
      // Its authors do not count on its being there, so it may be new.
      tables[name]?.migration = state.index
      return
    }
    // A second CREATE of a table that is there fails, or the first was undone by hand: what the first says of it stands.
    if let first = tables[name], first.hasRowSecurity, !first.isView { return }
    var table = Table(place: migration.place(offset, in: context), migration: state.index)
    table.isPartition = node["partbound"] != nil
    table.isComplete = node.list("inhRelations").isEmpty && node["ofTypename"] == nil
    for element in node.list("tableElts") {
      if let column = element["ColumnDef"], let name = column.text("colname") {
        table.columns[name] = Column(type: SQLType(column["typeName"]))
      } else if element["TableLikeClause"] != nil {
        table.isComplete = false
      }
    }
    add(name, table)
  }

  private mutating func index(_ node: JSON, _ statement: SQLStatement) {
    guard let table = TableName(node["relation"], path: state.path) else { return }
    let name = node.text("idxname") ?? ""
    let concurrently = node["concurrent"]?.boolValue == true
    need(table, "an index", statement.offset(of: node["relation"] ?? .null))
    // ON ONLY a partitioned table: there are no rows in it, and CONCURRENTLY is refused there.
    if node["relation"]?["inh"]?.boolValue == true {
      observe(
        .index(unique: node["unique"]?.boolValue == true, concurrently: concurrently), table, name,
        statement.range.lowerBound)
    }
    if !name.isEmpty { indexes.insert(name) }
    if concurrently { outsideOfTransaction("CREATE INDEX CONCURRENTLY", table, statement) }
  }

  /// A statement that PostgreSQL refuses within a transaction.
  private mutating func outsideOfTransaction(_ what: String, _ table: TableName, _ statement: SQLStatement) {
    let others = migration.sql.statements.count { $0.kind != "VariableSetStmt" && !$0.isInBlock } > 1
    let isRefused: Bool
    if state.isInTransaction || statement.isInBlock {
      isRefused = true
    } else {
      switch set.tool {
      case .drizzle: isRefused = true
      case .dbmate, .goose, .sqlMigrate, .alembic, .django: isRefused = migration.isTransaction == true
      // Several statements that are sent as one are one transaction.
      case .prisma, .golangMigrate: isRefused = others
      // Supabase's program has taken them out of its transaction since 2.109, Flyway by itself; a numbered folder's tool is
      // not known.
      case .supabase, .flyway, .sqitch, .rails, .numbered: isRefused = false
      }
    }
    if isRefused { observe(.concurrentlyInTransaction(what), table, "", statement.range.lowerBound) }
  }

  /// Whether a USING says no more than the change of the type does: `USING note::text`.
  private static func isCast(_ expression: JSON, of column: String, to type: SQLType) -> Bool {
    let cast = expression["TypeCast"]
    if let cast, SQLType(cast["typeName"]) != type { return false }
    return (cast?["arg"] ?? expression)["ColumnRef"]?.list("fields").last?.name == column
  }

  private mutating func alter(_ node: JSON, _ statement: SQLStatement) {
    guard node.text("objtype") == "OBJECT_TABLE", let table = TableName(node["relation"], path: state.path) else {
      return
    }
    if node["missing_ok"]?.boolValue != true {
      need(table, "ALTER TABLE", statement.offset(of: node["relation"] ?? .null))
    }
    let here = statement.range.lowerBound
    for item in node.list("cmds") {
      guard let command = item["AlterTableCmd"] else { continue }
      let name = command.text("name") ?? ""
      switch command.text("subtype") {
      case "AT_AddColumn":
        guard let column = command["def"]?["ColumnDef"], let name = column.text("colname") else { continue }
        addColumn(column, name, to: table, at: statement.offset(of: column))
      case "AT_DropColumn":
        tables[table]?.columns[name] = nil
        goneColumns[table, default: [:]][name] = .init(place: migration.place(here, in: context), how: "dropped")
      case "AT_AlterColumnType":
        let definition = command["def"]?["ColumnDef"]
        guard let type = SQLType(definition?["typeName"]) else { continue }
        let old = tables[table]?.columns[name]?.type
        let isCast = definition?["raw_default"].map { Self.isCast($0, of: name, to: type) } ?? true
        let isFree = isCast && (old?.becomesWithoutRewrite(type) ?? false)
        if !isFree {
          observe(
            .changeType("\(old.map { "from \($0) " } ?? "")to \(type)"), table, name,
            statement.offset(of: definition ?? .null))
        }
        if tables[table]?.columns[name] != nil { tables[table]?.columns[name] = Column(type: type) }
      case "AT_SetNotNull":
        if tables[table]?.provenNotNull.contains(name) != true { observe(.setNotNull, table, name, here) }
      case "AT_AddConstraint":
        if let constraint = command["def"]?["Constraint"] { addConstraint(constraint, to: table, statement) }
      case "AT_ValidateConstraint": break
      case "AT_EnableRowSecurity": tables[table]?.hasRowSecurity = true
      case "AT_DisableRowSecurity": tables[table]?.hasRowSecurity = false
      case "AT_AttachPartition":
        if let part = TableName(command["def"]?["PartitionCmd"]?["name"], path: state.path) {
          tables[part]?.isPartition = true
        }
      default: break
      }
    }
  }

  private static let volatile: Set<String> = [
    "gen_random_uuid", "uuid_generate_v4", "uuid_generate_v1", "random", "clock_timestamp", "timeofday", "nextval",
    "gen_random_bytes", "txid_current",
  ]

  private mutating func addColumn(_ column: JSON, _ name: String, to table: TableName, at offset: Int) {
    if tables[table]?.columns[name] != nil { return }
    let type = SQLType(column["typeName"])
    var hasDefault = false
    var isNotNull = false
    for item in column.list("constraints") {
      guard let constraint = item["Constraint"] else { continue }
      switch constraint.text("contype") {
      case "CONSTR_NOTNULL": isNotNull = true
      case "CONSTR_PRIMARY": isNotNull = true
      case "CONSTR_DEFAULT":
        hasDefault = true
        let calls = constraint.nodes("FuncCall").compactMap { $0.list("funcname").last?.name }
        if let call = calls.first(where: Self.volatile.contains) {
          observe(.rewritingColumn("DEFAULT \(call)()"), table, name, offset)
        }
      case "CONSTR_GENERATED":
        hasDefault = true
        observe(.rewritingColumn("GENERATED … STORED"), table, name, offset)
      case "CONSTR_IDENTITY":
        hasDefault = true
        observe(.rewritingColumn("GENERATED … AS IDENTITY"), table, name, offset)
      case "CONSTR_UNIQUE": observe(.unique, table, name, offset)
      default: break
      }
    }
    if let type, ["serial", "bigserial", "smallserial", "serial4", "serial8"].contains(type.name) {
      hasDefault = true
      observe(.rewritingColumn(type.name), table, name, offset)
    }
    if isNotNull, !hasDefault { observe(.addNotNull, table, name, offset) }
    tables[table]?.columns[name] = Column(type: type)
    goneColumns[table]?[name] = nil
  }

  private mutating func addConstraint(_ constraint: JSON, to table: TableName, _ statement: SQLStatement) {
    let name = constraint.text("conname") ?? ""
    let offset = statement.offset(of: constraint)
    let isValid = constraint["initially_valid"]?.boolValue == true && constraint["skip_validation"]?.boolValue != true
    switch constraint.text("contype") {
    case "CONSTR_FOREIGN":
      if let target = TableName(constraint["pktable"], path: state.path) {
        need(target, "a foreign key", statement.offset(of: constraint["pktable"] ?? .null))
      }
      if isValid { observe(.foreignKey, table, name, offset) }
    case "CONSTR_CHECK":
      if isValid { observe(.check, table, name, offset) }
      for test in constraint.nodes("NullTest") where test.text("nulltesttype") == "IS_NOT_NULL" {
        if let column = test["arg"]?["ColumnRef"]?.list("fields").last?.name {
          tables[table]?.provenNotNull.insert(column)
        }
      }
    case "CONSTR_UNIQUE", "CONSTR_PRIMARY":
      if constraint["indexname"] == nil { observe(.unique, table, name, offset) }
      if !name.isEmpty { indexes.insert(name) }
    default: break
    }
  }

  private mutating func rename(_ node: JSON, _ statement: SQLStatement) {
    let place = migration.place(statement.range.lowerBound, in: context)
    let new = node.text("newname") ?? ""
    switch node.text("renameType") {
    case "OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW":
      guard let table = TableName(node["relation"], path: state.path), let known = tables.removeValue(forKey: table)
      else { return }
      goneTables[table] = .init(place: place, how: "renamed to '\(new)'")
      let name = TableName(new, schema: table.schema)
      tables[name] = known
      goneTables[name] = nil
      if everCreated[name] == nil { everCreated[name] = (state.index, place) }
    case "OBJECT_COLUMN":
      guard let table = TableName(node["relation"], path: state.path), let old = node.text("subname") else { return }
      if let column = tables[table]?.columns.removeValue(forKey: old) { tables[table]?.columns[new] = column }
      goneColumns[table, default: [:]][old] = .init(place: place, how: "renamed to '\(new)'")
      goneColumns[table]?[new] = nil
    case "OBJECT_INDEX":
      indexes.insert(new)
      if let old = node["relation"]?.text("relname") { indexes.remove(old) }
    case "OBJECT_TYPE":
      guard let old = node["object"]?.list.last?.name else { return }
      for (name, table) in tables {
        for (column, value) in table.columns where value.type?.name == old {
          tables[name]?.columns[column] = Column(type: value.type?.renamed(new))
        }
      }
    case "OBJECT_SCHEMA":
      guard let old = node.text("subname") else { return }
      schemas.insert(new)
      for (name, table) in tables where name.schema == old {
        tables[name] = nil
        tables[TableName(name.name, schema: new)] = table
      }
    default: break
    }
  }

  private mutating func drop(_ node: JSON, _ statement: SQLStatement) {
    let place = migration.place(statement.range.lowerBound, in: context)
    let objects = node.list("objects")
    switch node.text("removeType") {
    case "OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW":
      for object in objects {
        guard let table = TableName(object.list.compactMap(\.name), path: state.path) else { continue }
        if tables.removeValue(forKey: table) != nil { goneTables[table] = .init(place: place, how: "dropped") }
      }
    case "OBJECT_INDEX":
      for object in objects { object.list.last?.name.map { _ = indexes.remove($0) } }
      if node["concurrent"]?.boolValue == true {
        outsideOfTransaction("DROP INDEX CONCURRENTLY", TableName(""), statement)
      }
    case "OBJECT_SCHEMA":
      for object in objects {
        guard let schema = object.name else { continue }
        for name in tables.keys where name.schema == schema {
          tables[name] = nil
          goneTables[name] = .init(place: place, how: "dropped with its schema")
        }
      }
    default: break
    }
  }

  private mutating func revoke(_ node: JSON) {
    guard node["is_grant"]?.boolValue != true, node.text("objtype") == "OBJECT_TABLE" else { return }
    let roles = Set(node.list("grantees").compactMap { $0["RoleSpec"]?.text("rolename") })
    guard roles.isSuperset(of: ["anon", "authenticated"]), node.list("privileges").isEmpty else { return }
    for object in node.list("objects") {
      if let table = TableName(object["RangeVar"], path: state.path) { tables[table]?.isRevoked = true }
    }
  }

  /// Whether two migrations of one number leave the order open, where the tool is not known either.
  private var hasUnknownOrder: Bool {
    guard self.set.tool == .numbered else { return false }
    return self.set.migrations.count { $0.version == migration.version } > 1
  }

  // MARK: Policies

  private mutating func policy(_ node: JSON, _ statement: SQLStatement) {
    guard let table = TableName(node["table"], path: state.path) else { return }
    let name = node.text("policy_name") ?? ""
    need(table, "a policy", statement.offset(of: node["table"] ?? .null))
    policies.insert(name)
    if hasUnknownOrder || statement.isInBlock { return }
    for expression in [node["qual"], node["with_check"]].compactMap({ $0 }) {
      for call in expression.nodes("FuncCall") {
        let names = call.list("funcname").compactMap(\.name)
        // Without a schema it may be the server's or an extension's.
        guard names.count == 2, let function = TableName(names, path: state.path), owns(function.schema),
          !functions.contains(function),
          !mayBeHidden(function.name, making: "function"),
          !(hasExtensions && function.schema == "public" && names[0] != "public")
        else { continue }
        observe(.missingFunction, table, "\(function)", statement.offset(of: call))
      }
      guard let known = tables[table], known.isComplete, !known.isView else { continue }
      for column in Self.outerColumns(expression) {
        guard let field = column.list("fields").last?.name, column.list("fields").count == 1,
          known.columns[field] == nil, field != table.name, !mayBeHidden(field, making: "add column")
        else { continue }
        observe(.missingColumn, table, field, statement.offset(of: column))
      }
    }
  }

  /// The columns that an expression names outside of subqueries, where only the policy's table can be meant.
  private static func outerColumns(_ node: JSON) -> [JSON] {
    switch node {
    case .object(let members):
      return members.keys.sorted().flatMap { key -> [JSON] in
        guard let value = members[key], key != "subselect" else { return [] }
        return key == "ColumnRef" ? [value] : outerColumns(value)
      }
    case .array(let elements): return elements.flatMap(outerColumns)
    default: return []
    }
  }
}

/// The replays of the tree's migrations for PostgreSQL, one a folder.
enum Replays: Collector {
  static func collect(in context: AuditContext) -> [Replay] {
    context.facts(Migrations.self).postgres.map { Replay($0, in: context) }
  }
}
