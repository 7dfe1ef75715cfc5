import GonogoCore

/// Which modules name which others.
struct ModuleGraph {
  struct Module {
    let file: TreeFile
    /// The folder of its package, with a slash at the end; empty for the root.
    let package: String
    let isPython: Bool
    /// It runs without an import.
    var isStart: Bool
  }

  /// By the file's index.
  private(set) var modules: [Int: Module] = [:]
  /// Files in folders for what is thrown away, and scripts that look for a fault.
  private(set) var scratch: Set<Int> = []
  /// The modules that go by a name, by the name's hash, apart for the two kinds of code.
  private var byName: [UInt64: [Int]] = [:]
  /// Modules of JavaScript by their path without its ending, and folders by the index in them.
  private var byPath: [String: [Int]] = [:]
  /// What a module names.
  private var edges: [Int: Set<Int>] = [:]
  /// The names that something else than code gives, of those that modules and scripts go by.
  private(set) var named: Set<UInt64> = []
  private var wanted: Set<UInt64> = []
  /// Packages in which files are found at run time, and what such a search is for: `.entity`.
  private var open: Set<String> = []
  private var searched: Set<String> = []
  private var folders: Set<String> = []
  /// The scratch files that code imports.
  private var used: Set<UInt64> = []
  /// The files that make folders packages of Python.
  private var packages: [String: Int] = [:]
  private let files: [TreeFile]

  init(_ context: AuditContext) {
    files = context.tree.files
    let owners = ModulePackages(context)
    for file in files where file.kind == .regular && file.size <= SourceTree.textLimit {
      let isPython = file.language == .python
      if OneOffScripts.isOne(file) {
        scratch.insert(file.index)
        wanted.insert(key(file.index))
      }
      guard isPython || file.language == .typescript || file.language == .javascript else { continue }
      guard SourcePurpose.of(path: file.path) == .application, let package = owners.of(file, isPython: isPython) else {
        continue
      }
      let isStart = ModuleStarts.isStart(file, package, isPython: isPython)
      modules[file.index] = Module(file: file, package: package.folder, isPython: isPython, isStart: isStart)
      for name in ModuleNames.names(of: file, isPython: isPython) {
        let hash = ModuleNames.hash(name.utf8)
        byName[hash, default: []].append(file.index)
        wanted.insert(hash)
      }
      if isPython {
        if file.name == "__init__.py" { packages[file.path] = file.index }
      } else {
        for path in ModuleNames.paths(of: file) { byPath[path, default: []].append(file.index) }
      }
    }
  }

  /// What a script that is run by hand is named by: its name with the ending.
  private func key(_ index: Int) -> UInt64 { ModuleNames.hash(files[index].name.utf8) }

  mutating func read(_ context: AuditContext) {
    for file in files where file.kind == .regular && file.size <= SourceTree.textLimit {
      switch file.language {
      case .typescript, .javascript, .vue, .svelte: readScript(file, context)
      case .python: readPython(file, context)
      case .markdown:
        guard let text = context.tree.text(file) else { continue }
        ModuleNames.commands(in: text.bytes, of: wanted) { named.insert($0) }
      default:
        guard ModuleNames.mayName(file), let text = context.tree.text(file) else { continue }
        let bytes = CodeText.uncommented(text.bytes, ModuleNames.isHashed(file) ? .yaml : file.language)
        ModuleNames.words(in: bytes, of: wanted) { named.insert($0) }
      }
    }
  }

  // MARK: JavaScript

  private mutating func readScript(_ file: TreeFile, _ context: AuditContext) {
    let purpose = SourcePurpose.of(path: file.path)
    if purpose == .test || purpose == .vendored { return }
    guard let raw = context.tree.text(file)?.bytes else { return }
    let bytes = CodeText.uncommented(raw, .ecmascript)
    let folder = String(file.directory)
    let isModule = modules[file.index] != nil
    if isModule, ModuleStarts.startsItself(bytes) { modules[file.index]?.isStart = true }
    if purpose == .application, !file.name.contains(".config."), let package = modules[file.index]?.package {
      for loader in ModuleLoaders.ofScript(bytes, folder, context) {
        switch loader {
        case .anything: open.insert(package)
        case .folder(let folder): folders.insert(folder)
        case .names(let part): searched.insert(part)
        }
      }
    }
    var found: Set<Int> = []
    for text in ModuleNames.strings(in: bytes) {
      if text.text.hasPrefix("."), let path = TreePaths.join(folder, text.text) {
        let known = byPath[path] ?? byPath[ModuleNames.bare(path)]
        if let known {
          found.formUnion(known)
          continue
        }
      }
      for name in ModuleNames.named(by: text) {
        let hash = ModuleNames.hash(name.utf8)
        if !scratch.contains(file.index) { used.insert(hash) }
        found.formUnion(byName[hash] ?? [])
      }
    }
    note(file, found.filter { modules[$0]?.isPython == false }, isModule)
  }

  // MARK: Python

  private mutating func readPython(_ file: TreeFile, _ context: AuditContext) {
    let purpose = SourcePurpose.of(path: file.path)
    if purpose == .test || purpose == .vendored { return }
    guard let raw = context.tree.text(file)?.bytes else { return }
    let bytes = CodeText.uncommented(raw, .python)
    let isModule = modules[file.index] != nil
    if let module = modules[file.index] {
      if ModuleLoaders.isOfPython(bytes, context) { open.insert(module.package) }
      if ModuleStarts.startsItself(python: bytes, file, context) { modules[file.index]?.isStart = true }
    }
    var found: Set<Int> = []
    for range in ModuleNames.pythonRanges(in: bytes) {
      ModuleNames.words(in: Array(bytes[range]), of: wanted) { hash in
        if !scratch.contains(file.index) { used.insert(hash) }
        found.formUnion(byName[hash] ?? [])
      }
    }
    note(file, found.filter { modules[$0]?.isPython == true }, isModule)
  }

  /// What is no module of a program runs by itself: a page, a script, a file without a package.
  private mutating func note(_ file: TreeFile, _ found: Set<Int>, _ isModule: Bool) {
    if isModule {
      edges[file.index] = found.subtracting([file.index])
    } else {
      for index in found { modules[index]?.isStart = true }
    }
  }

  // MARK: What is reached

  func unreached() -> Set<Int> {
    var reached: Set<Int> = []
    var waiting: [Int] = []
    func take(_ index: Int) {
      if reached.insert(index).inserted { waiting.append(index) }
    }
    for (index, module) in modules where module.isStart || isNamed(module) || isSearched(module) { take(index) }
    while let index = waiting.popLast() {
      for next in edges[index] ?? [] { take(next) }
      guard let module = modules[index], module.isPython else { continue }
      // The packages that it is in run with it.
      for parent in parents(of: module) { take(parent) }
    }
    struct Share: Hashable {
      let package: String
      let isPython: Bool
    }
    let groups = Dictionary(grouping: modules) { Share(package: $0.value.package, isPython: $0.value.isPython) }
    var result: Set<Int> = []
    for (share, members) in groups where !open.contains(share.package) {
      let idle = members.map(\.key).filter { !reached.contains($0) }
      // Of a handful of modules it is enough that something starts one of them by its name.
      let isKnown = members.count < 7 && members.contains { isNamed($0.value) }
      if isKnown || idle.count * 3 <= members.count { result.formUnion(idle) }
    }
    return result
  }

  func unnamedScratch() -> Set<Int> { scratch.filter { !named.contains(key($0)) && !used.contains(key($0)) } }

  private func parents(of module: Module) -> [Int] {
    var result: [Int] = []
    var folder = module.file.directory
    while !folder.isEmpty {
      if let index = packages["\(folder)/__init__.py"] { result.append(index) }
      folder = folder.lastIndex(of: "/").map { folder[..<$0] } ?? ""
    }
    return result
  }

  private func isNamed(_ module: Module) -> Bool {
    ModuleNames.names(of: module.file, isPython: module.isPython).contains { named.contains(ModuleNames.hash($0.utf8)) }
  }

  private func isSearched(_ module: Module) -> Bool {
    searched.contains { module.file.name.contains($0 + ".") }
      || folders.contains { module.file.path.hasPrefix($0 + "/") }
  }
}
