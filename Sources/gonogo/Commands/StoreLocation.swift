import GonogoCore
import GonogoStore
import GonogoSystem

/// Where the evidence is kept: `--store`, else `GONOGO_STORE`, else the nearest `.gonogo` from the document's folder up to
/// the root of its repository, else a new one there; outside a repository, beside the document.
enum StoreLocation {
  static let option = OptionSpec(
    "store", value: "PATH", variable: "GONOGO_STORE",
    "Where the evidence is kept: a folder, or a file ending in .sqlite3 (default: .gonogo beside the repository's .git, else beside the document)."
  )
  static let fileName = "evidence.sqlite3"

  static func file(_ invocation: Invocation, from directory: String) -> String {
    if let path = invocation.value("store") {
      return path.hasSuffix(".sqlite3") || path.hasSuffix(".db") ? path : FileSystem.join(path, fileName)
    }
    return FileSystem.join(folder(from: directory), fileName)
  }

  /// Outside a repository nothing is looked for further up: a `.gonogo` that somebody left in a home folder or in /tmp would
  /// mix the runs of strangers.
  private static func folder(from directory: String) -> String {
    let start = absolute(directory)
    var here = start
    var nearest: String?
    while true {
      if nearest == nil, FileSystem.exists("\(here)/.gonogo") { nearest = here }
      if FileSystem.exists("\(here)/.git") { return "\(nearest ?? here)/.gonogo" }
      if here == "/" || here.isEmpty { return "\(start)/.gonogo" }
      here = FileSystem.directory(of: here)
    }
  }

  private static func absolute(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    let current = FileSystem.currentDirectory
    if path == "." || path.isEmpty { return current }
    // The way up needs a real path: `..` and links are resolved by the system.
    return FileSystem.realPath(path) ?? "\(current)/\(path)"
  }

  /// Opens the store for writing, and keeps its folder out of version control.
  static func open(_ path: String) throws(StoreError) -> EvidenceStore {
    let folder = FileSystem.directory(of: path)
    let fresh = !FileSystem.exists(folder)
    let store = try EvidenceStore(path: path)
    if fresh, FileSystem.lastComponent(of: folder) == ".gonogo" {
      try? FileSystem.writeAtomically(Array("*\n".utf8), to: "\(folder)/.gitignore")
    }
    return store
  }

  /// Opens a store that must be there; `nil` where it is not, which has then been told.
  static func existing(_ invocation: Invocation) -> EvidenceStore? {
    let path = file(invocation, from: FileSystem.currentDirectory)
    guard FileSystem.exists(path) else {
      Terminal.complain(
        "there is no evidence store at \(path)", mend: "run `gonogo check FILE` first, or name one with --store")
      return nil
    }
    do throws(StoreError) { return try EvidenceStore(path: path) } catch {
      Terminal.complain(error.description, mend: error.mend)
      return nil
    }
  }
}
