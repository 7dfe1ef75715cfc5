import GonogoCore

/// A folder of migrations in SQL, in the order in which its tool runs them.
struct MigrationSet: Sendable {
  enum Tool: String, Sendable {
    case supabase = "Supabase"
    case prisma = "Prisma"
    case flyway = "Flyway"
    case dbmate
    case golangMigrate = "golang-migrate"
    case goose
    case sqlMigrate = "sql-migrate"
    case sqitch
    case drizzle = "Drizzle"
    case rails = "Rails"
    case alembic = "Alembic"
    case django = "Django"
    case numbered = "numbered"

    /// Whether the SQL that is read is a part of what the migrations do: the rest is in another language.
    var isPartial: Bool { self == .alembic || self == .django }

    /// Whether a migration may bring its way back.
    var hasDowns: Bool {
      switch self {
      case .dbmate, .golangMigrate, .goose, .sqlMigrate, .sqitch, .alembic: true
      default: false
      }
    }
  }

  struct Migration: Sendable {
    /// The number in its name; empty where there is none.
    let version: String
    let file: TreeFile
    let sql: SQLText
    /// `nil` where the tool knows no way back.
    let hasWayBack: Bool?
    /// Whether the tool runs all of the file in one transaction: `nil` where that hangs on how it is called.
    let isTransaction: Bool?
    /// Whether it changes nothing, so that it needs no way back.
    var doesNothing: Bool

    init(
      version: String, file: TreeFile, sql: SQLText, hasWayBack: Bool?, isTransaction: Bool?, doesNothing: Bool? = nil
    ) {
      self.version = version
      self.file = file
      self.sql = sql
      self.hasWayBack = hasWayBack
      self.isTransaction = isTransaction
      self.doesNothing = doesNothing ?? sql.statements.isEmpty
    }

    func place(_ offset: Int, in context: AuditContext) -> TreePlace {
      guard let text = context.tree.text(file) else { return TreePlace(file.path) }
      return TreePlace(file.path, text.position(of: min(offset, text.bytes.count)))
    }
  }

  let tool: Tool
  let directory: String
  /// "PostgreSQL", or the other system whose SQL it is.
  let dialect: String
  let migrations: [Migration]

  var isPostgres: Bool { dialect == "PostgreSQL" }
  var isExposed: Bool { tool == .supabase }
}

/// Migrations in a language of their own, which are counted and not read.
struct UnreadMigrations: Sendable {
  let tool: String
  let directory: String
  let count: Int
}

/// Everything that makes a schema in the tree.
struct MigrationFacts: Sendable {
  var sets: [MigrationSet] = []
  var unread: [UnreadMigrations] = []
  /// Files of SQL beside the migrations, that PostgreSQL's parser reads in part at least.
  var loose: [(file: TreeFile, sql: SQLText)] = []
  /// Names of tables that files which are no PostgreSQL create.
  var foreignTables: Set<String> = []

  var postgres: [MigrationSet] { sets.filter(\.isPostgres) }
}
