import GonogoCore

/// The files of JavaScript, TypeScript and Python of which the tree shows that nothing runs them, and what somebody once ran by hand and left lying about.
///
/// What must be true for a module to be here: no file that runs imports it or names it in a string, directly or through others; no configuration, script,
/// workflow or template names it; it starts nothing by itself and stands in no folder from which a framework or a program takes files; and nothing in its package
/// loads what it finds. Tests are no reason for a module to be there. Where less than two thirds of a package's modules are reached, how it is started is not
/// understood, and all of it counts as used: in doubt a file is used.
struct UnusedFiles: Sendable {
  fileprivate let modules: Set<Int>
  fileprivate let oneOff: Set<Int>

  func contains(_ file: TreeFile) -> Bool { modules.contains(file.index) || oneOff.contains(file.index) }
}

extension AuditContext {
  /// Whether the tree shows that nothing runs what stands at a place.
  func isUnused(_ path: String) -> Bool { tree[path].map(isUnused) ?? false }

  func isUnused(_ file: TreeFile) -> Bool { facts(UnusedFiles.self).contains(file) }
}

extension UnusedFiles: Collector {
  static func collect(in context: AuditContext) -> UnusedFiles {
    var graph = ModuleGraph(context)
    if graph.modules.isEmpty && graph.scratch.isEmpty { return UnusedFiles(modules: [], oneOff: []) }
    graph.read(context)
    return UnusedFiles(modules: graph.unreached(), oneOff: graph.unnamedScratch())
  }
}
