import GonogoCore

/// The folders of Go packages that only tests import, by themselves or through others that only tests import: helpers of tests, whatever they are called.
///
/// Go's imports are complete, so this is known where the module has a program: of a library's packages the users are elsewhere. Other languages find files by
/// their names and folders as well (routes, jobs, plugins), and that only tests import such a file says nothing.
enum TestPackages: Collector {
  static func collect(in context: AuditContext) -> Set<String> {
    let modules = context.tree.files(named: "go.mod").compactMap { file -> (root: String, path: String)? in
      module(file, context).map { (String(file.directory), $0) }
    }
    if modules.isEmpty { return [] }
    // By folder, the files of others that import it.
    var importers: [String: [TreeFile]] = [:]
    var programs: Set<String> = []
    for file in context.tree.files(in: .go) where file.kind == .regular {
      guard let text = context.tree.text(file) else { continue }
      let head = head(of: text)
      if head.package == "main" { programs.insert(String(file.directory)) }
      for path in head.imports {
        for module in modules where path == module.path || path.hasPrefix(module.path + "/") {
          let below = path.dropFirst(module.path.count + 1)
          let folder = module.root.isEmpty || below.isEmpty ? module.root + below : "\(module.root)/\(below)"
          if folder != file.directory { importers[folder, default: []].append(file) }
        }
      }
    }
    let served = modules.map(\.root).filter { root in
      programs.contains {
        ($0 == root || root.isEmpty || $0.hasPrefix(root + "/")) && SourcePurpose.of(path: $0 + "/x.go") == .application
      }
    }
    var result: Set<String> = []
    while true {
      let more = importers.filter { folder, files in
        !result.contains(folder) && !programs.contains(folder)
          && served.contains { $0.isEmpty || folder == $0 || folder.hasPrefix($0 + "/") }
          && files.allSatisfy { isTest($0) || result.contains(String($0.directory)) }
      }
      if more.isEmpty { return result }
      result.formUnion(more.keys)
    }
  }

  private static func isTest(_ file: TreeFile) -> Bool {
    file.name.hasSuffix("_test.go") || SourcePurpose.of(path: file.path) == .test
  }

  private static func module(_ file: TreeFile, _ context: AuditContext) -> String? {
    guard let text = context.tree.text(file) else { return nil }
    for number in 1...text.lineCount {
      let words = String(decoding: text.line(number), as: UTF8.self).split { $0 == " " || $0 == "\t" || $0 == "\r" }
      if words.first == "module", words.count > 1 { return words[1].filter { $0 != "\"" } }
    }
    return nil
  }

  /// The package's name and what it imports: what stands above the first declaration.
  private static func head(of text: SourceFile) -> (package: String, imports: [String]) {
    var package = ""
    var imports: [String] = []
    for number in 1...text.lineCount {
      let line = String(decoding: text.line(number), as: UTF8.self)
      if ["func ", "type ", "var ", "const "].contains(where: line.hasPrefix) { break }
      if line.hasPrefix("package ") {
        package = String(line.dropFirst(8).prefix { $0.isLetter || $0.isNumber || $0 == "_" })
      }
      let body = line.trimmed
      guard !body.hasPrefix("//"), let open = body.firstIndex(of: "\"") else { continue }
      let rest = body[body.index(after: open)...]
      if let close = rest.firstIndex(of: "\"") { imports.append(String(rest[..<close])) }
    }
    return (package, imports)
  }
}
