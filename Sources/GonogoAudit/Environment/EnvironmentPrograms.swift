import GonogoCore

/// The programs of a repository, as far as its manifests tell: what reads the environment together.
enum EnvironmentPrograms {
  private static let manifests: Set<String> = [
    "package.json", "go.mod", "requirements.txt", "pyproject.toml", "Gemfile", "mix.exs", "Cargo.toml", "composer.json",
    "pom.xml", "build.gradle", "build.gradle.kts", "Package.swift", "deno.json", "Dockerfile",
  ]

  /// The folders that have a manifest.
  static func roots(_ tree: SourceTree) -> Set<String> {
    Set(tree.files.lazy.filter { manifests.contains(String($0.name)) }.map { String($0.directory) })
  }

  /// The nearest folder above a file that has a manifest; the root where none has.
  static func of(_ path: String, _ roots: Set<String>) -> String {
    var folder = path[...]
    while let slash = folder.lastIndex(of: "/") {
      folder = folder[..<slash]
      if roots.contains(String(folder)) { return String(folder) }
    }
    return ""
  }
}
