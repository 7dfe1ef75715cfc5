import GonogoCore
import GonogoSystem

/// A first look at a working tree: what is there by name. Reads a few small files, and runs nothing.
public enum RepositoryReader {
  private static let passedOver: Set<String> = [
    ".git", "node_modules", "vendor", "dist", "build", ".next", ".venv", "venv", "target", "__pycache__", ".build",
  ]

  /// - Throws: ``SystemError`` where the directory cannot be listed.
  public static func read(_ directory: String, limit: Int = 50_000) throws(SystemError) -> RepositoryFacts {
    var facts = RepositoryFacts()
    var open = [""]
    _ = try FileSystem.list(directory)
    while let folder = open.popLast(), facts.files.count < limit {
      let place = folder.isEmpty ? directory : FileSystem.join(directory, folder)
      for name in (try? FileSystem.list(place)) ?? [] {
        let path = folder.isEmpty ? name : "\(folder)/\(name)"
        guard let status = try? FileSystem.status(FileSystem.join(directory, path), followLinks: false) else {
          continue
        }
        if status.isDirectory {
          if !passedOver.contains(name) { open.append(path) }
        } else if status.isRegular || status.isLink {
          facts.files.insert(path)
        }
      }
    }
    for path in facts.files.sorted() { look(path, in: directory, &facts) }
    return facts
  }

  private static let variable = Phrase(#"(?m)^\s*(?:export\s+)?([A-Z][A-Z0-9_]*)\s*="#, ignoringCase: false)
  private static let target = Phrase(#"(?m)^([a-z][a-z0-9_-]*)\s*:(?!=)"#, ignoringCase: false)
  private static let table = Phrase(#"create\s+table\s+(?:if\s+not\s+exists\s+)?(?:public\.)?"?([a-z_][a-z0-9_]*)"#)
  private static let route = Phrase(#"(?:^|/)(?:app|src/app)/(.+)/route\.(?:ts|js)$"#)
  private static let migration = Phrase(#"^(.*(?:^|/)(?:migrations?|versions))/[^/]+(?:\.sql|/migration\.sql|\.py)$"#)

  private static func look(_ path: String, in directory: String, _ facts: inout RepositoryFacts) {
    func text() -> String {
      let bytes = (try? FileSystem.read(FileSystem.join(directory, path), limit: 1 << 20)) ?? []
      return String(decoding: bytes, as: UTF8.self)
    }
    let name = FileSystem.lastComponent(of: path)
    if let groups = route.first(in: path), let inside = groups[1] { facts.endpoints.append("/" + inside) }
    if let folder = migration.group(1, in: path), !facts.migrations.contains(folder) { facts.migrations.append(folder) }
    if [".env.example", ".env.sample", ".env.template"].contains(name) {
      facts.variables.formUnion(variable.all(in: text()).compactMap { $0[1] })
    } else if name == "Makefile" {
      facts.commands += target.all(in: text()).compactMap { $0[1] }.map { "make \($0)" }
    } else if name == "package.json", let package = try? JSON.parse(text()) {
      facts.commands += (package["scripts"]?.objectValue ?? [:]).keys.sorted().map { "npm run \($0)" }
    } else if name.hasSuffix(".sql") {
      facts.tables.formUnion(table.all(in: text()).compactMap { $0[1]?.lowercased() })
    } else if name.hasPrefix("Dockerfile") || name == "Procfile" {
      facts.services.append(path)
    }
  }
}
