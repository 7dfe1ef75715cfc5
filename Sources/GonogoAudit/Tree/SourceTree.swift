public import GonogoCore
import Synchronization

/// The files of a repository: of its working tree as git sees it, or of a commit.
///
/// A file is read once, when somebody asks for it; what was read stays. Nothing is followed out of the tree,
/// and nothing that could block is opened, so no tree makes this hang.
public final class SourceTree: Sendable {
  /// The largest file that is read as a text, in bytes.
  public static let textLimit = 2 << 20
  /// The most files a tree may have.
  public static let fileLimit = 2_000_000

  /// Why a file is not read.
  public enum Unread: String, Sendable, CaseIterable {
    case tooLarge = "larger than 2 MB"
    case binary
    case link
    case special = "a device, a pipe or a socket"
    case unreadable
  }

  /// Every file, in the order of the paths' bytes. Submodules and nested repositories are none of it.
  public let files: [TreeFile]
  /// Files and directories that are there and could not be looked at.
  let unlooked: [CouldNotLook]
  let source: any TreeSource
  private let byPath: [String: Int]
  private let byName: [String: [Int]]
  private let byLanguage: [Language: [Int]]
  private let contents = Mutex<[Int: Once<Content>]>([:])
  /// What it has in common with other trees of its repository.
  private let shared: SharedFiles?

  enum Content: Sendable {
    case text(SourceFile)
    case unread(Unread)
  }

  init(source: any TreeSource, shared: SharedFiles? = nil) throws(CouldNotLook) {
    self.source = source
    self.shared = shared
    let listing = try source.list()
    var entries = listing.entries
    unlooked = listing.unlooked
    if entries.count > Self.fileLimit {
      throw CouldNotLook(
        "the tree has \(entries.count) files, more than the \(Self.fileLimit) that are looked at",
        mend: "name a directory in it, or leave files out in .gitignore")
    }
    entries.sort { $0.rawPath.lexicographicallyPrecedes($1.rawPath) }
    var files: [TreeFile] = []
    files.reserveCapacity(entries.count)
    var byPath: [String: Int] = [:]
    byPath.reserveCapacity(entries.count)
    var byName: [String: [Int]] = [:]
    var byLanguage: [Language: [Int]] = [:]
    for entry in entries {
      if let last = files.last, last.rawPath == entry.rawPath { continue }
      let path = TreeFile.shown(entry.rawPath)
      let name = path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...]
      let language = Language(fileName: name)
      let index = files.count
      files.append(
        TreeFile(
          index: index, path: path, rawPath: entry.rawPath, size: entry.size, kind: entry.kind, language: language,
          object: entry.object))
      byPath[path] = index
      byName[name.lowercased(), default: []].append(index)
      if let language { byLanguage[language, default: []].append(index) }
    }
    self.files = files
    self.byPath = byPath
    self.byName = byName
    self.byLanguage = byLanguage
  }

  /// A tree of texts, for samples and tests.
  public convenience init(texts: [String: String]) {
    // A tree of texts has nothing that could fail.
    do { try self.init(source: TextTree(files: texts)) } catch { preconditionFailure(error.message) }
  }

  /// The commit that was read, in full; `nil` where the tree is no commit.
  public var commit: String? { source.commit }

  /// The file at a path, as it is shown.
  public subscript(path: String) -> TreeFile? { byPath[path].map { files[$0] } }

  /// The files of a language.
  public func files(in language: Language) -> [TreeFile] { (byLanguage[language] ?? []).map { files[$0] } }

  /// The files of a name in any directory, whatever the case of its letters.
  public func files(named name: String) -> [TreeFile] { (byName[name.lowercased()] ?? []).map { files[$0] } }

  /// The files whose path matches a glob: `*` and `?` within a component, `**/` any number of directories.
  public func files(matching glob: String) -> [TreeFile] {
    let pattern = Glob(glob)
    return files.filter { pattern.matches($0.path) }
  }

  /// Whether any file stands under a directory.
  public func hasDirectory(_ path: String) -> Bool {
    let prefix = Array((path + "/").utf8)
    var low = 0
    var high = files.count
    while low < high {
      let middle = (low + high) / 2
      if files[middle].rawPath.lexicographicallyPrecedes(prefix) { low = middle + 1 } else { high = middle }
    }
    return low < files.count && files[low].rawPath.starts(with: prefix)
  }

  /// The text of a file; `nil` where it is not read as one, see ``unread(_:)``. Bytes that are no UTF-8 are kept.
  public func text(_ file: TreeFile) -> SourceFile? {
    if case .text(let text) = content(file) { return text }
    return nil
  }

  /// The text of the file at a path.
  public func text(at path: String) -> SourceFile? { self[path].flatMap { text($0) } }

  /// The columns in code points of those places that have more bytes than code points before them.
  public func characterColumns(of places: [TreePlace]) -> [TreePlace: Int] {
    var result: [TreePlace: Int] = [:]
    for place in places where place.column > 1 && result[place] == nil {
      guard let line = text(at: place.path)?.line(place.line) else { continue }
      let before = line.prefix(place.column - 1)
      let count = String(decoding: before, as: UTF8.self).unicodeScalars.count
      if count < before.count { result[place] = place.column - (before.count - count) }
    }
    return result
  }

  /// Why a file is not read as a text; `nil` where it is.
  public func unread(_ file: TreeFile) -> Unread? {
    if case .unread(let why) = content(file) { return why }
    return nil
  }

  func content(_ file: TreeFile) -> Content {
    switch file.kind {
    case .link: return .unread(.link)
    case .other: return .unread(.special)
    case .regular: break
    }
    if file.size > Self.textLimit { return .unread(.tooLarge) }
    if let shared { return shared.content(of: file, in: self) }
    let once = contents.withLock { contents in
      if let once = contents[file.index] { return once }
      let once = Once<Content>()
      contents[file.index] = once
      return once
    }
    return once.value { read(file) }
  }

  /// Reads a regular file, whoever else has read it.
  func read(_ file: TreeFile) -> Content {
    guard let bytes = source.read(file, limit: Self.textLimit) else { return .unread(.unreadable) }
    // git's own test for binary files: a NUL among the first 8,000 bytes.
    if bytes.prefix(8_000).contains(0) { return .unread(.binary) }
    return .text(SourceFile(name: file.path, bytes: bytes))
  }
}

/// A path glob, taken apart once: `*` and `?` within a component, `**` any number of components.
struct Glob: Sendable {
  private let parts: [[UInt8]]
  /// What stands behind the last wildcard: a path that does not end so need not be taken apart.
  private let ending: [UInt8]

  init(_ text: String) {
    parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Array($0.utf8) }
    ending =
      parts.last.map { last in
        Array(last[(last.lastIndex { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") }.map { $0 + 1 } ?? 0)...])
      } ?? []
  }

  func matches(_ path: String) -> Bool {
    guard path.utf8.suffix(ending.count).elementsEqual(ending) else { return false }
    let components = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { Array($0) }
    // How many components the parts so far can stand for: time of parts × components, whatever the pattern.
    var reached: Set<Int> = [0]
    for part in parts {
      if part == [0x2A, 0x2A] {
        guard let first = reached.min() else { return false }
        reached = Set(first...components.count)
      } else {
        reached = Set(
          reached.compactMap { $0 < components.count && Self.component(part, components[$0]) ? $0 + 1 : nil })
      }
      if reached.isEmpty { return false }
    }
    return reached.contains(components.count)
  }

  /// Wildcards in one component, in time of pattern × text.
  private static func component(_ pattern: [UInt8], _ text: [UInt8]) -> Bool {
    var p = 0
    var t = 0
    var star = -1
    var mark = 0
    while t < text.count {
      if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
        star = p
        mark = t
        p += 1
      } else if p < pattern.count, pattern[p] == UInt8(ascii: "?") || pattern[p] == text[t] {
        p += 1
        t += 1
      } else if star >= 0 {
        p = star + 1
        mark += 1
        t = mark
      } else {
        return false
      }
    }
    while p < pattern.count, pattern[p] == UInt8(ascii: "*") { p += 1 }
    return p == pattern.count
  }
}

/// A value that is made when it is first asked for, once, whichever thread asks.
final class Once<Value: Sendable>: Sendable {
  private let state = Mutex<Value?>(nil)

  /// Other threads wait while it is made; `make` must not ask for the same value.
  func value(_ make: () -> Value) -> Value {
    state.withLock { state in
      if let state { return state }
      let made = make()
      state = made
      return made
    }
  }
}
