import Glibc
import GonogoCore
import GonogoSystem

/// git, as a tool that only reads, in a repository that nobody vouches for.
enum Git {
  /// Whether a directory is inside a repository's working tree, by what lies on the disk.
  static func isRepository(_ directory: String) -> Bool {
    guard var path = FileSystem.realPath(directory) else { return false }
    while true {
      if FileSystem.exists(FileSystem.join(path, ".git")) { return true }
      if path == "/" { return false }
      path = FileSystem.directory(of: path)
    }
  }

  /// The output of a git command.
  ///
  /// A repository's own configuration may name programs (`core.fsmonitor`, transports of missing objects); they are
  /// switched off, because an audit must not run what it audits.
  static func run(
    _ arguments: [String], in directory: String, input: [UInt8] = [], limit: Int = 1 << 30, milliseconds: Int = 120_000
  ) throws(CouldNotLook) -> [UInt8] {
    var environment = ProcessEnvironment.all
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] { environment[name] = nil }
    environment["GIT_OPTIONAL_LOCKS"] = "0"
    environment["GIT_TERMINAL_PROMPT"] = "0"
    environment["LC_ALL"] = "C"
    var process = Subprocess(
      [
        "git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never",
        "-c", "core.quotePath=false",
      ] + arguments, environment: environment, directory: directory)
    process.input = input
    process.limit = limit
    let name = "`git \(arguments.first ?? "")`"
    let outcome: Subprocess.Outcome
    do { outcome = try process.run(milliseconds: milliseconds) } catch {
      switch error {
      case .cannotStart:
        throw CouldNotLook("git is not there to list the repository's files", mend: "apt-get install git")
      case .timedOut(let time):
        throw CouldNotLook("\(name) did not end within \(time / 1000) s", mend: "name a smaller directory")
      }
    }
    if outcome.truncated {
      throw CouldNotLook("\(name) said more than \(limit >> 20) MB", mend: "name a directory in it")
    }
    guard outcome.status == 0 else {
      let said = String(decoding: outcome.error, as: UTF8.self).split(separator: "\n")
      let line = said.first { $0.hasPrefix("fatal: ") }?.dropFirst(7) ?? said.first ?? "nothing"
      // Whose repositories git trusts is the user's to decide.
      let mend =
        line.contains("dubious ownership")
        ? "git config --global --add safe.directory \(FileSystem.realPath(directory) ?? directory)" : nil
      throw CouldNotLook("\(name) failed: \(line)", mend: mend)
    }
    return outcome.output
  }
}

/// A commit of a repository: `git ls-tree` and `git cat-file`, so that neither the working tree nor the index is touched.
struct CommitTree: TreeSource {
  let repository: String
  /// The commit, in full.
  let identifier: String
  var directory: String? { nil }
  var commit: String? { identifier }

  /// - Parameter name: whatever git takes for a commit.
  init(repository: String, commit name: String) throws(CouldNotLook) {
    self.repository = repository
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

  func read(_ files: [TreeFile], limit: Int) throws(CouldNotLook) -> [[UInt8]?] {
    var input: [UInt8] = []
    for file in files { input += Array((file.object ?? "").utf8) + [0x0A] }
    let output = try Git.run(["cat-file", "--batch"], in: repository, input: input)
    // `<object> blob <size>\n<content>\n`, or `<object> missing\n`.
    var result: [[UInt8]?] = []
    var index = 0
    for _ in files {
      guard let end = output[index...].firstIndex(of: 0x0A) else {
        result.append(nil)
        continue
      }
      let words = output[index..<end].split(separator: 0x20)
      index = end + 1
      guard words.count == 3, let size = Int(String(decoding: words[2], as: UTF8.self)), index + size < output.count
      else {
        result.append(nil)
        continue
      }
      result.append(Array(output[index..<index + size]))
      index += size + 1
    }
    return result
  }
}
