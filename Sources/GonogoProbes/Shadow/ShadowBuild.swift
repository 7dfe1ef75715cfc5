import GonogoCore
import GonogoSystem

/// The building of a shadow database: the platform, what goes before, the migrations.
final class ShadowBuild {
  let home: ShadowHome
  private let options: ShadowOptions
  private let deadline: PostgresDeadline
  private var connection: ShadowConnection
  private var report = ShadowDatabase.Report()
  private var files: [MigrationFile] = []
  private var before: [MigrationFile] = []
  /// Extensions that the server can make.
  private var available: Set<String> = []
  /// Where it is now, for a message that says what took so long.
  private var doing = "the server's start"

  init(_ options: ShadowOptions, deadline: PostgresDeadline) throws(ProbeError) {
    self.options = options
    self.deadline = deadline
    // What can be wrong without a server is found before one is started.
    var report = ShadowDatabase.Report()
    var files: [MigrationFile] = []
    report.mode = options.mode ?? .file
    report.directory = options.directory
    switch options.source {
    case .migrations(let places):
      for place in places {
        let read = try MigrationFolder.read(
          place, style: options.style, order: options.order, directory: options.directory, deadline: deadline)
        files += read.files
        // The last one is the folder, where files were named before it.
        report.style = read.style
        report.unnumbered += read.unnumbered
        report.duplicates += read.duplicates
        report.migrations += read.skipped.map { path, reason in
          var outcome = MigrationOutcome(file: path, status: .skipped)
          outcome.reason = reason
          return outcome
        }
      }
    case .dump(let path):
      files = [try Self.read(path, options)]
      report.mode = options.mode ?? .statement
    case .alembic(let directory), .prisma(let directory):
      let place = FileSystem.join(options.directory, directory)
      guard FileSystem.exists(place) else {
        throw ProbeError(
          .missing, "there is no directory \(directory)", asked: place, mend: "correct it; it is seen from the document"
        )
      }
    case .command: break
    }
    var before: [MigrationFile] = []
    for path in options.before { before.append(try Self.read(path, options)) }
    self.files = files
    self.before = before
    self.report = report
    home = try ShadowHome(options, deadline: deadline)
    connection = try Self.connect(home, deadline)
  }

  private static func read(_ path: String, _ options: ShadowOptions) throws(ProbeError) -> MigrationFile {
    do throws(SystemError) {
      return MigrationFile(
        path: path,
        bytes: try FileSystem.read(FileSystem.join(options.directory, path), limit: MigrationFolder.sizeLimit))
    } catch {
      throw ProbeError(
        error.isNotFound ? .missing : error.isDenied ? .denied : .unexpected, "\(path) cannot be read: \(error)",
        asked: path,
        mend:
          "correct its name; it is seen from the document. More than \(MigrationFolder.sizeLimit >> 20) MiB are not read"
      )
    }
  }

  private static func connect(_ home: ShadowHome, _ deadline: PostgresDeadline) throws(ProbeError) -> ShadowConnection {
    do throws(ShadowConnection.Break) { return try ShadowConnection.open(home.connection, deadline: deadline) } catch {
      throw problem(error, "the connection to it")
    }
  }

  private static func problem(_ reason: ShadowConnection.Break, _ doing: String) -> ProbeError {
    switch reason {
    case .late: ShadowCluster.late(doing)
    case .cancelled: ProbeError(.interrupted, "called off during \(doing)")
    case .lost(let text):
      ProbeError(
        .unexpected, "the shadow database was lost during \(doing): \(text)", asked: "shadow database",
        mend: "see the server's log, and whether the disk is full")
    }
  }

  /// Runs everything, and gives what was learned.
  func run() throws(ProbeError) -> ShadowDatabase.Report {
    do throws(ShadowConnection.Break) {
      try prepare()
    } catch { throw Self.problem(error, doing) }
    try runBefore()
    do throws(ShadowConnection.Break) {
      switch options.source {
      case .migrations, .dump: try migrate()
      default: break
      }
    } catch { throw Self.problem(error, doing) }
    switch options.source {
    case .alembic(let directory): try runAlembic(directory)
    case .prisma(let directory): try runPrisma(directory)
    case .command(let words): try runCommand(words)
    default: break
    }
    do throws(ShadowConnection.Break) { try conclude() } catch { throw Self.problem(error, doing) }
    return report
  }

  // MARK: Before the migrations

  private func prepare() throws(ShadowConnection.Break) {
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
  private func runBefore() throws(ProbeError) {
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

  private func guessPlatform() -> ShadowOptions.Platform {
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

  private func makeRole(_ name: String, _ attributes: String) throws(ShadowConnection.Break) {
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
  private func makeRolesOfDump() throws(ShadowConnection.Break) {
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

  private func layPlatform() throws(ShadowConnection.Break) {
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

  // MARK: The migrations

  private static let reset = "RESET SESSION AUTHORIZATION; RESET ALL"
  private static let runner = """
    CREATE OR REPLACE FUNCTION pg_temp.gonogo_run(sql text) RETURNS void LANGUAGE plpgsql AS $run$ BEGIN EXECUTE sql; END $run$
    """

  private func migrate() throws(ShadowConnection.Break) {
    let mode = report.mode
    var stopped = false
    if mode == .all { try connection.run("BEGIN", deadline: deadline) }
    let first = report.migrations.count
    var failed: [(place: Int, file: MigrationFile, statements: Set<Int>?)] = []
    for file in files {
      if stopped {
        report.migrations.append(MigrationOutcome(file: file.path, status: .notReached))
        continue
      }
      doing = file.path
      if Task.isCancelled { throw .cancelled }
      let outcome = try apply(file, mode: mode)
      report.migrations.append(outcome)
      if outcome.status == .failed, options.onError == .stop || mode == .all { stopped = true }
      if outcome.status == .failed { failed.append((report.migrations.count - 1, file, Self.failing(outcome, mode))) }
    }
    if options.onError == .retry { try retry(&failed, mode) }
    guard mode == .all else { return }
    doing = "the commit"
    if !stopped, let failure = try connection.run("COMMIT", deadline: deadline) {
      let last = report.migrations.count - 1
      report.migrations[last].status = .failed
      report.migrations[last].failures = [Self.describe(failure, nil, nil)]
      stopped = true
    }
    if stopped {
      if connection.inTransaction { try connection.run("ROLLBACK", deadline: deadline) }
      for index in first..<report.migrations.count where report.migrations[index].status == .applied {
        report.migrations[index].status = .rolledBack
      }
      report.sourceMap = [:]
    }
  }

  /// What is tried again of a file: with each statement alone, those that failed.
  private static func failing(_ outcome: MigrationOutcome, _ mode: ShadowOptions.Mode) -> Set<Int>? {
    mode == .statement ? Set(outcome.failures.compactMap(\.index)) : nil
  }

  /// Tries what failed again, in its order, until nothing more applies.
  private func retry(
    _ failed: inout [(place: Int, file: MigrationFile, statements: Set<Int>?)], _ mode: ShadowOptions.Mode
  ) throws(ShadowConnection.Break) {
    let before = try tables()
    var progressed = true
    while progressed, !failed.isEmpty {
      progressed = false
      var still: [(place: Int, file: MigrationFile, statements: Set<Int>?)] = []
      for (place, file, statements) in failed {
        if Task.isCancelled { throw .cancelled }
        let outcome = try apply(file, mode: mode, only: statements)
        guard outcome.status == .failed else {
          report.migrations[place].appliedLater = true
          progressed = true
          continue
        }
        let left = Self.failing(outcome, mode)
        if left != statements { progressed = true }
        still.append((place, file, left))
      }
      failed = still
    }
    // `ALTER TABLE IF EXISTS x ENABLE ROW LEVEL SECURITY` has passed over what has come only now.
    let late = try tables().subtracting(before)
    if late.isEmpty { return }
    for file in files {
      for statement in SQLSplitter.split(file.bytes) where statement.kind == .sql {
        let bytes = file.bytes[statement.range]
        guard let table = StatementHead(bytes).guardedRowSecurity, late.contains(table) else { continue }
        _ = try connection.run(Array(bytes), deadline: deadline)
        report.sourceMap["rls \(table)"] = ShadowDatabase.Place(file: file.path, line: statement.line)
      }
    }
  }

  private func tables() throws(ShadowConnection.Break) -> Set<String> {
    let rows = try connection.rows(
      "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p')",
      deadline: deadline)
    return Set(rows.compactMap { $0[0] })
  }

  private static func describe(_ failure: PostgresFailure, _ bytes: [UInt8]?, _ statement: SQLSplitter.Statement?)
    -> MigrationOutcome.Failure
  {
    var line = statement?.line
    if let bytes, let statement, let position = failure.position {
      line = statement.line + newlines(bytes[statement.range], characters: position - 1)
    }
    return MigrationOutcome.Failure(
      line: line, sqlstate: failure.code, message: failure.message, detail: failure.detail, hint: failure.hint,
      statement: statement.flatMap { statement in bytes.map { StatementHead.excerpt($0[statement.range]) } })
  }

  /// Line ends within the first characters, counted as the server counts.
  private static func newlines(_ bytes: ArraySlice<UInt8>, characters: Int) -> Int {
    var left = characters
    var lines = 0
    for byte in bytes {
      if byte & 0xC0 != 0x80 {
        if left <= 0 { break }
        left -= 1
      }
      if byte == 0x0A { lines += 1 }
    }
    return lines
  }

  /// psql's commands that change nothing of what the SQL does.
  private static let harmless: Set<String> = [
    "restrict", "unrestrict", "echo", "qecho", "warn", "pset", "set", "unset", "timing", "encoding", "connect", "c",
    "x", "a", "t",
  ]

  private func refusal(_ statement: SQLSplitter.Statement, _ bytes: [UInt8]) -> MigrationOutcome.Failure? {
    let text = StatementHead.excerpt(bytes[statement.range])
    func refused(_ message: String, _ hint: String) -> MigrationOutcome.Failure {
      MigrationOutcome.Failure(line: statement.line, sqlstate: nil, message: message, hint: hint, statement: text)
    }
    if bytes[statement.range].contains(0) {
      return refused("the statement holds a byte 0", "PostgreSQL's texts cannot hold it: is the file text in UTF-8?")
    }
    if statement.kind == .meta {
      let command = String(text.dropFirst().prefix { !$0.isWhitespace })
      let isHarmless = Self.harmless.contains(command) && !text.contains("`") && !text.contains("|")
      return isHarmless
        ? nil
        : refused(
          "psql's command \\\(command.prefix(20)) is not run here", "a migration is SQL; split off what psql does")
    }
    if StatementHead(bytes[statement.range]).reachesOutside {
      return refused("COPY with a program is not run here", "it would run the program on this machine")
    }
    return nil
  }

  /// - Parameter only: the statements to run, by their place; `nil` for all.
  private func apply(_ file: MigrationFile, mode: ShadowOptions.Mode, only: Set<Int>? = nil)
    throws(ShadowConnection.Break) -> MigrationOutcome
  {
    let started = PostgresDeadline.ticks()
    var outcome = MigrationOutcome(file: file.path, status: .applied)
    let statements = SQLSplitter.split(file.bytes)
    outcome.statements = statements.filter { $0.kind != .meta }.count
    var made: [(String, ShadowDatabase.Place)] = []
    do throws(ShadowConnection.Break) {
      if mode != .all { try connection.run(Self.reset, deadline: deadline) }
      switch mode {
      case .function: try applyAsFunction(file, statements, &outcome, &made)
      default: try applyStatements(file, statements, mode, only, &outcome, &made)
      }
    } catch {
      guard case .lost(let text) = error else { throw error }
      // The statement ended the session, or the server: that is what it does, and a finding. What comes next gets a new one.
      outcome.failures.append(
        MigrationOutcome.Failure(
          line: lastLine, sqlstate: nil, message: "the session ended: \(text)", hint: nil, statement: nil))
      connection = try ShadowConnection.open(home.connection, deadline: deadline)
    }
    if !outcome.failures.isEmpty {
      outcome.status = .failed
      if mode != .statement { made = [] }
    }
    for (name, place) in made { report.sourceMap[name] = place }
    outcome.milliseconds = PostgresDeadline.ticks() - started
    return outcome
  }

  private var lastLine = 1

  private func applyStatements(
    _ file: MigrationFile, _ statements: [SQLSplitter.Statement], _ mode: ShadowOptions.Mode, _ only: Set<Int>?,
    _ outcome: inout MigrationOutcome, _ made: inout [(String, ShadowDatabase.Place)]
  ) throws(ShadowConnection.Break) {
    // What is sent alone, a tool sends without BEGIN; so CREATE INDEX CONCURRENTLY passes in a file of its own.
    let wraps = mode == .file && file.transaction && (file.always || outcome.statements > 1)
    if wraps { try connection.run("BEGIN", deadline: deadline) }
    for (index, statement) in statements.enumerated() where only?.contains(index) != false {
      lastLine = statement.line
      doing = "\(file.path):\(statement.line)"
      if wraps, !connection.inTransaction { try connection.run("BEGIN", deadline: deadline) }
      let head = StatementHead(file.bytes[statement.range])
      if mode != .file, head.isTransactionControl { continue }
      if var failure = try execute(statement, head, file.bytes, &outcome) {
        failure.index = index
        outcome.failures.append(failure)
        if mode == .all { return }
        if mode == .statement, options.onError != .stop { continue }
        break
      }
      if let object = head.object {
        made.append((object, ShadowDatabase.Place(file: file.path, line: statement.line)))
      }
    }
    guard mode == .file || mode == .statement, connection.inTransaction else { return }
    if !outcome.failures.isEmpty || connection.hasFailedTransaction {
      try connection.run("ROLLBACK", deadline: deadline)
    } else if let failure = try connection.run("COMMIT", deadline: deadline) {
      outcome.failures.append(Self.describe(failure, nil, nil))
    }
  }

  private func execute(
    _ statement: SQLSplitter.Statement, _ head: StatementHead, _ bytes: [UInt8], _ outcome: inout MigrationOutcome
  ) throws(ShadowConnection.Break) -> MigrationOutcome.Failure? {
    if let refusal = refusal(statement, bytes) { return refusal }
    if statement.kind == .meta { return nil }
    if try standsIn(for: statement, head, bytes) { return nil }
    if let reason = try lack(head) { return try omit(statement, head, bytes, reason, &outcome) }
    var data: ArraySlice<UInt8>?
    if case .copy(let range) = statement.kind { data = bytes[range] }
    // An index over a stubbed type has no operator class: it is left out, and the transaction must outlive that.
    let guards = head.isCreateIndex && hasStubs && connection.inTransaction
    if guards { try connection.run("SAVEPOINT gonogo_index", deadline: deadline) }
    let failure = try connection.run(Array(bytes[statement.range]), data: data, deadline: deadline)
    if guards {
      try connection.run(
        failure == nil ? "RELEASE SAVEPOINT gonogo_index" : "ROLLBACK TO SAVEPOINT gonogo_index", deadline: deadline)
    }
    guard let failure else { return nil }
    if head.isCreateIndex, hasStubs, failure.code == "42704", ShadowExtensions.isOurs(failure.message) {
      return try omit(
        statement, head, bytes, "the index needs an extension that is stubbed: \(failure.message)", &outcome)
    }
    if case .dump = options.source, failure.code == "42P06", failure.message.contains("\"public\"") { return nil }
    return Self.describe(failure, bytes, statement)
  }

  /// Leaves an index out; an ordinary one stands in its place where it has a name, for COMMENT ON INDEX and its like.
  private func omit(
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

  /// Whether stubs have been laid, so that what refers to them may fail for that reason alone.
  private var hasStubs = false

  /// Extensions that this server lacks are laid as stubs before the statement that asks for them. Gives whether nothing of
  /// the statement itself is left to run.
  private func standsIn(
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
  private func lack(_ head: StatementHead) throws(ShadowConnection.Break) -> String? {
    guard let method = head.indexMethod, ShadowExtensions.indexMethods.contains(method), hasStubs,
      !connection.hasFailedTransaction
    else { return nil }
    let there = try connection.rows(
      "SELECT 1 FROM pg_am WHERE amname = \(PostgresSQL.literal(method))", deadline: deadline)
    return there.isEmpty ? "this server has no index method \(method)" : nil
  }

  /// CREATE EXTENSION inside the text of a DO block.
  private static func innerExtensions(_ bytes: ArraySlice<UInt8>) -> [(String, String?)] {
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

  private func isThere(_ name: String) throws(ShadowConnection.Break) -> Bool {
    if connection.hasFailedTransaction { return true }
    return
      !(try connection.rows(
        "SELECT 1 FROM pg_extension WHERE extname = \(PostgresSQL.literal(name))", deadline: deadline)).isEmpty
  }

  private func isStubbed(_ name: String) throws(ShadowConnection.Break) -> Bool {
    if connection.hasFailedTransaction { return false }
    return
      !(try connection.rows(
        "SELECT 1 FROM pg_extension WHERE extname = \(PostgresSQL.literal(name)) AND extversion = '\(ShadowExtensions.version)'",
        deadline: deadline)).isEmpty
  }

  /// Lays a stub, and gives whether it stands.
  private func lay(_ name: String, schema: String?) throws(ShadowConnection.Break) -> Bool {
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

  /// The file as the body of a function that executes it: one transaction, and no command that needs one of its own.
  private func applyAsFunction(
    _ file: MigrationFile, _ statements: [SQLSplitter.Statement], _ outcome: inout MigrationOutcome,
    _ made: inout [(String, ShadowDatabase.Place)]
  ) throws(ShadowConnection.Break) {
    // The file with its byte order mark and what stands elsewhere taken out; every line keeps its number.
    var bytes: [UInt8] = []
    var ranges: [Range<Int>] = []
    var copied = file.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    try connection.run("BEGIN", deadline: deadline)
    for statement in statements {
      lastLine = statement.line
      if let refusal = refusal(statement, file.bytes) {
        outcome.failures = [refusal]
        try connection.run("ROLLBACK", deadline: deadline)
        return
      }
      let head = StatementHead(file.bytes[statement.range])
      var text = Array(file.bytes[statement.range])
      var instead: String?
      if try standsIn(for: statement, head, file.bytes) {
        instead = ""
      } else if let reason = try lack(head) {
        instead = head.placeholderIndex ?? ""
        outcome.omitted.append((statement.line, reason))
      } else if let object = head.object {
        made.append((object, ShadowDatabase.Place(file: file.path, line: statement.line)))
      }
      if let instead { text = Array(instead.utf8) + text.filter { $0 == 0x0A } }
      if statement.range.lowerBound > copied { bytes += file.bytes[copied..<statement.range.lowerBound] }
      ranges.append(bytes.count..<bytes.count + text.count)
      bytes += text
      copied = statement.range.upperBound
    }
    bytes += file.bytes[min(copied, file.bytes.count)...]
    try connection.run(Self.runner, deadline: deadline)
    doing = file.path
    let failure = try connection.run(Self.executing(bytes[...]), deadline: deadline)
    guard let failure else {
      if let failure = try connection.run("COMMIT", deadline: deadline) {
        outcome.failures = [Self.describe(failure, nil, nil)]
      }
      return
    }
    try connection.run("ROLLBACK", deadline: deadline)
    if let position = failure.position {
      let line = 1 + Self.newlines(bytes[...], characters: position - 1)
      let statement = statements.last { $0.line <= line }
      var described = Self.describe(failure, nil, nil)
      described.line = line
      described.statement = statement.map { StatementHead.excerpt(file.bytes[$0.range]) }
      outcome.failures = [described]
      return
    }
    // The server does not say which statement: they are run once more, one by one, and taken back.
    try connection.run("BEGIN", deadline: deadline)
    try connection.run(Self.runner, deadline: deadline)
    var found: SQLSplitter.Statement?
    for (statement, range) in zip(statements, ranges) where bytes[range].contains(where: { $0 > 0x20 }) {
      if try connection.run(Self.executing(bytes[range]), deadline: deadline) != nil {
        found = statement
        break
      }
    }
    try connection.run("ROLLBACK", deadline: deadline)
    outcome.failures = [Self.describe(failure, file.bytes, found)]
  }

  private static func executing(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var sql = Array("SELECT pg_temp.gonogo_run('".utf8)
    for byte in bytes {
      if byte == UInt8(ascii: "'") { sql.append(byte) }
      sql.append(byte)
    }
    return sql + Array("')".utf8)
  }

  // MARK: Other tools

  private func environment(host: String?) -> [String: String] {
    var environment = options.environment
    let connection = home.connection
    func encoded(_ text: String) -> String {
      text.utf8.map { byte in
        let isPlain =
          (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
          || "-._~".utf8.contains(byte)
        return isPlain ? String(UnicodeScalar(byte)) : "%" + Digest.hex([byte]).uppercased()
      }.joined()
    }
    let user = encoded(connection["user"] ?? "postgres")
    let password = connection["password"].map { ":\(encoded($0))" } ?? ""
    let database = encoded(connection["dbname"] ?? "postgres")
    let server = connection["host"] ?? "localhost"
    let port = connection["port"] ?? "5432"
    environment["DATABASE_URL"] =
      server.hasPrefix("/")
      ? "postgresql://\(user)\(password)@\(host ?? "")/\(database)?host=\(encoded(server))&port=\(port)"
      : "postgresql://\(user)\(password)@\(server):\(port)/\(database)"
    environment["DIRECT_URL"] = environment["DATABASE_URL"]
    environment["PGHOST"] = server
    environment["PGPORT"] = port
    environment["PGUSER"] = connection["user"] ?? "postgres"
    environment["PGDATABASE"] = connection["dbname"] ?? "postgres"
    if let password = connection["password"] { environment["PGPASSWORD"] = password }
    return environment
  }

  private func run(_ words: [String], in directory: String, host: String? = nil, install: String) throws(ProbeError)
    -> Subprocess.Outcome
  {
    let place = FileSystem.join(options.directory, directory)
    let process = Subprocess(words, environment: environment(host: host), directory: place.isEmpty ? nil : place)
    do throws(Subprocess.Failure) { return try process.run(milliseconds: max(1, deadline.left)) } catch {
      switch error {
      case .cannotStart(let program, let code):
        throw ProbeError(
          .toolMissing, "cannot run \(program): \(SystemError("run", program, code: code).reason)",
          asked: words.joined(separator: " "), mend: install)
      case .timedOut: throw ShadowCluster.late(words.joined(separator: " "))
      }
    }
  }

  private static func lines(_ bytes: [UInt8]) -> [String] {
    String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
  }

  /// The outcomes that a tool's report of its steps tells.
  private func record(_ steps: [String], _ outcome: Subprocess.Outcome, tool: String) {
    let said = Self.lines(outcome.error) + Self.lines(outcome.output)
    var results = steps.map { MigrationOutcome(file: $0, status: .applied) }
    if outcome.status != 0 {
      let words = ["ERROR:", "Error", "error"]
      let message =
        words.lazy.compactMap { word in said.last { $0.contains(word) } }.first ?? said.last ?? "\(tool) failed"
      let failure = MigrationOutcome.Failure(line: nil, sqlstate: nil, message: message)
      if results.isEmpty { results = [MigrationOutcome(file: tool, status: .failed)] }
      results[results.count - 1].status = .failed
      results[results.count - 1].failures = [failure]
    }
    report.migrations += results
  }

  /// A tool that ends before its first step did not come to migrate: that says nothing of the migrations.
  private func refuseEmpty(_ steps: [String], _ outcome: Subprocess.Outcome, tool: String) throws(ProbeError) {
    guard outcome.status != 0, steps.isEmpty else { return }
    let said = (Self.lines(outcome.output) + Self.lines(outcome.error)).filter { !$0.hasPrefix("INFO") }
    // Two heads are a fault of the migrations.
    if said.contains(where: { $0.contains("Multiple head") }) { return }
    throw ProbeError(
      .configuration, "\(tool) did not come to its first migration: \(said.last ?? "it said nothing")", asked: tool,
      mend: "let it read DATABASE_URL, which names the scratch database, and see that it runs by hand")
  }

  private func runAlembic(_ directory: String) throws(ProbeError) {
    doing = "alembic upgrade head"
    let install = "pip install alembic psycopg2-binary, or put it on the PATH"
    let outcome = try run(["alembic", "upgrade", "head"], in: directory, install: install)
    // INFO  [alembic.runtime.migration] Running upgrade a1 -> b2, adds orders
    let steps = Self.lines(outcome.error).compactMap { line -> String? in
      guard let mark = line.range(of: "Running upgrade ") else { return nil }
      return String(line[mark.upperBound...].drop { $0 != ">" }.dropFirst(2))
    }
    try refuseEmpty(steps, outcome, tool: "alembic upgrade head")
    record(steps, outcome, tool: "alembic upgrade head")
    if steps.isEmpty, outcome.status == 0 {
      report.migrations.append(MigrationOutcome(file: "alembic upgrade head", status: .applied))
    }
    guard outcome.status == 0 else {
      // Alembic runs all revisions in one transaction, where its environment does not say otherwise.
      let versions = try? connection.rows("SELECT version_num FROM alembic_version", deadline: deadline)
      guard versions?.isEmpty ?? true else { return }
      for index in report.migrations.indices where report.migrations[index].status == .applied {
        report.migrations[index].status = .rolledBack
      }
      return
    }
    let check = try run(["alembic", "check"], in: directory, install: install)
    report.check = Self.alembicCheck(check)
  }

  /// What `alembic check` said: whether the models ask for nothing that the revisions do not make. It exits alike where it
  /// found a difference and where it could not compare, for want of models.
  private static func alembicCheck(_ outcome: Subprocess.Outcome) -> JSON {
    let said = (lines(outcome.output) + lines(outcome.error)).filter { !$0.hasPrefix("INFO") }
    let difference = said.first { $0.contains("New upgrade operations detected") }
    let message = outcome.status == 0 ? said.last : difference ?? said.last
    var check: [String: JSON] = ["exit": JSON(orNull: outcome.status.map(Int.init)), "message": JSON(orNull: message)]
    check["ok"] = .null
    if outcome.status == 0 { check["ok"] = true } else if difference != nil { check["ok"] = false }
    return .object(check)
  }

  private func runPrisma(_ directory: String) throws(ProbeError) {
    doing = "prisma migrate deploy"
    let install = "npm install prisma in \(directory), or name its folder: `migrations: prisma/migrations`"
    let local = FileSystem.join(FileSystem.join(options.directory, directory), "node_modules/.bin/prisma")
    let program = FileSystem.exists(local) ? "node_modules/.bin/prisma" : "prisma"
    let outcome = try run([program, "migrate", "deploy"], in: directory, host: "localhost", install: install)
    let steps = Self.lines(outcome.output).compactMap { line -> String? in
      guard let mark = line.range(of: "Applying migration `") else { return nil }
      return String(line[mark.upperBound...].prefix { $0 != "`" })
    }
    try refuseEmpty(steps, outcome, tool: "prisma migrate deploy")
    record(steps, outcome, tool: "prisma migrate deploy")
  }

  private func runCommand(_ words: [String]) throws(ProbeError) {
    let shown = words.map(ShellQuote.quote).joined(separator: " ")
    doing = shown
    let outcome = try run(words, in: "", install: "install \(words[0]), or put it on the PATH")
    record(outcome.status == 0 ? [shown] : [], outcome, tool: shown)
  }

  // MARK: After them

  private func conclude() throws(ShadowConnection.Break) {
    doing = "the look at its extensions"
    try connection.run(Self.reset, deadline: deadline)
    let rows = try connection.rows(
      """
      SELECT e.extname, n.nspname, EXISTS (SELECT FROM pg_depend d WHERE d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e')
      FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extversion = '\(ShadowExtensions.version)' ORDER BY 1
      """, deadline: deadline)
    report.stubbed = rows.map {
      ShadowDatabase.StubbedExtension(name: $0[0] ?? "", schema: $0[1] ?? "", hasObjects: $0[2] == "t")
    }
    let finder = MissingTables(report.migrations, files)
    report.missing = finder.missing
    if case .migrations(let places) = options.source {
      report.elsewhere = finder.makers(near: places, directory: options.directory, but: before.map(\.path))
    }
    if let owner = options.owner {
      doing = "the change of owner"
      if let failure = try ShadowOwner.give(to: owner, connection, home, deadline) { throw .lost(failure) }
    }
  }
}
