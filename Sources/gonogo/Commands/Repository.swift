import GonogoCore
import GonogoReport
import GonogoSystem

/// What git knows of a document, and the tree as a commit has it.
struct Repository {
  /// The top folder.
  let root: String
  /// The document below it.
  let document: String

  static let atOption = OptionSpec(
    "at", value: "COMMIT",
    "Read the document, and every file that it names, as this commit has them; the working tree is not touched.")

  /// Milliseconds that one question to git may take: a report never waits long for a side remark.
  private static let patience = 5_000

  /// `nil` where the document is in no repository, or git is not installed.
  init?(of path: String) {
    guard path != "-", let real = FileSystem.realPath(path), Subprocess.find("git") != nil else { return nil }
    var folder = FileSystem.directory(of: real)
    while !FileSystem.exists(FileSystem.join(folder, ".git")) {
      if folder == "/" || folder.isEmpty { return nil }
      folder = FileSystem.directory(of: folder)
    }
    root = folder
    document = String(real.dropFirst(folder == "/" ? 1 : folder.utf8.count + 1))
  }

  /// Runs git without a lock and without a program that the repository's configuration names.
  private func git(_ arguments: [String], limit: Int = 4 << 20, milliseconds: Int = patience) -> Subprocess.Outcome? {
    var process = Subprocess(
      ["git", "--no-optional-locks", "-c", "core.fsmonitor=", "-c", "core.hooksPath=/dev/null", "-C", root] + arguments,
      environment: ProcessEnvironment.all)
    process.limit = limit
    return try? process.run(milliseconds: milliseconds)
  }

  private func text(_ arguments: [String]) -> String? {
    guard let outcome = git(arguments), outcome.status == 0 else { return nil }
    let text = String(decoding: outcome.output, as: UTF8.self)
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }

  /// Which state a run judges. `nil` where the repository has no commit yet, or git does not answer.
  ///
  /// - Parameter commit: what `--at` named; `nil` for the working tree.
  func provenance(at commit: String? = nil) -> Provenance? {
    guard let head = text(["rev-parse", "--short", "\(commit ?? "HEAD")^{commit}"]) else { return nil }
    let last = text(["log", "-1", "--format=%h %cI", head, "--", document])?.split(separator: " ")
    let changes =
      commit == nil
      ? text(["status", "--porcelain", "-z", "--untracked-files=no"])?.split(separator: "\0").map(String.init) ?? []
      : []
    return Provenance(
      documentCommit: last?.first.map(String.init), documentDate: last?.last.map(String.init),
      documentIsChanged: changes.contains { $0.hasSuffix(" \(document)") }, commit: head,
      treeIsChanged: !changes.isEmpty, isAtCommit: commit != nil)
  }

  /// Writes the tree of a commit into a new folder.
  ///
  /// - Returns: the folder, which the caller removes; `nil` where it could not be done, which has then been told.
  func export(_ commit: String) -> String? {
    guard text(["rev-parse", "--verify", "--quiet", "\(commit)^{commit}"]) != nil else {
      Terminal.complain("there is no commit '\(commit)' in \(root)", mend: "`git log --oneline` lists them")
      return nil
    }
    let folder: String
    do { folder = try FileSystem.makeTemporaryDirectory(prefix: "gonogo-at") } catch {
      Terminal.complain(error.description)
      return nil
    }
    // A second index and a second work tree: neither the repository's own index nor its files are touched.
    let environment = ProcessEnvironment.all.merging(["GIT_INDEX_FILE": FileSystem.join(folder, ".index")]) { $1 }
    let process = Subprocess(
      [
        "git", "-c", "core.hooksPath=/dev/null", "-C", root, "--work-tree", folder, "read-tree", "-u", "--reset",
        commit,
      ], environment: environment)
    let outcome = try? process.run(milliseconds: 120_000)
    guard outcome?.status == 0 else {
      let reason = outcome.map { String(decoding: $0.error.prefix(300), as: UTF8.self) } ?? "git did not end"
      Terminal.complain(
        "the tree of \(commit) could not be written: \(reason.split(whereSeparator: \.isNewline).joined(separator: "; "))",
        mend: "free some room")
      try? FileSystem.remove(folder)
      return nil
    }
    try? FileSystem.remove(FileSystem.join(folder, ".index"))
    return folder
  }
}
