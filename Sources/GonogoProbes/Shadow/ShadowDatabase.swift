import GonogoCore
import GonogoSystem
import Synchronization

/// How one migration went.
struct MigrationOutcome: Sendable {
  enum Status: String, Sendable {
    case applied
    case failed
    /// Not for going up, or no file of the tool's.
    case skipped
    /// After a failure that ended the work.
    case notReached = "not_reached"
    /// It ran, and another's failure took it back (`mode: all`).
    case rolledBack = "rolled_back"
  }

  struct Failure: Sendable, Equatable {
    /// Of the place that the server points to, else of the statement's first word; from 1.
    var line: Int?
    /// `nil` where it is not the server that refused.
    var sqlstate: String?
    var message: String
    var detail: String?
    var hint: String?
    /// The statement's beginning.
    var statement: String?
    /// Which of the file's statements, from 0.
    var index: Int?
  }

  let file: String
  var status: Status
  var failures: [Failure] = []
  /// Statements that were left out, and why: an index that needs an extension which is stubbed.
  var omitted: [(line: Int, reason: String)] = []
  var statements = 0
  var milliseconds: Int64 = 0
  /// Why it was skipped.
  var reason: String?
  /// It failed in its turn, and applied when it was tried again after the others.
  var appliedLater = false

  var json: JSON {
    var members: [String: JSON] = [
      "file": .string(file), "status": .string(status.rawValue), "statements": JSON(statements),
      "duration_ms": JSON(Int(milliseconds)),
    ]
    if let first = failures.first {
      members["line"] = JSON(orNull: first.line)
      members["sqlstate"] = JSON(orNull: first.sqlstate)
      members["message"] = .string(first.message)
      members["detail"] = JSON(orNull: first.detail)
      members["hint"] = JSON(orNull: first.hint)
      members["statement"] = JSON(orNull: first.statement)
    }
    if failures.count > 1 {
      members["failures"] = .array(
        failures.map {
          [
            "line": JSON(orNull: $0.line), "sqlstate": JSON(orNull: $0.sqlstate), "message": .string($0.message),
            "statement": JSON(orNull: $0.statement),
          ]
        })
    }
    if !omitted.isEmpty {
      members["omitted"] = .array(omitted.map { ["line": JSON($0.line), "reason": .string($0.reason)] })
    }
    if let reason { members["reason"] = .string(reason) }
    if appliedLater { members["applied_later"] = true }
    return .object(members)
  }
}

/// A scratch database built from a repository's migrations, gone at ``close()`` or with this process.
///
/// A probe takes the run's by ``shared(_:context:)``: controls with the same options share one. Whatever is done in it should
/// be rolled back, or done in a ``copy(deadline:)``. The user of the connection is a superuser: `SET ROLE` to be another.
final class ShadowDatabase: Sendable {
  struct Place: Sendable, Equatable {
    let file: String
    let line: Int
  }

  struct StubbedExtension: Sendable {
    let name: String
    let schema: String
    /// It has objects of ours; else it is a name and nothing more.
    let hasObjects: Bool
    var json: JSON { ["name": .string(name), "schema": .string(schema), "objects": .bool(hasObjects)] }
  }

  /// What was learned while it was built.
  struct Report: Sendable {
    var migrations: [MigrationOutcome] = []
    /// In the order of their names.
    var stubbed: [StubbedExtension] = []
    var platform = ShadowOptions.Platform.none
    /// The folder's; `nil` for other sources.
    var style: MigrationStyle?
    var mode = ShadowOptions.Mode.file
    /// Files whose name has no version, which a migration tool leaves out or refuses.
    var unnumbered: [String] = []
    /// Versions that two files share.
    var duplicates: [String] = []
    /// Tables that failed migrations name, the most wanted first.
    var missing: [MissingTable] = []
    /// SQL files beside the migrations that make what is missing, the best first.
    var elsewhere: [MissingTable.Maker] = []
    /// Roles that were made because a dump names them.
    var roles: [String] = []
    /// Where an object was made last, by its kind and its name with its schema: `table public.orders`,
    /// `policy public.orders.own rows` (table, then policy), `function public.f`, `rls public.orders` (where row level
    /// security was switched on), `view …`, `trigger …`. As far as it stands in a statement of its own.
    var sourceMap: [String: Place] = [:]
    /// From where the files' names are seen.
    var directory = ""
    /// What `alembic check` said.
    var check: JSON?
  }

  /// Keywords of libpq; may hold a password where a server was named.
  let connection: [String: String]
  let report: Report
  private let home: ShadowHome

  var migrations: [MigrationOutcome] { report.migrations }
  var stubbed: [StubbedExtension] { report.stubbed }
  var platform: ShadowOptions.Platform { report.platform }
  var sourceMap: [String: Place] { report.sourceMap }

  /// A keyword string of libpq; may hold a password where a server was named.
  var conninfo: String { Self.conninfo(connection) }

  static func conninfo(_ options: [String: String]) -> String {
    options.sorted { $0.key < $1.key }.map { key, value in
      "\(key)='\(value.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))'"
    }.joined(separator: " ")
  }

  private init(connection: [String: String], report: Report, home: ShadowHome) {
    self.connection = connection
    self.report = report
    self.home = home
  }

  /// Builds one. Blocks the thread.
  ///
  /// A migration that fails is in ``migrations``, and no error.
  ///
  /// - Throws: ``ProbeError`` where nothing could be built: no server's programs, no files, no time.
  static func build(_ options: ShadowOptions, deadline: PostgresDeadline) throws(ProbeError) -> ShadowDatabase {
    let work = try ShadowBuild(options, deadline: deadline)
    let report = try work.run()
    return ShadowDatabase(connection: work.home.connection, report: report, home: work.home)
  }

  /// The run's shadow with these options; the first caller builds it, and others wait for that.
  ///
  /// - Throws: ``ProbeError``. What one caller's time did not suffice for, the next tries again.
  static func shared(_ options: ShadowOptions, context: ProbeContext) async throws(ProbeError) -> ShadowDatabase {
    let holder = context.resources.resource(options.key) { ShadowHolder() }
    // A little before the runner's own deadline, so that the message says what took so long.
    let deadline = PostgresDeadline(milliseconds: max(1, context.timeout - min(200, context.timeout / 10)))
    return try await holder.get(options, deadline: deadline)
  }

  /// Another database with the same content, for what cannot be rolled back: the keywords that connect to it. No connection
  /// to the shadow itself may be open meanwhile. It goes when the shadow goes.
  ///
  /// - Throws: ``ProbeError`` with what the server said.
  func copy(deadline: PostgresDeadline) throws(ProbeError) -> [String: String] { try home.copy(deadline: deadline) }

  /// In plain PostgreSQL the application often logs in as whoever ran the migrations, and nobody is granted anything. Here
  /// that is the superuser, whom no policy holds: all is given to a role that stands for the application's login.
  ///
  /// - Parameter connection: of the shadow, or of a copy.
  /// - Returns: whether that was needed.
  func giveAwayIfNobodyIsGranted(_ connection: [String: String], options: IsolationProof.Options)
    throws(ProbeError) -> Bool
  {
    guard platform == .none, options.corrections.memberRoles.isEmpty else { return false }
    let deadline = PostgresDeadline(milliseconds: max(1, options.timeout))
    do throws(ShadowConnection.Break) {
      let session = try ShadowConnection.open(connection, deadline: deadline)
      guard try ShadowOwner.isNeeded(session, deadline) else { return false }
      if let failure = try ShadowOwner.give(to: ShadowOwner.standIn, session, home, deadline) { throw .lost(failure) }
      return true
    } catch {
      if case .late = error { throw ShadowCluster.late("the change of owner") }
      if case .lost(let text) = error {
        throw ProbeError(
          .unexpected, "the tables could not be given to a role that row security holds: \(text)",
          asked: "shadow database", mend: "name a role of your own with `before` (CREATE ROLE, GRANT) or `owner`")
      }
      throw ProbeError(.interrupted, "called off while the owner was changed")
    }
  }

  /// Removes it, and its server with it.
  func close() { home.close() }
}

/// Builds the shadow once, for all controls that want the same.
private final class ShadowHolder: RunResource {
  private enum State {
    case idle
    case building
    case ready(ShadowDatabase)
    case failed(ProbeError)
  }
  private let state = Mutex(State.idle)

  func get(_ options: ShadowOptions, deadline: PostgresDeadline) async throws(ProbeError) -> ShadowDatabase {
    while true {
      let mine = try state.withLock { state throws(ProbeError) -> (build: Bool, found: ShadowDatabase?) in
        switch state {
        case .idle:
          state = .building
          return (true, nil)
        case .building: return (false, nil)
        case .ready(let database): return (false, database)
        case .failed(let error): throw error
        }
      }
      if let found = mine.found { return found }
      if mine.build {
        do throws(ProbeError) {
          let database = try ShadowDatabase.build(options, deadline: deadline)
          state.withLock { $0 = .ready(database) }
          return database
        } catch {
          // Another control may have more time, and is not called off with this one.
          let again = error.kind == .timedOut || error.kind == .interrupted
          state.withLock { $0 = again ? .idle : .failed(error) }
          throw error
        }
      }
      if deadline.left <= 0 { throw ShadowCluster.late("another control's building of it") }
      do { try await Task.sleep(for: .milliseconds(3)) } catch {
        throw ProbeError(.interrupted, "called off while the shadow database was built")
      }
    }
  }

  func close() async {
    let held = state.withLock { state -> ShadowDatabase? in
      defer { state = .idle }
      if case .ready(let database) = state { return database }
      return nil
    }
    held?.close()
  }
}

/// Where the database is: a cluster of its own, or a database on a server that was named.
final class ShadowHome: Sendable {
  let connection: [String: String]
  private struct State {
    var cluster: ShadowCluster?
    /// What is to be removed from the server that was named.
    var databases: [String] = []
    var roles: [String] = []
    var copies = 0
  }
  private let state: Mutex<State>
  /// The named server's own database, from where others are made and dropped; `nil` for a cluster.
  private let server: [String: String]?

  var isCluster: Bool { server == nil }

  init(_ options: ShadowOptions, deadline: PostgresDeadline) throws(ProbeError) {
    guard let server = options.server else {
      let cluster = try ShadowCluster(binaries: options.binaries, deadline: deadline)
      connection = cluster.options(database: "postgres")
      state = Mutex(State(cluster: cluster))
      self.server = nil
      return
    }
    let name = "gonogo_shadow_\(Digest.hex(Digest.random(8)))"
    self.server = server
    connection = server.merging(["dbname": name]) { $1 }
    state = Mutex(State(databases: [name]))
    try Self.administer(
      server, ["CREATE DATABASE \(PostgresSQL.identifier(name)) TEMPLATE template0 ENCODING 'UTF8'"], deadline)
  }

  deinit { close() }

  /// Roles that were made on the named server, to be dropped with the database.
  func made(role: String) { state.withLock { if !$0.roles.contains(role) { $0.roles.append(role) } } }

  func copy(deadline: PostgresDeadline) throws(ProbeError) -> [String: String] {
    let name = state.withLock { state -> String in
      state.copies += 1
      return isCluster ? "copy_\(state.copies)" : "gonogo_shadow_\(Digest.hex(Digest.random(8)))"
    }
    let source = PostgresSQL.identifier(connection["dbname"] ?? "postgres")
    let base = server ?? connection.merging(["dbname": "template1"]) { $1 }
    if !isCluster { state.withLock { $0.databases.append(name) } }
    try Self.administer(base, ["CREATE DATABASE \(PostgresSQL.identifier(name)) TEMPLATE \(source)"], deadline)
    return connection.merging(["dbname": name]) { $1 }
  }

  private static func administer(_ server: [String: String], _ statements: [String], _ deadline: PostgresDeadline)
    throws(ProbeError)
  {
    let place = "\(server["host"] ?? "the local socket")"
    do throws(ShadowConnection.Break) {
      let connection = try ShadowConnection.open(server, deadline: deadline)
      for statement in statements {
        guard let failure = try connection.run(statement, deadline: deadline) else { continue }
        throw .lost("\(failure.message) (\(failure.code))")
      }
    } catch {
      switch error {
      case .late: throw ShadowCluster.late("the answer of \(place)")
      case .cancelled: throw ProbeError(.interrupted, "called off while the shadow database was made")
      case .lost(let text):
        throw ProbeError(
          text.contains("42501") ? .denied : .unreachable, "no shadow database on \(place): \(text)",
          asked: "CREATE DATABASE",
          mend: "name a server whose user may CREATE DATABASE, or leave `server` out")
      }
    }
  }

  func close() {
    let held = state.withLock { state -> State in
      defer { state = State() }
      return state
    }
    held.cluster?.stop()
    guard let server, !held.databases.isEmpty else { return }
    let deadline = PostgresDeadline(milliseconds: 10_000)
    for name in held.databases {
      try? Self.administer(server, ["DROP DATABASE IF EXISTS \(PostgresSQL.identifier(name)) WITH (FORCE)"], deadline)
    }
    for name in held.roles.reversed() {
      try? Self.administer(server, ["DROP ROLE IF EXISTS \(PostgresSQL.identifier(name))"], deadline)
    }
  }
}
