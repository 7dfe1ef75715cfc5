import GonogoCore

/// Migrations that name those before them: Alembic's revisions and Django's dependencies.
struct MigrationGraph: Sendable {
  enum Tool: String, Sendable {
    case alembic = "Alembic"
    case django = "Django"
  }

  struct Node: Sendable {
    /// The revision; of Django's the file's name without its ending.
    let id: String
    let file: TreeFile
    let place: TreePlace
    let parents: [Parent]
    /// Names of migrations that it stands for.
    let replaces: [String]
    /// Its branch has a name, so that several heads are meant to be.
    let isBranch: Bool
  }

  struct Parent: Sendable {
    let id: String
    let place: TreePlace
  }

  let tool: Tool
  let directory: String
  let nodes: [Node]
  /// Whether every node was read in whole: what one names may be put together while it runs.
  let isRead: Bool

  /// The nodes that no other names as its parent, those left out that a squashed one stands for.
  var heads: [Node] {
    let replaced = Set(nodes.flatMap(\.replaces))
    var successor: [String: String] = [:]
    for node in nodes { for old in node.replaces { successor[old] = node.id } }
    var named: Set<String> = []
    for node in nodes where !replaced.contains(node.id) {
      for parent in node.parents {
        // Who names a replaced one names what stands for it.
        named.insert(parent.id)
        if let heir = successor[parent.id], heir != node.id { named.insert(heir) }
      }
    }
    return nodes.filter { !named.contains($0.id) && !replaced.contains($0.id) }
  }

  /// What is named as a parent and is nowhere.
  var missing: [(node: Node, parent: Parent)] {
    let known = Set(nodes.map(\.id)).union(nodes.flatMap(\.replaces))
    return nodes.flatMap { node in node.parents.filter { !known.contains($0.id) }.map { (node, $0) } }
  }

  /// Identifiers that more than one file has.
  var doubles: [[Node]] {
    Dictionary(grouping: nodes, by: \.id).values.filter { $0.count > 1 }
      .map { $0.sorted { $0.place < $1.place } }.sorted { $0[0].place < $1[0].place }
  }
}

enum MigrationGraphs: Collector {
  static func collect(in context: AuditContext) -> [MigrationGraph] {
    alembic(context) + django(context)
  }

  /// Whether a file of Python is a migration of Alembic's: it says what comes before it.
  static func isAlembic(_ text: SourceFile) -> Bool { text.contains("down_revision") && text.contains("revision") }

  private static func isAside(_ file: TreeFile) -> Bool {
    let parts = file.directory.lowercased().split(separator: "/")
    return parts.contains { part in
      ["tests", "test", "fixtures", "examples", "templates", "node_modules", "site-packages"].contains(part)
        // Alembic reads `versions`; what was put aside beside it is not read.
        || part.split { "._-".contains($0) }.contains {
          ["archive", "archived", "old", "backup", "squashed"].contains($0)
        }
    }
  }

  // MARK: Alembic

  private static func alembic(_ context: AuditContext) -> [MigrationGraph] {
    var nodes: [String: [MigrationGraph.Node]] = [:]
    var unread: Set<String> = []
    for file in context.tree.files(in: .python) where file.kind == .regular && !isAside(file) {
      guard let text = context.tree.text(file), isAlembic(text) else { continue }
      let python = PythonText(text)
      guard let own = python.value(of: "revision"), let down = python.value(of: "down_revision") else { continue }
      let root = environment(of: file, context)
      let ids = python.literals(in: own)
      guard ids.count == 1, python.isPlain(own), python.isPlain(down) else {
        unread.insert(root)
        continue
      }
      func place(_ literal: PythonText.Literal) -> TreePlace {
        TreePlace(file.path, text.position(of: literal.range.lowerBound))
      }
      let labels = python.value(of: "branch_labels").map { !python.literals(in: $0).isEmpty || !python.isPlain($0) }
      nodes[root, default: []].append(
        .init(
          id: python.text(ids[0].range), file: file, place: place(ids[0]),
          parents: python.literals(in: down).map { .init(id: python.text($0.range), place: place($0)) }, replaces: [],
          isBranch: labels ?? false))
    }
    return nodes.sorted { $0.key < $1.key }.map {
      MigrationGraph(tool: .alembic, directory: $0.key, nodes: $0.value, isRead: !unread.contains($0.key))
    }
  }

  /// The directory of the env.py that runs a revision; its own where there is none.
  private static func environment(of file: TreeFile, _ context: AuditContext) -> String {
    var directory = String(file.directory)
    while true {
      if context.tree[directory.isEmpty ? "env.py" : "\(directory)/env.py"] != nil { return directory }
      guard let slash = directory.lastIndex(of: "/") else { return String(file.directory) }
      directory = String(directory[..<slash])
    }
  }

  // MARK: Django

  private static func django(_ context: AuditContext) -> [MigrationGraph] {
    var files: [String: [TreeFile]] = [:]
    for file in context.tree.files(in: .python) where file.kind == .regular && !isAside(file) {
      guard file.directory.hasSuffix("/migrations") || file.directory == "migrations", file.name != "__init__.py",
        context.tree.text(file)?.contains("Migration") == true
      else { continue }
      files[String(file.directory), default: []].append(file)
    }
    return files.sorted { $0.key < $1.key }.compactMap { directory, files in
      // An application may be called otherwise than its folder (https://docs.djangoproject.com/en/5.2/ref/applications/).
      let folder = directory.split(separator: "/").dropLast().joined(separator: "/")
      if let apps = context.tree.text(at: folder.isEmpty ? "apps.py" : "\(folder)/apps.py"),
        apps.lineStarts.contains(where: { apps.bytes[$0...].drop { $0 == 0x20 }.starts(with: Array("label =".utf8)) })
      {
        return nil
      }
      var nodes: [MigrationGraph.Node] = []
      var isRead = true
      let label = directory.split(separator: "/").dropLast().last.map(String.init) ?? ""
      for file in files {
        guard let text = context.tree.text(file) else { continue }
        let python = PythonText(text)
        guard text.contains("class Migration") else { continue }
        var parents: [MigrationGraph.Parent] = []
        if let range = python.value(of: "dependencies", indent: 4) {
          // Pairs of an application and a name; other calls name the same.
          let own = python.literals(in: range)
          for (first, second) in zip(own, own.dropFirst()) where python.text(first.range) == label {
            let between = python.bytes[first.range.upperBound..<second.range.lowerBound]
            guard between.contains(UInt8(ascii: ",")), !between.contains(UInt8(ascii: ")")) else { continue }
            let name = python.text(second.range)
            if name.hasPrefix("__") { continue }
            parents.append(.init(id: name, place: TreePlace(file.path, text.position(of: second.range.lowerBound))))
          }
        } else if text.contains("dependencies") {
          isRead = false
        }
        let replaced = python.value(of: "replaces", indent: 4).map {
          python.literals(in: $0).map { python.text($0.range) }
        }
        let name = String(file.name.dropLast(3))
        nodes.append(
          .init(
            id: name, file: file, place: TreePlace(file.path), parents: parents,
            replaces: (replaced ?? []).filter { $0 != label }, isBranch: false))
      }
      // A label of its own, and dependencies that are put together, leave nothing to count by.
      guard nodes.count < 2 || nodes.contains(where: { !$0.parents.isEmpty }) else { return nil }
      return MigrationGraph(tool: .django, directory: directory, nodes: nodes, isRead: isRead)
    }
  }
}
