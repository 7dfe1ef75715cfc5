import CSystem
import Glibc
import GonogoCore
import GonogoSystem

/// A directory: what git lists in it, or, where git keeps nothing there, what a walk finds.
struct WorkingTree: TreeSource {
  let root: String
  var directory: String? { root }
  var commit: String? { nil }
  var history: (repository: String, commit: String)? { Git.isRepository(root) ? (root, "HEAD") : nil }

  /// What a walk leaves out where no .gitignore is at hand: caches, dependencies and what a build makes.
  static let leftOut: Set<String> = [
    ".git", ".hg", ".svn", ".jj", "node_modules", "bower_components", "vendor", ".venv", "venv", "__pycache__", ".tox",
    ".mypy_cache", ".pytest_cache", ".ruff_cache", ".build", "build", "dist", "target", "out", ".next", ".nuxt",
    ".svelte-kit", ".turbo", ".cache", ".parcel-cache", ".gradle", ".terraform", "coverage", "DerivedData", "Pods",
  ]

  /// Git's own list, from within the directory: tracked files and those that are neither tracked nor ignored.
  func list() throws(CouldNotLook) -> TreeListing {
    guard Git.isRepository(root) else { return try walk() }
    let listed = try Git.run(
      ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"], in: root)
    var listing = TreeListing()
    for name in listed.split(separator: 0) {
      // A nested repository is listed as a directory.
      if name.last == UInt8(ascii: "/") { continue }
      switch Self.look(Array(root.utf8), Array(name)) {
      case .file(let entry): listing.entries.append(entry)
      // A submodule, or what was removed and git still lists.
      case .directory, .gone: break
      case .unknown(let code): listing.unlooked.append(Self.trouble(Array(name), code))
      }
    }
    return listing
  }

  private enum Look {
    case file(TreeEntry)
    case directory
    case gone
    /// There may be something: errno(3).
    case unknown(Int32)
  }

  /// More of them would hide everything else.
  private static let troubleLimit = 100

  private static func trouble(_ path: [UInt8], _ code: Int32) -> CouldNotLook {
    CouldNotLook(
      "it could not be looked at: \(String(cString: strerror(code)))", at: TreePlace(TreeFile.shown(path)),
      mend: "make it readable, or leave it out; nothing in it was judged")
  }

  private static func look(_ root: [UInt8], _ name: [UInt8]) -> Look {
    var information = stat()
    let path = root + [UInt8(ascii: "/")] + name + [0]
    let code = path.withUnsafeBytes { lstat($0.baseAddress!.assumingMemoryBound(to: CChar.self), &information) }
    guard code == 0 else { return errno == ENOENT || errno == ENOTDIR ? .gone : .unknown(errno) }
    switch information.st_mode & S_IFMT {
    case S_IFDIR: return .directory
    case S_IFREG: return .file(TreeEntry(rawPath: name, size: Int(information.st_size), kind: .regular))
    case S_IFLNK: return .file(TreeEntry(rawPath: name, size: 0, kind: .link))
    default: return .file(TreeEntry(rawPath: name, size: 0, kind: .other))
    }
  }

  /// Over the bytes of the names; links are not followed, so that a ring of them ends.
  private func walk() throws(CouldNotLook) -> TreeListing {
    var listing = TreeListing()
    var pending: [[UInt8]] = [[]]
    let base = Array(root.utf8)
    while let relative = pending.popLast() {
      let here = relative.isEmpty ? base + [0] : base + [UInt8(ascii: "/")] + relative + [0]
      let opened = here.withUnsafeBytes { opendir($0.baseAddress!.assumingMemoryBound(to: CChar.self)) }
      guard let opened else {
        if relative.isEmpty { throw CouldNotLook(SystemError("list", root).description, mend: "name a directory") }
        let code = errno
        if code != ENOENT, listing.unlooked.count < Self.troubleLimit {
          listing.unlooked.append(Self.trouble(relative, code))
        }
        continue
      }
      defer { closedir(opened) }
      while let entry = readdir(opened) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
        if name == [0x2E] || name == [0x2E, 0x2E] { continue }
        let path = relative.isEmpty ? name : relative + [UInt8(ascii: "/")] + name
        switch Self.look(base, path) {
        case .file(let file):
          listing.entries.append(file)
          if listing.entries.count > SourceTree.fileLimit { return listing }
        case .directory:
          if !Self.leftOut.contains(String(decoding: name, as: UTF8.self)) { pending.append(path) }
        case .gone: break
        case .unknown(let code):
          if listing.unlooked.count < Self.troubleLimit { listing.unlooked.append(Self.trouble(path, code)) }
        }
      }
    }
    return listing
  }

  func read(_ file: TreeFile, limit: Int) -> [UInt8]? {
    let path = Array(root.utf8) + [UInt8(ascii: "/")] + file.rawPath + [0]
    // A file that has become a pipe or a link since it was listed is neither waited for nor followed.
    let descriptor = path.withUnsafeBytes {
      open($0.baseAddress!.assumingMemoryBound(to: CChar.self), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    }
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var information = stat()
    guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else { return nil }
    return Self.read(descriptor, hint: file.size, limit: limit)
  }

  private static func read(_ descriptor: Int32, hint: Int, limit: Int) -> [UInt8]? {
    var failed = false
    func fill(_ room: Int) -> [UInt8] {
      [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
        while count < room {
          let got = Glibc.read(descriptor, buffer.baseAddress! + count, room - count)
          if got < 0, errno == EINTR { continue }
          if got < 0 { failed = true }
          if got <= 0 { return }
          count += got
        }
      }
    }
    // What is kept is no larger than the file; one that grows while it is read is read to the limit.
    var room = min(limit, hint + 1)
    var bytes = fill(room)
    while !failed, bytes.count == room, room < limit {
      let more = fill(min(65_536, limit - room))
      bytes += more
      room = more.isEmpty ? limit : bytes.count
    }
    return failed ? nil : bytes
  }
}
