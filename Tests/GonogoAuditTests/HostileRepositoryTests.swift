import Glibc
import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

@testable import GonogoAudit

/// Repositories whose configuration, state or history is not what an audit would like.
@Suite struct HostileRepositoryTests {
  let folder: SourceTreeTests.Folder
  var path: String { folder.path }

  init() throws {
    folder = try SourceTreeTests.Folder()
    try folder.git("init", "-q")
    try folder.write("PRODUCTION_CHECKLIST.md", "- [x] 1 workflow\n")
    try folder.write("src/a.ts", "const a = 1\n")
    try folder.git("add", ".")
    try folder.git("commit", "-q", "-m", "one")
  }

  private func git(_ arguments: [String], in directory: String) throws -> (status: Int32?, output: String) {
    let outcome = try Subprocess(["git"] + arguments, environment: ProcessEnvironment.all, directory: directory)
      .run(milliseconds: 20_000)
    return (outcome.status, String(decoding: outcome.output, as: UTF8.self).trimmed)
  }

  private func audit(_ directory: String, commit: String? = nil) async throws -> AuditResult {
    try await Audit(version: "test").run(directory: directory, commit: commit)
  }

  /// What git can be told by a configuration that comes with a repository, each with a command that leaves a mark.
  @Test func nothingThatARepositoryNamesIsRun() async throws {
    let marks = try SourceTreeTests.Folder()
    func trap(_ name: String) -> String { "touch \(marks.path)/\(name); false" }
    try folder.write(".gitattributes", "* filter=one diff=one\n*.ts filter=two\n")
    try folder.git("add", ".")
    try folder.git("commit", "-q", "-m", "two")
    for (key, value) in [
      ("core.fsmonitor", trap("fsmonitor")), ("diff.external", trap("external")),
      ("diff.one.command", trap("command")), ("diff.one.textconv", trap("textconv")),
      ("filter.one.clean", trap("clean")), ("filter.one.required", "true"), ("filter.two.process", trap("process")),
      ("log.showSignature", "true"), ("gpg.program", "\(marks.path)/gpg"), ("core.pager", trap("pager")),
      ("core.sshCommand", trap("ssh")), ("core.hooksPath", "\(marks.path)/hooks"),
      ("protocol.allow", "always"), ("protocol.ext.allow", "always"), ("remote.origin.promisor", "true"),
      ("remote.origin.partialclonefilter", "blob:none"), ("extensions.partialClone", "origin"),
      ("remote.origin.url", "ext::sh -c touch% \(marks.path)/transport"), ("include.path", "\(marks.path)/more"),
    ] { try folder.git("config", key, value) }
    try marks.write("more", "[core]\n\tfsmonitor = \"\(trap("included"))\"\n")
    // Another time than the index has, so that git compares the contents, and a blob that is missing, so that it fetches.
    try folder.write("src/a.ts", "const a = 2\n")
    try folder.write("PRODUCTION_CHECKLIST.md", "- [x] 1 workflow\n")
    let now = try await audit(path)
    #expect(now.claims.map(\.text) == ["1 workflow"], "\(now.unlooked)")
    let blob = try git(["rev-parse", "HEAD:src/a.ts"], in: path).output
    try FileSystem.remove("\(path)/.git/objects/\(blob.prefix(2))/\(blob.dropFirst(2))")
    // What is not there is not fetched, and what would have to be judged by it is not judged.
    let partial = try await audit(path)
    #expect(
      partial.claims.isEmpty
        == partial.unlooked.contains { $0.message.contains("partial clone") || $0.message.hasPrefix("`git ") })
    let then = try await audit(path, commit: "HEAD")
    #expect(then.commit?.count == 40)
    #expect(try FileSystem.list(marks.path) == ["more"])

    // The traps are real: git without the settings steps into them.
    _ = try git(["status"], in: path)
    // Not by the status alone: whether it reads a file depends on the second in which that was written.
    _ = try git(["hash-object", "PRODUCTION_CHECKLIST.md"], in: path)
    _ = try git(["cat-file", "-p", blob], in: path)
    let sprung = Set(try FileSystem.list(marks.path))
    #expect(sprung.isSuperset(of: ["included", "clean", "transport"]), "\(sprung)")
  }

  @Test func aTickIsJudgedWhenItWasMadeWhateverGitsNamesAre() async throws {
    try folder.git("config", "core.quotePath", "true")
    let name = "docs/production чеклист \u{1}.md"
    try folder.write(name, "- [x] 1 workflow\n")
    try folder.write(".github/workflows/a.yml", "on: push\njobs: {}\n")
    try folder.git("add", ".")
    try folder.git("commit", "-q", "-m", "two")
    let made = try git(["rev-parse", "HEAD"], in: path).output
    try FileSystem.remove("\(path)/.github/workflows/a.yml")
    try folder.git("commit", "-q", "-a", "-m", "three")
    let claims = try await audit(path).claims
    #expect(claims.count == 2)
    let claim = try #require(claims.first { $0.place.path.hasPrefix("docs/") })
    #expect(claim.judgedAt == made)
    #expect(claim.judgement == .true)
  }

  @Test func aShallowCloneIsTold() async throws {
    try folder.write("src/b.ts", "const b = 1\n")
    try folder.write(".github/workflows/a.yml", "on: push\njobs: {}\n")
    try folder.write(".github/workflows/b.yml", "on: push\njobs: {}\n")
    try folder.git("add", ".")
    try folder.git("commit", "-q", "-m", "two")
    let clone = try SourceTreeTests.Folder()
    try clone.git("clone", "-q", "--depth", "1", "file://\(path)", "clone")
    let claims = try await audit("\(clone.path)/clone").claims
    #expect(claims.map(\.judgement) == [.false])
    #expect(claims.first?.evidence.contains { $0.text.contains("shallow clone") } == true)
    // Of the whole history the same line was true, or not proven, when it was made.
    #expect(try await audit(path).claims.first?.evidence.contains { $0.text.contains("shallow") } == false)
  }

  @Test func withoutACommitTheFilesAreJudgedAsTheyAre() async throws {
    let empty = try SourceTreeTests.Folder()
    try empty.git("init", "-q")
    try empty.write("PRODUCTION_CHECKLIST.md", "- [x] 1 workflow\n")
    let result = try await audit(empty.path)
    #expect(result.claims.map(\.text) == ["1 workflow"])
    #expect(result.claims.first?.judgedAt == nil)
    #expect(result.unlooked.isEmpty)
    await #expect(throws: CouldNotLook.self) { try await audit(empty.path, commit: "HEAD") }
  }

  @Test func aWorktreeAndAFileInPlaceOfTheRepositoryAreFollowed() async throws {
    let other = try SourceTreeTests.Folder()
    try folder.git("worktree", "add", "-q", "\(other.path)/tree")
    #expect(
      try SourceTree(directory: "\(other.path)/tree").files.map(\.path) == ["PRODUCTION_CHECKLIST.md", "src/a.ts"])
    #expect(try await audit("\(other.path)/tree").claims.count == 1)
    // One that leads nowhere is an error, not a walk that lists what git would ignore.
    try other.write("broken/.git", "gitdir: /nowhere/at/all\n")
    try other.write("broken/a.ts", "1\n")
    #expect(throws: CouldNotLook.self) { try SourceTree(directory: "\(other.path)/broken") }
  }

  @Test func submodulesAndNestedRepositoriesAreNoneOfTheTree() async throws {
    let other = try SourceTreeTests.Folder()
    try other.git("init", "-q")
    try other.write("inner.ts", "1\n")
    try other.git("add", ".")
    try other.git("commit", "-q", "-m", "one")
    try folder.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "file://\(other.path)", "module")
    try folder.git("commit", "-q", "-m", "module")
    try folder.git("clone", "-q", "file://\(other.path)", "nested")
    // Changed within: git would ask the submodule's own configuration for a monitor.
    try folder.git("-C", "module", "config", "core.fsmonitor", "touch \(path)/../ran-\(getpid()); false")
    try folder.write("module/inner.ts", "2\n")
    let result = try await audit(path)
    #expect(result.claims.count == 1)
    let files = try SourceTree(directory: path).files.map(\.path)
    #expect(files == [".gitmodules", "PRODUCTION_CHECKLIST.md", "src/a.ts"])
    #expect(!FileSystem.exists("\(path)/../ran-\(getpid())"))
    #expect(try SourceTree(directory: path, commit: "HEAD").files.map(\.path) == files)
  }

  @Test func aBrokenIndexAndABareRepositoryAreErrors() async throws {
    try FileSystem.writeAtomically(Array("DIRC".utf8) + [UInt8](repeating: 7, count: 40), to: "\(path)/.git/index")
    let error = await #expect(throws: CouldNotLook.self) { try await audit(path) }
    #expect(error?.message.contains("`git ls-files` failed") == true)
    // A commit needs no index.
    #expect(try await audit(path, commit: "HEAD").claims.count == 1)
    let bare = try SourceTreeTests.Folder()
    try bare.git("clone", "-q", "--bare", "file://\(path)", "bare.git")
    #expect(try await audit("\(bare.path)/bare.git", commit: "HEAD").claims.count == 1)
    try bare.git("-C", "bare.git", "worktree", "list")
  }

  /// A pipe where git looks for patterns keeps it waiting for ever.
  @Test func gitThatDoesNotEndIsEnded() throws {
    mkfifo("\(path)/include", 0o600)
    try folder.git("config", "include.path", "../include")
    let error = #expect(throws: CouldNotLook.self) {
      try Git.run(["ls-files"], in: path, milliseconds: 300)
    }
    #expect(error?.message.contains("did not end") == true)
    #expect(error?.mend?.contains("pipe") == true)
  }

  @Test func whatCommitsHaveInCommonIsReadOnce() async throws {
    try folder.write("compose.yml", "services: {}\n")
    try folder.write("src/b.ts", "const b = 1\n")
    try folder.git("add", ".")
    try folder.git("commit", "-q", "-m", "two")
    let old = try git(["rev-parse", "HEAD"], in: path).output
    try folder.write("src/b.ts", "const b = 2\n")
    try folder.git("commit", "-q", "-a", "-m", "three")
    let first = AuditContext(tree: try SourceTree(directory: path), now: 0)
    let shared = SharedFiles(first: first)
    let source = CommitTree(repository: path, identifier: old, objects: GitObjects(repository: path))
    let then = AuditContext(tree: try SourceTree(source: source, shared: shared), beside: shared)
    let same = try #require(then.tree["compose.yml"])
    let other = try #require(then.tree["src/b.ts"])
    #expect(shared.twin(of: same)?.path == "compose.yml")
    #expect(shared.twin(of: other) == nil)
    #expect(then.yaml(same) != nil)
    #expect(then.tree.text(other).map { String(decoding: $0.bytes, as: UTF8.self) } == "const b = 1\n")
    #expect(first.tree.text(at: "src/b.ts").map { String(decoding: $0.bytes, as: UTF8.self) } == "const b = 2\n")
  }
}
