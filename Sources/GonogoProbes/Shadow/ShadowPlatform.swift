import GonogoCore
import GonogoSystem

/// What is there before the first migration: roles, and the platform that the migrations expect.
extension ShadowBuild {
  func prepare() throws(ShadowConnection.Break) {
    doing = "its preparation"
    available = Set(
      try connection.rows("SELECT name FROM pg_available_extensions", deadline: deadline).compactMap { $0[0] })
    let platform = options.platform == .auto ? guessPlatform() : options.platform
    report.platform = platform
    for role in options.roles { try makeRole(role, "NOLOGIN") }
    if case .dump = options.source { try makeRolesOfDump() }
    if platform == .supabase { try layPlatform() }
  }

  /// What goes before the migrations is the author's own word on what is there: where it fails, nothing can be looked at.
  func runBefore() throws(ProbeError) {
    for file in before {
      doing = file.path
      let outcome: MigrationOutcome
      do throws(ShadowConnection.Break) { outcome = try apply(file, mode: .file) } catch {
        throw Self.problem(error, doing)
      }
      guard let failure = outcome.failures.first else { continue }
      let code = failure.sqlstate.map { " (\($0))" } ?? ""
      throw ProbeError(
        .configuration,
        "\(file.path):\(failure.line ?? 1), which runs before the migrations, fails: \(failure.message)\(code)",
        asked: failure.statement, mend: failure.hint ?? "mend that file, or leave it out of `before`")
    }
  }

  func guessPlatform() -> ShadowOptions.Platform {
    switch options.source {
    case .migrations(let places):
      if places.contains(where: { $0.split(separator: "/").contains("supabase") }) { return .supabase }
    case .dump(let path):
      if path.split(separator: "/").contains("supabase") { return .supabase }
    default: return .none
    }
    if report.style == .supabase { return .supabase }
    let marks = ["auth.uid()", "auth.jwt()", "auth.users", "storage.buckets", "storage.objects", "service_role"].map {
      Array($0.utf8)
    }
    for file in files {
      // Whoever makes the schema auth brings its own.
      if Self.contains(Array("create schema auth".utf8), in: file.bytes)
        || Self.contains(Array("create schema if not exists auth".utf8), in: file.bytes)
      {
        return .none
      }
    }
    return files.contains { file in marks.contains { Self.contains($0, in: file.bytes) } } ? .supabase : .none
  }

  /// Whether bytes hold a text, whatever its capitals; `text` is small.
  static func contains(_ text: [UInt8], in bytes: [UInt8]) -> Bool {
    guard let first = text.first, bytes.count >= text.count else { return false }
    return bytes.withUnsafeBufferPointer { bytes in
      var index = 0
      let last = bytes.count - text.count
      func small(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }
      while index <= last {
        if small(bytes[index]) == first {
          var offset = 1
          while offset < text.count, small(bytes[index + offset]) == text[offset] { offset += 1 }
          if offset == text.count { return true }
        }
        index += 1
      }
      return false
    }
  }

  func makeRole(_ name: String, _ attributes: String) throws(ShadowConnection.Break) {
    let there = try connection.rows(
      "SELECT 1 FROM pg_roles WHERE rolname = \(PostgresSQL.literal(name))", deadline: deadline)
    if !there.isEmpty { return }
    if let failure = try connection.run("CREATE ROLE \(PostgresSQL.identifier(name)) \(attributes)", deadline: deadline)
    {
      throw .lost("CREATE ROLE \(name): \(failure.message)")
    }
    if !home.isCluster { home.made(role: name) }
  }

  /// A dump of one database names roles that only a dump of the whole server holds.
  func makeRolesOfDump() throws(ShadowConnection.Break) {
    var names: Set<String> = []
    for file in files {
      for statement in SQLSplitter.split(file.bytes) where statement.kind == .sql {
        let tokens = PostgresSQL.tokens(String(decoding: file.bytes[statement.range].prefix(2000), as: UTF8.self))
        guard let first = tokens.first, ["alter", "grant", "revoke", "create"].contains(first.name) else { continue }
        for (index, token) in tokens.enumerated() where index + 1 < tokens.count && token.kind == .word {
          let next = tokens[index + 1]
          guard next.kind == .word || next.kind == .quoted else { continue }
          let namesRole: Bool =
            switch token.name {
            case "to":
              index > 0
                && (tokens[index - 1].isWord("owner") || ["grant"].contains(first.name)
                  || tokens.contains { $0.isWord("policy") } || tokens.contains { $0.isWord("grant") })
            case "from": first.name == "revoke" || tokens.contains { $0.isWord("revoke") }
            case "role": first.name == "alter" && tokens.contains { $0.isWord("privileges") }
            default: false
            }
          guard namesRole else { continue }
          var place = index + 1
          while place < tokens.count, tokens[place].kind == .word || tokens[place].kind == .quoted {
            names.insert(tokens[place].name)
            guard place + 1 < tokens.count, tokens[place + 1].isSymbol(",") else { break }
            place += 2
          }
        }
      }
    }
    let platform = report.platform == .supabase ? Set(SupabasePlatform.roles.map(\.name)) : []
    for name in names.sorted()
    where !["public", "current_user", "session_user", "current_role"].contains(name) && !name.hasPrefix("pg_")
      && !platform.contains(name)
    {
      if !(try connection.rows(
        "SELECT 1 FROM pg_roles WHERE rolname = \(PostgresSQL.literal(name))", deadline: deadline)).isEmpty
      {
        continue
      }
      try makeRole(name, "NOLOGIN")
      report.roles.append(name)
    }
  }

  func layPlatform() throws(ShadowConnection.Break) {
    doing = "the Supabase platform"
    for role in SupabasePlatform.roles { try makeRole(role.name, role.attributes) }
    func lay(_ sql: String) throws(ShadowConnection.Break) {
      if let failure = try connection.run(sql, deadline: deadline) {
        throw .lost("\(failure.message)\(failure.context.map { " (\($0))" } ?? "")")
      }
    }
    try lay(SupabasePlatform.schemas)
    for (name, schema) in SupabasePlatform.extensions {
      if available.contains(name), name != "pg_net", name != "pg_cron" {
        try lay(
          "CREATE EXTENSION IF NOT EXISTS \(PostgresSQL.identifier(name)) WITH SCHEMA \(PostgresSQL.identifier(schema))"
        )
      } else {
        try lay("BEGIN; \(ShadowExtensions.laying(name, schema: schema)); COMMIT")
      }
    }
    try lay(SupabasePlatform.objects)
    let database = PostgresSQL.identifier(home.connection["dbname"] ?? "postgres")
    try lay("ALTER DATABASE \(database) SET search_path = \"$user\", public, extensions")
    // A setting of the database reaches new sessions only.
    connection = try ShadowConnection.open(home.connection, deadline: deadline)
  }
}
