import GonogoCore
import GonogoSystem

/// The migrations that a proof without a document is run on, and how they are applied.
public struct IsolationSource: Sendable {
  /// A repository, a folder of migrations, or a dump; or several folders and files, one after the other.
  public var paths: [String]
  /// What to lay first; `nil` where the files decide.
  public var platform: IsolationPlatform?
  /// One of ``modes``; `nil` for a transaction a file, and for a dump a statement.
  public var mode: String?
  /// One of ``orders``.
  public var order: String?
  /// One of ``reactions``.
  public var onError: String?
  /// SQL files that run first, and are no migrations.
  public var before: [String] = []
  /// What programs that migrate are given as their environment.
  public var environment: [String: String] = [:]

  public init(_ paths: [String]) { self.paths = paths }

  private var path: String { paths.last ?? "" }

  public static let modes = ShadowOptions.Mode.allCases.map(\.rawValue)
  public static let orders = ShadowOptions.Order.allCases.map(\.rawValue)
  public static let reactions = ShadowOptions.OnError.allCases.map(\.rawValue)

  /// Where repositories keep their migrations, seen from their root, or from a package of theirs.
  static let places = [
    "supabase/migrations", "prisma/migrations", "db/migrations", "db/migration", "migrations", "drizzle",
    "drizzle/migrations", "database/migrations", "sql/migrations", "sql", "db/sql", "src/migrations",
    "src/db/migrations", "src/main/resources/db/migration", "flyway/sql",
  ]
  /// Folders that hold packages, each with a root of its own.
  static let workspaces = ["apps", "packages", "services"]

  /// What there is to build from, and how.
  ///
  /// - Throws: ``ProbeError`` of kind `not-found` where there are no migrations, or `configuration` where several folders
  ///   hold some, or options contradict each other.
  func shadow() throws(ProbeError) -> ShadowOptions {
    var options = ShadowOptions(source: try source())
    options.environment = environment
    options.before = before
    options.mode = mode.flatMap(ShadowOptions.Mode.init)
    options.order = order.flatMap(ShadowOptions.Order.init) ?? .name
    options.onError = onError.flatMap(ShadowOptions.OnError.init) ?? (options.mode == .all ? .stop : .continue)
    if let platform { options.platform = platform == .supabase ? .supabase : .none }
    func refuse(_ message: String, _ mend: String) -> ProbeError {
      ProbeError(.configuration, message, asked: path, mend: mend)
    }
    if options.mode == .all, options.onError == .continue {
      throw refuse(
        "one transaction for all files ends at the first failure", "leave --on-error out, or say --mode file")
    }
    switch options.source {
    case .alembic where mode != nil || onError != nil || order != nil:
      throw refuse(
        "Alembic decides what a transaction holds and what comes first", "leave --mode, --on-error, --order out")
    case .dump where order != nil: throw refuse("--order is for a folder of migrations", "leave it out for a dump")
    default: return options
    }
  }

  private func source() throws(ProbeError) -> ShadowOptions.Source {
    if paths.count > 1 { return .migrations(paths) }
    guard (try? FileSystem.status(path))?.isDirectory == true else { return .dump(path) }
    if Self.count(path) > 0 { return .migrations([path]) }
    if FileSystem.exists(FileSystem.join(path, "alembic.ini")) { return .alembic(path) }
    let found = Self.candidates(path)
    if let only = found.first, found.count == 1 { return only.source }
    if found.isEmpty {
      throw ProbeError(
        .missing,
        "there are no migrations in \(path): no .sql in it, none in \(Self.places.prefix(7).joined(separator: ", ")) or the like, and no alembic.ini",
        asked: path,
        mend: "name the folder itself; or a dump made by pg_dump --schema-only; or the address of a database")
    }
    throw ProbeError(
      .configuration,
      "several folders of \(path) hold migrations: \(found.map { "\($0.path) (\($0.holds))" }.joined(separator: ", "))",
      asked: path, mend: "name one of them: `gonogo isolation \(ShellQuote.quote(found[0].path))`")
  }

  private struct Candidate {
    let path: String
    let holds: String
    let source: ShadowOptions.Source
  }

  private static func candidates(_ root: String) -> [Candidate] {
    var roots = [root]
    for workspace in workspaces {
      let folder = FileSystem.join(root, workspace)
      roots += ((try? FileSystem.list(folder)) ?? []).sorted().map { FileSystem.join(folder, $0) }
    }
    var found: [Candidate] = []
    for root in roots {
      for place in places {
        let folder = FileSystem.join(root, place)
        let count = count(folder)
        if count > 0 {
          found.append(.init(path: folder, holds: "\(count) files", source: .migrations([folder])))
        }
      }
      for place in ["", "backend", "server", "api", "app", "src"] {
        let folder = place.isEmpty ? root : FileSystem.join(root, place)
        if FileSystem.exists(FileSystem.join(folder, "alembic.ini")) {
          found.append(.init(path: folder, holds: "alembic.ini", source: .alembic(folder)))
        }
      }
    }
    return found
  }

  /// How many migrations in SQL a folder holds: files, or folders with a `migration.sql`.
  private static func count(_ folder: String) -> Int {
    guard let names = try? FileSystem.list(folder) else { return 0 }
    let files = names.filter { $0.hasSuffix(".sql") }.count
    if files > 0 { return files }
    return names.filter { FileSystem.exists(FileSystem.join(folder, "\($0)/migration.sql")) }.count
  }
}
