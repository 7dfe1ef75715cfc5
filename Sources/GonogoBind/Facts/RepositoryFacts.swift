import GonogoCore

/// What is known of a repository: fills targets, drops what cannot apply, and makes a first checklist. ``RepositoryReader``
/// takes it from the audit's inventory.
public struct RepositoryFacts: Sendable, Equatable {
  /// An environment variable that the repository reads or declares.
  public struct Variable: Sendable, Equatable {
    public let name: String
    /// The file that is to be filled in, where one names it: `.env.example`.
    public var example: String?
    /// It may be missing: it stands there as a comment, or every program that reads it has a default.
    public var isOptional = false
    /// A program refuses to go on without it.
    public var isRequired = false
    /// A program reads it without a default, and does not look whether it was there.
    public var isUnchecked = false
    /// A program that is deployed reads it.
    public var isRead = false
    /// A file to be filled in, or one of the deployment, names it.
    public var isDeclared = false
  }

  /// Something that is deployed.
  public struct Service: Sendable, Equatable {
    /// As the audit has it: "compose", "dockerfile", "fly" …
    public let kind: String
    public let name: String
    public let path: String
    /// Its name is put together when a chart is rendered, and does not stand in the file.
    public var isNamedByRendering = false
  }

  /// A folder that makes a schema of PostgreSQL.
  public struct Migrations: Sendable, Equatable {
    public enum Form: Sendable, Equatable { case sql, alembic }
    public let form: Form
    /// Of `alembic` the directory of alembic.ini.
    public let directory: String
    /// It has policies: row security is meant to part somebody from somebody.
    public var hasPolicies = false
  }

  /// Paths from the root, sorted.
  public var files: Set<String> = []
  /// Names of environment variables that it reads or declares.
  public var variables: Set<String> = []
  /// Paths of HTTP endpoints.
  public var endpoints: [String] = []
  public var services: [String] = []
  public var tables: Set<String> = []
  /// Scripts of package.json, targets of a Makefile: as they are called, `npm run x`, `make x`.
  public var commands: [String] = []
  /// Folders of migrations.
  public var migrations: [String] = []

  /// The contract of the environment, by name.
  public var contract: [Variable] = []
  public var deployed: [Service] = []
  /// Folders whose migrations a scratch PostgreSQL can be built from.
  public var schemas: [Migrations] = []
  /// Endpoints that tell whether it lives.
  public var health: [String] = []
  /// Paths of reports that the workflows or the tools' settings name.
  public var reports: [String] = []
  /// Systems whose names stand in what is no document: "redis", "supabase" … `nil` where nobody looked.
  public var systems: Set<String>?
  /// The audit has an inventory of its environment, so that a name which is not among `variables` is none of it.
  public var knowsEnvironment = false
  /// It is a working tree of git.
  public var isGit = false

  public init() {}

  /// Whether a route of the code may answer a path; `true` where no route is known. A router that is mounted elsewhere has its
  /// path as its own file says, so the end of the path is enough.
  func mayServe(_ path: String) -> Bool {
    let asked = Self.parts(path)
    return endpoints.isEmpty
      || endpoints.contains { route in
        let parts = Self.parts(route)
        return parts.count <= asked.count && !(parts.isEmpty && !asked.isEmpty)
          && zip(parts.reversed(), asked.reversed()).allSatisfy { $0 == $1 || ":{[*<".contains($0.first ?? "-") }
      }
  }

  private static func parts(_ path: String) -> [Substring] { path.prefix { $0 != "?" }.split(separator: "/") }

  /// What a block asks of a system that nothing in the repository uses: the system's name.
  func lacks(_ block: String) -> String? {
    guard let systems else { return nil }
    let asked: [(system: String, name: String, isAsked: Bool)] = [
      ("redis", "Redis", block.hasPrefix("redis") || block.contains("${redis}")),
      ("supabase", "Supabase", block.contains("api.supabase.com")),
      ("telegram", "Telegram", block.contains("api.telegram.org")),
      (
        "postgres", "PostgreSQL",
        ["postgres:", "isolation:", "shadow:", "locks:", "pooled:", "append_only:"].contains { block.hasPrefix($0) }
      ),
    ]
    // Migrations in SQL need not say whose they are.
    let used = migrations.isEmpty && tables.isEmpty ? systems : systems.union(["postgres"])
    return asked.first { $0.isAsked && !used.contains($0.system) }?.name
  }

  /// It has the folder of a Supabase project.
  var isSupabase: Bool { files.contains { $0.hasPrefix("supabase/") || $0.contains("/supabase/") } }
}
