import Glibc
import GonogoCore
import GonogoSystem

/// Finds what a glob names, without ever going in a ring: links to files are followed, links to directories are not.
struct FileFinder {
  struct Found {
    /// As seen from the document.
    let path: String
    let status: FileSystem.Status
  }

  /// The most entries that are looked at.
  static let limit = 500_000

  private(set) var found: [Found] = []
  private(set) var unreadable: [String] = []
  /// The directory that would hold what was not found could be read, or the nearest above it that is there.
  private(set) var directorySeen = false
  private var seen = 0

  private let root: String
  private let pattern: String
  private let parts: [String]
  private let exclude: [String]
  private let deadline: Deadline

  init(_ pattern: String, exclude: [String], root: String, deadline: Deadline) throws(ProbeError) {
    self.root = root
    self.exclude = exclude
    self.deadline = deadline
    self.pattern = pattern.hasPrefix("./") ? String(pattern.dropFirst(2)) : pattern
    parts = self.pattern.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let fixed = parts.prefix { !Self.isGlob($0) }
    if fixed.count == parts.count {
      try single()
    } else {
      let base = fixed.joined(separator: "/")
      try walk(base.isEmpty && self.pattern.hasPrefix("/") ? "/" : base, depth: fixed.count, isBase: true)
      found.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }
  }

  static func isGlob(_ text: some StringProtocol) -> Bool { text.contains { $0 == "*" || $0 == "?" || $0 == "[" } }

  private mutating func single() throws(ProbeError) {
    let path = FileSystem.join(root, pattern)
    do throws(SystemError) {
      found = [Found(path: pattern, status: try FileSystem.status(path))]
    } catch {
      if error.isDenied { throw LocalFile.problem(error, shown: pattern) }
      guard error.isNotFound else { throw LocalFile.problem(error, shown: pattern) }
      directorySeen = Self.isReadable(above: path)
    }
  }

  /// Whether the nearest directory above a path that is there could be looked into: only then is it seen that nothing stands at the path.
  private static func isReadable(above path: String) -> Bool {
    var directory = path
    while true {
      let parent = FileSystem.directory(of: directory)
      if parent == directory { return false }
      directory = parent
      do throws(SystemError) {
        _ = try FileSystem.list(directory.isEmpty ? "." : directory)
        return true
      } catch {
        if !error.isNotFound { return false }
      }
    }
  }

  private mutating func walk(_ relative: String, depth: Int, isBase: Bool) throws(ProbeError) {
    try deadline.check()
    let here = relative.isEmpty ? root : FileSystem.join(root, relative)
    let names: [String]
    do throws(SystemError) {
      names = try FileSystem.list(here.isEmpty ? "." : here)
    } catch {
      if isBase, error.isNotFound {
        directorySeen = Self.isReadable(above: here)
        return
      }
      if error.isDenied {
        unreadable.append(relative.isEmpty ? "." : relative)
        return
      }
      if error.isNotFound { return }
      throw LocalFile.problem(error, shown: relative)
    }
    if isBase { directorySeen = true }
    // Without `**` nothing deeper than the pattern can match.
    let bounded = !parts.contains("**")
    for name in names {
      seen += 1
      if seen > Self.limit {
        throw ProbeError(
          .tooLarge, "more than \(Self.limit) entries stand under \(pattern)", asked: "find \(pattern)",
          mend: "name a narrower glob, or leave directories out with `exclude`")
      }
      let path = relative.isEmpty ? name : relative == "/" ? "/\(name)" : "\(relative)/\(name)"
      if name == ".git", !parts.contains(".git") { continue }
      if excluded(path, name) { continue }
      guard let status = try? FileSystem.status(FileSystem.join(root, path), followLinks: false) else { continue }
      if status.isDirectory {
        if bounded, depth + 1 >= parts.count { continue }
        if bounded, Self.isGlob(parts[depth]), fnmatch(parts[depth], name, 0) != 0 { continue }
        try walk(path, depth: depth + 1, isBase: false)
      } else if FileSystem.globMatches(pattern, path) {
        if status.isLink {
          guard let target = try? FileSystem.status(FileSystem.join(root, path)), target.isRegular else { continue }
          found.append(Found(path: path, status: target))
        } else if status.isRegular {
          found.append(Found(path: path, status: status))
        }
      }
    }
  }

  /// A glob without a slash names a file or directory at any depth; one with a slash, a path or what stands under it.
  private func excluded(_ path: String, _ name: String) -> Bool {
    exclude.contains { glob in
      if !glob.contains("/") { return fnmatch(glob, name, 0) == 0 }
      let trimmed =
        glob.hasSuffix("/**") ? String(glob.dropLast(3)) : glob.hasSuffix("/") ? String(glob.dropLast()) : glob
      return FileSystem.globMatches(trimmed, path) || FileSystem.globMatches(glob, path)
    }
  }
}

/// The end of an attempt, for work that goes on for long in the probe itself.
struct Deadline: Sendable {
  private let clock: any RunClock
  private let end: Int64
  private let milliseconds: Int

  init(_ context: ProbeContext) {
    clock = context.clock
    milliseconds = context.timeout
    end = context.clock.ticks() + Int64(context.timeout)
  }

  func check() throws(ProbeError) {
    if clock.ticks() > end {
      throw ProbeError(
        .timedOut, "it was not done within \(Quantity.describe(milliseconds: milliseconds))",
        mend: "give it more time with `timeout:`, or name fewer files")
    }
  }
}
