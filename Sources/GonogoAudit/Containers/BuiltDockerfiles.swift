import GonogoCore
import GonogoSystem

/// Which Dockerfiles the tree names, so that one which nobody builds can be told from the one beside it that goes live.
struct BuiltDockerfiles: Sendable {
  /// The names and paths that stand in files which may build something or tell how to.
  let named: Set<String>
  /// The same, of what builds by itself: workflows, Compose files, scripts, tasks.
  let built: Set<String>
  /// Whether something puts a Dockerfile's name together, `Dockerfile.$target`: then any of them may be built.
  let isPatterned: Bool

  /// Whether a Dockerfile has a name of its own that stands nowhere, in a folder of which another one is built. A file that is called `Dockerfile` is built
  /// without being named, by platforms, too; so it never is.
  static func isLeftBehind(_ dockerfile: Dockerfile, in context: AuditContext) -> Bool {
    let file = dockerfile.file
    let name = file.name.lowercased()
    if name == "dockerfile" || name == "containerfile" { return false }
    let facts = context.facts(BuiltDockerfilesCollector.self)
    if facts.isPatterned || facts.named.contains(name) { return false }
    return context.facts(Dockerfiles.self).contains { other in
      guard other.file != file, other.file.directory == file.directory else { return false }
      let name = other.file.name.lowercased()
      return facts.built.contains(other.file.path.lowercased())
        || name != "dockerfile" && name != "containerfile" && facts.built.contains(name)
    }
  }
}

/// Reads them once.
enum BuiltDockerfilesCollector: Collector {
  static func collect(in context: AuditContext) -> BuiltDockerfiles {
    var named: Set<String> = []
    var built: Set<String> = []
    var isPatterned = false
    for file in context.tree.files where file.kind == .regular && mayName(file) {
      guard let names = context.facts(NamedDockerfiles.self, of: file) else { continue }
      named.formUnion(names.named)
      built.formUnion(names.built)
      isPatterned = isPatterned || names.isPatterned
    }
    for service in context.facts(ComposeProjects.self).flatMap(\.services) {
      guard let build = service.last("build"), build.node["dockerfile"] == nil,
        let folder = TreePaths.join(String(build.file.directory), build.node.text ?? build.node["context"]?.text ?? ".")
      else { continue }
      built.insert((folder.isEmpty ? "Dockerfile" : "\(folder)/Dockerfile").lowercased())
    }
    return BuiltDockerfiles(named: named, built: built, isPatterned: isPatterned)
  }

  /// What ignores files, colours them or formats them names none for a build.
  private static func mayName(_ file: TreeFile) -> Bool {
    !file.name.hasPrefix(".") || [.yaml, .json, .toml].contains(file.language)
  }
}

/// Which a file names.
private enum NamedDockerfiles: FileCollector {
  static func collect(from text: SourceFile, of file: TreeFile) -> BuiltDockerfiles {
    var named: Set<String> = []
    var built: Set<String> = []
    var isPatterned = false
    let bytes = text.bytes
    let builds = file.language != .markdown && file.language != .text && file.language != .dockerfile
    var from = 0
    while let hit = words?.first(in: bytes, from: from) {
      from = hit + (bytes[hit + 2] == UInt8(ascii: "k") ? 9 : 12)
      var (start, end) = (hit, from)
      while start > 0, isPart(bytes[start - 1]) { start -= 1 }
      while end < bytes.count, isPart(bytes[end]) { end += 1 }
      let path = String(decoding: bytes[start..<end], as: UTF8.self).lowercased()
      // A name that is put together, or a pattern of names: `$x.Dockerfile`, `Dockerfile.${{ matrix.x }}`, `"Dockerfile." +`.
      let (before, after) = (start > 0 ? bytes[start - 1] : 0x20, end < bytes.count ? bytes[end] : 0x20)
      let name = String(path.split(separator: "/").last ?? "")
      let isOpen = name.hasSuffix(".") || name.hasSuffix("-") || name.hasPrefix(".") || name.hasPrefix("-")
      if builds, "${%*".utf8.contains(after) || isOpen && after > 0x20 && after != UInt8(ascii: ",") {
        isPatterned = true
      }
      if builds, !path.contains("/"), "}*$%".utf8.contains(before) { isPatterned = true }
      named.insert(name)
      guard builds else { continue }
      built.insert(name)
      // From the root, or from the folder of who names it.
      for folder in ["", String(file.directory)] {
        TreePaths.join(folder, path).map { _ = built.insert($0.lowercased()) }
      }
    }
    return BuiltDockerfiles(named: named, built: built, isPatterned: isPatterned)
  }

  private static let words = LiteralSearch(
    ["ockerfile", "ontainerfile"].map { Array($0.utf8) }, ignoringCase: false)

  private static func isPart(_ byte: UInt8) -> Bool {
    byte.isWordByte || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "/")
  }
}
