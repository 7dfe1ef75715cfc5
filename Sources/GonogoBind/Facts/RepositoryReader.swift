public import GonogoAudit
import GonogoCore
import GonogoSystem

/// What is there, by the audit's inventory; and, from a few small files, what the inventory has no line for. Runs nothing of
/// the repository's.
public enum RepositoryReader {
  /// - Throws: ``CouldNotLook`` where there is no directory, or no file in it.
  public static func read(_ directory: String) throws(CouldNotLook) -> RepositoryFacts {
    let tree = try SourceTree(directory: directory)
    var facts = read(tree)
    facts.isGit = FileSystem.exists(FileSystem.join(directory, ".git"))
    return facts
  }

  /// The same of a tree that is at hand.
  public static func read(_ tree: SourceTree) -> RepositoryFacts {
    let context = AuditContext(tree: tree, now: SystemClock().now())
    var facts = RepositoryFacts()
    facts.files = Set(tree.files.map(\.path))
    for entry in BuiltinInventory.all.compactMap({ $0.entry(in: context) }) { take(entry, into: &facts) }
    for file in tree.files where !isElsewhere(file.path) { look(file, in: tree, &facts) }
    ExampleVariables.read(tree, into: &facts)
    facts.variables.formUnion(facts.contract.map(\.name))
    SchemaFolders.read(tree, into: &facts)
    for index in facts.deployed.indices where facts.deployed[index].kind == "kubernetes" {
      facts.deployed[index].isNamedByRendering = isNamedByRendering(facts.deployed[index], tree)
    }
    facts.health = HealthEndpoints.read(tree, facts)
    facts.reports = ReportPaths.read(tree)
    facts.systems = KnownSystems.read(tree)
    return facts
  }

  /// Whether no line of a chart's template gives a workload its name as it stands.
  private static func isNamedByRendering(_ service: RepositoryFacts.Service, _ tree: SourceTree) -> Bool {
    guard let file = tree[service.path], let source = tree.text(file) else { return false }
    let text = String(decoding: source.bytes, as: UTF8.self)
    guard text.contains("{{") else { return false }
    let ways = ["name: \(service.name)", "name: \"\(service.name)\"", "name: '\(service.name)'"]
    return !text.split(whereSeparator: \.isNewline).contains { line in
      ways.contains(String(line.drop { $0 == " " }))
    }
  }

  /// Files that others wrote, or that only look like the project's own.
  static func isElsewhere(_ path: String) -> Bool { elsewhere.isFound(in: path) }
  private static let elsewhere = Phrase(
    #"(^|/)(node_modules|vendor|third_party|dist|\.next|\.venv|venv|__pycache__|testdata|fixtures?|examples?|samples?)/"#
  )

  /// A line of the inventory, by its JSON: that is what other tools read as well.
  private static func take(_ entry: InventoryEntry, into facts: inout RepositoryFacts) {
    let rows = entry.json.arrayValue ?? []
    switch entry.name {
    case "services":
      for row in rows {
        guard let kind = row["kind"]?.stringValue, let name = row["name"]?.stringValue,
          let path = row["path"]?.stringValue, !isElsewhere(path)
        else { continue }
        facts.deployed.append(RepositoryFacts.Service(kind: kind, name: name, path: path))
        if !facts.services.contains(path) { facts.services.append(path) }
      }
    case "environment":
      facts.knowsEnvironment = true
      for row in rows { if let variable = variable(row) { facts.contract.append(variable) } }
      facts.variables.formUnion(rows.compactMap { $0["name"]?.stringValue })
    case "endpoints":
      facts.endpoints += rows.compactMap { $0["path"]?.stringValue }
    case "migrations":
      facts.migrations += rows.compactMap { $0["directory"]?.stringValue }
    case "tables":
      facts.tables.formUnion(rows.compactMap { $0["name"]?.stringValue?.lowercased() })
    default: break
    }
  }

  /// Whether the application can do without it.
  private static func variable(_ row: JSON) -> RepositoryFacts.Variable? {
    guard let name = row["name"]?.stringValue else { return nil }
    var variable = RepositoryFacts.Variable(name: name)
    let reads = (row["reads"]?.arrayValue ?? []).filter { $0["purpose"]?.stringValue == "application" }
    variable.isRequired = row["need"]?.stringValue == "required"
    variable.isUnchecked = row["need"]?.stringValue == "unchecked" && !reads.isEmpty
    variable.isRead = !reads.isEmpty
    variable.isDeclared = !(row["declared"]?.arrayValue ?? []).isEmpty
    variable.isOptional =
      !variable.isRequired && !reads.isEmpty && reads.allSatisfy { $0["default"] != nil }
    return variable
  }

  private static let target = Phrase(#"(?m)^([a-z][a-z0-9_-]*)\s*:(?!=)"#, ignoringCase: false)
  private static let table = Phrase(#"create\s+table\s+(?:if\s+not\s+exists\s+)?(?:public\.)?"?([a-z_][a-z0-9_]*)"#)
  private static let route = Phrase(#"(?:^|/)(?:app|src/app)/(.+)/route\.(?:ts|js)$"#)
  private static let migration = Phrase(#"^(.*(?:^|/)(?:migrations?|versions))/[^/]+(?:\.sql|/migration\.sql|\.py)$"#)

  private static func look(_ file: TreeFile, in tree: SourceTree, _ facts: inout RepositoryFacts) {
    func text() -> String { tree.text(file).map { String(decoding: $0.bytes, as: UTF8.self) } ?? "" }
    let path = file.path
    if let groups = route.first(in: path), let inside = groups[1] {
      let parts = inside.split(separator: "/").filter { !$0.hasPrefix("(") }
      let endpoint = "/" + parts.joined(separator: "/")
      if !facts.endpoints.contains(endpoint) { facts.endpoints.append(endpoint) }
    }
    if let folder = migration.group(1, in: path), !facts.migrations.contains(folder) { facts.migrations.append(folder) }
    if file.name == "Makefile" {
      facts.commands += target.all(in: text()).compactMap { $0[1] }.map { "make \($0)" }
    } else if file.name == "package.json", let package = try? JSON.parse(text()) {
      facts.commands += (package["scripts"]?.objectValue ?? [:]).keys.sorted().map { "npm run \($0)" }
    } else if file.name.hasSuffix(".sql") {
      facts.tables.formUnion(table.all(in: text()).compactMap { $0[1]?.lowercased() })
    }
  }
}

extension SourceTree {
  func string(_ file: TreeFile) -> String? { text(file).map { String(decoding: $0.bytes, as: UTF8.self) } }
}
