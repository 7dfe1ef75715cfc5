import GonogoCore
import GonogoProbes

/// What makes tables beside the migrations: frameworks from their models, libraries from what they bring along.
enum SchemaMakers {
  /// Calls and settings by which a framework makes its tables from models while the program runs: no migration lists them.
  private static let calls = [
    "AutoMigrate(", "synchronize: true", "sequelize.sync(", ".create_all(", "EnsureCreated(", "create_tables(",
    "ddl-auto", ".createTable(", "create_table ",
  ]

  static func makesTables(_ bytes: [UInt8]) -> Bool { calls.contains { ByteSearch.contains($0, in: bytes) } }

  /// Tables that tools of migration and extensions keep for themselves.
  private static let own: Set<String> = [
    "_prisma_migrations", "schema_migrations", "schema_migration", "migrations", "flyway_schema_history",
    "goose_db_version", "gorp_migrations", "alembic_version", "django_migrations", "ar_internal_metadata",
    "knex_migrations", "knex_migrations_lock", "typeorm_metadata", "sequelizemeta", "pgmigrations",
    "_sqlx_migrations", "__drizzle_migrations", "__efmigrationshistory", "databasechangelog",
    "databasechangeloglock", "phinxlog", "kysely_migration", "spatial_ref_sys", "geometry_columns", "dual",
  ]

  static func isTools(_ table: String) -> Bool {
    let name = (table.split(separator: ".").last.map(String.init) ?? table).lowercased()
    return own.contains(name) || name.hasPrefix("sqlite_") || name.hasPrefix("pg_")
  }

  /// The names of what the tree depends on, as a table's first word may have them: `river` for `river_job`.
  static func libraries(in context: AuditContext) -> Set<String> {
    var names: Set<String> = []
    for manifest in [
      "package.json", "go.mod", "requirements.txt", "pyproject.toml", "Gemfile", "Cargo.toml", "pom.xml",
      "composer.json",
    ] {
      for file in context.tree.files(named: manifest) {
        guard let text = context.tree.text(file) else { continue }
        for word in String(decoding: text.bytes, as: UTF8.self).split(whereSeparator: {
          " \t\r\n\"'=<>~^,:;()[]{}".contains($0)
        }) {
          guard let last = word.split(separator: "/").last else { continue }
          names.insert(last.lowercased().filter { $0 != "-" && $0 != "_" })
        }
      }
    }
    return names
  }

  /// Whether a library's tables begin so.
  static func isLibrarys(_ table: String, _ libraries: Set<String>) -> Bool {
    let name = table.split(separator: ".").last ?? table[...]
    guard let end = name.firstIndex(of: "_") else { return false }
    let word = name[..<end].lowercased()
    return word.count >= 4 && libraries.contains(word)
  }

  /// The names of tables and views that CREATE makes in a program's text. Each is read by itself: an apostrophe of a comment
  /// before it would swallow the rest.
  static func createdNames(inCode bytes: [UInt8]) -> Set<String> {
    var names: Set<String> = []
    let word = Array("create".utf8)
    var index = 0
    while index + word.count < bytes.count {
      guard bytes[index] | 0x20 == word[0], zip(bytes[index..<index + word.count], word).allSatisfy({ $0 | 0x20 == $1 })
      else {
        index += 1
        continue
      }
      names.formUnion(Migrations.createdNames(in: Array(bytes[index..<min(index + 240, bytes.count)])))
      index += word.count
    }
    return names
  }
}
