import Glibc
import GonogoCore
import GonogoSystem
import GonogoTestSupport
import Testing

@testable import GonogoAudit

/// Trees as they are met, hostile ones included.
@Suite struct SourceTreeTests {
  /// A directory that is removed with the test.
  final class Folder {
    let path: String
    init() throws { path = try FileSystem.makeTemporaryDirectory(prefix: "gonogo-tree") }
    deinit { try? FileSystem.remove(path) }
    func write(_ name: String, _ text: String) throws {
      try FileSystem.makeDirectory(FileSystem.directory(of: "\(path)/\(name)"))
      try FileSystem.writeAtomically(Array(text.utf8), to: "\(path)/\(name)")
    }
    func git(_ arguments: String...) throws {
      let base = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"]
      let outcome = try Subprocess(base + arguments, environment: ProcessEnvironment.all, directory: path)
        .run(milliseconds: 20_000)
      try #require(outcome.status == 0, "\(String(decoding: outcome.error, as: UTF8.self))")
    }
  }

  @Test func gitSaysWhatBelongs() throws {
    let folder = try Folder()
    try folder.git("init", "-q")
    try folder.write(".gitignore", "secret.txt\nlogs/\n")
    try folder.write("secret.txt", "x")
    try folder.write("logs/a.log", "x")
    try folder.write("src/main.py", "print(1)\n")
    try folder.write("untracked.py", "print(2)\n")
    try folder.write("gone.py", "")
    try folder.git("add", ".gitignore", "src", "gone.py")
    try FileSystem.remove("\(folder.path)/gone.py")
    let tree = try SourceTree(directory: folder.path)
    #expect(tree.files.map(\.path) == [".gitignore", "src/main.py", "untracked.py"])
    #expect(try SourceTree(directory: folder.path + "/src").files.map(\.path) == ["main.py"])
  }

  @Test func aCommitIsReadAsItWas() throws {
    let folder = try Folder()
    try folder.git("init", "-q")
    try folder.write("a.txt", "old\n")
    try folder.write("sub/b.txt", "two\nlines\n")
    try folder.git("add", ".")
    try folder.git("commit", "-q", "-m", "one")
    try folder.write("a.txt", "new\n")
    try folder.write("c.txt", "later\n")
    let tree = try SourceTree(directory: folder.path, commit: "HEAD")
    #expect(tree.files.map(\.path) == ["a.txt", "sub/b.txt"])
    #expect(tree.text(at: "a.txt").map { String(decoding: $0.bytes, as: UTF8.self) } == "old\n")
    #expect(tree.text(at: "sub/b.txt")?.line(2).elementsEqual("lines".utf8) == true)
    #expect(tree.commit?.count == 40)
    let context = AuditContext(tree: tree, now: 0)
    let copy = try context.directory()
    #expect(try String(decoding: FileSystem.read("\(copy)/a.txt"), as: UTF8.self) == "old\n")
    #expect(throws: CouldNotLook.self) { try SourceTree(directory: folder.path, commit: "nowhere") }
    #expect(throws: CouldNotLook.self) { try SourceTree(directory: folder.path, commit: "--output=x") }
  }

  @Test func withoutGitAWalkLeavesOutWhatABuildMakes() throws {
    let folder = try Folder()
    try folder.write("a.py", "1\n")
    try folder.write("node_modules/x/index.js", "1\n")
    try folder.write("deep/er/b.py", "1\n")
    #expect(try SourceTree(directory: folder.path).files.map(\.path) == ["a.py", "deep/er/b.py"])
  }

  @Test func hostileTreesEnd() throws {
    let folder = try Folder()
    try folder.write("good.txt", "x\n")
    symlink(".", "\(folder.path)/ring")
    symlink("two", "\(folder.path)/one")
    symlink("one", "\(folder.path)/two")
    mkfifo("\(folder.path)/pipe", 0o600)
    try FileSystem.writeAtomically([0x50, 0, 1, 2], to: "\(folder.path)/binary.txt")
    // A gigabyte of nothing takes no room on the disk.
    let large = open("\(folder.path)/large.sql", O_CREAT | O_WRONLY, 0o600)
    #expect(ftruncate(large, 1 << 30) == 0)
    close(large)
    let odd = [UInt8]("\(folder.path)/caf".utf8) + [0xE9, 0x2E, 0x74, 0x78, 0x74, 0]
    let descriptor = odd.withUnsafeBytes {
      open($0.baseAddress!.assumingMemoryBound(to: CChar.self), O_CREAT | O_WRONLY, 0o600)
    }
    #expect(write(descriptor, "odd\n", 4) == 4)
    close(descriptor)
    defer { _ = odd.withUnsafeBytes { unlink($0.baseAddress!.assumingMemoryBound(to: CChar.self)) } }
    let tree = try SourceTree(directory: folder.path)
    #expect(
      tree.files.map(\.path) == ["binary.txt", "caf\\xe9.txt", "good.txt", "large.sql", "one", "pipe", "ring", "two"])
    func why(_ path: String) -> SourceTree.Unread? { tree[path].flatMap { tree.unread($0) } }
    #expect(why("binary.txt") == .binary)
    #expect(why("large.sql") == .tooLarge)
    #expect(why("one") == .link && why("ring") == .link)
    #expect(why("pipe") == .special)
    #expect(tree.text(at: "caf\\xe9.txt")?.bytes == Array("odd\n".utf8))
  }

  /// A path longer than the system opens: the one directory that even root cannot list by its name.
  @Test func aDirectoryThatCannotBeListedIsTold() async throws {
    let folder = try Folder()
    try folder.write("a.py", "1\n")
    let name = String(repeating: "d", count: 200)
    var directory = open(folder.path, O_RDONLY | O_DIRECTORY)
    for _ in 0..<24 {
      try #require(mkdirat(directory, name, 0o700) == 0)
      let next = openat(directory, name, O_RDONLY | O_DIRECTORY)
      close(directory)
      directory = next
    }
    close(directory)
    defer {
      _ = try? Subprocess(["rm", "-rf", "\(folder.path)/\(name)"], environment: ProcessEnvironment.all, directory: "/")
        .run(milliseconds: 20_000)
    }
    let tree = try SourceTree(directory: folder.path)
    #expect(tree.files.map(\.path) == ["a.py"])
    #expect(tree.unlooked.count == 1)
    #expect(tree.unlooked.first?.place?.path.hasPrefix(name) == true)
    let outcome = await Audit(version: "test").look(in: AuditContext(tree: tree, now: 0))
    #expect(outcome.unlooked.contains { $0.message.contains("could not be looked at") })
    try FileSystem.remove("\(folder.path)/a.py")
    #expect(throws: CouldNotLook.self) { try SourceTree(directory: folder.path) }
  }

  @Test func nothingToLookAtIsNoPass() throws {
    let folder = try Folder()
    #expect(throws: CouldNotLook.self) { try SourceTree(directory: folder.path) }
    #expect(throws: CouldNotLook.self) { try SourceTree(directory: folder.path + "/none") }
  }

  @Test(arguments: [
    ("**/*.yml", "a/b/c.yml", true), ("**/*.yml", "c.yml", true), ("*.yml", "a/c.yml", false),
    ("a/**", "a/b/c", true), ("a/?.md", "a/x.md", true), ("a/*b*c", "a/xbxbc", true), ("a/*b*c", "a/xbx", false),
  ]) func globs(pattern: String, path: String, matches: Bool) {
    #expect(Glob(pattern).matches(path) == matches)
  }
}
