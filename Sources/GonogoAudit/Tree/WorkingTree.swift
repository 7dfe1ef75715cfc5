import CSystem
import Glibc
import GonogoCore
import GonogoSystem

/// A directory: what git lists in it, or, where git keeps nothing there, what a walk finds.
struct WorkingTree: TreeSource {
  let root: String
  var directory: String? { root }
  var commit: String? { nil }

  /// What a walk leaves out where no .gitignore is at hand: caches, dependencies and what a build makes.
  static let leftOut: Set<String> = [
    ".git", ".hg", ".svn", ".jj", "node_modules", "bower_components", "vendor", ".venv", "venv", "__pycache__", ".tox",
    ".mypy_cache", ".pytest_cache", ".ruff_cache", ".build", "build", "dist", "target", "out", ".next", ".nuxt",
    ".svelte-kit", ".turbo", ".cache", ".parcel-cache", ".gradle", ".terraform", "coverage", "DerivedData", "Pods",
  ]

  /// Git's own list, from within the directory: tracked files and those that are neither tracked nor ignored.
  func entries() throws(CouldNotLook) -> [TreeEntry] {
    guard Git.isRepository(root) else { return try walk() }
    let listed = try Git.run(
      ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"], in: root)
    var entries: [TreeEntry] = []
    for name in listed.split(separator: 0) {
      // A nested repository is listed as a directory.
      if name.last == UInt8(ascii: "/") { continue }
      if let entry = Self.look(Array(root.utf8), Array(name)) { entries.append(entry) }
    }
    return entries
  }

  /// `nil` where it is gone, or a directory: a submodule.
  private static func look(_ root: [UInt8], _ name: [UInt8]) -> TreeEntry? {
    var information = stat()
    let path = root + [UInt8(ascii: "/")] + name + [0]
    let code = path.withUnsafeBytes { lstat($0.baseAddress!.assumingMemoryBound(to: CChar.self), &information) }
    guard code == 0 else { return nil }
    switch information.st_mode & S_IFMT {
    case S_IFDIR: return nil
    case S_IFREG: return TreeEntry(rawPath: name, size: Int(information.st_size), kind: .regular)
    case S_IFLNK: return TreeEntry(rawPath: name, size: 0, kind: .link)
    default: return TreeEntry(rawPath: name, size: 0, kind: .other)
    }
  }

  /// Over the bytes of the names; links are not followed, so that a ring of them ends.
  private func walk() throws(CouldNotLook) -> [TreeEntry] {
    var entries: [TreeEntry] = []
    var pending: [[UInt8]] = [[]]
    let base = Array(root.utf8)
    while let relative = pending.popLast() {
      let here = relative.isEmpty ? base + [0] : base + [UInt8(ascii: "/")] + relative + [0]
      let opened = here.withUnsafeBytes { opendir($0.baseAddress!.assumingMemoryBound(to: CChar.self)) }
      guard let opened else {
        if relative.isEmpty { throw CouldNotLook(SystemError("list", root).description, mend: "name a directory") }
        continue
      }
      defer { closedir(opened) }
      while let entry = readdir(opened) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
        if name == [0x2E] || name == [0x2E, 0x2E] { continue }
        let path = relative.isEmpty ? name : relative + [UInt8(ascii: "/")] + name
        if let file = Self.look(base, path) {
          entries.append(file)
          if entries.count > SourceTree.fileLimit { return entries }
        } else if !Self.leftOut.contains(String(decoding: name, as: UTF8.self)) {
          pending.append(path)
        }
      }
    }
    return entries
  }

  func read(_ files: [TreeFile], limit: Int) -> [[UInt8]?] {
    let base = Array(root.utf8) + [UInt8(ascii: "/")]
    return files.map { file in
      let path = base + file.rawPath + [0]
      // A file that has become a pipe or a link since it was listed is neither waited for nor followed.
      let descriptor = path.withUnsafeBytes {
        open($0.baseAddress!.assumingMemoryBound(to: CChar.self), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
      }
      guard descriptor >= 0 else { return nil }
      defer { close(descriptor) }
      return Self.read(descriptor, hint: file.size, limit: limit)
    }
  }

  private static func read(_ descriptor: Int32, hint: Int, limit: Int) -> [UInt8]? {
    var failed = false
    // A file that grows while it is read is read to the limit.
    let room = min(limit, hint + 4096)
    let bytes = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
      while count < room {
        let got = Glibc.read(descriptor, buffer.baseAddress! + count, room - count)
        if got < 0, errno == EINTR { continue }
        if got < 0 { failed = true }
        if got <= 0 { return }
        count += got
      }
    }
    return failed ? nil : bytes
  }
}
