import GonogoCore

/// Where a tree's files come from: a working tree, a commit, or texts in memory.
protocol TreeSource: Sendable {
  /// The directory of the file system that the tree is; `nil` where it is none.
  var directory: String? { get }
  /// The commit, in full; `nil` where the tree is none.
  var commit: String? { get }
  /// The repository and the commit whose history is the tree's; `nil` where it has none.
  var history: (repository: String, commit: String)? { get }

  /// Every file, in any order, and the directories that could not be listed.
  func list() throws(CouldNotLook) -> TreeListing

  /// The content of a file; `nil` where it cannot be read.
  func read(_ file: TreeFile, limit: Int) -> [UInt8]?
}

extension TreeSource {
  var history: (repository: String, commit: String)? { nil }
}

/// What a source lists.
struct TreeListing: Sendable {
  var entries: [TreeEntry] = []
  /// Files and directories that are there and could not be looked at.
  var unlooked: [CouldNotLook] = []
}

/// A file as its source lists it.
struct TreeEntry: Sendable {
  let rawPath: [UInt8]
  let size: Int
  let kind: TreeFile.Kind
  var object: String?
}

/// Texts as a tree, for samples and tests of rules.
struct TextTree: TreeSource {
  let files: [String: String]
  var directory: String? { nil }
  var commit: String? { nil }

  func list() -> TreeListing {
    TreeListing(
      entries: files.map { TreeEntry(rawPath: Array($0.key.utf8), size: $0.value.utf8.count, kind: .regular) })
  }

  func read(_ file: TreeFile, limit: Int) -> [UInt8]? { files[file.path].map { Array($0.utf8) } }
}
