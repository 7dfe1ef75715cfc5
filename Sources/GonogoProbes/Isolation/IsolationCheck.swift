public import GonogoCore
import GonogoSystem

/// The proof without a document: what `gonogo isolation` runs.
public enum IsolationCheck {
  /// Proves a database that is there.
  ///
  /// - Parameter database: a connection URI or a keyword string of libpq.
  /// - Throws: ``ProbeError`` where it could not begin or not end.
  public static func run(database: String, options: IsolationProof.Options, redactor: Redactor) throws(ProbeError)
    -> IsolationResult
  {
    let target = try PostgresTarget(Rendered(plain: database), redactor: redactor)
    return try IsolationProof(options).run(target.options, display: target.display)
  }

  /// How the scratch database is built: the parameters of the probe `shadow` that a command line may name.
  public struct Migrations: Sendable {
    /// A folder of SQL files, the repository's root, the directory of alembic.ini, or a dump; or several folders and files,
    /// one after the other.
    public var paths: [String]
    /// What one transaction holds; one of ``modes``.
    public var mode: String?
    /// One of ``orders``.
    public var order: String?
    /// One of ``endings``.
    public var onError: String?
    public var environment: [String: String] = [:]

    public static let modes = ["file", "statement", "function"]
    public static let orders = ShadowOptions.Order.allCases.map(\.rawValue)
    public static let endings = ShadowOptions.OnError.allCases.map(\.rawValue)

    public init(_ paths: [String]) { self.paths = paths }
  }

  /// Builds a scratch database from migrations, and proves that.
  ///
  /// - Parameter platform: what to lay first; `nil` where the files decide.
  /// - Throws: ``ProbeError`` where it could not begin or not end.
  public static func run(
    _ migrations: Migrations, platform: IsolationPlatform?, options: IsolationProof.Options
  ) throws(ProbeError) -> IsolationResult {
    let path = migrations.paths.last ?? ""
    let isFolder = (try? FileSystem.status(path))?.isDirectory == true
    let source: ShadowOptions.Source =
      if migrations.paths.count > 1 { .migrations(migrations.paths) } else if !isFolder {
        .dump(path)
      } else if FileSystem.exists(FileSystem.join(path, "alembic.ini")) { .alembic(path) } else { .migrations([path]) }
    var shadow = ShadowOptions(source: source)
    shadow.environment = migrations.environment
    shadow.mode = migrations.mode.flatMap(ShadowOptions.Mode.init)
    shadow.order = migrations.order.flatMap(ShadowOptions.Order.init) ?? .name
    shadow.onError = migrations.onError.flatMap(ShadowOptions.OnError.init) ?? .continue
    if let platform { shadow.platform = platform == .supabase ? .supabase : .none }
    let deadline = PostgresDeadline(milliseconds: options.timeout)
    let database = try ShadowDatabase.build(shadow, deadline: deadline)
    defer { database.close() }
    return try run(shadow: database, connection: database.connection, options: options)
  }

  static func run(shadow: ShadowDatabase, connection: [String: String], options: IsolationProof.Options)
    throws(ProbeError)
    -> IsolationResult
  {
    var options = options
    options.isScratch = true
    let failed = shadow.migrations.filter { $0.status == .failed }
    let migrations: JSON = [
      "applied": JSON(shadow.migrations.filter { $0.status == .applied }.count), "failed": .array(failed.map(\.json)),
      "applied_later": JSON(failed.filter(\.appliedLater).count), "stubbed": .array(shadow.stubbed.map(\.json)),
      "missing": .array(shadow.report.missing.map(\.json)), "elsewhere": .array(shadow.report.elsewhere.map(\.json)),
    ]
    let remarks = MigrationRemarks(shadow.report)
    let owner = try shadow.giveAwayIfNobodyIsGranted(connection, options: options)
    var result: IsolationResult
    do throws(ProbeError) {
      result = try IsolationProof(options).run(connection, display: "the shadow of the migrations")
    } catch {
      var facts = error.facts?.objectValue ?? [:]
      facts["migrations"] = migrations
      throw ProbeError(
        error.kind, error.message, asked: error.asked, mend: remarks.mend ?? error.mend,
        repeatCommand: error.repeatCommand,
        facts: .object(facts))
    }
    result.migrations = migrations
    result.notes += remarks.lines
    if owner {
      result.notes.append(
        "no role but the superuser has a right on the tables: they were given to '\(ShadowOwner.standIn)', as if the application's own login had run the migrations"
      )
    }
    for place in result.leaks.indices {
      let leak = result.leaks[place]
      let names = leak.policies.map { "policy \(leak.object).\($0)" }
      var found = names.compactMap { shadow.sourceMap[$0] }
      if found.isEmpty {
        found = ["table", "view", "materialized view", "function"].compactMap {
          shadow.sourceMap["\($0) \(leak.object)"]
        }
      }
      result.leaks[place].places = found.map { "\($0.file):\($0.line)" }
    }
    return result
  }

  /// The report that scripts read.
  public static func json(_ result: IsolationResult) -> JSON {
    var members = result.facts.objectValue ?? [:]
    members["schema"] = "gonogo.isolation/1"
    return .object(members)
  }

  /// The matrix, and what to do, for people.
  public static func text(_ result: IsolationResult) -> String { IsolationText(result: result).text }
}
