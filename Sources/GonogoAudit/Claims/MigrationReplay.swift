import GonogoCore
import GonogoDocument
import GonogoProbes
import GonogoSystem

/// The migrations of the tree, run in a PostgreSQL of their own that is gone afterwards.
///
/// What does not apply here does not apply anywhere: each statement stands alone, what fails is tried again after the
/// others, and a file beside the migrations that makes what they miss goes before them. What applies only so is told by
/// ``Run/failed`` nevertheless, since a tool runs a file as one.
struct MigrationReplay: Sendable {
  struct Failure: Sendable {
    let place: TreePlace
    let message: String
    /// `nil` where it is not PostgreSQL that refused.
    let code: String?
    /// The statement's beginning.
    let statement: String?
    let hint: String?
  }

  struct Table: Sendable {
    let name: String
    let hasRowSecurity: Bool
    let policies: Int
  }

  struct Run: Sendable {
    let folder: String
    /// A file that had to go before, because it makes tables that the migrations need.
    var before: String?
    /// Where each file stopped, one a file, those that applied when they were tried again left out.
    var failed: [Failure] = []
    var applied = 0
    var tables: [Table] = []
  }

  var runs: [Run] = []
  var troubles: [CouldNotLook] = []

  /// Builds them, one folder after another.
  static func run(in context: AuditContext) async -> MigrationReplay {
    var result = MigrationReplay()
    let directory: String
    do throws(CouldNotLook) { directory = try context.directory() } catch {
      result.troubles.append(error)
      return result
    }
    let folders = folders(in: context)
    for folder in folders.dropFirst(limit) {
      result.troubles.append(
        CouldNotLook(
          "the migrations were not run: no more than \(limit) folders of them are", at: TreePlace(folder),
          mend: "run them with `gonogo isolation`, or with a checklist's `shadow`"))
    }
    for folder in folders.prefix(limit) {
      do throws(CouldNotLook) { result.runs.append(try await build(folder, directory, context.tree)) } catch {
        result.troubles.append(error)
      }
    }
    return result
  }

  /// The most folders that are run.
  private static let limit = 8

  /// The folders of migrations in SQL: those that a tool's names give away, and those that are called so, without those of other
  /// systems than PostgreSQL.
  private static func folders(in context: AuditContext) -> [String] {
    let facts = context.facts(Migrations.self)
    let foreign = Set(facts.sets.filter { !$0.isPostgres }.map(\.directory))
    var result: [String] = []
    func add(_ folder: String) {
      // What is put into the binding below must be a plain path.
      let isPlain = folder.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-".contains($0)) }
      if !folder.isEmpty, isPlain, !foreign.contains(folder), !result.contains(folder) { result.append(folder) }
    }
    for file in context.tree.files(in: .sql) where file.kind == .regular {
      let parts = file.directory.split(separator: "/").map(String.init)
      guard let index = parts.firstIndex(where: { ["migrations", "migrate", "drizzle"].contains($0.lowercased()) })
      else { continue }
      add(parts[...index].joined(separator: "/"))
    }
    for set in facts.postgres
    where !result.contains(where: { set.directory == $0 || set.directory.hasPrefix($0 + "/") }) {
      add(set.directory)
    }
    return result
  }

  private static func build(_ folder: String, _ directory: String, _ tree: SourceTree) async throws(CouldNotLook) -> Run
  {
    var run = Run(folder: folder)
    var facts = try await shadow(["\(folder)"], directory)
    let elsewhere = facts["elsewhere"]?.arrayValue?.first?["file"]?.stringValue
    if let elsewhere, tree[elsewhere] != nil, elsewhere.allSatisfy({ $0.isASCII && $0 != "\"" && $0 != "\\" }) {
      run.before = elsewhere
      facts = try await shadow([elsewhere, folder], directory)
    }
    run.applied = facts["applied"]?.integerValue ?? 0
    for item in facts["failed"]?.arrayValue ?? [] where item["applied_later"]?.boolValue != true {
      let file = item["file"]?.stringValue ?? folder
      run.failed.append(
        Failure(
          place: TreePlace(file, line: item["line"]?.integerValue ?? 1),
          message: item["message"]?.stringValue ?? "it failed", code: item["sqlstate"]?.stringValue,
          statement: item["statement"]?.stringValue, hint: item["hint"]?.stringValue))
    }
    for row in facts["gonogo_tables"]?.arrayValue ?? [] {
      guard let name = row["name"]?.stringValue else { continue }
      run.tables.append(
        Table(name: name, hasRowSecurity: row["rls"]?.boolValue ?? false, policies: row["policies"]?.integerValue ?? 0))
    }
    return run
  }

  private static let tablesQuery =
    "SELECT c.relname AS name, c.relrowsecurity AS rls, (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid) AS policies FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY 1"

  /// The facts of the probe, and the tables of the scratch database under `gonogo_tables`.
  private static func shadow(_ sources: [String], _ directory: String) async throws(CouldNotLook) -> JSON {
    let list = sources.map { "\"\($0)\"" }.joined(separator: ", ")
    let options = "{ migrations: [\(list)], on_error: retry, mode: statement }"
    let document = """
      - [ ] **R-1** migrations
        ```yaml gonogo
        shadow: \(options)
        timeout: 300s
        ```
      - [ ] **R-2** tables
        ```yaml gonogo
        postgres:
          shadow: \(options)
          query: "\(tablesQuery)"
        expect: { row_count: { above: 0 } }
        timeout: 300s
        ```

      """
    let sink = DiagnosticSink()
    let checklist = ChecklistParser().parse(Array(document.utf8), name: "replay.md", sink: sink)
    let queries = JQEngine()
    let planner = Planner(
      registry: BuiltinProbes.registry, engines: Engines(patterns: PCREngine(), queries: queries),
      processEnvironment: ProcessEnvironment.all)
    let plan = planner.plan(checklist, options: Planner.Options(), sink: sink)
    if let error = sink.sorted.first(where: { $0.severity == .error }) {
      throw CouldNotLook("the migrations of \(list) could not be run: \(error.message)", mend: nil)
    }
    let runner = Runner(
      jobs: 1, clock: SystemClock(), queries: queries, redactor: Redactor(), executor: ProbeExecutor(),
      interruption: Interruption(), directory: directory)
    let results = await runner.run(plan) { _ in }
    if case .errored(let error)? = results.first?.outcome {
      throw CouldNotLook("the migrations of \(list) could not be run: \(error.message)", mend: error.mend)
    }
    var members = results.first?.checks.first?.facts.objectValue ?? [:]
    members["gonogo_tables"] = results.last?.checks.first?.facts["rows"] ?? .array([])
    return .object(members)
  }
}
