import GonogoSystem

/// Numbered SQL files, each applied once, in order, in a transaction of its own.
enum Migrations {
  /// - Parameter skipping: versions left out; the fault of a deployment that forgot one.
  static func apply(_ directory: String, to connection: Connection, skipping: Set<String> = []) throws {
    try connection.query(
      """
      CREATE TABLE IF NOT EXISTS schema_migrations (
        version text PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())
      """)
    let applied = Set(try connection.query("SELECT version FROM schema_migrations").compactMap { $0["version"] })
    for file in try FileSystem.list(directory) where file.hasSuffix(".sql") {
      let stem = String(file.dropLast(4))
      let version = String(stem.prefix { $0 != "_" })
      if applied.contains(version) || skipping.contains(version) { continue }
      let sql = String(decoding: try FileSystem.read(FileSystem.join(directory, file)), as: UTF8.self)
      try connection.transaction { connection in
        try connection.script(sql)
        try connection.query("INSERT INTO schema_migrations (version, name) VALUES ($1, $2)", [version, stem])
      }
    }
  }
}
