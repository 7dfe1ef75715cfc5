import GonogoCore

/// Which commit last changed each of some documents.
struct DocumentCommits: Sendable {
  struct Group: Sendable {
    /// In full.
    let commit: String
    /// Paths.
    let documents: Set<String>
  }

  /// The documents that are judged by the files as they are: those that stand in the working tree only, and those of the commit
  /// that the working tree is.
  private(set) var here: Set<String> = []
  /// The others, the commit with the most documents first.
  private(set) var elsewhere: [Group] = []
  /// Those that may be older than their commit, because the history ends there: a shallow clone.
  private(set) var cutOff: Set<String> = []

  /// - Throws: ``CouldNotLook`` where git does not tell.
  init(of documents: [TreeFile], in directory: String, threads: Int) async throws(CouldNotLook) {
    // A repository without a commit has no history.
    guard let head = try? Git.run(["rev-parse", "--verify", "--quiet", "HEAD"], in: directory) else {
      here = Set(documents.map(\.path))
      return
    }
    let emptied = try Git.filters(of: directory)
    // Names that are no UTF-8 cannot be asked for.
    let asked = documents.compactMap { String(validating: $0.rawPath, as: UTF8.self) }
    // Of the documents alone: what else differs would be read, and may be missing in a partial clone.
    let changed = Set(
      try Git.run(
        [
          "diff", "--name-only", "--no-ext-diff", "--no-renames", "--ignore-submodules=all", "-z", "--relative", "HEAD",
          "--",
        ] + asked.map { ":(literal)" + $0 }, in: directory, emptied: emptied
      ).split(separator: 0).map { Array($0) })
    var byCommit: [String: Set<String>] = [:]
    let kept = documents.filter { !changed.contains($0.rawPath) }
    here = Set(documents.filter { changed.contains($0.rawPath) }.map(\.path))
    let logs = await ClaimBench.each(kept, threads: threads) { file in
      Result<[UInt8], CouldNotLook> { () throws(CouldNotLook) in
        try Git.run(
          ["log", "-1", "--format=%H", "--", ":(literal)" + String(decoding: file.rawPath, as: UTF8.self)],
          in: directory)
      }
    }
    for (file, log) in zip(kept, logs) {
      let output = try log.get()
      if output.isEmpty {
        here.insert(file.path)
      } else {
        byCommit[Self.line(output), default: []].insert(file.path)
      }
    }
    try markCutOff(byCommit, in: directory)
    // The tree that has been read already is that commit's.
    if let last = byCommit[Self.line(head)],
      try Git.run(
        ["status", "--porcelain", "-z", "--untracked-files=normal", "--no-renames", "--ignore-submodules=all"],
        in: directory,
        emptied: emptied
      ).isEmpty
    {
      here.formUnion(last)
      byCommit[Self.line(head)] = nil
    }
    elsewhere = byCommit.sorted { ($0.value.count, $1.key) > ($1.value.count, $0.key) }
      .map { Group(commit: $0.key, documents: $0.value) }
  }

  private static func line(_ output: [UInt8]) -> String {
    String(decoding: output.prefix { $0 != 0x0A }, as: UTF8.self)
  }

  /// In a shallow clone a commit without parents is one whose parents were not fetched.
  private mutating func markCutOff(_ byCommit: [String: Set<String>], in directory: String) throws(CouldNotLook) {
    guard Self.line(try Git.run(["rev-parse", "--is-shallow-repository"], in: directory)) == "true" else { return }
    for (commit, documents) in byCommit {
      if try Git.run(["rev-parse", "\(commit)^@"], in: directory).isEmpty { cutOff.formUnion(documents) }
    }
  }
}
