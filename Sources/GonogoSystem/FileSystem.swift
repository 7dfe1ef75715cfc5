import CSystem
import Glibc

/// Files, over the system calls. Names are bytes on Linux; those that are not UTF-8 are read with replacement characters.
public enum FileSystem {
  public struct Status: Sendable {
    public let size: Int64
    /// Permission bits, as chmod(1) writes them.
    public let mode: UInt32
    public let isDirectory: Bool
    public let isRegular: Bool
    public let isLink: Bool
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public let modified: Int64
    public let owner: UInt32
    public let device: UInt64
    public let inode: UInt64
  }

  /// The whole of a file.
  ///
  /// - Parameter limit: the most bytes that are read; a larger file throws with code `EFBIG`.
  /// - Throws: ``SystemError``.
  public static func read(_ path: String, limit: Int = 256 << 20) throws(SystemError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError("read", path) }
    defer { close(descriptor) }
    var information = stat()
    guard fstat(descriptor, &information) == 0 else { throw SystemError("read", path) }
    if information.st_mode & S_IFMT == S_IFDIR { throw SystemError("read", path, code: EISDIR) }
    return try read(descriptor: descriptor, path: path, hint: Int(information.st_size), limit: limit)
  }

  static func read(descriptor: Int32, path: String, hint: Int = 0, limit: Int) throws(SystemError) -> [UInt8] {
    if hint > limit { throw SystemError("read", path, code: EFBIG) }
    var bytes: [UInt8] = []
    // One byte more than the file is said to have, so that its end is seen without another round.
    var chunk = max(hint + 1, 1 << 12)
    while true {
      var failure: Int32 = 0
      let piece = [UInt8](unsafeUninitializedCapacity: chunk) { buffer, count in
        while count < chunk {
          let got = Glibc.read(descriptor, buffer.baseAddress! + count, chunk - count)
          if got < 0 {
            if errno == EINTR { continue }
            failure = errno
            return
          }
          if got == 0 { return }
          count += got
        }
      }
      if failure != 0 { throw SystemError("read", path, code: failure) }
      if bytes.isEmpty { bytes = piece } else { bytes.append(contentsOf: piece) }
      if bytes.count > limit { throw SystemError("read", path, code: EFBIG) }
      if piece.count < chunk { return bytes }
      chunk = max(1 << 16, min(bytes.count, 16 << 20))
    }
  }

  /// All of standard input.
  public static func readStandardInput(limit: Int = 64 << 20) throws(SystemError) -> [UInt8] {
    try read(descriptor: 0, path: "standard input", limit: limit)
  }

  /// Puts a whole file in place at once: a reader sees the old bytes or the new, never half of either, and a full disk
  /// leaves the old file as it was. The mode of a file that is there is kept.
  public static func writeAtomically(_ bytes: [UInt8], to path: String) throws(SystemError) {
    let target = realPath(path) ?? path  // a link is written through, not replaced
    let old = try? status(target)
    if let old, !old.isRegular {
      // A device or a pipe is written to; putting a file in its place would take it from everybody else.
      if old.isDirectory { throw SystemError("write", path, code: EISDIR) }
      let descriptor = open(target, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw SystemError("write", path) }
      defer { close(descriptor) }
      guard writeAll(bytes, to: descriptor) else { throw SystemError("write", path) }
      return
    }
    let mode = old?.mode ?? 0o644
    // A name that nobody else makes, and never through a link that somebody laid there.
    let temporary = "\(target).gonogo-\(Digest.hex(Digest.random(8)))"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw SystemError("write", path) }
    // Half a file does not stay where a signal comes in between.
    _ = Leftovers.add(temporary)
    defer { Leftovers.forget(temporary) }
    var failure: SystemError?
    // The owner is kept where that is allowed; who may not give a file away is its owner already.
    if let old, old.owner != getuid() { _ = fchown(descriptor, old.owner, UInt32.max) }
    if !writeAll(bytes, to: descriptor) { failure = SystemError("write", path) }
    if failure == nil, fchmod(descriptor, mode) != 0 { failure = SystemError("write", path) }
    if failure == nil, fsync(descriptor) != 0 { failure = SystemError("write", path) }
    if close(descriptor) != 0, failure == nil { failure = SystemError("write", path) }
    if failure == nil, rename(temporary, target) != 0 { failure = SystemError("write", path) }
    if let failure {
      unlink(temporary)
      throw failure
    }
  }

  /// Writes a file that is not there yet, and does not wait for the disk: for copies that do not outlive the process.
  public static func writeNew(_ bytes: [UInt8], to path: String) throws(SystemError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw SystemError("write", path) }
    defer { close(descriptor) }
    guard writeAll(bytes, to: descriptor) else { throw SystemError("write", path) }
  }

  /// Writes everything, through short writes and interruptions.
  public static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + offset, bytes.count - offset) }
      if count < 0 {
        if errno == EINTR { continue }
        if errno == EAGAIN {
          var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&wait, 1, -1)
          continue
        }
        return false
      }
      offset += count
    }
    return true
  }

  public static func status(_ path: String, followLinks: Bool = true) throws(SystemError) -> Status {
    var information = stat()
    let code = followLinks ? stat(path, &information) : lstat(path, &information)
    guard code == 0 else { throw SystemError("look at", path) }
    let kind = information.st_mode & S_IFMT
    return Status(
      size: Int64(information.st_size), mode: information.st_mode & 0o7777, isDirectory: kind == S_IFDIR,
      isRegular: kind == S_IFREG, isLink: kind == S_IFLNK,
      modified: Int64(information.st_mtim.tv_sec) * 1000 + Int64(information.st_mtim.tv_nsec) / 1_000_000,
      owner: information.st_uid, device: UInt64(information.st_dev), inode: UInt64(information.st_ino))
  }

  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// The names in a directory, sorted by their bytes.
  public static func list(_ path: String) throws(SystemError) -> [String] {
    guard let directory = opendir(path) else { throw SystemError("list", path) }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  public static func makeDirectory(_ path: String) throws(SystemError) {
    if mkdir(path, 0o777) == 0 || errno == EEXIST { return }
    if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex {
      try makeDirectory(String(path[..<slash]))
      if mkdir(path, 0o777) == 0 || errno == EEXIST { return }
    }
    throw SystemError("make the directory", path)
  }

  public static func remove(_ path: String) throws(SystemError) {
    let information = try status(path, followLinks: false)
    if information.isDirectory {
      for name in try list(path) { try remove(join(path, name)) }
      guard rmdir(path) == 0 else { throw SystemError("remove", path) }
    } else {
      guard unlink(path) == 0 else { throw SystemError("remove", path) }
    }
  }

  public static func makeTemporaryDirectory(prefix: String = "gonogo") throws(SystemError) -> String {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array(join(base, "\(prefix)-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError("make a directory in", base) }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  public static var currentDirectory: String {
    guard let path = getcwd(nil, 0) else { return "." }
    defer { free(path) }
    return String(cString: path)
  }

  /// `name` seen from `directory`; an absolute name stays as it is.
  public static func join(_ directory: String, _ name: String) -> String {
    if name.hasPrefix("/") || directory.isEmpty || directory == "." { return name }
    return directory.hasSuffix("/") ? directory + name : directory + "/" + name
  }

  public static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  public static func lastComponent(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// The files under `directory` whose path from there matches a glob (`*`, `**`, `?`), sorted. Links to directories are
  /// not followed, so that a ring of links ends.
  ///
  /// - Parameter limit: the most entries that are looked at; more throws with code `E2BIG`.
  public static func glob(_ pattern: String, in directory: String, limit: Int = 200_000) throws(SystemError) -> [String]
  {
    let fixed = pattern.split(separator: "/", omittingEmptySubsequences: false).prefix {
      !$0.contains("*") && !$0.contains("?")
    }
    let parts = pattern.split(separator: "/", omittingEmptySubsequences: false)
    if fixed.count == parts.count {
      return exists(join(directory, pattern)) ? [pattern] : []
    }
    let base = fixed.joined(separator: "/")
    var found: [String] = []
    var seen = 0
    func walk(_ relative: String) throws(SystemError) {
      let here = relative.isEmpty ? (pattern.hasPrefix("/") ? "/" : directory) : join(directory, relative)
      let names: [String]
      do { names = try list(here.isEmpty ? "." : here) } catch {
        if relative == base && !base.isEmpty { if error.isNotFound { return } }
        throw error
      }
      for name in names {
        seen += 1
        if seen > limit { throw SystemError("search", join(directory, relative), code: E2BIG) }
        let path = relative.isEmpty ? (pattern.hasPrefix("/") ? "/\(name)" : name) : "\(relative)/\(name)"
        guard let information = try? status(join(directory, path), followLinks: false) else { continue }
        if information.isDirectory {
          if name == ".git" { continue }
          try walk(path)
        } else if globMatches(pattern, path) {
          found.append(path)
        }
      }
    }
    try walk(base)
    return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// A path glob: `**/` is any number of directories, none included.
  public static func globMatches(_ pattern: String, _ path: String) -> Bool {
    let p = pattern.split(separator: "/", omittingEmptySubsequences: false)
    let t = path.split(separator: "/", omittingEmptySubsequences: false)
    func match(_ i: Int, _ j: Int) -> Bool {
      if i == p.count { return j == t.count }
      if p[i] == "**" { return match(i + 1, j) || j < t.count && match(i, j + 1) }
      return j < t.count && fnmatch(String(p[i]), String(t[j]), 0) == 0 && match(i + 1, j + 1)
    }
    return match(0, 0)
  }
}

extension FileSystem {
  /// The path without links and `..`; `nil` where it leads nowhere.
  public static func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  public static func isWritable(_ path: String) -> Bool { access(path, W_OK) == 0 }
}
