import GonogoCore
import GonogoSystem

/// The statements of one file, in the mode that is asked for.
extension ShadowBuild {
  func refusal(_ statement: SQLSplitter.Statement, _ bytes: [UInt8]) -> MigrationOutcome.Failure? {
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
  func apply(_ file: MigrationFile, mode: ShadowOptions.Mode, only: Set<Int>? = nil)
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

  func applyStatements(
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

  func execute(
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

  /// The file as the body of a function that executes it: one transaction, and no command that needs one of its own.
  func applyAsFunction(
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

  static func executing(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var sql = Array("SELECT pg_temp.gonogo_run('".utf8)
    for byte in bytes {
      if byte == UInt8(ascii: "'") { sql.append(byte) }
      sql.append(byte)
    }
    return sql + Array("')".utf8)
  }

  static func describe(_ failure: PostgresFailure, _ bytes: [UInt8]?, _ statement: SQLSplitter.Statement?)
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
  static func newlines(_ bytes: ArraySlice<UInt8>, characters: Int) -> Int {
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
}
