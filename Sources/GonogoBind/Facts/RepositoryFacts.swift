/// What is known of a repository: fills targets, and drops what cannot apply. An audit's inventory gives the same.
public struct RepositoryFacts: Sendable, Equatable {
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

  public init() {}

  /// It has the folder of a Supabase project.
  var isSupabase: Bool { files.contains { $0.hasPrefix("supabase/") || $0.contains("/supabase/") } }
}
