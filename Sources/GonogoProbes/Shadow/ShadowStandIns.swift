import GonogoCore
import GonogoSystem

/// Extensions that this server does not have: what stands in for them, and what must be left out.
extension ShadowBuild {
  /// Leaves an index out; an ordinary one stands in its place where it has a name, for COMMENT ON INDEX and its like.
  func omit(
    _ statement: SQLSplitter.Statement, _ head: StatementHead, _ bytes: [UInt8], _ reason: String,
    _ outcome: inout MigrationOutcome
  ) throws(ShadowConnection.Break) -> MigrationOutcome.Failure? {
    if let placeholder = head.placeholderIndex {
      let guards = connection.inTransaction
      if guards { try connection.run("SAVEPOINT gonogo_index", deadline: deadline) }
      let failure = try connection.run(placeholder, deadline: deadline)
      if guards {
        try connection.run(
          failure == nil ? "RELEASE SAVEPOINT gonogo_index" : "ROLLBACK TO SAVEPOINT gonogo_index", deadline: deadline)
      }
      if let failure {
        var described = Self.describe(failure, nil, statement)
        described.statement = StatementHead.excerpt(bytes[statement.range])
        return described
      }
    }
    outcome.omitted.append((statement.line, reason))
    return nil
  }

  /// Extensions that this server lacks are laid as stubs before the statement that asks for them. Gives whether nothing of
  /// the statement itself is left to run.
  func standsIn(
    for statement: SQLSplitter.Statement, _ head: StatementHead, _ bytes: [UInt8]
  ) throws(ShadowConnection.Break) -> Bool {
    if let (name, schema) = head.createdExtension {
      if try isStubbed(name) { return true }
      if available.contains(name), ShadowExtensions.stubs[name] == nil { return false }
      if try isThere(name) { return false }
      if available.contains(name) {
        // Some can only be made where the server was started with them.
        let guards = connection.inTransaction
        if guards { try connection.run("SAVEPOINT gonogo_extension", deadline: deadline) }
        let failure = try connection.run(Array(bytes[statement.range]), deadline: deadline)
        if guards {
          try connection.run(
            failure == nil ? "RELEASE SAVEPOINT gonogo_extension" : "ROLLBACK TO SAVEPOINT gonogo_extension",
            deadline: deadline)
        }
        if failure == nil { return true }
      }
      return try lay(name, schema: schema)
    }
    if let name = head.alteredExtension { return try isStubbed(name) }
    if head.first == "do" {
      for (name, schema) in Self.innerExtensions(bytes[statement.range])
      where !available.contains(name) {
        if try !isThere(name) { _ = try lay(name, schema: schema) }
      }
    }
    return false
  }

  /// Why an index cannot be made on this server, where its method is that of an extension that is stubbed.
  func lack(_ head: StatementHead) throws(ShadowConnection.Break) -> String? {
    guard let method = head.indexMethod, ShadowExtensions.indexMethods.contains(method), hasStubs,
      !connection.hasFailedTransaction
    else { return nil }
    let there = try connection.rows(
      "SELECT 1 FROM pg_am WHERE amname = \(PostgresSQL.literal(method))", deadline: deadline)
    return there.isEmpty ? "this server has no index method \(method)" : nil
  }

  /// CREATE EXTENSION inside the text of a DO block.
  static func innerExtensions(_ bytes: ArraySlice<UInt8>) -> [(String, String?)] {
    guard contains(Array("create extension".utf8), in: Array(bytes)) else { return [] }
    let tokens = PostgresSQL.tokens(String(decoding: bytes, as: UTF8.self))
    guard let body = tokens.first(where: { $0.kind == .string && $0.text.hasPrefix("$") }) else { return [] }
    let inner = Array(body.text.utf8)
    var found: [(String, String?)] = []
    let text = body.text.dropFirst(2)
    let tokensInside = PostgresSQL.tokens(String(text))
    let base = inner.count - text.utf8.count
    for (index, token) in tokensInside.enumerated()
    where token.isWord("create") && index + 1 < tokensInside.count && tokensInside[index + 1].isWord("extension") {
      if let named = StatementHead(inner[(base + token.range.lowerBound)...]).createdExtension {
        found.append(named)
      }
    }
    return found
  }

  func isThere(_ name: String) throws(ShadowConnection.Break) -> Bool {
    if connection.hasFailedTransaction { return true }
    return
      !(try connection.rows(
        "SELECT 1 FROM pg_extension WHERE extname = \(PostgresSQL.literal(name))", deadline: deadline)).isEmpty
  }

  func isStubbed(_ name: String) throws(ShadowConnection.Break) -> Bool {
    if connection.hasFailedTransaction { return false }
    return
      !(try connection.rows(
        "SELECT 1 FROM pg_extension WHERE extname = \(PostgresSQL.literal(name)) AND extversion = '\(ShadowExtensions.version)'",
        deadline: deadline)).isEmpty
  }

  /// Lays a stub, and gives whether it stands.
  func lay(_ name: String, schema: String?) throws(ShadowConnection.Break) -> Bool {
    if connection.hasFailedTransaction { return false }
    let inside = connection.inTransaction
    let path = try connection.rows("SELECT current_setting('search_path')", deadline: deadline).first?[0] ?? ""
    try connection.run(inside ? "SAVEPOINT gonogo_stub" : "BEGIN", deadline: deadline)
    // Where the user may not, or a name is taken, the statement itself says what is the matter.
    if try connection.run(ShadowExtensions.laying(name, schema: schema), deadline: deadline) != nil {
      try connection.run(inside ? "ROLLBACK TO SAVEPOINT gonogo_stub" : "ROLLBACK", deadline: deadline)
      return false
    }
    if inside {
      try connection.run("SELECT set_config('search_path', \(PostgresSQL.literal(path)), true)", deadline: deadline)
      try connection.run("RELEASE SAVEPOINT gonogo_stub", deadline: deadline)
    } else {
      try connection.run("COMMIT", deadline: deadline)
    }
    hasStubs = true
    return true
  }
}
