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

  /// A git command that starts no program which the repository names.
  ///
  /// The configuration of a repository comes with the repository: a monitor of files, hooks, the transport that fetches objects
  /// which a partial clone lacks, the program that checks signatures. All of them are switched off, because an audit must not
  /// run what it audits. What the user's own configuration says stays, as whose repositories git trusts does.
  ///
  /// - Parameter emptied: settings, by name, that are to be empty.
  static func command(_ arguments: [String], in directory: String, emptied: [String] = []) -> Subprocess {
    var environment = ProcessEnvironment.all
    // What `git rev-parse --local-env-vars` lists: in a hook of another repository they name that one.
    for name in [
      "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY",
      "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE", "GIT_CONFIG", "GIT_GRAFT_FILE", "GIT_SHALLOW_FILE",
      "GIT_REPLACE_REF_BASE", "GIT_EXTERNAL_DIFF", "GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS",
      "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS",
    ] { environment[name] = nil }
    environment["GIT_OPTIONAL_LOCKS"] = "0"
    environment["GIT_TERMINAL_PROMPT"] = "0"
    // Goes before `protocol.NAME.allow`, which goes before `protocol.allow`.
    environment["GIT_ALLOW_PROTOCOL"] = "none"
    environment["GIT_NO_LAZY_FETCH"] = "1"
    environment["GONOGO_EMPTY"] = ""
    environment["LC_ALL"] = "C"
    var settings: [String] = []
    for setting in [
      "core.fsmonitor=false", "core.hooksPath=/dev/null", "protocol.allow=never", "core.quotePath=false",
      "core.pager=cat", "log.showSignature=false", "submodule.recurse=false",
    ] { settings += ["-c", setting] }
    // Not by `-c`: a name may hold the `=` that ends it there.
    for name in emptied { settings.append("--config-env=\(name)=GONOGO_EMPTY") }
    return Subprocess(["git", "--no-pager"] + settings + arguments, environment: environment, directory: directory)
  }

  /// The output of a git command; see ``command(_:in:emptied:)``.
  static func run(
    _ arguments: [String], in directory: String, emptied: [String] = [], limit: Int = 1 << 30,
    milliseconds: Int = 120_000
  ) throws(CouldNotLook) -> [UInt8] {
    var process = command(arguments, in: directory, emptied: emptied)
    process.limit = limit
    let name = "`git \(arguments.first ?? "")`"
    let outcome: Subprocess.Outcome
    do { outcome = try process.run(milliseconds: milliseconds) } catch {
      switch error {
      case .cannotStart:
        throw CouldNotLook("git is not there to list the repository's files", mend: "apt-get install git")
      case .timedOut(let time):
        throw CouldNotLook(
          "\(name) did not end within \(time / 1000) s",
          mend: "name a smaller directory; a pipe in place of a .gitignore or a configuration keeps git waiting, too")
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

  /// The settings that name programs through which git passes files before it compares them with what it keeps
  /// (gitattributes(5), `filter`): for ``run(_:in:emptied:limit:milliseconds:)`` of a command that compares.
  static func filters(of directory: String) throws(CouldNotLook) -> [String] {
    let listed = try run(["config", "--includes", "--name-only", "-z", "--list"], in: directory)
    var result: [String] = []
    for name in listed.split(separator: 0) {
      let name = String(decoding: name, as: UTF8.self)
      guard name.hasPrefix("filter."), [".clean", ".smudge", ".process", ".required"].contains(where: name.hasSuffix)
      else { continue }
      if !result.contains(name) { result.append(name) }
    }
    return result
  }
}
