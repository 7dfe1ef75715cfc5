import GonogoCore
import GonogoSystem
import Synchronization

/// A commit of a repository: `git ls-tree` and `git cat-file`, so that neither the working tree nor the index is touched.
struct CommitTree: TreeSource {
  let repository: String
  /// The commit, in full.
  let identifier: String
  let objects: GitObjects
  var directory: String? { nil }
  var commit: String? { identifier }
  var history: (repository: String, commit: String)? { (repository, identifier) }

  /// - Parameters:
  ///   - name: whatever git takes for a commit.
  ///   - objects: what reads the repository's objects; a reader of its own where none is given.
  init(repository: String, commit name: String, objects: GitObjects? = nil) throws(CouldNotLook) {
    self.repository = repository
    self.objects = objects ?? GitObjects(repository: repository)
    guard !name.hasPrefix("-"), !name.isEmpty else {
      throw CouldNotLook("'\(name)' names no commit", mend: "name a commit, a branch or a tag")
    }
    let output: [UInt8]
    do {
      output = try Git.run(
        ["rev-parse", "--verify", "--quiet", "--end-of-options", "\(name)^{commit}"], in: repository)
    } catch {
      if error.message.contains("failed: nothing") {
        throw CouldNotLook("'\(name)' names no commit of this repository", mend: "name a commit, a branch or a tag")
      }
      throw error
    }
    identifier = String(decoding: output.prefix { $0 != 0x0A }, as: UTF8.self)
  }

  /// A commit that git itself has named in full.
  init(repository: String, identifier: String, objects: GitObjects) {
    self.repository = repository
    self.identifier = identifier
    self.objects = objects
  }

  func list() throws(CouldNotLook) -> TreeListing {
    // Run within a directory, it lists what is under it, with paths from there.
    let output = try Git.run(["ls-tree", "-r", "-z", "--long", identifier], in: repository)
    var entries: [TreeEntry] = []
    for record in output.split(separator: 0) {
      // `100644 blob <object> <size, padded>\t<path>`
      guard let tab = record.firstIndex(of: 0x09) else { continue }
      let words = record[..<tab].split(separator: 0x20)
      guard words.count == 4 else { continue }
      let mode = String(decoding: words[0], as: UTF8.self)
      if mode == "160000" { continue }  // a submodule
      entries.append(
        TreeEntry(
          rawPath: Array(record[record.index(after: tab)...]),
          size: Int(String(decoding: words[3], as: UTF8.self)) ?? 0, kind: mode == "120000" ? .link : .regular,
          object: String(decoding: words[2], as: UTF8.self)))
    }
    return TreeListing(entries: entries)
  }

  func read(_ file: TreeFile, limit: Int) -> [UInt8]? { file.object.flatMap { objects.read($0, limit: limit) } }
}

/// The contents of a repository's objects, by one `git cat-file --batch` for as long as it is held.
final class GitObjects: Sendable {
  private let repository: String
  private let process = Once<Coprocess?>()
  private let missing = Mutex<Set<String>>([])
  /// The objects that were asked for and are not in the repository, or for which git gave no answer.
  var absent: Set<String> { missing.withLock { $0 } }

  init(repository: String) { self.repository = repository }

  /// The content of a blob; `nil` where it is not there, is larger than `limit` bytes, or git does not answer.
  func read(_ object: String, limit: Int) -> [UInt8]? {
    let process = process.value { try? Coprocess(Git.command(["cat-file", "--batch"], in: repository)) }
    var isBlob = false
    var isThere = false
    // `<object> blob <size>\n<content>\n`, or `<object> missing\n`.
    let answer = process?.ask(Array(object.utf8) + [0x0A], milliseconds: 60_000) { line in
      let words = line.split(separator: 0x20)
      guard words.count == 3, let size = Int(String(decoding: words[2], as: UTF8.self)) else { return 0 }
      isThere = true
      isBlob = words[1].elementsEqual("blob".utf8) && size <= limit
      return size + 1
    }
    if answer == nil || !isThere { missing.withLock { _ = $0.insert(object) } }
    guard isBlob, let answer else { return nil }
    // Not `dropLast`, which for an array copies it byte by byte.
    var bytes = answer.bytes
    bytes.removeLast()
    return bytes
  }
}
