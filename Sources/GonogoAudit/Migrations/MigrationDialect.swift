import GonogoCore
import GonogoProbes

/// What is told beside the SQL itself: by the package that its migrations belong to.
enum MigrationDialect {
  /// SQLite where the nearest crate, by its manifest or else by its sources, knows that and not PostgreSQL.
  static func ofPackage(_ folder: String, in context: AuditContext) -> String? {
    var parts = folder.split(separator: "/").map(String.init)
    while true {
      if let manifest = context.tree.text(at: (parts + ["Cargo.toml"]).joined(separator: "/")) {
        if DocumentedVariables.contains(manifest.bytes, "rusqlite") { return "SQLite" }
        if DocumentedVariables.contains(manifest.bytes, "postgres") { return nil }
        if DocumentedVariables.contains(manifest.bytes, "sqlite") { return "SQLite" }
        let root = parts.isEmpty ? "" : parts.joined(separator: "/") + "/"
        let sources = context.tree.files(in: .rust).filter { $0.path.hasPrefix(root) }.compactMap {
          context.tree.text($0)?.bytes
        }
        let isPostgres = sources.contains {
          DocumentedVariables.contains($0, "PgPool") || DocumentedVariables.contains($0, "Postgres")
        }
        return !isPostgres && sources.contains { DocumentedVariables.contains($0, "Sqlite") } ? "SQLite" : nil
      }
      if parts.popLast() == nil { return nil }
    }
  }

  /// Drivers, as manifests name them, of PostgreSQL and of other systems.
  private static let postgres = [
    "lib/pq", "jackc/pgx", "driver/postgres", "pgdriver", "go-pg/", "\"pg\"", "\"postgres\"", "pg-promise",
    "postgresql",
    "@neondatabase/", "\"pglite", "pdo_pgsql", "psycopg", "asyncpg", "gem \"pg\"", "gem 'pg'", "npgsql", "supabase",
  ]
  private static let others: [(driver: String, system: String)] = [
    ("go-sqlite3", "SQLite"), ("modernc.org/sqlite", "SQLite"), ("glebarez/sqlite", "SQLite"),
    ("driver/sqlite", "SQLite"), ("better-sqlite3", "SQLite"), ("\"sqlite3\"", "SQLite"), ("sqlite-jdbc", "SQLite"),
    ("@libsql/client", "SQLite"), ("go-sql-driver/mysql", "MySQL"), ("\"mysql2\"", "MySQL"),
    ("mysql-connector", "MySQL"),
    ("driver/mysql", "MySQL"), ("mariadb-java-client", "MySQL"), ("clickhouse-go", "ClickHouse"),
    ("go-mssqldb", "SQL Server"), ("mssql-jdbc", "SQL Server"),
  ]

  /// The system of which the manifests of a tree name a driver, where none of them names one of PostgreSQL's.
  static func ofManifests(in context: AuditContext) -> String? {
    var found: String?
    for name in ["go.mod", "package.json", "pom.xml", "build.gradle", "build.gradle.kts", "composer.json"] {
      for file in context.tree.files(named: name) where SourcePurpose.of(path: file.path) != .vendored {
        guard let text = context.tree.text(file) else { continue }
        if postgres.contains(where: { text.contains($0) }) { return nil }
        found = found ?? others.first { text.contains($0.driver) }?.system
      }
    }
    return found
  }

  /// The system that the program's drivers are for, where they are for another one and not for PostgreSQL.
  static func ofDrivers(in context: AuditContext) -> String? {
    let said = EmbeddedMigrations.dialect(in: context)
    return said == "PostgreSQL" || said == EmbeddedMigrations.unknown ? nil : said
  }

  /// Whether a text has a statement, be it one that PostgreSQL's parser refuses.
  static func doesSomething(_ bytes: [UInt8]) -> Bool {
    let sql = SQLParser.parse(bytes)
    return !sql.statements.isEmpty || !sql.failures.isEmpty
  }
}
