import GonogoCore
import GonogoSystem

/// The building of a shadow database: the platform, what goes before, the migrations.
final class ShadowBuild {
  let home: ShadowHome
  let options: ShadowOptions
  let deadline: PostgresDeadline
  var connection: ShadowConnection
  var report = ShadowDatabase.Report()
  var files: [MigrationFile] = []
  var before: [MigrationFile] = []
  /// Extensions that the server can make.
  var available: Set<String> = []
  /// Where it is now, for a message that says what took so long.
  var doing = "the server's start"

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

  static func read(_ path: String, _ options: ShadowOptions) throws(ProbeError) -> MigrationFile {
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

  static func connect(_ home: ShadowHome, _ deadline: PostgresDeadline) throws(ProbeError) -> ShadowConnection {
    do throws(ShadowConnection.Break) { return try ShadowConnection.open(home.connection, deadline: deadline) } catch {
      throw problem(error, "the connection to it")
    }
  }

  static func problem(_ reason: ShadowConnection.Break, _ doing: String) -> ProbeError {
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

  static let reset = "RESET SESSION AUTHORIZATION; RESET ALL"
  static let runner = """
    CREATE OR REPLACE FUNCTION pg_temp.gonogo_run(sql text) RETURNS void LANGUAGE plpgsql AS $run$ BEGIN EXECUTE sql; END $run$
    """

  func migrate() throws(ShadowConnection.Break) {
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
  static func failing(_ outcome: MigrationOutcome, _ mode: ShadowOptions.Mode) -> Set<Int>? {
    mode == .statement ? Set(outcome.failures.compactMap(\.index)) : nil
  }

  /// Tries what failed again, in its order, until nothing more applies.
  func retry(
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

  func tables() throws(ShadowConnection.Break) -> Set<String> {
    let rows = try connection.rows(
      "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p')",
      deadline: deadline)
    return Set(rows.compactMap { $0[0] })
  }

  /// psql's commands that change nothing of what the SQL does.
  static let harmless: Set<String> = [
    "restrict", "unrestrict", "echo", "qecho", "warn", "pset", "set", "unset", "timing", "encoding", "connect", "c",
    "x", "a", "t",
  ]

  var lastLine = 1

  /// Whether stubs have been laid, so that what refers to them may fail for that reason alone.
  var hasStubs = false

  func conclude() throws(ShadowConnection.Break) {
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
