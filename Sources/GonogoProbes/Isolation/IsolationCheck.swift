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

  /// Builds a scratch database from migrations, and proves that.
  ///
  /// - Parameters:
  ///   - path: a folder of SQL files, a repository that has one in `supabase/migrations`, or a dump.
  ///   - platform: what to lay first; `nil` where the files decide.
  /// - Throws: ``ProbeError`` where it could not begin or not end.
  public static func run(
    migrations path: String, platform: IsolationPlatform?, options: IsolationProof.Options,
    environment: [String: String]
  ) throws(ProbeError) -> IsolationResult {
    let isFolder = (try? FileSystem.status(path))?.isDirectory == true
    let inner = ["supabase/migrations", "migrations", "db/migrations"].map { FileSystem.join(path, $0) }
    let hasFiles = ((try? FileSystem.list(path)) ?? []).contains { $0.hasSuffix(".sql") }
    let folder = isFolder && !hasFiles ? inner.first { FileSystem.exists($0) } ?? path : path
    var shadow = ShadowOptions(source: isFolder ? .migrations([folder]) : .dump(path))
    shadow.environment = environment
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
      "stubbed": .array(shadow.stubbed.map(\.json)),
    ]
    var result: IsolationResult
    do throws(ProbeError) {
      result = try IsolationProof(options).run(connection, display: "the shadow of the migrations")
    } catch {
      var facts = error.facts?.objectValue ?? [:]
      facts["migrations"] = migrations
      throw ProbeError(
        error.kind, error.message, asked: error.asked, mend: error.mend, repeatCommand: error.repeatCommand,
        facts: .object(facts))
    }
    result.migrations = migrations
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
    for place in result.findings.indices {
      let finding = result.findings[place]
      result.findings[place].places += finding.policies.compactMap { shadow.sourceMap["policy \($0)"] }.map {
        "\($0.file):\($0.line)"
      }
    }
    result.findings = PolicyMigrations.findings(shadow.migrations) + result.findings
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
