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
